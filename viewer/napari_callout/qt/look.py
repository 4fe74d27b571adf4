"""Colours and the style sheets, light and dark, in letters of any size: greys for everything, colour only for findings.

A widget wears sheets, which are made anew when the window's colours or letters change. Who draws by hand asks for `ink`
and `px` each time; Qt tells it of the change as `StyleChange`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

from qtpy import compat
from qtpy.QtGui import QFontInfo
from qtpy.QtWidgets import QApplication, QWidget


@dataclass(frozen=True)
class Palette:
    """The greys of the panels, "#RRGGBB". focus: around what the keys are on. Views are black in each."""

    panel: str
    raised: str
    line: str
    text: str
    quiet: str
    warning: str
    chosen: str
    band: str
    focus: str


DARK = Palette(
    panel="#232428",
    raised="#2e3036",
    line="#3a3c42",
    text="#e4e4e6",
    quiet="#9a9ca3",
    warning="#F0E442",
    chosen="#3d4656",
    band="#4a4520",
    focus="#5aa0ff",
)
LIGHT = Palette(
    panel="#f3f3f1",
    raised="#ffffff",
    line="#c3c5ca",
    text="#1b1c1f",
    quiet="#575a61",
    warning="#7a4a00",
    chosen="#cfdef2",
    band="#fff0bf",
    focus="#0a57c2",
)
Sheet = Callable[[Palette], str]


_is_alive = cast(Callable[[QWidget], bool], compat.isalive)  # Qt may have deleted what Python still knows


class _Now:
    """What is worn now, the same in the whole process."""

    def __init__(self) -> None:
        self.palette, self.percent = DARK, 100
        self.worn: WeakKeyDictionary[QWidget, tuple[Sheet, ...]] = WeakKeyDictionary()


_now = _Now()


def ink() -> Palette:
    """The colours as they are now."""
    return _now.palette


def px(pixels: float) -> int:
    """A size for letters of the usual size, for letters as they are now."""
    return round(pixels * _now.percent / 100)


def wear(widget: QWidget, *sheets: Sheet) -> None:
    """Dress a widget and what is in it, now and after every change."""
    _now.worn[widget] = sheets
    widget.setStyleSheet("".join(sheet(_now.palette) for sheet in sheets))


def change_look(palette: Palette, percent: int) -> None:
    """Other colours, or letters so many per cent of the usual size."""
    if (palette, percent) == (_now.palette, _now.percent):
        return
    _now.palette, _now.percent = palette, percent
    for widget, sheets in list(_now.worn.items()):
        if _is_alive(widget):
            wear(widget, *sheets)


def say_how(widget: QWidget, how: str, so: bool) -> None:
    """Set what the sheet asks for: `warning`, `quiet`, `heading`, `over`."""
    if bool(widget.property(how)) != so:
        widget.setProperty(how, so)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def panel_sheet(ink: Palette) -> str:
    """Of every panel, whose object name is `calloutPanel`."""
    letters = px(QFontInfo(QApplication.font()).pixelSize())
    return f"""
QWidget#calloutPanel, QWidget#calloutPanel QWidget {{ background: {ink.panel}; color: {ink.text};
    font-size: {letters}px; }}
QWidget#calloutPanel QPushButton, QWidget#calloutPanel QToolButton {{
    background: {ink.raised}; border: 1px solid {ink.line}; border-radius: 3px; padding: 3px 8px; }}
QWidget#calloutPanel QPushButton:hover, QWidget#calloutPanel QToolButton:hover {{ border-color: {ink.quiet}; }}
QWidget#calloutPanel QPushButton:disabled, QWidget#calloutPanel QToolButton:disabled {{ color: {ink.quiet}; }}
QWidget#calloutPanel QPushButton:checked, QWidget#calloutPanel QToolButton:checked {{
    background: {ink.chosen}; border: 1px solid {ink.quiet}; border-bottom: 2px solid {ink.text}; }}
QWidget#calloutPanel QToolButton::menu-indicator {{ image: none; }}
QWidget#calloutPanel QPushButton#figure {{ background: transparent; border: 1px solid transparent; padding: 1px 3px;
    margin-left: -3px; font-weight: 600; text-align: left; }}
QWidget#calloutPanel QPushButton#figure:hover {{ border-color: {ink.line}; }}
QWidget#calloutPanel QToolButton#menu {{ background: transparent; border: 1px solid transparent; padding: 0 5px; }}
QWidget#calloutPanel QToolButton#menu:hover {{ border-color: {ink.quiet}; }}
QWidget#calloutPanel QPushButton#quiet {{ color: {ink.quiet}; }}
QWidget#calloutPanel QPushButton#offer {{ background: transparent; border: 1px dashed {ink.line}; padding: 1px 6px;
    color: {ink.quiet}; text-align: left; }}
QWidget#calloutPanel QPushButton#offer:hover {{ border-color: {ink.text}; color: {ink.text}; }}
QWidget#calloutPanel QPushButton:focus, QWidget#calloutPanel QToolButton:focus,
QWidget#calloutPanel QPushButton#figure:focus, QWidget#calloutPanel QToolButton#menu:focus,
QWidget#calloutPanel QPushButton#offer:focus {{ border: 1px solid {ink.focus}; color: {ink.text}; }}
QWidget#calloutPanel QScrollArea {{ border: 1px solid transparent; }}
QWidget#calloutPanel QScrollArea:focus {{ border-color: {ink.focus}; }}
QWidget#calloutPanel QLabel {{ border: none; }}
QWidget#calloutPanel QLabel[quiet="true"] {{ color: {ink.quiet}; }}
QWidget#calloutPanel QLabel[heading="true"] {{ color: {ink.quiet}; font-weight: 600; }}
QWidget#calloutPanel QLabel[warning="true"] {{ color: {ink.warning}; }}
QFrame#row {{ border: 1px solid transparent; border-radius: 4px; background: {ink.panel}; }}
QFrame#row:hover {{ border-color: {ink.line}; }}
QFrame#row:focus {{ border-color: {ink.focus}; }}
QFrame#row[lit="true"], QFrame#row[lit="true"] QWidget {{ background: {ink.raised}; }}
QFrame#row[lit="true"] {{ border-color: {ink.text}; }}
QFrame#row[chosen="true"], QFrame#row[chosen="true"] QWidget {{ background: {ink.chosen}; }}
QWidget#calloutPanel QLabel#band {{ background: {ink.band}; color: {ink.warning}; padding: 4px 10px; }}
QMenu {{ background: {ink.raised}; color: {ink.text}; }}
QMenu::item:selected {{ background: {ink.chosen}; }}
QMenu::item:disabled {{ color: {ink.quiet}; }}
"""


def mixed(colour: str, ground: str, part: float) -> str:
    """`colour` laid over `ground`, both "#RRGGBB"; `part` from 0 (ground) to 1.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(b + (a - b) * part + 1e-9):02x}" for a, b in pairs)


def as_ink(colour: str) -> str:
    """A finding's colour for small signs on a panel: somewhat nearer to the letters, so that it stands out."""
    return mixed(colour, _now.palette.text, 0.85 if _now.palette is DARK else 0.5)


def legible_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour`.

    >>> legible_on("#F0E442"), legible_on("#0072B2")
    ('#000000', '#ffffff')
    """
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#000000" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.2 else "#ffffff"
