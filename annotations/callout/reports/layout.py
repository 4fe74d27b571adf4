"""The words of pages → lines, columns and paragraphs in reading order; running heads and feet are left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from callout.reports.pages import Page, Word
from callout.reports.text import caption_start

_WIDE = 2.0  # times the type's size: such a gap parts two lines that stand side by side
_GUTTER = 0.7  # a gap of this parts them where it goes on through other lines
_ROWS = 3  # how many lines make a gutter that few lines cross
_RUN = 5  # how many make one between two lines that cross it
_AROUND = 12  # how many of them are looked at above and below
_RAISED = 0.8  # of a line's type: smaller is a sign that stands above or below it
_MARGIN = 0.09  # of a page's height: where running heads and feet stand
_NUMBER = re.compile(r"\W{0,3}(?:page\s)?\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?\W{0,3}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_ENDS = (".", "!", "?", ":", ")", "\u201d", '"')


@dataclass(slots=True)
class Row:
    """A line of text: words that follow each other on one base line."""

    words: list[Word]
    x0: float
    x1: float
    y: float
    size: float

    @property
    def text(self) -> str:
        """The words, with a space between any two that stand apart."""
        return " ".join(word.text for word in self.words)

    @property
    def font(self) -> str:
        """The font of most of its letters."""
        fonts = Counter[str]()
        for word in self.words:
            fonts[word.font] += len(word.text)
        return fonts.most_common(1)[0][0]


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
    rows = [_without_line_numbers(_rows(page.words)) for page in pages]
    rows = _without_running_heads(rows, pages)
    found = []
    for number, lines in enumerate(rows):
        blocks = [
            Block(part, number, place > 0 and not _other_type(part[0], block.rows[0]))
            for block in _blocks(lines)
            for place, part in enumerate(_paragraphs(block))
        ]
        found.append(_in_order(blocks))
    return found


def _rows(words: Iterable[Word]) -> list[Row]:
    """The words as lines, parted where columns are."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (round(word.y, 1), word.x0)):
        line = _line_of(word, lines[-12:])
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    lines = _with_raised(lines)
    for line in lines:
        line.sort(key=_left)
    return [row for place in range(len(lines)) for row in _split(lines, place)]


def _line_of(word: Word, lines: list[list[Word]]) -> list[Word] | None:
    """The line on whose base line a word stands."""
    return next(
        (line for line in reversed(lines) if abs(word.y - line[0].y) < 0.25 * min(word.size, line[0].size)), None
    )


def _with_raised(lines: list[list[Word]]) -> list[list[Word]]:
    """The lines, with words in small type that are raised or lowered beside a word of a line put into that line."""
    largest = [max(word.size for word in line) for line in lines]
    for place, line in enumerate(lines):
        around = range(max(0, place - 6), min(len(lines), place + 7))
        smallest = min((word.size for word in line), default=0.0)
        near = [lines[at] for at in around if smallest < _RAISED * largest[at]]
        for word in list(line) if near else ():
            host = next((one for one in near if any(_is_raised(word, other) for other in one)), None)
            if host is not None:
                line.remove(word)
                host.append(word)
                if word.text in ("\u25e6", "\u2218"):  # TeX raises a ring for the degree sign
                    word.text = "\u00b0"
    return [line for line in lines if line]


def _is_raised(word: Word, other: Word) -> bool:
    """Whether a word stands as an index or exponent right beside another one."""
    if not word.size < _RAISED * other.size or not abs(word.y - other.y) < 0.6 * other.size:
        return False
    near = 0.5 * other.size
    return -near < word.x0 - other.x1 < near or -near < other.x0 - word.x1 < near


def _split(lines: list[list[Word]], place: int) -> list[Row]:
    """The parts of a line that stand side by side in columns."""
    line = lines[place]
    parts: list[list[Word]] = [[line[0]]]
    for left, right in pairwise(line):
        gap, size = right.x0 - left.x1, max(left.size, right.size)
        two_types = gap > 0.5 * size and size > 1.3 * min(left.size, right.size)
        if gap > _WIDE * size or two_types or (gap > _GUTTER * size and _is_gutter(lines, place, left, right)):
            parts.append([])
        parts[-1].append(right)
    return [_row(part) for part in parts]


def _is_gutter(lines: list[list[Word]], place: int, left: Word, right: Word) -> bool:
    """Whether the gap between two words goes on through the lines above and below, whatever their base lines."""
    inner = 0.4 * min(left.size, right.size)
    places = {left.x1 + inner, (left.x1 + right.x0) / 2, right.x0 - inner}
    return any(_goes_through(lines, place, x, left, right) for x in places)


