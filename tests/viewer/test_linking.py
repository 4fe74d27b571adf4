"""Views that scroll together: parallel stacks by position, display sets as one, and by hand with an offset."""

from __future__ import annotations

import numpy as np
import spine_study
from hypothesis import given, settings
from hypothesis import strategies as st

import callout
from callout.geometry import Floats, Grid
from callout.volume import Instance, Series
from napari_callout.session.look import Look
from napari_callout.session.plane import Plane
from napari_callout.session.views import Views

COUNT = 12


def stack(name: str, grid: Grid, frame: str = "frame") -> Series:
    """A series of which only the geometry matters."""
    placed = Grid(grid.shape, grid.origins, grid.row_step, grid.column_step, frame)
    instances = tuple(Instance(f"{name}.{k}", 1, f"{name}{k}") for k in range(grid.shape[0]))
    return Series(name, name, "study", "CT", None, name, placed, instances, "1.2.840.10008.1.2.1", "1.2")


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Stacks that lie about like axial slices: turned by up to 6° twice, sheared, uneven, from head or feet."""
    tilt, turn = (np.radians(draw(st.floats(-6, 6))) for _ in range(2))
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    axes: Floats = about_x @ about_y
    gap, uneven = draw(st.sampled_from([1.0, 2.5, 4.4])), draw(st.booleans())
    places = np.cumsum(draw(st.lists(st.sampled_from([1.0, 1.0, 2.0]), min_size=COUNT, max_size=COUNT))
                       if uneven else np.ones(COUNT)) * gap * draw(st.sampled_from([-1.0, 1.0]))  # fmt: skip
    shear = draw(st.sampled_from([0.0, 0.0, 0.2]))
    start = np.array([draw(st.floats(-30, 30)) for _ in range(3)])
    origins: Floats = start + places[:, None] * (axes[:, 2] + shear * axes[:, 1])
    flip = draw(st.sampled_from([-1.0, 1.0]))
    return Grid((COUNT, 8, 9), origins, axes[:, 1] * 0.8, axes[:, 0] * 0.7 * flip, "")


def off(plane: Plane, point: Floats) -> float:
    """mm from a point to a plane, along the plane's normal."""
    return abs(float((point - plane.point(0, 0)) @ plane.normal))


def nearest(views: Views, look: Look, point: Floats) -> float:
    """How near to a point the planes of a look's display set come at best, mm."""
    best = np.inf
    for name in views.blocks(look.series_id):
        order = views.order(name)
        planes = (Plane(order, order.slice_axis, at) for at in range(order.shape[order.slice_axis]))
        best = min(best, *(off(plane, point) for plane in planes))
    return float(best)


