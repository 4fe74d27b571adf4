"""Markdown's links and pictures in a text, and one-line copies of web pages laid out as lines again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callout.reports.excerpt import Excerpt

PICTURE = "\ufffc"
# Bounded on purpose: no pattern here can run longer than its line is long.
_LINK = re.compile(
    r"(!?)\[([^\[\]\n]{0,2000})\]\(\s{0,4}(<[^<>\n]{0,2000}>|[^()\s]{0,2000})(?:\s{1,4}\"[^\"\n]{0,500}\")?\s{0,4}\)"
)
_FIGURE_LINK = re.compile(
    r"\s*(?:open|view|download)?\s*fig(?:ure|\.)?\s*[SA]?\d{1,3}[A-Za-z]?\s*\.?\s*", re.IGNORECASE
)
_PICTURE_FILE = re.compile(r"\.(?:png|jpe?g|gif|tiff?|bmp)$", re.IGNORECASE)
_INLINE_HEADING = re.compile(r"(?<=\S) (?=#{1,6} \S)")
# A soft hyphen at a line's end is left for those who put its word together.
_INVISIBLE = r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|\u00ad(?![ \t]{0,9}[\r\n\x85\u2028\u2029])"
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "ft"}
_ODD = re.compile(f"{_INVISIBLE}|[{''.join(_LIGATURES)}]|\f")
_RULE = re.compile(r"(?<=\S) (={5,}) (?=\S)")
LONG_LINE = 600


@dataclass(frozen=True, slots=True)
class LinkedPicture:
    """A picture that the text links to: its words, its target, and where those words start in the text."""

    words: str
    target: str
    start: int


def without_links(text: str) -> tuple[Excerpt, tuple[LinkedPicture, ...]]:
    """`text` with links as their words and each picture as one U+FFFC, and those pictures in order."""
    pictures: list[LinkedPicture] = []
    whole = Excerpt.whole(text.replace(PICTURE, " "))
    return whole.substituted(_LINK, _shown(pictures)) if "](" in text else whole, tuple(pictures)


def _shown(pictures: list[LinkedPicture]) -> Callable[[re.Match[str]], tuple[str, int]]:
    def shown(link: re.Match[str]) -> tuple[str, int]:
        bang, words, target = link.groups()
        if bang or _PICTURE_FILE.search(target.strip("<>")):
            pictures.append(LinkedPicture(words, target, link.start(2)))
            return PICTURE, 0
        to_elsewhere = not target.startswith("#")
        return "" if to_elsewhere and _FIGURE_LINK.fullmatch(words) else words, link.start(2) - link.start()

    return shown


def plain_letters(text: Excerpt) -> Excerpt:
    """`text` without what is not seen (soft hyphens, marks of direction), ligatures as letters.

    A form feed becomes a line of its own, U+E00C.
    """
    return text.substituted(_ODD, lambda found: (_plain_letter(found.group()), 0)) if _ODD.search(text.text) else text


def _plain_letter(sign: str) -> str:
    return "\n\ue00c\n" if sign == "\f" else _LIGATURES.get(sign, "")


def lines_of(text: Excerpt) -> Iterator[Excerpt]:
    """The lines of `text`; headings that a one-line copy has inside its line are lines of their own."""
    for line in text.lines():
        rolled = len(line.text) > LONG_LINE or _RULE.search(line.text)
        yield from _unrolled(line).lines() if rolled else (line,)


def _unrolled(line: Excerpt) -> Excerpt:
    if "=====" in line.text:
        line = line.substituted(_RULE, lambda found: (f"\n{found.group(1)}\n", 0))
    return line.substituted(_INLINE_HEADING, lambda found: ("\n\n", 0)) if " #" in line.text else line
