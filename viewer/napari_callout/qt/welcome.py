"""The empty state: what can be opened, the cases opened last, and a place to drop things on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from callout.errors import printable
from napari_callout.qt.look import DARK, Palette, panel_sheet, px, say_how, wear
from napari_callout.qt.panel import heading, hint, plain, quiet
from napari_callout.qt.rows import Row
from napari_callout.qt.searching import SearchLine

WIDTH = 560  # px
SHOWN = 6  # recent cases
DROP_HERE, DROP_NOW = "Drop a folder, a DICOMDIR, a zip or a case here", "Let go to open it"
WAYS = (
    ("open study", "Open study…", "A folder of CT or MR images"),
    ("open case", "Open case…", "A case file, a zip or a DICOMDIR"),
)
SAMPLES = (
    ("thorax", "chest CT", "Cavities, ground glass and consolidation; synthetic"),
    ("spine", "lumbar spine MR", "A paravertebral mass in nine series; synthetic"),
)


def welcome_sheet(ink: Palette) -> str:
    """Of the name, and of the place to drop things on."""
    return f"""
QWidget#calloutPanel QLabel#name {{ font-size: {px(22)}px; font-weight: 600; }}
QWidget#calloutPanel QLabel#drop {{ border: 1px dashed {ink.quiet}; color: {ink.quiet}; }}
QWidget#calloutPanel QLabel#drop[over="true"] {{ border-color: {ink.text}; color: {ink.text}; }}
"""


class Welcome(QWidget):
    """Says `pressed` (the name of a button), `sample_asked` (its name) and `case_chosen` (a path)."""

    pressed = Signal(str)
    sample_asked = Signal(str)
    case_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calloutPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        wear(self, panel_sheet, welcome_sheet)
        outer = QHBoxLayout(self)
        inner = QWidget(self)
        inner.setMaximumWidth(px(WIDTH))
        outer.addStretch(1)
        outer.addWidget(inner, 1000)
        outer.addStretch(1)
        self.setMinimumSize(120, 120)  # it makes no window larger
        column = QVBoxLayout(inner)
        column.setSpacing(10)
        column.addStretch(2)
        name = plain("Callout", inner)
        name.setObjectName("name")
        column.addWidget(name)
        column.addWidget(quiet("Ties the words of a report to places in its pictures.", inner))
        column.addSpacing(8)
        self.buttons: dict[str, QPushButton] = {}
        self._keys: dict[str, QLabel] = {}
        column.addLayout(self._ways(inner))
        self.drop = QLabel(DROP_HERE, inner)
        self.drop.setObjectName("drop")
        self.drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.drop.setFixedHeight(px(76))
        column.addWidget(self.drop)
        self.searching = SearchLine(inner)
        column.addWidget(self.searching)
        self.problem = plain("", inner)
        self.problem.setWordWrap(True)
        say_how(self.problem, "warning", True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        column.addWidget(self.problem)
        column.addWidget(self._recent_frame(inner))
        column.addStretch(3)
        column.addWidget(quiet("For research and publication, not a certified medical device.", inner))

    def _ways(self, inner: QWidget) -> QGridLayout:
        """The three things to do: a button each, and what it is about."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for line, (name, words, about) in enumerate(WAYS):
            button = self._button(inner, name, words, about)
            button.clicked.connect(lambda _=False, name=name: self.pressed.emit(name))
            grid.addWidget(button, line, 0)
            grid.addWidget(quiet(about, inner), line, 1)
            self._keys[name] = quiet("", inner)
            grid.addWidget(self._keys[name], line, 2)
        for line, (name, words, about) in enumerate(SAMPLES, len(WAYS)):
            tip = f"A fresh case of no patient, to try things on: {about}"
            button = self._button(inner, name, f"Sample: {words}", tip)
            button.clicked.connect(lambda _=False, name=name: self.sample_asked.emit(name))
            grid.addWidget(button, line, 0)
            grid.addWidget(quiet(about, inner), line, 1, 1, 2)
        return grid

    def _button(self, inner: QWidget, name: str, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, inner)
        button.setObjectName(f"welcome {name}")
        button.setToolTip(hint(tip))
        button.setAccessibleDescription(tip)
        self.buttons[name] = button
        return button

    def _recent_frame(self, inner: QWidget) -> QFrame:
        self.recent = QFrame(inner)
        column = QVBoxLayout(self.recent)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(1)
        top = QHBoxLayout()
        top.addWidget(heading("Recent cases", self.recent))
        top.addStretch(1)
        clear = self._button(self.recent, "clear recent", "Clear", "Forget the recent cases; the files stay")
        clear.clicked.connect(lambda: self.pressed.emit("clear recent"))
        top.addWidget(clear)
        column.addLayout(top)
        self.rows: dict[str, Row] = {}
        self.recent.hide()
        return self.recent

    def show_recent(self, paths: Sequence[str]) -> None:
        """Show the cases opened last: the name of the file, and its folder."""
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self.rows = {}
        for path in paths[:SHOWN]:
            folder, name = os.path.split(path)
            row = Row(self.recent, "▣", DARK.quiet, case_name(path), (printable(_short(folder)),))
            row.setAccessibleName(f"Open {printable(name)}")
            row.setToolTip(hint(printable(path)))
            row.clicked.connect(lambda path=path: self.case_chosen.emit(path))
            layout = self.recent.layout()
            assert layout is not None
            layout.addWidget(row)
            self.rows[path] = row
        self.recent.setVisible(bool(self.rows))

    def show_keys(self, key: Callable[[str], str]) -> None:
        """Write the keys beside the buttons; `key` gives that of an action."""
        for name, label in self._keys.items():
            label.setText(key(name))

    def show_problem(self, text: str) -> None:
        """Show what did not open, and what to do; "" takes it away."""
        self.problem.setText(text[:1].upper() + text[1:])
        self.problem.setVisible(bool(text))

    def show_drag(self, over: bool) -> None:
        """Show that what is dragged over the window can be let go."""
        self.drop.setText(DROP_NOW if over else DROP_HERE)
        say_how(self.drop, "over", over)


def case_name(path: str) -> str:
    """What a case is called: its file's name; what is no text in it as escapes."""
    return printable(os.path.basename(path).removesuffix(".callout"))


def _short(folder: str) -> str:
    home = os.path.expanduser("~")
    return "~" + folder[len(home) :] if folder == home or folder.startswith(home + os.sep) else folder
