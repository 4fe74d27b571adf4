"""The mentions of a passage: their words, and everything the text says of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from callout.reports.anatomy import places
from callout.reports.attributes import negated, uncertain
from callout.reports.levels import LevelWord, find_levels, find_parts
from callout.reports.markers import find_markers, sentence_at
from callout.reports.model import Measurement, Mention, PanelSpan, Part
from callout.reports.picture import PictureWord
from callout.reports.pointed import marked
from callout.reports.sides import MEANS, first_side, shared_sides, sides_of
from callout.reports.sizes import find_sizes, owner_of_size
from callout.reports.spans import Span, find_spans
from callout.reports.tokens import Passage
from callout.reports.windows import Window, clause_end, clause_start, find_windows

_OF_VERTEBRAE = frozenset(
    ("vertebral collapse", "vertebral compression fracture", "disc height loss", "disc dehydration", "scalloping")
)
# So many tokens of a sentence are told of the level that opens it.
_SCENE = 60
_NO_FINDINGS = frozenset(("disease", "artifact"))
_LEADS = (["of"], ["at"], ["through"], ["left"], ["right"], ["both"], ["for"])


def find_mentions(
    passage: Passage,
    words: Sequence[PictureWord],
    panels: Sequence[PanelSpan],
    label: str,
    before: int = 0,
    described: Container[tuple[int, int]] | None = None,
) -> list[Mention]:
    """The mentions of `passage` in order, with ids "LABEL:#N", N from behind `before`; `words` tell of its pictures.

    Where `described` tells which sentences are about the pictures, what the others tell of is not drawn.
    """
    taken = _taken(words)
    spans = find_spans(passage, taken)
    windows = find_windows(passage, spans)
    levels = find_levels(passage, taken)
    markers, structures = marked(passage, spans, windows, find_markers(passage, panels))
    windows = _before_structures(passage, spans, windows, [span.first for span, _ in structures])
    opening = [window.phrase for window in windows[:1]] or [span.first for span, _ in structures[:1]]
    imaged = _imaged(passage, words, 0, opening[0]) if opening and label != "body" else (0, 0)
    told_on, meanings = _told_on(passage, spans, windows), list(_meanings(passage, spans, windows))
    sides = _sides(passage, spans, windows, told_on, meanings)
    if label != "body":
        _side_imaged(passage, windows, words, sides)
    parts = _parts(passage, spans, windows, levels, told_on, meanings)
    if parts and not any(part.levels for part in parts[0]):
        parts[0] += find_parts(passage, (imaged,), (0, 0), levels) if imaged[1] and _has_level(imaged, levels) else ()
    sizes = _sizes(passage, spans, windows)
    denied, doubted = negated(passage, spans, windows), uncertain(passage, spans, windows)
    _point_at_what_is_there(windows, denied, markers)
    apart = {span.first: (span, marker) for span, marker in _apart(structures, spans)}
    index_of = {span.first: index for index, span in enumerate(spans) if index in markers or _tells(span)}
    mentions = []
    for number, first in enumerate(sorted({*apart, *index_of}), start=before + 1):
        mention_id, index = f"{label}:#{number}", index_of.get(first)
        if index is None:
            span, marker = apart[first]
            shown = described is None or sentence_at(passage, first) in described
            mentions.append(_structure(passage, mention_id, span, marker, imaged, levels, drawn=shown))
            continue
        shown = described is None or windows[index].sentence in described
        mentions.append(
            Mention(
                mention_id,
                *_named(passage, spans[index], drawn=shown),
                marker=markers.get(index),
                laterality=sides[index],
                levels=_levels_of(parts[index]),
                site=_site_of(parts[index]),
                parts=parts[index],
                measurement=sizes.get(index),
                negated=index in denied,
                uncertain=index in doubted and index not in denied,
            )
        )
    return mentions


def _point_at_what_is_there(windows: Sequence[Window], denied: set[int], markers: dict[int, str]) -> None:
    """Moves the marker behind what is not there to what is: "enhancement without oedema (arrow)".

    Where what follows has it too and is there, it is that one's alone: "no fat within the mass (arrow)".
    """
    for index in sorted(denied & markers.keys()):
        earlier = index - 1
        while earlier in denied and earlier not in markers:
            earlier -= 1
        there = earlier >= 0 and earlier not in denied and earlier not in markers
        if there and windows[earlier].sentence == windows[index].sentence:
            markers[earlier] = markers.pop(index)
        elif index + 1 not in denied and markers.get(index + 1) == markers[index]:
            del markers[index]


def _taken(words: Sequence[PictureWord]) -> frozenset[int]:
    """The tokens that tell of the picture and so name no finding."""
    return frozenset(
        position
        for word in words
        if word.tells.keys() - {"filler"} and word.tells.get("modality") != "histology"
        for position in range(word.first, word.last)
    )


def _tells(span: Span) -> bool:
    """Whether the span is of a finding: a disease or an artefact that nothing points at is none."""
    return span.concept.name not in _NO_FINDINGS


def _named(passage: Passage, span: Span, *, drawn: bool) -> tuple[int, int, str, str, bool]:
    """What a mention starts with behind its id: where it stands, its words, its concept, and whether it is drawn."""
    start, end = passage.starts[span.first], passage.end(span.last - 1)
    words = passage.text[start:end]
    return passage.start + start, passage.start + end, words, span.concept.name, drawn and span.concept.drawn


def _levels_of(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(level for part in parts for level in part.levels)) if parts else ()


def _site_of(parts: Sequence[Part]) -> str | None:
    return " and ".join(dict.fromkeys(part.site for part in parts if part.site)) or None if parts else None


def _structure(
    passage: Passage,
    mention_id: str,
    span: Span,
    marker: str,
    imaged: tuple[int, int],
    levels: Mapping[int, LevelWord],
    *,
    drawn: bool,
) -> Mention:
    """A place that a marker points at, with its own side and level, else the level that the pictures are of."""
    near = max(span.first - 2, 0), span.first
    parts = find_parts(
        passage, (near, (span.last, min(span.last + 1, len(passage.norms)))), (span.first, span.last), levels
    )
    parts = tuple(part for part in parts if part.levels) or find_parts(passage, (imaged,), (0, 0), levels)
    parts = tuple(part for part in parts if marker.upper() not in part.levels)  # "L1 = ureter" is a legend
    side = first_side(passage, near[0], span.last)
    return Mention(mention_id, *_named(passage, span, drawn=drawn), marker, side, _levels_of(parts), None, parts)


def _before_structures(
    passage: Passage, spans: Sequence[Span], windows: Sequence[Window], structures: Sequence[int]
) -> list[Window]:
    """The windows, none of which reaches into a structure that is listed behind it: "tumour (T), left kidney (K)"."""
    starts = []
    for structure in sorted(structures):
        first = structure
        while first and passage.norms[first - 1] in ("the", "left", "right", "both", "normal", "intact", "patent"):
            first -= 1
        if passage.words(first - 1, first) in ([","], ["and"], [")"], [";"]):
            starts.append(first)
    shortened = []
    for span, window in zip(spans, windows, strict=True):
        next_one = bisect_left(starts, span.last)
        limit = min(window.limit, starts[next_one]) if next_one < len(starts) else window.limit
        shortened.append(window if limit == window.limit else window._replace(limit=limit))
    return shortened


def _apart(structures: Sequence[tuple[Span, str]], spans: Sequence[Span]) -> list[tuple[Span, str]]:
    """The structures that lie over no finding and stand there once."""
    taken = {position for span in spans for position in range(span.first, span.last)}
    kept: dict[int, tuple[Span, str]] = {}
    for span, marker in structures:
        if not taken & set(range(span.first, span.last)):
            kept.setdefault(span.first, (span, marker))
    return list(kept.values())


def _parts(
    passage: Passage,
    spans: Sequence[Span],
    windows: Sequence[Window],
    levels: Mapping[int, LevelWord],
    told_on: Sequence[tuple[int, int]],
    meanings: Sequence[tuple[int, int]],
) -> list[tuple[Part, ...]]:
    """The places of each span; levels said once for two joined by "and" are those of both."""
    found = [
        find_parts(passage, (*_ranges(passage, span, window), more), (span.first, span.last), levels)
        for span, window, more in zip(spans, windows, told_on, strict=True)
    ]
    for index, window in enumerate(windows):
        first = clause_start(passage, window)
        scene = max(first, window.phrase - 14), window.phrase
        opens = not index or spans[index - 1].last <= first
        if opens and _has_level(scene, levels) and not any(part.levels for part in found[index]):
            found[index] += tuple(part for part in find_parts(passage, (scene,), (0, 0), levels) if part.levels)
    _add_scenes(passage, windows, levels, found)
    for index, earlier in meanings:
        if not any(part.levels for part in found[index]):
            found[index] += tuple(part for part in found[earlier] if part.levels)
    for index in range(1, len(spans)):
        if _is_of_same_bone(passage, spans, windows, index) and not any(part.levels for part in found[index]):
            found[index] += tuple(part for part in found[index - 1] if part.levels)
    for index in range(len(spans) - 1, -1, -1):
        if any(part.levels for part in found[index]):
            continue
        window = windows[index]
        if index + 1 < len(spans) and _shares_level(passage, spans, windows, index):
            found[index] += tuple(part for part in found[index + 1] if part.levels)
        elif index and _same_levels(passage, spans[index].last, window.limit):
            said = [part for earlier in found[max(index - 20, 0) : index] for part in earlier if part.levels][-1:]
            found[index] += tuple(replace(part, relation="at") for part in said)
    return found


def _is_of_same_bone(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], index: int) -> bool:
    """Whether a vertebra's finding comes along with one before it: "osteomyelitis of L2 with endplate collapse"."""
    if spans[index].concept.name not in _OF_VERTEBRAE or windows[index].sentence != windows[index - 1].sentence:
        return False
    before = passage.words(windows[index].phrase - 2, windows[index].phrase)
    return before[-1:] in (["with"], ["and"]) or before in (["with", "a"], ["with", "the"])


