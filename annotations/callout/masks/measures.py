"""What is measured on a region: size and volume from true positions, intensity from its own series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.geometry import Grid
from callout.masks.diameters import Ends, diameters
from callout.masks.mask import Index, Mask
from callout.masks.runs import Runs

BODY_AXES = ("transverse", "anteroposterior", "craniocaudal")  # x, y, z of LPS
PERCENTILES = (10, 50, 90)  # as the Image Biomarker Standardisation Initiative has them
MOST_LEVELS = 1 << 16


@dataclass(frozen=True)
class Measures:
    """The measures of one region, in mm, mm³ and the series' own values.

    parts: how many pieces it has that touch each other nowhere, not even by a corner. Both diameters are of one piece:
        no diameter goes across several lesions.
    long_axis_mm: the longest diameter within one native slice, from pixel edge to pixel edge; short_axis_mm: the
        longest diameter perpendicular to it on the same slice; both of the piece's convex outline there.
    long_axis_ends, short_axis_ends: their two end points, LPS mm.
    slice: k of that slice.
    extent_mm: of all pieces, from the first voxel's outer border to the last one's along x, y and z of the patient.
    volume_mm3: None for a single slice, whose thickness no grid tells.
    mean, sd (n as divisor), median and the percentiles (linear between ranks): of the voxels' values.
    """

    voxels: int
    parts: int
    volume_mm3: float | None
    long_axis_mm: float
    short_axis_mm: float
    long_axis_ends: Ends
    short_axis_ends: Ends
    slice: int
    extent_mm: dict[str, float]
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    percentile_10: float | None = None
    percentile_90: float | None = None

    @property
    def size(self) -> tuple[float, float]:
        """What regions of one finding are compared by: the largest is the one that it is measured on."""
        return self.volume_mm3 or 0.0, self.long_axis_mm


def volume_text(mm3: float | None) -> str:
    """A volume in words; "" for None. A small one keeps two digits: it is never told as nothing.

    >>> volume_text(441_320), volume_text(18.4), volume_text(None)
    ('441.3 ml', '0.018 ml', '')
    """
    if mm3 is None:
        return ""
    return f"{mm3 / 1000:.1f} ml" if mm3 >= 1000 else f"{mm3 / 1000:.2g} ml"


def measure(mask: Mask, grid: Grid, voxels: npt.NDArray[np.generic] | None = None) -> Measures | None:
    """The measures of `mask` on `grid`; None for an empty mask. It looks at the region's box only.

    voxels: the series' values, (k, j, i), for what is told of intensities.
    """
    mask = mask.trimmed()
    if not mask.count:
        return None
    runs = Runs.of(mask.crop)
    parts = runs.islands(corners=True)
    volume = float(runs.lengths @ grid.voxel_volumes[runs.places()[0] + mask.low[0]])
    found = diameters(runs, mask.low, grid, parts)
    return Measures(
        voxels=mask.count,
        parts=int(parts.max()) + 1,
        volume_mm3=volume or None,
        long_axis_mm=found.long_mm,
        short_axis_mm=found.short_mm,
        long_axis_ends=found.long_ends,
        short_axis_ends=found.short_ends,
        slice=found.k,
        extent_mm=_extent(runs, mask.low, grid),
        **({} if voxels is None else _intensities(voxels[mask.box][mask.crop])),
    )


def _intensities(inside: npt.NDArray[np.generic]) -> dict[str, float]:
    """Of voxels' values; whole numbers are counted, which is several times as fast as sorting them."""
    values: npt.NDArray[Any] = inside
    if values.dtype.kind in "iu" and int(values.max()) - int(values.min()) < MOST_LEVELS:
        lowest = int(values.min())
        counts = np.bincount(values.astype(np.int64) - lowest)
        levels = lowest + np.arange(len(counts), dtype=np.float64)
        mean = float(levels @ counts / len(values))
        sd = float(np.sqrt((levels - mean) ** 2 @ counts / len(values)))
        ranks, part = np.divmod((len(values) - 1) * np.array(PERCENTILES) / 100, 1)
        below = counts.cumsum()
        lower, upper = (levels[np.searchsorted(below, rank, "right")] for rank in (ranks, np.ceil(ranks + part)))
        low, middle, high = (lower + part * (upper - lower)).tolist()
    else:
        exact = values.astype(np.float64)
        mean, sd = float(exact.mean()), float(exact.std())
        low, middle, high = np.percentile(exact, PERCENTILES).tolist()
    return {"mean": mean, "sd": sd, "median": middle, "percentile_10": low, "percentile_90": high}


def _extent(runs: Runs, low: Index, grid: Grid) -> dict[str, float]:
    """mm along x, y and z of the patient, from voxel border to voxel border; a slice reaches half way to the next."""
    k, j, first, last = (at + start for at, start in zip(runs.places(), (*low, low[2]), strict=True))
    steps = np.diff(grid.slice_positions) / 2 if grid.shape[0] > 1 else np.zeros(1)
    reach = np.stack([np.concatenate([-steps[:1], -steps]), np.concatenate([steps, steps[-1:]])])  # before, after
    found = {}
    for axis, name in enumerate(BODY_AXES):
        row, column, along = grid.row_step[axis], grid.column_step[axis], reach * grid.normal[axis]
        start = grid.origins[:, axis]
        near, far = (first, last) if column >= 0 else (last, first)
        lowest = ((start + along.min(axis=0))[k] + j * row + near * column).min()
        highest = ((start + along.max(axis=0))[k] + j * row + far * column).max()
        found[name] = float(highest - lowest + abs(row) + abs(column))
    return found
