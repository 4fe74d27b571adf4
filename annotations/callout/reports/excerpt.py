"""Text on its way from a source to a report: each of its characters knows its place in the source."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from callout.reports.model import Folded

_WORD = re.compile(r"\S+")
_REST = re.compile(r"\S+(?:\s\S+)*+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words taken from a source text: `places[n]` is the offset in the source of `text[n]`."""

    text: str
    places: array[int]

    @classmethod
    def whole(cls, text: str, start: int = 0) -> Excerpt:
        """All of `text`, which stands in the source from `start` on."""
        return cls(text, array("I", range(start, start + len(text))))

    @classmethod
    def joined(cls, excerpts: Iterable[Excerpt]) -> Excerpt:
        """The excerpts one behind the other, one space between any two."""
        texts: list[str] = []
        places = array("I")
        for excerpt in excerpts:
            if texts:
                places.append(places[-1] + 1 if places else 0)
            texts.append(excerpt.text)
            places.extend(excerpt.places)
        return cls(" ".join(texts), places)

    @classmethod
    def behind(cls, first: Excerpt, second: Excerpt) -> Excerpt:
        """One directly behind the other."""
        return cls(first.text + second.text, first.places + second.places)

    def rstrip(self) -> Excerpt:
        """As str.rstrip."""
        return self[: len(self.text.rstrip())]

    def __getitem__(self, part: slice) -> Excerpt:
        return Excerpt(self.text[part], self.places[part])

    def partition(self, sign: str) -> tuple[Excerpt, Excerpt, Excerpt]:
        """As str.partition."""
        at = self.text.find(sign)
        start = len(self.text) if at < 0 else at
        stop = start if at < 0 else at + len(sign)
        return self[:start], self[start:stop], self[stop:]

    def strip(self, signs: str | None = None) -> Excerpt:
        """As str.strip."""
        start = len(self.text) - len(self.text.lstrip(signs))
        return self[start : max(len(self.text.rstrip(signs)), start)]

    def substituted(self, pattern: re.Pattern[str], words: Callable[[re.Match[str]], tuple[str, int]]) -> Excerpt:
        """With other words for each match of `pattern`: `words` gives them, and where in the match they start."""
        pieces: list[str] = []
        places = array("I")
        last, stop = 0, len(self.places) - 1
        for found in pattern.finditer(self.text):
            text, start = words(found)
            start += found.start()
            pieces += (self.text[last : found.start()], text)
            places.extend(self.places[last : found.start()])
            places.extend(self.places[min(place, stop)] for place in range(start, start + len(text)))
            last = found.end()
        if not pieces:
            return self
        places.extend(self.places[last:])
        return Excerpt("".join((*pieces, self.text[last:])), places)

    def without(self, *signs: str) -> Excerpt:
        """With none of `signs`."""
        if not any(sign in self.text for sign in signs):
            return self
        return self.substituted(re.compile("|".join(map(re.escape, signs))), lambda found: ("", 0))

    def lines(self) -> Iterator[Excerpt]:
        """As str.splitlines."""
        start = 0
        for line in self.text.splitlines(keepends=True):
            kept = len(line.splitlines()[0])
            yield self[start : start + kept]
            start += len(line)

    def folded(self) -> Folded:
        """White space folded."""
        words: list[str] = []
        runs: list[tuple[int, int]] = []
        at, due = 0, -1
        for found in self._evenly_spaced():
            if words:  # the space before this word: where the last one ended, as long as it is there
                at, due = at + 1, due + 1
            at, due = _add_runs(runs, at, due, self.places[found.start() : found.end()])
            words += found.group().split()
        return Folded(" ".join(words), tuple(runs))

    def _evenly_spaced(self) -> Iterator[re.Match[str]]:
        """Words with one space between any two where all stand whole in the source, else each word."""
        for found in _REST.finditer(self.text):
            first, last = found.span()
            start = self.places[first]
            if self.places[first:last] == array("I", range(start, start + last - first)):
                yield found
            else:
                yield from _WORD.finditer(self.text, first, last)


def _add_runs(runs: list[tuple[int, int]], at: int, due: int, places: array[int]) -> tuple[int, int]:
    """Go on with the characters at `places`; a new run starts where the source goes on elsewhere than at `due`."""
    first, last = places[0], places[-1]
    if last - first == len(places) - 1:  # what stands whole in the source, as nearly all does
        if first != due:
            runs.append((at, first))
        return at + len(places), last + 1
    for place in places:
        if place != due:
            runs.append((at, place))
        at, due = at + 1, place + 1
    return at, due
