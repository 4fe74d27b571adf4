"""The controls of the row above the pictures; those that have no room are in a menu, so that no word is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import shorten

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from napari_callout.qt.panel import hint
from napari_callout.session.keys import ACTIONS

SPACING = 6  # px
FIGURE_LENGTH = 60  # characters of a caption in the menu of figures
LAYOUTS = (("layout 1", "1"), ("layout 2", "2"), ("layout 4", "4"), ("planes", "⊥"))


class Controls(QWidget):
    """Says `pressed` (the name of an action), `window_chosen` (number of the preset) and `figure_chosen` (label)."""

    pressed = Signal(str)
    window_chosen = Signal(int)
    figure_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QToolButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACING)
        self._room = 0
        self._windows: tuple[str, ...] = ()
        self._figures: tuple[tuple[str, str], ...] = ()
        self.views = self._group(LAYOUTS, checkable=True)
        self.window_button = self._menu_button("window", "Window presets")
        self.figures = self._group((("figure before", "◂"), ("next figure", "▸")))
        self.figure_button = self._menu_button("figure", "Hang a figure: one view for each picture of its caption")
        figures = self.figures.layout()
        assert isinstance(figures, QHBoxLayout)
        figures.insertWidget(1, self.figure_button)
        self.linking = self._group((("link by hand", "link"),), checkable=True)
        self.napari = self._group((("napari", "napari"),), checkable=True)
        self.keys = self._group((("keys", "?"),), checkable=True)
        self.more = self._menu_button("more", "What has no room here")
        self.more.setText("⋯")
        self.groups: tuple[QWidget, ...] = (
            self.views, self.window_button, self.figures, self.linking, self.napari, self.keys
        )  # fmt: skip
        self._wanted: dict[QWidget, bool] = dict.fromkeys(self.groups, True)
        for widget in (*self.groups, self.more):
            self._row.addWidget(widget)
        self.show_keys(lambda name: "")
        self.show_figures((), "")
        self.show_windows((), "")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, group: QWidget) -> None:
        """Another group of buttons, after the window presets."""
        at = self.groups.index(self.window_button) + 1
        self.groups = (*self.groups[:at], group, *self.groups[at:])
        self._row.insertWidget(at, group)
        self._wanted[group] = True

    def show_group(self, group: QWidget, wanted: bool) -> None:
        """What a group shows has changed; whether it serves now."""
        self._wanted[group] = wanted
        self.updateGeometry()
        self._fit()

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_keys(self, key: Callable[[str], str]) -> None:
        """Write the keys in the tooltips; `key` gives that of an action."""
        for name, button in self.buttons.items():
            words = ACTIONS[name].words
            button.setAccessibleName(words)
            button.setToolTip(hint(f"{words} ({key(name)})" if key(name) else words))
        presets = [key(f"window {n}") for n in range(1, 4)]
        self.window_button.setToolTip(hint(f"Window presets ({' '.join(presets)} …; right drag on the picture)"))

    def show_looking(self, layout: str, linked: bool, canvas: bool) -> None:
        """Mark the layout, and what is on."""
        for name, _ in LAYOUTS:
            self.buttons[name].setChecked(name.removeprefix("layout ") == layout)
        self.buttons["link by hand"].setChecked(linked)
        self.buttons["napari"].setChecked(canvas)

    def show_page(self, shown: bool) -> None:
        """Mark whether the page of keys is open."""
        self.buttons["keys"].setChecked(shown)

    def show_windows(self, names: tuple[str, ...], current: str) -> None:
        """Show the presets of the series; `current` names the one in use."""
        if names != self._windows:
            self._windows = names
            menu = self.window_button.menu()
            menu.clear()
            for number, name in enumerate(names):
                action = menu.addAction(f"{number + 1}  {name}")
                action.triggered.connect(lambda _=False, number=number: self.window_chosen.emit(number))
        self._show(self.window_button, bool(names), self.window_button, f"window {current} ▾")

    def show_figures(self, figures: Sequence[tuple[str, str]], current: str) -> None:
        """Show the figures, each a label and its caption; `current`: the label of the one that is looked at."""
        if tuple(figures) != self._figures:
            self._figures = tuple(figures)
            menu = self.figure_button.menu()
            menu.clear()
            for label, caption in figures:
                words = shorten(caption, FIGURE_LENGTH, placeholder=" …").replace("&", "&&")
                action = menu.addAction(f"{label}  {words}")
                action.triggered.connect(lambda _=False, label=label: self.figure_chosen.emit(label))
        labels = [label for label, _ in figures]
        at = labels.index(current) if current in labels else None
        self.buttons["figure before"].setEnabled(at is not None and at > 0)
        self.buttons["next figure"].setEnabled(bool(labels) and (at is None or at + 1 < len(labels)))
        words = f"fig. {current} ▾" if current else "figures ▾"
        self._show(self.figures, bool(figures), self.figure_button, words)

    def show_views(self, wanted: bool) -> None:
        """Show what lays views out and links them, where there are any."""
        for group in (self.views, self.linking, self.napari):
            self._show(group, wanted)

    # Room ------------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """As wide as all that serves now."""
        return QSize(self._width([group for group in self.groups if self._wanted[group]]), self._height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """As wide as the menu and the way to the keys, and as all where there is the room."""
        least = self._width([self.keys, self.more])
        return QSize(max(least, min(self._room, self.sizeHint().width())), self._height())

    def take_room(self, room: int) -> None:
        """There are so many pixels to take before other words give way."""
        if room != self._room:
            self._room = room
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """A group has become wider or narrower."""
        handled = bool(super().event(event))
        if event.type() == QEvent.Type.LayoutRequest and hasattr(self, "_wanted"):
            self._fit()
        return handled

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """More or less room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_wanted"):
            self._fit()

    def _width(self, widgets: Sequence[QWidget]) -> int:
        return sum(widget.sizeHint().width() for widget in widgets) + SPACING * max(len(widgets) - 1, 0)

    def _height(self) -> int:
        return max(group.sizeHint().height() for group in self.groups)

    def _show(self, group: QWidget, wanted: bool, button: QToolButton | None = None, text: str = "") -> None:
        if self._wanted[group] == wanted and (button is None or button.text() == text):
            return
        self._wanted[group] = wanted
        if button is not None:
            button.setText(text)
        self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        """The last of them give way first, but for the way to the keys."""
        seen = [group for group in self.groups if self._wanted[group]]
        left: list[QWidget] = []
        while len(seen) > 1 and self._width([*seen, self.more] if left else seen) > self.width():
            left.insert(0, seen.pop(-2))
        for group in self.groups:
            group.setVisible(group in seen)
        self.more.setVisible(bool(left))
        self._fill_more(left)

    def _fill_more(self, left: Sequence[QWidget]) -> None:
        menu = self.more.menu()
        menu.clear()
        for group in left:
            buttons = [group] if isinstance(group, QToolButton) else group.findChildren(QToolButton)
            for button in (one for one in buttons if one is group or not one.isHidden()):
                if button.menu() is not None:
                    button.menu().setTitle(button.text().removesuffix(" ▾"))
                    menu.addMenu(button.menu())
                else:
                    action = menu.addAction(button.accessibleName())
                    action.setCheckable(button.isCheckable())
                    action.setChecked(button.isChecked())
                    action.setEnabled(button.isEnabled())
                    action.triggered.connect(lambda _=False, button=button: button.click())

    # Making ----------------------------------------------------------------------------------------------------------

    def _group(self, buttons: Sequence[tuple[str, str]], checkable: bool = False) -> QWidget:
        group = QWidget(self)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for name, text in buttons:
            button = QToolButton(group)
            button.setObjectName(name)
            button.setText(text)
            button.setCheckable(checkable)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pictures
            button.clicked.connect(lambda _=False, name=name: self._press(name))
            self.buttons[name] = button
            row.addWidget(button)
        return group

    def _press(self, name: str) -> None:
        button = self.buttons[name]
        if button.isCheckable():
            button.setChecked(not button.isChecked())  # what is on is told from outside
        self.pressed.emit(name)

    def _menu_button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(QMenu(button))
        button.setToolTip(hint(tip))
        button.setAccessibleName(tip)
        return button
