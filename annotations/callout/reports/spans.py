"""Which words name a finding: the head noun with the site and type words directly before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callout.reports.anatomy import is_site, makes_term, places
from callout.reports.lexicon import Term, find_terms
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
_TYPES: Mapping[str, tuple[frozenset[str], str]] = {
    word: (word_set(heads), name)
    for words, heads, name in (
        ("cavitating cavitary cavitated", "lesion nodule mass opacity consolidation", "cavity"),
        ("cystic", "lesion mass tumor structure", "cyst"),
        ("lytic osteolytic", "lesion metastasis", "lytic lesion"),
        ("sclerotic osteoblastic", "lesion metastasis", "sclerosis"),
        ("metastatic", "lesion nodule mass deposit", "metastasis"),
        ("glass", "opacity lesion nodule infiltrate", "ground-glass opacity"),
    )
    for word in words.split()
}  # fmt: skip
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
_PREFIXES = word_set("pre para peri intra extra retro sub supra infra endo epi inter")
_ANY = "*"
_NEURAL = {
    "cord": "spinal cord compression",
    "root": "nerve root compression",
    "sac": "thecal sac compression",
}
# "HEAD of PLACE" names a finding by the place's group; the span reaches to the place where that makes the term.
_FRAMES: Mapping[str, Mapping[str, str]] = {
    "compression": _NEURAL | {"trachea": "tracheal compression", "canal": "spinal stenosis", "vessel": "stenosis",
                              _ANY: "compression"},
    "impingement": _NEURAL,
    "indentation": _NEURAL,
    "effacement": {"sac": "thecal sac compression", "canal": "thecal sac compression", "head": "mass effect"},
    "destruction": {_ANY: "bone destruction"},
    "erosion": {_ANY: "bone destruction"},
    "displacement": {"device": "device displacement", _ANY: "displacement"},
    "deviation": {_ANY: "displacement"},
    "shift": {"chest": "mediastinal shift", _ANY: "displacement"},
    "atresia": {"vessel": "venous atresia", _ANY: "malformation"},
    "interruption": {"vessel": "venous atresia"},
    "thinning": {"cord": "atrophy", "head": "atrophy", "muscle": "atrophy", _ANY: "cortical thinning"},
    "infiltration": {"lung": "infiltrate"},
    "opacification": {"head": "sinus opacification"},
    "prolapse": {"disc": "disc herniation"},
    "herniation": {"disc": "disc herniation"},
    "protrusion": {"disc": "disc herniation"},
    "extrusion": {"disc": "disc herniation"},
    "bulging": {"disc": "disc herniation"},
    "degeneration": {"disc": "disc dehydration"},
    "desiccation": {"disc": "disc dehydration"},
    "dehydration": {"disc": "disc dehydration"},
    "scalloping": {"vertebra": "scalloping", "abdomen": "scalloping"},
    "rupture": {"extremity": "tear", "vessel": "vessel transection"},
    "splaying": {_ANY: "displacement"},
    "dislodgement": {_ANY: "device displacement"},
    "migration": {"device": "device displacement"},
    "malposition": {"device": "device displacement"},
    "thickening": {"bowel": "bowel wall thickening", "pleura": "pleural thickening", "abdomen": "peritoneal thickening",
                   "ureter": "ureteral thickening", "trachea": "bronchial wall thickening"},
    "absence": {"extremity": "malformation", "vessel": "venous atresia", "muscle": "tendon absence",
                "kidney": "hypoplasia", "abdomen": "hypoplasia", "pelvis": "hypoplasia", "head": "hypoplasia"},
    "nonvisualization": {_ANY: "non-visualisation"},
    "pathology": {_ANY: "lesion"},
    "narrowing": {"canal": "spinal stenosis", "foramen": "foraminal stenosis", "trachea": "tracheal compression",
                  "disc": "disc height loss", "vessel": "stenosis", "bowel": "stenosis"},
    "dilatation": {"kidney": "hydronephrosis", "ureter": "hydroureter", "vessel": "vascular dilatation",
                   "head": "ventriculomegaly", "trachea": "bronchiectasis"},
}  # fmt: skip
# What is said of a place before its name ("thrombosed left portal vein") and names a finding by the place's group.
_STATES: Mapping[str, Mapping[str, str]] = {
    "dilated": {"vessel": "vascular dilatation", "bowel": "bowel dilatation", "kidney": "hydronephrosis",
                "ureter": "hydroureter", "trachea": "bronchiectasis"},
    "thickened": {"bowel": "bowel wall thickening", "pleura": "pleural thickening", "ureter": "ureteral thickening",
                  "trachea": "bronchial wall thickening", _ANY: "thickening"},
    "enlarged": {"vessel": "vascular dilatation", _ANY: "enlargement"},
    "thrombosed": {"vessel": "thrombus"},
    "occluded": {"vessel": "obstruction", "trachea": "obstruction", "bowel": "obstruction", "ureter": "obstruction"},
    "narrowed": {"vessel": "stenosis", "bowel": "stenosis", "trachea": "tracheal compression",
                 "canal": "spinal stenosis", "foramen": "foraminal stenosis", "disc": "disc height loss"},
    "compressed": _NEURAL | {"trachea": "tracheal compression", "vessel": "stenosis", _ANY: "compression"},
    "collapsed": {"vertebra": "vertebral collapse", "lung": "atelectasis"},
    "fractured": {"bone": "fracture", "vertebra": "fracture", "posterior": "fracture"},
    "calcified": {_ANY: "calcification"},
    "torn": {"extremity": "tear"},
    "inflamed": {_ANY: "inflammation"},
    "edematous": {_ANY: "oedema"},
    "atrophic": {_ANY: "atrophy"},
    "infarcted": {_ANY: "infarct"},
    "displaced": {"device": "device displacement", _ANY: "displacement"},
    "hypoplastic": {_ANY: "hypoplasia"},
    "hyperdense": {"vessel": "hyperdensity"},
    "absent": {"vessel": "venous atresia", "kidney": "hypoplasia", "abdomen": "hypoplasia", "pelvis": "hypoplasia",
               "head": "hypoplasia", "lung": "hypoplasia"},
    "hypertrophied": {_ANY: "hypertrophy"},
    "hypertrophic": {_ANY: "hypertrophy"},
    "migrated": {"device": "device displacement"},
    "dislodged": {"device": "device displacement"},
    "malpositioned": {"device": "device displacement"},
    "misplaced": {"device": "device displacement"},
    "broken": {"device": "device displacement"},
    "dislocated": {"device": "device displacement", "extremity": "subluxation", "bone": "subluxation"},
    "deviated": {_ANY: "displacement"},
    "encased": {"vessel": "invasion"},
    "invaded": {_ANY: "invasion"},
    "infiltrated": {_ANY: "invasion"},
    "shrunken": {_ANY: "atrophy"},
    "atretic": {"vessel": "venous atresia", _ANY: "malformation"},
    "stenotic": {_ANY: "stenosis"},
    "stenosed": {_ANY: "stenosis"},
    "obstructed": {_ANY: "obstruction"},
    "perforated": {_ANY: "perforation"},
    "ruptured": {"extremity": "tear", _ANY: "perforation"},
    "herniated": {"bowel": "hernia", "abdomen": "hernia", "head": "hernia", "disc": "disc herniation",
                  "muscle": "hernia"},
    "duplicated": {_ANY: "malformation"},
    "aneurysmal": {"vessel": "aneurysm"},
    "swollen": {_ANY: "oedema"},
    "engorged": {"vessel": "vascular dilatation"},
    "ectatic": {"vessel": "vascular dilatation", "kidney": "hydronephrosis", "ureter": "hydroureter"},
    "distended": {"bowel": "bowel dilatation", "kidney": "hydronephrosis", "ureter": "hydroureter",
                  "vessel": "vascular dilatation"},
    "necrotic": {_ANY: "necrosis"},
    "eroded": {_ANY: "bone destruction"},
    "destroyed": {_ANY: "bone destruction"},
    "sclerotic": {"bone": "sclerosis", "vertebra": "sclerosis"},
    "thinned": {"cord": "atrophy", _ANY: "cortical thinning"},
    "opacified": {"head": "sinus opacification", "lung": "opacity"},
    "deformed": {_ANY: "malformation"},
    "avulsed": {"bone": "fracture", "extremity": "tear"},
}  # fmt: skip
# What a site word before the term makes of it: the stems of such words, and the finding.
_BY_SITE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "thickening": (
        ("pleura", "pleural thickening"), ("fissur", "pleural thickening"), ("periton", "peritoneal thickening"),
        ("oment", "peritoneal thickening"), ("mesenter", "peritoneal thickening"),
        ("bronch", "bronchial wall thickening"), ("ureter", "ureteral thickening"), ("vesic", "ureteral thickening"),
        ("bladder", "ureteral thickening"), ("septal", "interlobular septal thickening"),
        ("sinus", "sinus opacification"), ("jejun", "bowel wall thickening"), ("duoden", "bowel wall thickening"),
        ("ile", "bowel wall thickening"), ("colon", "bowel wall thickening"), ("gastr", "bowel wall thickening"),
        ("rect", "bowel wall thickening"), ("esophag", "bowel wall thickening"), ("bowel", "bowel wall thickening"),
        ("intestin", "bowel wall thickening"), ("cec", "bowel wall thickening"), ("append", "bowel wall thickening"),
        ("wall", "bowel wall thickening"), ("mural", "bowel wall thickening"),
    ),
    "fluid collection": (("pleural", "pleural effusion"), ("pericard", "pericardial effusion"),),
    "oedema": (("marrow", "bone marrow oedema"), ("bone", "bone marrow oedema"), ("osse", "bone marrow oedema"),
               ("subchondral", "bone marrow oedema")),
    "metastasis": (("bone", "bone metastasis"), ("osse", "bone metastasis"), ("skelet", "bone metastasis"),
                   ("vertebra", "bone metastasis"), ("spin", "bone metastasis"), ("bony", "bone metastasis")),
    "invasion": (("bone", "bone involvement"), ("bony", "bone involvement"), ("osse", "bone involvement"),
                 ("marrow", "bone involvement"), ("vertebra", "bone involvement"), ("pleura", "pleural involvement"),
                 ("skelet", "bone involvement")),
    "stenosis": (("trache", "tracheal compression"), ("bronch", "tracheal compression"),
                 ("airway", "tracheal compression"), ("canal", "spinal stenosis"), ("spin", "spinal stenosis"),
                 ("foramin", "foraminal stenosis"), ("foramen", "foraminal stenosis")),
    "compression": (("trache", "tracheal compression"), ("cord", "spinal cord compression"),
                    ("medull", "spinal cord compression"), ("root", "nerve root compression"),
                    ("nerve", "nerve root compression"), ("radicul", "nerve root compression"),
                    ("thecal", "thecal sac compression"), ("dural", "thecal sac compression")),
    "fat": (("mesenter", "fat stranding"), ("oment", "fat stranding"), ("perineph", "fat stranding"),
            ("periren", "fat stranding"), ("peripancrea", "fat stranding"), ("pericol", "fat stranding")),
    "fracture": (("vertebra", "vertebral compression fracture"),),
}  # fmt: skip
# Here the place tells which finding, but the head alone is the mention.
_HEADS: Mapping[str, Mapping[str, str]] = {
    "collapse": {"vertebra": "vertebral collapse", "lung": "atelectasis"},
    "thickening": {"lung": "pleural thickening", "pleura": "pleural thickening", "bowel": "bowel wall thickening"},
    "edema": {"vertebra": "bone marrow oedema", "bone": "bone marrow oedema"},
}


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
    """Whether the span is only the abbreviation, in brackets, of the one before: "pericardial effusion (PE)"."""
    letters = passage.tokens[span.first].text
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
            yield Term(index, hit[0], concept(_FRAMES["dilatation"][hit[1].group]))
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
        name = _HEADS["edema"].get(_group_near(passage, term.last, min(last, term.last + 12)))
        return Term(index, term.last, concept(name)) if name else None
    if term is not None and term.last > index + 1:
        end = _fat(passage, term.last + 1, last) if _is_density_of(passage, term) else None
        return Term(index, end, concept("fat stranding")) if end else None
    if word in _FRAMES and index + 1 < last and passage.tokens[index + 1].norm == "of":
        group, end = _place_in_phrase(passage, index + 2, last, inside)
        name = _FRAMES[word].get(group, _FRAMES[word].get(_ANY)) if end else None
        if word == "compression" and "nerve" in passage.words(index + 2, end):
            name = "nerve root compression"
        if name:
            return Term(index, end, concept(name))
    if term is None and word in _STATES:
        return _stated(passage, index, last, inside)
    if word in _OF_FAT and passage.words(index + 1, index + 2) == ["of"]:
        end = _fat(passage, index + 2, last)
        return Term(index, end, concept("fat stranding")) if end else None
    if word in _HEADS:
        group = _group_near(passage, index + 1, min(last, index + 13))
        if group in _HEADS[word]:
            return Term(index, index + 1, concept(_HEADS[word][group]))
    return None


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
            states = _STATES[passage.tokens[index].norm]
            name = states.get(hit[1].group, states.get(_ANY))
            return Term(index, hit[0], concept(name)) if name else None
        if not (word in SIDES or makes_term(word)):
            return None
    return None


def _place_in_phrase(passage: Passage, first: int, last: int, inside: set[int]) -> tuple[str, int]:
    """(group of the first place, where the last one ends) in the noun phrase at `first`; ("", 0) without one."""
    group, end, index = "", 0, first
    while index < min(last, first + 14):
        word = passage.tokens[index].norm
        if word in _STOPS or index in inside or (word == "and" and end):
            break
        hit = places().at(passage.tokens, index, last)
        if hit is None:
            index += 1
            continue
        index = end = hit[0]
        group = group or hit[1].group
    return group, end


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
        describes = term.last in starts and not term.concept.drawn
        if (opening is None or term is terms[-1]) and not describes:
            yield replace(term, first=first)


def _extended(passage: Passage, term: Term, floor: int, taken: frozenset[int]) -> Span:
    """The term with the site and type words directly before it, and what these make of it."""
    first, found = term.first, term.concept
    head = passage.tokens[term.last - 1].norm
    while first > floor:
        before = _previous(passage, first, floor)
        if before < floor or before in taken:
            break
        word = passage.tokens[before].norm
        heads, name = _TYPES.get(word, (frozenset(), ""))
        if head in heads:
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
        heads, name = _TYPES.get(word, (frozenset(), ""))
        if head in heads and word != "glass":
            return concept(name)
        parts = word in _STOPS or word in ("a", "an", "the") or not passage.tokens[index].is_word
        if parts and word not in (",", "and") and word not in HYPHENS:
            return None
    return None


def _of_site(passage: Passage, first: int, last: int, found: Concept) -> Concept:
    """What the site words in `[first, last)` make of the finding before whose name they stand."""
    words = passage.words(first, last)
    pairs = _BY_SITE.get(found.name, ())
    name = next((name for stem, name in pairs if any(word.startswith(stem) for word in words)), None)
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
    return passage.tokens[term.first].norm in _FRAMES


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
    if site and makes_term(before.norm):
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
