"""Marks on a plane: points, arrows, calipers, diameters, angles and ellipses; how they are made and moved. Pure.

Frame: (row, column) of the plane while the hand draws, in mm where lengths and right angles matter; LPS mm in the case.
On a picture of the report a mm is one of its pixels, and the case has (column, row) of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from callout.case import Finding
from callout.case.model import Mark
from callout.errors import EditRefused
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.session.drawing import add_finding
from napari_callout.session.look import is_picture, picture_name
from napari_callout.session.plane import Pixel, Plane
from napari_callout.session.targets import Target, Targets

if TYPE_CHECKING:
    from napari_callout.session.session import Session

KINDS = ("point", "arrow", "calipers", "diameters", "angle", "ellipse")
NEAR = 0.5  # steps off a plane within which a mark lies on it
ARROW_MM = 15.0  # of an arrow that was only clicked
ARROW_PART = 0.06  # of the longer side of a picture, which has no millimetres
LEAST_PART = 1 / 30  # of such an arrow: a shorter drag is a click
Places = Sequence[Pixel]


@dataclass(frozen=True)
class Moving:
    """A mark while the hand drags it: its points as they will be, as of `Mark`."""

    mark: Mark
    points: tuple[tuple[float, ...], ...]


def marks_on(session: Session, series: Series, plane: Plane) -> list[tuple[Mark, Floats]]:
    """The marks that lie on a native plane, with the (row, column) of their points; a dragged one as it is now."""
    case = session.case
    if case is None or not plane.is_native:
        return []
    found = []
    for mark in case.marks:
        if mark.series_id == series.id or (mark.picture is not None and mark.picture == picture_name(series.id)):
            moved = session.moving if session.moving is not None and session.moving.mark.id == mark.id else None
            points = np.array(mark.points if moved is None else moved.points)
            places = plane.places(np.pad(points, ((0, 0), (0, 3 - points.shape[1]))))
            if (np.abs(places[:, 2]) <= NEAR).all():
                found.append((mark, places[:, :2]))
    return found


def points_on(series: Series, plane: Plane, places: npt.ArrayLike) -> tuple[tuple[float, ...], ...]:
    """The points of a mark at (row, column) places (n, 2), as of `Mark`."""
    size = 2 if is_picture(series.id) else 3
    points = plane.points(np.asarray(places, np.float64))[:, :size]
    return tuple(tuple(float(value) for value in point) for point in points)


def arrow_mm(series: Series) -> float:
    """How long an arrow is that was only clicked: in mm, in pixels on a picture."""
    return ARROW_PART * max(series.grid.shape[1:]) if is_picture(series.id) else ARROW_MM


def is_click(start: Pixel, end: Pixel, plane: Plane, arrow: float) -> bool:
    """Whether a drag is too short to be meant as one; arrow: as of `arrow_mm`."""
    return length_mm(start, end, plane.spacing) < arrow * LEAST_PART


def length_text(series: Series, start: Pixel, end: Pixel, plane: Plane) -> str:
    """How long a drag is: "12 mm", "40 px" on a picture, "" where lengths mean nothing."""
    if not (series.is_measurable or is_picture(series.id)):
        return ""
    return f"{length_mm(start, end, plane.spacing):.0f} {'px' if is_picture(series.id) else 'mm'}"


def dragged(kind: str, start: Pixel, end: Pixel, spacing: tuple[float, float], arrow: float = ARROW_MM) -> list[Pixel]:
    """The points of a mark that a drag makes, as of `Mark`; of an angle its first leg alone.

    arrow: how long one is that was only clicked, in mm.
    """
    if kind == "point":
        return [end]
    if kind == "arrow":
        short = length_mm(start, end, spacing) < arrow * LEAST_PART
        tail = (start[0] + 0.7 * arrow / spacing[0], start[1] + 0.7 * arrow / spacing[1])
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


def refusal(session: Session) -> str:
    """Why nothing can be marked in the active view; "" where it can."""
    found = _target(session)
    return found if isinstance(found, str) else ""


def _target(session: Session) -> Target | str:
    """What a mark in the active view goes to; in words, why there is none."""
    drawing, reason = session.drawing, session.refusal()
    if session.case is not None and session.picture is not None:
        return Targets().find(session.case, session.selection, "", {})
    if drawing is None or drawing.target is None or reason:
        return reason or "nothing is chosen to be marked"
    return drawing.target


def add_mark(session: Session, kind: str, plane: Plane, places: Places) -> Mark:
    """A mark of the chosen finding, or of one that is made from the chosen words, as one edit.

    EditRefused where nothing is chosen, or the finding is another reader's.
    """
    case, target, series = session.case, _target(session), session.views.series(session.views.active)
    if case is None or series is None or isinstance(target, str):
        raise EditRefused(str(target), remedy="choose a mention or a finding")
    session.save()
    points, picture = points_on(series, plane, np.array(places)), session.picture
    name = kind if target.mention_id is None else f"{kind} of {case.mention(target.mention_id).concept}"
    with case.using(kind, {}, session.window if picture is None else None), case.one_edit(name):
        finding: Finding | str
        if target.finding_id is None:
            assert target.mention_id is not None
            finding = add_finding(case, case.mention(target.mention_id))
        else:
            finding = target.finding_id
        return case.add_mark(finding, kind, points, series_id=session.series_id, picture=picture)


def _pixel(place: Floats) -> Pixel:
    return float(place[0]), float(place[1])
