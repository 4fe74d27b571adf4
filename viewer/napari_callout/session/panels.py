"""A view of the window as a panel of a figure, and a panel in a view again. Pure.

Frame: LPS mm. A figure shows native slices as views do; planes across the slices it cuts as reformats.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from callout.errors import InputError
from callout.figures.projection import Projection
from callout.figures.recipe import Plane as PlaneName
from callout.figures.recipe import Vector, View
from callout.figures.section import NORMALS, page_directions
from callout.geometry import Floats, Grid
from napari_callout.session.look import MARGIN, Look
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane, why_not_across
from napari_callout.session.windows import Window, difference_window

ALIKE = float(np.cos(np.radians(0.05)))  # directions that are the same on a page
NEAR = float(np.cos(np.radians(0.5)))  # planes that a view can show in the place of another
ARM_MM = 100.0  # from the middle of an oblique plane to the points that say how it lies
LEAST_MM = 1.0  # that a panel shows of the patient, along each side


def view_of(
    look: Look,
    plane: Plane,
    window: Window,
    seen_mm: tuple[float, float],
    shift_mm: Vector = (0.0, 0.0, 0.0),
    replaced: View | None = None,
) -> View:
    """What a view of the window shows, as a panel shows it; without anything drawn.

    seen_mm: (height, width) for which there is room in the view. Of the plane's surroundings nothing is taken.
    replaced: a panel that is shown in the view since: where neither zoom nor pan changed, its frame stays.
    InputError where nothing is seen, or a figure would show it otherwise.
    """
    why = "" if plane.is_native else why_not_across(plane.grid)
    if why:
        raise InputError(f"a plane across these slices is no panel: {why}", remedy="take one of its slices")
    middle, extent = _frame(look, plane, seen_mm)
    if replaced is not None and is_framed_alike(look, replaced, plane.order):
        middle, extent = look.pan_mm, (replaced.extent_mm[1], replaced.extent_mm[0])
    if min(extent) < LEAST_MM:
        raise InputError("less than 1 mm of the picture is seen", remedy="fit it into the view first")
    (rows, columns), (down, across) = plane.shape, plane.spacing
    centre = plane.point((rows - 1) / 2 + middle[0] / down, (columns - 1) / 2 + middle[1] / across)
    view = View(
        look.series_id,
        plane.k if plane.is_native else None,
        _vector(centre),
        (round(extent[1], 3), round(extent[0], 3)),
        difference_window(window) if look.minus else window,
        slab_mm=look.slab_mm,
        projection=look.projection if look.slab_mm else "mean",
        minus=look.minus,
        shift_mm=shift_mm if look.minus else (0.0, 0.0, 0.0),
        inverted=look.inverted,
        **_lying(plane),
    )
    page = _page(view, plane)
    if min(float(page.right @ _right(plane)), float(page.down @ _down(plane))) < NEAR:
        raise InputError(
            "a figure would turn this picture, so obliquely do its slices lie", remedy="take another plane"
        )
    return view


def look_of(view: View, order: DisplayOrder) -> Look:
    """What a view of the window shows of a panel; of a reformat the plane of voxels nearest to it.

    InputError where the panel's plane is none of the stack's own.
    """
    axis = order.slice_axis if view.plane == "native" else _axis_along(_normal(view), order)
    if view.slice is not None:
        plane = Plane(order, axis, order.slice_to_display(view.slice))
    else:
        steps = float(Plane(order, axis, 0).places(view.centre_mm)[0, 2])
        plane = Plane(order, axis, int(np.floor(steps + 0.5)))
    if not 0 <= plane.at < plane.count:
        raise InputError("the panel lies beside the images of its series")
    row, column, _ = plane.places(view.centre_mm)[0]
    pan = (
        float((row - (plane.shape[0] - 1) / 2) * plane.spacing[0]),
        float((column - (plane.shape[1] - 1) / 2) * plane.spacing[1]),
    )
    extent = (view.extent_mm[1], view.extent_mm[0])
    look = Look(
        view.series_id,
        axis,
        plane.at,
        slab_mm=view.slab_mm,
        projection=view.projection if view.slab_mm else "max",
        minus=view.minus,
        inverted=view.inverted,
    )
    if np.allclose((*pan, *extent), (0.0, 0.0, *plane.size_mm), atol=0.002):  # all of it
        return look
    return replace(look, pan_mm=pan, field_mm=(extent[0] * MARGIN, extent[1] * MARGIN))


def is_framed_alike(look: Look, view: View, order: DisplayOrder) -> bool:
    """Whether a look shows as much, and at the same place, as a panel that was hung and then only scrolled."""
    try:
        hung = look_of(replace(view, series_id=look.series_id), order)
    except InputError:
        return False
    if hung.field_mm is None or (look.axis, look.zoom, look.field_mm) != (hung.axis, hung.zoom, hung.field_mm):
        return False
    return bool(np.allclose(look.pan_mm, hung.pan_mm, atol=0.01))


def window_for(view: View, now: Window) -> Window:
    """The window of its series in which a view shows what a panel shows; `now`: the one in use."""
    return (now[0], view.window[1]) if view.minus else view.window


def _frame(look: Look, plane: Plane, seen_mm: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(down, across) mm from the plane's middle to that of what is seen of it, and its (height, width) in mm."""
    size, pan, seen = np.array(plane.size_mm), np.array(look.pan_mm), np.array(seen_mm)
    low, high = np.maximum(-size / 2, pan - seen / 2), np.minimum(size / 2, pan + seen / 2)
    middle, extent = (low + high) / 2, np.maximum(high - low, 0.0)
    return (float(middle[0]), float(middle[1])), (float(extent[0]), float(extent[1]))


