"""The plain walker over a data set's elements (PS3.5 section 7): where the wanted ones lie, nothing decoded.

One loop for explicit value representations, one for implicit; both skip what they don't want, sequences included.
It is written for speed: hundreds of elements in each of thousands of files pass through it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from callout.dicom.tags import WANTED

DEPTH_LIMIT: Final = 64
UNDEFINED: Final = 0xFFFFFFFF
PIXEL_DATA: Final = 0x7FE00010
FLOAT_PIXELS: Final = frozenset((0x7FE00008, 0x7FE00009))
LONG_VRS: Final = b"OB OW OF OD OL OV SQ UC UR UT UN SV UV".split()
SHORT_VRS: Final = b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()

Walked = tuple[dict[int, bytes], int | None, int | None]


class Unusual(Exception):
    """The plain walker can't make sense of the bytes; pydicom may."""


class Short(Exception):
    """The bytes end before the header does."""


class TooDeep(Exception):
    """Sequences are nested beyond the limit."""


@dataclass(frozen=True)
class Dialect:
    """How elements are written: with or without value representations, in which byte order.

    Tags and value representations are looked up as the integers that their bytes make in this byte order.
    """

    implicit: bool
    head: Callable[[bytes, int], tuple[Any, ...]]
    long: Callable[[bytes, int], tuple[Any, ...]]
    wanted: dict[int, int]
    short_vrs: frozenset[int]
    long_vrs: frozenset[int]
    unknown_vr: int
    items: tuple[int, int, int]  # item, end of item, end of sequence


@cache
def dialect(implicit: bool, order: str) -> Dialect:
    """The dialect of a transfer syntax; `order` is "<" or ">"."""
    name = "little" if order == "<" else "big"

    def tag(number: int) -> int:
        return number if order == ">" else (number & 0xFFFF) << 16 | number >> 16

    def vr(text: bytes) -> int:
        return int.from_bytes(text, "little" if name == "little" else "big")

    return Dialect(
        implicit,
        struct.Struct(f"{order}II" if implicit else f"{order}IHH").unpack_from,
        struct.Struct(f"{order}I").unpack_from,
        {tag(number): number for number in (*WANTED, PIXEL_DATA, *FLOAT_PIXELS)},
        frozenset(vr(text) for text in SHORT_VRS),
        frozenset(vr(text) for text in LONG_VRS),
        vr(b"UN"),
        (tag(0xFFFEE000), tag(0xFFFEE00D), tag(0xFFFEE0DD)),
    )


def walk_elements(data: bytes, position: int, form: Dialect, whole: bool) -> Walked:
    """({tag: value} of the wanted elements, offset and length of PixelData's value) of the data set at `position`.

    The offset is None without PixelData, the length None where undefined. `whole`: `data` is all there is.
    Raises Short, Unusual or TooDeep.
    """
    values: dict[int, bytes] = {}
    try:
        offset, length, tag = (_implicit if form.implicit else _explicit)(data, position, form, values)
    except struct.error:
        if whole and values.pop(-1, None) is not None:
            return values, None, None
        raise Short from None
    if tag in FLOAT_PIXELS:
        raise Unusual("its pixels are floating point")
    return values, offset, None if length == UNDEFINED else length


def _explicit(data: bytes, position: int, form: Dialect, values: dict[int, bytes]) -> tuple[int, int, int]:
    head, long, end = form.head, form.long, len(data)
    wanted, short_vrs, long_vrs = form.wanted, form.short_vrs, form.long_vrs
    while position != end:
        raw, vr, length = head(data, position)
        if vr in short_vrs:
            position += 8
        elif vr in long_vrs:
            (length,) = long(data, position + 8)
            position += 12
        else:
            raise Unusual(f"an element with an unknown value representation at byte {position}")
        if raw in wanted:
            tag = wanted[raw]
            if tag >= PIXEL_DATA - 8:
                return position, length, tag
            values[tag] = data[position : position + length]
        if length == UNDEFINED:
            position = skip_sequence(data, position, vr == form.unknown_vr, form, 0)
        else:
            position += length
    values[-1] = b""  # marks that the data end with an element
    raise struct.error


def _implicit(data: bytes, position: int, form: Dialect, values: dict[int, bytes]) -> tuple[int, int, int]:
    head, wanted, end = form.head, form.wanted, len(data)
    while position != end:
        raw, length = head(data, position)
        position += 8
        if raw in wanted:
            tag = wanted[raw]
            if tag >= PIXEL_DATA - 8:
                return position, length, tag
            values[tag] = data[position : position + length]
        if length == UNDEFINED:
            position = skip_sequence(data, position, True, form, 0)
        else:
            position += length
    values[-1] = b""
    raise struct.error


def skip_sequence(data: bytes, position: int, implicit: bool, form: Dialect, depth: int) -> int:
    """The end of a sequence or item of undefined length whose content starts at `position`."""
    if depth > DEPTH_LIMIT:
        raise TooDeep
    item, item_end, sequence_end = form.items
    head = form.head if implicit == form.implicit else struct.Struct("<II").unpack_from
    while True:
        raw, *rest = head(data, position)
        length = rest[-1]
        if raw in (item, item_end, sequence_end):
            (length,) = form.long(data, position + 4)
            position += 8
            if raw != item:
                return position
            unknown = implicit
        elif implicit:
            position += 8
            unknown = True
        elif rest[0] in form.short_vrs:
            position += 8
            unknown = False
        elif rest[0] in form.long_vrs:
            (length,) = form.long(data, position + 8)
            position += 12
            unknown = rest[0] == form.unknown_vr
        else:
            raise Unusual(f"an element with an unknown value representation at byte {position}")
        if length == UNDEFINED:
            position = skip_sequence(data, position, unknown, form, depth + 1)
        else:
            position += length
