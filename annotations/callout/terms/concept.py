"""One thing that a finding can be, and the table of all of them."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from callout.errors import InputError
from callout.terms.words import words_of

PRIVATE_SCHEME = "99CALLOUT"
_SCHEMES = ("DCM", "SCT", "RADLEX")

# Okabe & Ito, Color Universal Design (2008); their black, which no one sees on a CT, is a mid grey here.
COLOURS = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "bluish green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "reddish purple": "#CC79A7",
    "grey": "#999999",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A coded term (PS3.3 8.8): coding scheme designator, code value (at most 16 characters), code meaning."""

    scheme: str
    value: str
    meaning: str

    def __post_init__(self) -> None:
        """Refuse what a DICOM code sequence can't hold (SH 16 and LO 64 characters, PS3.5 6.2)."""
        if not (0 < len(self.value) <= 16 and 0 < len(self.scheme) <= 16 and 0 < len(self.meaning) <= 64):
            raise InputError(f"{self.meaning!r} is no code", f"{self.scheme} {self.value}")


@dataclass(frozen=True, slots=True)
class Concept:
    """What a finding is.

    `name` is how Callout writes it; `drawn` whether it would be drawn as a region (not a descriptor, anatomy or
    a device); `synonyms` the other forms reports use, singular; `codes` at least one; `colour` sRGB "#RRGGBB";
    `endings` those of words that reports make at will for it ("-itis"); `excludes` names of concepts, one of the two
    saying so, whose regions and its own keep out of each other unless a case says else.
    """

    name: str
    drawn: bool
    synonyms: tuple[str, ...]
    codes: tuple[Code, ...]
    colour: str
    endings: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


def concepts() -> tuple[Concept, ...]:
    """All concepts: the built-in ones in the order of their table, then those of the user's vocabulary.

    Raises:
        InputError: there is a vocabulary and it can't be used (`callout.terms.vocabulary`).
    """
    return _table()


def concept(name: str) -> Concept:
    """The concept of that name, or that one of its synonyms names; spelling, number and hyphens don't matter.

    Raises:
        InputError: no concept has it; the message names those that come near.

    >>> concept("GGO").name
    'ground-glass opacity'
    """
    found = _by_words().get(words_of(name))
    if found is None:
        near = difflib.get_close_matches(name.casefold(), _all_names(), n=3, cutoff=0.5)
        remedy = "did you mean " + " or ".join(near) + "? Else " if near else "name one of Callout's concepts, or "
        remedy += "add it to your vocabulary"
        raise InputError("there is no such concept", name, remedy)
    return found


def concept_or_unknown(name: str) -> Concept:
    """The concept of that name; for one of a vocabulary that is not here, a stand-in that has the name and a colour.

    The stand-in's code says that it is unknown; what writes codes asks `concept`, which refuses.
    """
    unknown = Code(PRIVATE_SCHEME, "UNKNOWN-CONCEPT", "unknown concept")
    return _by_words().get(words_of(name)) or Concept(name, True, (), (unknown,), colour_for(name))


def find_concept(phrase: str) -> Concept | None:
    """The concept that a finding's free name tells, or None.

    A name is tried whole, then up to its first comma, then for the term it ends with, then for any in it (the
    longest first, the last of these).

    >>> find_concept("cavitating lesion, right upper lobe 1").name
    'cavity'
    """
    for part in dict.fromkeys((phrase, phrase.partition(",")[0])):
        if (found := _by_words().get(words_of(part))) is not None:
            return found
    return _head(words_of(phrase.partition(",")[0])) or _head(words_of(phrase))


def exclude_each_other(name: str, other: str) -> bool:
    """Whether regions of two concepts keep out of each other by what they are.

    >>> exclude_each_other("consolidation", "cavity"), exclude_each_other("consolidation", "nodule")
    (True, False)
    """
    return other in concept_or_unknown(name).excludes or name in concept_or_unknown(other).excludes


def code_of(concept: Concept) -> Code:
    """The code that stands for `concept` in DICOM: DCM, else SCT, else RADLEX, else another, else a private one."""
    return min(concept.codes, key=lambda code: _rank(code.scheme))


def _rank(scheme: str) -> int:
    if scheme in _SCHEMES:
        return _SCHEMES.index(scheme)
    return len(_SCHEMES) + scheme.startswith("99")


def concept_with_code(scheme: str, value: str) -> Concept | None:
    """The concept that `scheme` and `value` code for, or None."""
    return _by_code().get((scheme, value))


def _head(words: tuple[str, ...]) -> Concept | None:
    """The longest term in `words`, the last of equally long ones."""
    known = _by_words()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            if (found := known.get(words[start : start + length])) is not None:
                return found
    return None


@cache
def _table() -> tuple[Concept, ...]:
    from callout.terms.vocabulary import read_vocabulary, vocabulary_file

    own = read_vocabulary(vocabulary_file(), {words_of(found.name): found for found in built_in()})
    taken = {words_of(form) for found in own for form in (found.name, *found.synonyms)}
    return tuple(_without(found, taken) for found in built_in()) + own


def _without(found: Concept, taken: set[tuple[str, ...]]) -> Concept:
    """The concept without the synonyms that the user has taken for a concept of their own."""
    if not any(words_of(form) in taken for form in found.synonyms):
        return found
    return replace(found, synonyms=tuple(form for form in found.synonyms if words_of(form) not in taken))


@cache
def built_in() -> tuple[Concept, ...]:
    """The concepts that come with Callout."""
    import tomllib
    from importlib import resources

    text = resources.files("callout.terms").joinpath("concepts.toml").read_text(encoding="utf-8")
    return tuple(_concept(row) for row in tomllib.loads(text)["concept"])


def _concept(row: dict[str, Any]) -> Concept:
    name: str = row["name"]
    codes = tuple(Code(*code) for code in row.get("codes", ()))
    if "private" in row:
        codes += (Code(PRIVATE_SCHEME, row["private"], name),)
    colour = colour_for(name, row.get("colour"))
    synonyms, endings, excludes = (tuple(row.get(key, ())) for key in ("synonyms", "endings", "excludes"))
    return Concept(name, row["drawn"], synonyms, codes, colour, endings, excludes)


def colour_for(name: str, fixed: str | None = None) -> str:
    """The colour of that name (`COLOURS`), else one that the concept's name alone decides, so that it never changes."""
    return COLOURS[fixed] if fixed else list(COLOURS.values())[zlib.crc32(name.encode()) % len(COLOURS)]


@cache
def _by_words() -> dict[tuple[str, ...], Concept]:
    known = {words_of(synonym): found for found in _table() for synonym in found.synonyms}
    return known | {words_of(found.name): found for found in _table()}


@cache
def _by_code() -> dict[tuple[str, str], Concept]:
    return {(code.scheme, code.value): found for found in _table() for code in found.codes}


@cache
def _all_names() -> tuple[str, ...]:
    return tuple(_names())


def _names() -> Iterator[str]:
    for found in _table():
        yield found.name
        yield from found.synonyms
