"""The concepts a finding can be: names, synonyms, codes and colours."""

from __future__ import annotations

from callout.terms.concept import (
    PRIVATE_SCHEME,
    Code,
    Concept,
    code_of,
    concept,
    concept_or_unknown,
    concept_with_code,
    concepts,
    exclude_each_other,
    find_concept,
)
from callout.terms.lookup import search
from callout.terms.vocabulary import vocabulary_file

__all__ = [
    "PRIVATE_SCHEME",
    "Code",
    "Concept",
    "code_of",
    "concept",
    "concept_or_unknown",
    "concept_with_code",
    "concepts",
    "exclude_each_other",
    "find_concept",
    "search",
    "vocabulary_file",
]
