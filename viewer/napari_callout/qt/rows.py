"""One line of a list: a swatch, a name, quiet facts below, a menu, and what is proposed."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, Qt, Signal
from qtpy.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from napari_callout.qt.dragging import dragged, is_far, start_drag, wants_alone
from napari_callout.qt.look import as_ink
from napari_callout.qt.panel import ENTER, hint, menu_button, plain, quiet


class Row(QFrame):
    """Says `clicked` on a click or Enter, and `asked` (place on the screen) where its menu is wanted.

    `hovered`: whether the cursor is on it. `dropped` and `aimed`: the id of what is
    dropped or held over it, and whether with Shift. `accepted`: what is proposed is taken.
    """

    clicked = Signal()
    asked = Signal(QPoint)
    hovered = Signal(bool)
    dropped = Signal(str, bool)
    aimed = Signal(str, bool)
    accepted = Signal()

    def __init__(self, parent: QWidget, sign: str, colour: str, title: str, lines: tuple[str, ...]) -> None:
        super().__init__(parent)
        self.setObjectName("row")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 3, 2, 3)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        self._grid = grid
        self._swatch, self._colour, self._swatch_ink = QLabel(self), "", ""
        grid.addWidget(self._swatch, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.title = plain("", self)
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)  # a long word is cut, and makes no row wider
        grid.addWidget(self.title, 0, 1)
        self._words_shown: tuple[str, str, str, tuple[str, ...]] | None = None
        self._below: QLabel | None = None
        self._offer: OfferButton | None = None
        self._menu: QToolButton | None = None
        self.stands_for: tuple[str, str] | None = None  # kind and id of what is dragged from here
        self._takes = ""  # the kind of what may be dropped here
        self._from: QPoint | None = None
        self.show_facts(sign, colour, title, lines)

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_facts(self, sign: str, colour: str, title: str, lines: tuple[str, ...]) -> None:
        """Show other words in the same place; nothing happens where they stand there already."""
        facts = (sign, colour, title, lines)
        if facts == self._words_shown:
            return
        self._words_shown = facts
        self._colour = colour
        self._swatch.setText(sign)
        self._colour_swatch()
        self.title.setText(title)
        if self._below is None and lines:
            self._below = quiet("", self)
            self._below.setMinimumWidth(1)
            self._grid.addWidget(self._below, 1, 1, 1, 2)
        if self._below is not None:
            self._below.setText("\n".join(lines))
            self._below.setVisible(bool(lines))
        self.setAccessibleName(", ".join((title, *lines)))

    def _colour_swatch(self) -> None:
        worn = as_ink(self._colour)
        if worn != self._swatch_ink:
            self._swatch_ink = worn
            self._swatch.setStyleSheet(f"color: {worn};")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other colours around it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_swatch_ink"):
            self._colour_swatch()

    def add_menu(self, name: str) -> None:
        """Put the button there that asks for the menu."""
        if self._menu is None:
            self._menu = menu_button(self, name, self.asked.emit)
            self._grid.addWidget(self._menu, 0, 2, Qt.AlignmentFlag.AlignTop)
        self._menu.setToolTip(hint(name))
        self._menu.setAccessibleName(name)

    def show_offer(self, words: str, reasons: str) -> None:
        """Show a link that is proposed; "" where none is."""
        if self._offer is None and words:
            self._offer = OfferButton(self)
            self._offer.clicked.connect(self.accepted)
            self._grid.addWidget(self._offer, 20, 1, 1, 2)
        if self._offer is not None:
            self._offer.show_words(f"propose: {words}")
            self._offer.setAccessibleName(f"Link to {words}")
            self._offer.setToolTip(hint(f"Link to {words} (Y)\n{reasons}"))
            self._offer.setVisible(bool(words))

    def set_foreign(self, why: str) -> None:
        """Show that it can be looked at, but is not to be changed here."""
        self.title.setProperty("quiet", True)
        self.title.setStyleSheet("font-style: italic;")
        self.setToolTip(why)

    def set_chosen(self, chosen: bool) -> None:
        """Show whether it is what is chosen."""
        self._show("chosen", chosen)

    def set_lit(self, lit: bool) -> None:
        """Show that it is meant by what the cursor is on."""
        self._show("lit", lit)

    def _show(self, name: str, value: bool) -> None:
        if bool(self.property(name)) != value:
            self.setProperty(name, value)
            for widget in (self, *self.findChildren(QWidget)):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def set_ends(self, drags: tuple[str, str], takes: str) -> None:
        """`drags`: kind and id; `takes`: the kind of what may be dropped here."""
        self.stands_for, self._takes = drags, takes
        self.setAcceptDrops(True)

    # The hand --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Enter is this row's while it has the focus, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain_key = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain_key and event.key() in ENTER:
                event.accept()
                return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Enter chooses too."""
        if event.key() in ENTER:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """What may become a click or a drag begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """It is dragged."""
        if self._from is not None and self.stands_for and is_far(self._from, event.position().toPoint()):
            self._from = None
            start_drag(self, *self.stands_for, self.title.text(), self._colour)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A click chooses."""
        if self._from is not None and self.rect().contains(event.position().toPoint()):
            self._from = None
            self.clicked.emit()
        self._from = None

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802  # Qt's own name
        """The cursor comes."""
        super().enterEvent(event)
        self.hovered.emit(True)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """The cursor goes."""
        super().leaveEvent(event)
        self.hovered.emit(False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's own name
        """A right click, or the menu key, asks for the menu."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.asked.emit(self.menu_place() if by_key else event.globalPos())

    def menu_place(self) -> QPoint:
        """Where its menu opens by key, on the screen."""
        return self.mapToGlobal(QPoint(8, self.height()))

    # Drops -----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's own name
        """What it can be linked to may be dropped here."""
        if self._takes and dragged(event, self._takes, self):
            event.setDropAction(Qt.DropAction.LinkAction)
            event.accept()
            self.set_lit(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802  # Qt's own name
        """Says what would be linked."""
        event.setDropAction(Qt.DropAction.LinkAction)
        event.accept()
        self.aimed.emit(dragged(event, self._takes, self), wants_alone(event))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802  # Qt's own name
        """Nothing is aimed here."""
        self.set_lit(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's own name
        """Something was dropped."""
        self.set_lit(False)
        thing = dragged(event, self._takes, self)
        if thing:
            event.setDropAction(Qt.DropAction.LinkAction)
            event.accept()
            self.dropped.emit(thing, wants_alone(event))


class OfferButton(QPushButton):
    """A quiet line that proposes something; it is cut where there is no room, and makes nothing wider."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("offer")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._words = ""

    def show_words(self, words: str) -> None:
        """Show other words."""
        self._words = words
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """Other words in another width."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        room = max(self.width() - 18, 40)
        words = self._words.replace("&", "&&")
        self.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
