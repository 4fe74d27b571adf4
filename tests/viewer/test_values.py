"""What is seen and said of values: greys, windows, differences, what lies under the hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import made_study
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_grids import grids, series

from callout.dicom import Loading
from callout.geometry import Grid
from callout.volume import SPACING_UNKNOWN, SeriesWarning, Volume
from napari_callout.panes.grey import greys
from napari_callout.panes.values import taken_away
from napari_callout.panes.words import slice_corner, value_text
from napari_callout.session.order import DisplayOrder
from napari_callout.session.pictures import Picture, Pictures
from napari_callout.session.plane import Plane
from napari_callout.session.windows import limits, percentile_window, window_text

EVEN = Grid.from_affine(np.array([[0, 0, 1.0, 0], [0, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]]), (4, 5, 6), "1.2.3")


@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=20),
    st.floats(-2000, 2000),
    st.floats(0.5, 5000),
    st.booleans(),
    st.sampled_from([np.int16, np.float32]),
)
def test_greys_are_those_of_the_window(
    values: list[int], centre: float, width: float, inverted: bool, kind: Any
) -> None:
    shown = greys(np.array([values], kind), (centre, width), inverted)[0]
    for value, seen in zip(values, shown.tolist(), strict=True):
        part = min(max((value - (centre - width / 2)) / width, 0), 1)
        assert seen == pytest.approx(255 * (1 - part if inverted else part), abs=1.01)


def test_what_is_no_number_is_black_however_it_is_inverted() -> None:
    values = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    assert not greys(values, (0, 1)).any()
    assert not greys(values, (0, 1), inverted=True).any()


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 0.01, 1.0, 1e4])
def test_a_window_fits_values_of_any_size(scale: float) -> None:
    voxels = np.random.default_rng(0).uniform(0, scale, (4, 32, 32)).astype(np.float32)
    window = percentile_window(voxels)
    low, high = limits(window)
    assert 0 <= low < 0.1 * scale
    assert 0.9 * scale < high <= scale
    assert np.ptp(greys(voxels[0], window)) > 200
    numbers = [float(part[1:].replace("−", "-")) for part in window_text(window).split()]
    assert numbers == pytest.approx([window[1], window[0]], rel=0.01, abs=0.5 if scale > 100 else 0)


def test_a_flat_picture_has_a_window_too() -> None:
    assert limits(percentile_window(np.full((2, 8, 8), 7.0))) == pytest.approx((7, 8))


@pytest.mark.parametrize(
    ("value", "text"),
    [(np.int16(-1024), "−1024"), (np.float32(40000), "40000"), (np.float32(0.00123), "0.00123"),
     (np.float32(3.25), "3.25"), (np.float32(1234.56), "1235"), (np.float32(-0.4), "−0.4"), (np.float32(0), "0")],
)  # fmt: skip
def test_the_value_under_the_hand_is_not_rounded_away(value: Any, text: str) -> None:
    said = value_text(series("s", EVEN, modality="MR"), value, np.array([1.0, -2, 3]))
    assert said == f"{text}    L 1.0  A 2.0  H 3.0 mm"


def test_no_millimetres_are_said_where_none_are_known() -> None:
    unknown = series("s", EVEN, warnings=(SeriesWarning(SPACING_UNKNOWN, "PixelSpacing is missing"),))
    assert value_text(unknown, np.int16(7), np.zeros(3)) == "7 HU"
    assert "mm" not in slice_corner(unknown, Plane(DisplayOrder.of(EVEN), 0, 0), None)


@given(grids((4, 5, 6), turn=30, even=True, tilted=False), st.integers(0, 3), st.sampled_from([-1, 0, 1]))
def test_a_difference_is_taken_at_the_same_place_of_the_patient(grid: Grid, k: int, along: int) -> None:
    """Of a copy that is moved by a whole pixel along its rows."""
    voxels = np.random.default_rng(1).integers(-500, 500, grid.shape).astype(np.int16)
    order = DisplayOrder.of(grid)
    plane = Plane(order, order.slice_axis, order.slice_to_display(k))
    found = taken_away(plane, plane.take(voxels), Volume(voxels, grid), along * grid.column_step)
    expected = np.full(grid.shape[1:], -np.inf)
    for j, i in np.ndindex(*grid.shape[1:]):
        if 0 <= i - along < grid.shape[2]:
            expected[j, i] = float(voxels[k, j, i]) - float(voxels[k, j, i - along])
    shown = plane.turned(expected)
    assert np.array_equal(np.isfinite(found), np.isfinite(shown))
    assert np.allclose(found[np.isfinite(found)], shown[np.isfinite(shown)], atol=1e-3)


def test_what_is_shown_is_never_let_go(tmp_path: Path) -> None:
    from callout import find_series

    found = [one for one in find_series(made_study.images(tmp_path)) if not one.is_localizer]
    size = int(np.prod(found[0].grid.shape)) * 2
    pictures = Pictures(lambda loading, ks: None, kept_bytes=size)
    pictures.want({one.id: (one, 0) for one in found})
    for one in found:
        loading = pictures._loadings[one.id]
        loading.wait(5)
        pictures.take(loading, ())
    assert all(pictures.get(one.id) is not None for one in found)
    pictures.want({found[0].id: (found[0], 0)})
    assert pictures.get(found[0].id) is not None
    assert pictures.get(found[1].id) is None
    pictures.close()


def test_nothing_that_is_still_to_come_is_kept_of_what_is_not_looked_at(tmp_path: Path) -> None:
    from callout import find_series

    found = find_series(made_study.images(tmp_path))
    pictures = Pictures(lambda loading, ks: None)
    for _ in range(20):
        for one in found:
            pictures.want({one.id: (one, 0)})
            assert list(pictures._loadings) == [one.id]
    late = cast(Loading, SimpleNamespace(series=found[0], problem="gone", complete=True, done=1))
    pictures.take(late, ())  # of a loading that was given up
    assert pictures.problems == {}
    assert Picture(np.zeros((1, 1, 1))).is_here(0)
    pictures.close()
