"""Outlines and lines on a view, in screen pixels.

Qt takes longer the more a path turns: seconds for a region full of holes. So what is closed is drawn side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from callout.geometry import Floats
from napari_callout.panes.placement import Placement
from napari_callout.panes.scene import Line, Outline
from napari_callout.panes.tint import Tint

DASH, GAP = 4.0, 3.0  # widths of the pen
TINTED = 0.4
EDGE, CLOSED_EDGE = 180, 120  # alpha of what is dark under a line; of what is closed the corners are drawn twice


def draw_outline(painter: QPainter, outline: Outline, placement: Placement) -> None:
    """The border of a region, and its inside where that is filled."""
    rings = [_placed(ring, placement) for ring in outline.rings]
    colour, width = QColor(outline.colour), 2.2 if outline.lit else 1.5
    if outline.opacity > 0:
        inside = QColor(colour)
        inside.setAlphaF(outline.opacity)
        painter.fillPath(_path(rings), inside)
    if outline.lit:
        _draw_sides(painter, rings, QPen(QColor(0, 0, 0, CLOSED_EDGE), 4.0), outline.dashed)
    _draw_sides(painter, rings, QPen(colour, width), outline.dashed)


def draw_line(painter: QPainter, line: Line, placement: Placement) -> None:
    """A line, or a closed one, with its dark edge."""
    points = _placed(line.points, placement)
    pens = [QPen(QColor(line.colour), line.width)]
    if line.edged:
        pens.insert(0, QPen(QColor(0, 0, 0, CLOSED_EDGE if line.closed else EDGE), line.width + 2))
    for pen in pens:
        if line.closed:
            _draw_sides(painter, [points], pen, line.dashed)
            continue
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if line.dashed:
            pen.setDashPattern([DASH, GAP])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(polygon(points))


def draw_tint(painter: QPainter, tint: Tint, placement: Placement) -> None:
    """Pixels in a colour that the picture is seen through."""
    (left, top), (down, across) = placement.corner, placement.step
    rows, columns = tint.bits.shape
    numbers = np.ascontiguousarray(tint.bits, np.uint8)
    image = QImage(numbers.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    inside = QColor(tint.colour)
    inside.setAlphaF(TINTED)
    image.setColorTable([0, inside.rgba()])
    painter.drawImage(QRectF(left, top, columns * across, rows * down), image)


def polygon(points: Floats) -> QPolygonF:
    """Of (x, y) points (n, 2)."""
    return QPolygonF([QPointF(*point) for point in points.tolist()])


def area_of(line: Line, placement: Placement) -> QPolygonF:
    """The screen pixels that a line goes through."""
    return polygon(_placed(line.points, placement))


def _placed(points: Floats, placement: Placement) -> Floats:
    """(x, y) screen pixels of (row, column) places."""
    (left, top), (down, across) = placement.corner, placement.step
    return np.column_stack([left + (points[:, 1] + 0.5) * across, top + (points[:, 0] + 0.5) * down])


def _path(rings: Sequence[Floats]) -> QPainterPath:
    path = QPainterPath()
    for ring in rings:
        path.addPolygon(polygon(ring))
        path.closeSubpath()
    return path


def _draw_sides(painter: QPainter, rings: Sequence[Floats], pen: QPen, dashed: bool) -> None:
    if not rings:
        return
    painter.setPen(pen)
    sides = sides_of(rings)
    painter.drawLines([QLineF(*side) for side in (dashes(sides, pen.widthF()) if dashed else sides).tolist()])


def sides_of(rings: Sequence[Floats]) -> Floats:
    """(n, 4) x, y to x, y of the sides of closed rings (m, 2), one ring after the other."""
    return np.concatenate([np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings])


def dashes(sides: Floats, width: float) -> Floats:
    """(n, 4) the parts of sides that a dashed pen of that width draws, on from one side to the next.

    >>> dashes(np.array([[0.0, 0, 10, 0]]), 1.0).tolist()
    [[0.0, 0.0, 4.0, 0.0], [7.0, 0.0, 10.0, 0.0]]
    """
    lengths = np.hypot(*(sides[:, 2:] - sides[:, :2]).T)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    period = (DASH + GAP) * width
    first, last = (np.floor(along / period).astype(np.intp) for along in (starts, ends))
    side = np.repeat(np.arange(len(sides)), last - first + 1)
    number = np.arange(len(side)) - np.repeat(np.cumsum(last - first + 1) - (last - first + 1), last - first + 1)
    begin = (first[side] + number) * period
    low, high = np.maximum(starts[side], begin), np.minimum(ends[side], begin + DASH * width)
    side, low, high = (values[low < high] for values in (side, low, high))
    origin, way = sides[side, :2], (sides[side, 2:] - sides[side, :2]) / lengths[side, None]
    return np.hstack([origin + way * (at - starts[side])[:, None] for at in (low, high)])
