"""A picture of the report as a panel: what stands on it, in its own pixels, and how that is drawn.

Frame: (column, row) pixels of the upright picture, pixel centres at whole numbers. A picture states no size: on it
lengths have no value, angles do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from callout.errors import InputError
from callout.figures.checks import is_sane
from callout.figures.display import Bytes2D, Image
from callout.figures.panel import PanelDrawing, draw_over
from callout.figures.projection import Projection
from callout.figures.recipe import (
    Angle,
    Arrow,
    Arrowhead,
    Asterisk,
    Calipers,
    Callout,
    Ellipse,
    Overlay,
    Vector,
    View,
)
from callout.figures.window import picture_pixels
from callout.geometry import Grid

POINTS = {
    "callout": (1,), "asterisk": (1,), "arrow": (1, 2), "arrowhead": (1, 2), "calipers": (2,), "angle": (3,),
    "ellipse": (3,),
}  # fmt: skip
LONG_SIDE = 1000.0  # of a picture, in what stands for mm while it is drawn
Pixel = tuple[float, float]


@dataclass(frozen=True)
class PictureMark:
    """What stands on a picture.

    kind: callout, asterisk (beside the point), arrow, arrowhead (tip, and the other end where the author's hand put
        it), calipers (both ends), angle (the end of one arm, the vertex, the end of the other), ellipse (centre, and
        the ends of both half-axes). text: of a callout. size_pt: of what has letters.
    """

    kind: str
    points_px: tuple[Pixel, ...]
    text: str | None = None
    size_pt: float | None = None
    colour: str = "white"

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in POINTS:
            raise InputError(f"kind is {self.kind!r}, expected one of {', '.join(POINTS)}")
        counts, points = POINTS[self.kind], self.points_px
        if not isinstance(points, tuple) or len(points) not in counts or not all(_is_pixel(one) for one in points):
            wanted = " or ".join(map(str, counts))
            raise InputError(f"points_px is {points!r}, expected {wanted} pairs of (column, row)")
        self.overlay(1.0)  # what it refuses

    def overlay(self, mm_per_px: float) -> Overlay:
        """The same on a plane of such pixels, of which (0, 0) lies at the origin."""
        points = [(x * mm_per_px, y * mm_per_px, 0.0) for x, y in self.points_px]
        style: dict[str, Any] = {"colour": self.colour}
        if self.text is not None:
            if self.kind != "callout":
                raise InputError("text: only a callout has one")
            style["text"] = self.text
        if self.size_pt is not None:
            if self.kind.startswith("arrow") or self.kind == "ellipse":
                raise InputError(f"size_pt: an {self.kind} has no letters")
            style["size_pt"] = self.size_pt
        return overlay_of(self.kind, points, **{"text": "", **style} if self.kind == "callout" else style)


def overlay_of(kind: str, points: Sequence[Vector], **style: Any) -> Overlay:
    """What is drawn at points, LPS mm, as `PictureMark` has them."""
    first, *others = points
    if kind == "callout":
        return Callout(point_mm=first, **style)
    if kind == "asterisk":
        return Asterisk(point_mm=first, **style)
    if kind in ("arrow", "arrowhead"):
        return (Arrow if kind == "arrow" else Arrowhead)(tip_mm=first, from_mm=others[0] if others else None, **style)
    if kind == "calipers":
        return Calipers(ends_mm=(first, others[0]), **style)
    return (Angle if kind == "angle" else Ellipse)((first, others[0], others[1]), **style)


def draw_picture(
    marks: Sequence[PictureMark], rgb: Bytes2D, size: tuple[int, int], *, dpi: int, letter: str, smallest_pt: float
) -> PanelDrawing:
    """A picture, uint8 RGB (rows, columns, 3), with its marks, on a panel of `size` (width, height) pixels."""
    rows, columns = rgb.shape[:2]
    mm = LONG_SIDE / max(rows, columns)
    grid = Grid((1, rows, columns), np.zeros((1, 3)), np.array([0.0, mm, 0.0]), np.array([mm, 0.0, 0.0]))
    view = View(
        "picture",
        0,
        ((columns - 1) * mm / 2, (rows - 1) * mm / 2, 0.0),
        (max(columns * mm, 1.0), max(rows * mm, 1.0)),
        (0.5, 1.0),
        overlays=tuple(mark.overlay(mm) for mark in marks),
    )
    projection = Projection(grid, 0, view.centre_mm, view.extent_mm[0], size)
    picture = Image(picture_pixels(rgb, size), 0, 0)
    return draw_over(picture, view, projection, dpi=dpi, letter=letter, smallest_pt=smallest_pt)


def _is_pixel(point: Any) -> bool:
    return isinstance(point, tuple) and len(point) == 2 and all(map(is_sane, point))
