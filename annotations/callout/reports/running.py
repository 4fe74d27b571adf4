"""Text that was taken from pages, without what pages repeat: running heads, page numbers, form feeds.

Where such lines cut a sentence, its lines stand one behind the other again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from callout.reports.excerpt import Excerpt
from callout.reports.openings import opening
from callout.reports.sentences import is_cut

PAGE_BREAK = "\ue00c"
_PAGE_NUMBER = re.compile(r"\W{0,3}(?:page\s|p\.\s?)?\d{1,5}(?:\s?(?:of|/)\s?\d{1,4})?\W{0,3}", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_LONGEST = 110


def without_running_heads(lines: Sequence[Excerpt]) -> list[Excerpt]:
    """The lines without form feeds (as U+E00C), and without the heads, feet and numbers of pages beside these.

    A page's number is a line of its own that counts on by one, or stands at a form feed; a head or foot is a line or
    two that come again, with or without the page's number in it, beside those.
    """
    said = [line.text.strip() for line in lines]
    between = {index for index, text in enumerate(said) if text == PAGE_BREAK}
    between |= _counting(said, between)
    if not between:
        return list(lines)
    _add_heads(said, between)
    return _joined(lines, said, between)


def _neighbours(said: Sequence[str], index: int, between: set[int]) -> tuple[str, str]:
    """The next words before and behind a line, over blank ones; "" at the text's ends, a page break for those."""
    found = []
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(said) and not said[at] and abs(at - index) < 6:
            at += step
        if not 0 <= at < len(said):
            found.append("")
        else:
            found.append(PAGE_BREAK if at in between else said[at])
    return found[0], found[1]


def _counting(said: Sequence[str], breaks: set[int]) -> set[int]:
    """The lines that are page numbers: alone at a form feed, or alone and one more than the one before or after."""
    alone = [
        index
        for index, text in enumerate(said)
        if text
        and _PAGE_NUMBER.fullmatch(text)
        and (index == 0 or not said[index - 1] or index - 1 in breaks)
        and (index + 1 == len(said) or not said[index + 1] or index + 1 in breaks)
    ]
    numbers = [int(_DIGITS.search(said[index]).group()) for index in alone]  # type: ignore[union-attr]
    counting = {
        place
        for first in range(len(alone) - 1)
        for place in (alone[first], alone[first + 1])
        if numbers[first + 1] == numbers[first] + 1
    }
    return counting | {index for index in alone if PAGE_BREAK in _neighbours(said, index, breaks)}


def _add_heads(said: Sequence[str], between: set[int]) -> None:
    """Add to `between` the heads and feet that come again beside the page breaks in it.

    They stand by themselves, in a line or two, at a third of the pages; or directly at the text, at most of them.
    """
    pages = len(between)
    for longest, rare in ((2, max(2, pages // 3)), (1, max(3, pages // 2))):
        beside: dict[str, list[tuple[int, int]]] = {}
        for first, last in _blocks(said, between, longest):
            words = " ".join(said[first:last])
            if len(words) <= _LONGEST * longest and not opening(words, True):
                beside.setdefault(_DIGITS.sub("#", words).casefold(), []).append((first, last))
        for same in beside.values():
            if len(same) >= rare:
                between.update(index for first, last in same for index in range(first, last))


def _blocks(said: Sequence[str], between: set[int], longest: int) -> Iterator[tuple[int, int]]:
    """The lines beside page breaks: by themselves, two at most, or each where `longest` is one."""
    index = 0
    while index < len(said):
        if not said[index] or index in between:
            index += 1
            continue
        end = index
        while end < len(said) and said[end] and end not in between:
            end += 1
        if longest == 1:
            lines = sorted({index, end - 1})
            yield from ((at, at + 1) for at in lines if PAGE_BREAK in _neighbours(said, at, between))
        elif end - index <= longest and PAGE_BREAK in (
            _neighbours(said, index, between)[0],
            _neighbours(said, end - 1, between)[1],
        ):
            yield index, end
        index = end


def _joined(lines: Sequence[Excerpt], said: Sequence[str], between: set[int]) -> list[Excerpt]:
    kept: list[Excerpt] = []
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and (not said[end] or end in between):
            end += 1
        if any(at in between for at in range(index, end)):
            before = kept[-1].text.strip() if kept else ""
            cut = bool(before) and end < len(lines) and is_cut(before, said[end])
            kept += [] if cut else [lines[index][:0]]
        else:
            kept += lines[index:end]
        kept += lines[end : end + 1]
        index = end + 1
    return kept
