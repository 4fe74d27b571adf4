"""Small sound files of every transfer syntax and kind, to be spoiled."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import made_archives
from made_frames import enhanced, mosaic
from made_media import dicomdir
from made_series import image, pixels, series, write
from made_streams import LOSSLESS, LOSSY
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

Files = dict[str, bytes]
SYNTAXES = (
    *(ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian),
    *LOSSLESS,
    *LOSSY,
)
SIDE = 24, 20


def _prepared(data_set: Dataset, k: int, syntax: str) -> None:
    """Images of a size that codecs take, in the byte order or the depth of their syntax."""
    data_set.Rows, data_set.Columns = SIDE
    data_set.PixelData = pixels(k, *SIDE).tobytes()
    if syntax == ExplicitVRBigEndian:
        data_set.PixelData = pixels(k, *SIDE).astype(">u2").tobytes()
    if syntax in LOSSY[:1]:
        data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 8, 8, 7
        data_set.PixelData = (pixels(k, *SIDE) % 256).astype("u1").tobytes()


def _stack(syntax: str, count: int) -> Callable[[Path], object]:
    return lambda folder: series(folder, count, lambda data_set, k: _prepared(data_set, k, syntax), syntax=syntax)


def _enhanced(syntax: str) -> Callable[[Path], object]:
    return lambda folder: write(enhanced([image(k) for k in range(3)]), folder / "enhanced.dcm", syntax)


def _mosaic(folder: Path) -> None:
    write(mosaic([image(k, modality="MR") for k in range(4)]), folder / "mosaic.dcm")


def _bare(folder: Path) -> None:
    (path,) = series(folder, 1)
    path.write_bytes(path.read_bytes()[132:])


def _medium(folder: Path) -> None:
    for k, path in enumerate(series(folder, 2)):
        path.rename(folder / f"IM{k}")
    dicomdir(folder, [("IM0",), ("IM1",)])


MAKERS: dict[str, Callable[[Path], object]] = {
    **{f"one image {syntax}": _stack(syntax, 1) for syntax in SYNTAXES},
    "three images": _stack(ExplicitVRLittleEndian, 3),
    "three images, implicit": _stack(ImplicitVRLittleEndian, 3),
    "no preamble": _bare,
    **{f"enhanced {syntax}": _enhanced(syntax) for syntax in (ExplicitVRLittleEndian, *LOSSLESS[1:4:2])},
    "enhanced, implicit": _enhanced(ImplicitVRLittleEndian),
    "mosaic": _mosaic,
    "DICOMDIR": _medium,
    "zip, deflated": lambda folder: made_archives.archive(folder / "a.zip", 2),
    "zip, stored": lambda folder: made_archives.archive(folder / "a.zip", 2, 0),
}


def sound() -> dict[str, Files]:
    """By kind, its files by name."""
    kinds: dict[str, Files] = {}
    for name, make in MAKERS.items():
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
            kinds[name] = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    return kinds
