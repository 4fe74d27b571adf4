"""The panels of a case's figures, as files for archives hold them: each alone, under a name of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from callout.case.contents import Contents
from callout.dicom.tags import ENHANCED
from callout.errors import InputError
from callout.exports.files import series_slug, slug
from callout.figures.display import Display
from callout.figures.projection import Projection
from callout.figures.propose import recipe_of
from callout.figures.recipe import Panel, Recipe, View
from callout.figures.render import compose, describe
from callout.figures.section import plane_grid
from callout.figures.source import CaseSource
from callout.volume import Series


@dataclass(frozen=True, eq=False)
class FigurePanel:
    """One panel of a figure, drawn.

    label: of the figure. number: of the panel in its figure, from 1. display: a page that has nothing but the panel.
    series: that it shows, of a picture the case's first one, since a picture belongs to its patient.
    projection: between the panel's pixels and what it shows; None for a picture. name: of a file.
    words: what it shows. notes: what could not be drawn as asked.
    """

    label: str
    number: int
    panel: Panel
    display: Display
    series: Series
    projection: Projection | None
    name: str
    words: str
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The figure's label and the panel's letter."""
        return f"Figure {self.label}, panel {self.panel.letter or self.number}"

    @property
    def view(self) -> View | None:
        """What it shows of the series; None for a picture."""
        return self.panel.view

    @property
    def native_slice(self) -> int | None:
        """The slice of the series that it shows as it is; None for reformats, slabs, differences, pictures, and tiles
        of a mosaic, which are no images of their own."""
        view, series = self.panel.view, self.series
        if view is None or view.slab_mm or view.minus is not None:
            return None
        images = {instance.sop_instance_uid for instance in series.instances}
        is_tile = len(images) < series.grid.shape[0] and series.sop_class_uid not in ENHANCED
        return None if is_tile else view.slice


def figure_panels(case: Contents) -> tuple[list[FigurePanel], list[str]]:
    """Every panel of every figure, and why a figure has none, in words. InputError where no figure can be drawn."""
    figures = case.report.figures if case.report else ()
    if not figures:
        raise InputError("the case has no figures", str(case.path), "make it with a report that has some")
    source, used = CaseSource(case), set[str]()
    panels: list[FigurePanel] = []
    left_out: list[str] = []
    refusals: list[InputError] = []
    for figure in figures:
        try:
            panels += _panels(case, recipe_of(case, figure.label, source), source, used)
        except InputError as error:
            refusals.append(error)
            left_out.append(f"figure {figure.label} is left out: {error}")
    if not panels:
        raise refusals[0]
    return panels, left_out


def _panels(case: Contents, recipe: Recipe, source: CaseSource, used: set[str]) -> Iterator[FigurePanel]:
    display, notes = compose(recipe, source)
    letters = {panel.letter for panel in recipe.panels}
    for n, (panel, group) in enumerate(zip(recipe.panels, display.groups, strict=True), 1):
        letter = panel.letter if len(letters) == len(recipe.panels) else ""
        alone = replace(display, width=group.width, height=group.height, groups=(replace(group, left=0, top=0),))
        series = case.series_of(panel.view.series_id) if panel.view else case.series[0]
        name = f"{series_slug(series) if panel.view else 'picture'}.{slug(recipe.label)}-"
        name += slug(letter) if letter else str(n)
        if name in used:  # labels that differ in signs only
            name += "-" + hashlib.sha256(recipe.label.encode()).hexdigest()[:8]
        used.add(name)
        mine = tuple(note for note in notes if _is_of(note, panel.letter))
        words = describe(panel, source) if panel.view else "A picture of the report, scaled."
        size = (group.width, group.height)
        projection = _projection(panel.view, series, source, size) if panel.view else None
        yield FigurePanel(recipe.label, n, panel, alone, series, projection, name, words, mine)


def _projection(view: View, series: Series, source: CaseSource, size: tuple[int, int]) -> Projection:
    grid, k = (plane_grid(view, series, source), 0) if view.slice is None else (series.grid, view.slice)
    return Projection(grid, k, view.centre_mm, view.extent_mm[0], size)


def _is_of(note: str, letter: str) -> bool:
    """Whether a renderer's note is of the panel with that letter."""
    return not letter or note.startswith(f"panel {letter}: ")
