"""The range of values that tools keep to: typed, moved by keys, and seen on the pictures while it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pytest
from hands import LEFT, at, key, move, opened, pane, wait_drawn
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_callout.host import ranging
from napari_callout.panes.tint import Tint
from napari_callout.qt.range_fields import RangeFields, RangeRow
from napari_callout.session.kit import range_text

Keys = Qt.Key
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def fields(qtbot: Any) -> RangeFields:
    """Shown, with a range of −650 to −450 HU."""
    one = RangeFields()
    qtbot.addWidget(one)
    one.show_row(RangeRow(-650.0, -450.0, "HU", 10.0))
    one.show()
    one.activateWindow()
    qtbot.waitUntil(one.isActiveWindow)
    return one


def test_numbers_are_typed_and_moved(qtbot: Any, fields: RangeFields) -> None:
    said: list[Any] = []
    fields.typed.connect(lambda *ends: said.append(ends))
    fields.refused.connect(said.append)
    fields.done.connect(lambda: said.append("done"))
    assert (fields.low.text(), fields.high.text(), fields.unit.text()) == ("−650", "−450", "HU")
    fields.take_keys()
    qtbot.keyClicks(fields.low, "-7.5")
    qtbot.keyClick(fields.low, Keys.Key_Up)
    qtbot.keyClick(fields.low, Keys.Key_Up, SHIFT)
    assert (-7.5, -450.0) not in said  # it is no range
    assert fields.low.text() == "−450"  # an arrow never goes past the other end
    said.clear()
    fields.low.clear()
    qtbot.keyClicks(fields.low, "-700,5")
    assert said[-1] == (-700.5, -450.0)
    qtbot.keyClick(fields.low, Keys.Key_Up, SHIFT)
    assert said[-1] == (-600.5, -450.0)
    qtbot.keyClick(fields.low, Keys.Key_Down)
    assert fields.low.text() == "−610.5"
    fields.low.clear()
    qtbot.keyClicks(fields.low, "100")
    qtbot.keyClick(fields.low, Keys.Key_Return)
    assert said[-1] == "the lower end of a range is below its upper end"
    fields.low.clear()
    qtbot.keyClicks(fields.low, "inf x")
    assert fields.low.value is None
    fields.low.clear()
    qtbot.keyClicks(fields.low, "-600")
    qtbot.keyClick(fields.low, Keys.Key_Return)
    assert said[-2:] == [(-600.0, -450.0), "done"]


def test_esc_does_not_tell_off_for_what_it_gives_up(qtbot: Any, fields: RangeFields) -> None:
    said: list[Any] = []
    fields.refused.connect(said.append)
    fields.left.connect(fields.low.clearFocus)
    fields.take_keys()
    qtbot.keyClicks(fields.low, "100")
    qtbot.keyClick(fields.low, Keys.Key_Escape)
    assert fields.low.text() == "−650"
    assert said == []


def test_a_range_of_small_values_is_told_with_its_fractions() -> None:
    assert range_text((0.5, 2.25)) == "0.5…2.25"
    assert range_text((-3.4, 96.6), "HU") == "−3…97 HU"


def click(host: Any, qtbot: Any, row: int, column: int) -> None:
    qtbot.mouseClick(pane(host), LEFT, pos=at(host, row, column))


def taught(host: Any) -> str:
    return str(host.hands.keys.accessibleName())


def tints(host: Any, view: int = 0) -> list[Any]:
    return [one for one in pane(host, view).over if isinstance(one, Tint)]


def test_a_range_is_typed_and_seen_on_the_slice(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    fields, kit, k = host.drawing.ranging.fields, host.session.kit, host.session.k
    key(host, qtbot, Keys.Key_T, CONTROL)
    assert "take a tool first" in host.hands.message.text().lower()
    key(host, qtbot, Keys.Key_B)
    assert not fields.isVisible()
    key(host, qtbot, Keys.Key_T, CONTROL)
    assert fields.isVisible()
    assert fields.low.hasFocus()
    assert kit.limited
    qtbot.keyClicks(fields.low, "476")
    assert host.session.series_id not in kit.ranges  # it has one end only
    qtbot.keyClick(fields.low, Keys.Key_Return)
    assert fields.high.hasFocus()
    qtbot.keyClicks(fields.high, "480")
    assert kit.ranges[host.session.series_id] == (476.0, 480.0)
    [tint] = tints(host)
    values = host.room.pictures.get(host.session.series_id).voxels[k]
    expected = host.session.views.plane(0).turned((values >= 476) & (values <= 480))
    assert np.array_equal(tint.bits, expected)
    assert tint.bits.sum() == 64
    qtbot.keyClick(fields.high, Keys.Key_Return)
    assert pane(host).hasFocus()
    assert tints(host) == []
    click(host, qtbot, 20, 16)  # half of the brush is on the bright square
    drawn = case.mask(case.regions[0])[k]
    assert drawn.any()
    assert not drawn[~((values >= 476) & (values <= 480))].any()
    assert case.history[-1].settings["range"] == [476.0, 480.0]


def test_esc_gives_the_range_back_and_arrows_show_it_for_a_while(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    fields, kit = host.drawing.ranging.fields, host.session.kit
    key(host, qtbot, Keys.Key_B)
    key(host, qtbot, Keys.Key_T, CONTROL)
    qtbot.keyClicks(fields.low, "1")
    qtbot.keyClick(fields.low, Keys.Key_Escape)
    assert not kit.limited
    assert not fields.isVisible()
    assert pane(host).hasFocus()
    assert host.session.armed == "paint"
    kit.ranges[host.session.series_id] = (0.0, 400.0)
    key(host, qtbot, Keys.Key_T)
    key(host, qtbot, Keys.Key_T, CONTROL)
    qtbot.keyClicks(fields.low, "300")
    assert kit.ranges[host.session.series_id] == (300.0, 400.0)
    qtbot.keyClick(fields.low, Keys.Key_Escape)
    assert kit.ranges[host.session.series_id] == (0.0, 400.0)
    assert kit.limited
    assert fields.low.text() == "0"
    assert tints(host) == []
    key(host, qtbot, Keys.Key_Right)
    assert len(tints(host)) == 1
    qtbot.waitUntil(lambda: tints(host) == [], timeout=20 * ranging.SEEN_MS)


def test_what_grows_and_waits_takes_a_typed_range(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_callout.panes.tools.grow.HUGE_ML", 0.5)
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    host.session.views.arrange("2")
    host.session.show_series(made_study.named(host.session, made_study.AXIAL).id, 2, view=1)
    host.session.views.activate(0)
    wait_drawn(host, qtbot)
    fields = host.drawing.ranging.fields
    key(host, qtbot, Keys.Key_G)
    key(host, qtbot, Keys.Key_D)
    assert fields.isVisible()
    assert fields.low.text() == ""
    move(pane(host), at(host, 24, 20))
    click(host, qtbot, 24, 20)
    qtbot.waitUntil(lambda: "would be drawn" in taught(host))
    assert case.history == ()
    assert len(pane(host, 0).over) == len(pane(host, 1).over) == 1  # in both views
    assert fields.low.text()
    key(host, qtbot, Keys.Key_T, CONTROL)
    assert not host.session.kit.limited
    qtbot.keyClicks(fields.low, "-2000")
    qtbot.keyClick(fields.low, Keys.Key_Return)
    size = made_study.ROWS * made_study.COLUMNS
    qtbot.waitUntil(lambda: "…" not in host.drawing.keys()[1][0])
    key(host, qtbot, Keys.Key_Return)
    qtbot.waitUntil(lambda: len(case.history) == 1)
    assert case.history[-1].settings["range"][0] == -2000.0
    assert case.mask(case.regions[0]).sum() > 0.5 * size * made_study.SLICES
    QApplication.processEvents()
    assert not any(isinstance(one, Tint) for one in pane(host).over)


def test_what_grows_is_hidden_with_what_is_drawn(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_callout.panes.tools.grow.HUGE_ML", 0.5)
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Keys.Key_G)
    key(host, qtbot, Keys.Key_D)
    click(host, qtbot, 24, 20)
    qtbot.waitUntil(lambda: "would be drawn" in taught(host))
    assert len(pane(host).over) == 1
    key(host, qtbot, Keys.Key_Space)
    assert pane(host).over == ()
    key(host, qtbot, Keys.Key_Space)
    assert len(pane(host).over) == 1
    key(host, qtbot, Keys.Key_Escape)


def test_what_was_said_before_an_edit_goes_with_it(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Keys.Key_B)
    click(host, qtbot, 24, 20)
    key(host, qtbot, Keys.Key_H)
    assert "no holes" in host.hands.message.text()
    key(host, qtbot, Keys.Key_Up, CONTROL)
    assert len(case.history) == 2
    assert not host.hands.message.isVisible()
