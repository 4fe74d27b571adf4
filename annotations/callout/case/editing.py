"""How a case changes: one edit at a time, on disk before it is believed, and back again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callout.case.connection import identity
from callout.case.contents import Contents
from callout.case.edits import Change, Edit, Fields, State, Step
from callout.case.lock import CaseLock
from callout.case.model import Record, fields_of
from callout.errors import CalloutError, CaseError, EditRefused
from callout.masks import Stroke
from callout.version import __version__


@dataclass
class _Draft:
    """An edit being made: already true in memory, not yet on disk."""

    summary: str
    using: tuple[str, Fields, tuple[float, float] | None]
    changes: list[Change] = field(default_factory=list)
    strokes: list[tuple[str, Stroke]] = field(default_factory=list)
    before: State | None = None  # what stood before the first change


class Editing(Contents):
    """Contents that edits change; what a reader does is built on it in `case`."""

    def __init__(
        self,
        path: Path,
        *,
        reader: str | None = None,
        read_only: bool = False,
        at: int | None = None,
        blinded: bool | None = None,
    ) -> None:
        self.read_only = read_only or at is not None
        identity(path)  # a pipe or device is not even locked
        self._lock = None if self.read_only else CaseLock.take(path)
        try:
            super().__init__(
                path,
                read_only=self.read_only,
                at=at,
                reader=reader,
                blinded=blinded,
                exclusive=not self.read_only and self._lock is None,
            )
            if self._lock:
                self._lock.tell(self.reader)
        except BaseException:
            if self._lock:
                self._lock.release()
            raise
        self._draft: _Draft | None = None
        self._using: tuple[str, Fields, tuple[float, float] | None] = ("", {}, None)
        self._listeners: list[Callable[[Edit], None]] = []

    # Undo --------------------------------------------------------------------------------------------------------

    def undo(self) -> Edit:
        """Take back this reader's last edit that stands; EditRefused where something later stands on it."""
        return self._turn_back(self._turns.next_undo(self.reader), "undo")

    def redo(self) -> Edit:
        """Do again what this reader last took back."""
        return self._turn_back(self._turns.next_redo(self.reader), "redo")

    def _turn_back(self, number: int | None, word: str) -> Edit:
        self._writable()
        if self._draft is not None:
            raise EditRefused(f"{word} inside another edit", self._draft.summary, "finish that one first")
        if number is None:
            raise EditRefused(f"nothing to {word}")
        first = self._turns.root(number)
        edit = self._edit(f"{word} {first.summary}", using=(word, {}, None), undoes=number)
        strokes, before = self._file.strokes_of_edit(first.number), self._state.copy()
        self._state.apply(self._turns.step(edit))
        try:
            self._refuse_speechless()
            self._file.append(edit)
        except BaseException:
            self._state = before
            self._file.doubt()
            raise
        self._flip_loaded(strokes)
        return self._done(edit)

    # One edit ----------------------------------------------------------------------------------------------------

    @contextmanager
    def one_edit(self, summary: str = "") -> Iterator[None]:
        """All changes made inside become one edit in one transaction; an exception takes all of them back."""
        if self._draft is not None:
            yield
            return
        self._writable()
        draft = self._draft = _Draft(summary, self._using)
        try:
            yield
            if draft.changes or draft.strokes:
                edit = self._edit(draft.summary, tuple(draft.changes), tuple(draft.strokes), draft.using)
                self._file.append(edit)
        except BaseException:
            self._take_back(draft)
            self._file.doubt()
            raise
        finally:
            self._draft = None
        if draft.changes or draft.strokes:
            self._done(edit)

    @contextmanager
    def using(
        self, tool: str, settings: Mapping[str, Any] | None = None, window: tuple[float, float] | None = None
    ) -> Iterator[None]:
        """Edits made inside are told as made with this tool, its settings and the (centre, width) in use."""
        before, self._using = self._using, (tool, dict(settings or {}), window)
        try:
            yield
        finally:
            self._using = before

    def subscribe(self, listener: Callable[[Edit], None]) -> None:
        """Call `listener` after every edit, with it."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Close the file and give the case free; closing twice does nothing."""
        super().close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Inside ------------------------------------------------------------------------------------------------------

    def _refuse_speechless(self) -> None:
        """Words can't go while a link or a decision stands on them, nor these come back without their words."""
        record = self._speechless()
        if record is not None:
            raise EditRefused(
                f"{record.KIND} {record.id} stands on words that would be gone",
                f"edit {self._state.touched(record)}",
                "undo that edit first",
            )

    def _take_back(self, draft: _Draft) -> None:
        self._flip_loaded(draft.strokes)  # a stroke is its own inverse
        if draft.before is not None:
            self._state = draft.before
            for change in draft.changes:  # ids of what was never made may come again
                self._masks.pop(change.id, None)

    def _flip_loaded(self, strokes: Sequence[tuple[str, Stroke]]) -> None:
        for region_id, stroke in strokes:
            try:
                if region_id in self._masks:
                    self._masks[region_id].flip(stroke)
            except CalloutError:  # it is put together again when it is looked at, and told then
                del self._masks[region_id]

    def _next_id(self, kind: type[Record]) -> str:
        made = sum(c.kind == kind.KIND and c.before is None for c in self._draft.changes) if self._draft else 0
        return f"{kind.KIND[0]}{len(self._edits) + 1}" + (f"-{made + 1}" if made else "")

    def _do(self, summary: str, changes: Sequence[Change] = (), strokes: Sequence[tuple[str, Stroke]] = ()) -> None:
        with self.one_edit(summary):
            draft = self._draft
            if draft is None:
                raise CaseError("no edit is open", str(self.path))
            draft.summary = draft.summary or summary
            if changes:
                draft.before = draft.before or self._state.copy()
                number = len(self._edits) + 1
                self._state.apply(Step(tuple(changes), number, number))
            draft.using = self._using if self._using[0] else draft.using
            draft.changes.extend(changes)
            for region_id, stroke in strokes:
                self._growing(self._region(region_id)).flip(stroke)
                draft.strokes.append((region_id, stroke))

    def _make(self, record: Record, summary: str) -> None:
        self._do(summary, [Change(record.KIND, record.id, None, fields_of(record))])

    def _remove(self, record: Record, summary: str = "") -> None:
        self._do(summary, [Change(record.KIND, record.id, fields_of(record), None)])

    def _change(self, current: Record, changed: Record, summary: str) -> None:
        """Only the fields that differ; where none does there is no edit."""
        was, becomes = asdict(current), asdict(changed)
        before = {name: value for name, value in was.items() if value != becomes[name]}
        if before:
            self._do(summary, [Change(current.KIND, current.id, before, {name: becomes[name] for name in before})])

    def _put(self, record: Record, summary: str) -> None:
        """A record that takes the place of the one with its id, whole."""
        current = self._state.get(type(record), record.id)
        before = asdict(current) if current else None
        if before != asdict(record):
            self._do(summary, [Change(record.KIND, record.id, before, asdict(record))])

    def _edit(
        self,
        summary: str,
        changes: tuple[Change, ...] = (),
        strokes: tuple[tuple[str, Stroke], ...] = (),
        using: tuple[str, Fields, tuple[float, float] | None] = ("", {}, None),
        undoes: int | None = None,
    ) -> Edit:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        tool, settings, window = using
        number = len(self._edits) + 1
        return Edit(number, now, self.reader, tool, summary, changes, strokes, settings, window, __version__, undoes)

    def _done(self, edit: Edit) -> Edit:
        """The edit is on disk: whatever fails now, it stands."""
        kept = replace(edit, strokes=())
        self._turns.take(kept)
        self._note_mentions(kept)
        self._edits.append(kept)
        for listener in self._listeners:
            try:
                listener(edit)
            except Exception:
                logging.getLogger(__name__).exception("what listens to the case failed at edit %d", edit.number)
        return edit

    def _writable(self) -> None:
        if self.read_only:
            raise EditRefused("the case is open to look only", str(self.path), "open it for writing")
