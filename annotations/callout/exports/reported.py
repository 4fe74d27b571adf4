"""What reports tell of findings, taken over into a case: new findings, or ones that came in beside the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from callout.case import Case, Finding, Region
from callout.exports.loaded import LoadedFinding, Outline
from callout.masks.contours import filled

LONGEST_NOTE = 10_000  # characters


@dataclass
class Reported:
    """What has come of the reports so far.

    here: ids of the findings that the case had before; they stay as they are.
    by_segment: the findings whose regions came in, by SOPInstanceUID of their segmentation and number.
    origins: by the id of each region made of outlines, where it came from.
    """

    here: frozenset[str]
    by_segment: Mapping[tuple[str, int], Finding]
    findings: list[Finding] = field(default_factory=list)
    regions: list[tuple[Finding, Region]] = field(default_factory=list)
    origins: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, case: Case, told: LoadedFinding, file: Path) -> None:
        """One finding that `file` tells of."""
        known = self._known(case, told)
        label = told.name or told.concept or "lesion"
        if known and known.id in self.here:
            self.left_out.append(f"{file.name}: {label}: the case has this finding already, which stays as it is")
            return
        finding = known or case.add_finding(
            told.concept or "lesion",
            name=told.name,
            laterality=told.laterality,
            site=told.site,
            tracking_uid=told.tracking_uid,
        )
        self._outline(case, finding, told, label, file)
        has_region = any(region.finding_id == finding.id for region in case.regions)
        if told.segment and not has_region:
            uid, number = told.segment
            what = f"its region is segment {number} of the segmentation {uid[:64]}: import that file with it"
            self.left_out.append(f"{file.name}: {label}: {what}")
        of_region = has_region and bool(told.segment or told.outlines)  # else the axes are marked for themselves
        for mark in told.marks if of_region else (*told.axes, *told.marks):
            case.add_mark(finding, mark.kind, mark.points, series_id=mark.series_id)
        said = told.remarks if has_region else (*told.sizes, *told.remarks)
        self.findings.append(self._described(case, finding, told, said, file))

    def _known(self, case: Case, told: LoadedFinding) -> Finding | None:
        if told.segment and told.segment in self.by_segment:
            return case.finding(self.by_segment[told.segment].id)
        same = (one for one in case.findings if told.tracking_uid and one.tracking_uid == told.tracking_uid)
        return next(same, None)

    def _outline(self, case: Case, finding: Finding, told: LoadedFinding, label: str, file: Path) -> None:
        """Regions of what is drawn around the finding, beside any that it has."""
        in_order = sorted(told.outlines, key=lambda one: (one.series_id, one.k))
        for (series_id, k), outlines in groupby(in_order, key=lambda one: (one.series_id, one.k)):
            shape = case.series_of(series_id).grid.shape
            plane = _inside(list(outlines), (shape[1], shape[2]))
            if not plane.any():
                what = f"an outline on slice {k} of {series_id} has no voxel's centre in it"
                self.left_out.append(f"{file.name}: {label}: {what}")
                continue
            mine = (one for one in case.regions if (one.finding_id, one.series_id) == (finding.id, series_id))
            region = next(mine, None)
            if region is None:
                region = case.add_region(finding, series_id)
                self.origins[region.id] = {"file": file.name}
                self.regions.append((finding, region))
            before = case.read_region(region, (k, 0, 0), (k + 1, shape[1], shape[2]))[0]
            case.paint(region, k, plane | before)

    def _described(self, case: Case, finding: Finding, told: LoadedFinding, said: Sequence[str], file: Path) -> Finding:
        fields: dict[str, Any] = {}
        if told.laterality and not finding.laterality:
            fields["laterality"] = told.laterality
        if told.site and not finding.site:
            fields["site"] = told.site
        if said:
            note = f"{'; '.join(said)}, as read from {file.name}"
            fields["note"] = (f"{finding.note}; {note}" if finding.note else note)[:LONGEST_NOTE]
        return case.change_finding(finding, **fields) if fields else finding


def _inside(outlines: Sequence[Outline], shape: tuple[int, int]) -> Any:
    """The voxels, bool (rows, columns), that lie inside any of the outlines."""
    plane = np.zeros(shape, bool)
    for one in outlines:
        plane |= filled([one.polygon], shape)
    return plane
