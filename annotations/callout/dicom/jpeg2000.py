"""JPEG 2000 frames, high-throughput ones too: their markers (ISO/IEC 15444-1 annex A), and samples by a codec."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.dicom.claim import Claim
from callout.dicom.header import Unreadable

SOT, SOD, EOC, COD, COC = 0xFF90, 0xFF93, 0xFFD9, 0xFF52, 0xFF53
MOST_TILES = 4096
MOST_BLOCKS = 1 << 18  # code-blocks and precincts of an image: a few bytes may claim any number
MOST_PACKETS = 1 << 24


def jpeg_2000_claim(stream: bytes) -> Claim:
    """From the SIZ segment (A.5.1). struct.error where the stream ends before its end."""
    start = _codestream(stream)
    right, bottom, left, top = struct.unpack_from(">IIII", stream, start + 8)
    components, depth, across, down = struct.unpack_from(">HBBB", stream, start + 40)
    if (across, down) != (1, 1):
        raise Unreadable("its JPEG 2000 stream is subsampled")
    return Claim(bottom - top, right - left, components, (depth & 0x7F) + 1, bool(depth & 0x80))


def decode_jpeg_2000(stream: bytes) -> npt.NDArray[Any]:
    """The samples (rows, columns). Unreadable where the stream is damaged or not whole."""
    from imagecodecs import jpeg2k_decode

    try:
        _check_tiles(stream)
    except struct.error:
        raise Unreadable("its JPEG 2000 stream is cut: it ends inside a tile") from None
    try:
        return np.asarray(jpeg2k_decode(stream[_codestream(stream) :]))  # OpenJPEG is strict: it refuses what is cut
    except (RuntimeError, ValueError) as error:
        raise Unreadable(f"its JPEG 2000 stream is damaged or cut ({error})") from None


def _codestream(stream: bytes) -> int:
    """Where the codestream starts: at once, or after the boxes of a JP2 file."""
    start = stream.find(b"\xff\x4f\xff\x51")
    if start < 0:
        raise Unreadable("its JPEG 2000 stream has no beginning")
    return start


def _check_tiles(stream: bytes) -> None:
    """Walks main header and tile parts (A.4.2) to the end marker; Unreadable where one is missing, cut or absurd."""
    start = _codestream(stream)
    right, bottom, left, top, wide, high, first, upper = struct.unpack_from(">8I", stream, start + 8)
    if not wide or not high or first > left or upper > top:
        raise Unreadable("its JPEG 2000 stream is damaged: its tiles don't cover the image")
    count = -(-(right - first) // wide) * -(-(bottom - upper) // high)
    if count > MOST_TILES:
        raise Unreadable(f"its JPEG 2000 stream claims {count} tiles")
    tile = min(right, wide), min(bottom, high)
    tiles: set[int] = set()
    position = start + 2
    while True:
        (marker,) = struct.unpack_from(">H", stream, position)
        if marker == EOC:
            break
        (length,) = struct.unpack_from(">H", stream, position + 2)
        if marker == SOT:
            number, part = struct.unpack_from(">HI", stream, position + 4)
            tiles.add(number)
            _check_tile_part(stream, position + 12, tile, count)
            if part == 0:  # the last tile part, up to the end marker
                break
            if part < 14:
                raise Unreadable("its JPEG 2000 stream is damaged: a tile part shorter than its header")
            position += part
            continue
        if marker >> 8 != 0xFF or length < 2:
            raise Unreadable("its JPEG 2000 stream is damaged")
        _check_coding_style(stream, position, marker, tile, count)
        position += 2 + length
    if len(tiles) != count:
        raise Unreadable(f"its JPEG 2000 stream has {len(tiles)} of {count} tiles")


def _check_tile_part(stream: bytes, position: int, tile: tuple[int, int], tiles: int) -> None:
    """The segments of a tile part's header may state another coding style."""
    while True:
        (marker,) = struct.unpack_from(">H", stream, position)
        if marker == SOD:
            return
        (length,) = struct.unpack_from(">H", stream, position + 2)
        if marker >> 8 != 0xFF or length < 2:
            raise Unreadable("its JPEG 2000 stream is damaged")
        _check_coding_style(stream, position, marker, tile, tiles)
        position += 2 + length


def _check_coding_style(stream: bytes, position: int, marker: int, tile: tuple[int, int], tiles: int) -> None:
    """Unreadable where a COD or COC segment (A.6.1, A.6.2) claims more blocks or packets than any image has."""
    if marker not in (COD, COC):
        return
    layers = 1
    if marker == COD:
        style, _, layers = struct.unpack_from(">BBH", stream, position + 4)
        position += 9
    else:
        (style,) = struct.unpack_from(">B", stream, position + 5)
        position += 6
    levels, across, down = struct.unpack_from(">BBB", stream, position)
    if levels > 32 or across > 8 or down > 8:
        raise Unreadable("its JPEG 2000 stream is damaged: its coding style is none of the standard's")
    sizes = struct.unpack_from(f">{levels + 1}B", stream, position + 5) if style & 1 else (0xFF,) * (levels + 1)
    blocks = 0
    for level, size in enumerate(sizes):
        width, height = (max(1, side >> levels - level) for side in tile)
        cell = min(across + 2, size & 15), min(down + 2, size >> 4)
        blocks += ((width >> cell[0]) + 1) * ((height >> cell[1]) + 1)
    if blocks * tiles > MOST_BLOCKS or blocks * tiles * layers > MOST_PACKETS:
        raise Unreadable(f"its JPEG 2000 stream claims {blocks * tiles} blocks in {layers} layers")
