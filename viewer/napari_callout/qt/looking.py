"""How the active view is looked at: a slab, and what is subtracted; two small menus in the row above the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QActionGroup
from qtpy.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from napari_callout.qt.look import panel_sheet, wear

NATIVE, NOTHING = "Off: slices as they were taken", "Nothing"


@dataclass(frozen=True)
class LookRow:
    """What can be chosen, and what is. projections, minus: (name, words), the words shown; slab_mm: 0 for none."""

    thicknesses: tuple[float, ...] = ()
    slab_mm: float = 0.0
    projections: tuple[tuple[str, str], ...] = ()
    projection: str = ""
    partners: tuple[tuple[str, str], ...] = ()
    minus: str = ""
    moved: str = ""


class LookMenus(QWidget):
    """Says `thickness_chosen` (mm), `projection_chosen`, `minus_chosen` ("" for nothing).

    And `shift_asked`, to move what is subtracted by hand, and `shift_undone`.
    """

    thickness_chosen = Signal(float)
    projection_chosen = Signal(str)
    minus_chosen = Signal(str)
    shift_asked = Signal()
    shift_undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        wear(self, panel_sheet)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.slab = self._button("slab", "MIP, MinIP or mean of several slices")
        self.less = self._button("subtract", "Subtract a series that was made alike, such as T1 before contrast")
        row.addWidget(self.slab)
        row.addWidget(self.less)
        self.shown: LookRow | None = None

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pictures
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def show_row(self, row: LookRow) -> None:
        """Show what can be chosen; one that is shown already does nothing."""
        if row == self.shown:
            return
        self.shown = row
        words = dict(row.projections).get(row.projection, "")
        self.slab.setText(f"{words} {row.slab_mm:g} mm ▾" if row.slab_mm else "slab ▾")
        self.slab.setVisible(bool(row.thicknesses))
        self.less.setText("subtraction ▾" if row.minus else "subtract ▾")
        self.less.setVisible(bool(row.partners))
        self._fill_slab(row)
        self._fill_less(row)

    def _fill_slab(self, row: LookRow) -> None:
        menu = _emptied(self.slab)
        group = QActionGroup(menu)
        for thickness in (0.0, *row.thicknesses):
            words = f"{thickness:g} mm" if thickness else NATIVE
            self._add(menu, group, words, thickness == row.slab_mm, partial(self.thickness_chosen.emit, thickness))
        menu.addSeparator()
        group = QActionGroup(menu)
        for name, words in row.projections:
            self._add(menu, group, words, name == row.projection, partial(self.projection_chosen.emit, name))

    def _fill_less(self, row: LookRow) -> None:
        menu = _emptied(self.less)
        group = QActionGroup(menu)
        for name, words in (("", NOTHING), *row.partners):
            self._add(menu, group, words.replace("&", "&&"), name == row.minus, partial(self.minus_chosen.emit, name))
        if row.minus:
            menu.addSeparator()
            menu.addAction("Move it by hand").triggered.connect(self.shift_asked)
            if row.moved:
                menu.addAction(f"Put it back ({row.moved})").triggered.connect(self.shift_undone)

    def _add(self, menu: QMenu, group: QActionGroup, words: str, chosen: bool, choose: Callable[[], object]) -> None:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(chosen)
        group.addAction(action)
        action.triggered.connect(lambda _=False: choose())


def _emptied(button: QToolButton) -> QMenu:
    """A button's menu, to be filled anew: its groups, which hold the actions no longer, go too."""
    menu = button.menu()
    menu.clear()
    for group in menu.findChildren(QActionGroup):
        group.deleteLater()
    return menu
