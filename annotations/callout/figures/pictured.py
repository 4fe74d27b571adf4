"""The pictures that a caption speaks of: which series shows each, and which slice of it; no pixel is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from callout.case.hanging import fit_alike, fitting_series, views_of
from callout.figures.framing import BODY_PLANES, is_fine_stack
from callout.figures.markers import Group, cut_groups, groups_on, marks_on, nearest_slice, references_of
from callout.figures.recipe import Plane
from callout.figures.snapshot import Known
from callout.geometry import Floats
from callout.reports import CaptionView, Figure, Mention
from callout.volume import Series


@dataclass(frozen=True)
class Pictured:
    """One picture that a caption speaks of: its letter, and the series that shows it, natively or cut along a plane.

    lead: the parallel picture that shows most of the findings; both show the same place. k: the slice of the lead's
    series.
    """

    letter: str
    series: Series
    plane: Plane = "native"
    lead: Series | None = None
    k: int = 0


def pictured(case: Known, figure: Figure) -> list[Pictured]:
    """The pictures of a figure that some series can show, in the caption's order."""
    shown: list[Pictured] = []
    for view, letter in zip(views_of(figure.caption), letters_of(figure), strict=True):
        if candidates := fitting_series(view, figure.caption, case.series):
            shown.append(Pictured(letter, _meant(case, figure, view, candidates)))
        elif candidates := candidates_of(case, figure, view):
            plane: Plane | None = next((p for p in BODY_PLANES if p == view.plane), None)
            assert plane is not None
            shown.append(Pictured(letter, _meant(case, figure, view, candidates), plane))
    native = [one.series for one in shown if one.plane == "native"]
    return [one if one.plane != "native" else _led(case, figure, one, native) for one in shown]


def names_of(figure: Figure) -> list[str]:
    """The names of the pictures that came with a figure, each once."""
    return list(dict.fromkeys(picture.name for picture in figure.pictures))


def stand_ins(case: Known, figure: Figure) -> list[tuple[int, str]]:
    """The report's pictures that stand for what no series shows: the number of the caption's view, and the name.

    Where they are not as many as the views, all of them stand at the first such view.
    """
    names, views = names_of(figure), views_of(figure.caption)
    unseen = [n for n, view in enumerate(views) if not candidates_of(case, figure, view)]
    if len(names) == len(views):
        return [(n, names[n]) for n in unseen]
    return [(unseen[0] + n, name) for n, name in enumerate(names)] if unseen else []


def stand_in_for(case: Known, figure: Figure, mention: Mention) -> str | None:
    """The picture that stands for the one that a mention speaks of; None where series do, or none came with it.

    Where the mention stands in the words of one panel, only that panel's picture counts.
    """
    views, panels, names = views_of(figure.caption), figure.caption.panels, names_of(figure)
    spans = panels if len(panels) == len(views) else ()
    here = [n for n, span in enumerate(spans) if span.start <= mention.start < span.end] or list(range(len(views)))
    if not names or any(candidates_of(case, figure, views[n]) for n in here):
        return None
    return names[here[0]] if len(names) == len(views) else names[0]


def letters_of(figure: Figure) -> list[str]:
    """The panel's letter of each of `views_of` a figure's caption; "" where it has none."""
    letters = [span.label for span in figure.caption.panels]
    count = len(views_of(figure.caption))
    return letters if len(letters) == count else [""] * count


def _led(case: Known, figure: Figure, picture: Pictured, shown: Sequence[Series]) -> Pictured:
    """With the slice that is to be shown, chosen on whichever parallel series shows most findings."""
    parallel = parallel_ones(picture.series, shown)
    lead = max(parallel, key=lambda one: _drawn(case, figure, one))
    k = best_slice(case, lead, groups_on(case, figure, lead), elsewhere(case, figure, lead))
    return replace(picture, lead=lead, k=k)


def _drawn(case: Known, figure: Figure, series: Series) -> tuple[int, int]:
    """How many regions and how many marks of the figure's findings lie on a series."""
    regions = {region.id for group in groups_on(case, figure, series) for region in group.regions}
    return len(regions), len(marks_on(case, figure, series))


def parallel_ones(series: Series, shown: Sequence[Series]) -> list[Series]:
    """Those that show the same place as a series: itself, and what is parallel to it in its frame of reference."""
    return [other for other in shown if other is series or _are_parallel(other, series)]


def candidates_of(case: Known, figure: Figure, view: CaptionView) -> list[Series]:
    """The series that show what a caption says of a picture; where none has its plane, stacks to cut along it."""
    fitting = fitting_series(view, figure.caption, case.series)
    if fitting or view.plane not in BODY_PLANES:
        return fitting
    any_plane = fitting_series(replace(view, plane=None), figure.caption, case.series)
    return [series for series in any_plane if is_fine_stack(series)]


def _meant(case: Known, figure: Figure, view: CaptionView, candidates: Sequence[Series]) -> Series:
    """A stack of the series that fits best, or of one that fits as well and that readers measure the findings on."""
    best, references = candidates[0], references_of(case, figure)
    chosen = [
        one for one in candidates if one.id in references and fit_alike(view, figure.caption, one, best)
    ]  # fmt: skip
    uids = {one.series_uid for one in chosen or (best,)}
    stacks = [one for one in candidates if one.series_uid in uids]
    return max(stacks, key=lambda one: _shown(case, figure, one, references))


def _shown(case: Known, figure: Figure, series: Series, references: Sequence[str]) -> tuple[int, int, int]:
    """How much of the figure's findings a stack shows, and how many of them are measured on it."""
    groups = groups_on(case, figure, series)
    told = {group.mention.id for group in groups} | {mention.id for mention, _ in marks_on(case, figure, series)}
    voxels = sum(case.region_mask(region).count for group in groups for region in group.regions)
    return len(told), references.count(series.id), voxels


def _are_parallel(one: Series, other: Series) -> bool:
    same = one.grid.frame_of_reference_uid == other.grid.frame_of_reference_uid != ""
    return same and abs(float(one.grid.normal @ other.grid.normal)) > np.cos(np.radians(20))


def best_slice(case: Known, series: Series, groups: Sequence[Group], elsewhere: Floats | None) -> int:
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


def elsewhere(case: Known, figure: Figure, series: Series) -> Floats | None:
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
