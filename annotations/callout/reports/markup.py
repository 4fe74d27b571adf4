"""Markdown's links and pictures in a text, and one-line copies of web pages laid out as lines again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

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
_RULE = re.compile(r"(?<=\S) (={5,}) (?=\S)")
LONG_LINE = 600


@dataclass(frozen=True, slots=True)
class LinkedPicture:
    """A picture that the text links to: its words, its target, and its place among the pictures of the text."""

    words: str
    target: str


def without_links(text: str) -> tuple[str, tuple[LinkedPicture, ...]]:
    """`text` with links as their words and each picture as one U+FFFC, and those pictures in order."""
    pictures: list[LinkedPicture] = []
    return _LINK.sub(_shown(pictures), text.replace(PICTURE, " ")), tuple(pictures)


def _shown(pictures: list[LinkedPicture]) -> Callable[[re.Match[str]], str]:
    def shown(link: re.Match[str]) -> str:
        bang, words, target = link.groups()
        if bang or _PICTURE_FILE.search(target.strip("<>")):
            pictures.append(LinkedPicture(words, target))
            return PICTURE
        return "" if _FIGURE_LINK.fullmatch(words) else words

    return shown


def unrolled(text: str) -> str:
    """`text` with the headings that a one-line copy has inside its line on lines of their own."""
    lines = (_unrolled(line) if len(line) > LONG_LINE else line for line in text.splitlines())
    return "\n".join(lines)


def _unrolled(line: str) -> str:
    return _INLINE_HEADING.sub("\n\n", _RULE.sub(r"\n\1\n", line))
