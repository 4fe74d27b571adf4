"""The figures' own letters: glyphs and widths of DejaVu Sans, read with FreeType, unhinted, the same on every machine.

Coordinates are page pixels, y down, from the start of the baseline.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.figures.display import Box, Point, Text

FREETYPE = threading.RLock()  # one thread at a time: FreeType's library and faces are not made for more
MISSING = "\ufffd"  # shown for a character that the letters brought along don't have


@dataclass(frozen=True, eq=False)
class Glyph:
    """One letter in font units (y up): its points (n, 2), their FreeType tags, the last point of each contour."""

    points: npt.NDArray[np.int64]
    tags: bytes
    ends: tuple[int, ...]
    advance: int


@cache
def data(bold: bool) -> bytes:
    """The TrueType file of the regular or the bold letters."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return (resources.files("callout.figures") / "fonts" / name).read_bytes()


@cache
def face(bold: bool) -> Any:
    """The FreeType face of the regular or the bold letters."""
    import io

    import freetype

    return freetype.Face(io.BytesIO(data(bold)))


@cache
def index_of(character: str, bold: bool) -> int:
    """The number of the glyph that stands for a character in the file."""
    with FREETYPE:
        return int(face(bold).get_char_index(character) or face(bold).get_char_index(MISSING))


def has(character: str, bold: bool) -> bool:
    """Whether the letters brought along have a character."""
    with FREETYPE:
        return bool(face(bold).get_char_index(character))


@cache
def units_per_em(bold: bool) -> int:
    """Font units in one em, the size of the letters."""
    return int(face(bold).units_per_EM)


@cache
def glyph(character: str, bold: bool) -> Glyph:
    """The glyph of one character, or of the replacement sign where there is none."""
    import freetype

    with FREETYPE:
        letters = face(bold)
        known = character if letters.get_char_index(character) else MISSING
        letters.load_char(known, freetype.FT_LOAD_NO_SCALE | freetype.FT_LOAD_NO_HINTING)
        outline, pen = letters.glyph.outline, int(letters.glyph.advance.x)
        points = np.array(outline.points, np.int64).reshape(-1, 2)
        return Glyph(points, bytes(outline.tags), tuple(int(end) for end in outline.contours), pen)


Curve = tuple[Point, tuple[tuple[Point, Point], ...]]  # where it starts; then control point and end of each arc


@cache
def _arcs(character: str, bold: bool) -> tuple[Curve, ...]:
    """The closed contours of a glyph as quadratic arcs, font units, y up. Two controls in a row meet half-way."""
    shape, start, found = glyph(character, bold), 0, []
    for end in shape.ends:
        points = [(float(x), float(y)) for x, y in shape.points[start : end + 1].tolist()]
        on = [bool(tag & 1) for tag in shape.tags[start : end + 1]]
        start = end + 1
        full: list[tuple[Point, bool]] = []
        for n, point in enumerate(points):
            if not on[n] and not on[n - 1]:
                full.append((_middle(points[n - 1], point), True))
            full.append((point, on[n]))
        first = next((n for n, (_, is_on) in enumerate(full) if is_on), None)
        if first is None:
            continue
        ring = [*full[first:], *full[: first + 1]]
        arcs, last, control = [], ring[0][0], None
        for point, is_on in ring[1:]:
            if is_on:
                arcs.append((control or _middle(last, point), point))
                last, control = point, None
            else:
                control = point
        found.append((ring[0][0], tuple(arcs)))
    return tuple(found)


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def curves(text: Text) -> list[Curve]:
    """The contours of a line of text as quadratic arcs, page pixels."""
    scale, pen, found = text.size / units_per_em(text.bold), 0, []
    for character in text.text:

        def place(point: Point, pen: int = pen) -> Point:
            return text.x + (point[0] + pen) * scale, text.y - point[1] * scale

        found += [
            (place(start), tuple((place(control), place(end)) for control, end in arcs))
            for start, arcs in _arcs(character, text.bold)
        ]
        pen += glyph(character, text.bold).advance
    return found


def advance(text: str, size: float, bold: bool = False) -> float:
    """How far the pen moves over `text`, page pixels."""
    return sum(glyph(c, bold).advance for c in text) * size / units_per_em(bold)


@cache
def ink(text: str, size: float, bold: bool = False) -> Box:
    """The box that holds the ink of `text`, page pixels from the start of its baseline; empty for blanks."""
    scale, pen = size / units_per_em(bold), 0
    corners: list[tuple[int, int, int, int]] = []
    for character in text:
        shape = glyph(character, bold)
        if len(shape.points):
            (x0, y0), (x1, y1) = shape.points.min(0).tolist(), shape.points.max(0).tolist()
            corners.append((pen + x0, -y1, pen + x1, -y0))
        pen += shape.advance
    if not corners:
        return Box(0.0, 0.0, pen * scale, 0.0)
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    return Box(float(low[0] * scale), float(low[1] * scale), float(high[2] * scale), float(high[3] * scale))
