"""CSA header: Siemens' private facts of an MR image, a binary list of named values in (0029,xx10).

The form is not published by its maker; it was described by those who read it (nibabel's documentation, SPM).
"""

from __future__ import annotations

import struct

from callout.dicom.header import Unreadable

MOST_TAGS = 1024
MOST_ITEMS = 1024
TAG = struct.Struct("<64si4s3i").unpack_from  # name, multiplicity, representation, type, number of items, a mark
ITEM = struct.Struct("<4i").unpack_from


def csa_values(data: bytes, names: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The values of the named tags, as text; those without values left out. Unreadable where `data` is damaged."""
    try:
        return _read(data, names)
    except struct.error:
        raise Unreadable("its CSA header is cut") from None


def _read(data: bytes, names: frozenset[str]) -> dict[str, tuple[str, ...]]:
    newer = data[:4] == b"SV10"
    position = 8 if newer else 0
    (count,) = struct.unpack_from("<I", data, position)
    if not 0 < count <= MOST_TAGS:
        raise Unreadable(f"its CSA header is damaged: it claims {count} values")
    position += 8
    found: dict[str, tuple[str, ...]] = {}
    first_items = 0
    for number in range(count):
        raw, multiplicity, _, _, items, _ = TAG(data, position)
        position += 84
        if not 0 <= items <= MOST_ITEMS:
            raise Unreadable(f"its CSA header is damaged: a value of {items} items")
        if number == 0:
            first_items = items
        name = _text(raw)
        values: list[str] = []
        for _ in range(items):
            lengths = ITEM(data, position)
            length = lengths[1] if newer else lengths[0] - first_items
            position += 16
            if not 0 <= length <= len(data) - position:
                if newer:
                    raise Unreadable("its CSA header is damaged: a value longer than itself")
                break
            values.append(_text(data[position : position + length]))
            position += length + -length % 4
        stated = [value for value in values[: multiplicity or len(values)] if value]
        if name in names and stated:
            found[name] = tuple(stated)
    return found


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1").strip()
