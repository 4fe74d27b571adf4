"""The shapes that stand on a panel: arrows, letters with their edge, the scale bar. White with a dark edge by default.

Frame: panel pixels, x to the right, y down; sizes are typographic points on the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from callout.figures import font
from callout.figures.display import (
    BLACK,
    WHITE,
    Box,
    Colour,
    Contour,
    Item,
    Path,
    Point,
    Text,
    colour,
    contour,
    rounded,
)
from callout.figures.display import pixels_of_points as pixels_of
from callout.figures.recipe import Arrow, Asterisk, Callout, Overlay

LETTER_EDGE_PT = 0.9
ARROW_EDGE_PT = 0.7
GAP_PT = 1.5  # from an arrow's tip to the border it points at
MARGIN_PT = 3.5  # from the panel's edge to letters and scale bar
PANEL_LETTER_PT = 11.0
ORIENTATION_PT = 7.0
SCALE_PT = 7.0
LABEL_PT = 6.0
SCALE_LINE_PT, SCALE_EDGE_PT, SCALE_TICK_PT = 1.4, 0.5, 2.0
CALIPERS_LINE_PT, CALIPERS_TICK_PT = 1.0, 3.0
COSINES = tuple(round(math.cos(2 * math.pi * n / 96), 6) for n in range(96))  # alike on every processor
SCALE_PART = 0.25  # of the panel's width that a scale bar takes at most

Drawn = tuple[list[Item], Box]


@dataclass(frozen=True)
class ArrowShape:
    """An arrow's measures in points; a shaft of 0 is a head alone."""

    length_pt: float
    shaft_pt: float
    head_length_pt: float
    head_width_pt: float


ARROWS = {"arrow": ArrowShape(18.0, 2.0, 7.5, 7.0), "arrowhead": ArrowShape(9.0, 0.0, 9.0, 7.0)}


def edge_of(ink: Colour) -> Colour:
    """The colour of the edge around letters and lines: dark around light ones, light around dark ones."""
    return BLACK if 299 * ink[0] + 587 * ink[1] + 114 * ink[2] > 80_000 else WHITE


def text_of(overlay: Callout | Asterisk) -> str:
    """What a marker reads."""
    return overlay.text if isinstance(overlay, Callout) else "*"


def name_of(overlay: Overlay) -> str:
    """A marker in words, for alt text and notes."""
    return f"“{overlay.text}”" if isinstance(overlay, Callout) else overlay.kind


def arrow(overlay: Arrow, tip: Point, tail: Point, dpi: int) -> Path:
    """A solid arrow from tail to tip."""
    shape = ARROWS[overlay.kind]
    way = np.array([tip[0] - tail[0], tip[1] - tail[1]])
    length = max(float(np.sqrt((way * way).sum())), 1e-6)
    along = way / length
    across = np.array([-along[1], along[0]])
    head = min(pixels_of(shape.head_length_pt, dpi), length)
    half, shaft = pixels_of(shape.head_width_pt, dpi) / 2, pixels_of(shape.shaft_pt, dpi) / 2
    neck = np.array(tip) - along * head
    points = [np.array(tip), neck + across * half]
    if shape.shaft_pt:
        points += [neck + across * shaft, tail + across * shaft, tail - across * shaft, neck - across * shaft]
    points.append(neck - across * half)
    ink = colour(overlay.colour)
    return Path((contour(points),), fill=ink, halo=edge_of(ink), halo_width=pixels_of(ARROW_EDGE_PT, dpi))


def calipers(ends: Sequence[Point], ink: Colour, dpi: int) -> Path:
    """A line from end to end with a stroke across it at each."""
    one, other = ends
    way = np.array([other[0] - one[0], other[1] - one[1]])
    along = way / max(float(np.sqrt((way * way).sum())), 1e-6)
    across = np.array([-along[1], along[0]]) * pixels_of(CALIPERS_TICK_PT, dpi)
    strokes = [contour([np.array(end) - across, np.array(end) + across]) for end in ends]
    return _lines((contour(ends), *strokes), ink, CALIPERS_LINE_PT, dpi)


def angle(points: Sequence[Point], ink: Colour, dpi: int) -> Path:
    """Both arms of an angle: a line from end to vertex to end."""
    return _lines((contour(points),), ink, CALIPERS_LINE_PT, dpi)


