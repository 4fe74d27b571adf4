"""The plain walker over a data set's elements (PS3.5 section 7): where the wanted ones lie, nothing decoded.

One loop for explicit value representations, one for implicit; both skip what they don't want, sequences included.
It is written for speed: hundreds of elements in each of thousands of files pass through it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from callout.dicom.tags import WANTED

DEPTH_LIMIT: Final = 64
UNDEFINED: Final = 0xFFFFFFFF
PIXEL_DATA: Final = 0x7FE00010
FLOAT_PIXELS: Final = frozenset((0x7FE00008, 0x7FE00009))
FLOATING: Final = "its pixels are floating point (FloatPixelData), which is not read"
LONG_VRS: Final = b"OB OW OF OD OL OV SQ UC UR UT UN SV UV".split()
SHORT_VRS: Final = b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()

ELEMENTS: Final = range(100_000)  # of one header; an honest one has some hundred
TOO_MANY: Final = f"its header has more than {len(ELEMENTS)} elements"
TOO_DEEP: Final = f"its sequences are nested more than {DEPTH_LIMIT} deep"
FOREIGN_LIMIT: Final = 1 << 20  # bytes of a value of an unknown representation
LAYOUT_LIMIT: Final = 512  # layouts kept in one scan
LATEST: Final = 6  # layouts that are tried before it is looked where the pixels are
LAYOUTS_ALIKE: Final = 8  # layouts kept that have their pixels at one place
LAYOUT_SIZE: Final = 1 << 18  # bytes of a header that may repeat; those of multi-frame images are longer and don't


class Walked(NamedTuple):
    """{tag: value} of the wanted elements; offset of PixelData's value or None, its length or None where undefined."""

    values: dict[int, bytes]
    pixel_offset: int | None
    pixel_length: int | None


class Unusual(Exception):
    """The plain walker can't make sense of the bytes; pydicom may."""


class Short(Exception):
    """The bytes end before the header does."""


class Beyond(Exception):
    """A header is nested deeper, or has more elements, than any honest one."""


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
    pixel_group: bytes
    kept: dict[int, int]  # of the wanted ones, those that are kept even where they are sequences without a length


@cache
def dialect(implicit: bool, order: str, more: frozenset[int] = frozenset()) -> Dialect:
    """The dialect of a transfer syntax; `order` is "<" or ">". more: tags that are wanted too, sequences among them."""
    name = "little" if order == "<" else "big"

    def tag(number: int) -> int:
        return number if order == ">" else (number & 0xFFFF) << 16 | number >> 16

    def vr(text: bytes) -> int:
        return int.from_bytes(text, "little" if name == "little" else "big")

    return Dialect(
        implicit,
        struct.Struct(f"{order}II" if implicit else f"{order}IHH").unpack_from,
        struct.Struct(f"{order}I").unpack_from,
        {tag(number): number for number in (*WANTED, *more, PIXEL_DATA, *FLOAT_PIXELS)},
        frozenset(vr(text) for text in SHORT_VRS),
        frozenset(vr(text) for text in LONG_VRS),
        vr(b"UN"),
        (tag(0xFFFEE000), tag(0xFFFEE00D), tag(0xFFFEE0DD)),
        struct.pack(f"{order}H", 0x7FE0),
        {tag(number): number for number in more},
    )


@dataclass(slots=True, eq=False)
class Layout:
    """Where everything lies in one header, from the start of its data set.

    Whatever steers the walker, the heads of elements and the whole of sequences without a length, is kept under a mask:
    where another file's bytes are the same under it, its elements lie at the same places, and need no walk.
    """

    size: int
    mask: npt.NDArray[np.uint8]
    fixed: bytes
    tags: tuple[int, ...]
    values: struct.Struct  # the values of `tags`, what lies between them left out
    pixel_length: int | None
    latest: tuple[bytes, ...]  # values that were read last: most of the next header's are the same, and kept once

    @classmethod
    def of(cls, data: bytes, start: int, starts: list[int], form: Dialect, walked: Walked) -> Layout | None:
        """The layout of a header that was walked; `starts` are those of its elements. None where one is foreign."""
        end = walked.pixel_offset or 0
        mask = np.zeros(end - start, np.uint8)
        tags: list[int] = []
        pattern, done = "", start
        for here, following in zip(starts, [*starts[1:], end], strict=True):
            raw, *vr, length = form.head(data, here)
            head = 12 if vr and vr[0] in form.long_vrs else 8
            if vr and head == 8 and vr[0] not in form.short_vrs:
                return None
            if form.implicit or head == 12:
                (length,) = form.long(data, here + head - 4)
            steering = following - here if length == UNDEFINED else head
            mask[here - start : here - start + steering] = 0xFF
            if raw in form.wanted and form.wanted[raw] in walked.values:
                tags.append(form.wanted[raw])
                pattern += f"{here + head - done}x{length}s"
                done = here + head + length
        fixed = (np.frombuffer(data, np.uint8, end - start, start) & mask).tobytes()
        return cls(end - start, mask, fixed, tuple(tags), struct.Struct(pattern), walked.pixel_length, ())

    def read(self, data: bytes, start: int) -> Walked | None:
        """What a walk would give, where `data` has this layout; else None."""
        end = start + self.size
        if len(data) < end or data[end - 4 : end] != self.fixed[-4:]:
            return None
        steering = np.frombuffer(data, np.uint8, self.size, start) & self.mask
        if steering.tobytes() != self.fixed:
            return None
        found = self.values.unpack_from(data, start)
        if self.latest:
            found = tuple([old if old == new else new for old, new in zip(self.latest, found, strict=True)])
        self.latest = found
        return Walked(dict(zip(self.tags, found, strict=True)), end, self.pixel_length)


