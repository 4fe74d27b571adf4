"""Where voxels lie in millimetres along a grid's own three directions: even, tilted and uneven stacks alike.

Frame: (normal, row direction, column direction) of the slices, an orthonormal frame turned from LPS; the origin is the
patient's. Voxel (k, j, i) lies at `first_voxels(grid)[k] + (0, j × row mm, i × column mm)`.
"""

from __future__ import annotations

import math

import numpy as np

from callout.errors import InputError
from callout.geometry import EVEN_MM, Floats, Grid
from callout.masks.mask import Index, Mask

ROUNDING_MM = 1e-6  # two ways to reckon one distance differ by less


def axes(grid: Grid) -> Floats:
    """(3, 3) the frame's directions, LPS, as columns: LPS mm @ axes are mm of this frame."""
    _, row_mm, column_mm = grid.spacing
    return np.stack([grid.normal, grid.row_step / row_mm, grid.column_step / column_mm], axis=1)


def first_voxels(grid: Grid) -> Floats:
    """(slices, 3) mm of each slice's first voxel along the normal, the row and the column direction."""
    places: Floats = grid.origins @ axes(grid)
    return places


def is_upright(grid: Grid, first: int, last: int) -> bool:
    """Whether slices [first, last) lie straight above one another."""
    drift = np.ptp(first_voxels(grid)[first:last, 1:], axis=0)
    return bool(drift.max(initial=0.0) <= EVEN_MM)


def box_of(grid: Grid, low_mm: Floats, high_mm: Floats, slices: slice = slice(None)) -> tuple[Index, Index]:
    """Corners [low, high), in the volume, of the box of all voxels whose centre lies between two corners in mm.

    slices: those that are looked at. Where no voxel lies there, the box is empty.
    """
    places = first_voxels(grid)[slices]
    start = slices.start or 0
    near = np.flatnonzero((places[:, 0] >= low_mm[0] - ROUNDING_MM) & (places[:, 0] <= high_mm[0] + ROUNDING_MM))
    if not len(near):
        return (0, 0, 0), (0, 0, 0)
    places = places[near[0] : near[-1] + 1, 1:]
    steps, sizes = np.array(grid.spacing[1:]), np.array(grid.shape[1:])
    low = np.clip(np.ceil((low_mm[1:] - places.max(axis=0) - ROUNDING_MM) / steps), 0, sizes).astype(int)
    high = np.clip(np.floor((high_mm[1:] - places.min(axis=0) + ROUNDING_MM) / steps) + 1, low, sizes).astype(int)
    first = (start + int(near[0]), int(low[0]), int(low[1]))
    return first, (start + int(near[-1]) + 1, int(high[0]), int(high[1]))


def widened(mask: Mask, grid: Grid, reach_mm: float) -> tuple[Index, Index]:
    """Corners of the box, in the volume, of all voxels within `reach_mm` of the mask's crop."""
    if not mask.crop.size:
        return mask.low, mask.low
    inside, steps = first_voxels(grid)[mask.low[0] : mask.high[0]], np.array([0.0, *grid.spacing[1:]])
    low, high = inside.min(axis=0) + steps * mask.low, inside.max(axis=0) + steps * np.subtract(mask.high, 1)
    return box_of(grid, low - reach_mm, high + reach_mm)


def refuse_other_volume(mask: Mask, grid: Grid) -> None:
    """InputError where the mask is not of the grid's shape."""
    if mask.shape != grid.shape:
        raise InputError(f"a mask of {mask.shape} voxels is not on a grid of {grid.shape}")


def refuse_unusable(mm: float, what: str) -> None:
    """InputError where a length is negative or not finite."""
    if not (math.isfinite(mm) and mm >= 0):
        raise InputError(f"{what} of {mm:g} mm is none")
