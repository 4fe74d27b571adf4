"""A figure's recipe from its caption and the links alone: as many panels as views, at the slice that shows most.

Proposed pictures hold what the caption has: its markers, and nothing a journal would not print; outlines, letters
and a scale bar are drawn where they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callout.case.hanging import fitting_series, views_of
from callout.case.model import Region
from callout.errors import InputError
from callout.figures.framing import BODY_PLANES, best_place, body_box, is_fine_stack, whole_plane
from callout.figures.markers import (
    Group,
    cut_groups,
    groups_on,
    markers_of,
    marks_of,
    marks_on,
    nearest_slice,
    outlines_of,
)
from callout.figures.recipe import Panel, Plane, Recipe, View
from callout.figures.recipe_file import from_toml
from callout.figures.section import section_of
from callout.figures.snapshot import Known
from callout.figures.source import CaseSource
from callout.geometry import Floats
from callout.reports import CaptionView, Figure
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
    panels = _pictures(case, figure) or _views(case, figure, source, wanted)
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
    unseen = [view for view in views_of(figure.caption) if not _candidates(case, figure, view)]
    return [" ".join(filter(None, (v.modality, v.contrast, v.sequence, v.plane))) or "a picture" for v in unseen]


def _pictures(case: Known, figure: Figure) -> list[Panel]:
    """The picture files that came with a figure, where nothing of it is drawn on any series."""
    mentions = {mention.id for mention in figure.caption.mentions}
    findings = {link.finding_id for link in case.links if link.mention_id in mentions}
    if any(region.finding_id in findings for region in case.regions):
        return []
    return [Panel(picture=picture.name, alt=figure.caption.text) for picture in figure.pictures]


@dataclass(frozen=True)
class _Picture:
    """One picture that a caption speaks of: its letter, and the series that shows it, natively or cut along a plane."""

    letter: str
    series: Series
    plane: Plane = "native"


def _views(case: Known, figure: Figure, source: CaseSource, extras: frozenset[str]) -> list[Panel]:
    views = views_of(figure.caption)
    letters = [span.label for span in figure.caption.panels]
    letters = letters if len(letters) == len(views) else [""] * len(views)
    shown: list[_Picture] = []
    for view, letter in zip(views, letters, strict=True):
        if candidates := fitting_series(view, figure.caption, case.series):
            shown.append(_Picture(letter, _meant(case, figure, candidates)))
        elif candidates := _candidates(case, figure, view):
            plane: Plane | None = next((p for p in BODY_PLANES if p == view.plane), None)
            assert plane is not None
            shown.append(_Picture(letter, _meant(case, figure, candidates), plane))
    leads = iter(_lead_views(case, figure, [one.series for one in shown if one.plane == "native"], source))
    return [
        Panel(
            one.letter,
            _view(case, figure, one.series, next(leads), source, extras)
            if one.plane == "native"
            else _reformat(case, figure, one, source, extras),
        )
        for one in shown
    ]


def _candidates(case: Known, figure: Figure, view: CaptionView) -> list[Series]:
    """The series that show what a caption says of a picture; where none has its plane, stacks to cut along it."""
    fitting = fitting_series(view, figure.caption, case.series)
    if fitting or view.plane not in BODY_PLANES:
        return fitting
    any_plane = fitting_series(replace(view, plane=None), figure.caption, case.series)
    return [series for series in any_plane if is_fine_stack(series)]


def _meant(case: Known, figure: Figure, candidates: Sequence[Series]) -> Series:
    return max(candidates, key=lambda one: _shown(case, figure, one, candidates))


def _reformat(case: Known, figure: Figure, picture: _Picture, source: CaseSource, extras: frozenset[str]) -> View:
    """A plane of the body through a stack of another plane, where it shows most of the findings."""
    series, groups = picture.series, groups_on(case, figure, picture.series)
    masks = [[case.region_mask(region) for region in group.regions] for group in groups]
    through = best_place(series.grid, picture.plane, masks, _elsewhere(case, figure, series))
    window = _window(figure, series, source, series.grid.shape[0] // 2)
    whole = whole_plane(series, picture.plane, through, window)
    section = section_of(whole, source)
    centre, extent = body_box(section.values, series.modality, section.grid, 0)

    def shows(point: Floats) -> bool:
        return abs(float((point - through) @ section.grid.normal)) <= series.grid.spacing[0] / 2

    def is_cut(region: Region) -> bool:
        return section.mask(region.id) is not None

    overlays = [overlay for group in groups for overlay in markers_of(group, figure, is_cut)]
    overlays += marks_of(case, figure, series, shows)
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


def _lead_views(case: Known, figure: Figure, shown: Sequence[Series], source: CaseSource) -> list[_Place]:
    """Where each panel looks: parallel ones at the same place, chosen on the series that shows most findings."""
    places: list[_Place] = []
    for series in shown:
        parallel = [other for other in shown if other is series or _are_parallel(other, series)]
        lead = max(parallel, key=lambda one: len({r.id for g in groups_on(case, figure, one) for r in g.regions}))
        k = _best_slice(case, lead, groups_on(case, figure, lead), _elsewhere(case, figure, lead))
        centre, extent = body_box(source.pixels(lead.id, k), lead.modality, lead.grid, k)
        window = max((_window(figure, p, source, p.grid.shape[0] // 2) for p in parallel if _is_pair(p, series)),
                     key=lambda pair: pair[1])  # fmt: skip
        places.append(_Place(centre, extent, window))
    return places


def _shown(case: Known, figure: Figure, series: Series, candidates: Sequence[Series]) -> tuple[int, int, int]:
    """How much of the figure's findings a series shows: of equally fitting ones, that one is meant."""
    groups = groups_on(case, figure, series)
    voxels = sum(case.region_mask(region).count for group in groups for region in group.regions)
    stacks = [one for one in candidates if one.series_uid == candidates[0].series_uid]
    return int(series in stacks), len(groups), voxels


