"""Which words name a finding: the head noun with the site and type words directly before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callout.reports.anatomy import is_adjective, is_site, makes_term, places
from callout.reports.frames import ANY, FRAMES, HEADS, STATES, TYPES, sited
from callout.reports.lexicon import Term, find_terms, is_complaint
from callout.reports.picture import is_level
from callout.reports.tokens import HYPHENS, Passage
from callout.terms import Concept, concept
from callout.terms.words import word_set

SIDES = frozenset(("left", "right", "bilateral", "bilaterally"))
_STOPS = word_set(
    """
    in at with by on to into from for during due is are was were which that show showing shows causing cause
    or but adjacent seen noted within without after before as than resulting suggestive consistent through ;
    . , ( ) : [ ]
    """
)
_MAYBE_VERBS = word_set("infiltrate collapse bleed rupture fracture scar mass shift infarct swelling")
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
_SWELLS = frozenset(("edema", "change"))
# "HEAD of the fat" is its stranding.
_OF_FAT = word_set("infiltration edema stranding haziness blurring inflammation density attenuation opacification")
_OF_LOOK = frozenset(("signal abnormality", "hyperdensity", "hypodensity"))
_PREFIXES = word_set("pre para peri intra extra retro sub supra infra endo epi inter")


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `[first, last)` that name `concept`, of which `[head, last)` are the term itself."""

    first: int
    head: int
    last: int
    concept: Concept


def find_spans(passage: Passage, taken: frozenset[int]) -> list[Span]:
    """The findings named in `passage`, in order; `taken` tokens tell of the picture and name nothing."""
    found: list[Span] = []
    for first, last in passage.sentences:
        named = [
            term
            for term in find_terms(passage, first, last, taken)
            if not (_is_place(passage, term, first) or _is_verb(passage, term))
        ]
        terms = sorted(
            [*_framed(passage, first, last, named, taken), *_dilated(passage, first, last)], key=lambda term: term.first
        )
        floor = first
        for term in _without_likenesses(passage, terms):
            span = _as_before(passage, _extended(passage, term, floor, taken), found)
            floor = span.last
            alone = span.concept.name == "compression" and span.last == span.first + 1
            if not alone and not (found and _repeats(passage, found[-1], span)):
                found.append(span)
    return found


def _repeats(passage: Passage, before: Span, span: Span) -> bool:
    """Whether the span is only the abbreviation or the sign of the one before, in brackets, or its wall."""
    letters = passage.tokens[span.first].text
    if passage.words(span.first, span.last) == ["thick", "wall"] and before.concept.drawn:
        return passage.words(before.last, span.first) in (["with"], ["with", "a"], ["has", "a"])
    aside = span.first == before.last + 1 and passage.words(before.last, span.first) == ["("]
    if aside and span.concept.name == "imaging sign":
        return True
    if span.last != span.first + 1 or span.first != before.last + 1 or not letters.rstrip("s").isupper():
        return False
    initials = "".join(token.text[0] for token in passage.tokens[before.first : before.last] if token.is_word)
    return passage.words(before.last, span.first) == ["("] and initials.casefold().endswith(
        letters.rstrip("s").casefold()
    )


def _is_place(passage: Passage, term: Term, floor: int) -> bool:
    """Whether the term is only the end of a place's name, as in "abdominal cavity"."""
    for first in range(max(term.first - 3, floor), term.first):
        hit = places().at(passage.tokens, first, term.last)
        if hit is not None and hit[0] == term.last:
            return True
    return False


def _is_verb(passage: Passage, term: Term) -> bool:
    """Whether a word that may be a verb is one here: "infiltrates the muscle"."""
    after = passage.words(term.last, term.last + 1)
    return (
        term.last == term.first + 1
        and passage.tokens[term.first].norm in _MAYBE_VERBS
        and after[:1] != []
        and after[0] in ("the", "a", "an", "its", "both", "left", "right", "into", "this", "these")
    )


