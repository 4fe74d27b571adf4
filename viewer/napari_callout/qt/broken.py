"""A text of the report broken into lines, in the widths that are asked for: once in each, for a long text takes time.

Frame: pixels, x to the right, y down, (0, 0) the text's upper left corner.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

from napari_callout.qt.spelled import Span, format_of

LEADING = 1.45  # of a line, times the height of its letters
NARROWEST = 20
KEPT = 2  # widths
WRAPPED = QTextOption()
WRAPPED.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # no end of a long word is lost
LONG = 20_000  # letters: in a width that is only asked for, its height is told about


class Broken:
    """A text with its chips, in a font."""

    def __init__(self, text: str, spans: Sequence[Span], font: QFont) -> None:
        self._text, self._spans, self._font = text, spans, font
        self._starts = [span.start for span in spans]
        self._layouts: dict[int, QTextLayout] = {}
        self._heights: dict[int, int] = {}

    def layout(self, width: int) -> QTextLayout:
        """The text as it is broken in a width."""
        width = max(width, NARROWEST)
        if width not in self._layouts:
            layout = QTextLayout(self._text, self._font)
            layout.setTextOption(WRAPPED)
            layout.setFormats([format_of(span) for span in self._spans])
            self._heights[width] = round(_break(layout, width))
            self._layouts = {**dict(list(self._layouts.items())[1 - KEPT :]), width: layout}
        return self._layouts[width]

    def height(self, width: int) -> int:
        """Of all lines."""
        width = max(width, NARROWEST)
        if width not in self._heights:
            self.layout(width)
        return self._heights[width]

    def about(self, width: int) -> int:
        """The same; of a long text that was not broken in this width yet, about that."""
        width = max(width, NARROWEST)
        if width in self._heights or len(self._text) < LONG:
            return self.height(width)
        if self._heights:
            known, height = next(reversed(self._heights.items()))
            return round(height * known / width)
        metrics = QFontMetricsF(self._font)
        return round(len(self._text) * metrics.averageCharWidth() / width * metrics.height() * LEADING)

    def spans_between(self, top: float, bottom: float, width: int) -> list[Span]:
        """The chips of the lines between two heights, and of those next to them."""
        layout = self.layout(width)
        count = layout.lineCount()
        if not count:
            return []
        first, last = (
            bisect_left(range(count), round(y), key=lambda number: round(layout.lineAt(number).y()))
            for y in (top, bottom)
        )
        begin, line = layout.lineAt(max(first - 2, 0)).textStart(), layout.lineAt(min(last + 1, count - 1))
        start = max(bisect_right(self._starts, begin) - 1, 0)  # the chip before may go on here
        return list(self._spans[start : bisect_left(self._starts, line.textStart() + line.textLength())])

    def rects(self, span: Span, width: int) -> list[QRectF]:
        """Where a chip stands, a rectangle a line, with room around its letters."""
        rects, layout = [], self.layout(width)
        at = layout.lineForTextPosition(span.start).lineNumber() if layout.lineCount() else 0
        for line in (layout.lineAt(number) for number in range(at, layout.lineCount())):
            first, last = line.textStart(), line.textStart() + line.textLength()
            if first >= span.end:
                break
            a, b = _x(line, max(span.start, first)), _x(line, min(span.end, last))
            written = line.naturalTextRect()  # without the space at the end of a broken line
            left, right = max(min(a, b), written.left()), min(max(a, b), written.right())
            rects.append(QRectF(left, line.y(), right - left, line.height()).adjusted(-2, -1, 2, 1))
        return rects


def _x(line: object, cursor: int) -> float:
    """The x of a cursor position; some bindings give the position back beside it."""
    found = line.cursorToX(cursor)  # type: ignore[attr-defined]
    return float(found[0] if isinstance(found, tuple) else found)


def _break(layout: QTextLayout, width: int) -> float:
    """Break the text into lines; gives the height of all."""
    y = 0.0
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        height = line.height()
        line.setPosition(QPointF(0, y + height * (LEADING - 1) / 2))
        y += height * LEADING
    layout.endLayout()
    return y
