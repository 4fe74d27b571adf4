"""The records of a case: what a reader marks, and what ties it to the report.

All are frozen and made of JSON values only, since the history keeps them as such. Their ids are born with the
edit that makes them (`f12` is the finding that edit 12 added) and never used again. `UNIQUE` names the fields that no
two records of a kind may share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal

from callout.case.levels import FARTHEST, TRANSITIONAL, Vertebra, from_the_head, level_at, name_above, name_below
from callout.errors import CaseNewer, InputError

State = Literal["todo", "draft", "done", "flagged", "not drawn"]
STATES: tuple[State, ...] = ("todo", "draft", "done", "flagged", "not drawn")
LATERALITIES = (None, "left", "right", "bilateral")
MARK_POINTS = {"point": 1, "arrow": 2, "calipers": 2, "diameters": 4, "angle": 3, "ellipse": 3}
MARK_KINDS = tuple(MARK_POINTS)
RIGHT_ANGLE = 1.0  # degrees by which the two of a pair of diameters may miss it
MOST_SHIFT_MM = 500.0


@dataclass(frozen=True)
class Finding:
    """What a reader marks: a coded concept (of `callout.terms`), with side, site, note, state and reader.

    name: the reader's or the file's own words where they say more than the concept does, else "".
    reason: why it is flagged or not drawn.
    reference: the id of the series that it is measured on, where its reader chose one; else that of its largest region.
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
    reference: str | None = None

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
    """What is no mask: a point, arrow, pair of calipers, two diameters, angle or ellipse.

    points: LPS mm triples on one slice of `series_id`, or (column, row) pixel pairs on `picture`, which is upright and
        whose pixel centres are whole numbers.
        point: 1; arrow: tip, tail; calipers: the two ends; diameters: the ends of the long one, then those of the one
        at right angles to it; angle: the end of one arm, the vertex, the end of the other;
        ellipse: centre and the ends of both half-axes.
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
        if not all(abs(value) <= FARTHEST for point in points for value in point):
            raise InputError(f"a mark lies nowhere: its points are not finite, or beyond {FARTHEST:g}")
        wanted = MARK_POINTS[self.kind]
        size = 3 if self.series_id else 2
        if len(points) != wanted or any(len(point) != size for point in points):
            raise InputError(f"a mark of kind {self.kind} has {wanted} points of {size} numbers")
        if self.kind == "diameters":
            one, two, three, four = points
            off = abs(_degrees(_way(one, two), _way(three, four)) - 90)
            if not off <= RIGHT_ANGLE or math.dist(three, four) > math.dist(one, two) * 1.001:
                raise InputError("two diameters are the long one, and one at right angles to it that is no longer")
        elif self.kind == "angle":
            self.angle_deg  # noqa: B018  # its arms have a length

    @property
    def angle_deg(self) -> float:
        """The angle between the arms of a mark of that kind, 0 to 180 degrees."""
        end, vertex, other = self.points
        angle = _degrees(_way(vertex, end), _way(vertex, other))
        if not math.isfinite(angle):
            raise InputError("an arm of an angle has no length")
        return angle


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


@dataclass(frozen=True)
class Numbering:
    """A reader's vertebrae of one frame of reference, from the head down, and how they were counted.

    frame_of_reference_uid: of a series that has none, the id of the series.
    basis: in words ("counted up from S1"), "" where nothing is said. transitional: one of `levels.TRANSITIONAL`.
    """

    KIND: ClassVar[str] = "numbering"
    UNIQUE: ClassVar[tuple[str, ...]] = ("frame_of_reference_uid", "reader")
    id: str
    frame_of_reference_uid: str
    reader: str
    vertebrae: tuple[Vertebra, ...] = ()
    basis: str = ""
    transitional: str = "not stated"

    def __post_init__(self) -> None:
        if self.transitional not in TRANSITIONAL:
            raise InputError(
                f"{self.transitional!r} is no transitional anatomy", remedy=f"use one of {', '.join(TRANSITIONAL)}"
            )
        given = (Vertebra(**one) if isinstance(one, Mapping) else one for one in self.vertebrae)
        object.__setattr__(self, "vertebrae", from_the_head(given, self.transitional))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the vertebrae that are marked."""
        return tuple(one.name for one in self.vertebrae)

    def above(self, name: str) -> str | None:
        """The next name towards the head."""
        return name_above(name, self.transitional, self.names)

    def below(self, name: str) -> str | None:
        """The next name towards the feet."""
        return name_below(name, self.transitional, self.names)

    def level_at(self, point: Sequence[float]) -> str | None:
        """The level of a point, LPS mm, as `levels.level_at` has it."""
        return level_at(self.vertebrae, point, self.transitional)


