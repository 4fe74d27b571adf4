"""The report as to-do list: its chips, by mouse and by keys, without napari."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import drops
import pytest
from hands import move
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent
from qtpy.QtWidgets import QApplication, QWidget

from callout.case import Case
from napari_callout.qt.broken import Broken
from napari_callout.qt.look import DARK, change_look
from napari_callout.qt.passage import Passage
from napari_callout.qt.report import ReportView
from napari_callout.qt.spelled import spelled
from napari_callout.session import Session
from napari_callout.session.rows import Chip, TextBlock, progress, report_blocks
from napari_callout.session.selection import Selection

LEFT, SHIFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


@pytest.fixture
def case(session: Session) -> Case:
    assert session.case is not None
    return session.case


@pytest.fixture
def view(qtbot: Any, case: Case) -> ReportView:
    one = ReportView()
    qtbot.addWidget(one)
    one.resize(320, 700)
    one.show_blocks(report_blocks(case, Selection()), progress(case))
    one.show()
    one.activateWindow()
    qtbot.waitUntil(one.isActiveWindow)
    return one


def heard(signal: Any) -> list[Any]:
    found: list[Any] = []
    signal.connect(lambda *said: found.append(said if len(said) > 1 else said[0]))
    return found


def place(view: ReportView, mention_id: str) -> tuple[Passage, QPoint]:
    passage = view.passage_of(mention_id)
    assert passage is not None
    return passage, passage.rect_of(mention_id).center().toPoint()


def mention_id(case: Case, name: str) -> str:
    return case.mention(name).id


def test_a_click_chooses_and_hovering_is_said(qtbot: Any, view: ReportView, case: Case) -> None:
    wanted = mention_id(case, "1:2")
    chosen, hovered = heard(view.said.chosen), heard(view.said.hovered)
    passage, at = place(view, wanted)
    move(passage, at)
    qtbot.mouseClick(passage, LEFT, pos=at)
    move(passage, QPoint(2, passage.height() - 1))
    assert chosen == [wanted]
    assert hovered == [wanted, ""]


def test_a_heading_hangs_its_figure(qtbot: Any, view: ReportView) -> None:
    hung = heard(view.figure_chosen)
    heading = view.blocks["figure 2"].heading
    assert heading is not None
    qtbot.mouseClick(heading, LEFT)
    assert hung == ["2"]


def test_all_mentions_are_reached_by_keys_alone(qtbot: Any, view: ReportView, case: Case) -> None:
    reached, chosen = [], heard(view.said.chosen)
    first = view.blocks["figure 1"].passage
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    passage = first
    for _ in case.mentions:
        focused = next(b.passage for b in view.blocks.values() if b.passage.hasFocus())
        passage = focused
        reached.append(passage.mention_at_focus)
        assert case.mention(passage.mention_at_focus).text in passage.accessibleDescription()
        qtbot.keyClick(passage, Key.Key_Return)
        qtbot.keyClick(passage, Key.Key_Right)
    assert reached == chosen == [mention.id for mention in case.mentions]
    qtbot.keyClick(passage, Key.Key_Up)
    assert passage.mention_at_focus == reached[-2]


def test_the_keys_of_a_chip_are_taken_before_the_windows(qtbot: Any, view: ReportView, case: Case) -> None:
    passage, _ = place(view, mention_id(case, "1:1"))
    passage.go_to(0)
    for key, own in ((Key.Key_Return, True), (Key.Key_Up, True), (Key.Key_B, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(passage, event)
        assert event.isAccepted() == own, key


def test_the_menu_key_asks_for_the_chip_it_is_on(view: ReportView, case: Case) -> None:
    asked, texts = heard(view.said.asked), heard(view.text_asked)
    passage, at = place(view, mention_id(case, "1:2"))
    passage.go_to(1)
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), passage.mapToGlobal(QPoint(0, 0)))
    QApplication.sendEvent(passage, by_key)
    click = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, passage.mapToGlobal(at))
    QApplication.sendEvent(passage, click)
    assert [thing for thing, _ in asked] == [mention_id(case, "1:2")] * 2
    below = QPoint(1, passage.height() - 1)
    QApplication.sendEvent(
        passage, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, below, passage.mapToGlobal(below))
    )
    assert [said[:2] for said in texts] == [("figure", "1")]


def test_a_finding_is_dropped_on_a_chip(view: ReportView, case: Case) -> None:
    linked, over = heard(view.said.linked), heard(view.said.tied_over)
    wanted = mention_id(case, "1:1")
    passage, at = place(view, wanted)
    assert drops.drop(passage, "finding", "f7", at).isAccepted()
    drops.drop(passage, "finding", "f7", at, SHIFT)
    assert linked == [("f7", wanted, False), ("f7", wanted, True)]
    assert over == linked
    assert not drops.drop(passage, "finding", "f7", QPoint(2, passage.height() - 1)).isAccepted()
    assert not drops.drop(passage, "mention", "f7", at).isAccepted()
    stranger = QWidget()
    assert not drops.drop(passage, "finding", "f7", at, source=stranger).isAccepted()
    stranger.deleteLater()
    assert len(linked) == 2


def test_a_chip_is_dragged_only_from_where_it_stands(
    qtbot: Any, view: ReportView, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[tuple[object, ...]] = []
    monkeypatch.setattr("napari_callout.qt.passage.start_drag", lambda *what: dragged.append(what))
    wanted, chosen = mention_id(case, "1:1"), heard(view.said.chosen)
    passage, at = place(view, wanted)
    for start in (at, QPoint(2, passage.height() - 1)):
        qtbot.mousePress(passage, LEFT, pos=start)
        far = start + QPoint(0, 40)
        held = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(far),
            QPointF(passage.mapToGlobal(far)),
            Qt.MouseButton.NoButton,
            LEFT,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(passage, held)
        qtbot.mouseRelease(passage, LEFT, pos=far)
    assert [what[1:4] for what in dragged] == [("mention", wanted, case.mention("1:1").text)]
    assert chosen == []


def test_a_caption_is_typed_in_its_place(qtbot: Any, view: ReportView, case: Case) -> None:
    typed, block = heard(view.typed), view.blocks["figure 1"]
    qtbot.mouseDClick(block.passage, LEFT, pos=QPoint(5, 8))
    assert block.editor is not None
    assert block.passage.isHidden()
    qtbot.keyClicks(block.editor.text, " And more.")
    view.show_blocks(report_blocks(case, Selection(case.mentions[0].id)), progress(case))
    assert view.editors == (block.editor,)
    qtbot.keyClick(block.editor.text, Key.Key_Return, CONTROL)
    assert typed == [("figure", "1", case.report.figures[0].caption.text + " And more.")]  # type: ignore[union-attr]
    case.set_caption("1", typed[0][2])
    view.end_typing()
    view.show_blocks(report_blocks(case, Selection()), progress(case))
    assert block.editor is None
    assert block.passage.block.text.endswith("And more.")


def test_esc_leaves_the_words_as_they_were(qtbot: Any, view: ReportView) -> None:
    typed, block = heard(view.typed), view.blocks["body"]
    view.edit("body")
    assert block.editor is not None
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(block.editor.text, override)
    assert override.isAccepted()
    qtbot.keyClicks(block.editor.text, "x")
    qtbot.keyClick(block.editor.text, Key.Key_Escape)
    assert block.editor is None
    assert typed == []
    assert not block.passage.isHidden()
    view.show_blocks([block.block], None, editable=False)
    view.edit("body")
    assert block.editor is None


def test_a_case_without_a_report_gets_a_caption(qtbot: Any) -> None:
    view = ReportView()
    qtbot.addWidget(view)
    view.show_blocks((), None)
    view.show()
    typed = heard(view.typed)
    qtbot.mouseClick(view.type_caption, LEFT)
    assert view.new is not None
    assert view.new.label.text() == "1"
    view.new.label.setText("2A")
    qtbot.keyClicks(view.new.text, "Axial CT: cavity (1).")
    qtbot.mouseClick(view.new.keep, LEFT)
    assert typed == [("new figure", "2A", "Axial CT: cavity (1).")]
    view.end_typing()
    assert view.new is None
    view.show_blocks((), None, case=False)
    assert view.type_caption.isHidden()


def test_a_state_has_a_cue_beside_its_colour(view: ReportView, case: Case) -> None:
    mention = mention_id(case, "1:1")
    seen = set()
    for state, reason in (("todo", ""), ("draft", ""), ("done", ""), ("flagged", "why"), ("not drawn", "histology")):
        case.set_mention_state(mention, state, reason)
        view.show_blocks(report_blocks(case, Selection()), progress(case))
        passage, _ = place(view, mention)
        picture = passage.grab(passage.rect_of(mention).toAlignedRect()).toImage()
        grey = bytes(
            QColor(picture.pixel(x, y)).lightness() for y in range(picture.height()) for x in range(picture.width())
        )
        assert grey not in seen, state
        seen.add(grey)
        assert state.replace("todo", "to do").replace("draft", "drafted") in passage.block.chips[0].note


def test_offsets_hold_where_letters_are_wide(qtbot: Any, view: ReportView) -> None:
    text = "😀😀 a cavity here"
    chip = Chip("1:#1", 5, 11, "todo", "#D55E00", "cavity: to do")
    view.show_blocks([TextBlock("Figure 1", text, (chip,), id="1", is_figure=True)], None)
    QApplication.processEvents()
    passage = view.blocks["figure 1"].passage
    rect, letters = passage.rect_of("1:#1"), passage.fontMetrics()
    assert abs(rect.left() - 4 - letters.horizontalAdvance("😀😀 a ")) < 6
    assert abs(rect.width() - letters.horizontalAdvance("○\u00a0cavity")) < 8


@pytest.fixture
def large_letters() -> Iterator[None]:
    """Letters twice as large."""
    change_look(DARK, 200)
    yield
    change_look(DARK, 100)


@pytest.mark.usefixtures("large_letters")
def test_large_letters_and_long_captions_are_never_cut(view: ReportView) -> None:
    text = "Axial CT shows a cavity. " * 200
    chips = (Chip("1:#1", len(text) - 8, len(text) - 2, "todo", "#D55E00", "cavity: to do"),)
    view.show_blocks([TextBlock("Figure 1", text, chips, "0 of 1 drawn", "1", True)], None)
    passage = view.blocks["figure 1"].passage
    view.show_mention("1:#1")
    QApplication.processEvents()
    QApplication.processEvents()
    assert passage.width() <= view.area.viewport().width()
    rect = passage.rect_of("1:#1")
    assert rect.bottom() < passage.height()
    seen = view.area.viewport().rect()
    assert seen.contains(passage.mapTo(view.area.viewport(), rect.center().toPoint()))


@pytest.mark.parametrize("text", ["left sided hydroureteronephrosis above it", "x" * 300])
def test_no_letter_of_a_word_longer_than_a_line_is_lost(qapp: Any, text: str) -> None:
    chip = Chip("1:#1", text.rfind("hydro") if "hydro" in text else 0, len(text), "todo", DARK.text, "")
    spans, words = spelled(TextBlock("", text, (chip,)))
    layout = Broken(words, spans, QApplication.font()).layout(80)
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    assert all(line.naturalTextWidth() <= 80 for line in lines)
    assert sum(line.textLength() for line in lines) == len(words)
