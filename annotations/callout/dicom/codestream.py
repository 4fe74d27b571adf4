"""Compressed frames: their claims checked, then decoded by a codec, and what it gave checked again.

A codec is only handed a stream whose size, samples and end agree with the header, and what it gives back is
checked again: damage is never shown as anatomy, and a claim of 60,000 × 60,000 pixels is never believed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable
from callout.dicom.syntaxes import JPEG_2000, NAMES
from callout.volume import PixelFormat

HEAD = 4096  # a stream states its size within so many bytes


@dataclass(frozen=True)
class Claim:
    """What a stream says of itself."""

    rows: int
    columns: int
    components: int
    precision: int


def decode(frame: bytes, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """The samples (rows, columns), as many bits as the header says, unsigned. Unreadable where anything is amiss."""
    name = NAMES[pixel_format.transfer_syntax]
    claim = check_claim(frame, frame[-16:], pixel_format)
    if pixel_format.transfer_syntax in JPEG_2000:
        _check_tiles(frame)
        pixels = _jpeg_2000(frame)
    else:
        pixels = _jpeg_ls(frame)
    if pixels.shape != (pixel_format.rows, pixel_format.columns):
        raise Unreadable(f"its {name} stream gave {pixels.shape} instead of Rows × Columns")
    return _as_stored(pixels, claim, pixel_format)


def check_claim(head: bytes, tail: bytes, pixel_format: PixelFormat) -> Claim:
    """What a stream claims, from its first and last bytes; Unreadable where the header says otherwise or it is cut."""
    name = NAMES[pixel_format.transfer_syntax]
    if tail.rstrip(b"\0")[-2:] != b"\xff\xd9":
        raise Unreadable(f"its {name} stream is cut: it has no end")
    try:
        claim = (_jpeg_2000_claim if pixel_format.transfer_syntax in JPEG_2000 else _jpeg_ls_claim)(head)
    except struct.error:
        raise Unreadable(f"its {name} stream is cut inside its header") from None
    if (claim.rows, claim.columns) != (pixel_format.rows, pixel_format.columns):
        raise Unreadable(
            f"its {name} stream claims {claim.rows} × {claim.columns} pixels, "
            f"Rows × Columns are {pixel_format.rows} × {pixel_format.columns}"
        )
    if claim.components != 1 or claim.precision > pixel_format.bits_allocated:
        raise Unreadable(
            f"its {name} stream claims {claim.components} samples of {claim.precision} bits, "
            f"BitsAllocated is {pixel_format.bits_allocated}"
        )
    return claim


def _as_stored(pixels: npt.NDArray[Any], claim: Claim, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """Samples as PixelData would hold them: sign extended from the stream's precision where the header is signed."""
    width = np.dtype(f"u{pixel_format.bits_allocated // 8}")
    values = pixels.astype(np.int64)
    values &= (1 << claim.precision) - 1
    if pixel_format.signed:
        sign = 1 << (claim.precision - 1)
        values ^= sign
        values -= sign
    return values.astype(width)


def _jpeg_ls_claim(frame: bytes) -> Claim:
    """From the SOF55 segment (ISO/IEC 14495-1 C.2.2)."""
    if frame[:2] != b"\xff\xd8":
        raise Unreadable("its JPEG-LS stream has no beginning")
    position = 2
    while True:
        marker, length = struct.unpack_from(">HH", frame, position)
        if marker == 0xFFF7:
            precision, rows, columns, components = struct.unpack_from(">BHHB", frame, position + 4)
            return Claim(rows, columns, components, precision)
        if marker >> 8 != 0xFF or marker == 0xFFDA:
            raise Unreadable("its JPEG-LS stream has no frame header")
        position += 2 + length


def _jpeg_ls(frame: bytes) -> npt.NDArray[Any]:
    import jpeg_ls

    try:
        return np.asarray(jpeg_ls.decode(np.frombuffer(frame, np.uint8)))
    except Exception as error:  # the codec's own kinds: each means that the stream is damaged
        raise Unreadable(f"its JPEG-LS stream is damaged ({error})") from None


def _main_header(frame: bytes) -> int:
    """Where the JPEG 2000 codestream starts: at once, or after the boxes of a JP2 file."""
    start = frame[:HEAD].find(b"\xff\x4f\xff\x51")
    if start < 0:
        raise Unreadable("its JPEG 2000 stream has no beginning")
    return start


def _jpeg_2000_claim(frame: bytes) -> Claim:
    """From the SIZ segment (ISO/IEC 15444-1 A.5.1)."""
    start = _main_header(frame)
    right, bottom, left, top = struct.unpack_from(">IIII", frame, start + 8)
    (components,) = struct.unpack_from(">H", frame, start + 40)
    (depth,) = struct.unpack_from(">B", frame, start + 42)
    return Claim(bottom - top, right - left, components, (depth & 0x7F) + 1)


def _check_tiles(frame: bytes) -> None:
    """Walks main header and tile parts (A.4.2) to the end marker; Unreadable where one is missing or cut."""
    try:
        _walk_tiles(frame)
    except struct.error:
        raise Unreadable("its JPEG 2000 stream is cut: it ends inside a tile") from None


def _walk_tiles(frame: bytes) -> None:
    position = _main_header(frame) + 2
    while True:
        (marker,) = struct.unpack_from(">H", frame, position)
        if marker == 0xFFD9:
            return
        (length,) = struct.unpack_from(">H", frame, position + 2)
        if marker == 0xFF90:
            (length,) = struct.unpack_from(">I", frame, position + 6)
            if length == 0:  # the last tile part, up to the end marker
                return
            position += length
        elif marker >> 8 != 0xFF:
            raise Unreadable("its JPEG 2000 stream is damaged")
        else:
            position += 2 + length


def _jpeg_2000(frame: bytes) -> npt.NDArray[Any]:
    from openjpeg.utils import decode as decode_jpeg_2000

    try:
        return np.asarray(decode_jpeg_2000(frame))
    except Exception as error:  # the codec's own kinds: each means that the stream is damaged
        raise Unreadable(f"its JPEG 2000 stream is damaged ({error})") from None
