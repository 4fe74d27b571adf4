"""A region grown from a click, with its outline seen before it is made. No Qt."""

from __future__ import annotations

import numpy as np

from callout.geometry import Grid
from callout.masks.growing import grow as grown
from callout.masks.mask import Index, Mask
from napari_callout.panes.outlines import Borders
from napari_callout.panes.scene import Line
from napari_callout.panes.tool import WHITE, DrawingTool, takes_away
from napari_callout.panes.touch import Touch
from napari_callout.session.kit import Range, range_text, widened
from napari_callout.session.operations import grow
from napari_callout.session.teaching import Key, Pairs

REACH_MM = 100.0  # that a region grows from the click in each direction: what leaks does not take the whole body
PACE = 0.25  # percent of the window's width by which a screen pixel widens the range
KEY_PACE = 1.0  # and a key


class Grow(DrawingTool):
    """Press on the tissue: the outline of what hangs together with it appears; drag right for more, left for less.

    Releasing makes the edit, in the slice or in the volume. With Ctrl or Alt it takes away.
    """

    NAME = "grow"

    _start: Touch | None = None
    _first: Range = (0.0, 0.0)  # as it was at the click
    _value = 0.0  # there: a narrower range never leaves it
    _by = 0.0
    _lines: tuple[Line, ...] = ()
    _found: Mask | None = None

    def press(self, touch: Touch) -> None:
        """A first range, of the values about the click, or the one that drawing is limited to."""
        self.picture(whole=self.session.kit.in_space)
        index = touch.plane.voxel(*touch.place)
        if index is None:
            return
        value, (low, high) = float(self.picture().voxels[index]), self.sampled(touch)
        self._first, self._value = self.limits() or (min(low, value), max(high, value)), value
        self._start, self._by, self._found = touch, 0.0, None
        self._look()

    def move(self, touch: Touch) -> None:
        """Right: a wider range. Left: a narrower one."""
        if self._start is not None:
            self._by = (touch.x - self._start.x) * self.pace(PACE)
            self._look()

    def widen(self, by: int) -> bool:
        """The same by a key, while the button is down."""
        if self._start is None:
            return False
        self._first = widened(self._first, by * self.pace(KEY_PACE), self._value)
        self._look()
        return True

    def release(self, touch: Touch | None) -> None:
        """What was seen is drawn, as one edit; None: it is given up."""
        start, limits = self._start, self._limits
        self.leave()
        index = None if start is None else start.plane.voxel(*start.place)
        if touch is None or start is None or index is None:
            return
        in_space = self.session.kit.in_space
        box = _box(start.plane.grid, index, in_space)
        picture = self.picture(whole=in_space)
        self.operations.do(grow(picture.voxels, index, limits, box, takes_away(start), in_space))

    def leave(self) -> bool:
        """Nothing is grown."""
        begun = self._start is not None
        self._start, self._lines, self._found = None, (), None
        return begun

    def preview(self, touch: Touch) -> tuple[Line, ...]:
        """The outline of what would be drawn in this slice."""
        return self._lines

    def keys(self, key: Key) -> Pairs:
        """The range while the button is down, else how it begins."""
        reach = (key("flat or in space"), "volume" if self.session.kit.in_space else "slice")
        if self._start is None:
            return (("press", "on the tissue"), ("drag right, left", "more, less"), reach, ("Ctrl", "take away"))
        text = range_text(self._limits, self.unit)
        return (("Range", text), ("drag right, left", "more, less"), reach, (key("look"), "leave"))

    @property
    def _limits(self) -> Range:
        return widened(self._first, self._by, self._value)

    def _look(self) -> None:
        """The slice's part of it: quick at any size of the volume."""
        start = self._start
        index = None if start is None else start.plane.voxel(*start.place)
        if start is None or index is None:
            return
        voxels = self.picture().voxels
        near = self._found
        plane = voxels[index[0] : index[0] + 1]
        found = grown(plane, (0, index[1], index[2]), *self._limits, near=near)
        self._found = found
        mask = Mask(start.plane.grid.shape, (index[0], *found.low[1:]), found.crop)
        rings = Borders().of("", (mask,), start.plane)
        colour = "#ff8080" if takes_away(start) else WHITE
        self._lines = tuple(Line(points, colour, 1.5, closed=True, edged=True) for points in rings)
        self.renewed()


def _box(grid: Grid, index: Index, in_space: bool) -> tuple[Index, Index]:
    """Corners [low, high) of where a click may grow: its slice, or all within the reach."""
    k, j, i = index
    _, rows, columns = grid.shape
    if not in_space:
        return (k, 0, 0), (k + 1, rows, columns)
    near = np.flatnonzero(np.abs(grid.slice_positions - grid.slice_positions[k]) <= REACH_MM)
    down, across = (int(REACH_MM / step) for step in grid.spacing[1:])
    low = int(near[0]), max(0, j - down), max(0, i - across)
    return low, (int(near[-1]) + 1, min(rows, j + down + 1), min(columns, i + across + 1))
