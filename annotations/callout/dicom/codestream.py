"""Compressed frames: taken out of their fragments, their claims checked, then decoded by a codec.

A codec is only handed a stream whose size, samples and end agree with the header, and what it gives back is
checked again: damage is never shown as anatomy, and a claim of 60,000 × 60,000 pixels is never believed.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.header import Unreadable
from callout.dicom.syntaxes import JPEG_LS, NAMES
from callout.dicom.walker import UNDEFINED
from callout.volume import PixelFormat, StoredPixels

ITEM, END = 0xFFFEE000, 0xFFFEE0DD


@dataclass(frozen=True)
class Claim:
    """What a stream says of itself."""

    rows: int
    columns: int
    components: int
    precision: int


def frame_of(descriptor: int, place: StoredPixels) -> bytes:
    """The one frame that the fragments of an encapsulated PixelData hold (PS3.5 A.4); Unreadable where cut."""
    position, size = place.offset, place.file_size
    fragments: list[bytes] = []
    first = True
    while True:
        head = os.pread(descriptor, 8, position)
        if len(head) < 8:
            raise Unreadable("the file is cut: PixelData has no end")
        group, element, length = struct.unpack("<HHI", head)
        tag = group << 16 | element
        position += 8
        if tag == END:
            break
        if tag != ITEM or length == UNDEFINED:
            raise Unreadable("PixelData is damaged: its fragments don't follow one another")
        if position + length > size:
            raise Unreadable("the file is cut: it ends inside PixelData")
        if not first:  # the first item is the offset table
            fragments.append(os.pread(descriptor, length, position))
        first = False
        position += length
    frame = b"".join(fragments)
    if not frame:
        raise Unreadable("PixelData is empty")
    return frame


def decode(frame: bytes, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """The samples (rows, columns), as many bits as the header says, unsigned."""
    name = NAMES[pixel_format.transfer_syntax]
    checked, decoder = (
        (_jpeg_ls_claim, _jpeg_ls) if pixel_format.transfer_syntax in JPEG_LS else (_jpeg_2000_claim, _jpeg_2000)
    )
    try:
        claim = checked(frame)
    except (struct.error, IndexError):
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
    pixels = decoder(frame)
    if pixels.shape != (pixel_format.rows, pixel_format.columns):
        raise Unreadable(f"its {name} stream gave {pixels.shape} instead of Rows × Columns")
    return _as_stored(pixels, claim, pixel_format)


def _as_stored(pixels: npt.NDArray[Any], claim: Claim, pixel_format: PixelFormat) -> npt.NDArray[Any]:
    """Samples as PixelData would hold them: sign extended from the stream's precision where the header is signed."""
    width = np.dtype(f"u{pixel_format.bits_allocated // 8}")
    values = pixels.astype(np.int64) & ((1 << claim.precision) - 1)
    if pixel_format.signed:
        sign = 1 << (claim.precision - 1)
        values = (values ^ sign) - sign
    return values.astype(width)


def _jpeg_ls_claim(frame: bytes) -> Claim:
    """From the SOF55 segment (ISO/IEC 14495-1 C.2.2)."""
    if frame[:2] != b"\xff\xd8":
        raise Unreadable("its JPEG-LS stream has no beginning")
    if frame.rstrip(b"\0")[-2:] != b"\xff\xd9":
        raise Unreadable("its JPEG-LS stream is cut: it has no end")
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


def _jpeg_2000_claim(frame: bytes) -> Claim:
    """From the SIZ segment (ISO/IEC 15444-1 A.5.1), after every tile part was found whole."""
    start = frame.find(b"\xff\x4f\xff\x51")
    if start < 0 or start > 4096:
        raise Unreadable("its JPEG 2000 stream has no beginning")
    fields = struct.unpack_from(">HHIIIIIIIIH", frame, start + 4)
    right, bottom, left, top, components = fields[2], fields[3], fields[4], fields[5], fields[10]
    (depth,) = struct.unpack_from(">B", frame, start + 42)
    _check_tiles(frame, start)
    return Claim(bottom - top, right - left, components, (depth & 0x7F) + 1)


def _check_tiles(frame: bytes, start: int) -> None:
    """Walks main header and tile parts (A.4.2) to the end marker."""
    position = start + 2
    while True:
        (marker,) = struct.unpack_from(">H", frame, position)
        if marker == 0xFFD9:
            return
        (length,) = struct.unpack_from(">H", frame, position + 2)
        if marker == 0xFF90:
            (length,) = struct.unpack_from(">I", frame, position + 6)
            if length == 0:  # the last tile part, up to the end marker
                if frame.rstrip(b"\0")[-2:] != b"\xff\xd9":
                    raise Unreadable("its JPEG 2000 stream is cut: it has no end")
                return
            position += length
        elif marker >> 8 != 0xFF:
            raise Unreadable("its JPEG 2000 stream is damaged")
        else:
            position += 2 + length
        if position + 2 > len(frame):
            raise Unreadable("its JPEG 2000 stream is cut: it ends inside a tile")


def _jpeg_2000(frame: bytes) -> npt.NDArray[Any]:
    from openjpeg.utils import decode as decode_jpeg_2000

    try:
        return np.asarray(decode_jpeg_2000(frame))
    except Exception as error:  # the codec's own kinds: each means that the stream is damaged
        raise Unreadable(f"its JPEG 2000 stream is damaged ({error})") from None
