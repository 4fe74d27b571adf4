"""Opening and making: the file dialogs, and what is dropped on the window."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QMainWindow, QWidget

from callout.preferences import read_preferences
from napari_callout.session import Session
from napari_callout.session.volumes import is_case

READER = "reader"  # who makes a case, where neither the command nor the preferences say a name
CASES = "Cases (*.callout)"
REPORTS = "Reports (*.txt *.md *.pdf *.docx)"


class Files(QObject):
    """Takes paths to the session; what does not open is told in the window."""

    def __init__(self, session: Session, window: QMainWindow, reader: str | None, all_readers: bool = False) -> None:
        super().__init__(window)
        self._session, self._named, self._all_readers = session, reader, all_readers
        self._study: tuple[str, ...] = ()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @property
    def _window(self) -> QWidget:
        return cast(QWidget, self.parent())

    @property
    def _reader(self) -> str | None:
        """Who reads: as the command says, else the preferences."""
        return self._named or read_preferences(lambda text: self._session.told.emit(text, True)).reader

    def open(self, paths: Sequence[str | os.PathLike[str]]) -> bool:
        """Open one case, or a study of folders and files; False, and told why, where it can't be."""
        names = [os.fspath(path) for path in paths]
        session = self._session
        if len(names) == 1 and is_case(names[0]):
            return session.attempt(lambda: session.open_case(names[0], self._reader, self._all_readers))
        opened = session.attempt(lambda: session.open_study(names))
        if opened:
            self._study = tuple(names)
        return opened

    def ask_study(self) -> None:
        """Ask for a folder of DICOM."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open study")
        if folder:
            self.open([folder])

    def ask_case(self) -> None:
        """Ask for a case file."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open case", "", CASES)
        if name:
            self.open([name])

    def ask_images(self) -> None:
        """Ask for the folder that the case's images moved to."""
        folder = QFileDialog.getExistingDirectory(self._window, "Find images")
        if folder:
            self._session.attempt(lambda: self._session.relink(folder))

    def ask_new_case(self) -> None:
        """Ask where the study's new case goes, and for the report."""
        if not self._study:
            self._session.told.emit("open a study first: a case is made from its images", True)
            return
        name, _ = QFileDialog.getSaveFileName(self._window, "New case", "case.callout", CASES)
        if not name:
            return
        report, _ = QFileDialog.getOpenFileName(self._window, "Its report (Cancel for none)", "", REPORTS)
        self.make_case(name if is_case(name) else f"{name}.callout", report or None)

    def make_case(self, name: str, report: str | None) -> bool:
        """Make a case of the open study, and open it; the series and slice shown stay."""
        from callout import create_case

        session = self._session
        shown, k = session.series_id, session.k

        def make() -> None:
            session.take_case(create_case(Path(name), self._study, report, reader=self._reader or READER))
            if any(one.id == shown for one in session.series):
                session.show_series(str(shown), k)

        return session.attempt(make)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """A folder or case dropped on the window is opened."""
        if isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
            ours = [path for path in paths if is_case(path) or os.path.isdir(path)]
            if ours:
                event.acceptProposedAction()
                if not isinstance(event, QDragEnterEvent):
                    self.open(ours)
                return True
        return False
