"""RLE frames (PS3.5 annex G): a table of segments, each one byte of all samples, packed run by run."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable
from callout.volume import PixelFormat

TABLE = 64  # bytes: the number of segments, and where each of at most 15 begins


def segments_of(head: bytes, pixels: PixelFormat) -> list[int]:
    """Where each segment begins in the frame, the highest byte's first. Unreadable where the table is not sound."""
    if len(head) < TABLE:
        raise Unreadable("its RLE stream is cut inside its header")
    count, *offsets = struct.unpack_from("<16I", head)
    wanted = pixels.bits_allocated // 8
    if count != wanted:
        raise Unreadable(f"its RLE stream has {count} segments, BitsAllocated {pixels.bits_allocated} needs {wanted}")
    starts = list(offsets[:count])
    if starts[0] != TABLE or any(end <= start for start, end in pairwise(starts)):
        raise Unreadable("its RLE stream is damaged: its segments don't follow one another")
    return starts


def decode_rle(frame: bytes, pixels: PixelFormat) -> npt.NDArray[Any]:
    """The samples (rows, columns), unsigned. Unreadable where a segment holds fewer or more than the image has."""
    starts = segments_of(frame, pixels)
    samples = pixels.rows * pixels.columns
    planes = np.empty((samples, len(starts)), np.uint8)
    for n, (start, end) in enumerate(zip(starts, [*starts[1:], len(frame)], strict=True)):
        planes[:, len(starts) - 1 - n] = _unpacked(frame[start:end], samples)
    return planes.view(f"<u{len(starts)}").reshape(pixels.rows, pixels.columns)


def _unpacked(segment: bytes, samples: int) -> npt.NDArray[np.uint8]:
    from imagecodecs import packbits_decode

    room = bytearray(samples + 1)  # two bytes of padding read as one more sample
    try:
        unpacked = np.frombuffer(packbits_decode(segment, out=room), np.uint8)
    except RuntimeError:  # a run that goes on past the segment's end, or past the image's
        raise Unreadable("its RLE stream is damaged: a segment's runs don't fit the image") from None
    if len(unpacked) < samples:
        raise Unreadable(f"its RLE stream is cut: a segment holds {len(unpacked)} of {samples} samples")
    return unpacked[:samples]
