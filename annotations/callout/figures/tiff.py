"""TIFF (revision 6.0) from RGB pixels: LZW with the horizontal predictor, dpi, one page, grey where it is grey."""

from __future__ import annotations

import io

from callout.figures.display import Bytes2D

IMAGE_DESCRIPTION = 270


def encode_tiff(rgb: Bytes2D, dpi: int, alt: str = "") -> bytes:
    """A TIFF file of uint8 RGB (rows, columns, 3); `alt` as its ImageDescription, in ASCII as the format wants it."""
    from PIL import Image, TiffImagePlugin

    is_grey = bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if alt:
        tags[IMAGE_DESCRIPTION] = alt.encode("ascii", "replace").decode()
    tags[317] = 2  # Predictor: differences along a row
    buffer = io.BytesIO()
    picture = Image.fromarray(rgb[..., 0] if is_grey else rgb)
    picture.save(buffer, "TIFF", compression="tiff_lzw", dpi=(dpi, dpi), tiffinfo=tags)
    return buffer.getvalue()
