"""The one place that says how a layer is made: positive scale, no affine, units, names and ranges always set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.volume import Series
from napari_callout.layers.regions import RegionArray, RegionSource
from napari_callout.session.order import AXIS_NAMES, DisplayOrder
from napari_callout.session.windows import Window, limits

UNITS = ("mm", "mm", "mm")


@dataclass(frozen=True)
class LayerParts:
    """A layer's data, and the arguments with which a viewer adds it."""

    data: Any
    arguments: dict[str, Any]


def image_parts(series: Series, order: DisplayOrder, voxels: npt.NDArray[Any], window: Window) -> LayerParts:
    """The image layer of native voxels (k, j, i); `window` is (centre, width). The array is shared, not copied."""
    low, high = limits(window)
    arguments = _placed(order) | {
        "name": series.description or series.id,
        "colormap": "gray_r" if series.photometric_interpretation == "MONOCHROME1" else "gray",
        "contrast_limits": (low, high),
        "interpolation2d": "linear",
    }
    return LayerParts(order.to_display(voxels), arguments)


def labels_parts(source: RegionSource, order: DisplayOrder) -> LayerParts:
    """The labels layer of all regions: a façade over the case."""
    return LayerParts(RegionArray(source, order), _placed(order) | {"name": "Regions"})


def value_range(voxels: npt.NDArray[Any]) -> tuple[float, float]:
    """Lowest and highest of a sample of the voxels, at least 1 apart: what a window slider should reach."""
    sample = voxels[:: max(1, voxels.shape[0] // 16), ::4, ::4]
    low, high = float(np.min(sample)), float(np.max(sample))
    return low, max(high, low + 1.0)


def colour_table(colours: Mapping[int, str]) -> dict[int | None, tuple[float, float, float, float]]:
    """RGBA from 0 to 1 of each label's "#RRGGBB"; what has none, and 0, is clear."""
    clear = (0.0, 0.0, 0.0, 0.0)
    table: dict[int | None, tuple[float, float, float, float]] = {None: clear, 0: clear}
    for label, colour in colours.items():
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        table[label] = (red, green, blue, 1.0)
    return table


def _placed(order: DisplayOrder) -> dict[str, Any]:
    return {"scale": order.spacing, "units": UNITS, "axis_labels": AXIS_NAMES}
