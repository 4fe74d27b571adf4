"""Our own menu in the menu bar: every action of the table, with its key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import groupby

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu

from napari_callout.session.keys import KeyRow


class CalloutMenu(QObject):
    """Says `pressed` (the name of an action). Its keys are only written: the window's shortcuts hear them."""

    pressed = Signal(str)

    def __init__(self, menu: QMenu, refused: Callable[[], Collection[str]]) -> None:
        """`refused`: the actions that do not serve when the menu opens."""
        super().__init__(menu)
        self._menu, self._refused = menu, refused
        self.actions: dict[str, QAction] = {}
        menu.aboutToShow.connect(self._enable)

    def show_rows(self, rows: Sequence[KeyRow]) -> None:
        """Write all actions, in a menu for each group."""
        if not self.actions:
            for group, members in groupby(rows, lambda row: row.action.group):
                inner = self._menu.addMenu(group.capitalize())
                for row in members:
                    name = row.action.name
                    self.actions[name] = inner.addAction("")
                    self.actions[name].triggered.connect(lambda _=False, name=name: self.pressed.emit(name))
        for row in rows:
            self.actions[row.action.name].setText("\t".join((row.action.words, *row.keys[:1])))

    def _enable(self) -> None:
        refused = self._refused()
        for name, action in self.actions.items():
            action.setEnabled(name not in refused)
