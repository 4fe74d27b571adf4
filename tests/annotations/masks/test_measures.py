"""Measures against plain definitions: every pair of edge midpoints, every voxel, numpy's own statistics."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import gaussian_filter, label
from scipy.spatial.distance import cdist

from callout.geometry import Grid
from callout.masks import Mask, Measures, measure, volume_text

Bits = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
MIDPOINTS = np.array([(-0.5, 0), (0.5, 0), (0, -0.5), (0, 0.5)])

planes = hnp.arrays(bool, st.tuples(st.just(1), st.integers(1, 6), st.integers(1, 6)))
spacings = st.floats(0.05, 8.0)


def grid_of(shape: tuple[int, ...], row_mm: float, column_mm: float, heights: Floats, tilt: float = 0.0) -> Grid:
    """An axial grid with slices at `heights`, each moved back by `tilt` mm per mm of height."""
    origins = np.column_stack([np.full(shape[0], 3.0), tilt * heights, heights])
    return Grid((shape[0], shape[1], shape[2]), origins, np.array([0, row_mm, 0]), np.array([column_mm, 0, 0]))


def measured(mask: Bits, grid: Grid, voxels: npt.NDArray[np.generic] | None = None) -> Measures:
    found = measure(Mask.from_array(mask), grid, voxels)
    assert found is not None
    return found


def edge_midpoints(plane: Bits, row_mm: float, column_mm: float) -> Floats:
    """(n, 2) mm (row, column), of every set pixel of the plane."""
    points: Floats = (np.argwhere(plane)[:, None] + MIDPOINTS).reshape(-1, 2) * (row_mm, column_mm)
    return points


def widest_across(points: Floats, direction: Floats) -> float:
    """The longest chord across `direction` of the convex outline of `points`: every segment, at every point."""
    along, across = points @ direction, points @ np.array([-direction[1], direction[0]])
    a, b = np.divmod(np.arange(len(points) ** 2), len(points))
    span = along[b] - along[a]
    a, b, span = a[span > 1e-12], b[span > 1e-12], span[span > 1e-12]
    widths = []
    for at in along:
        part = (at - along[a]) / span
        here = (part >= -1e-12) & (part <= 1 + 1e-12)
        cut = (across[a] + part * (across[b] - across[a]))[here]
        widths.append(max(cut) - min(cut))
    return float(max(widths))


def lines_of(mask: Bits, row_mm: float, column_mm: float) -> tuple[float, list[tuple[int, Floats, Floats]]]:
    """By looking at every pair of edge midpoints of every part in every slice: the longest distance, and wherever it is
    found the slice, all the points there and the unit vector from one end to the other."""
    parts, count = label(mask, np.ones((3, 3, 3)))
    found: list[tuple[int, Floats, Floats]] = []
    longest = 0.0
    for k, part in product(range(len(mask)), range(1, count + 1)):
        points = np.unique(edge_midpoints(parts[k] == part, row_mm, column_mm).round(9), axis=0)
        gaps = cdist(points, points) if len(points) else np.zeros((1, 1))
        if gaps.max() > longest - 1e-7:
            found = found if gaps.max() < longest + 1e-7 else []
            longest = max(longest, float(gaps.max()))
            ways = [points[b] - points[a] for a, b in np.argwhere(gaps > longest - 1e-7) if a < b]
            found += [(k, points, way / np.linalg.norm(way)) for way in ways]
    return longest, found


@given(planes, spacings, spacings)
def test_axes_are_those_of_all_edge_midpoints(mask: Bits, row_mm: float, column_mm: float) -> None:
    assume(mask.any())
    grid = grid_of(mask.shape, row_mm, column_mm, np.zeros(1))
    found = measured(mask, grid)
    longest, lines = lines_of(mask, row_mm, column_mm)
    assert found.long_axis_mm == pytest.approx(longest)
    assert found.parts == label(mask, np.ones((3, 3, 3)))[1]
    first, last = grid.indices(np.array(found.long_axis_ends))[:, 1:] * (row_mm, column_mm)
    assert np.linalg.norm(last - first) == pytest.approx(longest, abs=0.003)  # ends are given to 0.001 mm
    assert any(found.short_axis_mm == pytest.approx(widest_across(points, direction)) for _, points, direction in lines)
    assert found.short_axis_mm <= found.long_axis_mm + 1e-9
    one, other = grid.indices(np.array(found.short_axis_ends))[:, 1:] * (row_mm, column_mm)
    assert np.linalg.norm(other - one) == pytest.approx(found.short_axis_mm, abs=0.003)
    assert abs((other - one) @ (last - first)) <= 0.01 * longest  # perpendicular


def shape_of(chance: np.random.Generator) -> Bits:
    """A random shape: blobs with bays, holes and islands, an ellipsoid that lies anyhow, or thin and winding."""
    size = (*chance.integers(1, 4, 1), *chance.integers(4, 28, 2))
    kind = chance.integers(3)
    if kind == 0:
        noise = gaussian_filter(chance.normal(size=size), chance.uniform(0.5, 4.0, 3))
        return np.asarray(noise > np.quantile(noise, chance.uniform(0.3, 0.95)))
    mask = np.zeros(size, bool)
    if kind == 1:
        matrix = chance.normal(size=(3, 3)) / np.array(size)
        places = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1) - np.array(size) / 2
        mask = np.asarray((places @ matrix.T * chance.uniform(1, 4)) ** 2).sum(axis=-1) < 1
    at = np.array([chance.integers(n) for n in size])
    for step in chance.integers(-1, 2, (chance.integers(1, 60), 3)):
        mask[tuple(at)] = True
        at = np.clip(at + step, 0, np.array(size) - 1)
    return mask


def test_axes_of_1000_random_shapes() -> None:
    """On uneven stacks that lean: each pair of edge midpoints, and each chord across of the ends of rows."""
    for seed in range(1000):
        chance = np.random.default_rng(seed)
        mask = shape_of(chance)
        row_mm, column_mm = chance.uniform(0.3, 3.0, 2)
        heights = np.cumsum(chance.uniform(0.5, 5.0, len(mask)))
        found = measured(mask, grid_of(mask.shape, row_mm, column_mm, heights, chance.uniform(-0.5, 0.5)))
        longest, lines = lines_of(mask, row_mm, column_mm)
        assert found.long_axis_mm == pytest.approx(longest), seed
        shortest = []
        for k, points, direction in lines:
            rows = [points[points[:, 0] == row] for row in np.unique(points[:, 0])]  # only a row's ends can be corners
            corners = np.array([row[end] for row in rows for end in (row[:, 1].argmin(), row[:, 1].argmax())])
            shortest += [widest_across(corners, direction)] if k == found.slice else []
        assert any(found.short_axis_mm == pytest.approx(short) for short in shortest), seed


def test_no_diameter_goes_from_one_lesion_to_another() -> None:
    mask = np.zeros((3, 9, 40), bool)
    mask[1, 2:5, 2:6] = mask[1, 2:5, 33:38] = True  # 4 and 5 pixels wide
    mask[2, 5, 6] = True  # touches the first by a corner
    grid = grid_of(mask.shape, 1.0, 1.0, np.arange(3.0))
    found = measured(mask, grid)
    assert (found.parts, found.slice) == (2, 1)
    assert found.long_axis_mm == pytest.approx(
        measured(mask[:, :, 20:], grid_of((3, 9, 20), 1, 1, np.arange(3.0))).long_axis_mm
    )
    assert found.extent_mm["transverse"] == 36
    bridged = mask.copy()
    bridged[0, 3, 5:34] = True  # one lesion, in two places of the slice
    assert measured(bridged, grid).parts == 1
    assert measured(bridged, grid).long_axis_mm > 35


@given(hnp.arrays(bool, st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(1, 4))), st.data())
def test_the_longest_slice_is_taken(mask: Bits, data: st.DataObject) -> None:
    assume(mask.any())
    heights = np.cumsum(data.draw(hnp.arrays(float, mask.shape[0], elements=st.floats(0.5, 9))))
    grid = grid_of(mask.shape, 0.7, 1.3, heights, tilt=data.draw(st.floats(-0.4, 0.4)))
    found = measured(mask, grid)
    longest, lines = lines_of(mask, 0.7, 1.3)
    assert found.long_axis_mm == pytest.approx(longest)
    assert found.slice == min(k for k, _, _ in lines)
    ends = np.array(found.long_axis_ends)
    assert np.allclose(grid.indices(ends)[:, 0], found.slice, atol=0.003)  # both ends lie in that slice
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(found.long_axis_mm, abs=0.003)


@given(st.integers(1, 40), st.booleans(), spacings, spacings)
def test_one_row_or_column_of_pixels(length: int, upright: bool, row_mm: float, column_mm: float) -> None:
    mask = np.ones((1, length, 1) if upright else (1, 1, length), bool)
    found = measured(mask, grid_of(mask.shape, row_mm, column_mm, np.zeros(1)))
    along, across = (row_mm, column_mm) if upright else (column_mm, row_mm)
    diagonal = np.hypot((length - 1) * along, across)  # from side to side of the first and the last pixel
    assert found.long_axis_mm == pytest.approx(max(length * along, diagonal))
    if length * along > diagonal:
        assert found.short_axis_mm == pytest.approx(across)
    assert found.volume_mm3 is None  # a stack of one slice has no thickness


def test_a_single_voxel() -> None:
    mask = np.zeros((3, 4, 5), bool)
    mask[1, 2, 3] = True
    found = measured(mask, grid_of(mask.shape, 0.8, 0.5, np.array([0, 2.5, 5])), np.arange(60).reshape(3, 4, 5))
    assert (found.voxels, found.slice, found.mean, found.sd) == (1, 1, 33.0, 0.0)
    assert found.long_axis_mm == pytest.approx(0.8)
    assert found.short_axis_mm == pytest.approx(0.5)
    assert found.volume_mm3 == pytest.approx(0.8 * 0.5 * 2.5)


def test_an_empty_mask_has_no_measures() -> None:
    assert measure(Mask.empty((2, 3, 4)), grid_of((2, 3, 4), 1, 1, np.array([0.0, 1.0]))) is None


@given(hnp.arrays(bool, st.tuples(st.integers(2, 5), st.integers(1, 4), st.integers(1, 4))), st.data())
def test_volume_is_pixel_area_times_slab(mask: Bits, data: st.DataObject) -> None:
    """A slab reaches half way to each neighbour; at the ends as far out as in; a tilt does not change it."""
    assume(mask.any())
    steps = data.draw(hnp.arrays(float, mask.shape[0] - 1, elements=st.floats(0.5, 9)))
    heights = np.concatenate([[0], np.cumsum(steps)]) * data.draw(st.sampled_from([1, -1]))
    borders = [1.5 * heights[0] - 0.5 * heights[1]]
    borders += [(a + b) / 2 for a, b in pairwise(heights)]
    borders += [1.5 * heights[-1] - 0.5 * heights[-2]]
    slabs = np.abs(np.diff(borders))
    grid = grid_of(mask.shape, 0.7, 1.3, heights, tilt=data.draw(st.floats(-0.5, 0.5)))
    assert measured(mask, grid).volume_mm3 == pytest.approx(mask.sum(axis=(1, 2)) @ slabs * 0.7 * 1.3)


def test_an_even_gap_counts_into_the_volume() -> None:
    """Slices of 4 mm with a gap of 0.4 mm lie 4.4 mm apart, and that is what a voxel stands for."""
    mask = np.ones((3, 2, 2), bool)
    assert measured(mask, grid_of(mask.shape, 1, 1, np.array([0, 4.4, 8.8]))).volume_mm3 == pytest.approx(12 * 4.4)


@given(
    st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(1, 4)] * 3), st.permutations([0, 1, 2]),
    st.tuples(*[st.sampled_from([1, -1])] * 2),
)  # fmt: skip
def test_extents_of_a_box(low: tuple[int, ...], size: tuple[int, ...], axes: list[int], signs: tuple[int, int]) -> None:
    """Axis-aligned in any of the body's planes: as many voxels as the box has, times their spacing."""
    spacing = (2.5, 0.7, 1.3)
    steps = np.eye(3)[axes]  # steps[a]: the body axis along which voxel axis a runs
    row_step, column_step = steps[1] * signs[0] * spacing[1], steps[2] * signs[1] * spacing[2]
    origins = np.outer(np.arange(8) * spacing[0], steps[0])
    grid = Grid((8, 8, 8), origins, row_step, column_step)
    mask = np.zeros((8, 8, 8), bool)
    mask[tuple(slice(a, a + n) for a, n in zip(low, size, strict=True))] = True
    found = measured(mask, grid).extent_mm
    expected = dict(zip(("transverse", "anteroposterior", "craniocaudal"), np.zeros(3), strict=True))
    for axis in range(3):
        expected[list(expected)[axes[axis]]] = size[axis] * spacing[axis]
    assert found == pytest.approx(expected)


