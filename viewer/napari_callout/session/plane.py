"""A plane of a stack's own axes: its pixels, where they lie in the patient, and how they lie on the screen. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.masks.mask import Index
from callout.masks.stroke import Bits
from callout.volume import SPACING_UNKNOWN, Series
from napari_callout.session.order import DisplayOrder
from napari_callout.session.upright import Upright, too_far

Pixel = tuple[float, float]  # (row, column) of the screen, pixel centres at whole numbers
Crop = tuple[Bits, tuple[int, int]]  # bool (rows, columns), and the (row, column) at which it begins


@dataclass(frozen=True, eq=False)
class Plane:
    """Step `at` along display axis `axis` of a stack, from 0; rows down and columns across the screen.

    Native where the axis is the one along which the slices lie; else the plane cuts across them, at right angles: its
    pixels are voxels where these lie straight above each other and evenly, else they are read as `Upright` says.
    """

    order: DisplayOrder
    axis: int
    at: int

    @property
    def grid(self) -> Grid:
        """Of the stack."""
        return self.order.grid

    @property
    def is_native(self) -> bool:
        """Whether it is a slice as it was taken."""
        return self.axis == self.order.slice_axis

    @property
    def upright(self) -> Upright | None:
        """How its pixels are read; None where they are voxels."""
        return None if self.is_native else self.order.upright

    @property
    def pixels(self) -> DisplayOrder:
        """How its pixels lie on the screen: as the voxels do, or those of a grid of their own."""
        return self.order if self.is_native else self.order.across

    @property
    def k(self) -> int:
        """The native slice; of a plane across the slices the middle one."""
        return self.order.slice_to_display(self.at) if self.is_native else self.grid.shape[0] // 2

    def is_same(self, other: Plane) -> bool:
        """Whether both are the same plane of the same stack."""
        return self.order is other.order and (self.axis, self.at) == (other.axis, other.at)

    @cached_property
    def sides(self) -> tuple[int, int]:
        """The display axes that run down and across the screen."""
        down, across = (axis for axis in range(3) if axis != self.axis)
        return down, across

    @property
    def count(self) -> int:
        """How many such planes lie along the axis."""
        return self.pixels.shape[self.axis]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        down, across = self.sides
        return self.pixels.shape[down], self.pixels.shape[across]

    @property
    def spacing(self) -> tuple[float, float]:
        """mm from one row, and from one column, to the next."""
        down, across = self.sides
        return self.pixels.spacing[down], self.pixels.spacing[across]

    @property
    def size_mm(self) -> tuple[float, float]:
        """(height, width)."""
        return self.shape[0] * self.spacing[0], self.shape[1] * self.spacing[1]

    @cached_property
    def normal(self) -> Floats:
        """The LPS unit vector along which `at` grows."""
        return self.order.direction(self.axis)

    @property
    def edges(self) -> tuple[str, str, str, str]:
        """The letters at the left, right, upper and lower edge."""
        down, across = self.sides
        return self.order.letters[across] + self.order.letters[down]

    def take(self, voxels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Its pixels (rows, columns): a view of native voxels (k, j, i), or float32 linear between them.

        Of the latter those beside the slices are −inf, and those where slices are missing NaN.
        """
        if self.upright is not None:
            axis, at = self._native_step(self.at)
            return self._laid(self.upright.take(voxels, axis, at), axis)
        return self._picked(self.order.to_display(voxels), self.at)

    def slab(
        self,
        voxels: npt.NDArray[Any],
        steps: tuple[int, ...],
        reduced: Callable[[npt.NDArray[Any], int], npt.NDArray[Any]],
    ) -> npt.NDArray[Any]:
        """What the planes at `steps`, which follow each other, make together; reduced: of an array, along an axis."""
        if self.upright is not None:
            axis, first = self._native_step(steps[0])
            last = self._native_step(steps[-1])[1]
            ends = min(first, last), max(first, last)
            return self._laid(self.upright.slab(voxels, axis, ends, reduced), axis)
        picked = [slice(None)] * 3
        picked[self.axis] = slice(steps[0], steps[-1] + 1)
        return reduced(self.order.to_display(voxels)[tuple(picked)], self.axis)

    def _native_step(self, at: int) -> tuple[int, int]:
        """The native axis of the plane's own, and the step along it that is display step `at`."""
        axis = self.order.axes[self.axis]
        return axis, self.count - 1 - at if self.order.flips[self.axis] else at

    def _laid(self, lines: npt.NDArray[Any], axis: int) -> npt.NDArray[Any]:
        """Lines (line, pixel) across native `axis` as they lie on the screen."""
        return self._picked(self.order.to_display(np.expand_dims(lines, axis)), 0)

    def _picked(self, display: npt.NDArray[Any], at: int) -> npt.NDArray[Any]:
        picked: list[Any] = [slice(None)] * 3
        picked[self.axis] = at
        plane: npt.NDArray[Any] = display[tuple(picked)]
        return plane

    def turned(self, native: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A native slice (rows, columns) as it lies on the screen; of a native plane only."""
        return self._picked(self.order.to_display(native[None]), 0)

    def point(self, row: float, column: float) -> Floats:
        """LPS mm of a place on it."""
        points: Floats = self.points(np.array([[row, column]]))[0]
        return points

    def points(self, places: Floats) -> Floats:
        """LPS mm (n, 3) of (row, column) places (n, 2)."""
        return self.pixels.grid.points(self._native_of(places))

    def places(self, points: npt.ArrayLike) -> Floats:
        """(row, column, steps off the plane) (n, 3) of LPS mm points (n, 3), at right angles to it."""
        grid, given = self.pixels.grid, np.asarray(points, np.float64).reshape(-1, 3)
        native = grid.indices(given)
        if self.is_native:  # not along the tilt
            for axis, step in ((1, grid.row_step), (2, grid.column_step)):
                native[:, axis] = (given - grid.origins[self.k]) @ step / (step @ step)
        display = np.empty_like(native)
        for axis, (home, flip) in enumerate(zip(self.order.axes, self.order.flips, strict=True)):
            display[:, axis] = grid.shape[home] - 1 - native[:, home] if flip else native[:, home]
        return np.column_stack([display[:, list(self.sides)], display[:, self.axis] - self.at])

    def voxel(self, row: float, column: float) -> Index | None:
        """The native voxel (k, j, i) at a place; None outside, and where slices are missing."""
        if self.upright is not None:
            return self.upright.voxel(self._native_of(np.array([[row, column]]))[0])
        at = [0, 0, 0]
        at[self.axis] = self.at
        for axis, place in zip(self.sides, (row, column), strict=True):
            at[axis] = int(np.floor(place + 0.5))
        if any(not 0 <= x < n for x, n in zip(at, self.order.shape, strict=True)):
            return None
        return self.order.index_to_native((at[0], at[1], at[2]))

    def native_places(self, places: npt.ArrayLike) -> Floats:
        """(row, column) (n, 2) in the native slice's own order, of places on the screen; of a native plane only."""
        return self._native_of(np.asarray(places, np.float64).reshape(-1, 2))[:, 1:]

    def cut(self, mask: Mask) -> Crop | None:
        """Where a mask of the same stack is cut; None where it has nothing here."""
        if not mask.crop.size:
            return None
        bits, first = mask.crop, mask.low
        if self.upright is not None:
            found = self.upright.cut(mask, *self._native_step(self.at))
            if found is None:
                return None
            bits, first = found
        display = self.order.to_display(bits)
        last = (first[0] + bits.shape[0] - 1, first[1] + bits.shape[1] - 1, first[2] + bits.shape[2] - 1)
        ends = [self.pixels.index_to_display(corner) for corner in (first, last)]
        low = [min(pair) for pair in zip(*ends, strict=True)]
        step = self.at - low[self.axis]
        if not 0 <= step < display.shape[self.axis]:
            return None
        crop: Bits = self._picked(display, step)
        down, across = self.sides
        return (crop, (low[down], low[across])) if crop.any() else None

    def cut_foreign(self, mask: Mask, home: Grid) -> Crop | None:
        """Where a mask of another stack of the same frame of reference is cut; None where it has nothing here.

        A pixel belongs to it if the voxel does in which its centre lies.
        """
        if not mask.crop.size or not same_frame(home, self.grid):
            return None
        low, high = np.array(mask.low) - 0.5, np.array(mask.high) - 0.5
        levels = [low[0], *range(mask.low[0], mask.high[0]), high[0]]  # slices may lie unevenly
        ends = np.array(np.meshgrid(levels, (low[1], high[1]), (low[2], high[2])))
        around = self.places(home.points(ends.reshape(3, -1).T))
        if around[:, 2].min() > 0.5 or around[:, 2].max() < -0.5:
            return None
        first = np.clip(np.floor(around[:, :2].min(axis=0)), 0, self.shape).astype(int)
        last = np.clip(np.ceil(around[:, :2].max(axis=0)) + 1, 0, self.shape).astype(int)
        rows, columns = (int(n) for n in last - first)
        if rows <= 0 or columns <= 0:
            return None
        grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), -1).reshape(-1, 2) + first
        at = np.floor(home.indices(self.points(grid.astype(np.float64))).round(6) + 0.5).astype(np.int64) - mask.low
        inside = ((at >= 0) & (at < mask.crop.shape)).all(axis=1)
        found = np.zeros(len(grid), bool)
        found[inside] = mask.crop[tuple(at[inside].T)]
        return (found.reshape(rows, columns), (int(first[0]), int(first[1]))) if found.any() else None

    def _native_of(self, places: Floats) -> Floats:
        """(k, j, i) (n, 3) on the grid of its pixels, with fractions, of (row, column) places (n, 2)."""
        display = np.empty((len(places), 3))
        display[:, self.axis] = self.at
        display[:, list(self.sides)] = places
        native = np.empty_like(display)
        for axis, (home, flip) in enumerate(zip(self.order.axes, self.order.flips, strict=True)):
            native[:, home] = self.pixels.grid.shape[home] - 1 - display[:, axis] if flip else display[:, axis]
        return native


def same_frame(one: Grid, other: Grid) -> bool:
    """Whether positions of both can be compared: they have one frame of reference, and it is known."""
    return bool(one.frame_of_reference_uid) and one.frame_of_reference_uid == other.frame_of_reference_uid


def has_millimetres(series: Series) -> bool:
    """Whether the size of a pixel is stated; else 1 mm only stands in, and no place on it is known."""
    return all(warning.code != SPACING_UNKNOWN for warning in series.warnings)


def comparable(one: Series, other: Series) -> bool:
    """Whether places in both can be compared; those in one and the same series always can."""
    known = has_millimetres(one) and has_millimetres(other)
    return one.id == other.id or (known and same_frame(one.grid, other.grid))


def why_not_across(grid: Grid) -> str:
    """Why there are no planes across the slices; "" where there are."""
    return "it has too few slices" if grid.shape[0] < 3 else too_far(grid)
