"""What a polygon or a freehand line on one slice encloses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.geometry import Grid
from callout.masks.mask import Mask


def polygon(grid: Grid, k: int, outline: npt.ArrayLike) -> Mask:
    """The pixels of slice k whose centre a closed line goes around at least once.

    outline: (n, 2) (row, column), with fractions; the last point is joined to the first. They may lie outside.
    A hand that overlaps its own start, or crosses its line, cuts no hole: a contour of a file, whose crossings are
    holes, is `contours.filled`. Of two polygons that share an edge, each centre on it belongs to one only.

    >>> grid = Grid.from_affine([[0, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]], (2, 9, 9))
    >>> polygon(grid, 1, [[0.5, 0.5], [0.5, 3.5], [2.5, 3.5], [2.5, 0.5]]).crop.shape
    (1, 2, 3)
    """
    if not 0 <= k < grid.shape[0]:
        raise InputError(f"slice {k} is not in a volume of {grid.shape[0]} slices")
    points = np.asarray(outline, np.float64).reshape(-1, 2)
    if not np.isfinite(points).all():
        raise InputError("an outline has points that are no numbers")
    size = np.array(grid.shape[1:])
    low, high = np.zeros(2, int), np.zeros(2, int)
    if len(points) > 2:
        low = np.clip(np.ceil(points.min(axis=0)), 0, size).astype(int)
        high = np.clip(np.floor(points.max(axis=0)) + 1, 0, size).astype(int)
    if (low >= high).any():
        return Mask.empty(grid.shape)
    starts, rows, columns = points - low, high[0] - low[0], high[1] - low[1]
    turns = np.zeros((rows, columns + 1), np.int32)
    for (row, column), (next_row, next_column) in zip(starts, np.roll(starts, -1, axis=0), strict=True):
        first, last = np.clip(np.ceil(sorted((row, next_row))), 0, rows).astype(int)
        crossed = np.arange(first, last)
        (top, left), (bottom, right) = sorted(((row, column), (next_row, next_column)))  # alike in both directions
        at = left + (crossed - top) / (bottom - top) * (right - left) if len(crossed) else crossed
        turns[crossed, np.clip(np.ceil(at), 0, columns).astype(int)] += 1 if next_row > row else -1
    inside = np.cumsum(turns, axis=1)[:, :-1] != 0
    return Mask(grid.shape, (k, int(low[0]), int(low[1])), inside[None]).trimmed()
