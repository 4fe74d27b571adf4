"""What stands on a panel, in pixels of the image it shows, as presentation states hold graphics (PS3.3 C.10.5).

Frame: (x, y) = (column, row), (0, 0) the outer corner of the first pixel and (1, 1) its opposite one: units PIXEL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from callout.case import Finding
from callout.case.contents import Contents
from callout.exports.figure_panels import FigurePanel
from callout.figures import font
from callout.figures.display import Colour, Path, Text
from callout.figures.recipe import Ellipse, Fill, Outline
from callout.geometry import Floats

MOST_POINTS = 8000  # of one line: a value of VR FL has 65,534 bytes at most in Explicit VR (PS3.5 7.1.2)
BEYOND = 1.0  # pixels that a marker may stand out of its image: it is drawn in there


@dataclass(frozen=True, eq=False)
class Graphic:
    """A line, a filled shape, or words.

    points: (n, 2) (x, y) of a line, closed where it ends as it begins; of words, where they begin above and end below
    as the panel shows them, and the middle.
    """

    points: Floats
    colour: Colour
    text: str = ""
    is_filled: bool = False
    is_marker: bool = True
    finding: Finding | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """The graphics of one colour, outlines apart from markers: words, and lines that a file can hold."""

    name: str
    colour: Colour
    words: list[Graphic] = field(default_factory=list)
    lines: list[Graphic] = field(default_factory=list)


def graphics_of(panel: FigurePanel, case: Contents) -> list[Graphic] | None:
    """The overlays of a panel that shows a native slice; None where its image can't hold them all."""
    if panel.native_slice is None:
        return None
    found = [graphic for item in panel.display.groups[0].items for graphic in _graphics(item, panel, case)]
    rows, columns = panel.series.grid.shape[1:]
    limits = np.array([columns, rows], np.float64)
    for graphic in found:
        if (graphic.points < -BEYOND).any() or (graphic.points > limits + BEYOND).any():
            return None
        np.clip(graphic.points, 0, limits, out=graphic.points)
    return found


def layers_of(graphics: Sequence[Graphic]) -> list[Layer]:
    """Graphics in layers, from the lowest to the one on top; none of their lines has more than MOST_POINTS."""
    layers: dict[tuple[bool, Colour], Layer] = {}
    for graphic in sorted(graphics, key=lambda one: one.is_marker):
        name = f"{'MARKERS' if graphic.is_marker else 'OUTLINES'} {len(layers) + 1}"
        layer = layers.setdefault((graphic.is_marker, graphic.colour), Layer(name, graphic.colour))
        if graphic.text:
            layer.words.append(graphic)
        else:
            layer.lines.extend(_pieces(graphic))
    return list(layers.values())


def _pieces(graphic: Graphic) -> list[Graphic]:
    """A line in pieces, each beginning where the one before ends."""
    points = graphic.points
    starts = range(0, max(len(points) - 1, 1), MOST_POINTS - 1)
    return [replace(graphic, points=points[start : start + MOST_POINTS]) for start in starts]


def _graphics(item: object, panel: FigurePanel, case: Contents) -> Iterator[Graphic]:
    """What one item of the display list is in a file: a tint is the border of what it tints."""
    if not isinstance(item, Path | Text) or item.overlay is None or panel.view is None:
        return
    overlay = panel.view.overlays[item.overlay]
    finding = case.finding(case.region(overlay.region_id).finding_id) if overlay.region_id else None
    if isinstance(item, Text):
        ink = font.ink(item.text, item.size, item.bold).moved(item.x, item.y)
        corners = [(ink.left, ink.top), (ink.right, ink.bottom), ink.centre]
        yield Graphic(on_image(panel, corners), item.colour, text=item.text, finding=finding)
        return
    is_marker = not isinstance(overlay, Outline | Fill | Ellipse)
    colour = item.fill or item.stroke
    assert colour is not None
    for line in item.contours:
        points = on_image(panel, [*line, line[0]] if item.closed else line)
        yield Graphic(points, colour, is_filled=is_marker and item.closed, is_marker=is_marker, finding=finding)


def on_image(panel: FigurePanel, places: npt.ArrayLike) -> Floats:
    """(n, 2) (x, y) of the image of panel pixels (n, 2)."""
    assert panel.projection is not None
    grid = panel.series.grid
    off = panel.projection.from_panel(places) - grid.origins[panel.native_slice]
    steps = grid.column_step, grid.row_step  # at right angles, as every image's (PS3.3 C.7.6.2.1.1)
    x, y = ((off * step).sum(axis=-1) / (step * step).sum() + 0.5 for step in steps)
    pixels: Floats = np.stack([x, y], -1).round(3)
    return pixels
