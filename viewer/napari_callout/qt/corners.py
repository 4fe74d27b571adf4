"""What stands on a view: corner texts, orientation letters, the millimetre bar, and how much has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qtpy.QtCore import QLine, QPoint, QRect, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QPushButton, QStyle, QWidget

from napari_callout.panes.scene import Corners
from napari_callout.qt.look import DARK, px

BAR_LENGTHS_MM = (200, 100, 50, 20, 10, 5, 2, 1)
BAR_LENGTHS_PX = (5000, 2000, 1000, 500, *BAR_LENGTHS_MM)
PROGRESS_PIXELS, GAP = 3, 8
EDGE = 2  # pixels around a text
KEPT_TEXTS = 128
TEXT = "#ebebeb"
Align = Qt.AlignmentFlag


def bar_mm(pixels_per_mm: float, width: int, lengths: Sequence[int] = BAR_LENGTHS_MM) -> int:
    """The longest of the round lengths whose bar takes at most a quarter of the width.

    >>> bar_mm(2.0, 800)
    100
    """
    return next((mm for mm in lengths if mm * pixels_per_mm <= width / 4), lengths[-1])


def draw_corners(painter: QPainter, whole: QRect, shown: Corners) -> None:
    """Draw everything, white with a dark edge."""
    small, middle, bold = Letters.of(px(12)), Letters.of(px(15)), Letters.of(px(16), bold=True)
    area = whole.adjusted(8, 6, -8, -6)
    right = _cut(small, shown.top_right, area.width() // 2)
    left = _cut(small, shown.top_left, area.width() - _size(small, right)[0] - 2 * GAP)
    below = _cut(small, shown.bottom_left, area.width() * 3 // 4 - GAP if shown.pixels_per_mm > 0 else area.width())
    edged(painter, area, Align.AlignLeft | Align.AlignTop, left, small)
    edged(painter, area, Align.AlignRight | Align.AlignTop, right, small)
    edged(painter, area, Align.AlignLeft | Align.AlignBottom, below, small)
    free = area.width() // 2 - px(16)  # to the letters above and below
    inner = area.adjusted(0, _height(small, (left, right), free), 0, -_height(small, (below,), free))
    if shown.pixels_per_mm > 0:
        _bar(painter, area, shown.pixels_per_mm, shown.unit, small)
    edged(painter, area, Align.AlignCenter, shown.middle, middle)
    left, right, upper, lower = shown.edges
    edged(painter, area, Align.AlignLeft | Align.AlignVCenter, left, bold)
    edged(painter, area, Align.AlignRight | Align.AlignVCenter, right, bold)
    edged(painter, inner, Align.AlignHCenter | Align.AlignTop, upper, bold)
    edged(painter, inner, Align.AlignHCenter | Align.AlignBottom, lower, bold)
    if shown.done < 1:
        line = whole.adjusted(0, whole.height() - PROGRESS_PIXELS, 0, 0)
        painter.fillRect(line, QColor(DARK.line))
        line.setWidth(round(whole.width() * shown.done))
        painter.fillRect(line, QColor(DARK.quiet))


class Letters(NamedTuple):
    """Of which font and size: by this, what is written is kept."""

    font: str  # as Qt writes it
    pixels: int
    bold: bool

    @classmethod
    def of(cls, pixels: int, bold: bool = False) -> Letters:
        """Of the program's font."""
        return cls(QFont().toString(), pixels, bold)

    @property
    def made(self) -> QFont:
        """The font."""
        font = QFont()
        font.fromString(self.font)
        font.setPixelSize(self.pixels)
        font.setBold(self.bold)
        return font


@lru_cache(maxsize=KEPT_TEXTS)
def _size(letters: Letters, text: str) -> tuple[int, int]:
    """(width, height) of lines of text."""
    metrics = QFontMetrics(letters.made)
    lines = text.split("\n")
    return max(metrics.horizontalAdvance(line) for line in lines), metrics.lineSpacing() * len(lines)


def _height(letters: Letters, texts: Sequence[str], free: int) -> int:
    """How high those of the texts are that are wider than what is free."""
    sizes = (_size(letters, text) for text in texts)
    return max((height for width, height in sizes if width > free), default=0)


@lru_cache(maxsize=KEPT_TEXTS)
def _cut(letters: Letters, text: str, room: int) -> str:
    """Lines no wider than that, in pixels."""
    metrics = QFontMetrics(letters.made)
    return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in text.split("\n"))


def _bar(painter: QPainter, area: QRect, pixels_per_mm: float, unit: str, letters: Letters) -> None:
    mm = bar_mm(pixels_per_mm, area.width(), BAR_LENGTHS_MM if unit == "mm" else BAR_LENGTHS_PX)
    length, y = round(mm * pixels_per_mm), area.bottom() - 3
    ends = QPoint(area.right() - length, y), QPoint(area.right(), y)
    lines = [QLine(*ends), *(QLine(end - QPoint(0, 4), end + QPoint(0, 2)) for end in ends)]
    for colour, width in ((QColor(0, 0, 0, 200), 4), (QColor(235, 235, 235), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLines(lines)
    text = f"{mm // 10} cm" if unit == "mm" and mm >= 10 and mm % 10 == 0 else f"{mm} {unit}"
    edged(painter, area.adjusted(0, 0, 0, -12), Align.AlignRight | Align.AlignBottom, text, letters)


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


def edged(painter: QPainter, area: QRect, align: Align, text: str, letters: Letters, colour: str = TEXT) -> None:
    """Text in an area, with a dark edge so that it is seen on anything."""
    if not text:
        return
    image = _written(letters, text, align & Align.AlignHorizontal_Mask, colour, painter.device().devicePixelRatioF())
    size = image.deviceIndependentSize().toSize()
    place = QStyle.alignedRect(Qt.LayoutDirection.LeftToRight, align, size, area.adjusted(-EDGE, -EDGE, EDGE, EDGE))
    painter.drawImage(place.topLeft(), image)


@lru_cache(maxsize=KEPT_TEXTS)
def _written(letters: Letters, text: str, align: Align, colour: str, ratio: float) -> QImage:
    """Lines of text with their edge: to write them takes six times as long as to lay the picture of them down again."""
    font = letters.made
    room = QRect(QPoint(EDGE, EDGE), QFontMetrics(font).size(0, text))
    image = QImage(room.adjusted(-EDGE, -EDGE, EDGE, EDGE).size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor(0, 0, 0, 220))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        painter.drawText(room.translated(dx, dy), int(align | Qt.TextFlag.TextDontClip), text)
    painter.setPen(QColor(colour))
    painter.drawText(room, int(align | Qt.TextFlag.TextDontClip), text)
    painter.end()
    return image


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
