"""The hand on the picture: wheel, right and middle drag, and where the cursor is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qtpy.QtCore import QEvent, QObject, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtWidgets import QWidget

WHEEL_STEP = 120  # Qt's eighths of a degree for one notch
ZOOM_STEP = 1.15


@dataclass(frozen=True)
class HandActions:
    """What the hand does; positions and distances in screen pixels of the canvas.

    flat: whether a slice is shown; in 3D the hand is napari's.
    """

    flat: Callable[[], bool]
    step: Callable[[int], None]
    zoom: Callable[[float, QPointF], None]
    window: Callable[[QPointF], None]
    pan: Callable[[QPointF], None]
    point: Callable[[QPointF | None], None]
    resized: Callable[[], None]


class Hand(QObject):
    """An event filter on the canvas: takes what is ours, and leaves the left button to napari."""

    def __init__(self, canvas: QWidget, actions: HandActions) -> None:
        super().__init__(canvas)
        self._actions = actions
        self._turned = 0
        self._from: QPointF | None = None
        self._button = Qt.MouseButton.NoButton
        canvas.setMouseTracking(True)
        canvas.installEventFilter(self)

    def let_go(self) -> None:
        """Take nothing from the canvas any more."""
        canvas = self.parent()
        if canvas is not None:
            canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """True where the event is ours."""
        kind = event.type()
        if kind in (QEvent.Type.Resize, QEvent.Type.Show):
            self._actions.resized()
        elif not self._actions.flat():
            return False
        if kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent):
            if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
                return self._press(event)
            if kind == QEvent.Type.MouseMove:
                return self._move(event)
            if kind == QEvent.Type.MouseButtonRelease and event.button() == self._button:
                self._button, self._from = Qt.MouseButton.NoButton, None
                return True
        elif kind == QEvent.Type.Leave:
            self._actions.point(None)
        return kind == QEvent.Type.ContextMenu

    def _wheel(self, event: QWheelEvent) -> bool:
        """Plain: slices. Ctrl: zoom about the cursor. Notches add up, so that a touch pad moves slice by slice too."""
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._turned / WHEEL_STEP)
        self._turned -= notches * WHEEL_STEP
        if notches and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._actions.zoom(ZOOM_STEP**notches, event.position())
        elif notches:
            self._actions.step(-notches)
        event.accept()
        return True

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() not in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            return False
        self._button, self._from = event.button(), event.position()
        return True

    def _move(self, event: QMouseEvent) -> bool:
        self._actions.point(event.position())
        if self._from is None:
            return False
        moved, self._from = event.position() - self._from, event.position()
        if self._button == Qt.MouseButton.RightButton:
            self._actions.window(moved)
        else:
            self._actions.pan(moved)
        return True
