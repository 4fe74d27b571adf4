"""Measures of spheres, ellipsoids and shells that lie anyhow, on grids of every kind, within bounds that are proved.

A voxel is set where its centre lies in the body. r: half a pixel's diagonal; every point of a slice has a centre within
r. So what is drawn of a section holds its inner copy, from which r is taken off twice (any point of what is left after
the first time has a centre of the section within r), and lies in its outer copy, to which half a pixel is added. For a
section with half axes a ≥ b these copies hold, and lie in, the section scaled by 1 − 2r/b and 1 + (half a pixel)/b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_masks import FRAME, Bits, Floats, centres

from callout.geometry import Grid
from callout.masks import BODY_AXES, Mask, Measures, measure


@dataclass(frozen=True, eq=False)
class Body:
    """An ellipsoid: its centre, LPS mm, half axes, and the directions of these (columns)."""

    centre: Floats
    half: Floats
    directions: Floats

    @property
    def form(self) -> Floats:
        """(3, 3): a point p is inside where (p − centre) @ form @ (p − centre) < 1."""
        return self.directions @ np.diag(self.half**-2.0) @ self.directions.T

    @property
    def volume(self) -> float:
        return float(4 / 3 * np.pi * self.half.prod())

    def scaled(self, part: float) -> Body:
        return Body(self.centre, self.half * part, self.directions)

    def holds(self, points: Floats) -> Bits:
        away = points - self.centre
        inside: Bits = np.einsum("...a,ab,...b->...", away, self.form, away) < 1
        return inside

    def width(self, direction: Floats) -> float:
        return float(2 * np.linalg.norm(self.half * (direction @ self.directions)))

    def section(self, grid: Grid, k: int) -> tuple[Floats, float]:
        """(2, 2) the form of slice k's section in mm along rows and columns, about its middle, and its right-hand side
        (negative where the slice misses the body)."""
        across = np.stack([grid.row_step / grid.spacing[1], grid.column_step / grid.spacing[2]], axis=1)
        away = grid.origins[k] - self.centre
        form = across.T @ self.form @ across
        middle = np.linalg.solve(form, -across.T @ self.form @ away)
        return form, float(1 - (away + across @ middle) @ self.form @ (away + across @ middle))

    def area(self, grid: Grid, k: int) -> tuple[float, float]:
        """Area and an upper bound of the circumference of slice k's section."""
        form, right = self.section(grid, k)
        if right <= 0:
            return 0.0, 0.0
        half = np.sqrt(right / np.linalg.eigvalsh(form))
        return float(np.pi * half.prod()), float(2 * np.pi * np.sqrt((half**2).mean()))


@st.composite
def turns(draw: st.DrawFn) -> Floats:
    """Three perpendicular directions, right-handed, as columns."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    turn, _ = np.linalg.qr(chance.normal(size=(3, 3)))
    found: Floats = turn * np.sign(np.linalg.det(turn))
    return found


@st.composite
def lying(draw: st.DrawFn) -> tuple[Body, Grid]:
    """An ellipsoid or a sphere, and a grid about it: anisotropic, tilted or not, even or not, in any plane."""
    half = np.array([draw(st.floats(7, 16)) for _ in range(3)])
    half = half[[0, 0, 0]] if draw(st.booleans()) else half
    body = Body(np.array([draw(st.floats(-50, 50)) for _ in range(3)]), half, draw(turns()))
    row_mm, column_mm, between = (draw(st.floats(0.5, most)) for most in (1.5, 1.5, 4.0))
    reach = float(half.max()) + 5.0
    slices = 2 * int(np.ceil(reach / between)) + 1
    uneven = draw(st.sampled_from([0.0, 0.3, 0.6]))
    heights = (np.arange(slices) - slices // 2 - np.where(np.arange(slices) % 2, uneven, 0)) * between
    lean = draw(st.sampled_from([0.0, 0.3, -0.4]))
    rows, columns = (2 * int(np.ceil((reach * (1 + abs(lean))) / step)) + 1 for step in (row_mm, column_mm))
    turn = draw(turns()) if draw(st.booleans()) else np.eye(3)
    places = np.column_stack(
        [np.full(slices, -(columns // 2) * column_mm), lean * heights - rows // 2 * row_mm, heights]
    )
    offset = [draw(st.floats(-0.5, 0.5)) * step for step in (column_mm, row_mm, between)]
    return body, Grid(
        (slices, rows, columns),
        (places + offset) @ turn.T + body.centre,
        turn @ np.array([0, row_mm, 0]),
        turn @ np.array([column_mm, 0, 0]),
        FRAME,
    )


def drawn(body: Body, grid: Grid) -> Bits:
    return body.holds(centres(grid))


def check_diameters(found: Measures, body: Body, grid: Grid) -> None:
    """Both of them, in the slice that was taken."""
    _, row_mm, column_mm = grid.spacing
    r, pixel = float(np.hypot(row_mm, column_mm)) / 2, max(row_mm, column_mm)
    shortest, longest = [0.0], [0.0]
    for k in range(grid.shape[0]):
        form, right = body.section(grid, k)
        if right > 0:
            b, a = np.sort(np.sqrt(right / np.linalg.eigvalsh(form)))
            shortest.append(2 * a * (1 - 2 * r / b))
            longest.append(2 * a * (1 + pixel / 2 / b))
    assert max(shortest) - 1e-6 <= found.long_axis_mm <= max(longest) + 1e-6
    form, right = body.section(grid, found.slice)
    b = np.sqrt(right / np.linalg.eigvalsh(form).max())
    ends = grid.indices(np.array(found.long_axis_ends))[:, 1:] * (row_mm, column_mm)
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    across = np.array([-along[1], along[0]])
    chord = 2 * np.sqrt(right / (across @ form @ across))
    slack = 0.01 * chord / b  # the ends are told to 0.001 mm, so the direction is not exact
    assert chord * (1 - 2 * r / b) - slack <= found.short_axis_mm <= chord * (1 + pixel / 2 / b) + slack
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(found.long_axis_mm, abs=0.003)


def check_volume(found: float | None, grid: Grid, *bodies: Body) -> None:
    """Of the first body without the others inside it: each slice's pixels miss its section by no more than a seam of r
    on either side of its outline, and each slab the body by no more than areas change in it."""
    positions = grid.slice_positions
    steps = np.abs(np.diff(positions))
    slabs = (np.concatenate([steps[:1], steps]) + np.concatenate([steps, steps[-1:]])) / 2
    r = float(np.hypot(*grid.spacing[1:])) / 2
    areas = np.array([[body.area(grid, k) for k in range(grid.shape[0])] for body in bodies])
    signs = np.array([1] + [-1] * (len(bodies) - 1))
    in_slabs = float(signs @ (areas[:, :, 0] @ slabs))
    seam = float(((areas[:, :, 1] * r + np.pi * r**2 * (areas[:, :, 1] > 0)) @ slabs).sum())
    assert found is not None
    assert abs(found - in_slabs) <= seam
    truth = sum(sign * body.volume for sign, body in zip(signs, bodies, strict=True))
    largest = [1.5 * body.volume / body.width(grid.normal) for body in bodies]  # sections, to which areas rise and fall
    assert abs(found - truth) <= seam + 2 * slabs.max() * sum(largest)


def check_extents(found: Measures, body: Body, grid: Grid) -> None:
    """Every point of the body that is further in than R has a voxel's centre within R, in space."""
    gaps = np.abs(np.diff(grid.slice_positions))
    lean = float(np.linalg.norm(np.diff(grid.origins, axis=0), axis=1).max())
    R = float(np.hypot(np.hypot(*grid.spacing[1:]) / 2, lean / 2))
    for axis, name in enumerate(BODY_AXES):
        wide = body.width(np.eye(3)[axis])
        border = abs(grid.row_step[axis]) + abs(grid.column_step[axis]) + abs(grid.normal[axis]) * gaps.max()
        assert wide * (1 - R / body.half.min()) - 2 * R <= found.extent_mm[name] <= wide + border + 1e-6


