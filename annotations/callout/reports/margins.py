"""What stands around the text of pages: running heads and feet, page numbers, the numbers of a manuscript's lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from callout.reports.lines import Row
from callout.reports.pages import Page
from callout.reports.text import caption_start

_MARGIN = 0.09  # of a page's height: where running heads and feet stand
_NUMBER = re.compile(r"\W{0,3}(?:page\s)?\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?\W{0,3}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


def without_line_numbers(rows: list[Row]) -> list[Row]:
    """The lines without the numbers that count them in a margin of a manuscript."""
    for side in (-1, 1):
        numbers = [row for row in rows if row.text.isdecimal() and len(row.text) < 5]
        lines = [row for row in rows if not row.text.isdecimal()]
        edges = sorted(row.x0 if side < 0 else row.x1 for row in lines)
        if not edges:
            break
        edge = edges[len(edges) // 4 if side < 0 else len(edges) * 3 // 4]  # a title or a head may be wider
        margin = [row for row in numbers if (row.x1 < edge if side < 0 else row.x0 > edge)]
        counted = [int(row.text) for row in sorted(margin, key=lambda row: row.y)]
        steps = {after - before for before, after in pairwise(counted)}
        if len(counted) >= 4 and len(steps) == 1 and steps <= {1, 2, 5, 10}:
            rows = [row for row in rows if not any(row is one for one in margin)]
    return rows


def without_running_heads(rows: list[list[Row]], pages: Sequence[Page]) -> list[list[Row]]:
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
