"""What stands on the picture: corner texts, orientation letters, the millimetre bar; over the canvas, never in it."""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QPushButton, QWidget

from napari_callout.qt.look import LINE, QUIET, RAISED, TEXT

BAR_LENGTHS_MM = (200, 100, 50, 20, 10, 5, 2, 1)
PROGRESS_PIXELS = 3
Align = Qt.AlignmentFlag


@dataclass(frozen=True)
class Corners:
    """Texts for the corners and the middle, the letters (left, right, upper, lower), and screen pixels per mm.

    done: how much of what is shown is here, from 0 to 1: a thin line under the picture until it is all.
    """

    top_left: str = ""
    bottom_left: str = ""
    middle: str = ""
    edges: tuple[str, str, str, str] = ("", "", "", "")
    pixels_per_mm: float = 0.0
    done: float = 1.0


def bar_mm(pixels_per_mm: float, width: int) -> int:
    """The longest round length whose bar takes at most a quarter of the width.

    >>> bar_mm(2.0, 800)
    100
    """
    return next((mm for mm in BAR_LENGTHS_MM if mm * pixels_per_mm <= width / 4), BAR_LENGTHS_MM[-1])


class CornersView(QWidget):
    """Lies over the canvas, lets every click through, and draws `Corners`."""

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
        """Draw everything, white with a dark edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        area = self.rect().adjusted(10, 8, -10, -8)
        shown = self.corners
        painter.setFont(_font(12))
        _edged(painter, area, Align.AlignLeft | Align.AlignTop, shown.top_left)
        _edged(painter, area, Align.AlignLeft | Align.AlignBottom, shown.bottom_left)
        if shown.pixels_per_mm > 0:
            self._bar(painter, area)
        painter.setFont(_font(16))
        _edged(painter, area, Align.AlignCenter, shown.middle)
        left, right, upper, lower = shown.edges
        painter.setFont(_font(17, bold=True))
        _edged(painter, area, Align.AlignLeft | Align.AlignVCenter, left)
        _edged(painter, area, Align.AlignRight | Align.AlignVCenter, right)
        _edged(painter, area, Align.AlignHCenter | Align.AlignTop, upper)
        _edged(painter, area, Align.AlignHCenter | Align.AlignBottom, lower)
        if shown.done < 1:
            line = self.rect().adjusted(0, self.height() - PROGRESS_PIXELS, 0, 0)
            painter.fillRect(line, QColor(LINE))
            line.setWidth(round(self.width() * shown.done))
            painter.fillRect(line, QColor(QUIET))
        painter.end()

    def _bar(self, painter: QPainter, area: QRect) -> None:
        mm = bar_mm(self.corners.pixels_per_mm, self.width())
        length, y = round(mm * self.corners.pixels_per_mm), area.bottom() - 3
        ends = QPoint(area.right() - length, y), QPoint(area.right(), y)
        for colour, width in ((QColor(0, 0, 0, 200), 4), (QColor(235, 235, 235), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(*ends)
            for end in ends:
                painter.drawLine(end - QPoint(0, 4), end + QPoint(0, 2))
        text = f"{mm // 10} cm" if mm >= 10 and mm % 10 == 0 else f"{mm} mm"
        _edged(painter, area.adjusted(0, 0, 0, -12), Align.AlignRight | Align.AlignBottom, text)


def find_button(parent: QWidget) -> QPushButton:
    """The button in the place of a picture whose images are not there."""
    button = QPushButton("Find images…", parent)
    button.setStyleSheet(
        f"QPushButton {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; border-radius: 3px; "
        f"padding: 5px 14px; }} QPushButton:hover {{ border-color: {QUIET}; }}"
    )
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.hide()
    return button


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def _edged(painter: QPainter, area: QRect, align: Align, text: str) -> None:
    if not text:
        return
    painter.setPen(QColor(0, 0, 0, 220))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        painter.drawText(area.translated(dx, dy), int(align), text)
    painter.setPen(QColor(235, 235, 235))
    painter.drawText(area, int(align), text)
