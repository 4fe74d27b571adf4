"""Drags as a widget sees them, without a hand: what is held comes from another widget of its window."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_callout.qt.dragging import mime_of

NONE, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
ANY = Qt.DropAction.LinkAction | Qt.DropAction.MoveAction | Qt.DropAction.CopyAction


def drop(target: QWidget, kind: str, thing: str, place: QPoint, held: Any = NONE, source: QWidget | None = None) -> Any:
    """Drag a thing over a widget and let it go there; gives the drop's event. `source`: where it comes from."""
    origin, data = source or target, mime_of(kind, thing)

    class Enter(QDragEnterEvent):
        def source(self) -> QWidget:
            return origin

    class Move(QDragMoveEvent):
        def source(self) -> QWidget:
            return origin

    class Drop(QDropEvent):
        def source(self) -> QWidget:
            return origin

    enter, move = Enter(place, ANY, data, LEFT, held), Move(place, ANY, data, LEFT, held)
    let_go = Drop(QPointF(place), ANY, data, LEFT, held)
    for event in (enter, move, let_go):
        event.ignore()
        QApplication.sendEvent(target, event)
    return let_go
