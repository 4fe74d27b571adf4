"""Which words around a mention speak of it: its noun phrase before, and its own clause behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from callout.reports.anatomy import is_adjective
from callout.reports.picture import is_level
from callout.reports.spans import Span
from callout.reports.tokens import Passage
from callout.terms.words import word_set

_DETERMINERS = word_set(
    """
    a an the this these its some another that
    """
)
_NOT_OF_A_PHRASE = word_set(
    """
    in at with by on to into from for of during due is are was were be been has have had which that show
    showing demonstrate demonstrating reveal revealing revealed showed demonstrated causing cause or but as
    than seen noted within without no not after before resulting through suggestive suggest suggesting
    represent representing identified indicate indicating appear evidence giving involving including
    compress versus vs measuring measure measured over there below above between ; . ( ) : [ ] = |
    """
)
_BREAKS = word_set(
    """
    with without causing cause caused compress compressing displacing displace resulting leading showing
    show demonstrating demonstrate which suggest suggesting suggestive represent representing consistent
    compatible due secondary because but while whereas ; press pressing led abutting encircling
    surrounding surrounded encasing abut compared associated underwent for indenting indent effacing abutment
    constricting pushing displaced abutted encircled encased indented effaced constricted pushed
    """
)
# "One on the left (a) and one on the right (b)".
_MORE = frozenset(("of", "one", "another"))
_SCENES = frozenset(("at", "on", "in"))
_UNITS = frozenset(("cm", "mm"))
_BY = frozenset(("x", "\u00d7", "by", "-"))
_MAY_END = _BREAKS | {"(", ")", "and"}
# "With a diameter of 5 cm" or "with smooth margins" says how a finding looks; its place may still follow.
_LOOKS = word_set("diameter size dimension margin border contour length thickness wall rim capsule edge septum")


class Window(NamedTuple):
    """Of one mention, in tokens: where its noun phrase starts, where its clause ends, and its sentence."""

    phrase: int
    limit: int
    sentence: tuple[int, int]


def find_windows(passage: Passage, spans: Sequence[Span]) -> list[Window]:
    """The window of each span, in the spans' order."""
    bounds = _sentence_of(passage, spans)
    phrases = []
    for index, span in enumerate(spans):
        floor = bounds[index][0]
        if index and bounds[index - 1] == bounds[index]:
            floor = spans[index - 1].last
        phrases.append(_phrase_start(passage, span.first, floor))
    windows = []
    for index, span in enumerate(spans):
        end = bounds[index][1]
        if index + 1 < len(spans) and bounds[index + 1] == bounds[index]:
            end = phrases[index + 1]
            end = _next_scene(passage, end, bounds[index][0]) or end
        windows.append(Window(phrases[index], clause_end(passage, span.last, end), bounds[index]))
    return windows


def _sentence_of(passage: Passage, spans: Sequence[Span]) -> list[tuple[int, int]]:
    bounds, number = [], 0
    for span in spans:
        while passage.sentences[number][1] <= span.first:
            number += 1
        bounds.append(passage.sentences[number])
    return bounds


def _phrase_start(passage: Passage, first: int, floor: int) -> int:
    """Where the noun phrase starts whose head stands at `first`."""
    index = first
    while index > floor:
        word = passage.norms[index - 1]
        if word == ")" and index - 3 > floor and _is_short_form(passage, index - 2):
            index -= 3
            continue
        if word == ")" and (side := _bracketed_side(passage, index - 1, floor)) is not None:
            index = side + 1
            continue
        if word == "." and passage.words(index - 2, index - 1) in (["lt"], ["rt"]):
            index -= 1
            continue
        if word in _DETERMINERS or word in _NOT_OF_A_PHRASE:
            break
        if word in (",", "and") and not (index - 1 > floor and _goes_on(passage, index - 1)):
            break
        index -= 1
    return index


def _tells_size_of_before(passage: Passage, index: int) -> bool:
    """Whether the size that ends before `index` stands behind its noun and a comma: "a cyst, 3 cm, and a stone"."""
    first = index - (passage.norms[index - 1] == ",")
    for at in range(first - 1, max(first - 8, 0), -1):
        word = passage.norms[at]
        if not (word[0].isdigit() or word in _UNITS or word in _BY):
            return word == "," and not is_adjective(passage.norms[at - 1])
    return False


def _bracketed_side(passage: Passage, close: int, floor: int) -> int | None:
    """The side that the bracket which closes at `close` follows: "left (white arrow) and right (black arrow)"."""
    for index in range(close - 1, max(close - 8, floor), -1):
        if passage.norms[index] == "(":
            return index - 1 if passage.norms[index - 1] in ("left", "right") else None
    return None


def _is_short_form(passage: Passage, index: int) -> bool:
    """Whether the token is the abbreviation, in brackets, of what is before them: "left lower lobe (LLL)"."""
    short = passage.texts[index]
    return passage.norms[index - 1] == "(" and 1 < len(short) < 5 and short.isupper()


def _goes_on(passage: Passage, index: int) -> bool:
    """Whether the comma or "and" at `index` joins adjectives of one phrase."""
    before = passage.norms[index - 1]
    if before == "," and index > 1:
        before = passage.norms[index - 2]
    if before == ")" and passage.words(index + 1, index + 2) in (["left"], ["right"]):
        return _bracketed_side(passage, index - 1, 0) is not None
    if before in _UNITS and _tells_size_of_before(passage, index):
        return False
    if index + 1 < len(passage.norms) and is_level(before) and is_level(passage.norms[index + 1]):
        return True
    return is_adjective(before)


def clause_start(passage: Passage, window: Window) -> int:
    """Where the clause of the window starts: behind a semicolon, with the next scene, else with its sentence."""
    opens = window.sentence[0]
    first = max(opens, window.phrase - 40) + 1
    before = passage.words(first, window.phrase)
    opens = window.phrase - before[::-1].index(";") if ";" in before else opens
    return _next_scene(passage, window.phrase, opens) or opens


def _next_scene(passage: Passage, phrase: int, floor: int) -> int | None:
    """Where another scene than that at `floor` leads to `phrase`: "at L3, a bulge, at L4, a protrusion"."""
    last = phrase
    while last > floor and passage.norms[last - 1] in _DETERMINERS:
        last -= 1
    if last <= floor or passage.norms[last - 1] != "," or passage.norms[floor] not in _SCENES:
        return None
    for index in range(last - 2, max(last - 10, floor), -1):
        if passage.norms[index] == ",":
            first = index + 1 + (passage.norms[index + 1] == "and")
            return first if passage.norms[first] in _SCENES else None
    return None


def clause_end(passage: Passage, first: int, end: int) -> int:
    """Where the clause that starts at token `first` ends, by `end` at the latest."""
    depth = 0
    for index in range(first, end):
        word = passage.norms[index]
        if word not in _MAY_END:
            continue
        depth += (word == "(") - (word == ")")
        looks = word == "with" and _LOOKS & set(passage.words(index + 1, index + 8))
        if word in _BREAKS and depth == 0 and not looks:
            return index
        if word == "and" and index > first and passage.texts[index - 1] == ")":
            goes_on = index + 1 < end and (is_level(passage.norms[index + 1]) or passage.norms[index + 1] in _MORE)
            if not goes_on:
                return index
    return end
