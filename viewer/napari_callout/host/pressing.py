"""Space and Enter press the button that has the focus, Enter ends a field: both are keys of the window too."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMainWindow, QWidget

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ButtonKeys(QObject):
    """Sees what the focused widget of a window leaves over, before the window does."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """Keep the two from the window's shortcuts; a button knows Space itself, but not Enter, and a field both."""
        if not isinstance(event, QKeyEvent) or event.key() not in (Qt.Key.Key_Space, *ENTER):
            return False
        button = QApplication.focusWidget()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if _is_field(button) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if not isinstance(button, QAbstractButton):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in ENTER:
            button.click()
            return True
        return False


def _is_field(widget: QWidget | None) -> bool:
    return isinstance(widget, QLineEdit) or (isinstance(widget, QComboBox) and widget.isEditable())
