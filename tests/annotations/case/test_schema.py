"""Older versions: opened by steps, copied before they are changed; here with versions that never were."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import made_cases
import pytest

import callout
from callout.case import schema
from callout.case.edits import Change, Edit
from callout.errors import CaseDamaged, CaseNewer

NOTES = "CREATE TABLE notes (text TEXT NOT NULL) STRICT"
OLD = tuple(sql.replace("version TEXT NOT NULL, ", "") for sql in schema.TABLES)


def from_first(db: sqlite3.Connection) -> None:
    """Version 1 had a table of notes too many."""
    db.execute("DROP TABLE notes")


COLUMNS = "number, time, reader, tool, summary, changes, settings, window"


def from_second(db: sqlite3.Connection) -> None:
    """Version 2 did not know which program made an edit."""
    copied(db, schema.TABLES, f"{COLUMNS}, 'older', undoes, strokes")


def copied(db: sqlite3.Connection, tables: tuple[str, ...], columns: str) -> None:
    """The table of edits made anew, as `tables` have it, of `columns` of the present one."""
    rows = [schema.with_checksum(*row) for row in db.execute(f"SELECT {columns} FROM edits")]
    db.execute("ALTER TABLE edits RENAME TO old_edits")
    db.execute(next(sql for sql in tables if "TABLE edits" in sql))
    db.executemany(f"INSERT INTO edits VALUES ({', '.join('?' * len(rows[0]))})", rows)
    db.execute("DROP TABLE old_edits")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> dict[int, schema.Step]:
    known = {1: schema.Step((*OLD, NOTES), from_first), 2: schema.Step(OLD, from_second)}
    monkeypatch.setattr(schema, "STEPS", known)
    monkeypatch.setattr(schema, "VERSION", 3)
    return known


def case_of(folder: Path, version: int) -> Path:
    """A case of two findings and a region, as that version would have kept it."""
    with made_cases.case(folder) as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 2, made_cases.plane((1, 1)))
        case.add_finding("nodule")
        case.undo()
        path = case.path
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA legacy_alter_table = ON")
        copied(db, OLD, f"{COLUMNS}, undoes, strokes")
        if version < 2:
            db.execute(NOTES)
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
    return path


def content(path: Path) -> tuple[object, ...]:
    with callout.open_case(path, read_only=True) as case:
        edits = [(edit.number, edit.summary, edit.version) for edit in case.history]
        return case.findings, [case.mask(region).tolist() for region in case.regions], edits


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_case_is_looked_at_unchanged_and_copied_before_it_is_changed(
    steps: dict[int, schema.Step], tmp_path: Path, version: int
) -> None:
    path = case_of(tmp_path, version)
    before = path.read_bytes()
    looked = content(path)
    assert looked[2][0] == (1, "add finding cavity", "older")
    assert path.read_bytes() == before
    assert len(list(tmp_path.glob("*.callout*"))) == 1
    with callout.open_case(path, reader="r1") as case:
        case.add_finding("nodule")
        case.undo()
    assert content(path)[:2] == looked[:2]
    copy = tmp_path / f"a.version-{version}.callout"
    assert content(copy) == looked
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)
    with callout.open_case(path):
        pass
    assert len(list(tmp_path.glob("*.callout"))) == 2  # a case of today is not copied again


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("fault", ["raises", "leaves a table"])
def test_a_step_that_fails_changes_nothing(
    steps: dict[int, schema.Step], tmp_path: Path, read_only: bool, fault: str
) -> None:
    path = case_of(tmp_path, 1)
    before = path.read_bytes()

    def fails(db: sqlite3.Connection) -> None:
        if fault == "raises":
            db.execute("DROP TABLE edits")
            raise sqlite3.DatabaseError("no")

    steps[1] = schema.Step(steps[1].tables, fails)
    with pytest.raises(CaseDamaged):
        callout.open_case(path, read_only=read_only)
    assert path.read_bytes() == before


def add_trigger(db: sqlite3.Connection) -> None:
    db.execute("CREATE TRIGGER t AFTER DELETE ON notes BEGIN DELETE FROM edits; END")


def add_column(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE notes ADD COLUMN more TEXT")


@pytest.mark.parametrize("spoil", [add_trigger, add_column])
def test_the_tables_of_an_older_version_are_believed_no_more_than_today_s(
    steps: dict[int, schema.Step], tmp_path: Path, spoil: Callable[[sqlite3.Connection], None]
) -> None:
    path = case_of(tmp_path, 1)
    with closing(sqlite3.connect(path)) as db:
        spoil(db)
        db.commit()
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(CaseDamaged, match="tables"):
            callout.open_case(path, read_only=read_only)
    assert path.read_bytes() == before
    assert len(list(tmp_path.glob("*.callout*"))) == 1


def test_a_version_that_no_step_leads_from_is_refused(tmp_path: Path) -> None:
    with made_cases.case(tmp_path) as case:
        path = case.path
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(CaseDamaged, match="before the first release"):
        callout.open_case(path, read_only=True)


@pytest.mark.parametrize(
    "change",
    [
        Change("finding", "f1", {}, {"grade": "3"}),
        Change("finding", "f9", None, {"none": 1}),
        Change("nodule track", "n1", None, {"id": "n1"}),
        Change("nodule track", "n1", {}, {}),
    ],
)
def test_a_history_with_more_than_this_version_knows_is_of_a_later_one(change: Change, tmp_path: Path) -> None:
    """Not damaged: recovering it would lose what it does not know, and all that stands on it."""
    with made_cases.case(tmp_path) as case:
        case.add_finding("cavity")
        edit = Edit(len(case.history) + 1, "2030-01-01T00:00:00.000+00:00", "r1", "", "grade it", (change,))
        case._file.append(edit)
        path = case.path
    with pytest.raises(CaseNewer, match=r"a later version of Callout — .*\.callout: update Callout"):
        callout.open_case(path)
    with pytest.raises(CaseNewer, match="recover it with that one"):
        callout.recover_case(path, tmp_path / "b.callout")
    assert not (tmp_path / "b.callout").exists()


def test_what_came_later_is_kept_only_where_it_is_said(tmp_path: Path) -> None:
    """So a version from before it opens every case in which it is not used."""
    with made_cases.case(tmp_path) as case:
        finding = case.add_finding("cavity")
        case.paint(case.add_region(finding, case.series[0].id), 2, made_cases.plane((1, 1)))
        case.remove_finding(finding)
        case.undo()
        assert all("reference" not in {**(c.before or {}), **(c.after or {})} for e in case.history for c in e.changes)
        case.measure_on(finding, case.series[0].id)
        case.remove_finding(finding)
        case.undo()
        assert case.findings[0].reference == case.series[0].id
        case.undo()
        path = case.path
    with callout.open_case(path) as again:
        assert again.findings == (finding,)
