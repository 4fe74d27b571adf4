"""The camera over the canvas: places on the screen to mm in the world (down, across), zooming and moving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QSize

if TYPE_CHECKING:
    from napari.components.camera import Camera

World = tuple[float, float]


def world_at(camera: Camera, canvas: QSize, at: QPointF) -> World:
    """World mm (down, across) of a place on a canvas of that size."""
    *_, y, x = camera.center
    return y + (at.y() - canvas.height() / 2) / camera.zoom, x + (at.x() - canvas.width() / 2) / camera.zoom


def enlarge(camera: Camera, factor: float, about: World) -> None:
    """Zoom so that what is seen at `about` stays where it is."""
    down, across = about
    *before, y, x = camera.center
    keep = 1 - 1 / factor
    camera.zoom *= factor
    camera.center = (*before, y + (down - y) * keep, x + (across - x) * keep)


def shift(camera: Camera, moved: QPointF) -> None:
    """Take what is seen along by so many pixels."""
    *before, y, x = camera.center
    camera.center = (*before, y - moved.y() / camera.zoom, x - moved.x() / camera.zoom)
