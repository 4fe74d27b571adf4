"""A passage of text as tokens and sentences; all offsets are code points of the text as it stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Generic, TypeVar

from callout.terms.words import normal, word_set, words_of

HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
# A word that lost the space behind it ends before an acronym: "contrastMRI".
_TOKEN = re.compile(
    r"\b[Ii]\. ?[Vv]\.|\d+(?:[.,\u00b7]\d+)?|[a-z]{4,}+(?=[A-Z]{2})|[^\W\d_][^\W_]*(?:['\u2019]s\b)?|[^\w\s]|_"
)
_APOSTROPHES = frozenset("'\u2019\u00b4`")
_SHORTENED = {"ca": "can", "wo": "will", "sha": "shall"}
_BROKEN = re.compile(r"-(?:[ \t]*\r?\n[ \t]*|[ \t]+)")
_ENDS = frozenset(".!?")
_NOT_THE_END = word_set(
    """
    fig figure e g i vs approx ca dr al no subsp sp ie eg st lt rt
    """
)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Passage:
    """A text with its tokens (words, numbers and signs), and its sentences as `[first, last)` of tokens.

    Of each token: how it is written, how it is compared, and where it starts in the text; that itself starts at
    `start` of a longer one.
    """

    text: str
    texts: list[str]
    norms: list[str]
    starts: list[int]
    sentences: list[tuple[int, int]]
    start: int = 0

    @cached_property
    def places(self) -> Mapping[str, list[int]]:
        """Each word, as it is compared, and the tokens that are it."""
        found: dict[str, list[int]] = {}
        for index, word in enumerate(self.norms):
            found.setdefault(word, []).append(index)
        return found

    def where(self, counts: Callable[[str], bool]) -> list[int]:
        """The tokens whose word, as it is compared, counts: each word is asked once, however often it stands there."""
        return sorted(chain.from_iterable(found for word, found in self.places.items() if counts(word)))

    def end(self, index: int) -> int:
        """Where the token ends in the text."""
        return self.starts[index] + len(self.texts[index])

    def is_word(self, index: int) -> bool:
        """Whether the token starts with a letter."""
        return self.texts[index][0].isalpha()

    @property
    def is_prose(self) -> bool:
        """Whether the text has words at all, not only signs, single letters or numbers."""
        return len(self.texts) <= len(self.text) / 3

    def words(self, first: int, last: int) -> list[str]:
        """The compared form of tokens `[first, last)`."""
        return self.norms[first if first > 0 else 0 : last]


def holds_one(tokens: Sequence[int], first: int, last: int) -> bool:
    """Whether one of `tokens`, which are in order, is among `[first, last)`."""
    at = bisect_left(tokens, first)
    return at < len(tokens) and tokens[at] < last


class Phrases(Generic[Value]):
    """Phrases that are looked up in tokens; of those that start at a token the longest is found.

    `openings` are the words that start one, `vocabulary` all of them, as they are compared.
    """

    def __init__(self, phrases: Iterator[tuple[str, Value]]) -> None:
        self._root: _Node[Value] = _Node()
        self.openings: Collection[str] = self._root.after.keys()
        self.vocabulary: set[str] = set()
        for phrase, value in phrases:
            node = self._root
            for word in words_of(phrase):
                self.vocabulary.add(word)
                node = node.after.setdefault(word, _Node())
            if node.values == ():
                node.values = (value,)

    def at(self, words: Sequence[str], first: int, last: int) -> tuple[int, Value] | None:
        """(the token after it, its value) of the longest phrase that starts at `first` and ends by `last`.

        `words` are tokens as they are compared; a hyphen may part those of a phrase.
        """
        node = self._root.after.get(words[first])
        if node is None:
            return None
        found = None
        position = first + 1
        while node is not None and position <= last:
            if node.values:
                found = position, node.values[0]
            if not node.after or position >= last:
                break
            position += words[position] in HYPHENS
            node = node.after.get(words[position]) if position < last else None
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
    texts = _TOKEN.findall(text)
    passage = Passage(text, texts, list(map(normal, texts)), list(_starts(text, texts)), [])
    if "-" in text:
        _join_breaks(passage, vocabulary)
    if not _APOSTROPHES.isdisjoint(text):
        _spell_out_not(passage)
    passage.sentences.extend(_sentences(passage))
    return passage


def _starts(text: str, words: Sequence[str]) -> Iterator[int]:
    """Where each of `words` starts in `text`, which holds nothing else but white space."""
    end = 0
    for word in words:
        start = text.index(word, end)
        yield start
        end = start + len(word)


# What a prefix and its word name where a hyphen parts them, they name without: "intra-abdominal".
_PREFIXES = word_set(
    """
    intra extra peri para retro sub supra infra inter endo epi juxta micro hydro hemo haemo pneumo trans hyper hypo
    iso multi broncho osteo spondylo reticulo ureter hepato micro macro poly lympho pan
    """
)


def _join_breaks(passage: Passage, vocabulary: frozenset[str]) -> None:
    """Make one token of each word that a hyphen and a line's end part."""
    whole: dict[int, str] = {}
    done = 0
    for index in [bisect_left(passage.starts, found.start()) for found in re.finditer("-", passage.text)]:
        word = _joined(passage, index, vocabulary) if done < index < len(passage.texts) - 1 else None
        if word is not None:
            whole[index - 1] = word
            done = index + 2
    if not whole:
        return
    for first, word in whole.items():
        passage.texts[first] = passage.text[passage.starts[first] : passage.end(first + 2)]
        passage.norms[first] = word
    _drop(passage, {index for first in whole for index in (first + 1, first + 2)})


