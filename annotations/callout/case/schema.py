"""The tables of a case, and the steps by which the file of an older version becomes one of this version."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callout.errors import CaseDamaged

APPLICATION_ID = 0x43414C4C  # "CALL"
VERSION = 2
TABLES = (  # crc: of the row's other values, since SQLite itself would not notice a bit that fell over
    "CREATE TABLE given (name TEXT PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL) STRICT",
    "CREATE TABLE series (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, facts TEXT NOT NULL, "
    "crc INTEGER NOT NULL) STRICT",
    "CREATE TABLE pictures (name TEXT PRIMARY KEY, media_type TEXT NOT NULL, data BLOB NOT NULL, "
    "crc INTEGER NOT NULL) STRICT",
    "CREATE TABLE edits (number INTEGER PRIMARY KEY, time TEXT NOT NULL, reader TEXT NOT NULL, tool TEXT NOT NULL, "
    "summary TEXT NOT NULL, changes TEXT, settings TEXT, window TEXT, version TEXT NOT NULL, "
    "undoes INTEGER REFERENCES edits (number), strokes INTEGER NOT NULL, "
    "crc INTEGER NOT NULL) STRICT",
    # id: the edit's number × 2²⁰ + which of its strokes, so that an edit's strokes lie together and are found by it
    "CREATE TABLE strokes (id INTEGER PRIMARY KEY, edit INTEGER NOT NULL REFERENCES edits (number), "
    "region TEXT NOT NULL, k INTEGER NOT NULL, j INTEGER NOT NULL, i INTEGER NOT NULL, "
    "slices INTEGER NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL, bits BLOB NOT NULL, "
    "crc INTEGER NOT NULL) STRICT",
    "CREATE INDEX strokes_of_region ON strokes (region)",
    # where the images lie is no part of the story: it may differ tomorrow, so the history does not hold it
    "CREATE TABLE places (series TEXT PRIMARY KEY REFERENCES series (id), folder TEXT NOT NULL, "
    "paths TEXT NOT NULL) STRICT",
)
STROKES_AN_EDIT = 1 << 20


def with_checksum(*values: Any) -> tuple[Any, ...]:
    """A row's values with their CRC-32 behind them."""
    return (*values, _checksum(values))


def checked(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row's values without their CRC-32; ValueError where it is not theirs."""
    if _checksum(row[:-1]) != row[-1]:
        raise ValueError("a row is not what was written")
    return row[:-1]


def _checksum(values: tuple[Any, ...]) -> int:
    total = 0
    for value in values:
        total = zlib.crc32(value if isinstance(value, bytes) else repr(value).encode(), total)
    return total


@dataclass(frozen=True)
class Step:
    """From one version to the next.

    tables: the statements of the version it starts from; the file must hold just these.
    change: makes the next version's tables of them, inside a transaction that the caller holds.
    """

    tables: tuple[str, ...]
    change: Callable[[sqlite3.Connection], None]


STEPS: Mapping[int, Step] = {}  # by the version that a step starts from; none before the first release


def oldest() -> int:
    """The oldest version that this one can open."""
    version = VERSION
    while version - 1 in STEPS:
        version -= 1
    return version


def check_tables(db: sqlite3.Connection, path: Path, version: int) -> None:
    """CaseDamaged unless there are exactly the tables of `version`, in whole pages: nothing else is ever executed."""
    tables = TABLES if version == VERSION else STEPS[version].tables
    found = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    if sorted(found) != sorted(tables):
        raise CaseDamaged("the tables are not those of a case", str(path), "restore a backup")
    if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise CaseDamaged("the case file is damaged", str(path), "restore a backup, or try `callout recover`")


def migrate(db: sqlite3.Connection, path: Path, version: int) -> None:
    """Take the tables of `version` to this version in one transaction; where a step fails, nothing has changed."""
    db.execute("PRAGMA foreign_keys = OFF")  # else a table could not be replaced; checked below
    db.execute("PRAGMA legacy_alter_table = ON")  # else renaming a table would change those that refer to it
    try:
        db.execute("BEGIN IMMEDIATE")
        for number in range(version, VERSION):
            STEPS[number].change(db)
        db.execute(f"PRAGMA user_version = {VERSION}")
        check_tables(db, path, VERSION)
        if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise CaseDamaged("the older case does not hold together", str(path), "restore a backup")
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")
        db.execute("PRAGMA foreign_keys = ON")
