"""The records of a case: what a reader marks, and what ties it to the report.

All are frozen and made of JSON values only, since the history keeps them as such. Their ids are born with the
edit that makes them (`f12` is the finding that edit 12 added) and never used again. `UNIQUE` names the fields that no
two records of a kind may share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from callout.errors import InputError

State = Literal["todo", "draft", "done", "flagged", "not drawn"]
STATES: tuple[State, ...] = ("todo", "draft", "done", "flagged", "not drawn")
LATERALITIES = (None, "left", "right", "bilateral")
MARK_KINDS = ("point", "arrow", "calipers", "ellipse")


@dataclass(frozen=True)
class Finding:
    """What a reader marks: a coded concept (of `callout.terms`), with side, site, note, state and reader.

    name: the reader's or the file's own words where they say more than the concept does, else "".
    reason: why it is flagged or not drawn.
    tracking_uid: the UID that follows the finding through every export (PS3.3 C.8.20.4).
    """

    KIND: ClassVar[str] = "finding"
    UNIQUE: ClassVar[tuple[str, ...]] = ()
    id: str
    concept: str
    reader: str
    tracking_uid: str
    name: str = ""
    laterality: str | None = None
    site: str | None = None
    note: str = ""
    state: State = "draft"
    reason: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise InputError(f"{self.state!r} is no state", remedy=f"use one of {', '.join(STATES)}")
        if self.laterality not in LATERALITIES:
            raise InputError(f"{self.laterality!r} is no side", remedy="use left, right or bilateral")

    @property
    def label(self) -> str:
        """How people see it: its own name, else concept and side."""
        return self.name or " ".join(part for part in (self.laterality, self.concept) if part)


@dataclass(frozen=True)
class Region:
    """A finding's mask on one series' own voxels; the voxels themselves are the XOR of its strokes."""

    KIND: ClassVar[str] = "region"
    UNIQUE: ClassVar[tuple[str, ...]] = ("finding_id", "series_id")
    id: str
    finding_id: str
    series_id: str


@dataclass(frozen=True)
class Mark:
    """What is no mask: a point, arrow, pair of calipers or ellipse.

    points: LPS mm triples on one slice of `series_id`, or (column, row) pixel pairs on `picture`.
        point: 1; arrow: tip, tail; calipers: the two ends; ellipse: centre and the ends of both half-axes.
    """

    KIND: ClassVar[str] = "mark"
    UNIQUE: ClassVar[tuple[str, ...]] = ()
    id: str
    finding_id: str
    kind: str
    points: tuple[tuple[float, ...], ...]
    series_id: str | None = None
    picture: str | None = None

    def __post_init__(self) -> None:
        points = tuple(tuple(float(value) for value in point) for point in self.points)
        object.__setattr__(self, "points", points)
        if self.kind not in MARK_KINDS:
            raise InputError(f"{self.kind!r} is no mark", remedy=f"use one of {', '.join(MARK_KINDS)}")
        if (self.series_id is None) == (self.picture is None):
            raise InputError("a mark lies on a series or on a picture, and on one only")
        if not all(math.isfinite(value) for point in points for value in point):
            raise InputError("a mark lies nowhere: its points are not finite")
        wanted = {"point": 1, "arrow": 2, "calipers": 2, "ellipse": 3}[self.kind]
        size = 3 if self.series_id else 2
        if len(points) != wanted or any(len(point) != size for point in points):
            raise InputError(f"a mark of kind {self.kind} has {wanted} points of {size} numbers")


@dataclass(frozen=True)
class Link:
    """A finding that a mention of the report speaks of; many to many."""

    KIND: ClassVar[str] = "link"
    UNIQUE: ClassVar[tuple[str, ...]] = ("finding_id", "mention_id")
    id: str
    finding_id: str
    mention_id: str


@dataclass(frozen=True)
class MentionState:
    """What a reader decided about a mention; where nobody did, its state follows from its links."""

    KIND: ClassVar[str] = "mention state"
    UNIQUE: ClassVar[tuple[str, ...]] = ("mention_id", "reader")
    id: str
    mention_id: str
    reader: str
    state: State
    reason: str = ""


@dataclass(frozen=True)
class FigureRecipe:
    """The recipe that an author set for a figure, as TOML; figures without one are proposed from the links."""

    KIND: ClassVar[str] = "figure recipe"
    UNIQUE: ClassVar[tuple[str, ...]] = ()
    id: str  # the figure's label
    toml: str


@dataclass(frozen=True)
class Words:
    """The title, the body or a figure's caption as a reader typed it, in the place of what was given.

    analysis: what was found in it, as JSON (`callout.case.words`); kept, so that a mention's id means the same words
    for ever.
    """

    KIND: ClassVar[str] = "words"
    UNIQUE: ClassVar[tuple[str, ...]] = ()
    id: str  # "title", "body" or "figure LABEL"
    text: str
    analysis: str


Record = Finding | Region | Mark | Link | MentionState | FigureRecipe | Words
RECORDS = (Finding, Region, Mark, Link, MentionState, FigureRecipe, Words)
KINDS: dict[str, type[Record]] = {kind.KIND: kind for kind in RECORDS}


OPTIONAL = ("laterality", "site", "series_id", "picture")


def check_texts(record: Record) -> None:
    """InputError where a field of a record is neither text nor, where that may be, None."""
    for field in fields(record):
        value = getattr(record, field.name)
        if not (isinstance(value, str) or field.name == "points" or (value is None and field.name in OPTIONAL)):
            raise InputError(f"the {field.name} of a {record.KIND} is {value!r}, no text")


def record_from_fields(kind: str, values: dict[str, Any]) -> Record:
    """The record of `kind` with the fields `values`, checked by its constructor."""
    try:
        return KINDS[kind](**values)
    except (KeyError, TypeError) as error:
        raise InputError(f"the history holds a {kind!r} that this version does not know") from error
