"""Mosaics: the slices of a Siemens volume side by side in one picture; each tile is an image at its true position.

Tiles lie row by row in a square with ceil(√n) of them on a side. ImagePositionPatient is that of a slice as large as
the whole picture around the centre of the first one, so the first tile begins half of what is too much further in.
"""

from __future__ import annotations

import math
import struct
from dataclasses import replace

from callout.dicom.csa import csa_values
from callout.dicom.header import Header, Unreadable, read_header
from callout.dicom.image import SMALLEST_MM, Image, Vector, check_pixel_data, image_of
from callout.dicom.syntaxes import uncompressed
from callout.dicom.tags import TAGS

BLOCKS = range(0x10, 0x20)  # private blocks that are looked at (PS3.5 7.8.1)
CSA = ("SIEMENS CSA HEADER", 0x0029, 0x10)  # CSA Image Header Info
COUNT = ("SIEMENS MR HEADER", 0x0019, 0x0A)  # NumberOfImagesInMosaic
MORE = frozenset(
    tag
    for _, group, element in (CSA, COUNT)
    for block in BLOCKS
    for tag in (group << 16 | block, group << 16 | block << 8 | element)
)
NAMES = frozenset(("NumberOfImagesInMosaic", "SliceNormalVector"))
MOST_TILES = 1024
WHAT = "ImageType says MOSAIC"


def tiles_of(header: Header) -> list[Image]:
    """The tiles of a mosaic as images, in the order of its slices. Unreadable where their places can't be known."""
    whole = read_header(header.path, more=MORE)
    private = _private(whole, *CSA)
    facts = csa_values(private, NAMES) if private else {}
    count = _count(whole, facts)
    mosaic = image_of(whole)
    check_pixel_data(whole, mosaic.form.pixels)
    side = math.ceil(math.sqrt(count))
    pixels = mosaic.form.pixels
    if pixels.rows % side or pixels.columns % side:
        raise Unreadable(f"{WHAT}: Rows × Columns {pixels.rows} × {pixels.columns} don't hold {side} × {side} tiles")
    return _tiles(whole, mosaic, count, side, _step(whole, mosaic, facts))


def _private(header: Header, creator: str, group: int, element: int) -> bytes:
    """The value of a private element, in whichever block its creator has reserved; b"" where there is none."""
    for block in BLOCKS:
        if header.values.get(group << 16 | block, b"").strip(b"\0 ") == creator.encode():
            return header.values.get(group << 16 | block << 8 | element, b"")
    return b""


def _count(header: Header, facts: dict[str, tuple[str, ...]]) -> int:
    if stated := facts.get("NumberOfImagesInMosaic"):
        count = int(stated[0]) if stated[0].isascii() and stated[0].isdigit() else 0
    elif len(raw := _private(header, *COUNT)) == 2:
        (count,) = struct.unpack(f"{header.order}H", raw)
    else:
        raise Unreadable(f"{WHAT}, and its CSA header, which would say how many slices it holds, is missing")
    if not 0 < count <= MOST_TILES:
        raise Unreadable(f"{WHAT}: NumberOfImagesInMosaic is {count}")
    return count


def _step(header: Header, mosaic: Image, facts: dict[str, tuple[str, ...]]) -> Vector:
    """From each tile's place to that of the next, LPS mm."""
    try:
        stated = [float(text) for text in facts.get("SliceNormalVector", ())]
    except ValueError:
        stated = []
    if len(stated) != 3:
        raise Unreadable(f"{WHAT}, and the SliceNormalVector of its CSA header, the order of its slices, is missing")
    normal = mosaic.form.normal
    along = sum(p * q for p, q in zip(stated, normal, strict=True))
    if not 0.99 <= abs(along) <= 1.01:
        raise Unreadable(f"{WHAT}: the SliceNormalVector of its CSA header does not fit ImageOrientationPatient")
    spacing = header.number("SpacingBetweenSlices") or header.number("SliceThickness")
    if spacing is None or not SMALLEST_MM <= spacing <= 1000:
        raise Unreadable(f"{WHAT}: SpacingBetweenSlices and SliceThickness give no distance between its slices")
    signed = math.copysign(spacing, along)
    return normal[0] * signed, normal[1] * signed, normal[2] * signed


def _tiles(whole: Header, mosaic: Image, count: int, side: int, step: Vector) -> list[Image]:
    form = mosaic.form
    rows, columns = form.pixels.rows // side, form.pixels.columns // side
    down = (form.pixels.rows - rows) / 2 * form.spacing[0]
    right = (form.pixels.columns - columns) / 2 * form.spacing[1]
    first = [
        p + down * c + right * r for p, c, r in zip(mosaic.position, form.along_column, form.along_row, strict=True)
    ]
    sample = form.pixels.bits_allocated // 8
    values = {tag: value for tag, value in whole.values.items() if tag not in MORE}
    for keyword, number in (("Rows", rows), ("Columns", columns)):
        values[TAGS[keyword]] = struct.pack(f"{whole.order}H", number)
    compressed = not uncompressed(whole.transfer_syntax)  # a tile has no bytes of its own then
    tiles: list[Image] = []
    for k in range(count):
        place = [p + k * s for p, s in zip(first, step, strict=True)]
        i, j = divmod(k, side)
        offset = 0 if compressed else (i * rows * form.pixels.columns + j * columns) * sample
        view = replace(
            whole,
            values=values | {TAGS["ImagePositionPatient"]: "\\".join(repr(value) for value in place).encode()},
            pixel_offset=(whole.pixel_offset or 0) + offset,
            pixel_length=None if compressed else rows * columns * sample,
        )
        tiles.append(image_of(view, k + 1, stride=form.pixels.columns * sample))
    return tiles
