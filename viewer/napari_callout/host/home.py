"""The panel by which Callout comes into a napari that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_callout.host.host import ABOUT, Host
from napari_callout.host.shell import Shell
from napari_callout.qt.panel import Panel, quiet

if TYPE_CHECKING:
    from napari import Viewer


def host_of(napari_viewer: Viewer) -> Host:
    """Callout in this window: what is there already, else put there now."""
    viewer: Any = getattr(napari_viewer, "__wrapped__", napari_viewer)  # napari hands plugins a proxy
    found = Shell(viewer).main_window.findChild(Host)
    return found if found is not None else Host(viewer)  # the window keeps it


class Home(Panel):
    """Says what Callout is; making it puts Callout's docks into the window, once."""

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        host_of(napari_viewer)
        self.column.addWidget(quiet(ABOUT, self))
        self.column.addStretch(1)
