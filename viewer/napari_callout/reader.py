"""napari's own way to open files: series as plain image layers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from napari_callout.samples import SAMPLE, open_sample

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
Reader = Callable[[Paths], list[tuple[Any, dict[str, Any], str]]]


def get_reader(path: Paths) -> Reader | None:
    """A reader of folders of DICOM, of cases and of samples, or None for what is none of them.

    npe2 gives `path` by this name; it may be a list.
    """
    first = path if isinstance(path, str | os.PathLike) else path[0]
    if os.fspath(first).startswith(SAMPLE):
        return lambda _: open_sample(os.fspath(first).removeprefix(SAMPLE))
    if os.path.isdir(first) or os.fspath(first).endswith(".callout"):
        return read_layers
    return None


def read_layers(paths: Paths) -> list[tuple[Any, dict[str, Any], str]]:
    """Every series of folders or of a case as an image layer, to look at without Callout's docks.

    NoImages or CaseError where there is none.
    """
    from callout import find_series, load, open_case
    from napari_callout.layers import DisplayOrder, image_parts
    from napari_callout.session.windows import first_window

    names = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if os.fspath(names[0]).endswith(".callout"):
        with open_case(names[0], read_only=True) as case:
            series = case.series
    else:
        series = tuple(find_series(*names))
    layers = []
    for one in series:
        voxels = load(one).voxels
        parts = image_parts(one, DisplayOrder.of(one.grid), voxels, first_window(one, voxels))
        layers.append((parts.data, parts.arguments | {"visible": one is series[0]}, "image"))
    return layers
