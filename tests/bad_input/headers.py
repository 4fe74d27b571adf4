"""Headers that are written oddly, and images whose geometry is said elsewhere than in single-frame ones."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from made_series import pixels
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from bad_input.raw import UNDEFINED, added, element, elements, put
from bad_input.row import FOUR, THREE, BadInput, Make, edited, made, settings

PRIVATE = 0x00091001
SEQUENCE_END = b"\xfe\xff\xdd\xe0" + bytes(4)
MISLEADING = element(0x00200032, b"DS", b"9\\9\\9 ")  # a position that is none of the image's
MISLEADING_IMPLICIT = struct.pack("<HHI", 0x0020, 0x0032, 6) + b"9\\9\\9 "


def item(content: bytes, *, defined: bool = False) -> bytes:
    if defined:
        return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(content)) + content
    return b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + content + b"\xfe\xff\x0d\xe0" + bytes(4)


def private(vr: bytes, value: bytes, length: int | None = None) -> Make:
    """Images with a private element before their patient's."""
    return edited(added(PRIVATE, element(PRIVATE, vr, value, length)), only=None)


def of_the_future(vr: bytes) -> Make:
    """A value representation that is not known yet, in the long form (PS3.5 6.2)."""
    unknown = struct.pack("<HH2sHI", 0x0009, 0x1001, vr, 0, 6) + b"123456"
    return edited(added(PRIVATE, unknown), only=None)


def without_meta(data: bytes) -> bytes:
    return data[:132] + data[start_of(data) :]


def start_of(data: bytes) -> int:
    """Where the data set starts."""
    return 144 + int(struct.unpack_from("<I", data, 140)[0])


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new)


def implicit_group_length(data: bytes) -> bytes:
    place = data.index(struct.pack("<HH", 0x0010, 0x0010), start_of(data))
    return data[:place] + struct.pack("<HHII", 0x0010, 0, 4, 7) + data[place:]


def bytes_allocated(data_set: Dataset, k: int) -> None:
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 8, 8, 7
    data_set.PixelData, data_set.RescaleIntercept = (pixels(k) - 1000).astype(np.uint8).tobytes(), -24


def floating(vr: str, bits: int) -> Make:
    """Images whose samples are floating point, under a tag of their own."""

    def change(data_set: Dataset, k: int) -> None:
        del data_set.PixelData
        data_set.BitsAllocated = bits
        tag, kind = (0x7FE00008, "<f4") if vr == "OF" else (0x7FE00009, "<f8")
        data_set.add_new(tag, vr, pixels(k).astype(kind).tobytes())

    return made(change)


def of_class(sop_class: str) -> Make:
    return settings(None, SOPClassUID=sop_class)


def swapped(data_set: Dataset, k: int) -> None:
    data_set.PixelData = pixels(k).astype(">u2").tobytes()


def a_million_elements(data: bytes) -> bytes:
    place = next(start for tag, start, _, _ in elements(data) if tag >= PRIVATE)
    return data[:place] + element(PRIVATE, b"LO", b"") * 1_000_000 + data[place:]


def a_million_items(data: bytes) -> bytes:
    place = next(start for tag, start, _, _ in elements(data) if tag >= PRIVATE)
    many = item(b"", defined=True) * 1_000_000 + SEQUENCE_END
    return data[:place] + element(PRIVATE, b"SQ", b"", UNDEFINED) + many + data[place:]


