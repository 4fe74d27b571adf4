"""The views beside each other: as many as a layout has cells, or one that takes all the room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from qtpy.QtWidgets import QGridLayout, QWidget

from napari_callout.panes.scene import Scene
from napari_callout.qt.pane import PaneView
from napari_callout.session.look import Cell

GAP = 2  # pixels


class GridView(QWidget):
    """Makes views where there are too few; those that are too many are hidden, and used again."""

    def __init__(self, made: Callable[[int, PaneView], None], scene: Callable[[int, tuple[int, int]], Scene]) -> None:
        """`made` is called with each new view, `scene` with its number and size."""
        super().__init__()
        self.setObjectName("views")
        self._made, self._scene = made, scene
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP)
        self.setStyleSheet("QWidget#views { background: #3a3c42; }")
        self.panes: list[PaneView] = []

    def show_cells(self, cells: Sequence[Cell], only: int | None = None) -> None:
        """Lay the views out; `only`: the one that takes all the room."""
        while len(self.panes) < len(cells):
            number = len(self.panes)
            pane = PaneView(self, f"view {number + 1}", partial(self._scene, number))
            self.panes.append(pane)
            self._made(number, pane)
        for pane in self.panes:
            self._layout.removeWidget(pane)
        for row in range(2):
            self._layout.setRowStretch(row, 0)
        for column in range(3):
            self._layout.setColumnStretch(column, 0)
        for number, pane in enumerate(self.panes):
            shown = number < len(cells) and only in (None, number)
            if shown:
                row, column, rows, columns = (0, 0, 1, 1) if only is not None else cells[number]
                self._layout.addWidget(pane, row, column, rows, columns)
                for at in range(row, row + rows):
                    self._layout.setRowStretch(at, 1)
                for at in range(column, column + columns):
                    self._layout.setColumnStretch(at, 1)
            pane.setVisible(shown)
            pane.renew()
