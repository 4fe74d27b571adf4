"""One panel of a figure: the slice in grey, and what a view asks to be drawn on it.

Frame: panel pixels, x to the right, y down; sizes of letters and lines are typographic points on the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.figures import font, recipe, shapes
from callout.figures.display import Box, Image, Item, Path, Point, Text, colour, contour, pixels_of_points
from callout.figures.layout import Label, Marker, Placement, Pointer, lay_out
from callout.figures.outline import outlines
from callout.figures.projection import Projection
from callout.figures.section import Section, slice_grid
from callout.figures.window import panel_grey
from callout.masks import Mask as RegionMask
from callout.masks import measure

Mask = npt.NDArray[np.bool_]
Labelled = recipe.Callout | recipe.Asterisk
Marking = recipe.Callout | recipe.Asterisk | recipe.Arrow  # what the layout finds a place for

DASHES_PT: dict[str, tuple[float, ...]] = {"solid": (), "dashed": (4.0, 2.5), "dotted": (1.2, 1.6)}
OUTLINE_EDGE_PT = 0.35
FAR = 10  # panels away: points beyond are no further off
CELL_PT = 1.0  # of the board on which markers are laid out


@dataclass(frozen=True, eq=False)
class PanelDrawing:
    """What lies on a panel, and, in words, what could not be drawn on it."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()


def render_view(
    view: recipe.View,
    section: Section,
    masks: Mapping[str, Mask],
    *,
    size: tuple[int, int],
    dpi: int,
    letter: str = "",
    smallest_pt: float = recipe.SMALLEST_PT,
) -> PanelDrawing:
    """Draws a view on a panel.

    section: the pixels that the view shows. masks: by region id, bool (rows, columns) on it.
    size: (width, height) of the panel in pixels; its width shows the view's width. smallest_pt: of letters.
    Raises InputError where pixels or masks do not have the grid's shape.
    """
    grid, pixels = section.grid, section.values
    for name, array in (("pixels", pixels), *masks.items()):
        if array.shape != grid.shape[1:]:
            raise InputError(f"{name} of slice {section.k} has shape {array.shape}, expected {grid.shape[1:]}")
    projection = Projection(grid, section.k, view.centre_mm, view.extent_mm[0], size)
    rows, columns = projection.positions()
    cubic = view.interpolation == "cubic"
    picture = panel_grey(projection.upright(pixels), rows, columns, view.window, inverted=section.inverted, cubic=cubic)
    drawing = _Drawing(view, projection, masks, dpi, letter, section.label, smallest_pt, section.measurable)
    return drawing.drawn(Image(picture, 0, 0))


def draw_over(
    picture: Image, view: recipe.View, projection: Projection, *, dpi: int, letter: str, smallest_pt: float
) -> PanelDrawing:
    """Draws a view's overlays on a picture that is no section of a series: no length means anything on it."""
    return _Drawing(view, projection, {}, dpi, letter, "", smallest_pt, False, True).drawn(picture)


@dataclass(frozen=True)
class _Measured:
    """A length or an angle on the panel: its points in panel pixels, two or three, and its value in words.

    words: "" on images whose sizes mean nothing: the line alone is drawn there.
    """

    overlay: recipe.Calipers | recipe.Angle
    points: tuple[Point, ...]
    words: str


