"""The row above the pictures: what is open, whether it is saved, how one looks, and what else can be opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from callout.errors import printable
from napari_callout.qt.controls import Controls
from napari_callout.qt.elided import Elided
from napari_callout.qt.look import panel_sheet, px, say_how, wear
from napari_callout.qt.panel import hint
from napari_callout.qt.searching import SearchLine
from napari_callout.qt.welcome import SAMPLES, SHOWN, WAYS, case_name

LEAST_WIDTH = 60  # pixels: a long sentence is cut where there is no room, it makes no window wider
WIDEST_TITLE = 260  # px, of which nothing gives way before the band does
MARGIN, SPACING = 8, 6  # px
SEARCH_WIDTH = 420  # px, at most


class Header(QWidget):
    """Says which of its buttons was pressed, by name; its controls say what is chosen with them.

    Its menu of what can be opened says `pressed` too, `sample_asked` (its name) and `case_chosen` (a path).
    """

    pressed = Signal(str)
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
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        wear(self, panel_sheet)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 3, MARGIN, 3)
        row.setSpacing(SPACING)
        self.title = Elided(self, Qt.TextElideMode.ElideMiddle, WIDEST_TITLE)  # its end says whether all is saved
        self.title.setText("Callout")
        self.title.setObjectName("title")
        row.addWidget(self.title)
        self.band = Elided(self)
        self.band.setObjectName("band")
        self.band.hide()
        row.addWidget(self.band)
        row.addStretch(1)
        self.searching = SearchLine(self)
        self.searching.setMinimumWidth(LEAST_WIDTH)
        self.searching.setMaximumWidth(SEARCH_WIDTH)
        row.addWidget(self.searching, 1)
        self.controls = Controls(self)
        self.controls.pressed.connect(self.pressed)
        row.addWidget(self.controls)
        self.open_button = QToolButton(self)
        self.open_button.setText("Open ▾")
        self.open_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.open_button.setMenu(QMenu(self.open_button))
        row.addWidget(self.open_button)
        self._recent: tuple[str, ...] = ()
        self._key: Callable[[str], str] = lambda name: ""
        self.show_keys(self._key)
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
        say_how(self.title, "warning", unsaved)
        self.band.setText(band)
        self.band.setVisible(bool(band))
        self._share()

    def show_buttons(self, wanted: Collection[str]) -> None:
        """Show the buttons that serve now."""
        for name, button in self.buttons.items():
            button.setVisible(name in wanted)
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """More or less room."""
        super().resizeEvent(event)
        self._share()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "buttons"):
            self._share()

    def _share(self) -> None:
        """The controls have all the room that words can spare."""
        others = (self.open_button, *self.buttons.values())
        needed = sum(button.sizeHint().width() + SPACING for button in others if not button.isHidden())
        needed += (
            self.title.minimumSizeHint().width()
            + 2 * MARGIN
            + SPACING * 3
            + (0 if self.band.isHidden() else px(LEAST_WIDTH))
        )
        self.controls.take_room(self.width() - needed)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Show what can be opened: studies, cases, samples, and the cases opened last."""
        self._recent = tuple(paths)
        menu = self.open_button.menu()
        menu.clear()
        for name, words, _ in WAYS:
            action = menu.addAction(f"{words}\t{self._key(name)}")
            action.triggered.connect(lambda _=False, name=name: self.pressed.emit(name))
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

    def show_keys(self, key: Callable[[str], str]) -> None:
        """Write the keys in tooltips and menus; `key` gives that of an action."""
        self._key = key
        self.controls.show_keys(key)
        ways = f"Open a study ({key('open study')}), a case ({key('open case')}), a sample or a recent case"
        self.open_button.setToolTip(hint(ways))
        self.open_button.setAccessibleName("Open")
        self.show_recent(self._recent)
