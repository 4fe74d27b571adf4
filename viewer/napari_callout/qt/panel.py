"""The frame that all our panels share."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtGui import QKeyEvent, QResizeEvent
from qtpy.QtWidgets import QAbstractButton, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_callout.qt.look import panel_sheet, wear

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Panel(QWidget):
    """A quiet column of widgets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        wear(self, panel_sheet)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(6, 4, 6, 4)
        self.column.setSpacing(4)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Enter presses the button that has the focus; a dock would hand it on to napari's canvas."""
        button = self.focusWidget()
        if event.key() in ENTER and isinstance(button, QAbstractButton) and button.hasFocus():
            button.click()
        else:
            super().keyPressEvent(event)


def plain(text: str, parent: QWidget) -> QLabel:
    """Words of a case or a file: shown as they are, also where they look like markup."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def hint(text: str) -> str:
    """Such words as a tooltip, which takes for markup whatever looks like it."""
    return f"<p>{escape(text)}</p>".replace("\n", "<br>") if text else ""


def heading(text: str, parent: QWidget) -> QLabel:
    """A small grey title."""
    label = QLabel(text, parent)
    label.setProperty("heading", True)
    return label


def quiet(text: str, parent: QWidget) -> QLabel:
    """A grey line that may wrap."""
    label = plain(text, parent)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label


class Note(QLabel):
    """A quiet word that is cut where there is no room, and makes nothing wider."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words = ""

    def show_words(self, words: str) -> None:
        """Show other words."""
        self._words = words
        self.setToolTip(hint(words))
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """Other words in another width."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, self.width()))


def menu_button(parent: QWidget, name: str, asked: Callable[[QPoint], object]) -> QToolButton:
    """A small ⋯ that asks for a menu, at a place on the screen; `name` says which."""
    button = QToolButton(parent)
    button.setObjectName("menu")
    button.setText("⋯")
    button.setToolTip(hint(name))
    button.setAccessibleName(name)
    button.clicked.connect(lambda: asked(button.mapToGlobal(QPoint(0, button.height()))))
    return button


class Rows(QScrollArea):
    """A column of rows that is made anew, and scrolled to what is chosen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._row: QWidget | None = None
        self._laid_out = QTimer(self)  # goes with this widget, unlike a single shot
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(self._reveal)

    def show_content(self, inner: QWidget, chosen: QWidget | None) -> None:
        """Show `inner` where it was scrolled to, or so that `chosen` in it is seen.

        What was there before goes once the click that led here is over.
        """
        at = self.verticalScrollBar().value()
        before = self.takeWidget()
        self.setWidget(inner)
        self.verticalScrollBar().setValue(at)
        if before is not None:
            before.hide()
            before.deleteLater()
        self._row = chosen
        if chosen is not None:
            self._laid_out.start(0)

    def reveal(self, row: QWidget) -> None:
        """Scroll so that a row is seen, once all is laid out."""
        self._row = row
        self._laid_out.start(0)

    def forget(self, row: QWidget) -> None:
        """A row goes."""
        if self._row is row:
            self._row = None

    def _reveal(self) -> None:
        if self._row is not None:
            self.ensureWidgetVisible(self._row, 0, 60)  # with a bit of what stands around it
