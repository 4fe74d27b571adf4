"""The findings panel: rows, drops, proposals, and the search for what a new finding is; without napari."""

from __future__ import annotations

from typing import Any

import drops
import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtWidgets import QApplication

from napari_callout.qt.findings import FindingsView
from napari_callout.qt.menus import links_menu, reasons_menu, thing_menu
from napari_callout.session.links import LinkChoice
from napari_callout.session.naming import Naming
from napari_callout.session.offers import Offer
from napari_callout.session.rows import FindingRow, MentionRow

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
OFFER = Offer("f1", "1:#1", "cavity", "cavitating lesion (1), fig. 1", "cavity, right")
CAVITY = FindingRow("f1", "cavity", ("5 × 4 mm",), "draft", "", "#D55E00", False, True, OFFER)
FOREIGN = FindingRow("f2", "mass", (), "draft", "", "#E69F00", False, False)
WORDS = MentionRow("1:#1", "cavitating lesion", "fig. 1 (1)", "todo", "", "#D55E00", False, OFFER)
OUT = MentionRow("2:#1", "osteoid", "fig. 2", "not drawn", "histology", "#999999", False)


@pytest.fixture
def view(qtbot: Any) -> FindingsView:
    one = FindingsView()
    qtbot.addWidget(one)
    one.resize(280, 600)
    one.show_rows((CAVITY, FOREIGN), (WORDS,), (OUT,))
    one.show()
    one.activateWindow()
    qtbot.waitUntil(one.isActiveWindow)
    return one


def heard(signal: Any) -> list[Any]:
    found: list[Any] = []
    signal.connect(lambda *said: found.append(said if len(said) > 1 else said[0]))
    return found


def test_rows_that_stay_keep_their_focus(qtbot: Any, view: FindingsView) -> None:
    row = view.rows["f1"]
    row.setFocus()
    changed = FindingRow("f1", "cavity", ("6 × 4 mm", "drafted · fig. 1"), "done", "", "#D55E00", True, True)
    view.show_rows((changed, FOREIGN), (WORDS,), (OUT,))
    assert view.rows["f1"] is row
    assert "6 × 4 mm" in row.accessibleName()
    view.show_rows((changed,), (WORDS,), (OUT,))
    QApplication.processEvents()
    assert view.rows["f1"].hasFocus()
    assert set(view.rows) == {"f1", "1:#1", "2:#1"}


def test_chips_are_dropped_on_findings_and_findings_on_words(view: FindingsView) -> None:
    linked = heard(view.linked)
    drops.drop(view.rows["f1"], "mention", "3:#2", QPoint(9, 9))
    drops.drop(view.rows["1:#1"], "finding", "f9", QPoint(9, 9), SHIFT)
    assert not drops.drop(view.rows["f1"], "finding", "f9", QPoint(9, 9)).isAccepted()
    assert linked == [("f1", "3:#2", False), ("f9", "1:#1", True)]


def test_what_is_proposed_is_taken_by_a_click_or_a_key(qtbot: Any, view: FindingsView) -> None:
    from napari_callout.qt.rows import OfferButton

    accepted = heard(view.accepted)
    button = view.rows["f1"].findChild(OfferButton)
    assert "cavitating lesion" in button.accessibleName()
    qtbot.mouseClick(button, LEFT)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert accepted == [("finding", "f1"), ("finding", "f1")]
    view.show_rows((CAVITY.__class__(**{**CAVITY.__dict__, "offer": None}), FOREIGN), (WORDS,), (OUT,))
    assert button.isHidden()


def test_hovering_is_said_and_shown(view: FindingsView) -> None:
    hovered = heard(view.hovered)
    row = view.rows["f1"]
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    assert hovered == [("", "")]
    view.light({"f1"}, {"1:#1"})
    assert [thing for thing, one in view.rows.items() if one.property("lit")] == ["f1", "1:#1"]
    view.light(())
    assert not row.property("lit")


def test_anothers_finding_has_no_menu(view: FindingsView) -> None:
    from qtpy.QtWidgets import QToolButton

    assert view.rows["f1"].findChild(QToolButton) is not None
    assert view.rows["f2"].findChild(QToolButton) is None


def test_a_new_finding_is_searched_and_named_by_keys(qtbot: Any, view: FindingsView) -> None:
    named = heard(view.named)
    qtbot.mouseClick(view.new, LEFT)
    assert view.naming is not None
    text = view.naming.text
    qtbot.keyClicks(text, "ground gl")
    assert view.naming.choices[0].concept == "ground-glass opacity"
    qtbot.mouseClick(view.naming.sides["left"], LEFT)
    qtbot.keyClick(text, Qt.Key.Key_Down)
    qtbot.keyClick(text, Qt.Key.Key_Up)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert named == [("", Naming("ground-glass opacity", "left"))]
    text.setText("qqqq")
    assert not view.naming.nothing.isHidden()
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert len(named) == 1
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    assert view.naming is None


def test_a_finding_is_called_otherwise(qtbot: Any, view: FindingsView) -> None:
    named = heard(view.named)
    view.ask_name("f1", Naming("cavity", "right"))
    assert view.naming is not None
    assert view.naming.text.text() == "cavity"
    qtbot.keyClicks(view.naming.text, "consolidation")
    qtbot.keyClick(view.naming.text, Qt.Key.Key_Return)
    assert named == [("f1", Naming("consolidation", "right"))]


def test_a_long_word_makes_the_panel_no_wider(qtbot: Any, view: FindingsView) -> None:
    long = FindingRow("f1", "hydro" * 30, ("x" * 200,), "draft", "", "#D55E00", False, True, OFFER)
    view.show_rows((long,), (), ())
    QApplication.processEvents()
    assert view.rows["f1"].width() <= view.width()


def test_menus_propose_tick_and_give_reasons(qtbot: Any, view: FindingsView) -> None:
    said: list[object] = []
    choices = [
        LinkChoice("f1", "cavity & bulla", True),
        *(LinkChoice(f"f{n}", f"mass {n}", False) for n in range(2, 40)),
    ]
    menu = thing_menu(view, lambda *what: said.append(what), [(OFFER, "f1")], ("Linked to", choices), said.append)
    menu.actions()[0].trigger()
    assert menu.actions()[0].text() == "Link to cavity: cavity, right"
    links = next(action.menu() for action in menu.actions() if action.text() == "Linked to")
    assert [action.text() for action in links.actions() if action.isChecked()] == ["cavity && bulla"]
    assert links.actions()[-1].text() == "More"
    links.actions()[1].trigger()
    next(action for action in menu.actions() if action.text() == "&Done").trigger()
    reasons = reasons_menu(view, lambda *what: said.append(what))
    next(action for action in reasons.actions() if "Not visible" in action.text()).trigger()
    assert said == ["f1", "f2", ("done", ""), ("not drawn", "not visible")]
    assert not links_menu(view, (), said.append, "there are none").actions()[0].isEnabled()
