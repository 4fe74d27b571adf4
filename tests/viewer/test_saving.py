"""Strokes that the disk has no room for: nothing that was drawn is ever lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pytest
from disks import full_disk
from hands import drag, key, opened, scene
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QMessageBox
from test_drawing import case_of, mask, paint, stage_of, stroke

import callout
from callout.errors import CaseError, EditRefused
from napari_callout.qt.asking import CLOSE_WITHOUT, TRY_AGAIN
from napari_callout.session import Session

LEFT = Qt.MouseButton.LeftButton


def draw(session: Session, stage: Any, *at: tuple[int, int]) -> bool:
    """One stroke; whether it is saved."""
    session.begin_stroke()
    paint(stage, 3, *at)
    return session.attempt(session.commit_stroke)


def test_strokes_wait_and_become_the_edits_they_would_have_been(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    stage = stage_of(session)
    stage.set_brush(2.0, "paint")
    with full_disk():
        assert not draw(session, stage, (15, 15))
        assert session.saved.startswith("not saved: ")
        assert "not saved" in session.title
        session.tool = ("erase", {})
        session.begin_stroke()
        paint(stage, 3, (15, 16), label=0)
        assert not session.attempt(session.commit_stroke)
        session.tool = ("paint", {"brush_mm": 2})
        assert not draw(session, stage, (30, 20))
        assert case.history == ()
        assert stage.labels is not None
        seen = np.asarray(stage.labels.data) != 0
        assert seen[stage.order.index_to_display((3, 30, 20))]  # type: ignore[union-attr]
        colours = session.drawing.colours() if session.drawing else {}
        assert set(colours) == set(np.unique(np.asarray(stage.labels.data))) - {0}
    session.save_waiting()
    assert session.saved.startswith("saved")
    assert [edit.summary for edit in case.history] == [
        "paint cavity",
        "erase cavitating lesion",
        "paint cavitating lesion",
    ]
    assert case.history[2].settings == {"brush_mm": 2}
    assert np.array_equal(np.asarray(stage.labels.data) != 0, stage.order.to_display(mask(session)))  # type: ignore[union-attr]
    session.undo()
    assert not mask(session)[3, 30, 20]
    assert mask(session)[3, 15, 14]


def test_the_next_stroke_saves_what_waits(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    with full_disk():
        assert not draw(session, stage, (15, 15))
    assert draw(session, stage, (30, 20))
    assert len(case_of(session).history) == 2
    assert mask(session)[3, [15, 30], [15, 20]].all()


def test_looking_elsewhere_keeps_what_waits_and_what_is_drawn_next_is_never_mixed_with_it(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    stage = stage_of(session)
    with full_disk():
        assert not draw(session, stage, (15, 15))
        session.choose_mention("2:arrow")
        assert session.shown_series is not None
        assert session.shown_series.description == made_study.CORONAL
        assert session.saved.startswith("not saved")
        with pytest.raises(EditRefused, match="not saved yet"):
            session.begin_stroke()
        for action in (
            session.next_lesion,
            session.undo,
            lambda: session.change(lambda case: case.set_mention_state("1:2", "done")),
        ):
            with pytest.raises(CaseError):
                action()
        session.choose_mention("1:1")
        stage = stage_of(session)
        assert stage.labels is not None
        assert np.asarray(stage.labels.data).any()
        assert not draw(session, stage, (30, 20))
        session.choose_mention("2:arrow")
    session.save_waiting()
    assert session.refusal() == ""
    assert [finding.concept for finding in case.findings] == ["cavity"]
    assert mask(session)[3, [15, 30], [15, 20]].all()
    with stroke(session):
        paint(stage_of(session), 2, (15, 15))
    assert len(case.findings) == 2


def test_what_the_case_refuses_does_not_wait(session: Session) -> None:
    session.choose_mention("1:1")
    stage = stage_of(session)
    with full_disk():
        assert not draw(session, stage, (15, 15))
    case_of(session).read_only = True
    assert not session.attempt(session.save_waiting)
    assert session.waiting is None
    assert session.saved.startswith("not saved")


def test_another_case_is_not_opened_over_what_waits(session: Session, tmp_path: Path) -> None:
    case = case_of(session)
    (tmp_path / "other").mkdir()
    other = made_study.case(tmp_path / "other")
    other.close()
    session.choose_mention("1:1")
    stage = stage_of(session)
    asked: list[str] = []
    session.lets_go = lambda why: bool(asked.append(why))
    with full_disk():
        assert not draw(session, stage, (15, 15))
        for leave in (lambda: session.open_case(other.path), lambda: session.take_study(()), session.close):
            with pytest.raises(CaseError, match="not saved"):
                leave()
        assert len(asked) == 3
        assert session.case is case
        session.lets_go = lambda why: True
        session.take_study(other.series)
        assert session.case is None
    with callout.open_case(case.path) as left:
        assert left.history == ()


def test_the_window_says_so_tries_again_by_itself_and_asks_before_it_closes(
    host: Any, qtbot: Any, tmp_path: Path
) -> None:
    case = opened(host, qtbot, tmp_path)
    host._again.setInterval(50)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    window, asked = host.shell.main_window, []

    def answer(word: str) -> None:
        box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
        asked.append(box.informativeText())
        qtbot.mouseClick(next(button for button in box.buttons() if button.text() == word), LEFT)

    with full_disk():
        drag(host, qtbot, (20, 14), (20, 26))
        assert "not saved" in window.windowTitle()
        assert "not saved" in host.header.title.text()
        assert scene(host).outlines
        qtbot.wait(200)
        assert host.session.waiting is not None
        QTimer.singleShot(100, lambda: answer(TRY_AGAIN))
        window.close()
        assert window.isVisible()
        assert host.session.case is case
        assert len(asked) == 1
    qtbot.waitUntil(lambda: host.session.waiting is None, timeout=5000)
    assert "· saved" in window.windowTitle()
    assert "not saved" not in host.header.title.text()
    assert case.mask(case.regions[0])[host.session.k, 20, 14:27].all()
    assert not host._again.isActive()
    host._again.setInterval(60_000)
    with full_disk():
        drag(host, qtbot, (30, 14), (30, 26))
        QTimer.singleShot(100, lambda: answer(CLOSE_WITHOUT))
        assert host.session.may_leave()
    assert len(asked) == 2
    host.close()
    with callout.open_case(case.path) as saved:
        assert len(saved.history) == 2  # there was room at the last moment: it is saved after all


def test_a_folder_that_went_away_and_came_back(session: Session) -> None:
    case = case_of(session)
    session.choose_mention("1:1")
    stage = stage_of(session)
    assert draw(session, stage, (15, 15))
    there, away = case.path.parent, case.path.parent.with_name("away")
    there.rename(away)
    assert not draw(session, stage, (30, 20))
    assert session.saved.startswith("not saved")
    away.rename(there)
    session.save_waiting()
    session.close()
    with callout.open_case(case.path) as saved:
        assert saved.mask(saved.regions[0])[3, [15, 30], [15, 20]].all()


def test_what_is_seen_stays_where_the_case_can_not_even_be_read(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (20, 14), (20, 26))

    def gone(*_: object) -> None:
        raise CaseError("the case can't be read or written", str(case.path), "see to the disk")

    with full_disk(), monkeypatch.context() as patch:
        patch.setattr(case, "read_region", gone)  # a disk that is pulled out, which no test can do
        host.session.begin_stroke()
        host.session.drawing.write(host.session.drawing.active_label, (3, 5, 5), np.ones((1, 2, 2), bool))
        assert not host.session.attempt(host.session.commit_stroke)
        assert "not saved" in host.shell.main_window.windowTitle()
    host.save_again()
    assert case.mask(case.regions[0])[3, 5:7, 5:7].all()
    assert len(case.history) == 2
