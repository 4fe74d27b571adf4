"""The empty state, the recent cases, and what runs in the background while something is looked for."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import made_archives
import made_series
import made_study
import pytest
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QMainWindow

from callout.errors import CalloutError
from napari_callout.host.files import Files
from napari_callout.qt.searching import SearchLine
from napari_callout.qt.welcome import DROP_NOW, Welcome
from napari_callout.session import Session
from napari_callout.session.errand import Errand
from napari_callout.session.paths import opens
from napari_callout.session.recent import MOST, forget_case, forget_cases, note_case, recent_cases, recent_file

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


# The recent cases ----------------------------------------------------------------------------------------------------


def test_the_last_case_comes_first_and_few_are_kept(settings_folder: Path, tmp_path: Path) -> None:
    assert recent_cases() == ()
    for number in range(MOST + 3):
        note_case(tmp_path / f"{number}.callout")
    note_case(tmp_path / "5.callout")
    listed = recent_cases()
    assert len(listed) == MOST
    assert listed[:2] == (str(tmp_path / "5.callout"), str(tmp_path / f"{MOST + 2}.callout"))
    forget_case(listed[0])
    assert listed[0] not in recent_cases()
    forget_cases()
    assert recent_cases() == ()
    assert not recent_file().exists()


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[" * 100_000, '{"a": 1}', '[1, null, "relative.callout", "/a\\u0000b"]', "\0" * 200_000]
)
def test_a_list_that_is_none_is_empty_and_is_written_anew(settings_folder: Path, tmp_path: Path, text: str) -> None:
    recent_file().parent.mkdir(parents=True)
    recent_file().write_text(text, encoding="utf-8")
    assert recent_cases() == ()
    note_case(tmp_path / "a.callout")
    assert recent_cases() == (str(tmp_path / "a.callout"),)


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are only here")
def test_a_name_that_is_no_text_is_kept(settings_folder: Path) -> None:
    name = os.fsdecode(b"/tmp/\xff\xfe.callout")
    note_case(name)
    assert recent_cases() == (name,)


def test_a_folder_that_can_not_be_written_stops_nobody(settings_folder: Path, tmp_path: Path) -> None:
    settings_folder.write_text("a file", encoding="utf-8")
    note_case(tmp_path / "a.callout")
    forget_cases()
    assert recent_cases() == ()


# Errands -------------------------------------------------------------------------------------------------------------


def test_an_errand_ends_with_a_result_an_error_or_because_it_was_cancelled() -> None:
    ended: list[Any] = []
    done = Errand(lambda tell: 7, lambda *_: None, ended.append)
    assert done.wait(5)
    assert (done.result, done.error, ended) == (7, None, [done])
    failed: Errand[Any] = Errand(lambda tell: {}[0], lambda *_: None, ended.append)
    assert failed.wait(5)
    assert isinstance(failed.error, KeyError)
    began = threading.Event()

    def work(tell: Any) -> None:
        while True:
            tell(1)
            began.set()

    endless = Errand(work, lambda *_: None, ended.append)
    assert began.wait(5)
    endless.cancel()
    assert endless.wait(5)
    assert endless.error is None
    assert ended == [done, failed, endless]


# What can be opened --------------------------------------------------------------------------------------------------


def test_what_opens_is_told_by_what_is_in_it(tmp_path: Path) -> None:
    (image,) = made_series.series(tmp_path, 1)
    archive = made_archives.archive(tmp_path / "no-name-of-a-zip", 1)
    text = tmp_path / "report.txt"
    text.write_text("Figure 1. An axial CT.", encoding="utf-8")
    assert all(opens(str(path)) for path in (tmp_path, image, archive, tmp_path / "a.callout"))
    assert not any(opens(str(path)) for path in (text, tmp_path / "gone"))
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "fifo")
        assert not opens(str(tmp_path / "fifo"))


class Opening:
    """A window without napari, its files, and what was told."""

    def __init__(self, qtbot: Any) -> None:
        self.session, self.window = Session(), QMainWindow()
        qtbot.addWidget(self.window)
        self.files = Files(self.session, self.window, "r1")
        self.told: list[tuple[str, bool]] = []
        self.steps: list[tuple[str, int, int]] = []
        self.session.told.connect(lambda text, failed: self.told.append((text, failed)))
        self.files.searching.connect(lambda *step: self.steps.append(step))

    def drop(self, *paths: Path) -> bool:
        """Drop files on the window; whether they may be."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        copy = Qt.DropAction.CopyAction
        entering = QDragEnterEvent(QPoint(5, 5), copy, mime, LEFT, PLAIN)
        QApplication.sendEvent(self.window, entering)
        if entering.isAccepted():
            QApplication.sendEvent(self.window, QDropEvent(QPointF(5, 5), copy, mime, LEFT, PLAIN))
        return entering.isAccepted()


