"""Drawing on a series: a stroke is a draft while the hand moves, and one edit when it lifts.

A stroke that the case can't write now waits, and is seen and kept until it can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callout.case import Case, Finding, Region
from callout.errors import EditRefused, InputError
from callout.masks import Mask
from callout.masks.combined import hull
from callout.masks.mask import GrowingMask, Index
from callout.masks.stroke import Bits
from callout.reports import Mention
from callout.terms import concept_or_unknown
from callout.terms.words import words_of
from callout.volume import Series
from napari_callout.session.rows import colour_of
from napari_callout.session.selection import findings_of
from napari_callout.session.targets import Labels, Target
from napari_callout.session.windows import Window

PROJECT = "project"  # the tool of an edit that lays a region over from another series


@dataclass(frozen=True, eq=False)
class Drawn:
    """A finished stroke that is not in the case yet: its target, its voxels by label, and what it was made with."""

    target: Target | None
    masks: Mapping[int, GrowingMask]
    tool: str
    settings: Mapping[str, Any]
    window: Window | None


class Drawing:
    """The regions of one series as labels, with what waits to be saved and the stroke that is being made."""

    def __init__(self, case: Case, series: Series, labels: Labels, hidden: bool = False) -> None:
        self.case, self.series, self._labels = case, series, labels
        self.target: Target | None = None
        self.refusal = ""  # why nothing can be drawn now
        self.hidden = hidden
        self.waiting: list[Drawn] = []  # in the order they were drawn
        self._draft: dict[int, GrowingMask] = {}
        self._kept_regions: tuple[tuple[Region, ...] | None, dict[int, Region]] = (None, {})
        self._kept_projected: tuple[int, frozenset[str]] = (-1, frozenset())
        self._kept_rivals: tuple[object, dict[int, tuple[int, ...]]] = (None, {})

    @property
    def drafting(self) -> bool:
        """Whether a stroke is being made."""
        return bool(self._draft)

    @property
    def active_label(self) -> int:
        """The label that is drawn with; 0 where nothing can be."""
        return self.target.label if self.target else 0

    def regions(self) -> Mapping[int, Region]:
        """The series' regions by label, in the order they were made."""
        every = self.case.regions
        if self._kept_regions[0] is not every:
            own = {self._labels.of(region.id): region for region in every if region.series_id == self.series.id}
            self._kept_regions = every, own
        return self._kept_regions[1]

    def colours(self) -> dict[int, str]:
        """ "#RRGGBB" of every label that can be seen, the target's included."""
        return {label: colour_of(concept) for label, concept in self.concepts().items()}

    def concepts(self) -> dict[int, str]:
        """What each label is a region of, the target's included."""
        concepts = {label: self.case.finding(r.finding_id).concept for label, r in self.regions().items()}
        for target in (self.target, *(drawn.target for drawn in self.waiting)):
            if target is None or target.label in concepts:
                continue
            if target.finding_id is not None:
                concepts[target.label] = self.case.finding(target.finding_id).concept
            elif target.mention_id is not None:
                concepts[target.label] = self.case.mention(target.mention_id).concept
        return concepts

    def rivals(self, label: int) -> tuple[int, ...]:
        """The labels that keep out of this one, and lose what it takes: the same reader's, of concepts it excludes."""
        state = len(self.case.history), self.target
        if self._kept_rivals[0] != state:
            self._kept_rivals = state, {}
        kept = self._kept_rivals[1]
        if label not in kept:
            concepts, regions = self.concepts(), self.regions()
            own = [one for one, r in regions.items() if self.case.finding(r.finding_id).reader == self.case.reader]
            mine = concepts.get(label)
            kept[label] = tuple(one for one in own if mine and one != label and self.case.excludes(mine, concepts[one]))
        return kept[label]

    def shown_labels(self) -> tuple[int, ...]:
        """All labels to be seen, the active one last, so that it lies on top."""
        if self.hidden:
            return ()
        known = dict.fromkeys(label for labels in (self.regions(), *self._unsaved()) for label in labels)
        return tuple(sorted(known, key=lambda label: label == self.active_label))

    def read(self, label: int, low: Index, high: Index) -> Bits:
        """The label's voxels in the native box, with all that is not saved yet."""
        region = self.regions().get(label)
        if region is None:
            bits = GrowingMask(self.series.grid.shape).read(low, high)
        else:
            bits = self.case.read_region(region, low, high)
        for masks in self._unsaved():
            if label in masks:
                bits ^= masks[label].read(low, high)
        return bits

    def masks(self, label: int) -> tuple[Mask, ...]:
        """The masks whose XOR the label is, with all that is not saved yet; the same ones while nothing changes."""
        region = self.regions().get(label)
        saved = () if region is None else (self.case.region_mask(region),)
        return (*saved, *(masks[label].snapshot() for masks in self._unsaved() if label in masks))

    def is_projected(self, region: Region) -> bool:
        """Whether a region is only laid over from another series: a draft until it is drawn on, or done."""
        count = len(self.case.history)
        if self._kept_projected[0] != count:
            made = {change.id for edit in self.case.history if edit.tool == PROJECT for change in edit.changes}
            regions = [r for r in self.regions().values() if r.id in made]
            only = {r.id for r in regions if all(edit.tool == PROJECT for edit in self.case.edits_of(r))}
            self._kept_projected = count, frozenset(only)
        return region.id in self._kept_projected[1] and self.case.finding(region.finding_id).state != "done"

    def mask(self, label: int) -> Mask:
        """The label's voxels as one mask, with all that is not saved yet."""
        masks = [mask for mask in self.masks(label) if mask.crop.size]
        if len(masks) == 1:
            return masks[0]
        if not masks:
            return Mask.empty(self.series.grid.shape)
        low, high = hull(masks)
        return Mask(self.series.grid.shape, low, self.read(label, low, high)).trimmed()

    def _unsaved(self) -> list[Mapping[int, GrowingMask]]:
        return [*(drawn.masks for drawn in self.waiting), self._draft]

    def write(self, label: int, low: Index, flips: Bits) -> None:
        """Flip voxels in the draft; what the label takes of regions that keep out of it, these lose.

        EditRefused where the label is no region of this series.
        """
        if self.target is None:
            raise EditRefused(self.refusal or "nothing is chosen to be drawn", remedy="choose a mention or a finding")
        if label != self.target.label and label not in self.regions():
            raise EditRefused(f"label {label} is no region", self.series.id, "choose a mention or a finding")
        if not flips.any():
            return
        self._flip(label, low, flips)
        rivals = self.rivals(label)
        if rivals:
            high = low[0] + flips.shape[0], low[1] + flips.shape[1], low[2] + flips.shape[2]
            added = flips & self.read(label, low, high)
            for rival in rivals:
                self._flip(rival, low, added & self.read(rival, low, high))

    def change(self, label: int, before: Mask, after: Mask) -> None:
        """Write what flips when the label, which is `before`, becomes `after`."""
        masks = [mask for mask in (before, after) if mask.crop.size]
        if masks:
            low, high = hull(masks)
            self.write(label, low, before.read(low, high) ^ after.read(low, high))

    def _flip(self, label: int, low: Index, flips: Bits) -> None:
        if flips.any():
            self._draft.setdefault(label, GrowingMask(self.series.grid.shape)).flip_bits(flips, low)

    def finish(self, tool: str, settings: Mapping[str, Any], window: Window | None) -> None:
        """The stroke is made, and waits to be saved."""
        masks, self._draft = {label: mask for label, mask in self._draft.items() if mask.snapshot().count}, {}
        if masks:
            self.waiting.append(Drawn(self.target, masks, tool, dict(settings), window))

    def save(self) -> None:
        """Each stroke that waits becomes one edit of the case, in order.

        One that the case refuses (EditRefused, InputError) is forgotten; where the case can't be written (CaseError)
        it goes on waiting, and those after it.
        """
        while self.waiting:
            drawn, before = self.waiting.pop(0), len(self.case.history)
            try:
                self._save(drawn)
            except (EditRefused, InputError):
                raise
            except BaseException:
                if len(self.case.history) == before:  # else it is saved, and something went wrong after that
                    self.waiting.insert(0, drawn)
                raise

    def _save(self, drawn: Drawn) -> None:
        masks = {label: mask.snapshot() for label, mask in drawn.masks.items()}
        case = self.case
        with case.using(drawn.tool, drawn.settings, drawn.window), case.one_edit(self._summary(drawn)):
            for label, mask in masks.items():
                case.flip_bits(self.regions().get(label) or self._make(label, drawn.target), mask.crop, mask.low)

    def _summary(self, drawn: Drawn) -> str:
        label, *others = drawn.masks
        lost = [self.case.finding(r.finding_id).label for one, r in self.regions().items() if one in others]
        return self._first_summary(label, drawn) + (f", out of {' and '.join(lost)}" if lost else "")

    def _first_summary(self, label: int, drawn: Drawn) -> str:
        region, target = self.regions().get(label), drawn.target
        if region is not None:
            return f"{drawn.tool} {self.case.finding(region.finding_id).label}"
        if target is not None and target.finding_id is not None:
            return f"{drawn.tool} {self.case.finding(target.finding_id).label}"
        mention = None if target is None or target.mention_id is None else self.case.mention(target.mention_id)
        return drawn.tool if mention is None else f"{drawn.tool} {mention.concept}"

    def _make(self, label: int, target: Target | None) -> Region:
        """The region of a target that does not exist yet, with its finding and link."""
        if target is None or target.label != label:
            raise EditRefused(f"label {label} is no region", self.series.id, "choose a mention or a finding")
        if target.finding_id is not None:
            finding = self.case.finding(target.finding_id)
        elif target.mention_id is not None:
            finding = add_finding(self.case, self.case.mention(target.mention_id))
        else:
            raise EditRefused("nothing is chosen to be drawn", remedy="choose a mention or a finding")
        region = self.case.add_region(finding, self.series.id)
        self._labels.bind(label, region.id)
        return region


def add_finding(case: Case, mention: Mention) -> Finding:
    """A finding as the mention tells it, linked to it; the second of a reader's lesions is numbered 2."""
    before = sum(finding.reader == case.reader for finding in findings_of(case, mention.id))
    name, side = name_of(mention, before + 1), _side(mention)
    finding = case.add_finding(mention.concept, name=name, laterality=side, site=mention.site)
    case.link(finding, mention)
    return finding


def _side(mention: Mention) -> str | None:
    """Of one lesion; where words speak of both sides, each lesion is on one, and they do not say on which."""
    return None if mention.laterality == "bilateral" else mention.laterality


def name_of(mention: Mention, number: int) -> str:
    """What the mention's words call one such finding where that says more than the concept does, else "".

    A cavitating lesion is more than its cavity, so the report's own term stays, in the singular.
    """
    known = concept_or_unknown(mention.concept)
    said = words_of(mention.text)
    term = next((term for term in known.synonyms if words_of(term) == said), None)
    if term is None and number == 1:
        return ""
    parts = (_side(mention), term or known.name, str(number) if number > 1 else None)
    return " ".join(part for part in parts if part)
