"""What one view of the window shows, and the ways to lay views out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Projection = Literal["max", "min", "mean"]
Vector = tuple[float, float, float]
Cell = tuple[int, int, int, int]  # row, column, and how many rows and columns it takes
Layout = tuple[Cell, ...]

LAYOUTS: dict[str, Layout] = {
    "1": ((0, 0, 1, 1),),
    "2": ((0, 0, 1, 1), (0, 1, 1, 1)),
    "4": ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)),
    "planes": ((0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)),
    "6": tuple((row, column, 1, 1) for row in (0, 1) for column in (0, 1, 2)),
}
LARGEST_ZOOM, SMALLEST_ZOOM = 40.0, 0.2
MARGIN = 0.98  # of a view that what is fitted into it takes
PICTURE = "picture "  # begins the id under which views know a picture of the report; a UID has no blank


@dataclass(frozen=True)
class Look:
    """A plane of a series, and how it is looked at.

    axis, at: the plane, as of `Plane`. zoom: 1 shows `field_mm` (height, width), or the whole plane where that is None.
    pan_mm: from the plane's middle to the view's, (down, across).
    slab_mm: how thick a slab is shown, along the axis; 0 for the plane alone. projection: what of the slab is shown.
    minus: the series that is subtracted. inverted: low values are white.
    Of a picture of the report `series_id` is its `picture_id`, and a mm is one of its pixels.
    """

    series_id: str
    axis: int
    at: int
    zoom: float = 1.0
    pan_mm: tuple[float, float] = (0.0, 0.0)
    field_mm: tuple[float, float] | None = None
    slab_mm: float = 0.0
    projection: Projection = "max"
    minus: str | None = None
    inverted: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it shows the values as they were taken, not a slab or a difference."""
        return not self.slab_mm and self.minus is None


def picture_id(name: str) -> str:
    """The id under which views know a picture of the report."""
    return PICTURE + name


def picture_name(series_id: str) -> str | None:
    """The name of the picture that views know by that id; None where it is a series."""
    return series_id.removeprefix(PICTURE) if is_picture(series_id) else None


def is_picture(series_id: str) -> bool:
    """Whether that is the id of a picture of the report, not of a series."""
    return series_id.startswith(PICTURE)


def layout_for(count: int) -> str:
    """The smallest layout that has room for so many views; the largest where none has."""
    return next((name for name in ("1", "2", "4", "6") if len(LAYOUTS[name]) >= count), "6")
