"""The islands of a mask: voxels that hang together by their faces, in space or within each slice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callout.masks.mask import Index, Mask
from callout.masks.runs import Runs


def island(mask: Mask, click: Index) -> Mask:
    """The island that voxel (k, j, i) belongs to; empty where it is unset."""
    k, j, i = (at - low for at, low in zip(click, mask.low, strict=True))
    if not all(0 <= at < n for at, n in zip((k, j, i), mask.crop.shape, strict=True)):
        return Mask.empty(mask.shape)
    runs = Runs.of(mask.crop)
    run = runs.at((k, j, i))
    if run is None:
        return Mask.empty(mask.shape)
    return _chosen(mask, runs, runs.islands(), run)


def largest(mask: Mask) -> Mask:
    """The island with the most voxels; of equal ones the first. Empty where the mask is."""
    runs = Runs.of(mask.crop)
    if not len(runs.starts):
        return Mask.empty(mask.shape)
    numbers = runs.islands()
    sizes = np.bincount(numbers, runs.lengths)
    return _chosen(mask, runs, numbers, int(sizes[numbers].argmax()))


def _chosen(mask: Mask, runs: Runs, numbers: npt.NDArray[np.int32], run: int) -> Mask:
    return Mask(mask.shape, mask.low, runs.bits(numbers == numbers[run])).trimmed()
