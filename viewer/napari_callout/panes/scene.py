"""All that a view draws, as values: greys, outlines, lines, words. Places are (row, column) of the plane. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from callout.geometry import Floats
from napari_callout.panes.grey import Greys
from napari_callout.panes.placement import Placement
from napari_callout.session.plane import Pixel


@dataclass(frozen=True, eq=False)
class Outline:
    """The border of a region: closed rings (n, 2), filled where `opacity` is above 0.

    dashed: it was drawn on another series, and is cut here or only laid over from there. lit: it is what is chosen or
    pointed at.
    """

    rings: tuple[Floats, ...]
    colour: str
    label: str = ""
    dashed: bool = False
    lit: bool = False
    opacity: float = 0.0


@dataclass(frozen=True, eq=False)
class Line:
    """A line through places (n, 2). width: screen pixels. edged: with a dark edge, so that it is seen on anything."""

    points: Floats
    colour: str
    width: float = 1.0
    dashed: bool = False
    closed: bool = False
    edged: bool = False


@dataclass(frozen=True)
class Words:
    """Words beside a place."""

    at: Pixel
    text: str
    colour: str = "#ebebeb"
    size: int = 13


@dataclass(frozen=True)
class Corners:
    """Texts for the corners and the middle, the letters (left, right, upper, lower), and screen pixels per mm.

    pixels_per_mm: 0 where no length can be told. unit: "px" where it is a picture's own pixels that are told.
    done: how much of what is shown is here, from 0 to 1.
    """

    top_left: str = ""
    top_right: str = ""
    bottom_left: str = ""
    middle: str = ""
    edges: tuple[str, str, str, str] = ("", "", "", "")
    pixels_per_mm: float = 0.0
    unit: str = "mm"
    done: float = 1.0


@dataclass(frozen=True, eq=False)
class Scene:
    """What a view draws. active: keys and tools mean this view. missing: a button finds its images.

    greys: (rows, columns), or of a picture its RGB (rows, columns, 3).
    """

    corners: Corners = field(default_factory=Corners)
    placement: Placement | None = None
    greys: Greys | None = None
    outlines: tuple[Outline, ...] = ()
    lines: tuple[Line, ...] = ()
    words: tuple[Words, ...] = ()
    active: bool = False
    missing: bool = False
