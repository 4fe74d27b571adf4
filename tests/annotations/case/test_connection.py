"""How a case file is opened where SQLite alone would fail or fool us: networks, full disks, strange logs."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import made_cases
import pytest

import callout
from callout.case import connection, network
from callout.case.file import CaseFile
from callout.errors import CaseDamaged, CaseError, CaseInUse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made_cases.case(tmp_path) as case:
        case.add_region(case.add_finding("cavity"), case.series[0].id)
        return case.path


def beside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if p.name.startswith("a.callout"))


def killed(path: Path, code: str = "") -> None:
    """A process that paints and is gone without closing; `code` runs in it first."""
    program = f"""
import os, made_cases, callout
{code}
case = callout.open_case({str(path)!r}, reader="r1")
case.paint(case.regions[0], 2, made_cases.plane((1, 1)))
os._exit(0)
"""
    here = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": here})


NETWORK = "from callout.case import network; network.on_network = lambda path: True"


def test_on_a_network_no_log_is_used_that_needs_shared_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "on_network", lambda path: True)
    with callout.open_case(path, reader="r1") as case:
        case.paint(case.regions[0], 2, made_cases.plane((1, 1)))
        assert beside(path) == ["a.callout", "a.callout.lock"]
        with callout.open_case(path, read_only=True) as look:
            assert len(look.history) == 3
    killed(path, NETWORK)
    with callout.open_case(path, reader="r1") as case:
        assert case.mask(case.regions[0]).sum() == 1
        assert len(case.history) == 3  # painting the same again was no edit


def test_a_log_that_a_local_process_left_is_read_on_a_network(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(path)
    assert "a.callout-wal" in beside(path)
    monkeypatch.setattr(network, "on_network", lambda path: True)
    with callout.open_case(path, reader="r1") as case:
        assert case.mask(case.regions[0]).sum() == 1
        case.add_finding("nodule")
    assert beside(path) == ["a.callout"]


def test_where_there_is_no_room_for_the_lock_sqlite_s_own_keeps_others_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callout.case.lock import CaseLock

    monkeypatch.setattr(CaseLock, "take", lambda path: None)
    with callout.open_case(path, reader="r1") as case:
        case.add_finding("nodule")
        with pytest.raises(CaseInUse):
            callout.open_case(path)
        case.undo()
    with callout.open_case(path) as case:
        assert len(case.history) == 4


def test_a_folder_that_goes_away_acknowledges_nothing_until_it_is_back(path: Path, tmp_path: Path) -> None:
    with callout.open_case(path, reader="r1") as case:
        case.add_finding("nodule")
        path.rename(tmp_path / "gone")
        for _ in range(2):
            with pytest.raises(CaseError, match="gone"):
                case.add_finding("nodule")
        assert len(case.findings) == 2
        (tmp_path / "gone").rename(path)
        case.add_finding("nodule")
    with callout.open_case(path, read_only=True) as case:
        assert len(case.findings) == 3


def test_what_was_written_but_interrupted_before_it_was_acknowledged_makes_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with callout.open_case(path, reader="r1") as case:
        write = case._file.append

        def interrupted(edit: object) -> None:
            write(edit)
            raise KeyboardInterrupt

        monkeypatch.setattr(case._file, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            case.add_finding("nodule")
        monkeypatch.undo()
        assert len(case.findings) == 1
        case.add_finding("mass")
        assert [finding.concept for finding in case.findings] == ["cavity", "mass"]
    with callout.open_case(path, read_only=True) as case:
        assert [finding.concept for finding in case.findings] == ["cavity", "mass"]


def test_what_listens_may_fail_but_the_edit_stands(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with callout.open_case(path, reader="r1") as case:
        heard = []
        case.subscribe(lambda edit: 1 / 0)
        case.subscribe(heard.append)
        case.add_finding("nodule")
        assert len(case.findings) == 2
        assert len(heard) == 1
    assert "ZeroDivisionError" in caplog.text


def test_a_copy_of_a_live_case_is_whole_and_one_file(path: Path, tmp_path: Path) -> None:
    with callout.open_case(path, reader="r1") as case:
        case.paint(case.regions[0], 2, made_cases.plane((1, 1)))
        callout.backup_case(path, tmp_path / "copy.callout")
        case.paint(case.regions[0], 2, made_cases.plane((3, 3)))
        with pytest.raises(CaseError, match="already"):
            case.backup(tmp_path / "copy.callout")
    assert beside(path) == ["a.callout"]
    assert [p.name for p in tmp_path.glob("copy*")] == ["copy.callout"]
    with callout.open_case(tmp_path / "copy.callout", reader="r1") as copy:
        assert copy.mask(copy.regions[0])[2].tolist() == made_cases.plane((1, 1)).tolist()
        copy.undo()


def test_the_log_of_another_case_never_comes_into_this_one(path: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with made_cases.case(tmp_path / "b", reader="other") as other:
        other.add_finding("mass")
        log = other.path.with_name("a.callout-wal").read_bytes()
    assert log
    path.with_name("a.callout-wal").write_bytes(log)
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(CaseDamaged, match="of another one"):
            callout.open_case(path, read_only=read_only)
    assert path.read_bytes() == before
    path.with_name("a.callout-wal").unlink()
    with callout.open_case(path) as case:
        assert [finding.concept for finding in case.findings] == ["cavity"]


def test_a_case_that_took_the_place_of_an_open_one_keeps_its_log(path: Path, tmp_path: Path) -> None:
    folder, moved = tmp_path / "x", tmp_path / "y"
    folder.mkdir()
    copy = folder / "a.callout"
    copy.write_bytes(path.read_bytes())
    case = callout.open_case(copy, reader="r1")
    case.add_finding("nodule")
    folder.rename(moved)
    folder.mkdir()
    copy.write_bytes(path.read_bytes())
    killed(copy)  # acknowledged, and in the log only
    log = copy.with_name("a.callout-wal")
    before = log.read_bytes()
    case.close()
    assert log.read_bytes() == before
    for one, edits in ((copy, 3), (moved / "a.callout", 3)):
        with callout.open_case(one, read_only=True) as look:
            assert len(look.history) == edits


def test_a_look_sees_the_history_as_it_was_at_one_time(path: Path) -> None:
    with callout.open_case(path, reader="r1") as case:
        case.add_finding("nodule")  # from now on there is a log, so a look keeps no writer waiting
        look = CaseFile(path, read_only=True)
        waiting = [made_cases.plane((1, 1))]

        def meanwhile(statement: str) -> None:
            if statement.startswith("SELECT * FROM strokes") and waiting:
                case.paint(case.regions[0], 2, waiting.pop())

        look._db.set_trace_callback(meanwhile)
        assert len(look.edits()) == 3
        assert not waiting
        assert len(look.edits()) == 4
        look.close()


def test_a_writer_that_begins_during_a_look_is_not_taken_for_a_strange_log(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_filled, begun = connection._is_filled, []

    def meanwhile(log: Path) -> bool:
        if not begun:
            begun.append(log)
            killed(path)
        return is_filled(log)

    monkeypatch.setattr(connection, "_is_filled", meanwhile)
    with callout.open_case(path, read_only=True) as look:
        assert len(look.history) == 3
    assert begun


def test_a_look_from_memory_does_not_count_as_the_file_being_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(path)
    monkeypatch.setattr(connection, "_look", connection._copy_in_memory)  # as where nothing can be written
    with callout.open_case(path, read_only=True) as look:
        assert not connection.is_open_here(path)
        assert len(look.history) == 3


def test_closing_in_another_thread_is_refused_by_name(path: Path) -> None:
    case = callout.open_case(path)
    with ThreadPoolExecutor(1) as pool, pytest.raises(CaseError, match="thread"):
        pool.submit(case.close).result()
    case.close()
    assert beside(path) == ["a.callout"]
