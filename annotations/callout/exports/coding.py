"""Codes of what a region is and where it lies (PS3.16), as DICOM segments and reports carry them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from callout.terms import PRIVATE_SCHEME, Code, Concept, concept_with_code, concepts
from callout.terms.words import words_of

if TYPE_CHECKING:
    from callout.case import Finding

CATEGORY = Code("SCT", "49755003", "Morphologically Abnormal Structure")
CATEGORIES = {  # CID 7150, of the concepts that are nothing abnormal by themselves
    "anatomical structure": Code("SCT", "123037004", "Anatomical Structure"),
    "foreign body": Code("SCT", "260787004", "Physical object"),
    "ascites": Code("SCT", "91720002", "Body Substance"),
    "fat": Code("SCT", "91720002", "Body Substance"),
    "free fluid": Code("SCT", "91720002", "Body Substance"),
    "free gas": Code("SCT", "91720002", "Body Substance"),
}
BODY = Code("SCT", "123037004", "Body structure")
SIDES = {
    "left": Code("SCT", "7771000", "Left"),
    "right": Code("SCT", "24028007", "Right"),
    "bilateral": Code("SCT", "51440002", "Right and left"),
}
PLACES = (4031, 7155, 7154, 7153, 7602, 7603, 1003, 4)  # context groups of anatomy that pydicom knows
LOBES = {
    "upper lobe": "upper lobe of lung",
    "middle lobe": "middle lobe of right lung",
    "lower lobe": "lower lobe of lung",
}


def long_string(text: str) -> str:
    r"""`text` as a value of VR LO: one line, no backslash, at most 64 characters (PS3.5 6.2).

    >>> long_string("a\\b\n"), long_string("")
    ('a b', '-')
    """
    return "".join(c if c.isprintable() and c != "\\" else " " for c in text)[:64].strip() or "-"


def plain_text(text: str) -> str:
    r"""`text` as a value of VR UT that is one line of words, without control characters (PS3.5 6.2).

    >>> plain_text("a\nb\0")
    'a b'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "-"


def person_name(reader: str) -> str:
    """A reader as a value of VR PN, whose delimiters have no place in it (PS3.5 6.2.1).

    >>> person_name("a^b")
    'a b'
    """
    return "".join(" " if c in "^=" else c for c in long_string(reader)).strip() or "-"


def category_of(concept: str) -> Code:
    """The category of a concept, by its name (CID 7150)."""
    return CATEGORIES.get(concept, CATEGORY)


def place_of(finding: Finding) -> Code:
    """The code of where a finding lies; where nobody says, the body."""
    return code_of_site(finding.site, finding.laterality) if finding.site else BODY


def code_of_site(site: str, laterality: str | None = None) -> Code:
    """The published code of a site in words; where there is none, one of our own, visibly private, never a guess.

    A side that the words tell may be left out of the code where `laterality` tells it too.

    >>> code_of_site("left upper lobe", "left").meaning, code_of_site("L2").meaning
    ('Upper lobe of lung', 'L2 vertebra')
    """
    words = words_of(site)
    sides = {word for word in words if word in SIDES}
    bare = tuple(word for word in words if word not in SIDES)
    found = _published().get(words) or (_published().get(bare) if sides <= {laterality} else None)
    private = "S" + hashlib.sha256(site.encode()).hexdigest()[:15].upper()
    return found or Code(PRIVATE_SCHEME, private, long_string(site))


@cache
def _published() -> dict[tuple[str, ...], Code]:
    """Codes of places by the words of their meaning, and of what reports say for them."""
    from pydicom.sr.codedict import codes

    by_words: dict[tuple[str, ...], Code] = {}
    for group in PLACES:
        for one in getattr(codes, f"cid{group}").concepts.values():
            if one.scheme_designator != "SCT":
                continue
            code = Code("SCT", one.value, one.meaning)
            level = re.fullmatch(r"([CTLS]\d+) vertebra|Level of (\w+)/(\w+) intervertebral disc", one.meaning)
            said = [one.meaning, level[1] or f"{level[2]}-{level[3]}"] if level else [one.meaning]
            for phrase in said:
                by_words.setdefault(words_of(phrase), code)
    return by_words | {words_of(said): by_words[words_of(meaning)] for said, meaning in LOBES.items()}


def as_published(scheme: str, value: str, among: Iterable[Code]) -> Code | None:
    """The one of these codes that it is, also where the file has the value that SNOMED had before 2014 (SRT)."""
    from pydicom.sr.coding import Code as Coded

    said = Coded(value, scheme, "")
    return next((code for code in among if said == Coded(code.value, code.scheme, "")), None)


def concept_of(code: tuple[str, str]) -> Concept | None:
    """The concept that a code, (scheme, value), stands for."""
    codes = [one for found in concepts() for one in found.codes if one.scheme == "SCT"]
    known = as_published(*code, codes)
    return concept_with_code(known.scheme, known.value) if known else concept_with_code(*code)


def side_of(words: str) -> str | None:
    """The side that a name says: left, right or bilateral; None where it says none, or speaks of both.

    >>> side_of("left and right cysts"), side_of("nodule left of the right hilum")
    ('bilateral', None)
    """
    text = words.lower()
    if re.search(r"\b(bilateral|(left|right) (and|&|\+) (left|right))\b", text):
        return "bilateral"
    found = set(re.findall(r"\b(left|right)\b", text))
    return found.pop() if len(found) == 1 else None


def coded(code: Code) -> Any:
    """The item of a code sequence, as highdicom makes it."""
    import highdicom as hd

    return hd.sr.CodedConcept(code.value, code.scheme, code.meaning)
