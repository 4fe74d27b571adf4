"""What the left button does where a tool is in hand. Each tool draws through the session, as one edit. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from callout.masks.brush import disc
from napari_callout.panes import levels, shift
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.touch import Touch
from napari_callout.session.session import Session


class Tool(Protocol):
    """A tool hears the hand; `preview` is drawn where it is, over the view."""

    def press(self, touch: Touch) -> None:
        """The button goes down."""

    def move(self, touch: Touch) -> None:
        """The hand moves with the button down."""

    def release(self, touch: Touch | None) -> None:
        """The button goes up; None where the hand was taken away."""

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """What the tool would touch."""


class Brush:
    """Paints or erases what a disc of the session's size covers on the way of the hand, on one native slice."""

    def __init__(self, session: Session, erases: bool) -> None:
        self._session, self._erases = session, erases
        self._from: tuple[float, float] | None = None

    def press(self, touch: Touch) -> None:
        """Begin a stroke."""
        session = self._session
        session.tool = ("erase" if self._erases else "paint", {"brush_mm": session.brush_mm})
        session.begin_stroke()
        self._from = touch.place
        self._draw(touch, self._from)

    def move(self, touch: Touch) -> None:
        """Go on with it."""
        if self._from is not None:
            self._draw(touch, self._from)
            self._from = touch.place

    def release(self, touch: Touch | None) -> None:
        """The stroke becomes one edit."""
        if self._from is not None:
            self._from = None
            self._session.commit_stroke()

    def preview(self, touch: Touch) -> tuple[Line, ...]:
        """The disc's border."""
        (row, column), (down, across) = touch.place, touch.plane.spacing
        angles = np.linspace(0, 2 * np.pi, 49)[:-1]
        radius = self._session.brush_mm / 2
        ring = np.column_stack([row + radius / down * np.sin(angles), column + radius / across * np.cos(angles)])
        return (Line(ring, "#ffffff", 1.0, closed=True, edged=True),)

    def _draw(self, touch: Touch, start: tuple[float, float]) -> None:
        drawing = self._session.drawing
        if drawing is None or drawing.target is None:
            return
        way = touch.plane.native_places([start, touch.place])
        covered = disc(touch.plane.grid, touch.plane.k, way, self._session.brush_mm / 2)
        if covered.count:
            drawn = drawing.read(drawing.active_label, covered.low, covered.high)
            drawing.write(drawing.active_label, covered.low, covered.crop & (drawn if self._erases else ~drawn))
            self._session.settle()


TOOLS: dict[str, Callable[[Session], Tool]] = {
    "paint": lambda session: Brush(session, False),
    "erase": lambda session: Brush(session, True),
    "levels": levels.LevelsTool,
    "shift": shift.ShiftTool,
}
REFUSALS: dict[str, Callable[[Session], str]] = {
    "levels": levels.refusal,
    "shift": shift.refusal,
}  # of what draws no region
