"""Voxels of a series: all of them, or one slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.loading import Loading
from callout.dicom.pixels import Overflow
from callout.dicom.slices import Slices, room_for
from callout.volume import Series, Volume

PROGRESS_SECONDS = 0.05

Progress = Callable[[int, int], None]


def load(series: Series, progress: Progress | None = None) -> Volume:
    """All voxels of `series`, (k, j, i), after rescale: HU for CT; int16 where that is exact, else float32.

    progress: called with (slices done, slices in all); raise from it to cancel.
    InputError, naming the file, where one is gone, cut, damaged or another than when it was found.
    """
    loading = Loading(series)
    try:
        while not loading.wait(None if progress is None else PROGRESS_SECONDS):
            if progress is not None:
                progress(loading.done, len(series.instances))
        if progress is not None:
            progress(loading.done, len(series.instances))
    finally:
        loading.cancel()
    return loading.volume()


def load_slice(series: Series, k: int) -> npt.NDArray[Any]:
    """Slice `k` of `series` alone, (rows, columns), values as in `load`. InputError as there."""
    return read_slice(series, Slices(series, (k,)), k)


def read_slice(series: Series, slices: Slices, k: int) -> npt.NDArray[Any]:
    """As `load_slice`, of `slices` of the series."""
    pixels = room_for(series, series.grid.shape[1:], slices.dtype())
    try:
        slices.read(k, pixels)
    except Overflow:
        pixels = room_for(series, pixels.shape, np.dtype(np.float32))
        slices.read(k, pixels)
    return pixels
