"""Names of findings with one letter wrong, missing or too many ("absecess"), read as the word that was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callout.reports.anatomy import makes_term

# Shorter words are too near to others.
_SHORTEST = 7
_LONGEST = 30
_OTHERS = frozenset(("transaction",))
_ALIKE = (set("aeiouy"), set("sz"), set("ck"), set("mn"))


class Speller:
    """Finds the one of `findings` that a word means which is not in `vocabulary`.

    Both start and end alike, so that no other form of a known word is taken for it; of two letters that differ, each
    is a vowel, or they sound alike.
    """

    def __init__(self, vocabulary: frozenset[str], findings: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._without_one: Mapping[str, str] = {
            shorter: word
            for word in sorted(findings)
            if _SHORTEST <= len(word) < _LONGEST and word.isalpha()
            for shorter in (word, *_shorter(word))
        }
        self._found: dict[str, str] = {}

    def meant(self, word: str) -> str:
        """The finding that `word` (compared form) means, else `word` itself."""
        if word in self._vocabulary or not _SHORTEST <= len(word) < _LONGEST or not word.isalpha():
            return word
        found = self._found.get(word)
        if found is None:
            found = self._corrected(word)
            if len(self._found) < 65536:
                self._found[word] = found
        return found

    def _corrected(self, word: str) -> str:
        if word in _OTHERS or makes_term(word):
            return word
        for shorter in (word, *_shorter(word)):
            known = self._without_one.get(shorter)
            if known and known[:2] == word[:2] and known[-2:] == word[-2:] and _near(known, word):
                return known
        return word


def _near(known: str, word: str) -> bool:
    """Whether one letter is missing or added, or two of one sound stand for each other, or two changed places."""
    if len(known) != len(word):
        return abs(len(known) - len(word)) == 1
    differing = [pair for pair in zip(known, word, strict=True) if pair[0] != pair[1]]
    if len(differing) == 1:
        return any(set(differing[0]) <= alike for alike in _ALIKE)
    return len(differing) == 2 and differing[0] == differing[1][::-1]


def _shorter(word: str) -> Iterator[str]:
    """`word` without one of its inner letters."""
    for index in range(1, len(word) - 1):
        yield word[:index] + word[index + 1 :]
