"""A region of one series on the voxels of another: a draft, since a stored mask is never resampled."""

from __future__ import annotations

import numpy as np

from callout.errors import GridMismatch
from callout.geometry import Floats, Grid
from callout.masks.mask import Mask
from callout.masks.millimetres import axes, box_of, refuse_other_volume
from callout.masks.progress import Tell, quietly

TIE = 1e-6  # voxels; a centre on the border of two goes to the later one, whatever the rounding


def projected(mask: Mask, home: Grid, target: Grid, tell: Tell = quietly) -> Mask:
    """The voxels of `target` whose centre lies in a voxel of the mask on `home`; on the same grid the mask itself.

    A voxel reaches half way to its neighbours. What lies between the target's slices, or outside of it, is lost, so a
    small region may come out empty. GridMismatch unless both grids name one frame of reference.
    """
    refuse_other_volume(mask, home)
    frames = home.frame_of_reference_uid, target.frame_of_reference_uid
    if not frames[0] or frames[0] != frames[1]:
        raise GridMismatch("the two series have no frame of reference in common", remedy="draw the region there")
    mask = mask.trimmed()
    if not mask.crop.size:
        return Mask.empty(target.shape)
    ks = np.arange(2 * mask.low[0] - 1, 2 * mask.high[0]) / 2  # the stack bends at its slices
    sides = [np.array([mask.low[axis], mask.high[axis]]) - 0.5 for axis in (1, 2)]
    corners = home.points(np.stack(np.meshgrid(ks, *sides, indexing="ij"), axis=-1).reshape(-1, 3))
    corners = corners @ axes(target)
    low, high = box_of(target, corners.min(axis=0), corners.max(axis=0))
    found = np.zeros([b - a for a, b in zip(low, high, strict=True)], bool)
    heights, bends = _bends(mask, home)
    start, row, column = (vectors @ axes(home) for vectors in (target.origins, target.row_step, target.column_step))
    rows, columns = np.arange(low[1], high[1])[:, None], np.arange(low[2], high[2])
    for k in range(low[0], high[0]):
        tell(k - low[0], high[0] - low[0])
        z, y, x = (start[k, axis] + rows * row[axis] + columns * column[axis] for axis in range(3))
        drift = [np.interp(z, heights, bend) if np.ptp(bend) else bend[0] for bend in bends]
        at = [drift[0], (y - drift[1]) / home.spacing[1], (x - drift[2]) / home.spacing[2]]
        nearest = [np.floor(one + (0.5 + TIE)).astype(np.intp) - low for one, low in zip(at, mask.low, strict=True)]
        inside = np.all([(n >= 0) & (n < size) for n, size in zip(nearest, mask.crop.shape, strict=True)], axis=0)
        found[k - low[0]][inside] = mask.crop[tuple(n[inside] for n in nearest)]
    return Mask(target.shape, low, found).trimmed()


def _bends(mask: Mask, home: Grid) -> tuple[Floats, Floats]:
    """Rising heights (n,) mm of the mask's slices and one more on each side, and k, row mm, column mm (3, n) there."""
    ks = np.arange(mask.low[0] - 1, mask.high[0] + 1)
    places = home.points(np.outer(ks, (1, 0, 0))) @ axes(home)
    order = np.argsort(places[:, 0])
    return places[order, 0], np.stack([ks, places[:, 1], places[:, 2]])[:, order]
