"""What a stroke goes to: a region, or the words or finding for which the stroke makes one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callout.case import Case, Region
from napari_callout.session.selection import Selection

LOOK_ONLY = "the case is open to look only"


@dataclass(frozen=True)
class Target:
    """What a stroke goes to. What is None is made with the stroke, in the same edit.

    mention_id: the words that a new finding is made from and linked to.
    """

    label: int
    finding_id: str | None
    mention_id: str | None = None


class Labels:
    """The number of each region in the labels layer; it stays, also when a region goes and comes back."""

    def __init__(self) -> None:
        self._by_region: dict[str, int] = {}
        self._last = 0

    def of(self, region_id: str) -> int:
        """The region's number; a new one where it has none."""
        return self._by_region.get(region_id) or self.bind(self.free(), region_id)

    def free(self) -> int:
        """A number that no region had."""
        self._last += 1
        return self._last

    def bind(self, label: int, region_id: str) -> int:
        """Give a free number to a region."""
        self._by_region[region_id] = label
        return label


class Targets:
    """Finds the target of what is chosen; a region that is still to be made keeps its number."""

    def __init__(self) -> None:
        self.labels = Labels()
        self._coming: dict[tuple[str, str | None, str | None], int] = {}

    def find(self, case: Case, selection: Selection, series_id: str, regions: Mapping[int, Region]) -> Target | str:
        """The target on a series with these regions (by label); in words, why there is none."""
        finding, mention = selection.finding(case), selection.mention(case)
        if case.read_only:
            return LOOK_ONLY
        if finding is None and mention is None:
            return "choose the words or the finding to draw first"
        if finding is not None and finding.reader != case.reader:
            own = ": Enter starts one of your own" if mention is not None else ""
            return f"{finding.label} is {finding.reader}'s finding, not {case.reader}'s{own}"
        finding_id, mention_id = finding.id if finding else None, mention.id if mention else None
        for label, region in regions.items():
            if region.finding_id == finding_id:
                return Target(label, finding_id, mention_id)
        label = self._coming.get((series_id, finding_id, mention_id), 0)
        if not label or label in regions:
            label = self._coming[series_id, finding_id, mention_id] = self.labels.free()
        return Target(label, finding_id, mention_id)
