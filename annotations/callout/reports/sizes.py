"""The sizes that a text tells, and which mention each is the size of."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from callout.reports.model import Measurement
from callout.reports.spans import Span
from callout.reports.tokens import Passage
from callout.reports.windows import Window

_OF_BEFORE = re.compile(
    r"\b(?:of|measur\w+|diameter|size|to|is|was|are|were)\s+(?:about\s+|approximately\s+)?$", re.IGNORECASE
)
_MEASURING = re.compile(r"\b(?:of|measur\w+|diameter|size)\s+(?:about\s+|approximately\s+)?$", re.IGNORECASE)
_OF = re.compile(r"\s+of\s+(?:an?\s+|the\s+)?", re.IGNORECASE)
_UNITS = {
    "mm": "mm", "millimeter": "mm", "millimetre": "mm", "cm": "cm", "cms": "cm", "centimeter": "cm", "centimetre": "cm",
}  # fmt: skip
_NUMBER = r"\d{1,4}(?:[.,\u00b7]\d{1,3})?"
_UNIT = r"mm|cms?|centimet(?:er|re)s?|millimet(?:er|re)s?"
# "5 x 4", "5 by 4", "5 cm (AP), 4 cm (TR) and 3 cm (CC)".
_AXIS = r"\((?:AP|CC|TR|TV|ML|SI|LR)\)"
_BY = rf"(?:[\s-]?(?:\([A-Za-z]{{1,3}}\)\s?)?(?:[xX\u00d7*]|by)[\s-]?|\s?{_AXIS}(?:,|\sand|,\sand)\s)"
_SIZE = re.compile(
    rf"(?<![\w.,])(?:(?P<low>{_NUMBER})(?:\s?(?P<low_unit>{_UNIT}))?\s?(?P<to>to|and|[-\u2010-\u2015\u2212])\s?)?"
    rf"(?P<first>{_NUMBER})(?:[\s-]?(?P<first_unit>mm|cm))?"
    rf"(?:{_BY}(?P<second>{_NUMBER})(?:[\s-]?(?P<second_unit>mm|cm))?)?(?:{_BY}(?P<third>{_NUMBER}))?"
    rf"[\s-]?(?P<unit>{_UNIT})(?(second)\^?[23\u00b2\u00b3]?)\b",
    re.IGNORECASE,
)
_TECHNIQUE = re.compile(
    r"slice|section|thick\w*\s(?:axial|coronal|sagittal|slab|image|cut)|collimation|interval|gap|increment|margin|deep",
    re.IGNORECASE,
)
_DISTANCE = re.compile(
    r"\s+(?:away|apart|from|off|above|below|beyond|behind|beneath|(?:distal|proximal|cranial|caudal|superior|inferior"
    r"|anterior|posterior|lateral|medial|dorsal|ventral|cephalad|caudad)(?:ly)?\s(?:to|of|from))\b",
    re.IGNORECASE,
)
_AT_DISTANCE = re.compile(r"\b(?:distance of|within)\s+(?:about\s+|approximately\s+)?$", re.IGNORECASE)
# What once was: "(previously 5 cm, now 3 cm)".
_EARLIER = re.compile(
    r"\b(?:previously|formerly|initially|prior|compared (?:with|to)|versus|vs\.?|down from|up from)"
    r"\s+(?:measur\w+\s+)?$",
    re.IGNORECASE,
)
_GROWN = re.compile(r"\b(?:increas|grew|grown|grow|enlarg|progress)\w*\s+(?:in size\s+)?from\s*$", re.IGNORECASE)
_MEASURED = frozenset(("mass effect", "displacement", "obstruction", "invasion", "soft-tissue component"))
# A size is sought among so many mentions before it.
_NEAR = 30
_GOES_ON = (["it"], ["this"], ["measuring"], ["measure"])


def find_sizes(passage: Passage) -> Iterator[tuple[int, int, Measurement]]:
    """(start, end, size) of every size that `passage` tells, but of slices, gaps, distances and what once was."""
    text = passage.text
    for found in _SIZE.finditer(text):
        if _is_of_none(text[max(found.start() - 40, 0) : found.start()], text[found.end() : found.end() + 24]):
            continue
        unit = _UNITS[found["unit"].casefold().rstrip("s")]
        values = tuple(
            _value(found[number], found[f"{number}_unit"] if number != "third" else None, unit)
            for number in ("first", "second", "third")
            if found[number]
        )
        low = _low(text, found, unit)
        if low is None:
            yield found.start("first"), found.end(), Measurement(values, unit)
        else:
            yield found.start(), found.end(), Measurement(tuple(sorted((low, *values))), unit, is_range=True)


def _is_of_none(before: str, behind: str) -> bool:
    """Whether a size with this text around is no finding's: "5 mm slices", "2 cm from the hilum", "previously 5 cm"."""
    if _TECHNIQUE.search(behind[:14]) or _AT_DISTANCE.search(before) or _EARLIER.search(before):
        return True
    return _DISTANCE.match(behind) is not None and _MEASURING.search(before) is None


