"""Voxels of the series that were looked at: kept while there is room, or arriving in the background."""

from __future__ import annotations

import os
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callout.volume import Series

if TYPE_CHECKING:
    from callout.dicom import Loading
    from callout.dicom.loading import Arrived

KEPT_BYTES = 2 << 30
SAMPLED = 16  # slices that tell how bright a series is
CLOSING_SECONDS = 5.0  # that a slice under way is waited for


class VolumeStore:
    """Keeps volumes while there is room; has one other read at a time.

    arrived: as of `Loading`, called in its threads.
    """

    def __init__(self, arrived: Arrived, kept_bytes: int = KEPT_BYTES) -> None:
        self._arrived, self._kept_bytes = arrived, kept_bytes
        self._volumes: OrderedDict[str, npt.NDArray[Any]] = OrderedDict()
        self.loading: Loading | None = None

    def get(self, series_id: str) -> npt.NDArray[Any] | None:
        """The voxels (k, j, i), where they are all here."""
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

    @property
    def done(self) -> float:
        """How much of what is being read is here, from 0 to 1; 1 where nothing is."""
        return 1.0 if self.loading is None else self.loading.done / len(self.loading.series.instances)

    def request(self, series: Series, k: int) -> None:
        """Read a series, slice `k` first, instead of what was being read. InputError where there is no memory."""
        from callout.dicom import Loading

        self.stop()
        self.loading = Loading(series, k, self._arrived)

    def look_at(self, k: int) -> None:
        """Slices around `k` are to come first."""
        if self.loading is not None:
            self.loading.look_at(k)

    def stop(self) -> None:
        """Read no more; what arrives of it all the same is of a loading that is not `loading`."""
        if self.loading is not None:
            self.loading.cancel()
            self.loading = None

    def clear(self) -> None:
        """Forget all volumes, and read no more."""
        self.stop()
        self._volumes.clear()

    def close(self) -> None:
        """Stop reading and wait for what is under way."""
        loading = self.loading
        self.clear()
        if loading is not None:
            with suppress(Exception):  # why it ended is of no interest any more
                loading.wait(CLOSING_SECONDS)


def sample(voxels: npt.NDArray[Any], arrived: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Slices of a volume that are here, evenly spread, (some, rows, columns)."""
    here = np.flatnonzero(arrived)
    return voxels[here[:: max(1, len(here) // SAMPLED)][:SAMPLED]]


def is_case(path: str | os.PathLike[str]) -> bool:
    """Whether a path names a case file."""
    return os.fspath(path).endswith(".callout")
