"""Vertebral levels: the small chooser of a name beside the hand, and the row that tells how they were counted."""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from callout.case.levels import TRANSITIONAL
from napari_callout.qt.look import Palette, panel_sheet, px, wear
from napari_callout.qt.panel import plain, quiet

BASES = (
    "counted down from C2",
    "counted up from S1",
    "last rib is T12's",
    "iliolumbar ligament is L5's",
    "as the report counts",
)
CHOOSER_WIDTH, LIST_HEIGHT = 170, 132  # px
MOST_SHOWN = 26


def boxes_sheet(ink: Palette) -> str:
    """Of the boxes in the row of the numbering."""
    return f"""
QWidget#calloutPanel QComboBox {{
    background: {ink.raised}; border: 1px solid {ink.line}; border-radius: 3px; padding: 2px 6px; }}
QWidget#calloutPanel QComboBox:hover {{ border-color: {ink.quiet}; }}
QWidget#calloutPanel QComboBox:focus {{ border-color: {ink.focus}; }}
QWidget#calloutPanel QComboBox QLineEdit {{ background: transparent; border: none; }}
"""


def chooser_sheet(ink: Palette) -> str:
    """Of the frame of the chooser."""
    return f"QFrame#calloutPanel {{ border: 1px solid {ink.line}; border-radius: 4px; }}"


@dataclass(frozen=True)
class NumberingRow:
    """How vertebrae are numbered; names: those that are marked, from the head down. reader: another one whose it is."""

    names: tuple[str, ...] = ()
    basis: str = ""
    transitional: str = TRANSITIONAL[0]
    reader: str = ""


