"""A passage of text as tokens and sentences; all offsets are code points of the text as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from callout.terms.words import normal, word_set, words_of

HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
# A word that lost the space behind it ends before an acronym: "contrastMRI".
_TOKEN = re.compile(r"\d+(?:[.,\u00b7]\d+)?|[a-z]{4,}(?=[A-Z]{2})|[^\W\d_][^\W_]*(?:['\u2019]s\b)?|[^\w\s]|_")
_BROKEN = re.compile(r"-(?:[ \t]*\r?\n[ \t]*|[ \t]+)")
_ENDS = frozenset(".!?")
_NOT_THE_END = word_set(
    """
    fig figs figure e g i vs approx ca dr al no subsp sp ie eg st
    """
)
Value = TypeVar("Value")


class Token(NamedTuple):
    """One word, number or sign: as written, as compared, and where."""

    text: str
    norm: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it starts with a letter."""
        return self.text[0].isalpha()


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with its tokens, and its sentences as `[first, last)` of tokens; it starts at `start` of a longer one."""

    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[tuple[int, int], ...]
    start: int = 0
    norms: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the compared forms by themselves: they are looked at most of all."""
        object.__setattr__(self, "norms", [token.norm for token in self.tokens])

    def words(self, first: int, last: int) -> list[str]:
        """The compared form of tokens `[first, last)`."""
        return self.norms[first if first > 0 else 0 : last]


class Phrases(Generic[Value]):
    """Phrases that are looked up in tokens; of those that start at a token the longest is found."""

    def __init__(self, phrases: Iterator[tuple[str, Value]]) -> None:
        self._root: _Node[Value] = _Node()
        self.vocabulary: set[str] = set()
        for phrase, value in phrases:
            node = self._root
            for word in words_of(phrase):
                self.vocabulary.add(word)
                node = node.after.setdefault(word, _Node())
            if node.values == ():
                node.values = (value,)

    def opens(self, word: str) -> bool:
        """Whether a phrase starts with `word` (compared form)."""
        return word in self._root.after

    def at(self, tokens: Sequence[Token], first: int, last: int) -> tuple[int, Value] | None:
        """(the token after it, its value) of the longest phrase that starts at `first` and ends by `last`.

        A hyphen may part its words.
        """
        node = self._root.after.get(tokens[first].norm)
        if node is None:
            return None
        found = None
        position = first + 1
        while node is not None and position <= last:
            if node.values:
                found = position, node.values[0]
            if not node.after or position >= last:
                break
            position += tokens[position].text in HYPHENS
            node = node.after.get(tokens[position].norm) if position < last else None
            position += 1
        return found


class _Node(Generic[Value]):
    """Where a phrase has come to: its value where it may end here, and the words that go on."""

    __slots__ = ("after", "values")

    def __init__(self) -> None:
        self.after: dict[str, _Node[Value]] = {}
        self.values: tuple[Value, ...] | tuple[()] = ()


def read_passage(text: str, vocabulary: frozenset[str] = frozenset()) -> Passage:
    """`text` in tokens and sentences; a word that a line's end parts is one where `vocabulary` has it."""
    tokens = [Token(word := found[0], normal(word), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    if "-" in text:
        tokens = _without_breaks(text, tokens, vocabulary)
    return Passage(text, tuple(tokens), tuple(_sentences(tokens)))


def is_prose(text: str) -> bool:
    """Whether `text` has words at all, not only signs, single letters or numbers."""
    return len(_TOKEN.findall(text)) <= len(text) / 3


# What a prefix and its word name where a hyphen parts them, they name without: "intra-abdominal".
_PREFIXES = word_set(
    """
    intra extra peri para retro sub supra infra inter endo epi juxta micro hydro hemo haemo pneumo trans hyper hypo
    iso multi broncho osteo spondylo reticulo ureter hepato micro macro poly lympho pan
    """
)


def _without_breaks(text: str, tokens: Sequence[Token], vocabulary: frozenset[str]) -> list[Token]:
    joined: list[Token] = []
    done = 0
    for index in [index for index, token in enumerate(tokens) if token.text == "-"]:
        whole = _joined(text, tokens[index - 1 : index + 2], vocabulary) if index > done else None
        if whole is not None:
            joined += (*tokens[done : index - 1], whole)
            done = index + 2
    return [*joined, *tokens[done:]]


def _joined(text: str, parts: Sequence[Token], vocabulary: frozenset[str]) -> Token | None:
    """The one word that `parts`, two words and the hyphen between them, are in `vocabulary`, or None."""
    if len(parts) < 3 or not (parts[0].is_word and parts[2].text[0].islower()):
        return None
    before, _, after = parts
    prefixed = before.norm in _PREFIXES and after.start == before.end + 1
    if not (prefixed or _BROKEN.fullmatch(text[before.end : after.start])):
        return None
    whole = normal(before.text + after.text)
    return Token(text[before.start : after.end], whole, before.start, after.end) if whole in vocabulary else None


def _sentences(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    first = 0
    for index, token in enumerate(tokens):
        if token.text in _ENDS and _ends_sentence(tokens, index, token):
            yield first, index + 1
            first = index + 1
    if first < len(tokens):
        yield first, len(tokens)


def _ends_sentence(tokens: Sequence[Token], index: int, token: Token) -> bool:
    if token.text != ".":
        return True
    if index + 1 == len(tokens):
        return True
    before, after = tokens[index - 1] if index else None, tokens[index + 1]
    if before and (before.norm in _NOT_THE_END or (len(before.text) == 1 and before.text.isupper())):
        return False
    return not after.text[0].islower() and after.text not in ",;:)."
