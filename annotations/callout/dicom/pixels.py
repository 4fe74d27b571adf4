"""Pixels of one image: stored bits to values (PS3.5 section 8, PS3.3 C.7.6.3 and C.11.1)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable
from callout.dicom.image_file import ImageFile
from callout.dicom.syntaxes import BIG_ENDIAN, uncompressed
from callout.volume import PixelFormat, StoredPixels

Pixels = npt.NDArray[Any]
BLOCK = 1 << 16  # pixels rescaled at a time: in the cache, and no second picture in memory
FINEST_BITS = 12  # a picture whose values float32 tells less finely apart than this is none
SMALLEST, LARGEST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)


class Overflow(Exception):
    """A value does not fit into 16 bits, or is no whole number."""


def whole(pixels: PixelFormat) -> bool:
    """Whether values are whole numbers that may fit into 16 bits."""
    return (
        pixels.slope == 1
        and pixels.intercept == int(pixels.intercept)
        and abs(pixels.intercept) <= 65536
        and pixels.bits_stored <= 16
    )


def read_into(file: ImageFile, place: StoredPixels, into: Pixels) -> None:
    """Reads one image's values, after rescale, into `into` (rows, columns), int16 or float32, contiguous.

    Raises Unreadable where the pixels are not there in full, Overflow where int16 can't hold them, OSError.
    """
    pixels = place.format
    if into.dtype == np.int16 and not whole(pixels):
        raise Overflow
    if into.dtype == np.int16 and pixels.bits_allocated == 16 and uncompressed(pixels.transfer_syntax):
        samples = into.view(np.uint16)  # straight to where they stay
        _fill(file, place, samples)
    else:
        samples = _samples(file, place)
    values = _significant(samples, pixels)
    (_shifted if into.dtype == np.int16 else _rescaled)(values, pixels, into)


def _samples(file: ImageFile, place: StoredPixels) -> Pixels:
    """The stored samples (rows, columns), unsigned, as wide as BitsAllocated."""
    pixels = place.format
    if not uncompressed(pixels.transfer_syntax):
        return file.decoded(place)
    samples = np.empty((pixels.rows, pixels.columns), f"u{pixels.bits_allocated // 8}")
    _fill(file, place, samples)
    return samples


def _fill(file: ImageFile, place: StoredPixels, samples: Pixels) -> None:
    """Uncompressed samples, from the byte order of the file to that of the machine."""
    swapped = place.format.transfer_syntax == BIG_ENDIAN
    width, fill = samples.dtype.itemsize, file.fill
    if swapped and width == 1 and (start := file.words_from()) is not None:
        fill = partial(file.fill_from_words, start=start)
    if not place.stride:
        fill(samples.data.cast("B"), place)
    else:  # rows of a tile: what lies between them is read too
        row = samples.shape[1] * width
        block = np.empty((samples.shape[0] - 1) * place.stride + row, np.uint8)
        fill(block.data, place)
        rows = np.lib.stride_tricks.as_strided(block, (samples.shape[0], row), (place.stride, 1), writeable=False)
        samples.view(np.uint8)[...] = rows
    if swapped and width > 1:
        samples.byteswap(inplace=True)


def _significant(samples: Pixels, pixels: PixelFormat) -> Pixels:
    """Samples in place: overlay bits masked, sign extended; signed where PixelRepresentation says so."""
    width, bits = samples.dtype.itemsize * 8, pixels.bits_stored
    low = pixels.high_bit + 1 - bits
    values = samples.view(f"i{width // 8}") if pixels.signed else samples
    if bits == width or (low == 0 and _within(values, *_range(pixels))):  # a look takes half as long as a change
        return values
    if pixels.signed:
        np.left_shift(values, width - 1 - pixels.high_bit, out=values)
        np.right_shift(values, width - bits, out=values)
    else:
        np.right_shift(values, low, out=values)
        np.bitwise_and(values, values.dtype.type((1 << bits) - 1), out=values)
    return values


def _range(pixels: PixelFormat) -> tuple[int, int]:
    """The lowest and the highest number of BitsStored bits."""
    bits = pixels.bits_stored
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if pixels.signed else (0, (1 << bits) - 1)


def _within(values: Pixels, lowest: int, highest: int) -> bool:
    return int(values.max()) <= highest and (values.dtype.kind == "u" or int(values.min()) >= lowest)


def _shifted(values: Pixels, pixels: PixelFormat, into: Pixels) -> None:
    """Whole values plus their intercept, as int16; `into` may be where they lie already."""
    intercept = int(pixels.intercept)
    lowest, highest = _range(pixels)
    if lowest + intercept < -32768 or highest + intercept > 32767:  # they could leave int16: do they?
        lowest, highest = int(values.min()), int(values.max())
    if lowest + intercept < -32768 or highest + intercept > 32767:
        raise Overflow
    words = into.view(np.uint16)
    if not np.may_share_memory(values, into):
        np.copyto(words, values, casting="unsafe")
    if intercept:  # modulo 2^16, which turns unsigned samples into the right signed ones
        np.add(words, np.uint16(intercept & 0xFFFF), out=words)


def _rescaled(values: Pixels, pixels: PixelFormat, into: Pixels) -> None:
    """Values after rescale, as float32; Unreadable where float32 can't tell them apart."""
    slope, intercept = pixels.slope, pixels.intercept
    ends = [float(end) * slope + intercept for end in (values.min(), values.max())]
    largest = max(map(abs, ends))
    if slope == 1 and intercept == int(intercept):
        if largest > 1 << 24:
            raise Unreadable("values are too large to be kept exactly (BitsStored, RescaleIntercept)")
    elif largest > LARGEST or abs(slope) < SMALLEST:
        raise Unreadable(f"values are too {'large' if largest > LARGEST else 'small'} (RescaleSlope is {slope:g})")
    elif abs(slope) < (finest := float(np.spacing(np.float32(largest)))) and 0 < abs(ends[1] - ends[0]) < (
        finest * (1 << FINEST_BITS)
    ):
        raise Unreadable(f"values differ too little beside RescaleIntercept {intercept:g} (RescaleSlope is {slope:g})")
    if slope == 1 and intercept == 0:
        into[...] = values
        return
    rows = max(1, BLOCK // values.shape[1])
    for start in range(0, values.shape[0], rows):
        result = values[start : start + rows] * np.float64(slope)
        result += intercept
        into[start : start + rows] = result
