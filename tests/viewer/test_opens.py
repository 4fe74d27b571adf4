"""Opening things in a real window: dropped anywhere on it, from napari's menu of samples, from the recent cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import made_archives
import made_study
import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QAction, QDragEnterEvent, QDropEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMenu, QWidget
from test_browser import drag

from callout.dicom import scan
from napari_callout.session.recent import recent_cases

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def _own_settings(settings_folder: Path) -> None:
    """Each test has recent cases of its own."""


def drop(window: QWidget, over: QWidget, *paths: Path) -> None:
    """Drop files over a widget of a window; what it leaves goes to those around it, as Qt does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, middle = Qt.DropAction.CopyAction, over.rect().center()
    under: QWidget | None = over
    while under is not None and not under.isWindow() and not under.acceptDrops():
        middle, under = under.mapToParent(middle), under.parentWidget()
    assert under is not None
    entering = QDragEnterEvent(middle, copy, mime, LEFT, PLAIN)
    QApplication.sendEvent(under, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(under, QDropEvent(QPointF(middle), copy, mime, LEFT, PLAIN))


def pictures(host: Any) -> list[str]:
    return [name for name, card in host.series.rows.items() if not card.picture.pixmap().isNull()]


def test_a_folder_a_zip_and_a_case_are_dropped_anywhere(host: Any, qtbot: Any, tmp_path: Path) -> None:
    window, session = host.shell.main_window, host.session
    images = made_study.images(tmp_path)
    zipped = made_archives.archive(tmp_path / "b.zip", 3)
    (tmp_path / "c").mkdir()
    made_study.case(tmp_path / "c").close()
    assert host.welcome.isVisible()
    drop(window, host.welcome.drop, images)
    qtbot.waitUntil(lambda: len(session.series) == 3)
    assert not host.welcome.isVisible()
    qtbot.waitUntil(lambda: len(pictures(host)) == 3)
    drop(window, host.room.grid.panes[0], zipped)
    qtbot.waitUntil(lambda: len(session.series) == 1)
    qtbot.waitUntil(lambda: len(pictures(host)) == 1)
    host.show_canvas(True)
    drop(window, host.shell.canvas, tmp_path / "c" / "a.callout")
    assert session.case is not None
    assert len(session.series) == 3
    assert recent_cases() == (str(tmp_path / "c" / "a.callout"),)
    assert [layer for layer in host.viewer.layers if "b" in layer.name.split()] == []


def test_what_does_not_open_is_said_in_the_empty_window(host: Any, qtbot: Any, tmp_path: Path) -> None:
    drop(host.shell.main_window, host.welcome, tmp_path)
    qtbot.waitUntil(host.welcome.problem.isVisible)
    assert "give a folder" in host.welcome.problem.text()
    assert not host.welcome.searching.isVisible()
    drop(host.shell.main_window, host.welcome, made_study.images(tmp_path))
    qtbot.waitUntil(lambda: len(host.session.series) == 3)
    assert host.welcome.problem.text() == ""


@pytest.fixture
def sample_menu(host: Any) -> QMenu:
    """napari's File ▸ Open Sample ▸ Callout."""
    menus = [menu for menu in host.shell.main_window.findChildren(QMenu) if menu.title() == "Callout"]
    for menu in menus:
        menu.aboutToShow.emit()
    return next(menu for menu in menus if any("Chest" in action.text() for action in menu.actions()))


def test_the_samples_are_in_napari_s_menu(host: Any, qtbot: Any, sample_menu: QMenu) -> None:
    actions: list[QAction] = sample_menu.actions()
    assert [action.text() for action in actions] == ["Chest CT", "Lumbar spine MR"]
    for action, count in zip(actions, (1, 18), strict=True):
        action.trigger()
        qtbot.waitUntil(lambda count=count: len(host.session.series) == count, timeout=30_000)
        assert host.session.case.findings
        assert host.session.case.path.is_file()
    qtbot.waitUntil(lambda: bool(pictures(host)))


def test_a_recent_case_is_opened_by_a_click_and_the_list_is_cleared(host: Any, qtbot: Any, tmp_path: Path) -> None:
    made_study.case(tmp_path).close()
    path = str(tmp_path / "a.callout")
    assert host.files.open([path])
    host.session.close()
    assert host.welcome.isVisible()
    qtbot.mouseClick(host.welcome.rows[path], LEFT)
    assert host.session.case is not None
    menu = host.header.open_button.menu()
    assert "a" in [action.text() for action in menu.actions()]
    next(action for action in menu.actions() if action.text().startswith("Clear")).trigger()
    assert recent_cases() == ()
    assert "a" not in [action.text() for action in menu.actions()]


def test_pictures_come_after_the_shown_series(host: Any, qtbot: Any, tmp_path: Path) -> None:
    order: list[str] = []
    host._thumbnail.connect(lambda series_id: order.append("picture"))
    host.room.pictures.changed.connect(lambda series_id: order.append("all here" if host.complete else "slices"))
    assert host.files.open([made_study.images(tmp_path)])
    qtbot.waitUntil(lambda: len(pictures(host)) == 3)
    assert "picture" not in order[: order.index("all here")]


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of many files takes long there")
def test_a_large_study_is_looked_for_while_the_window_works(host: Any, qtbot: Any, tmp_path: Path) -> None:
    import made_series

    made_series.series(tmp_path, 200)
    assert len(scan([tmp_path / "a-0.dcm"]).series) == 1
    said: list[str] = []
    host.files.searching.connect(lambda words, read, in_all: said.append(words))
    drop(host.shell.main_window, host.welcome, tmp_path)
    assert host.welcome.searching.isVisible()  # it has begun, and nothing waited for it
    assert host.session.series == ()
    qtbot.waitUntil(lambda: len(host.session.series) == 1)
    assert said[0].startswith("Looking through")
    assert said[-1] == ""


def test_a_button_that_has_the_focus_is_pressed_by_space_and_enter(host: Any, qtbot: Any) -> None:
    said: list[str] = []
    host.welcome.sample_asked.disconnect()
    host.welcome.sample_asked.connect(said.append)
    button = host.welcome.buttons["spine"]
    for code in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        button.setFocus(Qt.FocusReason.TabFocusReason)
        assert button.hasFocus()
        QTest.keyClick(host.shell.main_window.windowHandle(), code)  # as the screen sends it: shortcuts come first
    assert said == ["spine", "spine"]
    assert not host.session.hidden


def test_a_series_is_dragged_into_another_view(host: Any, qtbot: Any, tmp_path: Path) -> None:
    assert host.files.open([made_study.images(tmp_path)])
    qtbot.waitUntil(lambda: host.complete)
    host.session.views.arrange("2")
    host.arrange()
    QApplication.processEvents()
    before = [look and look.series_id for look in host.session.views.looks]
    scout = next(one for one in host.session.series if one.is_localizer)
    assert scout.id not in before
    drag(host.shell.main_window, host.series.rows[scout.id].picture, host.room.grid.panes[1])
    qtbot.waitUntil(lambda: host.session.views.looks[1].series_id == scout.id)
    assert host.session.views.looks[0].series_id == before[0]
    assert [one.shown for one in host.series._shown if one.series_id == scout.id] == [True]
