"""Fragments: the pieces in which compressed frames lie in their file (PS3.5 A.4)."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from callout.dicom.codestream import check_claim
from callout.dicom.header import Unreadable
from callout.dicom.jpeg import END
from callout.dicom.sources import open_file
from callout.dicom.syntaxes import ENCAPSULATED, NAMES, RLE
from callout.dicom.walker import UNDEFINED
from callout.volume import StoredPixels

ITEM, LAST = 0xFFFEE000, 0xFFFEE0DD
HEAD = 4096  # a stream states its size within so many bytes, as a rule
LONGEST_HEAD = 1 << 20
TAIL = 16
MOST = 1 << 18  # fragments of one file

Fragments = list[tuple[int, int]]


def picture_of(place: StoredPixels) -> tuple[StoredPixels, int, int]:
    """The compressed picture that an image lies in, and its first row and column there.

    An image is a picture of its own, unless it is a tile of a mosaic: as many tiles lie side by side as on top of one
    another.
    """
    pixels = place.format
    if not place.stride:
        return place, 0, 0
    side = place.stride // (pixels.columns * (pixels.bits_allocated // 8))
    i, j = divmod(place.frame, side)
    whole = replace(pixels, rows=side * pixels.rows, columns=side * pixels.columns)
    return place._replace(format=whole, frame=0, stride=0), i * pixels.rows, j * pixels.columns


def frame_of(descriptor: int, frames: list[Fragments], number: int) -> bytes:
    """Compressed frame `number`, from 0, of `frames_of` the file. Unreadable where it has no such frame, or is cut."""
    if number >= len(frames):
        raise Unreadable(f"PixelData has {len(frames)} frame(s): frame {number + 1} is missing")
    parts = [os.pread(descriptor, length, position) for position, length in frames[number]]
    if any(len(part) < length for part, (_, length) in zip(parts, frames[number], strict=True)):
        raise Unreadable("the file is cut: it ends inside PixelData")
    return b"".join(parts)


def check_frame(path: str, place: StoredPixels, count: int = 1) -> None:
    """Looks at the beginning and end of a compressed frame: Unreadable where it is cut or of another size.

    Cheap enough for every image of a folder; damage between them is found when the frame is decoded.
    count: how many images the header states.
    """
    if place.stride:
        place, count = picture_of(place)[0], 1
    try:
        descriptor = open_file(path)
        try:
            frames = frames_of(descriptor, place)
            if len(frames) != count:
                raise Unreadable(f"PixelData has {len(frames)} frames, NumberOfFrames is {count}")
            tail = _tail(descriptor, frames[-1])
            for size in (HEAD, LONGEST_HEAD):
                with suppress(struct.error):
                    check_claim(_head(descriptor, frames[0], size), tail, place.format)
                    return
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None
    raise Unreadable(f"its {NAMES[place.format.transfer_syntax]} stream is cut inside its header")


def frames_of(descriptor: int, place: StoredPixels) -> list[Fragments]:
    """(offset, length) of each fragment of each frame of the file.

    By the Basic Offset Table; where that is empty or untrue a frame ends with its end marker, or where there are none
    (RLE) with its fragment. An Extended Offset Table tells nothing more: with one, each frame is one fragment.
    """
    table, fragments = _items(descriptor, place.offset)
    frames = _by_table(table, fragments)
    if place.format.transfer_syntax not in (RLE, ENCAPSULATED) and len(frames) < 2:
        return _by_marks(descriptor, fragments)
    return frames or [[one] for one in fragments]


def _items(descriptor: int, position: int) -> tuple[bytes, Fragments]:
    """The Basic Offset Table, and (offset, length) of each fragment that is not empty."""
    size = os.fstat(descriptor).st_size
    table = b""
    found: Fragments = []
    for n in range(MOST):
        head = os.pread(descriptor, 8, position)
        if len(head) < 8:
            raise Unreadable("the file is cut: PixelData has no end")
        group, element, length = struct.unpack("<HHI", head)
        tag = group << 16 | element
        position += 8
        if tag == LAST:
            break
        if tag != ITEM or length == UNDEFINED:
            raise Unreadable("PixelData is damaged: its fragments don't follow one another")
        if position + length > size:
            raise Unreadable("the file is cut: it ends inside PixelData")
        if n == 0:
            table = os.pread(descriptor, min(length, 4 * MOST), position)
        elif length:
            found.append((position, length))
        position += length
    else:
        raise Unreadable(f"PixelData is damaged: more than {MOST} fragments")
    if not found:
        raise Unreadable("PixelData is empty")
    return table, found


def _by_table(table: bytes, fragments: Fragments) -> list[Fragments]:
    """Fragments by frame as the Basic Offset Table says; none where it is empty or does not fit them."""
    begins = {position - fragments[0][0]: n for n, (position, _) in enumerate(fragments)}
    offsets = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
    starts = [begins.get(offset, -1) for offset in offsets]
    if not starts or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
        return []
    return [fragments[a:b] for a, b in zip(starts, [*starts[1:], len(fragments)], strict=True)]


def _by_marks(descriptor: int, fragments: Fragments) -> list[Fragments]:
    """Fragments by frame, each ending with a fragment that ends with an end marker, padded or not."""
    frames: list[Fragments] = [[]]
    for fragment in fragments:
        if frames[-1] and _tail(descriptor, frames[-1]).rstrip(b"\0")[-2:] == END:
            frames.append([])
        frames[-1].append(fragment)
    return frames


def _head(descriptor: int, frame: Fragments, size: int) -> bytes:
    """The first `size` bytes of a frame."""
    parts: list[bytes] = []
    for position, length in frame:
        parts.append(os.pread(descriptor, min(length, size), position))
        size -= length
        if size <= 0:
            break
    return b"".join(parts)


def _tail(descriptor: int, frame: Fragments) -> bytes:
    """The last bytes of a frame: those of its last two fragments, were the last one padding only."""
    parts = [os.pread(descriptor, min(TAIL, n), place + max(0, n - TAIL)) for place, n in frame[-2:]]
    return b"".join(parts)
