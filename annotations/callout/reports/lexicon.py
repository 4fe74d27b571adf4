"""The words that name findings, as the concepts' table gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from callout.reports.tokens import Passage, Phrases
from callout.terms import Concept, concept, concepts
from callout.terms.words import word_set

# Words that name a finding only together with others: alone they are anatomy, technique or plain English.
_NOT_ALONE = word_set(
    """
    fat shift displaced pathology anatomical structure collateral duplication hypoplastic displacement
    deviation splaying dislodgement wasting secondaries constriction metastatic disease malignancy
    underdevelopment wall defect
    """
)  # fmt: skip


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
