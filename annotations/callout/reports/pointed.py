"""What the markers of a passage point at: findings, else the anatomy that no finding names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from callout.reports.anatomy import is_adjective
from callout.reports.marker_words import MarkerWord
from callout.reports.markers import sentence_at
from callout.reports.picture import picture_phrases
from callout.reports.spans import Span
from callout.reports.structures import joined_structures, structure_at
from callout.reports.tokens import Passage
from callout.reports.windows import Window
from callout.terms.words import word_set

# A marker is shared by no more mentions than this.
_NEAR = 30
_JOINS = word_set(
    """
    and or of suggest suggesting represent representing as appear is are / & plus
    """
)
# What stands behind these is what the finding before them means.
_MEANS = word_set(
    "reflecting reflect indicative consistent compatible suggestive corresponding representing suggesting suspicious"
    " concerning worrisome keeping"
)
_PARTS = word_set("presence but however although while whereas no without not")
_PRESSES = word_set(
    """
    displacing displace compressing compress pressing press abutting abut encasing encircling indenting pushing push
    constricting constrict invading invade
    """
)
# Such a place is no part of the finding: it is there to be looked at.
_SOUND = word_set(
    "normal patent preserved intact uninvolved unremarkable spared remaining residual native compressed displaced"
)
_SEEN = word_set("is are was were also seen noted visible")
_IN_THE = (["in", "the"], ["within", "the"], ["inside", "the"])


def marked(
    passage: Passage, spans: Sequence[Span], windows: Sequence[Window], markers: Sequence[MarkerWord]
) -> tuple[dict[int, str], list[tuple[Span, str]]]:
    """The marker of each span that has one, and the anatomy that markers point at, which no finding names."""
    of_span: dict[int, str] = {}
    anatomy: list[tuple[Span, str]] = []
    for number, written in enumerate(markers):
        before = markers[number - 1] if number else None
        forward = not written.before and (
            _is_behind_picture(passage, spans, written) or _is_within_phrase(passage, spans, written)
        )
        word = written._replace(before=True) if forward else written
        targets = _behind(passage, spans, windows, word) if word.before else []
        if not word.before:
            targets = _ahead(passage, spans, windows, word, before, of_span)
        structure = structure_at(passage, word) if not targets else None
        if structure is not None:
            anatomy += [(one, word.marker) for one in (*joined_structures(passage, structure, word), structure)]
        for target in targets:
            of_span.setdefault(target, word.marker)
    return of_span, anatomy


def _is_behind_picture(passage: Passage, spans: Sequence[Span], word: MarkerWord) -> bool:
    """Whether the marker stands behind "T1 image" or the like, before anything is found: it shows what follows."""
    first, last = sentence_at(passage, word.first)
    nearest = bisect_left(spans, (first,))
    if nearest == len(spans) or not word.last <= spans[nearest].first < last:
        return False
    if passage.words(word.first - 1, word.first) in (["image"], ["scan"]):
        return True
    told = (picture_phrases().at(passage.norms, at, word.first) for at in range(max(first, word.first - 2), word.first))
    return any(hit and hit[1][0].keys() & {"plane", "sequence", "modality"} for hit in told)


def _is_within_phrase(passage: Passage, spans: Sequence[Span], word: MarkerWord) -> bool:
    """Whether the marker stands between an adjective and its noun, or in "as the arrow shows, a nodule"."""
    before = passage.words(word.first - 1, word.first)
    if not before or not (before == ["as"] or _says_which(before[0])):
        return False
    nearest = bisect_left(spans, (word.last,))
    if nearest == len(spans) or spans[nearest].first >= sentence_at(passage, word.first)[1]:
        return False
    if before == ["as"] and passage.words(word.last, word.last + 1) == [","]:
        first, _ = sentence_at(passage, word.first)
        return not nearest or spans[nearest - 1].last <= first
    between = passage.words(word.last, spans[nearest].first)
    return (
        _says_which(before[0])
        and not (nearest and spans[nearest - 1].last == word.first)
        and len(between) < 4
        and all(map(is_adjective, between))
    )


def _says_which(word: str) -> bool:
    return word in ("left", "right") or is_adjective(word)


def _ahead(
    passage: Passage,
    spans: Sequence[Span],
    windows: Sequence[Window],
    word: MarkerWord,
    before: MarkerWord | None,
    taken: dict[int, str],
) -> list[int]:
    """The spans that the marker stands behind: the nearest in its sentence, and what is joined to that."""
    first, _ = sentence_at(passage, word.first)
    if first == word.first and first > 0:
        first, _ = sentence_at(passage, first - 1)
    floor = before.last if before and not before.before and before.first >= first else first
    low = bisect_left(spans, (floor,))
    high = bisect_left(spans, (word.first,))
    if high < len(spans) and spans[high].first < word.last:
        return [high]
    near = [index for index in range(max(low, high - _NEAR), high) if index not in taken]
    if not near or _is_of_its_own(passage, spans[near[-1]], windows[near[-1]].limit, word):
        return []
    others = before is not None and not before.before and before.first >= first
    targets = [near[-1]]
    for index in reversed(near[:-1]):
        later = targets[-1]
        gap = passage.words(spans[index].last, windows[later].phrase)
        gap += passage.words(windows[later].phrase, spans[later].first)
        while gap[:1] and gap[0] in _SEEN:
            gap = gap[1:]
        if not _are_joined(gap, others, word.plural, _is_plural(passage, spans[index])) or (
            word.is_letters and "and" in gap
        ):
            break
        if gap[:2] in _IN_THE and _is_told_before(passage, spans, later):
            targets.pop()
        targets.append(index)
    return targets


def _is_told_before(passage: Passage, spans: Sequence[Span], index: int) -> bool:
    """Whether the same words name a finding further up: then an arrow shows what is new in it."""
    words = passage.words(spans[index].first, spans[index].last)
    earlier = spans[max(index - _NEAR, 0) : index]
    return any(passage.words(one.first, one.last) == words for one in earlier)


def _is_plural(passage: Passage, span: Span) -> bool:
    return passage.texts[span.last - 1][-1].casefold() != passage.norms[span.last - 1][-1]


def _is_of_its_own(passage: Passage, span: Span, limit: int, word: MarkerWord) -> bool:
    """Whether a place directly before the marker is what is meant, and not the finding before that.

    So behind "displacing", behind a colon, where the place is said to be sound, and where the marker is its letter.
    """
    structure = structure_at(passage, word) if span.last < word.first else None
    if structure is None or structure.first < span.last:
        return False
    between = passage.words(span.last, word.first)
    pressed = limit < word.first and passage.norms[limit] in _PRESSES and structure.first > limit
    parted = {":", ";"} & set(passage.words(span.last, structure.first))
    if pressed or parted or _SOUND & set(between):
        return True
    return word.is_letters and _initial(passage, structure, word) and not _initial(passage, span, word)


def _initial(passage: Passage, span: Span, word: MarkerWord) -> bool:
    """Whether the marker's letter starts a word of `span`."""
    return any(token.startswith(word.marker[0]) for token in passage.words(span.first, span.last))