def _view(
    case: Known, figure: Figure, series: Series, place: _Place, source: CaseSource, extras: frozenset[str]
) -> View:
    groups = groups_on(case, figure, series)
    k = nearest_slice(series, np.array(place.centre_mm))

    def shows(point: Floats) -> bool:
        return nearest_slice(series, point) == k

    def is_here(region: Region) -> bool:
        return source.mask(region.id, series.id, k) is not None

    overlays = [overlay for group in groups for overlay in markers_of(group, figure, is_here)]
    overlays += marks_of(case, figure, series, shows)
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


def _are_parallel(one: Series, other: Series) -> bool:
    same = one.grid.frame_of_reference_uid == other.grid.frame_of_reference_uid != ""
    return same and abs(float(one.grid.normal @ other.grid.normal)) > np.cos(np.radians(20))


def _best_slice(case: Known, series: Series, groups: Sequence[Group], elsewhere: Floats | None) -> int:
    """The slice that shows all markers, most findings, and the smallest marker's as large as possible (pixels)."""
    areas = np.zeros((len(groups), series.grid.shape[0]), np.int64)
    findings = np.zeros(series.grid.shape[0], np.int64)
    for row, group in zip(areas, groups, strict=True):
        for region in group.regions:
            mask = case.region_mask(region)
            here = mask.crop.sum(axis=(1, 2))
            row[mask.low[0] : mask.high[0]] += here
            findings[mask.low[0] : mask.high[0]] += here > 0
    if areas.any():
        present = (areas > 0).sum(axis=0)
        smallest = np.where(areas > 0, areas, areas.max() + 1).min(axis=0)
        return int(np.lexsort((-areas.sum(axis=0), -smallest, -findings, -present))[0])
    return series.grid.shape[0] // 2 if elsewhere is None else nearest_slice(series, elsewhere)


def _elsewhere(case: Known, figure: Figure, series: Series) -> Floats | None:
    """Where the first of the figure's findings is marked, or lies as drawn on another series, LPS mm."""
    marks = marks_on(case, figure, series)
    if marks:
        return np.array(marks[0][1].points[0], np.float64)
    groups = cut_groups(case, figure, series)
    if not groups:
        return None
    region = groups[0].regions[0]
    mask = case.region_mask(region)
    return case.series_of(region.series_id).grid.points((np.array(mask.low) + np.array(mask.high) - 1) / 2)


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
