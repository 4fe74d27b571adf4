"""What is typed, pointed at or worked out for one text, slice or case touches no other one."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_study
from hands import at, drag, key, move, opened, pane, wait_drawn
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from callout.masks import Mask
from napari_callout.session import operations


def test_backspace_takes_no_mark_away_from_a_slice_that_is_not_seen(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_C)
    drag(host, qtbot, (10, 10), (10, 25))
    key(host, qtbot, Qt.Key.Key_Escape)
    assert len(case.marks) == 1
    move(pane(host), at(host, 10, 10))
    key(host, qtbot, Qt.Key.Key_PageDown)
    key(host, qtbot, Qt.Key.Key_Backspace)
    assert len(case.marks) == 1
    key(host, qtbot, Qt.Key.Key_PageUp)
    key(host, qtbot, Qt.Key.Key_Backspace)
    assert not case.marks


def test_a_text_that_is_kept_leaves_what_is_typed_in_another_editor(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    qtbot.mouseClick(host.report.type_caption, Qt.MouseButton.LeftButton)
    new = host.report.new
    qtbot.keyClicks(new.text, "Figure of a nodule")
    host.report.edit("figure", "1")
    editor = host.report.blocks["figure 1"].editor
    qtbot.keyClicks(editor.text, " More.")
    qtbot.keyClick(editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert case.report.figure("1").caption.text.endswith("More.")
    assert host.report.blocks["figure 1"].editor is None
    assert host.report.new is new
    assert new.text.toPlainText() == "Figure of a nodule"
    qtbot.keyClick(new.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert case.report.figure("4").caption.text == "Figure of a nodule"
    assert host.report.new is None


def test_nothing_of_a_case_is_kept_or_lit_in_the_next(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (15, 15), (20, 20))
    qtbot.waitUntil(lambda: bool(host.reading.sizes._work))
    host.report.said.hovered.emit("1:1")
    (tmp_path / "other").mkdir()
    host.session.take_case(made_study.case(tmp_path / "other"))
    wait_drawn(host, qtbot)
    assert not host.reading.sizes._work
    host.session.drafted.emit()
    assert not host.report.blocks["figure 1"].passage._lit


def test_what_is_worked_out_for_a_case_is_not_told_in_the_next(
    host: Any, qtbot: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_B)
    drag(host, qtbot, (15, 15), (20, 20))
    monkeypatch.setattr(operations, "QUICK", 0)

    def slow(region: Mask, tell: object) -> Mask:
        time.sleep(0.3)
        return Mask.empty(region.shape)

    work = host.room.hand.operations
    work.do(operations.Operation("smooth", slow))
    errand = work._errand
    (tmp_path / "other").mkdir()
    host.session.take_case(made_study.case(tmp_path / "other"))
    assert not work.running
    said: list[str] = []
    host.session.told.connect(lambda text, failed: said.append(text))
    errand.wait(5)
    QApplication.processEvents()
    assert not said


def test_enter_in_the_field_of_the_basis_marks_no_vertebra(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.session.show_series(made_study.named(host.session, made_study.CORONAL).id)
    wait_drawn(host, qtbot)
    key(host, qtbot, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert host.session.armed == "levels"
    basis = host.looking.levels.basis
    move(pane(host), at(host, 10, 10))
    basis.setFocus()
    qtbot.waitUntil(basis.hasFocus)
    field = basis.lineEdit()
    field.selectAll()
    qtbot.keyClicks(field, "as seen")
    before = len(case.history)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    numbering = case.numbering_of(host.session.series_id)
    assert not host.looking.chooser.isVisible()
    assert numbering is not None
    assert numbering.basis == "as seen"
    assert not numbering.vertebrae
    assert len(case.history) == before + 1


def test_a_panel_that_is_moved_is_the_one_that_was_seen(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case, figures = opened(host, qtbot, tmp_path), host.figures
    figures.dock.raise_()
    qtbot.waitUntil(lambda: figures._preview is not None and figures._preview.recipe is not None)
    preview = figures._preview
    figures._preview = replace(preview, recipe=replace(preview.recipe, panels=preview.recipe.panels * 2))
    host.session.change(lambda case: case.add_finding("cavity"))  # the proposal is worked out anew
    said: list[str] = []
    host.session.told.connect(lambda text, failed: said.append(text))
    host.figures.view.moved.emit(1, 0)
    qtbot.waitUntil(lambda: bool(said))
    assert "has changed" in said[0]
    assert not case.recipes
