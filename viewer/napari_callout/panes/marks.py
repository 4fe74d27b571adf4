"""Marks in a view: as lines and words, and the tools that make and move them. No Qt."""

from __future__ import annotations

from typing import Any

import numpy as np

from callout.case.model import Mark
from callout.geometry import Floats
from callout.volume import Series
from napari_callout.panes.placement import Placement
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.tool import WHITE, DrawingTool
from napari_callout.panes.touch import Touch
from napari_callout.session.marks import (
    ARROW_MM,
    Moving,
    add_mark,
    arrow_mm,
    dragged,
    is_click,
    length_text,
    marks_on,
    moved_point,
    points_on,
)
from napari_callout.session.pictures import Pictures
from napari_callout.session.plane import Pixel, Plane
from napari_callout.session.rows import colour_of
from napari_callout.session.session import Session
from napari_callout.session.teaching import Key, Pairs

REACH = 7.0  # screen pixels within which the hand takes a point of a mark
HANDLE, HEAD = 3.0, 9.0  # screen pixels: half a handle's width, an arrow's head
ROUND = np.linspace(0, 2 * np.pi, 65)


class Marks:
    """Draws the marks of one view, and keeps what was measured with each."""

    def __init__(self, session: Session, pictures: Pictures) -> None:
        self._session, self._pictures = session, pictures
        self._texts: dict[Mark, str] = {}

    def of(self, series: Series, plane: Plane, placement: Placement) -> tuple[list[Line], list[Words]]:
        """Lines and values of what lies on the plane."""
        session = self._session
        if session.case is None or session.hidden:
            return [], []
        lines, words = [], []
        for mark, places in marks_on(session, series, plane):
            finding = session.case.finding(mark.finding_id)
            colour, lit = colour_of(finding.concept), session.is_lit(finding.id)
            drawn = mark_lines(mark.kind, places, placement, colour, 2.4 if lit else 1.6)
            lines += drawn
            if lit:
                lines += [_handle(place, placement, colour) for place in places]
            text = " ".join(part for part in (session.markers_of(finding.id), self._text(mark, series)) if part)
            if text:
                around = np.concatenate([line.points for line in drawn])
                top = around[around[:, 0].argmin()]
                words.append(Words((float(top[0]), float(top[1])), text, colour))
        return lines, words

    def _text(self, mark: Mark, series: Series) -> str:
        """What is measured with a mark, also while it is dragged."""
        session = self._session
        if session.case is None:
            return ""
        if session.moving is not None and session.moving.mark.id == mark.id:
            return ""
        if mark not in self._texts:
            picture = self._pictures.get(series.id)
            values = None if picture is None or picture.arrived is not None else picture.voxels.__getitem__
            measures = session.case.measures_of(mark, values)
            text = "" if measures is None else measures.in_words
            if mark.kind == "ellipse" and values is None:
                return text
            self._texts = {**dict(list(self._texts.items())[-200:]), mark: text}
        return self._texts[mark]


def mark_lines(kind: str, places: Floats, placement: Placement, colour: str, width: float) -> list[Line]:
    """How a mark of (row, column) points (n, 2) is drawn."""
    if kind == "point":
        size = 6.0 / np.array(placement.step)
        arms = np.array([[[-1, 0], [1, 0]], [[0, -1], [0, 1]]]) * size
        return [Line(places[0] + arm, colour, width, edged=True) for arm in arms]
    if kind == "arrow":
        return _arrow(places, placement, colour, width)
    if kind == "ellipse":
        one, two = places[1] - places[0], places[2] - places[0]
        ring: Floats = places[0] + np.outer(np.cos(ROUND), one) + np.outer(np.sin(ROUND), two)
        return [Line(ring, colour, width, edged=True)]
    pairs = [places[:2], places[2:]] if kind == "diameters" and len(places) == 4 else [places]
    return [Line(pair, colour, width, edged=True) for pair in pairs]


def _arrow(places: Floats, placement: Placement, colour: str, width: float) -> list[Line]:
    """The first point is the tip."""
    step = np.array(placement.step)
    tip, tail = places[0] * step, places[1] * step
    way = tail - tip
    unit = way / max(float(np.hypot(*way)), 1e-6)
    turned = np.array([-unit[1], unit[0]])
    head = np.array([tip + HEAD * (unit + 0.5 * turned), tip, tip + HEAD * (unit - 0.5 * turned)]) / step
    return [Line(places, colour, width, edged=True), Line(head, colour, width, edged=True)]


def _handle(place: Floats, placement: Placement, colour: str) -> Line:
    half = HANDLE / np.array(placement.step)
    return Line(place + np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * half, colour, 1.2, closed=True, edged=True)


