"""Words that a line's end broke: put together again, with the hyphen where it belongs to the word."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BROKEN = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)[-\u00ad\u2010]$")
_RANGE = re.compile(r"\w[\u2013\u2014]$")  # "L2–" at a line's end; a dash between words has a space before it
_FIRST = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"\w+-\w+")
_WORD = re.compile(r"[^\W\d_]{3,}")
# "pre- and postcontrast" keeps its space: the hyphen stands for a word that comes later.
_SUSPENDED = frozenset({"and", "or", "to", "und", "versus"})
# What is written behind a hyphen more often than not.
_SECOND = frozenset(
    {"weighted", "enhanced", "enhancing", "sided", "based", "like", "year", "years", "old", "month", "day", "up"}
    | {"guided", "resolution", "density", "dose", "phase", "positive", "negative", "defined", "shaped", "related"}
    | {"free", "glass", "in", "bud"}
)


class Spelling:
    """How a document writes its words, where no line's end is in the way."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.compounds: set[str] = set()
        self.words: set[str] = set()
        for line in lines:
            inner = line.rstrip()
            self.compounds.update(found.group().lower() for found in _COMPOUND.finditer(inner))
            self.words.update(found.group().lower() for found in _WORD.finditer(inner))

    def joined(self, lines: Iterable[str]) -> str:
        """The lines as one text."""
        text = ""
        for line in lines:
            text = self._join(text, line.strip()) if text else line.strip()
        return text.replace("\u00ad", "")

    def _join(self, text: str, line: str) -> str:
        cut = self.cut(text[-60:], line)
        return f"{text} {line}" if cut is None else text[: len(text) - cut] + line

    def cut(self, tail: str, line: str) -> int | None:
        """How many letters of `tail`, a line's end, go where `line` goes on with its word; None where it does not."""
        broken, first = _BROKEN.search(tail), _FIRST.match(line)
        if tail.endswith("\u00ad"):
            return 1
        if _RANGE.search(tail) and line[:1].isalnum():
            return 0
        if not tail.endswith(("-", "\u2010")) or tail[-2:-1].isspace() or len(tail) < 2:
            return None
        if first is None or first.group() in _SUSPENDED:
            return None if first else 0
        if broken is None:
            return 0  # a number or a sign before it: "T1-", "63-"
        return 0 if self._keeps(broken.group(1), first.group()) else 1

    def _keeps(self, start: str, rest: str) -> bool:
        if f"{start}-{rest}".lower() in self.compounds:
            return True
        if (start + rest).lower() in self.words:
            return False
        return rest[0].isupper() or start.isupper() or "-" in start or rest.lower() in _SECOND
