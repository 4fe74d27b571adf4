"""The lumen of a cavitating lesion whose outer contour is drawn: derived from the image, never stored. Pure."""

from __future__ import annotations

from typing import Any
from weakref import ref

import numpy.typing as npt

from callout.masks import Mask
from callout.masks.brush import in_range
from callout.masks.cavity import GAS_HU, lumen_of
from callout.masks.combined import without
from napari_callout.session.drawing import Drawing

CONCEPT = "cavity"
LARGEST = 4_000_000  # voxels of a region's box; beyond that it would be felt


class Lumens:
    """Finds them, and keeps each while neither its region nor the image changes; a stroke that is being made waits.

    The image itself is not held on to.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[tuple[Mask, ...], ref[npt.NDArray[Any]], Mask | None]] = {}

    def of(self, drawing: Drawing, voxels: npt.NDArray[Any]) -> dict[int, Mask]:
        """By label; of regions that have both a lumen and a wall. On CT only: nowhere else has gas a value."""
        if drawing.series.modality != "CT" or drawing.series.is_localizer:
            return {}
        found = {}
        for label, concept in drawing.concepts().items():
            lumen = self._lumen(drawing, label, voxels) if concept == CONCEPT else None
            if lumen is not None and label in drawing.shown_labels():
                found[label] = lumen
        return found

    def _lumen(self, drawing: Drawing, label: int, voxels: npt.NDArray[Any]) -> Mask | None:
        masks, key = drawing.masks(label), (drawing.series.id, label)
        kept = self._kept.get(key)
        if kept is not None:
            same = len(kept[0]) == len(masks) and all(a is b for a, b in zip(kept[0], masks, strict=True))
            if kept[1]() is voxels and (same or drawing.drafting):
                return kept[2]
        if drawing.drafting:
            return None
        self._kept[key] = masks, ref(voxels), _found(drawing.mask(label), voxels)
        return self._kept[key][2]


def _found(region: Mask, voxels: npt.NDArray[Any]) -> Mask | None:
    """None too where what was drawn is the lumen alone: less than half of its rim is wall."""
    if region.crop.size > LARGEST:
        return None
    lumen = lumen_of(region, voxels)
    wall = without(region, lumen)
    return lumen if lumen.count and 2 * in_range(wall, voxels, *GAS_HU).count < wall.count else None
