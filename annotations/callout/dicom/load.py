"""Voxels of a series: one array, each file's pixels read straight into its slice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable, read_header
from callout.dicom.image import images_of
from callout.dicom.pixels import Overflow, read_into
from callout.dicom.sources import stat_of
from callout.errors import InputError
from callout.volume import Instance, PixelFormat, Series, StoredPixels, Volume

THREADS = 2
CHUNK = 16  # slices that one thread takes at a time

Progress = Callable[[int, int], None]


def load(series: Series, progress: Progress | None = None) -> Volume:
    """All voxels of `series`, (k, j, i), after rescale: HU for CT; int16 where that is exact, else float32.

    progress: called with (slices done, slices in all); raise from it to cancel.
    InputError, naming the file, where one is gone, cut, damaged or another than when it was found.
    """
    places = [_place(series, k) for k in range(len(series.instances))]
    if all(_whole(place.format) for place in places):
        try:
            return _loaded(series, places, np.dtype(np.int16), progress)
        except Overflow:
            pass  # values of 16 unsigned bits that do use the highest: float32 holds them exactly
    return _loaded(series, places, np.dtype(np.float32), progress)


def load_slice(series: Series, k: int) -> npt.NDArray[Any]:
    """Slice `k` of `series` alone, (rows, columns), values as in `load`. InputError as there."""
    place = _place(series, k)
    shape = series.grid.shape[1:]
    if _whole(place.format):
        try:
            pixels = np.empty(shape, np.int16)
            _read(series.instances[k], place, pixels)
            return pixels
        except Overflow:
            pass
    pixels = np.empty(shape, np.float32)
    _read(series.instances[k], place, pixels)
    return pixels


def _loaded(series: Series, places: list[StoredPixels], dtype: np.dtype[Any], progress: Progress | None) -> Volume:
    voxels: npt.NDArray[Any] = np.empty(series.grid.shape, dtype)
    count = len(places)

    def some(start: int) -> int:
        end = min(start + CHUNK, count)
        for k in range(start, end):
            _read(series.instances[k], places[k], voxels[k])
        return end - start

    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [pool.submit(some, start) for start in range(0, count, CHUNK)]
        try:
            for job in jobs:
                done += job.result()
                if progress is not None:
                    progress(done, count)
        finally:
            for job in jobs:
                job.cancel()
    return Volume(voxels, series.grid, series.id)


def _whole(pixels: PixelFormat) -> bool:
    """Whether values are whole numbers that may fit into 16 bits."""
    return (
        pixels.slope == 1
        and pixels.intercept == int(pixels.intercept)
        and abs(pixels.intercept) <= 65536
        and pixels.bits_stored <= 16
    )


def _place(series: Series, k: int) -> StoredPixels:
    """How slice `k` is stored: as found, where its file is unchanged since; else from its header again."""
    instance = series.instances[k]
    known = instance.stored
    try:
        size, modified_ns = stat_of(instance.path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"can't read slice {k} ({reason})", instance.path, "bring the folder back to where it was"
        ) from None
    if known is not None and (size, modified_ns) == (known.file_size, known.modified_ns):
        return known
    try:
        images = images_of(read_header(instance.path))
    except Unreadable as reason:
        raise InputError(str(reason), instance.path, "re-export the series, or take that file out") from None
    if instance.frame > len(images):
        raise InputError("another image is in its place now", instance.path, "find the series again")
    image = images[instance.frame - 1]
    fits = (image.form.pixels.rows, image.form.pixels.columns) == series.grid.shape[1:]
    if not fits or (instance.sop_instance_uid and image.sop_instance_uid != instance.sop_instance_uid):
        raise InputError("another image is in its place now", instance.path, "find the series again")
    return image.stored


def _read(instance: Instance, place: StoredPixels, into: npt.NDArray[Any]) -> None:
    try:
        read_into(instance.path, place, into)
    except Unreadable as reason:
        raise InputError(str(reason), instance.path, "re-export the series, or take that file out") from None
    except OSError as error:
        raise InputError(f"can't be read ({error.strerror or error})", instance.path, "check the medium") from None
