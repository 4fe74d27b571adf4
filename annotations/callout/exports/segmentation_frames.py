"""Frames of a DICOM segmentation, however they are stored: bits, bytes or words, plain or compressed frame by frame."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callout.dicom.codestream import decode
from callout.dicom.fragments import frame_of, frames_of
from callout.dicom.header import Unreadable
from callout.dicom.sources import open_file
from callout.dicom.syntaxes import BIG_ENDIAN, ENCAPSULATED, LOSSY, READ, RLE, uncompressed
from callout.errors import InputError
from callout.volume import PixelFormat, StoredPixels

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Plane = npt.NDArray[Any]
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"  # Deflated Image Frame Compression (PS3.5 A.4.13)
WHOLE_BYTES = (RLE, ENCAPSULATED, DEFLATED_FRAMES)  # in these, single bits stay packed by eight
LARGEST_FRAME = 1 << 24  # pixels
MOST_PIXELS = 1 << 31  # of all frames of a file


def check_frames(dataset: Dataset) -> None:
    """InputError, naming the attribute, where the frames are of a kind that is not read."""
    syntax = dataset.file_meta.TransferSyntaxUID
    kind, samples, bits = dataset.get("SegmentationType"), dataset.get("SamplesPerPixel", 1), dataset.BitsAllocated
    if syntax == BIG_ENDIAN or (syntax not in READ and syntax != DEFLATED_FRAMES):
        raise InputError(f"a segmentation in {syntax.name} (TransferSyntaxUID) can't be read")
    if syntax in LOSSY and kind != "FRACTIONAL" and dataset.get("LossyImageCompression") != "00":
        raise InputError(f"a segmentation in {syntax.name} (TransferSyntaxUID) has lost its exact values")
    if samples != 1 or bits not in {"BINARY": (1, 8), "FRACTIONAL": (8, 16)}.get(str(kind), (8, 16)):
        raise InputError(f"a {kind} segmentation of {samples} × {bits} bits (BitsAllocated) can't be read")
    pixels = int(dataset.Rows) * int(dataset.Columns)
    if not 0 < pixels <= LARGEST_FRAME or int(dataset.get("NumberOfFrames", 1)) * pixels > MOST_PIXELS:
        raise InputError("its frames are larger than any honest ones (Rows, Columns, NumberOfFrames)")


@contextmanager
def frames_in(path: Path, dataset: Dataset) -> Iterator[Iterator[Plane]]:
    """The frames in their order, (rows, columns), unsigned.

    InputError, while they are taken, where one is missing, cut or damaged.
    """
    if uncompressed(dataset.file_meta.TransferSyntaxUID):
        yield _plain(dataset)
        return
    descriptor = open_file(str(path))
    try:
        yield _decoded(dataset, descriptor)
    finally:
        os.close(descriptor)


def _plain(dataset: Dataset) -> Iterator[Plane]:
    count, shape = int(dataset.get("NumberOfFrames", 1)), (int(dataset.Rows), int(dataset.Columns))
    pixels, bits = shape[0] * shape[1], int(dataset.BitsAllocated)
    data = np.frombuffer(dataset.PixelData, np.uint8)
    if len(data) < (count * pixels * bits + 7) // 8:
        raise InputError("PixelData is too short for its frames")
    for n in range(count):
        start = n * pixels * bits
        part = data[start // 8 : (start + pixels * bits + 7) // 8]
        yield _unpacked(part, start % 8, shape) if bits == 1 else part.view(f"<u{bits // 8}").reshape(shape)


def _unpacked(data: npt.NDArray[np.uint8], first: int, shape: tuple[int, int]) -> Plane:
    """Single bits, the first pixel in the lowest one (PS3.5 8.1.1), beginning with bit `first` of the first byte."""
    return np.unpackbits(data, bitorder="little")[first : first + shape[0] * shape[1]].reshape(shape)


def _decoded(dataset: Dataset, descriptor: int) -> Iterator[Plane]:
    syntax, count = str(dataset.file_meta.TransferSyntaxUID), int(dataset.get("NumberOfFrames", 1))
    rows, columns, bits = int(dataset.Rows), int(dataset.Columns), int(dataset.BitsAllocated)
    packed = bits == 1 and syntax in WHOLE_BYTES
    size = (1, (rows * columns + 7) // 8) if packed else (rows, columns)
    stored = 8 if packed else min(int(dataset.get("BitsStored", bits)), bits)
    kind = PixelFormat(syntax, *size, max(bits, 8), stored, stored - 1, signed=False, slope=1.0, intercept=0.0)
    by_fragment = PixelFormat(RLE, *size, 8, 8, 7, signed=False, slope=1.0, intercept=0.0)
    element: Any = dataset.get_item("PixelData")  # as it lies in the file
    place = StoredPixels(by_fragment if syntax in WHOLE_BYTES else kind, element.value_tell, None, 0, 0)
    n = -1
    try:
        frames = frames_of(descriptor, place)
        if len(frames) != count:
            raise Unreadable(f"PixelData has {len(frames)} frames, NumberOfFrames is {count}")
        for n in range(count):
            data = frame_of(descriptor, frames, n)
            plane = _inflated(data, kind) if syntax == DEFLATED_FRAMES else decode(data, kind)
            yield _unpacked(plane.reshape(-1).astype(np.uint8), 0, (rows, columns)) if packed else plane
    except Unreadable as error:
        raise InputError(f"frame {n + 1} can't be read: {error}" if n >= 0 else str(error)) from error


def _inflated(frame: bytes, kind: PixelFormat) -> Plane:
    """The samples of one frame that was deflated for itself; Unreadable where they are fewer or more than it has."""
    size = kind.rows * kind.columns * kind.bits_allocated // 8
    try:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, size + 2)
    except zlib.error as error:
        raise Unreadable(f"its deflated stream is damaged ({error})") from None
    if len(data) not in (size, size + size % 2):
        raise Unreadable(f"its deflated stream gives another length than the {size} bytes of a frame")
    return np.frombuffer(data[:size], f"<u{kind.bits_allocated // 8}").reshape(kind.rows, kind.columns)
