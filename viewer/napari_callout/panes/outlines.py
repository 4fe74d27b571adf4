"""The borders of regions where a plane cuts them, also of regions that were drawn on another series. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.masks.contours import borders
from napari_callout.session.plane import Crop, Plane


class Borders:
    """Traces a region's borders on a plane, and keeps them while neither changes."""

    def __init__(self) -> None:
        self._plane: tuple[object, int, int] | None = None
        self._kept: dict[str, tuple[tuple[Mask, ...], tuple[Floats, ...]]] = {}

    def forget(self) -> None:
        """Hold on to no masks."""
        self._plane = None
        self._kept.clear()

    def of(self, name: str, masks: Sequence[Mask], plane: Plane, home: Grid | None = None) -> tuple[Floats, ...]:
        """Closed rings (n, 2) of (row, column): what an odd number of the masks covers. name: of the region.

        home: the grid of the masks, where it is another stack's.
        """
        where = (plane.order, plane.axis, plane.at)
        if where != self._plane:
            self._plane = where
            self._kept.clear()
        kept = self._kept.get(name)
        if kept is not None and len(kept[0]) == len(masks) and all(a is b for a, b in zip(kept[0], masks, strict=True)):
            return kept[1]
        crops = [plane.cut(mask) if home is None else plane.cut_foreign(mask, home) for mask in masks]
        crop = together([one for one in crops if one is not None])
        rings: tuple[Floats, ...] = ()
        if crop is not None:
            rings = tuple(ring + crop[1] for ring in borders(crop[0]))
        self._kept[name] = (tuple(masks), rings)
        return rings


def together(crops: Sequence[Crop]) -> Crop | None:
    """What an odd number of crops covers; None where that is nothing."""
    if len(crops) <= 1:
        return crops[0] if crops else None
    low = np.min([at for _, at in crops], axis=0)
    high = np.max([np.add(at, bits.shape) for bits, at in crops], axis=0)
    joint = np.zeros(high - low, bool)
    for bits, at in crops:
        row, column = at - low
        joint[row : row + bits.shape[0], column : column + bits.shape[1]] ^= bits
    return (joint, (int(low[0]), int(low[1]))) if joint.any() else None
