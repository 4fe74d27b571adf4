"""A line of words that is cut with … where it has no room; all of them are in its tooltip."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLabel, QWidget

from napari_callout.qt.look import px
from napari_callout.qt.panel import hint

LEAST = 24  # px


class Elided(QLabel):
    """Its `text` is all of the words, whatever is seen of them."""

    def __init__(self, parent: QWidget, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, kept: int = 0) -> None:
        """`kept`: px of the words, in letters of 100 %, that do not give way."""
        super().__init__(parent)
        self._mode, self._kept = mode, kept
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = ""

    def text(self) -> str:
        """All of the words."""
        return self._whole

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's own name
        """Show other words."""
        if text != self._whole:
            self._whole = text
            self.setToolTip(hint(text))
            self.setAccessibleName(text)
            self._fit()
            self.updateGeometry()

    @property
    def _around(self) -> int:
        """The width of what is not words, in px."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(super().text())

    def _fit(self) -> None:
        room = self.width() - self._around
        seen = self.fontMetrics().elidedText(self._whole, self._mode, max(room, 0))
        if seen != super().text():
            super().setText(seen)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """As wide as all of the words."""
        width = self.fontMetrics().horizontalAdvance(self._whole) + self._around + 1
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """A few letters, or as many as are kept. No minimum width: a label adds that to what it says that it needs."""
        return QSize(min(max(LEAST, px(self._kept)), self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """More or less room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
