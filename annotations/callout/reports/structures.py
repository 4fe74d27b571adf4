"""The anatomy that a marker points at where no finding is named: "the celiac trunk (arrow)", "A, aorta"."""

from __future__ import annotations

from callout.reports.anatomy import is_site, places
from callout.reports.marker_words import POINTS, MarkerWord
from callout.reports.markers import sentence_at
from callout.reports.picture import picture_phrases
from callout.reports.spans import Span
from callout.reports.tokens import HYPHENS, Passage
from callout.terms import concept
from callout.terms.words import word_set

_VAGUE = word_set(
    """
    image scan view panel level side level position plane level slice phase section region area part portion
    figure picture window month year patient center periphery left right same contralateral
    """
)
_NOT_IN_NAMES = word_set("in at of on to with from and or by for is are was were which that not as than within level")
# "Catheter tip", "aortic wall": a part of the place before it.
_PARTS_OF = word_set("tip end wall lumen margin orifice stump origin surface loop head neck tail root remnant")
_MEASURES = word_set("distance diameter width thickness interval angle length height circumference")
_LEADS = word_set("the a an left right indicate to at both of site location region presence area")
# Between these and a marker stands what it points at.
_OPENS = word_set("the a an showing demonstrating revealing reveal showed revealed demonstrated with of and its this")
_LISTED: tuple[list[str], ...] = ([], [";"], ["."], [","], [")"])


def structure_at(passage: Passage, word: MarkerWord) -> Span | None:
    """The place directly before the marker, or directly behind one that stands before."""
    if word.before:
        return _behind(passage, word)
    last = _before_abbreviation(passage, word.first)
    for first in range(max(last - 4, 0), last):
        hit = places().at(passage.norms, first, last)
        part = hit is not None and hit[0] == last - 1 and passage.norms[hit[0]] in _PARTS_OF
        if hit is not None and (hit[0] == last or part):
            return _span(first, last)
    return _subject(passage, last) or _distance(passage, last) or _unknown(passage, last)


def _span(first: int, last: int) -> Span:
    return Span(first, first, last, concept("anatomical structure"))


def _before_abbreviation(passage: Passage, last: int) -> int:
    """Where the name ends whose abbreviation stands, in brackets, before `last`: "inferior vena cava (IVC)"."""
    short = passage.texts[last - 2] if last > 3 else ""
    bracketed = (
        short.isupper() and 1 < len(short) < 6 and (passage.norms[last - 3], passage.norms[last - 1]) == ("(", ")")
    )
    return last - 3 if bracketed else last


def _behind(passage: Passage, word: MarkerWord) -> Span | None:
    """What a marker that stands before shows: the first place in its noun phrase, else the phrase where it is one."""
    first = last = word.last
    while last < min(first + 5, len(passage.norms)) and passage.is_word(last):
        hit = places().at(passage.norms, last, len(passage.norms))
        if hit is not None:
            return _span(last, hit[0])
        if first == last and passage.norms[last] in _LEADS:
            first += 1
        elif passage.norms[last] in _NOT_IN_NAMES:
            break
        last += 1
    return _shown(passage, first)


def _subject(passage: Passage, last: int) -> Span | None:
    """The place of which all up to the marker is told: "The fascia is seen as a line (arrow)"."""
    first = max(sentence_at(passage, last)[0], last - 14)
    while first < last and passage.norms[first] in _LEADS:
        first += 1
    hit = places().at(passage.norms, first, last) if first < last else None
    if hit is None or passage.norms[hit[0]] not in ("is", "are", "was", "were", "appear", "seen"):
        return None
    told = set(passage.words(hit[0], last))
    return None if told & {",", ";", ")", "and", "by", "with"} else _span(first, hit[0])


def _distance(passage: Passage, last: int) -> Span | None:
    """What is measured, and marked so: "increased inter-hemispheric distance (arrow)"."""
    first = last - 1
    if first < 0 or passage.norms[first] not in _MEASURES:
        return None
    while first > max(last - 6, 0):
        compound = first > 2 and passage.texts[first - 2] in HYPHENS
        if not (compound or is_site(passage.norms[first - 1])):
            break
        first -= 3 if compound else 1
    return _span(first, last)


def joined_structures(passage: Passage, structure: Span, word: MarkerWord) -> list[Span]:
    """The place that several arrows show too: "the celiac trunk and the hepatic artery (arrows)"."""
    last = structure.first
    while last and passage.norms[last - 1] in ("the", "left", "right"):
        last -= 1
    if word.before or not word.plural or passage.words(last - 1, last) != ["and"]:
        return []
    for first in range(max(last - 5, 0), last - 1):
        hit = places().at(passage.norms, first, last - 1)
        if hit is not None and hit[0] == last - 1:
            return [Span(first, first, hit[0], structure.concept)]
    return []


def _shown(passage: Passage, first: int) -> Span | None:
    """What "the arrow shows" where no place is known: "the NOUN", or all that a legend's sign stands for."""
    last = first
    while last < min(first + 4, len(passage.norms)) and passage.is_word(last):
        if passage.norms[last] in _NOT_IN_NAMES or passage.texts[last].endswith(("ed", "ing")):
            break
        last += 1
    led = passage.words(first - 1, first) in (["the"], ["a"], ["an"])
    listed = passage.words(first - 1, first) in (["="], [":"], [","]) and passage.words(last, last + 1) in _LISTED
    return _span(first, last) if (led or listed) and last > first and _names(passage, last) else None


def _unknown(passage: Passage, last: int) -> Span | None:
    """The noun phrase directly before a marker, whatever it names: the marker points at it."""
    first = last
    while first > max(last - 5, 0) and _is_in_name(passage, first - 1):
        first -= 1
    opened = passage.words(first - 1, first)
    if first == last or not opened or not (opened[0] in _OPENS or opened[0] in POINTS):
        return None
    return _span(first, last) if _names(passage, last) else None


def _is_in_name(passage: Passage, index: int) -> bool:
    """Whether the token may be part of a name: a word, or the hyphen of one."""
    if passage.texts[index] in HYPHENS:
        return passage.end(index - 1) == passage.starts[index]
    word = passage.norms[index]
    return passage.is_word(index) and not (word in _NOT_IN_NAMES or word in _OPENS or word in POINTS)


def _names(passage: Passage, last: int) -> bool:
    """Whether the word before `last` may name a thing."""
    word = passage.norms[last - 1]
    told = any(
        hit is not None and hit[0] == last
        for hit in (picture_phrases().at(passage.norms, first, last) for first in range(max(last - 3, 0), last))
    )
    if passage.words(last - 2, last) == ["fat", "plane"]:
        return True
    return len(word) > 2 and not word.endswith(("ed", "ing", "ly")) and word not in _VAGUE and not told
