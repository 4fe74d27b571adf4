"""One text of the report with its heading: a figure that hangs with a click, and words that become an editor."""

from __future__ import annotations

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_callout.qt.editor import Editor
from napari_callout.qt.panel import Note, heading, menu_button
from napari_callout.qt.passage import Passage, Said
from napari_callout.session.rows import TextBlock


class BlockView(QWidget):
    """Says `figure_chosen` (label), `menu_asked` (place), and `typed` (text) once an editor was kept."""

    figure_chosen = Signal(str)
    menu_asked = Signal(QPoint)
    typed = Signal(str)

    def __init__(self, parent: QWidget, said: Said, block: TextBlock) -> None:
        super().__init__(parent)
        self.block = block
        self.heading: QPushButton | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 6, 0, 2)
        self.column.setSpacing(1)
        self.note = Note(self)
        is_title = block.id == "title" and not block.is_figure
        if is_title:
            self.note.hide()
        else:
            self.column.addLayout(self._head())
        self.passage = Passage(self, said, bold=is_title)
        self.column.addWidget(self.passage)
        self.editor: Editor | None = None
        self.show_block(block)

    def _head(self) -> QHBoxLayout:
        row, block = QHBoxLayout(), self.block
        row.setSpacing(6)
        if block.is_figure:
            self.heading = QPushButton(block.heading, self)
            self.heading.setObjectName("figure")
            self.heading.setFlat(True)
            self.heading.setCursor(Qt.CursorShape.PointingHandCursor)
            self.heading.setToolTip("Hang this figure: a view for each of its pictures (Enter)")
            self.heading.clicked.connect(lambda: self.figure_chosen.emit(self.block.id))
            row.addWidget(self.heading)
        else:
            row.addWidget(heading(block.heading, self))
        row.addWidget(self.note, 1)
        row.addWidget(menu_button(self, f"Menu of {block.heading.lower()}", self.menu_asked.emit))
        return row

    def show_block(self, block: TextBlock) -> None:
        """Show another state of the same text; an editor that is open stays as it is."""
        self.block = block
        self.note.show_words(block.note)
        self.passage.show_block(block)

    def edit(self) -> None:
        """The words become an editor."""
        if self.editor is None:
            self.editor = Editor(self, self.block.text, f"Words of {self.block.heading.lower()}")
            self.editor.kept.connect(lambda _, text: self._keep(text))
            self.editor.left.connect(self.leave)
            self.column.addWidget(self.editor)
            self.passage.hide()
        self.editor.begin()

    def leave(self) -> None:
        """The editor goes, with what is typed in it."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
            self.passage.show()
            self.passage.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self, text: str) -> None:
        self.typed.emit(text)
