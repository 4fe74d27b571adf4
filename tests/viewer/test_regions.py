from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from callout.geometry import Grid
from callout.masks.stroke import Bits
from napari_callout.layers import DisplayOrder, RegionArray
from napari_callout.session.order import Index

SHAPE = (3, 4, 5)
GRID = Grid.from_affine([[0, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1]], SHAPE)  # axial, from the feet up


class Masks:
    """Two regions in memory, 1 and 2; 2 is active."""

    def __init__(self, masks: dict[int, Bits]) -> None:
        self.masks, self.active_label, self.settled = masks, 2, 0

    def shown_labels(self) -> tuple[int, ...]:
        return (1, 2)

    def read(self, label: int, low: Index, high: Index) -> Bits:
        return self.masks[label][tuple(slice(a, b) for a, b in zip(low, high, strict=True))].copy()

    def write(self, label: int, low: Index, flips: Bits) -> None:
        box = tuple(slice(a, a + n) for a, n in zip(low, flips.shape, strict=True))
        self.masks[label][box] ^= flips

    def settle(self) -> None:
        self.settled += 1


masks = arrays(bool, SHAPE)
slices = st.sampled_from([slice(None), slice(1, 3), slice(0, 1), slice(None, None, 2), slice(None, None, -1), 1, -1])
keys = st.one_of(slices, st.tuples(slices, slices), st.tuples(slices, slices, slices), st.just(...))


def made(one: Bits, two: Bits) -> tuple[RegionArray, Masks, Any]:
    source, order = Masks({1: one.copy(), 2: two.copy()}), DisplayOrder.of(GRID)
    dense = np.where(two, 2, np.where(one, 1, 0)).astype(np.uint16)
    return RegionArray(source, order), source, order.to_display(dense)


@given(masks, masks, keys)
def test_it_reads_as_the_dense_array_would(one: Bits, two: Bits, key: Any) -> None:
    array, _, dense = made(one, two)
    assert array.shape == dense.shape
    found = array[key]
    assert found.dtype == np.uint16
    assert np.array_equal(found, dense[key])
    assert np.array_equal(np.asarray(array), dense)


@given(masks, masks, st.lists(st.tuples(*(st.integers(0, n - 1) for n in SHAPE)), min_size=1, max_size=6))
def test_it_reads_and_writes_single_voxels_by_arrays_of_indices(one: Bits, two: Bits, at: list[Index]) -> None:
    array, source, dense = made(one, two)
    key = tuple(np.array(axis) for axis in zip(*at, strict=True))
    assert np.array_equal(array[key], dense[key])
    array[key] = 2
    dense[key] = 2
    assert np.array_equal(np.asarray(array), dense)
    assert np.array_equal(source.masks[1], one)


@given(masks, masks, masks)
def test_a_mask_of_the_whole_array_is_a_key(one: Bits, two: Bits, where: Bits) -> None:
    array, source, dense = made(one, two)
    assert np.array_equal(array[where], dense[where])
    array[where] = 2
    dense[where] = 2
    assert np.array_equal(np.asarray(array), dense)
    assert np.array_equal(source.masks[1], one)


@given(masks, masks, keys, st.integers(0, 2))
def test_writing_changes_one_region_and_leaves_the_other(one: Bits, two: Bits, key: Any, label: int) -> None:
    array, source, dense = made(one, two)
    array[key] = label
    order, touched = DisplayOrder.of(GRID), np.zeros(dense.shape, bool)
    touched[key] = True
    where = order.to_native(touched)
    if label == 2:
        assert np.array_equal(source.masks[2], two | where)
        assert np.array_equal(source.masks[1], one)
    elif label == 1:  # what the active region hides is not reached
        assert np.array_equal(source.masks[1], one | where)
        assert np.array_equal(source.masks[2], two)
    else:
        assert np.array_equal(source.masks[2], two & ~where)
        assert np.array_equal(source.masks[1], one)
    assert source.settled == 1


def test_a_copy_is_an_array_of_its_own() -> None:
    array, source, dense = made(np.ones(SHAPE, bool), np.zeros(SHAPE, bool))
    copied = copy.deepcopy(array)
    assert type(copied) is np.ndarray
    assert np.array_equal(copied, dense)
    copied[:] = 2
    assert not source.masks[2].any()


def test_an_index_outside_is_refused() -> None:
    array, _, _ = made(np.zeros(SHAPE, bool), np.zeros(SHAPE, bool))
    with pytest.raises(IndexError, match="does not lie"):
        array[3]
    with pytest.raises(IndexError, match="three axes"):
        array[0, 0, 0, 0]
