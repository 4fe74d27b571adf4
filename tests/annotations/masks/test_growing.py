"""Growing, islands and holes against labels of the whole volume."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_masks import Bits, masked_grids, same, turned, turned_over
from scipy import ndimage

from callout.errors import InputError
from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.brush import sphere
from callout.masks.combined import common, united
from callout.masks.growing import grow, range_of
from callout.masks.holes import filled, holes
from callout.masks.islands import island, largest
from callout.masks.runs import Runs

images = hnp.arrays(
    np.int16, st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)
)
FLAT = np.array([np.zeros((3, 3)), [[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.zeros((3, 3))], bool)


def labelled(bits: Bits, per_slice: bool = False) -> npt.NDArray[np.int32]:
    labels, _ = ndimage.label(bits, FLAT if per_slice else None)
    return np.asarray(labels, np.int32)


@given(images, st.integers(0, 3), st.integers(0, 3), st.booleans(), st.data())
def test_growing_is_the_label_of_the_click(
    voxels: npt.NDArray[np.int16], low: int, high: int, per_slice: bool, data: st.DataObject
) -> None:
    click = tuple(data.draw(st.integers(0, n - 1)) for n in voxels.shape)
    labels = labelled((voxels >= low) & (voxels <= high), per_slice)
    expected = (labels == labels[click]) & (labels[click] > 0)
    found = grow(voxels, (click[0], click[1], click[2]), low, high, per_slice=per_slice)
    assert np.array_equal(found.array(), expected)
    near = Mask.from_array(data.draw(hnp.arrays(bool, voxels.shape)))
    assert same(grow(voxels, (click[0], click[1], click[2]), low, high, per_slice=per_slice, near=near), found)


@given(masked_grids(), st.data())
def test_growing_stays_within(drawn: tuple[Mask, Grid], data: st.DataObject) -> None:
    limit, _ = drawn
    voxels = data.draw(hnp.arrays(np.uint8, limit.shape, elements=st.integers(0, 1)))
    k, j, i = (data.draw(st.integers(0, n - 1)) for n in limit.shape)
    labels = labelled((voxels == 1) & limit.array())
    expected = (labels == labels[k, j, i]) & (labels[k, j, i] > 0)
    assert np.array_equal(grow(voxels, (k, j, i), 1, 1, within=limit).array(), expected)


@pytest.mark.parametrize("seed", range(8))
def test_a_region_that_winds_far_beyond_the_first_look_is_found_whole(seed: int) -> None:
    """A thin random walk, which no line through the click tells anything of."""
    chance = np.random.default_rng(seed)
    voxels = np.zeros((40, 90, 80), np.float32)
    at, click = np.array([20, 45, 40]), (20, 45, 40)
    for _ in range(400):
        axis, by = chance.integers(3), chance.choice([-9, -5, 5, 9])
        end = np.clip(at[axis] + by, 0, voxels.shape[axis] - 1)
        line = [slice(int(place), int(place) + 1) for place in at]
        line[axis] = slice(min(at[axis], end), max(at[axis], end) + 1)
        voxels[tuple(line)] = 5
        at[axis] = end
    assert np.array_equal(grow(voxels, click, 4, 6).array(), voxels > 0)


def test_a_preview_that_follows_the_range_is_the_same_as_a_fresh_look() -> None:
    chance = np.random.default_rng(0)
    voxels = ndimage.gaussian_filter(chance.normal(0, 100, (20, 60, 70)), 2).astype(np.float32)
    click = np.unravel_index(int(voxels.argmax()), voxels.shape)
    here, near = (int(click[0]), int(click[1]), int(click[2])), None
    for low in (12, 8, 4, 0, -4, 3, 9):
        fresh = grow(voxels, here, low, np.inf)
        near = grow(voxels, here, low, np.inf, near=near)
        assert same(near, fresh)


def test_growing_about_a_click_in_millimetres() -> None:
    grid = Grid.from_affine([[0, 0, 1, 0], [0, 2, 0, 0], [4, 0, 0, 0], [0, 0, 0, 1]], (9, 30, 40))
    voxels = np.full(grid.shape, 100, np.int16)
    ball = sphere(grid, [[4, 15, 20]], 6.5)
    assert same(grow(voxels, (4, 15, 20), 50, 150, within=ball), ball)


def test_a_click_outside_is_refused_and_one_out_of_range_gives_nothing() -> None:
    voxels = np.array([[[0.0, np.nan, 2.0]]])
    with pytest.raises(InputError, match="outside the volume"):
        grow(voxels, (0, 0, -1), 0, 1)
    for click in ((0, 0, 1), (0, 0, 2)):
        assert grow(voxels, click, -1, 1).count == 0


def test_a_range_is_of_the_values_and_no_narrower_than_asked() -> None:
    assert range_of(np.array([100, 100, 100], np.int16), 7.5) == (92, 108)
    low, high = range_of(np.random.default_rng(1).normal(50, 10, 10_000), 1.0)
    assert (low, high) == (pytest.approx(30, abs=1), pytest.approx(70, abs=1))
    assert range_of(np.array([np.nan, 4.0, np.inf])) == (4.0, 4.0)
    with pytest.raises(InputError, match="no values"):
        range_of(np.array([np.nan]))


@given(masked_grids(), st.booleans())
def test_holes_are_what_no_way_leads_out_of(drawn: tuple[Mask, Grid], per_slice: bool) -> None:
    mask, _ = drawn
    whole = mask.array()
    around = [(1, 1)] * 3
    if per_slice:
        expected = np.array([ndimage.binary_fill_holes(plane) for plane in whole])
    else:
        expected = ndimage.binary_fill_holes(np.pad(whole, around))[1:-1, 1:-1, 1:-1]
    full = filled(mask, per_slice=per_slice)
    assert np.array_equal(full.array(), expected)
    assert same(filled(full, per_slice=per_slice), full)
    lumen = holes(mask, per_slice=per_slice)
    assert common(lumen, mask).count == 0
    assert same(united(mask, lumen), full)
    assert same(filled(mask, per_slice=per_slice, keep=lumen), mask.trimmed())


@given(hnp.arrays(bool, st.tuples(*[st.integers(1, 7)] * 3)), st.integers(1, 30), st.booleans(), st.booleans())
def test_islands_are_numbered_alike_part_by_part(bits: Bits, part: int, per_slice: bool, corners: bool) -> None:
    runs = Runs.of(bits)
    whole = runs.islands(per_slice, corners)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("callout.masks.runs.PART", part)
        assert np.array_equal(runs.islands(per_slice, corners), whole)


def test_parts_that_touch_at_many_places_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callout.masks.runs.PART", 256)
    assert not Runs.of(np.ones((3, 256, 2), bool)).islands().any()


@given(masked_grids(), st.data())
def test_the_island_clicked_on_and_the_largest(drawn: tuple[Mask, Grid], data: st.DataObject) -> None:
    mask, _ = drawn
    labels = labelled(mask.array())
    k, j, i = (data.draw(st.integers(0, n - 1)) for n in mask.shape)
    found = island(mask, (k, j, i))
    assert np.array_equal(found.array(), (labels == labels[k, j, i]) & (labels[k, j, i] > 0))
    assert largest(mask).count == max(np.bincount(labels.reshape(-1))[1:], default=0)
    assert same(largest(largest(mask)), largest(mask))


@given(masked_grids(), st.sampled_from([0, 1, 2, 3]), st.booleans())
def test_holes_and_growth_are_the_same_from_any_side(drawn: tuple[Mask, Grid], axis: int, per_slice: bool) -> None:
    mask, grid = drawn
    _, over = turned_over(grid, axis)
    assert same(holes(over(mask), per_slice=per_slice), over(holes(mask, per_slice=per_slice)))
    voxels = mask.array().astype(np.uint8)
    where = np.argwhere(voxels)
    if len(where):
        marked = np.zeros(mask.shape, bool)
        marked[tuple(where[0])] = True
        k, j, i = np.argwhere(turned(marked, axis))[0].tolist()
        first = (int(where[0][0]), int(where[0][1]), int(where[0][2]))
        assert same(grow(turned(voxels, axis), (k, j, i), 1, 1), over(grow(voxels, first, 1, 1)))
