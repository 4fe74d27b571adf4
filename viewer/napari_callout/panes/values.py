"""The values that a view shows: a plane as it was taken, a slab of it, or a difference of two series. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid
from callout.volume import Volume
from napari_callout.panes.grey import Greys
from napari_callout.session.look import Look
from napari_callout.session.plane import Plane
from napari_callout.session.session import Session

Values = npt.NDArray[Any]
REACH = 0.5 + 1e-6  # voxels: how far the outermost ones reach
HATCH_MM, HATCH_WIDTH_MM, HATCH_GREY = 4.0, 1.0, np.uint8(96)  # lines where slices are missing
REDUCED: dict[str, Callable[[Values, int], Values]] = {
    "max": lambda block, axis: np.asarray(block.max(axis=axis)),
    "min": lambda block, axis: np.asarray(block.min(axis=axis)),
    "mean": lambda block, axis: np.asarray(block.mean(axis=axis, dtype=np.float32)),
}


def values_of(plane: Plane, look: Look, voxels: Values, slab: tuple[int, ...] = ()) -> Values:
    """(rows, columns) of native voxels (k, j, i) on a plane; over `slab`, steps along its axis, where there is one.

    −inf beside the slices, NaN where slices are missing.
    """
    return plane.slab(voxels, slab, REDUCED[look.projection]) if slab else plane.take(voxels)


def hatched(shown: Greys, values: Values, plane: Plane) -> Greys:
    """Greys with lines where slices are missing, so that what was never taken does not look like air."""
    if plane.upright is None or not plane.upright.gap.any():
        return shown
    down, across = (np.arange(n) * mm for n, mm in zip(plane.shape, plane.spacing, strict=True))
    drawn = (down[:, None] + across[None, :]) % HATCH_MM < HATCH_WIDTH_MM
    found: Greys = np.where(np.isnan(values) & drawn, HATCH_GREY, shown)
    return found


def taken_away(plane: Plane, values: Values, other: Volume, shift_mm: Floats) -> Floats:
    """Values of a native plane less those of another series at the same places; −inf where that has none.

    shift_mm: LPS, by which the other series is moved.
    """
    from callout.figures.section import slice_grid

    grid = slice_grid(plane.grid, plane.k)
    moved = Grid(grid.shape, grid.origins - shift_mm, grid.row_step, grid.column_step, grid.frame_of_reference_uid)
    turned = plane.turned(sampled(other, moved))
    found: Floats = np.where(np.isfinite(turned), values - turned, -np.inf)
    return found


def sampled(volume: Volume, grid: Grid) -> npt.NDArray[np.float32]:
    """(rows, columns) values, linear between voxels, at the one slice of `grid`; −inf outside.

    As `callout.figures.section.sample` has it, but several times as fast where the volume's slices are even.
    """
    from scipy.ndimage import affine_transform

    from callout.figures.section import sample

    if not volume.grid.is_even:
        return np.asarray(sample(volume, grid, 0.0), np.float32)
    rows, columns = grid.shape[1:]
    corners = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1]], np.float64)
    start, down, across = volume.grid.indices(grid.points(corners)).round(9)
    down, across = down - start, across - start
    inside = np.ones((rows, columns), bool)
    low, high = [], []
    for axis, count in enumerate(volume.grid.shape):
        at = start[axis] + down[axis] * np.arange(rows)[:, None] + across[axis] * np.arange(columns)[None, :]
        inside &= (at >= -REACH) & (at <= count - 1 + REACH)
        low.append(int(np.clip(np.floor(at.min()), 0, count - 1)))
        high.append(int(np.clip(np.ceil(at.max()) + 1, low[-1] + 1, count)))
    crop = volume.voxels[low[0] : high[0], low[1] : high[1], low[2] : high[2]].astype(np.float32)
    matrix = np.column_stack([np.zeros(3), down, across])
    values = affine_transform(
        crop, matrix, start - low, output_shape=(1, rows, columns), output=np.float32, order=1, mode="nearest"
    )[0]
    found: npt.NDArray[np.float32] = np.where(inside, values, np.float32(-np.inf))
    return found


def is_shown(session: Session, look: Look, arrived: npt.NDArray[np.bool_] | None, slab: tuple[int, ...]) -> bool:
    """Whether all that a look needs has arrived."""
    if arrived is None:
        return True
    plane = session.views.plane_of(look)
    if not plane.is_native:
        return bool(arrived.all())
    return all(bool(arrived[plane.order.slice_to_display(at)]) for at in slab or (plane.at,))
