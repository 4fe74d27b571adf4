"""The DICOM attributes in the window: read in the background, of the image that is looked at."""

from __future__ import annotations

from qtpy.QtCore import QObject, QTimer, Signal

from callout.volume import Series
from napari_callout.host.shell import Shell
from napari_callout.qt.attributes import AttributesView
from napari_callout.session import Session
from napari_callout.session.attributes import AttributeRow, read_attributes
from napari_callout.session.errand import Errand

Rows = tuple[AttributeRow, ...]
REST_MS = 120  # until the hand rests on a slice


class Attributes(QObject):
    """Nothing is read while the list is not seen."""

    _read = Signal(object)  # from the errand's thread to this one

    def __init__(self, shell: Shell, session: Session) -> None:
        super().__init__(shell.main_window)
        self.session, self.view = session, AttributesView()
        self.dock = shell.add_dock("DICOM attributes", self.view, left=False)
        self.dock.hide()
        self._errand: Errand[Rows] | None = None
        self._seen: tuple[str, int] | None = None  # path and frame that are shown
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)
        self._read.connect(self._take)
        self.view.closed.connect(self.toggle)
        self.dock.visibilityChanged.connect(lambda shown: self._rest.start() if shown else None)
        session.opened.connect(self._forget)
        session.shown.connect(self._moved)
        session.moved.connect(lambda k: self._moved())

    def toggle(self) -> None:
        """Show the list, or put it away."""
        if self.dock.isVisible() and not self.dock.visibleRegion().isEmpty():
            self.dock.hide()
        else:
            self.dock.show()
            self.dock.raise_()
            self.view.search.setFocus()
            self._rest.start()

    def close(self) -> None:
        """Read no more."""
        self._rest.stop()
        self._errand = None

    def _forget(self) -> None:
        self._errand, self._seen = None, None
        self.view.forget()

    def _moved(self) -> None:
        if self.dock.isVisible():
            self._rest.start()

    def _look(self) -> None:
        series, k = self.session.shown_series, self.session.k
        if series is None or not self.dock.isVisible():
            return
        instance = series.instances[k]
        wanted = (instance.path, instance.frame)
        if wanted != self._seen:
            self._seen = wanted
            self._errand = Errand(lambda tell: read_attributes(*wanted), lambda errand, counts: None, self._read.emit)

    def _take(self, errand: Errand[Rows]) -> None:
        series = self.session.shown_series
        if errand is not self._errand or series is None:
            return
        if errand.error is not None:
            self.view.show_problem(_image(series, self.session.k), str(errand.error))
        else:
            self.view.show_attributes(_image(series, self.session.k), errand.result or ())


def _image(series: Series, k: int) -> str:
    return f"{series.title}, slice {k}"
