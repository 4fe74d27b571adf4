"""Colours and letters: legible in light and dark, of any size, and no word is cut without a sign of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hands import grey, key, opened, pane
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QImage, QPainter
from qtpy.QtWidgets import QApplication, QLabel, QToolButton

from callout.preferences import read_preferences
from napari_callout.panes.scene import Corners
from napari_callout.qt.corners import draw_corners
from napari_callout.qt.hands import HandsLine
from napari_callout.qt.header import Header
from napari_callout.qt.keys_page import KeysPage
from napari_callout.qt.look import DARK, LIGHT, Palette, as_ink, change_look, mixed
from napari_callout.qt.panel import Panel
from napari_callout.session.keys import TABLE, KeyRow
from napari_callout.session.teaching import looking_pairs

ALT = Qt.KeyboardModifier.AltModifier
OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    change_look(DARK, 100)


def contrast(one: str, other: str) -> float:
    """Of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_words_can_be_read_and_the_focus_be_seen(palette: Palette) -> None:
    change_look(palette, 100)
    for ground in (palette.panel, palette.raised, palette.chosen):
        assert contrast(palette.text, ground) >= 7
        assert contrast(palette.quiet, ground) >= 3 if ground == palette.chosen else 4.5
        assert contrast(palette.focus, ground) >= 3
    assert contrast(palette.warning, palette.band) >= 4.5
    assert contrast(palette.warning, palette.panel) >= 4.5
    for colour in OKABE_ITO:
        assert contrast(as_ink(colour), palette.panel) >= 3
        assert contrast(mixed(colour, palette.text, 0.3), mixed(colour, palette.panel, 0.32)) >= 4.5


def test_what_is_shown_changes_its_colours_and_letters(qtbot: Any) -> None:
    panel, line = Panel(), HandsLine()
    for widget in (panel, line):
        qtbot.addWidget(widget)
        widget.show()
    line.show_keys((("B", "brush"),))
    before = panel.fontInfo().pixelSize(), line.sizeHint().height()
    assert DARK.quiet in line.keys.text()
    change_look(LIGHT, 200)
    assert LIGHT.panel in panel.styleSheet()
    assert LIGHT.quiet in line.keys.text()
    assert line.sizeHint().height() > before[1] * 1.5
    line.show_message("it did not work", True)
    assert line.message.palette().windowText().color().name() == LIGHT.warning


def header(qtbot: Any) -> Header:
    """The row above, with all that it can show."""
    one = Header()
    qtbot.addWidget(one)
    one.show_keys(lambda name: "Ctrl+Shift+X")
    one.show_title("a case with a long name · reader · saved 12:31", "Other readers' findings are not shown")
    one.controls.show_windows(("lung", "bone"), "mediastinum")
    one.controls.show_figures((("1", "a & b"), ("2", "a" * 200)), "2")
    one.show_buttons(["all readers"])
    one.show()
    return one


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("width", [500, 800, 1100, 1600])
def test_the_row_above_cuts_no_word(qtbot: Any, width: int, percent: int) -> None:
    change_look(DARK, percent)
    one = header(qtbot)
    one.resize(width, 40)
    QApplication.processEvents()
    controls = one.controls
    shown = [button for button in controls.findChildren(QToolButton) if button.isVisible()]
    if one.minimumSizeHint().width() <= width:
        for button in shown:
            assert button.width() >= button.minimumSizeHint().width()
            assert one.rect().contains(button.mapTo(one, QPoint(button.width() - 1, 0)))
    left = [group for group in controls.groups if not group.isVisible()]
    assert controls.more.isVisible() == bool(left)
    buttons = [name for name, button in controls.buttons.items() if not button.isVisible()]
    words = [action.text() for action in controls.more.menu().actions()]
    assert sum(not button.isVisible() for button in controls.findChildren(QToolButton)) == len(words) + (not left)
    assert "keys" not in buttons
    if (width, percent) in ((1100, 100), (1600, 150)):
        one.show_buttons([])
        QApplication.processEvents()
        assert all(group.isVisible() for group in controls.groups)


def test_what_has_no_room_is_in_the_menu(qtbot: Any) -> None:
    one, said = header(qtbot), list[str]()
    one.pressed.connect(said.append)
    one.resize(560, 40)
    actions = {action.text(): action for action in one.controls.more.menu().actions()}
    actions["napari's own canvas, or the views"].trigger()
    assert said == ["napari"]
    assert not one.controls.buttons["napari"].isChecked()
    one.controls.show_looking("1", False, True)
    assert one.controls.buttons["napari"].isChecked()
    seen = QLabel.text(one.title)
    assert "…" in seen
    assert seen.endswith("saved 12:31")


