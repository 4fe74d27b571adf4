"""Which words name a finding: the head noun with the site and type words directly before it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from callout.reports.anatomy import is_adjective, makes_term, places
from callout.reports.framed import SIDES, STOPS, dilated, framed, opens_frame
from callout.reports.frames import FRAMES, TYPES, sited
from callout.reports.lexicon import Term, find_terms, opens_term
from callout.reports.tokens import HYPHENS, Passage
from callout.terms import Concept, concept
from callout.terms.words import word_set

_MAYBE_VERBS = word_set(
    "infiltrate collapse bleed rupture fracture scar mass shift infarct swelling narrowing widening thinning bulging"
)
_BEFORE_FRAMES = frozenset(
    ("extrinsic", "lateral", "medial", "anterior", "posterior", "superior", "inferior", "extradural")
)
_SEGMENTS = word_set(
    """
    inferobasal posterobasal anterobasal laterobasal basal apical lower upper superior
    """
)
_CELLS = word_set("squamous basal germ round giant small large clear renal spindle islet plasma transitional mast")
# Such a part of an organ says where, and is no part of the term.
_AREAS = word_set("lobe segment zone quadrant apex base region area side space hemisphere level body")
# These words belong to a term together with one of those before them.
_KINDS = {"segment": _SEGMENTS, "cell": _CELLS, "plate": frozenset(("end",))}
_OF_LOOK = frozenset(("signal abnormality", "hyperdensity", "hypodensity"))
# What a site makes of these goes by the word itself, of the others by their concept.
_SITED = frozenset(("swelling", "thickening"))
_PREFIXES = word_set("pre para peri intra extra retro sub supra infra endo epi inter")


class Span(NamedTuple):
    """Tokens `[first, last)` that name `concept`, of which `[head, last)` are the term itself."""

    first: int
    head: int
    last: int
    concept: Concept


def find_spans(passage: Passage, taken: frozenset[int]) -> list[Span]:
    """The findings named in `passage`, in order; `taken` tokens tell of the picture and name nothing."""
    found: list[Span] = []
    opening, framing = _by_sentence(passage, opens_term), _by_sentence(passage, opens_frame)
    for (first, last), opens, frames in zip(passage.sentences, opening, framing, strict=True):
        if not (opens or frames):
            continue
        named = [
            term
            for term in find_terms(passage, first, last, opens, taken)
            if not (_is_place(passage, term, first) or _is_verb(passage, term))
        ]
        terms = [*framed(passage, last, frames, named, taken), *dilated(passage, first, last)]
        terms.sort(key=lambda term: term.first)
        floor = first
        for term in _without_likenesses(passage, terms):
            span = _as_before(passage, _extended(passage, term, floor, taken), found)
            floor = span.last
            alone = span.concept.name == "mass effect" and passage.words(span.first, span.last) == ["compression"]
            if not alone and not (found and _repeats(passage, found[-1], span)):
                found.append(span)
    return found


def _by_sentence(passage: Passage, counts: Callable[[str], bool]) -> Iterator[list[int]]:
    """Of each sentence the tokens whose word, as it is compared, counts."""
    counting, low = passage.where(counts), 0
    for _, last in passage.sentences:
        high = bisect_left(counting, last, low)
        yield counting[low:high]
        low = high


def _repeats(passage: Passage, before: Span, span: Span) -> bool:
    """Whether the span is only the abbreviation or the sign of the one before, in brackets, or its wall."""
    letters = passage.texts[span.first]
    if passage.words(span.first, span.last) == ["thick", "wall"] and before.concept.drawn:
        return passage.words(before.last, span.first) in (["with"], ["with", "a"], ["has", "a"])
    aside = span.first == before.last + 1 and passage.words(before.last, span.first) == ["("]
    if aside and span.concept.name == "imaging sign":
        return True
    if span.last != span.first + 1 or span.first != before.last + 1 or not letters.rstrip("s").isupper():
        return False
    if passage.words(before.last, span.first) != ["("]:
        return False
    return _shortens(letters.rstrip("s").casefold(), passage.texts[before.first : before.last])


def _shortens(letters: str, texts: Sequence[str]) -> bool:
    """Whether `letters` are those that some of `words` start with, or stand in that order in all: "SAH"."""
    words = [text for text in texts if text[0].isalpha()]
    initials = "".join(word[0] for word in words).casefold()
    name = "".join(words).casefold()
    rest = iter(name)
    return initials.endswith(letters) or (initials[:1] == letters[:1] and all(letter in rest for letter in letters))


def _is_place(passage: Passage, term: Term, floor: int) -> bool:
    """Whether the term is only the end of a place's name, as in "abdominal cavity"."""
    known = places()
    for first in range(max(term.first - 3, floor), term.first):
        hit = known.at(passage.norms, first, term.last) if passage.norms[first] in known.openings else None
        if hit is not None and hit[0] == term.last:
            return True
    return False


def _is_verb(passage: Passage, term: Term) -> bool:
    """Whether a word that may be a verb is one here: "infiltrates the muscle"."""
    after = passage.words(term.last, term.last + 1)
    return (
        term.last == term.first + 1
        and passage.norms[term.first] in _MAYBE_VERBS
        and after[:1] != []
        and after[0] in ("the", "a", "an", "its", "both", "left", "right", "into", "this", "these")
    )


def _without_likenesses(passage: Passage, terms: Sequence[Term]) -> Iterator[Term]:
    """The terms; one that only says what another is like ("herniation-like mass") opens that one's span."""
    opening: Term | None = None
    starts = {term.first for term in terms}
    for term in terms:
        first = term.first
        if opening is not None and passage.norms[opening.last + 1] == "like" and opening.last + 2 == first:
            first = opening.first
        opening = term if passage.words(term.last + 1, term.last + 2) == ["like"] else None
        describes = not term.concept.drawn and (term.last in starts or _is_look_of_next(passage, term, starts))
        if (opening is None or term is terms[-1]) and not describes:
            yield term if term.first == first else term._replace(first=first)


