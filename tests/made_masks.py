"""Grids of every kind, masks on them, and the same thing turned over: what the tests of the tools share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from callout.geometry import Grid
from callout.masks import Mask

Bits = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
FRAME = "1.2.3"

shapes = st.tuples(st.integers(2, 5), st.integers(2, 8), st.integers(2, 8))


@st.composite
def grids(draw: st.DrawFn, shape: tuple[int, int, int] | None = None, tilted: bool | None = None) -> Grid:
    """Anisotropic, tilted or not, uneven or not, turned in the patient."""
    slices, rows, columns = shape or draw(shapes)
    millimetres = st.floats(0.4, 3.0).map(lambda mm: round(mm, 4) + 1e-5 * np.pi)  # no two ways are equally long
    row_mm, column_mm = draw(millimetres), draw(millimetres)
    gaps = [draw(millimetres) for _ in range(slices - 1)] if draw(st.booleans()) else [draw(millimetres)] * (slices - 1)
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    lean = draw(st.floats(-0.5, 0.5)) if (draw(st.booleans()) if tilted is None else tilted) else 0.0
    places = np.column_stack([np.full(slices, 7.0), lean * heights - 5.0, heights + 3.0])
    angle = draw(st.floats(-3, 3))
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    return Grid(
        (slices, rows, columns),
        places @ turn.T,
        turn @ np.array([0, row_mm, 0]),
        turn @ np.array([column_mm, 0, 0]),
        FRAME,
    )


@st.composite
def masked_grids(draw: st.DrawFn, tilted: bool | None = None) -> tuple[Mask, Grid]:
    """A grid with a mask of any voxels."""
    grid = draw(grids(tilted=tilted))
    return Mask.from_array(draw(hnp.arrays(bool, grid.shape))), grid


def turned_over(grid: Grid, axis: int) -> tuple[Grid, Callable[[Mask], Mask]]:
    """The same voxels counted the other way along an axis (0, 1, 2), or with rows and columns changed (3)."""
    origins, row, column = grid.origins, grid.row_step, grid.column_step
    slices, rows, columns = grid.shape
    if axis == 0:
        made = Grid(grid.shape, origins[::-1], row, column, FRAME)
    elif axis == 1:
        made = Grid(grid.shape, origins + (rows - 1) * row, -row, column, FRAME)
    elif axis == 2:
        made = Grid(grid.shape, origins + (columns - 1) * column, row, -column, FRAME)
    else:
        made = Grid((slices, columns, rows), origins, column, row, FRAME)
    return made, lambda mask: Mask.from_array(turned(mask.array(), axis))


def turned(array: npt.NDArray[np.generic], axis: int) -> npt.NDArray[np.generic]:
    """An array (k, j, i) counted like the grid of `turned_over`."""
    return array.transpose(0, 2, 1) if axis == 3 else np.flip(array, axis)


def centres(grid: Grid) -> Floats:
    """(k, j, i, 3) LPS mm of all voxels."""
    return grid.points(np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1))


def same(one: Mask, other: Mask) -> bool:
    return one.shape == other.shape and np.array_equal(one.array(), other.array())


def lattice(size_mm: float, spacing: tuple[float, float, float], tilt: float = 0.0, uneven: bool = False) -> Grid:
    """A grid about the point (0, 0, 0) that reaches `size_mm` in each direction from it."""
    slices, rows, columns = (2 * int(np.ceil(size_mm / step)) + 1 for step in spacing)
    heights = (np.arange(slices) - slices // 2) * spacing[0]
    if uneven:  # every other slice lies nearer to the one before
        heights = heights + np.where(np.arange(slices) % 2, -0.3, 0.0) * spacing[0]
    origins = np.column_stack(
        [np.full(slices, -(columns // 2) * spacing[2]), tilt * heights - (rows // 2) * spacing[1], heights]
    )
    return Grid((slices, rows, columns), origins, np.array([0, spacing[1], 0]), np.array([spacing[2], 0, 0]), FRAME)


LATTICES = {
    "even": lattice(34, (1.0, 1.0, 1.0)),
    "anisotropic": lattice(34, (2.5, 0.7, 0.9)),
    "tilted": lattice(34, (2.0, 0.8, 0.8), tilt=0.3),
    "uneven": lattice(34, (2.0, 0.8, 0.7), uneven=True),
    "tilted and uneven": lattice(34, (2.0, 0.8, 0.7), tilt=-0.25, uneven=True),
}
