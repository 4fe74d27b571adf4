"""What grows from a click, inside of a box, and the edit that it becomes. Pure."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from callout.masks import Mask
from callout.masks.mask import Index
from callout.masks.progress import Tell, quietly
from napari_callout.session.kit import Range
from napari_callout.session.operations import Operation, reach

Voxels = npt.NDArray[Any]
Box = tuple[Index, Index]  # corners [low, high)


def grow(found: Mask, click: Index, limits: Range, box: Box, removes: bool, in_space: bool) -> Operation:
    """With, or (removes) without, what was found to grow from a voxel in a range of values, inside of a box."""
    from callout.masks.combined import united, without

    def work(region: Mask, tell: Tell) -> Mask:
        return without(region, found) if removes else united(region, found)

    settings = {"click": list(click), "range": [float(end) for end in limits], "reach": reach(in_space)}
    name = "take away grown" if removes else "grow"

    def tells(before: Mask, after: Mask) -> str:
        return _far(found, box) if in_space and not removes else ""

    nothing = "nothing of what grows from there is drawn" if removes else "what grows from there is drawn already"
    return Operation(name, work, settings, found.crop.size, nothing, tells)


def grown_in(
    voxels: Voxels,
    click: Index,
    limits: Range,
    box: Box,
    near: Mask | None = None,
    tell: Tell = quietly,
) -> Mask:
    """What grows from a voxel inside of a box of the volume. near: what did with another range."""
    from callout.masks.growing import grow as grow_from

    low, high = box
    part = voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    at = (click[0] - low[0], click[1] - low[1], click[2] - low[2])
    before = None
    if near is not None and near.crop.size:
        corner = (near.low[0] - low[0], near.low[1] - low[1], near.low[2] - low[2])
        before = Mask((part.shape[0], part.shape[1], part.shape[2]), corner, near.crop)
    found = grow_from(part, at, *limits, near=before, tell=tell)
    shape = voxels.shape[0], voxels.shape[1], voxels.shape[2]
    return Mask(shape, (low[0] + found.low[0], low[1] + found.low[1], low[2] + found.low[2]), found.crop)


def _far(found: Mask, box: Box) -> str:
    """That what was found goes on where growing ended; "" where it does not reach the sides of the box."""
    sides = zip(found.low, found.high, *box, found.shape, strict=True)
    ended = any((low == first > 0) or (high == last < whole) for low, high, first, last, whole in sides)
    return "it goes on further from the click than was looked at: click again at its end" if ended else ""