def test_extent_over_uneven_slices_ends_half_way_to_the_next() -> None:
    mask = np.zeros((4, 2, 2), bool)
    mask[1:3] = True
    found = measured(mask, grid_of(mask.shape, 1, 1, np.array([0.0, 2.0, 6.0, 14.0])))
    assert found.extent_mm["craniocaudal"] == pytest.approx((6 + 14) / 2 - (0 + 2) / 2)
    assert found.volume_mm3 == pytest.approx(4 * found.extent_mm["craniocaudal"])


@given(st.data())
def test_intensities_are_those_of_numpy(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([np.int16, np.uint16, np.int32, np.float32]))
    low = 0 if kind is np.uint16 else -30000
    mask = data.draw(hnp.arrays(bool, (3, 4, 5)))
    assume(mask.any())
    voxels = data.draw(
        hnp.arrays(
            kind,
            (3, 4, 5),
            elements=hnp.from_dtype(np.dtype(kind), min_value=low, max_value=100_000 if kind is np.int32 else 30000),
        )
    )
    found = measured(mask, grid_of(mask.shape, 1, 1, np.arange(3.0)), voxels)
    inside = [float(value) for value in voxels[mask]]
    assert found.mean == pytest.approx(np.mean(inside))
    assert found.sd == pytest.approx(np.std(inside), abs=1e-6)
    told = found.percentile_10, found.median, found.percentile_90
    assert told == pytest.approx(np.percentile(inside, (10, 50, 90)))


@given(hnp.arrays(bool, (2, 5, 5)), st.floats(-3, 3))
def test_turning_the_patient_changes_no_diameter(mask: Bits, angle: float) -> None:
    assume(mask.any())
    straight = grid_of(mask.shape, 0.7, 0.7, np.array([0.0, 3.0]))
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    turned = Grid(straight.shape, straight.origins @ turn.T, turn @ straight.row_step, turn @ straight.column_step)
    one, other = measured(mask, straight), measured(mask, turned)
    assert one.long_axis_mm == pytest.approx(other.long_axis_mm)
    assert one.volume_mm3 == pytest.approx(other.volume_mm3)


def test_a_small_volume_is_not_told_as_nothing() -> None:
    assert [volume_text(mm3) for mm3 in (441_320, 1000.0, 410.0, 3.7, None)] == [
        "441.3 ml", "1.0 ml", "0.41 ml", "0.0037 ml", "",
    ]  # fmt: skip