class MarkTool(DrawingTool):
    """A drag makes a mark; an angle's second leg is a click after it. Each is one edit."""

    KIND = ""

    def __init__(self, *rooms: Any) -> None:
        super().__init__(*rooms)
        self._start: Pixel | None = None
        self._leg: list[Pixel] = []  # of an angle: its first end, and its corner
        self._plane: Plane | None = None

    def press(self, touch: Touch) -> None:
        """Where the mark begins."""
        if self._plane is not None and not _same(self._plane, touch.plane):
            self.leave()
        self._start, self._plane = touch.place, touch.plane

    def release(self, touch: Touch | None) -> None:
        """Where it ends."""
        start, plane, self._start = self._start, self._plane, None
        if touch is None or start is None or plane is None or not _same(plane, touch.plane):
            self.leave()
            return
        if self.KIND == "angle":
            self._turn(start, touch)
            return
        arrow = self._arrow
        places = dragged(self.KIND, start, touch.place, plane.spacing, arrow)
        if self.KIND not in ("point", "arrow") and is_click(start, touch.place, plane, arrow):
            self.session.told.emit("drag from one end to the other", False)
            return
        add_mark(self.session, self.KIND, plane, places)
        self.renewed()

    def _turn(self, start: Pixel, touch: Touch) -> None:
        """An angle: a drag is its first leg, the click after it ends the second; or three clicks."""
        dragged_far = not is_click(start, touch.place, touch.plane, self._arrow)
        self._leg += [start, touch.place] if not self._leg and dragged_far else [touch.place]
        if len(self._leg) >= 3:
            places, self._leg = self._leg[:3], []
            add_mark(self.session, self.KIND, touch.plane, places)
            self.renewed()

    @property
    def _series(self) -> Series | None:
        return self.session.views.series(self.session.views.active)

    @property
    def _arrow(self) -> float:
        return ARROW_MM if self._series is None else arrow_mm(self._series)

    def leave(self) -> bool:
        """Give up what is begun."""
        begun = bool(self._leg) or self._start is not None
        self._start, self._leg, self._plane = None, [], None
        return begun

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """The mark as it would be made now."""
        if self._plane is None or not _same(self._plane, touch.plane):
            return ()
        if self._leg:
            return tuple(mark_lines("angle", np.array([*self._leg, touch.place]), touch.placement, WHITE, 1.5))
        if self._start is None:
            return ()
        places = np.array(dragged(self.KIND, self._start, touch.place, touch.plane.spacing, self._arrow))
        lines: list[Line | Words] = list(mark_lines(self.KIND, places, touch.placement, WHITE, 1.5))
        if self.KIND in ("calipers", "diameters") and self._series is not None:
            length = length_text(self._series, self._start, touch.place, touch.plane)
            lines += [Words(touch.place, length, WHITE)] if length else []
        return tuple(lines)

    def keys(self, key: Key) -> Pairs:
        """How it is made."""
        how = {"angle": ("drag", "a leg, then click the other's end"), "point": ("click", "a point")}
        return (how.get(self.KIND, ("drag", "an arrow from its tip" if self.KIND == "arrow" else f"the {self.KIND}")),)


def tool_of(kind: str) -> type[MarkTool]:
    """The tool that makes marks of a kind."""
    return type(f"{kind.capitalize()}Tool", (MarkTool,), {"KIND": kind, "NAME": kind})


class Grip:
    """A point of a mark in the hand: it is dragged, and the mark changed in one edit when it is let go."""

    def __init__(self, session: Session, mark: Mark, places: Floats, at: int) -> None:
        self._session, self._mark, self._places, self._at = session, mark, places, at

    @classmethod
    def at(cls, session: Session, touch: Touch) -> Grip | None:
        """The point of one of the reader's own marks under the hand; None where there is none."""
        found = nearest(session, touch)
        case = session.case
        if found is None or case is None or case.read_only:
            return None
        mark, places, at, off = found
        own = case.finding(mark.finding_id).reader == case.reader
        return cls(session, mark, places, at) if own and off <= REACH else None

    def move(self, touch: Touch) -> None:
        """Show the mark as it would be."""
        places = moved_point(self._mark.kind, self._places, self._at, touch.place, touch.plane.spacing)
        series = self._session.views.series(touch.view)
        assert series is not None
        self._session.moving = Moving(self._mark, points_on(series, touch.plane, places))
        self._session.drafted.emit()

    def release(self, touch: Touch | None) -> None:
        """The mark has moved; or, where the hand was taken away, it has not."""
        moving, self._session.moving = self._session.moving, None
        if touch is not None and moving is not None:
            self._session.change(lambda case: case.change_mark(moving.mark, moving.points))
        self._session.drafted.emit()


def nearest(session: Session, touch: Touch) -> tuple[Mark, Floats, int, float] | None:
    """The mark's point nearest to the hand on its plane: the mark, its places, which of them, screen pixels off."""
    series = session.views.series(touch.view)
    best: tuple[Mark, Floats, int, float] | None = None
    for mark, places in marks_on(session, series, touch.plane) if series is not None and not session.hidden else ():
        seen = np.array([touch.placement.screen(*place) for place in places])
        off = np.hypot(*(seen - [touch.x, touch.y]).T)
        if best is None or off.min() < best[3]:
            best = mark, places, int(off.argmin()), float(off.min())
    return best


def _same(one: Plane, other: Plane) -> bool:
    return (one.order, one.axis, one.at) == (other.order, other.axis, other.at)
