"""The figure that is being made: which one, its panels in their order, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtGui import QAction, QDropEvent, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from napari_callout.qt.panel import Panel, hint, quiet
from napari_callout.qt.preview import PreviewView
from napari_callout.session.figure import EXTRAS, PanelRow

LEAST_LIST = 32  # px: a panel, scrolled
SIDE = 56  # pixels of a thumbnail
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
HOW = "Enter or double click: show in the view · Alt+↑ ↓ or drag: move · Delete: remove"
NOTES_SHOWN = 3
BUTTONS = (
    ("take panel", "Take view", "The view as it is seen becomes a panel"),
    ("replace panel", "Replace", "The view as it is seen takes the place of the chosen panel"),
    ("as proposed", "As proposed", "The figure as caption and links have it; Ctrl+Z takes that back"),
    ("save figure", "Save…", "Write the figure as PNG, TIFF, PDF or SVG"),
)
EXTRA_WORDS = {
    "outlines": "Outlines",
    "fills": "Fills",
    "letters": "Directions of the patient",
    "scale bar": "Scale bar",
}


@dataclass(frozen=True)
class FigureShown:
    """What the panel shows: the figures by label, the one that is made, its panels, and what is drawn on them.

    own: an author's recipe, not the one proposed. editable: False for a case to look only. why: said where there are no
    panels.
    """

    labels: tuple[str, ...] = ()
    label: str = ""
    rows: tuple[PanelRow, ...] = ()
    extras: frozenset[str] = frozenset()
    own: bool = False
    editable: bool = False
    why: str = ""


class PanelList(QListWidget):
    """The panels. Says `shown`, `removed` (panel) and `moved` (panel, where to); it changes nothing itself."""

    shown = Signal(int)
    removed = Signal(int)
    moved = Signal(int, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("figurePanels")
        self.setAccessibleName("Panels of the figure")
        self.setToolTip(HOW)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.itemDoubleClicked.connect(lambda item: self.shown.emit(self.row(item)))

    def event(self, event: QEvent) -> bool:
        """The list's own keys are not the window's while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()
            return True
        return bool(super().event(event))

    def _is_ours(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        alone = held == Qt.KeyboardModifier.NoModifier
        moving = held == Qt.KeyboardModifier.AltModifier and event.key() in ARROWS
        return moving or (alone and event.key() in (*ENTER, *ARROWS, Qt.Key.Key_Delete))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """See HOW."""
        at = self.currentRow()
        if not self._is_ours(event) or at < 0:
            super().keyPressEvent(event)
        elif event.key() in ENTER:
            self.shown.emit(at)
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(at)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            to = at + (1 if event.key() == Qt.Key.Key_Down else -1)
            if 0 <= to < self.count():
                self.moved.emit(at, to)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's own name
        """A panel was dragged to another place; the rows follow once the case has it so."""
        at = self.currentRow()
        over = self.indexAt(event.position().toPoint()).row()
        below = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.BelowItem
        to = self.count() if over < 0 else over + (1 if below else 0)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # or Qt would take the row away
        event.accept()
        to -= 1 if to > at else 0
        if at >= 0 and to != at:
            self.moved.emit(at, to)


class FigureView(Panel):
    """Says `figure_chosen` (label), `pressed` (name of a button), `extra_asked` (name, whether), and what the list and
    the preview say: `shown`, `removed`, `moved`, `cropped`; `seen` when it comes to be seen, or its preview's size is
    another."""

    figure_chosen = Signal(str)
    pressed = Signal(str)
    extra_asked = Signal(str, bool)
    shown = Signal(int)
    removed = Signal(int)
    moved = Signal(int, int)
    cropped = Signal(int, tuple)
    seen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: FigureShown | None = None
        self.figures = QComboBox(self)
        self.figures.setObjectName("figures")
        self.figures.setAccessibleName("Figure")
        self.figures.setToolTip("The figure that is made; it follows the chosen mention")
        self.figures.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.state = quiet("", self)
        self.list, self.preview = PanelList(self), PreviewView(self)
        self.notes = quiet("", self)
        self.notes.setObjectName("figureNotes")
        self.buttons = {name: self._button(name, words, tip) for name, words, tip in BUTTONS}
        self.drawn = QToolButton(self)
        self._extras = self._menu()
        self._lay_out()
        self.figures.activated.connect(lambda at: self.figure_chosen.emit(self.figures.itemData(at)))
        self.list.currentRowChanged.connect(self.preview.choose)
        self.list.shown.connect(self.shown)
        self.list.removed.connect(self.removed)
        self.list.moved.connect(self.moved)
        self.preview.chosen.connect(self.list.setCurrentRow)
        self.preview.cropped.connect(self.cropped)
        self.preview.resized.connect(self.seen)
        self.show_figure(FigureShown())

    def _button(self, name: str, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self.pressed.emit(name))
        return button

    def _menu(self) -> dict[str, QAction]:
        self.drawn.setText("Drawn ▾")
        self.drawn.setToolTip("What is drawn on the panels beside the caption's markers")
        self.drawn.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.drawn.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu, actions = QMenu(self.drawn), dict[str, QAction]()
        for name in EXTRAS:
            action = menu.addAction(EXTRA_WORDS[name])
            action.setCheckable(True)
            action.triggered.connect(lambda on, name=name: self.extra_asked.emit(name, on))
            actions[name] = action
        self.drawn.setMenu(menu)
        return actions

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.figures, 1)
        head.addWidget(self.state)
        self.column.addLayout(head)
        take = QHBoxLayout()
        take.addWidget(self.buttons["take panel"], 1)
        take.addWidget(self.buttons["replace panel"], 1)
        self.column.addLayout(take)
        self.list.setMinimumHeight(LEAST_LIST)
        self.column.addWidget(self.list, 2)
        self.column.addWidget(self.preview, 3)
        self.column.addWidget(self.notes)
        self.column.addStretch(0)  # what neither list nor preview needs
        foot = QGridLayout()
        for at, widget in enumerate((self.drawn, self.buttons["as proposed"], self.buttons["save figure"])):
            foot.addWidget(widget, 0, at)
        self.column.addLayout(foot)

    def show_keys(self, key: Callable[[str], str]) -> None:
        """Write the keys in the tooltips; `key` gives that of an action, "" for none."""
        for name, _, tip in BUTTONS:
            self.buttons[name].setToolTip(f"{tip} ({key(name)})" if key(name) else tip)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's own name
        """What is not seen is not drawn."""
        super().showEvent(event)
        self.seen.emit()

    @property
    def panel(self) -> int:
        """The chosen panel; −1 where there is none."""
        return int(self.list.currentRow())

    def choose(self, panel: int) -> None:
        """Choose a panel."""
        self.list.setCurrentRow(min(panel, self.list.count() - 1))

    def show_figure(self, shown: FigureShown) -> None:
        """Show these panels; nothing happens where they are shown already."""
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        if before is None or before.labels != shown.labels:
            self.figures.clear()
            for label in shown.labels:
                self.figures.addItem(f"Figure {label}", label)
        self.figures.setCurrentIndex(shown.labels.index(shown.label) if shown.label in shown.labels else -1)
        self.figures.setEnabled(len(shown.labels) > 1)
        self.state.setText(("edited" if shown.own else "proposed") if shown.rows else "")
        chosen = self.list.currentRow() if before is not None and before.label == shown.label else 0
        icons = [self.list.item(n).icon() for n in range(self.list.count())]
        self.list.clear()
        for number, row in enumerate(shown.rows):
            self.list.addItem(self._item(row, icons[number] if number < len(icons) else QIcon()))
        self.list.setMaximumHeight(max(len(shown.rows), 1) * self._row_height + 8)  # the preview has the rest
        self.choose(max(chosen, 0))
        self._enable(shown)
        if not shown.rows:
            self.show_notes(())
            self.preview.show_figure(None, (), shown.why)

    @property
    def _row_height(self) -> int:
        """Room for the thumbnail, and for three lines of words."""
        return max(SIDE, 3 * self.list.fontMetrics().height()) + 8

    def _item(self, row: PanelRow, icon: QIcon) -> QListWidgetItem:
        item = QListWidgetItem(
            icon, f"{row.letter} · {row.title}\n{row.facts}" if row.letter else f"{row.title}\n{row.facts}"
        )
        item.setToolTip(hint(f"{row.title}\n{row.facts}\n{HOW}"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (row.letter, row.title, row.facts))))
        item.setSizeHint(QSize(0, self._row_height))
        return item

    def _enable(self, shown: FigureShown) -> None:
        can = shown.editable and bool(shown.label)
        self.buttons["take panel"].setEnabled(can)
        self.buttons["replace panel"].setEnabled(can and bool(shown.rows))
        self.buttons["as proposed"].setEnabled(can and shown.own)
        self.buttons["save figure"].setEnabled(bool(shown.rows))
        self.drawn.setEnabled(can and any(not row.is_picture for row in shown.rows))
        self.list.setDragEnabled(can)
        for name, action in self._extras.items():
            action.setChecked(name in shown.extras)

    def show_notes(self, notes: Sequence[str]) -> None:
        """Say what could not be drawn as asked; all of it in the tooltip."""
        words = "\n".join(notes[:NOTES_SHOWN]) + (
            f"\n… {len(notes) - NOTES_SHOWN} more" if len(notes) > NOTES_SHOWN else ""
        )
        self.notes.setText(words)
        self.notes.setToolTip(hint("\n".join(notes)))
        self.notes.setVisible(bool(notes))

    def show_thumbnails(self) -> None:
        """Show each panel as the preview has it now."""
        for number in range(self.list.count()):
            pixmap = self.preview.thumbnail(number, SIDE)
            if not pixmap.isNull():
                icon = QIcon()
                for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # or a chosen one is tinted
                    icon.addPixmap(_squared(pixmap, self.devicePixelRatioF()), mode)
                self.list.item(number).setIcon(icon)


def _squared(pixmap: QPixmap, ratio: float) -> QPixmap:
    """In the middle of a square, so that all words begin in one line."""
    square = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    square.setDevicePixelRatio(ratio)
    square.fill(Qt.GlobalColor.transparent)
    painter = QPainter(square)
    size = pixmap.deviceIndependentSize()
    painter.drawPixmap(round((SIDE - size.width()) / 2), round((SIDE - size.height()) / 2), pixmap)
    painter.end()
    return square