def _add_scenes(
    passage: Passage, windows: Sequence[Window], levels: Mapping[int, LevelWord], found: list[tuple[Part, ...]]
) -> None:
    """Gives all mentions of a sentence the level that opens it: "At L4-L5, a bulge and hypertrophy cause stenosis"."""
    for index in range(1, len(windows)):
        window, first = windows[index], clause_start(passage, windows[index])
        later = windows[index - 1].sentence == window.sentence and window.phrase < first + _SCENE
        if not later or any(part.levels for part in found[index]):
            continue
        if passage.words(first, first + 1) not in (["at"], ["in"]):
            continue
        near = range(first, min(first + 9, window.phrase))
        comma = next((at for at in near if passage.norms[at] in (",", "there")), first)
        scene = any(at in levels for at in range(first, comma))
        if scene and not any(at in levels for at in range(comma, window.phrase)):
            parts = find_parts(passage, ((first, comma),), (0, 0), levels)
            found[index] += tuple(part for part in parts if part.levels)


def _shares_level(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], index: int) -> bool:
    """Whether the span and the next are joined, so that the place behind the next is that of both."""
    gap = passage.words(spans[index].last, windows[index + 1].phrase)
    behind = passage.words(spans[index + 1].last, spans[index + 1].last + 1)
    return gap == ["and"] or (gap[:1] == ["with"] and len(gap) < 4 and behind in (["in"], ["at"], ["within"]))


