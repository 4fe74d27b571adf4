"""The case file in the real world: damage, strangers, two processes, and a process that is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import made_cases
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import callout
from callout.case import schema
from callout.case.stacks import series_from_json, series_to_json
from callout.errors import CaseDamaged, CaseError, CaseInUse, CaseNewer, InputError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made_cases.case(tmp_path) as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 2, made_cases.plane((1, 1)))
        return case.path


def with_header(path: Path, offset: int, value: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset : offset + 4] = struct.pack(">I", value)
    path.write_bytes(data)


def garbage_page(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    path.write_bytes(data)


def strange_table(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE VIEW edits2 AS SELECT * FROM edits")
    db.commit()
    db.close()


def hole_in_history(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DELETE FROM edits WHERE number = 2")
    db.commit()
    db.close()


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:6000]),
    "text": lambda path: path.write_text("not a case " * 30),
    "page garbage": garbage_page,
    "another program's": lambda path: with_header(path, 68, 0x12345678),
    "a table too many": strange_table,
    "a hole in the history": hole_in_history,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("read_only", [True, False])
def test_damage_is_refused_by_name_and_not_one_byte_changed(path: Path, damage: str, read_only: bool) -> None:
    DAMAGE[damage](path)
    before = path.read_bytes()
    with pytest.raises(CaseDamaged, match=r"a\.callout: "):
        callout.open_case(path, read_only=read_only)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.callout", "images", "report.txt"]


def test_a_newer_case_is_refused_and_left_untouched(path: Path) -> None:
    with_header(path, 60, 99)
    before = path.read_bytes()
    with pytest.raises(CaseNewer, match="later version"):
        callout.open_case(path)
    assert path.read_bytes() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.integers(0, 60_000), value=st.integers(0, 255))
def test_any_byte_may_rot_and_nothing_but_a_case_error_comes_of_it(path: Path, where: int, value: int) -> None:
    good = path.read_bytes()
    data = bytearray(good)
    data[where % len(data)] = value
    path.write_bytes(data)
    try:
        with callout.open_case(path, read_only=True) as case:
            for region in case.regions:
                case.mask(region)
    except (CaseError, InputError):
        pass
    finally:
        path.write_bytes(good)


def test_a_case_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_bytes(b"\0\0\0")
    with pytest.raises(InputError):
        callout.create_case(tmp_path / "a.callout", made_cases.images(tmp_path), report)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["images", "report.txt"]


def test_a_file_that_is_there_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CaseError, match="already"):
        callout.create_case(path, path.parent / "images")
    assert path.read_bytes() == before


def test_two_patients_want_a_word(tmp_path: Path) -> None:
    import made_series

    made_series.series(tmp_path / "images", name="a")
    made_series.series(tmp_path / "images", name="b", change=made_series.setting(PatientID="P2"))
    with pytest.raises(InputError, match="2 patients"):
        callout.create_case(tmp_path / "a.callout", tmp_path / "images")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", same_patient=True) as case:
        assert len(case.series) == 2


def test_a_second_process_is_told_who_has_the_case(path: Path) -> None:
    with callout.open_case(path, reader="dr-a"):
        code = f"import callout\ntry: callout.open_case({str(path)!r})\nexcept callout.CaseInUse as error: print(error)"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert f"in use by dr-a on {os.uname().nodename} (process {os.getpid()}) since 20" in said
        with pytest.raises(CaseInUse):
            callout.open_case(path)
        with callout.open_case(path, read_only=True) as look:
            assert len(look.findings) == 1
    with callout.open_case(path):
        pass
    assert not path.with_name("a.callout.lock").exists()


def test_a_link_to_a_case_and_a_lock_taken_away_let_no_second_one_in(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.callout"
    link.symlink_to(path)
    with callout.open_case(path) as first:
        with pytest.raises(CaseInUse):
            callout.open_case(link)
        path.with_name("a.callout.lock").unlink()
        with callout.open_case(link):
            first.close()
            with pytest.raises(CaseInUse):
                callout.open_case(path)


def test_names_of_any_bytes(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9 100%?#.callout")
    with callout.create_case(odd, made_cases.images(tmp_path)) as case:
        case.add_finding("cavity")
    with pytest.raises(InputError, match="no Unicode"):
        callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="\udcff")
    with callout.open_case(odd, reader="Ärztin\n\x1b[2J '; DROP TABLE edits; --") as case:
        assert case.add_finding("nodule").reader == case.history[-1].reader == case.reader


def test_images_are_found_from_wherever_the_case_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_cases.images(tmp_path)
    monkeypatch.chdir(tmp_path)
    callout.create_case("a.callout", "images").close()
    monkeypatch.chdir("/")
    with callout.open_case(tmp_path / "a.callout") as case:
        assert callout.load(case.series[0]).voxels.shape == (4, 6, 5)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE strokes SET k = k + 1",
        "UPDATE strokes SET region = 'r9'",
        "UPDATE edits SET reader = 'r2'",
        "UPDATE edits SET changes = replace(changes, 'cavity', 'nodule')",
        "UPDATE series SET facts = replace(facts, '2.5', '2.4')",
        "UPDATE given SET value = CAST('r2' AS BLOB) WHERE name = 'reader'",
    ],
)
def test_a_bit_that_fell_over_is_told_and_never_shown(path: Path, spoil: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(spoil).rowcount
        database.commit()
    with pytest.raises(CaseDamaged):
        callout.open_case(path, read_only=True)


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "spoil",
    [
        f"UPDATE edits SET changes = '{DEEP}' WHERE number = 1",
        """UPDATE edits SET changes = '[["finding", "f1", [1], {"note": "x"}]]' WHERE number = 2""",
        """UPDATE edits SET changes = '[["finding", "f1", {"note": ""}, 5]]' WHERE number = 3""",
        """UPDATE edits SET changes = '[["finding", ["f1"], {}, {}]]' WHERE number = 3""",
        "UPDATE edits SET undoes = 1, changes = NULL WHERE number = 3",
        """UPDATE edits SET changes = replace(changes, '"site": null', '"site": 1.5') WHERE number = 1""",
        """UPDATE edits SET changes = replace(changes, '"finding_id": "f1"', '"finding_id": {}') WHERE number = 2""",
        'UPDATE series SET facts = replace(facts, \'"modality": "CT"\', \'"modality": 5\')',
        "UPDATE given SET value = CAST(replace(value, '\"1:#1\"', '[1]') AS BLOB) WHERE name = 'report analysis'",
        "UPDATE strokes SET slices = -1",
        f"UPDATE series SET facts = '{DEEP}'",
        "UPDATE series SET facts = replace(facts, '[4, 6, 5]', '[4, 1e999, 5]')",
    ],
)
def test_what_a_case_says_is_not_believed_unless_it_fits(path: Path, spoil: str) -> None:
    with callout.open_case(path, reader="r1") as case:
        case.paint(case.regions[0], 1, made_cases.plane((3, 3)))
    with closing(sqlite3.connect(path)) as database:
        database.execute(spoil)
        for table in ("given", "series", "edits", "strokes"):  # whoever spoils a case gets the checksums right
            for rowid, *row in database.execute(f"SELECT rowid, * FROM {table}").fetchall():
                crc = schema.with_checksum(*row[:-1])[-1]
                database.execute(f"UPDATE {table} SET crc = ? WHERE rowid = ?", (crc, rowid))
        database.commit()
    with pytest.raises(CaseDamaged), callout.open_case(path, reader="r1") as case:
        [case.mask(region) for region in case.regions]


def test_a_killed_process_loses_nothing_it_acknowledged(path: Path) -> None:
    code = f"""
