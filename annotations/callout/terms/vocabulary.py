"""A user's own concepts, in a TOML file of the form of `concepts.toml`; sharing them is copying the file.

It lies beside the preferences, or where the environment variable CALLOUT_VOCABULARY says. It is read once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from callout.errors import InputError
from callout.preferences import preferences_file
from callout.terms.concept import COLOURS, Code, Concept, colour_for
from callout.terms.words import words_of

VARIABLE = "CALLOUT_VOCABULARY"
# Values of a vocabulary's own; never those of the scheme that is Callout's.
USER_SCHEME = "99CALLOUTUSER"
_LARGEST = 1 << 20
_MOST = 5000
_KEYS = frozenset(("name", "drawn", "colour", "synonyms", "endings", "codes", "private"))
_VALUE = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,15}")
Known = Mapping[tuple[str, ...], Concept]


def vocabulary_file() -> Path:
    """Where a user's own concepts are kept; the file need not exist unless the environment names it."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else preferences_file().parent / "vocabulary.toml"


def read_vocabulary(path: Path, known: Known) -> tuple[Concept, ...]:
    """The concepts of the file at `path`, in its order; none where there is no such file and none was named.

    A synonym of a concept in `known` (words: concept) may be taken for one's own; a concept's name may not.

    Raises:
        InputError: the file can't be read, is no such table, or names what is the name of another concept.
    """
    text = _text(path)
    if text is None:
        return ()
    rows = _rows(text, path)
    said = {words: found for words, found in known.items() if words == words_of(found.name)}
    codes = {(code.scheme, code.value): found.name for found in known.values() for code in found.codes}
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{path}, concept {number}"
        one = _concept(row, where)
        for form in (one.name, *one.synonyms):
            other = said.setdefault(words_of(form), one)
            if other is not one:
                raise InputError(f"{form!r} names {other.name!r} already", where, "choose another word, or take it out")
        for code in one.codes:
            owner = codes.setdefault((code.scheme, code.value), one.name)
            if owner != one.name:
                raise InputError(f"the code {code.scheme} {code.value} is that of {owner!r}", where, "use another code")
        found.append(one)
    return tuple(found)


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InputError("the vocabulary is larger than 1 MB", str(path), "take out what is not needed")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        if not os.environ.get(VARIABLE):
            return None
        remedy = f"mend --vocabulary or {VARIABLE}, or take it away"
        raise InputError("there is no such vocabulary", str(path), remedy) from None
    except OSError as error:
        remedy = "check that it is a file and that you may open it"
        raise InputError(error.strerror or "the vocabulary can't be read", str(path), remedy) from error
    except UnicodeDecodeError as error:
        raise InputError("the vocabulary is not UTF-8", str(path), "save it as UTF-8") from error


def _rows(text: str, path: Path) -> list[Mapping[str, Any]]:
    import tomllib

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the vocabulary is not TOML ({error})", str(path), "mend it, or take it away") from error
    rows = table.get("concept", [])
    if table.keys() - {"concept"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("a vocabulary has tables [[concept]] and nothing else", str(path), "mend it")
    if len(rows) > _MOST:
        raise InputError(f"a vocabulary has at most {_MOST} concepts", str(path), "take out what is not needed")
    return rows


def _concept(row: Mapping[str, Any], where: str) -> Concept:
    unknown = sorted(row.keys() - _KEYS)
    if unknown:
        raise InputError(f"a concept has no {unknown[0]!r}", where, "keys are " + ", ".join(sorted(_KEYS)))
    name = _word(row.get("name"), "name", where)
    drawn = row.get("drawn", True)
    if not isinstance(drawn, bool):
        raise InputError("`drawn` is true or false", where)
    codes = _codes(row, name, where)
    endings = _words(row, "endings", where)
    if any(len(ending) < 3 for ending in endings):
        raise InputError("an ending has three letters or more", where)
    return Concept(name, drawn, _words(row, "synonyms", where), codes, _colour(row, name, where), endings)


def _colour(row: Mapping[str, Any], name: str, where: str) -> str:
    colour = row.get("colour")
    if colour is None or (isinstance(colour, str) and colour in COLOURS):
        return colour_for(name, colour)
    if isinstance(colour, str) and re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        return colour.upper()
    raise InputError(f"{str(colour)[:40]!r} is no colour", where, 'write "#RRGGBB" or one of ' + ", ".join(COLOURS))


def _codes(row: Mapping[str, Any], name: str, where: str) -> tuple[Code, ...]:
    """The published codes, then the private one; a concept without any can't be written into DICOM."""
    codes = []
    listed = row.get("codes", [])
    if not isinstance(listed, list):
        raise InputError("`codes` is a list of [scheme, value, meaning]", where)
    for entry in listed:
        if not _is_words(entry) or len(entry) != 3:
            raise InputError("a code is [scheme, value, meaning]", where)
        if entry[0].startswith("99CALLOUT"):
            raise InputError(f"{entry[0]} is no published scheme", where, "write it as `private`")
        codes.append(Code(*entry))
    private = row.get("private")
    if private is not None:
        if not isinstance(private, str) or not _VALUE.fullmatch(private):
            remedy = "write 1 to 16 of A-Z, 0-9, - and ."
            raise InputError(f"{str(private)[:40]!r} is no private code", where, remedy)
        codes.append(Code(USER_SCHEME, private, name))
    if not codes:
        raise InputError(f"{name!r} has no code", where, "give it `private`, a value that you will not change")
    return tuple(codes)


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _words(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value: Sequence[object] = row.get(key, [])
    if not _is_words(value):
        raise InputError(f"`{key}` is a list of words", where)
    return tuple(_word(word, key, where) for word in value)


def _word(value: object, key: str, where: str) -> str:
    if not isinstance(value, str) or not words_of(value) or not value.isprintable() or len(value) > 64:
        remedy = "write 1 to 64 printable letters"
        raise InputError(f"{str(value)[:40]!r} can't be a concept's {key}", where, remedy)
    return value
