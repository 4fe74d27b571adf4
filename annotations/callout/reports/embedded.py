"""A picture in a PDF as a file of its own: a JPEG as it is, anything else as PNG (ISO 32000-2, clauses 7.4 and 8.9)."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

PIXELS = 40_000_000
_COMPONENTS = {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3}
_PNG_COLOURS = {1: 0, 3: 2}  # PNG's colour type of so many components


def picture_file(stream: Any) -> bytes:
    """The picture's bytes as JPEG or PNG; nothing where it can't be read."""
    try:
        width, height = int(stream["/Width"]), int(stream["/Height"])
        if not 0 < width * height <= PIXELS:
            return b""
        filters = stream.get("/Filter")
        filters = filters.get_object() if filters is not None else None
        components = _components(stream)
        if components and filters in ("/DCTDecode", ["/DCTDecode"]):
            data: bytes = stream.get_data()
            return data
        if components and filters in ("/FlateDecode", ["/FlateDecode"]) and stream.get("/BitsPerComponent") == 8:
            return _png_as_it_is(stream, width, height, components) or _plain(stream, width, height, components)
        return _decoded(stream)
    except MemoryError:
        raise
    except Exception:
        return b""  # one picture that is damaged takes no caption along


def _components(stream: Any) -> int:
    """The components of a picture in grey or RGB with nothing else to it; 0 for any other."""
    if any(key in stream for key in ("/Decode", "/SMask", "/Mask", "/ImageMask")):
        return 0
    colours = stream.get("/ColorSpace")
    colours = colours.get_object() if colours is not None else None
    if isinstance(colours, list):
        if colours[0] == "/ICCBased":
            count = int(colours[1].get_object()["/N"])
            return count if count in _PNG_COLOURS else 0
        colours = colours[0] if colours[0] in ("/CalGray", "/CalRGB") else None
    return _COMPONENTS.get(str(colours), 0)


def _png_as_it_is(stream: Any, width: int, height: int, components: int) -> bytes:
    """The PNG whose compressed rows the PDF took over; nothing where it holds none (clause 7.4.4.4)."""
    settings = stream.get("/DecodeParms")
    settings = settings.get_object() if settings is not None else {}
    settings = settings[0].get_object() if isinstance(settings, list) else settings
    if int(settings.get("/Predictor", 1)) < 10 or int(settings.get("/Columns", 1)) != width:
        return b""
    if int(settings.get("/Colors", 1)) != components or int(settings.get("/BitsPerComponent", 8)) != 8:
        return b""
    packed, row = bytes(stream._data), 1 + width * components
    unpacker = zlib.decompressobj()
    rows = unpacker.decompress(packed, row * height + 1)
    if len(rows) != row * height or not unpacker.eof or not set(rows[::row]) <= {0, 1, 2, 3, 4}:
        return b""
    head = struct.pack(">IIBBBBB", width, height, 8, _PNG_COLOURS[components], 0, 0, 0)
    used = packed[: len(packed) - len(unpacker.unused_data)]
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", used) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _plain(stream: Any, width: int, height: int, components: int) -> bytes:
    from PIL import Image

    data = stream.get_data()
    size = width * height * components
    if len(data) < size:
        return b""
    return _png(Image.frombytes("L" if components == 1 else "RGB", (width, height), data[:size]))


def _decoded(stream: Any) -> bytes:
    image = stream.decode_as_image()
    if image.mode not in ("L", "RGB", "1", "P", "LA", "RGBA", "I;16"):
        image = image.convert("RGB")
    return _png(image)


def _png(image: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
