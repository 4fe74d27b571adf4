"""Shapes between drawn slices, copies of a neighbour, and regions on another series' grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_masks import FRAME, LATTICES, centres, grids, lattice, masked_grids, same, turned_over

from callout.errors import GridMismatch, InputError
from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.masks.brush import disc, sphere
from callout.masks.combined import common, united, without
from callout.masks.projected import projected
from callout.masks.slices import copied, interpolated


@given(masked_grids())
def test_drawn_slices_stay_and_nothing_leaves_their_box(drawn: tuple[Mask, Grid]) -> None:
    mask, grid = drawn
    found = interpolated(mask, grid)
    tight = mask.trimmed()
    for k in mask.slices():
        assert np.array_equal(found.slice(k), mask.slice(k))
    if found.count:
        assert (np.array(found.low) >= tight.low).all()
        assert (np.array(found.high) <= tight.high).all()
    assert same(interpolated(found, grid), found) or len(found.slices()) < found.crop.shape[0]


@given(masked_grids(), st.sampled_from([0, 1, 2, 3]))
def test_shapes_between_are_the_same_from_any_side(drawn: tuple[Mask, Grid], axis: int) -> None:
    mask, grid = drawn
    other, over = turned_over(grid, axis)
    one, two = interpolated(over(mask), other), over(interpolated(mask, grid))
    assert without(one, two).count + without(two, one).count <= 2  # distances that cancel out, or half pixels, rounded


def sparse(mask: Mask, every: int) -> Mask:
    """Each so manyth slice of a mask, and its last."""
    bits = np.zeros(mask.shape, bool)
    drawn = mask.slices()
    for k in {*drawn[::every], drawn[-1]}:
        bits[k] = mask.slice(k)
    return Mask.from_array(bits)


def dice(one: Mask, other: Mask) -> float:
    return 2 * common(one, other).count / (one.count + other.count)


@pytest.mark.parametrize("name", LATTICES)
def test_a_cylinder_through_drawn_slices_comes_back_exactly(name: str) -> None:
    grid = LATTICES[name]
    middle = np.array(grid.shape[1:]) // 2
    whole = united(*(disc(grid, k, [middle], 12.0) for k in range(grid.shape[0])))
    assert same(interpolated(sparse(whole, 7), grid), whole)


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("every", [2, 4])
def test_an_ellipsoid_from_a_few_slices(name: str, every: int) -> None:
    grid = LATTICES[name]
    whole = Mask.from_array(((centres(grid) / (14, 20, 24)) ** 2).sum(axis=-1) < 1)
    assert dice(interpolated(sparse(whole, every), grid), whole) > 0.96


def test_slices_count_by_their_true_positions() -> None:
    """A cone from 4 to 20 mm: half way in mm its radius is 12, however many slices lie before."""
    heights = np.array([0.0, 1.0, 2.0, 10.0, 20.0])
    origins = np.column_stack([np.full(5, -25.0), np.full(5, -25.0), heights])
    grid = Grid((5, 101, 101), origins, np.array([0, 0.5, 0]), np.array([0.5, 0, 0]))
    found = interpolated(united(disc(grid, 0, [[50, 50]], 4.0), disc(grid, 4, [[50, 50]], 20.0)), grid)
    for k, height in enumerate(heights):
        assert np.sqrt(found.slice(k).sum() * 0.25 / np.pi) == pytest.approx(4 + 16 * height / 20, abs=0.4)


def test_an_oblique_tube_stays_a_tube() -> None:
    """Two discs that don't overlap: those between lie on the straight line, as wide."""
    grid = lattice(30, (3.0, 0.75, 0.75))
    drawn = united(disc(grid, 2, [[15, 20]], 5.0), disc(grid, 12, [[55, 40]], 5.0))
    found = interpolated(drawn, grid)
    for k in range(3, 12):
        part = (k - 2) / 10
        assert np.argwhere(found.slice(k)).mean(axis=0) == pytest.approx([15 + 40 * part, 20 + 20 * part], abs=1)
        assert found.slice(k).sum() == pytest.approx(np.pi * 25 / 0.75**2, rel=0.05)


