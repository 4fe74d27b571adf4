"""Values to greys: the window as a table. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_callout.session.windows import SMALLEST, Window, limits

Greys = npt.NDArray[np.uint8]


def greys(values: npt.NDArray[Any], window: Window, inverted: bool = False) -> Greys:
    """(rows, columns) 0 (black) to 255; what is not finite is black.

    >>> greys(np.array([[-1000, 40, 500]], np.int16), (40.0, 400.0)).tolist()
    [[0, 127, 255]]
    """
    if values.dtype == np.int16:
        bits = np.ascontiguousarray(values).view(np.uint16)
        return np.take(_table(window, inverted), bits, mode="clip")  # no bits lie outside: twice as fast as by index
    low, high = limits(window)
    numbers = np.ascontiguousarray(values, np.float32)
    scaled = np.clip((numbers - low) * np.float32(255 / max(high - low, SMALLEST)), 0, 255)
    found: Greys = np.where(np.isfinite(numbers), 255 - scaled if inverted else scaled, 0).astype(np.uint8)
    return found


@lru_cache(maxsize=16)
def _table(window: Window, inverted: bool) -> Greys:
    """The grey of every int16, by its bits as uint16."""
    low, high = limits(window)
    values = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.float32)
    scaled = np.clip((values - np.float32(low)) * np.float32(255 / max(high - low, SMALLEST)), 0, 255)
    table: Greys = (255 - scaled if inverted else scaled).astype(np.uint8)
    table.flags.writeable = False
    return table
