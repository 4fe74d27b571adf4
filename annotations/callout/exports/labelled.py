"""The regions of a case as every format numbers them: per series, 1, 2, 3 … in the order of the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from callout.case import Edit, Finding, Region
from callout.case.contents import Contents
from callout.dicom import load
from callout.errors import CalloutError
from callout.masks import Mask, Measures, measure
from callout.masks.cavity import Cavity, cavity
from callout.volume import Series

AlgorithmType = Literal["MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"]
HAND_TOOLS = {"", "paint", "erase", "fill", "polygon", "outline", "cut out"}  # "" is a script's
FROM_FILES = ("import", "import, resampled", "add")
LONGEST_NAME = 64  # of SegmentAlgorithmName, an LO (PS3.5 6.2)
CAVITY = "cavity"  # the concept


@dataclass(frozen=True)
class LabelledRegion:
    """One region with its number: segment number = label value = ROI order.

    algorithm: how the history says it was made; algorithm_name: in words, for those not drawn by hand.
    edited: when it was last changed, UTC, ISO 8601.
    """

    number: int
    finding: Finding
    region: Region
    mask: Mask
    algorithm: AlgorithmType
    algorithm_name: str
    edited: str


@dataclass(frozen=True)
class LabelledStack:
    """The regions of one series that have voxels."""

    series: Series
    regions: tuple[LabelledRegion, ...]

    @cached_property
    def layers(self) -> tuple[tuple[LabelledRegion, ...], ...]:
        """The regions in as few layers as the order of their numbers gives, none overlapping another of its layer."""
        layers: list[list[LabelledRegion]] = []
        for one in self.regions:
            free = next((layer for layer in layers if not any(one.mask.overlaps(o.mask) for o in layer)), None)
            if free is None:
                layers.append([one])
            else:
                free.append(one)
        return tuple(tuple(layer) for layer in layers)

    @property
    def edited(self) -> str:
        """When one of its regions was last changed, UTC, ISO 8601."""
        return max(one.edited for one in self.regions)

    @property
    def overlaps(self) -> bool:
        """Whether any voxel is in two regions."""
        return len(self.layers) > 1

    @property
    def measures(self) -> dict[int, Measures]:
        """What is measured on each region, by number; without intensities where the images can't be read."""
        return self._measured[0]

    @property
    def cavities(self) -> dict[int, Cavity]:
        """Lumen and wall, by number, of each finding on CT that is a cavity and was drawn with its wall."""
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[dict[int, Measures], dict[int, Cavity]]:
        voxels, grid = None, self.series.grid
        with suppress(CalloutError):
            voxels = load(self.series).voxels
        measured = {one.number: measure(one.mask, grid, voxels) for one in self.regions}
        found = {number: measures for number, measures in measured.items() if measures is not None}
        if voxels is None or self.series.modality != "CT" or not self.series.is_measurable:
            return found, {}
        drawn = [one for one in self.regions if one.finding.concept == CAVITY]
        cavities = {one.number: cavity(one.mask, grid, voxels) for one in drawn}
        return found, {number: parts for number, parts in cavities.items() if parts.has_wall(voxels)}

    def label_planes(
        self, layers: Sequence[Sequence[LabelledRegion]], kind: np.dtype[Any]
    ) -> Iterator[npt.NDArray[Any] | None]:
        """Slice by slice the label values of layers whose regions don't overlap; None where there are none.

        A plane is (rows, columns), or (rows, columns, layers) for several.
        """
        rows, columns = self.series.grid.shape[1:]
        for k in range(self.series.grid.shape[0]):
            here = [
                (n, one) for n, layer in enumerate(layers) for one in layer if one.mask.low[0] <= k < one.mask.high[0]
            ]
            plane = np.zeros((rows, columns, len(layers)), kind) if here else None
            for n, one in here:
                _, j, i = one.mask.box
                assert plane is not None
                plane[j, i, n][one.mask.crop[k - one.mask.low[0]]] = one.number
            yield plane[..., 0] if plane is not None and len(layers) == 1 else plane


def labelled_stacks(case: Contents) -> list[LabelledStack]:
    """Every series that has a region with voxels, in the order of the case."""
    order = {finding.id: n for n, finding in enumerate(case.findings)}
    stacks = []
    for series in case.series:
        regions = sorted((r for r in case.regions if r.series_id == series.id), key=lambda r: order[r.finding_id])
        masks = [(region, case.region_mask(region)) for region in regions]
        filled = [(region, mask) for region, mask in masks if mask.count]
        labelled = [
            LabelledRegion(n, case.finding(region.finding_id), region, mask, *_algorithm(region, edits), edits[-1].time)
            for n, (region, mask) in enumerate(filled, 1)
            if (edits := case.edits_of(region))
        ]
        if labelled:
            stacks.append(LabelledStack(series, tuple(labelled)))
    return stacks


def _algorithm(region: Region, edits: tuple[Edit, ...]) -> tuple[AlgorithmType, str]:
    """What is true of a region that these edits made (PS3.3 C.8.20.4.2.1): a file's origin is not ours to guess."""
    told = [_origin(region, edit) for edit in edits]
    names = list(dict.fromkeys(name for kind, name in told if kind != "MANUAL"))
    if not names:
        return "MANUAL", ""
    name = ", ".join(names)
    name = name if len(name) <= LONGEST_NAME else f"{len(names)} methods"
    return ("AUTOMATIC" if {kind for kind, _ in told} == {"AUTOMATIC"} and len(names) == 1 else "SEMIAUTOMATIC"), name


def _origin(region: Region, edit: Edit) -> tuple[str, str]:
    """How one edit made a region, and the name of the method: what a file says of it, else our own tool."""
    if edit.tool not in FROM_FILES:
        return ("MANUAL", "") if edit.tool in HAND_TOOLS else ("SEMIAUTOMATIC", edit.tool)
    masks = edit.settings.get("masks")
    own = masks.get(region.id) if isinstance(masks, dict) else None
    told = own if isinstance(own, dict) else edit.settings
    kind, name = told.get("algorithm_type"), told.get("algorithm_name")
    return (
        kind if isinstance(kind, str) else "",
        name if isinstance(name, str) and name else "imported, method not told",
    )


def empty_regions(case: Contents) -> list[Region]:
    """The regions that no file can hold, since they have no voxels."""
    return [region for region in case.regions if not case.region_mask(region).count]
