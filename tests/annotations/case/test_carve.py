"""Rows read from the bytes of real databases, sound, damaged and made up."""

from __future__ import annotations

import random
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callout.case.carve import Row, Value, carve

SIZES = st.sampled_from([512, 1024, 4096, 65536])
SEEDS = st.integers(0, 2**32)
LONG = st.builds(lambda seed, length: random.Random(seed).randbytes(length), SEEDS, st.integers(400, 20_000))
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**31), 2**31).map(lambda number: number >> 24),
    st.floats(allow_nan=False),
    st.text(),
    st.integers(100, 3000).map("ß∀😀".__mul__),
    st.binary(max_size=40),
    LONG,
)
ROWS = st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.tuples(VALUES, VALUES, VALUES), max_size=40)


def make(rows: dict[int, tuple[Value, ...]], size: int = 4096) -> tuple[bytes, list[Row], list[Row]]:
    """(a database with these rows and an index on them, the rows, the schema's rows)."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"PRAGMA page_size = {size}")
        db.execute("CREATE TABLE t (a, b, c)")
        db.execute("CREATE INDEX i ON t (b)")
        db.executemany("INSERT INTO t (rowid, a, b, c) VALUES (?, ?, ?, ?)", [(n, *row) for n, row in rows.items()])
        db.commit()
        schema = [(row[0], row[1:]) for row in db.execute("SELECT rowid, * FROM sqlite_master")]
        return db.serialize(), list(rows.items()), schema


def counted(rows: Iterable[Row]) -> Counter[str]:
    """Rows as a bag in which 1, 1.0 and -0.0 differ."""
    return Counter(map(repr, rows))


def pages(database: bytes, size: int) -> list[bytes]:
    return [database[start : start + size] for start in range(0, len(database), size)]


def garbage(seed: int, size: int) -> bytes:
    return b"\xff" + random.Random(seed).randbytes(size - 1)


@given(ROWS, SIZES)
def test_of_a_sound_database_every_row_is_found_and_no_other(rows: dict[int, tuple[Value, ...]], size: int) -> None:
    database, true, schema = make(rows, size)
    assert counted(carve(database)) == counted(schema + true)


BLOB = random.Random(0).randbytes(2000)


@given(ROWS, SIZES, st.sets(st.integers(0, 200)), SEEDS, st.integers(0, 400_000))
@example(  # whose only leaf has lost its row's second page, and would have it as pages of 2048 bytes
    {0: (None, BLOB[:400], None), 1: (None, None, BLOB[:1613]), -8151: (None, None, "ß∀😀" * 800)},
    1024,
    {0, 1, 4, 5},
    0,
    400_000,
)
def test_of_a_damaged_database_only_true_rows_are_found(
    rows: dict[int, tuple[Value, ...]], size: int, hit: set[int], seed: int, cut: int
) -> None:
    database, true, schema = make(rows, size)
    parts = pages(database, size)
    for number in hit:
        parts[number % len(parts)] = garbage(seed + number, size)
    assert counted(carve(b"".join(parts)[: max(cut, 100)])) <= counted(schema + true)


@given(ROWS.filter(bool), SIZES, SEEDS)
def test_without_header_schema_index_and_interior_pages_no_row_is_lost(
    rows: dict[int, tuple[Value, ...]], size: int, seed: int
) -> None:
    database, true, _ = make(rows, size)
    first, *others = pages(database, size)
    spoiled = [garbage(seed, size) if page[0] in (2, 5, 10) else page for page in others]
    assert counted(carve(garbage(seed, len(first)) + b"".join(spoiled))) == counted(true)


def test_a_page_that_is_cut_tells_what_lies_before_the_cut() -> None:
    database, _, _ = make({n: (n, "x" * 50, None) for n in range(2, 30)})
    cut = database.index(b"x" * 50) + 50 + 4 * 57  # behind five rows, the last one first: cells are laid from the end
    for end, first in [(cut, 25), (cut - 1, 26)]:
        assert [rowid for rowid, values in carve(database[:end]) if len(values) == 3] == list(range(first, 30))


def test_the_page_size_is_not_taken_from_a_header_that_the_pages_belie() -> None:
    database, true, schema = make({n: (n, "x" * 50, None) for n in range(300)})
    for said in (512, 1024, 8192, 32768, 1, 77):
        spoiled = database[:16] + struct.pack(">H", said) + database[18:]
        assert counted(carve(spoiled)) == counted(schema + true), said


def test_pages_with_holes_tell_their_size() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA page_size = 1024")
        db.execute("CREATE TABLE t (a, b)")
        db.executemany("INSERT INTO t (rowid, a) VALUES (?, ?)", [(n, "x" * 100) for n in range(8)])
        db.execute("DELETE FROM t WHERE rowid IN (0, 3, 5)")
        db.execute("INSERT INTO t (rowid, a) VALUES (5, ?)", ["x" * 98])
        true = [(row[0], row[1:]) for row in db.execute("SELECT rowid, * FROM t")]
        db.commit()
        data = db.serialize()
    block, fragments = struct.unpack_from(">H4xB", data, 1024 + 1)
    assert block
    assert fragments
    assert counted(carve(garbage(0, 1024) + data[1024:])) == counted(true)
    for end in range(1024, len(data)):
        assert counted(carve(garbage(0, 1024) + data[1024:end])) <= counted(true), end


@pytest.mark.parametrize("reserved", [12, 32])
def test_bytes_reserved_at_the_end_of_pages_are_no_content(reserved: int) -> None:
    rows = [(n, (n, "y" * n)) for n in range(1, 12_000, 97)]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA user_version = 1")
        empty = bytearray(db.serialize())
        empty[20] = reserved
        empty[105:107] = struct.pack(">H", 4096 - reserved)
        db.deserialize(bytes(empty))
        db.execute("CREATE TABLE t (a, b)")
        db.executemany("INSERT INTO t (rowid, a, b) VALUES (?, ?, ?)", [(rowid, *values) for rowid, values in rows])
        db.commit()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert of_t(carve(db.serialize())) == counted(rows)


@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_any_bytes_are_read_without_an_error(database: bytes, log: bytes) -> None:
    list(carve(database, log))


@given(ROWS, SIZES, st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=60))
def test_any_bytes_may_rot(rows: dict[int, tuple[Value, ...]], size: int, rot: list[tuple[int, int]]) -> None:
    database = bytearray(make(rows, size)[0])
    for where, value in rot:
        database[where % len(database)] = value
    before = bytes(database)
    for _, values in carve(before):
        assert all(isinstance(value, int | float | str | bytes | None) for value in values)


def of_t(rows: Iterable[Row]) -> Counter[str]:
    return counted(row for row in rows if len(row[1]) in (2, 3))


def with_words(database: bytes, words: dict[int, int]) -> bytes:
    """The database with these 32-bit words at these offsets."""
    changed = bytearray(database)
    for offset, word in words.items():
        changed[offset : offset + 4] = struct.pack(">I", word)
    return bytes(changed)


def test_a_chain_that_loops_or_runs_on_or_leaves_the_file_is_no_row() -> None:
    database, true, _ = make({7: (b"z" * 9000, None, None)})
    table = 2 * 4096  # the end of page 2, where the only row ends with the number of its first overflow page
    first = struct.unpack_from(">I", database, table - 4)[0]
    second = struct.unpack_from(">I", database, (first - 1) * 4096)[0]
    in_first, in_second = (first - 1) * 4096, (second - 1) * 4096
    assert of_t(carve(with_words(database, {in_second: 0}))) == counted(true)
    for words in (
        {table - 4: 0},
        {table - 4: 1},
        {table - 4: 2**32 - 1},
        {in_first: first, in_second: first},
        {in_first: 0},
        {in_first: 99},
        {in_second: first},
        {in_second: second},
    ):
        assert not of_t(carve(with_words(database, words))), words


def test_what_is_named_many_times_is_read_a_few_times_at_most() -> None:
    database, true, _ = make({7: (bytes(2**20), None, None)})
    chain = pages(database, 4096)[1]
    assert 1 <= of_t(carve(database + 300 * chain))[repr(true[0])] <= 10
    database, true, _ = make({7: ("x" * 100, None, None)})
    start = 4096 + 8
    pointer = database[start : start + 2]
    many = database[: 4096 + 3] + struct.pack(">H", 1500) + database[4096 + 5 : start] + pointer * 1500
    assert of_t(carve(many + database[len(many) :])) == counted(true)


def test_of_rows_that_lie_over_each_other_none_is_told() -> None:
    inner = b"\x02\x09\x02\x00"  # a whole cell: payload of 2 bytes, rowid 9, a record of one NULL
    database, true, _ = make({7: (b"." * 50 + inner, None, None), 8: (None, None, None)})
    page = bytearray(database[4096:8192])
    page[3:5] = struct.pack(">H", 3)
    page[12:14] = struct.pack(">H", page.index(inner))
    assert counted(row for row in carve(bytes(4096) + page)) == counted(true[1:])


def test_a_record_fills_its_payload_to_the_byte() -> None:
    database, true, _ = make({7: (1.5, 2.5, 3.5), 8: (1.5, 2.5, "x" * 8)})
    page = bytearray(database[4096:8192])
    page[3:5] = struct.pack(">H", 1)
    for row, pointer in zip(true, struct.unpack_from(">2H", page, 8), strict=True):
        page[8:10] = struct.pack(">H", pointer)
        assert page[pointer] == 28
        for length in range(60):
            page[pointer] = length
            assert list(carve(bytes(4096) + page)) == ([row] if length == 28 else []), length
        page[pointer] = 28


BATCHES = st.lists(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=5), min_size=1, max_size=5)


@settings(max_examples=40)
@given(BATCHES, st.integers(0, 4), st.sampled_from([512, 4096]), st.integers(0, 2**20), st.booleans())
def test_of_the_log_whole_transactions_are_read(
    batches: list[list[tuple[Value, Value]]], checkpoint: int, size: int, where: int, flip: bool
) -> None:
    with TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder, "a.db"), isolation_level=None)) as db:
        log = Path(folder, "a.db-wal")
        for setting in (f"page_size = {size}", "journal_mode = WAL", "wal_autocheckpoint = 0", "synchronous = OFF"):
            db.execute(f"PRAGMA {setting}")
        db.execute("CREATE TABLE t (a, b)")
        rows: list[Row] = []
        stood = [(0, rows)]  # (where the log ended, the rows then)
        for number, batch in enumerate(batches):
            if number == checkpoint:  # the log begins anew, over old frames
                db.execute("PRAGMA wal_checkpoint(RESTART)")
                stood = [(0, rows)]
            db.execute("BEGIN")
            db.executemany("INSERT INTO t VALUES (?, ?)", batch)
            db.execute("COMMIT")
            rows = [(row[0], row[1:]) for row in db.execute("SELECT rowid, * FROM t")]
            stood.append((end_of_frames(log.read_bytes()), rows))
        database, whole = Path(folder, "a.db").read_bytes(), log.read_bytes()
        db.execute("PRAGMA cache_size = 1")  # so pages of a transaction that is not committed reach the log
        db.execute("BEGIN")
        db.executemany("INSERT INTO t VALUES (?, ?)", [("never", bytes(3000))] * 50)
        spilled = log.read_bytes()
        db.execute("ROLLBACK")
    assert spilled != whole
    for bytes_of_log in (whole, spilled):
        assert of_t(carve(database, bytes_of_log)) == counted(rows)
    cut = where % len(whole)
    torn = whole[:cut] + (bytes([whole[cut] ^ 1]) + whole[cut + 1 :] if flip else b"")
    _, kept = [stage for stage in stood if stage[0] <= cut][-1]
    assert of_t(carve(database, torn)) == counted(kept)


def test_a_frame_whose_head_changed_ends_the_log(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (a, b)")
        db.execute("INSERT INTO t VALUES (1, 2)")
        db.commit()
        database, log = (tmp_path / "a.db").read_bytes(), (tmp_path / "a.db-wal").read_bytes()
    assert len(of_t(carve(database, log))) == 1
    head = len(log) - 4096 - 24
    for at in range(head, head + 24):
        assert not of_t(carve(database, log[:at] + bytes([log[at] ^ 1]) + log[at + 1 :])), at - head


def end_of_frames(log: bytes) -> int:
    """Where the frames with the log's present salts end."""
    size, end = struct.unpack_from(">I", log, 8)[0], 32
    while log[end + 8 : end + 16] == log[16:24]:
        end += 24 + size
    return end
