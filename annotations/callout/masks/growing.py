"""A region grown from a click: the voxels of a range of values that hang together with it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.masks.brush import between
from callout.masks.mask import Index, Mask
from callout.masks.progress import Tell, quietly
from callout.masks.runs import Runs
from callout.masks.stroke import Bits

AROUND = 4  # voxels looked at beyond where the region seems to end
GAP = 3  # so many voxels in a row are no noise


def grow(
    voxels: npt.NDArray[np.generic],
    click: Index,
    low: float,
    high: float,
    *,
    per_slice: bool = False,
    within: Mask | None = None,
    near: Mask | None = None,
    tell: Tell = quietly,
) -> Mask:
    """The voxels with values in [low, high] that hang together, by their faces, with the one clicked on.

    voxels: (k, j, i), the series' own values. click: (k, j, i).
    per_slice: in the click's slice only.
    within: where it may grow: a sphere about the click (`brush.sphere`), a polygon, another region.
    near: what the same click gave with another range; looking there first makes a preview quick. It changes no voxel.
    tell: called now and then; how far it is nobody knows.
    Empty where the click's own value is out of range, or lies not within. InputError where it lies outside the volume.

    Only a box about the region is looked at; it grows on the sides that the region reaches.
    """
    shape = voxels.shape[0], voxels.shape[1], voxels.shape[2]
    if not all(0 <= at < n for at, n in zip(click, shape, strict=True)):
        raise InputError(f"a click at {click} lies outside the volume of {shape}")
    if within is not None and within.shape != shape:
        raise InputError(f"a mask of {within.shape} voxels is not on an image of {shape}")
    floor, ceiling = _limits(shape, click, per_slice, within)
    if any(not a <= at < b for a, at, b in zip(floor, click, ceiling, strict=True)):
        return Mask.empty(shape)
    lows, highs = _first_box(voxels, click, low, high, near)
    lows = [max(at, least) for at, least in zip(lows, floor, strict=True)]
    highs = [min(at, most) for at, most in zip(highs, ceiling, strict=True)]
    while True:
        tell(0, 0)
        corner, end = (lows[0], lows[1], lows[2]), (highs[0], highs[1], highs[2])
        bits = between(voxels[tuple(slice(a, b) for a, b in zip(corner, end, strict=True))], low, high)
        if within is not None:
            bits &= within.read(corner, end)
        tell(0, 0)
        grown = _island(bits, (click[0] - lows[0], click[1] - lows[1], click[2] - lows[2]), tell)
        if grown is None:
            return Mask.empty(shape)
        mask = Mask(shape, corner, grown).trimmed()
        if not _widen(mask, lows, highs, floor, ceiling):
            return mask


def range_of(values: npt.NDArray[np.generic], least: float = 0.0) -> tuple[float, float]:
    """(low, high) of the tissue that some values are of: two standard deviations about their mean, in whole numbers.

    least: what it is at least wide on each side: one value alone tells of no spread. What is no number does not count;
    InputError where no value is left.
    """
    numbers = np.asarray(values, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        raise InputError("there are no values to take a range from")
    middle, half = float(numbers.mean()), max(2 * float(numbers.std()), least)
    if np.asarray(values).dtype.kind in "iu":
        return math.floor(middle - half), math.ceil(middle + half)
    return middle - half, middle + half


def _limits(shape: Index, click: Index, per_slice: bool, within: Mask | None) -> tuple[Index, Index]:
    floor, ceiling = (within.low, within.high) if within is not None else ((0, 0, 0), shape)
    if per_slice:
        floor = max(floor[0], click[0]), floor[1], floor[2]
        ceiling = min(ceiling[0], click[0] + 1), ceiling[1], ceiling[2]
    return floor, ceiling


def _first_box(
    voxels: npt.NDArray[np.generic], click: Index, low: float, high: float, near: Mask | None
) -> tuple[list[int], list[int]]:
    """Where to look first: as far as the range goes along the lines through the click, and as it went before."""
    lows, highs = [], []
    for axis, at in enumerate(click):
        line = tuple(slice(None) if other == axis else click[other] for other in range(3))
        out = np.flatnonzero(_ends(between(voxels[line], low, high)))
        before, after = out[out < at], out[out > at]
        lows.append((int(before[-1]) if len(before) else 0) - AROUND)
        highs.append((int(after[0]) if len(after) else voxels.shape[axis]) + AROUND)
    if near is not None and near.crop.size:
        lows = [min(a, b - AROUND) for a, b in zip(lows, near.low, strict=True)]
        highs = [max(a, b + AROUND) for a, b in zip(highs, near.high, strict=True)]
    return lows, highs


def _ends(line: Bits) -> Bits:
    """Where a line is unset for so long that it is no noise."""
    unset = np.pad(~line, GAP // 2)
    ends: Bits = np.all([unset[n : len(line) + n] for n in range(GAP)], axis=0)
    return ends


def _island(bits: Bits, click: Index, tell: Tell) -> Bits | None:
    """The part of a block that hangs together with a voxel; None where that one is unset."""
    if not bits[click]:
        return None
    runs = Runs.of(bits)
    tell(0, 0)
    numbers = runs.islands()
    tell(0, 0)
    return runs.bits(numbers == numbers[runs.at(click)])


def _widen(grown: Mask, lows: list[int], highs: list[int], floor: Index, ceiling: Index) -> bool:
    """Move each side of the box that the region reaches; whether any could be."""
    widened = False
    for axis in range(3):
        by = max(4 * AROUND, (highs[axis] - lows[axis]) // 2)
        if grown.low[axis] == lows[axis] > floor[axis]:
            lows[axis], widened = max(floor[axis], lows[axis] - by), True
        if grown.high[axis] == highs[axis] < ceiling[axis]:
            highs[axis], widened = min(ceiling[axis], highs[axis] + by), True
    return widened
