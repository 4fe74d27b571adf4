"""A real window, driven with mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock
from typing import Any

import made_study
import numpy as np
import pytest
from chips import click_chip
from hands import CONTROL, LEFT, RIGHT, at, drag, grey, key, move, opened, pane, scene, wait_drawn, wheel
from qtpy.QtCore import QPoint, Qt


def test_a_mention_is_drawn_undone_and_drawn_over(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    case.exclude("cavity", "ground-glass opacity", on=False)
    click_chip(host, qtbot, case.mention("1:1").id)
    assert host.session.selection.mention_id == case.mention("1:1").id
    key(host, qtbot, Qt.Key.Key_B)
    assert host.session.armed == "paint"
    drag(host, qtbot, (20, 14), (20, 26))
    assert len(case.history) == 2
    assert case.history[1].settings == {"brush_mm": 8}
    first = case.mask(case.regions[0])
    assert first[host.session.k, 20, 14:27].all()
    assert first.sum() == first[host.session.k].sum()
    qtbot.mouseClick(host.findings.rows[case.mention("1:2").id], LEFT)
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (14, 20), (26, 20))
    assert len(case.regions) == 2
    second = case.mask(case.regions[1])
    assert (first & second).any()
    assert np.array_equal(case.mask(case.regions[0]), first)
    key(host, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(case.regions) == 1
    assert np.array_equal(case.mask(case.regions[0]), first)
    assert [outline.label for outline in scene(host).outlines] == [case.findings[0].id]
    key(host, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(case.mask(case.regions[1]), second)
    key(host, qtbot, Qt.Key.Key_E)
    drag(host, qtbot, (20, 14), (20, 26))
    assert case.mask(case.regions[1]).sum() < second.sum()
    assert np.array_equal(case.mask(case.regions[0]), first)
    assert "saved" in host.shell.main_window.windowTitle()


def test_another_series_ends_a_stroke_that_is_being_made(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    view = pane(host)
    qtbot.mousePress(view, LEFT, pos=at(host, 20, 14))
    move(view, at(host, 20, 20), LEFT)
    host.choose_mention("2:arrow")
    wait_drawn(host, qtbot)
    move(view, at(host, 30, 20), LEFT)
    qtbot.mouseRelease(view, LEFT, pos=at(host, 30, 20))
    assert [edit.tool for edit in case.history] == ["paint"]
    assert case.mask(case.regions[0])[:, 20, 14:21].any(axis=0).all()
    assert host.session.saved.startswith("saved")


def test_a_mention_takes_one_to_its_series(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    assert host.session.shown_series.description == made_study.AXIAL
    click_chip(host, qtbot, case.mention("2:arrow").id)
    wait_drawn(host, qtbot)
    assert host.session.shown_series.description == made_study.CORONAL
    assert scene(host).corners.edges == ("R", "L", "H", "F")
    key(host, qtbot, Qt.Key.Key_N)
    wait_drawn(host, qtbot)
    assert host.session.shown_series.description == made_study.AXIAL


def test_looking(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    k, view = host.session.k, pane(host)
    wheel(view, -2)
    assert host.session.k == k - 2  # stored from the feet up, shown from the head down
    assert "im 7/10" in scene(host).corners.bottom_left
    assert host.session.views.look.zoom == 1
    place = at(host, 12, 10)
    wheel(view, 1, CONTROL, place)
    assert host.session.views.look.zoom > 1
    assert (at(host, 12, 10) - place).manhattanLength() <= 2  # what is under the hand stays there
    key(host, qtbot, Qt.Key.Key_Home)
    assert host.session.views.look.zoom == 1
    key(host, qtbot, Qt.Key.Key_3)
    assert host.room.window == (40.0, 400.0)
    drag(host, qtbot, (20, 10), (20, 30), RIGHT)
    assert host.room.window[1] > 400
    move(view, at(host, 22, 18))
    assert host.hands.value.text().startswith("476 HU")
    for code in (Qt.Key.Key_Space, Qt.Key.Key_F):
        key(host, qtbot, code)
    assert host.session.hidden
    assert host.session.filled
    assert host.session.case.history == ()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Holds back every slice but the first one asked for, until it is set."""
    from callout.dicom.slices import Slices

    read, gate, first = Slices.read, Event(), Lock()

    def after_gate(slices: Slices, k: int, into: Any) -> None:
        if not first.acquire(blocking=False):
            gate.wait(20)
        read(slices, k, into)

    monkeypatch.setattr(Slices, "read", after_gate)
    yield gate
    gate.set()


def coming(host: Any, qtbot: Any, folder: Path) -> int:
    """The small case of which one slice is here; its k."""
    host.session.take_case(made_study.case(folder))
    pictures, shown = host.room.pictures, host.session.series_id
    qtbot.waitUntil(lambda: pictures.get(shown) is not None, timeout=5000)
    host.arrange()
    return int(np.flatnonzero(pictures.get(shown).arrived)[0])


