"""The history panel: what was done, where, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pytest
from hands import LEFT, drag, key, opened, wait_drawn
from qtpy.QtCore import Qt
from test_drawing import case_of

import callout
from callout.errors import EditRefused
from callout.masks import Stroke
from napari_callout.session import Session
from napari_callout.session.history import HistoryLines, go_back_to, go_to_edit


def dab(session: Session, k: int, row: int) -> None:
    drawing = session.drawing
    assert drawing is not None
    session.begin_stroke()
    drawing.write(drawing.active_label, (k, row, 5), np.ones((1, 2, 3), bool))
    session.commit_stroke()


@pytest.fixture
def done(session: Session) -> Session:
    """Strokes on slices 2, 3 and 4 of one finding, then one of another series."""
    session.choose_mention("1:1")
    for k in (2, 3, 4):
        dab(session, k, 5)
    session.choose_mention("2:arrow")
    dab(session, 1, 9)
    return session


def lines(session: Session) -> list[tuple[int, bool]]:
    found = HistoryLines()
    found.follow(session.case)
    return [(found[row].number, found[row].stands) for row in range(len(found))]


def test_an_edit_is_gone_to_where_it_drew(done: Session) -> None:
    go_to_edit(done, 2)
    assert done.shown_series is made_study.named(done, made_study.AXIAL)
    assert done.k == 3
    assert done.selection.finding_id == case_of(done).findings[0].id
    go_to_edit(done, 4)
    assert done.shown_series is made_study.named(done, made_study.CORONAL)
    assert done.k == 1


def test_going_back_undoes_what_came_after_and_on_again_redoes_it(done: Session) -> None:
    case = case_of(done)
    masks = {region.id: case.mask(region) for region in case.regions}
    followed: list[int] = []
    done.edited.connect(lambda: followed.append(len(case.history)))
    go_back_to(done, 2)
    assert followed == [len(case.history)]  # who follows does so once
    assert lines(done) == [(4, False), (3, False), (2, True), (1, True)]
    assert [k for k in range(made_study.SLICES) if case.mask(case.regions[0])[k].any()] == [2, 3]
    assert len(case.regions) == 1
    go_back_to(done, 4)
    assert lines(done) == [(4, True), (3, True), (2, True), (1, True)]
    assert all(np.array_equal(case.mask(name), mask) for name, mask in masks.items())
    go_back_to(done, 4)
    assert len(case.history) == 8


def test_another_reader_s_edit_is_not_gone_back_to(done: Session, tmp_path: Path) -> None:
    path = case_of(done).path
    done.close()
    with callout.open_case(path, reader="r2") as other:
        axial = next(one for one in other.series if one.description == made_study.AXIAL)
        other.flip(other.add_region(other.add_finding("nodule"), axial.id), stroke_at(1))
    done.open_case(path, reader="r1")
    done.choose_mention("1:1")
    dab(done, 6, 5)
    with pytest.raises(EditRefused, match="another reader"):
        go_back_to(done, 6)
    go_back_to(done, 3)
    assert [number for number, stands in lines(done) if not stands] == [8, 4]  # r2's stay
    go_to_edit(done, 7)
    assert done.k == 1


def stroke_at(k: int) -> Stroke | None:
    return Stroke.from_bits(np.ones((1, 2, 2), bool), (k, 3, 3))


def test_what_is_gone_is_told(done: Session) -> None:
    told: list[str] = []
    done.told.connect(lambda text, failed: told.append(text))
    done.undo()
    go_to_edit(done, 4)
    assert done.selection.mention_id is not None or told


def test_many_edits_are_listed_at_once_and_read_as_they_come_into_sight(done: Session) -> None:
    found = HistoryLines()
    found.follow(done.case)
    dab(done, 4, 20)
    found.follow(done.case)
    assert len(found) == 5
    assert found[0].number == 5
    found.follow(None)
    assert len(found) == 0


def test_the_panel_in_the_window(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    for row in (14, 20, 26):
        drag(host, qtbot, (row, 14), (row, 22))
    key(host, qtbot, Qt.Key.Key_F4)
    view = host.history.view
    qtbot.waitUntil(view.list.isVisible)
    assert len(view.lines) == 3
    before = case.mask(case.regions[0])
    oldest = view.list.model().index(2, 0)
    view.list.scrollTo(oldest)
    place = view.list.visualRect(oldest).center()
    host.session.show_series(made_study.named(host.session, made_study.CORONAL).id)
    qtbot.mouseClick(view.list.viewport(), LEFT, pos=place)
    assert host.session.shown_series.description == made_study.AXIAL
    wait_drawn(host, qtbot)
    view.list.setFocus()
    view.list.setCurrentIndex(oldest)
    view.back.emit(view.lines[2].number)
    assert [view.lines[row].stands for row in range(3)] == [False, False, True]
    assert case.mask(case.regions[0]).sum() < before.sum()
    view.back.emit(view.lines[0].number)
    assert np.array_equal(case.mask(case.regions[0]), before)
