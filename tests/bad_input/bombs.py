"""Data sets that unpack to more than there is: nested sequences, deflated zeros."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from bad_input.raw import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, added, element, elements, inserted
from bad_input.row import THREE, BadInput, Make, edited

DEPTH = 300
PRIVATE = 0x00091001
MIB = 1 << 20


def undefined_lengths(depth: int, closed: bool = True, vr: bytes = b"SQ") -> bytes:
    opened = (element(PRIVATE, vr, b"", UNDEFINED) + ITEM + b"\xff" * 4) * depth
    return opened + (ITEM_END + bytes(4) + SEQUENCE_END + bytes(4)) * (depth if closed else 0)


def defined_lengths(depth: int, undefined_items: bool = False) -> bytes:
    inner = b""
    for _ in range(depth):
        length = b"\xff" * 4 if undefined_items else struct.pack("<I", len(inner))
        inner = element(PRIVATE, b"SQ", ITEM + length + inner + (ITEM_END + bytes(4) if undefined_items else b""))
    return inner


def implicit(depth: int) -> Make:
    """Undefined lengths without value representations."""
    opened = (struct.pack("<HHI", 0x0009, 0x1001, UNDEFINED) + ITEM + b"\xff" * 4) * depth
    nest = opened + (ITEM_END + bytes(4) + SEQUENCE_END + bytes(4)) * depth

    def edit(data: bytes) -> bytes:
        place = data.index(struct.pack("<HHI", 0x0010, 0x0010, 12))
        return data[:place] + nest + data[place:]

    return edited(edit, syntax=ImplicitVRLittleEndian)


def nested(nest: bytes) -> Make:
    return edited(added(PRIVATE, nest))


def squeezed_zeros(size: int) -> bytes:
    """Deflate blocks of `size` zeros, to be put within a raw stream between full flushes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(b"")
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size // MIB)


def deflated_around(change: Callable[[bytes], tuple[bytes, int, bytes]]) -> Make:
    """One file of a series deflated as (bytes before, number of zeros, bytes behind) of its data set."""

    def edit(data: bytes) -> bytes:
        start = next(start for tag, start, _, _ in elements(data) if tag >= 0x00080000)
        before, size, behind = change(data[start:])
        stream = _whole_blocks(before) + squeezed_zeros(size)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        stream += packer.compress(behind) + packer.flush()
        return _claiming_deflated(data[:start]) + stream

    return edited(edit)


def _whole_blocks(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def _claiming_deflated(meta: bytes) -> bytes:
    """File meta information that names the deflated syntax, its group length mended."""
    plain, deflated = b"1.2.840.10008.1.2.1\0", DeflatedExplicitVRLittleEndian.encode()
    place = meta.index(b"\x02\0\x10\0UI")
    mended = meta[:place] + element(0x00020010, b"UI", deflated) + meta[place + 8 + len(plain) :]
    (length,) = struct.unpack_from("<I", mended, 140)
    return mended[:140] + struct.pack("<I", length + len(deflated) - len(plain)) + mended[144:]


def _at(data_set: bytes, tag: int) -> int:
    return len(inserted(bytes(132) + data_set, tag, b"")) and next(
        start - 132 for found, start, _, _ in elements(bytes(132) + data_set) if found >= tag
    )


def in_private(size: int) -> Callable[[bytes], tuple[bytes, int, bytes]]:
    def change(data_set: bytes) -> tuple[bytes, int, bytes]:
        place = _at(data_set, PRIVATE)
        return data_set[:place] + element(PRIVATE, b"OB", b"", size), size, data_set[place:]

    return change


def in_pixels(size: int) -> Callable[[bytes], tuple[bytes, int, bytes]]:
    """PixelData of `size` zeros, and Rows and Columns to fit."""

    def change(data_set: bytes) -> tuple[bytes, int, bytes]:
        for tag in (0x00280010, 0x00280011):
            place = _at(data_set, tag)
            data_set = data_set[: place + 8] + struct.pack("<H", 32768) + data_set[place + 10 :]
        place = _at(data_set, 0x7FE00010)
        return data_set[:place] + element(0x7FE00010, b"OW", b"", size), size, b""

    return change


def behind_pixels(data_set: bytes) -> tuple[bytes, int, bytes]:
    return data_set + element(0xFFFCFFFC, b"OB", b"", 1 << 30), 1 << 30, b""


def elements_of_zeros(data_set: bytes) -> tuple[bytes, int, bytes]:
    return data_set[: _at(data_set, PRIVATE)], 1 << 30, b""


def unknown_vr(data_set: bytes) -> tuple[bytes, int, bytes]:
    return b"\x08\x00\x05\x00ZZ\x04\x00abcd", 1 << 30, b""


ROWS: tuple[BadInput, ...] = (
    BadInput(
        "sequences nested too deep",
        "skip",
        {
            "undefined lengths": nested(undefined_lengths(DEPTH)),
            "undefined lengths, 100,000 deep": nested(undefined_lengths(100_000)),
            "without an end": nested(undefined_lengths(DEPTH, closed=False)),
            "of unknown kind": nested(undefined_lengths(DEPTH, vr=b"UN")),
            "implicit": implicit(DEPTH),
        },
        "nested more than 64 deep|cut|damaged",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "sequences nested deep, of known length",
        "load",
        {
            "defined lengths": nested(defined_lengths(DEPTH)),
            "defined lengths, 5,000 deep": nested(defined_lengths(5000)),
            "items of undefined length": nested(defined_lengths(DEPTH, undefined_items=True)),
            "60 deep": nested(undefined_lengths(60)),
        },
        stacks=((4, 6, 5),),
    ),
    BadInput(
        "deflate bombs",
        "skip",
        {
            "in a private element": deflated_around(in_private(2 << 30)),
            "just below the limit": deflated_around(in_private(600 << 20)),
            "in PixelData": deflated_around(in_pixels(2 << 30)),
            "elements of zeros": deflated_around(elements_of_zeros),
            "for pydicom": deflated_around(unknown_vr),
        },
        "",
        "a-1.dcm",
        THREE,
        bomb=True,
    ),
    BadInput(
        "a deflate bomb behind the pixels",
        "load",
        {"": deflated_around(behind_pixels)},
        stacks=((4, 6, 5),),
        bomb=True,
    ),
)
