"""Small menus: the state of a finding or mention, its links, why it is not drawn, and what to do to a region."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QLineEdit, QMenu, QWidget, QWidgetAction

from napari_callout.panes.commands import Entry
from napari_callout.session.links import LinkChoice
from napari_callout.session.offers import Offer
from napari_callout.session.rows import NOT_DRAWN_REASONS

Decide = Callable[[str, str], None]
Extras = Sequence[tuple[str, Callable[[], object]]]
REASONS_SHOWN = 60  # characters of what speaks for a proposal
ROOM = 24  # links that a menu lists; the rest are drawn together


def thing_menu(  # what a menu shows of a finding or a mention, from top to bottom
    parent: QWidget,
    decide: Decide,
    offers: Sequence[tuple[Offer, str]] = (),
    links: tuple[str, Sequence[LinkChoice]] = ("", ()),
    tie: Callable[[str], object] = lambda thing_id: None,
    extras: Extras = (),
    choices: tuple[str, Sequence[LinkChoice], Callable[[str], object]] = ("", (), lambda thing_id: None),
) -> QMenu:
    """A menu of proposals (offer, the id of its other end), links (title, choices), states, choices and `extras`.

    decide: called with a state and a reason; tie: with the id of what is linked, or no longer. choices: a title, what
    there is, and what is called with the id of what was chosen.
    """
    menu = QMenu(parent)
    for offer, other in offers:
        words = offer.mention if other == offer.mention_id else offer.finding
        action = menu.addAction(f"Link to {_shown(words)}: {_shown(_cut(offer.reasons))}")
        action.triggered.connect(lambda _=False, other=other: tie(other))
    if offers:
        menu.addSeparator()
    if links[1]:
        add_links(menu.addMenu(links[0]), links[1], tie)
        menu.addSeparator()
    for words, state in (("&Done", "done"), ("D&rafted", "draft"), ("&To do", "todo")):
        menu.addAction(words).triggered.connect(lambda _=False, state=state: decide(state, ""))
    add_why(menu.addMenu("&Flagged"), "flagged", decide)
    add_reasons(menu.addMenu("&Not drawn"), decide)
    if choices[1]:
        add_links(menu.addMenu(choices[0]), choices[1], choices[2])
    if extras:
        menu.addSeparator()
    for words, do in extras:
        menu.addAction(words).triggered.connect(lambda _=False, do=do: do())
    return menu


def links_menu(parent: QWidget, choices: Sequence[LinkChoice], tie: Callable[[str], object], nothing: str) -> QMenu:
    """What something is linked to, ticked, and what it could be linked to; `nothing`: said where there is neither."""
    menu = QMenu(parent)
    add_links(menu, choices, tie)
    if not choices:
        menu.addAction(nothing).setEnabled(False)
    return menu


def reasons_menu(parent: QWidget, decide: Decide) -> QMenu:
    """Why something is not drawn."""
    menu = QMenu(parent)
    menu.addAction("Not drawn, because").setEnabled(False)  # the style shows no words of a section
    add_reasons(menu, decide)
    return menu


def text_menu(parent: QWidget, actions: Extras) -> QMenu:
    """What can be done with a text."""
    menu = QMenu(parent)
    for words, do in actions:
        menu.addAction(words).triggered.connect(lambda _=False, do=do: do())
    return menu


def add_links(menu: QMenu, choices: Sequence[LinkChoice], tie: Callable[[str], object]) -> None:
    """A line for each, ticked where it is linked; one that is clicked is linked, or no longer."""
    for number, choice in enumerate(choices):
        place = menu if number < ROOM else _more(menu)
        action = place.addAction(_shown(choice.text))
        action.setCheckable(True)
        action.setChecked(choice.linked)
        action.triggered.connect(lambda _=False, choice=choice: tie(choice.id))


def add_reasons(menu: QMenu, decide: Decide) -> None:
    """The usual reasons, each with a number as its key, and room to type another."""
    for number, reason in enumerate(NOT_DRAWN_REASONS, start=1):
        action = menu.addAction(f"&{number}  {reason.capitalize()}")
        action.triggered.connect(lambda _=False, reason=reason: decide("not drawn", reason))
    add_why(menu, "not drawn", decide)


def add_why(menu: QMenu, state: str, decide: Decide) -> None:
    """A line to type the reason for a state; Enter decides."""
    line, action = QLineEdit(menu), QWidgetAction(menu)
    line.setPlaceholderText("Another reason, then Enter" if menu.actions() else "Why? Then Enter")
    line.setAccessibleName(f"Reason for {state}")
    line.setMinimumWidth(line.fontMetrics().horizontalAdvance(line.placeholderText()) + 30)
    action.setDefaultWidget(line)
    if not menu.actions():  # there is nothing else to do here than to type
        menu.aboutToShow.connect(lambda: QTimer.singleShot(0, line.setFocus))
    menu.addAction(action)

    def take() -> None:
        reason = line.text().strip()
        if reason:
            popup = QApplication.activePopupWidget()
            while isinstance(popup, QMenu) and popup.isVisible():  # the menus that led here go too
                popup.close()
                popup = QApplication.activePopupWidget()
            decide(state, reason)

    line.returnPressed.connect(take)


def _more(menu: QMenu) -> QMenu:
    last = menu.actions()[-1].menu()
    return last if isinstance(last, QMenu) else menu.addMenu("More")


def _shown(words: str) -> str:
    """Words of a case in a menu, where & would be a key."""
    return words.replace("&", "&&")


def _cut(words: str) -> str:
    return words if len(words) <= REASONS_SHOWN else words[: REASONS_SHOWN - 1] + "…"


def entries_menu(parent: QWidget, entries: Sequence[Entry], key: Callable[[str], str], text: str = "") -> QMenu:
    """A menu of these lines, each with its key; where they have parts, with menus of their own."""
    menu = QMenu(_shown(text), parent)
    for entry in entries:
        keys = key(entry.action) if entry.action and not entry.parts else ""
        if entry.parts:
            menu.addMenu(entries_menu(menu, entry.parts, key, entry.text))
        else:
            action = menu.addAction(f"{_shown(entry.text)}\t{keys}" if keys else _shown(entry.text))
            action.setEnabled(entry.enabled)
            action.triggered.connect(lambda _=False, do=entry.do: do())
    return menu
