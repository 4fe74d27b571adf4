"""The bottom line: what the hand can do now, with its keys, and the value under the cursor."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from napari_callout.qt.look import QUIET, SHEET, TEXT, WARNING
from napari_callout.qt.panel import hint, plain

MESSAGE_MS = 7000


class HandsLine(QWidget):
    """One line: a message for a while, else the keys; the value at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setStyleSheet(SHEET)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        self.keys = QLabel("", self)
        self.keys.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message = plain("", self)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setObjectName("message")
        self.message.hide()
        self.value = plain("", self)
        row.addWidget(self.keys, 1)
        row.addWidget(self.message, 1)
        row.addWidget(self.value)
        self._until = QTimer(self)
        self._until.setSingleShot(True)
        self._until.setInterval(MESSAGE_MS)
        self._until.timeout.connect(self.end_message)

    def show_keys(self, keys: tuple[tuple[str, str], ...]) -> None:
        """Show (key, what it does) pairs, after the message where there is one."""
        parts = [
            f'<b style="color:{TEXT}">{escape(key)}</b> <span style="color:{QUIET}">{escape(what)}</span>'
            for key, what in keys
        ]
        self.keys.setText("&nbsp;&nbsp;&nbsp;".join(parts))

    def end_message(self) -> None:
        """Show the keys again."""
        self._until.stop()
        self.message.hide()
        self.keys.show()

    def show_message(self, text: str, failed: bool) -> None:
        """Show a sentence in the place of the keys for a while."""
        self.message.setStyleSheet(f"color: {WARNING if failed else TEXT};")
        self.message.setText(text)
        self.message.setToolTip(hint(text))
        self.keys.hide()
        self.message.show()
        self._until.start()

    def show_value(self, text: str) -> None:
        """Show the value under the cursor and where it is."""
        self.value.setText(text)
