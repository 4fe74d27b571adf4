"""The cache of what was found: every change is seen, damage and rivals do no harm, and names of patients stay out."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import stat
import time
from pathlib import Path

import made_archives
import pytest
from made_series import image, series, setting, uid, write

from callout import dicom
from callout.dicom import cache, inventory
from callout.dicom.reading import Content

Read = list[str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's cache is."""
    variable = "WIN_PD_OVERRIDE_LOCAL_APPDATA" if os.name == "nt" else "XDG_CACHE_HOME"
    monkeypatch.setenv(variable, str(tmp_path / "caches"))
    return tmp_path / "caches"


@pytest.fixture
def read(place: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The names of the files that are read, in order; files are taken to be long there."""
    names: Read = []
    real = inventory.content_of

    def content_of(path: str, *rest: object) -> Content:
        names.append(os.path.basename(path))
        return real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(inventory, "content_of", content_of)
    monkeypatch.setattr(cache, "SETTLED_NS", 0)
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two series of four images and a text."""
    series(tmp_path / "images", name="a")
    series(tmp_path / "images", name="b")
    (tmp_path / "images" / "notes.txt").write_text("notes")
    return tmp_path / "images"


def facts(found: dicom.Found) -> object:
    """Everything that a scan tells, comparable."""
    return [
        (
            dicom.series_json(one),
            one.instances,
            [i.stored for i in one.instances],
            one.attributes,
            one.grid.origins.tolist(),
        )
        for one in found.series
    ], found.skipped


def sizes(found: dicom.Found) -> dict[str, int]:
    return {one.description[-1]: len(one.instances) for one in found.series}


def test_nothing_is_read_again_where_nothing_changed(folder: Path, read: Read) -> None:
    series(folder, change=setting(ImagePositionPatient=[0, 0, 0]), name="refused")
    made_archives.archive(folder / "c.zip", name="c")
    first = dicom.scan([folder])
    assert len(read) == 14
    again = dicom.scan([folder])
    assert len(read) == 14
    assert facts(again) == facts(first)
    for one, other in zip(first.series, again.series, strict=True):
        assert (dicom.load(one).voxels == dicom.load(other).voxels).all()


def test_only_what_shares_a_series_with_a_change_is_read_again(folder: Path, read: Read) -> None:
    dicom.scan([folder])
    read.clear()
    write(image(7, "b"), folder / "b-7.dcm")
    found = dicom.scan([folder])
    assert sorted(read) == ["b-0.dcm", "b-1.dcm", "b-2.dcm", "b-3.dcm", "b-7.dcm"]
    assert sizes(found) == {"a": 4, "b": 5}
    read.clear()
    (folder / "case.callout").write_bytes(b"one")
    dicom.scan([folder])
    (folder / "case.callout").write_bytes(b"two")
    dicom.scan([folder])
    assert read == ["case.callout", "case.callout"]


def test_whatever_changes_is_seen(folder: Path, read: Read) -> None:
    def scanned() -> dict[str, int]:
        found = dicom.scan([folder])
        os.environ[cache.SWITCH] = "off"
        assert facts(found) == facts(dicom.scan([folder]))
        del os.environ[cache.SWITCH]
        return sizes(found)

    assert scanned() == {"a": 4, "b": 4}
    (folder / "a-3.dcm").unlink()
    assert scanned() == {"a": 3, "b": 4}
    (folder / "b-3.dcm").rename(folder / "z.dcm")
    assert scanned() == {"a": 3, "b": 4}
    moved = image(1, "b")
    moved.SeriesInstanceUID = uid("series", "a")
    moved.ImagePositionPatient = [-10, -20, 30]
    write(moved, folder / "b-1.dcm")
    assert scanned() == {"a": 4, "b": 3}
    (folder / "b-0.dcm").write_bytes(b"no image any more")
    assert scanned() == {"a": 4, "b": 2}
    for path in folder.glob("*.dcm"):
        path.unlink()
    assert scanned() == {}


def test_another_file_of_the_same_size_and_time_is_seen(folder: Path, read: Read) -> None:
    dicom.scan([folder])
    path = folder / "a-1.dcm"
    before = path.stat()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"series a", b"series x"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    read.clear()
    dicom.scan([folder])
    assert "a-1.dcm" in read
    other = folder.parent / "other"
    other.write_bytes(data.replace(b"series a", b"series y"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)
    read.clear()
    dicom.scan([folder])
    assert "a-1.dcm" in read


def test_a_file_that_may_yet_change_within_a_tick_is_read_again(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "SETTLED_NS", 10**15)
    dicom.scan([folder])
    dicom.scan([folder])
    assert len(read) == 18


@pytest.mark.parametrize("place_of_damage", [0, 5, 17, 25, 40, 300, -300, -1])
def test_damage_is_ignored_and_mended(place_of_damage: int, folder: Path, place: Path, read: Read) -> None:
    first = dicom.scan([folder])
    (path,) = (place / "callout" / "index").iterdir()
    data = bytearray(path.read_bytes())
    data[place_of_damage] ^= 0xFF
    path.write_bytes(data)
    assert facts(dicom.scan([folder])) == facts(first)
    assert len(read) == 18
    dicom.scan([folder])
    assert len(read) == 18


@pytest.mark.parametrize("data", [b"", b"callout index 1\n", bytes(10_000)])
def test_what_is_no_cache_is_ignored(data: bytes, folder: Path, place: Path) -> None:
    first = dicom.scan([folder])
    (path,) = (place / "callout" / "index").iterdir()
    path.write_bytes(data)
    assert facts(dicom.scan([folder])) == facts(first)


def test_a_reader_that_changed_does_not_believe_the_former(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    dicom.scan([folder])
    monkeypatch.setattr(cache, "_reader", lambda: "another")
    dicom.scan([folder])
    assert len(read) == 18


def test_it_can_be_switched_off(folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.SWITCH, "off")
    assert dicom.scan([folder]).series
    assert not place.exists()


def test_without_room_for_a_cache_all_is_read(folder: Path, place: Path) -> None:
    place.write_bytes(b"a file where the folder should be")
    assert len(dicom.scan([folder]).series) == 2


@pytest.mark.parametrize("second", [-(2**31), 0, 2**33, 2**34 - 1])
def test_times_that_are_none(second: int, folder: Path) -> None:
    os.utime(folder / "a-1.dcm", (second, second))
    first = dicom.scan([folder])
    assert facts(dicom.scan([folder])) == facts(first)
    assert [len(dicom.load(one).voxels) for one in first.series] == [4, 4]


def test_names_and_ids_of_patients_stay_out_and_nobody_else_may_read_it(folder: Path, place: Path) -> None:
    dicom.scan([folder])
    (path,) = (place / "callout" / "index").iterdir()
    data = path.read_bytes()
    assert b"series a" in data
    assert b"Nobody" not in data
    assert b'"P1"' not in data
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_old_and_too_many_are_removed(folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dicom.scan([folder])
    (first,) = (place / "callout" / "index").iterdir()
    os.utime(first, (1, 1))
    dicom.scan([folder / "a-0.dcm"])
    assert not first.exists()
    monkeypatch.setattr(cache, "LARGEST", 1 << 14)
    for number in range(9):
        dicom.scan([shutil.copytree(folder, folder.parent / str(number))])
        time.sleep(0.01)
    left = list((place / "callout" / "index").iterdir())
    assert 0 < sum(path.stat().st_size for path in left) <= 1 << 14


def test_the_same_folder_named_otherwise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert {one.instances[0].path for one in dicom.scan(["."]).series} == {"./a-0.dcm", "./b-0.dcm"}
    assert str(folder / "a-0.dcm") in {one.instances[0].path for one in dicom.scan([folder]).series}
    series(folder.parent / "elsewhere", 2)
    monkeypatch.chdir(folder.parent / "elsewhere")
    assert [len(one.instances) for one in dicom.scan(["."]).series] == [2]


def scan_often(folder: str, faults: multiprocessing.Queue[object]) -> None:
    for _ in range(30):
        found = dicom.scan([folder])
        if [len(one.instances) for one in found.series] != [4, 4]:
            faults.put(found.skipped)


def test_two_processes_at_once(folder: Path, place: Path) -> None:
    context = multiprocessing.get_context("spawn")
    faults = context.Queue()
    both = [context.Process(target=scan_often, args=(str(folder), faults)) for _ in range(2)]
    for one in both:
        one.start()
    deadline = time.monotonic() + 20
    while any(one.is_alive() for one in both) and time.monotonic() < deadline:
        for found in (place / "callout" / "index").glob("*"):
            found.unlink(missing_ok=True)
        time.sleep(0.002)
    for one in both:
        one.join()
        assert one.exitcode == 0
    assert faults.empty()
