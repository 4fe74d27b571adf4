"""A mask smoothed by a Gaussian in millimetres."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid
from callout.masks.mask import Mask
from callout.masks.millimetres import first_voxels, is_upright, refuse_other_volume, refuse_unusable, widened
from callout.masks.progress import Tell, quietly

REACH = 3.0  # standard deviations; what lies further weighs less than 0.3 %


def smoothed(mask: Mask, grid: Grid, sigma_mm: float, *, per_slice: bool = False, tell: Tell = quietly) -> Mask:
    """The voxels about which more than half is set, weighed by a Gaussian in space of this standard deviation.

    Weights are of true distances, and of the thickness that each slice stands for; beyond the border of the volume it
    is taken to go on as it ends. Corners are rounded and specks smaller than the Gaussian vanish; flat
    borders stay where they are. Between slices further apart than it is wide nothing is mixed.
    per_slice: each slice is smoothed alone, as where only some slices are drawn yet.
    """
    refuse_other_volume(mask, grid)
    refuse_unusable(sigma_mm, "a standard deviation")
    if not sigma_mm or not mask.crop.size:
        return mask.trimmed()
    low, high = widened(mask, grid, REACH * sigma_mm)
    bits = mask.read(low, high).astype(np.float32)
    near = first_voxels(grid)[low[0] : high[0]]
    weights = _between_slices(near[:, 0], grid.voxel_volumes[low[0] : high[0]], sigma_mm)
    if per_slice:
        weights = np.eye(len(near), dtype=np.float32)
    blurred = np.zeros_like(bits)
    upright, count = is_upright(grid, low[0], high[0]), len(bits)
    for k in range(count if upright else 0):
        tell(k, 2 * count)
        bits[k] = _in_slices(bits[k], grid, sigma_mm, np.zeros(2))
    for k, row in enumerate(weights):
        tell(k + count * upright, count * (1 + upright))
        for other in np.flatnonzero(row):
            drift = near[k, 1:] - near[other, 1:]
            plane = bits[other] if upright else _in_slices(bits[other], grid, sigma_mm, drift)
            blurred[k] += row[other] * plane
    return Mask(mask.shape, low, blurred > 0.5).trimmed()


def _between_slices(heights: Floats, thickness: Floats, sigma: float) -> npt.NDArray[np.float32]:
    """(slices, slices) how much each slice gets of each other."""
    gaps = heights[:, None] - heights
    weights = np.where(np.abs(gaps) <= REACH * sigma, np.exp(-0.5 * (gaps / sigma) ** 2), 0)
    weights *= thickness if thickness.all() else 1.0
    normal: npt.NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normal


def _in_slices(bits: npt.NDArray[np.float32], grid: Grid, sigma: float, drift: Floats) -> npt.NDArray[np.float32]:
    """Slices (…, rows, columns) blurred, seen from places that lie `drift` mm (row, column) further on."""
    from scipy.ndimage import correlate1d

    for axis in (0, 1):
        step = grid.spacing[1 + axis]
        wide = int(np.ceil((REACH * sigma + abs(drift[axis])) / step))
        kernel = np.exp(-0.5 * ((np.arange(-wide, wide + 1) * step - drift[axis]) / sigma) ** 2)
        bits = correlate1d(bits, kernel / kernel.sum(), axis=axis - 2, mode="nearest")
    return bits
