"""The case file: a stroke beside the sync that it cannot do without, and a large case opened, read and undone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import made_series
import numpy as np
import numpy.typing as npt
from bench.table import Row, in_turns, timed
from pydicom.dataset import Dataset

import callout
from callout.case import Case

SLICES, SIZE = 20, 512
REGIONS, STROKES = 40, 20_000
BRUSH = 10  # pixels, the radius
Bits = npt.NDArray[np.bool_]


def rows(folder: Path) -> Iterator[Row]:
    """A case of 40 regions and 20,000 strokes on 512 × 512 slices, drawn stroke by stroke."""
    path, random = folder / "a.callout", np.random.default_rng(0)
    _images(folder / "images")
    with callout.create_case(path, folder / "images", reader="r1") as case:
        for n in range(REGIONS):
            case.add_region(case.add_finding("nodule", name=f"nodule {n}"), case.series[0].id)
    empty = path.stat().st_size
    with callout.open_case(path) as case, (folder / "plain").open("ab", buffering=0) as plain:
        yield from _beside_a_sync(case, plain.fileno(), random)
        for n in range(len(case.history), STROKES + 2 * REGIONS):
            _stroke(case, n, random)()
    size = path.stat().st_size
    yield Row("a stroke, on average", (size - empty) / STROKES, "B", 500)
    yield Row(f"a case of {REGIONS} regions and {STROKES:,} strokes", size / 1e6, "MB", 12)
    yield from _large(path)


def _beside_a_sync(case: Case, plain: int, random: np.random.Generator) -> Iterator[Row]:
    """CPU of a stroke, and its whole time beside the least that is durable: append and fdatasync."""

    def append() -> None:
        os.write(plain, bytes(200))
        os.fdatasync(plain)

    strokes, syncs = [], []
    for n in range(2000):
        strokes.append(timed(_stroke(case, n, random)))
        syncs.append(timed(append))
    own = median(one.cpu for one in strokes) - median(one.cpu for one in syncs)
    yield Row("a stroke, CPU beside its sync", own, "ms", 0.5)
    wall = median(one.wall for one in syncs)
    yield Row("a stroke, on disk", median(one.wall for one in strokes), "ms", None, wall, "ms, append and sync")


def _large(path: Path) -> Iterator[Row]:
    """Opening, reading all masks, undo."""
    opened: list[Case] = []
    read = path.read_bytes
    opening, whole = in_turns(lambda: opened.append(callout.open_case(path)) or opened.pop().close(), read, rounds=5)
    yield Row("opening it", opening, "ms", 1000, whole, "ms, reading the file")
    times = []
    for _ in range(3):
        with callout.open_case(path) as case:
            times.append(timed(partial(_read_all, case)).wall)
    yield Row(f"reading its {REGIONS} masks", median(times), "ms")
    with callout.open_case(path) as case:
        yield Row("the first undo, CPU", timed(case.undo).cpu, "ms", 20)
        yield Row("an undo, CPU", median(timed(case.undo).cpu for _ in range(50)), "ms", 20)


def _read_all(case: Case) -> None:
    for region in case.regions:
        case.region_mask(region)


def _stroke(case: Case, n: int, random: np.random.Generator) -> Callable[[], None]:
    """The nth stroke, ready to be put down: a brush dragged some pixels, one time in ten to rub out."""
    region = case.regions[n % REGIONS]
    k = int(random.integers(SLICES))
    j, i = 80 + 50 * (n % 8) + random.integers(-25, 25), 80 + 85 * (n % REGIONS // 8) + random.integers(-30, 30)
    mask = case.read_region(region, (k, 0, 0), (k + 1, SIZE, SIZE))[0]
    _brush(mask, j, i, random.uniform(0, np.pi), random.uniform(0, 30), n % 10 != 9)
    return partial(case.paint, region, k, mask)


def _brush(mask: Bits, j: float, i: float, angle: float, length: float, value: bool) -> None:
    for step in np.linspace(0, length, int(length / 3) + 1):
        row, column = j + step * np.sin(angle), i + step * np.cos(angle)
        top, left = int(row) - BRUSH - 1, int(column) - BRUSH - 1
        rows, columns = np.ogrid[top : top + 2 * BRUSH + 3, left : left + 2 * BRUSH + 3]
        part = mask[top : top + 2 * BRUSH + 3, left : left + 2 * BRUSH + 3]
        part[(rows - row) ** 2 + (columns - column) ** 2 <= BRUSH**2] = value


def _images(folder: Path) -> None:
    def larger(data_set: Dataset, k: int) -> None:
        data_set.Rows = data_set.Columns = SIZE
        data_set.PixelData = made_series.pixels(k, SIZE, SIZE).tobytes()

    made_series.series(folder, SLICES, larger)
