"""Planes cut through a volume, slabs and differences: where things are on them, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callout.case.model import displacement
from callout.errors import InputError
from callout.figures.projection import Projection
from callout.figures.recipe import Callout, Panel, Recipe, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import render
from callout.figures.section import cut, section_of
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Instance, Series, Volume

SIZE = (200, 200)
EXTENT = (80.0, 80.0)


@dataclass
class Study:
    """Series by name on grids of their own, all of one frame of reference."""

    grids: dict[str, Grid]
    voxels: dict[str, np.ndarray]
    facts: dict[str, dict[str, object]]
    regions: dict[str, tuple[Mask, Grid]]

    def series(self, series_id: str) -> Series:
        grid = self.grids[series_id]
        images = tuple(Instance(f"1.{n}", 1, "") for n in range(grid.shape[0]))
        facts = {"modality": "CT", **self.facts.get(series_id, {})}
        modality = str(facts.pop("modality"))
        return replace(Series(series_id, "1.2", "1", modality, 1, "", grid, images, "", ""), **facts)

    def pixels(self, series_id: str, k: int) -> np.ndarray:
        return self.voxels[series_id][k]

    def volume(self, series_id: str) -> Volume:
        return Volume(self.voxels[series_id], self.grids[series_id], series_id)

    def mask(self, region_id: str, series_id: str, k: int) -> np.ndarray | None:
        mask, grid = self.regions[region_id]
        return mask.slice(k) if grid is self.grids[series_id] else None

    def region(self, region_id: str) -> tuple[Mask, Grid]:
        return self.regions[region_id]

    def picture(self, name: str) -> np.ndarray:
        raise InputError(name)


def turned(angles: tuple[float, float, float]) -> np.ndarray:
    """A rotation about x, y and z."""
    matrix = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        one = np.eye(3)
        a, b = [n for n in range(3) if n != axis]
        one[a, a], one[a, b], one[b, a], one[b, b] = c, -s, s, c
        matrix = matrix @ one
    return matrix


def grid_of(angles: tuple[float, float, float], tilt: float, heights: np.ndarray) -> Grid:
    """Slices of 40 × 40 pixels of 2 mm around the origin, turned, tilted, at these heights."""
    along, down, across = turned(angles).T
    step = along + np.tan(tilt) * down
    corner = -39 * (down + across)
    origins = corner + heights[:, None] * step
    return Grid((len(heights), 40, 40), origins, 2 * down, 2 * across, "1.2.3")


ANGLES = st.tuples(*[st.floats(-3.1, 3.1)] * 3)
EVEN = np.arange(-30, 31, 3.0)


@given(
    angles=ANGLES,
    tilt=st.floats(-0.35, 0.35),
    uneven=st.booleans(),
    place=st.tuples(*[st.floats(-12, 12)] * 3),
    plane=st.sampled_from(["axial", "coronal", "sagittal", "oblique"]),
    spread=st.integers(0, 10**6),
)
@settings(max_examples=60, deadline=None)
def test_a_bright_point_is_where_its_marker_points(
    angles: tuple[float, float, float],
    tilt: float,
    uneven: bool,
    place: tuple[float, float, float],
    plane: str,
    spread: int,
) -> None:
    """In every plane of every stack the brightest pixel is the one the projection names, on the right side."""
    heights = np.sort(EVEN + np.random.default_rng(spread).uniform(-1, 1, len(EVEN))) if uneven else EVEN
    grid = grid_of(angles, tilt, heights)
    k, j, i = np.rint(grid.indices(place)).astype(int)
    spot = tuple(float(v) for v in grid.points([k, j, i]))
    off = grid.points(np.stack(np.indices(grid.shape), -1)) - spot
    voxels = (1000 * np.exp(-(off**2).sum(-1) / 50)).astype(np.float32)
    study = Study({"a": grid}, {"a": voxels}, {}, {})
    normal = turned((angles[2], angles[0], 0.3))[:, 0]
    points = tuple(tuple(spot + 20 * v) for v in np.linalg.svd(normal[None])[2][1:])
    oblique = {"points_mm": (spot, *points)} if plane == "oblique" else {}
    view = View("a", None, spot, EXTENT, (500.0, 1000.0), plane=plane, **oblique)
    section = section_of(view, study)
    projection = Projection(section.grid, section.k, view.centre_mm, EXTENT[0], SIZE)
    values = np.where(np.isfinite(section.values), section.values, 0)
    assert values.max() > 800
    brightest = projection.voxels_to_panel([np.unravel_index(values.argmax(), values.shape)])[0]
    assert np.abs(brightest - projection.to_panel(spot)).max() <= SIZE[0] / EXTENT[0] * 1.5
    assert (
        projection.right
        @ {"axial": (1, 0, 0), "coronal": (1, 0, 0), "sagittal": (0, 1, 0)}.get(plane, projection.right)
        > 0.99
    )
    assert (
        projection.down
        @ {"axial": (0, 1, 0), "coronal": (0, 0, -1), "sagittal": (0, 0, -1)}.get(plane, projection.down)
        > 0.99
    )


def ramp(grid: Grid) -> np.ndarray:
    """Values that are linear in the patient's z: any plane and slab of them is known."""
    index = np.stack(np.indices(grid.shape), -1)
    return (grid.points(index)[..., 2] * 10).astype(np.float32)


