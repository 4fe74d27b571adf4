from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.figures.window import fractions, grey, panel_grey, picture_pixels


@given(st.integers(-2000, 4000), st.integers(2, 4000), st.integers(-4096, 8000))
def test_the_window_is_linear_as_ps33_c11_2_1_2_1_says(centre: int, width: int, value: int) -> None:
    low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
    expected = 0.0 if value <= low else 255.0 if value > high else (value - low) / (width - 1) * 255
    got = int(grey(np.array([[value]]), (centre, width))[0, 0])
    assert abs(got - expected) <= 0.503


def test_monochrome1_is_shown_the_other_way_round() -> None:
    values = np.arange(-200, 300, 10)[None]
    shown, turned = grey(values, (40, 400)), grey(values, (40, 400), inverted=True)
    assert np.abs(shown.astype(int) + turned - 255).max() <= 1


def test_narrow_windows_of_real_numbers_are_linear_too() -> None:
    assert fractions(np.array([0.1, 0.2, 0.3]), (0.2, 0.2)).tolist() == pytest.approx([0, 0.5, 1])


@given(st.integers(1, 5), st.booleans())
def test_a_voxel_shown_at_a_whole_factor_comes_out_exactly(factor: int, flipped: bool) -> None:
    values = np.arange(-60, 60, dtype=np.int16).reshape(10, 12) * 7
    rows, columns = ((np.arange(n * factor) + 0.5) / factor - 0.5 for n in values.shape)
    if flipped:
        columns = columns[::-1]
    got = panel_grey(values, rows, columns, (0, 500), inverted=False, cubic=False)
    whole = grey(values, (0, 500)).repeat(factor, 0).repeat(factor, 1)
    assert np.array_equal(got, whole[:, ::-1] if flipped else whole)


def test_cubic_at_factor_one_changes_nothing_and_keeps_flat_areas_flat() -> None:
    values = (np.arange(120).reshape(10, 12) * 37 % 500).astype(np.int16)
    rows, columns = np.arange(10.0), np.arange(12.0)
    got = panel_grey(values, rows, columns, (250, 500), inverted=False, cubic=True)
    assert np.array_equal(got, grey(values, (250, 500)))
    flat = panel_grey(
        np.full((9, 9), 123), np.linspace(0, 8, 50), np.linspace(1, 7, 31), (100, 300), inverted=False, cubic=True
    )
    assert (flat == grey(np.array([[123]]), (100, 300))).all()


def test_cubic_follows_a_ramp_and_is_black_outside() -> None:
    values = np.repeat(np.arange(40)[None] * 10, 8, 0)
    rows, columns = np.linspace(2, 5, 20), np.linspace(-3, 36, 200)
    got = panel_grey(values, rows, columns, (200, 400), inverted=False, cubic=True)
    inside = columns > 2
    expected = (columns * 10 - 199.5) / 399 * 255 + 127.5
    assert np.abs(got[5, inside] - expected[inside]).max() <= 1
    assert (got[:, columns < -0.5] == 0).all()


def test_small_panels_average_what_they_cannot_show() -> None:
    stripes = np.tile([0, 400], (60, 30))
    rows, columns = (np.arange(15) * 4 + 1.5 for _ in "xy")
    got = panel_grey(stripes, rows, columns, (200, 401), inverted=False, cubic=True)
    assert np.abs(got[2:-2, 2:-2].astype(int) - 127).max() <= 6


def test_metal_does_not_ring_far_into_soft_tissue() -> None:
    values = np.full((20, 20), 40)
    values[:, 10:] = 8000
    columns = np.linspace(0, 19, 400)
    got = panel_grey(values, np.arange(20.0), columns, (40, 400), inverted=False, cubic=True)
    assert got[5, columns < 8].min() >= 127
    assert got[5].min() >= 100


def test_a_picture_is_fitted_without_changing_flat_colours() -> None:
    flat = np.full((30, 40, 3), (10, 200, 90), np.uint8)
    assert (picture_pixels(flat, (57, 43)) == (10, 200, 90)).all()
    assert picture_pixels(flat, (40, 30)) is flat
