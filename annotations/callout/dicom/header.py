"""Header: the elements of one DICOM file that Callout looks at, read without touching its pixels.

A plain walker reads Explicit VR Little Endian, Implicit VR, Big Endian and deflated data sets (PS3.5 section 7,
annex A). Whatever it can't make sense of goes to pydicom; what neither can read raises `Unreadable`.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from callout.dicom.meta import beginning_of, reversed_order
from callout.dicom.skipped import SkippedKind
from callout.dicom.sources import open_file
from callout.dicom.syntaxes import BIG_ENDIAN, DEFLATED, IMPLICIT
from callout.dicom.tags import TAGS
from callout.dicom.walker import (
    Beyond,
    Layouts,
    Short,
    Unusual,
    dialect,
    walk_elements,
)

FIRST_READ = 16 * 1024
MIDDLE_READ = 4 * 1024 * 1024
DICOM_NAMES = (".dcm", ".dicom", ".ima")  # whoever names a file so expects it to be read
HEADER_LIMIT = 128 * 1024 * 1024  # no honest header before PixelData is longer, were it that of 10,000 frames
TOO_LONG = f"its header is longer than {HEADER_LIMIT >> 20} MiB"
INFLATE_LIMIT = 512 * 1024 * 1024
CHARSETS = ("iso", "gb", "utf")  # how the terms of SpecificCharacterSet begin, and what some write in their place


class Unreadable(Exception):
    """The file is no image that Callout can use; `str()` says why, `kind` whether it could have been one."""

    def __init__(self, reason: str, kind: SkippedKind = "refused") -> None:
        super().__init__(reason)
        self.kind: SkippedKind = kind


@dataclass(frozen=True, slots=True)
class Header:
    """The wanted elements of one file, as stored.

    values: by tag, the bytes of the value; numbers in the byte order that `order` names ("<" or ">").
    pixel_offset: of PixelData's value, in the file (in the inflated data set where deflated); None without PixelData.
    pixel_length: its length in bytes; None where undefined (encapsulated).
    """

    path: str
    transfer_syntax: str
    values: dict[int, bytes] = field(repr=False)
    pixel_offset: int | None
    pixel_length: int | None
    file_size: int
    modified_ns: int
    order: str = "<"

    @property
    def deflated(self) -> bool:
        """Whether the data set is deflated, so that `pixel_offset` is none of the file's."""
        return self.transfer_syntax == DEFLATED

    def text(self, keyword: str) -> str:
        """The value as text, stripped of padding; "" where missing."""
        raw = self.values.get(TAGS[keyword])
        return _decoded(raw, self.values.get(0x00080005, b"")) if raw else ""

    def texts(self, keyword: str) -> tuple[str, ...]:
        """The values of a multi-valued element; () where missing."""
        value = self.text(keyword)
        return tuple(part.strip() for part in value.split("\\")) if value else ()

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """The values of a decimal or integer string (DS, IS); () where missing; Unreadable where it is no number."""
        raw = self.values.get(TAGS[keyword])
        return _numbers(raw, keyword) if raw else ()

    def number(self, keyword: str) -> float | None:
        """The first of `numbers`, or None."""
        found = self.numbers(keyword)
        return found[0] if found else None

    def unsigned(self, keyword: str) -> int | None:
        """An unsigned short (US), or None where missing."""
        raw = self.values.get(TAGS[keyword])
        if not raw:
            return None
        if len(raw) < 2:
            raise Unreadable(f"{keyword} is cut")
        return int.from_bytes(raw[:2], "little" if self.order == "<" else "big")

    def doubles(self, keyword: str) -> tuple[float, ...]:
        """The values of an FD element; () where missing or of another length."""
        return self._binary(keyword, "d", 8)

    def singles(self, keyword: str) -> tuple[float, ...]:
        """The values of an FL element; () where missing or of another length."""
        return self._binary(keyword, "f", 4)

    def longs(self, keyword: str) -> tuple[int, ...]:
        """The values of a UL element; () where missing or of another length."""
        return self._binary(keyword, "I", 4)

    def _binary(self, keyword: str, kind: str, size: int) -> tuple[Any, ...]:
        raw = self.values.get(TAGS[keyword])
        if not raw or len(raw) % size:
            return ()
        return struct.unpack(f"{self.order}{len(raw) // size}{kind}", raw)