def _dilated(passage: Passage, first: int, last: int) -> Iterator[Term]:
    """What the sentence says is dilated: "the pelvicalyceal system and the ureter are dilated"."""
    words = passage.words(first, last)
    end = next((index for index, word in enumerate(words) if word in ("dilated", "distended")), 0)
    if not any(word in ("is", "are", "was", "were", "appear") for word in words[max(end - 3, 0) : end]):
        return
    seen: set[str] = set()
    index = first
    while index < first + end:
        hit = places().at(passage.tokens, index, first + end)
        if hit is not None and hit[1].group in ("kidney", "ureter") and hit[1].group not in seen:
            seen.add(hit[1].group)
            yield Term(index, hit[0], concept(FRAMES["dilatation"][hit[1].group]))
        index = hit[0] if hit else index + 1


def _framed(passage: Passage, first: int, last: int, terms: Sequence[Term], taken: frozenset[int]) -> Iterator[Term]:
    """The terms, with those that "HEAD of PLACE" makes."""
    by_first = {term.first: term for term in terms}
    index = first
    inside = {position for term in terms for position in range(term.first, term.last)}
    while index < last:
        term = by_first.get(index)
        framed = None if index in taken else _frame(passage, index, last, inside, term)
        chosen = framed or term
        if chosen is None:
            index += 1
            continue
        yield chosen
        index = chosen.last


def _frame(passage: Passage, index: int, last: int, inside: set[int], term: Term | None) -> Term | None:
    word = passage.tokens[index].norm
    if term is not None and term.concept.name == "oedema" and passage.tokens[term.last - 1].norm in _SWELLS:
        name = HEADS["edema"].get(_group_near(passage, term.last, min(last, term.last + 12)))
        return Term(index, term.last, concept(name)) if name else None
    if term is not None and term.concept.name == "tear" and "tendon" in _after_of(passage, term.last, last):
        return Term(index, term.last, concept("tendon absence"))
    if term is not None and term.last > index + 1:
        end = _fat(passage, term.last + 1, last) if _is_density_of(passage, term) else None
        return Term(index, end, concept("fat stranding")) if end else None
    if word == "swelling" and is_complaint(passage, index):
        return None
    joined = passage.words(index + 1, index + 2)
    if word in FRAMES and index + 1 < last and (joined == ["of"] or (word == "damage" and joined == ["to"])):
        group, end = _place_in_phrase(passage, index + 2, last, inside)
        name = FRAMES[word].get(group, FRAMES[word].get(ANY)) if end else None
        if word == "compression" and "nerve" in passage.words(index + 2, end):
            name = "nerve root compression"
        if word in ("thickening", "prominence"):
            name = sited(word, passage.words(index + 2, end)) or name
        if word == "swelling" and not name and sited(word, passage.words(index + 2, min(index + 6, last))):
            name, end = "soft-tissue swelling", index + 1
        if name:
            return Term(index, end, concept(name))
    if term is None and word in STATES:
        return _stated(passage, index, last, inside)
    if word in _OF_FAT and passage.words(index + 1, index + 2) == ["of"]:
        end = _fat(passage, index + 2, last)
        return Term(index, end, concept("fat stranding")) if end else None
    if word in HEADS:
        group = _group_near(passage, index + 1, min(last, index + 13))
        if group in HEADS[word]:
            return Term(index, index + 1, concept(HEADS[word][group]))
    return None


def _after_of(passage: Passage, first: int, last: int) -> list[str]:
    """The words of the noun phrase behind "of" at `first`; none where there is no "of"."""
    words = passage.words(first, min(first + 7, last))
    end = next((index for index, word in enumerate(words) if index and word in _STOPS | {"and"}), len(words))
    return words[1:end] if words[:1] == ["of"] else []


def _is_density_of(passage: Passage, term: Term) -> bool:
    """Whether the term is "increased density of" or the like."""
    return term.concept.name == "hyperdensity" and passage.words(term.last, term.last + 1) == ["of"]


def _fat(passage: Passage, first: int, last: int) -> int | None:
    """Behind "fat" where the noun phrase at `first` ends with it: "the adjacent mesenteric fat"."""
    for index in range(first, min(first + 5, last)):
        word = passage.tokens[index].norm
        if word in ("fat", "mesentery"):
            return index + 1
        if word in _STOPS and word != "adjacent":
            return None
    return None


