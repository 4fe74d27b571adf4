"""A report as values: figures, captions, and the mentions in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Inferred = Mapping[str, str | None]
_SIDES = (None, "left", "right", "bilateral")
_KINDS = (None, "body", "disc", "foramen", "canal", "posterior elements")
_RELATIONS = ("at", "from-to", "into")
Runs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with its white space folded, and where its characters stand in the file's own text.

    `runs` are pairs (offset in `text`, offset in the source) in order; each holds up to the next. They are empty
    where the format has no offsets (pages, documents with markup).
    """

    text: str
    runs: Runs = ()

    @classmethod
    def of(cls, text: str) -> Folded:
        """`text` folded, with no source."""
        return cls(" ".join(text.split()))

    def source(self, offset: int) -> int | None:
        """Where the character at `offset` of `text` stands in the source, or None where that is not known."""
        if not 0 <= offset < len(self.text):
            raise IndexError(f"{offset} is no offset of a text of {len(self.text)} characters")
        if not self.runs:
            return None
        start, source = self.runs[bisect_right(self.runs, offset, key=lambda run: run[0]) - 1]
        return source + offset - start


@dataclass(frozen=True, slots=True)
class Measurement:
    """A size as written: `values` in `unit` ("mm", "cm" or "m"), in the order of the text.

    With `is_range` they are the smallest and the largest of several sizes ("3 to 5 cm"), not two diameters.
    """

    values: tuple[float, ...]
    unit: str
    is_range: bool = False

    @property
    def values_mm(self) -> tuple[float, ...]:
        """The same in millimetres."""
        factor = {"mm": 1.0, "cm": 10.0, "m": 1000.0}[self.unit]
        return tuple(round(value * factor, 6) for value in self.values)


@dataclass(frozen=True, slots=True)
class Part:
    """One place that a mention names: where, at which levels, what is meant there and how.

    `levels` are "L2" or "L2-L3"; `kind` is "body", "disc", "foramen", "canal", "posterior elements" or None;
    `relation` is "at", "from-to" (an extent) or "into".
    """

    site: str | None
    levels: tuple[str, ...]
    kind: str | None
    relation: str

    def __post_init__(self) -> None:
        """Refuse words that are not of the vocabulary."""
        if self.kind not in _KINDS or self.relation not in _RELATIONS:
            raise ValueError(f"a part can't be {self.kind!r} {self.relation!r}")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name a finding: `[start, end)` in code points of the caption or body they stand in.

    `id` is "FIGURE:#N", "body:#N" or, in a caption without a report, ":#N"; N counts from 1 in its own text.
    `concept` is a name that `callout.terms.concept` knows, `drawn` whether it would be drawn as a region: its
    concept is such a one, and the words tell of this patient's pictures.
    """

    id: str
    start: int
    end: int
    text: str
    concept: str
    drawn: bool
    marker: str | None = None
    laterality: str | None = None
    levels: tuple[str, ...] = ()
    site: str | None = None
    parts: tuple[Part, ...] = ()
    measurement: Measurement | None = None
    negated: bool = False
    uncertain: bool = False

    def __post_init__(self) -> None:
        """Refuse a span that is not that text's, and a side that is none."""
        if self.start < 0 or self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"[{self.start}, {self.end}) is no span of {self.text!r}")
        if self.laterality not in _SIDES:
            raise ValueError(f"{self.laterality!r} is no side")


@dataclass(frozen=True, slots=True)
class CaptionView:
    """What one picture of a figure shows; None where the caption does not say or is ambiguous."""

    modality: str | None = None
    plane: str | None = None
    sequence: str | None = None
    fat_suppressed: bool | None = None
    contrast: str | None = None


@dataclass(frozen=True, slots=True)
class PanelSpan:
    """The words of a caption that speak of the panel `label`: `[start, end)`, from its label to the next."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Caption:
    """What a caption says, and nothing else; what the body adds stands in `inferred` (field: value)."""

    text: str
    modality: str | None = None
    planes: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    contrast: str | None = None
    region: str | None = None
    views: tuple[CaptionView, ...] = ()
    panels: tuple[PanelSpan, ...] = ()
    mentions: tuple[Mention, ...] = ()
    inferred: Inferred = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """A mention never travels without its text: refuse spans that are not this text's."""
        for mention in self.mentions:
            if self.text[mention.start : mention.end] != mention.text:
                raise ValueError(f"{mention.text!r} does not stand at {mention.start} of the caption")
        for panel in self.panels:
            if not 0 <= panel.start < panel.end <= len(self.text):
                raise ValueError(f"panel {panel.label} lies outside the caption")
        object.__setattr__(self, "inferred", MappingProxyType(dict(self.inferred)))

    def __hash__(self) -> int:
        return hash((self.text, self.mentions))

    def to_json(self) -> dict[str, Any]:
        """The contract's object A."""
        from callout.reports.wire import caption_to_json

        return caption_to_json(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Caption:
        """The caption that `to_json` wrote."""
        from callout.reports.wire import caption_from_json

        return caption_from_json(document)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that came with the report, beside or in it: its name there, its media type, its bytes as they were."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of the report that is not shown: its name there, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report: its label ("1", "2A", "S1"), its caption and its pictures.

    `citations` are the spans `[start, end)` of the report's body that cite it; `source` is the `Folded.runs` of
    the caption's text.
    """

    label: str
    caption: Caption
    pictures: tuple[Picture, ...] = ()
    citations: tuple[tuple[int, int], ...] = ()
    source: Runs = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A case report: figures in order of their label; white space of captions and body folded.

    `body_mentions` have their offsets in `body`, `source` is the body's `Folded.runs`; `name` is the file's. `skipped`
    are the pictures in the file that nobody can show.
    """

    title: str | None
    figures: tuple[Figure, ...] = ()
    body: str = ""
    body_mentions: tuple[Mention, ...] = ()
    name: str = ""
    source: Runs = ()
    skipped: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        """A mention never travels without its text: refuse spans that are not the body's."""
        for figure in self.figures:
            if any(not 0 <= start < end <= len(self.body) for start, end in figure.citations):
                raise ValueError(f"a citation of figure {figure.label} lies outside the body")
        for mention in self.body_mentions:
            if self.body[mention.start : mention.end] != mention.text:
                raise ValueError(f"{mention.text!r} does not stand at {mention.start} of the body")

    def to_json(self) -> dict[str, Any]:
        """The contract's document of a report; pictures by name only."""
        from callout.reports.wire import report_to_json

        return report_to_json(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any], pictures: Mapping[str, Picture] | None = None) -> Report:
        """The report that `to_json` wrote, with those of its pictures that `pictures` (name: picture) has."""
        from callout.reports.wire import report_from_json

        return report_from_json(document, pictures)

    def figure(self, label: str) -> Figure | None:
        """The figure of that label, or None."""
        return next((figure for figure in self.figures if figure.label == label), None)

    def mention(self, mention_id: str) -> Mention | None:
        """The mention of that id, of a caption or of the body, or None."""
        return next((mention for mention in self.mentions if mention.id == mention_id), None)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """All mentions: those of the captions in order, then the body's."""
        captions = tuple(mention for figure in self.figures for mention in figure.caption.mentions)
        return captions + self.body_mentions
