"""Stores that lose what they acknowledged, put in the place of the real one: the crash tests have to notice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from callout.case.edits import Edit
from callout.case.file import CaseFile


def before_the_commit() -> None:
    """An edit is written when the next one is made."""
    append, waiting = CaseFile.append, list[Edit]()

    def put_off(file: CaseFile, edit: Edit) -> None:
        waiting.append(edit)
        if len(waiting) > 1:
            append(file, waiting.pop(0))

    CaseFile.append = put_off  # type: ignore[method-assign]


def every_fifth() -> None:
    """Only every fifth edit is committed; until then, this process alone sees them."""
    connect = sqlite3.connect
    sqlite3.connect = lambda *values, **options: connect(*values, factory=_Slow, **options)  # type: ignore[assignment]


def without_strokes() -> None:
    """Every tenth edit is written without its voxels."""
    append = CaseFile.append

    def forget(file: CaseFile, edit: Edit) -> None:
        append(file, replace(edit, strokes=()) if edit.number % 10 == 0 else edit)

    CaseFile.append = forget  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {one.__name__: one for one in (before_the_commit, every_fifth, without_strokes)}


class _Slow(sqlite3.Connection):
    put_off = 0

    def commit(self) -> None:
        if self.in_transaction and self.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            self.put_off += 1
            if self.put_off % 5:
                return
        super().commit()

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN") and self.in_transaction:
            sql = "SELECT 1"
        if sql == "COMMIT":
            self.commit()
            sql = "SELECT 1"
        return super().execute(sql, *values)

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:  # type: ignore[override]
        self.commit() if kind is None else self.rollback()
