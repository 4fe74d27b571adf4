"""Every key of ours, in one table; they come before napari's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QMainWindow

KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("brush", ("B",)),
    ("eraser", ("E",)),
    ("look", ("V", "Esc")),
    ("smaller", ("[",)),
    ("larger", ("]",)),
    ("fill", ("F",)),
    ("hide", ("Space",)),
    ("next mention", ("N",)),
    ("mention before", ("Shift+N",)),
    ("links", ("L",)),
    ("accept", ("Y",)),
    ("not drawn", ("Del",)),
    ("new finding", ("+",)),
    ("edit text", ("F2",)),
    ("next lesion", ("Return", "Enter")),
    ("slice up", ("PgUp",)),
    ("slice down", ("PgDown",)),
    ("up", ("Up",)),
    ("down", ("Down",)),
    ("left", ("Left",)),
    ("right", ("Right",)),
    ("up a little", ("Shift+Up",)),
    ("down a little", ("Shift+Down",)),
    ("left a little", ("Shift+Left",)),
    ("right a little", ("Shift+Right",)),
    ("levels", ("Shift+L",)),
    ("remove mark", ("Backspace",)),
    ("fit", ("Home",)),
    ("layout 1", ("Shift+1",)),
    ("layout 2", ("Shift+2",)),
    ("layout 4", ("Shift+4",)),
    ("planes", ("P",)),
    ("enlarge", ("X",)),
    ("next view", ("`",)),
    ("invert", ("I",)),
    ("link by hand", ("K",)),
    ("napari", ("F8",)),
    ("undo", ("Ctrl+Z",)),
    ("redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    ("open study", ("Ctrl+Shift+D",)),
    ("open case", ("Ctrl+Shift+C",)),
    ("report", ("F9",)),
    ("findings", ("F10",)),
    *((f"window {number}", (str(number),)) for number in range(1, 9)),
)
ARROWS = tuple(f"{way}{step}" for way in ("up", "down", "left", "right") for step in ("", " a little"))
REPEATED = ("smaller", "larger", "slice up", "slice down", "undo", "redo", *ARROWS)


def bind_keys(window: QMainWindow, actions: Mapping[str, Callable[[], object]]) -> list[QShortcut]:
    """Bind every key whose name is in `actions`; a text field that has the focus keeps its own."""
    made = []
    for name, sequences in KEYS:
        for sequence in sequences:
            shortcut = QShortcut(QKeySequence(sequence), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(name in REPEATED)
            shortcut.activated.connect(actions[name])
            made.append(shortcut)
    return made
