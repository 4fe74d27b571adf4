"""Listing 5,000 files in 10 series, each with 190 elements: for the first time, and again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import made_series
import pydicom
import SimpleITK as sitk
from bench.table import Row, in_turns
from pydicom.dataset import Dataset

from callout import dicom
from callout.dicom.cache import SWITCH

SERIES, IMAGES, SIZE, MORE = 10, 500, 96, 140
HEAD, ROUNDS = 16 * 1024, 5


def rows(folder: Path) -> Iterator[Row]:
    """Ratios to what the machine does at best, and times beside those of peers."""
    tree, caches = folder / "tree", folder / "caches"
    for number in range(SERIES):
        made_series.series(tree / f"{number // 2}" / f"{number}", IMAGES, _long, name=str(number))
    buffer = bytearray(HEAD)

    def read() -> None:
        for path in _files(tree):
            descriptor = os.open(path, os.O_RDONLY)
            os.readv(descriptor, [buffer])
            os.close(descriptor)

    def stat() -> None:
        for path in _files(tree):
            os.stat(path)

    def first() -> None:
        with patch.dict(os.environ, {SWITCH: "off"}):
            dicom.scan([tree])

    def again() -> None:
        with patch.dict(os.environ, {"XDG_CACHE_HOME": str(caches)}):
            dicom.scan([tree])

    again()
    reading, looking, listing, known = in_turns(read, stat, first, again, rounds=2 * ROUNDS)
    yield Row("listing for the first time", listing / reading, "× reading 16 KiB of each", 10)
    yield Row("listing again", known / looking, "× a stat of each", 3)
    mine, *others = in_turns(first, *(_with(peer, tree) for peer in (_pydicom, _simpleitk)), rounds=ROUNDS)
    for name, other in zip(("pydicom", "SimpleITK"), others, strict=True):
        yield Row("listing for the first time", mine, "ms", None, other, f"ms, {name}")


def _long(data_set: Dataset, k: int) -> None:
    """As many elements as scanners write, and pixels enough that 16 KiB of each can be read."""
    data_set.Rows = data_set.Columns = SIZE
    data_set.PixelData = made_series.pixels(k, SIZE, SIZE).tobytes()
    block = data_set.private_block(0x0019, "BENCH", create=True)
    for number in range(MORE):
        block.add_new(number, ("LO", "DS", "UI", "SH")[number % 4], ("some words", "1.25", "1.2.3.4", "x")[number % 4])


def _files(folder: Path) -> Iterator[str]:
    """All files below it, in the order of the disk."""
    todo = [os.fspath(folder)]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    todo.append(entry.path)
                else:
                    yield entry.path


def _with(peer: Callable[[Path], object], tree: Path) -> Callable[[], object]:
    return lambda: peer(tree)


def _pydicom(tree: Path) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for path in _files(tree):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        found.setdefault(header.SeriesInstanceUID, []).append(header.ImagePositionPatient)
    return found


def _simpleitk(tree: Path) -> list[tuple[str, ...]]:
    folders = sorted({os.path.dirname(path) for path in _files(tree)})
    reader = sitk.ImageSeriesReader
    return [
        reader.GetGDCMSeriesFileNames(folder, series)
        for folder in folders
        for series in reader.GetGDCMSeriesIDs(folder)
    ]
