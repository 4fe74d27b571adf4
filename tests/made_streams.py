"""Compressed frames made for tests, in every transfer syntax that CT and MR use."""

from __future__ import annotations

import itertools
import struct
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

ENCAPSULATED = "1.2.840.10008.1.2.1.98"
RLE = "1.2.840.10008.1.2.5"
J = "1.2.840.10008.1.2.4."
LOSSLESS = (ENCAPSULATED, RLE, *(J + n for n in ("57", "70", "80", "81", "90", "91", "201", "202", "203")))
JPEG_2000 = tuple(J + n for n in ("90", "91", "201", "202", "203"))
LOSSY = (J + "50", J + "51")
Samples = npt.NDArray[Any]


def stream(samples: Samples, syntax: str, bits: int = 12, *, predictor: int = 1) -> bytes:
    """One frame of samples (rows, columns), signed or not, of `bits` stored bits, compressed."""
    unsigned = samples.view(f"u{samples.dtype.itemsize}")
    code = syntax.removeprefix(J)
    if syntax == ENCAPSULATED:
        return samples.tobytes() + bytes(samples.nbytes % 2)
    if syntax == RLE:
        return rle(unsigned)
    if code == "50":
        return bytes(imagecodecs.jpeg8_encode(unsigned, level=98))
    if code == "51":
        return bytes(imagecodecs.jpeg8_encode(unsigned, level=98, bitspersample=max(8, bits)))
    if code in ("57", "70"):
        masked = unsigned & unsigned.dtype.type((1 << bits) - 1)
        return bytes(imagecodecs.jpeg8_encode(masked, lossless=True, predictor=predictor, bitspersample=bits))
    if code in ("80", "81"):
        return bytes(imagecodecs.jpegls_encode(unsigned))
    if code in ("90", "91"):
        return bytes(imagecodecs.jpeg2k_encode(samples, level=0, reversible=True, codecformat="j2k", mct=False))
    return bytes(imagecodecs.htj2k_encode(samples))


def rle(samples: Samples) -> bytes:
    """PS3.5 annex G: the high bytes first, row by row, each segment of an even length."""
    planes = samples.reshape(*samples.shape, 1).view(np.uint8)[..., ::-1]
    segments = [
        b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in planes[..., n]) for n in range(planes.shape[-1])
    ]
    segments = [segment + bytes(len(segment) % 2) for segment in segments]
    starts = itertools.accumulate([64, *map(len, segments[:-1])])
    return struct.pack("<16I", len(segments), *starts, *[0] * (15 - len(segments))) + b"".join(segments)


def compress(data_set: Dataset, syntax: str) -> None:
    """The frames of an uncompressed data set, in place, one fragment each."""
    count, bits = int(data_set.get("NumberOfFrames", 1)), data_set.BitsAllocated
    kind = "i" if data_set.PixelRepresentation else "u"
    samples = np.frombuffer(data_set.PixelData, f"<{kind}{bits // 8}")
    frames = samples[: count * data_set.Rows * data_set.Columns].reshape(count, data_set.Rows, data_set.Columns)
    put(data_set, encapsulate([stream(frame, syntax, data_set.BitsStored) for frame in frames]))


def put(data_set: Dataset, encapsulated: bytes) -> None:
    """Fragments as PixelData."""
    data_set.PixelData = encapsulated
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
