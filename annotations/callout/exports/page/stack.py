"""A series as a compact stack for the page: small slices of 8 bits, and where each region's border runs on them."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.case.contents import Contents
from callout.case.model import Region
from callout.figures.outline import outlines, simplify
from callout.figures.projection import Projection
from callout.figures.source import CaseSource
from callout.figures.window import picture_pixels
from callout.volume import Series

SIDE = 256  # pixels of a slice's longer side, at most
AROUND = 4  # slices shown before the first region and after the last
QUALITY = 72  # of WebP
TOLERANCE = 0.35  # pixels that a border may be off
# What the 256 levels of a CT stand for, HU: fine where tissue and lung are looked at, coarse in bone and metal.
CT_LEVELS = ((0, -1024.0), (20, -1000.0), (96, -240.0), (216, 300.0), (255, 2500.0))
PRESETS = {
    "lung": (-600.0, 1500.0),
    "mediastinum": (40.0, 400.0),
    "abdomen": (50.0, 400.0),
    "bone": (500.0, 2000.0),
    "brain": (40.0, 80.0),
}


@dataclass(frozen=True)
class Stack:
    """One series on the page.

    document: JSON values for the script: slices as WebP, levels, presets, size in mm, borders by region and slice.
    """

    series: Series
    document: dict[str, Any]


def stack_of(case: Contents, series: Series, source: CaseSource) -> Stack:
    """The slices of a series that hold regions, and some around them. CalloutError where its images can't be read."""
    regions = [one for one in case.regions if one.series_id == series.id and case.region_mask(one).count]
    masks = {one.id: case.region_mask(one) for one in regions}
    first = max(0, min(mask.low[0] for mask in masks.values()) - AROUND)
    last = min(series.grid.shape[0], max(mask.high[0] for mask in masks.values()) + AROUND)
    voxels = source.volume(series.id).voxels[first:last]
    levels = _levels(series, voxels)
    view = _view(series)
    inverted = series.photometric_interpretation == "MONOCHROME1"
    document = {
        "first": first,
        "count": series.grid.shape[0],
        "size": list(view.size),
        "aspect": round(_aspect(view), 4),
        "letters": view.letters,
        "levels": [[int(level), round(float(value), 3)] for level, value in levels],
        "presets": _presets(series, levels),
        "unit": "HU" if series.modality == "CT" else "",
        "inverted": inverted,
        "slices": [_slice(view, plane, levels) for plane in voxels],
        "borders": {one.id: _borders(case, one, view) for one in regions},
    }
    return Stack(series, document)


def _view(series: Series) -> Projection:
    """The whole slice, upright, at most SIDE pixels a side; one pixel is as wide as high, in voxels or in mm."""
    rows, columns = series.grid.shape[1:]
    middle = tuple(float(v) for v in series.grid.points([0, (rows - 1) / 2, (columns - 1) / 2]))
    down, across = rows * series.grid.spacing[1], columns * series.grid.spacing[2]
    if Projection(series.grid, 0, (middle[0], middle[1], middle[2]), 1.0, (1, 1)).is_transposed:
        down, across = across, down
    scale = SIDE / max(down, across)
    size = max(1, round(across * scale)), max(1, round(down * scale))
    return Projection(series.grid, 0, (middle[0], middle[1], middle[2]), across, size)


def _aspect(view: Projection) -> float:
    return view.size[0] / view.size[1]


def _levels(series: Series, voxels: npt.NDArray[Any]) -> list[tuple[int, float]]:
    """Knots (level, value) of what the 8 bits stand for, linear between them."""
    if series.modality == "CT":
        return list(CT_LEVELS)
    low, high = (float(v) for v in np.percentile(voxels[:, ::2, ::2], (0.1, 99.9)))
    return [(0, low), (255, max(high, low + 1))]


def _presets(series: Series, levels: list[tuple[int, float]]) -> list[list[Any]]:
    """[name, centre, width], what the images themselves say first."""
    own = [[f"W{width:g} L{centre:g}".replace("-", "−"), centre, width] for centre, width in series.windows[:1]]
    if series.modality == "CT":
        return own + [[name, *window] for name, window in PRESETS.items()]
    low, high = levels[0][1], levels[-1][1]
    return own or [["whole range", round((low + high) / 2, 3), round(high - low, 3)]]


def _slice(view: Projection, plane: npt.NDArray[Any], levels: list[tuple[int, float]]) -> str:
    """A slice as WebP in base64."""
    from PIL import Image

    knots, values = zip(*levels, strict=True)
    stored = np.rint(np.interp(plane, values, knots)).astype(np.uint8)
    rows, columns = view.positions()
    upright = view.upright(stored)
    upright = upright[:: -1 if rows[0] > rows[-1] else 1, :: -1 if columns[0] > columns[-1] else 1]
    small = picture_pixels(np.repeat(upright[..., None], 3, 2), view.size)[..., 0]
    buffer = io.BytesIO()
    Image.fromarray(small).save(buffer, "WEBP", quality=QUALITY, method=4)
    return base64.b64encode(buffer.getvalue()).decode()


def _borders(case: Contents, region: Region, view: Projection) -> dict[str, list[list[float]]]:
    """By slice, the closed borders of a region as x, y, x, y … in pixels of the small slice."""
    mask = case.region_mask(region)
    found = {}
    for k in mask.slices():
        rings = [simplify(view.voxels_to_panel(ring), TOLERANCE) for ring in outlines(mask.slice(k), smooth=True)]
        found[str(k)] = [np.round(ring, 1).ravel().tolist() for ring in rings]
    return found
