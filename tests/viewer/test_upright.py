"""Planes across tilted and uneven stacks: an object stands where the patient has it, and nothing is made up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made_grids import FRAME, grids, rotation, series

from callout.errors import InputError
from callout.figures.section import sample
from callout.geometry import Floats, Grid, direction_letters
from callout.masks import Mask
from callout.volume import Volume
from napari_callout.panes.values import values_of
from napari_callout.session.look import Look
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane, why_not_across
from napari_callout.session.slabs import slab_steps
from napari_callout.session.upright import Upright
from napari_callout.session.views import Views

TIE = 1e-6  # mm: so near to the border of what is missing it may be of either side
SHAPES = [(5, 6, 7), (8, 4, 5), (3, 3, 4)]


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    """Planes across stacks that are tilted one way or two, uneven, or both, along any body axes and turned."""
    flat = draw(grids(draw(st.sampled_from(SHAPES))))
    along, rng = draw(st.sampled_from([0.0, 0.1, -0.4])), np.random.default_rng(draw(st.integers(0, 99)))
    drift = draw(st.sampled_from([0.0, 0.3])) * rng.normal(size=(flat.shape[0], 2))  # each slice by itself
    positions = np.abs(flat.slice_positions - flat.slice_positions[0])
    aside = along * positions + drift[:, 0]
    origins = flat.origins + aside[:, None] * flat.column_step + drift[:, 1:] * flat.row_step
    grid = Grid(flat.shape, origins, flat.row_step, flat.column_step, FRAME)
    assume(Upright.of(grid) is not None or not (along or drift.any()))  # what lies hardly aside is taken as it is
    order = DisplayOrder.of(grid)
    axis = draw(st.sampled_from([axis for axis in range(3) if axis != order.slice_axis]))
    return Plane(order, axis, draw(st.integers(0, Plane(order, axis, 0).count - 1)))


def everywhere(plane: Plane) -> Floats:
    """(rows, columns, 3) LPS mm of its pixels."""
    places = np.stack(np.meshgrid(*map(np.arange, plane.shape), indexing="ij"), -1).reshape(-1, 2)
    return plane.points(places.astype(float)).reshape(*plane.shape, 3)


def wide(grid: Grid) -> list[int]:
    """The slices after which some are missing: a long step that is not one of three or more alike."""
    steps = np.abs(np.diff(grid.slice_positions))
    found = []
    for k in np.flatnonzero(steps > 1.5 * np.median(steps)):
        threes = [steps[n : n + 3] for n in range(max(k - 2, 0), k + 1)]
        if not any(len(three) == 3 and np.ptp(three) < 0.1 for three in threes):
            found.append(int(k))
    return found


def missing(grid: Grid, points: Floats, slack: float = TIE) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether no slice lies near enough to points, told from the positions of the slices alone; surely so, or, with
    less `slack` (mm), perhaps: at the border of what is missing either may be.
    """
    heights = np.abs(grid.slice_positions - grid.slice_positions[0])
    usual, found = np.median(np.diff(heights)), np.zeros(points.shape[:-1], bool)
    for k in wide(grid):
        off = np.abs((points - grid.origins[k]) @ grid.normal)
        beyond = np.abs((points - grid.origins[k + 1]) @ grid.normal)
        far = heights[k + 1] - heights[k] - usual / 2
        found |= (off > usual / 2 + slack) & (beyond > usual / 2 + slack) & (off < far + 1e-9) & (beyond < far + 1e-9)
    return found


@given(planes())
def test_each_pixel_lies_on_one_flat_plane_at_right_angles_to_the_slices(plane: Plane) -> None:
    points = everywhere(plane)
    down, across = points[1, 0] - points[0, 0], points[0, 1] - points[0, 0]
    rows, columns = np.meshgrid(*map(np.arange, plane.shape), indexing="ij")
    assert np.abs(points - points[0, 0] - rows[..., None] * down - columns[..., None] * across).max() < 1e-4
    assert abs(down @ across) < 1e-6
    assert plane.spacing == pytest.approx((np.linalg.norm(down), np.linalg.norm(across)), rel=1e-6)
    assert min(abs(float(way @ plane.grid.normal)) / np.linalg.norm(way) for way in (down, across)) < 1e-6
    assert plane.edges == tuple(direction_letters(way) for way in (-across, across, -down, down))
    back = plane.places(points.reshape(-1, 3))
    assert np.abs(back - np.column_stack([rows.ravel(), columns.ravel(), np.zeros(rows.size)])).max() < 1e-5


