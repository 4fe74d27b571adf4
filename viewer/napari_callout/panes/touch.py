"""Where the hand is: a place in a view, and on the plane that it shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callout.geometry import Floats
from napari_callout.panes.placement import Placement
from napari_callout.session.plane import Pixel, Plane


@dataclass(frozen=True, eq=False)
class Touch:
    """The hand at (x, y) of a view, in screen pixels, with the keys that it holds."""

    view: int
    x: float
    y: float
    plane: Plane
    placement: Placement
    shift: bool = False
    control: bool = False
    alt: bool = False

    @property
    def place(self) -> Pixel:
        """(row, column) on the plane."""
        return self.placement.pixel(self.x, self.y)

    @property
    def point(self) -> Floats:
        """LPS mm."""
        return self.plane.point(*self.place)