def hung(*series: Series) -> Views:
    views = Views()
    views.open(series)
    looks = [views.native(one.id, one.grid.shape[0] // 2) for one in series]
    views.hang({1: "1", 2: "2", 3: "4", 4: "4"}[len(looks)], looks)
    return views


def assert_together(views: Views) -> None:
    """Every view that moves along is at the plane nearest to the middle of the active one."""
    middle = views.middle(views.active)
    for other in views.companions(views.active):
        look, plane = views.looks[other], views.plane(other)
        assert look is not None
        assert plane is not None
        assert off(plane, middle) <= nearest(views, look, middle) + 1e-6


@settings(max_examples=40)
@given(st.lists(grids(), min_size=2, max_size=4), st.lists(st.integers(-4, 4), max_size=6))
def test_after_a_step_all_are_nearest_to_the_active_plane(shapes: list[Grid], steps: list[int]) -> None:
    views = hung(*(stack(f"s{n}", grid) for n, grid in enumerate(shapes)))
    for by in steps:
        before = views.look
        views.step(0, by)
        if views.look != before:
            assert views.companions(0) == list(range(1, len(shapes)))
            assert_together(views)


@settings(max_examples=40)
@given(st.lists(grids(), min_size=2, max_size=4), st.integers(0, COUNT - 1), st.lists(st.integers(-3, 3), max_size=5))
def test_nothing_drifts_on_the_way_back(shapes: list[Grid], start: int, steps: list[int]) -> None:
    views = hung(*(stack(f"s{n}", grid) for n, grid in enumerate(shapes)))
    views.go_to(0, (start + 1) % COUNT)
    views.go_to(0, start)
    there = list(views.looks)
    for by in steps:
        views.step(0, by)
    views.go_to(0, start)
    assert views.looks == there


@settings(max_examples=40)
@given(grids(), grids(), st.integers(-30, 30))
def test_past_the_end_nothing_moves_any_more(one: Grid, two: Grid, by: int) -> None:
    views = hung(stack("one", one), stack("two", two))
    views.step(0, by)
    views.step(0, 100 if by > 0 else -100)
    end = list(views.looks)
    assert end[0] is not None
    assert end[0].at in (0, COUNT - 1)
    views.step(0, 1 if by > 0 else -1)
    assert views.looks == end


@settings(max_examples=40)
@given(grids(), grids(), st.lists(st.integers(-3, 3), min_size=1, max_size=5))
def test_by_hand_the_offset_stays_also_across_frames(one: Grid, two: Grid, steps: list[int]) -> None:
    views = hung(stack("one", one, "here"), stack("two", two, "elsewhere"))
    assert views.companions(0) == []
    views.link_by_hand(True)
    anchors = [views.middle(n) for n in (0, 1)]
    assert "linked by hand" in views.link_text(1)
    start = list(views.looks)
    for by in steps:
        before = views.look
        views.step(0, by)
        look, plane = views.looks[1], views.plane(1)
        assert look is not None
        assert plane is not None
        goal = anchors[1] + views.middle(0) - anchors[0]
        if views.look != before:
            assert off(plane, goal) <= nearest(views, look, goal) + 1e-6
    views.go_to(0, COUNT // 2 + 1)
    views.go_to(0, start[0].at if start[0] else 0)
    assert views.looks == start
    views.link_by_hand(False)
    views.step(0, 1)
    assert views.looks[1] == start[1]


def spine() -> list[Series]:
    return list(callout.find_series(spine_study.FOLDER / "images"))


def test_the_blocks_of_a_display_set_scroll_as_one_and_the_other_set_comes_along() -> None:
    series = spine()
    stir, contrast = (spine_study.numbered(series, number) for number in (6, 8))
    views = Views()
    views.open(series)
    views.hang("2", [views.native(stir.id, 0), views.native(contrast.id, 0)])
    views.step(0, -100)
    for _ in range(40):
        views.step(0, -1)
    seen = [views.look]
    for _ in range(60):
        views.step(0, 1)
        if views.look == seen[-1]:
            break
        seen.append(views.look)
        assert_together(views)
    assert len(seen) == len(set(seen)) == sum(views.order(name).grid.shape[0] for name in views.blocks(stir.id))
    assert {look.series_id for look in seen if look} == set(views.blocks(stir.id))
    back = [views.look]
    while views.look != seen[0]:
        views.step(0, -1)
        back.append(views.look)
        assert_together(views)
    assert back[::-1] == seen


def test_a_link_by_hand_holds_into_the_next_block() -> None:
    series = spine()
    stir, sagittal = (spine_study.numbered(series, number) for number in (6, 2))
    views = Views()
    views.open(series)
    views.hang("2", [views.native(stir.id, 0), views.native(sagittal.id, 3)])
    views.link_by_hand(True)
    for _ in range(6):
        views.step(0, 1)
    assert views.look is not None
    assert views.look.series_id != stir.id
    assert views.by_hand
    assert views.companions(0) == [1]
    views.put(0, views.native(sagittal.id, 3))  # quite another series stands where it was put
    assert not views.by_hand


@settings(max_examples=40)
@given(grids(), grids(), st.integers(-5, 5))
def test_hidden_views_come_along_and_empty_ones_stay_empty(one: Grid, two: Grid, by: int) -> None:
    views = hung(stack("one", one), stack("two", two))
    views.hang("4", [*views.looks, None])
    views.enlarge(0)
    views.step(2, 3)
    views.step(3, -3)
    before = views.look
    views.step(0, by)
    if views.look != before:
        assert_together(views)
    assert views.looks[2:] == [None, None]
    assert views.companions(2) == []
    views.enlarge(0)
    assert not views.enlarged


@settings(max_examples=40)
@given(grids(), grids(), st.floats(0, 7), st.floats(0, 8))
def test_a_jump_takes_the_others_to_a_point_and_leaves_the_active_one(
    one: Grid, two: Grid, row: float, column: float
) -> None:
    views = hung(stack("one", one), stack("two", two), stack("three", two, "elsewhere"))
    plane, before = views.plane(0), list(views.looks)
    assert plane is not None
    point = plane.point(row, column)
    views.jump(0, point)
    assert views.looks[0] == before[0]
    assert views.looks[2] == before[2]
    there, look = views.plane(1), views.looks[1]
    assert there is not None
    assert look is not None
    assert off(there, point) <= nearest(views, look, point) + 1e-6
    assert [views.marked_in(n) is not None for n in range(3)] == [True, True, False]