@dataclass(frozen=True, eq=False)
class _Drawing:
    """One run over a view's overlays."""

    view: recipe.View
    projection: Projection
    masks: Mapping[str, Mask]
    dpi: int
    letter: str
    label: str
    smallest_pt: float
    measurable: bool
    square: bool = False  # its pixels are, so that an angle has its value all the same

    def drawn(self, picture: Image) -> PanelDrawing:
        items: list[Item] = [picture]
        for kind in (recipe.Fill, recipe.Outline, recipe.Ellipse):
            areas = [(o, self._area(o)) for o in self.view.overlays if isinstance(o, kind)]
            items += [self._of(overlay, path) for overlay, path in areas if path is not None]
        fixed, obstacles = self._furniture()
        items += fixed
        measured = [
            one
            for o in self.view.overlays
            if isinstance(o, recipe.Calipers | recipe.Angle)
            for one in self._measured(o)
        ]
        cell = max(1, round(self._pixels(CELL_PT)))
        for one in measured:
            draw = shapes.angle if isinstance(one.overlay, recipe.Angle) else shapes.calipers
            items.append(self._of(one.overlay, draw(one.points, colour(one.overlay.colour), self.dpi)))
            obstacles += [box for start, end in pairwise(one.points) for box in _along(start, end, cell)]
        overlays = [o for o in self.view.overlays if isinstance(o, Marking)]
        measured = [one for one in measured if one.words]
        markers = [*(self._marker(o) for o in overlays), *(self._value(one) for one in measured)]
        placed = lay_out(self.projection.size, cell, self._regions(cell), markers, [*obstacles, *self._points(cell)])
        values = [one for one in placed if one.index >= len(overlays)]
        placed = tuple(one for one in placed if one.index < len(overlays))
        for placement in values:
            one = measured[placement.index - len(overlays)]
            items.append(self._of(one.overlay, self._drawn_value(one, placement)))
        for placement in placed:
            overlay = overlays[placement.index]
            drawn = self._drawn_marker(overlay, markers[placement.index], placement)
            items += [self._of(overlay, item) for item in drawn]
        return PanelDrawing(tuple(items), tuple(self._notes(placed, overlays)))

    def _of(self, overlay: recipe.Overlay, item: Path | Text) -> Path | Text:
        """An item that says which overlay it shows."""
        return replace(item, overlay=self.view.overlays.index(overlay))

    def _pixels(self, points: float) -> float:
        return pixels_of_points(points, self.dpi)

    def _on_panel(self, point_mm: recipe.Vector | None) -> Point | None:
        if point_mm is None:
            return None
        width, height = self.projection.size
        x, y = self.projection.to_panel(point_mm).tolist()
        return min(max(x, -FAR * width), FAR * width), min(max(y, -FAR * height), FAR * height)

    def _area(self, overlay: recipe.Overlay) -> Path | None:
        """The path of an outline, a fill or an ellipse; None where its region is not on the section."""
        if isinstance(overlay, recipe.Ellipse):
            centre, first, second = (self.projection.to_panel(point).tolist() for point in overlay.points_mm)
            return shapes.ellipse(centre, first, second, colour(overlay.colour), overlay.width_pt, self.dpi)
        if overlay.region_id not in self.masks:
            return None
        if isinstance(overlay, recipe.Fill):
            rings = outlines(self.masks[overlay.region_id], smooth=self.view.interpolation == "cubic")
            placed = tuple(contour(self.projection.voxels_to_panel(ring).tolist()) for ring in rings)
            return Path(placed, fill=colour(overlay.colour), opacity=overlay.opacity)
        return self._outline(overlay) if isinstance(overlay, recipe.Outline) else None

    def _measured(self, overlay: recipe.Calipers | recipe.Angle) -> list[_Measured]:
        """What calipers or an angle measure: their points on the panel, and the value."""
        if isinstance(overlay, recipe.Angle):
            return [self._value_of(overlay, overlay.points_mm, shapes.angle_in_words(overlay.points_mm))]
        if overlay.ends_mm is not None:
            ends = [overlay.ends_mm]
        elif overlay.region_id is not None and overlay.region_id in self.masks:
            mask = RegionMask.from_array(self.masks[overlay.region_id][None])
            measures = measure(mask, slice_grid(self.projection.grid, self.projection.slice))
            assert measures is not None
            ends = [measures.long_axis_ends, *([measures.short_axis_ends] if overlay.short else [])]
        else:
            return []
        return [self._value_of(overlay, pair, shapes.length_in_words(math.dist(*pair))) for pair in ends]

    def _value_of(
        self, overlay: recipe.Calipers | recipe.Angle, points_mm: Sequence[recipe.Vector], words: str
    ) -> _Measured:
        points = (self._on_panel(point) for point in points_mm)
        told = self.measurable or (self.square and isinstance(overlay, recipe.Angle))
        return _Measured(overlay, tuple(point for point in points if point is not None), words if told else "")

    def _value(self, measured: _Measured) -> Label:
        """The value at the vertex, or at the end of its line that is further right: two that cross are told apart."""
        size, edge = self._pixels(measured.overlay.size_pt), self._pixels(shapes.LETTER_EDGE_PT)
        ink = font.ink(measured.words, size, True)
        place = measured.points[1] if len(measured.points) == 3 else max(measured.points)
        return Label(ink.width + 2 * edge, ink.height + 2 * edge, font.advance("1", size, True), point=place)

    def _drawn_value(self, measured: _Measured, placement: Placement) -> Text:
        assert placement.box is not None
        size = self._pixels(measured.overlay.size_pt)
        return shapes.letters_in(measured.words, placement.box, size, colour(measured.overlay.colour), self.dpi)

    def _outline(self, outline: recipe.Outline) -> Path:
        rings = outlines(self.masks[outline.region_id], smooth=self.view.interpolation == "cubic")
        return Path(
            tuple(contour(self.projection.voxels_to_panel(ring).tolist()) for ring in rings),
            stroke=colour(outline.colour),
            width=self._pixels(outline.width_pt),
            dash=tuple(self._pixels(d) for d in DASHES_PT[outline.dash]),
            halo=shapes.edge_of(colour(outline.colour)),
            halo_width=self._pixels(OUTLINE_EDGE_PT),
        )

    def _furniture(self) -> tuple[list[Item], list[Box]]:
        """Panel letter, orientation letters and scale bar, and the boxes they take."""
        items: list[Item] = []
        boxes: list[Box] = []
        parts = []
        if self.letter:
            parts.append(shapes.panel_letter(self.letter, self.dpi))
        if self.view.letters:
            parts += shapes.orientation_letters(
                self.projection.letters, self.projection.size, self.dpi, self.smallest_pt
            )
        if self.view.scale_bar:
            parts.append(
                shapes.scale_bar(self.projection.mm_per_pixel, self.projection.size, self.dpi, self.smallest_pt)
            )
        if self.label:
            label = shapes.section_label(self.label, self.projection.size, self.dpi, self.smallest_pt)
            parts.append(shapes.above(label, [box for _, box in parts], self.dpi))
        for drawn, box in parts:
            items += drawn
            boxes.append(box)
        return items, boxes

    def _regions(self, cell: int) -> dict[str, Mask]:
        """The masks on the layout's board: a cell is set where any of its pixels shows a voxel that is set."""
        rows, columns = (np.floor(p + 0.5).astype(np.int64) for p in self.projection.positions())
        board = {}
        for region_id, mask in self.masks.items():
            within = _pooled(self.projection.upright(mask), rows, cell)
            board[region_id] = _pooled(within.T, columns, cell).T
        return board

    def _points(self, cell: int) -> list[Box]:
        """Points that are named or pointed at must stay seen."""
        named = [getattr(o, key, None) for o in self.view.overlays for key in ("point_mm", "tip_mm")]
        points = [self._on_panel(p) for p in named if p is not None]
        return [Box(p[0], p[1], p[0], p[1]).grown(cell / 2) for p in points if p is not None]

    def _marker(self, overlay: recipe.Overlay) -> Marker:
        """What the layout has to know of an overlay, in panel pixels."""
        if isinstance(overlay, recipe.Arrow):
            shape = shapes.ARROWS[overlay.kind]
            return Pointer(
                length=self._pixels(shape.length_pt),
                breadth=self._pixels(shape.head_width_pt + 2 * shapes.ARROW_EDGE_PT),
                gap=self._pixels(shapes.GAP_PT),
                region=overlay.region_id,
                tip=self._on_panel(overlay.tip_mm),
                tail=self._on_panel(overlay.from_mm),
                angle=overlay.angle_deg,
            )
        assert isinstance(overlay, Labelled)
        size, edge = self._pixels(overlay.size_pt), self._pixels(shapes.LETTER_EDGE_PT)
        ink = font.ink(shapes.text_of(overlay), size, True)
        glyph = font.advance("1", size, True) if isinstance(overlay, recipe.Callout) else ink.width
        return Label(
            width=ink.width + 2 * edge,
            height=ink.height + 2 * edge,
            glyph=glyph,
            region=overlay.region_id,
            point=self._on_panel(overlay.point_mm),
            place=self._on_panel(overlay.place_mm),
            repeat=isinstance(overlay, recipe.Callout) and overlay.repeat,
        )

    def _drawn_marker(self, overlay: recipe.Overlay, marker: Marker, placement: Placement) -> list[Path | Text]:
        if isinstance(overlay, recipe.Arrow) and placement.tip is not None and placement.tail is not None:
            return [shapes.arrow(overlay, placement.tip, placement.tail, self.dpi)]
        assert isinstance(overlay, Labelled)
        assert placement.box is not None
        size = self._pixels(overlay.size_pt)
        return [shapes.letters_in(shapes.text_of(overlay), placement.box, size, colour(overlay.colour), self.dpi)]

    @cached_property
    def _page(self) -> Box:
        return Box(0, 0, *self.projection.size)

    def _notes(self, placed: tuple[Placement, ...], overlays: Sequence[recipe.Overlay]) -> list[str]:
        """What a careful author should know: markers that show nothing, that lie on others, or beyond the panel."""
        notes = []
        for overlay in self.view.overlays:
            if isinstance(overlay, Marking) or overlay.region_id is None or self._is_seen(overlay.region_id):
                continue
            notes.append(f"{overlay.kind}: region {overlay.region_id} is not on {self._slice} in this panel")
        for n, overlay in enumerate(overlays):
            name = shapes.name_of(overlay)
            off = self._off_slice(getattr(overlay, "point_mm", None) or getattr(overlay, "tip_mm", None))
            if off:
                notes.append(f"{name}: its point lies {off:.3g} mm off {self._slice}")
            mine = [p for p in placed if p.index == n]
            if not mine:
                region = getattr(overlay, "region_id", None)
                what = f"region {region} is not on {self._slice}" if region else "its point is not"
                notes.append(f"{name}: {what} in this panel")
            if not all(self._page.holds(p.box) if p.box is not None else self._holds(p.tip) for p in mine):
                notes.append(f"{name}: lies beyond the panel's edge")
            elif not all(p.is_free for p in mine):
                notes.append(f"{name}: no room, it covers another marker or the panel's edge")
        return notes

    @property
    def _slice(self) -> str:
        return "the reformat" if self.view.slice is None else f"slice {self.view.slice}"

    def _off_slice(self, point_mm: recipe.Vector | None) -> float:
        """mm from the slice to a point that another slice is nearer to; 0 where this one shows it."""
        if point_mm is None:
            return 0.0
        off = self.projection.off_slice(point_mm)
        return off if off > max(self.projection.grid.spacing[0], 1.0) * 0.51 else 0.0

    def _holds(self, point: Point | None) -> bool:
        return point is not None and self._page.holds(Box(*point, *point))

    def _is_seen(self, region_id: str) -> bool:
        """Whether any voxel of a region lies on the panel."""
        mask = self.masks.get(region_id)
        if mask is None or not mask.any():
            return False
        x, y = self.projection.voxels_to_panel(np.argwhere(mask)).T
        width, height = self.projection.size
        return bool(((x >= 0) & (x <= width) & (y >= 0) & (y <= height)).any())


def _along(start: Point, end: Point, cell: int) -> list[Box]:
    """Small boxes along a line, which markers keep off."""
    steps = max(2, round(math.dist(start, end) / cell))
    points = [
        (start[0] + (end[0] - start[0]) * n / steps, start[1] + (end[1] - start[1]) * n / steps)
        for n in range(steps + 1)
    ]
    return [Box(x, y, x, y).grown(cell / 2) for x, y in points]


def _pooled(mask: Mask, lines: npt.NDArray[np.int64], cell: int) -> Mask:
    """Lines of a mask (axis 0) as the panel shows them, `cell` of them made one that is set where any is."""
    is_inside = (lines >= 0) & (lines < mask.shape[0])
    shown = mask[lines.clip(0, mask.shape[0] - 1)] & is_inside[:, None]
    pooled: Mask = shown[::cell].copy()
    for first in range(1, cell):
        others = shown[first::cell]
        pooled[: len(others)] |= others
    return pooled
