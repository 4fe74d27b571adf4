"""What stands on a view: corner texts, orientation letters, the millimetre bar, and how much has arrived."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QPushButton, QWidget

from napari_callout.panes.scene import Corners
from napari_callout.qt.look import DARK, px

BAR_LENGTHS_MM = (200, 100, 50, 20, 10, 5, 2, 1)
BAR_LENGTHS_PX = (5000, 2000, 1000, 500, *BAR_LENGTHS_MM)
PROGRESS_PIXELS, GAP = 3, 8
Align = Qt.AlignmentFlag


def bar_mm(pixels_per_mm: float, width: int, lengths: Sequence[int] = BAR_LENGTHS_MM) -> int:
    """The longest of the round lengths whose bar takes at most a quarter of the width.

    >>> bar_mm(2.0, 800)
    100
    """
    return next((mm for mm in lengths if mm * pixels_per_mm <= width / 4), lengths[-1])


def draw_corners(painter: QPainter, whole: QRect, shown: Corners) -> None:
    """Draw everything, white with a dark edge."""
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    area = whole.adjusted(8, 6, -8, -6)
    painter.setFont(_font(px(12)))
    metrics = painter.fontMetrics()
    right = _cut(metrics, shown.top_right, area.width() // 2)
    left = _cut(metrics, shown.top_left, area.width() - _width(metrics, right) - 2 * GAP)
    below = _cut(metrics, shown.bottom_left, area.width() * 3 // 4 - GAP if shown.pixels_per_mm > 0 else area.width())
    edged(painter, area, Align.AlignLeft | Align.AlignTop, left)
    edged(painter, area, Align.AlignRight | Align.AlignTop, right)
    edged(painter, area, Align.AlignLeft | Align.AlignBottom, below)
    free = area.width() // 2 - px(16)  # to the letters above and below
    inner = area.adjusted(0, _height(metrics, (left, right), free), 0, -_height(metrics, (below,), free))
    if shown.pixels_per_mm > 0:
        _bar(painter, area, shown.pixels_per_mm, shown.unit)
    painter.setFont(_font(px(15)))
    edged(painter, area, Align.AlignCenter, shown.middle)
    left, right, upper, lower = shown.edges
    painter.setFont(_font(px(16), bold=True))
    edged(painter, area, Align.AlignLeft | Align.AlignVCenter, left)
    edged(painter, area, Align.AlignRight | Align.AlignVCenter, right)
    edged(painter, inner, Align.AlignHCenter | Align.AlignTop, upper)
    edged(painter, inner, Align.AlignHCenter | Align.AlignBottom, lower)
    if shown.done < 1:
        line = whole.adjusted(0, whole.height() - PROGRESS_PIXELS, 0, 0)
        painter.fillRect(line, QColor(DARK.line))
        line.setWidth(round(whole.width() * shown.done))
        painter.fillRect(line, QColor(DARK.quiet))


def _width(metrics: QFontMetrics, text: str) -> int:
    return max(metrics.horizontalAdvance(line) for line in text.split("\n"))


def _height(metrics: QFontMetrics, texts: Sequence[str], free: int) -> int:
    """How high those of the texts are that are wider than what is free."""
    wide = (text for text in texts if _width(metrics, text) > free)
    return max((metrics.lineSpacing() * (text.count("\n") + 1) for text in wide), default=0)


def _cut(metrics: QFontMetrics, text: str, room: int) -> str:
    """Lines no wider than that, in pixels."""
    return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in text.split("\n"))


def _bar(painter: QPainter, area: QRect, pixels_per_mm: float, unit: str) -> None:
    mm = bar_mm(pixels_per_mm, area.width(), BAR_LENGTHS_MM if unit == "mm" else BAR_LENGTHS_PX)
    length, y = round(mm * pixels_per_mm), area.bottom() - 3
    ends = QPoint(area.right() - length, y), QPoint(area.right(), y)
    for colour, width in ((QColor(0, 0, 0, 200), 4), (QColor(235, 235, 235), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(*ends)
        for end in ends:
            painter.drawLine(end - QPoint(0, 4), end + QPoint(0, 2))
    text = f"{mm // 10} cm" if unit == "mm" and mm >= 10 and mm % 10 == 0 else f"{mm} {unit}"
    edged(painter, area.adjusted(0, 0, 0, -12), Align.AlignRight | Align.AlignBottom, text)


def find_button(parent: QWidget) -> QPushButton:
    """The button in the place of a picture whose images are not there."""
    button = QPushButton("Find images…", parent)
    button.setStyleSheet(
        f"QPushButton {{ background: {DARK.raised}; color: {DARK.text}; border: 1px solid {DARK.line}; "
        f"border-radius: 3px; padding: 5px 14px; }} QPushButton:hover {{ border-color: {DARK.quiet}; }}"
    )
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.hide()
    return button


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def edged(painter: QPainter, area: QRect, align: Align, text: str, colour: str = "#ebebeb") -> None:
    """Text in an area, with a dark edge so that it is seen on anything."""
    if not text:
        return
    painter.setPen(QColor(0, 0, 0, 220))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        painter.drawText(area.translated(dx, dy), int(align), text)
    painter.setPen(QColor(colour))
    painter.drawText(area, int(align), text)


class CornersView(QWidget):
    """Lies over another widget, lets every click through, and draws `Corners`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("corners")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.corners = Corners()

    def show_corners(self, corners: Corners) -> None:
        """Show other texts."""
        if corners != self.corners:
            self.corners = corners
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's own name
        """Draw everything."""
        painter = QPainter(self)
        draw_corners(painter, self.rect(), self.corners)
        painter.end()