def _stated(passage: Passage, index: int, last: int, inside: set[int]) -> Term | None:
    """The finding of "dilated left renal vein": a state, then nothing but sides and site words, then a place."""
    for first in range(index + 1, min(index + 4, last)):
        word = passage.tokens[first].norm
        hit = None if first in inside else places().at(passage.tokens, first, last)
        if hit is not None and not is_site(passage.tokens[hit[0] - 1].norm) and hit[0] not in inside:
            states = STATES[passage.tokens[index].norm]
            name = states.get(hit[1].group, states.get(ANY))
            if passage.tokens[index].norm == "thickened":
                name = sited("thickening", passage.words(first, hit[0])) or name
            return Term(index, hit[0], concept(name)) if name else None
        if word == "wall" and passage.tokens[index].norm == "thickened":
            name = sited("thickening", passage.words(index + 1, first))
            return Term(index, first + 1, concept(name)) if name else None
        if not (word in SIDES or makes_term(word)):
            return None
    return None


def _place_in_phrase(passage: Passage, first: int, last: int, inside: set[int]) -> tuple[str, int]:
    """(group of the first place, where the last one ends) in the noun phrase at `first`; ("", 0) without one."""
    group, end, index, level = "", 0, first, 0
    while index < min(last, first + 14):
        word = passage.tokens[index].norm
        if word in _STOPS or word == "including" or index in inside or (word == "and" and end):
            break
        hit = places().at(passage.tokens, index, last)
        if hit is None:
            index += 1
            level = level or (index if is_level(word) else 0)
            continue
        index = end = hit[0]
        group = group or hit[1].group
    return (group, end) if end or not level else ("vertebra", level)


def _group_near(passage: Passage, first: int, last: int) -> str:
    """The group of the first place that comes within the clause."""
    for index in range(first, last):
        if passage.tokens[index].text in ".;,":
            break
        if is_level(passage.tokens[index].norm) or is_level("".join(passage.words(index, index + 2))):
            return "vertebra"
        hit = places().at(passage.tokens, index, last)
        if hit is not None:
            return hit[1].group
    return ""


def _without_likenesses(passage: Passage, terms: Sequence[Term]) -> Iterator[Term]:
    """The terms; one that only says what another is like ("herniation-like mass") opens that one's span."""
    opening: Term | None = None
    starts = {term.first for term in terms}
    for term in terms:
        first = term.first
        if opening is not None and passage.tokens[opening.last + 1].norm == "like" and opening.last + 2 == first:
            first = opening.first
        opening = term if passage.words(term.last + 1, term.last + 2) == ["like"] else None
        describes = not term.concept.drawn and (term.last in starts or _is_look_of_next(passage, term, starts))
        if (opening is None or term is terms[-1]) and not describes:
            yield term if term.first == first else replace(term, first=first)


def _is_look_of_next(passage: Passage, term: Term, starts: set[int]) -> bool:
    """Whether nothing but adjectives parts a signal or density from what has it: "high signal lobulated lesion"."""
    if term.concept.name not in _OF_LOOK:
        return False
    index = term.last
    while index < min(term.last + 4, len(passage.tokens)) and index not in starts:
        word = passage.tokens[index].norm
        if not (word in SIDES or is_adjective(word) or makes_term(word)) or word in ("in", "of", "with"):
            return False
        index += 1
    return index in starts


def _extended(passage: Passage, term: Term, floor: int, taken: frozenset[int]) -> Span:
    """The term with the site and type words directly before it, and what these make of it."""
    first, found = term.first, term.concept
    head = passage.tokens[term.last - 1].norm
    while first > floor:
        before = _previous(passage, first, floor)
        if before < floor or before in taken:
            break
        word = passage.tokens[before].norm
        heads, name = TYPES.get(word, (frozenset(), ""))
        if head in heads and not (word == "cystic" and "solid" in passage.words(before - 2, before)):
            found = concept(name)
            first = before - 1 if word == "glass" and before > floor else before
        elif before > floor and passage.tokens[before - 1].norm in _KINDS.get(word, ()):
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
        if (
            first - 2 >= floor
            and passage.tokens[first - 1].text in HYPHENS
            and passage.tokens[first - 2].norm in _PREFIXES
        ):
            first -= 2
        half = _suspended(passage, first, floor, True)
        first = first if half is None else half
    return Span(first, term.first, term.last, _of_site(passage, first, term.first, found))


