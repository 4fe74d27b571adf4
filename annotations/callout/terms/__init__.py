"""The concepts a finding can be: names, synonyms, codes and colours."""

from __future__ import annotations

from callout.terms.concept import (
    PRIVATE_SCHEME,
    Code,
    Concept,
    code_of,
    concept,
    concept_with_code,
    concepts,
    find_concept,
)

__all__ = [
    "PRIVATE_SCHEME",
    "Code",
    "Concept",
    "code_of",
    "concept",
    "concept_with_code",
    "concepts",
    "find_concept",
]
