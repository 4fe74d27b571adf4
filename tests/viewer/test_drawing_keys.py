"""One sitting with every tool, by mouse and keys in a shown window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hands import CONTROL, LEFT, at, drag, key, move, opened, pane
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QMenu

from napari_callout.session import operations

Keys = Qt.Key


def click(host: Any, qtbot: Any, row: int, column: int, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mouseClick(pane(host), LEFT, keys, at(host, row, column))


def taught(host: Any) -> str:
    """What the bottom line says the hand can do."""
    host.hands.end_message()
    return str(host.hands.keys.accessibleName())


def test_every_tool_in_one_sitting(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    k = host.session.k

    def mask(number: int = -1) -> Any:
        return case.mask(case.regions[number])

    # The brush, flat and in space, and within the range of the first click
    key(host, qtbot, Keys.Key_B)
    key(host, qtbot, Keys.Key_D)
    assert "sphere" in taught(host)
    click(host, qtbot, 24, 20)
    assert mask()[[k - 1, k, k + 1], 24, 20].all()
    key(host, qtbot, Keys.Key_D)
    key(host, qtbot, Keys.Key_T)
    assert "range of the next click" in taught(host)
    drag(host, qtbot, (26, 17), (24, 36))
    assert "HU" in taught(host)
    assert not mask()[k, 24, 26:].any()  # beyond the bright square
    key(host, qtbot, Keys.Key_Right)
    assert case.history[-1].settings["range"][1] < host.session.kit.ranges[host.session.series_id][1]
    key(host, qtbot, Keys.Key_T)

    # Outlines: corners closed with Enter, then with a double click, and by hand to take away
    key(host, qtbot, Keys.Key_O)
    for corner in ((10, 10), (10, 30), (40, 38)):
        click(host, qtbot, *corner)
    move(pane(host), at(host, 34, 30))
    assert len(pane(host).over) == 2
    key(host, qtbot, Keys.Key_Backspace)
    click(host, qtbot, 34, 30)
    assert "close" in taught(host)
    key(host, qtbot, Keys.Key_Return)
    assert case.history[-1].tool == "outline"
    assert mask()[k, 12:32, 28].all()
    assert not host.session.selection.fresh  # Enter closed it, and started no lesion
    view, last = pane(host), at(host, 44, 34)
    for corner in ((42, 30), (42, 34)):
        click(host, qtbot, *corner)
    qtbot.mouseClick(view, LEFT, pos=last)
    qtbot.mouseDClick(view, LEFT, pos=last)
    assert mask()[k, 43, 33]
    before = mask()
    drag(host, qtbot, (30, 16), (30, 16), keys=CONTROL)  # a corner, no line: nothing is drawn yet
    key(host, qtbot, Keys.Key_Escape)
    assert host.session.armed == "outline"
    assert np.array_equal(mask(), before)
    around = [at(host, *place) for place in ((14, 20), (14, 26), (18, 26), (18, 20))]
    qtbot.mousePress(view, LEFT, CONTROL, around[0])
    for place in around[1:]:
        move(view, place, LEFT, CONTROL)
    qtbot.mouseRelease(view, LEFT, CONTROL, around[-1])
    assert case.history[-1].tool == "cut out"
    assert not mask()[k, 15:18, 21:25].any()

    # What is done to the region
    key(host, qtbot, Keys.Key_H)
    assert case.history[-1].tool == "fill holes"
    assert mask()[k, 15:18, 21:25].all()
    host.session.go_to(k + 3)
    key(host, qtbot, Keys.Key_B)
    click(host, qtbot, 24, 20)
    key(host, qtbot, Keys.Key_J)
    assert mask()[[k + 1, k + 2]].any(axis=(1, 2)).all()
    host.session.go_to(k + 4)
    key(host, qtbot, Keys.Key_PageDown, CONTROL)
    assert np.array_equal(mask()[k + 4], mask()[k + 3])
    size = mask().sum()
    key(host, qtbot, Keys.Key_Up, CONTROL)
    assert mask().sum() > size
    edits = len(case.history)
    for _ in range(edits):
        key(host, qtbot, Keys.Key_Z, CONTROL)
    assert case.regions == ()
    assert case.findings == ()


def test_growing_is_seen_while_the_hand_drags(host: Any, qtbot: Any, tmp_path: Path, monkeypatch: Any) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Keys.Key_G)
    view, start = pane(host), at(host, 24, 20)
    qtbot.mousePress(view, LEFT, pos=start)
    move(view, start + QPoint(2, 0), LEFT)
    assert len(view.over) == 1
    small = view.over[0].points
    assert "Range" in taught(host)
    move(view, start + QPoint(200, 0), LEFT)
    assert np.ptp(view.over[0].points) > np.ptp(small)
    move(view, start, LEFT)
    assert case.history == ()
    qtbot.mouseRelease(view, LEFT, pos=start)
    assert case.mask(case.regions[0])[host.session.k].sum() == 64
    key(host, qtbot, Keys.Key_D)
    monkeypatch.setattr(operations, "QUICK", 0)
    qtbot.mouseClick(view, LEFT, pos=start)
    qtbot.waitUntil(lambda: len(case.history) == 2, timeout=5000)  # worked out beside the window
    assert case.mask(case.regions[0]).sum() == 640
    assert "wait" not in taught(host)


def test_the_menu_of_the_region(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Keys.Key_B)
    click(host, qtbot, 24, 20)
    click(host, qtbot, 40, 36)
    move(pane(host), at(host, 24, 20))
    key(host, qtbot, Keys.Key_M)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions()]
    assert "Fill holes of each slice\tH" in texts
    next(action for action in menu.actions() if action.text().startswith("Keep the part")).trigger()
    menu.close()
    drawn = case.mask(case.regions[0])
    assert drawn[host.session.k, 24, 20]
    assert not drawn[:, 38:].any()
