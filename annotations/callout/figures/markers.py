"""What is drawn on a figure's panel: its caption's markers on the findings that they name, and these findings' borders.

Frame: LPS mm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from callout.case.model import Mark, Region
from callout.figures.picture import PictureMark, overlay_of
from callout.figures.projection import Projection
from callout.figures.recipe import Arrow, Arrowhead, Asterisk, Callout, Fill, Outline, Overlay, View
from callout.figures.section import Volumes, cut, grid_of
from callout.figures.snapshot import Known
from callout.geometry import Floats
from callout.reports import Figure, Mention
from callout.terms import concept_or_unknown
from callout.volume import Series

Points = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Group:
    """The regions of one mention on one series."""

    mention: Mention
    regions: tuple[Region, ...]


def drawn_on(
    case: Known, figure: Figure, view: View, source: Volumes, *, outlines: bool = False, fills: bool = False
) -> tuple[Overlay, ...]:
    """What a view of a figure shows of its findings, within its frame: the caption's markers, and what readers marked.

    outlines, fills: the borders of their regions too, and the insides. No voxel is read for it.
    """
    series, page = source.series(view.series_id), _page(view, source)
    groups = groups_on(case, figure, series) or cut_groups(case, figure, series)
    reach = max(view.slab_mm, series.grid.spacing[0]) / 2

    @cache
    def is_here(region: Region) -> bool:
        if view.slice is not None and region.series_id == series.id and not view.slab_mm:
            mask = source.mask(region.id, series.id, view.slice)
        else:
            mask = cut(*source.region(region.id), page.grid)
        return mask is not None and _holds(view, page.voxels_to_panel(np.argwhere(mask)))

    def shows(point: Floats) -> bool:
        if not _holds(view, page.to_panel(point[None])):
            return False
        if view.slice is not None:
            return lies_on(series, point, view.slice)
        return abs(float((point - page.grid.origins[0]) @ page.grid.normal)) <= reach

    drawn = marked(case, figure, series, groups, is_here, shows)
    borders = outlines_of(case, groups, series, is_here) if outlines or fills else []
    insides: list[Overlay] = [Fill(one.region_id, one.colour) for one in borders] if fills else []
    return (*insides, *borders, *drawn)


def is_seen(overlay: Overlay, view: View, source: Volumes) -> bool:
    """Whether the region that an overlay is of is in the panel; one without a region is for its author to judge."""
    if overlay.region_id is None:
        return True
    page = _page(view, source)
    mask = cut(*source.region(overlay.region_id), page.grid)
    return mask is not None and _holds(view, page.voxels_to_panel(np.argwhere(mask)))


def _page(view: View, source: Volumes) -> Projection:
    """Onto a panel whose width is 1, and whose middle is (0.5, 0.5)."""
    return Projection(grid_of(view, source), 0, view.centre_mm, view.extent_mm[0], (1, 1))


def _holds(view: View, places: Floats) -> bool:
    """Whether any of the places (n, 2) on such a panel lies in the view."""
    x, y = places.T
    height = view.extent_mm[1] / view.extent_mm[0]
    return bool(((abs(x - 0.5) <= 0.5) & (abs(y - 0.5) <= height / 2)).any())


def groups_on(case: Known, figure: Figure, series: Series) -> list[Group]:
    """For each mention of the caption that has any, its findings' regions on `series`."""
    groups = []
    for mention in figure.caption.mentions:
        findings = {link.finding_id for link in case.links if link.mention_id == mention.id}
        regions = tuple(r for r in case.regions if r.finding_id in findings and r.series_id == series.id)
        if regions:
            groups.append(Group(mention, regions))
    return groups


def references_of(case: Known, figure: Figure) -> list[str]:
    """The ids of the series that readers chose to measure the figure's findings on, one a finding."""
    mentions = {mention.id for mention in figure.caption.mentions}
    findings = dict.fromkeys(link.finding_id for link in case.links if link.mention_id in mentions)
    return [chosen for one in findings if (chosen := case.finding(one).reference) is not None]


def nearest_slice(series: Series, point: Floats) -> int:
    """The native slice that a point, LPS mm, lies on or is nearest to."""
    return int(np.clip(round(float(series.grid.indices(point)[0])), 0, series.grid.shape[0] - 1))


def lies_on(series: Series, point: Floats, k: int) -> bool:
    """Whether a native slice is the one that a point, LPS mm, lies on; beyond the outermost ones it lies on none."""
    return round(float(series.grid.indices(point)[0])) == k


def cut_groups(case: Known, figure: Figure, series: Series) -> list[Group]:
    """The findings' regions as drawn on another series of the same frame of reference, first on that of a reference."""
    references = references_of(case, figure)
    for other in sorted(case.series, key=lambda one: one.id not in references):
        if other.grid.frame_of_reference_uid == series.grid.frame_of_reference_uid != "":
            groups = groups_on(case, figure, other)
            if groups:
                return groups
    return []


def marked(
    case: Known,
    figure: Figure,
    series: Series,
    groups: Sequence[Group],
    is_here: Callable[[Region], bool],
    shows: Callable[[Floats], bool],
) -> list[Overlay]:
    """The caption's markers on what is seen of its findings, and readers' marks: once, however many words are of it."""
    markers = [overlay for group in groups for overlay in markers_of(group, figure, is_here)]
    named = {group.mention.id for group in groups if any(is_here(region) for region in group.regions)}
    return list(dict.fromkeys([*markers, *marks_of(case, figure, series, shows, named)]))


