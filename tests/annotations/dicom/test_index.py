"""Scans of folders as they come: what is odd about them costs nothing else, and is told."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import made_archives
import pytest
from made_series import series

from callout import dicom
from callout.cli import main
from callout.dicom.tree import files_below


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="who runs the tests may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series(tmp_path)
    locked = [*series(tmp_path / "locked", 1, name="b"), *series(tmp_path, 1, name="c")]
    (tmp_path / "locked").chmod(0)
    locked[1].chmod(0)
    try:
        found = dicom.scan([tmp_path])
        assert [one.description for one in found.series] == ["series a"]
        assert {Path(one.path).name: one.kind for one in found.skipped} == {"locked": "refused", "c-0.dcm": "refused"}
        assert main(["inspect", str(tmp_path)]) == 0
        assert "locked: can't be listed" in capsys.readouterr().out
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_a_folder_that_goes_while_it_is_walked(tmp_path: Path) -> None:
    series(tmp_path / "a")
    series(tmp_path / "b")
    passed_over: list[dicom.Skipped] = []
    walk = files_below([tmp_path], passed_over)
    next(walk)
    for path in [*(tmp_path / "a").iterdir(), *(tmp_path / "b").iterdir()]:
        path.unlink()
    (tmp_path / "b").rmdir()
    assert not list(walk)
    assert [one.path for one in passed_over] == [str(tmp_path / "b")]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    series(tmp_path)
    made_archives.archive(tmp_path / "a.zip", name="b")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(3):
        (tmp_path / f"{_}.txt").write_text("text")
        dicom.load(dicom.scan([tmp_path]).series[0])
        next(files_below([tmp_path], []))
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before


def test_many_files_in_archives_and_folders_are_one_series(tmp_path: Path) -> None:
    paths = series(tmp_path / "images", 40)
    with zipfile.ZipFile(tmp_path / "rest.zip", "w") as file:
        for path in paths[::2]:
            file.write(path, path.name)
            path.unlink()
    (one,) = dicom.scan([tmp_path]).series
    assert [os.path.basename(image.path) for image in one.instances] == [path.name for path in paths]
    assert len(dicom.load(one).voxels) == 40


def test_a_scan_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    series(tmp_path / "in", 3, name="a")
    made_archives.archive(tmp_path / "in" / "b.zip", 2, name="b")
    told: list[tuple[int, int, int]] = []
    assert len(dicom.scan([tmp_path / "in"], lambda *counts: told.append(counts)).series) == 2
    assert [counts for counts in told if not counts[0]] == [(0, 1, 0), (0, 2, 0), (0, 3, 0), (0, 4, 0)]
    assert [read for read, _, _ in told[4:]] == [1, 2, 3, 4, 5]
    assert told[-1] == (5, 5, 2)
    series(tmp_path / "in", 1, name="c")  # so that something has to be read again

    def stop(read: int, in_all: int, found: int) -> None:
        if found:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        dicom.scan([tmp_path / "in"], stop)
    assert len(dicom.scan([tmp_path / "in"]).series) == 3
