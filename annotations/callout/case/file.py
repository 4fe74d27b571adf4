"""The case file: one SQLite database that only ever grows by edits.

What was given (series, report, pictures) is written once, when the case is made; all else is the history, and where
the images lie at present. One connection, owned by the thread that opened it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from callout.case import schema
from callout.case.connection import Connection, end_writing, serialised, sqlite_errors, start_writing
from callout.case.edits import Change, Edit
from callout.case.publish import publish
from callout.case.schema import STROKES_AN_EDIT, checked, with_checksum
from callout.errors import CaseDamaged, CaseError, InputError
from callout.masks import Stroke

Places = dict[str, tuple[str, list[str]]]


class CaseFile:
    """An open case file. Methods raise CaseError where the disk or the file does not let them."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool = False) -> None:
        self.path, self._read_only, self._writing = path, read_only, False
        self._doubtful = False  # whether an edit that nobody believes may be in the file
        self._connection = Connection(path, read_only=read_only, exclusive=exclusive)
        self._db = self._connection.db

    @classmethod
    def create(
        cls,
        path: Path,
        given: dict[str, bytes],
        series: Iterable[dict[str, Any]],
        pictures: Iterable[tuple[str, str, bytes]],
        places: Places,
        edits: Iterable[Edit] = (),
    ) -> None:
        """Make the file whole, or not at all; CaseError where something is there already.

        given: named pieces such as the report's bytes; series: as `series_to_json` gives them; pictures: (name,
        media type, bytes); places: as `write_places` takes them; edits: a history to begin with.
        """
        with sqlite_errors(path), closing(sqlite3.connect(":memory:")) as db:
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {schema.VERSION}")
            for statement in schema.TABLES:
                db.execute(statement)
            rows = [with_checksum(n, facts["id"], json.dumps(facts)) for n, facts in enumerate(series)]
            db.executemany("INSERT INTO series VALUES (?, ?, ?, ?)", rows)
            _write_places(db, places)
            db.executemany("INSERT INTO given VALUES (?, ?, ?)", [with_checksum(*row) for row in given.items()])
            db.executemany("INSERT INTO pictures VALUES (?, ?, ?, ?)", [with_checksum(*row) for row in pictures])
            for edit in edits:
                _write_edit(db, edit)
            db.commit()
            publish(serialised(db), path)

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded into the file where there is room.

        At rest a case is one file and in no journal mode of ours, so that looking at it leaves nothing beside it.
        """
        if not self._read_only and not self._connection.closed:  # a kill may have left it in ours
            if self._connection.is_replaced():
                self._connection.abandon()
                return
            end_writing(self._db, self.path)
        self._connection.close()

    def copy_to(self, path: Path) -> None:
        """Write the whole case, as it is now, to a new file."""
        with sqlite_errors(self.path):
            data = serialised(self._db)
        publish(data, path)

    def given(self) -> dict[str, bytes]:
        """The named pieces that the case was made with."""
        with sqlite_errors(self.path):
            return dict(map(checked, self._db.execute("SELECT * FROM given")))

    def series(self) -> list[dict[str, Any]]:
        """The facts of every series, in order."""
        with sqlite_errors(self.path):
            rows = self._db.execute("SELECT * FROM series ORDER BY position")
            return [json.loads(facts) for _, _, facts in map(checked, rows)]

    def pictures(self) -> list[tuple[str, str, bytes]]:
        """(name, media type, bytes) of every picture, by name."""
        with sqlite_errors(self.path):
            return [picture_of_row(row) for row in self._db.execute("SELECT * FROM pictures ORDER BY name")]

    def places(self) -> Places:
        """By series: the case's own folder when they were noted, and the path of every image in order."""
        with sqlite_errors(self.path):
            rows = self._db.execute("SELECT series, folder, paths FROM places").fetchall()
            return {series: (folder, json.loads(paths)) for series, folder, paths in rows}

    def write_places(self, places: Places) -> None:
        """Note where the images of some series lie now."""
        with sqlite_errors(self.path):
            self._start_writing()
            with self._db:
                _write_places(self._db, places)

    def edits(self) -> list[Edit]:
        """The whole history in order, without the strokes' voxels."""
        with sqlite_errors(self.path), self._db:
            self._db.execute("BEGIN")  # both tables as they are at one time, while another process writes
            edits, strokes = [], 0
            for row in self._db.execute("SELECT * FROM edits ORDER BY number"):
                edit, count = edit_of_row(row)
                edits.append(edit)
                strokes += count
            kept = sum(1 for row in self._db.execute("SELECT * FROM strokes") if checked(row))
        if [edit.number for edit in edits] != list(range(1, len(edits) + 1)) or kept != strokes:
            raise CaseDamaged("the history has a hole", str(self.path), "restore a backup, or try `callout recover`")
        return edits

    def strokes_of_edit(self, number: int) -> list[tuple[str, Stroke]]:
        """(region, stroke) of one edit, in the order they were made."""
        query = "SELECT * FROM strokes WHERE id >= ? AND id < ? ORDER BY id"
        ids = number * STROKES_AN_EDIT, (number + 1) * STROKES_AN_EDIT
        with sqlite_errors(self.path):
            rows = map(stroke_of_row, self._db.execute(query, ids))  # each was checked when the case was opened
            return [(region, stroke) for _, region, stroke in rows]

    def strokes_of_region(self, region: str, k: int | None = None) -> list[tuple[int, Stroke]]:
        """(edit, stroke) of one region, or of one slice of it, in the order they were made."""
        query = "SELECT * FROM strokes WHERE region = ?1 AND (?2 IS NULL OR (k <= ?2 AND ?2 < k + slices)) ORDER BY id"
        with sqlite_errors(self.path):
            rows = map(stroke_of_row, self._db.execute(query, (region, k)))
            return [(edit, stroke) for edit, _, stroke in rows]

    def append(self, edit: Edit) -> None:
        """Write one edit in one transaction; it is on disk when this returns, or nothing of it is believed.

        What an earlier try left (written, but interrupted before it could be acknowledged) makes way for it.
        """
        with sqlite_errors(self.path):
            self._start_writing()
            with self._db:
                if self._doubtful:
                    self._db.execute("DELETE FROM strokes WHERE id >= ?", (edit.number * STROKES_AN_EDIT,))
                    self._db.execute("DELETE FROM edits WHERE number >= ?", (edit.number,))
                self._doubtful = True
                _write_edit(self._db, edit)
                self._refuse_where_gone()
            self._refuse_where_gone()
        self._doubtful = False

    def doubt(self) -> None:
        """The edit that was appended last is not believed after all: the next one takes its place."""
        self._doubtful = True

    def _start_writing(self) -> None:
        if not self._writing:  # a case that is only opened keeps every byte
            self._refuse_where_gone()
            start_writing(self._db, self.path)
            self._writing = True

    def _refuse_where_gone(self) -> None:
        """What is written to a file that has lost its name would never be seen again."""
        if not self._connection.is_there():
            raise CaseError("the case's file or folder is gone", str(self.path), "bring it back; nothing is lost yet")


