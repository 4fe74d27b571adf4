"""Cases that can't be written, that are read blinded, that several readers drew in; and who reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
import pytest
from disks import read_only
from hands import drag, key, opened, wait_drawn
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel
from test_drawing import case_of, paint, stage_of, stroke

import callout
from callout.errors import EditRefused
from callout.preferences import Preferences, write_preferences
from napari_callout.session import Session
from napari_callout.session.rows import finding_rows
from napari_callout.session.sizes import Sizes

LEFT = Qt.MouseButton.LeftButton


def read_by(path: Path, reader: str, mention: str = "1:1") -> None:
    """The reader draws a finding of the mention."""
    with callout.open_case(path, reader=reader) as case:
        words = case.mention(mention)
        finding = case.add_finding(words.concept)
        case.link(finding, words)
        series = next(one for one in case.series if one.description == made_study.AXIAL)
        mask = case.mask(case.add_region(finding, series.id)).copy()
        mask[3, 10:20, 10:20] = True
        case.set_mask(case.regions[-1], mask)


def made(folder: Path, blinded: bool, *readers: str) -> Path:
    """A case that these readers drew in."""
    report = folder / "report.txt"
    report.write_text(made_study.REPORT, encoding="utf-8")
    path = folder / "a.callout"
    callout.create_case(path, made_study.images(folder), report, reader="r1", blinded=blinded).close()
    for reader in readers:
        read_by(path, reader)
    return path


def test_a_case_on_a_disk_that_only_reads_is_looked_at(host: Any, qtbot: Any, tmp_path: Path) -> None:
    path = made(tmp_path, False, "r1")
    with read_only(tmp_path):
        assert host.files.open([path])
        wait_drawn(host, qtbot)
        assert "nothing can be drawn" in host.header.band.text()
        assert host.header.band.isVisible()
        assert "look only" in host.shell.main_window.windowTitle()
        host.choose_mention("1:1")
        key(host, qtbot, Qt.Key.Key_B)
        assert "look only" in host.hands.message.text()
        drag(host, qtbot, (20, 14), (20, 26))
        assert len(host.session.case.history) == 4
        host.close()


def test_a_blinded_case_in_use_stays_blinded(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    path = made(tmp_path / "b", True, "r1", "r2")
    with callout.open_case(path):
        for reader, sees in ((None, "r1"), ("r2", "r2"), ("r3", None)):
            session.open_case(path, reader)
            case = case_of(session)
            assert case.read_only
            assert case.blinded
            assert set(case.readers) == ({sees} if sees else set())
            assert "in use" in session.band


def test_the_blinding_is_ended_on_purpose_and_taken_up_again(host: Any, qtbot: Any, tmp_path: Path) -> None:
    path = made(tmp_path, True, "r1", "r2")
    host.files._named = "r2"
    assert host.files.open([path])
    wait_drawn(host, qtbot)
    assert "only r2's findings are shown" in host.header.band.text()
    assert len(host.findings.rows) == 1 + len(host.session.case.todo) + 1
    host.session.go_to(7)
    qtbot.mouseClick(host.header.buttons["all readers"], LEFT)
    wait_drawn(host, qtbot)
    assert set(host.session.case.readers) == {"r1", "r2"}
    assert host.session.case.read_only
    assert host.session.k == 7
    assert "All readers" in host.header.band.text()
    assert not host.header.buttons["all readers"].isVisible()
    with callout.open_case(path, reader="r3"):
        pass  # nobody holds it meanwhile
    qtbot.mouseClick(host.header.buttons["own findings"], LEFT)
    wait_drawn(host, qtbot)
    assert set(host.session.case.readers) == {"r2"}
    assert not host.session.case.read_only


def test_each_row_names_its_reader_and_others_are_not_drawn_on(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    path = made(tmp_path / "b", False, "r1", "r2")
    session.open_case(path, "r2")
    sizes = Sizes()
    rows = finding_rows(case_of(session), session.selection, None, sizes)
    sizes.close()
    assert [(row.own, row.lines[-1]) for row in rows] == [(False, "by r1"), (True, "by r2 (you)")]
    session.choose_mention("1:1")
    stage = stage_of(session)
    with stroke(session):
        paint(stage, 5, (30, 20))  # goes to the reader's own, though another's was there first
    assert case_of(session).mask(case_of(session).regions[1])[5, 30, 20]
    session.choose_finding(rows[0].finding_id)
    with pytest.raises(EditRefused, match="r1's finding"):
        session.begin_stroke()


def test_no_lesion_begins_in_a_case_that_is_open_to_look_only(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    session.take_case(callout.open_case(made(tmp_path / "b", False, "r1"), read_only=True))
    session.choose_mention("1:1")
    with pytest.raises(EditRefused, match="open to look only"):
        session.next_lesion()


def test_a_second_reader_s_first_lesion_is_not_the_second(session: Session, tmp_path: Path) -> None:
    session.close()
    (tmp_path / "b").mkdir()
    session.open_case(made(tmp_path / "b", False, "r1"), "r2")
    session.choose_mention("1:1")
    assert "Enter starts one of your own" in session.refusal()
    session.next_lesion()
    with stroke(session):
        paint(stage_of(session), 5, (30, 20))
    assert case_of(session).findings[1].label == "cavitating lesion"
    assert case_of(session).findings[1].reader == "r2"


def test_who_reads(host: Any, tmp_path: Path, settings_folder: Path) -> None:
    path = made(tmp_path, False)
    assert host.files.open([path])
    assert host.session.case.reader == "r1"
    write_preferences(Preferences(reader="r7"))
    host.session.close()
    assert host.files.open([path])
    assert host.session.case.reader == "r7"
    assert host.files.open([tmp_path / "images"])
    assert host.files.make_case(str(tmp_path / "new.callout"), None)
    assert host.session.case.made_by == "r7"
    host.files._named = "r8"
    assert host.files.open([path])
    assert host.session.case.reader == "r8"


def test_all_readers_from_the_command_line(host: Any, qtbot: Any, tmp_path: Path) -> None:
    from napari_callout.host.files import Files

    path = made(tmp_path, True, "r1", "r2")
    files = Files(host.session, host.shell.main_window, "r2", all_readers=True)
    assert files.open([path])
    assert set(host.session.case.readers) == {"r1", "r2"}
    assert host.header.buttons["own findings"].isVisible()


def test_a_case_that_is_made_names_no_other_reader(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    assert not host.header.band.isVisible()
    assert not {"all readers", "own findings", "find images"} & {
        name for name, button in host.header.buttons.items() if button.isVisible()
    }


def test_a_name_that_looks_like_markup_is_shown_as_it_is(host: Any, qtbot: Any, tmp_path: Path) -> None:
    name = "<b>r</b><img src=x>"
    path = made(tmp_path, True, "r1", name)
    host.files._named = name
    assert host.files.open([path])
    for label in (host.header.title, host.header.band, host.hands.message, host.hands.value):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert name in host.header.band.text()
    assert "<img" not in host.header.band.toolTip()
    qtbot.mouseClick(host.header.buttons["all readers"], LEFT)
    labels = host.findings.findChildren(QLabel)
    assert any(name in label.text() for label in labels)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels if name in label.text())
