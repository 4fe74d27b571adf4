"""Cavitating lesions and measurements of solids that mathematics knows, on grids of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_masks import FRAME, LATTICES, centres, masked_grids, same, turned, turned_over
from scipy.spatial.distance import cdist

from callout.geometry import Floats, Grid
from callout.masks import Mask, measure
from callout.masks.brush import disc, sphere
from callout.masks.cavity import Cavity, cavity, lumen_of
from callout.masks.combined import common, united, without
from callout.masks.margins import grown
from callout.masks.projected import projected
from callout.masks.slices import interpolated
from callout.masks.smoothing import smoothed

AIR, SOFT, WATER = -900, 40, 5


def hollow(grid: Grid, outer_mm: float, inner_mm: float, centre: tuple[float, float, float]) -> tuple[Mask, Floats]:
    """A lesion about (0, 0, 0) in lung, and the image of it, with air in a sphere about `centre` (LPS mm)."""
    places = centres(grid)
    outer = np.linalg.norm(places, axis=-1) < outer_mm
    lumen = np.linalg.norm(places - centre, axis=-1) < inner_mm
    image = np.where(lumen, AIR, np.where(outer, SOFT, -850)).astype(np.float64)
    return Mask.from_array(outer), image


def sphere_mm3(radius: float) -> float:
    return 4 / 3 * np.pi * radius**3


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("off", [0.0, 4.0])
def test_wall_and_volumes_of_a_hollow_sphere(name: str, off: float) -> None:
    grid = LATTICES[name]
    outer, image = hollow(grid, 22.0, 14.0, (off, 0.0, 0.0))
    found = cavity(outer, grid, image)
    diagonal = float(np.linalg.norm(grid.spacing))
    assert found.max_wall_mm == pytest.approx(8.0 + off, abs=diagonal)
    assert found.gas_mm3 == pytest.approx(sphere_mm3(14), rel=0.03)
    assert found.solid_mm3 == pytest.approx(sphere_mm3(22) - sphere_mm3(14), rel=0.03)
    assert found.fluid_mm3 == 0
    assert found.wall_ends is not None
    outside, inside = np.array(found.wall_ends)
    assert np.linalg.norm(outside - inside) == pytest.approx(found.max_wall_mm, abs=0.003)
    assert np.linalg.norm(outside) > 22 - diagonal
    assert np.linalg.norm(inside - (off, 0, 0)) < 14


def parts(found: Cavity, outer: Mask) -> bool:
    """Whether lumen and wall are the lesion, each voxel in one of them."""
    return same(united(found.lumen, found.wall), outer) and common(found.lumen, found.wall).count == 0


@given(masked_grids(), st.booleans(), st.data())
def test_lumen_and_wall_are_the_lesion(drawn: tuple[Mask, Grid], every: bool, data: st.DataObject) -> None:
    outer, grid = drawn
    image = data.draw(hnp.arrays(np.int16, grid.shape, elements=st.sampled_from([AIR, SOFT, WATER])))
    found = cavity(outer, grid, image, fluid=(-20, 20), every=every)
    assert parts(found, outer)
    assert same(lumen_of(outer, image, fluid=(-20, 20), every=every), found.lumen)
    if found.lumen.count:  # the definition of the wall's thickness: a lesion's surface to its lumen
        places, whole, wide = centres(grid), outer.array(), np.pad(outer.array(), 1)
        core = wide[1:-1, 1:-1, 1:-1].copy()
        for axis in range(3):
            for by in (-1, 1):
                core &= np.roll(wide, by, axis)[1:-1, 1:-1, 1:-1]
        ways = cdist(places[whole & ~core], places[found.lumen.array()])
        assert found.max_wall_mm == pytest.approx(ways.min(axis=1).max())
    else:
        assert found.max_wall_mm is None
    volume = measure(outer, grid)
    if volume is not None:
        assert found.gas_mm3 is not None
        assert found.gas_mm3 + (found.fluid_mm3 or 0) + (found.solid_mm3 or 0) == pytest.approx(volume.volume_mm3)


@given(masked_grids(), st.sampled_from([0, 1, 2, 3]), st.data())
def test_a_cavity_is_the_same_from_any_side(drawn: tuple[Mask, Grid], axis: int, data: st.DataObject) -> None:
    outer, grid = drawn
    image = data.draw(hnp.arrays(np.int16, grid.shape, elements=st.sampled_from([AIR, SOFT])))
    other, over = turned_over(grid, axis)
    one = cavity(over(outer), other, turned(image, axis), every=True)
    two = cavity(outer, grid, image, every=True)
    assert same(one.lumen, over(two.lumen))
    assert one.max_wall_mm == pytest.approx(two.max_wall_mm)


def test_a_contour_drawn_into_the_lung_adds_no_air_of_it() -> None:
    grid = LATTICES["even"]
    _, image = hollow(grid, 22.0, 14.0, (0.0, 0.0, 0.0))
    generous = sphere(grid, [np.array(grid.shape) // 2], 23.5)  # reaches 1.5 mm into air
    found = cavity(generous, grid, image)
    assert found.gas_mm3 == pytest.approx(sphere_mm3(14), rel=0.02)


def test_a_level_of_fluid_several_cavities_and_specks() -> None:
    grid = LATTICES["even"]
    outer, image = hollow(grid, 28.0, 10.0, (-12.0, 0.0, 0.0))
    second = np.linalg.norm(centres(grid) - (14.0, 0, 0), axis=-1) < 6
    image[second] = AIR
    lying = (np.linalg.norm(centres(grid) - (-12.0, 0, 0), axis=-1) < 10) & (centres(grid)[..., 1] > 0)
    fluid = np.pi * (100 * 9.5 - (1000 - 0.5**3) / 3)  # from half a millimetre below the middle
    image[lying] = WATER
    image[34, 32, 22] = SOFT  # one voxel of noise in the gas
    one = cavity(outer, grid, image, fluid=(-10, 20))
    assert one.gas_mm3 == pytest.approx(sphere_mm3(10) - fluid, rel=0.02)
    assert one.fluid_mm3 == pytest.approx(fluid, rel=0.02)
    assert one.lumen.slice(34)[32, 22]
    both = cavity(outer, grid, image, fluid=(-10, 20), every=True)
    assert without(both.lumen, one.lumen).count == np.count_nonzero(second)
    dry = cavity(outer, grid, image)
    assert dry.gas_mm3 == pytest.approx(one.gas_mm3, rel=0.02)
    assert dry.fluid_mm3 == 0


def test_a_solid_lesion_has_no_lumen() -> None:
    grid = LATTICES["uneven"]
    outer, image = hollow(grid, 20.0, 0.0, (0.0, 0.0, 0.0))
    found = cavity(outer, grid, image)
    assert (found.lumen.count, found.max_wall_mm, found.wall_ends, found.gas_mm3) == (0, None, None, 0)
    assert same(found.wall, outer)


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("half", [(12.0, 12.0, 12.0), (26.0, 15.0, 9.0), (8.0, 13.0, 24.0)])
def test_measurements_of_ellipsoids_and_shells(name: str, half: tuple[float, float, float]) -> None:
    """Half axes along x, y and z of the patient; slices are axial, so both diameters lie in x and y."""
    grid = LATTICES[name]
    within = (centres(grid) / half) ** 2
    solid = Mask.from_array(within.sum(axis=-1) < 1)
    found = measure(solid, grid)
    assert found is not None
    between, row_mm, column_mm = grid.spacing
    exact = 4 / 3 * np.pi * np.prod(half)
    assert found.volume_mm3 == pytest.approx(exact, rel=1.5 * max(between, row_mm, column_mm) / min(half) / 4)
    pixel = float(np.hypot(row_mm, column_mm))
    slice_off = 1 - np.sqrt(1 - (between / half[2]) ** 2)  # the widest section lies up to a slice away
    diameters = sorted(2 * np.array(half[:2]), reverse=True)
    assert found.long_axis_mm == pytest.approx(diameters[0], abs=pixel + diameters[0] * slice_off)
    assert found.short_axis_mm == pytest.approx(diameters[1], abs=2 * pixel + diameters[1] * slice_off)
    for axis, step in zip(("transverse", "anteroposterior"), (column_mm, row_mm), strict=True):
        wide = 2 * half[0 if axis == "transverse" else 1]
        assert found.extent_mm[axis] == pytest.approx(wide, abs=2 * step + wide * slice_off)
    assert found.extent_mm["craniocaudal"] == pytest.approx(2 * half[2], abs=2.6 * between)
    shell = without(solid, Mask.from_array(within.sum(axis=-1) < 0.6**2))
    measured = measure(shell, grid)
    assert measured is not None
    assert measured.volume_mm3 == pytest.approx(exact * (1 - 0.6**3), rel=0.12)
    assert (measured.long_axis_mm, measured.short_axis_mm) == (found.long_axis_mm, found.short_axis_mm)


def test_tools_on_a_stack_of_one_slice() -> None:
    """Nothing tells its thickness, so there are lengths and no volumes."""
    grid = Grid((1, 40, 50), np.zeros((1, 3)), np.array([0, 0.7, 0]), np.array([0.7, 0, 0]), FRAME)
    mask = sphere(grid, [[0, 20, 20]], 5.0)
    assert same(mask, disc(grid, 0, [[20, 20]], 5.0))
    large = grown(mask, grid, 2.0)
    assert without(mask, large).count == without(large, disc(grid, 0, [[20, 20]], 7.0)).count == 0
    assert without(smoothed(mask, grid, 1.0), mask).count == 0
    assert same(interpolated(mask, grid), mask)
    assert same(projected(mask, grid, grid), mask)
    image = np.full(grid.shape, SOFT)
    image[0, 18:22, 18:22] = AIR
    found = cavity(mask, grid, image)
    assert (found.lumen.count, found.gas_mm3, found.fluid_mm3, found.solid_mm3) == (16, None, None, None)
    assert found.max_wall_mm == pytest.approx(4.2, abs=0.8)
