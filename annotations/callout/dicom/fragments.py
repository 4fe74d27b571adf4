"""Fragments: the pieces in which a compressed frame lies in its file (PS3.5 A.4)."""

from __future__ import annotations

import os
import struct

from callout.dicom.codestream import HEAD, check_claim
from callout.dicom.header import Unreadable
from callout.dicom.sources import open_file
from callout.dicom.walker import UNDEFINED
from callout.volume import StoredPixels

ITEM, END = 0xFFFEE000, 0xFFFEE0DD
TAIL = 16
MOST = 65536  # items of one frame; an honest one has a few


def frame_of(descriptor: int, place: StoredPixels) -> bytes:
    """The compressed frame of a single-frame image; Unreadable where it is cut."""
    return b"".join(os.pread(descriptor, length, position) for position, length in fragments(descriptor, place))


def check_frame(path: str, place: StoredPixels) -> None:
    """Looks at the beginning and end of a compressed frame: Unreadable where it is cut or of another size.

    Cheap enough for every image of a folder; damage between them is found when the frame is decoded.
    """
    try:
        descriptor = open_file(path)
        try:
            found = fragments(descriptor, place)
            head = os.pread(descriptor, min(HEAD, found[0][1]), found[0][0])
            position, length = found[-1]
            tail = os.pread(descriptor, min(TAIL, length), position + max(0, length - TAIL))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None
    check_claim(head, tail, place.format)


def fragments(descriptor: int, place: StoredPixels) -> list[tuple[int, int]]:
    """(offset, length) of each fragment that is not empty; the first item, the offset table, is none of them."""
    position, size = place.offset, place.file_size
    found: list[tuple[int, int]] = []
    first = True
    for _ in range(MOST):
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
        if length and not first:
            found.append((position, length))
        first = False
        position += length
    else:
        raise Unreadable(f"PixelData is damaged: more than {MOST} fragments")
    if not found:
        raise Unreadable("PixelData is empty")
    return found