def _type_before(passage: Passage, first: int, floor: int, head: str) -> Concept | None:
    """What a type word makes of the head that stands before its other adjectives: "lytic, expansile lesion"."""
    for index in range(first - 1, max(first - 6, floor - 1), -1):
        word = passage.tokens[index].norm
        heads, name = TYPES.get(word, (frozenset(), ""))
        if head in heads and word != "glass" and not (word == "cystic" and "solid" in passage.words(index - 2, first)):
            return concept(name)
        parts = word in _STOPS or word in ("a", "an", "the") or not passage.tokens[index].is_word
        if parts and word not in (",", "and") and word not in HYPHENS:
            return None
    return None


def _of_site(passage: Passage, first: int, last: int, found: Concept) -> Concept:
    """What the site words in `[first, last)` make of the finding before whose name they stand."""
    head = "swelling" if passage.tokens[last].norm == "swelling" else found.name
    name = sited(head, passage.words(first, last))
    return concept(name) if name and passage.tokens[last].norm != "collection" else found


def _place_before(passage: Passage, first: int, floor: int) -> int | None:
    """Where the name of a place starts that ends before `first`: "coronary artery" of a fistula."""
    for start in range(max(first - 4, floor), first):
        hit = places().at(passage.tokens, start, first)
        if hit is not None and hit[0] == first:
            return None if passage.tokens[first - 1].norm in _AREAS else start
    return None


def head_of_frame(passage: Passage, term: Term) -> bool:
    """Whether the term starts with a head such as "compression"."""
    return passage.tokens[term.first].norm in FRAMES


def _previous(passage: Passage, first: int, floor: int) -> int:
    """The word before `first`, over a hyphen."""
    before = first - 1
    if before > floor and passage.tokens[before].text in HYPHENS:
        before -= 1
    return before


def _suspended(passage: Passage, first: int, floor: int, site: bool) -> int | None:
    """Where what is joined to the site word at `first` starts: "pre- and left paravertebral", "epidural and …".

    Without a `site` word there, only a suspended half counts.
    """
    index = first - 1
    if index > floor and passage.tokens[index].norm in SIDES:
        index -= 1
    if index <= floor or passage.tokens[index].norm not in ("and", "or"):
        return None
    before = passage.tokens[index - 1]
    if site and makes_term(before.norm) and passage.words(index - 2, index - 1) not in (["the"], ["of"]):
        return index - 1
    half = passage.tokens[index - 2] if index - 2 >= floor else None
    if half is not None and before.text in HYPHENS and half.is_word and half.end == before.start:
        return index - 2
    return None


def _enlarged(passage: Passage, first: int, floor: int, found: Concept) -> int:
    """For nodes, where "enlarged" a few words before makes the finding; else `first` as it is."""
    if found.name == "lymphadenopathy":
        for index in range(first - 1, max(first - 6, floor - 1), -1):
            word = passage.tokens[index].norm
            if word in ("enlarged", "swollen"):
                return index
            if word in _STOPS or word in ("and", "a", "an", "the"):
                break
    return first


def _as_before(passage: Passage, span: Span, found: Sequence[Span]) -> Span:
    """ "The mass" after "a soft tissue mass" is that one."""
    if span.last != span.first + 1 or not span.first:
        return span
    word = passage.tokens[span.first].norm
    again = passage.tokens[span.first - 1].norm in ("the", "this", "that", "said")
    if not (again or word == "compression"):
        return span
    for earlier in reversed(found[-50:]):
        if passage.tokens[earlier.last - 1].norm == word:
            return replace(span, concept=earlier.concept)
    return span