def _write_edit(db: sqlite3.Connection, edit: Edit) -> None:
    if len(edit.strokes) >= STROKES_AN_EDIT:
        raise CaseError("an edit of so many strokes can't be kept", edit.summary, "draw it in several steps")
    changes = [[c.kind, c.id, c.before, c.after] for c in edit.changes]
    row = with_checksum(
        edit.number,
        edit.time,
        edit.reader,
        edit.tool,
        edit.summary,
        _to_json(changes) if changes else None,
        _to_json(edit.settings) if edit.settings else None,
        _to_json(edit.window) if edit.window else None,
        edit.version,
        edit.undoes,
        len(edit.strokes),
    )
    db.execute("INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    first = edit.number * STROKES_AN_EDIT
    rows = [
        with_checksum(first + n, edit.number, region, *map(int, (*stroke.low, *stroke.shape)), stroke.packed)
        for n, (region, stroke) in enumerate(edit.strokes)
    ]
    db.executemany("INSERT INTO strokes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _write_places(db: sqlite3.Connection, places: Places) -> None:
    rows = [(series, folder, json.dumps(paths)) for series, (folder, paths) in places.items()]
    db.executemany("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", rows)


# Rows of the tables, as SQLite or a recovery reads them; each raises ValueError or TypeError where it is none.


def picture_of_row(row: tuple[Any, ...]) -> tuple[str, str, bytes]:
    """Name, media type and bytes."""
    name, media_type, data = checked(row)
    return name, media_type, data


def stroke_of_row(row: tuple[Any, ...]) -> tuple[int, str, Stroke]:
    """Edit, region and stroke."""
    number, edit, region, k, j, i, slices, rows, columns, bits, _ = row
    if min(k, j, i) < 0 or min(slices, rows, columns) < 1 or number // STROKES_AN_EDIT != edit:
        raise ValueError("a stroke has no such box")
    return edit, region, Stroke((k, j, i), (slices, rows, columns), bits)


def edit_of_row(row: tuple[Any, ...]) -> tuple[Edit, int]:
    """The edit without its strokes, and how many it has."""
    number, time, reader, tool, summary, changes, settings, window, version, undoes, strokes = checked(row)
    if undoes is not None and not 0 < undoes < number:
        raise ValueError("an edit undoes one that is not before it")
    edit = Edit(
        number=number,
        time=time,
        reader=reader,
        tool=tool,
        summary=summary,
        changes=tuple(Change(*change) for change in _from_json(changes)) if changes else (),
        settings=dict(_from_json(settings)) if settings else {},
        window=_window(_from_json(window)) if window else None,
        version=version,
        undoes=undoes,
    )
    return edit, strokes


def _window(value: Any) -> tuple[float, float]:
    centre, width = value
    return float(centre), float(width)


def _to_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise InputError(f"an edit can't hold this ({error})") from error


def _from_json(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