def _lying(plane: Plane) -> dict[str, Any]:
    """How a plane across the slices lies: along a plane of the body, else through three points."""
    if plane.is_native:
        return {}
    for name, normal in NORMALS.items():
        right, down = page_directions(np.array(normal))
        if min(float(right @ _right(plane)), float(down @ _down(plane))) >= ALIKE:
            return {"plane": name}
    middle = plane.point((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    points = (middle, middle + ARM_MM * _right(plane), middle + ARM_MM * _down(plane))
    lying: dict[str, Any] = {"plane": "oblique", "points_mm": tuple(_vector(point) for point in points)}
    if float(page_directions(plane.normal)[0] @ _right(plane)) < ALIKE:
        lying["right"] = _vector(_right(plane), 6)
    return lying


def _page(view: View, plane: Plane) -> Projection:
    """How a figure turns it."""
    grid, k = plane.grid, plane.k
    if view.slice is None:
        right, down = page_directions(_normal(view), view.right)
        grid, k = Grid((1, 2, 2), np.array(view.centre_mm)[None], down, right, ""), 0
    return Projection(grid, k, view.centre_mm, 1.0, (1, 1))


def _right(plane: Plane) -> Floats:
    return plane.order.direction(plane.sides[1])


def _down(plane: Plane) -> Floats:
    return plane.order.direction(plane.sides[0])


def _normal(view: View) -> Floats:
    """Of a reformat."""
    name: PlaneName = view.plane
    if name != "oblique":
        return np.array(NORMALS[name])
    if view.points_mm is None:
        raise InputError("a panel along a region's longest directions lies across the planes that views show")
    one, two, three = (np.array(point, np.float64) for point in view.points_mm)
    normal = np.cross(two - one, three - one)
    length = float(np.linalg.norm(normal))
    if length < 1e-3:
        raise InputError("points_mm lie on one line, and make no plane")
    unit: Floats = normal / length
    return unit


def _axis_along(normal: Floats, order: DisplayOrder) -> int:
    """The display axis along which planes with that normal lie."""
    near = [abs(float(order.direction(axis) @ normal)) for axis in range(3)]
    axis = int(np.argmax(near))
    if near[axis] < NEAR:
        raise InputError("the panel's plane lies obliquely in its series, and views show a series along its own axes")
    why = "" if axis == order.slice_axis else why_not_across(order.grid)
    if why:
        raise InputError(f"views can't show a plane across these slices: {why}")
    return axis


def _vector(point: Floats, digits: int = 3) -> Vector:
    x, y, z = (round(float(part), digits) + 0.0 for part in point)
    return x, y, z