def _low(text: str, found: re.Match[str], unit: str) -> float | None:
    """The other bound of "3 to 5 cm", "between 3 and 5 cm" or "3 cm and 5 cm"; None without: "lobes 2 and 5 cm"."""
    if found["low"] is None or found["second"] is not None:
        return None
    before = text[max(found.start() - 30, 0) : found.start()]
    low, high = _value(found["low"], found["low_unit"], unit), _value(found["first"], None, unit)
    if found["to"].casefold() == "and":
        pair = before.rstrip().endswith("between") or found["low_unit"] or _OF_BEFORE.search(before)
        return low if pair and low != high else None
    return low if low < high and not _GROWN.search(before) else None


def _value(number: str, own: str | None, unit: str) -> float:
    """The number, in `unit`, where its `own` unit may differ: "8 mm to 1.2 cm"."""
    value = float(number.replace(",", ".").replace("\u00b7", "."))
    named = _UNITS[own.casefold().rstrip("s")] if own else unit
    return value if named == unit else round(value * 10 if unit == "mm" else value / 10, 4)


def owner_of_size(
    passage: Passage, place: tuple[int, int], spans: Sequence[Span], windows: Sequence[Window]
) -> int | None:
    """Which of `spans` the size at `place` (code points) is the size of."""
    start, end = place
    behind = bisect_left(passage.starts, end)
    token = bisect_right(passage.starts, start, hi=behind) - 1
    next_one = bisect_left(spans, (behind,))
    owner = None
    for index in range(next_one - 1, max(next_one - _NEAR, 0) - 1, -1):
        span, (first, last) = spans[index], windows[index].sentence
        within = first <= token < last
        if within and (span.concept.drawn or _is_next(passage, span, start)):
            owner = index
            break
        if span.concept.drawn and _follows_on(passage, behind, last):
            owner = index
            break
    if next_one == len(spans):
        return owner
    opens = windows[next_one].phrase < behind and not (owner is not None and _said_of_before(passage, start))
    of_next = opens or _OF.fullmatch(passage.text, end, passage.starts[spans[next_one].first])
    return next_one if of_next else owner


def _is_next(passage: Passage, span: Span, start: int) -> bool:
    """Whether the size at `start` stands right behind what is no region but has a size: "midline shift of 8 mm"."""
    between = passage.text[passage.end(span.last - 1) : start]
    return span.concept.name in _MEASURED and len(between) < 30 and "," not in between


def _said_of_before(passage: Passage, start: int) -> bool:
    """Whether the size at `start` is told of what stands before it: "with a diameter of 6 cm, thrombus"."""
    return _OF_BEFORE.search(passage.text[max(start - 24, 0) : start]) is not None


def _follows_on(passage: Passage, behind: int, first: int) -> bool:
    """Whether the sentence at `first`, behind the mention's, says the size that ends before `behind`: "It is 3 cm"."""
    return passage.words(first, first + 1)[:1] in _GOES_ON and behind <= first + 13
