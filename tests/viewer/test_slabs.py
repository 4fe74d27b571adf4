"""Slabs: against the values taken plane by plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callout.figures.section import sample, slice_grid
from callout.geometry import Floats, Grid
from callout.volume import Volume
from napari_callout.panes.values import sampled, values_of
from napari_callout.session.look import Look
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane
from napari_callout.session.slabs import next_projection, slab_steps, thicker, thicknesses

SHAPE = (9, 6, 5)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Stacks with their axes anywhere, running either way, even or not."""
    axes = draw(st.permutations(range(3)))
    signs = draw(st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3))
    steps = np.zeros((3, 3))
    for native, (axis, sign, length) in enumerate(zip(axes, signs, (3.0, 0.8, 1.1), strict=True)):
        steps[native, axis] = sign * length
    gaps = draw(st.lists(st.sampled_from([1.0, 1.0, 1.5, 2.0]), min_size=8, max_size=8))
    places = np.concatenate([[0.0], np.cumsum(gaps)])
    origins: Floats = places[:, None] * steps[0] + [4.0, -3.0, 2.0]
    return Grid(SHAPE, origins, steps[1], steps[2], "frame")


@given(grids(), st.integers(0, 2), st.integers(0, 8), st.sampled_from([0.5, 2.0, 5.0, 7.3, 80.0]),
       st.sampled_from(["max", "min", "mean"]))  # fmt: skip
def test_a_slab_is_what_its_planes_make_together(grid: Grid, axis: int, at: int, mm: float, projection: str) -> None:
    order = DisplayOrder.of(grid)
    axis = axis if grid.is_even else order.slice_axis  # across uneven stacks: see test_upright.py
    at = min(at, order.shape[axis] - 1)
    plane = Plane(order, axis, at)
    voxels = np.random.default_rng(0).integers(-900, 900, SHAPE).astype(np.int16)
    layers = []
    for step in range(plane.count):
        other = Plane(order, axis, step)
        apart = abs(float((other.point(0, 0) - plane.point(0, 0)) @ plane.normal))
        if apart <= mm / 2 + 1e-3:
            layers.append(other.take(voxels))
    wanted = {"max": np.max, "min": np.min, "mean": np.mean}[projection](layers, axis=0)
    look = Look("s", axis, at, slab_mm=mm, projection=projection)  # type: ignore[arg-type]
    assert values_of(plane, look, voxels, slab_steps(plane, mm)) == pytest.approx(wanted, rel=1e-6, abs=1e-3)
    assert np.array_equal(values_of(plane, look, voxels, slab_steps(plane, 0)), plane.take(voxels))


@given(grids(), st.integers(0, 2))
def test_each_thickness_takes_in_more_and_the_way_back_ends_at_none(grid: Grid, axis: int) -> None:
    order = DisplayOrder.of(grid)
    plane = Plane(order, axis, order.shape[axis] // 2)
    counts = [len(slab_steps(plane, mm)) for mm in thicknesses(plane)]
    assert counts == sorted(set(counts))
    assert all(count > 1 for count in counts)
    up = [0.0]
    while thicker(plane, up[-1], 1) != up[-1]:
        up.append(thicker(plane, up[-1], 1))
    assert tuple(up[1:]) == thicknesses(plane)
    down = [up[-1]]
    while down[-1]:
        down.append(thicker(plane, down[-1], -1))
    assert down[::-1] == up


@st.composite
def turned(draw: st.DrawFn) -> Grid:
    """Even stacks, turned and sheared in any way."""
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shear = draw(st.sampled_from([0.0, 0.3])) * axes[1]
    step = axes[0] * draw(st.sampled_from([1.0, 4.0])) + shear
    origins: Floats = rng.normal(size=3) * 3 + np.arange(SHAPE[0])[:, None] * step
    return Grid(SHAPE, origins, axes[1] * 0.8, axes[2] * 1.1, "frame")


@settings(max_examples=60)
@given(turned(), turned())
def test_fast_sampling_is_as_that_of_figures(home: Grid, there: Grid) -> None:
    voxels = np.random.default_rng(0).integers(-900, 900, SHAPE).astype(np.int16)
    plane = slice_grid(there, 4)
    wanted, found = sample(Volume(voxels, home, "s"), plane, 0.0), sampled(Volume(voxels, home, "s"), plane)
    assert np.array_equal(np.isfinite(wanted), np.isfinite(found))
    inside = np.isfinite(wanted)
    assert found[inside] == pytest.approx(wanted[inside], abs=0.05)


def test_projections_go_round() -> None:
    assert [next_projection("max"), next_projection("min"), next_projection("mean")] == ["min", "mean", "max"]
