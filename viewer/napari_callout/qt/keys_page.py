"""The page of keys: all that a key does, by what one is about to do; a key is changed where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from napari_callout.qt.panel import Panel, Rows, heading, hint, plain, quiet
from napari_callout.session.keys import BY_HAND, KeyRow

PRESS = "press a key"
HOW = "Click a key to change it. Esc closes this page."
MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
NO_KEY = "no key"


class KeyButton(QPushButton):
    """Shows keys; clicked, it waits for the new one. Says `pressed_key`."""

    pressed_key = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.waits = False
        self._shown = ""
        self.clicked.connect(lambda: self._wait(True))

    def show_keys(self, text: str, words: str) -> None:
        """Show keys, one a line; `words`: what they do."""
        self._shown = text or NO_KEY
        self.setAccessibleName(f"{words}: {' or '.join(self._shown.splitlines())}")
        self.setToolTip(hint(f"Change the key of “{words}”"))
        self._wait(False)

    def _wait(self, waits: bool) -> None:
        self.waits = waits
        self.setText(PRESS if waits else self._shown)
        self.setDown(waits)

    def event(self, event: QEvent) -> bool:
        """While it waits every key is its own: shortcuts, Tab and Enter too."""
        if self.waits and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
            event.accept()
            return True
        return bool(super().event(event))

    def _take(self, event: QKeyEvent) -> None:
        key = key_of(event)
        if key:
            self._wait(False)
        if key and key != "Esc":
            self.pressed_key.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's own name
        """It waits no more."""
        self._wait(False)
        super().focusOutEvent(event)


class KeysPage(Panel):
    """Says `changed` (action, new key), `reset` (action), `reset_all`, and `closed`."""

    changed = Signal(str, str)
    reset = Signal(str)
    reset_all = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        top = QHBoxLayout()
        self.how = quiet(HOW, self)
        self.all = QPushButton("Reset all", self)
        self.all.setToolTip("Give every action its first keys again")
        self.all.clicked.connect(self.reset_all)
        top.addWidget(self.how, 1)
        top.addWidget(self.all)
        self.column.addLayout(top)
        self.problem = plain("", self)
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.column.addWidget(self.problem)
        self._scroll = Rows(self)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName("Keys")
        self.setFocusProxy(self._scroll)
        self.column.addWidget(self._scroll)
        self.buttons: dict[str, KeyButton] = {}
        self.resets: dict[str, QToolButton] = {}

    def show_rows(self, rows: Sequence[KeyRow]) -> None:
        """Show the table; rows that are there already change in place, so that none loses the focus."""
        if set(self.buttons) != {row.action.name for row in rows}:
            self._make(rows)
        for row in rows:
            self.buttons[row.action.name].show_keys("\n".join(row.keys), row.action.words)
            self.resets[row.action.name].setVisible(row.changed)
        self.all.setEnabled(any(row.changed for row in rows))
        self.show_problem("")

    def show_problem(self, text: str) -> None:
        """Show why a key was refused; "" takes it away."""
        self.problem.setText(f"⚠ {text}" if text else "")
        self.problem.setVisible(bool(text))

    def _make(self, rows: Sequence[KeyRow]) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        self.buttons, self.resets = {}, {}
        for group, members in groupby(rows, lambda row: row.action.group):
            column.addWidget(heading(group.capitalize(), inner))
            column.addLayout(self._group(inner, list(members)))
        column.addWidget(heading("By hand", inner))
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        for line, (what, words) in enumerate(BY_HAND):
            grid.addWidget(_words(words, inner), line, 0)
            grid.addWidget(quiet(what, inner), line, 1)
        column.addLayout(grid)
        column.addStretch(1)
        self._scroll.show_content(inner, None)

    def _group(self, inner: QWidget, rows: Sequence[KeyRow]) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(2)
        for line, row in enumerate(rows):
            name = row.action.name
            button, again = KeyButton(inner), QToolButton(inner)
            button.pressed_key.connect(lambda key, name=name: self.changed.emit(name, key))
            again.setText("↺")
            again.setAccessibleName(f"Reset the key of {row.action.words}")
            again.setToolTip(hint(f"Back to {' or '.join(row.action.keys)}"))
            again.clicked.connect(lambda _=False, name=name: self.reset.emit(name))
            self.buttons[name], self.resets[name] = button, again
            grid.addWidget(_words(row.action.words, inner), line, 0)
            grid.addWidget(again, line, 1)
            grid.addWidget(button, line, 2)
        return grid

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Esc closes the page."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _words(text: str, parent: QWidget) -> QLabel:
    label = plain(text, parent)
    label.setWordWrap(True)
    return label


def key_of(event: QKeyEvent) -> str:
    """The key that was pressed, as the table names it; "" for Ctrl, Shift and their kin alone."""
    if event.key() in (*MODIFIERS, 0, Qt.Key.Key_unknown):
        return ""
    kept = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if Qt.Key.Key_Space < event.key() <= Qt.Key.Key_AsciiTilde and not Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z:
        kept &= ~Qt.KeyboardModifier.ShiftModifier  # it made the sign: "?" is "?" on every keyboard
    if event.key() == Qt.Key.Key_Backtab:
        return "Shift+Tab"
    return QKeySequence(event.key() | kept.value).toString()
