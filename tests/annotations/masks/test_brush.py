"""Brushes and polygons against every voxel's own distance, and the strokes that regions do to one another."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_masks import (
    LATTICES,
    centres,
    grids,
    lattice,
    masked_grids,
    same,
    turned_over,
)
from scipy.spatial.distance import cdist

from callout.errors import InputError
from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.masks.brush import disc, in_range, sphere
from callout.masks.combined import common, painting, strokes, united, without
from callout.masks.contours import filled
from callout.masks.mask import GrowingMask
from callout.masks.polygons import polygon

drags = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 3), st.just(3)), elements=st.floats(-2, 9).map(lambda x: round(x, 3))
)
radii = st.floats(0.1, 6).map(lambda mm: round(mm, 3) + 1e-4)


def gaps(points: Floats, path: Floats) -> Floats:
    """mm from each point to the nearest place on the lines along a path: a plain look at 2,000 places of each."""
    ways = [path[:1], *(a + np.linspace(0, 1, 300)[:, None] * (b - a) for a, b in pairwise(path))]
    nearest: Floats = cdist(points.reshape(-1, 3), np.concatenate(ways)).min(axis=1)
    return nearest


@given(grids(), drags, radii)
def test_a_sphere_covers_what_is_near_the_drag_in_space(grid: Grid, path: Floats, radius: float) -> None:
    covered = sphere(grid, path, radius).array().reshape(-1)
    reach = max(radius, np.hypot(*grid.spacing[1:]) / 2)
    distance = gaps(centres(grid), grid.points(path))
    assert covered[distance < reach - 1e-9].all()
    assert not covered[distance > reach + 0.05].any()  # the plain look misses the nearest place by that at most


@given(grids(), drags, radii, st.data())
def test_a_disc_is_flat(grid: Grid, path: Floats, radius: float, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, grid.shape[0] - 1))
    covered = disc(grid, k, path[:, 1:], radius)
    assert set(covered.slices()) <= {k}
    in_slice = grid.points(np.column_stack([np.full(len(path), k), path[:, 1:]]))
    distance = gaps(centres(grid)[k], in_slice)
    reach = max(radius, np.hypot(*grid.spacing[1:]) / 2)
    assert covered.slice(k).reshape(-1)[distance < reach - 1e-9].all()
    assert not covered.slice(k).reshape(-1)[distance > reach + 0.05].any()


@given(grids(), drags, radii, st.sampled_from([0, 1, 2]))
def test_a_drag_seen_from_the_other_side_covers_the_same(grid: Grid, path: Floats, radius: float, axis: int) -> None:
    other, over = turned_over(grid, axis)
    there = path.copy()
    there[:, axis] = grid.shape[axis] - 1 - path[:, axis]
    assert same(sphere(other, there, radius), over(sphere(grid, path, radius)))
    assert same(sphere(grid, path[::-1], radius), sphere(grid, path, radius))


@given(grids(), st.data())
def test_a_thin_brush_misses_no_pixel_it_clicks_on_and_leaves_no_gap(grid: Grid, data: st.DataObject) -> None:
    corner = st.tuples(*(st.floats(0, n - 1) for n in grid.shape[1:]))
    path = np.array([data.draw(corner), data.draw(corner)])
    covered = disc(grid, 0, path, 0.0).slice(0)
    way = path[0] + np.linspace(0, 1, 50)[:, None] * (path[1] - path[0])
    assert all(covered[tuple(np.rint(place).astype(int))] for place in way)


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("radius", [8.0, 20.0])
def test_a_sphere_has_its_volume(name: str, radius: float) -> None:
    grid = LATTICES[name]
    ball = sphere(grid, [np.array(grid.shape) // 2], radius)
    volume = float(ball.crop.sum(axis=(1, 2)) @ grid.voxel_volumes[ball.low[0] : ball.high[0]])
    exact = 4 / 3 * np.pi * radius**3
    surface = 4 * np.pi * radius**2
    assert abs(volume - exact) < 0.1 * surface * max(grid.spacing)


def test_a_stroke_costs_its_own_box_in_any_volume() -> None:
    large = lattice(300, (1.0, 1.0, 1.0))
    covered = sphere(large, [[300, 300, 300], [300, 304, 300]], 5.0)
    assert covered.crop.shape == (11, 15, 11)


@pytest.mark.parametrize(("path", "radius"), [([[1, np.nan]], 1.0), ([[1, 1]], -1.0), ([[1, 1]], np.inf)])
def test_what_is_no_brush_is_refused(path: list[list[float]], radius: float) -> None:
    with pytest.raises(InputError):
        disc(LATTICES["even"], 1, path, radius)
    with pytest.raises(InputError, match="slice 99"):
        disc(LATTICES["even"], 99, [[1, 1]], 1.0)


@given(masked_grids(), st.data())
def test_a_brush_of_a_range_paints_no_other_value(drawn: tuple[Mask, Grid], data: st.DataObject) -> None:
    mask, _ = drawn
    kind = np.dtype(data.draw(st.sampled_from([np.int16, np.uint8, np.float32])))
    voxels = data.draw(hnp.arrays(kind, mask.shape, elements=hnp.from_dtype(kind)))
    low, high = data.draw(st.tuples(st.floats(-70000, 70000), st.floats(-70000, 70000) | st.just(np.inf)))
    painted = in_range(mask, voxels, low, high)
    if kind.kind == "f":
        low, high = float(np.float32(low)), float(np.float32(high))
    assert np.array_equal(
        painted.array(), mask.array() & (voxels.astype(float) >= low) & (voxels.astype(float) <= high)
    )


outlines = hnp.arrays(
    np.float64, st.tuples(st.integers(3, 7), st.just(2)), elements=st.floats(-3, 11).map(lambda x: round(x, 2) + 0.003)
)


@given(grids(), outlines)
def test_a_polygon_is_what_it_goes_around(grid: Grid, outline: Floats) -> None:
    """By winding: the sum of the angles under which a pixel's centre sees the edges."""
    drawn = polygon(grid, 1, outline)
    assert set(drawn.slices()) <= {1}
    rows, columns = np.meshgrid(*(np.arange(n) for n in grid.shape[1:]), indexing="ij")
    seen = (outline[:, 1, None, None] - columns) + 1j * (outline[:, 0, None, None] - rows)
    angles = np.angle(np.roll(seen, -1, axis=0) / seen)
    turns, off_edge = angles.sum(axis=0) / (2 * np.pi), (np.abs(angles) < np.pi - 1e-6).all(axis=0)
    assert np.array_equal(drawn.slice(1)[off_edge], (np.abs(turns) > 0.5)[off_edge])
    inside = filled([outline], (grid.shape[1], grid.shape[2]))  # odd crossings: the same, but for what is covered twice
    assert not (np.rint(np.abs(turns)) % 2 == 1)[~inside & off_edge].any()


