"""The keys of the window: those of the table as the user changed them, bound before napari's own, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QMainWindow, QMenu

from callout.errors import InputError
from callout.preferences import read_preferences, write_preferences
from napari_callout.session.keys import ACTIONS, KeyRow, keys_with, refusal


class Keys(QObject):
    """What each action's keys are. Says `changed`."""

    changed = Signal()

    def __init__(self, window: QMainWindow, tell: Callable[[str, bool], object]) -> None:
        """`tell`: takes a sentence, and True where it is about something that did not work."""
        super().__init__(window)
        self._tell = tell
        self._actions: Mapping[str, Callable[[], object]] = {}
        self._shortcuts: list[QShortcut] = []
        changes = {name: _read(keys, name, tell) for name, keys in read_preferences().keys.items()}
        known = {name: keys for name, keys in changes.items() if keys is not None}
        self.keys = keys_with(known, lambda text: tell(text, True), self.theirs())

    @property
    def _window(self) -> QMainWindow:
        return cast(QMainWindow, self.parent())  # it is not held: napari lets go of it when it closes

    def bind(self, actions: Mapping[str, Callable[[], object]]) -> None:
        """Bind all keys to what they do, by name; a text field that has the focus keeps its own."""
        self._actions = actions
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts = []
        for name, keys in self.keys.items():
            for key in keys:
                shortcut = QShortcut(QKeySequence(key), self._window)
                shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                shortcut.setAutoRepeat(ACTIONS[name].repeats)
                shortcut.activated.connect(actions[name])
                self._shortcuts.append(shortcut)

    def rows(self) -> tuple[KeyRow, ...]:
        """The table, with the keys that are bound."""
        return tuple(
            KeyRow(action, tuple(shown(key) for key in self.keys[name]), self.keys[name] != action.keys)
            for name, action in ACTIONS.items()
        )

    def words(self, name: str) -> str:
        """The first key of an action, as this system writes it; "" where it has none."""
        return shown(self.keys[name][0]) if self.keys[name] else ""

    def change(self, name: str, key: str) -> str:
        """Make `key` the only one of an action. Returns why it can't be, or ""."""
        why = refusal(name, key, self.keys, self.theirs())
        if not why:
            self._take({**self.keys, name: (key,)})
        return why

    def reset(self, name: str) -> str:
        """Give an action the table's keys again. Returns why it can't be, or ""."""
        reasons = (refusal(name, key, self.keys, self.theirs()) for key in ACTIONS[name].keys)
        why = next((reason for reason in reasons if reason), "")
        if not why:
            self._take({**self.keys, name: ACTIONS[name].keys})
        return why

    def reset_all(self) -> None:
        """Give all actions the table's keys again."""
        self._take({name: action.keys for name, action in ACTIONS.items()})

    def theirs(self) -> dict[str, str]:
        """What the other menus of the window do with a key."""
        found = {}
        for menu in self._window.findChildren(QMenu):
            for action in menu.actions():
                for sequence in action.shortcuts():
                    found[sequence.toString()] = action.text().replace("&", "")
        return found

    def _take(self, keys: dict[str, tuple[str, ...]]) -> None:
        self.keys = keys
        if self._actions:
            self.bind(self._actions)
        self.changed.emit()
        before = read_preferences()
        kept = {name: own for name, own in before.keys.items() if name not in ACTIONS}  # of a later version
        changes = {name: own for name, own in keys.items() if own != ACTIONS[name].keys}
        try:
            write_preferences(replace(before, keys=kept | changes))
        except InputError as error:
            self._tell(f"the keys are changed until you close the window: {error}", True)


def shown(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _read(keys: tuple[str, ...], name: str, tell: Callable[[str, bool], object]) -> tuple[str, ...] | None:
    """Keys as the preferences spell them, in the table's spelling; None where one of them is none."""
    for key in keys:
        sequence = QKeySequence(key)
        if sequence.count() != 1 or sequence.toString() in ("", "Shift", "Ctrl", "Alt", "Meta"):
            tell(f"the preferences' key of “{name}”, {key!r}, is no key", True)
            return None
    return tuple(QKeySequence(key).toString() for key in keys)
