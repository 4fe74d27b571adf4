"""Enhancement: by how much a region's T1 signal rises after contrast, relative to tissue that is chosen.

MR signal has no unit, so a ratio means something only between series that can be compared, and only beside tissue that
does not enhance itself. On STIR gadolinium lowers the signal of what enhances, and on T2 it tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from callout.case import Finding, Region
from callout.case.contents import Contents
from callout.dicom.comparable import incomparable
from callout.errors import CalloutError
from callout.figures.source import CaseSource
from callout.geometry import Floats, Grid
from callout.masks import Mask
from callout.volume import Series, Volume

PHASES = ("pre-contrast", "post-contrast")
ON_T1_ONLY = "enhancement is seen on T1 only"


@dataclass(frozen=True)
class Enhancement:
    """The ratio of a region's T1 signal after contrast to that before it, or why there is none.

    ratio: (after / before) of the region over (after / before) of the tissue; 1 is no enhancement.
    before, after: ids of the two series, where there are two. relative_to: id of the finding whose tissue it is.
    """

    ratio: float | None = None
    before: str | None = None
    after: str | None = None
    relative_to: str | None = None
    note: str = ""


def enhancement(source: CaseSource, region: Region, relative_to: Finding | None) -> Enhancement:
    """What is told of a region of the case; an empty record where its series is no MR, or a localizer."""
    case = source.case
    series = case.series_of(region.series_id)
    if series.modality != "MR" or series.is_localizer:
        return Enhancement()
    partners, reason = _partners(series, case.series)
    if not partners:
        return Enhancement(note=f"not comparable: {reason}")
    reason = "it reaches beyond the other series"
    for partner in partners:
        before, after = (one.id for one in sorted((series, partner), key=lambda one: PHASES.index(one.contrast or "")))
        try:
            rise = _rise(source, region, before, after)
            if rise is None:
                continue
            if relative_to is None:
                return Enhancement(None, before, after, note="not comparable: no tissue is chosen to relate it to")
            tissue = _tissue(source, relative_to, before, after)
        except CalloutError:
            return Enhancement(None, before, after, note="the images can't be read")
        if tissue is not None:
            return Enhancement(round(rise / tissue, 3), before, after, relative_to.id)
        reason = f"{relative_to.label} is not drawn within both series"
    return Enhancement(note=f"not comparable: {reason}")


def _partners(series: Series, others: Sequence[Series]) -> tuple[list[Series], str]:
    """The series that one can be compared with, in the order of the case; where there are none, why."""
    if series.sequence != "T1":
        return [], ON_T1_ONLY
    if series.contrast not in PHASES:
        return [], "nothing tells whether it was taken before or after contrast"
    wanted = PHASES[1 - PHASES.index(series.contrast)]
    found = [
        one
        for one in others
        if (one.study_uid, one.sequence, one.contrast, one.plane) == (series.study_uid, "T1", wanted, series.plane)
        and not one.is_localizer
    ]
    reasons = [incomparable(series, one) for one in found]
    fitting = [one for one, reason in zip(found, reasons, strict=True) if not reason]
    return fitting, reasons[0] if reasons else f"there is no {wanted} T1 of this plane"


def _tissue(source: CaseSource, finding: Finding, before: str, after: str) -> float | None:
    """The rise of a finding's tissue, of the first of its regions that lies within both series."""
    drawn = [one for one in source.case.regions if one.finding_id == finding.id]
    drawn.sort(key=lambda one: one.series_id not in (before, after))  # drawn on one of the two rather than elsewhere
    return next((rise for one in drawn if (rise := _rise(source, one, before, after)) is not None), None)


def _rise(source: CaseSource, region: Region, before: str, after: str) -> float | None:
    """The mean signal after contrast over that before it; None where the region reaches beyond one of the series.

    A shift that a reader set for the difference of the two holds here too: the region itself stays where it is drawn.
    """
    mask, grid = source.region(region.id)
    moved = np.array(source.case.shift_of(after, before))
    shift = moved if moved.any() else -np.array(source.case.shift_of(before, after))
    back = {before: shift, after: np.zeros(3)} if region.series_id != before else {before: np.zeros(3), after: -shift}
    means = [_mean(mask, grid, source.volume(series_id), back[series_id]) for series_id in (before, after)]
    if means[0] is None or means[1] is None or min(means[0], means[1]) <= 0:
        return None
    return means[1] / means[0]


def _mean(mask: Mask, grid: Grid, volume: Volume, back: Floats) -> float | None:
    """The mean of a volume's voxels that the centres of a mask's voxels lie in; the mask itself is never resampled.

    back: LPS mm that the volume is moved by, which is taken off first. None where the mask reaches beyond the volume.
    """
    frames = {grid.frame_of_reference_uid, volume.grid.frame_of_reference_uid}
    if not mask.count or (grid is not volume.grid and (len(frames) > 1 or "" in frames)):
        return None
    at = np.rint(volume.grid.indices(grid.points(np.argwhere(mask.crop) + mask.low) - back)).astype(np.intp)
    if not ((at >= 0) & (at < volume.grid.shape)).all():
        return None
    return float(volume.voxels[tuple(at.T)].mean(dtype=np.float64))


def enhancements(
    case: Contents, regions: Sequence[Region], relative_to: Finding | None = None
) -> dict[str, dict[str, Any]]:
    """By the id of each region its enhancement, as JSON values."""
    source = CaseSource(case)
    return {region.id: asdict(enhancement(source, region, relative_to)) for region in regions}