import os, numpy as np, callout
case = callout.open_case({str(path)!r}, reader="r1")
region = case.regions[0]
n = 0
while True:
    mask = np.zeros((6, 5), bool); mask.flat[n % 30] = True
    case.paint(region, n % 4, mask)
    n += 1
    print(len(case.history), flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(40)][-1]
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with callout.open_case(path, reader="r1") as case:
        assert len(case.history) >= acknowledged
        case.add_finding("nodule")


def test_the_file_holds_no_identity(path: Path) -> None:
    data = path.read_bytes()
    assert b"Nobody" not in data  # PatientName
    assert b'"P1"' not in data  # PatientID
    assert b"patient_key" not in data  # a digest of PatientID


def test_looking_leaves_nothing_beside_the_case(path: Path) -> None:
    before = path.read_bytes()
    with callout.open_case(path, read_only=True) as case:
        assert len(case.findings) == 1
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.callout", "images", "report.txt"]


@pytest.mark.parametrize("odd", [{"EchoTime": "long"}, {"FlipAngle": None}, {"ScanOptions": 5}, {"ScanOptions": [[]]}])
def test_attributes_that_are_none_are_refused(path: Path, odd: dict[str, object]) -> None:
    with callout.open_case(path, read_only=True) as case:
        facts = series_to_json(case.series[0])
    assert series_from_json(facts).attributes == facts["attributes"]
    with pytest.raises(InputError, match="can't be read"):
        series_from_json({**facts, "attributes": facts["attributes"] | odd})
