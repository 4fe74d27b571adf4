"""Masks to contours and back: every voxel again; holes by keyholes; what other programs' contours mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from callout.masks.contours import Bits, Floats, contours, filled

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))


def polygon(*points: tuple[float, float]) -> Floats:
    return np.array(points, np.float64)


def mask_of(*rows: str) -> Bits:
    return np.array([[letter == "#" for letter in row] for row in rows])


def square(low: float, high: float) -> Floats:
    return polygon((low, low), (low, high), (high, high), (high, low))


@given(masks)
def test_contours_filled_again_are_the_mask(mask: Bits) -> None:
    assert np.array_equal(filled(contours(mask), (mask.shape[0], mask.shape[1])), mask)


@given(masks, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_rounding_moves_no_voxel(mask: Bits, down: float, across: float) -> None:
    moved = [contour + np.array([down, across]) for contour in contours(mask)]
    assert np.array_equal(filled(moved, (mask.shape[0], mask.shape[1])), mask)


@given(masks)
def test_contours_run_along_voxel_edges_and_are_one_for_each_island(mask: Bits) -> None:
    """No line is longer than it has to be, and no point is there for nothing but a keyhole."""
    from scipy.ndimage import label

    found = contours(mask)
    assert len(found) == label(mask)[1]
    for contour in found:
        assert (np.abs(contour % 1) == 0.5).all()
        ways = np.roll(contour, -1, axis=0) - contour
        assert ((ways == 0).sum(axis=1) == 1).all()
        area = 0.5 * np.sum(contour[:, 1] * np.roll(contour[:, 0], -1) - contour[:, 0] * np.roll(contour[:, 1], -1))
        assert area > 0  # the inside to the right


@given(masks)
def test_the_area_inside_of_keyholed_contours_is_that_of_the_voxels(mask: Bits) -> None:
    """So the channels have no width, and each hole is cut out once."""
    area = sum(
        0.5 * float(np.sum(c[:, 1] * np.roll(c[:, 0], -1) - c[:, 0] * np.roll(c[:, 1], -1))) for c in contours(mask)
    )
    assert area == np.count_nonzero(mask)


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        (("#",), [4]),
        (("#.", ".#"), [4, 4]),
        (("###", "#.#", "###"), [11]),  # 4 + 4, and again where the channel begins and ends
        (("####", "#.##", "##.#", "####"), [15]),
        (("#####", "#...#", "#.#.#", "#...#", "#####"), [4, 11]),
        (("#####", "#.#.#", "#####"), [18]),
        (("###", "#.#", "###", "#.#", "###"), [17]),
    ],
)
def test_islands_holes_and_islands_in_holes(rows: tuple[str, ...], lengths: list[int]) -> None:
    mask = mask_of(*rows)
    assert sorted(len(contour) for contour in contours(mask)) == sorted(lengths)
    assert np.array_equal(filled(contours(mask), (mask.shape[0], mask.shape[1])), mask)


def test_a_keyhole_runs_upwards_from_the_hole_to_the_border() -> None:
    ring = contours(mask_of("###", "#.#", "###"))[0].tolist()
    assert ring[:3] == [[-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]]
    assert ring.count([0.5, 0.5]) == ring.count([-0.5, 0.5]) == 2


def test_a_contour_in_another_is_a_hole_and_one_in_that_an_island() -> None:
    """Whatever the way round, as programs write them that know no keyholes."""
    found = filled([square(0.5, 9.5), square(2.5, 7.5)[::-1], square(4.5, 5.5)], (11, 11))
    expected = np.zeros((11, 11), bool)
    expected[1:10, 1:10] = True
    expected[3:8, 3:8] = False
    expected[5, 5] = True
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("off", [0.0, 0.004, -0.004])
def test_what_lies_on_the_path_is_inside(off: float) -> None:
    """PS3.3 C.8.8.6.3: contours from voxel centre to voxel centre take the outermost voxels in, also around a hole."""
    found = filled([square(1 + off, 8 + off), square(3 + off, 6 + off)], (10, 10))
    expected = np.zeros((10, 10), bool)
    expected[1:9, 1:9] = True
    expected[4:6, 4:6] = False
    assert np.array_equal(found, expected)
    diagonal = filled([polygon((1, 1), (4, 4), (7, 1))], (9, 9))
    assert np.array_equal(np.flatnonzero(diagonal[4]), [1, 2, 3, 4])


def test_points_and_lines_that_enclose_nothing_take_the_voxels_that_they_pass() -> None:
    assert np.argwhere(filled([polygon((2, 3))], (5, 5))).tolist() == [[2, 3]]
    assert np.argwhere(filled([polygon((2, 1), (2, 3))], (5, 5))).tolist() == [[2, 1], [2, 2], [2, 3]]
    assert not filled([polygon((2.5, 3.2))], (5, 5)).any()
    assert not filled([], (5, 5)).any()


@pytest.mark.parametrize("far", [20.0, 1e6])
def test_what_reaches_beyond_the_image_is_cut_off(far: float) -> None:
    assert filled([square(-far, far)], (4, 5)).all()
    assert not filled([square(far, far + 5)], (4, 5)).any()
    assert not filled([square(-far - 5, -far)], (4, 5)).any()
    right = filled([polygon((-far, 2.5), (-far, far), (far, far), (far, 2.5))], (4, 5))
    assert np.array_equal(right, np.tile([False, False, False, True, True], (4, 1)))


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(3, 9), st.just(2)), elements=st.floats(-3, 12)),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_inside_is_what_an_odd_number_of_lines_bounds(points: Floats, row: int, column: int) -> None:
    """Against the sum of the angles, for centres that lie on no line."""
    ways: npt.NDArray[np.float64] = points - [row, column]
    onward = np.roll(ways, -1, axis=0)
    along = onward - ways
    length = (along**2).sum(axis=1)
    part = np.clip(np.divide(-(ways * along).sum(axis=1), length, out=np.zeros(len(ways)), where=length > 0), 0, 1)
    if np.sqrt(((ways + part[:, None] * along) ** 2).sum(axis=1)).min() < 0.05:
        return
    cross = ways[:, 0] * onward[:, 1] - ways[:, 1] * onward[:, 0]
    turns = round(float(np.arctan2(cross, (ways * onward).sum(axis=1)).sum() / (2 * np.pi)))
    assert filled([points], (10, 10))[row, column] == (turns % 2 == 1)
