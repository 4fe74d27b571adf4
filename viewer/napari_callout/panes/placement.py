"""Where a plane's pixels lie in a view: places on the screen ↔ (row, column). Pure.

Frame: screen pixels, x to the right, y down, (0, 0) the view's upper left corner; a plane's pixel centres are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from napari_callout.session.look import MARGIN, Look
from napari_callout.session.plane import Pixel


@dataclass(frozen=True)
class Placement:
    """A plane of `shape` pixels of `spacing` mm, looked at in a view of `size` (width, height) screen pixels."""

    size: tuple[int, int]
    shape: tuple[int, int]
    spacing: tuple[float, float]
    zoom: float = 1.0
    pan_mm: tuple[float, float] = (0.0, 0.0)
    field_mm: tuple[float, float] | None = None

    @classmethod
    def of(cls, look: Look, shape: tuple[int, int], spacing: tuple[float, float], size: tuple[int, int]) -> Placement:
        """As a look says."""
        return cls(size, shape, spacing, look.zoom, look.pan_mm, look.field_mm)

    @cached_property
    def scale(self) -> float:
        """Screen pixels per mm."""
        height, width = self.field_mm or (self.shape[0] * self.spacing[0], self.shape[1] * self.spacing[1])
        return max(min(self.size[0] / width, self.size[1] / height) * MARGIN * self.zoom, 1e-6)

    @cached_property
    def step(self) -> tuple[float, float]:
        """Screen pixels per pixel of the plane, (down, across)."""
        return self.spacing[0] * self.scale, self.spacing[1] * self.scale

    @cached_property
    def corner(self) -> tuple[float, float]:
        """(x, y) of the upper left corner of the plane's first pixel."""
        down, across = self.step
        x = self.size[0] / 2 - self.shape[1] / 2 * across - self.pan_mm[1] * self.scale
        return x, self.size[1] / 2 - self.shape[0] / 2 * down - self.pan_mm[0] * self.scale

    def pixel(self, x: float, y: float) -> Pixel:
        """(row, column) at a place on the screen.

        >>> Placement((200, 100), (50, 50), (1.0, 1.0)).pixel(100, 50)
        (24.5, 24.5)
        """
        (left, top), (down, across) = self.corner, self.step
        return (y - top) / down - 0.5, (x - left) / across - 0.5

    def screen(self, row: float, column: float) -> tuple[float, float]:
        """The inverse of `pixel`."""
        (left, top), (down, across) = self.corner, self.step
        return left + (column + 0.5) * across, top + (row + 0.5) * down

    def from_middle(self, x: float, y: float) -> tuple[float, float]:
        """mm (down, across) from the view's middle to a place on the screen."""
        return (y - self.size[1] / 2) / self.scale, (x - self.size[0] / 2) / self.scale
