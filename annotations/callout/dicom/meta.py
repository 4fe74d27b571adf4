"""The beginning of a DICOM file: preamble, file meta information (PS3.10 section 7), and what they say of the rest."""

from __future__ import annotations

import struct
from typing import NamedTuple

from callout.dicom.syntaxes import EXPLICIT, IMPLICIT
from callout.dicom.walker import LONG_VRS, SHORT_VRS, Unusual

HEAD = struct.Struct("<HH2sH")
LONG, VRS = frozenset(LONG_VRS), frozenset((*LONG_VRS, *SHORT_VRS))


class Beginning(NamedTuple):
    """Where the data set starts, the file meta information by element number, and the transfer syntax.

    Whether value representations are there is taken from the data set itself: files without meta information don't say
    it, and some that do are wrong.
    """

    start: int
    meta: dict[int, bytes]
    syntax: str


def beginning_of(data: bytes) -> Beginning | None:
    """The beginning of a file, with or without preamble; None where it looks like no DICOM.

    Raises struct.error where the data end before the data set starts, Unusual where the meta information is odd.
    """
    if data[128:132] == b"DICM":
        start, meta = _file_meta(data, 132)
    elif data[:4] == b"DICM":
        start, meta = _file_meta(data, 4)
    elif looks_bare(data):
        start, meta = _file_meta(data, 0)
    else:
        return None
    syntax = meta.get(0x10, b"").decode("ascii", "replace").strip("\0 ")
    if syntax in ("", EXPLICIT, IMPLICIT) and len(data) >= start + 6:
        syntax = EXPLICIT if data[start + 4 : start + 6] in VRS else IMPLICIT
    return Beginning(start, meta, syntax)


def data_set_start(data: bytes) -> int:
    """Where the data set of a file starts that begins with `data`."""
    found = beginning_of(data)
    return found.start if found else 0


def looks_bare(data: bytes) -> bool:
    """Whether bytes without a preamble may still be a data set: they start with an element of group 2 or 8."""
    group, element = data[:2], data[2:4]
    return len(data) > 64 and group in (b"\x02\0", b"\x08\0") and element[1:] == b"\0" and data[4:6] != b"\0\0"


def reversed_order(data: bytes, start: int, order: str) -> bool:
    """Whether the first element's group makes sense in the other byte order only."""
    group = data[start : start + 2]
    return len(group) == 2 and group[0 if order == ">" else 1] != 0 and group[1 if order == ">" else 0] == 0


def _file_meta(data: bytes, position: int) -> tuple[int, dict[int, bytes]]:
    meta = dict[int, bytes]()
    unpack = HEAD.unpack_from
    while True:
        group, element, vr, length = unpack(data, position)
        if group != 2:
            break
        if vr in LONG:
            (length,) = struct.unpack_from("<I", data, position + 8)
            position += 4
        elif vr not in VRS:
            raise Unusual("file meta information in an unknown form")
        position += 8
        meta[element] = data[position : position + length]
        position += length
    return position, meta
