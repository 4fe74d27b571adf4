"""A passage of text as tokens and sentences; all offsets are code points of the text as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """A text with its tokens, and its sentences as `[first, last)` of tokens."""

    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[tuple[int, int], ...]

    def words(self, first: int, last: int) -> list[str]:
        """The compared form of tokens `[first, last)`."""
        return [token.norm for token in self.tokens[max(first, 0) : last]]


class Phrases(Generic[Value]):
    """Phrases that are looked up in tokens; of those that start at a token the longest is found."""

    def __init__(self, phrases: Iterator[tuple[str, Value]]) -> None:
        self._tree: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        self.vocabulary: set[str] = set()
        for phrase, value in phrases:
            words = words_of(phrase)
            self._tree.setdefault(words[0], []).append((words, value))
            self.vocabulary.update(words)
        for entries in self._tree.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def at(self, tokens: Sequence[Token], first: int, last: int) -> tuple[int, Value] | None:
        """(the token after it, its value) of the longest phrase that starts at `first` and ends by `last`."""
        for words, value in self._tree.get(tokens[first].norm, ()):
            if (end := _follow(tokens, first, last, words)) is not None:
                return end, value
        return None


def _follow(tokens: Sequence[Token], first: int, last: int, words: tuple[str, ...]) -> int | None:
    position = first
    for number, word in enumerate(words):
        if number and position < last and tokens[position].text in HYPHENS:
            position += 1
        if position >= last or tokens[position].norm != word:
            return None
        position += 1
    return position


def read_passage(text: str, vocabulary: frozenset[str] = frozenset()) -> Passage:
    """`text` in tokens and sentences; a word that a line's end parts is one where `vocabulary` has it."""
    tokens = [Token(word := found.group(), normal(word), *found.span()) for found in _TOKEN.finditer(text)]
    if "-" in text:
        tokens = list(_joined(text, tokens, vocabulary))
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


def _joined(text: str, tokens: list[Token], vocabulary: frozenset[str]) -> Iterator[Token]:
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.is_word and index + 2 < len(tokens) and tokens[index + 1].text == "-":
            after = tokens[index + 2]
            prefixed = token.norm in _PREFIXES and after.start == token.end + 1
            if after.text[0].islower() and (prefixed or _BROKEN.fullmatch(text[token.end : after.start])):
                whole = normal(token.text + after.text)
                if whole in vocabulary:
                    yield Token(text[token.start : after.end], whole, token.start, after.end)
                    index += 3
                    continue
        yield token
        index += 1


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
