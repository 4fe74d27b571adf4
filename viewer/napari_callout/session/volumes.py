"""Voxels of the series that were looked at, loaded in the background: the first slice at once, then the stack."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import CalloutError
from callout.volume import Series

KEPT_BYTES = 2 << 30


@dataclass(frozen=True, eq=False)
class Loaded:
    """What has arrived of a series: one slice (k), or the whole stack (k None), or why it does not come."""

    series_id: str
    k: int | None = None
    pixels: npt.NDArray[Any] | None = None
    problem: str = ""


class VolumeStore:
    """Keeps volumes while there is room; reads others in one worker thread.

    arrived: called in the worker thread with each `Loaded`.
    """

    def __init__(self, arrived: Callable[[Loaded], None], kept_bytes: int = KEPT_BYTES) -> None:
        self._arrived, self._kept_bytes = arrived, kept_bytes
        self._volumes: OrderedDict[str, npt.NDArray[Any]] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="callout-load")
        self._wanted = ""

    def get(self, series_id: str) -> npt.NDArray[Any] | None:
        """The voxels (k, j, i), where they are here already."""
        voxels = self._volumes.get(series_id)
        if voxels is not None:
            self._volumes.move_to_end(series_id)
        return voxels

    def keep(self, series_id: str, voxels: npt.NDArray[Any]) -> None:
        """Keep voxels; those that were not looked at for longest go when there are too many."""
        self._volumes[series_id] = voxels
        self._volumes.move_to_end(series_id)
        while len(self._volumes) > 1 and sum(v.nbytes for v in self._volumes.values()) > self._kept_bytes:
            self._volumes.popitem(last=False)

    def request(self, series: Series, k: int) -> None:
        """Read a series, slice `k` first; what was asked for before and is not begun yet is left out."""
        self._wanted = series.id
        self._pool.submit(self._read, series, k)

    def clear(self) -> None:
        """Forget all volumes."""
        self._volumes.clear()
        self._wanted = ""

    def close(self) -> None:
        """Stop reading and wait for what is under way."""
        self.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _read(self, series: Series, k: int) -> None:
        from callout.dicom import load, load_slice

        if series.id != self._wanted:
            return
        try:
            self._arrived(Loaded(series.id, k, load_slice(series, k)))
            self._arrived(Loaded(series.id, None, load(series, self._stop_if_unwanted(series.id)).voxels))
        except _NoLongerWanted:
            return
        except CalloutError as error:
            self._arrived(Loaded(series.id, problem=str(error)))
        except Exception as error:  # a worker's error is shown, never lost
            self._arrived(Loaded(series.id, problem=f"{series.id} can't be read: {error!r}"))

    def _stop_if_unwanted(self, series_id: str) -> Callable[[int, int], None]:
        def progress(done: int, count: int) -> None:
            if self._wanted != series_id:
                raise _NoLongerWanted

        return progress


class _NoLongerWanted(Exception):
    """Another series was asked for meanwhile."""


def placeholder(series: Series, k: int, pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A stack of which only slice `k` is here; the others are as dark as that slice's darkest."""
    stack = np.full(series.grid.shape, pixels.min(), pixels.dtype)
    stack[k] = pixels
    return stack


def is_case(path: str | os.PathLike[str]) -> bool:
    """Whether a path names a case file."""
    return os.fspath(path).endswith(".callout")