def test_slices_that_are_still_to_come_are_not_shown_as_black(
    host: Any, qtbot: Any, tmp_path: Path, gate: Event
) -> None:
    k = coming(host, qtbot, tmp_path)
    session = host.session
    session.go_to(k)
    assert scene(host).greys is not None
    move(pane(host), at(host, 22, 18))
    assert "HU" in host.hands.value.text()
    session.go_to(k + 1)
    move(pane(host), at(host, 20, 18))
    assert host.hands.value.text() == ""
    assert scene(host).greys is None
    assert scene(host).corners.middle == "loading …"
    assert 0 < scene(host).corners.done < 1
    gate.set()
    wait_drawn(host, qtbot)
    assert scene(host).greys is not None
    assert scene(host).corners.middle == ""
    assert scene(host).corners.done == 1
    assert session.k == k + 1
    assert "HU" in host.hands.value.text()


def test_what_is_there_can_be_drawn_on_while_the_rest_comes(host: Any, qtbot: Any, tmp_path: Path, gate: Event) -> None:
    k = coming(host, qtbot, tmp_path)
    session = host.session
    session.choose_mention(session.case.report.figures[0].caption.mentions[0].id)
    session.go_to(k)
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (20, 12), (20, 24))
    (region,) = session.case.regions
    drawn = session.case.mask(region.id)
    assert drawn[k].any()
    session.go_to(k + 1)
    drag(host, qtbot, (20, 12), (20, 24))
    assert np.array_equal(session.case.mask(region.id), drawn)
    assert "until this slice" in host.hands.message.text()
    assert session.armed == "paint"


def test_another_series_stops_the_one_that_is_coming(host: Any, qtbot: Any, tmp_path: Path, gate: Event) -> None:
    coming(host, qtbot, tmp_path)
    session = host.session
    before = host.room.pictures._loadings[session.series_id]
    other = next(one for one in session.series if one.id != session.series_id and len(one.instances) > 1)
    session.show_series(other.id)
    gate.set()
    wait_drawn(host, qtbot)
    assert session.shown_series is other
    assert before.wait(5)
    assert not before.complete


def test_the_picture_is_in_the_window(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    window, view = host.shell.main_window, pane(host)
    places = [at(host, *pixel) for pixel in ((22, 18), (2, 2))]
    bright, dark = (grey(window, view.mapTo(window, place)) for place in places)
    assert bright > dark + 60


def test_a_chip_can_be_set_aside_with_a_reason(host: Any, qtbot: Any, tmp_path: Path) -> None:
    from qtpy.QtWidgets import QMenu

    case = opened(host, qtbot, tmp_path)
    mention = case.mention("1:2")
    host.findings.mention_asked.emit(mention.id, QPoint(5, 5))
    menu = next(m for m in host.shell.main_window.findChildren(QMenu) if m.isVisible())
    reasons = next(action.menu() for action in menu.actions() if action.text() == "&Not drawn")
    next(action for action in reasons.actions() if "Not visible" in action.text()).trigger()
    menu.close()
    assert case.mention_state(mention) == ("not drawn", "not visible")
    assert mention.id in host.findings.rows


def test_what_can_not_be_opened_is_said_in_the_window(host: Any, tmp_path: Path) -> None:
    assert not host.files.open([tmp_path / "gone.callout"])
    assert host.hands.message.isVisible()
    assert "gone.callout" in host.hands.message.text()
    assert host.session.series == ()


def test_a_study_becomes_a_case(host: Any, qtbot: Any, tmp_path: Path) -> None:
    assert host.files.open([made_study.images(tmp_path)])
    wait_drawn(host, qtbot)
    assert host.header.buttons["new case"].isVisible()
    key(host, qtbot, Qt.Key.Key_B)
    assert "New case" in host.hands.message.text()
    k = host.session.k
    assert host.files.make_case(str(tmp_path / "b.callout"), None)
    wait_drawn(host, qtbot)
    assert host.session.k == k
    assert not host.header.buttons["new case"].isVisible()
    assert (tmp_path / "b.callout").is_file()


def test_a_broken_series_says_so_in_the_picture(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = made_study.case(tmp_path)
    for path in (tmp_path / "images").iterdir():
        path.write_bytes(path.read_bytes()[:-1000])
    host.session.take_case(case)
    qtbot.waitUntil(lambda: bool(host.room.pictures.problems), timeout=5000)
    assert "the file is cut" in scene(host).corners.middle
    assert host.hands.message.isVisible()


def test_the_region_under_the_hand_lights_up_its_words(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (20, 14), (20, 26))
    key(host, qtbot, Qt.Key.Key_Escape)
    host.choose_mention("1:2")
    assert not any(outline.lit for outline in scene(host).outlines)
    move(pane(host), at(host, 20, 18))
    assert host.session.lit == {case.findings[0].id}
    assert all(outline.lit for outline in scene(host).outlines)
    move(pane(host), at(host, 40, 4))
    assert host.session.lit == frozenset()
