"""Findings that a word of look makes of a plain noun: "hypodense halo", "low T2-weighted signal", "tumorous lesion"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from callout.reports.anatomy import makes_term
from callout.reports.tokens import HYPHENS, Passage, Phrases
from callout.terms import Concept, concept
from callout.terms.words import word_set

_PLAIN = """
area; focus; zone; region; portion; part; component; center; core; rim; halo; ring; band; line; content; material;
change; spot; signal; stripe; strip; structure; space; airspace; degeneration; patch; streak; margin; tissue;
appearance; foci; filling; island; aspect; depiction
"""
_GROWTHS = "lesion; mass; growth; process; formation; tissue; infiltrate; deposit; focus; component; area"
# concept: the words of look: the nouns that they make it of.
_LOOKS = (
    ("hypodensity", "hypodense; hypoattenuating; hypoattenuated; low density; low attenuation; low attenuating; lucent;"
     " radiolucent; decreased attenuation; decreased density; reduced attenuation; hypodensity", _PLAIN),
    ("hyperdensity", "hyperdense; hyperattenuating; high density; high attenuation; high attenuating; radiodense;"
     " radiopaque; dense; increased attenuation; hyperattenuated", _PLAIN),
    ("signal abnormality", "hyperintense; hypointense; high intensity; low intensity; bright; isointense;"
     " increased intensity; decreased intensity", _PLAIN),
    ("contrast enhancement", "enhancing; enhanced; hyperenhancing; avidly enhancing", _PLAIN),
    ("necrosis", "necrotic; necrotizing; liquefied", _PLAIN),
    ("cyst", "cystic; multicystic; polycystic", _PLAIN),
    ("calcification", "calcified; calcific", _PLAIN),
    ("haemorrhage", "hemorrhagic", _PLAIN),
    ("fat", "fatty; fat containing; lipomatous; fat density; fat attenuation", _PLAIN),
    ("fibrosis", "fibrotic; fibrous; scarred", _PLAIN),
    ("sclerosis", "sclerotic; osteosclerotic; osteoblastic", _PLAIN),
    ("lytic lesion", "lytic; osteolytic", _PLAIN),
    ("oedema", "edematous", _PLAIN),
    ("infarct", "infarcted; ischemic", _PLAIN),
    ("emphysema", "emphysematous", _PLAIN),
    ("atelectasis", "atelectatic; collapsed lung", _PLAIN),
    ("consolidation", "consolidated; consolidative", _PLAIN),
    ("ground-glass opacity", "ground glass; hazy", _PLAIN),
    ("inflammation", "inflamed; inflammatory", _PLAIN),
    ("neoplasm", "tumorous; tumoral; tumor; neoplastic; malignant; cancerous; carcinomatous", _GROWTHS),
    ("invasion", "tumorous; tumoral; tumor; neoplastic; malignant; carcinomatous; lymphomatous; leukemic; metastatic",
     "infiltration"),
    ("metastasis", "metastatic", _GROWTHS),
    ("infection", "infectious; infective; infected", f"{_GROWTHS}; etiology; aetiology; cause; origin"),
    ("lesion", "abnormal; pathologic; pathological", "area; focus; process; tissue; structure; foci; finding"),
)  # fmt: skip
_GRADES = word_set(
    """
    high low increased decreased abnormal altered intermediate bright dark hyperintense hypointense isointense reduced
    elevated heterogeneous homogeneous mixed intense hyper hypo iso diminished increase decrease raised
    """
)
_WEIGHTED = word_set("t1 t2 stir flair dwi adc weighted image wi w t1w t2w t1wi t2wi pd diffusion marrow sequence")
_CHANGES = word_set("change abnormality alteration area focus foci region zone lesion anomaly")
_LONGEST = 10


@cache
def _looks() -> Phrases[Concept]:
    return Phrases(_forms())


def _forms() -> Iterator[tuple[str, Concept]]:
    for name, looks, nouns in _LOOKS:
        for look in looks.split(";"):
            for noun in nouns.split(";"):
                yield f"{look.strip()} {noun.strip()}", concept(name)


def looks_vocabulary() -> frozenset[str]:
    """Every word of such names, compared form."""
    return frozenset(_looks().vocabulary)


def opens_look(word: str) -> bool:
    """Whether such a name may start with `word` (compared form)."""
    return word in _GRADES or word in _words_of_look().openings


def look_at(passage: Passage, index: int, last: int) -> tuple[int, Concept] | None:
    """(the token behind, the concept) of such a name that starts at `index` and ends by `last`."""
    signal = _signal(passage, index, last)
    if signal:
        return signal, concept("signal abnormality")
    return _looks().at(passage.norms, index, last) or _sited_look(passage, index, last)


def _sited_look(passage: Passage, index: int, last: int) -> tuple[int, Concept] | None:
    """The same where words of site stand between: "hypodense subcortical band"."""
    hit = _words_of_look().at(passage.norms, index, last)
    if hit is None:
        return None
    position, (found, nouns) = hit
    limit = min(last, position + 3)
    while position < limit and makes_term(passage.norms[position]):
        position += 1
    noun = position > hit[0] and position < last and passage.norms[position] in nouns
    return (position + 1, found) if noun else None


@cache
def _words_of_look() -> Phrases[tuple[Concept, frozenset[str]]]:
    return Phrases(
        (look.strip(), (concept(name), frozenset(noun.strip() for noun in nouns.split(";"))))
        for name, looks, nouns in _LOOKS
        for look in looks.split(";")
    )


def _signal(passage: Passage, index: int, last: int) -> int | None:
    """The token behind "GRADE (WEIGHTING) signal (intensity)", or None."""
    if passage.norms[index] not in _GRADES:
        return None
    position = index + 1
    while position < min(last, index + _LONGEST):
        word = passage.norms[position]
        if word == "signal":
            return _whole_signal(passage, position + 1, last)
        known = passage.texts[position] in HYPHENS or word in _GRADES or word in _WEIGHTED or word in ("to", "/")
        if not known and not (word in ("in", "of") and passage.norms[index] in ("increase", "decrease")):
            return None
        position += 1
    return None


def _whole_signal(passage: Passage, position: int, last: int) -> int:
    """The token behind the words that belong to "signal" at the one before `position`."""
    for following in (frozenset(("intensity",)), _CHANGES):
        after = position + (position < last and passage.texts[position] in HYPHENS)
        if after < last and passage.norms[after] in following:
            position = after + 1
    return position
