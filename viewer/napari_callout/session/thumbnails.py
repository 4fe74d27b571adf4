"""Thumbnails: the middle slice of each series, small, as the views show it; made one by one in the background."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import CalloutError
from callout.volume import Series
from napari_callout.session.order import DisplayOrder
from napari_callout.session.windows import first_window, limits

SIDE = 144  # pixels of the longer side: twice what is shown, for fine screens
CLOSING_SECONDS = 5.0  # that the one being made is waited for


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """grey: (rows, columns) uint8, square pixels, right way up; or no picture, and the `problem` why there is none."""

    grey: npt.NDArray[np.uint8]
    problem: str = ""


NOTHING = np.zeros((0, 0), np.uint8)


def thumbnail_of(series: Series) -> Thumbnail:
    """The middle slice, in the series' first window. Only that slice is read."""
    from callout.dicom import load_slice

    try:
        pixels = load_slice(series, series.grid.shape[0] // 2)
    except CalloutError as error:
        return Thumbnail(NOTHING, error.what)
    except Exception as error:  # a codec's own; the other thumbnails are not its fault
        return Thumbnail(NOTHING, f"can't be read ({type(error).__name__})")
    order = DisplayOrder.of(series.grid)
    axis, down, across = order.dims_order
    seen = order.to_display(pixels[None]).take(0, axis)
    return Thumbnail(_shrunk(_grey(series, seen), order.spacing[down], order.spacing[across]))


def _grey(series: Series, seen: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    low, high = limits(first_window(series, seen[None]))
    part = np.clip((seen.astype(np.float32) - low) / max(high - low, 1e-6), 0, 1)
    grey: npt.NDArray[np.uint8] = (part * 255).astype(np.uint8)
    return 255 - grey if series.photometric_interpretation == "MONOCHROME1" else grey


def _shrunk(grey: npt.NDArray[np.uint8], down_mm: float, across_mm: float) -> npt.NDArray[np.uint8]:
    """With square pixels, SIDE of them on the longer side."""
    from PIL import Image

    height, width = grey.shape[0] * down_mm, grey.shape[1] * across_mm
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(np.ascontiguousarray(grey)).resize(size, Image.Resampling.BILINEAR))


class Thumbnails:
    """Makes them in the order asked for, one after another, while it may, and keeps them.

    made: called with the series' id for each, in the thread that made it.
    """

    def __init__(self, made: Callable[[str], object]) -> None:
        self._made = made
        self._asked: Sequence[Series] | None = None
        self._kept: dict[str, Thumbnail] = {}
        self._todo: deque[Series] = deque()
        self._change = Condition()
        self._may, self._closed = False, False
        self._thread: Thread | None = None

    def get(self, series_id: str) -> Thumbnail | None:
        """What is made already."""
        return self._kept.get(series_id)

    def ask(self, series: Sequence[Series]) -> None:
        """Make those of these series, and of no others any more; asked anew, what could not be made is tried again."""
        if series is self._asked:
            return
        with self._change:
            self._asked = series
            kept = {one.id: self._kept[one.id] for one in series if one.id in self._kept}
            self._kept = {name: thumbnail for name, thumbnail in kept.items() if not thumbnail.problem}
            self._todo = deque(one for one in series if one.id not in self._kept)
            if self._todo and self._thread is None and not self._closed:
                self._thread = Thread(target=self._work, name="callout-thumbnails", daemon=True)
                self._thread.start()
            self._change.notify_all()

    def forget(self) -> None:
        """Another study is there: nothing made so far is of use."""
        with self._change:
            self._asked, self._kept, self._todo = None, {}, deque()

    def let(self, may: bool) -> None:
        """Whether they may be made now; not while the reader waits for a slice."""
        with self._change:
            self._may = may
            self._change.notify_all()

    def close(self) -> None:
        """Make no more, and wait for the one being made."""
        with self._change:
            self._closed = True
            self._todo.clear()
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        while (series := self._next()) is not None:
            thumbnail = thumbnail_of(series)
            with self._change:
                asked = bool(self._todo) and self._todo[0] is series
                if asked:
                    self._todo.popleft()
                    self._kept[series.id] = thumbnail
            if asked:
                self._made(series.id)

    def _next(self) -> Series | None:
        with self._change:
            self._change.wait_for(lambda: self._closed or (self._may and self._todo))
            return None if self._closed else self._todo[0]
