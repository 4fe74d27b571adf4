"""The report as to-do list in a shown window, driven with mouse and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
from chips import LEFT, chip, click_chip, drag_to
from hands import CONTROL, drag, key, move, opened
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QLineEdit, QMenu

from callout.case import Case
from napari_callout.qt.rows import OfferButton

Key = Qt.Key


def links(case: Case) -> set[tuple[str, str]]:
    return {(link.finding_id, link.mention_id) for link in case.links}


def press(qtbot: Any, code: Any, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """A key wherever the focus is, an open menu included."""
    popup = QApplication.activePopupWidget()
    qtbot.keyClick(popup.focusWidget() or popup if popup else QApplication.focusWidget(), code, keys)
    QApplication.processEvents()


def test_drag_edit_accept_and_set_aside(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    one, two, three = (case.mention(name).id for name in ("1:1", "1:2", "2:arrow"))

    # a mention is chosen, and offers its tool; the key alone arms it
    click_chip(host, qtbot, two)
    assert host.session.armed == ""
    assert "brush for “ground glass opacity”" in host.hands.keys.text()
    key(host, qtbot, Key.Key_B)
    drag(host, qtbot, (20, 14), (20, 26))
    key(host, qtbot, Key.Key_Escape)
    (glass,) = case.findings
    qtbot.waitUntil(lambda: " mm · " in host.findings.rows[glass.id].accessibleName(), timeout=5000)

    # a new finding without words, named by keys, is drawn and proposed
    qtbot.mouseClick(host.findings.new, LEFT)
    qtbot.keyClicks(host.findings.naming.text, "consolidation")
    press(qtbot, Key.Key_Return)
    assert host.findings.naming is None
    new = case.findings[-1]
    assert host.session.selection.finding_id == new.id
    assert links(case) == {(glass.id, two)}
    offer = host.findings.rows[new.id].findChild(OfferButton)
    assert "consolidation" in offer.accessibleName()
    qtbot.mouseClick(offer, LEFT)
    assert links(case) == {(glass.id, two), (new.id, three)}
    key(host, qtbot, Key.Key_Z, CONTROL)
    assert links(case) == {(glass.id, two)}

    # a chip is dragged on a finding, the finding on the chip again: linked, and no longer
    passage, place = chip(host, one)
    row = host.findings.rows[glass.id]
    drag_to(passage, place, row, QPoint(30, 10))
    assert (glass.id, one) in links(case)
    passage, place = chip(host, one)
    drag_to(host.findings.rows[glass.id], QPoint(30, 10), passage, place)
    assert (glass.id, one) not in links(case)

    # not drawn, with a reason, by keys alone
    key(host, qtbot, Key.Key_R)
    passage, _ = chip(host, one)
    while passage.mention_at_focus != one:
        press(qtbot, Key.Key_Left)
    press(qtbot, Key.Key_Delete)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    press(qtbot, Key.Key_2)
    assert case.mention_state(case.mention(one)) == ("not drawn", "not visible")
    assert "not visible" in host.findings.rows[one].accessibleName()

    # flagged, and why, by keys alone
    host.reading.mention_menu(three, QPoint(50, 50))
    qtbot.wait(50)
    press(qtbot, Key.Key_F)
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget().focusWidget(), QLineEdit))
    qtbot.keyClicks(QApplication.activePopupWidget().focusWidget(), "is it one?")
    press(qtbot, Key.Key_Return)
    assert case.mention_state(case.mention(three)) == ("flagged", "is it one?")
    assert QApplication.activePopupWidget() is None

    # the caption is typed in its place; what lost its words is told; one undo brings all back
    before = case.report.figure("1").caption.text
    block = host.report.blocks["figure 1"]
    block.passage.setFocus()
    press(qtbot, Key.Key_F2)
    block.editor.text.selectAll()
    qtbot.keyClicks(block.editor.text, "Axial CT: cavitating lesion (1).")
    press(qtbot, Key.Key_Return, CONTROL)
    assert block.editor is None
    assert case.report.figure("1").caption.text == "Axial CT: cavitating lesion (1)."
    assert "lost the words" in host.hands.message.text()
    assert (glass.id, two) not in links(case)
    key(host, qtbot, Key.Key_Z, CONTROL)
    assert case.report.figure("1").caption.text == before
    assert (glass.id, two) in links(case)


def test_a_heading_hangs_its_figure_and_chips_light_up_regions(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.report.blocks["figure 2"].heading.setFocus()
    press(qtbot, Key.Key_Return)
    assert host.session.shown_series.description == made_study.CORONAL
    mention = case.mention("1:2")
    finding = case.add_finding("ground-glass opacity")
    case.link(finding, mention)
    passage, place = chip(host, mention.id)
    move(passage, place)
    assert host.session.lit == {finding.id}
    assert host.findings.rows[finding.id].property("lit")
    move(passage, QPoint(1, 1))
    assert not host.session.lit
    host.session.light({finding.id})
    assert passage._lit == {mention.id}
    host.session.light(())
    assert passage._lit == frozenset()


def test_words_being_typed_are_kept_when_the_case_is_left(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.report.edit("figure", "3")
    qtbot.keyClicks(host.report.blocks["figure 3"].editor.text, " Seen late.")
    host.session.close()
    assert host.report.blocks == {}
    host.session.open_case(case.path)
    assert host.session.case.report.figure("3").caption.text.endswith("Seen late.")


def test_links_are_made_and_broken_by_keys(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    mention, finding = case.mention("1:1"), case.add_finding("cavity")
    click_chip(host, qtbot, mention.id)
    for wanted in ({(finding.id, mention.id)}, set()):
        key(host, qtbot, Key.Key_L)
        press(qtbot, Key.Key_Down)
        press(qtbot, Key.Key_Return)
        assert links(case) == wanted
    key(host, qtbot, Key.Key_Y)
    assert links(case) == {(finding.id, mention.id)}


def test_a_case_without_a_report_gets_one(host: Any, qtbot: Any, tmp_path: Path) -> None:
    import callout

    host.session.take_case(callout.create_case(tmp_path / "b.callout", [made_study.images(tmp_path)], reader="r1"))
    QApplication.processEvents()
    qtbot.mouseClick(host.report.type_caption, LEFT)
    qtbot.keyClicks(host.report.new.text, "Coronal CT: cavity (1) in the left upper lobe.")
    press(qtbot, Key.Key_Return, CONTROL)
    case = host.session.case
    assert [mention.concept for mention in case.mentions] == ["cavity"]
    assert host.report.new is None
    key(host, qtbot, Key.Key_N)
    assert host.session.selection.mention_id == case.mentions[0].id
    assert host.session.shown_series.description == made_study.CORONAL
    key(host, qtbot, Key.Key_Z, CONTROL)
    assert case.mentions == ()
    assert host.session.selection.mention_id is None


def test_a_new_caption_takes_the_place_of_no_other(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    before = case.report.figure("1").caption.text
    host.report.typed.emit("new figure", "1", "Axial CT: a nodule (1).")
    assert case.report.figure("1").caption.text == before
    assert "has a caption already" in host.hands.message.text()
    host.report.typed.emit("new figure", "9", "Axial CT: a nodule (1).")
    assert case.report.figure("9").caption.text == "Axial CT: a nodule (1)."
