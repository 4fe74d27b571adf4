"""Pixels of one file: stored bits to values (PS3.5 section 8, PS3.3 C.7.6.3 and C.11.1)."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.codestream import decode
from callout.dicom.fragments import frame_of
from callout.dicom.header import INFLATE_LIMIT, Unreadable, data_set_start, inflated
from callout.dicom.sources import open_file
from callout.dicom.syntaxes import BIG_ENDIAN, DEFLATED, uncompressed
from callout.volume import PixelFormat, StoredPixels

Pixels = npt.NDArray[Any]


class Overflow(Exception):
    """A value does not fit into 16 bits."""


def read_into(path: str, place: StoredPixels, into: Pixels) -> None:
    """Reads one image's values, after rescale, into `into` (rows, columns), int16 or float32.

    Raises Unreadable where the pixels are not there in full, Overflow where int16 can't hold them, OSError.
    """
    pixels = place.format
    descriptor = open_file(path)
    try:
        if into.dtype == np.int16 and pixels.bits_allocated == 16 and _native(pixels) and into.flags.c_contiguous:
            _fill(descriptor, into.data.cast("B"), place.offset)
            _finish(into, pixels)
            return
        stored = _stored(descriptor, place)
    finally:
        os.close(descriptor)
    if into.dtype == np.int16 and stored.dtype.itemsize <= 2:
        into[...] = stored.view(np.int16) if stored.dtype.itemsize == 2 else stored
        _finish(into, pixels)
    else:
        _rescaled(_significant(stored, pixels), pixels, into)


def _native(pixels: PixelFormat) -> bool:
    return uncompressed(pixels.transfer_syntax) and pixels.transfer_syntax not in (BIG_ENDIAN, DEFLATED)


def _fill(descriptor: int, buffer: memoryview, offset: int) -> None:
    """Reads until `buffer` is full; Unreadable where the file ends before."""
    done = 0
    while done < len(buffer):
        count = os.preadv(descriptor, [buffer[done:]], offset + done)
        if count == 0:
            raise Unreadable("the file is cut: it ends inside PixelData")
        done += count


def _finish(values: Pixels, pixels: PixelFormat) -> None:
    """Stored bits in an int16 array to values, in place: other bits masked, sign extended, intercept added."""
    bits, low = pixels.bits_stored, pixels.high_bit + 1 - pixels.bits_stored
    unsigned = values.view(np.uint16)
    if pixels.signed and bits < 16:
        np.left_shift(values, 15 - pixels.high_bit, out=values)
        np.right_shift(values, 16 - bits, out=values)
    elif bits < 16:
        if low:
            np.right_shift(unsigned, low, out=unsigned)
        np.bitwise_and(unsigned, (1 << bits) - 1, out=unsigned)
    intercept = int(pixels.intercept)
    lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if pixels.signed else (0, (1 << bits) - 1)
    if lowest + intercept < -32768 or highest + intercept > 32767:  # they could leave int16: do they?
        actual = values if pixels.signed else unsigned
        if int(actual.min()) + intercept < -32768 or int(actual.max()) + intercept > 32767:
            raise Overflow
    if intercept:  # modulo 2^16, which turns unsigned samples into the right signed ones
        np.add(unsigned, np.uint16(intercept & 0xFFFF), out=unsigned)


def _stored(descriptor: int, place: StoredPixels) -> Pixels:
    """The stored samples (rows, columns) as unsigned or, from a codec, whatever integers it gave."""
    pixels = place.format
    order = ">" if pixels.transfer_syntax == BIG_ENDIAN else "<"
    dtype = np.dtype(f"{order}u{pixels.bits_allocated // 8}")
    size = pixels.rows * pixels.columns * dtype.itemsize
    if pixels.transfer_syntax == DEFLATED:
        raw: bytes | bytearray = _from_deflated(descriptor, place, size)
    elif uncompressed(pixels.transfer_syntax):
        raw = bytearray(size)
        _fill(descriptor, memoryview(raw), place.offset)
    else:
        return decode(frame_of(descriptor, place), pixels)
    return np.frombuffer(raw, dtype).reshape(pixels.rows, pixels.columns).astype(dtype.newbyteorder("="))


def _from_deflated(descriptor: int, place: StoredPixels, size: int) -> bytes:
    if place.offset + size > INFLATE_LIMIT:
        raise Unreadable(f"its deflated data set is larger than {INFLATE_LIMIT >> 20} MiB")
    data = bytearray(place.file_size)
    _fill(descriptor, memoryview(data), 0)
    whole = inflated(bytes(data[data_set_start(bytes(data)) :]), place.offset + size)
    if len(whole) < place.offset + size:
        raise Unreadable("the file is cut: its deflated data set ends inside PixelData")
    return whole[place.offset :]


def _significant(stored: Pixels, pixels: PixelFormat) -> Pixels:
    """Stored samples without overlay bits, sign extended, as int64."""
    values = stored.astype(np.int64) >> (pixels.high_bit + 1 - pixels.bits_stored)
    values &= (1 << pixels.bits_stored) - 1
    if pixels.signed:
        sign = 1 << (pixels.bits_stored - 1)
        values = (values ^ sign) - sign
    return values


def _rescaled(values: Pixels, pixels: PixelFormat, into: Pixels) -> None:
    if into.dtype == np.int16:
        result = values + int(pixels.intercept)
        if result.min() < -32768 or result.max() > 32767:
            raise Overflow
    else:
        result = values * pixels.slope + pixels.intercept
        exact = pixels.slope == 1 and pixels.intercept == int(pixels.intercept)
        if exact and max(abs(float(result.min())), abs(float(result.max()))) > 1 << 24:
            raise Unreadable("values are too large to be kept exactly (BitsStored)")
    into[...] = result