@pytest.fixture
def opening(qtbot: Any, settings_folder: Path) -> Any:
    one = Opening(qtbot)
    yield one
    one.files.close()
    one.session.close()


def test_a_folder_and_a_zip_are_opened_in_the_background(opening: Opening, qtbot: Any, tmp_path: Path) -> None:
    images = made_study.images(tmp_path)
    zipped = made_archives.archive(tmp_path / "b.zip", 3)
    for path, count in ((images, 3), (zipped, 1)):
        assert opening.drop(path)
        assert opening.steps[-1][0].startswith(f"Looking through {path.name}")
        qtbot.waitUntil(lambda count=count: len(opening.session.series) == count)
        assert opening.steps[-1] == ("", 0, 0)
    assert opening.told == []


def test_a_case_that_is_dropped_is_opened_and_remembered(opening: Opening, tmp_path: Path) -> None:
    made_study.case(tmp_path).close()
    assert opening.drop(tmp_path / "a.callout")
    assert opening.session.case is not None
    assert recent_cases() == (str(tmp_path / "a.callout"),)
    opening.session.close()
    (tmp_path / "a.callout").unlink()
    assert opening.drop(tmp_path / "a.callout")
    assert recent_cases() == ()
    assert opening.told[-1][1]
    assert "a.callout" in opening.told[-1][0]


def test_what_holds_no_images_says_so_and_what_is_open_stays(opening: Opening, qtbot: Any, tmp_path: Path) -> None:
    assert opening.files.open([made_study.images(tmp_path)])
    (tmp_path / "empty").mkdir()
    (tmp_path / "cut.zip").write_bytes(made_archives.archive(tmp_path / "whole.zip", 3).read_bytes()[:-40])
    for name, said in (("empty", "no files"), ("cut.zip", "cut.zip")):
        opening.told.clear()
        assert opening.drop(tmp_path / name)
        qtbot.waitUntil(lambda: bool(opening.told))
        ((text, failed),) = opening.told
        assert failed
        assert said in text
        assert ": " in text  # and what to do
        assert len(opening.session.series) == 3
    opening.told.clear()
    opening.files.begin([tmp_path / "gone"])
    qtbot.waitUntil(lambda: bool(opening.told))
    assert "gone" in opening.told[0][0]
    assert not opening.drop(tmp_path / "report.txt")


def test_a_search_is_cancelled_or_gives_way_to_another(
    opening: Opening, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callout.dicom import inventory

    (tmp_path / "many").mkdir()
    made_series.series(tmp_path / "many", 4)
    read, gate, held = inventory.content_of, threading.Event(), threading.Event()

    def slow(*given: Any) -> Any:
        held.set()
        assert gate.wait(10)
        return read(*given)

    monkeypatch.setattr(inventory, "content_of", slow)
    opening.files.begin([tmp_path / "many"])
    assert held.wait(5)
    opening.files.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(opening.told))
    assert opening.told == [("cancelled: nothing was opened", False)]
    assert opening.session.series == ()
    gate.clear()
    held.clear()
    opening.files.begin([tmp_path / "many"])
    assert held.wait(5)
    monkeypatch.setattr(inventory, "content_of", read)
    opening.files.begin([made_study.images(tmp_path)])
    qtbot.waitUntil(lambda: len(opening.session.series) == 3)
    gate.set()
    qtbot.wait(50)
    assert len(opening.session.series) == 3
    assert len(opening.told) == 1