@given(lying())
def test_ellipsoids_and_spheres(placed: tuple[Body, Grid]) -> None:
    body, grid = placed
    found = measure(Mask.from_array(drawn(body, grid)), grid)
    assert found is not None
    check_diameters(found, body, grid)
    check_volume(found.volume_mm3, grid, body)
    check_extents(found, body, grid)


@given(lying(), st.floats(0.4, 0.7))
def test_shells(placed: tuple[Body, Grid], part: float) -> None:
    body, grid = placed
    hole = body.scaled(part)
    found = measure(Mask.from_array(drawn(body, grid) & ~drawn(hole, grid)), grid)
    assert found is not None
    check_diameters(found, body, grid)
    check_volume(found.volume_mm3, grid, body, hole)
    check_extents(found, body, grid)


SPHERE = Body(np.zeros(3), np.full(3, 20.0), np.eye(3))


def about(heights: Floats, row_mm: float, column_mm: float) -> Grid:
    """An axial grid about the point (0, 0, 0)."""
    origins = np.column_stack([np.full(len(heights), -30 * column_mm), np.full(len(heights), -30 * row_mm), heights])
    return Grid((len(heights), 61, 61), origins, np.array([0, row_mm, 0]), np.array([column_mm, 0, 0]), FRAME)


def test_a_spacing_that_is_mistaken_breaks_the_bounds() -> None:
    """Rows for columns, slices taken as even, a slice's thickness for its distance: each is noticed."""
    grid = about(np.arange(-24, 25, 2.0), 0.8, 1.2)
    mask = Mask.from_array(drawn(SPHERE, grid))
    swapped = measure(mask, about(np.arange(-24, 25, 2.0), 1.2, 0.8))
    assert swapped is not None
    with pytest.raises(AssertionError):
        check_diameters(swapped, SPHERE, grid)
    with pytest.raises(AssertionError):
        check_extents(swapped, SPHERE, grid)
    thick = measure(mask, about(np.arange(-24, 25, 2.0) * 1.1, 0.8, 1.2))
    assert thick is not None
    with pytest.raises(AssertionError):
        check_volume(thick.volume_mm3, grid, SPHERE)
    uneven = about(np.concatenate([np.arange(-24, 0, 1.0), np.arange(0, 25, 4.0)]), 0.8, 1.2)
    mask = Mask.from_array(drawn(SPHERE, uneven))
    count, pixel = mask.count, 0.8 * 1.2
    with pytest.raises(AssertionError):
        check_volume(count * pixel * uneven.spacing[0], uneven, SPHERE)
    found = measure(mask, uneven)
    assert found is not None
    check_volume(found.volume_mm3, uneven, SPHERE)