@given(grids(), outlines, st.integers(0, 6), st.booleans())
@example(
    Grid.from_affine(np.diag([3.0, 1, 1, 1]), (2, 9, 9)),
    np.array([[0.003, 0.003], [0.003, 1.003], [7.123, 7.123]]),
    0,
    True,
)  # centres lie on an edge
def test_a_polygon_is_the_same_wherever_it_starts(grid: Grid, outline: Floats, start: int, back: bool) -> None:
    again = np.roll(outline, start, axis=0)[:: -1 if back else 1]
    assert same(polygon(grid, 0, again), polygon(grid, 0, outline))


def test_polygons_that_share_edges_share_no_pixel() -> None:
    grid = lattice(5, (1, 1, 1))
    corners = np.array([[0, 0], [0, 10], [10, 10], [10, 0]], float)
    middle = np.array([4.0, 5.0])
    parts = [polygon(grid, 0, [corners[n], corners[(n + 1) % 4], middle]) for n in range(4)]
    assert sum(part.count for part in parts) == united(*parts).count == 100


@given(st.data())
def test_sets_are_those_of_whole_arrays(data: st.DataObject) -> None:
    shape = (3, 5, 6)
    one, other = (data.draw(hnp.arrays(bool, shape, fill=st.just(False))) for _ in range(2))
    a, b = Mask.from_array(one), Mask.from_array(other)
    assert np.array_equal(united(a, b).array(), one | other)
    assert np.array_equal(common(a, b).array(), one & other)
    assert np.array_equal(without(a, b).array(), one & ~other)
    growing = GrowingMask.of(shape, [*strokes(Mask.empty(shape), a), *strokes(a, b)])
    assert np.array_equal(growing.snapshot().array(), other)
    assert strokes(a, a) == []


@given(st.data())
def test_painting_takes_from_excluded_regions_alone_and_undoes(data: st.DataObject) -> None:
    shape = (3, 5, 6)
    region, stamp, excluded = (Mask.from_array(data.draw(hnp.arrays(bool, shape))) for _ in range(3))
    own, taken = painting(region, stamp, [excluded])
    after = GrowingMask.of(shape, [*strokes(Mask.empty(shape), region), *own]).snapshot()
    left = GrowingMask.of(shape, [*strokes(Mask.empty(shape), excluded), *taken]).snapshot()
    assert same(after, united(region, stamp))
    assert same(left, without(excluded, stamp))
    undone = GrowingMask.of(shape, [*strokes(Mask.empty(shape), excluded), *taken, *taken]).snapshot()
    assert same(undone, excluded)
    assert painting(region, stamp)[0] == own  # nothing else is touched unless asked


def test_masks_of_two_volumes_are_refused() -> None:
    with pytest.raises(InputError, match="not of one volume"):
        united(Mask.empty((2, 3, 4)), Mask.empty((2, 3, 5)))
