"""Colours and the style sheet: greys for everything, colour only for findings."""

from __future__ import annotations

PANEL = "#232428"
RAISED = "#2e3036"
LINE = "#3a3c42"
TEXT = "#e4e4e6"
QUIET = "#9a9ca3"
WARNING = "#F0E442"
CHOSEN = "#3d4656"

SHEET = f"""
QWidget#calloutPanel, QWidget#calloutPanel QWidget {{ background: {PANEL}; color: {TEXT}; }}
QWidget#calloutPanel QPushButton, QWidget#calloutPanel QToolButton {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: 3px; padding: 3px 9px; }}
QWidget#calloutPanel QPushButton:hover, QWidget#calloutPanel QToolButton:hover {{ border-color: {QUIET}; }}
QWidget#calloutPanel QPushButton:focus, QWidget#calloutPanel QToolButton:focus {{ border-color: {TEXT}; }}
QWidget#calloutPanel QPushButton:disabled {{ color: {QUIET}; }}
QWidget#calloutPanel QToolButton::menu-indicator {{ image: none; }}
QWidget#calloutPanel QPushButton#figure {{ background: transparent; border: 1px solid transparent; padding: 1px 3px;
    margin-left: -3px; font-weight: 600; text-align: left; }}
QWidget#calloutPanel QPushButton#figure:hover {{ border-color: {LINE}; }}
QWidget#calloutPanel QPushButton#figure:focus {{ border-color: {TEXT}; }}
QWidget#calloutPanel QToolButton#menu {{ background: transparent; border: 1px solid transparent; padding: 0 5px; }}
QWidget#calloutPanel QToolButton#menu:hover, QWidget#calloutPanel QToolButton#menu:focus {{ border-color: {QUIET}; }}
QWidget#calloutPanel QPushButton#quiet {{ color: {QUIET}; }}
QWidget#calloutPanel QPushButton#offer {{ background: transparent; border: 1px dashed {LINE}; padding: 1px 6px;
    color: {QUIET}; text-align: left; }}
QWidget#calloutPanel QPushButton#offer:hover, QWidget#calloutPanel QPushButton#offer:focus {{ border-color: {TEXT};
    color: {TEXT}; }}
QWidget#calloutPanel QPushButton:checked {{ background: {CHOSEN}; border-color: {QUIET}; }}
QWidget#calloutPanel QScrollArea {{ border: none; }}
QWidget#calloutPanel QLabel {{ border: none; }}
QWidget#calloutPanel QLabel[quiet="true"] {{ color: {QUIET}; }}
QWidget#calloutPanel QLabel[heading="true"] {{ color: {QUIET}; font-weight: 600; }}
QFrame#row {{ border: 1px solid transparent; border-radius: 4px; background: {PANEL}; }}
QFrame#row:hover {{ border-color: {LINE}; }}
QFrame#row:focus {{ border-color: {TEXT}; }}
QFrame#row[lit="true"], QFrame#row[lit="true"] QWidget {{ background: {RAISED}; }}
QFrame#row[lit="true"] {{ border-color: {TEXT}; }}
QFrame#row[chosen="true"], QFrame#row[chosen="true"] QWidget {{ background: {CHOSEN}; }}
QWidget#calloutPanel QLabel#band {{ background: #4a4520; color: {WARNING}; padding: 4px 10px; }}
"""


def mixed(colour: str, ground: str, part: float) -> str:
    """`colour` laid over `ground`, both "#RRGGBB"; `part` from 0 (ground) to 1.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(b + (a - b) * part + 1e-9):02x}" for a, b in pairs)


def legible_on(colour: str) -> str:
    """Black or white, whichever reads better on `colour`.

    >>> legible_on("#F0E442"), legible_on("#0072B2")
    ('#000000', '#ffffff')
    """
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#000000" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.2 else "#ffffff"