@given(planes())
def test_each_pixel_shows_what_lies_there_and_nothing_where_no_slice_does(plane: Plane) -> None:
    """Values that are places: of the voxels between which a pixel lies, linearly, its own x, y and z."""
    grid, points = plane.grid, everywhere(plane)
    voxels = grid.points(np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1))
    shown = np.stack([plane.take(np.ascontiguousarray(voxels[..., n], np.float32)) for n in range(3)], -1)
    native = grid.indices(points)
    last = np.array(grid.shape) - 1
    within = ((native >= -0.5 + 1e-5) & (native <= last + 0.5 - 1e-5)).all(axis=-1)
    beyond = ((native < -0.5 - 1e-5) | (native > last + 0.5 + 1e-5)).any(axis=-1)
    gap, clear = missing(grid, points), ~missing(grid, points, -TIE)
    assert np.isnan(shown[within & gap]).all()
    assert np.isneginf(shown[beyond & clear]).all()
    assert np.isfinite(shown[within & clear]).all()
    beside_gap = np.isin(np.clip(np.floor(native[..., 0]), 0, last[0] - 1), wide(grid))
    inner = within & clear & ~beside_gap & ((native >= 0) & (native <= last)).all(axis=-1)
    assert np.abs(shown[inner] - points[inner]).max(initial=0) < 1e-4
    outer = within & clear & beside_gap  # the nearer slice, as it was taken: moved along the tilt alone
    nearest = native[outer]
    nearest[:, 0] = np.floor(nearest[:, 0] + 0.5)
    nearest[:, 1:] = np.clip(nearest[:, 1:], 0, last[1:])
    assert np.abs(shown[outer] - grid.points(nearest)).max(initial=0) < 1e-4


@given(planes(), st.integers(0, 99))
def test_between_slices_it_is_the_reformat_of_a_figure(plane: Plane, seed: int) -> None:
    grid = plane.grid
    voxels = np.random.default_rng(seed).integers(-900, 900, grid.shape).astype(np.int16)
    shown, points = plane.take(voxels), everywhere(plane)
    flat = Grid((1, *plane.shape), points[:1, 0], points[1, 0] - points[0, 0], points[0, 1] - points[0, 0], FRAME)
    wanted = sample(Volume(voxels, grid), flat, 0.0)
    both = np.isfinite(shown) & np.isfinite(wanted)
    assert not np.isfinite(wanted[np.isnan(shown) & missing(grid, points)]).any()
    assert np.abs(shown[both] - wanted[both]).max(initial=0) < 0.02


@given(planes(), st.data())
def test_what_is_under_the_hand_and_where_a_region_is_cut_is_the_nearest_voxel(
    plane: Plane, data: st.DataObject
) -> None:
    grid = plane.grid
    low = [data.draw(st.integers(0, n - 1)) for n in grid.shape]
    high = [data.draw(st.integers(a + 1, n)) for a, n in zip(low, grid.shape, strict=True)]
    whole = np.zeros(grid.shape, bool)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    whole[box] = rng.random(whole[box].shape) < 0.6
    expected, shown = np.zeros(plane.shape, bool), np.isfinite(plane.take(np.zeros(grid.shape, np.int16)))
    points = everywhere(plane)
    for row, column in np.ndindex(*plane.shape):
        index = plane.voxel(row, column)
        assert (index is not None) == shown[row, column]
        if index is not None:
            expected[row, column] = whole[index]
            off = np.abs(grid.indices(points[row, column]) - index)
            assert off.max() <= 0.5 + 1e-5
    crop = plane.cut(Mask(grid.shape, (low[0], low[1], low[2]), whole[box]))
    found = np.zeros(plane.shape, bool)
    if crop is not None:
        bits, (row, column) = crop
        found[row : row + bits.shape[0], column : column + bits.shape[1]] = bits
    assert np.array_equal(found, expected)


@given(planes(), st.sampled_from([1.5, 3.0, 80.0]), st.sampled_from(["max", "min", "mean"]))
def test_a_slab_is_what_its_planes_make_together(plane: Plane, mm: float, projection: str) -> None:
    """Exactly, where slices are shifted by whole voxels; else slabs are taken of voxels, then what lies between."""
    voxels = np.random.default_rng(0).integers(-900, 900, plane.grid.shape).astype(np.int16)
    look = Look("s", plane.axis, plane.at, slab_mm=mm, projection=projection)  # type: ignore[arg-type]
    steps, upright = slab_steps(plane, mm), plane.upright
    shown = values_of(plane, look, voxels, steps)
    layers = np.array([Plane(plane.order, plane.axis, step).take(voxels) for step in steps], np.float64)
    here = np.isfinite(layers)
    seen = here.any(axis=0)
    assert np.array_equal(np.isfinite(shown), seen)
    if upright is None or not (upright.places % 1).any():
        high, low = np.where(here, layers, -1e9).max(axis=0), np.where(here, layers, 1e9).min(axis=0)
        mean = np.where(here, layers, 0).sum(axis=0) / np.maximum(here.sum(axis=0), 1)
        expected = {"max": high, "min": low, "mean": mean}[projection]
        assert np.abs(shown - expected)[seen].max(initial=0) < 0.01


def head(tilt_deg: float, steps: list[float], pixel: float = 0.5, side: int = 120) -> Grid:
    """A head in a tilted gantry: the table moves along z, the slices lean."""
    turned = rotation(tilt_deg, 0)
    heights = np.concatenate([[0.0], np.cumsum(steps)])
    origins = np.array([-side / 2 * pixel, -side / 2 * pixel, 0.0]) + heights[:, None] * [0.0, 0.0, 1.0]
    return Grid((len(heights), side, side), origins, turned @ [0, pixel, 0], np.array([pixel, 0, 0]), FRAME)


