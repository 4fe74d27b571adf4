"""Decoded: what the voxels of a series came to, every image decoded and none kept; and which files are damaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from callout.dicom.load import read_slice
from callout.dicom.slices import Slices, threads_for
from callout.errors import InputError
from callout.volume import Series


@dataclass(frozen=True)
class Decoded:
    """Lowest, highest and mean value after rescale, the type that `load` gives; and why files can't be decoded.

    Where there are `problems`, one a file, the values are those of the other images; NaN where there are none.
    """

    lowest: float
    highest: float
    mean: float
    dtype: np.dtype[Any]
    problems: tuple[InputError, ...]


class _Slice(NamedTuple):
    lowest: float
    highest: float
    mean: float
    dtype: np.dtype[Any]


def decode_all(series: Series) -> Decoded:
    """Decodes every image of `series`; of the voxels there are never more than a few slices."""
    slices = Slices(series)

    def one(k: int) -> _Slice | InputError:
        try:
            return _facts(read_slice(series, slices, k))
        except InputError as error:
            return error

    with ThreadPoolExecutor(threads_for(series)) as pool:
        found = list(pool.map(one, range(len(series.instances))))
    slices.close()
    problems = {error.where: error for error in found if isinstance(error, InputError)}
    sound = [facts for facts in found if not isinstance(facts, InputError)]
    nan = float("nan")
    return Decoded(
        min((facts.lowest for facts in sound), default=nan),
        max((facts.highest for facts in sound), default=nan),
        sum(facts.mean for facts in sound) / len(sound) if sound else nan,
        np.result_type(*{facts.dtype for facts in sound}) if sound else slices.dtype(),
        tuple(problems.values()),
    )


def _facts(pixels: npt.NDArray[Any]) -> _Slice:
    return _Slice(float(pixels.min()), float(pixels.max()), float(pixels.mean(dtype=np.float64)), pixels.dtype)
