"""The words of a passage that tell how its pictures were made: modality, plane, sequence, contrast."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from callout.reports.imaging_words import PHRASES
from callout.reports.tokens import HYPHENS, Passage, Phrases
from callout.terms.words import word_set

Told = dict[str, str]
_PLAIN_TOO = frozenset(("transverse", "ax", "cor", "sag"))
# A word for a plane that stands before one of these is part of a name.
_NAMES = frozenset(("sinus", "suture", "process", "colon", "diameter", "myelitis", "fracture"))
_OF_THE_VEIN = frozenset(("gas", "air", "thrombosis", "thrombus", "system", "flow", "branch", "hypertension"))
_LEVEL_WORDS = word_set("level vertebra vertebral body nerve root lamina pedicle to through")
# These tell of the picture only as `_picture_word` says.
_OPENING = frozenset(("pre", "before", "angiogram", "angiography", "t1", "t2"))
# "Of T1 images", "of T1 hyperintensity": a weighting, where "CT of T1" is of a vertebra.
_OF_WEIGHTING = (
    "image", "weight", "sequence", "signal", "scan", "mr", "hyper", "hypo", "iso", "short", "prolong", "-", "relax",
)  # fmt: skip
_WEIGHTINGS = frozenset(("t1", "t2", "stir", "flair", "pd", "dwi"))


class PictureWord(NamedTuple):
    """Tokens `[first, last)` that tell of the picture: field → value."""

    first: int
    last: int
    tells: Told


@cache
def picture_phrases() -> Phrases[tuple[Told, bool]]:
    """Every phrase → what it tells, and whether it is an acronym (then capitals count)."""
    return Phrases(
        (form.strip(), (dict(_pair(pair) for pair in told.split("|")), form.strip().isupper()))
        for told, forms in PHRASES.items()
        for form in forms.split(";")
    )


def _pair(text: str) -> tuple[str, str]:
    field, _, value = text.partition("=")
    return field, value.strip()


def picture_words(passage: Passage) -> list[PictureWord]:
    """The words of `passage` that tell of the pictures, in order."""
    found: list[PictureWord] = []
    for index in passage.where(_opens):
        word = _picture_word(passage, index) if not found or index >= found[-1].last else None
        if word is not None:
            found.append(word)
    found = [word for position, word in enumerate(found) if _counts(passage, found, position)]
    if any(word.tells.get("modality", "histology") != "histology" or "plane" in word.tells for word in found):
        return [word for word in found if word.tells.get("modality") != "histology"]
    return found


def _opens(word: str) -> bool:
    """Whether words of a picture may start with `word` (compared form): most are looked at no further."""
    return word in _OPENING or word in picture_phrases().openings


def _picture_word(passage: Passage, index: int) -> PictureWord | None:
    norms, text = passage.norms, passage.texts[index]
    word, count = norms[index], len(norms)
    if word in ("pre", "before") and _leads_to_contrast(passage, index):
        return PictureWord(index, index + 1, {"contrast": "pre-contrast"})
    hit = picture_phrases().at(norms, index, count)
    if hit is not None and not (hit[1][1] and text != text.upper()):
        end, (tells, _) = hit
        after = norms[end] if end < count else ""
        if tells.get("contrast") == "portal venous" and after in _OF_THE_VEIN:
            return None
        return None if "plane" in tells and after in _NAMES and end == index + 1 else PictureWord(index, end, tells)
    if word in ("angiogram", "angiography") and passage.words(index - 2, index) in (["ct", ")"], ["ct", "-"]):
        return PictureWord(index, index + 1, {"sequence": "angiography", "contrast": "post-contrast"})
    if word in ("t1", "t2") and not names_level(passage, index):
        return PictureWord(index, index + 1, {"sequence": word.upper()})
    return None


def _leads_to_contrast(passage: Passage, index: int) -> bool:
    """Whether a lone "pre-" is the first half of "pre- and post-contrast"."""
    near = [word for word in passage.words(index + 1, index + 10) if len(word) > 1 or word in "/&"]
    return len(near) > 2 and near[0] in ("and", "/", "&") and near[1] in ("post", "after") and "contrast" in near[2:4]


def names_level(passage: Passage, index: int) -> bool:
    """Whether the token "T1" or "T2" is a vertebra, not a weighting."""
    after = passage.words(index + 1, index + 4)
    before = passage.words(index - 2, index)
    if any(word in ("weighted", "w", "weighting", "wi") for word in after[:2]):
        return False
    if after[:1] and after[0] in (",", "and", "&") and after[1:2] and after[1] in _WEIGHTINGS:
        listed = passage.words(index + 3, index + 8)
        return bool(_LEVEL_WORDS & set(listed[:1])) or bool(_LEVEL_WORDS & set(listed[:3]) and before[-1:] == ["of"])
    joined = after[:1] and after[0] in HYPHENS | {"/", "to", ",", "and"}
    if joined and len(after) > 1 and is_level(after[1]):
        return not (after[1] in ("t1", "t2") and "weighted" in after + passage.words(index + 4, index + 6))
    if len(before) > 1 and before[1] in HYPHENS | {"/", "to"} and is_level(before[0]):
        return True
    if after[:1] in (["vertebra"], ["vertebral"]):
        return True
    if before[-1:] == ["of"] and not (after[:1] and after[0].startswith(_OF_WEIGHTING)):
        return True
    return bool(after) and after[0] in _LEVEL_WORDS and before[-1:] not in (["on"], ["in"])


def is_level(word: str) -> bool:
    """Whether `word` (compared form) is a vertebra: c1…c7, t1…t12 (th, d), l1…l6, s1…s5."""
    if not word[-1].isdigit():
        return False
    letters, digits = word.rstrip("0123456789"), word.lstrip("cdlsth")
    return letters in ("c", "t", "th", "d", "l", "s") and digits.isdigit() and 0 < len(digits) < 3 and (
        1 <= int(digits) <= {"c": 7, "t": 13, "th": 13, "d": 13, "l": 6, "s": 5}[letters]
    )  # fmt: skip


def _counts(passage: Passage, words: Sequence[PictureWord], position: int) -> bool:
    """Whether a word that could be another ("transverse", "cor") stands among others of the kind."""
    word = words[position]
    if passage.norms[word.first] not in _PLAIN_TOO or word.last > word.first + 1:
        return True
    near = [*words[max(position - 1, 0) : position], *words[position + 1 : position + 2]]
    return any(min(abs(other.first - word.last), abs(word.first - other.last)) <= 1 for other in near)
