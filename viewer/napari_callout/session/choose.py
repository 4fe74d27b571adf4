"""Where a mention is seen: which series, and which slice. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callout.case import Case, Region
from callout.masks import Mask
from callout.reports import CaptionView, Figure, Mention
from callout.volume import Series


@dataclass(frozen=True)
class Place:
    """A series and, where it is known, the native slice `k`."""

    series_id: str
    k: int | None = None


def place_of(case: Case, mention: Mention, shown: str | None = None) -> Place | None:
    """Where to go for a mention: its region's largest slice, else the series that its figure speaks of.

    shown: the id of the series on the screen, which is kept where it serves. None where no series can.
    """
    regions = [r for r in regions_of_mention(case, mention) if case.region_mask(r).count]
    if regions:
        return place_of_regions(case, regions, shown)
    figure = figure_of(case, mention)
    if figure is None:
        return None if shown is None else Place(shown)
    best = best_series(case.series, views_of(figure, mention), shown)
    return None if best is None else Place(best.id)


def place_of_regions(case: Case, regions: Sequence[Region], shown: str | None = None) -> Place | None:
    """The largest slice of the region on the shown series, else of the largest region; None where all are empty."""
    masks = [(region, case.region_mask(region)) for region in regions]
    drawn = [(region, mask) for region, mask in masks if mask.count]
    if not drawn:
        return None
    region, mask = max(drawn, key=lambda one: (one[0].series_id == shown, one[1].count))
    return Place(region.series_id, largest_slice(mask))


def largest_slice(mask: Mask) -> int:
    """The native slice on which the mask has most voxels; the first of several. The mask is not empty."""
    return mask.low[0] + int(np.count_nonzero(mask.crop, axis=(1, 2)).argmax())


def regions_of_mention(case: Case, mention: Mention) -> list[Region]:
    """The regions of all findings that the mention is linked to."""
    findings = {link.finding_id for link in case.links if link.mention_id == mention.id}
    return [region for region in case.regions if region.finding_id in findings]


def figure_of(case: Case, mention: Mention) -> Figure | None:
    """The figure in whose caption the mention stands; None for the body's."""
    return case.report.figure(mention.id.rpartition(":")[0]) if case.report else None


def views_of(figure: Figure, mention: Mention | None = None) -> tuple[CaptionView, ...]:
    """The views a figure speaks of; only the mention's own where it stands in a panel's words.

    What the caption leaves open is filled from what the body adds.
    """
    caption = figure.caption
    views = caption.views or (CaptionView(caption.modality, None, None, None, caption.contrast),)
    if mention is not None and len(caption.panels) == len(views):
        panel = [n for n, span in enumerate(caption.panels) if span.start <= mention.start < span.end]
        views = tuple(views[n] for n in panel) or views
    modality = caption.modality or caption.inferred.get("modality")
    return tuple(
        CaptionView(view.modality or modality, view.plane, view.sequence, view.fat_suppressed, view.contrast)
        for view in views
    )


def best_series(series: Sequence[Series], views: Sequence[CaptionView], shown: str | None = None) -> Series | None:
    """The series that fits any of the views best; the shown one where it is as good; None for no series at all."""
    if not series:
        return None
    return max(series, key=lambda one: (max((fit(one, view) for view in views), default=0.0), one.id == shown))


def fit(series: Series, view: CaptionView) -> float:
    """How well a series fits a view: modality before plane and sequence, then contrast; scouts only when asked for."""
    score = 0.0
    if view.modality is not None and series.modality not in view.modality.split("+"):
        score -= 8.0
    if view.plane is not None:
        score += 3.0 if series.plane == view.plane else -3.0
    if view.sequence is not None and view.sequence != "scout":
        score += 3.0 if series.sequence == view.sequence else -3.0
    if view.contrast is not None:
        score += _contrast_fit(series.contrast, view.contrast)
    if series.is_localizer != (view.sequence == "scout"):
        score -= 6.0
    return score + min(series.grid.shape[0], 1000) * 1e-5


def _contrast_fit(has: str | None, wanted: str) -> float:
    after = ("post-contrast", "portal venous", "arterial")
    if has == wanted or (has in after and wanted in after):
        return 2.0
    before = (None, "pre-contrast", "non-contrast")
    if wanted in before and has in before:
        return 1.5
    return -0.5 if has is None else -2.0
