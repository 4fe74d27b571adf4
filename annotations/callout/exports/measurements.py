"""What is measured on each region of a case, as one row a region: for tables, JSON and structured reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from callout.case.contents import Contents
from callout.exports.expected import expected_of
from callout.exports.formats import Outgoing
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.terms import code_of, concept

SIZES = ("volume_mm3", "long_axis_mm", "short_axis_mm", "long_axis_ends", "short_axis_ends", "extent_mm")
NO_SIZES = "sizes are left out: these images can't be measured (a localizer, or no PixelSpacing)"
NO_INTENSITIES = "mean and sd are left out: the images can't be read"


def rows(outgoing: Outgoing) -> list[dict[str, Any]]:
    """One row a region, JSON values, the same keys in each; what can't be measured is None.

    Lengths in mm, rounded to 0.001; long_axis_ends, short_axis_ends: LPS mm; slice: k, from 0; mean and sd in `unit`,
    which is HU, or "" where there is none.
    """
    return [_row(outgoing.case, stack, one) for stack in outgoing.stacks for one in stack.regions]


def notes(outgoing: Outgoing) -> tuple[str, ...]:
    """What to know of the rows, by series."""
    told = []
    for stack in outgoing.stacks:
        if not stack.series.is_measurable:
            told.append(f"{stack.series.title}: {NO_SIZES}")
        if any(measures.mean is None for measures in stack.measures.values()):
            told.append(f"{stack.series.title}: {NO_INTENSITIES}")
    return tuple(told)


def _row(case: Contents, stack: LabelledStack, one: LabelledRegion) -> dict[str, Any]:
    finding, series = one.finding, stack.series
    measures = _rounded(asdict(stack.measures[one.number]))
    if not series.is_measurable:
        measures |= dict.fromkeys(SIZES)
    code = code_of(concept(finding.concept))
    return {
        **expected_of(one),
        "series_id": series.id,
        "series": series.title,
        "modality": series.modality,
        "plane": series.plane,
        "meaning": code.meaning,
        "site": finding.site,
        "state": finding.state,
        "reader": finding.reader,
        "algorithm": one.algorithm,
        "phrases": phrases(case, one),
        **measures,
        "unit": "HU" if series.modality == "CT" else "",
    }


def _rounded(value: Any) -> Any:
    """Thousandths: of mm, mm³ and intensities, far below what a voxel can tell."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, tuple) else value


def phrases(case: Contents, one: LabelledRegion) -> list[dict[str, str]]:
    """The words of the report that speak of the region's finding: the id of each mention, and its text."""
    mentions = [case.mention(link.mention_id) for link in case.links if link.finding_id == one.finding.id]
    return [{"mention": mention.id, "text": mention.text} for mention in mentions]
