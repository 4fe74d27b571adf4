"""What is measured on a region: size and volume from true positions, intensity from its own series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid
from callout.masks.mask import Mask

Ends = tuple[tuple[float, float, float], tuple[float, float, float]]
BODY_AXES = ("transverse", "anteroposterior", "craniocaudal")  # x, y, z of LPS


@dataclass(frozen=True)
class Measures:
    """The measures of one region, in mm, mm³ and the series' own values.

    long_axis_mm: the longest diameter within one native slice, from pixel edge to pixel edge; short_axis_mm: the
        longest diameter perpendicular to it on the same slice; both of the region's convex outline there.
    long_axis_ends, short_axis_ends: their two end points, LPS mm.
    slice: k of that slice.
    extent_mm: from the first voxel's outer border to the last one's along x, y and z of the patient.
    volume_mm3: None for a single slice, whose thickness no grid tells, and for localizers.
    """

    voxels: int
    volume_mm3: float | None
    long_axis_mm: float
    short_axis_mm: float
    long_axis_ends: Ends
    short_axis_ends: Ends
    slice: int
    extent_mm: dict[str, float]
    mean: float | None = None
    sd: float | None = None


def measure(mask: Mask, grid: Grid, voxels: npt.NDArray[np.generic] | None = None) -> Measures | None:
    """The measures of `mask` on `grid`; None for an empty mask.

    voxels: the series' values, (k, j, i), for mean and SD (population SD, n as divisor).
    """
    mask = mask.trimmed()
    if not mask.count:
        return None
    per_slice = mask.crop.sum(axis=(1, 2))
    volume = float(per_slice @ grid.voxel_volumes[mask.low[0] : mask.high[0]])
    k, lengths, ends = _longest(mask, grid)
    mean = sd = None
    if voxels is not None:
        inside = voxels[mask.box][mask.crop].astype(np.float64)
        mean, sd = float(inside.mean()), float(inside.std())
    return Measures(
        voxels=mask.count,
        volume_mm3=volume or None,
        long_axis_mm=lengths[0],
        short_axis_mm=lengths[1],
        long_axis_ends=ends[0],
        short_axis_ends=ends[1],
        slice=k,
        extent_mm=_extent(mask, grid),
        mean=mean,
        sd=sd,
    )


def _longest(mask: Mask, grid: Grid) -> tuple[int, tuple[float, float], tuple[Ends, Ends]]:
    """Slice, lengths of the long and the short axis, and the ends of both in patient space, over all slices."""
    _, row_mm, column_mm = grid.spacing
    best: tuple[float, int, Floats, int, int] | None = None
    for k in mask.slices():
        hull = _hull(mask.crop[k - mask.low[0]], row_mm, column_mm)
        gaps = np.linalg.norm(hull[:, None] - hull[None], axis=-1)
        first, last = divmod(int(gaps.argmax()), len(hull))
        if best is None or gaps[first, last] > best[0] + 1e-9:
            best = float(gaps[first, last]), k, hull, first, last
    if best is None:
        raise ValueError("an empty mask has no axes")
    length, k, hull, first, last = best
    across = _widest_across(hull, (hull[last] - hull[first]) / length)
    short = float(np.linalg.norm(across[1] - across[0]))
    corners = np.concatenate([hull[[first, last]], across]) / (row_mm, column_mm) + mask.low[1:]
    points = grid.points(np.column_stack([np.full(4, k), corners])).round(3).tolist()
    one, two, three, four = (tuple(point) for point in points)
    return k, (length, short), ((one, two), (three, four))


def _hull(plane: npt.NDArray[np.bool_], row_mm: float, column_mm: float) -> Floats:
    """(n, 2) mm corners (row, column) of the convex hull through the outer edge midpoints of the set pixels."""
    from scipy.spatial import ConvexHull

    ends = []
    for j in np.flatnonzero(plane.any(axis=1)):  # only the ends of a row can be corners
        i = np.flatnonzero(plane[j])
        ends += [(j, i[0]), (j, i[-1])]
    centres = np.unique(np.array(ends, np.float64), axis=0)
    around = np.array([(-0.5, 0), (0.5, 0), (0, -0.5), (0, 0.5)])
    points = (centres[:, None] + around).reshape(-1, 2) * (row_mm, column_mm)
    corners: Floats = points[ConvexHull(points).vertices]
    return corners


def _widest_across(hull: Floats, direction: Floats) -> Floats:
    """The ends (2, 2) of the longest chord of a convex polygon (n, 2) that is perpendicular to a unit vector."""
    sideways = np.array([-direction[1], direction[0]])
    along, across = hull @ direction, hull @ sideways
    following = np.roll(np.arange(len(hull)), -1)
    widest, ends = -1.0, np.zeros((2, 2))
    for at in along:  # the width of a convex polygon is concave along a line, so it peaks at a corner
        chord = []
        for a, b in zip(range(len(hull)), following, strict=True):
            low, high = sorted((along[a], along[b]))
            if low <= at <= high:
                part = 0.0 if high == low else (at - along[a]) / (along[b] - along[a])
                chord += [across[a] + part * (across[b] - across[a])]
                if high == low:
                    chord.append(across[b])
        if max(chord) - min(chord) > widest:
            widest = max(chord) - min(chord)
            ends = at * direction + np.outer([min(chord), max(chord)], sideways)
    return ends


def _extent(mask: Mask, grid: Grid) -> dict[str, float]:
    """mm along x, y and z of the patient, from voxel border to voxel border; a slice reaches half way to the next."""
    lowest, highest = np.full(3, np.inf), np.full(3, -np.inf)
    in_plane = (np.abs(grid.row_step) + np.abs(grid.column_step)) / 2
    steps = np.diff(grid.slice_positions) / 2 if grid.shape[0] > 1 else np.zeros(1)
    before, after = np.concatenate([steps[:1], steps]), np.concatenate([steps, steps[-1:]])
    for k in mask.slices():
        rows, columns = np.nonzero(mask.crop[k - mask.low[0]])
        centres = grid.points(np.column_stack([np.full(len(rows), k), rows + mask.low[1], columns + mask.low[2]]))
        borders = np.outer([-before[k], after[k]], grid.normal)
        lowest = np.minimum(lowest, centres.min(axis=0) - in_plane + borders.min(axis=0))
        highest = np.maximum(highest, centres.max(axis=0) + in_plane + borders.max(axis=0))
    return {name: float(mm) for name, mm in zip(BODY_AXES, highest - lowest, strict=True)}
