"""A figure as it is drawn, fitted in, on which a frame is dragged to crop a panel."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from qtpy.QtWidgets import QWidget

from callout.figures.display import Bytes2D
from napari_callout.qt.look import ink

MOST = (1 << 24) - 1  # pixels, of any widget
LEAST = 8  # pixels of a frame: less was a click
FRAME = "#5aa0ff"
HOW = "Click a panel to choose it, drag a frame on it to crop it"
Place = tuple[int, int, int, int]  # left, top, width, height in the figure's pixels


class PreviewView(QWidget):
    """Says `chosen` (panel), and `cropped` (panel; left, top, right, bottom as parts of it); `resized`."""

    chosen = Signal(int)
    cropped = Signal(int, tuple)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figurePreview")
        self.setAccessibleName("Preview of the figure")
        self.setToolTip(HOW)
        self.setMinimumSize(120, 40)
        self._image = QImage()
        self._rgb: Bytes2D | None = None  # has to live as long as the image
        self._places: tuple[Place, ...] = ()
        self._words, self._current = "", -1
        self._drag: tuple[int, QPointF, QPointF] | None = None

    def show_figure(self, rgb: Bytes2D | None, places: Sequence[Place], words: str = "") -> None:
        """Show the picture, uint8 RGB (rows, columns, 3), and its panels; `words` where there is none."""
        if len(places) != len(self._places):
            self._drag = None
        self._rgb, self._places, self._words = rgb, tuple(places), words
        if rgb is None:
            self._image = QImage()
        else:
            rows, columns = rgb.shape[:2]
            self._image = QImage(rgb.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        self._fit_height()
        self.update()

    def choose(self, panel: int) -> None:
        """Frame the chosen panel; −1: none."""
        if panel != self._current:
            self._current = panel
            self.update()

    def thumbnail(self, panel: int, side: int) -> QPixmap:
        """A panel alone, at most `side` pixels of the screen high and wide; an empty one where there is none."""
        if not 0 <= panel < len(self._places) or self._image.isNull():
            return QPixmap()
        ratio = self.devicePixelRatioF()
        small = self._image.copy(*self._places[panel]).scaled(
            QSize(round(side * ratio), round(side * ratio)),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        pixmap = QPixmap.fromImage(small)
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def box_of(self, panel: int) -> QRectF:
        """Where a panel lies in this widget."""
        left, top, width, height = self._places[panel]
        whole, scale = self._whole()
        return QRectF(whole.x() + left * scale, whole.y() + top * scale, width * scale, height * scale)

    def _whole(self) -> tuple[QRectF, float]:
        """Where the figure lies, and how large it is shown."""
        width, height = max(self._image.width(), 1), max(self._image.height(), 1)
        scale = min(self.width() / width, self.height() / height)
        return QRectF((self.width() - width * scale) / 2, 0.0, width * scale, height * scale), scale

    def _panel_at(self, place: QPointF) -> int:
        return next((n for n in range(len(self._places)) if self.box_of(n).contains(place)), -1)

    @property
    def pixels(self) -> int:
        """How many pixels of the screen it is wide."""
        return max(1, round(self.width() * self.devicePixelRatioF()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """A larger one wants more pixels."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit_height()
        self.resized.emit()

    def _fit_height(self) -> None:
        """No higher than the figure is at this width: the list has the rest."""
        if self._image.isNull():
            self.setMaximumHeight(MOST)
        else:
            high = self.width() * self._image.height() / max(self._image.width(), 1)
            self.setMaximumHeight(max(self.minimumHeight(), round(high + 0.5)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's own name
        """The figure on its paper; the chosen panel and the frame that is dragged."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(ink().panel))
        if self._image.isNull():
            painter.setPen(QColor(ink().quiet))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(6, 6, -6, -6), int(flags), self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole, scale = self._whole()
        ratio = self.devicePixelRatioF()
        if scale * ratio < 0.99:  # shrunk by Qt's painter alone, fine lines would break
            size = QSize(max(1, round(whole.width() * ratio)), max(1, round(whole.height() * ratio)))
            mode = Qt.TransformationMode.SmoothTransformation
            painter.drawImage(whole, self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
        else:
            painter.drawImage(whole, self._image)
        painter.setPen(QPen(QColor(ink().line), 1))
        painter.drawRect(whole.adjusted(0, 0, -1, -1))
        if len(self._places) > 1 and 0 <= self._current < len(self._places):
            painter.setPen(QPen(QColor(FRAME), 2))
            painter.drawRect(self.box_of(self._current).adjusted(1, 1, -1, -1))
        if self._drag is not None:
            painter.setPen(QPen(QColor(FRAME), 1.5, Qt.PenStyle.DashLine))
            painter.drawRect(self._dragged(*self._drag))

    def _dragged(self, panel: int, start: QPointF, end: QPointF) -> QRectF:
        """The frame, kept on its panel."""
        return QRectF(start, end).normalized().intersected(self.box_of(panel))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A click or a frame begins."""
        panel = self._panel_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and panel >= 0:
            self._drag = panel, event.position(), event.position()
            self.chosen.emit(panel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """The frame grows."""
        if self._drag is not None:
            self._drag = *self._drag[:2], event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A frame that is one crops."""
        if self._drag is None or event.button() != Qt.MouseButton.LeftButton:
            return
        panel, start, end = *self._drag[:2], event.position()
        frame, box, self._drag = self._dragged(panel, start, end), self.box_of(panel), None
        self.update()
        if min(frame.width(), frame.height()) < LEAST:
            return
        self.cropped.emit(
            panel,
            (
                (frame.left() - box.left()) / box.width(),
                (frame.top() - box.top()) / box.height(),
                (frame.right() - box.left()) / box.width(),
                (frame.bottom() - box.top()) / box.height(),
            ),
        )
