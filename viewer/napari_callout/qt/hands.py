"""The bottom line: what the hand can do now, with its keys, and the value under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtGui import QFont, QFontMetrics, QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from napari_callout.qt.elided import Elided
from napari_callout.qt.look import ink, panel_sheet, say_how, wear
from napari_callout.qt.panel import plain

MESSAGE_MS = 7000
MARGIN, SPACING = 10, 12  # px
GAP, INSIDE = "\u00a0" * 3, "\u00a0"  # between two pairs; between a key and what it does


class HandsLine(QWidget):
    """One line: a message for a while, else as many keys as there is room for; the value at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        wear(self, panel_sheet)
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._widest = 0  # of the values so far, in px: keys do not come and go with the cursor
        self._added: list[QWidget] = []
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 2, MARGIN, 2)
        row.setSpacing(SPACING)
        self.keys = QLabel("", self)
        self.keys.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message = Elided(self)
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

    def add(self, widget: QWidget) -> None:
        """Something to set, before the keys; the line is always as high as with it."""
        self._row.insertWidget(0, widget)
        self._added.append(widget)
        self.setMinimumHeight(widget.sizeHint().height() + 4)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """What was added comes or goes, or has other letters."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest):
            self.setMinimumHeight(max(widget.sizeHint().height() for widget in self._added) + 4)
            self._fit()
        return False

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show (key, what it does) pairs, after the message where there is one; those in the middle may give way."""
        if tuple(keys) != self._pairs:
            self._pairs = tuple(keys)
            self.keys.setAccessibleName(", ".join(f"{key} {what}" for key, what in keys))
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """More or less room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other letters or colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_until"):
            self._widest = 0
            self._fit()

    def _fit(self) -> None:
        """The last pair says where the others are: the ones before it go first."""
        bold = QFont(self.keys.font())
        bold.setBold(True)
        metrics, heavy = self.keys.fontMetrics(), QFontMetrics(bold)

        def width(pair: tuple[str, str]) -> int:
            return heavy.horizontalAdvance(pair[0]) + metrics.horizontalAdvance(INSIDE + pair[1] + GAP)

        added = sum(one.sizeHint().width() + SPACING for one in self._added if not one.isHidden())
        room = self.width() - 2 * MARGIN - self._widest - SPACING - added
        shown = list(self._pairs)
        while len(shown) > 1 and sum(map(width, shown)) > room:
            del shown[-2]
        strong, weak = ink().text, ink().quiet
        parts = [
            f'<b style="color:{strong}">{escape(key)}</b>{INSIDE}<span style="color:{weak}">{escape(what)}</span>'
            for key, what in shown
        ]
        self.keys.setText(GAP.join(parts))

    def end_message(self) -> None:
        """Show the keys again."""
        self._until.stop()
        self.message.hide()
        self.keys.show()

    def show_message(self, text: str, failed: bool) -> None:
        """Show a sentence in the place of the keys for a while."""
        say_how(self.message, "warning", failed)
        self.message.setText(text)
        self.keys.hide()
        self.message.show()
        self._until.start()

    def show_value(self, text: str) -> None:
        """Show the value under the cursor and where it is."""
        self.value.setText(text)
        if self.value.sizeHint().width() > self._widest:
            self._widest = self.value.sizeHint().width()
            self._fit()
