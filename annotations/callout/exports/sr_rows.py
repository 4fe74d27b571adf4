"""What a structured report says of each region and of each mark of a series, as JSON values: rows with their codes,
the places of their words in the report, and what shows on an image.

points of what shows: (column, row) pixels from the outer corner of the first one (PS3.3 C.18.6.1.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from callout.case import Finding
from callout.case.contents import Contents
from callout.case.model import Mark
from callout.dicom.tags import ENHANCED
from callout.exports.coding import category_of, place_of
from callout.exports.labelled import LabelledRegion
from callout.exports.mark_rows import mark_rows
from callout.geometry import Floats
from callout.volume import Series

Drawn = Sequence[tuple[str, Floats]]  # a graphic type, and voxels (n, 3)


def region_row(row: Mapping[str, Any], series: Series, one: LabelledRegion) -> dict[str, Any]:
    """A row of a region: both axes on their image, else a point in the region."""
    if row["long_axis_ends"] is not None:
        k = int(row["slice"])
        drawn = [("POLYLINE", series.grid.indices(row[axis])) for axis in ("long_axis_ends", "short_axis_ends")]
    else:
        k = max(one.mask.slices(), key=lambda k: int(one.mask.crop[k - one.mask.low[0]].sum()))
        j, i = np.argwhere(one.mask.crop[k - one.mask.low[0]]).mean(axis=0) + one.mask.low[1:]
        drawn = [("POINT", np.array([[k, j, i]]))]
    return _coded(row, one.finding, _graphics(series, k, drawn))


def marked_rows(case: Contents, series: Series) -> list[dict[str, Any]]:
    """The rows of the marks that lie on a slice of a series: a point, or the tip of an arrow, a line, an ellipse."""
    told = []
    for row in mark_rows(case):
        if row["series_id"] == series.id and row["slice"] is not None:
            drawn = _drawn(case.mark(row["mark_id"]), series)
            told.append(_coded(row, case.finding(row["finding_id"]), _graphics(series, row["slice"], drawn)))
    return told


def _coded(row: Mapping[str, Any], finding: Finding, graphics: list[dict[str, Any]]) -> dict[str, Any]:
    """A row with what only a report says: category and site as codes, where phrases stand, what shows on an image."""
    category, place = category_of(finding.concept), place_of(finding)
    sited = finding.site or finding.laterality
    return {
        **row,
        "category": [category.scheme, category.value],
        "place": [place.scheme, place.value] if sited else None,
        "phrases": [{**phrase, "place": _place_in_report(phrase["mention"])} for phrase in row["phrases"]],
        "graphics": graphics,
    }


def _place_in_report(mention: str) -> str:
    where = mention.partition(":")[0]
    return "Body" if where == "body" else f"Figure {where}"


def _drawn(mark: Mark, series: Series) -> Drawn:
    voxels = series.grid.indices(np.array(mark.points))
    if mark.kind in ("point", "arrow"):
        return [("POINT", voxels[:1])]
    if mark.kind == "ellipse":
        return [("ELLIPSE", _axes(voxels))]
    if mark.kind == "diameters":
        return [("POLYLINE", voxels[:2]), ("POLYLINE", voxels[2:])]
    return [("POLYLINE", voxels)]


def _axes(voxels: Floats) -> Floats:
    """The ends of an ellipse's long axis, then of its short one, at right angles in pixels; of its centre and the ends
    of any two half-axes.
    """
    centre = voxels[0]
    turned, lengths, _ = np.linalg.svd((voxels[1:, 1:] - centre[1:]).T)
    halves = np.pad((turned * lengths).T, ((0, 0), (1, 0)))
    return np.array([centre - halves[0], centre + halves[0], centre - halves[1], centre + halves[1]])


def _graphics(series: Series, k: int, drawn: Drawn) -> list[dict[str, Any]]:
    """What is drawn on slice `k`; nothing on tiles of a mosaic, which are no images."""
    images = {instance.sop_instance_uid for instance in series.instances}
    if len(images) < series.grid.shape[0] and series.sop_class_uid not in ENHANCED:
        return []
    instance = series.instances[k]
    return [
        {
            "type": kind,
            "points": (voxels[:, :0:-1] + 0.5).round(3).tolist(),
            "image": instance.sop_instance_uid,
            "frame": instance.frame if series.sop_class_uid in ENHANCED else None,
        }
        for kind, voxels in drawn
    ]
