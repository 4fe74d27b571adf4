"""A picture of the report in a view: its colours, and what is told of it in pixels, since it has no millimetres."""

from __future__ import annotations

import numpy as np

from callout.volume import Series
from napari_callout.panes.placement import Placement
from napari_callout.panes.scene import Corners
from napari_callout.panes.touch import Touch
from napari_callout.session.look import Look
from napari_callout.session.report_pictures import Colours

NO_SIZE = "lengths in pixels: a picture states no size"


def picture_corners(series: Series, look: Look, placement: Placement, wordless: bool) -> Corners:
    """Which picture it is, how large, and how it is looked at; the bar is in pixels."""
    _, rows, columns = series.grid.shape
    how = [*(("inverted",) if look.inverted else ()), f"zoom {look.zoom:.0%}"]
    return Corners(
        top_left="" if wordless else f"{series.title}\n{columns} × {rows} px",
        top_right="" if wordless else "\n".join(how),
        bottom_left="" if wordless else NO_SIZE,
        pixels_per_mm=placement.scale,
        unit="px",
    )


def shown_colours(colours: Colours, look: Look) -> Colours:
    """uint8 RGB (rows, columns, 3) as a view shows them."""
    inverted: Colours = np.subtract(255, colours, dtype=np.uint8)
    return inverted if look.inverted else colours


def pixel_text(colours: Colours, touch: Touch) -> str:
    """The pixel under the hand, column and row from 0, and its colour, or its grey where it has none; "" outside."""
    row, column = (int(np.floor(part + 0.5)) for part in touch.place)
    if not (0 <= row < colours.shape[0] and 0 <= column < colours.shape[1]):
        return ""
    red, green, blue = (int(part) for part in colours[row, column])
    value = f"grey {red}" if red == green == blue else f"RGB {red} {green} {blue}"
    return f"{value}    column {column}  row {row} px"
