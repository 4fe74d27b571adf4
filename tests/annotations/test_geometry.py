"""Properties of grids: even, tilted, gapped, uneven and single slices, in any orientation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.errors import GridMismatch, InputError
from callout.geometry import Grid, direction_letters, plane_of

Floats = npt.NDArray[np.float64]


def rotation(a: float, b: float, c: float) -> Floats:
    """A turn by three angles, radians."""
    (ca, cb, cc), (sa, sb, sc) = np.cos([a, b, c]), np.sin([a, b, c])
    x = np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    y = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    z = np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    turned: Floats = z @ y @ x
    return turned


angles = st.tuples(*[st.floats(-3.1, 3.1)] * 3)
steps = st.floats(0.3, 8.0)
shifts = st.tuples(*[st.floats(-400, 400)] * 3)


@st.composite
def grids(draw: st.DrawFn, max_size: int = 6, even: bool = False) -> Grid:
    """Any grid: turned, sheared, stepping up or down its normal, and uneven unless `even`."""
    shape = tuple(draw(st.integers(1, max_size)) for _ in range(3))
    turn = rotation(*draw(angles))
    column_step, row_step = turn[:, 0] * draw(steps), turn[:, 1] * draw(steps)
    between = [draw(steps)] * shape[0] if even else [draw(steps) for _ in range(shape[0])]
    heights = np.cumsum(between)
    sign = draw(st.sampled_from((1, -1)))
    shear = draw(st.floats(-0.5, 0.5)) * turn[:, 1] + draw(st.floats(-0.5, 0.5)) * turn[:, 0]
    origins = np.array(draw(shifts)) + np.outer(heights * sign, turn[:, 2] + shear)
    return Grid((shape[0], shape[1], shape[2]), origins, row_step, column_step, "1.2.3")


@given(grids(), st.lists(st.tuples(*[st.floats(-3, 9)] * 3), min_size=1, max_size=8))
def test_indices_are_the_inverse_of_points(grid: Grid, indices: list[tuple[float, float, float]]) -> None:
    assert np.allclose(grid.indices(grid.points(indices)), indices, atol=1e-6)


@given(grids())
def test_points_of_first_voxels_are_the_origins(grid: Grid) -> None:
    firsts = [[k, 0, 0] for k in range(grid.shape[0])]
    assert np.allclose(grid.points(firsts), grid.origins, atol=1e-9)
    assert np.allclose(grid.points([0, 1, 0]) - grid.origins[0], grid.row_step, atol=1e-9)
    assert np.allclose(grid.points([0, 0, 1]) - grid.origins[0], grid.column_step, atol=1e-9)


@given(grids(even=True), st.lists(st.tuples(*[st.floats(-3, 9)] * 3), min_size=1, max_size=8))
def test_affine_says_what_points_says(grid: Grid, indices: list[tuple[float, float, float]]) -> None:
    index = np.array(indices)
    by_affine = np.c_[index, np.ones(len(index))] @ grid.affine.T
    assert np.allclose(by_affine[:, :3], grid.points(index), atol=1e-6)
    again = Grid.from_affine(grid.affine, grid.shape, grid.frame_of_reference_uid)
    assert again.shape == grid.shape
    assert np.allclose(again.points(index), grid.points(index), rtol=0, atol=1e-6)


def test_uneven_slices_have_no_affine() -> None:
    grid = Grid((3, 2, 2), np.array([[0, 0, 0], [0, 0, 1], [0, 0, 3.0]]), np.array([0, 1, 0]), np.array([1, 0, 0]))
    assert not grid.is_even
    with pytest.raises(InputError, match="uneven"):
        _ = grid.affine
    assert grid.spacing == (1.5, 1.0, 1.0)


def test_tilted_slices_are_even_and_spaced_along_the_normal() -> None:
    origins = np.array([[0, 0.5 * k, 2.0 * k] for k in range(4)])
    grid = Grid((4, 3, 3), origins, np.array([0, 1, 0]), np.array([1, 0, 0]))
    assert grid.is_even
    assert grid.spacing[0] == pytest.approx(2.0)
    assert grid.affine[:3, 0] == pytest.approx([0, 0.5, 2.0])


@given(grids())
def test_voxel_volumes_fill_the_stack(grid: Grid) -> None:
    positions = grid.slice_positions
    if grid.shape[0] == 1:
        assert grid.voxel_volumes.tolist() == [0.0]
        return
    area = float(np.prod(grid.spacing[1:]))
    ends = (abs(positions[1] - positions[0]) + abs(positions[-1] - positions[-2])) / 2
    whole = (abs(positions[-1] - positions[0]) + ends) * area
    assert grid.voxel_volumes.sum() == pytest.approx(whole)
    assert (grid.voxel_volumes > 0).all()


@st.composite
def relatives(draw: st.DrawFn) -> tuple[Grid, Grid, npt.NDArray[np.intp]]:
    """(home, other, the home index (k, j, i) of each voxel of other): other flipped, permuted, cropped or thinned."""
    home = draw(grids(even=draw(st.booleans())))
    slices_first = not home.is_even or draw(st.booleans())  # only even stacks can be cut along another axis
    turn = (0, *draw(st.permutations((1, 2)))) if slices_first else tuple(draw(st.permutations((0, 1, 2))))
    if not slices_first and not perpendicular(home):
        turn = (0, 1, 2)
    chosen = []
    for axis in turn:
        first = draw(st.integers(0, home.shape[axis] - 1))
        last = draw(st.integers(first, home.shape[axis] - 1))
        run = list(range(first, last + 1))
        chosen.append(run[::-1] if draw(st.booleans()) else run)
    index = np.array(np.meshgrid(*chosen, indexing="ij"))
    found = np.empty((*index.shape[1:], 3), np.intp)
    for axis, home_axis in enumerate(turn):
        found[..., home_axis] = index[axis]
    points = home.points(found)
    ends = np.eye(3)
    directions = []
    for axis in (1, 2):
        step = home.points(ends[turn[axis]]) - home.points([0, 0, 0])
        directions.append(-step if len(chosen[axis]) > 1 and chosen[axis][0] > chosen[axis][1] else step)
    shape = (points.shape[0], points.shape[1], points.shape[2])
    return home, Grid(shape, points[:, 0, 0], *directions), found


def perpendicular(grid: Grid) -> bool:
    """Whether the slices run straight along their normal."""
    if grid.shape[0] == 1:
        return True
    step = grid.origins[1] - grid.origins[0]
    return float(np.linalg.norm(np.cross(step, grid.normal))) < 1e-6 * float(np.linalg.norm(step))


@given(relatives(), st.randoms(use_true_random=False))
def test_masks_come_home_as_brute_force_says(
    family: tuple[Grid, Grid, npt.NDArray[np.intp]],
    random: np.random.Generator,
) -> None:
    home, other, found = family
    mask = np.array([random.random() < 0.4 for _ in range(int(np.prod(other.shape)))], bool).reshape(other.shape)
    expected = np.zeros(home.shape, bool)
    for voxel in np.argwhere(mask):
        expected[tuple(found[tuple(voxel)])] = True
    assert np.array_equal(home.lattice_map(other).onto_home(mask), expected)


@given(grids(max_size=4), st.integers(1, 3))
def test_a_margin_around_home_is_dropped_unless_it_holds_voxels(grid: Grid, margin: int) -> None:
    k, j, i = grid.shape
    origins = grid.origins - margin * grid.row_step - margin * grid.column_step
    wide = Grid((k, j + 2 * margin, i + 2 * margin), origins, grid.row_step, grid.column_step, "1.2.3")
    mask = np.zeros(wide.shape, bool)
    mask[:, margin:-margin, margin:-margin] = True
    assert grid.lattice_map(wide).onto_home(mask).all()
    mask[0, 0, 0] = True
    with pytest.raises(GridMismatch, match="outside"):
        grid.lattice_map(wide).onto_home(mask)


@given(grids(max_size=4), st.sampled_from((0, 1, 2)), st.floats(0.05, 0.95))
def test_another_lattice_is_refused(grid: Grid, axis: int, part: float) -> None:
    step = (grid.normal * (grid.spacing[0] or 1.0), grid.row_step, grid.column_step)[axis]
    other = Grid(grid.shape, grid.origins + part * step, grid.row_step, grid.column_step, "1.2.3")
    if axis == 0 and grid.shape[0] > 1 and not grid.is_even:
        return
    with pytest.raises(GridMismatch):
        grid.lattice_map(other)


def test_even_slices_that_run_along_uneven_ones_are_refused_though_their_ends_fit() -> None:
    home = Grid((4, 5, 5), np.array([[0, 0, z] for z in (0, 1, 3, 4)]), [0, 1, 0], [1, 0, 0])
    other = Grid((5, 5, 4), np.array([[x, 0, 0] for x in range(5)]), [0, 1, 0], [0, 0, 4 / 3])
    with pytest.raises(GridMismatch, match="voxels off"):
        home.lattice_map(other)


def test_a_slice_between_two_is_refused() -> None:
    home = Grid((3, 5, 5), np.array([[0, 0, 3.0 * k] for k in range(3)]), [0, 1, 0], [1, 0, 0])
    with pytest.raises(GridMismatch, match=r"0\.33 voxels off"):
        home.lattice_map(Grid((1, 5, 5), np.array([[0, 0, 4.0]]), [0, 1, 0], [1, 0, 0]))


def test_another_frame_of_reference_is_refused() -> None:
    a, b = (Grid.from_affine(np.eye(4)[:, [2, 1, 0, 3]], (2, 2, 2), uid) for uid in ("1.2", "1.3"))
    with pytest.raises(GridMismatch, match="frames of reference"):
        a.lattice_map(b)


@pytest.mark.parametrize(
    ("origins", "row_step", "column_step", "message"),
    [
        ([[0, 0, 0], [0, 0, 0]], [0, 1, 0], [1, 0, 0], "lie on one another"),
        ([[0, 0, 0], [0, 0, 1], [0, 0, 0.5]], [0, 1, 0], [1, 0, 0], "not in order"),
        ([[0, 0, 0], [0, 0, 1]], [0, 0, 0], [1, 0, 0], "no extent"),
        ([[0, 0, 0], [0, 0, 1]], [0.2, 1, 0], [1, 0, 0], "perpendicular"),
        ([[0, 0, 0], [0, 0, float("nan")]], [0, 1, 0], [1, 0, 0], "finite"),
    ],
)
def test_what_is_no_grid_is_refused(
    origins: list[list[float]], row_step: list[float], column_step: list[float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Grid((len(origins), 2, 2), np.array(origins), np.array(row_step), np.array(column_step))


def test_arrays_of_a_grid_are_read_only() -> None:
    grid = Grid.from_affine(np.eye(4)[:, [2, 1, 0, 3]], (2, 2, 2))
    for array in (grid.origins, grid.row_step, grid.column_step, grid.slice_positions, grid.voxel_volumes, grid.normal):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


@pytest.mark.parametrize(
    ("between", "gaps"),
    [
        ([2, 2, 2, 2], ()),
        ([2, 2, 4, 2, 2], ((2, 1.0),)),
        ([4, 2, 2, 6], ((3, 1.5),)),  # the median is 3
        ([2, 2, 2, 2, 4, 4, 2, 2], ((4, 1.0), (5, 1.0))),
        ([2, 2, 2, 2, 2, 4, 4, 4.1, 4], ()),  # wide slices in one part
        ([2.0, 2.9, 2.2, 1.8], ()),
        ([], ()),
    ],
)
@pytest.mark.parametrize("way", [1.0, -1.0])
def test_gaps_are_where_a_step_is_unusually_long(
    between: list[float], gaps: tuple[tuple[int, float], ...], way: float
) -> None:
    heights = np.concatenate([[0.0], np.cumsum(between)])
    grid = Grid((len(heights), 2, 2), np.outer(way * heights, [0, 0.1, 1]), np.eye(3)[1], np.eye(3)[0])
    assert [k for k, _ in grid.gaps] == [k for k, _ in gaps]
    assert [mm for _, mm in grid.gaps] == pytest.approx([mm for _, mm in gaps])


@given(angles)
def test_a_plane_is_named_within_thirty_degrees(turns: tuple[float, float, float]) -> None:
    normal = rotation(*turns)[:, 2]
    off = np.degrees(np.arccos(np.clip(np.abs(normal), 0, 1)))
    near = [name for name, angle in zip(("sagittal", "coronal", "axial"), off, strict=True) if angle < 29.99]
    assert plane_of(normal) == (near[0] if near else "oblique") or abs(off.min() - 30) < 0.02


def test_letters_name_the_direction() -> None:
    assert [direction_letters(axis) for axis in np.eye(3)] == ["L", "P", "H"]
    assert [direction_letters(axis) for axis in -np.eye(3)] == ["R", "A", "F"]
    assert direction_letters([0, -0.6, 0.8]) == "HA"
