"""Concepts for what is being typed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from callout.terms.concept import Concept, concepts
from callout.terms.words import normal, words_of

Form = tuple[tuple[str, ...], tuple[frozenset[str], ...], bool, Concept]


def search(text: str, limit: int = 10) -> tuple[Concept, ...]:
    """The concepts, best first, of which a name has every word of `text`, in any order; each word may be unfinished.

    A name or synonym that is `text` comes first, then those that start so, then the others; shorter ones before
    longer ones, names before synonyms. None for a text without words.

    >>> [found.name for found in search("glass grou", 1)]
    ['ground-glass opacity']
    """
    typed = words_of(text)
    if not typed or limit < 1:
        return ()
    raw = tuple("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())
    asked = list(zip(typed, raw, strict=False))
    best: dict[str, tuple[tuple[int, int, bool, int, str], Concept]] = {}
    for number in set.intersection(*(_having(pair) for pair in asked)):
        words, spellings, is_name, found = _forms()[number]
        rank = _rank(typed, asked, words, spellings)
        if rank is None:
            continue
        score = (rank, len(words), not is_name, len("".join(words)), found.name)
        if found.name not in best or score < best[found.name][0]:
            best[found.name] = score, found
    return tuple(found for _, found in sorted(best.values(), key=lambda pair: pair[0])[:limit])


def _having(pair: tuple[str, str]) -> set[int]:
    """The numbers of the forms of which a word begins as one of `pair` does."""
    words = _words()
    found: set[int] = set()
    for start in set(pair):
        low = bisect_left(words, (start, 0))
        high = bisect_left(words, (start + chr(0x10FFFF), 0))
        found.update(number for _, number in words[low:high])
    return found


def _rank(
    typed: tuple[str, ...],
    asked: Sequence[tuple[str, str]],
    words: tuple[str, ...],
    spellings: tuple[frozenset[str], ...],
) -> int | None:
    """0 the same, 1 starts so, 2 has the words; None where one is missing."""
    if typed == words:
        return 0
    if len(typed) > len(words):
        return None
    if all(_begins(pair, spelling) for pair, spelling in zip(asked, spellings, strict=False)):
        return 1
    left = list(spellings)
    for pair in sorted(asked, key=lambda pair: -len(pair[0])):
        place = next((index for index, spelling in enumerate(left) if _begins(pair, spelling)), None)
        if place is None:
            return None
        left.pop(place)
    return 2


def _begins(typed: tuple[str, str], spelling: frozenset[str]) -> bool:
    return any(word.startswith(typed) for word in spelling)


@cache
def _forms() -> tuple[Form, ...]:
    """(compared words, every spelling of each, whether it is the name, the concept) of every form."""
    forms = []
    for found in concepts():
        for form in (found.name, *found.synonyms):
            written = "".join(letter if letter.isalnum() else " " for letter in form.casefold()).split()
            spellings = tuple(frozenset((word, normal(word))) for word in written)
            forms.append((words_of(form), spellings, form == found.name, found))
    return tuple(forms)


@cache
def _words() -> tuple[tuple[str, int], ...]:
    """(a spelling of a word, the number of the form it stands in), sorted."""
    pairs = {
        (word, number) for number, (_, spellings, _, _) in enumerate(_forms()) for one in spellings for word in one
    }
    return tuple(sorted(pairs))
