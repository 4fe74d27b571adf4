"""Compressed slices of 512 × 512: from frame to samples, beside pydicom's fastest plug-in that is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import made_series
import numpy as np
import pydicom
from bench.table import Row, timed
from made_streams import LOSSLESS, LOSSY, J, Samples
from pydicom.encaps import get_frame
from pydicom.pixels import get_decoder, pixel_array

from callout.dicom.codestream import decode
from callout.dicom.syntaxes import NAMES
from callout.volume import PixelFormat

SIZE, ROUNDS = 512, 15


def rows(folder: Path) -> Iterator[Row]:
    """Each transfer syntax, CPU time."""
    for syntax in (*LOSSLESS[1:], *LOSSY):
        bits = 8 if syntax == J + "50" else 12
        path = _written(folder / f"{syntax}.dcm", syntax, bits)
        frame = get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1)
        width = 8 if bits == 8 else 16
        ours = partial(decode, frame, PixelFormat(syntax, SIZE, SIZE, width, bits, bits - 1, False, 1, 0))
        theirs = dict(_plugins(path, syntax))
        times = [[timed(work).cpu for work in (ours, *theirs.values())] for _ in range(ROUNDS)]
        mine, *others = map(median, zip(*times, strict=True))
        name = f"decode {NAMES[syntax]} ({syntax.rpartition('.')[2]})"
        if not others:
            yield Row(name, mine, "ms")
            continue
        best, who = min(zip(others, theirs, strict=True))
        yield Row(name, mine, "ms", best, best, f"ms, pydicom with {who}")


def _plugins(path: Path, syntax: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """pydicom's decoding of the same frame, header read already, by each plug-in that can."""
    data_set = pydicom.dcmread(path)
    for plugin in get_decoder(syntax).available_plugins:
        work = partial(pixel_array, data_set, decoding_plugin=plugin)
        try:
            work()
        except Exception:  # a plug-in that can't has no time
            continue
        yield plugin, work


def _written(path: Path, syntax: str, bits: int) -> Path:
    data_set = made_series.image()
    data_set.Rows = data_set.Columns = SIZE
    data_set.BitsStored, data_set.HighBit = bits, bits - 1
    samples = _slice()
    if bits == 8:
        data_set.BitsAllocated, samples = 8, (samples >> 4).astype(np.uint8)
    data_set.PixelData = samples.tobytes()
    return made_series.write(data_set, path, syntax)


def _slice() -> Samples:
    """A body in air with noise of a usual kernel, 12 bits."""
    random = np.random.default_rng(0)
    noise = random.normal(0, 12, (SIZE, SIZE))
    noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / np.sqrt(3)
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    body = (x / 0.8) ** 2 + (y / 0.6) ** 2
    values = np.where(body < 1, 1060 + 300 * (body < 0.05), 24) + np.where(body < 1, noise, 0.35 * noise)
    return np.clip(np.rint(values), 0, 4095).astype(np.uint16)