def test_islands_go_over_into_those_they_overlap() -> None:
    grid = lattice(30, (3.0, 0.75, 0.75))
    both = united(disc(grid, 2, [[20, 40]], 6.0), disc(grid, 2, [[60, 40]], 6.0))
    found = interpolated(united(both, disc(grid, 8, [[20, 40]], 6.0)), grid)
    assert all(found.slice(k)[20, 40] for k in range(2, 9))
    assert not found.slice(7)[60, 40]


@given(masked_grids(), st.data())
def test_a_copy_is_the_neighbour_and_nothing_else(drawn: tuple[Mask, Grid], data: st.DataObject) -> None:
    mask, grid = drawn
    source, target = (data.draw(st.integers(0, grid.shape[0] - 1)) for _ in range(2))
    found = copied(mask, source, target)
    assert set(found.slices()) <= {target}
    assert np.array_equal(found.slice(target), mask.slice(source))
    with pytest.raises(InputError):
        copied(mask, source, grid.shape[0])


@given(masked_grids())
def test_a_region_on_its_own_grid_is_itself(drawn: tuple[Mask, Grid]) -> None:
    mask, grid = drawn
    assert same(projected(mask, grid, grid), mask)


@given(masked_grids(), st.sampled_from([0, 1, 2, 3]))
def test_a_region_on_the_grid_turned_over_and_back(drawn: tuple[Mask, Grid], axis: int) -> None:
    mask, grid = drawn
    other, over = turned_over(grid, axis)
    there = projected(mask, grid, other)
    assert same(there, over(mask))
    assert same(projected(there, other, grid), mask)


@given(masked_grids(), grids())
def test_a_projected_voxel_is_the_nearest(drawn: tuple[Mask, Grid], target: Grid) -> None:
    mask, home = drawn
    at = home.indices(centres(target))
    nearest = np.floor(at + 0.5).astype(int)
    inside = ((nearest >= 0) & (nearest < home.shape)).all(axis=-1)
    expected = np.zeros(target.shape, bool)
    expected[inside] = mask.array()[tuple(nearest[inside].T)]
    tied = (np.abs(at - np.floor(at) - 0.5) < 1e-5).any(axis=-1)
    assert np.array_equal(projected(mask, home, target).array()[~tied], expected[~tied])


@pytest.mark.parametrize("name", LATTICES)
def test_a_sphere_keeps_its_place_and_volume_on_another_grid(name: str) -> None:
    home, target = LATTICES["anisotropic"], LATTICES[name]
    ball = sphere(home, [np.array(home.shape) // 2], 20.0)
    found = projected(ball, home, target)
    places = centres(target)[found.box][found.crop]
    assert np.abs(places.mean(axis=0)).max() < 0.5
    assert volume(found, target) == pytest.approx(volume(ball, home), rel=0.03)


def volume(mask: Mask, grid: Grid) -> float:
    slabs: Floats = grid.voxel_volumes[mask.low[0] : mask.high[0]]
    return float(mask.crop.sum(axis=(1, 2)) @ slabs)


def test_another_frame_of_reference_has_no_place() -> None:
    grid = LATTICES["even"]
    mask = sphere(grid, [[30, 30, 30]], 5.0)
    for name in ("", "1.2.4"):
        other = Grid(grid.shape, grid.origins, grid.row_step, grid.column_step, name)
        with pytest.raises(GridMismatch, match="no frame of reference"):
            projected(mask, grid, other)
        with pytest.raises(GridMismatch):
            projected(mask, other, grid if name else other)
    far = Grid(grid.shape, grid.origins + 500, grid.row_step, grid.column_step, FRAME)
    assert projected(mask, grid, far).count == 0
