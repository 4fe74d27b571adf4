"""A figure's recipe from its caption and the links alone: as many panels as views, at the slice that shows most.

Proposed pictures hold what the caption has: its markers, and nothing a journal would not print; outlines, letters
and a scale bar are drawn where they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callout.case.hanging import views_of
from callout.case.model import Region
from callout.errors import InputError
from callout.figures.framing import best_place, body_box, whole_plane
from callout.figures.markers import (
    cut_groups,
    groups_on,
    lies_on,
    marked,
    nearest_slice,
    outlines_of,
    picture_marks,
)
from callout.figures.pictured import (
    Pictured,
    candidates_of,
    elsewhere,
    letters_of,
    names_of,
    parallel_ones,
    pictured,
    stand_ins,
)
from callout.figures.recipe import Panel, Recipe, View
from callout.figures.recipe_file import from_toml
from callout.figures.section import section_of
from callout.figures.snapshot import Known
from callout.figures.source import CaseSource
from callout.geometry import Floats
from callout.reports import Figure
from callout.volume import Series

LUNG = (-600.0, 1500.0)  # centre, width
MEDIASTINUM = (40.0, 400.0)
LUNG_CONCEPTS = {
    "cavity", "ground-glass opacity", "consolidation", "nodule", "air-space disease", "opacity", "infiltrate",
    "emphysema", "bronchiectasis", "reticulation", "honeycombing", "crazy-paving pattern", "pneumothorax", "bulla",
}  # fmt: skip
COLUMN_MM, PAGE_MM, DPI = 85.0, 174.0, 300
EXTRAS = ("outlines", "scale-bar", "letters")


@dataclass(frozen=True)
class _Place:
    """Where a panel looks (LPS mm), how much it shows (width, height in mm), and in which window (centre, width)."""

    centre_mm: tuple[float, float, float]
    extent_mm: tuple[float, float]
    window: tuple[float, float]


def recipe_of(case: Known, label: str, source: CaseSource, extras: Iterable[str] = ()) -> Recipe:
    """The author's recipe of a figure, else the one proposed. InputError where the report has no such figure."""
    if label in case.recipes:
        return replace(from_toml(case.recipes[label]), label=label)  # it may be another figure's, taken over
    return propose(case, label, source, extras)


def propose(case: Known, label: str, source: CaseSource, extras: Iterable[str] = ()) -> Recipe:
    """The recipe that caption and links ask for. extras: of "outlines", "scale-bar", "letters"."""
    figure = case.report.figure(label) if case.report else None
    if figure is None:
        labels = ", ".join(one.label for one in case.report.figures) if case.report else ""
        raise InputError("no such figure", label, f"choose from {labels}" if labels else "the report has no figures")
    wanted = frozenset(extras)
    if not wanted <= set(EXTRAS):
        raise InputError(f"can't draw {', '.join(sorted(wanted - set(EXTRAS)))}", remedy=f"choose {', '.join(EXTRAS)}")
    panels = _pictures(case, figure) or _panels(case, figure, source, wanted)
    if not panels:
        raise InputError(
            f"nothing to show in figure {label}",
            str(case.path),
            "its caption fits no series, and no picture came with it",
        )
    return Recipe(
        label=label,
        caption=figure.caption.text,
        width_mm=COLUMN_MM if len(panels) == 1 else PAGE_MM,
        dpi=DPI,
        panels=tuple(panels),
        columns=min(len(panels), 3),
    )


def unseen_views(case: Known, label: str) -> list[str]:
    """The pictures that a figure's caption speaks of and no series of the case shows, in words."""
    figure = case.report.figure(label) if case.report else None
    if figure is None or _pictures(case, figure) or label in case.recipes:
        return []
    unseen = [view for view in views_of(figure.caption) if not candidates_of(case, figure, view)]
    if stand_ins(case, figure):
        return []
    return [" ".join(filter(None, (v.modality, v.contrast, v.sequence, v.plane))) or "a picture" for v in unseen]


def _pictures(case: Known, figure: Figure) -> list[Panel]:
    """The picture files that came with a figure and what is marked on them, where nothing of it lies on any series."""
    mentions = {mention.id for mention in figure.caption.mentions}
    findings = {link.finding_id for link in case.links if link.mention_id in mentions}
    drawn = {region.finding_id for region in case.regions}
    drawn |= {mark.finding_id for mark in case.marks if mark.series_id is not None}
    if drawn & findings:
        return []
    return [_picture(case, figure, name) for name in names_of(figure)]


def _picture(case: Known, figure: Figure, name: str, letter: str = "") -> Panel:
    return Panel(letter, picture=name, alt=figure.caption.text, marks=picture_marks(case, figure, name))


