"""What the records of a case speak of must be there: series, mentions, pictures, frames of reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from callout.case.levels import frame_of
from callout.case.model import Numbering, Record, Shift
from callout.errors import CaseDamaged
from callout.reports import Mention, Picture
from callout.volume import Series


class Holding(Protocol):
    """A case, as far as its records can speak of it."""

    path: Path

    @property
    def series(self) -> tuple[Series, ...]:
        """The stacks of images."""

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Of the report."""

    @property
    def pictures(self) -> Mapping[str, Picture]:
        """By name."""


def refuse_strangers(case: Holding, records: Iterable[Record]) -> None:
    """CaseDamaged where a record speaks of what the case does not hold."""
    series = {one.id for one in case.series}
    frames = {frame_of(one) for one in case.series}
    try:
        mentions = {mention.id for mention in case.mentions}
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CaseDamaged("its words can't be read", str(case.path), "restore a backup") from error
    for record in records:
        names = ("series_id", "reference", "mention_id", "picture")
        where, reference, words, picture = (getattr(record, name, None) for name in names)
        if (
            (where is not None and where not in series)
            or (reference is not None and reference not in series)
            or (isinstance(record, Shift) and record.minus not in series)
            or (isinstance(record, Numbering) and record.frame_of_reference_uid not in frames)
            or (words is not None and words not in mentions)
            or (picture is not None and picture not in case.pictures)
        ):
            raise CaseDamaged(
                f"{record.KIND} {record.id} is of what the case does not hold",
                str(case.path),
                "restore a backup, or try `callout recover`",
            )
