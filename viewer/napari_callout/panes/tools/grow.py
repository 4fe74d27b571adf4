"""A region grown from a click, with its outline seen before it is made. No Qt."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from callout.errors import CalloutError, EditRefused
from callout.geometry import Grid
from callout.masks.contours import borders
from callout.masks.mask import Index, Mask
from napari_callout.panes.scene import Line
from napari_callout.panes.tint import Tint
from napari_callout.panes.tool import WHITE, DrawingTool, takes_away
from napari_callout.panes.touch import Touch
from napari_callout.session.ahead import Wish
from napari_callout.session.amounts import amount_text, millilitres
from napari_callout.session.drawing import Drawing
from napari_callout.session.growth import Box, grow, grown_in
from napari_callout.session.kit import MINUS, Range, range_text, widened
from napari_callout.session.operations import BUSY, STOPPED
from napari_callout.session.plane import Plane
from napari_callout.session.teaching import Key, Pairs

REACH_MM = 100.0  # that a region grows from the click in each direction: what leaks does not take the whole body
HUGE_ML = 250.0  # a ball of 8 cm: what is larger has leaked more often than not
PACE = 0.25  # percent of the window's width by which a screen pixel widens the range
KEY_PACE = 1.0  # and a key
SPECKLED = 6000  # changes along the rows of a plane: so many outlines would be seen as none, and take long to draw
OUTSIDE = "the value here, {}, is outside of the range {}"
ASKED = "{} would be drawn: Enter draws it, Esc leaves it"
Stage = Literal["", "held", "let go", "asked"]


class Grow(DrawingTool):
    """Press on the tissue: the outline of what hangs together with it appears; drag right for more, left for less.

    Releasing makes the edit, in the slice or in the volume. What grows in the volume is seen in every view of the
    series, on whatever slice one looks at; what is huge is made only when Enter says so. With Ctrl or Alt it takes
    away.
    """

    NAME = "grow"
    STAYS = False

    _stage: Stage = ""
    _start: Touch | None = None
    _home: tuple[Drawing, int]  # what is drawn on, and its label
    _in_space = False
    _first: Range = (0.0, 0.0)  # as it was at the click
    _value = 0.0  # there: a narrower range never leaves it
    _by = 0.0
    _flat: Mask | None = None  # what was found in the click's slice
    _whole: Mask | None = None  # what was found in the volume last
    _whole_of: Range | None = None  # and in which range

    def __init__(self, *rooms: object) -> None:
        super().__init__(*rooms)  # type: ignore[arg-type]  # the base class's own
        self._seen: dict[int, tuple[Mask, Plane, tuple[Line | Tint, ...]]] = {}  # by view

    def press(self, touch: Touch) -> None:
        """A first range, of the values about the click, or the one that drawing is limited to."""
        if self._stage == "let go":
            raise EditRefused(BUSY.format(self.NAME))
        self.leave()
        in_space = self.session.kit.in_space
        self.picture(whole=in_space)
        index = touch.plane.voxel(*touch.place)
        if index is None:
            return
        limits, value = self.limits(), float(self.picture().voxels[index])
        if limits is not None and not limits[0] <= value <= limits[1]:
            raise EditRefused(self._outside(value, limits), remedy="press on the tissue, or change the range")
        low, high = self.sampled(touch)
        self._first, self._value = limits or (min(low, value), max(high, value)), value
        self._start, self._by, self._in_space, self._stage = touch, 0.0, in_space, "held"
        self._home, self._seen = (self.drawing, self.drawing.active_label), {}
        self._look()

    def move(self, touch: Touch) -> None:
        """Right: a wider range. Left: a narrower one."""
        if self._start is not None and self._stage == "held":
            self._by = (touch.x - self._start.x) * self.pace(PACE)
            self._look()

    def widen(self, by: int) -> bool:
        """The same by a key, while the button is down or while it waits for Enter."""
        if self._start is None:
            return False
        self._first = widened(self._first, by * self.pace(KEY_PACE), self._value)
        self.session.attempt(self._look)
        return True

    def take_range(self, limits: Range) -> bool:
        """A range that was typed, for what waits for Enter."""
        if self._start is None:
            return False
        self._first, self._by = limits, 0.0
        self.session.attempt(self._look)
        return True

    @property
    def range(self) -> Range | None:
        """Of what grows now."""
        return None if self._start is None else self._limits

    def release(self, touch: Touch | None) -> None:
        """What was seen is drawn, as one edit; None: it is given up."""
        if touch is None or self._start is None:
            self.leave()
        elif not self._in_space:
            self._make(self._flat)
        else:
            self._stage = "let go"
            if self._whole_of == self._limits:
                self._judge()
            else:
                self.renewed()

    def close(self) -> bool:
        """Enter: what waits for it is drawn."""
        if self._stage == "let go":
            raise EditRefused(BUSY.format(self.NAME))
        if self._stage != "asked":
            return False
        if self._whole_of == self._limits:
            assert self._whole is not None
            if not self._whole.count:
                raise EditRefused(self._outside(self._value, self._limits), remedy="type a range with it, or Esc")
            self._make(self._whole)
        return True

    def double(self) -> bool:
        """A double click is no Enter: it is two clicks."""
        return False

    def leave(self) -> bool:
        """Nothing is grown; told where the hand has let go: who turns elsewhere takes it for drawn."""
        begun, let_go = self._start is not None, self._stage == "let go"
        self._forget()
        if let_go:
            self.session.told.emit(STOPPED.format(self.NAME), True)
        return begun

    def _forget(self) -> None:
        begun = self._start is not None
        self._start, self._flat, self._whole, self._whole_of, self._stage = None, None, None, None, ""
        self._seen = {}
        if begun:
            self.operations.ahead.forget()
            self.renewed()

    def seen_on(self, view: int, plane: Plane) -> tuple[Line | Tint, ...]:
        """The outline of what would be drawn, where a plane of its series cuts it."""
        start = self._start
        if start is None or plane.order is not start.plane.order:
            return ()
        fresh = self._whole_of == self._limits
        mask = self._whole if self._in_space and (fresh or not plane.is_same(start.plane)) else self._flat
        mask = self._flat if mask is None else mask
        if mask is None:
            return ()
        colour = "#ff8080" if takes_away(start) else WHITE
        kept = self._seen.get(view)
        if kept is None or kept[0] is not mask or not kept[1].is_same(plane):  # else the same ones are not drawn again
            self._seen[view] = kept = mask, plane, _shown(mask, plane, colour)
        return kept[2]

    def keys(self, key: Key) -> Pairs:
        """The range and the volume while something grows, else how it begins."""
        reach = (key("flat or in space"), "volume" if self.session.kit.in_space else "slice")
        more = ("drag right, left", "more, less")
        if self._start is None:
            return (("press", "on the tissue"), more, reach, ("Ctrl", "take away"), *self.range_keys(key))
        text, much, leave = range_text(self._limits, self.unit), self._amount(), (key("look"), "leave")
        if self._stage == "asked":
            arrows = (f"{key('left')} {key('right')}", "less, more")
            return ((much, "would be drawn"), (key("next lesion"), "draw it"), leave, arrows, ("Range", text))
        return (("Range", f"{text} · {much}" if much else text), more, reach, leave)

    @property
    def _limits(self) -> Range:
        return widened(self._first, self._by, self._value)

    def _amount(self) -> str:
        """Of what would be drawn in the volume; "…" while that is worked out."""
        if not self._in_space:
            return ""
        known = self._whole if self._whole_of == self._limits else None
        return "…" if known is None else amount_text(known, self._home[0].series.grid)

    def _look(self) -> None:
        """The slice's part of it at once, at any size of the volume; the volume beside the window."""
        index, limits = self._click, self._limits
        voxels = self.picture().voxels
        if not self._in_space or self._whole_of != limits:
            self._flat = grown_in(voxels, index, limits, self._box(False), self._flat)
        if self._in_space and self._whole_of != limits:
            work = partial(grown_in, voxels, index, limits, self._box(True), self._whole)
            self.operations.ahead.want(Wish(lambda tell: work(tell=tell), partial(self._take, limits)))
        self.renewed()

    def _take(self, limits: Range, found: Mask | None, error: Exception | None) -> None:
        """The volume is worked out."""
        if found is None:
            self._forget()
            what = str(error) if isinstance(error, CalloutError) else f"grow did not work: {type(error).__name__}"
            self.session.told.emit(what, True)
            return
        self._whole, self._whole_of = found, limits
        if self._stage == "let go":
            self.session.attempt(self._judge)
        self.renewed()

    def _judge(self) -> None:
        """What is huge is asked about before it is made."""
        assert self._whole is not None
        grid, empty = self._home[0].series.grid, not self._whole.count
        if not empty and millilitres(self._whole, grid) <= HUGE_ML:
            self._make(self._whole)
            return
        self._stage = "asked"
        self.renewed()
        asked = ASKED.format(amount_text(self._whole, grid))
        self.session.told.emit(self._outside(self._value, self._limits) if empty else asked, empty)

    def _make(self, found: Mask | None) -> None:
        start, home, limits, index = self._start, self._home, self._limits, self._click
        assert start is not None
        assert found is not None
        box, in_space = self._box(self._in_space), self._in_space
        self._forget()
        if (self.session.drawing, self.drawing.active_label) != home:
            raise EditRefused("another region is drawn on now: nothing was grown", remedy="press on the tissue again")
        self.operations.do(grow(found, index, limits, box, takes_away(start), in_space))

    def _outside(self, value: float, limits: Range) -> str:
        return OUTSIDE.format(f"{value:.6g}".replace("-", MINUS), range_text(limits, self.unit))

    @property
    def _click(self) -> Index:
        assert self._start is not None
        index = self._start.plane.voxel(*self._start.place)
        assert index is not None
        return index

    def _box(self, in_space: bool) -> Box:
        assert self._start is not None
        return _box(self._start.plane.grid, self._click, in_space)


def _shown(mask: Mask, plane: Plane, colour: str) -> tuple[Line | Tint, ...]:
    """The outlines of what a plane cuts; of what is all speckles its pixels."""
    crop = plane.cut(mask)
    if crop is None:
        return ()
    if np.count_nonzero(crop[0][:, 1:] != crop[0][:, :-1]) > SPECKLED:
        return (Tint.of(crop, plane.shape, colour),)
    return tuple(Line(ring + crop[1], colour, 1.5, closed=True, edged=True) for ring in borders(crop[0]))


def _box(grid: Grid, index: Index, in_space: bool) -> Box:
    """Corners [low, high) of where a click may grow: its slice, or all within the reach."""
    k, j, i = index
    _, rows, columns = grid.shape
    if not in_space:
        return (k, 0, 0), (k + 1, rows, columns)
    near = np.flatnonzero(np.abs(grid.slice_positions - grid.slice_positions[k]) <= REACH_MM)
    down, across = (int(REACH_MM / step) for step in grid.spacing[1:])
    low = int(near[0]), max(0, j - down), max(0, i - across)
    return low, (int(near[-1]) + 1, min(rows, j + down + 1), min(columns, i + across + 1))
