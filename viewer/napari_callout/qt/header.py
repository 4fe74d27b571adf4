"""The row above the picture: what is open, whether it is saved, and the ways to open something else."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from callout.errors import printable
from napari_callout.qt.look import SHEET, WARNING
from napari_callout.qt.panel import hint, plain
from napari_callout.qt.searching import SearchLine
from napari_callout.qt.welcome import SAMPLES, SHOWN, WAYS, case_name

LEAST_WIDTH = 60  # pixels: a long sentence is cut where there is no room, it makes no window wider
WIDEST_TITLE = 260  # px
SEARCH_WIDTH = 420  # px


class Header(QWidget):
    """Says which of its buttons was pressed, by name; and `window_chosen` (number of the preset).

    Its menu of what can be opened says `pressed` too, `sample_asked` (its name) and `case_chosen` (a path).
    """

    pressed = Signal(str)
    window_chosen = Signal(int)
    sample_asked = Signal(str)
    case_chosen = Signal(str)

    BUTTONS = (
        ("new case", "New case…", "Keep what you draw on this study, with its report"),
        ("find images", "Find images…", "Name the folder that the case's images moved to"),
        ("all readers", "Show all readers", "End the blinded reading: see what every reader found, to look only"),
        ("own findings", "Back to reading", "Open the case for its reader again, to draw"),
    )

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
        self.searching = SearchLine(self)
        self.searching.setFixedWidth(SEARCH_WIDTH)
        row.addWidget(self.searching)
        self.window_button = QToolButton(self)
        self.window_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.window_button.setMenu(QMenu(self.window_button))
        self.window_button.setToolTip("Window presets (keys 1, 2, 3 …; right drag on the picture)")
        row.addWidget(self.window_button)
        self._windows: tuple[str, ...] = ()
        self.open_button = QToolButton(self)
        self.open_button.setText("Open ▾")
        self.open_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open_button.setMenu(QMenu(self.open_button))
        self.open_button.setToolTip("Open a study (Ctrl+Shift+D), a case (Ctrl+Shift+C), a sample or a recent case")
        row.addWidget(self.open_button)
        self.show_recent(())
        self.buttons: dict[str, QPushButton] = {}
        for name, words, tip in self.BUTTONS:
            button = QPushButton(words, self)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pictures
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
        """Show the buttons that serve now."""
        for name, button in self.buttons.items():
            button.setVisible(name in wanted)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Show what can be opened: studies, cases, samples, and the cases opened last."""
        menu = self.open_button.menu()
        menu.clear()
        for name, words, _, key in WAYS:
            menu.addAction(f"{words}\t{key}").triggered.connect(lambda _=False, name=name: self.pressed.emit(name))
        menu.addSeparator()
        for name, words, _ in SAMPLES:
            action = menu.addAction(f"Sample: {words}")
            action.triggered.connect(lambda _=False, name=name: self.sample_asked.emit(name))
        if not paths:
            return
        menu.addSeparator()
        for path in paths[:SHOWN]:
            action = menu.addAction(case_name(path).replace("&", "&&"))
            action.setToolTip(hint(printable(path)))
            action.triggered.connect(lambda _=False, path=path: self.case_chosen.emit(path))
        menu.setToolTipsVisible(True)
        menu.addAction("Clear recent cases").triggered.connect(lambda: self.pressed.emit("clear recent"))

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
