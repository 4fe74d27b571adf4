from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callout.errors import InputError
from callout.figures.projection import Projection
from callout.figures.window import panel_grey
from callout.geometry import Grid, direction_letters, plane_of

CYCLES = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0))


def turned(order: int, signs: int, tilt: tuple[float, float, float]) -> Grid:
    """A 5 × 40 × 56 grid whose axes lie along the patient's in any order and sense, tilted by up to 25°."""
    axes = np.eye(3)[list(CYCLES[order])] * [1 - 2 * (signs >> n & 1) for n in range(3)]
    for axis, angle in enumerate(np.radians(tilt)):
        turn = np.eye(3)
        a, b = [n for n in range(3) if n != axis]
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        axes = axes @ turn
    affine = np.eye(4)
    affine[:3, :3] = (axes * np.array([[5.0], [0.9], [1.3]])).T
    affine[:3, 3] = (20, -30, 10)
    return Grid.from_affine(affine, (5, 40, 56))


grids = st.builds(turned, st.integers(0, 5), st.integers(0, 7), st.tuples(*[st.floats(-14, 14)] * 3))


def projected(grid: Grid, k: int = 2, width_mm: float = 90.0) -> Projection:
    return Projection(grid, k, tuple(grid.points([k, 19.5, 27.5]).tolist()), width_mm, (300, 280))


@given(grids, st.integers(4, 35), st.integers(4, 51), st.integers(0, 4))
@settings(deadline=None, max_examples=60)
def test_a_voxel_appears_where_its_place_in_the_patient_says(grid: Grid, row: int, column: int, k: int) -> None:
    values = np.zeros(grid.shape[1:])
    values[row, column] = 100
    panel = projected(grid, k)
    rows, columns = panel.positions()
    shown = panel_grey(panel.upright(values), rows, columns, (50, 100), inverted=False, cubic=False)
    x, y = panel.to_panel(grid.points([k, row, column])).tolist()
    assert panel.voxels_to_panel([[row, column]])[0].tolist() == pytest.approx([x, y])
    lit = np.argwhere(shown == 255)
    if 3 < x < 297 and 3 < y < 277:
        assert np.allclose(lit.mean(0) + 0.5, [y, x], atol=1.5)


@given(grids, st.floats(0, 300), st.floats(0, 280))
@settings(deadline=None, max_examples=60)
def test_a_place_on_the_panel_is_a_point_of_the_slice(grid: Grid, x: float, y: float) -> None:
    panel = projected(grid)
    point = panel.from_panel([[x, y]])
    assert panel.to_panel(point)[0] == pytest.approx([x, y], abs=1e-6)
    assert grid.indices(point)[0, 0] == pytest.approx(2, abs=1e-6)


@given(grids)
@settings(deadline=None, max_examples=60)
def test_every_stack_is_shown_the_radiological_way(grid: Grid) -> None:
    panel = projected(grid)
    plane = plane_of(grid.normal)
    centre = grid.points([2, 19.5, 27.5])
    middle = panel.to_panel(centre)
    left, posterior, head = (panel.to_panel(centre + 10 * np.eye(3)[axis]) - middle for axis in range(3))
    if plane == "axial":
        assert left[0] > 0
        assert posterior[1] > 0
    elif plane == "coronal":
        assert left[0] > 0
        assert head[1] < 0
    elif plane == "sagittal":
        assert posterior[0] > 0
        assert head[1] < 0
    assert panel.letters["right"] == direction_letters(panel.right)
    assert panel.letters["left"] == direction_letters(-panel.right)
    assert abs(panel.right @ panel.down) < 1e-9


def test_letters_of_the_three_planes_and_of_a_disc_angled_stack() -> None:
    axial = Grid.from_affine([[0, 0, -1, 9], [0, -1, 0, 9], [3, 0, 0, 0], [0, 0, 0, 1]], (5, 40, 56))
    sagittal = Grid.from_affine([[3, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], (5, 40, 56))
    disc_angled = turned(0, 0, (0, 25, 0))
    edges = ("left", "right", "top", "bottom")
    assert [projected(axial).letters[e] for e in edges] == ["R", "L", "A", "P"]
    assert [projected(sagittal).letters[e] for e in edges] == ["A", "P", "H", "F"]
    angled = projected(Grid.from_affine(_tilted(25), (5, 40, 56))).letters
    assert [angled[e] for e in edges] == ["R", "L", "AH", "PF"]
    assert disc_angled.shape == (5, 40, 56)


def _tilted(degrees: float) -> np.ndarray:
    """An axial stack whose front edge is raised."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, s * 4, c * 4), (0, c, -s), (1, 0, 0)
    return affine


def test_pixels_are_square_in_the_patient_where_voxels_are_not() -> None:
    panel = projected(turned(0, 0, (0, 0, 0)))
    centre = np.array(panel.centre_mm)
    steps = panel.to_panel([centre + 9 * panel.right, centre + 9 * panel.down]) - panel.to_panel(centre)
    assert np.allclose(steps, [[30, 0], [0, 30]])


def test_a_centre_off_the_slice_is_taken_onto_it() -> None:
    grid = turned(0, 0, (0, 10, 0))
    on, off = (
        Projection(grid, 2, tuple((grid.points([2, 5, 6]) + d * grid.normal).tolist()), 60.0, (100, 100))
        for d in (0.0, 33.0)
    )
    assert np.allclose(on.to_panel(grid.points([2, 5, 6])), 50)
    assert np.allclose(on.positions(), off.positions())


def test_a_slice_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="slice 5 is not among the 5"):
        projected(turned(0, 0, (0, 0, 0)), 5)
