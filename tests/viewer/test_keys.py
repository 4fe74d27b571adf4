"""Keys: one table, what a user changes of it, the page on which it is changed, and where Tab goes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hands import LEFT, SHIFT, key, opened, pane
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMainWindow, QMenu

from callout.preferences import Preferences, read_preferences, write_preferences
from napari_callout.host.keys import Keys
from napari_callout.qt.keys_page import KeysPage, key_of
from napari_callout.session.keys import ACTIONS, GROUPS, TABLE, keys_with

FIRST = {name: action.keys for name, action in ACTIONS.items()}


def test_no_key_does_two_things_and_all_are_spelled_as_qt_spells_them() -> None:
    every = [key for action in TABLE for key in action.keys]
    assert len(set(every)) == len(every)
    assert [QKeySequence(key).toString() for key in every] == every
    assert [group for group, _ in itertools.groupby(action.group for action in TABLE)] == list(GROUPS)


def test_what_is_changed_counts_unless_a_key_would_do_two_things() -> None:
    told: list[str] = []
    assert keys_with({"brush": ("Q",), "of a later version": ("B",)}, told.append) == FIRST | {"brush": ("Q",)}
    swapped = {"brush": ("E",), "eraser": ("B",)}
    assert keys_with(swapped, told.append) == FIRST | swapped
    assert told == []
    assert keys_with({"brush": ("E",), "fill": ("Z",)}, told.append) == FIRST | {"fill": ("Z",)}
    assert keys_with({"hide": ("Ctrl+S",)}, told.append, {"Ctrl+S": "Save"}) == FIRST
    assert keys_with({"hide": ("Tab",)}, told.append) == FIRST
    assert told == [
        "“Brush” keeps B: E is the key of “Eraser”",
        "“Hide what is drawn, or show it” keeps Space: Ctrl+S is napari's: Save",
        "“Hide what is drawn, or show it” keeps Space: Tab goes on to the next view or panel",
    ]


@pytest.fixture
def window(qtbot: Any) -> QMainWindow:
    """A window with a menu that is not ours."""
    one = QMainWindow()
    qtbot.addWidget(one)
    menu = QMenu("File", one)
    menu.addAction("&Save").setShortcut(QKeySequence("Ctrl+S"))
    return one


@pytest.fixture
def keys(window: QMainWindow, settings_folder: Path) -> Callable[[], tuple[Keys, list[str]]]:
    """Makes the keys of the window, with what they tell."""

    def make() -> tuple[Keys, list[str]]:
        told: list[str] = []
        return Keys(window, lambda text, failed: told.append(text)), told

    return make


def test_a_changed_key_is_kept_for_the_next_time(keys: Callable[[], tuple[Keys, list[str]]]) -> None:
    write_preferences(Preferences(reader="r1", keys={"of a later version": ("J",)}))
    first, told = keys()
    assert first.change("brush", "E") == "E is the key of “Eraser”"
    assert first.change("brush", "Ctrl+S") == "Ctrl+S is napari's: Save"
    assert first.change("brush", "Q") == ""
    assert first.words("brush") == "Q"
    assert read_preferences() == Preferences("r1", {"of a later version": ("J",), "brush": ("Q",)})
    second, _ = keys()
    assert second.keys == FIRST | {"brush": ("Q",)}
    assert second.change("fill", "B") == ""
    assert second.reset("brush") == "B is the key of “Fill regions, or outline them”"
    second.reset_all()
    assert second.keys == FIRST
    assert read_preferences() == Preferences("r1", {"of a later version": ("J",)})
    assert told == []


def test_what_is_no_key_is_told_and_left(keys: Callable[[], tuple[Keys, list[str]]]) -> None:
    write_preferences(Preferences(keys={"brush": ("Foo",), "fill": ("ctrl+alt+f",), "hide": ("A, B",), "look": ()}))
    one, told = keys()
    assert one.keys == FIRST | {"fill": ("Ctrl+Alt+F",), "look": ()}
    assert len(told) == 2
    assert "brush" in told[0]


def test_keys_that_can_not_be_kept_still_change(keys: Callable[[], tuple[Keys, list[str]]]) -> None:
    path = write_preferences(Preferences())
    path.write_text("no TOML")
    one, told = keys()
    assert one.change("brush", "Q") == ""
    assert one.words("brush") == "Q"
    assert "until you close the window" in told[-1]
    assert path.read_text() == "no TOML"


@pytest.mark.parametrize(
    ("code", "modifiers", "name"),
    [
        (Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "B"),
        (Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier, "Shift+B"),
        (Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier, "?"),  # with Shift on one keyboard, not on another
        (Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier, "1"),  # a French keyboard
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier, "Ctrl++"),
        (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, "Enter"),
        (Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier, ""),
    ],
)
def test_a_key_is_named_by_what_it_types(code: Any, modifiers: Any, name: str) -> None:
    assert key_of(QKeyEvent(QEvent.Type.KeyPress, code, modifiers)) == name


def test_a_key_is_changed_where_it_stands(qtbot: Any, keys: Callable[[], tuple[Keys, list[str]]]) -> None:
    page, (model, _) = KeysPage(), keys()
    qtbot.addWidget(page)
    page.show_rows(model.rows())
    page.changed.connect(lambda name, new: page.show_problem(model.change(name, new)))
    page.reset.connect(lambda name: page.show_problem(model.reset(name)))
    model.changed.connect(lambda: page.show_rows(model.rows()))
    page.show()
    button = page.buttons["brush"]
    assert button.text() == "B"
    assert not page.resets["brush"].isVisible()
    button.click()
    assert button.text() == "press a key"
    QTest.keyClick(button, Qt.Key.Key_Shift, SHIFT)
    assert button.waits
    QTest.keyClick(button, Qt.Key.Key_E)
    assert page.problem.text() == "⚠ E is the key of “Eraser”"
    assert button.text() == "B"
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert "Tab goes on" in page.problem.text()
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Q)
    assert button.text() == "Q"
    assert not page.problem.isVisible()
    page.resets["brush"].click()
    assert button.text() == "B"
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Escape)
    assert button.text() == "B"


# In a shown window --------------------------------------------------------------------------------------------------


def press(host: Any, code: Any, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """As the screen sends it: to what has the focus, shortcuts first."""
    QTest.keyClick(host.shell.main_window.windowHandle(), code, modifiers)
    QApplication.processEvents()


def test_no_key_of_ours_is_an_action_of_naparis_too(host: Any) -> None:
    theirs = host.desk.keys.theirs()
    assert "Ctrl+S" in theirs
    assert not set(theirs) & {key for action in TABLE for key in action.keys}


def test_every_action_has_its_place_in_the_menu(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    menu = host.desk.menu
    assert set(menu.actions) == set(ACTIONS)
    assert menu.actions["brush"].text() == "Brush\tB"
    menu._menu.aboutToShow.emit()
    assert not menu.actions["find images"].isEnabled()
    menu.actions["brush"].trigger()
    assert host.session.armed == "paint"


def test_the_page_of_keys_opens_and_closes_and_what_it_changes_counts(
    host: Any, qtbot: Any, tmp_path: Path, settings_folder: Path
) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    pane(host).setFocus()
    press(host, Qt.Key.Key_Question)
    assert host.desk.page.isVisible()
    button = host.desk.page.buttons["brush"]
    qtbot.mouseClick(button, LEFT)
    press(host, Qt.Key.Key_Q)
    assert "<b" in host.hands.keys.text()
    assert "Q brush" in host.hands.keys.accessibleName()
    press(host, Qt.Key.Key_Escape)
    assert not host.desk.page.isVisible()
    assert pane(host).hasFocus()
    key(host, qtbot, Qt.Key.Key_B)
    assert host.session.armed == ""
    key(host, qtbot, Qt.Key.Key_Q)
    assert host.session.armed == "paint"
    host.desk.keys.reset_all()


def test_tab_goes_from_view_to_view_and_then_on(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    key(host, qtbot, Qt.Key.Key_F6)
    assert len(host.session.views.looks) == 2
    panes = host.room.grid.panes
    panes[0].setFocus()
    press(host, Qt.Key.Key_Tab)
    assert panes[1].hasFocus()
    assert host.session.views.active == 1
    press(host, Qt.Key.Key_Tab)
    assert host.findings.isAncestorOf(QApplication.focusWidget())
    press(host, Qt.Key.Key_Backtab, SHIFT)
    assert panes[1].hasFocus()
    press(host, Qt.Key.Key_Backtab, SHIFT)
    press(host, Qt.Key.Key_Backtab, SHIFT)
    assert host.report.isAncestorOf(QApplication.focusWidget())
    seen = []
    for _ in range(40):
        seen.append(QApplication.focusWidget())
        press(host, Qt.Key.Key_Tab)
    places = [next((n for n, place in enumerate(host._places()) if place.isAncestorOf(one)), 9) for one in seen]
    turned = places.index(9) if 9 in places else len(places)
    assert places[:turned] == sorted(places[:turned])
    assert set(places) >= {0, 1, 2, 5, 7}
