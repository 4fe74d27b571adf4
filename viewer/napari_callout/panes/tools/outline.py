"""A region's border drawn round it: corner by corner, by hand, or both. No Qt."""

from __future__ import annotations

import numpy as np

from callout.masks.polygons import polygon
from napari_callout.panes.scene import Line
from napari_callout.panes.tool import WHITE, DrawingTool, takes_away
from napari_callout.panes.touch import Touch
from napari_callout.session.plane import Plane
from napari_callout.session.teaching import Key, Pairs

STEP = 2.0  # screen pixels between the points of a line drawn by hand
GRABBED = 4.0  # screen pixels that the hand moves before a click is a line by hand


class Outline(DrawingTool):
    """A drag encloses what it goes round when it ends; clicks set corners, which Enter or a double click closes.

    A drag after clicks goes on with their line. With Ctrl or Alt held at the first point it takes away.
    """

    NAME = "outline"

    def __init__(self, *rooms: object) -> None:
        super().__init__(*rooms)  # type: ignore[arg-type]  # the base class's own
        self._points: list[tuple[float, float]] = []  # (row, column) of the plane
        self._steps: list[int] = []  # how many points there were before each click or drag
        self._plane: Plane | None = None
        self._removes = False
        self._down: Touch | None = None  # where the button went down
        self._last: Touch | None = None

    def press(self, touch: Touch) -> None:
        """The next corner, or the beginning of a line by hand; a click that takes the range is neither."""
        self._keep_to(touch.plane)
        if not self._points and self.limit_at(touch):
            return
        if not self._points:
            self._plane, self._removes = touch.plane, takes_away(touch)
            self.kept_to_range(polygon(touch.plane.grid, touch.plane.k, [[0, 0]]))
        self._steps.append(len(self._points))
        self._points.append(touch.place)
        self._down = self._last = touch

    def move(self, touch: Touch) -> None:
        """Go on with the line."""
        if self._last is not None and _apart(self._last, touch) >= STEP:
            self._points.append(touch.place)
            self._last = touch

    def release(self, touch: Touch | None) -> None:
        """A line by hand that began the outline is closed; after corners it is a part of their line.

        None: the last line or corner is given up.
        """
        down, self._down, self._last = self._down, None, None
        if touch is None and down is not None:
            self.take_back()
        if touch is None or down is None or not self._steps:
            return
        added = self._points[self._steps[-1] :]
        rows, columns = np.ptp(np.array(added), axis=0)
        across, scale = down.plane.spacing, down.placement.scale
        if max(rows * across[0], columns * across[1]) * scale < GRABBED:
            del self._points[self._steps[-1] + 1 :]
        elif len(self._steps) == 1:
            self.close()

    def close(self) -> bool:
        """What the line encloses is drawn, as one edit."""
        plane, points, removes = self._plane, self._points, self._removes
        if plane is None or not points:
            return False
        self.leave()
        if len(points) < 3:
            self.session.told.emit("an outline needs three corners", True)
            return True
        drawing, session = self.drawing, self.session
        covered = polygon(plane.grid, plane.k, plane.native_places(points))
        covered = self.kept_to_range(covered)
        session.tool = ("cut out" if removes else "outline", self.settings(corners=len(points)))
        session.begin_stroke()
        if covered.count:
            drawn = drawing.read(drawing.active_label, covered.low, covered.high)
            drawing.write(drawing.active_label, covered.low, covered.crop & (drawn if removes else ~drawn))
        session.commit_stroke()
        return True

    def take_back(self) -> bool:
        """Without the last corner or line."""
        if not self._steps:
            return False
        del self._points[self._steps.pop() :]
        if not self._points:
            self.leave()
        return True

    def leave(self) -> bool:
        """Without any."""
        begun = bool(self._points)
        self._points, self._steps, self._plane, self._down, self._last = [], [], None, None, None
        return begun

    def preview(self, touch: Touch) -> tuple[Line, ...]:
        """The line so far, on to the hand, and the way back to its beginning."""
        if not self._points or self._plane is None or not self._plane.is_same(touch.plane):
            return ()
        line = np.array([*self._points, touch.place])
        back = np.array([touch.place, self._points[0]])
        colour = "#ff8080" if self._removes else WHITE
        return Line(line, colour, 1.5, edged=True), Line(back, colour, 1.0, dashed=True)

    def keys(self, key: Key) -> Pairs:
        """How it is closed, or begun."""
        if self._points and self._down is None:
            return ((key("next lesion"), "close"), (key("remove mark"), "take back"), (key("look"), "leave"))
        return (("drag or click", "round it"), ("Ctrl", "take away"), *self.range_keys(key))

    def _keep_to(self, plane: Plane) -> None:
        """On another slice another outline begins."""
        if self._plane is not None and not self._plane.is_same(plane):
            self.leave()


def _apart(one: Touch, other: Touch) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y))
