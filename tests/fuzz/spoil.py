"""Mutations: what may have become of a file on its way, or what somebody with bad intent made of it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from bad_input.raw import LONG, tag_of

LENGTHS = (0, 1, 2, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xC0000000, 0xFFFFFFFE, 0xFFFFFFFF)
TEXTS = (
    *(b"", b"0", b"-0", b"1", b"-1", b"nan", b"inf", b"1e308", b"-1e-308", b"9" * 64, b"\\", b"\\\\\\", b"1\\0", b"x"),
    *(
        b"0\\0\\0\\0\\0\\0",
        b"1\\0\\0\\0\\0\\1",
        b"\0",
        b"\xff\xfe",
        b"1,5",
        b"65536",
        b"1\\1\\1\\1\\1\\1\\1",
        b"../../x",
    ),
)
VRS = (*LONG, *b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US ZZ".split(), b"\0\0")
STEERING = (
    *("TransferSyntaxUID", "SOPClassUID", "Modality", "ImageType", "SpecificCharacterSet", "NumberOfFrames", "Rows"),
    *("Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel", "PixelSpacing"),
    *("PhotometricInterpretation", "RescaleSlope", "RescaleIntercept", "ImagePositionPatient", "SeriesInstanceUID"),
    *("ImageOrientationPatient", "PixelData", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("PixelMeasuresSequence", "PlanePositionSequence", "PlaneOrientationSequence", "SliceThickness", "SeriesNumber"),
    *("PixelValueTransformationSequence", "DirectoryRecordSequence", "ReferencedFileID", "StudyInstanceUID"),
    *("OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity", "FrameOfReferenceUID"),
)
HARMLESS = (
    "SOPInstanceUID",
    "StudyDate",
    "StudyTime",
    "SeriesDescription",
    "PatientID",
    "PatientName",
    "InstanceNumber",
)
Mutation = Callable[[bytearray, Random], None]


def _place(data: bytearray, chance: Random) -> int:
    return chance.randrange(max(1, len(data)))


def flipped(data: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def flipped_pixels(data: bytearray, chance: Random) -> None:
    """Bytes of the second half, where small files have their frames."""
    for _ in range(chance.choice((1, 2, 8, 40))):
        data[chance.randrange(len(data) // 2, len(data))] = chance.randrange(256)


def cut(data: bytearray, chance: Random) -> None:
    del data[_place(data, chance) :]


def taken_out(data: bytearray, chance: Random) -> None:
    place = _place(data, chance)
    del data[place : place + chance.choice((1, 2, 4, 8, 64, 300))]


def put_in(data: bytearray, chance: Random) -> None:
    place = _place(data, chance)
    data[place:place] = chance.randbytes(chance.choice((1, 2, 4, 8, 64)))


def spliced(data: bytearray, chance: Random) -> None:
    """A piece of the file once more, over or between what was there."""
    start, place, size = _place(data, chance), _place(data, chance), chance.choice((2, 4, 8, 12, 60, 400))
    piece = data[start : start + size]
    data[place : place + (len(piece) if chance.random() < 0.5 else 0)] = piece


def extreme(data: bytearray, chance: Random) -> None:
    """A number somewhere that is as large or small as numbers get."""
    form, place = chance.choice(("<H", "<I", ">H", ">I")), _place(data, chance)
    value = chance.choice(LENGTHS) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF)
    data[place : place + struct.calcsize(form)] = struct.pack(form, value)


def _element(data: bytearray, chance: Random) -> tuple[int, str]:
    """Where an element that steers something starts, and the byte order of its tag; (-1, "") where there is none."""
    for keyword in chance.sample(STEERING, len(STEERING)):
        tag = tag_of(keyword)
        for order in "<>":
            place = data.find(struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF))
            if place >= 0:
                return place, order
    return -1, ""


def lengthened(data: bytearray, chance: Random) -> None:
    """The length in an element's head."""
    place, order = _element(data, chance)
    if place >= 0:
        at, form = chance.choice(((6, "H"), (4, "I"), (8, "I")))
        value = chance.choice(LENGTHS) & (0xFFFF if form == "H" else 0xFFFFFFFF)
        struct.pack_into(order + form, data, place + at, value) if place + at + 4 <= len(data) else None


def retyped(data: bytearray, chance: Random) -> None:
    """The value representation, or the tag, of an element."""
    place, _ = _element(data, chance)
    other, _ = _element(data, chance)
    if chance.random() < 0.5:
        data[place + 4 : place + 6] = chance.choice(VRS)
    elif place >= 0:
        data[place : place + 4], data[other : other + 4] = data[other : other + 4], data[place : place + 4]


def revalued(data: bytearray, chance: Random) -> None:
    """A value in the room it had, or (explicit, of the short form) with a head of its own."""
    place, order = _element(data, chance)
    if place < 0 or place + 10 > len(data):
        return
    (size,) = struct.unpack_from(f"{order}H", data, place + 6)
    if size == 2 and bytes(data[place + 4 : place + 6]) == b"US":
        struct.pack_into(f"{order}H", data, place + 8, chance.choice(LENGTHS) & 0xFFFF)
        return
    text = chance.choice(TEXTS)
    text += b" " * (len(text) % 2)
    if chance.random() < 0.5:
        data[place + 8 : place + 8 + size] = text.ljust(size, b" ")[:size]
    else:
        data[place + 6 : place + 8 + size] = struct.pack(f"{order}H", len(text)) + text


def mended(data: bytearray, chance: Random) -> None:
    """Bytes of a value that no pixel and no place depends on; other bytes stay."""
    for keyword in chance.sample(HARMLESS, len(HARMLESS)):
        tag = tag_of(keyword)
        place = data.find(struct.pack("<HH", tag >> 16, tag & 0xFFFF))
        if place >= 0 and bytes(data[place + 4 : place + 6]).isalpha():
            (size,) = struct.unpack_from("<H", data, place + 6)
            for _ in range(3):
                data[place + 8 + chance.randrange(size)] = chance.randrange(256)
            return


MUTATIONS: tuple[Mutation, ...] = (
    *(flipped, flipped_pixels, cut, taken_out, put_in, spliced, extreme, lengthened, retyped, revalued, mended),
)


def spoilt(data: bytes, chance: Random) -> tuple[bytes, str]:
    """`data` after one mutation, or (of those that are not checked for truth) several; and the name of the first."""
    mutation, changed = chance.choice(MUTATIONS), bytearray(data)
    mutation(changed, chance)
    if mutation not in (cut, mended):
        for _ in range(chance.choice((0, 0, 1, 3))):
            other = chance.choice(MUTATIONS)
            if other not in (cut, mended) and len(changed) > 200:
                other(changed, chance)
    return bytes(changed), mutation.__name__
