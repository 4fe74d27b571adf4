"""What of the patient a proposed panel shows: the body on a slice, and where a plane is best cut through a stack.

Frame: LPS mm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callout.figures.projection import Projection
from callout.figures.recipe import Plane, View
from callout.figures.section import NORMALS, page_directions
from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.volume import Series

BODY_PLANES: tuple[Plane, ...] = ("axial", "coronal", "sagittal")
BORDER_MM = 4.0
LEAST_SLICES, THICKEST_MM = 10, 5.0  # of a stack that other planes are cut through
LEVEL_MM = 1.0  # between the places where a plane may be cut

Point = tuple[float, float, float]


def is_fine_stack(series: Series) -> bool:
    """Whether planes of the body can be cut through a series: even, fine enough, of known spacing, no localizer."""
    grid = series.grid
    return (
        not series.is_localizer
        and series.is_measurable
        and grid.shape[0] >= LEAST_SLICES
        and grid.is_even
        and grid.spacing[0] <= THICKEST_MM + 0.01
    )


def best_place(grid: Grid, plane: Plane, groups: Sequence[Sequence[Mask]], otherwise: Floats | None) -> Floats:
    """A point, LPS mm, of the plane that shows most groups of masks, and the smallest as large as possible.

    Where there are no masks, `otherwise`, else the middle of the stack.
    """
    normal = np.array(NORMALS[plane])
    middle: Floats = grid.points((np.array(grid.shape) - 1) / 2)
    if not any(groups):
        return middle if otherwise is None else otherwise
    voxels = [np.concatenate([np.argwhere(mask.crop) + mask.low for mask in group]) for group in groups if group]
    levels = [np.rint((grid.points(some) @ normal).round(3) / LEVEL_MM).astype(np.int64) for some in voxels]
    lowest = min(int(some.min()) for some in levels)
    counts = np.stack([np.bincount(some - lowest, minlength=max(int(o.max()) for o in levels) - lowest + 1)
                       for some in levels])  # fmt: skip
    present = (counts > 0).sum(axis=0)
    smallest = np.where(counts > 0, counts, counts.max() + 1).min(axis=0)
    best = int(np.lexsort((-counts.sum(axis=0), -smallest, -present))[0])
    return middle + ((best + lowest) * LEVEL_MM - float(middle @ normal)) * normal


def whole_plane(series: Series, plane: Plane, through: Floats, window: tuple[float, float]) -> View:
    """The view of all that a plane through a point cuts of a stack."""
    corners = series.grid.points(np.array(list(np.ndindex(2, 2, 2))) * (np.array(series.grid.shape) - 1))
    right, down = page_directions(np.array(NORMALS[plane]))
    middle, extent = through, []
    for way in (right, down):
        low, high = float((corners @ way).min()), float((corners @ way).max())
        middle = middle + ((low + high) / 2 - float(middle @ way)) * way
        extent.append(max(high - low, 1.0))
    x, y, z = (round(float(v), 2) for v in middle)
    return View(series.id, None, (x, y, z), (extent[0], extent[1]), window, plane=plane)


def body_box(values: npt.NDArray[np.generic], modality: str, grid: Grid, k: int) -> tuple[Point, tuple[float, float]]:
    """Centre (LPS mm) and extent (width, height on the page, mm) of the body on slice k, with a narrow border.

    values: (rows, columns), infinite outside a volume. On CT the body is the largest connected part above air, so that
    the table is none of it; on MR, where dark fat may part it, every row and column that has more than noise.
    """
    from scipy import ndimage

    pixels = np.asarray(values, np.float64)
    seen = np.isfinite(pixels)
    floor = -300.0 if modality == "CT" else 0.08 * float(np.percentile(pixels[seen], 99)) if seen.any() else 0.0
    body = seen & (np.where(seen, pixels, 0.0) > floor)
    if modality == "CT" and body.any():
        parts, _ = ndimage.label(body)
        body = parts == np.bincount(parts.ravel())[1:].argmax() + 1
    spacing, whole = np.array(grid.spacing[1:]), np.array(pixels.shape)
    low, high = np.zeros(2), whole.astype(np.float64)
    for axis in (0, 1):
        used = np.flatnonzero(body.mean(axis=1 - axis) > 0.02)
        if used.size:
            low[axis], high[axis] = used[0], used[-1] + 1
    low = np.maximum(low - 0.5 - BORDER_MM / spacing, -0.5)
    high = np.minimum(high - 0.5 + BORDER_MM / spacing, whole - 0.5)
    x, y, z = (round(float(v), 2) for v in grid.points([k, *((low + high) / 2)]))
    down, across = (high - low) * spacing
    transposed = Projection(grid, k, (x, y, z), 1.0, (1, 1)).is_transposed
    width, height = (down, across) if transposed else (across, down)
    return (x, y, z), (round(float(width), 1), round(float(height), 1))
