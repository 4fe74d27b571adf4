"""Views in a shown window: what is seen is what the session looks at, whatever comes between."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import LEFT, at, key, move, opened, pane, scene, wait_drawn, wheel
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QApplication

import callout
from callout.errors import CaseError
from napari_callout.session.operations import Operation


def shown(host: Any, view: int = 0) -> Any:
    """The scene that a view has painted last."""
    QApplication.processEvents()
    host.room.grid.panes[view].grab()
    return host.room.grid.panes[view].scene


def test_what_moved_on_napari_s_page_is_seen_when_one_comes_back(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    before = shown(host).corners.bottom_left
    host.show_canvas(True)
    QApplication.processEvents()
    host.session.go_to(2)
    host.show_canvas(False)
    after = shown(host).corners.bottom_left
    assert "slice 2" in after
    assert after != before


def test_the_value_under_the_hand_follows_a_view_that_is_not_the_active_one(
    host: Any, qtbot: Any, tmp_path: Path
) -> None:
    opened(host, qtbot, tmp_path)
    views = host.session.views
    views.arrange("2")
    views.put(1, views.native(host.session.series_id, 3))
    views.linked = False
    wait_drawn(host, qtbot)
    move(pane(host, 1), at(host, 10, 10, 1))
    assert host.hands.value.text().startswith("36 HU")  # 1000 + 20 k − 1024
    wheel(pane(host, 1), 1, place=at(host, 10, 10, 1))
    assert views.plane(1).k == 4
    assert host.hands.value.text().startswith("56 HU")
    assert views.active == 0


def test_the_brush_is_seen_under_the_hand_also_after_the_picture_moved(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    place = at(host, 22, 18)
    move(pane(host), place)
    host.session.views.zoom(0, 3.0)
    ring = pane(host).over[0].points.mean(axis=0)
    x, y = scene(host).placement.screen(*ring)
    assert abs(x - place.x()) + abs(y - place.y()) < 2


@pytest.mark.parametrize("layout", ["1", "2", "planes"])
def test_a_view_with_the_focus_goes(host: Any, qtbot: Any, tmp_path: Path, layout: str) -> None:
    opened(host, qtbot, tmp_path)
    views = host.session.views
    views.arrange("4")
    QApplication.processEvents()
    for view in (3, 1):
        host.room.grid.panes[view].setFocus()
        views.activate(view)
        views.enlarge(view)
        QApplication.processEvents()
        assert (views.active, views.enlarged) == (view, True)
        views.enlarge(view)
        QApplication.processEvents()
        assert (views.active, views.enlarged) == (view, False)
    for view in (0, 1, 2, 3):
        views.arrange("4")
        QApplication.processEvents()
        host.room.grid.panes[view].setFocus()
        assert views.active == view
        views.arrange(layout)
        QApplication.processEvents()
        assert views.active == min(view, len(views.looks) - 1)
    assert [one.isVisible() for one in host.room.grid.panes] == [n < len(views.looks) for n in range(4)]


def test_a_stroke_ends_where_its_view_goes(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    views, k = host.session.views, host.session.k
    views.arrange("2")
    views.put(1, views.native(host.session.series_id, k))
    views.activate(1)
    wait_drawn(host, qtbot)
    key(host, qtbot, Qt.Key.Key_B)
    qtbot.mousePress(pane(host, 1), LEFT, pos=at(host, 20, 14, 1))
    views.arrange("1")
    QApplication.processEvents()
    move(pane(host, 0), at(host, 20, 26, 0))
    assert len(case.history) == 1
    assert not case.mask(case.regions[0])[k, 20, 22:].any()


def test_a_release_that_never_came_ends_the_stroke(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    qtbot.mousePress(pane(host), LEFT, pos=at(host, 20, 14))
    move(pane(host), at(host, 20, 26))  # no button is down: the release went to another window
    move(pane(host), at(host, 30, 26))
    assert len(case.history) == 1
    assert not case.mask(case.regions[0])[host.session.k, 20, 22:].any()


def test_the_picture_goes_on_where_the_case_can_not_be_read(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(host, qtbot, tmp_path)
    shown(host)

    def fails(*args: object) -> Any:
        raise CaseError("the case can't be read", str(case.path), "see to the disk")

    monkeypatch.setattr(type(case), "regions", property(fails))
    views = host.session.views
    views.put(0, views.native(host.session.series_id, 2))
    assert "slice 2" in shown(host).corners.bottom_left
    assert shown(host).greys is not None


def test_what_goes_wrong_in_one_view_is_said_there(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_callout.panes.pane import Pane

    opened(host, qtbot, tmp_path)

    def fails(*args: object) -> Any:
        raise ValueError("shapes differ")

    monkeypatch.setattr(Pane, "_shown", fails)
    host.session.views.put(0, host.session.views.native(host.session.series_id, 2))
    assert "shapes differ" in shown(host).corners.middle
    assert shown(host).greys is None


def test_a_stroke_in_the_hand_is_saved_when_the_window_closes(
    host: Any, qtbot: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    qtbot.mousePress(pane(host), LEFT, pos=at(host, 20, 14))
    path = case.path
    host.close()
    assert not caplog.records
    with callout.open_case(path) as saved:
        assert len(saved.history) == 1


def test_what_is_worked_out_ends_with_the_window(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where its thread comes back after Qt's objects are gone."""
    monkeypatch.setattr("napari_callout.session.operations.QUICK", 0)
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    qtbot.mouseClick(pane(host), LEFT, pos=at(host, 22, 18))
    gate, steps, went_wrong = threading.Event(), [], []

    def work(region: Any, tell: Any) -> Any:
        gate.wait(10)
        for step in range(3):
            steps.append(step)
            tell(step, 3)
        return region

    monkeypatch.setattr(threading, "excepthook", lambda what: went_wrong.append(what.exc_value))
    host.room.hand.operations.do(Operation("smooth", work))
    errand = host.room.hand.operations._errand
    edits = len(case.history)
    host.close()
    host.room.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gate.set()
    assert errand.wait(10)
    assert steps == [0]
    assert went_wrong == []
    with callout.open_case(tmp_path / "a.callout", read_only=True) as kept:
        assert len(kept.history) == edits


