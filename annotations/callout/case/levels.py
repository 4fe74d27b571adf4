"""Vertebral levels: the names of vertebrae, their order down the spine, and the level of a point of the patient.

Frame: LPS mm. A name is a place in the count from C1 down, whatever the vertebra looks like: a lumbarised S1 stays S1,
with a disc S1-S2 below it, and a sacralised L5 stays L5 (Tokgoz 2014, Korean J Radiol 15:258; counting down from C2 is
the standard: Lian 2018, Eur Spine J 27:995). T13 and L6 are of a spine that has one vertebra more, not a lumbarised S1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from callout.errors import InputError
from callout.volume import Series

COUNTS = {"C": 7, "T": 12, "L": 5, "S": 5}
MORE = {"T": 13, "L": 6}  # the most that is known to occur
_OTHER_COUNTS = {
    "thirteen thoracic vertebrae": ("T", 13),
    "eleven thoracic vertebrae": ("T", 11),
    "six lumbar vertebrae": ("L", 6),
    "four lumbar vertebrae": ("L", 4),
}
TRANSITIONAL = ("not stated", "none", "lumbarised S1", "sacralised L5", *_OTHER_COUNTS)
BODY = 3 / 8  # of the way from centre to centre is the half of a body; the middle quarter is the disc
NEAR_MM = 5.0  # half of a small body: how far a mark without another beside it reaches
BESIDE_MM = 80.0  # from the line through the marks; further off, the spine's levels say nothing
FARTHEST = 1e7  # mm or pixels from the origin: no place of a patient or a picture is further off
_WRITTEN = re.compile(r"\s*(C|Th|T|D|L|S)\s*0?(\d{1,2})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Vertebra:
    """A vertebra that a reader marked: its name, and the middle of its body, LPS mm."""

    name: str
    point: tuple[float, float, float]

    def __post_init__(self) -> None:
        if vertebra_name(self.name) != self.name:
            raise InputError(f"{self.name!r} is no vertebra", remedy=f"write {vertebra_name(self.name)}")
        try:
            point = tuple(float(value) for value in self.point)
        except (TypeError, ValueError, OverflowError):
            point = ()
        if len(point) != 3 or not all(abs(value) <= FARTHEST for value in point):
            raise InputError(f"{self.name} lies nowhere: a place is three numbers of mm")
        object.__setattr__(self, "point", point)


def vertebra_name(written: str) -> str:
    """The name of a vertebra as Callout writes it. InputError where there is no such vertebra.

    >>> vertebra_name("th12"), vertebra_name("D 05"), vertebra_name("L6")
    ('T12', 'T5', 'L6')
    """
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) and written.isascii() else None
    if found:
        letter, number = {"TH": "T", "D": "T"}.get(found[1].upper(), found[1].upper()), int(found[2])
        if 1 <= number <= MORE.get(letter, COUNTS[letter]):
            return f"{letter}{number}"
    raise InputError(f"{written!r} is no vertebra", remedy="use C1 to C7, T1 to T13, L1 to L6 or S1 to S5")


def frame_of(series: Series) -> str:
    """What the marks of a series stand in: its frame of reference; of a series without one, the series itself."""
    return series.grid.frame_of_reference_uid or series.id


def spine(transitional: str = "not stated", marked: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of all vertebrae from the head down; T13 and L6 where one is marked or the anatomy says so."""
    counts = dict(COUNTS)
    if transitional in _OTHER_COUNTS:
        letter, count = _OTHER_COUNTS[transitional]
        counts[letter] = count
    names = set(marked)
    for letter, most in MORE.items():
        if f"{letter}{most}" in names and counts[letter] == COUNTS[letter]:
            counts[letter] = most
    return tuple(f"{letter}{n}" for letter, count in counts.items() for n in range(1, count + 1))


def name_below(name: str, transitional: str = "not stated", marked: Iterable[str] = ()) -> str | None:
    """The next vertebra towards the feet; None below the last.

    >>> name_below("T12"), name_below("L5"), name_below("L5", "six lumbar vertebrae"), name_below("L6")
    ('L1', 'S1', 'L6', 'S1')
    """
    return _beside(name, 1, transitional, marked)


def name_above(name: str, transitional: str = "not stated", marked: Iterable[str] = ()) -> str | None:
    """The next vertebra towards the head; None above C1.

    >>> name_above("L1"), name_above("S1"), name_above("S2", "lumbarised S1"), name_above("S1", marked=["L6"])
    ('T12', 'L5', 'S1', 'L6')
    """
    return _beside(name, -1, transitional, marked)


