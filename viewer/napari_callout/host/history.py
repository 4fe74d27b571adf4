"""The history in the window: a tab behind the series, which goes where an edit was made, and back to it."""

from __future__ import annotations

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QDockWidget

from napari_callout.host.shell import Shell
from napari_callout.qt.history import HistoryView
from napari_callout.session import Session
from napari_callout.session.history import go_back_to, go_to_edit


class History(QObject):
    """Follows the case while it is seen."""

    def __init__(self, shell: Shell, session: Session, behind: QDockWidget) -> None:
        super().__init__(shell.main_window)
        self._session, self.view = session, HistoryView()
        self.dock = shell.add_dock("History", self.view, left=False)
        shell.lay_over(self.dock, behind)
        self.dock.visibilityChanged.connect(lambda seen: self._follow())
        session.opened.connect(self._follow)
        session.edited.connect(self._follow)
        self.view.chosen.connect(lambda number: session.attempt(lambda: go_to_edit(session, number)))
        self.view.back.connect(lambda number: session.attempt(lambda: go_back_to(session, number)))

    def show(self) -> None:
        """Bring it to the front."""
        self.dock.show()
        self.dock.raise_()

    def _follow(self) -> None:
        if self.view.isVisible():
            self.view.follow(self._session.case)
