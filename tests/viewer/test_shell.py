"""What napari does not promise is reached for in one module, and is still there."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtWidgets import QStackedWidget, QWidget

import napari_callout

HOME = Path(napari_callout.__file__).parent
OF_NAPARI = ("viewer", "window", "layer", "canvas", "camera", "dims")  # names under which its things go in our code


def reached(path: Path) -> list[str]:
    """The private attributes that a module reaches for on something of napari's."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name.strip("_") in OF_NAPARI or node.attr.startswith("_qt_"):
                found.append(f"{path.relative_to(HOME)}:{node.lineno} {name}.{node.attr}")
    return found


def test_one_module_reaches_for_what_is_not_promised() -> None:
    by_module = {path.name: reached(path) for path in HOME.rglob("*.py")}
    assert by_module.pop("shell.py")  # that this finds anything
    own = [one for found in by_module.values() for one in found if "self._" not in one]
    assert own == []


def test_all_of_it_is_there(host: Any, qtbot: Any) -> None:
    from napari_callout.host.shell import end_drag, forget_history

    shell = host.shell
    assert isinstance(shell.canvas, QWidget)
    assert shell.can_stay
    pages = shell.main_window.findChild(QStackedWidget, "pages")
    assert pages.count() == 2
    assert pages.widget(1).isAncestorOf(shell.canvas)
    layer = host.viewer.add_labels(np.zeros((3, 8, 8), np.uint16))
    layer.paint((1, 4, 4), 1)
    assert layer._undo_history
    forget_history(layer)
    assert not layer._undo_history
    end_drag(layer)
    host.viewer.layers.remove(layer)
