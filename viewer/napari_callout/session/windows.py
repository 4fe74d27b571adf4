"""Windows (centre, width): how values become greys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.volume import Series

Window = tuple[float, float]
WHOLE = 20.0  # a window at least as wide is told in whole numbers
SMALLEST = 1e-12  # no window is narrower

CT_PRESETS: tuple[tuple[str, Window], ...] = (
    ("lung", (-600.0, 1500.0)),
    ("mediastinum", (40.0, 400.0)),
    ("bone", (500.0, 2000.0)),
    ("abdomen", (50.0, 400.0)),
    ("liver", (60.0, 150.0)),
    ("brain", (40.0, 80.0)),
)


def limits(window: Window) -> tuple[float, float]:
    """The values that are just black and just white."""
    centre, width = window
    return centre - width / 2, centre + width / 2


def window_of(low: float, high: float) -> Window:
    """The window between two values."""
    return (low + high) / 2, high - low


def window_text(window: Window) -> str:
    """As radiologists write it: width, then level; of a narrow window, as of a map of 0 to 1, with decimals.

    >>> window_text((-600.0, 1500.0)), window_text((0.0006, 0.00115))
    ('W1500 L−600', 'W0.00115 L0.0006')
    """
    decimals = 0 if window[1] >= WHOLE else 2 - math.floor(math.log10(max(window[1], SMALLEST)))
    centre, width = (f"{round(value, decimals) + 0.0:.{decimals}f}" for value in window)
    if decimals:
        centre, width = centre.rstrip("0").rstrip("."), width.rstrip("0").rstrip(".")
    return f"W{width} L{centre}".replace("-", "−")


def difference_window(window: Window) -> Window:
    """The window of a difference of two series that are shown in `window`: zero is dark, so that what rose stands out.

    >>> difference_window((300.0, 800.0))
    (200.0, 800.0)
    """
    return window[1] / 4, window[1]


def presets(series: Series, voxels: npt.NDArray[Any] | None = None) -> tuple[tuple[str, Window], ...]:
    """Named windows for a series: the DICOM's own first, then CT's usual ones, or MR's from the values.

    MR: one window for the whole series, from its 1st to its 99th percentile (background left out).
    """
    own = tuple(("DICOM" if n == 0 else f"DICOM {n + 1}", window) for n, window in enumerate(series.windows[:2]))
    if series.modality == "CT":
        return (own or (("mediastinum", CT_PRESETS[1][1]),))[:1] + CT_PRESETS
    measured = () if voxels is None else (("series", percentile_window(voxels)),)
    return own + measured


def first_window(series: Series, voxels: npt.NDArray[Any]) -> Window:
    """The window a series opens with: the DICOM's first that is one, else by modality."""
    found = next((window for _, window in presets(series, None) if window[1] > 0), None)
    return found or percentile_window(voxels)


def percentile_window(voxels: npt.NDArray[Any]) -> Window:
    """From the 1st to the 99th percentile of what is not background, over a sample of the whole stack."""
    sample = voxels[:: max(1, voxels.shape[0] // 16), ::4, ::4].ravel().astype(np.float64)
    above = sample[sample > sample.min()]
    low, high = np.percentile(above if above.size else sample, (1.0, 99.0))
    return window_of(float(low), float(high) if high > low else float(low) + 1.0)


def window_group(series: Series) -> tuple[object, ...]:
    """What series that are shown in one window share: MR of one sequence and plane in one frame of reference.

    So before and after contrast can be compared by eye. Any other series has a window of its own.
    """
    frame = series.grid.frame_of_reference_uid
    if series.modality != "MR" or not series.sequence or not frame or series.is_localizer:
        return (series.id,)
    return frame, series.sequence, series.plane, str(series.attributes.get("ScanOptions", ""))
