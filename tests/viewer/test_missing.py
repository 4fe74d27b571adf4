"""Cases whose images moved: everything but the pictures works, and the pictures come back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import made_series
import made_study
import pytest
from hands import LEFT, pane, scene, wait_drawn
from qtpy.QtWidgets import QApplication, QFileDialog
from test_drawing import case_of
from test_opening import made

import callout
from callout.dicom import load
from callout.errors import InputError
from napari_callout.session import Session
from napari_callout.session.rows import series_rows


def test_the_picture_says_what_is_missing_and_comes_back(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, False, "r1")
    shutil.move(tmp_path / "images", tmp_path / "elsewhere")
    assert host.files.open([path])
    host.arrange()
    QApplication.processEvents()
    said = scene(host).corners.middle
    assert said.startswith("The images of 3 · axial are not there")
    assert str(tmp_path / "images") in said.replace("\n", "")  # long paths are broken
    assert pane(host).find_images.isVisible()
    assert host.header.buttons["find images"].isVisible()
    case = host.session.case
    host.choose_finding(case.findings[0].id)
    host.session.change(lambda case: case.change_finding(case.findings[0], state="done"))
    assert case.findings[0].state == "done"
    host.session.undo()
    asked = iter(["", str(tmp_path / "report.txt"), str(tmp_path / "elsewhere")])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(asked))  # the platform's own dialog
    qtbot.mouseClick(pane(host).find_images, LEFT)
    assert host.session.missing
    qtbot.mouseClick(pane(host).find_images, LEFT)
    assert host.session.missing
    assert host.hands.message.isVisible()
    qtbot.mouseClick(pane(host).find_images, LEFT)
    wait_drawn(host, qtbot)
    assert host.session.case is case
    assert not pane(host).find_images.isVisible()
    assert not host.header.buttons["find images"].isVisible()
    assert scene(host).corners.middle == ""
    assert [outline.label for outline in scene(host).outlines] == [case.findings[0].id]


def test_what_is_found_only_in_part_is_told_by_name(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    path = made(tmp_path / "b", False)
    images, moved = tmp_path / "b" / "images", tmp_path / "moved"
    shutil.move(images, moved)
    for file in sorted(moved.glob(f"{made_study.CORONAL}*"))[:2]:
        file.unlink()
    session.open_case(path)
    assert len(session.missing) == 3
    rows = series_rows(session.series, session.case, session.series_id, session.missing)
    assert all(row.warnings[0] == "the images are not there" for row in rows)
    told: list[tuple[str, bool]] = []
    session.told.connect(lambda text, failed: told.append((text, failed)))
    session.relink(moved)
    assert session.missing == (made_study.named(session, made_study.CORONAL).id,)
    assert case_of(session).images_missing == session.missing
    assert told[-1][1]
    assert "axial" in told[-1][0].split("Not found")[0]
    assert "4 · coronal: 2 of its 6 images" in told[-1][0].split("Not found")[1]
    coronal = tmp_path / "coronal"
    coronal.mkdir()
    made_series.series(coronal, 6, made_study.change(made_study.CORONAL), name=made_study.CORONAL)
    session.relink(coronal)
    assert session.missing == ()
    assert told[-1] == ("found the images of 4 · coronal", False)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        session.relink(tmp_path / "empty")
    assert session.missing == ()


def test_a_case_that_can_not_be_written_finds_them_for_this_sitting(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    path = made(tmp_path / "b", False)
    shutil.move(tmp_path / "b" / "images", tmp_path / "moved")
    with callout.open_case(path):
        session.open_case(path)
        assert case_of(session).read_only
        session.relink(tmp_path / "moved")
        assert session.missing == ()
        assert all(load(series).voxels.any() for series in session.series)
        assert len(case_of(session).images_missing) == 3