class Layouts:
    """The layouts met in one scan: most images of a series share a few."""

    def __init__(self) -> None:
        self._known: dict[tuple[bool, bytes, int], list[Layout]] = {}
        self._latest: dict[tuple[bool, bytes], list[Layout]] = {}
        self._room = LAYOUT_LIMIT

    def walk(self, data: bytes, start: int, form: Dialect, whole: bool) -> Walked:
        """As `walk_elements`, faster where a header of the same layout was walked before."""
        latest = self._latest.setdefault((form.implicit, form.pixel_group), [])
        if (found := _first(latest, data, start)) is not None:
            return found
        key = form.implicit, form.pixel_group, data.find(form.pixel_group, start) - start
        known = self._known.get(key, [])
        if (found := _first(known, data, start)) is not None:
            latest[LATEST:] = []
            latest.insert(0, known[0])
            return found
        starts: list[int] = []
        walked = walk_elements(data, start, form, whole, starts)
        if walked.pixel_offset is None or walked.pixel_offset - start > LAYOUT_SIZE:
            return walked
        if not self._room or len(known) >= LAYOUTS_ALIKE:
            return walked
        if (learnt := Layout.of(data, start, starts, form, walked)) is not None:
            self._known.setdefault(key, []).append(learnt)
            self._room -= 1
        return walked


def _first(layouts: list[Layout], data: bytes, start: int) -> Walked | None:
    """What the first of `layouts` that fits gives; that one is then tried first the next time."""
    for n, layout in enumerate(layouts):
        if (found := layout.read(data, start)) is not None:
            if n:
                layouts.insert(0, layouts.pop(n))
            return found
    return None


def walk_elements(data: bytes, position: int, form: Dialect, whole: bool, starts: list[int] | None = None) -> Walked:
    """The wanted elements of the data set that starts at `position`. Raises Short, Unusual or Beyond.

    whole: `data` is all there is. starts: if given, the place of each element is appended to it.
    """
    values: dict[int, bytes] = {}
    starts = [] if starts is None else starts
    try:
        offset, length, tag = (_implicit if form.implicit else _explicit)(data, position, form, values, starts)
    except struct.error:
        if whole and values.pop(-1, None) is not None:
            return Walked(values, None, None)
        raise Short from None
    if tag in FLOAT_PIXELS:
        raise Unusual(FLOATING)
    return Walked(values, offset, None if length == UNDEFINED else length)


def _explicit(
    data: bytes, position: int, form: Dialect, values: dict[int, bytes], starts: list[int]
) -> tuple[int, int, int]:
    head, long, end = form.head, form.long, len(data)
    wanted, short_vrs, long_vrs = form.wanted, form.short_vrs, form.long_vrs
    for _ in ELEMENTS:
        if position == end:
            break
        starts.append(position)
        raw, vr, length = head(data, position)
        if vr in short_vrs:
            position += 8
        elif vr in long_vrs:
            (length,) = long(data, position + 8)
            position += 12
        elif raw not in wanted and (foreign := _foreign(data, position, length, form)) is not None:
            position, length = foreign
        else:
            raise Unusual(f"an element with an unknown value representation at byte {position}")
        if raw in wanted:
            tag = wanted[raw]
            if tag >= PIXEL_DATA - 8:
                return position, length, tag
            values[tag] = data[position : position + length]
        if length == UNDEFINED:
            values.pop(wanted.get(raw, 0), None)
            content = position
            position = skip_sequence(data, position, vr == form.unknown_vr, form, 0)
            if raw in form.kept:
                values[form.kept[raw]] = data[content:position]
        else:
            position += length
    else:
        raise Beyond(TOO_MANY)
    values[-1] = b""  # marks that the data end with an element
    raise struct.error


def _implicit(
    data: bytes, position: int, form: Dialect, values: dict[int, bytes], starts: list[int]
) -> tuple[int, int, int]:
    head, wanted, end = form.head, form.wanted, len(data)
    for _ in ELEMENTS:
        if position == end:
            break
        starts.append(position)
        raw, length = head(data, position)
        position += 8
        if raw in wanted:
            tag = wanted[raw]
            if tag >= PIXEL_DATA - 8:
                return position, length, tag
            values[tag] = data[position : position + length]
        if length == UNDEFINED:
            values.pop(wanted.get(raw, 0), None)
            content = position
            position = skip_sequence(data, position, True, form, 0)
            if raw in form.kept:
                values[form.kept[raw]] = data[content:position]
        else:
            position += length
    else:
        raise Beyond(TOO_MANY)
    values[-1] = b""
    raise struct.error


def _foreign(data: bytes, position: int, length: int, form: Dialect) -> tuple[int, int] | None:
    """Start and length of a value whose representation nobody knows: that length after which an element follows.

    PS3.5 6.2 gives new ones the long form; makers who left theirs blank wrote the short one. None where neither fits.
    """
    for start, size in ((position + 8, length), (position + 12, form.long(data, position + 8)[0])):
        if size <= FOREIGN_LIMIT and start + size + 8 > len(data):
            raise struct.error
        if _is_element(data, start + size, form):
            return start, size
    return None


def _is_element(data: bytes, position: int, form: Dialect) -> bool:
    """Whether what stands there has a value representation that is known."""
    if position + 8 > len(data):
        return False
    _, vr, _ = form.head(data, position)
    return vr in form.short_vrs or vr in form.long_vrs


def skip_sequence(data: bytes, position: int, implicit: bool, form: Dialect, depth: int) -> int:
    """The end of a sequence or item of undefined length whose content starts at `position`."""
    if depth > 2 * DEPTH_LIMIT:  # a sequence, and an item in it
        raise Beyond(TOO_DEEP)
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
            unknown = implicit and (form.implicit or not _is_element(data, position, form))
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