def _is_look_of_next(passage: Passage, term: Term, starts: set[int]) -> bool:
    """Whether nothing but adjectives parts a signal or density from what has it: "high signal lobulated lesion"."""
    if term.concept.name not in _OF_LOOK:
        return False
    index = term.last
    while index < min(term.last + 4, len(passage.norms)) and index not in starts:
        word = passage.norms[index]
        if not (word in SIDES or is_adjective(word) or makes_term(word)) or word in ("in", "of", "with"):
            return False
        index += 1
    return index in starts


def _extended(passage: Passage, term: Term, floor: int, taken: frozenset[int]) -> Span:
    """The term with the site and type words directly before it, and what these make of it."""
    first, found = term.first, term.concept
    head = passage.norms[term.last - 1]
    kinds = TYPES.get(head, {})
    while first > floor:
        before = _previous(passage, first, floor)
        if before < floor or before in taken:
            break
        word = passage.norms[before]
        if word in kinds and not (word == "cystic" and "solid" in passage.words(before - 2, before)):
            found = concept(kinds[word])
            first = before - 1 if word == "glass" and before > floor else before
        elif before > floor and passage.norms[before - 1] in _KINDS.get(word, ()):
            first = before - 1
        elif (place := _place_before(passage, first, floor)) is not None and not taken & set(range(place, first)):
            first = place
        elif makes_term(word) or (word in _BEFORE_FRAMES and head_of_frame(passage, term)):
            first = before
        else:
            found = _type_before(passage, first, floor, head) or found
            half = _suspended(passage, first, floor, first < term.first)
            first = _enlarged(passage, first, floor, found) if half is None else half
            break
        if first - 2 >= floor and passage.texts[first - 1] in HYPHENS and passage.norms[first - 2] in _PREFIXES:
            first -= 2
        half = _suspended(passage, first, floor, True)
        first = first if half is None else half
    return Span(first, term.first, term.last, _of_site(passage, first, term.first, found))


def _type_before(passage: Passage, first: int, floor: int, head: str) -> Concept | None:
    """What a type word makes of the head that stands before its other adjectives: "lytic, expansile lesion"."""
    kinds = TYPES.get(head, {})
    for index in range(first - 1, max(first - 6, floor - 1), -1) if kinds else ():
        word = passage.norms[index]
        if word in kinds and word != "glass" and not (word == "cystic" and "solid" in passage.words(index - 2, first)):
            return concept(kinds[word])
        parts = word in STOPS or word in ("a", "an", "the") or not passage.is_word(index)
        if parts and word not in (",", "and") and word not in HYPHENS:
            return None
    return None


def _of_site(passage: Passage, first: int, last: int, found: Concept) -> Concept:
    """What the site words in `[first, last)` make of the finding before whose name they stand."""
    head = passage.norms[last] if passage.norms[last] in _SITED else found.name
    name = sited(head, passage.words(first, last))
    return concept(name) if name and passage.norms[last] != "collection" else found


def _place_before(passage: Passage, first: int, floor: int) -> int | None:
    """Where the name of a place starts that ends before `first`: "coronary artery" of a fistula."""
    known = places()
    for start in range(max(first - 4, floor), first):
        hit = known.at(passage.norms, start, first) if passage.norms[start] in known.openings else None
        if hit is not None and hit[0] == first:
            return None if passage.norms[first - 1] in _AREAS else start
    return None


def head_of_frame(passage: Passage, term: Term) -> bool:
    """Whether the term starts with a head such as "compression"."""
    return passage.norms[term.first] in FRAMES


def _previous(passage: Passage, first: int, floor: int) -> int:
    """The word before `first`, over a hyphen."""
    before = first - 1
    if before > floor and passage.texts[before] in HYPHENS:
        before -= 1
    return before


def _suspended(passage: Passage, first: int, floor: int, site: bool) -> int | None:
    """Where what is joined to the site word at `first` starts: "pre- and left paravertebral", "epidural and …".

    Without a `site` word there, only a suspended half counts.
    """
    index = first - 1
    if index > floor and passage.norms[index] in SIDES:
        index -= 1
    if index <= floor or passage.norms[index] not in ("and", "or"):
        return None
    if site and makes_term(passage.norms[index - 1]) and passage.words(index - 2, index - 1) not in (["the"], ["of"]):
        return index - 1
    half = index - 2
    hyphen = half >= floor and passage.texts[index - 1] in HYPHENS
    return half if hyphen and passage.is_word(half) and passage.end(half) == passage.starts[index - 1] else None


def _enlarged(passage: Passage, first: int, floor: int, found: Concept) -> int:
    """For nodes, where "enlarged" a few words before makes the finding; else `first` as it is."""
    if found.name == "lymphadenopathy":
        for index in range(first - 1, max(first - 6, floor - 1), -1):
            word = passage.norms[index]
            if word in ("enlarged", "swollen"):
                return index
            if word in STOPS or word in ("and", "a", "an", "the"):
                break
    return first


def _as_before(passage: Passage, span: Span, found: Sequence[Span]) -> Span:
    """ "The mass" after "a soft tissue mass" is that one."""
    if span.last != span.first + 1 or not span.first:
        return span
    word = passage.norms[span.first]
    again = passage.norms[span.first - 1] in ("the", "this", "that", "said")
    if not (again or word == "compression"):
        return span
    for earlier in reversed(found[-50:]):
        if passage.norms[earlier.last - 1] == word:
            return span._replace(concept=earlier.concept)
    return span
