"""Edits: the only way a case changes, and what a case is: the fold of its edits.

An edit holds changes of records (before and after) and strokes of regions. Both have an inverse, so undo is an
edit that names the one it undoes and has the inverse effect; redo undoes the undo. Nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callout.case.model import Record, check_texts, record_from_fields
from callout.errors import EditRefused
from callout.masks import Stroke

Fields = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One record made (before None), removed (after None) or changed (only the fields that differ)."""

    kind: str
    id: str
    before: Fields | None
    after: Fields | None

    @property
    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(self.kind, self.id, self.after, self.before)


@dataclass(frozen=True)
class Edit:
    """One change by one reader at one time.

    number: 1, 2, 3 … in the order of the history.
    time: UTC, ISO 8601 with milliseconds.
    summary: what was done, in words for `history`.
    settings: of the tool; window: (centre, width) in use; both JSON values.
    undoes: the number of the edit that this one takes back.
    """

    number: int
    time: str
    reader: str
    tool: str
    summary: str
    changes: tuple[Change, ...] = ()
    strokes: tuple[tuple[str, Stroke], ...] = ()
    settings: Fields = field(default_factory=dict)
    window: tuple[float, float] | None = None
    version: str = ""
    undoes: int | None = None


class State:
    """All records as they stand after some edits."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], Record] = {}
        self._set_by: dict[tuple[str, str], int] = {}
        self._order: dict[tuple[str, str], int] = {}

    def copy(self) -> State:
        """The state as it is now, to go back to."""
        other = State()
        other._records, other._set_by, other._order = dict(self._records), dict(self._set_by), dict(self._order)
        return other

    def all(self, kind: type[Record]) -> Iterator[Record]:
        """The records of one kind, in the order they were first made: one that undo brings back has its old place."""
        return (record for record in self._records.values() if isinstance(record, kind))

    def get(self, kind: type[Record], record_id: str) -> Record | None:
        """The record with that id, or None."""
        return self._records.get((kind.KIND, record_id))

    def apply(self, changes: Iterable[Change], number: int) -> None:
        """Make the changes of edit `number`; EditRefused, and nothing changed, where one does not fit."""
        trial = self.copy()
        for change in changes:
            trial.apply_one(change, number)
        self._records, self._set_by, self._order = trial._records, trial._set_by, trial._order

    def apply_one(self, change: Change, number: int) -> None:
        """Make one change of edit `number`; EditRefused where it does not fit."""
        key = (change.kind, change.id)
        current = self._records.get(key)
        stands = None if current is None else asdict(current)
        fits = stands is None if change.before is None else stands is not None and _includes(stands, change.before)
        if not fits:
            raise EditRefused(
                f"{change.kind} {change.id} was changed since",
                f"edit {self._set_by.get(key, 0)}",
                "undo that edit first",
            )
        if change.after is None:
            self._refuse_if_used(change)
            del self._records[key]
        elif current is None:
            self._records[key] = record_from_fields(change.kind, change.after)
            check_texts(self._records[key])
            if key in self._order:
                self._records = dict(sorted(self._records.items(), key=lambda entry: self._order[entry[0]]))
            self._order.setdefault(key, len(self._order))
        else:
            self._records[key] = replace(current, **change.after)
            check_texts(self._records[key])
        self._set_by[key] = number

    def _refuse_if_used(self, change: Change) -> None:
        """A record can't go while another stands on it."""
        for (kind, other_id), record in self._records.items():
            if getattr(record, f"{change.kind}_id", None) == change.id:
                number = self._set_by[kind, other_id]
                raise EditRefused(
                    f"{kind} {other_id} stands on {change.kind} {change.id}", f"edit {number}", "undo that edit first"
                )


def _includes(stands: Fields, fields: Fields) -> bool:
    return all(name in stands and _plain(stands[name]) == _plain(value) for name, value in fields.items())


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


class Turns:
    """Which edits stand, and what each reader can undo and redo next."""

    def __init__(self) -> None:
        self._roots: list[tuple[Edit, bool]] = []  # of each edit: what its chain of undo goes back to; takes it back?
        self._stands: list[bool] = []
        self._undo: dict[str, list[int]] = {}
        self._redo: dict[str, list[int]] = {}

    def effect(self, edit: Edit) -> tuple[Change, ...]:
        """The changes that the next edit would make, in order; of an undo, the inverse of what it undoes."""
        if edit.undoes is None:
            return edit.changes
        first, was_back = self._roots[edit.undoes - 1]
        return first.changes if was_back else tuple(change.inverse for change in reversed(first.changes))

    def is_next(self, edit: Edit) -> bool:
        """Whether the next edit may be this one: no undo or redo but of that reader's last edit in turn."""
        return edit.undoes is None or edit.undoes in (self.next_undo(edit.reader), self.next_redo(edit.reader))

    def take(self, edit: Edit) -> None:
        """Note the next edit. ValueError where it is an undo or redo out of turn; nothing is noted then."""
        if not self.is_next(edit):
            raise ValueError(f"edit {edit.number} undoes one out of turn")
        undo, redo = (turns.setdefault(edit.reader, []) for turns in (self._undo, self._redo))
        if edit.undoes is None:
            undo.append(edit.number)
            redo.clear()
            self._roots.append((edit, False))
        else:
            first, was_back = self._roots[edit.undoes - 1]
            backwards, forwards = (redo, undo) if was_back else (undo, redo)
            backwards.pop()
            forwards.append(edit.number)
            self._roots.append((first, not was_back))
            self._stands[first.number - 1] = was_back
        self._stands.append(edit.undoes is None)

    def stands(self, number: int) -> bool:
        """Whether that edit, no undo itself, is in force: not undone, or redone since."""
        return self._stands[number - 1]

    def root(self, number: int) -> Edit:
        """The edit that a chain of undo and redo goes back to; its strokes are what every edit of the chain flips."""
        return self._roots[number - 1][0]

    def next_undo(self, reader: str) -> int | None:
        """The number of the edit that `reader` would take back next."""
        return self._undo[reader][-1] if self._undo.get(reader) else None

    def next_redo(self, reader: str) -> int | None:
        """The number of the undo that `reader` would take back next."""
        return self._redo[reader][-1] if self._redo.get(reader) else None