@dataclass(frozen=True)
class Shift:
    """By how much `minus` is moved, LPS mm, before a reader has it subtracted from `series_id`; masks do not move."""

    KIND: ClassVar[str] = "shift"
    UNIQUE: ClassVar[tuple[str, ...]] = ("series_id", "minus", "reader")
    id: str
    series_id: str
    minus: str
    reader: str
    shift_mm: tuple[float, float, float]

    def __post_init__(self) -> None:
        shift = tuple(float(value) for value in self.shift_mm)
        if self.series_id == self.minus:
            raise InputError("a series is not subtracted from itself")
        if len(shift) != 3 or not all(abs(value) <= MOST_SHIFT_MM for value in shift):
            raise InputError(f"a shift is three numbers of mm, none beyond {MOST_SHIFT_MM:g}")
        object.__setattr__(self, "shift_mm", shift)


@dataclass(frozen=True)
class Exclusion:
    """Whether in this case the regions of two concepts keep out of each other, where a reader said so.

    Else they do where the concepts themselves say it (`callout.terms.exclude_each_other`). concept, other: in the
    order of the alphabet.
    """

    KIND: ClassVar[str] = "exclusion"
    UNIQUE: ClassVar[tuple[str, ...]] = ("concept", "other")
    id: str
    concept: str
    other: str
    state: Literal["on", "off"]

    def __post_init__(self) -> None:
        if self.state not in ("on", "off"):
            raise InputError(f"{self.state!r} is neither on nor off")
        if not self.concept < self.other:
            raise InputError(f"{self.concept!r} and {self.other!r} are no two concepts in their order")


Record = Finding | Region | Mark | Link | MentionState | FigureRecipe | Words | Numbering | Shift | Exclusion
RECORDS = (Finding, Region, Mark, Link, MentionState, FigureRecipe, Words, Numbering, Shift, Exclusion)
KINDS: dict[str, type[Record]] = {kind.KIND: kind for kind in RECORDS}
FIELDS = {kind.KIND: frozenset(field.name for field in fields(kind)) for kind in RECORDS}
LATER = ("reference",)  # what no record had at first: kept only where it is said, so that most cases need no update


OPTIONAL = ("laterality", "site", "series_id", "picture", "reference")
PLACES = ("points", "vertebrae", "shift_mm")  # no texts: what their records' constructors look at


def check_texts(record: Record) -> None:
    """InputError where a field of a record is neither text nor, where that may be, None."""
    for field in fields(record):
        value = getattr(record, field.name)
        if not (isinstance(value, str) or field.name in PLACES or (value is None and field.name in OPTIONAL)):
            raise InputError(f"the {field.name} of a {record.KIND} is {value!r}, no text")


def fields_of(record: Record) -> dict[str, Any]:
    """What the history keeps of a record that is made or taken away."""
    return {name: value for name, value in asdict(record).items() if name not in LATER or value is not None}


def refuse_unknown(kind: str, names: Iterable[str]) -> None:
    """CaseNewer where no record is of that kind, or has not all of these fields: only a later version says so."""
    if kind not in FIELDS or not FIELDS[kind].issuperset(names):
        raise CaseNewer("the case was written by a later version of Callout", "", "update Callout to open it")


def record_from_fields(kind: str, values: dict[str, Any]) -> Record:
    """The record of `kind` with the fields `values`, checked by its constructor."""
    try:
        return KINDS[kind](**values)
    except (KeyError, TypeError) as error:
        raise InputError(f"the history holds a {kind!r} that this version does not know") from error


def displacement(shift_mm: Sequence[float]) -> str:
    """A shift, LPS mm, in words; "" for none.

    >>> displacement((1.5, 0, -2.04))
    '1.5 mm L, 2 mm F'
    """
    ways = zip(shift_mm, ("RL", "AP", "FH"), strict=True)
    return ", ".join(
        f"{abs(mm):.1f}".removesuffix(".0") + f" mm {ends[mm > 0]}" for mm, ends in ways if abs(mm) >= 0.05
    )


def _way(start: Sequence[float], end: Sequence[float]) -> tuple[float, ...]:
    return tuple(b - a for a, b in zip(start, end, strict=True))


def _degrees(one: Sequence[float], other: Sequence[float]) -> float:
    """The angle between two directions, 0 to 180; NaN where one has no length."""
    lengths = math.hypot(*one) * math.hypot(*other)
    if not lengths:
        return math.nan
    return math.degrees(math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True)) / lengths))))
