"""The recipe of a figure: what each panel shows and what is drawn on it, as frozen records and as TOML.

Frame: LPS, millimetres. The same recipe, inputs and versions give the same pixels. A message about a bad recipe names
the key, as `panels[0].view.window`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from callout.errors import InputError
from callout.figures import checks

if TYPE_CHECKING:
    from callout.figures.picture import PictureMark

Interpolation = Literal["cubic", "nearest"]
Dash = Literal["solid", "dashed", "dotted"]
Plane = Literal["native", "axial", "coronal", "sagittal", "oblique"]
SlabProjection = Literal["mean", "max", "min"]
Vector = tuple[float, float, float]

DPI_LIMITS = (30, 2400)
WIDTH_LIMITS_MM = (5.0, 1000.0)
SMALLEST_PT = 6.0  # what a reader can still read in print
MOST_SHIFT_MM = 500.0


@dataclass(frozen=True)
class Outline:
    """The border of a region. width_pt: points on the page. dash: tells regions apart without colour."""

    kind: ClassVar[str] = "outline"
    region_id: str
    colour: str = "white"
    width_pt: float = 1.0
    dash: Dash = "solid"

    def __post_init__(self) -> None:
        checks.name(self.region_id, "region_id")
        checks.colour(self.colour, "colour")
        checks.number(self.width_pt, "width_pt", 0.1, 20)
        checks.choice(self.dash, "dash", ("solid", "dashed", "dotted"))


@dataclass(frozen=True)
class Fill:
    """The inside of a region, tinted. opacity: 0 (nothing) to 1 (only the colour)."""

    kind: ClassVar[str] = "fill"
    region_id: str
    colour: str = "yellow"
    opacity: float = 0.3

    def __post_init__(self) -> None:
        checks.name(self.region_id, "region_id")
        checks.colour(self.colour, "colour")
        checks.number(self.opacity, "opacity", 0.01, 1)


@dataclass(frozen=True)
class Calipers:
    """A measured length with its value: between two points, or a region's longest diameter on the section.

    ends_mm: LPS, on the section. short: also the longest diameter across the first. size_pt: of the value.
    """

    kind: ClassVar[str] = "calipers"
    region_id: str | None = None
    ends_mm: tuple[Vector, Vector] | None = None
    short: bool = False
    size_pt: float = 7.0
    colour: str = "white"

    def __post_init__(self) -> None:
        checks.one_anchor(self, "region_id", "ends_mm")
        checks.marker(self)
        checks.points(self.ends_mm, "ends_mm", 2)
        checks.number(self.size_pt, "size_pt", SMALLEST_PT, 72)
        checks.flag(self.short, "short")
        if self.short and self.region_id is None:
            raise InputError("short: two points have no diameter across them")


@dataclass(frozen=True)
class Ellipse:
    """An ellipse: points_mm are its centre and the ends of both half-axes, LPS."""

    kind: ClassVar[str] = "ellipse"
    points_mm: tuple[Vector, Vector, Vector]
    colour: str = "white"
    width_pt: float = 1.0
    region_id: ClassVar[None] = None

    def __post_init__(self) -> None:
        checks.points(self.points_mm, "points_mm", 3)
        checks.colour(self.colour, "colour")
        checks.number(self.width_pt, "width_pt", 0.1, 20)


@dataclass(frozen=True)
class Angle:
    """An angle with its value: points_mm are the end of one arm, the vertex, and the end of the other, LPS."""

    kind: ClassVar[str] = "angle"
    points_mm: tuple[Vector, Vector, Vector]
    size_pt: float = 7.0
    colour: str = "white"
    region_id: ClassVar[None] = None

    def __post_init__(self) -> None:
        checks.points(self.points_mm, "points_mm", 3)
        if self.points_mm[1] in (self.points_mm[0], self.points_mm[2]):
            raise InputError("points_mm: an arm of the angle has no length")
        checks.number(self.size_pt, "size_pt", SMALLEST_PT, 72)
        checks.colour(self.colour, "colour")


@dataclass(frozen=True)
class Callout:
    """A number or letter in or beside a region, or beside a point.

    point_mm: LPS, what it names where there is no region. place_mm: LPS, where an author's hand put its middle; that
    wins over any layout. repeat: also on the region's other parts that are at least a quarter as large as the largest.
    """

    kind: ClassVar[str] = "callout"
    text: str
    region_id: str | None = None
    point_mm: Vector | None = None
    place_mm: Vector | None = None
    size_pt: float = 10.0
    colour: str = "white"
    repeat: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip() or not self.text.isprintable():
            raise InputError(f"text is {self.text!r}, expected a number, a letter or a word")
        checks.one_anchor(self, "region_id", "point_mm", "place_mm")
        checks.marker(self, "point_mm", "place_mm")
        checks.number(self.size_pt, "size_pt", SMALLEST_PT, 72)
        checks.flag(self.repeat, "repeat")


@dataclass(frozen=True)
class Asterisk:
    """An asterisk in or just beside a region or a point; fields as in Callout."""

    kind: ClassVar[str] = "asterisk"
    region_id: str | None = None
    point_mm: Vector | None = None
    place_mm: Vector | None = None
    size_pt: float = 14.0
    colour: str = "white"

    def __post_init__(self) -> None:
        checks.one_anchor(self, "region_id", "point_mm", "place_mm")
        checks.marker(self, "point_mm", "place_mm")
        checks.number(self.size_pt, "size_pt", SMALLEST_PT, 72)


@dataclass(frozen=True)
class Arrow:
    """An arrow whose tip lies just outside a region's border, or at a point.

    tip_mm: LPS, where the tip points. from_mm: LPS, where the author's hand put its other end.
    angle_deg: the side it comes from on the page, anticlockwise from the right (90: from above).
    What is left out is chosen by the layout.
    """

    kind: ClassVar[str] = "arrow"
    region_id: str | None = None
    tip_mm: Vector | None = None
    from_mm: Vector | None = None
    angle_deg: float | None = None
    colour: str = "white"

    def __post_init__(self) -> None:
        checks.one_anchor(self, "region_id", "tip_mm")
        checks.marker(self, "tip_mm", "from_mm")
        if self.angle_deg is not None:
            checks.number(self.angle_deg, "angle_deg", -360, 360)
        if self.from_mm is not None and self.angle_deg is not None:
            raise InputError("from_mm and angle_deg both say where the arrow comes from, expected one of them")


@dataclass(frozen=True)
class Arrowhead(Arrow):
    """A short solid triangle; fields as in Arrow."""

    kind: ClassVar[str] = "arrowhead"


Overlay = Outline | Fill | Callout | Asterisk | Arrow | Arrowhead | Calipers | Angle | Ellipse
OVERLAYS: dict[str, type[Overlay]] = {
    c.kind: c for c in (Outline, Fill, Callout, Asterisk, Arrow, Arrowhead, Calipers, Angle, Ellipse)
}


@dataclass(frozen=True)
class View:
    """What a panel shows of a series.

    slice: k of the native slice, from 0; None where `plane` is not native.
    centre_mm: LPS, of the panel, taken onto the slice along its normal; a reformat goes through it.
    extent_mm: (width, height) of the patient that the panel shows. window: (centre, width), values after rescale.
    plane: native slices, or a reformat along a plane of the body, or an oblique one: through three points
        (points_mm, LPS), or along a region's two longest directions (along).
    right: LPS, the direction that runs to the right on an oblique plane, where it is not as on the nearest body plane.
    slab_mm: how thick; 0 for one plane. projection: what of the slab is shown: its mean, max (MIP) or min (MinIP).
    minus: the series that is subtracted, of those that can be compared. shift_mm: LPS, by which it is moved first.
    inverted: black for white.
    """

    series_id: str
    slice: int | None
    centre_mm: Vector
    extent_mm: tuple[float, float]
    window: tuple[float, float]
    interpolation: Interpolation = "cubic"
    scale_bar: bool = False
    letters: bool = False
    overlays: tuple[Overlay, ...] = ()
    plane: Plane = "native"
    points_mm: tuple[Vector, Vector, Vector] | None = None
    along: str | None = None
    slab_mm: float = 0.0
    projection: SlabProjection = "mean"
    minus: str | None = None
    shift_mm: Vector = (0.0, 0.0, 0.0)
    right: Vector | None = None
    inverted: bool = False

    def __post_init__(self) -> None:
        checks.name(self.series_id, "series_id")
        checks.vector(self.centre_mm, "centre_mm", 3)
        checks.vector(self.extent_mm, "extent_mm", 2)
        checks.vector(self.window, "window", 2)
        for part in self.extent_mm:
            checks.number(part, "extent_mm", 1, 10_000)
        if self.window[1] <= 0:
            raise InputError(f"window is {self.window}, expected (centre, width) with a width above 0")
        checks.choice(self.interpolation, "interpolation", ("cubic", "nearest"))
        for flag in ("scale_bar", "letters", "inverted"):
            checks.flag(getattr(self, flag), flag)
        checks.choice(self.plane, "plane", ("native", "axial", "coronal", "sagittal", "oblique"))
        checks.number(self.slab_mm, "slab_mm", 0, 500)
        checks.choice(self.projection, "projection", ("mean", "max", "min"))
        if self.minus is not None:
            checks.name(self.minus, "minus")
        checks.vector(self.shift_mm, "shift_mm", 3)
        for part in self.shift_mm:
            checks.number(part, "shift_mm", -MOST_SHIFT_MM, MOST_SHIFT_MM)
        if any(self.shift_mm) and self.minus is None:
            raise InputError("shift_mm moves what is subtracted, and there is no minus")
        self._check_plane()

    def _check_plane(self) -> None:
        """A native view has a slice, an oblique one its points or its region, the others neither."""
        if self.plane == "native":
            checks.whole(self.slice, "slice", 0, 10**6)
        elif self.slice is not None:
            raise InputError("slice: a reformat has none, its place is centre_mm")
        if (self.plane == "oblique") != (self.points_mm is not None or self.along is not None):
            raise InputError("points_mm and along: an oblique plane has one of them, others have none")
        if self.points_mm is not None and self.along is not None:
            raise InputError("points_mm and along both say how the plane lies, expected one of them")
        if self.along is not None:
            checks.name(self.along, "along")
        checks.points(self.points_mm, "points_mm", 3)
        if self.right is not None:
            checks.vector(self.right, "right", 3)
            if self.plane != "oblique":
                raise InputError("right: only an oblique plane has one")


@dataclass(frozen=True)
class Panel:
    """One picture of a figure: a view of a series, or `picture`, the name of an image file of the case.

    marks: what stands on the picture. letter: "a", "b" … or "" for none. alt: what it shows in words, "" to have it
        made from the view.
    """

    letter: str = ""
    view: View | None = None
    picture: str | None = None
    alt: str = ""
    marks: tuple[PictureMark, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.letter, str) or len(self.letter) > 4 or not self.letter.isprintable():
            raise InputError(f"letter is {self.letter!r}, expected at most 4 letters")
        if (self.view is None) == (self.picture is None):
            raise InputError("view and picture: expected one of them")
        if self.picture is not None:
            checks.name(self.picture, "picture")
        elif self.marks:
            raise InputError("marks: only a picture has them, a view has overlays")
        checks.text(self.alt, "alt")


@dataclass(frozen=True)
class Recipe:
    """A figure: its label ("1"), caption, width on the page, dpi, and its panels on rows of `columns` each.

    smallest_pt: of the letters that stand on every panel (directions, scale, what is not native).
    """

    label: str
    caption: str
    width_mm: float
    dpi: int
    panels: tuple[Panel, ...]
    columns: int = 2
    gap_mm: float = 1.0
    background: Literal["white", "black"] = "white"
    smallest_pt: float = SMALLEST_PT

    def __post_init__(self) -> None:
        checks.text(self.label, "label")
        checks.text(self.caption, "caption")
        checks.number(self.width_mm, "width_mm", *WIDTH_LIMITS_MM)
        checks.whole(self.dpi, "dpi", *DPI_LIMITS)
        checks.whole(self.columns, "columns", 1, 20)
        checks.number(self.gap_mm, "gap_mm", 0, 50)
        checks.number(self.smallest_pt, "smallest_pt", SMALLEST_PT, 72)
        checks.choice(self.background, "background", ("white", "black"))
        if not self.panels:
            raise InputError("panels: expected at least one")
        if self.width_mm - (self.columns - 1) * self.gap_mm < 2.0 * self.columns:
            raise InputError(f"width_mm of {self.width_mm:g} leaves no room for {self.columns} panels in a row")