@pytest.mark.parametrize(
    "grid",
    [head(20, [2.0] * 25), head(-25, [2.0] * 25), head(0, [2.0] * 10 + [5.0] * 6), head(15, [2.0, 2.4, 1.7] * 8)],
    ids=["tilted", "tilted back", "uneven", "both"],
)
def test_a_ball_and_a_rod_stand_at_one_place_of_the_patient_in_all_planes(grid: Grid) -> None:
    """A ball where it is in millimetres; and a rod along z, straight and upright however the slices lean."""
    voxels_mm = grid.points(np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1))
    centre = grid.points([grid.shape[0] // 2, 70, 55]) + np.array([0.11, -0.07, 0.2])
    ball = np.exp(-((voxels_mm - centre) ** 2).sum(-1) / (2 * 3.0**2)).astype(np.float32)
    rod = np.exp(-((voxels_mm - centre)[..., :2] ** 2).sum(-1) / (2 * 2.0**2)).astype(np.float32)
    order = DisplayOrder.of(grid)
    for axis in range(3):
        at = int(np.floor(Plane(order, axis, 0).places(centre)[0, 2] + 0.5))
        plane = Plane(order, axis, at)
        weights = np.nan_to_num(plane.take(ball), neginf=0.0).astype(float)
        points = everywhere(plane)
        found = (points * weights[..., None]).sum((0, 1)) / weights.sum()
        foot = centre - (centre - plane.point(0, 0)) @ plane.normal * plane.normal
        off, along = found - foot, float((found - foot) @ grid.normal)
        assert np.linalg.norm(off - along * grid.normal) < 0.25  # half a pixel
        assert abs(along) < 0.1 * np.abs(np.diff(grid.slice_positions)).max()
        if axis == 2:  # sagittal: one straight line along z
            lines = np.nan_to_num(plane.take(rod), neginf=0.0)
            tops = np.array([points[row, lines[row].argmax()] for row in np.flatnonzero(lines.max(axis=1) > 0.9)])
            assert len(tops) > 10
            assert np.abs(tops[:, 1] - centre[1]).max() <= 0.5


def test_only_what_is_missing_is_left_out() -> None:
    """Slices 2 mm apart, one of them missing, and 4 mm apart higher up: there the scan has wide slices."""
    grid = head(0, [2.0] * 6 + [4.0] + [2.0] * 6 + [4.0] * 5)
    upright = Upright.of(grid)
    assert upright is not None
    heights = (upright.grid.origins - grid.origins[0]) @ grid.normal
    assert np.array_equal(upright.gap, (heights > 13) & (heights < 15))
    plane = Plane(DisplayOrder.of(grid), 2, 60)
    assert np.isnan(plane.take(np.zeros(grid.shape, np.int16))).any(axis=1).sum() == upright.gap.sum() > 3
    mask = Mask.from_array(np.ones(grid.shape, bool))
    crop = plane.cut(mask)
    assert crop is not None
    assert (~crop[0]).all(axis=1).sum() == upright.gap.sum()


def test_a_stack_that_is_even_and_straight_shows_its_voxels_themselves() -> None:
    grid = head(0, [2.0] * 5)
    assert Upright.of(grid) is None
    slightly = Grid(grid.shape, grid.origins + 0.02 * np.eye(3)[0] * np.arange(6)[:, None], *rows(grid), FRAME)
    assert Upright.of(slightly) is None  # 0.1 mm, a fifth of a pixel
    assert Upright.of(head(1, [2.0] * 25)) is not None


def rows(grid: Grid) -> tuple[Floats, Floats]:
    return grid.row_step, grid.column_step


@pytest.mark.parametrize(
    ("grid", "why"),
    [
        (head(20, [2.0]), "too few slices"),
        (head(80, [300.0] * 10), "too far beside"),
        (head(0, [0.1] * 10 + [5000.0]), "too far from"),
    ],
)
def test_what_no_plane_could_show_is_refused_in_words(grid: Grid, why: str) -> None:
    assert why in why_not_across(grid)
    views = Views()
    views.open([series("one", grid)])
    views.put(0, views.native("one", 0))
    with pytest.raises(InputError, match=why):
        views.three_planes(0)


def test_three_planes_of_a_tilted_stack_meet_in_a_point_and_scroll_to_both_ends() -> None:
    grid = head(20, [2.0] * 25)
    views = Views()
    views.open([series("one", grid)])
    views.put(0, views.native("one", 0))
    point = grid.points([20, 30, 90])
    views.three_planes(0, point)
    for view in range(3):
        plane = views.plane(view)
        assert plane is not None
        assert abs(plane.places(point)[0, 2]) <= 0.5
        views.go_to(view, 10_000)
        last = views.plane(view)
        assert last is not None
        assert last.at == last.count - 1
