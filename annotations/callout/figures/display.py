"""The display list: what a figure shows, in order, before any back end draws it.

Frame: page pixels at the figure's dpi, x to the right, y down, (0, 0) the upper left corner of the panel (of a group:
of the page); the middle of the first pixel is (0.5, 0.5). Coordinates are rounded to 0.001, so that the same figure
gives the same list everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]
Point = tuple[float, float]
Contour = tuple[Point, ...]
Bytes2D = npt.NDArray[np.uint8]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0


@dataclass(frozen=True)
class Box:
    """A rectangle with upright sides, in page pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """(x, y) of its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, margin: float) -> Box:
        """The box with `margin` more on every side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def moved(self, x: float, y: float) -> Box:
        """The box, moved by (x, y)."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether `other` lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels placed on a panel.

    pixels: uint8 (rows, columns) grey or (rows, columns, 3) RGB.
    left, top: page pixels, whole.
    """

    pixels: Bytes2D
    left: int
    top: int


@dataclass(frozen=True)
class Path:
    """Polygons (closed) or lines. Fill first, then the dark edge (halo), then the stroke.

    widths are page pixels, 0 for none; halo_width is what shows on each side of the stroke or of the fill.
    dash: lengths of ink and gap in turn, page pixels; () for an unbroken line.
    opacity: of the fill, 1 for what hides all beneath it.
    overlay: which of its view's overlays it shows, from 0; None for what is no overlay.
    """

    contours: tuple[Contour, ...]
    closed: bool = True
    fill: Colour | None = None
    stroke: Colour | None = None
    width: float = 0.0
    dash: tuple[float, ...] = ()
    halo: Colour = BLACK
    halo_width: float = 0.0
    opacity: float = 1.0
    overlay: int | None = None


@dataclass(frozen=True)
class Text:
    """One line of text in the figure's own letters.

    x, y: where its baseline starts. size: of the letters (1 em), page pixels. halo_width: of the dark edge around them.
    overlay: as in Path.
    """

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    colour: Colour = WHITE
    halo: Colour = BLACK
    halo_width: float = 0.0
    overlay: int | None = None


Item = Image | Path | Text


@dataclass(frozen=True, eq=False)
class Group:
    """One panel: its place on the page, and what lies on it, in its own pixels and cut at its edges. alt: in words."""

    left: int
    top: int
    width: int
    height: int
    items: tuple[Item, ...]
    alt: str = ""


@dataclass(frozen=True, eq=False)
class Display:
    """A page: its size in pixels, dpi, the colour of the paper, the panels on it, and its alt text."""

    width: int
    height: int
    dpi: int
    groups: tuple[Group, ...]
    background: Colour = WHITE
    alt: str = ""


def rounded(value: float) -> float:
    """`value` rounded to 0.001, and never minus zero."""
    return round(float(value), 3) + 0.0


def contour(points: Iterable[Iterable[float]]) -> Contour:
    """(x, y) points as a contour with coordinates rounded to 0.001."""
    return tuple((rounded(x), rounded(y)) for x, y in points)


def pixels_of_points(points: float, dpi: int) -> float:
    """Page pixels of a length in typographic points (1/72 inch)."""
    return points * dpi / POINTS_PER_INCH


def pixels_of_mm(mm: float, dpi: int) -> int:
    """Whole page pixels nearest to a length on paper; at least one."""
    return max(1, math.floor(mm * dpi / MM_PER_INCH + 0.5))


def colour(name: str) -> Colour:
    """The colour of a name or of "#rrggbb". Raises KeyError or ValueError for what is neither.

    >>> colour("#ff8000"), colour("white")
    ((255, 128, 0), (255, 255, 255))
    """
    if name.startswith("#"):
        if not re.fullmatch("#[0-9a-fA-F]{6}", name):
            raise ValueError(f"{name} is no colour of the form #rrggbb")
        value = int(name[1:], 16)
        return value >> 16, value >> 8 & 255, value & 255
    return NAMED_COLOURS[name]


# Okabe and Ito's palette, told apart by people who see few colours, and the plain words that captions use.
NAMED_COLOURS: dict[str, Colour] = {
    "white": WHITE,
    "black": BLACK,
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "green": (0, 158, 115),
    "yellow": (240, 228, 66),
    "blue": (0, 114, 178),
    "vermilion": (213, 94, 0),
    "red": (220, 38, 38),
    "pink": (204, 121, 167),
}