def _meanings(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> Iterator[tuple[int, int]]:
    """(a span, the one that it is the meaning of): "a collection …, consistent with an abscess"."""
    for index in range(1, len(spans)):
        if windows[index].sentence == windows[index - 1].sentence:
            gap = passage.words(spans[index - 1].last, windows[index].phrase)
            if gap in (["as"], ["as", "a"], ["as", "an"]) or not MEANS.isdisjoint(gap[-4:]):
                yield index, index - 1


def _told_on(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> list[tuple[int, int]]:
    """The tokens of the next sentence that go on about the first finding of each: "It lies in front of L1–L2"."""
    found = [(0, 0)] * len(spans)
    for index, (span, window) in enumerate(zip(spans, windows, strict=True)):
        if not span.concept.drawn or (index and windows[index - 1].sentence == window.sentence):
            continue
        first = window.sentence[1]
        if passage.words(first, first + 1) != ["it"]:
            continue
        next_one = bisect_left(spans, first, key=lambda span: span.first)
        limit = windows[next_one].phrase if next_one < len(spans) else len(passage.norms)
        found[index] = (first + 1, clause_end(passage, first + 1, min(limit, first + 60)))
    return found


def _ranges(passage: Passage, span: Span, window: Window) -> tuple[tuple[int, int], ...]:
    """Where the places of a mention are named: before its term, within "HEAD of PLACE", and behind it."""
    inside = range(span.head, span.last)
    within = next((index for index in inside if passage.norms[index] in ("of", "to")), span.last)
    return (window.phrase, span.head), (within, span.last), (span.last, window.limit)


def _same_levels(passage: Passage, first: int, last: int) -> bool:
    """Whether the clause says "these levels"."""
    words = passage.words(first, last)
    return "level" in words and any(
        pair in (("these", "level"), ("this", "level"), ("same", "level")) for pair in pairwise(words)
    )


def _side_imaged(
    passage: Passage, windows: Sequence[Window], words: Sequence[PictureWord], sides: list[str | None]
) -> None:
    """Gives the first mention of a text, or of a sentence, the side of the part imaged: "MRI of the right wrist"."""
    for index, window in enumerate(windows):
        opens = not index or windows[index - 1].sentence != window.sentence
        if opens and sides[index] is None:
            floor = window.sentence[0] if index else 0
            sides[index] = first_side(passage, *_imaged(passage, words, floor, window.phrase))


def _sides(
    passage: Passage,
    spans: Sequence[Span],
    windows: Sequence[Window],
    told_on: Sequence[tuple[int, int]],
    meanings: Sequence[tuple[int, int]],
) -> list[str | None]:
    """The side that the text tells of each span."""
    found = sides_of(passage, spans, windows)
    for index, more in enumerate(told_on):
        found[index] = found[index] or first_side(passage, *more)
    for index, earlier in meanings:
        found[index] = found[index] or found[earlier]
    shared_sides(passage, spans, windows, found)
    for index in range(len(spans) - 2, -1, -1):
        pair = {spans[index].concept.name, spans[index + 1].concept.name}
        if pair == {"hydronephrosis", "hydroureter"} and windows[index].sentence == windows[index + 1].sentence:
            found[index] = found[index] or found[index + 1]
    return found


def _imaged(passage: Passage, words: Sequence[PictureWord], floor: int, phrase: int) -> tuple[int, int]:
    """The tokens between `floor` and a mention's phrase that say what the pictures are of: "of the left calf"."""
    low = bisect_left(words, floor, key=lambda word: word.first)
    before = [
        word for word in words[low : bisect_left(words, phrase, key=lambda word: word.first)] if word.last <= phrase
    ]
    for number in range(len(before) - 1, max(len(before) - 6, -1), -1):
        first = before[number].last
        limit = before[number + 1].first if number + 1 < len(before) else phrase
        while passage.words(first, first + 1) == [")"]:
            first += 1
        limit = min(limit, first + 10)
        end = next((index for index in range(first, limit) if _ends_title(passage, index)), limit)
        if passage.words(first, end)[:1] in _LEADS:
            return first, end
    return _imaged_before(passage, before, floor)


def _imaged_before(passage: Passage, before: Sequence[PictureWord], floor: int) -> tuple[int, int]:
    """The tokens that name the part imaged at the head of the text: "Right knee MRI"."""
    first = before[0].first if before else floor
    sided = {"left", "right", "both", "bilateral"} & set(passage.words(floor, first))
    return (floor, first) if first < floor + 6 and sided else (0, 0)


def _ends_title(passage: Passage, index: int) -> bool:
    return passage.norms[index] in (
        "show",
        "showing",
        "demonstrate",
        "demonstrating",
        "with",
        "reveal",
        "revealing",
    )


def _has_level(place: tuple[int, int], levels: Mapping[int, LevelWord]) -> bool:
    return not levels.keys().isdisjoint(range(*place))


def _sizes(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> dict[int, Measurement]:
    found: dict[int, Measurement] = {}
    for start, end, size in find_sizes(passage):
        owner = owner_of_size(passage, (start, end), spans, windows)
        if owner is not None:
            found.setdefault(owner, size)
    return found


def region_of(passage: Passage, words: Sequence[PictureWord]) -> str | None:
    """The region that most of the text's places lie in; what was imaged ("CT of the abdomen") counts three times.

    The spine goes before what is seen beside it; None where the text names no place of a region.
    """
    near = {
        position
        for word in words
        for position in (*range(word.first - 3, word.first), *range(word.last, word.last + 4))
    }
    votes: dict[str, int] = {}
    index = 0
    while index < len(passage.norms):
        hit = places().at(passage.norms, index, len(passage.norms))
        if hit is not None and hit[1].region:
            votes[hit[1].region] = votes.get(hit[1].region, 0) + (3 if index in near else 1)
        index = hit[0] if hit else index + 1
    return max(votes, key=lambda region: (votes[region], region == "spine"), default=None)
