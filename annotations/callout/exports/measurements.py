"""What is measured on each region of a case, as one row a region: for tables, JSON and structured reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from callout.case import Finding
from callout.case.contents import Contents
from callout.case.reference import reference_of
from callout.exports.enhancement import enhancements
from callout.exports.expected import expected_of
from callout.exports.formats import Outgoing
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.mark_rows import phrases_of
from callout.terms import code_of, concept

SIZES = ("volume_mm3", "long_axis_mm", "short_axis_mm", "long_axis_ends", "short_axis_ends", "extent_mm")
NOTHING = "nothing is measured on a localizer"
NO_SIZES = "sizes are left out: these images tell no PixelSpacing"
NO_INTENSITIES = "mean and sd are left out: the images can't be read"
INTENSITIES = ("mean", "sd", "median", "percentile_10", "percentile_90")
WALL = ("max_wall_mm", "wall_ends", "gas_mm3", "solid_mm3")


def rows(outgoing: Outgoing) -> list[dict[str, Any]]:
    """One row a region, JSON values, the same keys in each; what can't be measured is None.

    Lengths in mm, rounded to 0.001; ends: LPS mm; slice: k, from 0; mean, sd, median and percentiles in `unit`: HU, or
    "" where there is none. Wall, gas and solid: of cavities on CT that were drawn with their wall; what is no gas is
    solid, fluid too. Nothing is measured on localizers.
    """
    return [_row(outgoing.case, stack, one) for stack in outgoing.stacks for one in stack.regions]


def case_rows(outgoing: Outgoing, relative_to: Finding | None = None) -> list[dict[str, Any]]:
    """The rows of a whole case, which also tell what follows from several series.

    is_reference: whether it is the region that its finding is measured on (`reference_of`). Regions of several series
        show the same lesion, so they are never added.
    enhancement: of T1 before and after contrast, relative to the tissue of a finding (`Enhancement`).
    """
    found = rows(outgoing)
    measured = [(stack, one) for stack in outgoing.stacks for one in stack.regions]
    told = enhancements(outgoing.case, [one.region for _, one in measured], relative_to)
    sizes: dict[str, dict[str, tuple[float, float]]] = {}
    for stack, one in measured:
        if stack.series.is_measurable:
            sizes.setdefault(one.finding.id, {})[stack.series.id] = stack.measures[one.number].size
    for row, (stack, one) in zip(found, measured, strict=True):
        row["is_reference"] = reference_of(one.finding, sizes.get(one.finding.id, {})) == stack.series.id
        row["enhancement"] = told[row["region_id"]]
    return found


def notes(outgoing: Outgoing) -> tuple[str, ...]:
    """What to know of the rows, by series."""
    told = []
    for stack in outgoing.stacks:
        if stack.series.is_localizer:
            told.append(f"{stack.series.title}: {NOTHING}")
            continue
        if not stack.series.is_measurable:
            told.append(f"{stack.series.title}: {NO_SIZES}")
        if any(one.mean is None for one in stack.measures.values()):
            told.append(f"{stack.series.title}: {NO_INTENSITIES}")
    return tuple(told)


def _row(case: Contents, stack: LabelledStack, one: LabelledRegion) -> dict[str, Any]:
    finding, series = one.finding, stack.series
    measures = _rounded(asdict(stack.measures[one.number]))
    if not series.is_measurable:
        measures |= dict.fromkeys(SIZES)
    if series.is_localizer:
        measures |= dict.fromkeys(INTENSITIES)
    parts = stack.cavities.get(one.number)
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
        "phrases": phrases_of(case, finding.id),
        **measures,
        **{name: _rounded(getattr(parts, name, None)) for name in WALL},
        "unit": "HU" if series.modality == "CT" else "",
    }


def _rounded(value: Any) -> Any:
    """Thousandths: of mm, mm³ and intensities, far below what a voxel can tell."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, tuple) else value
