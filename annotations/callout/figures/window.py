"""From native values to grey, and from native voxels to panel pixels, alike on every processor.

Values are scaled to whole numbers once, weights are whole multiples of 1/4096, and all sums are exact in int32.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callout.figures.display import Bytes2D

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.generic]

WEIGHT = 4096  # interpolation weights are multiples of 1/4096
FINE, FINER = 256, 512  # parts of one grey level that values have, and those interpolated
KEPT = FINE * WEIGHT // FINER
BEYOND = 0.5  # window widths kept beyond black and white while interpolating: keeps metal from ringing


def fractions(values: Numbers, window: tuple[float, float], inverted: bool = False) -> Floats:
    """Values as fractions of the window, 0 black … 1 white, not clipped.

    window: (centre, width), linear as in PS3.3 C.11.2.1.2.1; a width of 1 or less as LINEAR_EXACT (C.11.2.1.3.2).
    inverted: MONOCHROME1, low values white.
    """
    centre, width = window
    if width > 1:
        centre, width = centre - 0.5, width - 1
    part = (np.asarray(values, np.float64) - centre) / width + 0.5
    return 1 - part if inverted else part


def grey(values: Numbers, window: tuple[float, float], inverted: bool = False) -> Bytes2D:
    """uint8 grey levels of native values through the window; see `fractions`."""
    return _levels(np.rint(np.clip(fractions(values, window, inverted), 0, 1) * (255 * FINE)).astype(np.int32), FINE)


def _levels(fine: Whole, scale: int) -> Bytes2D:
    return np.clip((fine + scale // 2) // scale, 0, 255).astype(np.uint8)


def panel_grey(
    values: Numbers, rows: Floats, columns: Floats, window: tuple[float, float], *, inverted: bool, cubic: bool
) -> Bytes2D:
    """uint8 grey of a panel, black outside the image.

    values: (rows, columns) native. rows, columns: the index in `values` of each panel row and column, evenly spaced.
    cubic: Catmull-Rom, widened where voxels are smaller than pixels; else the nearest voxel.
    """
    inside = np.outer(_is_inside(rows, values.shape[0]), _is_inside(columns, values.shape[1]))
    if not cubic:
        return np.where(inside, grey(_nearest(values, rows, columns), window, inverted), np.uint8(0))
    part = np.clip(fractions(values, window, inverted), -BEYOND, 1 + BEYOND)
    fine = resampled(np.rint(part * (255 * FINE)).astype(np.int32), rows, columns)
    return np.where(inside, _levels(fine, FINER), np.uint8(0))


def resampled(values: Whole, rows: Floats, columns: Floats) -> Whole:
    """Values (rows, columns) in 1/FINE grey levels at other row and column indices, Catmull-Rom, in 1/FINER levels.

    All sums stay below 2**31 for values up to 1.5 times white, so everything is exact in int32.
    """
    lines = (_summed(values, rows) + KEPT // 2) // KEPT
    done = _summed(np.ascontiguousarray(lines.T), columns)
    return ((done + WEIGHT // 2) // WEIGHT).T


def _summed(values: Whole, positions: Floats) -> Whole:
    """Weighted sums of the lines (axis 0) around each position."""
    index, weights = _weights(positions, values.shape[0])
    total = np.zeros((len(positions), values.shape[1]), np.int32)
    part = np.empty_like(total)  # memory asked for once
    for lines, weight in zip(index, weights, strict=True):
        if weight.any():
            np.take(values, lines, axis=0, out=part, mode="clip")
            part *= weight[:, None]
            total += part
    return total


def picture_pixels(rgb: Bytes2D, size: tuple[int, int]) -> Bytes2D:
    """A picture, uint8 RGB (rows, columns, 3), fitted to `size` (width, height) pixels."""
    if rgb.shape[:2] == (size[1], size[0]):
        return rgb
    rows, columns = (
        np.round((np.arange(n) + 0.5) * (whole / n) - 0.5, 6) for n, whole in zip(size[::-1], rgb.shape, strict=False)
    )
    layers = [_levels(resampled(rgb[..., c].astype(np.int32) * FINE, rows, columns), FINER) for c in range(3)]
    return np.stack(layers, -1)


def _is_inside(positions: Floats, count: int) -> npt.NDArray[np.bool_]:
    """Which positions lie in the image; a pixel that reaches into it counts, so that rounding leaves no black line."""
    reach = abs(float(positions[1] - positions[0])) / 2 if len(positions) > 1 else 0.0
    reach = max(0.0, reach - 1e-6)
    return (positions > -0.5 - reach - 1e-9) & (positions < count - 0.5 + reach)


def _nearest(values: Numbers, rows: Floats, columns: Floats) -> Numbers:
    """The voxel that holds each position; at a border the next one."""
    index = [
        np.clip(np.floor(p + 0.5).astype(int), 0, n - 1) for p, n in zip((rows, columns), values.shape, strict=True)
    ]
    return values[np.ix_(*index)]


def _weights(positions: Floats, count: int) -> tuple[npt.NDArray[np.int64], Whole]:
    """Per tap: which voxel (edges repeat) and its weight, whole numbers that add up to WEIGHT for each position."""
    step = abs(float(positions[1] - positions[0])) if len(positions) > 1 else 1.0
    stretch = max(1.0, round(step, 6))
    reach = int(np.ceil(2 * stretch))
    base = np.floor(positions).astype(np.int64)
    index = base + np.arange(1 - reach, reach + 1)[:, None]
    raw = _catmull_rom((index - positions) / stretch)
    whole = np.rint(raw / raw.sum(0) * WEIGHT)
    largest = whole.argmax(0)
    whole[largest, np.arange(len(positions))] += WEIGHT - whole.sum(0)
    return np.clip(index, 0, count - 1), whole.astype(np.int32)


def _catmull_rom(off: Floats) -> Floats:
    """The cubic kernel with a = −1/2 at distances `off`."""
    x = np.abs(off)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
