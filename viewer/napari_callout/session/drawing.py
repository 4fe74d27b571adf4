"""Drawing on the shown series: a stroke is a draft while the hand moves, and one edit when it lifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callout.case import Case, Finding, Region
from callout.errors import EditRefused
from callout.masks import Stroke
from callout.masks.mask import GrowingMask, Index
from callout.masks.stroke import Bits
from callout.reports import Mention
from callout.terms import concept
from callout.terms.words import words_of
from callout.volume import Series
from napari_callout.session.rows import colour_of
from napari_callout.session.windows import Window


@dataclass(frozen=True)
class Target:
    """What a stroke goes to. What is None is made with the stroke, in the same edit.

    mention_id: the words that a new finding is made from and linked to.
    """

    label: int
    finding_id: str | None
    mention_id: str | None = None


class Drawing:
    """The regions of one series as labels, with the draft of the stroke that is being made."""

    def __init__(self, case: Case, series: Series, labels: Labels, hidden: bool = False) -> None:
        self.case, self.series, self._labels = case, series, labels
        self.target: Target | None = None
        self.refusal = ""  # why nothing can be drawn now
        self.hidden = hidden
        self._draft: dict[int, GrowingMask] = {}

    @property
    def drafting(self) -> bool:
        """Whether a stroke is not yet in the case."""
        return bool(self._draft)

    @property
    def active_label(self) -> int:
        """The label that is drawn with; 0 where nothing can be."""
        return self.target.label if self.target else 0

    def regions(self) -> dict[int, Region]:
        """The series' regions by label, in the order they were made."""
        return {self._labels.of(r.id): r for r in self.case.regions if r.series_id == self.series.id}

    def colours(self) -> dict[int, str]:
        """ "#RRGGBB" of every label that can be seen, the target's included."""
        concepts = {label: self.case.finding(r.finding_id).concept for label, r in self.regions().items()}
        if self.target is not None and self.target.label not in concepts:
            if self.target.finding_id is not None:
                concepts[self.target.label] = self.case.finding(self.target.finding_id).concept
            elif self.target.mention_id is not None:
                concepts[self.target.label] = self.case.mention(self.target.mention_id).concept
        return {label: colour_of(concept) for label, concept in concepts.items()}

    def shown_labels(self) -> tuple[int, ...]:
        """All labels to be seen, the active one last, so that it lies on top."""
        if self.hidden:
            return ()
        known = dict.fromkeys((*self.regions(), *self._draft))
        return tuple(sorted(known, key=lambda label: label == self.active_label))

    def read(self, label: int, low: Index, high: Index) -> Bits:
        """The label's voxels in the native box, draft included."""
        region = self.regions().get(label)
        draft = self._draft.get(label)
        if region is None:
            return (draft or GrowingMask(self.series.grid.shape)).read(low, high)
        bits = self.case.read_region(region, low, high)
        return bits if draft is None else bits ^ draft.read(low, high)

    def write(self, label: int, low: Index, flips: Bits) -> None:
        """Flip voxels in the draft; EditRefused where the label is no region of this series."""
        if self.target is None:
            raise EditRefused(self.refusal or "nothing is chosen to be drawn", remedy="choose a mention or a finding")
        if label != self.target.label and label not in self.regions():
            raise EditRefused(f"label {label} is no region", self.series.id, "choose a mention or a finding")
        stroke = Stroke.from_bits(flips, low)
        if stroke is not None:
            self._draft.setdefault(label, GrowingMask(self.series.grid.shape)).flip(stroke)

    def commit(self, tool: str, settings: Mapping[str, Any], window: Window | None) -> None:
        """The draft becomes one edit of the case; the draft is forgotten, also where the case refuses it."""
        drafts, self._draft = self._draft, {}
        strokes = {label: _stroke(draft) for label, draft in drafts.items()}
        strokes = {label: stroke for label, stroke in strokes.items() if stroke is not None}
        if not strokes:
            return
        with self.case.using(tool, settings, window), self.case.one_edit(self._summary(tool, next(iter(strokes)))):
            for label, stroke in strokes.items():
                self.case.flip(self.regions().get(label) or self._make(label), stroke)

    def _summary(self, tool: str, label: int) -> str:
        region, target = self.regions().get(label), self.target
        if region is not None:
            return f"{tool} {self.case.finding(region.finding_id).label}"
        if target is not None and target.finding_id is not None:
            return f"{tool} {self.case.finding(target.finding_id).label}"
        mention = None if target is None or target.mention_id is None else self.case.mention(target.mention_id)
        return tool if mention is None else f"{tool} {mention.concept}"

    def _make(self, label: int) -> Region:
        """The region of a target that does not exist yet, with its finding and link."""
        target = self.target
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


def add_finding(case: Case, mention: Mention) -> Finding:
    """A finding as the mention tells it, linked to it; the second of its lesions is numbered 2."""
    before = sum(link.mention_id == mention.id for link in case.links)
    finding = case.add_finding(
        mention.concept, name=name_of(mention, before + 1), laterality=mention.laterality, site=mention.site
    )
    case.link(finding, mention)
    return finding


def name_of(mention: Mention, number: int) -> str:
    """What the mention's words call one such finding where that says more than the concept does, else "".

    A cavitating lesion is more than its cavity, so the report's own term stays, in the singular.
    """
    known = concept(mention.concept)
    said = words_of(mention.text)
    term = next((term for term in known.synonyms if words_of(term) == said), None)
    if term is None and number == 1:
        return ""
    parts = (mention.laterality, term or known.name, str(number) if number > 1 else None)
    return " ".join(part for part in parts if part)


def _stroke(draft: GrowingMask) -> Stroke | None:
    mask = draft.snapshot()
    return Stroke.from_bits(mask.crop, mask.low)