def markers_of(group: Group, figure: Figure, is_here: Callable[[Region], bool]) -> list[Overlay]:
    """What the caption's marker is on the picture: on every finding that is seen there and that the words mean."""
    marker = group.mention.marker
    regions = [region for region in group.regions if is_here(region)]
    if marker is None:
        return []
    if marker.endswith("arrowhead"):
        return [Arrowhead(region_id=region.id) for region in regions]
    if marker.endswith("arrow"):
        return [Arrow(region_id=region.id) for region in regions]
    if marker == "*":
        return [Asterisk(region_id=region.id) for region in regions]
    return [Callout(text=as_written(marker, figure.caption.text), region_id=region.id) for region in regions]


def as_written(marker: str, caption: str) -> str:
    """A letter as the caption has it: markers are told apart in lower case, and a panel's "a" is no aorta's "A".

    >>> as_written("k", "CT: K, right kidney; L = liver"), as_written("a", "A CT shows a cyst (a)")
    ('K', 'a')
    """
    if len(marker) != 1 or not marker.isalpha():
        return marker
    capital = marker.upper()
    as_marker = r"(?:\(\s*{0}\s*[),;]|(?<!\w){0}\s*[=:,)])"
    is_small = re.search(as_marker.format(marker), caption)
    return capital if not is_small and re.search(as_marker.format(capital), caption) else marker


def marks_of(
    case: Known,
    figure: Figure,
    series: Series,
    shows: Callable[[Floats], bool],
    named: Collection[str] = (),
) -> list[Overlay]:
    """What a reader marked by hand for the caption's findings where the picture shows it, as it was marked.

    named: the ids of mentions whose number or letter stands on it already.
    """
    seen = [(mention, mark) for mention, mark in marks_on(case, figure, series) if shows(np.array(mark.points[0]))]
    return [
        overlay_of(kind, [(x, y, z) for x, y, z in points], **style)
        for kind, points, style in _by_hand(seen, figure, named)
    ]


def picture_marks(case: Known, figure: Figure, picture: str) -> tuple[PictureMark, ...]:
    """What a reader marked by hand on a picture of the report for the caption's findings, with their markers."""
    found: list[tuple[Mention, Mark]] = []
    for mention in figure.caption.mentions:
        findings = {link.finding_id for link in case.links if link.mention_id == mention.id}
        found += [(mention, m) for m in case.marks if m.finding_id in findings and m.picture == picture]
    drawn = (
        PictureMark(kind, tuple((x, y) for x, y in points), **style) for kind, points, style in _by_hand(found, figure)
    )
    return tuple(dict.fromkeys(drawn))


def _by_hand(
    marks: Sequence[tuple[Mention, Mark]], figure: Figure, named: Collection[str] = ()
) -> list[tuple[str, Points, dict[str, Any]]]:
    """Kind, points and style of what is drawn for marks, as of `PictureMark`, in whatever frame their points are.

    A mention's number, letter or asterisk stands once beside its marks: at its points, else beside the first mark.
    """
    drawn: list[tuple[str, Points, dict[str, Any]]] = []
    pointed = {mention.id for mention, mark in marks if mark.kind == "point"}
    told = {*named, *pointed}
    for mention, mark in marks:
        kind, style = _marker(mention, figure)
        points = mark.points
        if mark.kind == "point":
            drawn.append((kind or "asterisk", points, style))
            continue
        pairs = mark.kind in ("calipers", "diameters")
        drawn += [("calipers", points[n : n + 2], {}) for n in range(0, len(points), 2)] if pairs else []
        drawn += [] if pairs else [(mark.kind, points, {})]
        if mention.id not in told and kind in ("callout", "asterisk"):
            drawn.append((kind, points[1:2], style))  # an arrow's tail, a line's end, a vertex, an ellipse's edge
            told.add(mention.id)
    return drawn


def _marker(mention: Mention, figure: Figure) -> tuple[str, dict[str, Any]]:
    """What the caption's marker is on a picture, as of `PictureMark`; "" where it has none."""
    if mention.marker is None or mention.marker == "*":
        return "asterisk" if mention.marker else "", {}
    for kind in ("arrowhead", "arrow"):
        if mention.marker.endswith(kind):
            return kind, {}
    return "callout", {"text": as_written(mention.marker, figure.caption.text)}


def marks_on(case: Known, figure: Figure, series: Series) -> list[tuple[Mention, Mark]]:
    """The marks of the caption's findings on a series, each with the mention that it is for."""
    found = []
    for mention in figure.caption.mentions:
        findings = {link.finding_id for link in case.links if link.mention_id == mention.id}
        found += [(mention, m) for m in case.marks if m.finding_id in findings and m.series_id == series.id]
    return found


def outlines_of(
    case: Known, groups: Sequence[Group], series: Series, is_here: Callable[[Region], bool]
) -> list[Outline]:
    """One outline a region that is seen, in its concept's colour; dashed where it only cuts this series."""
    regions = {region.id: region for group in groups for region in group.regions}
    return [
        Outline(
            region_id=region.id,
            colour=concept_or_unknown(case.finding(region.finding_id).concept).colour,
            dash="solid" if region.series_id == series.id else "dashed",
        )
        for region in regions.values()
        if is_here(region)
    ]