def _panels(case: Known, figure: Figure, source: CaseSource, extras: frozenset[str]) -> list[Panel]:
    """What series show, and in its place among them the picture of what none does; last, pictures that are marked."""
    panels, placed = _views(case, figure, source, extras), stand_ins(case, figure)
    shown = {panel.letter for panel in panels}
    letters = ["" if letter in shown else letter for letter in letters_of(figure)]
    for place, name in placed:
        panels.insert(place, _picture(case, figure, name, letters[place] if place < len(letters) else ""))
    others = [name for name in names_of(figure) if name not in {name for _, name in placed}]
    return panels + [_picture(case, figure, name) for name in others if picture_marks(case, figure, name)]


def _views(case: Known, figure: Figure, source: CaseSource, extras: frozenset[str]) -> list[Panel]:
    shown = pictured(case, figure)
    native = [one.series for one in shown if one.plane == "native"]
    return [
        Panel(
            one.letter,
            _view(case, figure, one.series, _place(figure, one, native, source), source, extras)
            if one.plane == "native"
            else _reformat(case, figure, one, source, extras),
        )
        for one in shown
    ]


def _reformat(case: Known, figure: Figure, picture: Pictured, source: CaseSource, extras: frozenset[str]) -> View:
    """A plane of the body through a stack of another plane, where it shows most of the findings."""
    series, groups = picture.series, groups_on(case, figure, picture.series)
    masks = [[case.region_mask(region) for region in group.regions] for group in groups]
    through = best_place(series.grid, picture.plane, masks, elsewhere(case, figure, series))
    window = _window(figure, series, source, series.grid.shape[0] // 2)
    whole = whole_plane(series, picture.plane, through, window)
    section = section_of(whole, source)
    centre, extent = body_box(section.values, series.modality, section.grid, 0)

    def shows(point: Floats) -> bool:
        return abs(float((point - through) @ section.grid.normal)) <= series.grid.spacing[0] / 2

    def is_cut(region: Region) -> bool:
        return section.mask(region.id) is not None

    overlays = marked(case, figure, series, groups, is_cut, shows)
    if "outlines" in extras:
        overlays = [*outlines_of(case, groups, series, is_cut), *overlays]
    return replace(
        whole,
        centre_mm=centre,
        extent_mm=extent,
        scale_bar="scale-bar" in extras,
        letters="letters" in extras,
        overlays=tuple(overlays),
    )


def _place(figure: Figure, picture: Pictured, shown: Sequence[Series], source: CaseSource) -> _Place:
    """Where a native panel looks: parallel ones at the same place, pairs in one window."""
    lead, k = picture.lead or picture.series, picture.k
    centre, extent = body_box(source.pixels(lead.id, k), lead.modality, lead.grid, k)
    pairs = [one for one in parallel_ones(picture.series, shown) if _is_pair(one, picture.series)]
    windows = (_window(figure, one, source, one.grid.shape[0] // 2) for one in pairs)
    return _Place(centre, extent, max(windows, key=lambda pair: pair[1]))


def _view(
    case: Known, figure: Figure, series: Series, place: _Place, source: CaseSource, extras: frozenset[str]
) -> View:
    groups = groups_on(case, figure, series)
    k = nearest_slice(series, np.array(place.centre_mm))

    def shows(point: Floats) -> bool:
        return lies_on(series, point, k)

    def is_here(region: Region) -> bool:
        return source.mask(region.id, series.id, k) is not None

    overlays = marked(case, figure, series, groups, is_here, shows)
    if "outlines" in extras:
        overlays = [*outlines_of(case, groups or cut_groups(case, figure, series), series, is_here), *overlays]
    return View(
        series_id=series.id,
        slice=k,
        centre_mm=place.centre_mm,
        extent_mm=place.extent_mm,
        window=place.window,
        scale_bar="scale-bar" in extras and series.is_measurable,
        letters="letters" in extras,
        overlays=tuple(overlays),
    )


def _is_pair(one: Series, other: Series) -> bool:
    """Whether two series are compared with one window: the same one, or one sequence before and after contrast."""
    return one is other or (one.modality == other.modality and one.sequence == other.sequence is not None)


def _window(figure: Figure, series: Series, source: CaseSource, k: int) -> tuple[float, float]:
    """(centre, width): lung for what is seen in the lung, else the DICOM's own, else what the slice spans."""
    if series.modality == "CT" and any(m.concept in LUNG_CONCEPTS for m in figure.caption.mentions):
        return LUNG
    if series.windows:
        return series.windows[0]
    if series.modality == "CT":
        return MEDIASTINUM
    low, high = np.percentile(np.asarray(source.pixels(series.id, k), np.float64), (1, 99.5))
    return round(float(low + high) / 2, 1), round(max(float(high - low), 1.0), 1)
