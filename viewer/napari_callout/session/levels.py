"""The levels of the spine as a reader marks and sees them: what a click would name, where a level is. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from callout.case.levels import Vertebra, spine
from callout.case.model import Numbering
from callout.errors import EditRefused
from callout.geometry import Floats, Grid
from callout.volume import Series
from napari_callout.session.plane import Plane, has_millimetres

if TYPE_CHECKING:
    from napari_callout.session.session import Session

Point = tuple[float, float, float]
FEET = 2  # the axis of LPS that the spine runs along
REACH_MM = 10.0  # beyond the outermost slice, where a level is still looked for


@dataclass(frozen=True)
class Asked:
    """A vertebra whose name is asked for, at (x, y) of a view; name: as it is called now, "" for a new one.

    point: LPS mm. names: all there are, from the head down. offered: the likeliest; "" where nothing tells.
    """

    view: int
    x: float
    y: float
    series_id: str
    point: Point
    names: tuple[str, ...]
    name: str = ""
    offered: str = ""


class Levels:
    """Marks the vertebrae of the frame of reference that the active view shows; every change is an edit.

    Signals: `asked` (Asked) a name is needed.
    """

    asked = Signal(Asked)

    def __init__(self, session: Session) -> None:
        self._session = session

    def numbering(self, series_id: str | None) -> Numbering | None:
        """How the vertebrae of a series are numbered; None where nobody did, or no place in it is known."""
        case = self._session.case
        if case is None or series_id is None or not has_millimetres(case.series_of(series_id)):
            return None
        return case.numbering_of(series_id)

    def click(self, asked: Asked) -> None:
        """Mark a vertebra as the count goes; where nothing tells its name, or it is marked already, ask for it."""
        if asked.name or not asked.offered:
            self.asked.emit(asked)
        else:
            self.call(asked, asked.offered)

    def call(self, asked: Asked, name: str) -> None:
        """The vertebra is called `name`; where it was called otherwise, all others are counted on from it."""
        if asked.name:
            self._session.change(lambda case: case.renumber_vertebrae(asked.name, name, asked.series_id))
        else:
            self.mark(name, asked.point, asked.series_id)

    def mark(self, name: str, point: Sequence[float], series_id: str) -> None:
        """A vertebra lies there, LPS mm; one that is marked moves there."""
        place = [round(float(value), 1) for value in point]
        self._session.change(lambda case: case.mark_vertebra(name, place, series_id))

    def remove(self, name: str, series_id: str) -> None:
        """Take its mark away."""
        self._session.change(lambda case: case.remove_vertebra(name, series_id))

    def number(self, **fields: str) -> None:
        """Say how the vertebrae of the active view are counted: `basis`, `transitional`."""
        series_id = self._session.series_id
        if series_id is None:
            raise EditRefused("no series is shown", remedy="choose one first")
        self._session.change(lambda case: case.set_numbering(series_id, **fields))

    def go_to(self, name: str) -> None:
        """Every view of the frame of reference goes to a vertebra that is marked."""
        views, numbering = self._session.views, self.numbering(self._session.series_id)
        for one in numbering.vertebrae if numbering else ():
            if one.name == name:
                views.show_point(np.array(one.point))


def names_of(numbering: Numbering | None) -> tuple[str, ...]:
    """All vertebrae there can be, from the head down."""
    return spine() if numbering is None else spine(numbering.transitional, numbering.names)


def counted(numbering: Numbering | None, point: Sequence[float]) -> str:
    """The name that the count gives to a vertebra at a point, LPS mm, by how far up it lies; "" where nothing tells.

    Above the uppermost mark it is the next one above, below the lowest the next below, and between two marks one of
    those that are missing there.
    """
    marked = numbering.vertebrae if numbering else ()
    if numbering is None or not marked:
        return ""
    heights, height = [one.point[FEET] for one in marked], point[FEET]
    lower = sum(other > height for other in heights)
    if lower == 0:
        return numbering.above(marked[0].name) or ""
    if lower == len(marked):
        return numbering.below(marked[-1].name) or ""
    names = names_of(numbering)
    first, last = (names.index(marked[n].name) for n in (lower - 1, lower))
    part = (heights[lower - 1] - height) / (heights[lower - 1] - heights[lower])
    at = min(max(round(first + part * (last - first)), first + 1), last - 1)
    return names[at] if last - first > 1 else ""


def level_of(numbering: Numbering | None, plane: Plane) -> str:
    """The level at which a plane cuts the spine, "L3" or "L2-L3"; "" where it runs along it, or no mark tells."""
    marked = numbering.vertebrae if numbering else ()
    if numbering is None or not marked or int(np.abs(plane.normal).argmax()) != FEET:
        return ""
    spots = np.array([one.point for one in marked])
    off = (spots - plane.point(0.0, 0.0)) @ plane.normal
    if len(marked) == 1:
        point = spots[0] - off[0] * plane.normal
    else:
        inside = np.flatnonzero((off[:-1] <= 0) != (off[1:] <= 0))
        n = int(inside[0]) if len(inside) else (0 if abs(off[0]) < abs(off[-1]) else len(marked) - 2)
        along = off[n] - off[n + 1]
        if abs(along) < 1e-6:
            return ""
        point = spots[n] + off[n] / along * (spots[n + 1] - spots[n])
    return numbering.level_at(point.tolist()) or ""


def level_text(level: str) -> str:
    """As it is written: "L2–L3"."""
    return level.replace("-", "–")


def point_of(vertebrae: Iterable[Vertebra], level: str) -> Floats | None:
    """The middle of a level, LPS mm: of a vertebra, or between two that are named; None where one is not marked."""
    places = {one.name: one.point for one in vertebrae}
    ends = [places.get(name) for name in level.split("-")]
    if not all(ends):
        return None
    middle: Floats = np.array(ends).mean(axis=0)
    return middle


def slice_at(grid: Grid, point: Floats) -> tuple[int, float] | None:
    """The slice nearest to a point, LPS mm, and how far it is off; None where the stack does not come near it."""
    off = np.abs((grid.origins - point) @ grid.normal)
    k = int(off.argmin())
    reach = max(grid.spacing[0] / 2, REACH_MM)
    return (k, float(off[k])) if off[k] <= reach else None


def place_of_level(
    vertebrae: Iterable[Vertebra], levels: Iterable[str], series: Sequence[Series]
) -> tuple[str, int] | None:
    """The series and slice nearest to the first of the levels that is marked; None where none is, or is seen there."""
    marked = tuple(vertebrae)
    points = (point_of(marked, level) for level in levels)
    point = next((one for one in points if one is not None), None)
    if point is None:
        return None
    found = [(near[1], one.id, near[0]) for one in series if (near := slice_at(one.grid, point)) is not None]
    best = min(found, key=lambda one: one[0], default=None)
    return None if best is None else best[1:]
