"""The display list as SVG: pixels unresampled as PNG inside, lines as vectors, letters as text in the font inside.

One file, no reference outside it. Units are page pixels; its size is that of the figure in print.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from callout.figures import font
from callout.figures.display import MM_PER_INCH, Colour, Contour, Display, Group, Image, Path, Text
from callout.figures.png import encode_png

FAMILY = "Callout Sans"


def encode_svg(display: Display, title: str = "") -> bytes:
    """An SVG file, UTF-8, with the alt text as its description."""
    width, height = (f"{side / display.dpi * MM_PER_INCH:.3f}mm" for side in (display.width, display.height))
    groups = [_group(group, f"panel{n}", display.dpi) for n, group in enumerate(display.groups)]
    weights = sorted({item.bold for group in display.groups for item in group.items if isinstance(item, Text)})
    faces = "".join(_face(bold) for bold in weights)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {display.width} {display.height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{_text(title)}</title>',
        f'<desc id="desc">{_text(display.alt)}</desc>',
        f"<style>{faces}text{{font-family:'{FAMILY}';white-space:pre}}image{{image-rendering:pixelated}}</style>",
        f'<rect width="{display.width}" height="{display.height}" fill="{_ink(display.background)}"/>',
        *groups,
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def encode_fragment(display: Display, name: str, borders: Sequence[str]) -> str:
    """The figure as an element of a page, without letters of its own: one group a panel, `borders` (SVG) upon each.

    name: begins the ids in it, which have to be unique on the page.
    """
    groups = [
        _group(group, f"{name}-{n}", display.dpi, border)
        for n, (group, border) in enumerate(zip(display.groups, borders, strict=True))
    ]
    size = f'viewBox="0 0 {display.width} {display.height}" role="img" aria-label={quoteattr(_clean(display.alt))}'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *groups, "</svg>"])


def _face(bold: bool) -> str:
    data = base64.b64encode(font.data(bold)).decode()
    weight = 700 if bold else 400
    return f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};src:url(data:font/ttf;base64,{data})}}"


def _group(group: Group, name: str, dpi: int, above: str = "") -> str:
    size = f'width="{group.width}" height="{group.height}"'
    items = [_item(item, dpi) for item in group.items]
    return "\n".join(
        [
            f'<clipPath id="{name}"><rect {size}/></clipPath>',
            f'<g transform="translate({group.left} {group.top})" clip-path="url(#{name})" role="img"'
            f" aria-label={quoteattr(_clean(group.alt))}>",
            *items,
            above,
            "</g>",
        ]
    )


def _item(item: Image | Path | Text, dpi: int) -> str:
    if isinstance(item, Image):
        return _image(item, dpi)
    return _path(item) if isinstance(item, Path) else _letters(item)


def _image(image: Image, dpi: int) -> str:
    pixels = image.pixels if image.pixels.ndim == 3 else np.repeat(image.pixels[..., None], 3, 2)
    data = base64.b64encode(encode_png(pixels, dpi)).decode()
    rows, columns = pixels.shape[:2]
    place = f'x="{image.left}" y="{image.top}" width="{columns}" height="{rows}" preserveAspectRatio="none"'
    return f'<image {place} href="data:image/png;base64,{data}"/>'


def _path(path: Path) -> str:
    """The edge first, beneath fill and stroke."""
    lines = " ".join(_line(contour, path.closed) for contour in path.contours if len(contour) > 1)
    dash = ""
    if path.dash:
        dash = f' stroke-dasharray="{" ".join(map(_number, path.dash))}" stroke-linecap="butt"'
    round_ends = ' stroke-linejoin="round" stroke-linecap="round"' if not path.dash else ' stroke-linejoin="round"'
    drawn = []
    if path.halo_width:
        width = _number(path.width + 2 * path.halo_width)
        drawn.append(f'fill="none" stroke="{_ink(path.halo)}" stroke-width="{width}"{round_ends}{dash}')
    if path.fill is not None:
        through = "" if path.opacity == 1 else f' fill-opacity="{_number(path.opacity)}"'
        drawn.append(f'fill="{_ink(path.fill)}"{through}')
    if path.stroke is not None and path.width:
        width = _number(path.width)
        drawn.append(f'fill="none" stroke="{_ink(path.stroke)}" stroke-width="{width}"{round_ends}{dash}')
    return "".join(f'<path d="{lines}" {style}/>' for style in drawn) if lines else ""


def _line(contour: Contour, closed: bool) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in contour)
    return f"M{points}{'Z' if closed else ''}"


def _letters(text: Text) -> str:
    known = "".join(c if font.has(c, text.bold) else font.MISSING for c in text.text)
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"'
    edge = ""
    if text.halo_width:
        width = _number(2 * text.halo_width)
        edge = f' stroke="{_ink(text.halo)}" stroke-width="{width}" stroke-linejoin="round" paint-order="stroke"'
    weight = ' font-weight="700"' if text.bold else ""
    return f'<text {place}{weight} fill="{_ink(text.colour)}"{edge}>{_text(known)}</text>'


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """`text` without the characters that XML can't hold."""
    return "".join(c if c.isprintable() else " " for c in text)


def _ink(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
