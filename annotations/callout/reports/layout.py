"""The lines of pages → columns and paragraphs in reading order; running heads and feet are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from callout.reports.lines import Row, read_rows
from callout.reports.margins import without_line_numbers, without_running_heads
from callout.reports.pages import Page
from callout.reports.text import caption_start

_ENDS = (".", "!", "?", ":", ")", "\u201d", '"')


@dataclass(slots=True)
class Block:
    """Lines below each other in one column, top first; `follows` where the lines above it are of its own type."""

    rows: list[Row]
    page: int = 0
    follows: bool = False

    @property
    def x0(self) -> float:
        """Its left edge."""
        return min(row.x0 for row in self.rows)

    @property
    def x1(self) -> float:
        """Its right edge."""
        return max(row.x1 for row in self.rows)

    @property
    def top(self) -> float:
        """Its upper edge."""
        return min(row.y - 0.8 * row.size for row in self.rows)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(row.y + 0.2 * row.size for row in self.rows)

    @property
    def size(self) -> float:
        """The size of its type."""
        return median(row.size for row in self.rows)

    @property
    def face(self) -> str:
        """The type that most of it is set in."""
        last = self.rows[-1]
        return f"{last.font} {last.size:.1f}"


def read_blocks(pages: Sequence[Page]) -> list[list[Block]]:
    """The paragraphs of each page in reading order."""
    rows = [without_line_numbers(read_rows(page.words)) for page in pages]
    rows = without_running_heads(rows, pages)
    found = []
    for number, lines in enumerate(rows):
        blocks = [
            Block(part, number, place > 0 and not _other_type(part[0], block.rows[0]))
            for block in _blocks(lines)
            for place, part in enumerate(_paragraphs(block))
        ]
        found.append(_in_order(blocks))
    return found


def _blocks(rows: list[Row]) -> list[Block]:
    """Lines put together that stand below each other in one column, in one type, with the usual space between."""
    rows = sorted(rows, key=lambda row: (row.y, row.x0))
    above = {id(row): _nearest(row, rows[:place][-40:]) for place, row in enumerate(rows)}
    steps = [(row.y - up.y) / row.size for row in rows if (up := above[id(row)]) is not None]
    usual = median(steps) if steps else 1.2
    below = Counter(id(up) for up in above.values() if up is not None)
    blocks: dict[int, Block] = {}
    found = []
    for row in rows:
        up = above[id(row)]
        block = blocks.get(id(up)) if up is not None else None
        if up is not None and block is not None and below[id(up)] == 1 and _continues(up, row, block, usual):
            block.rows.append(row)
        else:
            block = Block([row])
            found.append(block)
        blocks[id(row)] = block
    return found


def _nearest(row: Row, rows: list[Row]) -> Row | None:
    """The line right above, if one overlaps."""
    over = [one for one in rows if one.y < row.y - 0.3 * row.size and min(one.x1, row.x1) > max(one.x0, row.x0)]
    return max(over, key=lambda one: one.y, default=None)


def _continues(up: Row, row: Row, block: Block, usual: float) -> bool:
    step = (row.y - up.y) / max(row.size, up.size)
    if step > max(1.25 * min(usual, 2.6), 1.3) or not 0.87 < row.size / up.size < 1.15:
        return False
    if len(block.rows) > 1:  # an even step within a block: more is a gap
        before = (up.y - block.rows[-2].y) / max(up.size, block.rows[-2].size)
        if step > 1.2 * before:
            return False
    return True


def _paragraphs(block: Block) -> list[list[Row]]:
    """The block's lines by paragraph: one ends where its last line had room for the next word."""
    parts: list[list[Row]] = [[block.rows[0]]]
    right = block.x1
    centred = _is_centred(block)
    for up, row in pairwise(block.rows):
        first = row.words[0]
        had_room = not centred and up.x1 + 0.25 * up.size + (first.x1 - first.x0) < right - 0.05 * up.size
        ends = up.text.endswith(_ENDS)
        left = min(one.x0 for one in parts[-1][1:] or [up])
        indented = not centred and row.x0 - left > 0.8 * row.size and len(parts[-1]) > 1
        labelled = caption_start(row.text) is not None
        if (had_room and (ends or labelled)) or (ends and (indented or labelled)) or _other_type(up, row):
            parts.append([])
        parts[-1].append(row)
    return parts


def _is_centred(block: Block) -> bool:
    """Whether the lines start at several places but have one middle."""
    middles = [(row.x0 + row.x1) / 2 for row in block.rows]
    starts = [row.x0 for row in block.rows]
    return max(middles) - min(middles) < 0.2 * block.size < 0.25 * (max(starts) - min(starts))


def _other_type(up: Row, row: Row) -> bool:
    """Whether a line is set in another type than the one above it, both from end to end."""
    if abs(up.size - row.size) > 0.04 * up.size:
        return True
    fonts = {word.font for word in up.words}, {word.font for word in row.words}
    return all(len(one) == 1 for one in fonts) and fonts[0] != fonts[1]


def _in_order(blocks: list[Block]) -> list[Block]:
    """The blocks as they are read: column by column, between the lines that run across all columns."""
    if len(blocks) < 2:
        return blocks
    columns = _columns(blocks)
    if len(columns) > 1:
        return [block for column in columns for block in _in_order(column)]
    bands = _bands(blocks)
    if len(bands) == 1:
        return sorted(blocks, key=lambda block: (block.top, block.x0))
    joined: list[list[Block]] = []
    for band in bands:
        beside = joined and max(len(_columns(joined[-1])), len(_columns(band))) > 1
        if beside and len(_columns(joined[-1] + band)) > 1:
            joined[-1] = joined[-1] + band
        else:
            joined.append(band)
    return [block for band in joined for block in _in_order(band)]


def _columns(blocks: list[Block]) -> list[list[Block]]:
    """The blocks by column, left first, where a gap runs down between them."""
    parts: list[list[Block]] = []
    edge = float("-inf")
    for block in sorted(blocks, key=lambda block: block.x0):
        if not parts or block.x0 > edge + 0.5 * block.size:
            parts.append([])
        parts[-1].append(block)
        edge = max(edge, block.x1)
    return parts


def _bands(blocks: list[Block]) -> list[list[Block]]:
    """The blocks by height, top first, where a gap runs across between them."""
    parts: list[list[Block]] = []
    edge = float("-inf")
    for block in sorted(blocks, key=lambda block: block.top):
        if not parts or block.top >= edge - 0.15 * block.size:
            parts.append([])
        parts[-1].append(block)
        edge = max(edge, block.bottom)
    return parts