def _are_joined(gap: Sequence[str], others: bool, plural: bool, several: bool) -> bool:
    """Whether two mentions with these words between them share what stands behind the second.

    `plural` is that, `several` the first mention.
    """
    if "of" in gap[:1] and len(gap) < 6 and not {",", "with", "without", "no", "and", ":"} & set(gap):
        return True
    if gap[:3] == ["in", "the", "form"] or (gap[:1] == ["as"] and len(gap) < 5):
        return True
    if gap[:1] and gap[0] in ("within", "inside", "in") and len(gap) < 4:
        return True
    if not plural and "and" in gap and gap[gap.index("and") + 1 :][:1] in (["a"], ["an"]):
        return False
    if _MEANS & set(gap) and not {";", "(", ")"} & set(gap):
        return True
    if _PARTS & set(gap):
        return False
    if others or any(sign in gap for sign in (";", "(", ")", ":", "show", "showing")):
        return False
    if "," in gap:
        return plural and ((gap[0] == "," and len(gap) < 5) or "and" in gap[:3])
    if gap[:1] == ["with"]:
        return plural and several and all(word in ("with", "a", "an", "the") for word in gap)
    return ((gap[:1] != [] and gap[0] in _JOINS) or "and" in gap) and "with" not in gap


def _behind(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], word: MarkerWord) -> list[int]:
    """The spans that the marker stands before: the first in its clause, and those joined to it by "and"."""
    _, last = sentence_at(passage, word.first)
    low = bisect_left(spans, (word.last,))
    after = list(range(low, min(bisect_left(spans, (last,)), low + _NEAR)))
    if not after or _is_of_a_place(passage, word, spans[after[0]]):
        return []
    between = passage.words(word.last, spans[after[0]].first)
    if ";" in between or "=" in between or between.count(")") > between.count("("):
        return []
    targets = [after[0]]
    for index in after[1:]:
        gap = passage.words(spans[targets[-1]].last, windows[index].phrase)
        if "and" not in gap[-2:] or ";" in gap or "with" in gap or not word.plural:
            break
        targets.append(index)
    return targets


def _is_of_a_place(passage: Passage, word: MarkerWord, span: Span) -> bool:
    """Whether the marker shows the place that comes first, and `span` is told beside it: "arrow: aorta, mass"."""
    structure = structure_at(passage, word)
    if structure is None or structure.last > span.first:
        return False
    return bool(
        {",", ";", "displaced", "compressed", "encased", "surrounded"} & set(passage.words(structure.last, span.first))
    )
