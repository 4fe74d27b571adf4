"""Loading: the voxels of a series on their way into one array, in threads, nearest slice first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Condition, Thread
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.pixels import Overflow
from callout.dicom.slices import Slices, room_for, threads_for
from callout.errors import CalloutError, InputError
from callout.volume import Series, Volume

LONGEST_RUN = 8  # neighbours that a thread reads one after the other
TOLD_SECONDS = 0.03  # at most so often does a thread say what has arrived

Arrived = Callable[["Loading", Sequence[int]], None]


class Loading:
    """A volume that is still arriving; `volume` waits for all of it.

    arrived: called with the loading and slices that have arrived, in the thread that read them; and a last time with
        none when nothing more will come: all is here, a file can't be read, or it was cancelled.
    """

    def __init__(self, series: Series, first: int = 0, arrived: Arrived | None = None) -> None:
        """Begins at once, with slice `first`, then those around it."""
        self.series = series
        self._told = arrived
        self._slices = Slices(series)
        self._change = Condition()
        self._cancelled = False
        self._error: Exception | None = None
        self._begin(self._slices.dtype())
        self._focus, self._run = first, 1
        self._working, self._ended = threads_for(series), False
        for n in range(self._working):
            Thread(target=self._work, name=f"callout-loading-{n}").start()

    @property
    def voxels(self) -> npt.NDArray[Any]:
        """The array (k, j, i) that is being filled: what has not arrived is 0.

        int16, or float32; another array where a value turns up that int16 can't hold, and all arrive anew.
        """
        return self._voxels

    @property
    def arrived(self) -> npt.NDArray[np.bool_]:
        """(slices,) which slices of `voxels` are there."""
        return _read_only(self._arrived)

    @property
    def done(self) -> int:
        """How many slices are there."""
        return int(np.count_nonzero(self._arrived))

    @property
    def complete(self) -> bool:
        """Whether all slices are there."""
        return bool(self._arrived.all())

    @property
    def problem(self) -> str:
        """Why nothing more comes: what, which file, what to do; "" while all is well."""
        if self._error is None or isinstance(self._error, CalloutError):
            return str(self._error or "")
        return f"{self.series.id} can't be read: {self._error!r}"

    def look_at(self, k: int) -> None:
        """From now on slices nearest to `k` come first."""
        with self._change:
            self._focus, self._run = k, 1

    def cancel(self) -> None:
        """Read no more than what is being read now; doesn't wait for that."""
        with self._change:
            self._cancelled = True

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until nothing more will come, at most `timeout` seconds; whether that is so.

        Raises, as `volume`, the InputError that ended it.
        """
        with self._change:
            ended = self._change.wait_for(lambda: self._ended, timeout)
        if ended and self._error is not None:
            raise self._error
        return ended

    def volume(self) -> Volume:
        """Waits for all voxels. InputError, naming the file, where one can't be read, or where it was cancelled."""
        self.wait()
        if not self.complete:
            raise InputError("loading was cancelled", self.series.id, "load the series again")
        return Volume(self._voxels, self.series.grid, self.series.id)

    def _begin(self, dtype: np.dtype[Any]) -> None:
        """An array in which nothing has arrived yet."""
        shape = self.series.grid.shape
        self._filled = room_for(self.series, shape, dtype)
        self._arrived = np.zeros(shape[0], np.bool_)  # before the voxels: who sees these, sees that none is there
        self._voxels = _read_only(self._filled)
        self._taken = bytearray(shape[0])

    def _work(self) -> None:
        """One thread: takes slices until there are none, and tells now and then what it has read."""
        mine: list[int] = []
        last = 0.0
        try:
            while ks := self._next():
                mine += self._read(ks)
                if self._told is not None and mine and time.monotonic() - last > TOLD_SECONDS:
                    self._told(self, mine)
                    mine, last = [], time.monotonic()
            if self._told is not None and mine:
                self._told(self, mine)
        except Exception as error:  # kept for whoever waits; it ends the other threads too
            with self._change:
                self._error = self._error or error
        finally:
            self._leave()

    def _leave(self) -> None:
        """The last thread to go lets go of the files and says that nothing more comes."""
        with self._change:
            self._working -= 1
            if self._working:
                return
        self._slices.close()
        try:
            if self._told is not None:
                self._told(self, ())
        finally:
            with self._change:
                self._ended = True
                self._change.notify_all()

    def _next(self) -> range:
        """The slices to read now, a few neighbours: of those that none has taken, nearest to the one looked at."""
        with self._change:
            taken, focus = self._taken, self._focus
            above, below = taken.find(0, focus), taken.rfind(0, 0, focus)
            if self._cancelled or self._error is not None or above < 0 > below:
                return range(0)
            upward = below < 0 or 0 <= above - focus <= focus - below
            first, step = (above, 1) if upward else (below, -1)
            last = first
            while abs(last + step - first) < self._run and 0 <= last + step < len(taken) and not taken[last + step]:
                last += step
            self._run = min(2 * self._run, LONGEST_RUN)
            for k in (ks := range(first, last + step, step)):
                taken[k] = 1
            return ks

    def _read(self, ks: range) -> list[int]:
        """Reads slices to their places; those that are there now. The rest is left when others are looked at."""
        into, focus, done = self._filled, self._focus, 0
        try:
            for k in ks:
                self._slices.read(k, into[k])
                done += 1
                if self._cancelled or self._focus != focus:
                    break
        except Overflow:
            self._widen(into)
        with self._change:
            if into is not self._filled:
                return []
            self._arrived[list(ks[:done])] = True
            for k in ks[done:]:
                self._taken[k] = 0
        return list(ks[:done])

    def _widen(self, narrow: npt.NDArray[Any]) -> None:
        """Begins again with float32, unless another thread has done so."""
        with self._change:
            if self._filled is narrow:
                self._slices.begin_again()
                self._begin(np.dtype(np.float32))


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
