"""Loading a CT: all voxels, the first slice and memory, beside SimpleITK, pydicom, highdicom and a raw read.

Every way reads the same files, in turns; a way whose library is missing is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import made_series
import numpy as np
from bench.table import Row, in_turns
from pydicom.dataset import Dataset

from callout import dicom

SLICES, SIZE, ROUNDS = 400, 512, 5
MIDDLE = SLICES // 2
MEMORY = """
import sys
from callout import dicom

def peak():
    return next(1024 * int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

series = dicom.find_series(sys.argv[1])[0]
dicom.load_slice(series, 0)
before = peak()
volume = dicom.load(series)
print((peak() - before) / volume.voxels.nbytes)
"""
SIMPLEITK = 12  # times as fast as which loading should be
FIRST = 20  # times as fast as pydicom the first slice should be there


def rows(folder: Path) -> Iterator[Row]:
    """400 slices of 512 × 512, 12 bits in 16, in the page cache."""
    images, cache = folder / "ct", folder / "cache"
    _images(images)
    paths = sorted(str(path) for path in images.iterdir())
    cache.mkdir()
    os.environ["XDG_CACHE_HOME"] = str(cache)
    yield from _all_voxels(images, paths)
    yield from _first_slice(images, paths, cache)
    ran = subprocess.run([sys.executable, "-c", MEMORY, images], capture_output=True, text=True, check=True)
    yield Row("memory that a load takes", float(ran.stdout), "× the volume", 1.15)


def _all_voxels(folder: Path, paths: list[str]) -> Iterator[Row]:
    """All ways in turns; the peers have to find the order of the files too, as `find_series` does."""
    (series,) = dicom.find_series(folder)

    def from_the_folder() -> None:
        dicom.load(dicom.find_series(folder)[0])

    peers = dict(_peers(folder, paths))
    raw, ours, whole, *theirs = in_turns(
        lambda: _raw(paths), lambda: dicom.load(series), from_the_folder, *peers.values(), rounds=ROUNDS
    )
    yield Row("load, the series known", ours, "ms", 1.5 * raw, raw, "ms, raw read into one array")
    yield Row("find and load, a folder seen before", whole, "ms", None, raw, "ms, raw read into one array")
    for name, time in zip(peers, theirs, strict=True):
        aim = time / SIMPLEITK if name == "SimpleITK" else None
        yield Row(f"find and load, beside {name}", whole, "ms", aim, time, f"ms, {name}")


def _first_slice(folder: Path, paths: list[str], cache: Path) -> Iterator[Row]:
    """From the name of a folder to the values of its middle slice."""

    def ours() -> None:
        dicom.load_slice(dicom.find_series(folder)[0], MIDDLE)

    def ours_unseen() -> None:
        shutil.rmtree(cache)
        cache.mkdir()
        ours()

    theirs, unseen, known = in_turns(lambda: _pydicom_first(paths), ours_unseen, ours, rounds=ROUNDS)
    yield Row("first slice, a folder seen before", known, "ms", theirs / FIRST, theirs, "ms, pydicom")
    yield Row("first slice, a folder never seen", unseen, "ms", theirs / FIRST, theirs, "ms, pydicom")


def _raw(paths: list[str]) -> None:
    """What the machine does at best: the last bytes of each file into one new array."""
    length = SIZE * SIZE * 2
    voxels = np.empty((len(paths), length), np.uint8)
    for k, path in enumerate(paths):
        descriptor = os.open(path, os.O_RDONLY)
        os.preadv(descriptor, [voxels[k].data], os.fstat(descriptor).st_size - length)
        os.close(descriptor)


def _peers(folder: Path, paths: list[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    ways = {"SimpleITK": lambda: _simpleitk(folder), "pydicom": lambda: _pydicom(paths)}
    if find_spec("highdicom"):
        ways["highdicom"] = lambda: _highdicom(paths)
    for name, way in ways.items():
        if find_spec(name):
            yield name, way


def _simpleitk(folder: Path) -> None:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    SimpleITK.GetArrayViewFromImage(reader.Execute())


def _pydicom(paths: list[str]) -> None:
    import pydicom

    data_sets = sorted((pydicom.dcmread(path) for path in paths), key=lambda one: float(one.ImagePositionPatient[2]))
    voxels = np.stack([one.pixel_array for one in data_sets]).view(np.int16)
    voxels += np.int16(data_sets[0].RescaleIntercept)


def _highdicom(paths: list[str]) -> None:
    import highdicom
    import pydicom

    highdicom.get_volume_from_series([pydicom.dcmread(path) for path in paths])


def _pydicom_first(paths: list[str]) -> None:
    """All headers, sorted, then one image."""
    import pydicom

    def height(path: str) -> float:
        tags = ["ImagePositionPatient"]
        return float(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags).ImagePositionPatient[2])

    data_set = pydicom.dcmread(sorted(paths, key=height)[MIDDLE])
    data_set.pixel_array.astype(np.int16) + np.int16(data_set.RescaleIntercept)


def _images(folder: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 4096, (SIZE + SLICES, SIZE), np.uint16)

    def larger(data_set: Dataset, k: int) -> None:
        data_set.Rows = data_set.Columns = SIZE
        data_set.PixelData = noise[k : k + SIZE].tobytes()

    made_series.series(folder, SLICES, larger)
