"""Elements of Explicit VR Little Endian files as bytes, for values that no writer would write."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from pydicom.datadict import dictionary_VR, tag_for_keyword

LONG = (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UR", b"UT", b"UN", b"SV", b"UV")
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = (struct.pack("<HH", 0xFFFE, number) for number in (0xE000, 0xE00D, 0xE0DD))


def tag_of(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return tag


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An element; `length`: what its head says, where that is a lie."""
    size = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
    return head + (struct.pack("<HI", 0, size) if vr in LONG else struct.pack("<H", size & 0xFFFF)) + value


def elements(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(tag, start, start of the value, end) of each element of a plain file's file meta information and data set."""
    position = 132
    while position < len(data):
        group, number, vr = struct.unpack_from("<HH2s", data, position)
        head = 12 if vr in LONG else 8
        (length,) = struct.unpack_from("<I" if head == 12 else "<H", data, position + head - (4 if head == 12 else 2))
        end = len(data) if length == UNDEFINED else position + head + length
        yield group << 16 | number, position, position + head, end
        position = end


def where(data: bytes, keyword: str) -> tuple[int, int, int]:
    """Start, start of the value and end of an element."""
    tag = tag_of(keyword)
    return next((start, value, end) for found, start, value, end in elements(data) if found == tag)


def without(data: bytes, keyword: str) -> bytes:
    start, _, end = where(data, keyword)
    return data[:start] + data[end:]


def inserted(data: bytes, tag: int, new: bytes) -> bytes:
    """`data` with the bytes `new` at the place where an element `tag` belongs."""
    place = next((start for found, start, _, _ in elements(data) if found >= tag), len(data))
    return data[:place] + new + data[place:]


def put(keyword: str, value: bytes, vr: bytes | None = None, length: int | None = None) -> Callable[[bytes], bytes]:
    """An edit that gives an element this value, padded with a space, whatever a writer would think of it."""
    tag, kind = tag_of(keyword), vr or dictionary_VR(tag_of(keyword)).encode()
    padded = value + b" " * (len(value) % 2)

    def edit(data: bytes) -> bytes:
        rest = without(data, keyword) if any(found == tag for found, *_ in elements(data)) else data
        return inserted(rest, tag, element(tag, kind, padded, length))

    return edit


def added(tag: int, new: bytes) -> Callable[[bytes], bytes]:
    """An edit that puts bytes where an element `tag` belongs."""
    return lambda data: inserted(data, tag, new)
