"""What is marked in a case, as one row a mark: for tables, JSON and structured reports."""

from __future__ import annotations

from functools import partial
from typing import Any

from callout.case.contents import Contents
from callout.case.mark_measures import MarkMeasures
from callout.case.model import Mark
from callout.errors import CalloutError
from callout.figures.source import CaseSource
from callout.terms import code_of, concept
from callout.volume import Series

NO_VALUES = "mean and sd in the ellipse are left out: the images can't be read"
PLACE = ("series_id", "series", "modality", "plane", "slice", "picture", "points_mm", "points_px")
LENGTHS = ("length_mm", "short_mm", "angle_deg", "area_mm2", "length_px", "short_px", "area_px")
MEASURES = (*LENGTHS, "pixels", "mean", "sd")


def mark_rows(case: Contents) -> list[dict[str, Any]]:
    """One row a mark, JSON values, the same keys in each; what is not, or can't be measured, is None.

    points_mm: LPS, on slice `slice` of a series; points_px: (column, row) of `picture`; both as of `Mark`, to 0.001.
    length, short: of calipers and of both diameters and axes of an ellipse, in mm, or in the picture's pixels. pixels,
    mean, sd: of those in an ellipse on a slice, in `unit`: HU, or "" where there is none. Nothing is measured on
    localizers, and no length where no pixel size is stated. words: all of it, as a radiologist writes it.
    """
    source = CaseSource(case)
    return [_row(case, mark, source) for mark in case.marks]


def mark_notes(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """What to know of the rows."""
    unread = [row for row in rows if row["kind"] == "ellipse" and row["area_mm2"] is not None and row["pixels"] is None]
    return tuple(f"{row['mark_id']} of {row['name']}: {NO_VALUES}" for row in unread)


def phrases_of(case: Contents, finding_id: str) -> list[dict[str, str]]:
    """The words of the report that speak of a finding: the id of each mention, and its text."""
    mentions = [case.mention(link.mention_id) for link in case.links if link.finding_id == finding_id]
    return [{"mention": mention.id, "text": mention.text} for mention in mentions]


def mark_slice(mark: Mark, series: Series) -> int | None:
    """The slice that a mark lies on; None beyond the series."""
    k = round(float(series.grid.indices(mark.points[0])[0]))
    return k if 0 <= k < series.grid.shape[0] else None


def _row(case: Contents, mark: Mark, source: CaseSource) -> dict[str, Any]:
    finding = case.finding(mark.finding_id)
    code = code_of(concept(finding.concept))
    points = [[round(value, 3) for value in point] for point in mark.points]
    row: dict[str, Any] = {
        "mark_id": mark.id,
        "kind": mark.kind,
        "finding_id": finding.id,
        "name": finding.label,
        "concept": finding.concept,
        "code": [code.scheme, code.value],
        "meaning": code.meaning,
        "laterality": finding.laterality,
        "site": finding.site,
        "state": finding.state,
        "reader": finding.reader,
        "phrases": phrases_of(case, finding.id),
        "tracking_uid": finding.tracking_uid,
        **dict.fromkeys((*PLACE, *MEASURES)),
        "unit": "",
        "words": "",
    }
    if mark.series_id is None:
        row |= {"picture": mark.picture, "points_px": points}
        return row | _measured(case.measures_of(mark))
    series = case.series_of(mark.series_id)
    row |= {
        "series_id": series.id,
        "series": series.title,
        "modality": series.modality,
        "plane": series.plane,
        "slice": mark_slice(mark, series),
        "points_mm": points,
        "unit": "HU" if series.modality == "CT" else "",
    }
    try:
        return row | _measured(case.measures_of(mark, partial(source.pixels, series.id)))
    except CalloutError:
        return row | _measured(case.measures_of(mark))


def _measured(measures: MarkMeasures | None) -> dict[str, Any]:
    if measures is None:
        return {}
    unit = measures.unit
    found = {
        f"length_{unit}": measures.length,
        f"short_{unit}": measures.short,
        "area_mm2" if unit == "mm" else "area_px": measures.area,
        "angle_deg": measures.angle_deg,
        "pixels": measures.pixels,
        "mean": measures.mean,
        "sd": measures.sd,
        "words": measures.in_words,
    }
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}
