"""JPEG and JPEG-LS frames: their markers (ISO/IEC 10918-1 annex B, 14495-1 annex C), and samples by a codec.

libjpeg-turbo fills in whatever a stream lacks and says nothing. So each of its streams is decoded twice, the second
time with other bits after its last: where the samples differ, the stream had ended before the image did.
"""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.claim import Claim
from callout.dicom.header import Unreadable

SOS, DRI, JPEG_LS = 0xFFDA, 0xFFDD, 0xFFF7
BASELINE, EXTENDED, LOSSLESS = 0xFFC0, 0xFFC1, 0xFFC3
FRAMES = {0xFF00 | code for code in (*range(0xC0, 0xD0), 0xF7)} - {0xFFC4, 0xFFC8, 0xFFCC}
READ = (BASELINE, EXTENDED, LOSSLESS, JPEG_LS)
RESTART = re.compile(rb"(\xff[\xd0-\xd7])")
END = b"\xff\xd9"
OTHER_BITS = b"\xaa" * 64  # libjpeg-turbo itself puts zeros where bits are missing


def jpeg_claim(stream: bytes) -> Claim:
    """From the frame header. struct.error where the stream ends before it, Unreadable where its process is not read."""
    return _headers(stream, FRAMES)[0]


def decode_jpeg(stream: bytes) -> npt.NDArray[Any]:
    """The samples (rows, columns) of a sequential or lossless stream. Unreadable where it is damaged or not whole."""
    from imagecodecs import jpeg8_decode

    try:
        filled = _with_other_bits(stream)
        pixels = np.asarray(jpeg8_decode(stream))
        again = np.asarray(jpeg8_decode(filled))
    except struct.error:
        raise Unreadable("its JPEG stream is cut inside its header") from None
    except (RuntimeError, ValueError) as error:
        raise Unreadable(f"its JPEG stream is damaged ({error})") from None
    if not np.array_equal(pixels, again):
        raise Unreadable("its JPEG stream is cut or damaged: it ends before the image does")
    return pixels


def decode_jpeg_ls(stream: bytes) -> npt.NDArray[Any]:
    """The samples (rows, columns) of a JPEG-LS stream; CharLS itself sees to it that it is whole."""
    from imagecodecs import jpegls_decode

    try:
        return np.asarray(jpegls_decode(stream))
    except (RuntimeError, ValueError) as error:
        raise Unreadable(f"its JPEG-LS stream is damaged ({error})") from None


def _headers(stream: bytes, until: set[int]) -> tuple[Claim, int, int, int]:
    """What the stream claims; its process; its restart interval; the place after the first segment of `until`."""
    if stream[:2] != b"\xff\xd8":
        raise Unreadable("its JPEG stream has no beginning")
    claim, process, interval, position = Claim(0, 0, 0, 0), 0, 0, 2
    while True:
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == 0xFFFF:  # a marker may have any number of FF before it
            position += 1
            continue
        if marker >> 8 != 0xFF or length < 2 or (marker == SOS and not process):
            raise Unreadable("its JPEG stream is damaged: it has no frame header")
        if marker in FRAMES:
            if marker not in READ or process:
                raise Unreadable(f"its JPEG stream is of a process that is not read (marker {marker:X})")
            precision, rows, columns, components = struct.unpack_from(">BHHB", stream, position + 4)
            # JPEG-LS can't say that samples are signed; those of a signed image have their sign in its highest bit
            claim, process = Claim(rows, columns, components, precision, False if marker == JPEG_LS else None), marker
        elif marker == DRI:
            (interval,) = struct.unpack_from(">H", stream, position + 4)
        position += 2 + length
        if marker in until:
            return claim, process, interval, position


def _with_other_bits(stream: bytes) -> bytes:
    """The stream with OTHER_BITS wherever its coded bits end. Unreadable where markers lack or don't belong there."""
    claim, process, interval, start = _headers(stream, {SOS})
    end = len(stream.rstrip(b"\0")) - len(END)
    if start > end:
        raise Unreadable("its JPEG stream is cut: it has no coded samples")
    coded = RESTART.split(stream[start:end]) if interval else [stream[start:end]]
    units = claim.rows * claim.columns if process == LOSSLESS else -(-claim.rows // 8) * -(-claim.columns // 8)
    wanted = -(-units // interval) - 1 if interval else 0
    if coded[1::2] != [b"\xff%c" % (0xD0 + n % 8) for n in range(wanted)]:
        raise Unreadable(f"its JPEG stream is damaged: its {wanted} restart markers don't follow one another")
    for n, bits in enumerate(coded[::2]):
        coded[2 * n] = bits.rstrip(b"\xff")  # a marker may have any number of FF before it
        if coded[2 * n].count(b"\xff") != bits.count(b"\xff\0"):
            raise Unreadable("its JPEG stream is damaged: a marker where none belongs")
        coded[2 * n] += OTHER_BITS
    return b"".join((stream[:start], *coded, END))