ROWS: tuple[BadInput, ...] = (
    BadInput(
        "headers written oddly",
        "load",
        {
            "no preamble, no meta information": edited(lambda data: data[start_of(data) :], only=None),
            "no preamble, no meta information, implicit": edited(
                lambda data: data[start_of(data) :], only=None, syntax=ImplicitVRLittleEndian
            ),
            "no preamble, not its mark": edited(lambda data: data[132:], only=None),
            "no meta information": edited(without_meta, only=None),
            "TransferSyntaxUID empty": edited(put("TransferSyntaxUID", b""), only=None),
            "implicit that says explicit": edited(
                put("TransferSyntaxUID", ExplicitVRLittleEndian.encode() + b"\0"),
                only=None,
                syntax=ImplicitVRLittleEndian,
            ),
            "explicit that says implicit": edited(
                put("TransferSyntaxUID", ImplicitVRLittleEndian.encode() + b"\0"), only=None
            ),
            "a group length, implicit": edited(implicit_group_length, only=None, syntax=ImplicitVRLittleEndian),
            "trailing padding": edited(lambda data: data + element(0xFFFCFFFC, b"OB", bytes(512)), only=None),
            "trailing junk": edited(lambda data: data + b"junk" * 99, only=None),
            "an odd length": edited(replaced(b"LO\x08\x00series a", b"LO\x07\x00series "), only=None),
            "an odd private length": private(b"UN", b"12345"),
            "a private element without creator": private(b"LO", b"123456"),
            "a private VR of ??": private(b"??", b"123456"),
            "a private VR of zeros": private(b"\0\0", b"123456"),
            "a VR of the future": of_the_future(b"ZX"),
            "UN without a length": private(b"UN", item(MISLEADING_IMPLICIT) + SEQUENCE_END, UNDEFINED),
            "UN without a length, explicit inside": private(b"UN", item(MISLEADING) + SEQUENCE_END, UNDEFINED),
            "a private sequence without a length": private(
                b"SQ", item(MISLEADING) + item(MISLEADING, defined=True) + SEQUENCE_END, UNDEFINED
            ),
            "a private sequence of open items": private(b"SQ", item(MISLEADING)),
            "an implicit sequence": private(b"SQ", item(MISLEADING_IMPLICIT) + SEQUENCE_END, UNDEFINED),
            "a sequence's end without a sequence": edited(added(PRIVATE, SEQUENCE_END), only=None),
            "a million items": edited(a_million_items),
            "PixelData of VR UN": edited(replaced(b"\xe0\x7f\x10\x00OW", b"\xe0\x7f\x10\x00UN"), only=None),
            "8 bits allocated": made(bytes_allocated),
            "HighBit missing": settings(None, HighBit=None),
        },
        stacks=FOUR,
    ),
    BadInput(
        "a million elements",
        "skip",
        {"explicit": edited(a_million_elements)},
        "more than 100000 elements",
        "a-1.dcm",
        THREE,
    ),
    BadInput(
        "another byte order than is said",
        "refuse",
        {
            "little that says big": edited(put("TransferSyntaxUID", ExplicitVRBigEndian.encode() + b"\0"), only=None),
            "big that says little": edited(
                put("TransferSyntaxUID", ExplicitVRLittleEndian.encode() + b"\0"),
                only=None,
                change=swapped,
                syntax=ExplicitVRBigEndian,
            ),
        },
        "byte order is not that of its TransferSyntaxUID",
        ".dcm",
    ),
    BadInput("float pixels", "refuse", {"32": floating("OF", 32), "64": floating("OD", 64)}, "FloatPixelData", ".dcm"),
    BadInput(
        "two slopes", "refuse", {"": edited(put("RescaleSlope", b"1\\2"), only=None)}, "RescaleSlope has 2", ".dcm"
    ),
    BadInput(
        "images in one file whose places are not said",
        "refuse",
        {
            "a mosaic without its CSA header": settings(None, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"]),
            "a grid": settings(None, ImageType=["ORIGINAL", "PRIMARY", "M", "VFRAME"]),
            "enhanced CT without frames": of_class("1.2.840.10008.5.1.4.1.1.2.1"),
            "enhanced MR without frames": of_class("1.2.840.10008.5.1.4.1.1.4.1"),
            "a CT of two frames": settings(None, NumberOfFrames=2),
            "enhanced colour": of_class("1.2.840.10008.5.1.4.1.1.4.3"),
        },
        "MOSAIC|VFRAME|NumberOfFrames|colour",
        ".dcm",
    ),
)
