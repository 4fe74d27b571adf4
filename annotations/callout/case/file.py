"""The case file: one SQLite database that only ever grows by edits.

What was given (series, report, pictures) is written once, when the case is made; all else is the history.
One connection, owned by the thread that opened it. While it is open nothing else opens the database file: closing
a second handle in the same process would drop SQLite's own locks.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from callout.case.edits import Change, Edit
from callout.errors import CaseDamaged, CaseError, CaseNewer, InputError
from callout.masks import Stroke

APPLICATION_ID = 0x43414C4C  # "CALL"
SCHEMA_VERSION = 1
SCHEMA = (
    "CREATE TABLE given (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    "CREATE TABLE series (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, facts TEXT NOT NULL) STRICT",
    "CREATE TABLE pictures (name TEXT PRIMARY KEY, media_type TEXT NOT NULL, data BLOB NOT NULL) STRICT",
    "CREATE TABLE edits (number INTEGER PRIMARY KEY, time TEXT NOT NULL, reader TEXT NOT NULL, tool TEXT NOT NULL, "
    "summary TEXT NOT NULL, changes TEXT, settings TEXT, window TEXT, version TEXT NOT NULL, "
    "undoes INTEGER REFERENCES edits (number)) STRICT",
    "CREATE TABLE strokes (edit INTEGER NOT NULL REFERENCES edits (number), region TEXT NOT NULL, "
    "k INTEGER NOT NULL, j INTEGER NOT NULL, i INTEGER NOT NULL, "
    "slices INTEGER NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL, bits BLOB NOT NULL) STRICT",
    "CREATE INDEX strokes_of_region ON strokes (region)",
)


EDIT_COLUMNS = (
    "number", "time", "reader", "tool", "summary", "changes", "settings", "window", "version", "undoes",
)  # fmt: skip


class CaseFile:
    """An open case file. Methods raise CaseError where the disk or the file does not let them."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        _check_header(path)
        self.path, self._writing = path, False
        self._db = _connect(path, read_only=read_only)
        try:
            with sqlite_errors(path):
                _check_schema(self._db, path)
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def create(
        cls,
        path: Path,
        given: dict[str, bytes],
        series: Iterable[dict[str, Any]],
        pictures: Iterable[tuple[str, str, bytes]],
    ) -> None:
        """Make the file whole, or not at all; CaseError where something is there already.

        given: named pieces such as the report's bytes; series: as `series_to_json` gives them; pictures: (name,
        media type, bytes).
        """
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        try:
            with sqlite_errors(path):
                db = sqlite3.connect(temporary)
                try:
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                    for statement in SCHEMA:
                        db.execute(statement)
                    db.executemany("INSERT INTO given VALUES (?, ?)", given.items())
                    db.executemany(
                        "INSERT INTO series VALUES (?, ?, ?)",
                        [(n, facts["id"], json.dumps(facts)) for n, facts in enumerate(series)],
                    )
                    db.executemany("INSERT INTO pictures VALUES (?, ?, ?)", pictures)
                    db.commit()
                finally:
                    db.close()
            _publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded into the file where there is room.

        At rest a case is one file and in no journal mode of ours, so that looking at it leaves nothing beside it.
        """
        with suppress(sqlite3.Error):  # no room, or somebody looks at it: the log stays, and is as safe as the file
            if self._writing:
                self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def given(self) -> dict[str, bytes]:
        """The named pieces that the case was made with."""
        with sqlite_errors(self.path):
            return dict(self._db.execute("SELECT name, value FROM given"))

    def series(self) -> list[dict[str, Any]]:
        """The facts of every series, in order."""
        with sqlite_errors(self.path):
            return [json.loads(facts) for (facts,) in self._db.execute("SELECT facts FROM series ORDER BY position")]

    def pictures(self) -> list[tuple[str, str, bytes]]:
        """(name, media type, bytes) of every picture, by name."""
        with sqlite_errors(self.path):
            return self._db.execute("SELECT name, media_type, data FROM pictures ORDER BY name").fetchall()

    def edits(self) -> list[Edit]:
        """The whole history in order, without the strokes' voxels."""
        query = f"SELECT {', '.join(EDIT_COLUMNS)} FROM edits ORDER BY number"  # noqa: S608  # our own names
        with sqlite_errors(self.path):
            edits = [_edit(row) for row in self._db.execute(query)]
        if [edit.number for edit in edits] != list(range(1, len(edits) + 1)):
            raise CaseDamaged("the history has a hole", str(self.path), "restore a backup")
        return edits

    def strokes_of_edit(self, number: int) -> list[tuple[str, Stroke]]:
        """(region, stroke) of one edit, in the order they were made."""
        query = "SELECT region, k, j, i, slices, rows, columns, bits FROM strokes WHERE edit = ? ORDER BY rowid"
        with sqlite_errors(self.path):
            return [(row[0], _stroke(row[1:])) for row in self._db.execute(query, (number,))]

    def strokes_of_region(self, region: str) -> list[tuple[int, Stroke]]:
        """(edit, stroke) of one region, in the order they were made."""
        query = "SELECT edit, k, j, i, slices, rows, columns, bits FROM strokes WHERE region = ? ORDER BY rowid"
        with sqlite_errors(self.path):
            return [(row[0], _stroke(row[1:])) for row in self._db.execute(query, (region,))]

    def append(self, edit: Edit) -> None:
        """Write one edit in one transaction; it is on disk when this returns, or nothing of it is."""
        changes = [[c.kind, c.id, c.before, c.after] for c in edit.changes]
        row = (
            edit.number,
            edit.time,
            edit.reader,
            edit.tool,
            edit.summary,
            json.dumps(changes, ensure_ascii=False) if changes else None,
            json.dumps(edit.settings) if edit.settings else None,
            json.dumps(edit.window) if edit.window else None,
            edit.version,
            edit.undoes,
        )
        with sqlite_errors(self.path):
            if not self._writing:  # a case that is only opened keeps every byte
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA journal_mode = WAL")
                self._writing = True
        with sqlite_errors(self.path), self._db:
            self._db.execute("INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._db.executemany(
                "INSERT INTO strokes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (edit.number, region, *map(int, (*stroke.low, *stroke.shape)), stroke.packed)
                    for region, stroke in edit.strokes
                ],
            )


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors, and values that no case would hold, as the errors of the case."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InputError("text that is no Unicode can't be kept", str(path), "write it in other letters") from error
    except sqlite3.ProgrammingError as error:
        raise CaseError(
            f"the case can't be used like this ({error})",
            str(path),
            "use it before it is closed, in the thread it is of",
        ) from error
    except sqlite3.OperationalError as error:
        raise CaseError(
            f"the case can't be read or written ({error})", str(path), "see to the disk, then try again"
        ) from error
    except (sqlite3.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
        if isinstance(error, InputError | CaseError):
            raise
        raise CaseDamaged("the case file is damaged", str(path), "restore a backup") from error


def _stroke(row: tuple[Any, ...]) -> Stroke:
    k, j, i, slices, rows, columns, bits = row
    if min(k, j, i) < 0 or min(slices, rows, columns) < 1:
        raise ValueError("a stroke has no such box")
    return Stroke((k, j, i), (slices, rows, columns), bits)


def _edit(row: tuple[Any, ...]) -> Edit:
    number, time, reader, tool, summary, changes, settings, window, version, undoes = row
    if undoes is not None and not 0 < undoes < number:
        raise ValueError("an edit undoes one that is not before it")
    return Edit(
        number=number,
        time=time,
        reader=reader,
        tool=tool,
        summary=summary,
        changes=tuple(Change(*change) for change in json.loads(changes)) if changes else (),
        settings=json.loads(settings) if settings else {},
        window=tuple(json.loads(window)) if window else None,
        version=version,
        undoes=undoes,
    )


def _check_header(path: Path) -> None:
    """What the first 100 bytes say (file format of SQLite 3, §1.3), before SQLite is let near the file."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError as error:
        raise CaseError(
            "no such case", str(path), "look for the .callout file, or make one with `callout new`"
        ) from error
    except OSError as error:
        raise CaseError("the case can't be read", str(path), error.strerror or "see to the disk") from error
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise CaseDamaged("not a case file, or a damaged one", str(path), "restore a backup")
    version, application = struct.unpack(">I", header[60:64])[0], struct.unpack(">I", header[68:72])[0]
    if application != APPLICATION_ID:
        raise CaseDamaged("a database of another program, not a case", str(path), "choose a .callout file")
    if version > SCHEMA_VERSION:
        raise CaseNewer("the case was written by a later version of Callout", str(path), "update Callout to open it")
    if version < SCHEMA_VERSION:
        raise CaseDamaged("the case says a version that never was", str(path), "restore a backup")


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    from urllib.parse import quote

    with sqlite_errors(path):
        db = sqlite3.connect(f"file:{quote(os.fsencode(path.absolute()))}?mode={'ro' if read_only else 'rw'}", uri=True)
        for setting in ("trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON", "busy_timeout = 2000"):
            db.execute(f"PRAGMA {setting}")
    return db


def _check_schema(db: sqlite3.Connection, path: Path) -> None:
    """Pages whole, and exactly our tables: nothing else is ever executed or believed."""
    found = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    if found != set(SCHEMA):
        raise CaseDamaged("the tables are not those of a case", str(path), "restore a backup")
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise CaseDamaged("the case file is damaged", str(path), "restore a backup")


def _publish(temporary: Path, path: Path) -> None:
    """Give the finished file its name, never over another; both file and folder are on disk afterwards."""
    try:
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if path.exists():
                raise FileExistsError(path) from None
            temporary.rename(path)
        with suppress(OSError, AttributeError):  # Windows can't open folders
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
    except FileExistsError as error:
        raise CaseError("there is a file of that name already", str(path), "choose another name") from error
    except OSError as error:
        raise CaseError("the case can't be written", str(path), error.strerror or "see to the disk") from error
