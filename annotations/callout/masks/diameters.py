"""The longest diameter of a region within one native slice, and the longest one across it, from pixel edge to edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid
from callout.masks.mask import Index
from callout.masks.runs import Runs

Ends = tuple[tuple[float, float, float], tuple[float, float, float]]
SAME_MM = 1e-9  # two ways to reckon one length differ by less
EDGES = np.array([(-0.5, 0), (0.5, 0), (0, -0.5), (0, 0.5)])  # midpoints of a pixel's edges (row, column)
DIRECTIONS = 16  # in which a section's width bounds its diameter to half a percent


@dataclass(frozen=True)
class Diameters:
    """Both diameters of a region on slice `k`, in mm, and their end points, LPS mm."""

    k: int
    long_mm: float
    short_mm: float
    long_ends: Ends
    short_ends: Ends


def diameters(runs: Runs, low: Index, grid: Grid, parts: npt.NDArray[np.int32]) -> Diameters:
    """The longest diameter of any part of a region in any slice, and the longest across it in its convex outline there.

    runs: of the region's crop, at least one; low: the crop's first voxel (k, j, i). parts: (n,) the number of each
    run's part: no diameter goes from one part to another. Of equally long ones that of the first slice.
    """
    step = np.array(grid.spacing[1:])
    k, j, first, last = (at + start for at, start in zip(runs.places(), (*low, low[2]), strict=True))
    section = parts.astype(np.int64) * (low[0] + runs.shape[0]) + k
    order = np.argsort(section, kind="stable")
    k, (j_mm, first_mm, last_mm) = k[order], np.stack([j, first, last])[:, order] * step[[0, 1, 1], None]
    begins = np.flatnonzero(np.diff(section[order], prepend=-1))
    stops = np.append(begins[1:], len(order))
    at_most = _bounds(j_mm, first_mm, last_mm, begins, step)
    best: tuple[float, int, Floats, Floats] | None = None
    for n in np.argsort(-at_most, kind="stable"):
        if best is not None and at_most[n] < best[0] - SAME_MM:
            break
        own = slice(begins[n], stops[n])
        length, hull, line = _longest(np.stack([j_mm[own], first_mm[own], last_mm[own]]).tobytes(), step.tobytes())
        found = length, int(k[begins[n]]), hull, line
        if best is None or found[0] > best[0] + SAME_MM or (found[0] > best[0] - SAME_MM and found[1] < best[1]):
            best = found
    assert best is not None
    length, slice_, hull, line = best
    across = _widest_across(hull, (line[1] - line[0]) / length)
    corners = np.concatenate([line, across]) / step
    points = grid.points(np.column_stack([np.full(4, slice_), corners])).round(3).tolist()
    one, two, three, four = (tuple(point) for point in points)
    return Diameters(slice_, length, float(np.linalg.norm(across[1] - across[0])), (one, two), (three, four))


def _bounds(j_mm: Floats, first_mm: Floats, last_mm: Floats, begins: npt.NDArray[np.intp], step: Floats) -> Floats:
    """(sections,) mm that no diameter of a section is longer than; `begins`: the first run of each."""
    widest = np.zeros(len(begins))
    for angle in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        down, across = np.cos(angle), np.sin(angle)  # the second is never negative
        high = np.maximum.reduceat(j_mm * down + last_mm * across, begins)
        low = np.minimum.reduceat(j_mm * down + first_mm * across, begins)
        widest = np.maximum(widest, high - low + max(abs(down) * step[0], across * step[1]))
    bounds: Floats = widest / np.cos(np.pi / 2 / DIRECTIONS)
    return bounds


@lru_cache(1024)  # while a region is drawn, all its slices but one stay as they are
def _longest(runs_mm: bytes, step_mm: bytes) -> tuple[float, Floats, Floats]:
    """Length and ends (2, 2) of the longest diameter of a section, after its convex outline through the outer edge
    midpoints of its pixels, (n, 2) mm (row, column).

    runs_mm: (3, runs) mm, row and first and last column of each; step_mm: (2,).
    """
    from scipy.spatial import ConvexHull

    j, first, last = np.frombuffer(runs_mm).reshape(3, -1)
    centres = np.stack([j, first, j, last], axis=1).reshape(-1, 2)
    points = (centres[:, None] + EDGES * np.frombuffer(step_mm)).reshape(-1, 2)
    hull: Floats = points[ConvexHull(points).vertices]
    gaps = np.linalg.norm(hull[:, None] - hull[None], axis=-1)
    return float(gaps.max()), hull, hull[list(divmod(int(gaps.argmax()), len(hull)))]


def _widest_across(hull: Floats, direction: Floats) -> Floats:
    """The ends (2, 2) of the longest chord of a convex polygon (n, 2) that is perpendicular to a unit vector."""
    sideways = np.array([-direction[1], direction[0]])
    along, across = hull @ direction, hull @ sideways
    after, beside = np.roll(along, -1), np.roll(across, -1)
    at = along[:, None]  # the width of a convex polygon is concave along a line, so it peaks at a corner
    cut = (np.minimum(along, after) <= at) & (at <= np.maximum(along, after))
    level = np.where(after == along, 1.0, after - along)
    places = np.where(after == along, across, across + (at - along) / level * (beside - across))
    low = np.minimum(np.where(cut, places, np.inf).min(axis=1), across)
    high = np.maximum(np.where(cut, places, -np.inf).max(axis=1), across)
    peak = int((high - low).argmax())
    ends: Floats = along[peak] * direction + np.outer([low[peak], high[peak]], sideways)
    return ends
