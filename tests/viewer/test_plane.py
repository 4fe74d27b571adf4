"""Planes against brute force from `Grid.points`: each pixel is the voxel that lies where the plane says it does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_grids import FRAME, grids, numbered

from callout.geometry import Grid, direction_letters
from callout.masks import Mask
from napari_callout.session.order import DISPLAY_DIRECTIONS, DisplayOrder
from napari_callout.session.plane import Plane, same_frame


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    """Any plane of any stack; across the slices too, where the stack is even and upright."""
    grid = draw(grids(draw(st.sampled_from([(3, 4, 5), (4, 3, 3), (1, 4, 5)]))))
    order = DisplayOrder.of(grid)
    across = grid.is_even and grid.shape[0] > 1 and not _tilted(grid)
    axis = draw(st.integers(0, 2)) if across else order.slice_axis
    return Plane(order, axis, draw(st.integers(0, order.shape[axis] - 1)))


def _tilted(grid: Grid) -> bool:
    step = grid.origins[-1] - grid.origins[0]
    return bool(np.abs(np.cross(step, grid.normal)).max() > 1e-6)


@given(planes())
def test_each_pixel_is_the_voxel_that_lies_there(plane: Plane) -> None:
    voxels = numbered(plane.grid)
    pixels = plane.take(voxels)
    assert pixels.shape == plane.shape
    assert np.shares_memory(pixels, voxels)
    for row, column in np.ndindex(*plane.shape):
        index = plane.voxel(row, column)
        assert index is not None
        assert voxels[index] == pixels[row, column]
        point = plane.point(row, column)
        assert np.abs(point - plane.grid.points(index)).max() < 1e-9
        assert np.abs(plane.places(point)[0] - [row, column, 0]).max() < 1e-6
        if plane.is_native:
            assert index[0] == plane.k
            assert np.abs(plane.native_places([[row, column]])[0] - index[1:]).max() < 1e-9
    assert plane.voxel(-0.51, 0) is plane.voxel(0, plane.shape[1] - 0.49) is None
    if plane.is_native:
        assert np.array_equal(plane.turned(voxels[plane.k]), pixels)


@given(planes())
def test_letters_millimetres_and_ends_are_those_of_the_patient(plane: Plane) -> None:
    middle = np.array(plane.shape) / 2
    across = plane.point(middle[0], middle[1] + 1) - plane.point(*middle)
    down = plane.point(middle[0] + 1, middle[1]) - plane.point(*middle)
    assert np.hypot(*plane.spacing) == pytest.approx(np.hypot(np.linalg.norm(down), np.linalg.norm(across)))
    assert plane.edges == tuple(direction_letters(way) for way in (-across, across, -down, down))
    first, last = (Plane(plane.order, plane.axis, at).point(*middle) for at in (0, plane.count - 1))
    if plane.count > 1:
        assert (last - first) @ plane.normal > 0
    turned = [abs(direction @ DISPLAY_DIRECTIONS[axis]) for axis, direction in enumerate(_directions(plane))]
    if min(turned) > 0.8:  # as radiologists look at it: to the feet, the back and the left
        assert min(plane.order.direction(axis) @ DISPLAY_DIRECTIONS[axis] for axis in range(3)) > 0.8


def _directions(plane: Plane) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return [plane.order.direction(axis) for axis in range(3)]


@given(planes(), st.data())
def test_a_region_is_cut_where_its_voxels_are(plane: Plane, data: st.DataObject) -> None:
    shape = plane.grid.shape
    low = [data.draw(st.integers(0, n - 1)) for n in shape]
    high = [data.draw(st.integers(a + 1, n)) for a, n in zip(low, shape, strict=True)]
    crop = np.random.default_rng(data.draw(st.integers(0, 99))).random([b - a for a, b in zip(low, high, strict=True)])
    mask = Mask(shape, (low[0], low[1], low[2]), crop < 0.5)
    whole = np.zeros(shape, bool)
    whole[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = mask.crop
    assert np.array_equal(_shown(plane, plane.cut(mask)), plane.take(whole))


def _shown(plane: Plane, crop: object) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    found = np.zeros(plane.shape, bool)
    if crop is not None:
        bits, (row, column) = crop  # type: ignore[misc]
        assert bits.any()
        found[row : row + bits.shape[0], column : column + bits.shape[1]] = bits
    return found


@given(planes(), grids((4, 6, 6), turn=60), st.integers(0, 99))
def test_a_region_of_another_series_is_cut_where_the_patient_is(plane: Plane, home: Grid, seed: int) -> None:
    low, high = (1, 1, 2), (4, 5, 6)
    crop = np.random.default_rng(seed).random([b - a for a, b in zip(low, high, strict=True)]) < 0.7
    mask = Mask(home.shape, low, crop)
    expected = np.zeros(plane.shape, bool)
    for row, column in np.ndindex(*plane.shape):
        at = np.floor(home.indices(plane.point(row, column)).round(6) + 0.5).astype(int) - low
        expected[row, column] = bool((at >= 0).all() and (at < crop.shape).all() and crop[tuple(at)])
    assert np.array_equal(_shown(plane, plane.cut_foreign(mask, home)), expected)


def test_positions_of_unknown_frames_are_not_compared() -> None:
    affine = np.diag([1.0, 1, 1, 1])[[2, 1, 0, 3]]
    known, other, unknown = (Grid.from_affine(affine, (3, 3, 3), frame) for frame in (FRAME, "4.5.6", ""))
    plane = Plane(DisplayOrder.of(known), 0, 1)
    mask = Mask((3, 3, 3), (0, 0, 0), np.ones((3, 3, 3), bool))
    assert plane.cut_foreign(mask, known) is not None
    assert plane.cut_foreign(mask, other) is plane.cut_foreign(mask, unknown) is None
    assert not same_frame(unknown, unknown)
