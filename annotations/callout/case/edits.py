"""Edits: the only way a case changes, and what a case is: the fold of its edits.

An edit holds changes of records (before and after) and strokes of regions. Both have an inverse, so undo is an
edit that names the one it undoes and has the inverse effect; redo undoes the undo. Nothing is ever removed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callout.case.model import Finding, Record, check_texts, record_from_fields, refuse_unknown
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


@dataclass(frozen=True)
class Step:
    """What edit `by` does to the records: the changes of edit `number`, made or (back) taken back."""

    changes: tuple[Change, ...]
    number: int
    by: int
    back: bool = False


class State:
    """All records as they stand after some edits.

    Of every field it knows the edits that set it and stand, in order, and of every record, that may be gone, the last
    edit, undo or redo that did something to it.
    """

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], Record] = {}
        self._set_by: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._touched: dict[tuple[str, str], int] = {}  # in the order the records were first made
        self._in_order = True  # the records: not after one was brought back, until they are asked for
        self._alone: dict[tuple[str, ...], Record] = {}  # by kind and `UNIQUE` fields: the only record that has them
        self._sorted: dict[type[Record], tuple[Record, ...]] = {}  # by kind, of those that were asked for

    def copy(self) -> State:
        """The state as it is now, to go back to."""
        other = State()
        other._records, other._set_by, other._touched = dict(self._records), dict(self._set_by), dict(self._touched)
        other._alone, other._in_order = dict(self._alone), self._in_order
        return other

    def all(self, kind: type[Record]) -> tuple[Record, ...]:
        """The records of one kind, in the order they were first made: one that undo brings back has its old place.

        The same tuple until something changes: whoever draws asks often.
        """
        if not self._in_order:
            self._records = {known: self._records[known] for known in self._touched if known in self._records}
            self._in_order = True
        if kind not in self._sorted:
            self._sorted[kind] = tuple(record for record in self._records.values() if isinstance(record, kind))
        return self._sorted[kind]

    def get(self, kind: type[Record], record_id: str) -> Record | None:
        """The record with that id, or None."""
        return self._records.get((kind.KIND, record_id))

    def touched(self, record: Record) -> int:
        """The number of the last edit, undo or redo that did something to the record."""
        return self._touched[record.KIND, record.id]

    def apply(self, step: Step) -> None:
        """Make or take back an edit's changes; EditRefused, and nothing changed, where one does not fit."""
        trial = self.copy()
        trial.apply_unguarded(step)
        self._records, self._set_by, self._touched = trial._records, trial._set_by, trial._touched
        self._alone, self._in_order, self._sorted = trial._alone, trial._in_order, trial._sorted

    def apply_unguarded(self, step: Step) -> None:
        """The same, but where a change is refused those before it are made."""
        for change in reversed(step.changes) if step.back else step.changes:
            self._apply_one(change.inverse if step.back else change, step)

    def _apply_one(self, change: Change, step: Step) -> None:
        self._sorted.clear()
        key = (change.kind, change.id)
        current = self._records.get(key)
        stands = None if current is None else asdict(current)
        fits = stands is None if change.before is None else stands is not None and _includes(stands, change.before)
        names = sorted({*(change.before or {}), *(change.after or {})})
        refuse_unknown(change.kind, names)
        set_by = {name: self._set_by.get((*key, name), ()) for name in names}
        if not fits or (step.back and any(numbers[-1:] != (step.number,) for numbers in set_by.values())):
            where = f"edit {self._touched.get(key, 0)}"
            raise EditRefused(f"{change.kind} {change.id} was changed since", where, "undo that edit first")
        if change.after is None:
            self._refuse_if_used(change)
            self._alone.pop(_unique(self._records.pop(key)), None)
        else:
            made = (
                record_from_fields(change.kind, change.after) if current is None else replace(current, **change.after)
            )
            check_texts(made)
            if made.id != change.id:
                raise ValueError(f"{change.kind} {change.id} calls itself {made.id}")
            self._refuse_if_orphan_or_twice(current, made)
            self._records[key] = made
            self._in_order &= current is not None or key not in self._touched
        self._touched[key] = step.by
        for name, numbers in set_by.items():
            self._set_by[*key, name] = numbers[:-1] if step.back else (*numbers, step.number)

    def _refuse_if_used(self, change: Change) -> None:
        """A finding can't go while another record stands on it; nothing stands on others."""
        if change.kind != Finding.KIND:
            return
        for (kind, other_id), record in self._records.items():
            if getattr(record, "finding_id", None) == change.id:
                raise EditRefused(
                    f"{kind} {other_id} stands on {change.kind} {change.id}",
                    f"edit {self._touched[kind, other_id]}",
                    "undo that edit first",
                )

    def _refuse_if_orphan_or_twice(self, current: Record | None, made: Record) -> None:
        """A record can't come where what it stands on is gone, or where another has its place; noted that it has it."""
        finding_id = getattr(made, "finding_id", None)
        if finding_id is not None and self.get(Finding, finding_id) is None:
            where = f"edit {self._touched.get((Finding.KIND, finding_id), 0)}"
            raise EditRefused(f"the {made.KIND} stands on finding {finding_id}, which is gone", where)
        place = _unique(made)
        twin = self._alone.get(place)
        if twin is not None and twin.id != made.id:
            where = f"edit {self.touched(twin)}"
            raise EditRefused(f"there is such a {made.KIND} already", where, "undo that edit first")
        if current is not None:
            self._alone.pop(_unique(current), None)
        if made.UNIQUE:
            self._alone[place] = made


def _unique(record: Record) -> tuple[str, ...]:
    """What no other record may be like in."""
    return (record.KIND, *(getattr(record, name) for name in record.UNIQUE))


def _includes(stands: Fields, fields: Fields) -> bool:
    return all(name in stands and _plain(stands[name]) == _plain(value) for name, value in fields.items())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


class Turns:
    """Which edits stand, and what each reader can undo and redo next."""

    def __init__(self) -> None:
        self._roots: list[tuple[Edit, bool]] = []  # of each edit: what its chain of undo goes back to; takes it back?
        self._stands: list[bool] = []
        self._undo: dict[str, list[int]] = {}
        self._redo: dict[str, list[int]] = {}

    def step(self, edit: Edit) -> Step:
        """What the next edit would do to the records."""
        if edit.undoes is None:
            return Step(edit.changes, edit.number, edit.number)
        first, was_back = self._roots[edit.undoes - 1]
        return Step(first.changes, first.number, edit.number, back=not was_back)

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
