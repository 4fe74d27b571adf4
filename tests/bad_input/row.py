"""A row of bad input: a class, its variants, and what a careful tool answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import made_series
import numpy as np
import numpy.typing as npt

Answer = Literal["load", "warn", "skip", "late", "refuse"]
Make = Callable[[Path], Any]
Shape = tuple[int, int, int]

FOUR: tuple[Shape, ...] = ((4, 6, 5),)
THREE: tuple[Shape, ...] = ((3, 6, 5),)


@dataclass(frozen=True)
class Seen:
    """A volume as it was loaded: voxels (k, j, i), origins n × 3, the steps from row to row and column to column."""

    voxels: npt.NDArray[Any]
    origins: npt.NDArray[np.float64]
    row_step: npt.NDArray[np.float64]
    column_step: npt.NDArray[np.float64]


def untrue(seen: Seen) -> str:
    """What is not as `made_series.series` made it, whichever slices there are; "" where all is true."""
    heights = seen.origins[:, 2] / 2.5
    if not np.allclose(seen.origins, [(-10, -20, 2.5 * round(height)) for height in heights], atol=1e-4):
        return f"origins {seen.origins.tolist()}"
    if not (np.allclose(seen.row_step, (0, 0.8, 0)) and np.allclose(seen.column_step, (0.7, 0, 0))):
        return f"steps {seen.row_step.tolist()} {seen.column_step.tolist()}"
    for height, voxels in zip(heights, seen.voxels, strict=True):
        if not np.array_equal(voxels, made_series.pixels(round(height), *voxels.shape).astype(np.int64) - 1024):
            return f"voxels of the slice at {height * 2.5:g} mm: {voxels.ravel()[:8].tolist()} …"
    return ""


def any_voxels(seen: Seen) -> str:
    """For rows whose voxels no formula gives."""
    return ""


@dataclass(frozen=True)
class BadInput:
    """A class of bad input.

    variants: by name, what fills an empty folder.
    answer: "load" (true values, no word); "warn" (loads, and a warning tells); "skip" (loads without the files that are
        named); "late" (damage that shows when pixels are decoded, if not before: skipped or refused by name, never
        shown); "refuse" (a clear error).
    says: a pattern that the message (warning, reason or error) must match; names: what it must name.
    stacks: the shape of each stack that loads, in the order found; None: not looked at.
    untrue: what is wrong with a volume that was loaded.
    given: the path in the folder that is looked at.
    bomb: one that unpacks to more than there is.
    converts: whether every stack is one that a volume file can hold.
    """

    name: str
    answer: Answer
    variants: Mapping[str, Make]
    says: str = ""
    names: str = ""
    stacks: tuple[Shape, ...] | None = None
    untrue: Callable[[Seen], str] = untrue
    given: str = ""
    bomb: bool = False
    converts: bool = True

    @property
    def seconds(self) -> int:
        """What one command may take."""
        return 30 if self.bomb else 20

    @property
    def megabytes(self) -> int:
        """What one command may take at its peak."""
        return 1200 if self.bomb else 900


def made(change: made_series.Change | None = None, **options: Any) -> Make:
    """A series of four slices with a change."""
    return lambda folder: made_series.series(folder, change=change, **options)


def settings(only: int | None = 1, **values: Any) -> Make:
    """A series of four slices with attributes set in one of them, or in all (None)."""
    return made(made_series.setting(None if only is None else [only], **values))


def edited(edit: Callable[[bytes], bytes], only: int | None = 1, **options: Any) -> Make:
    """A series of four slices with the bytes of one file edited, or of all (None)."""

    def make(folder: Path) -> None:
        for k, path in enumerate(made_series.series(folder, **options)):
            if only in (None, k):
                path.write_bytes(edit(path.read_bytes()))

    return make
