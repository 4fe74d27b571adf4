"""The sample cases in napari's Open Sample menu: they open in Callout's own views."""

from __future__ import annotations

from typing import Any

SAMPLE = "callout://sample/"
NO_LAYERS: list[tuple[Any, ...]] = [(None,)]  # what napari takes for "opened, without a layer"


def open_sample(name: str) -> list[tuple[Any, ...]]:
    """Open a fresh case of the sample in the window; where there is no window, its series as image layers."""
    from napari import current_viewer

    viewer = current_viewer()
    if viewer is None:
        from callout.cli.demo import sample_folder
        from napari_callout.reader import read_layers

        return read_layers(sample_folder(name) / "images")
    from napari_callout.host.home import host_of

    host_of(viewer).files.begin_sample(name)
    return NO_LAYERS
