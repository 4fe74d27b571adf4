"""The words that name findings, as the concepts' table gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from callout.reports.anatomy import makes_term, places
from callout.reports.looks import look_at, opens_look
from callout.reports.tokens import HYPHENS, Passage, Phrases
from callout.terms import Concept, concept, concepts
from callout.terms.words import word_set

# Words that name a finding only together with others: alone they are anatomy, technique or plain English.
_NOT_ALONE = word_set(
    """
    fat shift displaced pathology anatomical structure collateral hypoplastic splaying dislodgement wasting secondaries
    metastatic disease underdevelopment wall defect compression density
    """
)  # fmt: skip
# Words that name a finding only where a word before them says where: "pericholecystic fluid".
_WITH_SITE = {
    "fluid": "fluid collection", "gas": "free gas", "air": "free gas", "extension": "invasion",
    "involvement": "invasion", "blood": "haemorrhage",
}  # fmt: skip
_FILLS = word_set("filling occupying obliterating surrounding encasing replacing within extending around ( involving")
_STUFF = frozenset(("fluid", "gas", "air", "blood"))
_OF_THE_BODY = frozenset(("cerebrospinal", "csf", "synovial", "vitreous", "lymph"))
_WAYS = word_set(
    """
    inferiorly superiorly posteriorly anteriorly laterally medially cranially caudally inward outward upward downward
    proximally distally ventrally dorsally intracranially
    """
)
_QUOTES = frozenset("\"\u201c\u201d\u201e\u201f\u2018\u2019\u00ab\u00bb'")
_COMPLAINTS = word_set("pain tenderness redness fever numbness erythema")
_ONTO = (["into"], ["to"], ["of"], ["through"])
_NO_COMPRESSION = (
    ["ratio"],
    ["stocking"],
    ["device"],
    ["garment"],
    ["by"],
    ["of"],
    ["on"],
    ["therapy"],
    ["ultrasound"],
)
# Fluid, gas and blood are a finding behind these words, and where an arrow points at them.
_STRAY = word_set("surrounding inflammatory loculated trapped adjacent extraluminal free complex layering")
_MARKS = word_set("arrow arrowhead asterisk star *")
# "Blood flow" and the like are no blood.
_BLOOD_OF = word_set("flow supply vessel pool pressure volume return")
_LISTS = (["of"], [","], ["and"], ["with"], [":"])
_HOLDS = word_set("contain containing macroscopic gross intratumoral intralesional internal visible")
# What is partly solid is no cyst.
_SOLID_AND = (["solid", "and"], ["solid", "-"], ["solid", "/"], ["solid", "\u2013"], ["solid", "&"], ["solid", ","])
_OF_DEVICES = frozenset(
    ("dislodgement", "migration", "malposition", "malpositioning", "breakage", "pullout", "loosening")
)
# The words that make a term only as `_term_at` says.
_OPENING = _OF_DEVICES | _WITH_SITE.keys() | {"swelling", "syndrome", "compression", "collateral", "fat", "soft"}
_SHORTEST = 6
_NO_FINDINGS = word_set("diagnosis prognosis anastomosis stroma trauma stoma coma glaucoma trachoma hypnosis mitosis")


class Term(NamedTuple):
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


def find_terms(
    passage: Passage, first: int, last: int, opening: Sequence[int], taken: frozenset[int]
) -> Iterator[Term]:
    """The terms in tokens `[first, last)`, left to right, none over another or over `taken` tokens.

    They may start at `opening`, the tokens there that `opens_term` takes.
    """
    reached = first
    for index in opening:
        term = _term_at(passage, index, first, last) if index >= reached and index not in taken else None
        if term is not None and not _tells_of_picture(passage, term, taken):
            yield term
            reached = term.last


@lru_cache(maxsize=65536)
def opens_term(word: str) -> bool:
    """Whether a term may start with `word` (compared form): most words are looked at no further."""
    known = word in _OPENING or word in terms_lexicon().openings or opens_look(word)
    return known or word[:1] in _QUOTES or _by_ending(word) is not None


def _tells_of_picture(passage: Passage, term: Term, taken: frozenset[int]) -> bool:
    """Whether a word of the term tells of the picture; "high T2 signal" may hold one."""
    return term.concept.name != "signal abnormality" and not taken.isdisjoint(range(term.first, term.last))


def _term_at(passage: Passage, index: int, first: int, last: int) -> Term | None:
    """The term that starts at `index` and ends by `last`: a known form, else by its ending, else by the word before."""
    if index > first + 1 and passage.texts[index - 1] in HYPHENS and passage.norms[index - 2] == "non":
        return None
    text, word = passage.texts[index], passage.norms[index]
    if word == "cystic" and passage.words(index - 2, index) in _SOLID_AND:
        return None
    if text in _QUOTES:
        return _quoted_sign(passage, index, last)
    if word == "swelling" and is_complaint(passage, index):
        return None
    hit = terms_lexicon().at(passage.norms, index, last)
    look = look_at(passage, index, last) if opens_look(word) else None
    if look is not None and (hit is None or look[0] > hit[0]):
        return Term(index, *look)
    if hit is not None:
        end, (found, acronym) = hit
        return Term(index, end, found) if not acronym or text.rstrip("s").isupper() else None
    known = _by_ending(word)
    if known is not None:
        return Term(index, index + 1, known)
    name = _WITH_SITE.get(word)
    name = "free fluid" if word == "fluid" and _is_free(passage, index, last) else name
    if name is not None and _has_site(passage, index, first):
        return Term(index, index + 1, concept(name))
    if word in _OF_DEVICES and _is_device(passage, index - 1, first):
        return Term(index, index + 1, concept("device displacement"))
    if word == "syndrome" and index > first and passage.texts[index - 1][0].isupper():
        return Term(index, index + 1, concept("disease"))
    if word == "compression" and passage.words(index + 1, index + 2)[:1] not in _NO_COMPRESSION:
        return Term(index, index + 1, concept("mass effect"))
    if text.casefold() == "collaterals":
        return Term(index, index + 1, concept("varix"))
    behind = index + 1 + (passage.words(index + 1, index + 2)[:1] != [] and passage.norms[index + 1] in _WAYS)
    if word in ("extension", "involvement") and passage.words(behind, behind + 1)[:1] in _ONTO:
        return Term(index, index + 1, concept("invasion"))
    held = index > first and passage.norms[index - 1] in _HOLDS
    if word == "fat" and (held or (_is_marked(passage, index) and passage.words(index - 1, index) in _LISTS)):
        return Term(index, index + 1, concept("fat"))
    if word == "soft" and _is_tissue_of_its_own(passage, index, last):
        return Term(index, index + 2, concept("soft-tissue component"))
    return None


def _quoted_sign(passage: Passage, index: int, last: int) -> Term | None:
    """A sign whose name stands in quotation marks: 'the "target" sign'."""
    for close in range(index + 2, min(index + 7, last - 1)):
        if passage.texts[close] in _QUOTES:
            if passage.norms[close + 1] != "sign":
                return None
            name = [*passage.norms[index + 1 : close], passage.norms[close + 1]]
            hit = terms_lexicon().at(name, 0, len(name))
            return Term(index, close + 2, hit[1][0] if hit and hit[0] == len(name) else concept("imaging sign"))
    return None


def is_complaint(passage: Passage, index: int) -> bool:
    """Whether the swelling at `index` is told with pain: the patient's history, not the picture."""
    near = passage.words(index - 2, index) + passage.words(index + 1, index + 3)
    return bool(_COMPLAINTS & set(near)) and bool({"and", ",", "or", "/"} & set(near))


