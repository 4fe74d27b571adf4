"""A line of progress with a way to end it: what is being looked for, and how far it is."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from napari_callout.qt.look import Palette, wear
from napari_callout.qt.panel import hint, plain

BAR_WIDTH = 90  # px


def bar_sheet(ink: Palette) -> str:
    """A thin line."""
    return f"""
QProgressBar {{ background: {ink.line}; border: none; }}
QProgressBar::chunk {{ background: {ink.quiet}; }}
"""


class SearchLine(QWidget):
    """Hidden while nothing is looked for. Says `cancelled`."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(BAR_WIDTH, 4)
        wear(self.bar, bar_sheet)
        self.words = plain("", self)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setToolTip("End the search; what is open stays open")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pictures
        self.cancel.clicked.connect(self.cancelled)
        row.addWidget(self.bar)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel)
        self.hide()

    def show_progress(self, words: str, done: int = 0, in_all: int = 0) -> None:
        """Show how far it is, in words and as a part of all; "" ends it."""
        self.words.setText(words)
        self.words.setToolTip(hint(words))
        self.bar.setRange(0, in_all)  # 0: nobody knows yet
        self.bar.setValue(done)
        self.setVisible(bool(words))
