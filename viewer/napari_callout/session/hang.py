"""How a figure is hung: one view for each picture that its caption speaks of, in order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callout.case import Case
from callout.figures.framing import best_place
from callout.figures.markers import groups_on, nearest_slice
from callout.figures.pictured import Pictured, elsewhere, pictured
from callout.reports import Figure, Mention
from napari_callout.session.choose import figure_of, place_at_level, regions_of_mention
from napari_callout.session.look import LAYOUTS, Look
from napari_callout.session.plane import Plane, why_not_across
from napari_callout.session.report_pictures import ReportPictures, hung_pictures
from napari_callout.session.views import Views

MOST = max(len(layout) for layout in LAYOUTS.values())
BODY_AXES = {"axial": 0, "coronal": 1, "sagittal": 2}  # the display axes across which they lie


def hung(case: Case, label: str, views: Views, pictures: ReportPictures) -> list[Look]:
    """The looks of a figure: the series and slices that its panels would show, at one zoom; [] where none fits.

    What no series shows is its picture of the report, where it has one.
    """
    figure = case.report.figure(label) if case.report else None
    if figure is None:
        return []
    found = [_look(case, figure, one, views) for one in pictured(case, figure)]
    mentions = [mention for mention in case.mentions if figure_of(case, mention) is figure]
    if not any(regions_of_mention(case, mention) for mention in mentions):
        found = [look and _at_level(case, mentions, look, views) for look in found]
    sizes = [views.plane_of(look).size_mm for look in found if look is not None]
    field = (max(height for height, _ in sizes), max(width for _, width in sizes)) if sizes else None
    found = [look and replace(look, field_mm=field) for look in found]
    for place, name in hung_pictures(case, figure):
        found.insert(place, pictures.try_look(name))
    return [look for look in found if look is not None][:MOST]


def _at_level(case: Case, mentions: Sequence[Mention], look: Look, views: Views) -> Look:
    """What is looked at where nothing is drawn yet: the first level that the caption names, if it is marked."""
    places = (place_at_level(case, mention, look.series_id) for mention in mentions)
    place = next((one for one in places if one is not None), None)
    return look if place is None or place.k is None else views.native(place.series_id, place.k)


def _look(case: Case, figure: Figure, picture: Pictured, views: Views) -> Look | None:
    series, lead = picture.series, picture.lead
    if lead is not None:
        _, rows, columns = lead.grid.shape
        middle = lead.grid.points([picture.k, (rows - 1) / 2, (columns - 1) / 2])
        return views.native(series.id, picture.k if lead is series else nearest_slice(series, middle))
    if picture.plane not in BODY_AXES or why_not_across(series.grid):
        return None
    masks = [[case.region_mask(region) for region in group.regions] for group in groups_on(case, figure, series)]
    through = best_place(series.grid, picture.plane, masks, elsewhere(case, figure, series))
    look = Look(series.id, BODY_AXES[picture.plane], 0)
    plane = Plane(views.order(series.id), look.axis, 0)
    at = round(float(plane.places(through)[0, 2]))
    return replace(look, at=min(max(at, 0), plane.count - 1))
