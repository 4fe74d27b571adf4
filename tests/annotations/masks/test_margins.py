"""Margins and smoothing against every pair of voxels, and against what mathematics says of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_masks import LATTICES, centres, grids, masked_grids, same, turned_over
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from callout.errors import InputError
from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.brush import sphere
from callout.masks.combined import united, without
from callout.masks.margins import closed, grown, opened, shell, shrunk
from callout.masks.smoothing import smoothed

margins = st.floats(0.0, 7.0).map(lambda mm: round(mm, 3))


@given(masked_grids(), margins)
def test_grown_and_shrunk_are_by_true_distances(drawn: tuple[Mask, Grid], mm: float) -> None:
    mask, grid = drawn
    places, bits = centres(grid).reshape(-1, 3), mask.array().reshape(-1)
    ways = cdist(places, places)
    near = ways <= mm + 1e-6
    assert np.array_equal(grown(mask, grid, mm).array().reshape(-1), (near & bits).any(axis=1))
    assert np.array_equal(shrunk(mask, grid, mm).array().reshape(-1), ~(near & ~bits).any(axis=1))


@given(grids(), margins, st.data())
def test_growing_and_shrinking_belong_together(grid: Grid, mm: float, data: st.DataObject) -> None:
    """One mask grown lies in another if and only if it lies in that one shrunk: so closing twice is closing once."""
    one, other = (Mask.from_array(data.draw(hnp.arrays(bool, grid.shape))) for _ in range(2))
    fits = without(grown(one, grid, mm), other).count == 0
    assert fits == (without(one, shrunk(other, grid, mm)).count == 0)
    wide, narrow = closed(one, grid, mm), opened(one, grid, mm)
    assert without(one, wide).count == without(narrow, one).count == 0
    assert same(closed(wide, grid, mm), wide)
    assert same(opened(narrow, grid, mm), narrow)


@given(masked_grids(), margins, st.sampled_from([0, 1, 2, 3]))
def test_margins_and_smoothing_are_the_same_from_any_side(drawn: tuple[Mask, Grid], mm: float, axis: int) -> None:
    mask, grid = drawn
    other, over = turned_over(grid, axis)
    assert same(grown(over(mask), other, mm), over(grown(mask, grid, mm)))
    assert same(shrunk(over(mask), other, mm), over(shrunk(mask, grid, mm)))
    one, two = smoothed(over(mask), other, mm / 3), over(smoothed(mask, grid, mm / 3))
    assert without(one, two).count + without(two, one).count <= 1  # a weight of one half, rounded


@given(masked_grids(), margins, margins)
def test_a_shell_is_what_lies_about_the_border(drawn: tuple[Mask, Grid], inward: float, outward: float) -> None:
    mask, grid = drawn
    around = shell(mask, grid, inward, outward)
    inside = shrunk(mask, grid, inward) if inward else mask
    assert same(united(around, inside), grown(mask, grid, outward))
    assert without(around, inside).count == around.count
    assert without(shell(mask, grid, 0, outward), mask).count == shell(mask, grid, 0, outward).count


@pytest.mark.parametrize("name", LATTICES)
def test_a_grown_sphere_is_a_larger_one(name: str) -> None:
    """Its voxels lie in the larger sphere, and hold all of the one that is smaller by a voxel's diagonal."""
    grid = LATTICES[name]
    middle = [np.array(grid.shape) // 2]
    ball, diagonal = sphere(grid, middle, 15.0), float(np.linalg.norm(grid.spacing))
    large = grown(ball, grid, 6.0)
    assert without(large, sphere(grid, middle, 21.0)).count == 0
    assert without(sphere(grid, middle, 21.0 - diagonal), large).count == 0
    small = shrunk(ball, grid, 6.0)
    assert without(small, sphere(grid, middle, 9.0 + diagonal)).count == 0
    assert without(sphere(grid, middle, 9.0), small).count == 0


def test_nothing_is_shrunk_off_where_the_volume_ends() -> None:
    grid = LATTICES["tilted"]
    full = Mask.from_array(np.ones(grid.shape, bool))
    assert same(shrunk(full, grid, 5.0), full)
    assert same(smoothed(full, grid, 2.0), full)
    assert grown(Mask.empty(grid.shape), grid, 5.0).count == 0
    assert smoothed(Mask.empty(grid.shape), grid, 5.0).count == 0


def test_a_gaussian_on_an_even_grid_is_that_of_any_library() -> None:
    grid = Grid.from_affine([[0, 0, 0.8, 0], [0, 1.1, 0, 0], [2.5, 0, 0, 0], [0, 0, 0, 1]], (16, 40, 50))
    bits = gaussian_filter(np.random.default_rng(2).normal(0, 1, grid.shape), 2) > 0
    blurred = gaussian_filter(bits.astype(float), [3 / 2.5, 3 / 1.1, 3 / 0.8], truncate=6, mode="nearest")
    found = smoothed(Mask.from_array(bits), grid, 3.0).array()
    sure = np.abs(blurred - 0.5) > 0.01  # weights beyond three sigma are left out
    sure[:4] = sure[-4:] = False  # and what lies beyond the volume is anyone's guess
    assert (found == (blurred > 0.5))[sure].all()


@pytest.mark.parametrize("name", LATTICES)
def test_smoothing_takes_off_specks_and_keeps_a_sphere(name: str) -> None:
    grid = LATTICES[name]
    middle = np.array(grid.shape) // 2
    ball = sphere(grid, [middle], 15.0)
    speck = sphere(grid, [middle + np.array([0, 0, int(24 / grid.spacing[2])])], 0.5)
    found = smoothed(united(ball, speck), grid, 2.0)
    diagonal = float(np.linalg.norm(grid.spacing))
    assert without(found, sphere(grid, [middle], 15.0)).count == 0  # a sphere's border moves inward by sigma² / radius
    assert without(sphere(grid, [middle], 15.0 - 0.6 - diagonal), found).count == 0


@given(masked_grids(), margins)
def test_slices_smoothed_alone_know_nothing_of_each_other(drawn: tuple[Mask, Grid], mm: float) -> None:
    mask, grid = drawn
    found = smoothed(mask, grid, mm, per_slice=True)
    for k in range(mask.shape[0]):
        alone = np.zeros(mask.shape, bool)
        alone[k] = mask.slice(k)
        of_one = smoothed(Mask.from_array(alone), grid, mm, per_slice=True)
        assert np.array_equal(of_one.slice(k), found.slice(k))
        assert set(of_one.slices()) <= {k}


def test_what_is_no_margin_is_refused() -> None:
    grid = LATTICES["even"]
    mask = sphere(grid, [[30, 30, 30]], 5.0)
    for mm in (-1.0, np.nan, np.inf):
        for tool in (grown, shrunk, smoothed):
            with pytest.raises(InputError, match="is none"):
                tool(mask, grid, mm)
    with pytest.raises(InputError, match="is not on a grid"):
        grown(Mask.empty((1, 2, 3)), grid, 1.0)
