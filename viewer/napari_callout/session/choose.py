"""Where a mention is seen: which series, and which slice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from callout.case import Case, Finding, Region
from callout.case.hanging import fitting_series, views_of
from callout.figures.markers import nearest_slice
from callout.figures.pictured import stand_in_for
from callout.geometry import Floats
from callout.masks import Mask
from callout.reports import Figure, Mention
from callout.volume import Series
from napari_callout.session.levels import place_of_level
from napari_callout.session.look import picture_id


@dataclass(frozen=True)
class Place:
    """A series and, where it is known, the native slice `k`; or a picture of the report, by its `picture_id`."""

    series_id: str
    k: int | None = None


def place_of(case: Case, mention: Mention, shown: str | None = None) -> Place | None:
    """Where to go for a mention: its region on a series that its figure speaks of, else a mark of it, else the picture
    that came with the report where no series is of its figure, else its level.

    shown: the id of the series on the screen, which is kept where it serves. None where no series can.
    """
    figure = figure_of(case, mention)
    fitting = fitting_ids(case.series, figure, mention) if figure else []
    place = place_of_regions(case, regions_of_mention(case, mention), shown, fitting)
    place = place or place_of_marks(case, findings_of_mention(case, mention), shown)
    if place is not None:
        return place
    picture = stand_in_for(case, figure, mention) if figure else None
    if picture is not None:
        return Place(picture_id(picture))
    best = shown if shown is not None and (shown in fitting or not fitting) else next(iter(fitting), None)
    return None if best is None else place_at_level(case, mention, best) or Place(best)


def place_at_level(case: Case, mention: Mention, series_id: str) -> Place | None:
    """The slice, in whichever stack of the display set, at the first level of the mention that is marked."""
    first = case.series_of(series_id)
    stacks = [
        one
        for one in case.series
        if one.id == series_id or (first.display_set and one.display_set == first.display_set)
    ]
    found = place_of_level(case.vertebrae_of(series_id), mention.levels, stacks)
    return None if found is None else Place(*found)


def fitting_ids(series: Sequence[Series], figure: Figure, mention: Mention | None = None) -> list[str]:
    """The ids of the series that fit a picture of the figure, the first picture's best one first.

    Where the mention stands in the words of one panel, only that panel's picture counts.
    """
    caption, views = figure.caption, views_of(figure.caption)
    if mention is not None and len(caption.panels) == len(views):
        panel = [n for n, span in enumerate(caption.panels) if span.start <= mention.start < span.end]
        views = tuple(views[n] for n in panel) or views
    return list(dict.fromkeys(one.id for view in views for one in fitting_series(view, caption, series)))


def place_of_regions(
    case: Case, regions: Sequence[Region], shown: str | None = None, fitting: Sequence[str] = ()
) -> Place | None:
    """The largest slice of one of the regions; None where all are empty.

    One on a `fitting` series comes first, of those the one on the `shown` series, else its finding's reference where
    one was chosen, else the largest.
    """
    drawn = [(region, mask) for region in regions if (mask := case.region_mask(region)).count]
    if not drawn:
        return None

    def rank(one: tuple[Region, Mask]) -> tuple[bool, bool, bool, int]:
        region, mask = one
        is_reference = case.finding(region.finding_id).reference == region.series_id
        return region.series_id in fitting, region.series_id == shown, is_reference, mask.count

    region, mask = max(drawn, key=rank)
    return Place(region.series_id, largest_slice(mask))


def place_of_marks(case: Case, finding_ids: Collection[str], shown: str | None = None) -> Place | None:
    """Where the findings are marked, on the `shown` series first; None where they are not."""
    marks = sorted(
        (mark for mark in case.marks if mark.finding_id in finding_ids), key=lambda mark: mark.series_id != shown
    )
    if not marks:
        return None
    if marks[0].series_id is None:
        return Place(picture_id(str(marks[0].picture)))
    series = case.series_of(marks[0].series_id)
    return Place(series.id, nearest_slice(series, np.array(marks[0].points[0])))


def largest_slice(mask: Mask) -> int:
    """The native slice on which the mask has most voxels; the first of several. The mask is not empty."""
    return mask.low[0] + int(np.count_nonzero(mask.crop, axis=(1, 2)).argmax())


def middle_of(case: Case, finding: Finding | None, series_id: str, k: int) -> Floats | None:
    """The middle, LPS mm, of what is drawn of a finding on native slice `k` of a series; None where nothing is."""
    for region in case.regions:
        if finding is not None and (region.finding_id, region.series_id) == (finding.id, series_id):
            pixels = np.argwhere(case.region_mask(region).slice(k))
            if len(pixels):
                middle: Floats = case.series_of(series_id).grid.points(np.array([k, *pixels.mean(axis=0)]))
                return middle
    return None


def regions_of_mention(case: Case, mention: Mention) -> list[Region]:
    """The regions of all findings that the mention is linked to."""
    findings = findings_of_mention(case, mention)
    return [region for region in case.regions if region.finding_id in findings]


def findings_of_mention(case: Case, mention: Mention) -> set[str]:
    """The ids of the findings that the mention is linked to."""
    return {link.finding_id for link in case.links if link.mention_id == mention.id}


def figure_of(case: Case, mention: Mention) -> Figure | None:
    """The figure in whose caption the mention stands; None for the body's."""
    return case.report.figure(mention.id.rpartition(":")[0]) if case.report else None
