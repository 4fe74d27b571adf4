"""The words of a page → lines, parted where columns stand side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from callout.reports.pages import Word

_WIDE = 2.0  # times the type's size: such a gap parts two lines that stand side by side
_GUTTER = 0.7  # a gap of this parts them where it goes on through other lines
_ROWS = 3  # how many lines make a gutter that few lines cross
_RUN = 5  # how many make one between two lines that cross it
_AROUND = 12  # how many of them are looked at above and below
_RAISED = 0.8  # of a line's type: smaller is a sign that stands above or below it


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


def read_rows(words: Iterable[Word]) -> list[Row]:
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
        for word in [word for word in line if not _runs_on(word, line)] if near else ():
            host = next((one for one in near if any(_is_raised(word, other) for other in one)), None)
            if host is not None:
                line.remove(word)
                host.append(word)
                if word.text in ("\u25e6", "\u2218"):  # TeX raises a ring for the degree sign
                    word.text = "\u00b0"
    return [line for line in lines if line]


def _runs_on(word: Word, line: list[Word]) -> bool:
    """Whether a word stands among others of its own line, as no index does: small type beside larger type."""
    near = 1.2 * word.size
    gaps = ((other.text, max(word.x0 - other.x1, other.x0 - word.x1)) for other in line if other is not word)
    return any(gap < near and len(text) > 2 and text.isalpha() for text, gap in gaps)


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
