"""Words that are typed in their place: a text, and for a new caption the label of its figure."""

from __future__ import annotations

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from napari_callout.qt.look import Palette, px, wear

LINES = (3, 14)  # at least and at most so many are shown
FITTED = 10_000  # characters, which are more lines than that


def editor_sheet(ink: Palette) -> str:
    """Of fields and lists in a panel."""
    return f"""
QPlainTextEdit, QLineEdit {{ background: {ink.raised}; color: {ink.text}; border: 1px solid {ink.line};
    border-radius: 3px; padding: 3px; selection-background-color: {ink.quiet}; }}
QListWidget {{ background: {ink.raised}; color: {ink.text}; border: 1px solid {ink.line}; border-radius: 3px; }}
QListWidget::item {{ padding: 2px; }}
QListWidget::item:selected {{ background: {ink.chosen}; color: {ink.text}; }}
QPlainTextEdit:focus, QLineEdit:focus {{ border-color: {ink.focus}; }}
"""


class Editor(QWidget):
    """Says `kept` (label, text) on Ctrl+Enter, and `left` on Esc; what is typed stays until one of them."""

    kept = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget, text: str, name: str, label: str | None = None) -> None:
        """`name`: what is typed, in words; `label`: the figure's, where it is asked for too."""
        super().__init__(parent)
        wear(self, editor_sheet)
        self.given = text
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        self.label = QLineEdit(label or "", self)
        self.label.setAccessibleName("Label of the figure")
        self.label.setMaximumWidth(px(90))
        if label is None:
            self.label.hide()
        else:
            row = QHBoxLayout()
            row.addWidget(QLabel("Figure", self))
            row.addWidget(self.label)
            row.addStretch(1)
            column.addLayout(row)
        self.text = QPlainTextEdit(text, self)
        self.text.setAccessibleName(name)
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(name)
        self.text.textChanged.connect(self._fit)
        column.addWidget(self.text)
        column.addLayout(self._buttons())
        for field in (self.text, self.label):
            field.installEventFilter(self)
        self._fit()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.keep, self.leave = QPushButton("Keep (Ctrl+Enter)", self), QPushButton("Leave (Esc)", self)
        self.keep.setToolTip("Keep what is typed; links stay where it still says them")
        self.leave.setToolTip("Leave the words as they were")
        self.keep.clicked.connect(self.finish)
        self.leave.clicked.connect(self.left)
        row.addWidget(self.leave)
        row.addWidget(self.keep)
        row.addStretch(1)
        return row

    @property
    def changed(self) -> bool:
        """Whether other words are typed than were given."""
        return self.text.toPlainText() != self.given

    def finish(self) -> None:
        """Keep what is typed; leave where it is what was given."""
        if self.changed:
            self.kept.emit(self.label.text().strip(), self.text.toPlainText())
        else:
            self.left.emit()

    def begin(self) -> None:
        """Take the keys, with the cursor at the end."""
        self.text.setFocus()
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """Ctrl+Enter and Esc are ours, before the window's."""
        if isinstance(event, QKeyEvent) and _is_ours(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.left.emit() if event.key() == Qt.Key.Key_Escape else self.finish()
                return True
        return False

    def _fit(self) -> None:
        """As high as the text, within bounds."""
        height = self.text.fontMetrics().lineSpacing()
        width = max(self.text.viewport().width(), 200)
        lines = 1 + self.text.fontMetrics().horizontalAdvance(self.text.toPlainText()[:FITTED]) * 1.1 // width
        self.text.setFixedHeight(round(height * min(max(lines + 1, LINES[0]), LINES[1])) + 12)


def _is_ours(event: QKeyEvent) -> bool:
    if event.key() == Qt.Key.Key_Escape:
        return True
    held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return bool(held) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
