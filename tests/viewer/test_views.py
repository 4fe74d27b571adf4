"""Views that move together, jump and scroll through blocks, against brute force over all the planes they could show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made_grids import FRAME, grids, rotation, series

from callout.errors import InputError
from callout.geometry import Floats, Grid
from callout.volume import SPACING_UNKNOWN, Series, SeriesWarning
from napari_callout.panes.placement import Placement
from napari_callout.session.plane import Plane
from napari_callout.session.views import Views

SHAPE = (5, 4, 4)


def views_of(*shown: Series) -> Views:
    """Two views or more, one of each series, on its first slice."""
    views = Views()
    views.open(shown)
    views.hang("2" if len(shown) < 3 else "4", [views.native(one.id, 0) for one in shown])
    return views


def stack(
    normal_mm: Floats | None = None, shape: tuple[int, int, int] = SHAPE, frame: str = FRAME, turn: float = 0.0
) -> Grid:
    """An axial stack from the feet up, 5 mm apart, turned about the x axis, moved by `normal_mm`."""
    turned = rotation(turn, 0)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = turned @ (0, 0, 5), turned @ (0, 1, 0), turned @ (1, 0, 0)
    affine[:3, 3] = 0 if normal_mm is None else normal_mm
    return Grid.from_affine(affine, shape, frame)


def off(plane: Plane, point: Floats) -> float:
    """How far from a plane a point lies, mm, by brute force: along the normal of its pixels."""
    return abs(
        float(
            (point - plane.point(0, 0))
            @ np.cross(plane.point(1, 0) - plane.point(0, 0), plane.point(0, 1) - plane.point(0, 0))
            / np.prod(plane.spacing)
        )
    )


@given(grids(SHAPE, turn=30), grids((6, 4, 4), turn=30), st.integers(0, 4))
def test_parallel_stacks_scroll_together_by_position(one: Grid, other: Grid, at: int) -> None:
    views = views_of(series("one", one), series("other", other))
    angle = abs(float(one.normal @ other.normal))
    assume(abs(angle - np.cos(np.radians(20))) > 1e-6)
    before = [look.at for look in views.looks if look]
    views.go_to(0, at)
    middle, moved = views.middle(0), views.plane(1)
    assert moved is not None
    if angle < np.cos(np.radians(20)) or at == before[0]:
        assert moved.at == before[1]
        return
    best = min(off(Plane(moved.order, moved.axis, n), middle) for n in range(moved.count))
    assert off(moved, middle) == pytest.approx(best, abs=1e-6)


@given(grids(SHAPE), grids((6, 4, 4)), st.floats(0, 3), st.floats(0, 3))
def test_a_jump_brings_the_nearest_plane(one: Grid, other: Grid, row: float, column: float) -> None:
    views = views_of(series("one", one), series("other", other))
    plane = views.plane(0)
    assert plane is not None
    point = plane.point(row, column)
    views.jump(0, point)
    moved = views.plane(1)
    assert moved is not None
    best = min(off(Plane(moved.order, moved.axis, n), point) for n in range(moved.count))
    assert off(moved, point) == pytest.approx(best, abs=1e-6)
    assert views.looks[0] == views.native("one", 0)


def test_only_what_is_of_one_known_frame_of_reference_moves_along() -> None:
    for frame in ("", "4.5.6"):
        views = views_of(series("one", stack()), series("other", stack(frame=frame)))
        views.go_to(0, 3)
        assert views.looks[1] == views.native("other", 0)
        views.jump(0, views.middle(0))
        assert views.looks[1] == views.native("other", 0)


def test_a_place_is_marked_only_in_its_own_frame_of_reference() -> None:
    views = views_of(series("one", stack()), series("same", stack()), series("other", stack(frame="4.5.6")))
    point = views.middle(0)
    views.jump(0, point)
    assert views.marked_in(0) is not None
    assert views.marked_in(1) is not None
    assert views.marked_in(2) is None
    views.go_to(0, 3)
    assert views.marked_in(2) is None


def test_a_series_without_a_pixel_size_has_no_places_to_compare() -> None:
    unknown = (SeriesWarning(SPACING_UNKNOWN, "PixelSpacing is missing"),)
    views = views_of(series("one", stack()), series("other", stack(), warnings=unknown))
    views.go_to(0, 3)
    views.jump(0, views.middle(0))
    assert views.looks[1] == views.native("other", 0)
    with pytest.raises(InputError, match="no pixel size"):
        views.three_planes(1)


def test_views_linked_by_hand_keep_their_offset_also_across_blocks() -> None:
    blocks = [series(f"b{n}", stack(np.array([0.0, 0, 25.0 * n])), display_set="s") for n in range(2)]
    far = series("far", stack(np.array([0.0, 0, 100.0]), (10, 4, 4), "4.5.6"))
    views = views_of(blocks[1], far)
    views.open([*blocks, far])
    views.hang("2", [views.native("b1", 4), views.native("far", 9)])
    views.link_by_hand(True)
    assert views.link_text(1) == "linked by hand, −100 mm"
    for _ in range(9):
        views.step(0, 1)
    assert views.looks[0] == replace(views.native("b0", 0))
    assert views.looks[1] == replace(views.native("far", 0))
    assert views.link_text(1) == "linked by hand, −100 mm"
    views.put(0, views.native("far", 3))
    assert not views.by_hand


@given(st.integers(1, 3), st.booleans())
def test_blocks_scroll_as_one_and_come_back_the_same_way(count: int, turned: bool) -> None:
    blocks = [
        series(f"b{n}", stack(np.array([0.0, 0, 30.0 * n]), (3, 4, 4), turn=12.0 * n * turned), display_set="s")
        for n in range(count)
    ]
    views = Views()
    views.open(blocks)
    views.hang("1", [views.native(blocks[-1].id, 2)])
    seen = []
    for _ in range(3 * count + 2):
        if not seen or seen[-1] != views.look:
            seen.append(views.look)
        views.step(0, 1)
    assert len(seen) == 3 * count
    heights = [views.plane_of(look).point(1.5, 1.5)[2] for look in seen if look is not None]
    assert heights == sorted(heights, reverse=True)
    for look in reversed(seen):
        assert views.look == look
        views.step(0, -1)


def test_a_layout_keeps_what_one_looks_at() -> None:
    shown = [series(f"s{n}", stack()) for n in range(4)]
    views = Views()
    views.open(shown)
    views.hang("1", [views.native("s1", 2)])
    views.arrange("4")
    assert [look.series_id for look in views.looks if look] == ["s1", "s0", "s2", "s3"]
    views.activate(3)
    views.arrange("2")
    assert [look.series_id for look in views.looks if look] == ["s1", "s3"]
    assert views.active == 1


@given(st.floats(-150, 150), st.floats(-100, 100), st.floats(0.5, 5), st.floats(0.5, 3))
def test_what_lies_under_the_hand_stays_there_when_it_is_enlarged(
    right: float, down: float, factor: float, first: float
) -> None:
    views = views_of(series("one", stack()))
    views.zoom(0, first, (3.0, -2.0))
    views.pan(0, (5.0, 7.0))
    before, x, y = placed(views), 200 + right, 150 + down
    views.zoom(0, factor, before.from_middle(x, y))
    after = placed(views)
    assert after.pixel(x, y) == pytest.approx(before.pixel(x, y), abs=1e-6)
    assert after.scale == pytest.approx(before.scale * factor)
    assert after.screen(*after.pixel(x, y)) == pytest.approx((x, y))


def placed(views: Views) -> Placement:
    """Where the first view's plane lies, in 400 × 300 pixels."""
    look, plane = views.looks[0], views.plane(0)
    assert look is not None
    assert plane is not None
    return Placement.of(look, plane.shape, plane.spacing, (400, 300))


@pytest.mark.parametrize("turn", [-20.0, 20.0])
def test_blocks_tilted_past_the_next_body_plane_scroll_to_an_end(turn: float) -> None:
    blocks = [
        series(f"b{n}", stack(np.array([0.0, 0, -30.0 * n]), (3, 4, 4), turn=turn * n), display_set="s")
        for n in range(4)
    ]
    views = Views()
    views.open(blocks)
    views.hang("1", [views.native("b0", 2)])
    seen = [views.look]
    for by in [1] * 20 + [-1] * 20:
        views.step(0, by)
        seen.append(views.look)
    assert len(set(seen[:12])) == 12
    assert len(set(seen)) == 12
    assert seen[20] == seen[11]
    assert seen[40] == seen[0]
