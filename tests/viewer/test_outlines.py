"""Outlines and reference lines against brute force, place by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made_grids import grids
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage, QPainter

from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.masks.contours import borders, filled
from napari_callout.panes.outlines import Borders
from napari_callout.panes.placement import Placement
from napari_callout.panes.reference import crossing
from napari_callout.panes.scene import Outline
from napari_callout.qt.lines import draw_outline
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane

SHAPE = (4, 6, 5)


@given(
    grids(SHAPE),
    grids((5, 6, 6), turn=60),
    st.integers(0, 5),
    st.lists(st.integers(0, 99), max_size=4, unique=True),
    st.booleans(),
)
def test_rings_bound_what_an_odd_number_of_masks_covers(
    grid: Grid, other: Grid, at: int, seeds: list[int], foreign: bool
) -> None:
    order, home = DisplayOrder.of(grid), other if foreign else grid
    plane = Plane(order, order.slice_axis, at % order.shape[order.slice_axis])
    masks = [random_mask(home, seed) for seed in seeds]
    odd = np.zeros(home.shape, bool)
    for mask in masks:
        odd[mask.box] ^= mask.crop
    expected = np.zeros(plane.shape, bool)
    for row, column in np.ndindex(*plane.shape):
        k, j, i = np.floor(home.indices(plane.point(row, column)).round(6) + 0.5).astype(int)
        inside = 0 <= k < home.shape[0] and 0 <= j < home.shape[1] and 0 <= i < home.shape[2]
        expected[row, column] = inside and odd[k, j, i]
    kept = Borders()
    rings = kept.of("a", masks, plane, home if foreign else None)
    assert np.array_equal(filled(rings, plane.shape), expected)
    assert kept.of("a", masks, plane, home if foreign else None) is rings
    further = Plane(order, plane.axis, (plane.at + 1) % plane.count)
    fresh = Borders().of("a", masks, further, home if foreign else None)
    again = kept.of("a", masks, further, home if foreign else None)
    assert [ring.tolist() for ring in again] == [ring.tolist() for ring in fresh]


@pytest.mark.parametrize("dashed", [False, True])
def test_every_side_of_a_region_full_of_holes_is_drawn(qapp: Any, dashed: bool) -> None:
    mask = np.random.default_rng(4).random((20, 20)) < 0.5
    rings = tuple(borders(mask))
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter, placement = QPainter(image), Placement((400, 400), mask.shape, (1.0, 1.0))
    draw_outline(painter, Outline(rings, "#ffffff", dashed=dashed, lit=True), placement)
    painter.end()
    middles = [(ring + np.roll(ring, -1, axis=0)) / 2 for ring in rings]
    seen = [image.pixelColor(*(int(at) for at in placement.screen(*place))).lightness() > 100
            for middle in middles for place in middle]  # fmt: skip
    assert all(seen) or dashed
    assert 0.4 < np.mean(seen) < 0.9 or not dashed


def random_mask(home: Grid, seed: int) -> Mask:
    """Half of the voxels of a random box."""
    chance = np.random.default_rng(seed)
    low = [int(chance.integers(0, n // 2)) for n in home.shape]
    high = [int(chance.integers(a + 1, n + 1)) for a, n in zip(low, home.shape, strict=True)]
    crop = chance.random([b - a for a, b in zip(low, high, strict=True)]) < 0.5
    return Mask(home.shape, (low[0], low[1], low[2]), crop)


@given(grids(SHAPE, turn=60), grids((5, 6, 6), turn=60), st.integers(0, 3), st.integers(0, 4))
def test_a_reference_line_lies_in_both_planes_and_ends_at_the_edge_of_one(
    one: Grid, other: Grid, a: int, b: int
) -> None:
    plane, there = (
        Plane(order, order.slice_axis, at % order.shape[order.slice_axis])
        for order, at in ((DisplayOrder.of(one), a), (DisplayOrder.of(other), b))
    )
    assume(abs(float(plane.normal @ there.normal)) < 0.98)
    line = crossing(plane, there)
    if line is None:
        assert not meet(plane, there)
        return
    points = plane.points(line)
    ends = there.places(points)
    assert np.abs((points - there.point(0, 0)) @ there.normal).max() < 1e-6
    for place, inner in ((line, plane.shape), (ends[:, :2], there.shape)):
        assert (place >= -0.5 - 1e-6).all()
        assert (place <= np.array(inner) - 0.5 + 1e-6).all()
    for here, away in zip(line, ends[:, :2], strict=True):
        edges = [*np.abs(here + 0.5), *np.abs(here - np.array(plane.shape) + 0.5)]
        edges += [*np.abs(away + 0.5), *np.abs(away - np.array(there.shape) + 0.5)]
        assert min(edges) < 1e-6


def meet(plane: Plane, other: Plane) -> bool:
    """Whether a place of one plane, well inside of it, lies on the other, well inside of that."""
    rows, columns = (np.linspace(-0.4, n - 0.6, 60) for n in plane.shape)
    places = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)
    points: Floats = plane.points(places)
    off = (points - other.point(0, 0)) @ other.normal
    near = other.places(points[np.abs(off) < 0.02])[:, :2]
    return bool(((near > -0.4) & (near < np.array(other.shape) - 0.6)).all(axis=1).any())
