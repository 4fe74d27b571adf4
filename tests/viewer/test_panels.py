"""A view as a panel of a figure and back: the same plane, place, size and side, of every kind of stack."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callout.errors import InputError
from callout.figures.projection import Projection
from callout.figures.recipe import View
from callout.figures.section import grid_of
from callout.geometry import Grid
from napari_callout.panes.placement import Placement
from napari_callout.session.look import Look
from napari_callout.session.order import DisplayOrder
from napari_callout.session.panels import look_of, view_of, window_for
from napari_callout.session.plane import Plane

WINDOW = (40.0, 400.0)
BODY = {"axial": (2, 1, 0), "coronal": (1, 2, 0), "sagittal": (0, 2, 1)}  # LPS axes along which k, j and i run


def stack(
    plane: str,
    flips: tuple[bool, bool, bool],
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    aside: float = 0.0,
    missing: bool = False,
) -> Grid:
    """9 slices of 24 × 30 pixels, counted from either end along each axis, turned in the patient by small angles.

    aside: how far each lies beside the one before, as a part of their distance. missing: one of them is.
    """
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        one = np.eye(3)
        a, b = [n for n in range(3) if n != axis]
        one[a, a], one[a, b], one[b, a], one[b, b] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        turn = turn @ one
    k, j, i = (turn[:, axis] * (-1 if flip else 1) for axis, flip in zip(BODY[plane], flips, strict=True))
    steps = np.arange(9) + (np.arange(9) > 5 if missing else 0)
    origins = np.array([3.0, -7.0, 11.0]) + steps[:, None] * spacing[0] * (k + aside * j)
    return Grid((9, 24, 30), origins, spacing[1] * j, spacing[2] * i, "1.2.3")


def source_of(grid: Grid) -> Any:
    return SimpleNamespace(series=lambda name: SimpleNamespace(grid=grid, title="ct"))


stacks = st.builds(
    stack,
    st.sampled_from(sorted(BODY)),
    st.tuples(*[st.booleans()] * 3),
    st.one_of(st.just((0.0, 0.0, 0.0)), st.tuples(*[st.floats(-0.35, 0.35)] * 3)),
    st.tuples(st.floats(0.5, 6.0), st.floats(0.3, 2.0), st.floats(0.3, 2.0)),
    st.sampled_from([0.0, 0.0, 0.35]),
    st.booleans(),
)
sizes = st.tuples(st.integers(150, 900), st.integers(150, 900))


@st.composite
def looks(draw: st.DrawFn) -> tuple[Look, Plane]:
    """A view of any plane of a stack, in which something of it is seen."""
    order = DisplayOrder.of(draw(stacks))
    axis = draw(st.integers(0, 2))
    plane = Plane(order, axis, draw(st.integers(0, Plane(order, axis, 0).count - 1)))
    pan = tuple(draw(st.floats(-0.4, 0.4)) * side for side in plane.size_mm)
    look = Look(
        "ct",
        axis,
        plane.at,
        draw(st.floats(0.3, 6.0)),
        (pan[0], pan[1]),
        draw(st.none() | st.tuples(st.floats(20, 300), st.floats(20, 300))),
        draw(st.sampled_from([0.0, 10.0])),
        draw(st.sampled_from(["max", "min", "mean"])),
        inverted=draw(st.booleans()),
    )
    return look, plane


def taken(look: Look, plane: Plane, size: tuple[int, int]) -> View:
    """The look as a panel, or no example where it shows next to nothing."""
    scale = Placement.of(look, plane.shape, plane.spacing, size).scale
    try:
        return view_of(look, plane, WINDOW, (size[1] / scale, size[0] / scale))
    except InputError as error:
        assume("1 mm" not in error.what)
        raise


@given(made=looks(), size=sizes)
def test_a_panel_shows_of_the_patient_what_the_view_did_at_the_same_place(
    made: tuple[Look, Plane], size: tuple[int, int]
) -> None:
    look, plane = made
    view = taken(look, plane, size)
    placement = Placement.of(look, plane.shape, plane.spacing, size)
    grid = grid_of(view, source_of(plane.grid))
    pixels = round(view.extent_mm[0] * placement.scale), round(view.extent_mm[1] * placement.scale)
    assume(min(pixels) > 0)
    panel = Projection(grid, 0, view.centre_mm, pixels[0] / placement.scale, pixels)
    middle = np.array(placement.screen(*plane.places(view.centre_mm)[0, :2]))
    for place in ((0.0, 0.0), (1.0, 0.3), (0.4, 1.0)):
        on_panel = np.array(place) * pixels
        row, column, off = plane.places(panel.from_panel(on_panel))[0]
        assert abs(off) * plane.order.spacing[plane.axis] < 0.02
        assert placement.screen(row, column) == pytest.approx(middle + on_panel - np.array(pixels) / 2, abs=0.5)
        if pixels[0] > 3 and pixels[1] > 3:  # within the view, and within the picture
            assert (np.array(placement.screen(row, column)) >= -1).all()
            assert (np.array(placement.screen(row, column)) <= np.array(size) + 1).all()
            edge = (np.array([row, column]) + 0.5) * plane.spacing * placement.scale
            assert (edge >= -1).all()
            assert (edge <= np.array(plane.size_mm) * placement.scale + 1).all()


@given(made=looks(), size=sizes)
def test_look_to_panel_to_look_is_the_same_picture(made: tuple[Look, Plane], size: tuple[int, int]) -> None:
    look, plane = made
    view = taken(look, plane, size)
    again = look_of(view, plane.order)
    assert (again.series_id, again.axis, again.at) == (look.series_id, look.axis, look.at)
    assert (again.slab_mm, again.minus, again.inverted) == (look.slab_mm, look.minus, look.inverted)
    assert not look.slab_mm or again.projection == look.projection
    before, after = (Placement.of(one, plane.shape, plane.spacing, size) for one in (look, again))
    inside = [
        abs(pan) + room / before.scale / 2 <= side / 2
        for pan, room, side in zip(look.pan_mm, (size[1], size[0]), plane.size_mm, strict=True)
    ]
    for row, column in ((0, 0), (plane.shape[0] - 1, 3), (5, plane.shape[1] - 1)):
        if all(inside):  # the picture fills the view
            near = np.array(before.screen(row, column)) / max(before.step[0], before.step[1], 1.0)
            assert np.array(after.screen(row, column)) / max(before.step[0], before.step[1], 1.0) == pytest.approx(
                near, abs=1
            )
    if again.field_mm is not None:  # all that the panel shows is seen, in the middle
        assert view.extent_mm[0] * after.scale <= size[0] + 0.1
        assert view.extent_mm[1] * after.scale <= size[1] + 0.1
        middle = after.screen(*plane.places(view.centre_mm)[0, :2])
        assert middle == pytest.approx((size[0] / 2, size[1] / 2), abs=0.5)


@given(made=looks(), size=sizes, other=sizes, by=st.integers(-3, 3))
def test_a_panel_that_was_hung_and_scrolled_keeps_its_frame_in_any_view(
    made: tuple[Look, Plane], size: tuple[int, int], other: tuple[int, int], by: int
) -> None:
    look, plane = made
    view = taken(look, plane, size)
    hung = look_of(view, plane.order)
    at = min(max(hung.at + by, 0), plane.count - 1)
    moved, there = replace(hung, at=at), Plane(plane.order, plane.axis, at)
    scale = Placement.of(moved, there.shape, there.spacing, other).scale
    again = view_of(moved, there, WINDOW, (other[1] / scale, other[0] / scale), replaced=view)
    if hung.field_mm is not None:
        assert again.extent_mm == view.extent_mm
    if at == hung.at:
        assert again.centre_mm == pytest.approx(view.centre_mm, abs=0.002)
        assert replace(again, centre_mm=view.centre_mm, points_mm=view.points_mm) == view
    else:
        off = np.array(again.centre_mm) - view.centre_mm
        apart = (there.point(0, 0) - Plane(plane.order, plane.axis, hung.at).point(0, 0)) @ there.normal
        assert abs(off @ there.normal) == pytest.approx(abs(apart), abs=0.01)


def axial() -> DisplayOrder:
    return DisplayOrder.of(stack("axial", (False, False, False), (0, 0, 0), (5.0, 1.0, 1.0)))


def test_planes_of_the_body_are_called_by_their_names() -> None:
    names = [view_of(Look("ct", axis, 2), Plane(axial(), axis, 2), WINDOW, (900, 900)).plane for axis in range(3)]
    assert names == ["native", "coronal", "sagittal"]
    turned = DisplayOrder.of(stack("axial", (False, False, False), (0.3, 0.1, 0.2), (5.0, 1.0, 1.0)))
    view = view_of(Look("ct", 1, 2), Plane(turned, 1, 2), WINDOW, (900, 900))
    assert (view.plane, view.slice, view.right is not None) == ("oblique", None, True)


def test_all_of_a_plane_is_hung_fitted_in() -> None:
    view = view_of(Look("ct", 0, 2), Plane(axial(), 0, 2), WINDOW, (900, 900))
    assert view.extent_mm == (30.0, 24.0)
    assert look_of(view, axial()) == Look("ct", 0, 2)


def test_a_difference_is_seen_as_it_was() -> None:
    look = Look("ct", 0, 2, minus="other")
    view = view_of(look, Plane(axial(), 0, 2), (300.0, 800.0), (900, 900), (0.0, 1.5, 0.0))
    assert (view.window, view.shift_mm, view.minus) == ((200.0, 800.0), (0.0, 1.5, 0.0), "other")
    assert window_for(view, (250.0, 700.0)) == (250.0, 800.0)
    assert look_of(view, axial()).minus == "other"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"along": "r1"}, "along a region"),
        ({"points_mm": ((0.0, 0.0, 0.0), (10.0, 0.0, 10.0), (0.0, 10.0, 0.0))}, "lies obliquely"),
    ],
)
def test_a_panel_that_no_view_can_show_says_why(change: dict[str, Any], words: str) -> None:
    view = View("ct", None, (10.0, 0.0, 20.0), (20.0, 20.0), WINDOW, plane="oblique", **change)
    with pytest.raises(InputError, match=words):
        look_of(view, axial())


def test_what_is_no_panel_says_why() -> None:
    look, plane = Look("ct", 0, 2, pan_mm=(500.0, 0.0)), Plane(axial(), 0, 2)
    with pytest.raises(InputError, match="less than 1 mm"):
        view_of(look, plane, WINDOW, (50.0, 50.0))
    grid = axial().grid
    two = DisplayOrder.of(Grid((2, *grid.shape[1:]), grid.origins[:2], grid.row_step, grid.column_step, "1.2.3"))
    with pytest.raises(InputError, match="too few slices"):
        view_of(Look("ct", 1, 2), Plane(two, 1, 2), WINDOW, (900, 900))
    coronal = View("ct", None, (10.0, 0.0, 20.0), (20.0, 20.0), WINDOW, plane="coronal")
    with pytest.raises(InputError, match="across these slices"):
        look_of(coronal, two)
    with pytest.raises(InputError, match="beside the images"):
        look_of(replace(coronal, centre_mm=(0.0, 900.0, 0.0)), axial())
