"""A recipe and its images to a figure: panels on rows, drawn without a screen, the same pixels every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from callout.errors import InputError
from callout.figures.display import BLACK, MM_PER_INCH, WHITE, Bytes2D, Display, Group, pixels_of_mm
from callout.figures.panel import PanelDrawing, render_view
from callout.figures.pdf import encode_pdf
from callout.figures.picture import draw_picture
from callout.figures.png import encode_png
from callout.figures.raster import rasterise
from callout.figures.recipe import Panel, Recipe, View
from callout.figures.section import SLABS, Volumes, difference_in_words, section_of
from callout.figures.shapes import name_of
from callout.figures.svg import encode_svg
from callout.figures.tiff import encode_tiff

Kind = Literal["png", "tiff", "pdf", "svg"]
KINDS: tuple[Kind, ...] = ("png", "tiff", "pdf", "svg")
MOST_PIXELS = 200_000_000
SMALLEST_PANEL = 16  # pixels along a side


class Source(Volumes, Protocol):
    """Where a recipe finds its images; the case is one. Each raises InputError for what it does not have."""

    def picture(self, name: str) -> Bytes2D:
        """uint8 RGB (rows, columns, 3) of an image file of the case."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """A figure as a display list, with its title, and notes on what could not be drawn as asked."""

    display: Display
    title: str
    notes: tuple[str, ...]

    @property
    def alt(self) -> str:
        """The figure in words."""
        return self.display.alt

    @property
    def height_mm(self) -> float:
        """Of the figure in print."""
        return self.display.height / self.display.dpi * MM_PER_INCH

    @cached_property
    def rgb(self) -> Bytes2D:
        """uint8 RGB (rows, columns, 3)."""
        return rasterise(self.display)

    @cached_property
    def png(self) -> bytes:
        """The PNG file."""
        return encode_png(self.rgb, self.display.dpi, self.alt)

    def file(self, kind: Kind) -> bytes:
        """The figure as a file; the same bytes from the same figure and versions."""
        if kind == "png":
            return self.png
        if kind == "tiff":
            return encode_tiff(self.rgb, self.display.dpi, self.alt)
        return encode_pdf(self.display, self.title) if kind == "pdf" else encode_svg(self.display, self.title)


def render(recipe: Recipe, source: Source) -> Rendered:
    """Renders a figure. Raises InputError where the recipe asks for what the source does not have."""
    display, notes = compose(recipe, source)
    return Rendered(display, f"Figure {recipe.label}", notes)


def compose(recipe: Recipe, source: Source) -> tuple[Display, tuple[str, ...]]:
    """The display list of a figure, for any back end, and notes on what could not be drawn as asked."""
    pictures = {p.picture: source.picture(p.picture) for p in recipe.panels if p.picture is not None}
    boxes, height = _places(recipe, [_aspect(p, pictures) for p in recipe.panels])
    width = pixels_of_mm(recipe.width_mm, recipe.dpi)
    groups, notes = [], []
    for panel, (left, top, wide, tall) in zip(recipe.panels, boxes, strict=True):
        if panel.view is not None:
            drawing = _view(panel.view, panel.letter, source, (wide, tall), recipe)
        else:
            drawing = _picture(panel, pictures[str(panel.picture)], (wide, tall), recipe)
        groups.append(Group(left, top, wide, tall, drawing.items, panel.alt or describe(panel, source)))
        notes += [f"panel {panel.letter}: {note}" if panel.letter else note for note in drawing.notes]
    alt = f"Figure {recipe.label}. " + " ".join(group.alt for group in groups)
    paper = BLACK if recipe.background == "black" else WHITE
    return Display(width, height, recipe.dpi, tuple(groups), paper, alt), tuple(notes)


def describe(panel: Panel, source: Source) -> str:
    """A panel in words: what it shows and what is drawn on it."""
    start = f"({panel.letter}) " if panel.letter else ""
    if panel.view is None:
        drawn = list(dict.fromkeys(name_of(mark.overlay(1.0)) for mark in panel.marks))
        words = f"{start}Picture {panel.picture}"
        return f"{words}, with {', '.join(drawn)}." if drawn else f"{words}."
    view, series = panel.view, source.series(panel.view.series_id)
    if view.slice is not None:
        words = (
            f"{start}{series.plane.capitalize()} {series.modality}, slice {view.slice + 1} of {series.grid.shape[0]}"
        )
    else:
        words = f"{start}{view.plane.capitalize()} reformat of {series.plane} {series.modality}"
    if view.slab_mm:
        words += f", {SLABS[view.projection]} of a slab of {view.slab_mm:g} mm"
    if view.minus is not None:
        words += f", minus {source.series(view.minus).plane} {source.series(view.minus).modality} before it"
        words += difference_in_words(view).removeprefix("difference")
    words += f", window W{view.window[1]:g} L{view.window[0]:g}".replace("-", "−")
    if view.inverted:
        words += ", inverted"
    drawn = list(dict.fromkeys(name_of(o) for o in view.overlays))
    return f"{words}, with {', '.join(drawn)}." if drawn else f"{words}."


def _view(view: View, letter: str, source: Source, size: tuple[int, int], recipe: Recipe) -> PanelDrawing:
    section = section_of(view, source)
    masks = section.masks(o.region_id for o in view.overlays if o.region_id is not None)
    return render_view(view, section, masks, size=size, dpi=recipe.dpi, letter=letter, smallest_pt=recipe.smallest_pt)


def _picture(panel: Panel, rgb: Bytes2D, size: tuple[int, int], recipe: Recipe) -> PanelDrawing:
    return draw_picture(panel.marks, rgb, size, dpi=recipe.dpi, letter=panel.letter, smallest_pt=recipe.smallest_pt)


def _aspect(panel: Panel, pictures: dict[str, Bytes2D]) -> float:
    """Width over height."""
    if panel.view is not None:
        return panel.view.extent_mm[0] / panel.view.extent_mm[1]
    rgb = pictures[str(panel.picture)]
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise InputError(f"picture {panel.picture} has shape {rgb.shape}, expected uint8 (rows, columns, 3)")
    return float(rgb.shape[1] / rgb.shape[0])


def _places(recipe: Recipe, aspects: Sequence[float]) -> tuple[list[tuple[int, int, int, int]], int]:
    """(left, top, width, height) of each panel in page pixels, and the height of the page.

    Panels of a row have one height and fill the width; a last row that is not full is no higher than the first.
    """
    width = pixels_of_mm(recipe.width_mm, recipe.dpi)
    gap = pixels_of_mm(recipe.gap_mm, recipe.dpi) if recipe.gap_mm else 0
    places: list[tuple[int, int, int, int]] = []
    top, first = 0, 0
    for start in range(0, len(aspects), recipe.columns):
        row = aspects[start : start + recipe.columns]
        free = width - gap * (len(row) - 1)
        height = max(1, int(free / sum(row) + 0.5))
        is_full = first == 0 or len(row) == recipe.columns or height <= first
        height = height if is_full else first
        first = first or height
        shares = np.cumsum([0.0, *row]) * (free / sum(row) if is_full else height)
        edges = np.floor(shares + 0.5).astype(int).tolist()
        for n in range(len(row)):
            places.append((edges[n] + n * gap, top, edges[n + 1] - edges[n], height))
        top += height + gap
    _check_size(width, top - gap, places)
    return places, top - gap


def _check_size(width: int, height: int, places: Sequence[tuple[int, int, int, int]]) -> None:
    """Refuses pages no machine can hold, and panels nobody can see."""
    if width * height > MOST_PIXELS:
        raise InputError(f"the figure would have {width} × {height} pixels", remedy="lower dpi or width_mm")
    smallest = min(min(wide, tall) for _, _, wide, tall in places)
    if smallest < SMALLEST_PANEL:
        raise InputError(f"a panel would be {smallest} pixels wide or high", remedy="check extent_mm, columns and dpi")
