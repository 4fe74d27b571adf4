"""Margins in millimetres: a mask grown, shrunk, its shell, its dents closed and its spikes opened.

Distances are exact, from voxel centre to voxel centre at their true places: in space, on tilted and uneven stacks too.
A margin that is smaller than the way to the next slice stays within the slices.
"""

from __future__ import annotations

import numpy as np

from callout.geometry import Floats, Grid
from callout.masks.combined import without
from callout.masks.mask import Index, Mask
from callout.masks.millimetres import (
    ROUNDING_MM,
    first_voxels,
    is_upright,
    refuse_other_volume,
    refuse_unusable,
    widened,
)
from callout.masks.progress import Tell, quietly
from callout.masks.stroke import Bits


def grown(mask: Mask, grid: Grid, mm: float, tell: Tell = quietly) -> Mask:
    """The voxels of the volume within `mm` of one of the mask."""
    _refuse(mask, grid, mm)
    low, high = widened(mask, grid, mm)
    return Mask(mask.shape, low, _reached(mask.read(low, high), low, grid, mm, tell)).trimmed()


def shrunk(mask: Mask, grid: Grid, mm: float, tell: Tell = quietly) -> Mask:
    """The voxels of the mask that are further than `mm` from any unset one of the volume.

    Where the mask ends with the volume nothing is taken off: what lies beyond is not known. So a mask grown and then
    shrunk holds all it held.
    """
    _refuse(mask, grid, mm)
    low, high = widened(mask, grid, mm)
    inside = mask.read(low, high)
    return Mask(mask.shape, low, inside & ~_reached(~inside, low, grid, mm, tell)).trimmed()


def shell(mask: Mask, grid: Grid, inward_mm: float, outward_mm: float, tell: Tell = quietly) -> Mask:
    """The voxels about the mask's border, so far inward and so far outward: 0 and 10 is the ring around a lesion."""
    outer = grown(mask, grid, outward_mm, tell)
    return without(outer, shrunk(mask, grid, inward_mm, tell) if inward_mm else mask)


def closed(mask: Mask, grid: Grid, mm: float) -> Mask:
    """The mask with clefts and dents filled that no ball of this radius gets into."""
    return shrunk(grown(mask, grid, mm), grid, mm)


def opened(mask: Mask, grid: Grid, mm: float) -> Mask:
    """The mask without spikes and bridges that a ball of this radius does not fit into; maybe empty."""
    return grown(shrunk(mask, grid, mm), grid, mm)


def _refuse(mask: Mask, grid: Grid, mm: float) -> None:
    refuse_other_volume(mask, grid)
    refuse_unusable(mm, "a margin")


def _reached(bits: Bits, low: Index, grid: Grid, mm: float, tell: Tell) -> Bits:
    """Which voxels of a block at `low` are within `mm` of a set one of it."""
    if not bits.any():
        return bits
    last = low[0] + len(bits)
    if not is_upright(grid, low[0], last):
        return _reached_tilted(bits, low, grid, mm, tell)
    from scipy.ndimage import distance_transform_edt

    heights = first_voxels(grid)[low[0] : last, 0]
    reached = np.zeros(bits.shape, bool)
    drawn = np.flatnonzero(bits.any(axis=(1, 2)))
    for n, k in enumerate(drawn):
        tell(n, len(drawn))
        gaps = np.abs(heights - heights[k])
        near = np.flatnonzero(gaps <= mm + ROUNDING_MM)
        in_slice = distance_transform_edt(~bits[k], sampling=grid.spacing[1:]).astype(np.float32)
        for other in near:
            reached[other] |= in_slice <= np.sqrt(max((mm + ROUNDING_MM) ** 2 - gaps[other] ** 2, 0.0))
    return reached


def _reached_tilted(bits: Bits, low: Index, grid: Grid, mm: float, tell: Tell) -> Bits:
    from scipy.spatial import KDTree

    reached, near = bits.copy(), KDTree(places(bits, low, grid))
    for k in range(len(bits)):
        tell(k, len(bits))
        away = places(~bits[k : k + 1], (low[0] + k, low[1], low[2]), grid)
        gaps, _ = near.query(away, distance_upper_bound=mm + ROUNDING_MM)
        reached[k][~bits[k]] = np.isfinite(gaps)
    return reached


def places(bits: Bits, low: Index, grid: Grid) -> Floats:
    """(n, 3) LPS mm of the set voxels of a block at `low`, in C order."""
    return grid.points(np.argwhere(bits) + low)
