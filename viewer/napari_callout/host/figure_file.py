"""A figure as a file: asked for in the window, drawn and written in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from callout.errors import CalloutError, InputError
from callout.exports.files import slug, write_atomically
from callout.figures.render import KINDS
from callout.figures.snapshot import Snapshot
from napari_callout.session.errand import Errand
from napari_callout.session.preview import figure_file

if TYPE_CHECKING:
    from napari_callout.session import Session

FILTERS = {"png": "PNG (*.png)", "tiff": "TIFF (*.tiff)", "pdf": "PDF (*.pdf)", "svg": "SVG (*.svg)"}
CLOSING_SECONDS = 5.0  # that a file being written is waited for


class FigureFile(QObject):
    """Says in the session what became of it."""

    _ended = Signal(object)  # from the errand's thread to this one

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._session = session
        self._errand: Errand[tuple[str, ...]] | None = None
        self._ended.connect(self._on_ended)

    def close(self) -> None:
        """What is being written is written."""
        if self._errand is not None:
            self._errand.wait(CLOSING_SECONDS)

    def ask(self, label: str) -> None:
        """Ask where figure `label` goes."""
        if not label:
            self._session.told.emit("there is no figure to save", True)
            return
        window, first = cast(QWidget, self.parent()), f"figure-{slug(label)}.png"
        name, words = QFileDialog.getSaveFileName(window, "Save figure", first, ";;".join(FILTERS.values()))
        if name:
            kind = next((kind for kind, shown in FILTERS.items() if shown == words), "png")
            self.save(label, Path(name) if Path(name).suffix else Path(f"{name}.{kind}"))

    def save(self, label: str, path: Path) -> None:
        """Write figure `label` as the path's suffix says: the same bytes that `callout figure` writes."""
        self._session.attempt(lambda: self._save(label, path))

    def _save(self, label: str, path: Path) -> None:
        kind = next((one for one in KINDS if path.suffix.lower() in (f".{one}", f".{one[:3]}")), None)
        if kind is None:
            raise InputError("a figure is no such file", path.name, f"choose one of {', '.join(KINDS)}")
        self._session.save()  # what is drawn
        if self._session.case is None:
            raise InputError("there is no case, so there are no figures")
        snapshot = Snapshot.of(self._session.case, label)

        def work(tell: Callable[..., None]) -> tuple[str, ...]:
            data, notes = figure_file(snapshot, label, kind)
            write_atomically(path, data)
            return (f"figure {label} is saved: {path}", *notes)

        self._errand = Errand(work, lambda errand, counts: None, self._ended.emit)

    def _on_ended(self, errand: Errand[tuple[str, ...]]) -> None:
        error = errand.error
        if error is not None:
            words = str(error) if isinstance(error, CalloutError) else f"the figure can't be written ({error})"
            self._session.told.emit(words, True)
        elif errand.result:
            self._session.told.emit(" · ".join(errand.result), False)
