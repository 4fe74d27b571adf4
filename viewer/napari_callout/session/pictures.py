"""Voxels of the series that are looked at, kept or arriving in the background, and their windows. No Qt."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from callout.errors import CalloutError
from callout.volume import Series
from napari_callout.session.windows import Window, first_window, presets, window_group

if TYPE_CHECKING:
    from callout.dicom import Loading
    from callout.dicom.loading import Arrived

KEPT_BYTES = 2 << 30
SAMPLED = 16  # slices that tell how bright a series is
CLOSING_SECONDS = 5.0  # that a slice under way is waited for


@dataclass(frozen=True, eq=False)
class Picture:
    """What is here of a series: its voxels (k, j, i), of which `arrived` (slices,) tells what is there; None: all."""

    voxels: npt.NDArray[Any]
    arrived: npt.NDArray[np.bool_] | None = None

    def is_here(self, k: int) -> bool:
        """Whether native slice `k` is there."""
        return self.arrived is None or bool(self.arrived[k])

    @property
    def sample(self) -> npt.NDArray[Any]:
        """Slices that are here, evenly spread, (some, rows, columns)."""
        if self.arrived is None:
            return self.voxels
        here = np.flatnonzero(self.arrived)
        return self.voxels[here[:: max(1, len(here) // SAMPLED)][:SAMPLED]]


class Pictures:
    """Signals: `changed` (series id) more of it is here, or why nothing comes; `windowed` (series id)."""

    changed = Signal(str)
    windowed = Signal(str)

    def __init__(self, post: Arrived, kept_bytes: int = KEPT_BYTES) -> None:
        """`post`: called in the threads that read; it has `take` called with the same, in the window's own thread."""
        self._post, self._kept_bytes = post, kept_bytes
        self._kept: OrderedDict[str, npt.NDArray[Any]] = OrderedDict()
        self._wanted: frozenset[str] = frozenset()  # what is looked at
        self._loadings: dict[str, Loading] = {}
        self._windows: dict[tuple[object, ...], Window] = {}
        self._first: dict[tuple[object, ...], Window] = {}  # of what is still arriving
        self._presets: dict[str, tuple[tuple[str, Window], ...]] = {}
        self.problems: dict[str, str] = {}

    def get(self, series_id: str) -> Picture | None:
        """What is here of a series; None where nothing is."""
        voxels = self._kept.get(series_id)
        if voxels is not None:
            return Picture(voxels)
        loading = self._loadings.get(series_id)
        return Picture(loading.voxels, loading.arrived) if loading is not None and loading.done else None

    def done(self, series_id: str) -> float:
        """How much of what is being read of a series is here, from 0 to 1; 1 where nothing is."""
        loading = self._loadings.get(series_id)
        return 1.0 if loading is None else loading.done / len(loading.series.instances)

    def is_settled(self, series_id: str) -> bool:
        """Whether all of a series is here, or nothing of it can come."""
        return series_id in self._kept or series_id in self.problems

    def want(self, series: Mapping[str, tuple[Series, int]]) -> None:
        """These are looked at, each at a native slice, which comes first; what else was being read stops."""
        for series_id in [name for name in self._loadings if name not in series]:
            self._loadings.pop(series_id).cancel()
        for series_id, (one, k) in series.items():
            if series_id in self._kept:
                self._kept.move_to_end(series_id)
            elif series_id in self._loadings:
                self._loadings[series_id].look_at(k)
            elif series_id not in self.problems:
                self._request(one, k)
        self._wanted = frozenset(series)
        self._make_room()

    def _request(self, series: Series, k: int) -> None:
        from callout.dicom import Loading

        try:
            self._loadings[series.id] = Loading(series, k, self._post)
        except CalloutError as error:
            self._fail(series.id, str(error))

    def take(self, loading: Loading, ks: Sequence[int]) -> None:
        """Slices are here, or, without any, nothing more comes."""
        series_id = loading.series.id
        if self._loadings.get(series_id) is not loading:
            return
        if loading.problem:
            self._fail(series_id, loading.problem)
            return
        if not ks and loading.complete:
            del self._loadings[series_id]
            self._keep(series_id, loading.voxels)
            self._presets.pop(series_id, None)
        self.changed.emit(series_id)

    def _fail(self, series_id: str, problem: str) -> None:
        loading = self._loadings.pop(series_id, None)
        if loading is not None:
            loading.cancel()
        self.problems[series_id] = problem
        self.changed.emit(series_id)

    def _keep(self, series_id: str, voxels: npt.NDArray[Any]) -> None:
        self._kept[series_id] = voxels
        self._kept.move_to_end(series_id)
        self._make_room()

    def _make_room(self) -> None:
        """What was not looked at for longest goes where there is too much; never what is looked at."""
        over = sum(voxels.nbytes for voxels in self._kept.values()) - self._kept_bytes
        for series_id in [name for name in self._kept if name not in self._wanted]:
            if over > 0:
                over -= self._kept.pop(series_id).nbytes

    def window(self, series: Series) -> Window | None:
        """The window in which a series is shown; None while nothing of it is here."""
        group = window_group(series)
        found, picture = self._windows.get(group), self.get(series.id)
        if found is not None or picture is None:
            return found
        kept = self._windows if picture.arrived is None else self._first
        if group not in kept:
            kept[group] = first_window(series, picture.sample)
        return kept[group]

    def set_window(self, series: Series, window: Window) -> None:
        """Show a series, and those that share its window, in another one."""
        self._windows[window_group(series)] = window
        self.windowed.emit(series.id)

    def presets(self, series: Series) -> tuple[tuple[str, Window], ...]:
        """The named windows of a series."""
        picture = self.get(series.id)
        if picture is None:
            return ()
        if series.id not in self._presets:  # of what is arriving: from its first slices, until all are here
            self._presets[series.id] = presets(series, picture.sample)
        return self._presets[series.id]

    def forget_problems(self) -> None:
        """Try again what could not be read."""
        self.problems.clear()

    def clear(self) -> None:
        """Forget everything, and read no more."""
        for loading in self._loadings.values():
            loading.cancel()
        for kept in (self._loadings, self._kept, self._windows, self._first, self._presets, self.problems):
            kept.clear()

    def close(self) -> None:
        """Stop reading and wait for what is under way."""
        loadings = list(self._loadings.values())
        self.clear()
        for loading in loadings:
            with suppress(Exception):  # why it ended is of no interest any more
                loading.wait(CLOSING_SECONDS)
