"""A view: draws the scene that it is told, and says what the hand does on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from qtpy.QtWidgets import QWidget

from napari_callout.panes.grey import Greys
from napari_callout.panes.placement import Placement
from napari_callout.panes.scene import Line, Scene, Words
from napari_callout.panes.tint import Tint
from napari_callout.qt.corners import Align, Letters, draw_corners, edged, find_button
from napari_callout.qt.lines import area_of, draw_line, draw_outline, draw_tint
from napari_callout.qt.look import DARK, px

WHEEL_STEP = 120  # Qt's eighths of a degree for one notch
SERIES_MIME = "application/x-callout-series"
BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.RightButton: "right",
    Qt.MouseButton.MiddleButton: "middle",
}


class PaneView(QWidget):
    """Says where the hand is in its own pixels, with the modifiers it holds, and which series was dropped on it."""

    wheeled = Signal(QPointF, object, int)  # place, modifiers, notches
    pressed = Signal(QPointF, object, str)  # place, modifiers, button
    moved = Signal(QPointF, object)
    released = Signal(QPointF, object, str)
    doubled = Signal(QPointF, object)
    left = Signal()
    abandoned = Signal()  # a button was down, and where it went up is not known
    dropped = Signal(str)
    focused = Signal()

    def __init__(self, parent: QWidget, name: str, scene: Callable[[tuple[int, int]], Scene]) -> None:
        """`scene`: of a view of a size (width, height); asked for when it is drawn."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(name)
        self._ask = scene
        self.scene = Scene()
        self.over: tuple[Line | Words | Tint, ...] = ()  # what the tool in hand would touch
        self._fresh = False
        self._drawn: tuple[Greys, tuple[object, ...]] | None = None  # what was drawn last, and where
        self._image: QImage | None = None
        self._turned = 0
        self._held = False  # a button is down
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(120, 120))
        self.find_images = find_button(self)

    def renew(self) -> None:
        """What it shows has changed."""
        self._fresh = False
        self.update()

    def show_over(self, lines: tuple[Line | Words | Tint, ...]) -> None:
        """Show what the tool in hand would touch; only where that was and is has to be drawn again."""
        if not lines and not self.over:
            return
        before, self.over = self.over, lines
        placement = self.scene.placement
        if placement is not None:
            kept = {id(line) for line in before} & {id(line) for line in lines}
            for line in (one for one in (*before, *lines) if id(one) not in kept):
                if isinstance(line, Tint):
                    self.update()
                elif isinstance(line, Words):
                    self.update(_area(line, placement).adjusted(-2, -2, 2, 2))
                else:
                    self.update(area_of(line, placement).boundingRect().adjusted(-4, -4, 4, 4).toAlignedRect())

    @property
    def extent(self) -> tuple[int, int]:
        """(width, height) in its own pixels."""
        return max(self.width(), 1), max(self.height(), 1)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's own name
        """It is shown, in its style sheet."""
        self._cover()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Another style sheet."""
        if event.type() == QEvent.Type.StyleChange:
            self._cover()
        super().changeEvent(event)

    def _cover(self) -> None:
        """Nothing is to be drawn behind it, though a style sheet says so of every widget: that costs a third."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # Drawing ---------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's own name
        """The greys, what is drawn, and the words."""
        if not self._fresh:
            self.scene, self._fresh = self._ask(self.extent), True
            self.find_images.setVisible(self.scene.missing)
        scene, painter = self.scene, QPainter(self)
        self._draw_greys(painter, scene)
        if scene.placement is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for line in scene.lines:
                draw_line(painter, line, scene.placement)
            for outline in scene.outlines:
                draw_outline(painter, outline, scene.placement)
            for words in scene.words:
                _draw_words(painter, words, scene.placement)
            for over in self.over:
                if isinstance(over, Words):
                    _draw_words(painter, over, scene.placement)
                elif isinstance(over, Tint):
                    draw_tint(painter, over, scene.placement)
                else:
                    draw_line(painter, over, scene.placement)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        draw_corners(painter, self.rect(), scene.corners)
        if scene.active:
            painter.setPen(QPen(QColor(DARK.focus), 3 if self.hasFocus() else 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_greys(self, painter: QPainter, scene: Scene) -> None:
        """Straight on the screen where they are new, as while one scrolls; kept from the second time on."""
        if scene.greys is None or scene.placement is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            return
        ratio = self.devicePixelRatioF()
        key, image = (scene.placement, self.size(), ratio), self._image
        if self._drawn is None or self._drawn[0] is not scene.greys or self._drawn[1] != key:
            self._drawn, self._image = (scene.greys, key), None
            _draw_enlarged(painter, self.rect(), scene.greys, scene.placement)
            return
        if image is None:
            self._image = image = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(ratio)
            inner = QPainter(image)
            _draw_enlarged(inner, self.rect(), scene.greys, scene.placement)
            inner.end()
        painter.drawImage(0, 0, image)

    # The hand --------------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's own name
        """Notches add up, so that a touch pad moves slice by slice too."""
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._turned / WHEEL_STEP)
        self._turned -= notches * WHEEL_STEP
        if notches:
            self.wheeled.emit(event.position(), event.modifiers(), notches)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A button goes down."""
        if event.button() in BUTTONS:
            self._held = True
            self.pressed.emit(event.position(), event.modifiers(), BUTTONS[event.button()])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """With a button down, or without."""
        if not event.buttons():
            self._abandon()
        self.moved.emit(event.position(), event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A button goes up."""
        self._held = bool(event.buttons())
        if event.button() in BUTTONS:
            self.released.emit(event.position(), event.modifiers(), BUTTONS[event.button()])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A double click is one only of the left button; of others it is a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.doubled.emit(event.position(), event.modifiers())
        else:
            self.mousePressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's own name
        """Where it goes, the hand can do no more on it."""
        self._abandon()

    def _abandon(self) -> None:
        if self._held:
            self._held = False
            self.abandoned.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """The hand is elsewhere."""
        self.left.emit()

    def focusInEvent(self, event: Any) -> None:  # noqa: N802  # Qt's own name
        """Reached by Tab: keys mean this view now."""
        self.focused.emit()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: Any) -> None:  # noqa: N802  # Qt's own name
        """Keys mean it still, where they are no other widget's."""
        self.update()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """Everything lies elsewhere."""
        self._fresh = False
        self.find_images.adjustSize()
        self.find_images.move((self.width() - self.find_images.width()) // 2, self.height() // 2 + 90)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's own name
        """A series of ours can be dropped; files are the window's."""
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's own name
        """A series is dropped here."""
        self.dropped.emit(bytes(event.mimeData().data(SERIES_MIME).data()).decode(errors="replace"))
        event.acceptProposedAction()


def _draw_enlarged(painter: QPainter, room: QRect, greys: Greys, placement: Placement) -> None:
    rows, columns = greys.shape[:2]
    if greys.ndim == 3:
        image = QImage(greys.data, columns, rows, greys.strides[0], QImage.Format.Format_RGB888)
    else:
        colours = np.multiply(greys, 0x010101, dtype=np.uint32)  # Qt enlarges these twice as fast as greys
        colours |= 0xFF000000
        image = QImage(colours.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    (left, top), (down, across) = placement.corner, placement.step
    place = QRectF(left, top, columns * across, rows * down)
    for beside in _around(room, place.toAlignedRect().adjusted(1, 1, -1, -1) & room):
        painter.fillRect(beside, Qt.GlobalColor.black)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


def _around(room: QRect, inner: QRect) -> tuple[QRect, ...]:
    """What is left of a room above, below and beside of what lies in it."""
    if inner.isEmpty():
        return (room,)
    above, below = QRect(room), QRect(room)
    above.setBottom(inner.top() - 1)
    below.setTop(inner.bottom() + 1)
    left, right = (QRect(room.left(), inner.top(), room.width(), inner.height()) for _ in range(2))
    left.setRight(inner.left() - 1)
    right.setLeft(inner.right() + 1)
    return tuple(part for part in (above, below, left, right) if not part.isEmpty())


def _draw_words(painter: QPainter, words: Words, placement: Placement) -> None:
    letters = Letters.of(px(words.size), bold=True)
    edged(painter, _area(words, placement), Align.AlignHCenter | Align.AlignBottom, words.text, letters, words.colour)


def _area(words: Words, placement: Placement) -> QRect:
    x, y = placement.screen(*words.at)
    size = px(words.size)
    half = 20 + size * len(words.text) / 2  # wide enough for any letters
    return QRectF(x - half, y - size - 8, 2 * half, size + 6).toAlignedRect()
