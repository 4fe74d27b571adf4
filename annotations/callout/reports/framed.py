"""Findings that a head or a state names together with a place: "collapse of the lobe", "dilated left renal vein"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callout.reports.anatomy import is_site, makes_term, places
from callout.reports.frames import ANY, FRAMES, HEADS, STATES, sited
from callout.reports.lexicon import Term, is_complaint
from callout.reports.picture import is_level
from callout.reports.tokens import Passage
from callout.terms import concept
from callout.terms.words import word_set

SIDES = frozenset(("left", "right", "bilateral", "bilaterally"))
STOPS = word_set(
    """
    in at with by on to into from for during due is are was were which that show showing shows causing cause
    or but adjacent seen noted within without after before as than resulting suggestive consistent through ;
    . , ( ) : [ ]
    """
)
_WHERE = word_set("residual adjacent distal proximal upper lower anterior posterior medial lateral primitive adjoining")
# The head that says the same as a state.
_HEAD_OF = {"thickened": "thickening", "dilated": "dilatation", "enlarged": "dilatation"}
_WIDE = frozenset(("dilated", "distended"))
# Heads that the name of a place may stand right before: "ventricle compression".
_COMPOUNDED = word_set("compression displacement deviation encasement effacement indentation")
_SWELLS = frozenset(("edema", "edematous"))
# "HEAD of the fat" is its stranding.
_OF_FAT = word_set("infiltration edema stranding haziness blurring inflammation density attenuation opacification")
_FRAMING = FRAMES.keys() | STATES.keys() | HEADS.keys() | _OF_FAT


def dilated(passage: Passage, first: int, last: int) -> Iterator[Term]:
    """What the sentence says is dilated: "the pelvicalyceal system and the ureter are dilated"."""
    words = passage.words(first, last)
    if _WIDE.isdisjoint(words):
        return
    end = min(words.index(word) for word in _WIDE if word in words)
    if not any(word in ("is", "are", "was", "were", "appear") for word in words[max(end - 3, 0) : end]):
        return
    seen: set[str] = set()
    index = first
    while index < first + end:
        hit = places().at(passage.norms, index, first + end)
        if hit is not None and hit[1].group in ("kidney", "ureter") and hit[1].group not in seen:
            seen.add(hit[1].group)
            yield Term(index, hit[0], concept(FRAMES["dilatation"][hit[1].group]))
        index = hit[0] if hit else index + 1


def opens_frame(word: str) -> bool:
    """Whether `word` (compared form) may be a head or a state."""
    return word in _FRAMING


def framed(
    passage: Passage, last: int, framing: Sequence[int], terms: Sequence[Term], taken: frozenset[int]
) -> Iterator[Term]:
    """The terms of a sentence that ends at `last`, with those that "HEAD of PLACE" makes; HEAD is one of `framing`."""
    by_first = {term.first: term for term in terms}
    inside = {position for term in terms for position in range(term.first, term.last)}
    reached = 0
    for index in sorted({*framing, *by_first}):
        if index < reached:
            continue
        term = by_first.get(index)
        framed = None if index in taken else _frame(passage, index, last, inside, term)
        chosen = framed or term
        if chosen is not None:
            yield chosen
            reached = chosen.last


def _frame(passage: Passage, index: int, last: int, inside: set[int], term: Term | None) -> Term | None:
    word = passage.norms[index]
    if term is not None and term.concept.name == "oedema" and word in _SWELLS:
        name = HEADS["edema"].get(_group_near(passage, term.last, min(last, term.last + 12)))
        return Term(index, term.last, concept(name)) if name else None
    if term is not None and word == "sequestration" and "disc" in passage.words(index - 12, last):
        return Term(index, term.last, concept("disc herniation"))
    if term is not None and term.concept.name == "tear" and "tendon" in _after_of(passage, term.last, last):
        return Term(index, term.last, concept("tendon absence"))
    stated = (
        _stated(passage, index, last, inside - {*range(term.first, term.last)}) if term and word in STATES else None
    )
    if term and stated and stated.concept == term.concept and stated.last > term.last:
        return stated
    if term is not None and term.last > index + 1:
        end = _fat(passage, term.last + 1, last) if _is_density_of(passage, term) else None
        return Term(index, end, concept("fat stranding")) if end else None
    if word == "swelling" and is_complaint(passage, index):
        return None
    joined = passage.words(index + 1, index + 2)
    if word in FRAMES and index + 1 < last and (joined == ["of"] or (word == "damage" and joined == ["to"])):
        group, end = _place_in_phrase(passage, index + 2, last, inside)
        name = FRAMES[word].get(group, FRAMES[word].get(ANY)) if end else None
        if word == "compression" and "nerve" in passage.words(index + 2, end) and group != "head":
            name = "nerve root compression"
        if word in ("thickening", "prominence"):
            name = sited(word, passage.words(index + 2, end)) or name
        if word == "swelling" and not name and sited(word, passage.words(index + 2, min(index + 6, last))):
            name, end = "soft-tissue swelling", index + 1
        if name:
            return Term(index, end, concept(name))
    if term is None and word in _COMPOUNDED and joined not in (["of"], ["fracture"]):
        group, first = _place_before(passage, index)
        name = FRAMES[word].get(group, FRAMES[word].get(ANY)) if group else None
        if name and not inside & set(range(first, index)):
            return Term(index, index + 1, concept(name))
    if term is None and word in STATES:
        return _stated(passage, index, last, inside)
    if word in _OF_FAT and passage.words(index + 1, index + 2) == ["of"]:
        end = _fat(passage, index + 2, last)
        return Term(index, end, concept("fat stranding")) if end else None
    if word in HEADS:
        group = _group_near(passage, index + 1, min(last, index + 13))
        group = group if group in HEADS[word] else _place_before(passage, index)[0]
        if group in HEADS[word]:
            return Term(index, index + 1, concept(HEADS[word][group]))
    return None


def _after_of(passage: Passage, first: int, last: int) -> list[str]:
    """The words of the noun phrase behind "of" at `first`; none where there is no "of"."""
    words = passage.words(first, min(first + 7, last))
    end = next((index for index, word in enumerate(words) if index and word in STOPS | {"and"}), len(words))
    return words[1:end] if words[:1] == ["of"] else []


def _is_density_of(passage: Passage, term: Term) -> bool:
    """Whether the term is "increased density of" or the like."""
    return term.concept.name == "hyperdensity" and passage.words(term.last, term.last + 1) == ["of"]


def _fat(passage: Passage, first: int, last: int) -> int | None:
    """Behind "fat" where the noun phrase at `first` ends with it: "the adjacent mesenteric fat"."""
    for index in range(first, min(first + 5, last)):
        word = passage.norms[index]
        if word in ("fat", "mesentery"):
            return index + 1
        if word in STOPS and word != "adjacent":
            return None
    return None


def _stated(passage: Passage, index: int, last: int, inside: set[int]) -> Term | None:
    """The finding of "dilated left renal vein": a state, then nothing but sides and site words, then a place."""
    for first in range(index + 1, min(index + 4, last)):
        word = passage.norms[first]
        hit = None if first in inside else places().at(passage.norms, first, last)
        if hit is not None and not is_site(passage.norms[hit[0] - 1]) and hit[0] not in inside:
            states = STATES[passage.norms[index]]
            name = states.get(hit[1].group, states.get(ANY))
            name = sited(_HEAD_OF.get(passage.norms[index], ""), passage.words(first, hit[0])) or name
            return Term(index, hit[0], concept(name)) if name else None
        if word == "wall" and passage.norms[index] == "thickened":
            name = sited("thickening", passage.words(index + 1, first))
            return Term(index, first + 1, concept(name)) if name else None
        if not (word in SIDES or word in _WHERE or makes_term(word)):
            return _of_site(passage, index, first) if first not in inside else None
    return None


def _of_site(passage: Passage, index: int, last: int) -> Term | None:
    """The finding that a state makes of any thing whose site stands between: "necrotic acetabular roof (arrow)"."""
    name = STATES[passage.norms[index]].get(ANY)
    sited = last > index + 1 and is_site(passage.norms[last - 1])
    marked = passage.words(last + 1, last + 2) == ["("]
    return Term(index, last + 1, concept(name)) if name and sited and marked else None


def _place_in_phrase(passage: Passage, first: int, last: int, inside: set[int]) -> tuple[str, int]:
    """(group of the first place, where the last one ends) in the noun phrase at `first`; ("", 0) without one."""
    group, end, index, level = "", 0, first, 0
    while index < min(last, first + 14):
        word = passage.norms[index]
        if word in STOPS or word == "including" or index in inside or (word == "and" and end):
            break
        hit = places().at(passage.norms, index, last)
        if hit is None:
            index += 1
            level = level or (index if is_level(word) else 0)
            continue
        index = end = hit[0]
        group = group or hit[1].group
    return (group, end) if end or not level else ("vertebra", level)


def _place_before(passage: Passage, last: int) -> tuple[str, int]:
    """(group of the place whose name ends before `last`, where that starts): "basal segment collapse"; else ("", 0)."""
    for first in range(max(last - 3, 0), last):
        hit = places().at(passage.norms, first, last)
        if hit is not None and hit[0] == last:
            return hit[1].group, first
    return "", 0


def _group_near(passage: Passage, first: int, last: int) -> str:
    """The group of the first place that comes within the clause."""
    for index in range(first, last):
        if passage.texts[index] in ".;,":
            break
        if is_level(passage.norms[index]) or is_level("".join(passage.words(index, index + 2))):
            return "vertebra"
        hit = places().at(passage.norms, index, last)
        if hit is not None:
            return hit[1].group
    return ""
