from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.geometry import Grid
from napari_callout.layers import DisplayOrder
from napari_callout.session.order import DISPLAY_DIRECTIONS

SHAPE = (3, 4, 5)
CHOICES = list(product(permutations(range(3)), product((1, -1), repeat=3)))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Stacks along any body axes, turned by up to 20°."""
    axes, signs = draw(st.sampled_from(CHOICES))
    turn, about = np.radians(draw(st.floats(-20, 20))), draw(st.integers(0, 2))
    a, b = (axis for axis in range(3) if axis != about)
    rotation = np.eye(3)
    rotation[a, a] = rotation[b, b] = np.cos(turn)
    rotation[a, b], rotation[b, a] = -np.sin(turn), np.sin(turn)
    directions = rotation @ (np.eye(3)[list(axes)] * np.array(signs)[:, None]).T
    affine = np.eye(4)
    affine[:3, :3] = directions * (5.0, 0.7, 0.9)
    affine[:3, 3] = (10, -20, 30)
    return Grid.from_affine(affine, SHAPE)


@given(grids())
def test_a_stack_is_shown_from_the_head_the_front_and_the_right(grid: Grid) -> None:
    order = DisplayOrder.of(grid)
    cosines = [order.direction(axis) @ DISPLAY_DIRECTIONS[axis] for axis in range(3)]
    assert min(cosines) > 0.9
    assert sorted(order.spacing) == pytest.approx([0.7, 0.9, 5.0])
    assert order.spacing[order.slice_axis] == pytest.approx(5.0)


@given(grids())
def test_display_and_native_are_each_others_inverse_and_nothing_is_copied(grid: Grid) -> None:
    order = DisplayOrder.of(grid)
    native = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    shown = order.to_display(native)
    assert shown.shape == order.shape
    assert np.shares_memory(shown, native)
    assert (order.to_native(shown) == native).all()
    for index in np.ndindex(*SHAPE):
        at = order.index_to_display(index)
        assert shown[at] == native[index]
        assert order.index_to_native(at) == index


@given(grids(), st.data())
def test_a_box_of_the_display_is_the_same_voxels_natively(grid: Grid, data: st.DataObject) -> None:
    order = DisplayOrder.of(grid)
    native = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    low = tuple(data.draw(st.integers(0, n - 1)) for n in order.shape)
    high = tuple(data.draw(st.integers(a + 1, n)) for a, n in zip(low, order.shape, strict=True))
    box = order.to_display(native)[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    first, last = order.box_to_native(low, high)
    found = native[tuple(slice(a, b) for a, b in zip(first, last, strict=True))]
    assert (order.to_native(box) == found).all()


@pytest.mark.parametrize(
    ("row", "column", "edges", "dims"),
    [
        ([0, 1, 0], [1, 0, 0], ("R", "L", "A", "P"), (0, 1, 2)),  # axial
        ([0, 0, -1], [1, 0, 0], ("R", "L", "H", "F"), (1, 0, 2)),  # coronal
        ([0, 0, -1], [0, 1, 0], ("A", "P", "H", "F"), (2, 0, 1)),  # sagittal
        ([0, -1, 0], [-1, 0, 0], ("R", "L", "A", "P"), (0, 1, 2)),  # axial, stored upside down
    ],
)
def test_letters_at_the_edges(
    row: list[float], column: list[float], edges: tuple[str, ...], dims: tuple[int, ...]
) -> None:
    normal = np.cross(column, row)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = normal, row, column
    order = DisplayOrder.of(Grid.from_affine(affine, SHAPE))
    assert order.edges == edges
    assert order.dims_order == dims


def test_a_single_slice_has_a_slice_axis_of_one_millimetre() -> None:
    order = DisplayOrder.of(Grid.from_affine(np.diag([1.0, 2, 3, 1])[[2, 1, 0, 3]], (1, 4, 5)))
    assert order.spacing[order.slice_axis] == 1.0
