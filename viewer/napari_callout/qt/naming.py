"""What a finding is: a search through the concepts while one types, and its side."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from qtpy.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_callout.qt.editor import editor_sheet
from napari_callout.qt.look import wear
from napari_callout.qt.panel import quiet
from napari_callout.session.naming import SIDES, ConceptChoice, Naming, concept_choices, naming

SIDE_WORDS = {None: "no side", "left": "left", "right": "right", "bilateral": "both"}
SWATCH = 12  # px


class NamingView(QWidget):
    """Says `named` (a `Naming`) on Enter or a click, and `left` on Esc."""

    named = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget, title: str, now: Naming | None = None) -> None:
        super().__init__(parent)
        wear(self, editor_sheet)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 6, 6)
        column.setSpacing(4)
        column.addWidget(quiet(title, self))
        self.text = QLineEdit(now.name or now.concept if now else "", self)
        self.text.setPlaceholderText("What is it? Type a term")
        self.text.setAccessibleName(title)
        self.text.installEventFilter(self)
        column.addWidget(self.text)
        self.found = QListWidget(self)
        self.found.setAccessibleName("Concepts that fit")
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows in the field move through it
        self.found.setIconSize(QSize(SWATCH, SWATCH))
        self.found.itemClicked.connect(lambda _: self.accept())
        column.addWidget(self.found)
        self.nothing = quiet("", self)
        column.addWidget(self.nothing)
        self._side = now.laterality if now else None
        self.sides: dict[str | None, QPushButton] = {}
        column.addLayout(self._side_buttons())
        column.addWidget(quiet("↑ ↓ choose, Enter takes it, Esc leaves", self))
        self.choices: tuple[ConceptChoice, ...] = ()
        self.text.textChanged.connect(self._search)
        self._search(self.text.text())

    def _side_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        group = QButtonGroup(self)
        for side in SIDES:
            button = QPushButton(SIDE_WORDS[side], self)
            button.setCheckable(True)
            button.setChecked(side == self._side)
            button.setAccessibleName(f"Side: {SIDE_WORDS[side]}")
            button.clicked.connect(lambda _=False, side=side: self._take_side(side))
            group.addButton(button)
            row.addWidget(button)
            self.sides[side] = button
        row.addStretch(1)
        return row

    def begin(self) -> None:
        """Take the keys, with all that stands there selected."""
        self.text.setFocus()
        self.text.selectAll()

    def accept(self) -> None:
        """Take the concept that is marked."""
        number = self.found.currentRow()
        if 0 <= number < len(self.choices):
            self.named.emit(naming(self.choices[number], self._side))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """Enter, Esc and the arrows of the field are ours, before the window's."""
        ours = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)
        if isinstance(event, QKeyEvent) and event.key() in ours:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._press(Qt.Key(event.key()))
                return True
        return False

    def _press(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.found.setCurrentRow(min(max(self.found.currentRow() + step, 0), self.found.count() - 1))
        else:
            self.accept()

    def _take_side(self, side: str | None) -> None:
        self._side = side
        self.text.setFocus()

    def _search(self, text: str) -> None:
        self.choices = concept_choices(text)
        self.found.clear()
        for choice in self.choices:
            swatch = QPixmap(SWATCH, SWATCH)
            swatch.fill(QColor(choice.colour))
            words = f"{choice.said}  ({choice.concept})" if choice.said else choice.concept
            self.found.addItem(QListWidgetItem(QIcon(swatch), words))
        self.found.setCurrentRow(0)
        self.found.setVisible(bool(self.choices))
        height = max(self.found.sizeHintForRow(0), self.fontMetrics().height() + 4)
        self.found.setFixedHeight(height * max(len(self.choices), 1) + 6)
        unknown = bool(text.strip()) and not self.choices
        self.nothing.setText("No concept has these words. Try a shorter term, or “lesion”." if unknown else "")
        self.nothing.setVisible(unknown)
