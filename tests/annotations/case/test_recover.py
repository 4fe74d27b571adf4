"""What is saved of a damaged case: as much as its pages hold, and never voxels that nobody drew, unsaid."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import made_cases
import numpy as np
import pytest

import callout
from callout.case import Case, schema
from callout.errors import CaseDamaged, CaseError, CaseInUse, CaseNewer

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A case long enough that its history fills several pages, with undo and redo, by two readers."""
    with made_cases.case(tmp_path) as case:
        path = case.path
    rng = np.random.default_rng(3)
    for reader in ("r1", "r2"):
        with callout.open_case(path, reader=reader) as case:
            region = case.add_region(case.add_finding("cavity", note=f"by {reader}"), case.series[0].id)
            case.link(case.findings[-1], "1:1")
            for n in range(60):
                case.paint(region, n % 4, rng.random((6, 5)) < 0.5)
                if n % 7 == 0:
                    case.undo()
                if n % 14 == 0:
                    case.redo()
    return path


def stands(case: Case) -> tuple[object, ...]:
    return case.findings, case.links, [case.mask(region).tolist() for region in case.regions]


def test_of_a_whole_case_everything_is_saved(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert (recovered.lost, recovered.notes) == (0, ())
    with callout.open_case(path, read_only=True) as old, callout.open_case(tmp_path / "new.callout") as new:
        assert stands(new) == stands(old)
        assert new.history == old.history
        assert new.report == old.report
        assert recovered.edits == len(old.history)
        new.undo()
    assert path.read_bytes() == before


def test_strokes_of_a_region_that_its_edit_took_away_are_no_loss(path: Path, tmp_path: Path) -> None:
    with callout.open_case(path, reader="r1") as case:
        case.remove_finding(case.findings[0])
        history = case.history
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert (recovered.lost, recovered.notes) == (0, ())
    with callout.open_case(path, reader="r1") as old, callout.open_case(tmp_path / "new.callout", reader="r1") as new:
        assert new.history == history
        assert new.strokes_of(len(history)) == old.strokes_of(len(history)) != ()
        old.undo()
        new.undo()
        assert stands(new) == stands(old)


@pytest.mark.parametrize("page", range(0, 24, 2))
def test_a_page_of_garbage_costs_no_more_than_it_held_and_what_it_makes_doubtful_is_flagged(
    path: Path, tmp_path: Path, page: int
) -> None:
    with callout.open_case(path, read_only=True) as case:
        good, pages = stands(case), path.stat().st_size // PAGE
        history = case.history
    page %= pages
    data = bytearray(path.read_bytes())
    data[page * PAGE : (page + 1) * PAGE] = random.Random(page).randbytes(PAGE)
    path.write_bytes(data)
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert path.read_bytes() == data
    with callout.open_case(tmp_path / "new.callout", read_only=True) as case:
        if not case.series:
            assert "where" not in recovered.notes  # the page of the series' own facts: nothing to lay a mask on
            return
        assert recovered.edits + recovered.lost == len(history)
        for finding, mask in zip(case.findings, stands(case)[2], strict=False):
            same = mask in good[2] and finding.note in [one.note for one in good[0]]
            assert same or finding.state == "flagged", recovered.notes
        assert recovered.edits > 20, recovered.notes
        case.report and case.mention("1:1")


def test_the_end_cut_off_leaves_the_story_up_to_there(path: Path, tmp_path: Path) -> None:
    with callout.open_case(path, read_only=True) as case:
        history = case.history
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 9 // 10])
    with pytest.raises(CaseDamaged, match="recover"):
        callout.open_case(path)
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert len(history) // 2 < recovered.edits < len(history)
    with callout.open_case(tmp_path / "new.callout", reader="r1") as case:
        assert {finding.note for finding in case.findings} == {"by r1", "by r2"}
        case.add_finding("nodule")


def test_the_log_of_a_killed_process_counts(tmp_path: Path) -> None:
    case = made_cases.case(tmp_path)
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    case.paint(region, 2, made_cases.plane((1, 1)))
    killed = tmp_path / "killed.callout"
    for ending in ("", "-wal"):
        killed.with_name(killed.name + ending).write_bytes(case.path.with_name(case.path.name + ending).read_bytes())
    with pytest.raises(CaseInUse):
        callout.recover_case(case.path, tmp_path / "new.callout")
    case.close()
    with killed.open("r+b") as file:
        file.write(os.urandom(PAGE))
    recovered = callout.recover_case(killed, tmp_path / "new.callout")
    assert recovered.edits == 3
    with callout.open_case(tmp_path / "new.callout", read_only=True) as new:
        assert new.mask(new.regions[0])[2, 1, 1]


def test_what_is_no_case_is_refused_and_nothing_left(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.callout"
    for data in (b"", os.urandom(20_000), b"\0" * 20_000):
        other = tmp_path / "other.callout"
        other.write_bytes(data)
        with pytest.raises(CaseDamaged, match="nothing of a case"):
            callout.recover_case(other, new)
    with pytest.raises(CaseError, match="already"):
        callout.recover_case(path, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(CaseNewer):
        callout.recover_case(path, new)
    assert not new.exists()
    assert not list(tmp_path.glob("*.lock"))


def test_a_history_that_ends_early_without_a_trace_is_told(tmp_path: Path) -> None:
    with made_cases.case(tmp_path) as case:
        finding = case.add_finding("cavity")
        for n in range(60):
            case.change_finding(finding, note=f"note {n} " * 10)
        path = case.path
    data = path.read_bytes()
    page = data.rindex(b"note 59") // PAGE * PAGE
    path.write_bytes(data[:page] + bytes(PAGE) + data[page + PAGE :])
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert recovered.lost == 0
    assert recovered.edits < 61
    assert f"the history ends with edit {recovered.edits}" in recovered.notes[0]


def test_the_log_of_another_case_is_not_mixed_in(path: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with made_cases.case(tmp_path / "b", reader="other") as other:
        other.add_finding("mass")
        log = other.path.with_name("a.callout-wal").read_bytes()
    path.with_name("a.callout-wal").write_bytes(log)
    recovered = callout.recover_case(path, tmp_path / "new.callout")
    assert recovered.notes == ("the log a.callout-wal is of another case and was not used",)
    with callout.open_case(tmp_path / "new.callout", read_only=True) as case:
        assert {finding.note for finding in case.findings} == {"by r1", "by r2"}


def test_strokes_that_an_edit_took_the_place_of_stay_gone(tmp_path: Path) -> None:
    with made_cases.case(tmp_path) as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        with case.one_edit("paint"):
            for k in range(4):
                case.paint(region, k, made_cases.plane((k, k)))
        path = case.path
    with closing(sqlite3.connect(path)) as db:  # as a page that was freed tells of an edit that was written again
        row = schema.checked(db.execute("SELECT * FROM edits WHERE number = 3").fetchone())
        crc = schema.with_checksum(*row[:-1], 2)[-1]
        db.execute("UPDATE edits SET strokes = 2, crc = ? WHERE number = 3", (crc,))
        db.commit()
    callout.recover_case(path, tmp_path / "new.callout")
    with callout.open_case(tmp_path / "new.callout", read_only=True) as case:
        assert case.mask(case.regions[0]).any(axis=(1, 2)).tolist() == [True, True, False, False]
