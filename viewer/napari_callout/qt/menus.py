"""Small menus: the state of a finding or of a mention."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtWidgets import QInputDialog, QMenu, QWidget

from napari_callout.session.rows import NOT_DRAWN_REASONS

Decide = Callable[[str, str], None]


def state_menu(parent: QWidget, decide: Decide, extras: tuple[tuple[str, Callable[[], object]], ...] = ()) -> QMenu:
    """A menu that calls `decide` with a state and a reason; `extras` stand below."""
    menu = QMenu(parent)
    for words, state in (("Done", "done"), ("Drafted", "draft"), ("To do", "todo")):
        menu.addAction(words).triggered.connect(lambda _=False, state=state: decide(state, ""))
    menu.addAction("Flagged…").triggered.connect(lambda: _with_reason(parent, "flagged", decide))
    reasons = menu.addMenu("Not drawn")
    for reason in NOT_DRAWN_REASONS:
        reasons.addAction(reason.capitalize()).triggered.connect(
            lambda _=False, reason=reason: decide("not drawn", reason)
        )
    reasons.addAction("Another reason…").triggered.connect(lambda: _with_reason(parent, "not drawn", decide))
    if extras:
        menu.addSeparator()
    for words, action in extras:
        menu.addAction(words).triggered.connect(lambda _=False, action=action: action())
    return menu


def _with_reason(parent: QWidget, state: str, decide: Decide) -> None:
    reason, given = QInputDialog.getText(parent, state.capitalize(), "Why?")
    if given and reason.strip():
        decide(state, reason.strip())
