"""Brush and eraser: a disc on one slice, or a sphere in space. No Qt."""

from __future__ import annotations

import numpy as np

from callout.masks import Mask
from callout.masks.brush import disc, sphere
from napari_callout.panes.scene import Line
from napari_callout.panes.tool import DrawingTool, ring, takes_away
from napari_callout.panes.touch import Touch
from napari_callout.session.teaching import Key, Pairs


class Brush(DrawingTool):
    """Paints what a disc or sphere of the session's size covers on the way of the hand; with Ctrl or Alt it erases."""

    NAME, ERASES = "paint", False

    _from: tuple[float, float] | None = None
    _erasing = False
    _in_space = False  # of the stroke that is being made

    def press(self, touch: Touch) -> None:
        """Begin a stroke."""
        session, drawing = self.session, self.drawing
        self._erasing = takes_away(touch) != self.ERASES
        self._in_space = session.kit.in_space
        if self._in_space:
            self.picture(whole=True)  # nothing is drawn on slices that nobody could see
        self.limit_at(touch)
        self.kept_to_range(self._stamp(touch, touch.place))  # refuses before anything is begun
        shape = {"shape": "sphere"} if self._in_space else {}
        session.tool = ("erase" if self._erasing else "paint", self.settings(brush_mm=session.brush_mm, **shape))
        session.begin_stroke()
        self._from = touch.place
        self._draw(touch, drawing.active_label)

    def move(self, touch: Touch) -> None:
        """Go on with it."""
        if self._from is not None:
            self._draw(touch, self.drawing.active_label)

    def release(self, touch: Touch | None) -> None:
        """The stroke becomes one edit."""
        if self._from is not None:
            self._from = None
            self.session.commit_stroke()

    def preview(self, touch: Touch) -> tuple[Line, ...]:
        """The disc's border."""
        return (ring(touch, self.session.brush_mm / 2),)

    def keys(self, key: Key) -> Pairs:
        """Size, reach and range."""
        sizes = f"{key('smaller')} {key('larger')}"
        reach = "sphere" if self.session.kit.in_space else "disc"
        return ((sizes, "size"), (key("flat or in space"), reach), *self.range_keys(key))

    def _stamp(self, touch: Touch, start: tuple[float, float]) -> Mask:
        plane, radius = touch.plane, self.session.brush_mm / 2
        way = plane.native_places([start, touch.place])
        if self._in_space:
            return sphere(plane.grid, np.column_stack([np.full(len(way), plane.k), way]), radius)
        return disc(plane.grid, plane.k, way, radius)

    def _draw(self, touch: Touch, label: int) -> None:
        assert self._from is not None
        covered = self.kept_to_range(self._stamp(touch, self._from))
        self._from = touch.place
        if covered.count:
            drawing = self.drawing
            drawn = drawing.read(label, covered.low, covered.high)
            drawing.write(label, covered.low, covered.crop & (drawn if self._erasing else ~drawn))
            self.session.settle()


class Eraser(Brush):
    """Takes away instead; with Ctrl or Alt it paints."""

    NAME, ERASES = "erase", True
