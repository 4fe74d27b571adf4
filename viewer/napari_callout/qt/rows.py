"""One line of a list: a swatch, a name, quiet facts below, and a menu."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, Qt, Signal
from qtpy.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from qtpy.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWidget

from napari_callout.qt.panel import hint, plain, quiet

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Row(QFrame):
    """Says `clicked` on a click or Enter, and `asked` (place on the screen) where its menu is wanted."""

    clicked = Signal()
    asked = Signal(QPoint)

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
        swatch = QLabel(sign, self)
        swatch.setStyleSheet(f"color: {colour}; font-size: 15px;")
        grid.addWidget(swatch, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.title = plain(title, self)
        self.title.setWordWrap(True)
        grid.addWidget(self.title, 0, 1)
        for number, line in enumerate(lines):
            grid.addWidget(quiet(line, self), 1 + number, 1)
        self._grid = grid

    def add_menu(self, name: str) -> None:
        """Put the button there that asks for the menu."""
        button = QToolButton(self)
        button.setText("⋯")
        button.setToolTip(hint(name))
        button.setAccessibleName(name)
        button.clicked.connect(lambda: self.asked.emit(button.mapToGlobal(QPoint(0, button.height()))))
        self._grid.addWidget(button, 0, 2, Qt.AlignmentFlag.AlignTop)

    def set_foreign(self, why: str) -> None:
        """Show that it can be looked at, but is not to be changed here."""
        self.title.setProperty("quiet", True)
        self.title.setStyleSheet("font-style: italic;")
        self.setToolTip(why)

    def set_chosen(self, chosen: bool) -> None:
        """Show whether it is what is chosen."""
        self.setProperty("chosen", chosen)

    def event(self, event: QEvent) -> bool:
        """Enter is this row's while it has the focus, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ENTER:
            event.accept()
            return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A left click chooses."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Enter chooses too."""
        if event.key() in ENTER:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's own name
        """A right click asks for the menu."""
        self.asked.emit(event.globalPos())
