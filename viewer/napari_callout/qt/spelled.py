"""A text of the report as it is shown: each chip with the sign of its state before it."""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtGui import QColor, QTextCharFormat, QTextLayout

from napari_callout.qt.look import ink, legible_on, mixed
from napari_callout.session.rows import STATE_SIGNS, Chip, TextBlock


@dataclass(frozen=True)
class Span:
    """A chip in the text as it is shown: `[start, end)` in UTF-16 units, its sign included."""

    chip: Chip
    start: int
    end: int


def spelled(block: TextBlock) -> tuple[list[Span], str]:
    """The chips and the text as they are shown: each chip with the sign of its state before it.

    Of two chips that overlap the first is shown. Offsets of the block are code points, Qt's are UTF-16 units.
    """
    spans, parts, at, units = [], [], 0, 0
    for chip in block.chips:
        if chip.start < at:
            continue
        between = block.text[at : chip.start]
        sign = "" if chip.state == "not drawn" else f"{STATE_SIGNS[chip.state]}\u00a0"
        words = sign + block.text[chip.start : chip.end]
        start = units + _units(between)
        units = start + _units(words)
        spans.append(Span(chip, start, units))
        parts += [between, words]
        at = chip.end
    return spans, "".join([*parts, block.text[at:]])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def format_of(span: Span) -> QTextLayout.FormatRange:
    """How a chip's letters look."""
    chip, look = span.chip, QTextCharFormat()
    if chip.chosen:
        colour = legible_on(chip.colour)
    else:
        colour = ink().quiet if chip.state == "not drawn" else mixed(chip.colour, ink().text, 0.3)
    look.setForeground(QColor(colour))
    if chip.chosen:
        look.setFontWeight(600)
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = span.start, span.end - span.start, look
    return made
