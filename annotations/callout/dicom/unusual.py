"""Headers that the plain walker gives up on, read by pydicom into the same form."""

from __future__ import annotations

import struct
import warnings
from typing import Any

from callout.dicom.header import FIRST_READ, Header, Unreadable
from callout.dicom.patience import Patience
from callout.dicom.sources import open_binary
from callout.dicom.syntaxes import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from callout.dicom.tags import WANTED
from callout.dicom.walker import FLOAT_PIXELS, FLOATING, PIXEL_DATA, UNDEFINED


def read_with_pydicom(path: str, file_size: int, modified_ns: int, reason: str) -> Header:
    """The header of an unusual file. `reason` is what stopped the walker; it is told where pydicom fails too."""
    import pydicom

    with open_binary(path) as file:
        if DEFLATED.encode() in file.read(FIRST_READ):  # pydicom would inflate all of it, however much that is
            raise Unreadable(f"{reason} in a deflated data set")
    with warnings.catch_warnings(), open_binary(path) as file:
        warnings.simplefilter("ignore")
        try:
            tags: list[Any] = sorted(WANTED)
            readable: Any = Patience(file)
            data_set = pydicom.dcmread(readable, stop_before_pixels=True, force=True, specific_tags=tags)
            following = file.read(12)
            position = file.tell() - len(following)
            present: list[Any] = list(data_set.keys())
            values = {int(tag): _raw(data_set.get_item(tag)) for tag in present}
        except Exception as error:  # pydicom raises of all kinds on damaged files; here each is the reason to skip one
            raise Unreadable(f"{reason}, and pydicom can't read it ({type(error).__name__})") from None
    syntax = _syntax(data_set)
    offset, length = _pixels(following, position, syntax)
    order = ">" if syntax == BIG_ENDIAN else "<"
    return Header(path, syntax, values, offset, length, file_size, modified_ns, order)


def _syntax(data_set: Any) -> str:
    """The transfer syntax that is stated, else that which pydicom found out."""
    stated = str(getattr(data_set, "file_meta", {}).get("TransferSyntaxUID", ""))
    if stated:
        return stated
    implicit, little = data_set.original_encoding
    return IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN


def _raw(element: Any) -> bytes:
    value = element.value
    if isinstance(value, bytes):
        return value
    parts = [value] if isinstance(value, str) else list(value or ())  # pydicom decodes SpecificCharacterSet at once
    return "\\".join(str(part) for part in parts).encode("utf-8")


def _pixels(following: bytes, position: int, syntax: str) -> tuple[int | None, int | None]:
    """Offset and length of the PixelData element whose first bytes are `following`."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    if len(following) < 8:
        return None, None
    group, element = struct.unpack_from(f"{order}HH", following)
    if group << 16 | element in FLOAT_PIXELS:
        raise Unreadable(FLOATING)
    if group << 16 | element != PIXEL_DATA:
        return None, None
    if following[4:6] in (b"OB", b"OW") and len(following) == 12:
        offset, (length,) = position + 12, struct.unpack_from(f"{order}I", following, 8)
    else:
        offset, (length,) = position + 8, struct.unpack_from(f"{order}I", following, 4)
    return offset, None if length == UNDEFINED else int(length)
