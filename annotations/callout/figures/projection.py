"""Where a native slice's voxels lie on a panel: shown the radiological way, by flips and transposes only.

Frame: panel pixels, x to the right, y down, (0, 0) the panel's upper left corner; and (row, column) of the slice, voxel
centres at whole numbers. Axial: the patient's right on the left, anterior up. Coronal: right on the left, head up.
Sagittal: anterior on the left, head up. An oblique stack is shown like the nearest body plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.geometry import Grid, direction_letters

Floats = npt.NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)

# LPS directions to the right and down on the page, by the axis of the slice's normal: sagittal, coronal, axial.
PAGE_DIRECTIONS = (((0, 1, 0), (0, 0, -1)), ((1, 0, 0), (0, 0, -1)), ((1, 0, 0), (0, 1, 0)))


@dataclass(frozen=True, eq=False)
class Projection:
    """One slice of a grid on a panel.

    slice: k, from 0. centre_mm: LPS of the panel's middle, taken onto the slice along its normal.
    width_mm: what the panel's width shows of the patient. size: (width, height) of the panel in pixels.
    """

    grid: Grid
    slice: int
    centre_mm: tuple[float, float, float]
    width_mm: float
    size: tuple[int, int]

    def __post_init__(self) -> None:
        if not 0 <= self.slice < self.grid.shape[0]:
            raise InputError(f"slice {self.slice} is not among the {self.grid.shape[0]} of the series")

    @property
    def mm_per_pixel(self) -> float:
        """Of the patient, along both sides of a panel pixel."""
        return self.width_mm / self.size[0]

    @cached_property
    def is_transposed(self) -> bool:
        """Whether the slice's rows run across the page."""
        right, down = self._wanted
        row, column = self._unit(self.grid.row_step), self._unit(self.grid.column_step)
        upright = abs(_dot(column, right)) + abs(_dot(row, down))
        return bool(abs(_dot(row, right)) + abs(_dot(column, down)) > upright + 1e-9)

    @property
    def _wanted(self) -> tuple[Floats, Floats]:
        right, down = PAGE_DIRECTIONS[int(np.abs(self.grid.normal).round(6).argmax())]
        return np.array(right, np.float64), np.array(down, np.float64)

    @staticmethod
    def _unit(vector: Floats) -> Floats:
        unit: Floats = vector / np.sqrt(_dot(vector, vector))
        return unit

    @cached_property
    def right(self) -> Floats:
        """Unit LPS direction to the right on the page."""
        step = self._unit(self.grid.row_step if self.is_transposed else self.grid.column_step)
        return step if _dot(step, self._wanted[0]) >= 0 else -step

    @cached_property
    def down(self) -> Floats:
        """Unit LPS direction down on the page."""
        step = self._unit(self.grid.column_step if self.is_transposed else self.grid.row_step)
        return step if _dot(step, self._wanted[1]) >= 0 else -step

    @cached_property
    def letters(self) -> dict[str, str]:
        """The patient's directions at the panel's edges: keys left, right, top, bottom."""
        return {
            "left": direction_letters(-self.right),
            "right": direction_letters(self.right),
            "top": direction_letters(-self.down),
            "bottom": direction_letters(self.down),
        }

    @cached_property
    def _centre(self) -> Floats:
        """The panel's middle, LPS mm, on the slice."""
        origin, normal = self.grid.origins[self.slice], self.grid.normal
        point = np.array(self.centre_mm, np.float64)
        on_slice: Floats = point - _dot(point - origin, normal) * normal
        return on_slice

    def to_panel(self, points_mm: npt.ArrayLike) -> Floats:
        """Panel pixels (..., 2) (x, y) of LPS mm points (..., 3), taken onto the slice along its normal."""
        off = (np.asarray(points_mm, np.float64) - self._centre) / self.mm_per_pixel
        x, y = _dot(off, self.right) + self.size[0] / 2, _dot(off, self.down) + self.size[1] / 2
        placed: Floats = np.stack([x, y], -1)
        return placed

    def from_panel(self, places: npt.ArrayLike) -> Floats:
        """LPS mm points (..., 3) on the slice of panel pixels (..., 2) (x, y)."""
        place = np.asarray(places, np.float64) * self.mm_per_pixel
        x, y = place[..., :1] - self.width_mm / 2, place[..., 1:] - self.size[1] * self.mm_per_pixel / 2
        points: Floats = self._centre + x * self.right + y * self.down
        return points

    def off_slice(self, point_mm: tuple[float, float, float]) -> float:
        """mm along the normal from the slice to an LPS mm point."""
        off = np.array(point_mm, np.float64) - self.grid.origins[self.slice]
        return abs(float(_dot(off, self.grid.normal)))

    def voxels_to_panel(self, positions: npt.ArrayLike) -> Floats:
        """Panel pixels (n, 2) (x, y) of (row, column) positions (n, 2) on the slice."""
        place = np.asarray(positions, np.float64)
        origin = self.grid.origins[self.slice]
        return self.to_panel(origin + place[:, :1] * self.grid.row_step + place[:, 1:] * self.grid.column_step)

    def upright(self, pixels: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """The slice (rows, columns) transposed where need be, so that its columns run across the page."""
        return pixels.T if self.is_transposed else pixels

    def positions(self) -> tuple[Floats, Floats]:
        """Where panel pixels lie on the upright slice: indices down for each panel row, across for each column."""
        across, down = self.grid.column_step, self.grid.row_step
        if self.is_transposed:
            across, down = down, across
        x, y = (np.arange(side) + 0.5 for side in self.size)
        start = self._centre - self.grid.origins[self.slice]
        columns = self._along(across, self.right, start, x - self.size[0] / 2)
        rows = self._along(down, self.down, start, y - self.size[1] / 2)
        return rows, columns

    def _along(self, step: Floats, direction: Floats, start: Floats, pixels: npt.NDArray[np.floating]) -> Floats:
        """Indices along `step`, rounded to 1e-6 so that a voxel's border falls to the same side everywhere."""
        length = float(np.sqrt(_dot(step, step)))
        sign = 1.0 if _dot(step, direction) >= 0 else -1.0
        indices: Floats = np.round((_dot(start, step) / length + sign * pixels * self.mm_per_pixel) / length, 6)
        return indices


def _dot(vectors: Floats, along: Floats) -> Floats:
    """Scalar products of vectors (..., 3), always added in the same order, unlike those of a BLAS."""
    product: Floats = vectors[..., 0] * along[0] + vectors[..., 1] * along[1] + vectors[..., 2] * along[2]
    return product
