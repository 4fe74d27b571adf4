"""How a reader numbers the vertebrae of a case. Points are LPS mm, in the frame of reference of a series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from callout.case.editing import Editing
from callout.case.levels import Vertebra, frame_of, renumbered, vertebra_name
from callout.case.model import Numbering
from callout.errors import InputError


class SpineEditing(Editing):
    """Every way to change a numbering. It is one reader's: who changes another's takes a copy of it over first."""

    def mark_vertebra(self, name: str, point: Sequence[float], series_id: str) -> Vertebra:
        """The middle of that vertebra's body lies at `point`; a name that is marked already moves there.

        InputError where the name would run against the places of the others.
        """
        marked = Vertebra(vertebra_name(name), tuple(point))  # type: ignore[arg-type]  # checked by it
        others = [one for one in self.vertebrae_of(series_id) if one.name != marked.name]
        how = "mark" if len(others) == len(self.vertebrae_of(series_id)) else "move"
        self._number(series_id, f"{how} {marked.name}", vertebrae=[*others, marked])
        return marked

    def remove_vertebra(self, name: str, series_id: str) -> None:
        """Take the mark of a vertebra away."""
        gone, before = vertebra_name(name), self.vertebrae_of(series_id)
        if gone not in {one.name for one in before}:
            raise InputError(f"{gone} is not marked", self.series_of(series_id).title)
        self._number(series_id, f"remove {gone}", vertebrae=[one for one in before if one.name != gone])

    def renumber_vertebrae(self, name: str, becomes: str, series_id: str) -> tuple[Vertebra, ...]:
        """What is called `name` is `becomes`, and all others are counted on from it."""
        numbering = self.numbering_of(series_id)
        transitional = numbering.transitional if numbering else "not stated"
        old, new = vertebra_name(name), vertebra_name(becomes)
        counted = renumbered(self.vertebrae_of(series_id), old, new, transitional)
        self._number(series_id, f"renumber {old} as {new}, the others with it", vertebrae=counted)
        return counted

    def set_numbering(self, series_id: str, *, basis: str | None = None, transitional: str | None = None) -> Numbering:
        """How the vertebrae were counted ("counted up from S1"), and the transitional anatomy (`TRANSITIONAL`)."""
        fields = {
            name: value for name, value in (("basis", basis), ("transitional", transitional)) if value is not None
        }
        if not fields:
            raise InputError("say what the numbering is based on, or the transitional anatomy")
        told = "; ".join(value or "no basis" for value in fields.values())
        return self._number(series_id, f"numbering: {told}", **fields)

    def _number(self, series_id: str, summary: str, **fields: Any) -> Numbering:
        if isinstance(fields.get("vertebrae"), Iterable):
            fields["vertebrae"] = tuple(fields["vertebrae"])
        current = self.numbering_of(series_id)
        if current is not None and current.reader == self.reader:
            changed = replace(current, **fields)
            self._change(current, changed, summary)
            return changed
        record_id, frame = self._next_id(Numbering), frame_of(self.series_of(series_id))
        if current is None:
            made = Numbering(record_id, frame, self.reader, **fields)
        else:
            made = replace(current, id=record_id, reader=self.reader, **fields)
            summary += f", the numbering else as {current.reader} has it"
        self._make(made, summary)
        return made
