"""The panel by which Callout comes into a napari that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QWidget

from napari_callout.host.host import ABOUT, Host
from napari_callout.qt.panel import Panel, quiet

if TYPE_CHECKING:
    from napari import Viewer

_HOSTS: dict[int, Host] = {}


def home(viewer: Viewer) -> QWidget:
    """Put Callout's docks into the viewer's window, once; the panel says what it is."""
    known: Any = getattr(viewer, "__wrapped__", viewer)  # napari hands plugins a proxy
    if id(known) not in _HOSTS:
        host = _HOSTS[id(known)] = Host(known)
        host.destroyed.connect(lambda: _HOSTS.pop(id(known), None))
    panel = Panel()
    panel.column.addWidget(quiet(ABOUT, panel))
    panel.column.addStretch(1)
    return panel
