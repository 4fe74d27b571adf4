"""What a brush of a size in millimetres covers along a drag, on one slice or in space."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.geometry import Floats, Grid
from callout.masks.combined import united
from callout.masks.mask import Mask
from callout.masks.millimetres import ROUNDING_MM, axes, box_of, first_voxels, refuse_unusable
from callout.masks.stroke import Bits


def disc(grid: Grid, k: int, path: npt.ArrayLike, radius_mm: float) -> Mask:
    """The pixels of slice k whose centre is within `radius_mm` of a drag.

    path: (n, 2) (row, column) of the drag's points in that slice, with fractions; consecutive ones are joined by a
        straight line, a single one is a click. They may lie outside of the image.
    The brush is no thinner than a pixel's diagonal, so that a drag never has a gap and a click never misses.

    >>> grid = Grid.from_affine([[0, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]], (2, 9, 9))
    >>> disc(grid, 1, [[4, 4]], 1).count
    5
    """
    if not 0 <= k < grid.shape[0]:
        raise InputError(f"slice {k} is not in a volume of {grid.shape[0]} slices")
    places = np.asarray(path, np.float64).reshape(-1, 2)
    points = np.column_stack([np.full(len(places), k), places])
    return _along(grid, points, radius_mm, slice(k, k + 1))


def sphere(grid: Grid, path: npt.ArrayLike, radius_mm: float) -> Mask:
    """The voxels whose centre is within `radius_mm` in space of a drag.

    path: (n, 3) (k, j, i) of the drag's points, with fractions; else as for a disc. Slices further apart than the
    sphere is wide get what it covers of them: only the one that the drag lies in, if any.
    """
    return _along(grid, np.asarray(path, np.float64).reshape(-1, 3), radius_mm, slice(0, None))


def in_range(mask: Mask, voxels: npt.NDArray[np.generic], low: float, high: float) -> Mask:
    """Of a mask the voxels whose value lies in [low, high]: a brush that paints one tissue only.

    voxels: (k, j, i), the series' own values; what is not a number lies in no range.
    """
    if voxels.shape != mask.shape:
        raise InputError(f"a mask of {mask.shape} voxels is not on an image of {voxels.shape}")
    return Mask(mask.shape, mask.low, mask.crop & between(voxels[mask.box], low, high)).trimmed()


def between(values: npt.NDArray[np.generic], low: float, high: float) -> Bits:
    """Where values lie in [low, high]; whole numbers are compared as such."""
    numbers: npt.NDArray[Any] = values
    if numbers.dtype.kind in "iu":
        limits = np.iinfo(numbers.dtype)
        if not low <= high or low > limits.max or high < limits.min:
            return np.zeros(numbers.shape, bool)
        least, most = math.ceil(max(low, limits.min)), math.floor(min(high, limits.max))
        if least > most:
            return np.zeros(numbers.shape, bool)
        unsigned = np.dtype(f"u{numbers.dtype.itemsize}")  # in which what lies below the range wraps round above it
        above = numbers.view(unsigned) - np.array(least).astype(numbers.dtype).view(unsigned)
        found: Bits = above <= unsigned.type(most - least)
        return found
    inside: Bits = (numbers >= low) & (numbers <= high)
    return inside


def _along(grid: Grid, points: Floats, radius_mm: float, slices: slice) -> Mask:
    """What a ball covers of some slices on its way along points (n, 3) (k, j, i)."""
    refuse_unusable(radius_mm, "a brush")
    if not np.isfinite(points).all():
        raise InputError("a drag has points that are no numbers")
    radius = max(radius_mm, math.hypot(*grid.spacing[1:]) / 2) + ROUNDING_MM
    path: Floats = grid.points(points) @ axes(grid)
    ways = pairwise(path) if len(path) > 1 else ((point, point) for point in path)
    return united(Mask.empty(grid.shape), *(_capsule(grid, slices, start, end, radius) for start, end in ways))


def _capsule(grid: Grid, slices: slice, start: Floats, end: Floats, radius: float) -> Mask:
    """Of some slices the voxels within the radius of a line; start, end: mm (normal, row, column)."""
    low, high = box_of(grid, np.minimum(start, end) - radius, np.maximum(start, end) + radius, slices)
    places, steps = first_voxels(grid)[low[0] : high[0]], grid.spacing[1:]
    z = (places[:, 0] - start[0])[:, None, None]
    y = (places[:, 1, None] + np.arange(low[1], high[1]) * steps[0] - start[1])[:, :, None]
    x = (places[:, 2, None] + np.arange(low[2], high[2]) * steps[1] - start[2])[:, None, :]
    way = end - start
    length = float(way @ way)
    share = np.clip((z * way[0] + y * way[1] + x * way[2]) / length, 0, 1) if length else 0.0
    inside = (z - share * way[0]) ** 2 + (y - share * way[1]) ** 2 + (x - share * way[2]) ** 2 <= radius**2
    return Mask(grid.shape, low, inside).trimmed()
