"""Marks on a plane: points, arrows, calipers, diameters, angles and ellipses; how they are made and moved. Pure.

Frame: (row, column) of the plane while the hand draws, in mm where lengths and right angles matter; LPS mm in the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from callout.case import Finding
from callout.case.model import Mark
from callout.errors import EditRefused
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.session.drawing import add_finding
from napari_callout.session.plane import Pixel, Plane

if TYPE_CHECKING:
    from napari_callout.session.session import Session

KINDS = ("point", "arrow", "calipers", "diameters", "angle", "ellipse")
NEAR = 0.5  # steps off a plane within which a mark lies on it
ARROW_MM = 15.0  # of an arrow that was only clicked
LEAST_MM = 0.5  # a shorter drag is a click
Places = Sequence[Pixel]


@dataclass(frozen=True)
class Moving:
    """A mark while the hand drags it: its points as they will be, LPS mm."""

    mark: Mark
    points: tuple[tuple[float, ...], ...]


def marks_on(session: Session, series: Series, plane: Plane) -> list[tuple[Mark, Floats]]:
    """The marks that lie on a native plane, with the (row, column) of their points; a dragged one as it is now."""
    case = session.case
    if case is None or not plane.is_native:
        return []
    found = []
    for mark in case.marks:
        if mark.series_id == series.id:
            moved = session.moving if session.moving is not None and session.moving.mark.id == mark.id else None
            places = plane.places(np.array(mark.points if moved is None else moved.points))
            if (np.abs(places[:, 2]) <= NEAR).all():
                found.append((mark, places[:, :2]))
    return found


def dragged(kind: str, start: Pixel, end: Pixel, spacing: tuple[float, float]) -> list[Pixel]:
    """The points of a mark that a drag makes, as of `Mark`; of an angle its first leg alone."""
    if kind == "point":
        return [end]
    if kind == "arrow":
        short = length_mm(start, end, spacing) < LEAST_MM
        tail = (start[0] + 0.7 * ARROW_MM / spacing[0], start[1] + 0.7 * ARROW_MM / spacing[1])
        return [start, tail if short else end]
    if kind == "diameters":
        return [start, end, *across(start, end, spacing)]
    if kind == "ellipse":
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        return [middle, (middle[0], end[1]), (end[0], middle[1])]
    return [start, end]


def length_mm(one: Pixel, other: Pixel, spacing: tuple[float, float]) -> float:
    """The distance of two places."""
    return float(np.hypot((one[0] - other[0]) * spacing[0], (one[1] - other[1]) * spacing[1]))


def across(start: Pixel, end: Pixel, spacing: tuple[float, float], part: float = 0.5) -> list[Pixel]:
    """The ends of a diameter at right angles to another, through its middle, `part` as long."""
    step = np.array(spacing)
    one, two = np.array(start) * step, np.array(end) * step
    middle, half = (one + two) / 2, (two - one) / 2 * part
    turned = np.array([half[1], -half[0]])
    return [_pixel((middle - turned) / step), _pixel((middle + turned) / step)]


def moved_point(kind: str, places: Floats, at: int, to: Pixel, spacing: tuple[float, float]) -> Floats:
    """The points (n, 2) with one of them moved; right angles stay right, and an ellipse stays about its middle."""
    step = np.array(spacing)
    points, goal = places * step, np.array(to) * step
    if kind == "diameters":
        points = _diameters(points, at, goal)
    elif kind == "ellipse":
        points = _ellipse(points, at, goal)
    else:
        points = points.copy()
        points[at] = goal
    moved: Floats = points / step
    return moved


def _diameters(points: Floats, at: int, goal: Floats) -> Floats:
    """Of the long one an end moves and turns both; of the short one an end moves along it."""
    long, short = points[:2], points[2:]
    way = long[1] - long[0]
    length = max(float(np.hypot(*way)), 1e-6)
    unit = way / length
    turned = np.array([-unit[1], unit[0]])
    if at >= 2:
        short = short.copy()
        along = float((short[0] - long[0]) @ unit)
        off = float((goal - long[0]) @ turned)
        short[at - 2] = long[0] + along * unit + off * turned
        return np.vstack([long, short])
    parts = [((end - long[0]) @ unit / length, (end - long[0]) @ turned) for end in short]
    long = long.copy()
    long[at] = goal
    way = long[1] - long[0]
    if float(np.hypot(*way)) < 1e-6:
        return points
    unit = way / float(np.hypot(*way))
    turned = np.array([-unit[1], unit[0]])
    return np.vstack([long, *(long[0] + share * way + off * turned for share, off in parts)])


def _ellipse(points: Floats, at: int, goal: Floats) -> Floats:
    middle, ends = points[0], points[1:] - points[0]
    if at == 0:
        shifted: Floats = points + (goal - middle)
        return shifted
    way = goal - middle
    length = float(np.hypot(*way))
    if length < 1e-6:
        return points
    other = ends[2 - at]
    turned = np.array([-way[1], way[0]]) / length
    size = float(np.hypot(*other)) * (1 if float(other @ turned) >= 0 else -1)
    ends = ends.copy()
    ends[at - 1], ends[2 - at] = way, turned * size
    turned_ends: Floats = np.vstack([middle[None], middle + ends])
    return turned_ends


def add_mark(session: Session, kind: str, plane: Plane, places: Places) -> Mark:
    """A mark of the chosen finding, or of one that is made from the chosen words, as one edit.

    EditRefused where nothing is chosen, or the finding is another reader's.
    """
    drawing = session.drawing
    reason = session.refusal()
    if drawing is None or drawing.target is None or reason:
        raise EditRefused(reason or "nothing is chosen to be marked", remedy="choose a mention or a finding")
    session.save()
    case, target = drawing.case, drawing.target
    points = [tuple(float(value) for value in point) for point in plane.points(np.array(places, np.float64))]
    name = kind if target.mention_id is None else f"{kind} of {case.mention(target.mention_id).concept}"
    with case.using(kind, {}, session.window), case.one_edit(name):
        finding: Finding | str
        if target.finding_id is None:
            assert target.mention_id is not None
            finding = add_finding(case, case.mention(target.mention_id))
        else:
            finding = target.finding_id
        return case.add_mark(finding, kind, points, series_id=drawing.series.id)


def _pixel(place: Floats) -> Pixel:
    return float(place[0]), float(place[1])