def ellipse(centre: Point, first: Point, second: Point, ink: Colour, width_pt: float, dpi: int) -> Path:
    """The ellipse around a centre with these ends of its half-axes."""
    a, b = (np.array(end) - np.array(centre) for end in (first, second))
    turns = [(COSINES[n], COSINES[(n - len(COSINES) // 4) % len(COSINES)]) for n in range(len(COSINES))]
    return _lines((contour(np.array(centre) + a * c + b * s for c, s in turns),), ink, width_pt, dpi, closed=True)


def _lines(contours: tuple[Contour, ...], ink: Colour, width_pt: float, dpi: int, closed: bool = False) -> Path:
    width, edge = pixels_of(width_pt, dpi), pixels_of(SCALE_EDGE_PT, dpi)
    return Path(contours, closed, stroke=ink, width=width, halo=edge_of(ink), halo_width=edge)


def length_in_words(mm: float) -> str:
    """Whole millimetres below 10 cm, else tenths of a centimetre.

    >>> length_in_words(23.4), length_in_words(121.2)
    ('23 mm', '12.1 cm')
    """
    return f"{mm:.0f} mm" if mm < 99.5 else f"{mm / 10:.1f} cm"


def angle_in_words(points: Sequence[Sequence[float]]) -> str:
    """Whole degrees between the arms, of the points (end, vertex, end).

    >>> angle_in_words([(1, 0, 0), (0, 0, 0), (0, 2, 0)])
    '90°'
    """
    one, other = (np.subtract(points[n], points[1]) for n in (0, 2))
    cosine = float((one * other).sum() / math.sqrt(float((one * one).sum() * (other * other).sum())))
    return f"{math.degrees(math.acos(max(-1.0, min(1.0, cosine)))):.0f}°"


def letters_in(text: str, box: Box, size: float, ink: Colour, dpi: int) -> Text:
    """Bold letters of `size` pixels whose ink and edge fill `box`."""
    edge, own = pixels_of(LETTER_EDGE_PT, dpi), font.ink(text, size, True)
    x, y = box.left + edge - own.left, box.top + edge - own.top
    return Text(text, rounded(x), rounded(y), size, True, ink, edge_of(ink), edge)


def _letters_at(text: str, at: Point, hold: Point, size_pt: float, dpi: int) -> Drawn:
    """White letters and their box; `hold` (0…1, 0…1) is the part of the box that lies at the point."""
    size, edge = pixels_of(size_pt, dpi), pixels_of(LETTER_EDGE_PT, dpi)
    ink = font.ink(text, size, True)
    width, height = ink.width + 2 * edge, ink.height + 2 * edge
    left, top = at[0] - hold[0] * width, at[1] - hold[1] * height
    box = Box(left, top, left + width, top + height)
    return [letters_in(text, box, size, WHITE, dpi)], box


def panel_letter(letter: str, dpi: int) -> Drawn:
    """The panel's letter in its upper left corner."""
    margin = pixels_of(MARGIN_PT, dpi)
    return _letters_at(letter, (margin, margin), (0, 0), PANEL_LETTER_PT, dpi)


def section_label(words: str, size: tuple[int, int], dpi: int, smallest_pt: float) -> Drawn:
    """What is not native about the panel, in its lower left corner."""
    margin = pixels_of(MARGIN_PT, dpi)
    return _letters_at(words, (margin, size[1] - margin), (0, 1), max(LABEL_PT, smallest_pt), dpi)


def above(drawn: Drawn, others: list[Box], dpi: int) -> Drawn:
    """Letters moved up until they stand on none of the other boxes."""
    [letters], box = drawn
    for other in sorted(others, key=lambda one: -one.bottom):
        if box.overlaps(other):
            up = other.top - pixels_of(GAP_PT, dpi) - box.bottom
            letters, box = _pushed(cast(Text, letters), 0, up), box.moved(0, up)
    return [letters], box


def orientation_letters(letters: dict[str, str], size: tuple[int, int], dpi: int, smallest_pt: float) -> list[Drawn]:
    """The patient's directions in the middle of the panel's edges."""
    margin, (width, height) = pixels_of(MARGIN_PT, dpi), size
    places = {
        "left": ((margin, height / 2), (0.0, 0.5)),
        "right": ((width - margin, height / 2), (1.0, 0.5)),
        "top": ((width / 2, margin), (0.5, 0.0)),
        "bottom": ((width / 2, height - margin), (0.5, 1.0)),
    }
    size_pt = max(ORIENTATION_PT, smallest_pt)
    return [_letters_at(letters[edge], at, hold, size_pt, dpi) for edge, (at, hold) in places.items()]


def round_length(limit_mm: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50 … mm that is not above a limit.

    >>> round_length(49.0), round_length(50.0), round_length(0.7)
    (20.0, 50.0, 0.5)
    """
    lengths = [digit * 10.0**power for power in range(-3, 5) for digit in (1, 2, 5)]
    return max((length for length in lengths if length <= limit_mm * (1 + 1e-9)), default=lengths[0])


def scale_bar(mm_per_pixel: float, size: tuple[int, int], dpi: int, smallest_pt: float) -> Drawn:
    """A bar of a round length in the lower right corner, its length above it."""
    length = round_length(size[0] * mm_per_pixel * SCALE_PART)
    margin, tick = pixels_of(MARGIN_PT, dpi), pixels_of(SCALE_TICK_PT, dpi)
    line, edge = pixels_of(SCALE_LINE_PT, dpi), pixels_of(SCALE_EDGE_PT, dpi)
    right, y = size[0] - margin - line, size[1] - margin - tick
    left = right - length / mm_per_pixel
    bar = ((left, y - tick), (left, y + tick)), ((left, y), (right, y)), ((right, y - tick), (right, y + tick))
    lines = Path(tuple(contour(b) for b in bar), closed=False, stroke=WHITE, width=line, halo_width=edge)
    words = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
    text, box = _letters_at(words, ((left + right) / 2, y - tick), (0.5, 1.0), max(SCALE_PT, smallest_pt), dpi)
    letters = cast(Text, text[0])
    if box.right > size[0] - margin:
        over = size[0] - margin - box.right
        letters, box = _pushed(letters, over, 0), box.moved(over, 0)
    taken = Box(min(left - line, box.left), box.top, size[0] - margin, y + tick + line)
    return [lines, letters], taken


def _pushed(text: Text, x: float, y: float) -> Text:
    """Letters moved."""
    return replace(text, x=rounded(text.x + x), y=rounded(text.y + y))
