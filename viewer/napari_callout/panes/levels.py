"""Vertebral levels on the views: the hand that marks vertebrae, and their names where they lie. No Qt."""

from __future__ import annotations

import numpy as np

from callout.case.levels import BESIDE_MM
from callout.case.model import Numbering
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.touch import Touch
from napari_callout.session.levels import FEET, Asked, counted, names_of
from napari_callout.session.plane import Plane, has_millimetres
from napari_callout.session.session import Session

COLOUR, FAR_COLOUR = "#ebebeb", "#a8aab0"
FAR_MM = 15.0  # from its mark a vertebra's name is grey
HOLD_PIXELS = 12.0  # as near as this a mark is taken in hand
CLICK_PIXELS = 3.0
ARM_MM = 3.0


class LevelsTool:
    """A click marks the next vertebra of the count, or asks for the name of the first; a mark is moved by dragging."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._start: Touch | None = None
        self._held = ""

    def press(self, touch: Touch) -> None:
        """Take hold of the mark that lies there, if any."""
        self._start, self._held = touch, held(self._numbering(touch), touch)

    def move(self, touch: Touch) -> None:
        """What is in hand is seen where it would go."""

    def release(self, touch: Touch | None) -> None:
        """One edit: another vertebra, or one that lies elsewhere now."""
        start, name, self._start, self._held = self._start, self._held, None, ""
        if touch is None or start is None:
            return
        series_id = self._series_id(touch)
        if abs(touch.x - start.x) + abs(touch.y - start.y) <= CLICK_PIXELS:
            self._session.levels.click(self._asked(start, name))
        elif name:
            self._session.levels.mark(name, _along(self._numbering(touch), name, touch), series_id)

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """The name that a click would give, or of what is in hand."""
        numbering = self._numbering(touch)
        name = self._held or held(numbering, touch) or counted(numbering, touch.point.tolist()) or "?"
        return (*arms(touch.place, touch.plane), Words(touch.place, name, "#f0c040"))

    def _asked(self, touch: Touch, name: str) -> Asked:
        numbering, point = self._numbering(touch), touch.point.tolist()
        return Asked(
            touch.view,
            touch.x,
            touch.y,
            self._series_id(touch),
            (point[0], point[1], point[2]),
            names_of(numbering),
            name,
            name or counted(numbering, point),
        )

    def _numbering(self, touch: Touch) -> Numbering | None:
        return self._session.levels.numbering(self._series_id(touch))

    def _series_id(self, touch: Touch) -> str:
        look = self._session.views.looks[touch.view]
        return "" if look is None else look.series_id


def refusal(session: Session) -> str:
    """Why no vertebra can be marked; "" where one can."""
    if session.case is None:
        return session.refusal()
    series = session.shown_series
    if series is None or not has_millimetres(series):
        return "this series states no pixel size: where its vertebrae lie is not known"
    return "the case is open to look only" if session.case.read_only else ""


def _along(numbering: Numbering | None, name: str, touch: Touch) -> list[float]:
    """Where a mark goes that is dragged on a plane: as far off the plane as it was."""
    before = next((one.point for one in numbering.vertebrae if one.name == name), None) if numbering else None
    point = touch.point
    if before is not None:
        point = point + ((np.array(before) - point) @ touch.plane.normal) * touch.plane.normal
    return [float(value) for value in point]


def held(numbering: Numbering | None, touch: Touch) -> str:
    """The vertebra whose mark is under the hand; ""."""
    best, found = HOLD_PIXELS, ""
    for one in numbering.vertebrae if numbering else ():
        place = shown_at(one.point, touch.plane)
        if place is not None:
            x, y = touch.placement.screen(*place)
            off = float(np.hypot(x - touch.x, y - touch.y))
            best, found = (off, one.name) if off <= best else (best, found)
    return found


def shown_at(point: tuple[float, float, float], plane: Plane) -> tuple[float, float] | None:
    """Where on a plane that runs along the spine a mark is seen; None where it is not."""
    if int(np.abs(plane.normal).argmax()) == FEET:
        return None
    row, column, steps = (float(value) for value in plane.places(point)[0])
    inside = -0.5 <= row <= plane.shape[0] - 0.5 and -0.5 <= column <= plane.shape[1] - 0.5
    return (row, column) if inside and abs(steps) * plane.order.spacing[plane.axis] <= BESIDE_MM else None


def labels(numbering: Numbering | None, plane: Plane) -> tuple[tuple[Words, ...], tuple[Line, ...]]:
    """The names of the vertebrae at their marks, and the marks where the plane is near them."""
    words: list[Words] = []
    lines: list[Line] = []
    for one in numbering.vertebrae if numbering else ():
        place = shown_at(one.point, plane)
        if place is None:
            continue
        near = abs(float(plane.places(one.point)[0, 2])) * plane.order.spacing[plane.axis] <= FAR_MM
        words.append(Words(place, one.name, COLOUR if near else FAR_COLOUR))
        if near:
            lines += arms(place, plane)
    return tuple(words), tuple(lines)


def arms(place: tuple[float, float], plane: Plane) -> tuple[Line, ...]:
    """A small cross."""
    down, across = ARM_MM / plane.spacing[0], ARM_MM / plane.spacing[1]
    here = np.array(place)
    return tuple(
        Line(here + np.array([part, (-part[0], -part[1])]), COLOUR, 1.2, edged=True)
        for part in ((down, 0.0), (0.0, across))
    )
