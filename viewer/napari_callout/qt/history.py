"""The history: every edit with who and when, last one first; those that were taken back are grey."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, QPoint, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QListView, QMenu, QWidget

from napari_callout.qt.panel import Panel, hint, quiet
from napari_callout.session.history import HistoryLine, HistoryLines

NOTHING = "What is done in a case is listed here."
GREY = QColor("#808288")
Role = Qt.ItemDataRole


class _Lines(QAbstractListModel):
    """The lines, asked for one by one as they come into sight."""

    def __init__(self, lines: HistoryLines) -> None:
        super().__init__()
        self._lines = lines

    def rowCount(self, parent: Any = None) -> int:  # noqa: N802  # Qt's own name
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def data(self, index: Any, role: int = Role.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == Role.DisplayRole:
            return f"{line.words}\n{line.made}{'' if line.stands else ' · undone'}"
        if role == Role.ToolTipRole:
            return hint(f"Click: go there. Enter or double click: {_way(line)}")
        return GREY if role == Role.ForegroundRole and not line.stands else None

    def renew(self) -> None:
        """Lines came, or others stand now."""
        self.beginResetModel()
        self.endResetModel()


class HistoryView(Panel):
    """Says `chosen` (edit) on a click, and `back` (edit) where one wants to go back, or on, to it."""

    chosen = Signal(int)
    back = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = HistoryLines()
        self._model = _Lines(self.lines)
        self.empty = quiet(NOTHING, self)
        self.list = QListView(self)
        self.list.setObjectName("history")
        self.list.setAccessibleName("History")
        self.list.setModel(self._model)
        self.list.setUniformItemSizes(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.clicked.connect(lambda index: self.chosen.emit(self.lines[index.row()].number))
        self.list.activated.connect(lambda index: self.back.emit(self.lines[index.row()].number))
        self.list.customContextMenuRequested.connect(self._ask)
        self.column.addWidget(self.empty)
        self.column.addWidget(self.list)

    def follow(self, case: Any) -> None:
        """Show the history of a case, or of none."""
        self.lines.follow(case)
        self.empty.setVisible(not len(self.lines))
        self.list.setVisible(bool(len(self.lines)))
        at, row = self.list.verticalScrollBar().value(), self.list.currentIndex().row()
        self._model.renew()
        self.list.verticalScrollBar().setValue(at)
        if 0 <= row < len(self.lines):
            self.list.setCurrentIndex(self._model.index(row, 0, QModelIndex()))

    def _ask(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if index.isValid():
            line, menu = self.lines[index.row()], QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Go there").triggered.connect(lambda: self.chosen.emit(line.number))
            way = menu.addAction(_way(line).capitalize())
            way.setEnabled(line.own)
            way.triggered.connect(lambda: self.back.emit(line.number))
            menu.popup(self.list.viewport().mapToGlobal(place))


def _way(line: HistoryLine) -> str:
    return "undo what you did after this" if line.stands else "redo up to this"
