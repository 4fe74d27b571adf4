"""The panel of the figure that is made: its rows, keys, drops, and the frame that is dragged on its preview."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QApplication

from napari_callout.qt.figure import FigureShown, FigureView
from napari_callout.session.figure import PanelRow

ROWS = tuple(PanelRow(letter, f"{n} · COR <b>STIR</b>", f"slice {n}") for n, letter in enumerate("abc"))
SHOWN = FigureShown(("1", "2"), "1", ROWS, frozenset({"letters"}), own=True, editable=True)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: Any) -> FigureView:
    one = FigureView()
    qtbot.addWidget(one)
    one.resize(300, 700)
    one.show_figure(SHOWN)
    picture = np.zeros((100, 310, 3), np.uint8)
    picture[:, 105:205] = 200
    one.preview.show_figure(picture, ((0, 0, 100, 100), (105, 0, 100, 100), (210, 0, 100, 100)))
    one.show_thumbnails()
    one.show()
    QApplication.processEvents()
    return one


def test_rows_are_the_files_own_words(view: FigureView) -> None:
    assert view.list.item(1).text() == "b · 1 · COR <b>STIR</b>\nslice 1"
    assert "&lt;b&gt;" in view.list.item(1).toolTip()
    assert view.state.text() == "edited"
    assert [action.isChecked() for action in view._extras.values()] == [False, False, True, False]


def test_keys_of_the_list(view: FigureView, qtbot: Any) -> None:
    said: list[tuple[object, ...]] = []
    view.shown.connect(lambda n: said.append(("shown", n)))
    view.removed.connect(lambda n: said.append(("removed", n)))
    view.moved.connect(lambda n, to: said.append(("moved", n, to)))
    view.choose(1)
    view.list.setFocus()
    for key, keys in (
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),  # the last one stays
    ):
        qtbot.keyClick(view.list, key, keys)
    assert said == [("shown", 1), ("moved", 1, 0), ("moved", 1, 2), ("removed", 1)]
    assert view.panel == 2
    assert view.list.count() == 3


def test_a_dragged_row_asks_to_be_moved_and_stays_until_the_case_says_so(view: FigureView, qtbot: Any) -> None:
    view.choose(0)
    below = view.list.visualItemRect(view.list.item(2)).center()
    event = QDropEvent(QPointF(below), Qt.DropAction.MoveAction, QMimeData(), LEFT, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(view.moved) as said:
        view.list.dropEvent(event)
    assert said.args == [0, 1]  # above the last
    assert event.dropAction() == Qt.DropAction.IgnoreAction
    assert [view.list.item(n).text()[0] for n in range(3)] == ["a", "b", "c"]


def test_a_frame_on_the_preview_crops_its_panel(view: FigureView, qtbot: Any) -> None:
    box = view.preview.box_of(1)
    start, end = box.topLeft() + QPointF(box.width() * 0.25, box.height() * 0.5), box.bottomRight() + QPointF(50, 50)
    qtbot.mousePress(view.preview, LEFT, pos=start.toPoint())
    qtbot.mouseMove(view.preview, end.toPoint())
    with qtbot.waitSignal(view.cropped) as said:
        qtbot.mouseRelease(view.preview, LEFT, pos=end.toPoint())
    panel, frame = said.args
    assert panel == view.panel == 1
    assert frame == pytest.approx((0.25, 0.5, 1, 1), abs=0.02)
    with qtbot.assertNotEmitted(view.cropped):
        qtbot.mouseClick(view.preview, LEFT, pos=view.preview.box_of(2).center().toPoint())
    assert view.panel == 2


def test_the_preview_and_the_thumbnails_are_the_picture(view: FigureView) -> None:
    box = view.preview.box_of(1)
    seen = view.preview.grab().toImage()
    assert seen.pixelColor(box.center().toPoint()).lightness() == pytest.approx(200, abs=8)
    assert seen.pixelColor((box.topLeft() - QPointF(-4 - box.width(), -20)).toPoint()).lightness() < 60
    for number, expected in ((0, 0), (1, 200)):
        small = view.preview.thumbnail(number, 40)
        assert (small.width(), small.height()) == (40, 40)
        assert small.toImage().pixelColor(20, 20).lightness() == pytest.approx(expected, abs=8)


@pytest.mark.parametrize(
    ("shown", "enabled"),
    [
        (FigureShown(why="No case is open"), []),
        (FigureShown(("1",), "1", (), editable=True, why="nothing to show"), ["take panel"]),
        (FigureShown(("1",), "1", ROWS[:1]), ["save figure"]),
        (FigureShown(("1",), "1", ROWS[:1], editable=True), ["take panel", "replace panel", "save figure"]),
        (SHOWN, ["take panel", "replace panel", "as proposed", "save figure"]),
    ],
)
def test_buttons_that_serve(view: FigureView, shown: FigureShown, enabled: list[str]) -> None:
    view.show_figure(shown)
    assert [name for name, button in view.buttons.items() if button.isEnabled()] == enabled
    assert view.preview._words == shown.why or shown.rows


def test_every_control_has_a_name_a_hint_and_a_place_in_the_tab_order(view: FigureView) -> None:
    controls = [view.figures, view.list, view.drawn, *view.buttons.values()]
    for control in controls:
        assert control.toolTip()
        assert control.accessibleName() or control.text()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_notes_are_cut_and_told_whole_in_the_tooltip(view: FigureView) -> None:
    view.show_notes([f"note {n}" for n in range(5)])
    assert view.notes.text().endswith("2 more")
    assert "note 4" in view.notes.toolTip()
    view.show_notes(())
    assert not view.notes.isVisible()
