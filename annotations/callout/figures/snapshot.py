"""What figures have to know of a case, and a picture of it that another thread can draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callout.case.contents import Contents
from callout.case.model import Finding, Link, Mark, Region
from callout.errors import InputError
from callout.figures.recipe import Vector
from callout.figures.recipe_file import from_toml
from callout.masks import Mask
from callout.reports import Picture, Report
from callout.volume import Series


class Known(Protocol):
    """What figures have to know of a case: the case itself, or a `Snapshot`."""

    @property
    def path(self) -> Path:
        """Of the case's file."""

    @property
    def series(self) -> tuple[Series, ...]:
        """The stacks of images."""

    @property
    def report(self) -> Report | None:
        """With its figures and mentions."""

    @property
    def pictures(self) -> Mapping[str, Picture]:
        """The picture files that came with the report, by name."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """Of the findings."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Of the findings."""

    @property
    def links(self) -> tuple[Link, ...]:
        """Which finding is linked to which mention."""

    @property
    def recipes(self) -> Mapping[str, str]:
        """The recipes that authors set, TOML by figure label."""

    def series_of(self, series_id: str) -> Series:
        """The series with that id; InputError where there is none."""

    def finding(self, finding_id: str) -> Finding:
        """The finding with that id."""

    def region(self, region_id: str) -> Region:
        """The region with that id; InputError where there is none."""

    def region_mask(self, region: Region | str) -> Mask:
        """The region as a sparse mask."""

    def shift_of(self, series_id: str, minus: str) -> Vector:
        """LPS mm by which `minus` is moved before it is subtracted from the series."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A case at one moment, as far as one figure needs it. Nothing of it changes or reads the case's file any more."""

    path: Path
    series: tuple[Series, ...]
    report: Report | None
    pictures: Mapping[str, Picture]
    findings: tuple[Finding, ...]
    regions: tuple[Region, ...]
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    recipes: Mapping[str, str]
    masks: Mapping[str, Mask]
    moved: Mapping[tuple[str, str], Vector]

    @classmethod
    def of(cls, case: Contents, label: str) -> Snapshot:
        """What figure `label` needs: the masks of what its caption is linked to, and of what its recipe names."""
        figure = case.report.figure(label) if case.report else None
        mentions = {mention.id for mention in figure.caption.mentions} if figure else set()
        findings = {link.finding_id for link in case.links if link.mention_id in mentions}
        named = _named(case.recipes[label]) if label in case.recipes else set()
        needed = [region for region in case.regions if region.finding_id in findings or region.id in named]
        masks = {region.id: case.region_mask(region) for region in needed}
        moved = {(one.series_id, one.minus): case.shift_of(one.series_id, one.minus) for one in case.shifts}
        return cls(
            case.path, case.series, case.report, case.pictures, case.findings, case.regions, case.marks, case.links,
            dict(case.recipes), masks, moved,
        )  # fmt: skip

    def series_of(self, series_id: str) -> Series:
        """The series with that id; InputError where there is none."""
        from callout.dicom import pick_series

        return pick_series(self.series, series_id)

    def finding(self, finding_id: str) -> Finding:
        """The finding with that id."""
        return next(finding for finding in self.findings if finding.id == finding_id)

    def region(self, region_id: str) -> Region:
        """The region with that id; InputError where there is none."""
        found = next((region for region in self.regions if region.id == region_id), None)
        if found is None:
            raise InputError(f"the case has no region {region_id}", str(self.path))
        return found

    def region_mask(self, region: Region | str) -> Mask:
        """The region as a sparse mask, as it was."""
        return self.masks[region if isinstance(region, str) else region.id]

    def shift_of(self, series_id: str, minus: str) -> Vector:
        """LPS mm by which `minus` is moved before it is subtracted from the series."""
        return self.moved.get((self.series_of(series_id).id, self.series_of(minus).id), (0.0, 0.0, 0.0))


def _named(toml: str) -> set[str]:
    """The regions that a recipe names; none where it can't be read, which is told where it is drawn."""
    try:
        views = [panel.view for panel in from_toml(toml).panels if panel.view is not None]
    except InputError:
        return set()
    drawn = {overlay.region_id for view in views for overlay in view.overlays}
    return {name for name in (*drawn, *(view.along for view in views)) if name}