@given(angles=ANGLES, plane=st.sampled_from(["axial", "coronal", "sagittal"]))
@settings(max_examples=20, deadline=None)
def test_a_linear_field_stays_itself_in_every_plane(angles: tuple[float, float, float], plane: str) -> None:
    grid = grid_of(angles, 0.2, EVEN)
    study = Study({"a": grid}, {"a": ramp(grid)}, {}, {})
    section = section_of(View("a", None, (0.0, 0.0, 0.0), (30.0, 30.0), (0.0, 100.0), plane=plane), study)
    wanted = section.grid.points(np.stack(np.indices(section.grid.shape), -1))[0, ..., 2] * 10
    assert np.abs(section.values - wanted).max() < 0.05


@pytest.mark.parametrize("way", [1, -1])
def test_nothing_is_made_up_where_slices_are_missing(way: int) -> None:
    """Of a field that grows with z, a slice of which is missing: between its neighbours' halves there is nothing."""
    even = grid_of((0.0, -np.pi / 2, 0.0), 0.0, EVEN)
    kept = np.delete(np.arange(len(EVEN)), len(EVEN) // 2 + 1)[::way]
    grid = Grid((len(kept), *even.shape[1:]), even.origins[kept], even.row_step, even.column_step, "1.2.3")
    study = Study({"a": grid}, {"a": ramp(grid)}, {}, {})
    section = section_of(View("a", None, (0.0, 0.0, 0.0), (30.0, 30.0), (0.0, 100.0), plane="coronal"), study)
    assert section.label.endswith("mm, black: no slices")
    heights = section.grid.points(np.stack(np.indices(section.grid.shape), -1))[0, ..., 2]
    slices = np.sort(grid.origins[:, 2])
    step, at = float(np.median(np.diff(slices))), int(np.diff(slices).argmax())
    off = np.abs(heights[..., None] - slices).min(axis=-1)
    between = (heights > slices[at]) & (heights < slices[at + 1])
    sure = np.abs(off - step / 2) > 1e-3
    assert not np.isfinite(section.values[between & (off > step / 2) & sure]).any()
    assert np.isfinite(section.values[~(between & (off > step / 2)) & sure]).all()
    nearest = slices[np.abs(heights[..., None] - slices).argmin(axis=-1)]
    wanted = np.where(between, nearest, heights) * 10
    here = np.isfinite(section.values)
    assert here.any()
    assert between[~here].all()
    assert np.abs(section.values - wanted)[here].max() < 0.05


@pytest.mark.parametrize("gap", [0, 9, 19])
def test_slices_beside_a_gap_reach_no_further_than_others(gap: int) -> None:
    """Neither into it, nor outward where they are the outermost; and regions on them no further than they do."""
    heights = EVEN.copy()
    heights[gap + 1 :] += 24.0
    grid = grid_of((0.0, -np.pi / 2, 0.0), 0.0, heights)
    whole = Mask(grid.shape, (0, 0, 0), np.ones(grid.shape, bool))
    study = Study({"a": grid}, {"a": ramp(grid)}, {}, {"r": (whole, grid)})
    view = View("a", None, (0.0, 0.0, 10.0), (60.0, 140.0), (0.0, 100.0), plane="coronal")
    section = section_of(view, study)
    rows = section.grid.points(np.stack(np.indices(section.grid.shape), -1))[0, :, 15, 2]
    off = np.abs(rows[:, None] - grid.origins[:, 2]).min(axis=1)
    seen = np.isfinite(section.values[:, 15])
    assert seen[off < 1.499].all()
    assert not seen[off > 1.501].any()
    region = section.mask("r")
    assert region is not None
    assert (region[:, 15] == seen)[np.abs(off - 1.5) > 1e-3].all()


def test_slabs_take_mean_highest_and_lowest() -> None:
    grid = grid_of((0.0, -np.pi / 2, 0.0), 0.0, EVEN)
    study = Study({"a": grid}, {"a": ramp(grid)}, {}, {})
    view = View("a", None, (0.0, 0.0, 3.0), (30.0, 30.0), (0.0, 100.0), plane="axial", slab_mm=12.0)
    for projection, wanted in (("mean", 30), ("max", 90), ("min", -30)):
        values = section_of(replace(view, projection=projection), study).values
        assert np.abs(values - wanted).max() < 0.05
    assert section_of(view, study).label.endswith("; mean of 12 mm")


def test_a_slab_of_native_slices_lies_on_the_native_pixels() -> None:
    grid = grid_of((0.3, 0.1, 0.2), 0.0, EVEN)
    voxels = np.random.default_rng(0).normal(0, 100, grid.shape).astype(np.float32)
    study = Study({"a": grid}, {"a": voxels}, {}, {})
    view = View("a", 10, (0.0, 0.0, 0.0), EXTENT, (0.0, 100.0), slab_mm=6.0, projection="max")
    assert np.allclose(section_of(view, study).values, voxels[9:12].max(axis=0), atol=0.01)


def test_a_region_is_cut_where_it_lies() -> None:
    grid = grid_of((0.0, -np.pi / 2, 0.0), 0.0, EVEN)
    whole = np.zeros(grid.shape, bool)
    whole[5:15, 10:30, 5:12] = True
    study = Study({"a": grid}, {"a": whole.astype(np.float32) * 100}, {}, {"r": (Mask.from_array(whole), grid)})
    for plane in ("axial", "coronal", "sagittal"):
        centre = tuple(float(v) for v in grid.points([10, 20, 8]))
        section = section_of(View("a", None, centre, EXTENT, (50.0, 100.0), plane=plane), study)
        mask = section.mask("r")
        assert mask is not None
        agree = mask == (np.where(np.isfinite(section.values), section.values, 0) > 50)
        assert agree.mean() > 0.97


def test_a_plane_along_a_region_shows_it_at_its_largest() -> None:
    grid = grid_of((0.4, -0.8, 0.2), 0.0, EVEN)
    points = grid.points(np.stack(np.indices(grid.shape), -1))
    axes = turned((0.7, 0.3, -0.4))
    whole = (((points @ axes) / (24, 10, 4)) ** 2).sum(-1) < 1
    study = Study({"a": grid}, {"a": whole.astype(np.float32)}, {}, {"r": (Mask.from_array(whole), grid)})
    view = View("a", None, (0.0, 0.0, 0.0), EXTENT, (0.5, 1.0), plane="oblique", along="r")
    section = section_of(view, study)
    assert abs(section.grid.normal @ axes[:, 2]) > 0.98
    mask = section.mask("r")
    assert mask is not None
    assert mask.sum() * 4 == pytest.approx(np.pi * 24 * 10, rel=0.06)


T1 = {"modality": "MR", "sequence": "T1", "attributes": {"RepetitionTime": 500.0, "EchoTime": 10.0}}


def test_a_difference_is_of_what_can_be_compared() -> None:
    grid = grid_of((0.0, 0.0, 0.0), 0.0, EVEN)
    before = np.full(grid.shape, 100, np.float32)
    after = before.copy()
    after[10, 5:20, 5:20] = 250
    study = Study({"b": grid, "a": grid}, {"b": before, "a": after}, {"a": T1, "b": T1}, {})
    view = View("a", 10, (0.0, 0.0, 0.0), EXTENT, (0.0, 300.0), minus="b")
    section = section_of(view, study)
    assert np.allclose(section.values, after[10] - before[10])
    assert section.label == "difference"
    for change in (
        {"sequence": "STIR"},
        {"attributes": {"RepetitionTime": 900.0, "EchoTime": 10.0}},
        {"modality": "CT"},
    ):
        study.facts["b"] = T1 | change
        with pytest.raises(InputError, match="not comparable"):
            section_of(view, study)


@pytest.mark.parametrize("plane", ["native", "coronal"])
def test_what_is_subtracted_is_moved_by_the_shift_and_told(plane: str) -> None:
    grid = grid_of((0.0, 0.0, 0.0), 0.0, EVEN)
    at = np.stack(np.indices(grid.shape), -1)
    before = (np.hypot(at[..., 1] - 20, at[..., 2] - 15) + at[..., 0]).astype(np.float32)
    after = np.roll(before, (2, -3), axis=(1, 2))  # moved by two rows and by minus three columns
    shift = tuple(float(v) for v in grid.points([0, 2, -3]) - grid.points([0, 0, 0]))
    study = Study({"b": grid, "a": grid}, {"b": before, "a": after}, {"a": T1, "b": T1}, {})
    centre = tuple(float(v) for v in grid.points([10, 15, 12]))
    k = 10 if plane == "native" else None
    view = View("a", k, centre, (12.0, 12.0), (0.0, 300.0), plane=plane, minus="b", shift_mm=shift)
    inside = np.s_[5:-5, 5:-5] if plane == "native" else np.s_[2:-2, 2:-2]
    assert np.abs(section_of(view, study).values[inside]).max() < 1e-3
    assert np.abs(section_of(replace(view, shift_mm=(0.0, 0.0, 0.0)), study).values[inside]).max() > 1
    assert section_of(view, study).label.endswith(f"difference, moved {displacement(shift)}")
    recipe = Recipe("1", "", 60.0, 150, (Panel("a", view),), columns=1)
    assert from_toml(to_toml(recipe)) == recipe
    assert f", moved {displacement(shift)}" in render(recipe, study).alt


@pytest.mark.parametrize("shift", [(1.0, 0.0), (float("nan"), 0.0, 0.0), (1e6, 0.0, 0.0), 3])
def test_a_shift_that_is_none_is_refused(shift: object) -> None:
    view = View("a", 10, (0.0, 0.0, 0.0), EXTENT, (0.0, 300.0), minus="b")
    with pytest.raises(InputError, match="shift_mm"):
        replace(view, shift_mm=shift)
    with pytest.raises(InputError, match="no minus"):
        replace(view, minus=None, shift_mm=(1.0, 0.0, 0.0))


def test_a_reformat_is_told_on_the_picture_and_in_words() -> None:
    grid = grid_of((0.0, -np.pi / 2, 0.0), 0.0, EVEN)
    study = Study({"a": grid}, {"a": ramp(grid)}, {}, {})
    view = View(
        "a",
        None,
        (0.0, 0.0, 0.0),
        EXTENT,
        (0.0, 100.0),
        plane="coronal",
        overlays=(Callout("1", point_mm=(5.0, 0.0, 5.0)),),
    )
    recipe = Recipe("1", "", 60.0, 150, (Panel("a", view),), columns=1)
    assert from_toml(to_toml(recipe)) == recipe
    rendered = render(recipe, study)
    assert "Coronal reformat of" in rendered.alt
    words = [item.text for group in rendered.display.groups for item in group.items if hasattr(item, "text")]
    assert "reformatted, 3 mm" in words
    assert rendered.notes == ()


@pytest.mark.parametrize(
    "change",
    [
        {"plane": "coronal", "slice": 3},
        {"plane": "native", "slice": None},
        {"plane": "oblique", "slice": None},
        {"plane": "coronal", "slice": None, "along": "r"},
        {"plane": "oblique", "slice": None, "along": "r", "points_mm": ((0.0,) * 3,) * 3},
        {"plane": "oblique", "slice": None, "points_mm": ((0.0,) * 3,) * 2},
        {"slab_mm": -1.0},
        {"projection": "median"},
    ],
)
def test_a_view_that_says_too_much_or_too_little_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(View("a", 3, (0.0, 0.0, 0.0), EXTENT, (0.0, 100.0)), **change)


def test_points_on_one_line_make_no_plane() -> None:
    grid = grid_of((0.0, 0.0, 0.0), 0.0, EVEN)
    points = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0))
    view = View("a", None, (0.0, 0.0, 0.0), EXTENT, (0.0, 100.0), plane="oblique", points_mm=points)
    with pytest.raises(InputError, match="one line"):
        section_of(view, Study({"a": grid}, {"a": ramp(grid)}, {}, {}))


