"""The words that name findings, as the concepts' table gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from callout.reports.tokens import Passage, Phrases
from callout.terms import Concept, concept, concepts
from callout.terms.words import word_set

# Words that name a finding only together with others: alone they are anatomy, technique or plain English.
_NOT_ALONE = word_set(
    """
    fat shift displaced pathology anatomical structure collateral duplication hypoplastic displacement
    deviation splaying dislodgement wasting secondaries constriction metastatic disease malignancy
    underdevelopment wall defect compression
    """
)  # fmt: skip
_SHORTEST = 6
_NO_FINDINGS = word_set("diagnosis prognosis anastomosis stroma trauma stoma coma glaucoma trachoma hypnosis mitosis")


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens `[first, last)` that name `concept`."""

    first: int
    last: int
    concept: Concept


@cache
def terms_lexicon() -> Phrases[tuple[Concept, bool]]:
    """Every form of every concept → the concept, and whether it is an acronym (then capitals count)."""
    return Phrases(_forms())


@cache
def _endings() -> tuple[tuple[str, Concept], ...]:
    """Endings of words that name a concept ("-itis"), the longest first."""
    pairs = ((ending, found) for found in concepts() for ending in found.endings)
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@lru_cache(maxsize=65536)
def _by_ending(word: str) -> Concept | None:
    """The concept that the ending of `word` (compared form) names: "cholangitis" is an inflammation."""
    if len(word) < _SHORTEST or word in _NO_FINDINGS:
        return None
    return next((found for ending, found in _endings() if word.endswith(ending)), None)


def _forms() -> Iterator[tuple[str, tuple[Concept, bool]]]:
    for found in concepts():
        for form in (found.name, *found.synonyms):
            if form not in _NOT_ALONE:
                yield form, (found, form.isupper())


def find_terms(passage: Passage, first: int, last: int, taken: frozenset[int]) -> Iterator[Term]:
    """The terms in tokens `[first, last)`, left to right, none over another or over `taken` tokens."""
    lexicon, index = terms_lexicon(), first
    while index < last:
        hit = None if index in taken else lexicon.at(passage.tokens, index, last)
        if hit is None and index not in taken and (known := _by_ending(passage.tokens[index].norm)) is not None:
            yield Term(index, index + 1, known)
        if hit is None or any(position in taken for position in range(index, hit[0])):
            index += 1
            continue
        end, (found, acronym) = hit
        if acronym and not passage.tokens[index].text.rstrip("s").isupper():
            index += 1
            continue
        yield Term(index, end, found)
        index = end


def named(name: str) -> Concept:
    """The concept of that name."""
    return concept(name)
