from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from callout.figures.outline import outlines, simplify, within_limit

masks = arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans())


def area(ring: np.ndarray) -> float:
    """Signed: above 0 where the inside lies to the right of the way, rows down and columns right."""
    rows, columns = ring.T
    return float((columns * np.roll(rows, -1) - np.roll(columns, -1) * rows).sum() / 2)


@given(masks)
def test_outlines_hold_exactly_the_voxels_that_are_set(mask: np.ndarray) -> None:
    assert sum(area(ring) for ring in outlines(mask)) == mask.sum()


@given(masks)
def test_there_is_one_outer_ring_a_part_and_one_inner_ring_a_hole(mask: np.ndarray) -> None:
    signs = [area(ring) > 0 for ring in outlines(mask)]
    parts = ndimage.label(mask)[1]
    outside = ndimage.label(np.pad(~mask, 1, constant_values=True), np.ones((3, 3)))[1]
    assert (signs.count(True), signs.count(False)) == (parts, outside - 1)


@given(masks)
def test_a_smoothed_outline_stays_within_half_a_voxel_of_the_border(mask: np.ndarray) -> None:
    for plain, smooth in zip(outlines(mask), outlines(mask, smooth=True), strict=True):
        ends = np.roll(plain, -1, 0)
        way = ends - plain
        off = smooth[:, None] - plain
        part = np.clip((off * way).sum(2) / (way**2).sum(1), 0, 1)
        assert np.hypot(*np.moveaxis(off - part[..., None] * way, 2, 0)).min(1).max() <= 0.5 + 1e-9


def test_a_disc_is_drawn_round() -> None:
    rows, columns = np.indices((41, 41))
    (ring,) = outlines((rows - 20) ** 2 + (columns - 20) ** 2 < 15.5**2, smooth=True)
    radius = np.hypot(*(ring - 20).T)
    assert np.ptp(radius) < 0.8
    assert abs(area(ring) / (np.pi * 15.5**2) - 1) < 0.02


def test_an_empty_mask_has_no_outline() -> None:
    assert outlines(np.zeros((4, 5), bool)) == ()


@given(st.integers(10, 400), st.floats(0.01, 2))
def test_simplifying_stays_within_its_tolerance(count: int, tolerance: float) -> None:
    turn = np.linspace(0, 6, count)
    line = np.stack([turn * 10, 8 * np.sin(turn)], 1)
    kept = simplify(line, tolerance)
    at = np.interp(line[:, 0], kept[:, 0], kept[:, 1])
    assert np.abs(at - line[:, 1]).max() <= tolerance * 2
    assert kept[0].tolist() == line[0].tolist()


def test_a_path_that_freetype_could_not_count_is_made_shorter() -> None:
    turn = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1) * 500
    kept = within_limit(ring, 8000)
    assert 100 < len(kept) <= 8000