def _spell_out_not(passage: Passage) -> None:
    """Make "did" and "not" of "didn't", "did'nt" and "did n't"."""
    texts, norms = passage.texts, passage.norms
    gone = set()
    for index in [index for index, word in enumerate(texts) if word in _APOSTROPHES]:
        before, after = norms[index - 1 : index], norms[index + 1 : index + 2]
        joined = before and after and passage.end(index - 1) + 1 == passage.starts[index + 1]
        if joined and after == ["t"] and before == ["n"]:
            texts[index - 1], norms[index - 1] = "".join(texts[index - 1 : index + 2]), "not"
            gone |= {index, index + 1}
        elif joined and (after == ["nt"] or (after == ["t"] and before[0].endswith("n"))):
            whole = before[0].removesuffix("n") if after == ["t"] else before[0]
            norms[index - 1] = _SHORTENED.get(whole, whole)
            texts[index], norms[index] = texts[index] + texts[index + 1], "not"
            gone.add(index + 1)
    if gone:
        _drop(passage, gone)


def _drop(passage: Passage, gone: set[int]) -> None:
    """Take tokens away that others hold now."""
    kept = [index for index in range(len(passage.texts)) if index not in gone]
    for values in (passage.texts, passage.norms):
        values[:] = [values[index] for index in kept]
    passage.starts[:] = [passage.starts[index] for index in kept]


def _joined(passage: Passage, index: int, vocabulary: frozenset[str]) -> str | None:
    """The one word of `vocabulary` that the two around the hyphen at `index` are, in compared form, or None."""
    before, after = passage.texts[index - 1], passage.texts[index + 1]
    if not (passage.is_word(index - 1) and after[0].islower()):
        return None
    end, start = passage.end(index - 1), passage.starts[index + 1]
    prefixed = passage.norms[index - 1] in _PREFIXES and start == end + 1
    whole = normal(before + after) if prefixed or _BROKEN.fullmatch(passage.text[end:start]) else ""
    return whole if whole in vocabulary else None


def _sentences(passage: Passage) -> Iterator[tuple[int, int]]:
    first = 0
    for index in [index for index, word in enumerate(passage.texts) if word in _ENDS]:
        if _ends_sentence(passage, index):
            yield first, index + 1
            first = index + 1
    if first < len(passage.texts):
        yield first, len(passage.texts)


def _ends_sentence(passage: Passage, index: int) -> bool:
    texts = passage.texts
    if texts[index] != "." or index + 1 == len(texts):
        return True
    before = texts[index - 1] if index else ""
    if before and (passage.norms[index - 1] in _NOT_THE_END or (len(before) == 1 and before.isupper())):
        return False
    return not texts[index + 1][0].islower() and texts[index + 1] not in ",;:)."