class LevelChooser(QFrame):
    """Type a name or pick one. Says `chosen` (a name), or `removed`; Esc, or a click elsewhere, puts it away."""

    chosen = Signal(str)
    removed = Signal()
    closed = Signal()  # by a key or a choice, so that the picture has the keys again

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("calloutPanel")
        self.setAccessibleName("Name of the vertebra")
        wear(self, panel_sheet, chooser_sheet)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("L3")
        self.text.setAccessibleName("Vertebra")
        self.text.setToolTip("The name of this vertebra: type it, or pick it with the arrow keys; Enter marks it")
        self.names = QListWidget(self)
        self.names.setAccessibleName("Vertebrae")
        self.names.setFixedHeight(px(LIST_HEIGHT))
        self.remove = QPushButton("Remove this mark", self)
        self.remove.setToolTip("Take the mark of this vertebra away (Backspace on the picture)")
        for widget in (self.text, self.names, self.remove):
            column.addWidget(widget)
        self.setFixedWidth(px(CHOOSER_WIDTH))
        self.text.installEventFilter(self)
        self.text.textEdited.connect(self._find)
        self.text.returnPressed.connect(self._choose)
        self.names.itemClicked.connect(lambda item: self._say(item.text()))
        self.remove.clicked.connect(self._remove)
        self._elsewhere = QTimer(self)
        self._elsewhere.setSingleShot(True)
        self._elsewhere.timeout.connect(self._look_away)
        self.hide()

    def ask(self, place: QPoint, names: tuple[str, ...], name: str, offered: str) -> None:
        """Ask at a place of the parent; name: as it is called now, "" for a new one."""
        self.names.clear()
        self.names.addItems(list(names))
        self.remove.setVisible(bool(name))
        self.text.setText(offered)
        self.text.selectAll()
        self._find(offered or "L5")
        self.adjustSize()
        room = self._parent.rect()
        x = min(place.x() + 14, room.right() - self.width())
        self.move(max(x, 0), max(min(place.y() - 20, room.bottom() - self.height()), 0))
        self.show()
        self.raise_()
        self.text.setFocus()

    def _find(self, text: str) -> None:
        found = self.names.findItems(text.strip(), Qt.MatchFlag.MatchStartsWith)
        if found:
            self.names.setCurrentItem(found[0])
            self.names.scrollToItem(found[0], QListWidget.ScrollHint.PositionAtCenter)

    def _choose(self) -> None:
        item = self.names.currentItem()
        self._say(self.text.text().strip() or (item.text() if item else ""))

    def _say(self, name: str) -> None:
        self.put_away()
        if name:
            self.chosen.emit(name)

    def _remove(self) -> None:
        self.put_away()
        self.removed.emit()

    def _look_away(self) -> None:
        """The keys went elsewhere: nothing is chosen."""
        if not self.isAncestorOf(QApplication.focusWidget() or self._parent):
            self.hide()

    def put_away(self) -> None:
        """Hide it."""
        self.hide()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """Arrow keys pick; Esc puts it away; a key that is typed is no shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        if event.type() == QEvent.Type.FocusOut:
            self._elsewhere.start(0)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None:
                row = min(max(self.names.currentRow() + step, 0), self.names.count() - 1)
                self.names.setCurrentRow(row)
                self.text.setText(self.names.item(row).text())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.put_away()
                return True
        return False


class LevelsBar(QWidget):
    """The vertebrae that are marked, and how they were counted.

    Says `asked_for` (a name: go there), `removed` (a name), `basis_said` and `transitional_chosen` (words), `done`.
    """

    asked_for = Signal(str)
    removed = Signal(str)
    basis_said = Signal(str)
    transitional_chosen = Signal(str)
    done = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        wear(self, panel_sheet, boxes_sheet)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(6)
        row.addWidget(plain("Vertebrae", self))
        self.marked = QHBoxLayout()
        self.marked.setSpacing(3)
        row.addLayout(self.marked)
        self.words = quiet("", self)
        self.words.setWordWrap(False)
        row.addWidget(self.words)
        row.addStretch(1)
        row.addWidget(quiet("basis", self))
        self.basis = QComboBox(self)
        self.basis.setEditable(True)
        self.basis.addItems(["", *BASES])
        self.basis.setAccessibleName("How the vertebrae were counted")
        self.basis.setToolTip("How the vertebrae were counted: pick, or type and press Enter; kept in the case")
        self.basis.setMinimumWidth(px(190))
        row.addWidget(self.basis)
        row.addWidget(quiet("anatomy", self))
        self.transitional = QComboBox(self)
        self.transitional.addItems(list(TRANSITIONAL))
        self.transitional.setAccessibleName("Transitional anatomy")
        self.transitional.setToolTip("Transitional anatomy, or another number of vertebrae; kept in the case")
        row.addWidget(self.transitional)
        self.end = QPushButton("Done", self)
        self.end.setToolTip("End marking vertebrae (Esc)")
        self.end.clicked.connect(self.done)
        row.addWidget(self.end)
        self.shown = NumberingRow()
        self._buttons: list[QToolButton] = []
        self.basis.textActivated.connect(self._say_basis)
        edit = self.basis.lineEdit()
        assert edit is not None
        edit.editingFinished.connect(lambda: self._say_basis(self.basis.currentText()))
        self.transitional.textActivated.connect(self._say_transitional)

    def show_row(self, row: NumberingRow) -> None:
        """Show how they are numbered now."""
        if row.names != self.shown.names or not self.words.text():
            self._show_names(row.names)
        self.shown = row
        whose = f" · as {row.reader} has it" if row.reader else ""
        self.words.setText(("" if row.names else "click the middle of one on the picture, and name it") + whose)
        self.basis.setCurrentText(row.basis)
        self.transitional.setCurrentText(row.transitional)

    def _show_names(self, names: tuple[str, ...]) -> None:
        for gone in self._buttons:
            self.marked.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self._buttons = []
        for name in names[:MOST_SHOWN]:
            button = QToolButton(self)
            button.setText(name)
            button.setObjectName(name)
            button.setToolTip(f"{name}: go there, or take its mark away")
            menu = QMenu(button)
            menu.addAction("Go there").triggered.connect(lambda _=False, name=name: self.asked_for.emit(name))
            menu.addAction("Remove the mark").triggered.connect(lambda _=False, name=name: self.removed.emit(name))
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            self.marked.addWidget(button)
            self._buttons.append(button)

    def _say_basis(self, words: str) -> None:
        if words.strip() != self.shown.basis:
            self.basis_said.emit(words.strip())

    def _say_transitional(self, words: str) -> None:
        if words != self.shown.transitional:
            self.transitional_chosen.emit(words)
