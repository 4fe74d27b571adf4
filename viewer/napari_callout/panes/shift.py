"""The hand that moves what is subtracted, until both series lie on each other. No Qt."""

from __future__ import annotations

import numpy as np

from callout.geometry import Floats
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.touch import Touch
from napari_callout.session.plane import Plane
from napari_callout.session.session import Session

NOTHING_TAKEN = "nothing is subtracted here that could be moved"
LITTLE = 0.1  # of a pixel


class ShiftTool:
    """A drag moves the other series on the plane; it is one edit when the hand lifts."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: Touch | None = None

    def press(self, touch: Touch) -> None:
        """Take hold."""
        self._last = touch

    def move(self, touch: Touch) -> None:
        """Move it along, as it will be seen."""
        look, last = self._session.views.looks[touch.view], self._last
        if look is not None and last is not None and last.view == touch.view:
            self._session.shifting.move(look, touch.plane.point(*touch.place) - touch.plane.point(*last.place))
            self._last = touch

    def release(self, touch: Touch | None) -> None:
        """It stays there."""
        self._last = None
        self._session.save()

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """The picture itself shows it."""
        return ()


def refusal(session: Session) -> str:
    """Why nothing can be moved in the active view; "" where it can."""
    look = session.views.look
    return NOTHING_TAKEN if look is None or look.minus is None else ""


def step_mm(plane: Plane, dx: int, dy: int, little: bool) -> Floats:
    """LPS mm of a step by so many pixels of the plane to the right and down, or by a tenth of that."""
    down, across = plane.sides
    way = dx * plane.spacing[1] * plane.order.direction(across) + dy * plane.spacing[0] * plane.order.direction(down)
    return np.asarray(way * (LITTLE if little else 1.0), np.float64)