@lru_cache(4096)
def _numbers(raw: bytes, keyword: str) -> tuple[float, ...]:
    try:
        parts = raw.decode("ascii").rstrip("\0 ").split("\\")
        if b"_" in raw:
            raise ValueError("Python's own digits_with_underscores")
        return tuple(float(part) for part in parts) if parts != [""] else ()
    except ValueError:
        raise Unreadable(f"{keyword} is no number: {raw[:40].decode('latin-1')!r}") from None


@lru_cache(4096)
def _decoded(raw: bytes, charset: bytes) -> str:
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii").strip("\0 ")
    names = [name.strip() for name in charset.decode("ascii", "replace").strip("\0 ").split("\\")]
    if names == ["ISO_IR 192"]:
        return raw.decode("utf-8", "replace").strip("\0 ")
    if names in (["ISO_IR 100"], [""]):
        return raw.decode("latin-1").strip("\0 ")
    import warnings

    from pydicom.charset import convert_encodings, decode_bytes

    # pydicom goes on with any codec that Python has: "hex" decodes no text, "punycode" takes for ever
    names = [name if name.lower().startswith(CHARSETS) else "" for name in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return decode_bytes(raw, convert_encodings(names), {0x5C, 0x0A, 0x0D, 0x09}).strip("\0 ")


def read_header(path: str, layouts: Layouts | None = None, more: frozenset[int] = frozenset()) -> Header:
    """The header of the file at `path`; Unreadable where it is no DICOM, cut, or beyond the limits.

    Opens regular files only, and without blocking. Give the same `layouts` for many files that are alike.
    more: tags of elements that are wanted besides; sequences as the bytes of their items.
    """
    layouts = Layouts() if layouts is None else layouts
    try:
        descriptor = open_file(path)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("no regular file", "other file")
        return _read(descriptor, path, status, layouts, more)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str, status: os.stat_result, layouts: Layouts, more: frozenset[int]) -> Header:
    size, modified = status.st_size, status.st_mtime_ns
    wanted = FIRST_READ
    while True:
        data = os.pread(descriptor, wanted, 0)
        try:
            return walk(data, path, size, modified, layouts, more)
        except Short:
            if wanted >= size:
                raise Unreadable("the file is cut: it ends inside its header") from None
            if wanted >= HEADER_LIMIT:
                raise Unreadable(TOO_LONG) from None
            wanted = min(wanted * (16 if wanted < MIDDLE_READ else 8), HEADER_LIMIT)
        except Unusual as reason:
            from callout.dicom.unusual import read_with_pydicom

            return read_with_pydicom(path, size, modified, str(reason))


def walk(
    data: bytes, path: str, file_size: int, modified_ns: int, layouts: Layouts, more: frozenset[int] = frozenset()
) -> Header:
    """The header in `data`, the first bytes of a file. Raises Short, Unusual or Unreadable."""
    try:
        beginning = beginning_of(data)
        if beginning is None:
            kind: SkippedKind = "refused" if path.lower().endswith(DICOM_NAMES) else "other file"
            raise Unreadable("not DICOM" if data else "an empty file", kind)
        start, meta, syntax = beginning
        whole = len(data) >= file_size
        if syntax == DEFLATED:  # offsets are those of the inflated data set
            data, start = inflated(data[start:], HEADER_LIMIT if whole else 4 * len(data)), 0
        order = ">" if syntax == BIG_ENDIAN else "<"
        if reversed_order(data, start, order):
            raise Unreadable(f"its byte order is not that of its TransferSyntaxUID ({syntax})")
        form = dialect(syntax == IMPLICIT, order, more)
        read = walk_elements if more else layouts.walk
        values, offset, length = read(data, start, form, whole)
    except Beyond as reason:
        raise Unreadable(str(reason)) from None
    except (struct.error, IndexError, Short):
        if len(data) >= HEADER_LIMIT:
            raise Unreadable(TOO_LONG) from None
        raise Short from None
    for tag, element in ((0x00080016, 2), (0x00080018, 3)):  # emptied by some anonymisers, left here
        if not values.get(tag) and meta.get(element):
            values[tag] = meta[element]
    return Header(path, syntax, values, offset, length, file_size, modified_ns, order)


def inflated(data: bytes, limit: int = INFLATE_LIMIT) -> bytes:
    """A raw deflate stream (PS3.5 A.5) inflated, at most `limit` bytes of it; Unreadable where it is damaged."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return stream.decompress(data, limit)
    except zlib.error as error:
        raise Unreadable(f"its deflated data set is damaged ({error})") from None
