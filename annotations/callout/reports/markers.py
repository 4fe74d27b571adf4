"""What ties a mention to the picture: "(1)", "(white arrows)", "*", "1 = cavity", "arrows show …"."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from callout.reports.anatomy import places
from callout.reports.model import PanelSpan
from callout.reports.spans import Span
from callout.reports.tokens import HYPHENS, Passage
from callout.reports.windows import Window
from callout.terms import concept
from callout.terms.words import word_set

_KINDS = {
    "arrow": "arrow", "arrowhead": "arrowhead", "asterisk": "*", "star": "*", "triangle": "arrowhead",
    "line": "line", "circle": "circle", "asterix": "*", "ring": "circle", "arrowed": "arrow",
    "caliper": "calipers", "box": "box", "ellipse": "ellipse",
}  # fmt: skip
_SIGNS = {
    "*": "*", "\u2217": "*", "\u2605": "*", "\u2606": "*", "\u2731": "*", "\u2192": "arrow", "\u2190": "arrow",
    "\u2191": "arrow", "\u2193": "arrow", "\u21d2": "arrow", "\u27a4": "arrowhead", "\u25ba": "arrowhead",
    "\u25b2": "arrowhead", "\u25b3": "arrowhead", "\u25b6": "arrowhead", "\u25bc": "arrowhead",
    "\u25bd": "arrowhead",
}  # fmt: skip
_MARKED = word_set(
    """
    indicated marked shown pointed denoted highlighted labeled outlined depicted demonstrated identified
    designated seen see
    """
)
_LOOKS = word_set(
    """
    white black red yellow green blue orange purple pink cyan magenta curved straight large small long short
    big thick thin open solid hollow dashed dotted double single notched filled empty bold block blank light
    dark
    """
)
# A marker is shared by no more mentions than this.
_NEAR = 30
_IN_SENTENCE = frozenset(("arrow", "arrowhead", "asterisk", "star"))
_JOINS = word_set(
    """
    and or of suggest suggesting represent representing as appear is are /
    """
)
_PRESSES = word_set(
    "displacing displace compressing compress pressing press abutting abut encasing encircling indenting"
)
_VAGUE = word_set(
    """
    image scan view panel level side level position plane level slice phase section region area part portion
    figure picture window month year patient center periphery left right same contralateral
    """
)
_NOT_IN_NAMES = word_set("in at of on to with from and or by for is are was were which that not as than within level")
_POINTS = word_set(
    """
    show indicate point demonstrate mark denote depict reveal highlight showing indicating pointing
    """
)


@dataclass(frozen=True, slots=True)
class MarkerWord:
    """Tokens `[first, last)`, brackets included, that name a marker; `before`: what it marks comes after it."""

    first: int
    last: int
    marker: str
    plural: bool
    before: bool


def find_markers(passage: Passage, panels: Sequence[PanelSpan]) -> list[MarkerWord]:
    """The markers named in `passage`, in order; labels of panels are none."""
    labels = {panel.start for panel in panels}
    found: list[MarkerWord] = []
    index = 0
    while index < len(passage.tokens):
        word = None if passage.tokens[index].start in labels else _marker_at(passage, index)
        if word is None:
            index += 1
        else:
            found.append(word)
            index = word.last
    return found


def _marker_at(passage: Passage, index: int) -> MarkerWord | None:
    if passage.tokens[index].text in "([":
        return _bracketed(passage, index)
    return _subject(passage, index) or _legend(passage, index) or _said(passage, index)


def _bracketed(passage: Passage, index: int) -> MarkerWord | None:
    tokens, end = passage.tokens, index + 1
    while end < len(tokens) and tokens[end].text not in ")]" and end < index + 12:
        end += 1
    if end >= len(tokens) or tokens[end].text not in ")]":
        return None
    inside = list(range(index + 1, end))
    starts = _sentence(passage, index)[0] == index or tokens[index - 1].norm in (";", ":")
    if len(inside) == 1:
        name = tokens[inside[0]].text
        square = tokens[index].text == "["
        if name in _SIGNS or (len(name) == 1 and name.isalpha()) or (name.isdigit() and len(name) < 3 and not square):
            return MarkerWord(index, end + 1, _SIGNS.get(name, name.casefold()), False, starts)
    sign = _SIGNS.get(tokens[index + 1].text) if len(inside) in (2, 3) else None
    named = (sign, False) if sign else _arrow(passage, index + 1, end)
    return MarkerWord(index, end + 1, named[0], named[1], False) if named else None


def _arrow(passage: Passage, first: int, last: int) -> tuple[str, bool] | None:
    """("white arrow", whether there are several) of the first such words in `[first, last)`."""
    for index in range(first, last):
        word = passage.tokens[index].norm
        if word not in _KINDS:
            continue
        kind = _KINDS[word]
        heads = [token for token in passage.tokens[index + 1 : min(index + 3, last)] if token.norm == "head"]
        if word == "arrow" and heads and passage.words(index + 1, index + 2)[0] in ("head", "-"):
            kind, plural = "arrowhead", heads[0].text.endswith("s")
        else:
            plural = passage.tokens[index].text.casefold().endswith("s")
        looks = [word for word in passage.words(first, index) if word in _LOOKS]
        return (" ".join([*looks, kind]) if kind != "*" else kind), plural
    return None


def _subject(passage: Passage, index: int) -> MarkerWord | None:
    """ "The white arrows show": markers that open a sentence or clause."""
    first = index
    end = index
    while end < len(passage.tokens) and passage.tokens[end].norm in _LOOKS and end < index + 4:
        end += 1
    if end >= len(passage.tokens) or passage.tokens[end].norm not in _IN_SENTENCE:
        return None
    named = _arrow(passage, first, min(end + 2, len(passage.tokens)))
    last = end + (2 if named and named[0].endswith("arrowhead") and passage.tokens[end].norm == "arrow" else 1)
    after = passage.words(last, last + 2)
    if named and after and (after[0] in _POINTS or (after[0] in ("=", ":") or after[0] in HYPHENS)):
        return MarkerWord(first, last + 1, named[0], named[1], True)
    return None


def _said(passage: Passage, index: int) -> MarkerWord | None:
    """ "marked by a white arrow", "see arrows": markers named in the run of the sentence, behind what they mark."""
    if passage.tokens[index].norm not in _MARKED:
        return None
    first = index + 1
    while passage.words(first, first + 1) and passage.words(first, first + 1)[0] in (
        "by",
        "with",
        "a",
        "an",
        "the",
        "at",
    ):
        first += 1
    end = first
    while end < len(passage.tokens) and passage.tokens[end].norm in _LOOKS and end < first + 4:
        end += 1
    if first == index + 1 and passage.tokens[index].norm != "see":
        return None
    if (
        end >= len(passage.tokens)
        or passage.tokens[end].norm not in _KINDS
        or passage.tokens[end].norm in ("line", "ring")
    ):
        return None
    named = _arrow(passage, first, end + 1)
    return MarkerWord(index, end + 1, named[0], named[1], False) if named else None


def _legend(passage: Passage, index: int) -> MarkerWord | None:
    """ "1 = cavity", "*: abscess", "1, cavity; 2, abscess"."""
    token = passage.tokens[index]
    after = passage.tokens[index + 1].text if index + 1 < len(passage.tokens) else ""
    known = (
        token.text == "*" or (token.text.isdigit() and len(token.text) < 3) or (len(token.text) == 1 and token.is_word)
    )
    opens = index == 0 or passage.tokens[index - 1].text in ";:."
    if known and (after in ("=", ":") or (after == "," and opens and not token.is_word)):
        return MarkerWord(index, index + 2, token.text.casefold(), False, True)
    return None


def marked(
    passage: Passage, spans: Sequence[Span], windows: Sequence[Window], markers: Sequence[MarkerWord]
) -> tuple[dict[int, str], list[tuple[Span, str]]]:
    """The marker of each span that has one, and the anatomy that markers point at, which no finding names."""
    of_span: dict[int, str] = {}
    anatomy: list[tuple[Span, str]] = []
    for number, word in enumerate(markers):
        before = markers[number - 1] if number else None
        targets = _behind(passage, spans, windows, word) if word.before else []
        if not word.before:
            targets = _ahead(passage, spans, windows, word, before, of_span)
        structure = _structure(passage, word) if not targets else None
        if structure is not None:
            anatomy.append((structure, word.marker))
        for target in targets:
            of_span.setdefault(target, word.marker)
    return of_span, anatomy


def _sentence(passage: Passage, index: int) -> tuple[int, int]:
    return passage.sentences[bisect_right(passage.sentences, (index, len(passage.tokens))) - 1]


def _first(span: Span) -> int:
    return span.first


def _ahead(
    passage: Passage,
    spans: Sequence[Span],
    windows: Sequence[Window],
    word: MarkerWord,
    before: MarkerWord | None,
    taken: dict[int, str],
) -> list[int]:
    """The spans that the marker stands behind: the nearest in its sentence, and what is joined to that."""
    first, _ = _sentence(passage, word.first)
    if first == word.first and first > 0:
        first, _ = _sentence(passage, first - 1)
    floor = before.last if before and not before.before and before.first >= first else first
    low = bisect_left(spans, floor, key=_first)
    high = bisect_left(spans, word.first, key=_first)
    if high < len(spans) and spans[high].first < word.last:
        return [high]
    near = [index for index in range(max(low, high - _NEAR), high) if index not in taken]
    if not near or _is_of_its_own(passage, spans[near[-1]].last, windows[near[-1]].limit, word):
        return []
    others = before is not None and not before.before and before.first >= first
    targets = [near[-1]]
    for index in reversed(near[:-1]):
        later = targets[-1]
        gap = passage.words(spans[index].last, windows[later].phrase)
        gap += passage.words(windows[later].phrase, spans[later].first)
        if not _are_joined(gap, others, word.plural):
            break
        targets.append(index)
    return targets


def _is_of_its_own(passage: Passage, last: int, limit: int, word: MarkerWord) -> bool:
    """Whether a place stands directly before the marker and behind "displacing" or a colon, and is what is meant."""
    pressed = limit < word.first and passage.tokens[limit].norm in _PRESSES
    if not pressed and ":" not in passage.words(last, word.first):
        return False
    structure = _structure(passage, word)
    return structure is not None and (
        structure.first > limit if pressed else ":" in passage.words(last, structure.first)
    )


def _are_joined(gap: Sequence[str], others: bool, plural: bool) -> bool:
    """Whether two mentions with these words between them share what stands behind the second."""
    if "of" in gap[:1]:
        return True
    if others or any(sign in gap for sign in (";", "(", ")")):
        return False
    if "," in gap:
        return plural and ((gap[0] == "," and len(gap) < 5) or "and" in gap[:3])
    if gap[:1] == ["with"]:
        return all(word in ("with", "a", "an", "the") for word in gap)
    return any(word in _JOINS for word in gap) and "with" not in gap


def _behind(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], word: MarkerWord) -> list[int]:
    """The spans that the marker stands before: the first in its clause, and those joined to it by "and"."""
    _, last = _sentence(passage, word.first)
    low = bisect_left(spans, word.last, key=_first)
    after = list(range(low, min(bisect_left(spans, last, key=_first), low + _NEAR)))
    if not after:
        return []
    between = passage.words(word.last, spans[after[0]].first)
    if ";" in between or "=" in between or ")" in between:
        return []
    targets = [after[0]]
    for index in after[1:]:
        gap = passage.words(spans[targets[-1]].last, windows[index].phrase)
        if "and" not in gap[-2:] or ";" in gap or "with" in gap or not word.plural:
            break
        targets.append(index)
    return targets


def _structure(passage: Passage, word: MarkerWord) -> Span | None:
    """The place directly before the marker, or directly behind one that stands before."""
    if word.before:
        first = word.last
        while first < len(passage.tokens) and passage.tokens[first].norm in ("the", "a", "left", "right", "indicate"):
            first += 1
        hit = places().at(passage.tokens, first, len(passage.tokens)) if first < len(passage.tokens) else None
        return Span(first, first, hit[0], concept("anatomical structure")) if hit else None
    for first in range(max(word.first - 4, 0), word.first):
        hit = places().at(passage.tokens, first, word.first)
        if hit is not None and hit[0] == word.first:
            return Span(first, first, word.first, concept("anatomical structure"))
    return _unknown(passage, word)


def _unknown(passage: Passage, word: MarkerWord) -> Span | None:
    """ "The NOUN" directly before a bracketed marker, whatever the noun: the marker points at it."""
    first = word.first
    while first > max(word.first - 4, 0) and passage.tokens[first - 1].is_word:
        before = passage.tokens[first - 1].norm
        if before in ("the", "a", "an"):
            last = passage.tokens[word.first - 1].norm
            named = (
                first < word.first and len(last) > 3 and not last.endswith(("ed", "ing", "ly")) and last not in _VAGUE
            )
            return Span(first, first, word.first, concept("anatomical structure")) if named else None
        if before in _NOT_IN_NAMES:
            return None
        first -= 1
    return None