def test_views_that_are_gone_hold_no_voxels(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    views, pictures = host.session.views, host.room.pictures
    views.arrange("2")
    wait_drawn(host, qtbot)
    shown(host, 1)
    for view in (1, 0):
        other = views.looks[view].series_id
        voxels = weakref.ref(pictures.get(other).voxels)
        assert voxels() is not None
        views.arrange("1") if view else host.session.close()
        pictures._kept.pop(other, None)
        QApplication.processEvents()
        gc.collect()
        assert voxels() is None


def test_views_hold_nothing_that_was_drawn_in_a_case_that_is_closed(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    region = case.add_region(case.add_finding("cavity"), host.session.series_id)
    case.paint(region, host.session.k, np.ones(case.series_of(region.series_id).grid.shape[1:], bool))
    wait_drawn(host, qtbot)
    assert scene(host).outlines
    mask = weakref.ref(case.region_mask(region))
    del case
    host.session.close()
    QApplication.processEvents()
    gc.collect()
    assert mask() is None


def test_sixty_series_and_as_many_layouts_leave_nothing_behind(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    session, seen = host.session, []
    for _ in range(3):
        for n in range(20):
            session.show_series(session.series[n % len(session.series)].id)
            session.views.arrange(("1", "2", "4", "6")[n % 4])
            QApplication.processEvents()
        session.take_study(session.series)
        wait_drawn(host, qtbot)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        listening = [len(one) for one in (session.views.changed, session.shown, host.room.pictures.changed)]
        objects = len(host.shell.main_window.findChildren(QObject))
        qtbot.waitUntil(lambda: not any(one.name.startswith("callout-loading") for one in threading.enumerate()))
        seen.append((objects, threading.active_count(), *listening))
    assert seen[1] == seen[2]
