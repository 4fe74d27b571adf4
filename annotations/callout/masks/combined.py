"""What two masks of one volume have together, and the strokes that lead from one to the other.

Everything works in the boxes of the masks: a stamp on a large region costs what the stamp does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callout.errors import InputError
from callout.masks.mask import Index, Mask
from callout.masks.stroke import Stroke


def united(first: Mask, *others: Mask) -> Mask:
    """The voxels of any."""
    masks = [mask for mask in (first, *others) if mask.crop.size]
    for other in others:
        _refuse_another_volume(first, other)
    if not masks:
        return first
    low, high = hull(masks)
    bits = np.zeros([b - a for a, b in zip(low, high, strict=True)], bool)
    for mask in masks:
        bits[tuple(slice(a - o, b - o) for a, b, o in zip(mask.low, mask.high, low, strict=True))] |= mask.crop
    return Mask(first.shape, low, bits).trimmed()


def common(one: Mask, other: Mask) -> Mask:
    """The voxels of both: what an eraser takes away, or where two regions overlap."""
    _refuse_another_volume(one, other)
    return Mask(one.shape, one.low, one.crop & other.read(one.low, one.high)).trimmed()


def without(one: Mask, other: Mask) -> Mask:
    """The voxels of `one` that `other` has not: a region erased, or cut by another region."""
    _refuse_another_volume(one, other)
    return Mask(one.shape, one.low, one.crop & ~other.read(one.low, one.high)).trimmed()


def strokes(before: Mask, after: Mask) -> list[Stroke]:
    """What flips when `before` becomes `after`: none where they are the same, several where it is very large."""
    _refuse_another_volume(before, after)
    masks = [mask for mask in (before, after) if mask.crop.size]
    if not masks:
        return []
    low, high = hull(masks)
    return Stroke.several_from_bits(before.read(low, high) ^ after.read(low, high), low)


def painting(region: Mask, stamp: Mask, excluded: Sequence[Mask] = ()) -> list[list[Stroke]]:
    """The strokes that paint `stamp` into a region, then those that take it from each region it excludes.

    What ground glass, consolidation and cavity do to one another. All lists together are one edit; each is empty where
    nothing changes, and each undone alone gives that region back as it was.
    """
    changes = [without(stamp, region), *(common(stamp, other) for other in excluded)]
    return [Stroke.several_from_bits(change.crop, change.low) if change.count else [] for change in changes]


def hull(masks: Sequence[Mask]) -> tuple[Index, Index]:
    """The corners of the box that holds all crops."""
    low, high = np.min([mask.low for mask in masks], axis=0), np.max([mask.high for mask in masks], axis=0)
    return (int(low[0]), int(low[1]), int(low[2])), (int(high[0]), int(high[1]), int(high[2]))


def _refuse_another_volume(one: Mask, other: Mask) -> None:
    if one.shape != other.shape:
        raise InputError(f"a mask of {one.shape} voxels and one of {other.shape} are not of one volume")