def _goes_through(lines: list[list[Word]], place: int, x: float, left: Word, right: Word) -> bool:
    """Whether few lines near cross x and several end or start at it, or many do so before one crosses it."""
    free = crossed = run = 0
    for way in (range(place, place + _AROUND), range(place - 1, place - _AROUND, -1)):
        open_so_far = True
        for at in way:
            if not 0 <= at < len(lines):
                break
            line = lines[at]
            number = bisect_right(line, x, key=_left)
            if number and line[number - 1].x1 > x:
                crossed += 1
                open_so_far = False
                continue
            before = number > 0 and line[number - 1].x1 > left.x1 - 0.3 * left.size
            behind = number < len(line) and line[number].x0 < right.x0 + 0.3 * right.size
            free += before or behind
            run += open_so_far and (before or behind)
    return run >= _RUN or (free >= _ROWS and crossed < 0.3 * free)


def _left(word: Word) -> float:
    return word.x0


def _row(words: list[Word]) -> Row:
    sizes = Counter[float]()
    for word in words:
        sizes[word.size] += len(word.text)
    size = sizes.most_common(1)[0][0]
    y = median(word.y for word in words if word.size == size)
    return Row(_touching(words), words[0].x0, max(word.x1 for word in words), y, size)


def _touching(words: list[Word]) -> list[Word]:
    """Words put together where no space is between them: a superscript, a change of font."""
    whole = [words[0]]
    for word in words[1:]:
        last = whole[-1]
        if word.spaced or word.x0 - last.x1 > 0.16 * max(word.size, last.size):
            whole.append(word)
        else:
            text = last.text + word.text
            whole[-1] = Word(text, last.x0, max(last.x1, word.x1), last.y, last.size, last.font, last.spaced)
    return whole


def _without_line_numbers(rows: list[Row]) -> list[Row]:
    """The lines without the numbers that count them in a margin of a manuscript."""
    for side in (-1, 1):
        numbers = [row for row in rows if row.text.isdecimal() and len(row.text) < 5]
        lines = [row for row in rows if not row.text.isdecimal()]
        if side < 0:
            edge = min((row.x0 for row in lines), default=0.0)
            margin = [row for row in numbers if row.x1 < edge]
        else:
            edge = max((row.x1 for row in lines), default=0.0)
            margin = [row for row in numbers if row.x0 > edge]
        counted = [int(row.text) for row in sorted(margin, key=lambda row: row.y)]
        steps = {after - before for before, after in pairwise(counted)}
        if len(counted) >= 4 and len(steps) == 1 and steps <= {1, 2, 5, 10}:
            rows = [row for row in rows if not any(row is one for one in margin)]
    return rows


def _without_running_heads(rows: list[list[Row]], pages: Sequence[Page]) -> list[list[Row]]:
    """The lines without those in the margins that come back page after page, and without page numbers."""
    seen = Counter[tuple[str, int]]()
    margins: list[list[Row]] = []
    for lines, page in zip(rows, pages, strict=True):
        high = page.bottom - page.top
        near = [row for row in lines if not page.top + _MARGIN * high < row.y < page.bottom - _MARGIN * high]
        near += [row for row in _outermost(lines, page) if not any(row is one for one in near)]
        margins.append(near)
        seen.update({_key(row, page) for row in near})
    sizes = [row.size for lines in rows for row in lines for _ in range(len(row.text))]
    usual = median(sizes) if sizes else 0.0
    kept = []
    for lines, near, page in zip(rows, margins, pages, strict=True):
        gone = {
            id(row)
            for row in near
            if _NUMBER.fullmatch(row.text) or seen[_key(row, page)] > 1 or _stands_small(row, lines, usual, page)
        }
        kept.append([row for row in lines if id(row) not in gone])
    return kept


def _outermost(lines: list[Row], page: Page) -> list[Row]:
    """The first and the last line of a page where they stand apart, in its outer quarters."""
    found: list[Row] = []
    steps = sorted(step for step in (low - up for up, low in pairwise(sorted(row.y for row in lines))) if step > 1)
    usual = steps[len(steps) // 2] if steps else 0.0
    for edge, way in ((page.top, 1), (page.bottom, -1)):
        end = min(lines, key=lambda row: abs(row.y - edge), default=None)
        if end is None or abs(end.y - edge) > 0.25 * (page.bottom - page.top):
            continue
        level = [row for row in lines if abs(row.y - end.y) < 0.5 * end.size]
        rest = [way * (row.y - end.y) for row in lines if way * (row.y - end.y) >= 0.5 * end.size]
        if len(rest) > 2 and min(rest) > max(1.6 * end.size, 1.3 * usual):
            found += level
    return found


def _stands_small(row: Row, lines: list[Row], usual: float, page: Page) -> bool:
    """Whether a line in a margin stands there alone in small type: the head of a document of one page."""
    high = page.bottom - page.top
    if page.top + _MARGIN * high < row.y < page.bottom - _MARGIN * high:
        return False
    if row.size > 0.9 * usual or len(row.words) > 14 or caption_start(row.text) is not None:
        return False
    return not any(0.5 < abs(one.y - row.y) < 2.2 * usual for one in lines)


def _key(row: Row, page: Page) -> tuple[str, int]:
    """What a running head is known by: its words without numbers, and roughly how high it stands."""
    return _DIGITS.sub("#", row.text), round((row.y - page.top) / 12)


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
