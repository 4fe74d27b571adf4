"""Compressed frames: their claims checked, then decoded by a codec, and what it gave checked again.

A codec is only handed a stream whose size, samples and end agree with the header, and what it gives back is
checked again: damage is never shown as anatomy, and a claim of 60,000 × 60,000 pixels is never believed.
All codecs release the interpreter's lock, and may be called from any thread.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.claim import Claim
from callout.dicom.header import Unreadable
from callout.dicom.jpeg import END, decode_jpeg, decode_jpeg_ls, jpeg_claim
from callout.dicom.jpeg2000 import decode_jpeg_2000, jpeg_2000_claim
from callout.dicom.rle import decode_rle, segments_of
from callout.dicom.syntaxes import ENCAPSULATED, HTJ2K, JPEG, JPEG_2000, JPEG_LS, LOSSY, NAMES, RLE
from callout.volume import PixelFormat


def decode(frame: bytes, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """The samples (rows, columns) as PixelData would hold them, unsigned. Unreadable where anything is amiss."""
    syntax = pixel_format.transfer_syntax
    try:
        claim = check_claim(frame, frame[-16:], pixel_format)
    except struct.error:
        raise Unreadable(f"its {NAMES[syntax]} stream is cut inside its header") from None
    if syntax == RLE:
        return decode_rle(frame, pixel_format)
    if claim is None:
        return _plain(frame, pixel_format)
    if syntax in JPEG:
        pixels = decode_jpeg(frame)
    else:
        pixels = decode_jpeg_ls(frame) if syntax in JPEG_LS else decode_jpeg_2000(frame)
    if pixels.shape != (pixel_format.rows, pixel_format.columns):
        raise Unreadable(f"its {NAMES[syntax]} stream gave {pixels.shape} instead of Rows × Columns")
    return _as_stored(pixels, claim, pixel_format)


def check_claim(head: bytes, tail: bytes, pixel_format: PixelFormat) -> Claim | None:
    """What a stream claims, from its first and last bytes; None where it only claims a table of its parts.

    Unreadable where the header says otherwise, or it is cut; struct.error where `head` ends before it has claimed all.
    """
    syntax = pixel_format.transfer_syntax
    name = NAMES[syntax]
    if syntax == RLE:
        segments_of(head, pixel_format)
        return None
    if syntax == ENCAPSULATED:
        return None
    if tail.rstrip(b"\0")[-2:] != END:
        raise Unreadable(f"its {name} stream is cut: it has no end")
    claim = jpeg_2000_claim(head) if syntax in JPEG_2000 + HTJ2K else jpeg_claim(head)
    claim.check(name, pixel_format)
    return claim


def _plain(frame: bytes, pixels: PixelFormat) -> npt.NDArray[Any]:
    """Samples of a frame that is encapsulated and not compressed (PS3.5 A.4.11)."""
    sample = np.dtype(f"<u{pixels.bits_allocated // 8}")
    needed = pixels.rows * pixels.columns * sample.itemsize
    if len(frame) not in (needed, needed + needed % 2):
        raise Unreadable(f"its frame has {len(frame)} bytes, Rows × Columns need {needed}")
    return np.frombuffer(bytearray(frame[:needed]), sample).reshape(pixels.rows, pixels.columns)


def _as_stored(pixels: npt.NDArray[Any], claim: Claim, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """Samples as PixelData would hold them, in BitsAllocated bits.

    Where only the header says that samples are signed, the stream's highest bit is the sign; where only the stream
    does, it holds the bits of unsigned samples.
    """
    width = pixel_format.bits_allocated
    kind = "i" if pixel_format.signed else "u"
    values = pixels.astype(f"{kind}{width // 8}")
    if pixels.dtype.kind == "u" and int(pixels.max()) >= 1 << claim.precision:
        raise Unreadable(f"its stream is damaged: values of more than the {claim.precision} bits it claims")
    unlike = claim.signed is not None and claim.signed != pixel_format.signed
    if unlike and claim.precision < width:
        values <<= width - claim.precision
        values >>= width - claim.precision
    bits = pixel_format.bits_stored
    if claim.precision > bits and pixel_format.high_bit == bits - 1:
        lowest = -(1 << bits - 1) if pixel_format.signed else 0
        highest = lowest + (1 << bits) - 1
        if pixel_format.transfer_syntax in LOSSY:  # loss may overshoot the largest value there is
            np.clip(values, lowest, highest, out=values)
        elif int(values.min()) < lowest or int(values.max()) > highest:
            raise Unreadable(f"its stream has values that need more than the {bits} bits of BitsStored")
    return values.view(f"u{width // 8}")
