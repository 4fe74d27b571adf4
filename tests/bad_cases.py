"""Case files that are none, are no longer whole, or that somebody made to do harm: a row a class, as in `bad_input`.

Each row makes variants of a whole case in an empty folder. What is asked of all of them: "refuse" (by name), "load"
(what the whole case holds), "either" of both, or "open" (what it says, whatever that is, without harm); and never a
change of the file or of what lies beside it.
"""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import socket
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import made_cases
import numpy as np

from callout.case import schema

Answer = Literal["refuse", "load", "either", "open"]
DEEP = "[" * 100_000
PAGE = 4096
PICTURE = base64.b64decode(  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class BadCase:
    """A class of bad case files.

    make: given a whole case file and an empty folder, leaves variants there, and says which paths they have.
    errors: the names of the errors that may refuse it; says: a pattern that their message must match.
    memory: what a process may take that opens all its variants, in MB.
    """

    name: str
    make: Callable[[Path, Path], Iterable[Path] | None]
    answer: Answer = "refuse"
    errors: tuple[str, ...] = ("CaseDamaged",)
    says: str = ""
    memory: int = 900


def whole(folder: Path) -> Path:
    """A case of two readers with everything in it, large enough to have pages of every kind."""
    (folder / "picture.png").write_bytes(PICTURE)
    story = "\n\n".join(f"In paragraph {n} nothing was found, and that at length." for n in range(400))
    report = folder / "report.md"
    report.write_text(f"# A chest\n\n{story}\n\n![](picture.png)\n\nFigure 1. Axial CT: cavitating lesion (1).\n")
    import callout

    with callout.create_case(folder / "a.callout", made_cases.images(folder), report, reader="r1") as case:
        finding = case.add_finding("cavity", laterality="left", note="thin")
        region = case.add_region(finding, case.series[0].id)
        for k in range(4):
            case.paint(region, k, made_cases.plane((1, 1), (k, 2)))
        with case.using("brush", {"diameter_mm": 8.0}, window=(-600.0, 1500.0)):
            case.set_mask(region, np.random.default_rng(0).random((4, 6, 5)) > 0.5)
        case.undo()
        case.add_mark(finding, "point", [(1, 2, 3)], series_id=case.series[0].id)
        case.set_recipe("1", "a = 1\n" * 2000)
    with callout.open_case(folder / "a.callout", reader="r2") as case:
        case.link(finding, "1:1")
        case.set_mention_state("1:1", "flagged", "why")
    return folder / "a.callout"


def copy(case: Path, folder: Path, name: str = "a") -> Path:
    return Path(shutil.copyfile(case, folder / f"{name}.callout"))


def written(folder: Path, variants: Iterable[bytes]) -> list[Path]:
    paths = []
    for n, data in enumerate(variants):
        paths.append(folder / f"{n}.callout")
        paths[-1].write_bytes(data)
    return paths


def changed(offset: int, value: bytes) -> Callable[[Path, Path], list[Path]]:
    """The case with other bytes at one place."""

    def make(case: Path, folder: Path) -> list[Path]:
        data = case.read_bytes()
        return written(folder, [data[:offset] + value + data[offset + len(value) :]])

    return make


def cut(case: Path, folder: Path) -> list[Path]:
    data = case.read_bytes()
    sizes = {1, 15, 16, 99, 100, 101, 512, *range(PAGE - 1, len(data), PAGE // 2), len(data) - 1}
    return written(folder, [data[:size] for size in sorted(sizes)])


def spoilt_pages(spoil: Callable[[bytes, int], bytes]) -> Callable[[Path, Path], list[Path]]:
    """A variant for every page: the case with that page spoilt."""

    def make(case: Path, folder: Path) -> list[Path]:
        data = case.read_bytes()
        starts = range(0, len(data), PAGE)
        return written(folder, [data[:at] + spoil(data, at) + data[at + PAGE :] for at in starts])

    return make


def garbage(data: bytes, at: int) -> bytes:
    return random.Random(at).randbytes(PAGE)


def next_page(data: bytes, at: int) -> bytes:
    """The page that follows, as where a disk wrote to the wrong place."""
    at = (at + PAGE) % len(data)
    return data[at : at + PAGE]


def strangers(case: Path, folder: Path) -> list[Path]:
    """Databases of other programs, also such as say that they are a case."""
    paths = []
    for name, application, version in (("0", 0, 0), ("1", 0x47504B47, 2), ("2", schema.APPLICATION_ID, schema.VERSION)):
        paths.append(folder / f"{name}.callout")
        with closing(sqlite3.connect(paths[-1])) as db:
            db.execute(f"PRAGMA application_id = {application}")
            db.execute(f"PRAGMA user_version = {version}")
            db.execute("CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, url TEXT)")
            db.commit()
    return paths


def sign(db: sqlite3.Connection) -> None:
    """Give every row the checksum that belongs to it, as whoever means harm would."""
    db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    for table in ("given", "series", "pictures", "edits", "strokes"):
        with suppress(sqlite3.Error):  # not there any more, or no longer a table like that
            for key, *values, _ in db.execute(f"SELECT rowid, * FROM {table}").fetchall():
                db.execute(f"UPDATE {table} SET crc = ? WHERE rowid = ?", (schema.with_checksum(*values)[-1], key))


def spoilt(*statements: str) -> Callable[[Path, Path], list[Path]]:
    """A variant for each: the case after those statements (several with `;`), its tables changed at will."""

    def make(case: Path, folder: Path) -> list[Path]:
        paths = []
        for n, statement in enumerate(statements):
            paths.append(copy(case, folder, str(n)))
            with closing(sqlite3.connect(paths[-1])) as db:
                db.execute("PRAGMA writable_schema = ON")
                db.executescript(statement)
                sign(db)
                db.commit()
        return paths

    return make


def loosely(*statements: str) -> Callable[[Path, Path], list[Path]]:
    """The same in tables that take any type of value; afterwards their schema says that they don't."""
    free = "UPDATE sqlite_master SET sql = replace(replace(sql, ' STRICT', ''), 'NOT NULL', '')"

    def make(case: Path, folder: Path) -> list[Path]:
        paths = []
        for n, statement in enumerate(statements):
            paths.append(copy(case, folder, str(n)))
            with closing(sqlite3.connect(paths[-1])) as db:
                sql = db.execute("SELECT sql, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
                db.execute("PRAGMA writable_schema = ON")
                db.execute(free)
                db.commit()
            with closing(sqlite3.connect(paths[-1])) as db:
                db.execute(statement)
                sign(db)
                db.execute("PRAGMA writable_schema = ON")
                db.executemany("UPDATE sqlite_master SET sql = ? WHERE name = ?", sql)
                db.commit()
        return paths

    return make


HOSTILE_TABLES = (
    "CREATE TRIGGER t AFTER INSERT ON edits BEGIN DELETE FROM strokes; END",
    "CREATE VIEW v AS SELECT * FROM edits",
    "CREATE TABLE more (x)",
    "CREATE INDEX i ON edits (reader)",
    "ALTER TABLE edits ADD COLUMN more TEXT",
    "ALTER TABLE edits ADD COLUMN more TEXT AS (upper(reader)) VIRTUAL",
    "ALTER TABLE places RENAME TO place",
    "ALTER TABLE pictures RENAME COLUMN data TO bytes",
    "DROP INDEX strokes_of_region",
    "DROP TABLE places",
    "CREATE VIRTUAL TABLE v USING fts5 (x)",
    "CREATE VIRTUAL TABLE v USING rtree (x, y, z)",
    "ANALYZE",
    "DROP TABLE places; CREATE VIEW places AS SELECT 'x' AS series, '' AS folder, '[]' AS paths",
    "DROP TABLE pictures; CREATE TABLE pictures (name TEXT, media_type TEXT, data BLOB)",
    "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', 'strict') WHERE name = 'edits'",
    "UPDATE sqlite_master SET sql = 'CREATE TABLE edits (' WHERE name = 'edits'",
    "UPDATE sqlite_master SET sql = NULL WHERE name = 'places'",
    "UPDATE sqlite_master SET name = 'edits' WHERE name = 'places'",
    "UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'edits'",
    "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'given') "
    "WHERE name = 'pictures'",
    "INSERT INTO sqlite_master SELECT * FROM sqlite_master WHERE name = 'places'",
)


def paths_that_are_no_files(case: Path, folder: Path) -> list[Path]:
    (folder / "folder.callout").mkdir()
    os.mkfifo(folder / "pipe.callout")
    (folder / "zero.callout").symlink_to("/dev/zero")
    (folder / "null.callout").symlink_to("/dev/null")
    (folder / "gone.callout").symlink_to(folder / "nowhere.callout")
    (folder / "loop.callout").symlink_to(folder / "loop.callout")
    (folder / "to a pipe.callout").symlink_to(folder / "pipe.callout")
    with closing(socket.socket(socket.AF_UNIX)) as held:
        here = os.getcwd()
        os.chdir(folder)  # socket names are short
        try:
            held.bind("socket.callout")
        finally:
            os.chdir(here)
    below = folder / "folder.callout" / "below.callout" / "a.callout"
    return [*sorted(folder.glob("*.callout")), folder / "none.callout", folder / ("n" * 300 + ".callout"), below]


def lock_that_is_no_file(case: Path, folder: Path) -> list[Path]:
    paths = [copy(case, folder, str(n)) for n in range(3)]
    (folder / "0.callout.lock").mkdir()
    (folder / "1.callout.lock").symlink_to(folder / "elsewhere")
    (folder / "2.callout.lock").symlink_to("/dev/full")
    return paths


def lock_that_is_a_pipe(case: Path, folder: Path) -> list[Path]:
    os.mkfifo(folder / "a.callout.lock")
    return [copy(case, folder)]


def crashed(case: Path, folder: Path, mode: str, page: int = PAGE) -> tuple[bytes, bytes]:
    """Another database of the same size, killed while it wrote: its file, and its log or journal."""
    path = folder / "other"
    log = folder / ("other-wal" if mode == "WAL" else "other-journal")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {page}")
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.execute("PRAGMA cache_size = 2")
        db.execute("CREATE TABLE rows (x)")
        db.execute("BEGIN")
        for _ in range(60):
            db.execute("INSERT INTO rows VALUES (zeroblob(3000))")
        db.execute("COMMIT")
        if mode == "DELETE":
            db.execute("BEGIN")
            db.execute("UPDATE rows SET x = randomblob(3000)")
        data, left = path.read_bytes(), log.read_bytes()
    for one in folder.glob("other*"):
        one.unlink()
    return data, left


def logs_of_others(mode: str, ending: str) -> Callable[[Path, Path], list[Path]]:
    """A whole case, and beside it what another database left: whole, cut, and only its first part."""

    def make(case: Path, folder: Path) -> list[Path]:
        _, log = crashed(case, folder, mode)
        _, small = crashed(case, folder, mode, 1024)
        paths = []
        for n, data in enumerate((log, small, log[: len(log) // 2], log[:40])):
            paths.append(copy(case, folder, str(n)))
            (folder / f"{n}.callout{ending}").write_bytes(data)
        return paths

    return make


def garbage_beside(case: Path, folder: Path) -> list[Path]:
    paths = []
    contents = (b"", b"not a log", random.Random(1).randbytes(9000), bytes(9000))
    for n, (ending, data) in enumerate((ending, data) for ending in ("-wal", "-journal", "-shm") for data in contents):
        paths.append(copy(case, folder, str(n)))
        (folder / f"{n}.callout{ending}").write_bytes(data)
    return paths


def no_file_beside(make: Callable[[Path], object], *endings: str) -> Callable[[Path, Path], list[Path]]:
    """A whole case, and in place of a log something that is no file."""

    def variants(case: Path, folder: Path) -> list[Path]:
        for n, ending in enumerate(endings):
            make(folder / f"{n}.callout{ending}")
        return [copy(case, folder, str(n)) for n in range(len(endings))]

    return variants


def zeros(case: Path, folder: Path) -> list[Path]:
    """A gigabyte that takes no room on the disk: zeros only, and zeros behind a header that claims them."""
    paths = [folder / "zeros.callout", copy(case, folder, "behind"), copy(case, folder, "claimed")]
    data = bytearray(case.read_bytes())
    data[28:32] = struct.pack(">I", (1 << 30) // PAGE)
    paths[2].write_bytes(data)
    for path in paths:
        with path.open("ab") as file:
            file.truncate(1 << 30)
    return paths


def bomb(shape: tuple[int, int, int]) -> str:
    """A statement that makes the first stroke one of a box of ones of that size, deflated to almost nothing."""
    size = (shape[0] * shape[1] * shape[2] + 7) // 8
    squeeze = zlib.compressobj(1)
    parts = [squeeze.compress(bytes([255]) * min(1 << 20, size - at)) for at in range(0, size, 1 << 20)]
    packed = (b"".join(parts) + squeeze.flush()).hex()
    sizes = ", ".join(f"{name} = {n}" for name, n in zip(("slices", "rows", "columns"), shape, strict=True))
    return (
        f"UPDATE strokes SET k = 0, j = 0, i = 0, {sizes}, bits = x'{packed}' WHERE id = (SELECT min(id) FROM strokes)"
    )


def bombs(case: Path, folder: Path) -> list[Path]:
    """A stroke of 3.6 thousand million voxels: where they do not fit, and where they are not given."""
    claim = "UPDATE strokes SET k = 0, j = 0, i = 0, rows = 60000, columns = 60000"
    return spoilt(bomb((1, 60_000, 60_000)), f"{grid(60_000, 60_000)}; {claim}")(case, folder)


def vast_series(case: Path, folder: Path) -> list[Path]:
    """The same where the series has them."""
    return spoilt(f"{grid(60_000, 60_000)}; {bomb((1, 60_000, 60_000))}")(case, folder)


def grid(rows: int, columns: int) -> str:
    return f"UPDATE series SET facts = replace(facts, '\"shape\": [4, 6, 5]', '\"shape\": [4, {rows}, {columns}]')"


LIES = (
    "UPDATE strokes SET slices = 4611686018427387904",
    "UPDATE strokes SET rows = 60000, columns = 60000",
    "UPDATE strokes SET k = 9223372036854775807",
    "UPDATE strokes SET k = -1",
    "UPDATE strokes SET slices = 0",
    "UPDATE strokes SET bits = x''",
    "UPDATE strokes SET bits = zeroblob(1000000)",
    f"UPDATE strokes SET bits = x'{zlib.compress(bytes(100_000_000), 9).hex()}'",
    "UPDATE strokes SET region = 'r9'",
    "UPDATE strokes SET edit = 1",
    "DELETE FROM strokes WHERE id = (SELECT max(id) FROM strokes)",
)
TEXTS = (
    *(f"UPDATE edits SET {column} = '{DEEP}' WHERE number = 1" for column in ("changes", "settings", "window")),
    f"UPDATE series SET facts = '{DEEP}'",
    f"UPDATE places SET paths = '{DEEP}'",
    f"UPDATE given SET value = CAST('{DEEP}' AS BLOB) WHERE name = 'report analysis'",
    "UPDATE edits SET changes = '{\"a\": 1}' WHERE number = 1",
    "UPDATE edits SET changes = 'null' WHERE number = 1",
    "UPDATE edits SET settings = '[1]' WHERE number = 6",
    "UPDATE edits SET settings = '5' WHERE number = 6",
    "UPDATE edits SET window = '[1]' WHERE number = 6",
    """UPDATE edits SET window = '["a", "b"]' WHERE number = 6""",
    "UPDATE edits SET time = 'yesterday' WHERE number = 6",
    "UPDATE edits SET changes = replace(changes, '\"left\"', '\"up\"')",
    "UPDATE edits SET changes = replace(changes, '\"cavity\"', '\"no such concept\"')",
    *(
        f"UPDATE edits SET changes = replace(changes, '[1.0, 2.0, 3.0]', '[{far}, 2.0, 3.0]')"
        for far in ("1e999", "1e300", f"1{'0' * 400}")
    ),
    'UPDATE edits SET changes = replace(changes, \'"points": [\', \'"id": "m9", "points": [\')',
    'UPDATE edits SET changes = replace(changes, \'"series_id": "\', \'"series_id": "no \')',
    'UPDATE edits SET changes = replace(changes, \'"finding_id": "f1"\', \'"finding_id": "f9"\')',
    'UPDATE edits SET changes = replace(changes, \'"mention_id": "1:#1"\', \'"mention_id": "7:#1"\')',
    "UPDATE edits SET undoes = 3 WHERE number = 8",
    "UPDATE edits SET undoes = NULL WHERE undoes IS NOT NULL",
    "UPDATE places SET paths = '[\"a\"]'",
    "UPDATE places SET paths = '{}'",
    "UPDATE places SET paths = '\"abcd\"'",
    "DELETE FROM places",
    "DELETE FROM series",
    "DELETE FROM given WHERE name = 'reader'",
    "UPDATE given SET value = x'ff' WHERE name = 'reader'",
    "UPDATE given SET value = x'ff' WHERE name = 'report analysis'",
    "DELETE FROM pictures",
    "DELETE FROM edits WHERE number = 1",
    "UPDATE edits SET number = 4611686018427387904 WHERE number = 9",
    f"UPDATE edits SET changes = '[' || '{'9' * 5000}' || ']' WHERE number = 1",
)
NO_NUMBERS = (
    *(f"UPDATE strokes SET {column} = 'many'" for column in ("k", "rows", "bits", "edit")),
    *(f"UPDATE strokes SET {column} = 1.5" for column in ("k", "rows", "bits")),
    "UPDATE strokes SET k = NULL",
    "UPDATE strokes SET bits = NULL",
    "UPDATE strokes SET region = 5",
    "UPDATE edits SET strokes = 'x' WHERE number = 1",
    "UPDATE edits SET undoes = 'x' WHERE undoes IS NOT NULL",
    *(f"UPDATE edits SET {column} = 5 WHERE number = 1" for column in ("time", "reader", "tool", "summary", "version")),
    *(f"UPDATE edits SET {column} = x'ff00' WHERE number = 1" for column in ("time", "reader", "changes", "settings")),
    "UPDATE series SET facts = 5",
    "UPDATE series SET id = 5",
    "UPDATE places SET folder = 5",
    "UPDATE pictures SET data = 5",
    "UPDATE pictures SET data = 'text'",
    "UPDATE given SET value = 'text'",
    "UPDATE given SET value = NULL WHERE name = 'report'",
)
NO_UNICODE = tuple(
    f"UPDATE {table} SET {column} = CAST(x'fffe80' AS TEXT)"
    for table, column in (
        ("edits", "reader"), ("edits", "summary"), ("edits", "changes"), ("edits", "time"), ("strokes", "region"),
        ("series", "facts"), ("places", "paths"), ("places", "folder"), ("pictures", "media_type"),
    )
)  # fmt: skip
ESCAPES = "\\u001b[2J\\u009b\\u0007../../\\u0000\\u202e{}%s\\n<script>"
NAMES = (
    *(f"UPDATE edits SET {column} = 'x' || char(27) || '[2J' || char(7, 10, 155, 8238) || '../{{}}%s'"
      for column in ("reader", "summary", "tool", "version")),
    *(f"UPDATE edits SET changes = replace(changes, '\"{field}\": \"{value}\"', '\"{field}\": \"{ESCAPES}\"')"
      for field, value in (("note", "thin"), ("name", ""))),
    f"UPDATE series SET facts = replace(facts, 'series a', '{ESCAPES}')",
    "UPDATE places SET folder = '../../..' || char(10)",
    "UPDATE pictures SET media_type = '../' || char(27)",
    "UPDATE given SET value = CAST('x' || char(27, 7, 10) || '../' AS BLOB) WHERE name = 'reader'",
    "UPDATE edits SET summary = 'x' || char(0) || 'y', tool = char(0)",
)  # fmt: skip


def turned_often(case: Path, folder: Path) -> list[Path]:
    """One edit undone and redone 10,000 times."""
    path = copy(case, folder)
    with closing(sqlite3.connect(path)) as db:
        last = db.execute("SELECT max(number) FROM edits").fetchone()[0]
        row = db.execute("SELECT * FROM edits WHERE number = ?", (last,)).fetchone()
        names = [one[1] for one in db.execute("PRAGMA table_info(edits)")]
        none = {"changes": None, "undoes": None, "strokes": 0}
        rows = []
        for n in range(last + 1, last + 10_001):
            values = dict(zip(names, row, strict=True)) | none | {"number": n, "undoes": n - 1}
            rows.append(tuple(values.values()))
        db.executemany(f"INSERT INTO edits VALUES ({', '.join('?' * len(names))})", rows)
        sign(db)
        db.commit()
    return [path]


def odd_names(case: Path, folder: Path) -> list[Path]:
    names = (b"\xff\xfe.callout", b"a\nb\x1b[2J.callout", b"?mode=memory#%41.callout", b"-rf.callout", b" .callout")
    paths = [Path(os.fsdecode(os.path.join(os.fsencode(folder), name))) for name in names]
    for path in paths:
        shutil.copyfile(case, path)
    return paths


MANY = ("CaseDamaged", "CaseError", "CaseReadOnly")
BAD_CASES: tuple[BadCase, ...] = (
    BadCase("whole", lambda case, folder: [copy(case, folder)], "load"),
    BadCase("odd names", odd_names, "load"),
    BadCase("empty", lambda case, folder: written(folder, [b""])),
    BadCase("text", lambda case, folder: written(folder, [b"not a case " * 30, json.dumps([1]).encode()])),
    BadCase("cut", cut, "either"),
    BadCase("garbage on a page", spoilt_pages(garbage), "either"),
    BadCase("zeros on a page", spoilt_pages(lambda data, at: bytes(PAGE)), "either"),
    BadCase("another page's content", spoilt_pages(next_page), "either"),
    BadCase("another program's", strangers, says="another program|tables are not those"),
    BadCase("newer", changed(60, struct.pack(">I", schema.VERSION + 1)), errors=("CaseNewer",), says="later version"),
    BadCase("a version that never was", changed(60, b"\xff\xff\xff\xff"), errors=("CaseNewer",)),
    BadCase("version nought", changed(60, bytes(4))),
    BadCase("written by a later SQLite", changed(18, b"\x03\x03"), errors=MANY),
    BadCase("page size of nothing", changed(16, b"\0\x03"), errors=MANY),
    BadCase("UTF-16 text", changed(56, b"\0\0\0\x02"), errors=MANY),
    BadCase("hostile tables", spoilt(*HOSTILE_TABLES)),
    BadCase("no file", paths_that_are_no_files, errors=("CaseError", "CaseDamaged")),
    BadCase("a lock that is a pipe", lock_that_is_a_pipe, "either", ("CaseError",)),
    BadCase("a lock that is no file", lock_that_is_no_file, "either", ("CaseError", "CaseReadOnly", "CaseInUse")),
    BadCase("log of another database", logs_of_others("WAL", "-wal"), "either", MANY),
    BadCase("journal of another database", logs_of_others("DELETE", "-journal"), "either", MANY),
    BadCase("garbage beside it", garbage_beside, "either", MANY),
    BadCase("folders beside it", no_file_beside(os.mkdir, "-wal", "-journal"), "either", MANY),
    BadCase("a pipe as its log", no_file_beside(os.mkfifo, "-wal"), "either", MANY),
    BadCase("a pipe as its journal", no_file_beside(os.mkfifo, "-journal"), "either", MANY),
    BadCase("a gigabyte of zeros", zeros, "either"),
    BadCase("strokes that lie", spoilt(*LIES), "open"),
    BadCase("bombs", bombs, "open", memory=1200),
    BadCase("bomb that fits its series", vast_series, "open", memory=1200),
    BadCase("series of 10¹⁹ voxels", spoilt(grid(4_000_000_000, 4_000_000_000)), "open"),
    BadCase(
        "a window that is no number",
        spoilt("UPDATE edits SET window = '[NaN, Infinity]' WHERE number = 6"),
        "open",
    ),
    BadCase("records that lie", spoilt(*TEXTS), "open"),
    BadCase("text where numbers should be", loosely(*NO_NUMBERS), "open"),
    BadCase("text that is no Unicode", spoilt(*NO_UNICODE), "open"),
    BadCase("names that a terminal would act on", spoilt(*NAMES), "open"),
    BadCase("undone and redone 10,000 times", turned_often, "open"),
)
