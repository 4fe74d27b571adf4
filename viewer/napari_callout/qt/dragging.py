"""What is dragged inside the window: a finding, a mention, a series; as mime data of our own."""

from __future__ import annotations

from qtpy.QtCore import QByteArray, QMimeData, QPoint, Qt
from qtpy.QtGui import QColor, QDrag, QDropEvent, QPainter, QPixmap
from qtpy.QtWidgets import QApplication, QWidget

from napari_callout.qt.look import ink

FINDING, MENTION, SERIES = "finding", "mention", "series"
PREFIX = "application/x-callout-"
LONGEST = 40  # characters that hang at the cursor


def mime_of(kind: str, thing_id: str) -> QMimeData:
    """The mime data of one thing."""
    data = QMimeData()
    data.setData(PREFIX + kind, QByteArray(thing_id.encode()))
    return data


def dragged(event: QDropEvent, kind: str, over: QWidget) -> str:
    """The id of the thing of that kind that is dragged over a widget; "" where it is something else.

    What comes from another window is of another case, where the same id is another thing.
    """
    data, source = event.mimeData(), event.source()
    if not isinstance(source, QWidget) or source.window() is not over.window() or not data.hasFormat(PREFIX + kind):
        return ""
    return bytes(data.data(PREFIX + kind).data()).decode(errors="replace")


def wants_alone(event: QDropEvent) -> bool:
    """Whether Shift is held: the link takes the place of others."""
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def is_far(start: QPoint, now: QPoint) -> bool:
    """Whether the hand moved so far that it drags."""
    return bool((now - start).manhattanLength() >= QApplication.startDragDistance())


def start_drag(source: QWidget, kind: str, thing_id: str, words: str, colour: str) -> None:
    """Drag a thing from `source` until the hand lets it go; its words hang at the cursor."""
    drag = QDrag(source.window())  # not the source: what the drop changes may take that away
    drag.setMimeData(mime_of(kind, thing_id))
    drag.setPixmap(_ticket(source, words, colour))
    drag.setHotSpot(QPoint(-8, -4))
    drag.exec(Qt.DropAction.LinkAction | Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.DropAction.LinkAction)


def _ticket(source: QWidget, words: str, colour: str) -> QPixmap:
    words = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    metrics, ratio = source.fontMetrics(), source.devicePixelRatioF()
    width, height = metrics.horizontalAdvance(words) + 24, metrics.height() + 8
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(ink().chosen))
    painter = QPainter(picture)
    painter.fillRect(0, 0, 5, height, QColor(colour))
    painter.setFont(source.font())
    painter.setPen(QColor(ink().text))
    painter.drawText(14, 4 + metrics.ascent(), words)
    painter.end()
    return picture
