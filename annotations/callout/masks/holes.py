"""The holes of a mask: unset voxels that it encloses, in each slice or in space."""

from __future__ import annotations

import numpy as np

from callout.masks.combined import united, without
from callout.masks.mask import Mask
from callout.masks.runs import Runs


def holes(mask: Mask, *, per_slice: bool = True) -> Mask:
    """The voxels that the mask encloses: from them no way over faces leads out, within the slice or in space.

    What the mask closes off against the border of the volume is no hole. `islands.island` of this is the one clicked.
    """
    if not mask.crop.size:
        return Mask.empty(mask.shape)
    around = ((0, 0) if per_slice else (1, 1), (1, 1), (1, 1))
    runs = Runs.of(np.pad(~mask.crop, around, constant_values=True))
    numbers = runs.islands(per_slice)
    rows, columns = runs.shape[1] + 1, runs.shape[2] + 1
    outer = np.arange(runs.shape[0] if per_slice else 1) * rows * columns  # the first voxel of each slice lies outside
    open_ones = np.zeros(int(numbers.max()) + 1, bool)
    open_ones[numbers[np.searchsorted(runs.starts, outer)]] = True
    inner = tuple(slice(before, n - after) for (before, after), n in zip(around, runs.shape, strict=True))
    return Mask(mask.shape, mask.low, runs.bits(~open_ones[numbers])[inner]).trimmed()


def filled(mask: Mask, *, per_slice: bool = True, keep: Mask | None = None) -> Mask:
    """The mask with its holes; those voxels of them that are in `keep` (a lumen) stay open."""
    found = holes(mask, per_slice=per_slice)
    return united(mask, without(found, keep) if keep is not None else found)