def _beside(name: str, step: int, transitional: str, marked: Iterable[str]) -> str | None:
    names = spine(transitional, {*marked, name})
    if name not in names:
        raise InputError(f"there is no {name} in a spine with {transitional}")
    at = names.index(name) + step
    return names[at] if 0 <= at < len(names) else None


def from_the_head(vertebrae: Iterable[Vertebra], transitional: str = "not stated") -> tuple[Vertebra, ...]:
    """The vertebrae in the order of their names. InputError where these can't be right together.

    A name stands once; one that comes later in the count lies nearer to the feet (smaller z); a lumbarised S1 is S1.
    """
    given = tuple(vertebrae)
    names = spine(transitional, {one.name for one in given})
    for one in given:
        if one.name not in names:
            raise InputError(f"there is no {one.name} in a spine with {transitional}", remedy="change one of the two")
        if one.name == "L6" and transitional == "lumbarised S1":
            raise InputError("a lumbarised S1 is S1 in the count, not L6", remedy="name it S1")
    ordered = tuple(sorted(given, key=lambda one: names.index(one.name)))
    for upper, lower in pairwise(ordered):
        if upper.name == lower.name:
            raise InputError(f"{upper.name} is marked twice")
        if lower.point[2] >= upper.point[2]:
            raise InputError(
                f"{lower.name} would lie above {upper.name}", remedy="name it as the count goes, or move the other"
            )
    return ordered


def renumbered(
    vertebrae: Iterable[Vertebra], name: str, becomes: str, transitional: str = "not stated"
) -> tuple[Vertebra, ...]:
    """The vertebrae where `name` is called `becomes` and all others are counted on from it.

    InputError where the count would run beyond the spine.
    """
    ordered = from_the_head(vertebrae, transitional)
    old, new = spine(transitional, {one.name for one in ordered}), spine(transitional, {becomes})
    if name not in {one.name for one in ordered} or becomes not in new:
        raise InputError(f"{name} can't become {becomes}", remedy="name a vertebra that is marked, and one there is")
    if name == becomes:
        return ordered
    places = [new.index(becomes) + old.index(one.name) - old.index(name) for one in ordered]
    if places[0] < 0 or places[-1] >= len(new):
        raise InputError(f"{name} can't become {becomes}: the others would run beyond the spine")
    return tuple(replace(one, name=new[place]) for one, place in zip(ordered, places, strict=True))


def level_at(vertebrae: Iterable[Vertebra], point: Sequence[float], transitional: str = "not stated") -> str | None:
    """The level of a point, LPS mm: a vertebra ("L3"), what is between two ("L3-L4"), or None where no mark tells.

    A point is looked at from the line through the marks. Where vertebrae between two marks are not marked, or beyond
    the first and the last one, only what lies within half a body of a mark has a level.
    """
    marked = from_the_head(vertebrae, transitional)
    if not marked:
        return None
    place, spots = np.array(point, np.float64), np.array([one.point for one in marked])
    if len(marked) == 1:
        across, up = math.dist(place[:2], spots[0, :2]), abs(place[2] - spots[0, 2])
        return marked[0].name if up <= NEAR_MM and across <= BESIDE_MM else None
    ways = np.diff(spots, axis=0)
    lengths = np.sqrt((ways * ways).sum(axis=1))
    along = ((place - spots[:-1]) * ways).sum(axis=1) / lengths**2
    lowest, highest = np.zeros(len(ways)), np.ones(len(ways))
    lowest[0], highest[-1] = -np.inf, np.inf  # the line goes on beyond its ends
    feet = spots[:-1] + along.clip(lowest, highest)[:, None] * ways
    off = np.sqrt(((place - feet) ** 2).sum(axis=1))
    n = int(off.argmin())
    if off[n] > BESIDE_MM:
        return None
    names = spine(transitional, {one.name for one in marked})
    upper, lower = marked[n].name, marked[n + 1].name
    steps = names.index(lower) - names.index(upper)
    way, half = along[n] * steps, BODY  # in vertebrae
    if way <= half:
        return upper if n or way >= -half else None
    if way >= steps - half:
        return lower if n + 2 < len(marked) or way <= steps + half else None
    return f"{upper}-{lower}" if steps == 1 else None