@given(
    angles=ANGLES,
    plane=ANGLES,
    tilt=st.floats(-0.35, 0.35),
    spread=st.integers(0, 10**6),
    uneven=st.booleans(),
    pixel=st.floats(0.5, 3.0),
)
@settings(max_examples=60, deadline=None)
def test_a_mask_is_cut_where_its_voxels_hold_the_pixels(
    angles: tuple[float, float, float],
    plane: tuple[float, float, float],
    tilt: float,
    spread: int,
    uneven: bool,
    pixel: float,
) -> None:
    """Looked for only where the mask's box lies, and found wherever a pixel's middle is in one of its voxels."""
    rng = np.random.default_rng(spread)
    heights = np.sort(EVEN + rng.uniform(-1, 1, len(EVEN))) if uneven else EVEN
    home = grid_of(angles, tilt, heights)
    low = rng.integers(0, (12, 25, 25))
    whole = np.zeros(home.shape, bool)
    whole[tuple(slice(a, a + n) for a, n in zip(low, rng.integers(1, 12, 3), strict=True))] = True
    mask = Mask.from_array(whole & (rng.random(home.shape) < 0.7))
    _, down, across = turned(plane).T
    corner = rng.uniform(-15, 15, 3) - 40 * pixel * (down + across)
    grid = Grid((1, 80, 80), corner[None], pixel * down, pixel * across, "1.2.3")
    rows, columns = np.indices((80, 80))
    points = grid.points(np.stack([0 * rows, rows, columns], -1))
    at = np.floor(home.indices(points).round(6) + 0.5).astype(int)
    inside = ((at >= 0) & (at < home.shape)).all(axis=-1)
    off = np.abs((points @ home.normal)[..., None] - home.slice_positions)
    for k, mm in home.gaps:
        low, high = sorted(home.slice_positions[k : k + 2])
        low = -np.inf if low == home.slice_positions.min() else low
        high = np.inf if high == home.slice_positions.max() else high
        along = points @ home.normal
        inside &= ~((low < along) & (along < high) & (off.min(axis=-1) > mm))
    expected = np.zeros((80, 80), bool)
    expected[inside] = mask.array()[tuple(at[inside].T)]
    found = cut(mask, home, grid)
    assert np.array_equal(np.zeros((80, 80), bool) if found is None else found, expected)