def test_the_title_takes_the_room_of_its_words_also_after_other_letters_and_colours(qtbot: Any) -> None:
    one = header(qtbot)
    one.show_title("a case · saved 12:31", "")
    one.resize(1100, 40)
    QApplication.processEvents()
    before = one.title.width()
    for look in ((DARK, 125), (DARK, 100), (LIGHT, 100), (DARK, 150), (DARK, 100)):
        change_look(*look)
        QApplication.processEvents()
        one.show_title("a case · saved 12:31", "")
        QApplication.processEvents()
        assert QLabel.text(one.title) == "a case · saved 12:31"
    assert one.title.width() == before


@pytest.mark.parametrize("width", [200, 700, 1500])
def test_the_line_below_always_says_where_all_keys_are(qtbot: Any, width: int) -> None:
    line = HandsLine()
    qtbot.addWidget(line)
    line.resize(width, 24)
    line.show()
    line.show_keys(looking_pairs(lambda name: name.upper(), True, "cavity"))
    assert "all keys" in line.keys.text()
    assert line.keys.sizeHint().width() <= line.keys.width()
    assert ("BRUSH" in line.keys.text()) == (width > 200)


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("width", [160, 260, 700])
def test_letters_of_orientation_stand_free_of_the_corner_texts(qtbot: Any, width: int, percent: int) -> None:
    change_look(DARK, percent)
    texts = Corners(
        top_left="3 · CHEST 5 mm AXIAL, A LONG NAME\nTR 1100", top_right="linked by hand",
        bottom_left="5 mm every 5 mm · at S 102.0 mm\nim 1/60", pixels_per_mm=0.0,
    )  # fmt: skip
    whole = replace(texts, edges=("", "", "H", "F"))
    both, apart = bright(whole, width), bright(texts, width)
    letters = both - apart
    assert letters
    for x, y in letters:  # no text beside a letter's own pixels
        assert not {(x + dx, y + dy) for dx in (-2, 0, 2) for dy in (-2, 0, 2)} & apart


def bright(corners: Corners, width: int) -> set[tuple[int, int]]:
    """The pixels that words take."""
    image = QImage(width, 400, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    draw_corners(painter, image.rect(), corners)
    painter.end()
    return {(x, y) for y in range(400) for x in range(width) if image.pixelColor(x, y).lightness() > 100}


@pytest.mark.parametrize(("percent", "width"), [(100, 250), (125, 293), (150, 338), (175, 380), (200, 423)])
def test_the_page_of_keys_cuts_none_of_them_in_large_letters(qtbot: Any, percent: int, width: int) -> None:
    change_look(LIGHT, percent)
    page = KeysPage()
    qtbot.addWidget(page)
    page.show_rows([KeyRow(action, action.keys, False) for action in TABLE])
    page.resize(width, 600)
    page.show()
    bar = page.width() - page._scroll.viewport().width()
    for button in page.buttons.values():
        assert button.width() >= button.sizeHint().width()
        assert button.mapTo(page, QPoint(button.width(), 0)).x() <= page.width() - bar + page._scroll.x()


def test_the_window_follows_naparis_theme_and_the_keys_of_the_text(
    host: Any, qtbot: Any, tmp_path: Path, settings_folder: Path
) -> None:
    opened(host, qtbot, tmp_path)
    host.hands.end_message()
    view, place = pane(host), QPoint(3, 40)
    dark = grey(host.report, host.report.rect().bottomLeft() + QPoint(4, -4))
    host.viewer.theme = "light"
    light = grey(host.report, host.report.rect().bottomLeft() + QPoint(4, -4))
    assert dark < 60
    assert light > 200
    assert grey(view, place) < 30
    height = host.hands.sizeHint().height()
    key(host, qtbot, Qt.Key.Key_Plus, ALT)
    key(host, qtbot, Qt.Key.Key_Plus, ALT)
    assert host.hands.sizeHint().height() > height
    assert read_preferences().text == 150
    for _ in range(3):
        key(host, qtbot, Qt.Key.Key_Minus, ALT)
    assert read_preferences().text == 100
    host.viewer.theme = "dark"