def test_images_that_moved_are_looked_for_in_the_background(opening: Opening, qtbot: Any, tmp_path: Path) -> None:
    made_study.case(tmp_path).close()
    (tmp_path / "images").rename(tmp_path / "moved")
    assert opening.files.open([tmp_path / "a.callout"])
    assert len(opening.session.missing) == 3
    opening.files.begin_images(str(tmp_path / "moved"))
    assert opening.steps[-1][0].startswith("Looking through moved")
    qtbot.waitUntil(lambda: not opening.session.missing)
    assert opening.told[-1][0].startswith("found the images")


def test_what_was_refused_is_kept_for_the_list(opening: Opening, tmp_path: Path) -> None:
    made_series.series(tmp_path, 3, name="good")
    made_series.series(tmp_path, 2, made_series.setting(PixelSpacing=[0, 0]), name="bad")
    assert opening.files.open([tmp_path])
    assert opening.files.refused
    assert "could not be opened" in opening.told[-1][0]


@pytest.mark.parametrize("name", ["thorax", "spine"])
def test_a_sample_is_a_fresh_case_each_time(opening: Opening, qtbot: Any, name: str) -> None:
    places = []
    for _ in range(2):
        opening.files.begin_sample(name)
        qtbot.waitUntil(lambda: not opening.steps[-1][0], timeout=30_000)
        case = opening.session.case
        assert case is not None
        assert case.findings
        assert not case.read_only
        places.append(case.path)
    assert places[0] != places[1]
    assert recent_cases() == ()
    assert "temporary" in opening.told[-1][0]


# The widgets ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def welcome(qtbot: Any) -> Any:
    one = Welcome()
    qtbot.addWidget(one)
    one.resize(900, 700)
    one.show()
    one.activateWindow()
    qtbot.waitUntil(one.isActiveWindow)
    return one


def test_every_way_to_open_can_be_clicked_and_reached_by_keys(welcome: Any, qtbot: Any) -> None:
    said: list[str] = []
    welcome.pressed.connect(said.append)
    welcome.sample_asked.connect(said.append)
    welcome.case_chosen.connect(said.append)
    welcome.show_recent(["/a/b/c.callout", "/a/d.callout"])
    ways = ["open study", "open case", "thorax", "spine"]
    for name in ways:
        qtbot.mouseClick(welcome.buttons[name], LEFT)
    assert said == ways
    said.clear()
    welcome.buttons["open study"].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(7):
        focus = QApplication.focusWidget()
        qtbot.keyClick(focus, Qt.Key.Key_Return if focus in welcome.rows.values() else Qt.Key.Key_Space)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert said == [*ways, "clear recent", "/a/b/c.callout", "/a/d.callout"]


def test_recent_cases_are_shown_as_plain_words(welcome: Any) -> None:
    welcome.show_recent(["/a/<b>x<b>\x1b.callout", os.fsdecode(b"/a/\xff.callout")])
    titles = [row.title for row in welcome.rows.values()]
    assert titles[0].text() == "<b>x<b>\\x1b"
    assert titles[0].textFormat() == Qt.TextFormat.PlainText
    assert titles[1].text() == "\\udcff"
    welcome.show_recent([])
    assert not welcome.recent.isVisible()


def test_problems_and_drags_are_shown(welcome: Any) -> None:
    welcome.show_problem(str(CalloutError("no files", "/a", "give a folder")))
    assert welcome.problem.text() == "No files — /a: give a folder"
    welcome.show_drag(True)
    assert welcome.drop.text() == DROP_NOW
    welcome.show_drag(False)
    welcome.show_problem("")
    assert not welcome.problem.isVisible()


def test_the_search_says_how_far_it_is_and_ends(qtbot: Any) -> None:
    line = SearchLine()
    qtbot.addWidget(line)
    assert not line.isVisible()
    line.show_progress("Looking through images: 412 of 2,310 files, 6 series", 412, 2310)
    assert line.isVisible()
    with qtbot.waitSignal(line.cancelled):
        qtbot.mouseClick(line.cancel, LEFT)
    line.show_progress("")
    assert not line.isVisible()
