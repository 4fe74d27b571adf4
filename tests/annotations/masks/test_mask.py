"""Sparse masks and strokes against whole arrays."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from callout.errors import InputError
from callout.masks import Mask, Stroke
from callout.masks.mask import GrowingMask

Bits = npt.NDArray[np.bool_]
Index = tuple[int, int, int]
SHAPE: Index = (6, 24, 31)

sizes = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))


@st.composite
def boxes_of_bits(draw: st.DrawFn) -> tuple[Bits, Index]:
    """Bits, and a place in SHAPE where they fit."""
    size = draw(sizes)
    bits = draw(hnp.arrays(bool, size))
    k, j, i = (draw(st.integers(0, whole - n)) for whole, n in zip(SHAPE, size, strict=True))
    return bits, (k, j, i)


def dense(bits: Bits, low: Index) -> Bits:
    whole = np.zeros(SHAPE, bool)
    whole[tuple(slice(a, a + n) for a, n in zip(low, bits.shape, strict=True))] = bits
    return whole


@given(st.lists(boxes_of_bits(), max_size=8), boxes_of_bits())
def test_a_growing_mask_is_the_xor_of_its_strokes(drawn: list[tuple[Bits, Index]], look: tuple[Bits, Index]) -> None:
    growing, model = GrowingMask(SHAPE), np.zeros(SHAPE, bool)
    unpacked = GrowingMask(SHAPE)
    for bits, low in drawn:
        unpacked.flip_bits(bits, low)
        stroke = Stroke.from_bits(bits, low)
        if stroke is not None:
            growing.flip(stroke)
        model ^= dense(bits, low)
        low_of_look, box = look[1], look[0].shape
        high = (low_of_look[0] + box[0], low_of_look[1] + box[1], low_of_look[2] + box[2])
        expected = model[tuple(slice(a, b) for a, b in zip(low_of_look, high, strict=True))]
        assert np.array_equal(growing.read(low_of_look, high), expected)
        snapshot = growing.snapshot()
        assert np.array_equal(snapshot.array(), model)
        assert snapshot.count == np.count_nonzero(model)
        assert np.array_equal(unpacked.snapshot().array(), model)


@given(boxes_of_bits())
def test_a_stroke_keeps_its_bits_and_is_its_own_inverse(drawn: tuple[Bits, Index]) -> None:
    bits, low = drawn
    stroke = Stroke.from_bits(bits, low)
    if stroke is None:
        assert not bits.any()
        return
    assert np.array_equal(dense(stroke.bits, stroke.low), dense(bits, low))
    growing = GrowingMask(SHAPE)
    growing.flip(stroke)
    growing.flip(stroke)
    assert growing.snapshot().count == 0


@given(st.lists(boxes_of_bits(), min_size=1, max_size=6), st.randoms())
def test_strokes_commute(drawn: list[tuple[Bits, Index]], chance: object) -> None:
    strokes = [stroke for bits, low in drawn if (stroke := Stroke.from_bits(bits, low))]
    one, other = GrowingMask(SHAPE), GrowingMask(SHAPE)
    for stroke in strokes:
        one.flip(stroke)
    chance.shuffle(strokes)  # type: ignore[attr-defined]  # random.Random
    for stroke in strokes:
        other.flip(stroke)
    assert np.array_equal(one.snapshot().array(), other.snapshot().array())


@given(boxes_of_bits(), st.data())
def test_damaged_bytes_of_a_stroke_are_refused_or_harmless(drawn: tuple[Bits, Index], data: st.DataObject) -> None:
    stroke = Stroke.from_bits(*drawn)
    if stroke is None:
        return
    at = data.draw(st.integers(0, len(stroke.packed) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytes(b ^ (1 << bit) if n == at else b for n, b in enumerate(stroke.packed))
    for packed in (flipped, stroke.packed[:at], stroke.packed + b"\0"):
        damaged = Stroke(stroke.low, stroke.shape, packed)
        try:
            found = damaged.bits
        except InputError:
            continue
        assert np.array_equal(found, stroke.bits)  # only zlib's own header has bits that say nothing


def test_a_stroke_of_another_size_or_an_endless_one_is_refused() -> None:
    stroke = Stroke.from_bits(np.ones((1, 5, 5), bool))
    assert stroke is not None
    with pytest.raises(InputError, match="fill its box"):
        _ = Stroke(stroke.low, (1, 9, 9), stroke.packed).bits
    with pytest.raises(InputError, match="fill its box"):  # 100 MB are never inflated
        _ = Stroke(stroke.low, stroke.shape, zlib.compress(bytes(100_000_000))).bits


@pytest.mark.parametrize("low", [(-1, 0, 0), (0, 0, 29), (6, 0, 0), (0, 22, 0)])
def test_a_stroke_that_leaves_the_volume_changes_nothing(low: Index) -> None:
    growing = GrowingMask(SHAPE)
    good = Stroke.from_bits(np.ones((1, 3, 3), bool), (2, 2, 2))
    bad = Stroke.from_bits(np.ones((1, 3, 3), bool), low)
    assert good is not None
    assert bad is not None
    growing.flip(good)
    with pytest.raises(InputError, match="leaves the volume"):
        growing.flip(bad)
    assert growing.snapshot().count == 9


@given(boxes_of_bits())
def test_a_mask_is_its_array(drawn: tuple[Bits, Index]) -> None:
    whole = dense(*drawn)
    mask = Mask.from_array(whole)
    assert np.array_equal(mask.array(), whole)
    assert mask.slices() == np.flatnonzero(whole.any(axis=(1, 2))).tolist()
    assert all(np.array_equal(mask.slice(k), whole[k]) for k in range(SHAPE[0]))
    assert mask.count == np.count_nonzero(whole)
    if mask.count:
        assert all(mask.crop.any(axis=axes).all() for axes in ((1, 2), (0, 2), (0, 1))) or mask.count < mask.crop.size
        assert all(mask.crop.take(end, axis).any() for axis in range(3) for end in (0, -1))  # no empty border


@given(boxes_of_bits())
def test_trimming_keeps_the_voxels(drawn: tuple[Bits, Index]) -> None:
    bits, low = drawn
    loose = Mask(SHAPE, low, bits)
    assert np.array_equal(loose.trimmed().array(), dense(bits, low))
    assert loose.trimmed().crop.shape == Mask.from_array(dense(bits, low)).crop.shape


def test_what_is_given_out_can_not_be_written() -> None:
    mask = Mask.from_array(dense(np.ones((2, 2, 2), bool), (1, 1, 1)))
    for array in (mask.crop, mask.array(), mask.slice(1), mask.slice(5)):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = True


def test_a_snapshot_does_not_follow_later_strokes() -> None:
    growing = GrowingMask(SHAPE)
    stroke = Stroke.from_bits(np.ones((1, 3, 3), bool), (2, 2, 2))
    assert stroke is not None
    growing.flip(stroke)
    before = growing.snapshot()
    growing.flip(stroke)
    assert growing.snapshot() is growing.snapshot()
    assert (before.count, growing.snapshot().count) == (9, 0)


def test_a_crop_outside_its_volume_is_refused() -> None:
    with pytest.raises(InputError, match="does not lie in a volume"):
        Mask((2, 2, 2), (1, 1, 1), np.ones((2, 1, 1), bool))
