"""The row above the picture: what is open, whether it is saved, and the ways to open something else."""

from __future__ import annotations

from collections.abc import Collection

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from napari_callout.qt.look import SHEET, WARNING
from napari_callout.qt.panel import hint, plain

LEAST_WIDTH = 60  # pixels: a long sentence is cut where there is no room, it makes no window wider
WIDEST_TITLE = 260  # px


class Header(QWidget):
    """Says which of its buttons was pressed, by name; and `window_chosen` (number of the preset)."""

    pressed = Signal(str)
    window_chosen = Signal(int)

    BUTTONS = (
        ("open study", "Open study…", "Show the series of a folder of DICOM (Ctrl+Shift+D)"),
        ("open case", "Open case…", "Open a case file (Ctrl+Shift+C)"),
        ("new case", "New case…", "Keep what you draw on this study, with its report"),
        ("find images", "Find images…", "Name the folder that the case's images moved to"),
        ("all readers", "Show all readers", "End the blinded reading: see what every reader found, to look only"),
        ("own findings", "Back to reading", "Open the case for its reader again, to draw"),
    )
    ALWAYS = ("open study", "open case")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setStyleSheet(SHEET)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(6)
        self.title = plain("Callout", self)
        self.title.setObjectName("title")
        self.title.setMinimumWidth(LEAST_WIDTH)
        row.addWidget(self.title)
        self.band = plain("", self)
        self.band.setObjectName("band")
        self.band.setMinimumWidth(LEAST_WIDTH)
        self.band.hide()
        row.addWidget(self.band)
        row.addStretch(1)
        self.window_button = QToolButton(self)
        self.window_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.window_button.setMenu(QMenu(self.window_button))
        self.window_button.setToolTip("Window presets (keys 1, 2, 3 …; right drag on the picture)")
        row.addWidget(self.window_button)
        self._windows: tuple[str, ...] = ()
        self.buttons: dict[str, QPushButton] = {}
        for name, words, tip in self.BUTTONS:
            button = QPushButton(words, self)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, name=name: self.pressed.emit(name))
            self.buttons[name] = button
            row.addWidget(button)

    def show_title(self, title: str, band: str, unsaved: bool = False) -> None:
        """Show what is open; `band`: why it is to look only; `unsaved`: the title says that something is not."""
        self.title.setText(title)
        self.title.setStyleSheet(f"color: {WARNING};" if unsaved else "")
        self.title.setToolTip(hint(title))
        self.title.setMinimumWidth(min(self.title.sizeHint().width(), WIDEST_TITLE))  # the band gives way first
        self.band.setText(band)
        self.band.setToolTip(hint(band))
        self.band.setVisible(bool(band))

    def show_buttons(self, wanted: Collection[str]) -> None:
        """Show the buttons that serve now, beside those that always do."""
        for name, button in self.buttons.items():
            button.setVisible(name in self.ALWAYS or name in wanted)

    def show_windows(self, names: tuple[str, ...], current: str) -> None:
        """Show the presets of the series; `current` names the one in use."""
        if names != self._windows:
            self._windows = names
            menu = self.window_button.menu()
            menu.clear()
            for number, name in enumerate(names):
                action = menu.addAction(f"{number + 1}  {name}")
                action.triggered.connect(lambda _=False, number=number: self.window_chosen.emit(number))
        self.window_button.setText(f"window {current} ▾")
        self.window_button.setVisible(bool(names))
