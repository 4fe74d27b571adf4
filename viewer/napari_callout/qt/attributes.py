"""The DICOM attributes of the image that is looked at: a list to search in and to copy from."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
)

from napari_callout.qt.look import Palette, panel_sheet, px, wear
from napari_callout.qt.panel import Panel, hint, quiet
from napari_callout.session.attributes import HIDDEN, AttributeRow, as_text, matching

COLUMNS = ("Attribute", "Value", "Tag", "VR")
NAME_WIDTH, VALUE_WIDTH = 150, 170  # px at first; the reader draws them wider
ROW = int(Qt.ItemDataRole.UserRole)
INDENT = "    "


def list_sheet(ink: Palette) -> str:
    """Of the list and its heads."""
    return f"""
QWidget#calloutPanel QTreeWidget {{ border: 1px solid {ink.line}; }}
QWidget#calloutPanel QTreeWidget:focus {{ border-color: {ink.focus}; }}
QWidget#calloutPanel QHeaderView::section {{
    background: {ink.raised}; border: none; padding: 2px 4px; color: {ink.quiet}; }}
"""


class AttributeList(QTreeWidget):
    """Rows; Ctrl+C copies those that are chosen. Says `copied` (how many)."""

    copied = Signal(int)

    def __init__(self, parent: Panel) -> None:
        super().__init__(parent)
        self.identity = False
        self.setAccessibleName("DICOM attributes")
        self.setHeaderLabels(list(COLUMNS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, px(NAME_WIDTH))
        self.setColumnWidth(1, px(VALUE_WIDTH))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_rows(self, rows: Sequence[AttributeRow], identity: bool) -> None:
        """Show these; identity: also what may tell who the patient is."""
        at, self.identity = self.verticalScrollBar().value(), identity
        self.clear()
        items = []
        for row in rows:
            item = QTreeWidgetItem([INDENT * row.depth + row.name, row.shown(identity), row.tag, row.vr])
            item.setData(0, ROW, row)
            if row.identity and row.shown(identity) == HIDDEN:
                font = item.font(1)
                font.setItalic(True)
                item.setFont(1, font)
            item.setToolTip(0, hint(f"{row.name} {row.tag}"))
            item.setToolTip(1, hint(row.shown(identity)))
            items.append(item)
        self.addTopLevelItems(items)
        self.verticalScrollBar().setValue(at)

    def event(self, event: QEvent) -> bool:
        """Ctrl+C is this list's while it has the focus."""
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.copy()
            return True
        return bool(super().event(event))

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, as they are seen."""
        chosen = sorted(self.selectedItems(), key=self.indexOfTopLevelItem)
        rows = [item.data(0, ROW) for item in chosen]
        QGuiApplication.clipboard().setText(as_text(rows, self.identity))
        self.copied.emit(len(rows))


class AttributesView(Panel):
    """Says `closed` where Esc puts it away."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        wear(self, panel_sheet, list_sheet)
        row = QHBoxLayout()
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("search: a tag, a name or a value")
        self.search.setAccessibleName("Search the attributes")
        self.search.setClearButtonEnabled(True)
        self.identity = QCheckBox("show identity", self)
        self.identity.setToolTip("Show names, numbers and comments that may tell who the patient is; off for each case")
        self.identity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.search, 1)
        row.addWidget(self.identity)
        self.column.addLayout(row)
        self.words = quiet("", self)
        self.column.addWidget(self.words)
        self.list = AttributeList(self)
        self.column.addWidget(self.list, 1)
        self.rows: tuple[AttributeRow, ...] = ()
        self._of = ""
        self.search.textChanged.connect(self._show)
        self.identity.toggled.connect(self._show)
        self.list.copied.connect(lambda count: self.words.setText(f"{self._of} · {count} copied"))

    def show_attributes(self, of: str, rows: tuple[AttributeRow, ...]) -> None:
        """Show the attributes of an image; of: what it is, in words."""
        self._of = of
        self.rows = rows
        self._show()

    def show_problem(self, of: str, problem: str) -> None:
        """Nothing can be shown, and why."""
        self._of, self.rows = of, ()
        self._show()
        self.words.setText(f"{of}\n{problem}")

    def forget(self) -> None:
        """Another case: nothing of the one before is kept, and identities are hidden."""
        self.identity.setChecked(False)
        self.search.clear()
        self.show_attributes("", ())

    def _show(self, *_: object) -> None:
        shown = matching(self.rows, self.search.text(), self.identity.isChecked())
        self.list.show_rows(shown, self.identity.isChecked())
        found = "" if len(shown) == len(self.rows) else f" · {len(shown)} of {len(self.rows)}"
        self.words.setText(f"{self._of}{found}")

    def event(self, event: QEvent) -> bool:
        """Esc is this list's while it has the focus."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
