"""How a figure is hung: one view for each picture that its caption speaks of, in order. Pure."""

from __future__ import annotations

from dataclasses import replace

from callout.case import Case
from callout.case.hanging import fitting_series, views_of
from napari_callout.session.choose import place_of_regions, regions_of_mention
from napari_callout.session.look import LAYOUTS, Look
from napari_callout.session.views import Views

MOST = max(len(layout) for layout in LAYOUTS.values())


def hung(case: Case, label: str, views: Views) -> list[Look]:
    """The looks of figure `label`; those of one kind of plane at one zoom. [] where no series fits.

    Each picture takes the best series that no earlier one took, at the slice on which most is drawn of what the caption
    names, else in its middle.
    """
    figure = case.report.figure(label) if case.report else None
    if figure is None:
        return []
    regions = [region for mention in figure.caption.mentions for region in regions_of_mention(case, mention)]
    taken: list[str] = []
    for view in views_of(figure.caption)[:MOST]:
        fitting = [one.id for one in fitting_series(view, figure.caption, case.series)]
        free = [name for name in fitting if name not in taken] or ([] if taken else fitting)
        drawn = [name for name in free if any(region.series_id == name for region in regions)]
        taken += (drawn or free)[:1]
    looks = []
    for series_id in taken:
        place = place_of_regions(case, [region for region in regions if region.series_id == series_id])
        k = place.k if place is not None and place.k is not None else case.series_of(series_id).grid.shape[0] // 2
        looks.append(views.native(series_id, k))
    sizes = [views.plane_of(look).size_mm for look in looks]
    field = (max(height for height, _ in sizes), max(width for _, width in sizes)) if sizes else None
    return [replace(look, field_mm=field) for look in looks]
