"""The panel by which Callout comes into a napari that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_callout.host.host import ABOUT, Host
from napari_callout.host.shell import Shell
from napari_callout.qt.panel import Panel, quiet

if TYPE_CHECKING:
    from napari import Viewer


class Home(Panel):
    """Says what Callout is; making it puts Callout's docks into the window, once."""

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        viewer: Any = getattr(napari_viewer, "__wrapped__", napari_viewer)  # napari hands plugins a proxy
        if Shell(viewer).main_window.findChild(Host) is None:
            Host(viewer)  # the window keeps it
        self.column.addWidget(quiet(ABOUT, self))
        self.column.addStretch(1)
