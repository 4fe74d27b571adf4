"""Opening and making: the file dialogs, what is dropped on the window, recent cases and samples."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QMainWindow, QWidget

from callout.dicom import Found, Skipped
from callout.errors import CalloutError, printable
from callout.preferences import read_preferences
from napari_callout.session import Session
from napari_callout.session.errand import Errand, Tell
from napari_callout.session.opening import is_case
from napari_callout.session.paths import opens
from napari_callout.session.recent import forget_case, note_case

READER = "reader"  # who makes a case, where neither the command nor the preferences say a name
CASES = "Cases (*.callout)"
FILES = "Cases, zips and DICOMDIR (*.callout *.zip DICOMDIR *.dcm);;All files (*)"
REPORTS = "Reports (*.txt *.md *.pdf *.docx)"
CLOSING_SECONDS = 5.0  # that an errand is waited for


class Files(QObject):
    """Takes paths to the session; what does not open is told in the window.

    Signals: `searching` (words, files read, in all; "" when it is over), `dragged` (whether something that opens is
    held over the window), `listed` (the recent cases are others).
    """

    searching = Signal(str, int, int)
    dragged = Signal(bool)
    listed = Signal()
    _told = Signal(object, object)  # from an errand's thread to this one
    _ended = Signal(object)

    def __init__(self, session: Session, window: QMainWindow, reader: str | None, all_readers: bool = False) -> None:
        super().__init__(window)
        self._session, self._named, self._all_readers = session, reader, all_readers
        self._study: tuple[str, ...] = ()
        self.refused: tuple[Skipped, ...] = ()  # of the study that is open
        self._errand: Errand[Any] | None = None
        self._words, self._where, self._then = "", "", cast(Callable[[Any], object], None)
        self._told.connect(self._on_told)
        self._ended.connect(self._on_ended)
        window.setAcceptDrops(True)
        for widget in (window, *(child for child in window.findChildren(QWidget) if child.acceptDrops())):
            widget.installEventFilter(self)  # napari's canvas would take what is ours

    @property
    def _window(self) -> QWidget:
        return cast(QWidget, self.parent())

    @property
    def _reader(self) -> str | None:
        """Who reads: as the command says, else the preferences."""
        return self._named or read_preferences(lambda text: self._session.told.emit(text, True)).reader

    # Opening ---------------------------------------------------------------------------------------------------------

    def open(self, paths: Sequence[str | os.PathLike[str]]) -> bool:
        """Open one case, or a study of folders and files; False, and told why, where it can't be."""
        names = [os.fspath(path) for path in paths]
        if len(names) == 1 and is_case(names[0]):
            return self._open_case(names[0])
        taken: list[bool] = []
        return self._session.attempt(lambda: taken.append(self._take(names, _search(names)))) and taken[0]

    def begin(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        """Open as `open` does, but look for the series of a study in the background; what is open stays until then."""
        names = [os.fspath(path) for path in paths]
        cases = [name for name in names if is_case(name)]
        if cases:
            self.open(cases[:1])
        else:
            self._look(names, lambda found: self._take(names, found))

    def begin_images(self, folder: str) -> None:
        """Find the case's images again in a folder: it is looked through in the background, and known by heart then."""
        session = self._session
        self._look([folder], lambda found: session.attempt(lambda: session.relink(folder)))

    def begin_sample(self, name: str) -> None:
        """Make a fresh case of a sample in a temporary folder, and open it."""
        self._do("Making the sample case", lambda tell: _make_sample(name), self._take_sample)

    def cancel(self) -> None:
        """End what is being looked for; what is open stays."""
        if self._errand is not None:
            self._errand.cancel()

    def close(self) -> None:
        """End what is being looked for, and wait for it."""
        errand, self._errand = self._errand, None
        if errand is not None:
            errand.cancel()
            errand.wait(CLOSING_SECONDS)

    def _open_case(self, name: str) -> bool:
        session = self._session
        self.cancel()
        opened = session.attempt(lambda: session.open_case(name, self._reader, self._all_readers))
        if opened:
            self.refused = ()
            note_case(name)
        elif not os.path.exists(name):
            forget_case(name)
        self.listed.emit()
        return opened

    def _take(self, names: Sequence[str], found: Found) -> bool:
        before = self.refused
        self.refused = tuple(one for one in found.skipped if one.kind == "refused")
        if not self._session.attempt(lambda: self._session.take_study(found.series)):
            self.refused = before
            return False
        self._study = tuple(names)
        if self.refused:
            count = f"{len(self.refused)} file{'s' if len(self.refused) > 1 else ''} or series"
            self._session.told.emit(f"{count} could not be opened: the list of series says why", True)
        return True

    def _take_sample(self, path: str) -> None:
        session = self._session
        if session.attempt(lambda: session.open_case(path, self._reader)):
            self.refused = ()
            session.told.emit(f"a sample, of no patient; it is kept with the temporary files: {path}", False)

    # What takes a while ----------------------------------------------------------------------------------------------

    def _look(self, names: Sequence[str], then: Callable[[Found], object]) -> None:
        where = os.path.basename(os.path.normpath(names[0])) + (" and others" if len(names) > 1 else "")
        self._where = printable(where)
        self._do(f"Looking through {self._where}", lambda tell: _search(names, tell), then)

    def _do(self, words: str, work: Callable[[Tell], Any], then: Callable[[Any], object]) -> None:
        self.cancel()
        self._words, self._then = words, then
        self.searching.emit(f"{words} …", 0, 0)
        self._errand = Errand(work, self._told.emit, self._ended.emit)

    def _on_told(self, errand: Errand[Any], counts: tuple[int, ...]) -> None:
        if errand is self._errand and not errand.cancelled:
            read, in_all, series = counts
            self.searching.emit(f"{progress_text(read, in_all, series)} in {self._where}", read, in_all)

    def _on_ended(self, errand: Errand[Any]) -> None:
        if errand is not self._errand:
            return
        self._errand = None
        self.searching.emit("", 0, 0)
        if errand.cancelled:
            self._session.told.emit("cancelled: nothing was opened", False)
        elif isinstance(errand.error, CalloutError):
            self._session.told.emit(str(errand.error), True)
        elif errand.error is not None:
            self._session.told.emit(f"{self._words}: it can't be opened ({errand.error!r})", True)
        else:
            self._then(errand.result)

    # Asking ----------------------------------------------------------------------------------------------------------

    def ask_study(self) -> None:
        """Ask for a folder of DICOM."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open study")
        if folder:
            self.begin([folder])

    def ask_case(self) -> None:
        """Ask for a case file, or for a file that holds a study."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open case", "", FILES)
        if name:
            self.begin([name])

    def ask_images(self) -> None:
        """Ask for the folder that the case's images moved to."""
        folder = QFileDialog.getExistingDirectory(self._window, "Find images")
        if folder:
            self.begin_images(folder)

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

        made = session.attempt(make)
        if made:
            self.refused = ()
            note_case(name)
            self.listed.emit()
        return made

    # Dropping --------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """A folder, a zip, a DICOMDIR or a case dropped anywhere on the window is opened."""
        if event.type() == QEvent.Type.DragLeave:
            self.dragged.emit(False)
        elif isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            ours = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
            ours = [path for path in ours if opens(path)]
            entering = isinstance(event, QDragEnterEvent)
            self.dragged.emit(bool(ours) and entering)
            if ours:
                event.acceptProposedAction()
                if not entering:
                    self.begin(ours)
                return True
        return False


def progress_text(read: int, in_all: int, series: int) -> str:
    """How far a search is.

    >>> progress_text(412, 2310, 6), progress_text(0, 2310, 0)
    ('412 of 2,310 files, 6 series', '2,310 files listed')
    """
    return f"{read:,} of {in_all:,} files, {series} series" if read else f"{in_all:,} files listed"


def _search(names: Sequence[str], tell: Tell | None = None) -> Found:
    """The series at or below these paths. NoImages where there is none."""
    from callout.dicom import no_images, scan

    found = scan(names, tell)
    if not found.series:
        raise no_images(found, ", ".join(names))
    return found


def _make_sample(name: str) -> str:
    """A fresh case of a sample; its path."""
    from tempfile import mkdtemp

    from callout.cli.demo import demo_case

    path = Path(mkdtemp(prefix="callout-")) / f"{name}.callout"
    demo_case(name, path).close()
    return str(path)
