"""What a finding is called: concepts for what is being typed, and the fields that a choice gives a finding. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callout.case import Finding
from callout.terms import concept, search
from callout.terms.words import words_of

CHOICES = 8
SIDES = (None, "left", "right", "bilateral")


@dataclass(frozen=True)
class ConceptChoice:
    """A concept that fits what is typed: its name, its colour, and the synonym that was typed, if one was."""

    concept: str
    colour: str
    said: str = ""


@dataclass(frozen=True)
class Naming:
    """What a finding is: concept, side, and own words where they say more than the concept."""

    concept: str
    laterality: str | None = None
    name: str = ""

    @classmethod
    def of(cls, finding: Finding) -> Naming:
        """How a finding is called now."""
        return cls(finding.concept, finding.laterality, finding.name)


def concept_choices(text: str) -> tuple[ConceptChoice, ...]:
    """The concepts for what is typed, best first.

    >>> [choice.said for choice in concept_choices("cavitating lesion")[:1]]
    ['cavitating lesion']
    """
    typed = words_of(text)
    choices = []
    for found in search(text, CHOICES):
        said = next((term for term in found.synonyms if words_of(term) == typed), "")
        choices.append(ConceptChoice(found.name, found.colour, said))
    return tuple(choices)


def naming(choice: ConceptChoice, laterality: str | None) -> Naming:
    """The naming that a choice makes: the term that was typed stays, as the finding's own name."""
    name = " ".join(part for part in (laterality, choice.said) if part) if choice.said else ""
    return Naming(concept(choice.concept).name, laterality, name)
