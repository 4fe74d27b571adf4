"""The frame that all our panels share."""

from __future__ import annotations

from qtpy.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from napari_callout.qt.look import SHEET


class Panel(QWidget):
    """A quiet column of widgets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setStyleSheet(SHEET)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(6, 4, 6, 4)
        self.column.setSpacing(4)


def heading(text: str, parent: QWidget) -> QLabel:
    """A small grey title."""
    label = QLabel(text, parent)
    label.setProperty("heading", True)
    return label


def quiet(text: str, parent: QWidget) -> QLabel:
    """A grey line that may wrap."""
    label = QLabel(text, parent)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label


def replace_content(scroll: QScrollArea, inner: QWidget) -> None:
    """Show `inner` where it was scrolled to; what was there goes once the click that led here is over."""
    at = scroll.verticalScrollBar().value()
    before = scroll.takeWidget()
    scroll.setWidget(inner)
    scroll.verticalScrollBar().setValue(at)
    if before is not None:
        before.hide()
        before.deleteLater()