def _is_tissue_of_its_own(passage: Passage, index: int, last: int) -> bool:
    """Whether "soft tissue" is a finding: it fills something or lies where none should; "the soft tissue" is not."""
    if passage.words(index + 1, index + 2) != ["tissue"] or passage.texts[index + 1].endswith("s"):
        return False
    before, after = passage.words(index - 1, index), passage.words(index + 2, min(index + 3, last))
    return before[:1] not in (["the"], ["of"], ["adjacent"], ["surrounding"]) and after[:1] != [] and after[0] in _FILLS


def _has_site(passage: Passage, index: int, floor: int) -> bool:
    """Whether the word before `index` says where, or "in" follows; what is a body's own is no finding."""
    if passage.words(index + 1, index + 2)[:1] and passage.words(index + 1, index + 2)[0] in _BLOOD_OF:
        return False
    located = passage.words(index + 1, index + 2) in (["in"], ["within"], ["around"], ["along"], ["at"])
    located = located or _is_marked(passage, index)
    before = index - 1 - (index > floor and passage.texts[index - 1] in HYPHENS)
    if before < floor:
        return located and passage.norms[index] in _STUFF
    if passage.norms[index] == "involvement" and _ends_place(passage, floor, index):
        return True
    if passage.norms[before] in _OF_THE_BODY or "collection" in passage.words(index - 5, index):
        return False
    if passage.norms[index] in _STUFF and passage.norms[before] in _STRAY:
        return True
    return makes_term(passage.norms[before]) or (located and passage.norms[index] in _STUFF)


def _is_free(passage: Passage, index: int, last: int) -> bool:
    """Whether the fluid at `index` lies loose: it is so called, or stands in the belly."""
    if passage.words(index - 1, index) in (["inflammatory"], ["reactive"]):
        return True
    if passage.words(index + 1, index + 2) not in (["in"], ["within"], ["around"], ["at"]):
        return False
    hits = (places().at(passage.norms, first, last) for first in range(index + 2, min(index + 7, last)))
    return any(hit is not None and hit[1].group in ("abdomen", "pelvis") for hit in hits)


def _is_marked(passage: Passage, index: int) -> bool:
    """Whether an arrow in brackets follows the word at `index`."""
    return passage.words(index + 1, index + 2) == ["("] and bool(_MARKS & set(passage.words(index + 2, index + 5)))


def _is_device(passage: Passage, index: int, floor: int) -> bool:
    """Whether the token at `index` names a device."""
    hit = places().at(passage.norms, index, index + 1) if index >= floor else None
    return hit is not None and hit[1].group == "device"


def _ends_place(passage: Passage, floor: int, index: int) -> bool:
    """Whether the name of a place ends directly before `index`."""
    starts = range(max(index - 4, floor), index)
    return any((hit := places().at(passage.norms, first, index)) is not None and hit[0] == index for first in starts)


def named(name: str) -> Concept:
    """The concept of that name."""
    return concept(name)
