"""How a stack lies on the screen: its own axes, permuted and flipped, never resampled.

Display axes are named for where they run: axis 0 to the feet, axis 1 to the back, axis 2 to the patient's left. An
array in this order, with positive scale, shows axial, coronal and sagittal planes the radiological way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.geometry import Floats, Grid, direction_letters
from napari_callout.session.upright import Upright

Index = tuple[int, int, int]
DISPLAY_DIRECTIONS = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])  # LPS: feet, back, left
AXIS_NAMES = ("head → feet", "front → back", "right → left")  # as the slider beside them runs


@dataclass(frozen=True, eq=False)
class DisplayOrder:
    """Where each native axis (k, j, i) of a grid lies on the display.

    axes: for each display axis, the native axis that lies on it.
    flips: for each display axis, whether the native axis runs the other way there.
    """

    grid: Grid
    axes: Index
    flips: tuple[bool, bool, bool]

    @classmethod
    def of(cls, grid: Grid) -> DisplayOrder:
        """The order in which native directions come nearest to feet, back and left.

        >>> grid = Grid.from_affine([[0, 0, 2, 0], [0, 2, 0, 0], [5, 0, 0, 0], [0, 0, 0, 1]], (4, 8, 9))
        >>> order = DisplayOrder.of(grid)       # axial, slice 0 the lowest: shown from the head down
        >>> order.axes, order.flips, order.index_to_display((3, 0, 0))
        ((0, 1, 2), (True, False, False), (0, 0, 0))
        """
        cosines = DISPLAY_DIRECTIONS @ _directions(grid).T  # display axis × native axis
        best = max(permutations(range(3)), key=lambda axes: sum(abs(cosines[d, a]) for d, a in enumerate(axes)))
        flips = tuple(bool(cosines[d, a] < 0) for d, a in enumerate(best))
        return cls(grid, (best[0], best[1], best[2]), (flips[0], flips[1], flips[2]))

    @property
    def shape(self) -> Index:
        """The shape in display order."""
        return self._turned(self.grid.shape)

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """mm along each display axis, all positive; 1 mm between slices where a single one does not tell."""
        between, rows, columns = self.grid.spacing
        native = (between or 1.0, rows, columns)
        return native[self.axes[0]], native[self.axes[1]], native[self.axes[2]]

    @cached_property
    def upright(self) -> Upright | None:
        """How planes across its slices are read; None where they are planes of voxels."""
        return Upright.of(self.grid)

    @cached_property
    def across(self) -> DisplayOrder:
        """How the pixels of planes across its slices lie on the screen; itself where they are planes of voxels."""
        return self if self.upright is None else DisplayOrder(self.upright.grid, self.axes, self.flips)

    @property
    def slice_axis(self) -> int:
        """The display axis along which the native slices lie."""
        return self.axes.index(0)

    @property
    def dims_order(self) -> Index:
        """The slice axis first, then the two that are seen: rows of the screen, columns of the screen."""
        down, across = (axis for axis in range(3) if axis != self.slice_axis)
        return self.slice_axis, down, across

    @property
    def edges(self) -> tuple[str, str, str, str]:
        """The letters at the left, right, upper and lower edge of the picture of a native slice."""
        _, down, across = self.dims_order
        return self.letters[across] + self.letters[down]

    @cached_property
    def letters(self) -> tuple[tuple[str, str], ...]:
        """Of each display axis, where it comes from and where it runs to."""
        ways = [self.direction(axis) for axis in range(3)]
        return tuple((direction_letters(-way), direction_letters(way)) for way in ways)

    @cached_property
    def _directions(self) -> Floats:
        return _directions(self.grid)

    def direction(self, axis: int) -> Floats:
        """The LPS unit vector along which display axis `axis` grows."""
        native: Floats = self._directions[self.axes[axis]]
        return -native if self.flips[axis] else native

    def to_display(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A native (k, j, i) array as a view in display order; nothing is copied."""
        turned = array.transpose(self.axes)
        return turned[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]

    def to_native(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The inverse of `to_display`, for a whole volume or for a box of it."""
        flipped = array[tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)]
        return flipped.transpose(np.argsort(self.axes))

    def index_to_display(self, index: Index) -> Index:
        """Where the native voxel (k, j, i) lies."""
        turned, shape = self._turned(index), self.shape
        at = [n - 1 - x if flip else x for x, n, flip in zip(turned, shape, self.flips, strict=True)]
        return at[0], at[1], at[2]

    def index_to_native(self, index: Index) -> Index:
        """The inverse of `index_to_display`."""
        at = [n - 1 - x if flip else x for x, n, flip in zip(index, self.shape, self.flips, strict=True)]
        back = [at[self.axes.index(axis)] for axis in range(3)]
        return back[0], back[1], back[2]

    def box_to_native(self, low: Index, high: Index) -> tuple[Index, Index]:
        """The native [low, high) of a display [low, high)."""
        ends = [self.index_to_native(low), self.index_to_native((high[0] - 1, high[1] - 1, high[2] - 1))]
        first = [min(pair) for pair in zip(*ends, strict=True)]
        last = [max(pair) + 1 for pair in zip(*ends, strict=True)]
        return (first[0], first[1], first[2]), (last[0], last[1], last[2])

    def slice_to_display(self, k: int) -> int:
        """The step of the slice axis on which native slice `k` lies; its own inverse."""
        return self.grid.shape[0] - 1 - k if self.flips[self.slice_axis] else k

    def _turned(self, values: Index) -> Index:
        return values[self.axes[0]], values[self.axes[1]], values[self.axes[2]]


def _directions(grid: Grid) -> Floats:
    """(3, 3) LPS unit vectors along which k, j and i grow; for k the normal, also in a tilted stack."""
    positions = grid.slice_positions
    normal = grid.normal if len(positions) == 1 or positions[-1] > positions[0] else -grid.normal
    _, rows, columns = grid.spacing
    directions: Floats = np.stack([normal, grid.row_step / rows, grid.column_step / columns])
    return directions
