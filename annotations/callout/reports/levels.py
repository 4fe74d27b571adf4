"""Vertebral levels in a text, and the places that a mention names with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from callout.reports.anatomy import Site, places
from callout.reports.model import Part
from callout.reports.picture import is_level, names_level
from callout.reports.tokens import HYPHENS, Passage
from callout.terms.words import word_set

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th",
            "eighth 8th", "ninth 9th", "tenth 10th", "eleventh 11th", "twelfth 12th",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_REGIONS = {"cervical": "C", "thoracic": "T", "dorsal": "T", "lumbar": "L", "sacral": "S"}
_GLUED = re.compile(r"([CTLS]\d{1,2})([CTLS]\d{1,2})")
_UNITS = word_set("mm cm ml cc m kg year month week day hour patient case t")
_AFTER = word_set(". , ; ) and & level vertebra vertebral body disc with on in showing is are")
_AND = frozenset(("and", "to", "through", "/"))
_LETTERS = {"C": "C", "T": "T", "Th": "T", "TH": "T", "D": "T", "L": "L", "S": "S"}
_OPENING = _REGIONS.keys() | _ORDINALS.keys() | {letter.casefold() for letter in _LETTERS}
_AROUND = word_set("level vertebra vertebral body disc at of lumbar thoracic cervical sacral")
_AT = word_set(
    """
    at in within involving of on around along over inside throughout
    """
)
_PREFIXES = ("pre", "para", "peri", "intra", "extra", "retro", "sub", "supra", "infra", "endo", "epi")
_LEVEL_NOUNS = frozenset(("vertebra", "level", "vertebral body"))


class LevelWord(NamedTuple):
    """Tokens `[first, last)` that name a level ("L3") or a span of them ("L1-L2"); `extent` for "L1 to L2"."""

    first: int
    last: int
    label: str
    extent: bool


def find_levels(passage: Passage, taken: frozenset[int]) -> dict[int, LevelWord]:
    """The levels that `passage` names, by their first token; `taken` tokens are none (T1-weighted)."""
    found: dict[int, LevelWord] = {}
    reached = 0
    for index in passage.where(_opens):
        word = _level_at(passage, index, taken) if index >= reached else None
        for more in (word, *_more_numbers(passage, word)) if word else ():
            found[more.first] = more
            reached = more.last
    return found


def _opens(word: str) -> bool:
    """Whether a level may start with `word` (compared form): most are looked at no further."""
    return word[0].isdigit() or word[-1].isdigit() or word in _OPENING


def _level_at(passage: Passage, index: int, taken: frozenset[int]) -> LevelWord | None:
    first = _one(passage, index, taken)
    if first is None:
        return _glued(passage.texts[index], index) or _ordinals(passage, index)
    label, last = first
    sign = passage.words(last, last + 1)
    if sign in (["down"], ["up"]) and passage.words(last + 1, last + 2) == ["to"]:
        last, sign = last + 1, ["to"]
    if sign == ["to"] and passage.words(last + 1, last + 2) == ["the"]:
        last += 1
    extent = sign in (["to"], ["through"])
    if extent or sign == ["/"] or (sign and sign[0] in HYPHENS):
        second = _one(passage, last + 1, taken) or (None if extent else _number(passage, last + 1, label[0]))
        while second is not None:
            end = second
            chained = end[1] < len(passage.norms) and passage.texts[end[1]] in HYPHENS
            second = _one(passage, end[1] + 1, taken) if chained else None
            if second is None:
                return LevelWord(index, end[1], f"{label}-{end[0]}", extent)
    over = sign in (["on"], ["over"], ["upon"])
    between = sign == ["and"] and passage.words(index - 1, index) == ["between"]
    if (over or between) and (second := _one(passage, last + 1, taken)) is not None:
        return LevelWord(index, second[1], f"{label}-{second[0]}", between)
    return LevelWord(index, first[1], label, False)


def _one(passage: Passage, index: int, taken: frozenset[int]) -> tuple[str, int] | None:
    """(label, the token behind) of the one level at `index`: "L3", "Th 8", "T-12", "lumbar 4"."""
    if index >= len(passage.norms):
        return None
    label = _label(passage, index, taken)
    if label is not None:
        return label, index + 1
    text, word = passage.texts[index], passage.norms[index]
    if word in _REGIONS:
        return _number(passage, index + 1, _REGIONS[word])
    if text not in _LETTERS:
        return None
    hyphen = index + 1 < len(passage.norms) and passage.texts[index + 1] in HYPHENS
    place = index + 1 + hyphen
    number = _number(passage, place, _LETTERS[text])
    if number is None or (hyphen and passage.starts[place] != passage.end(index) + 1):
        return None
    near = passage.words(index - 3, index) + passage.words(place + 1, place + 3)
    spanned = hyphen and bool({"from", "to", "between"} & set(passage.words(index - 1, index)))
    return number if text == "Th" or spanned or _AROUND & set(near) else None


def _number(passage: Passage, index: int, letter: str) -> tuple[str, int] | None:
    """(label, the token behind) where the token at `index` is the number of such a vertebra, and no size."""
    text = passage.texts[index] if index < len(passage.norms) else ""
    behind = passage.words(index + 1, index + 2)
    sized = bool(behind) and (behind[0] in _UNITS or behind[0] in ("x", "\u00d7", "%"))
    return (letter + text, index + 1) if not sized and is_level(letter.casefold() + text) and text.isascii() else None


def _glued(text: str, index: int) -> LevelWord | None:
    """ "L5S1": two levels that nothing parts."""
    found = _GLUED.fullmatch(text)
    return LevelWord(index, index + 1, "-".join(found.groups()), False) if found else None


def _more_numbers(passage: Passage, word: LevelWord) -> Iterator[LevelWord]:
    """The levels of "L3, 4 and 5" behind the first."""
    last = word.last
    while not word.extent and "-" not in word.label:
        joined = passage.words(last, last + 1) in ([","], ["and"], ["&"])
        number = _number(passage, last + 1, word.label[0]) if joined else None
        if number is None or not _AFTER & set(passage.words(number[1], number[1] + 1) or ["."]):
            return
        yield LevelWord(last + 1, number[1], number[0], False)
        last = number[1]


def _label(passage: Passage, index: int, taken: frozenset[int]) -> str | None:
    word = passage.norms[index]
    if index in taken or not is_level(word) or not passage.texts[index][0].isupper():
        return None
    if word in ("t1", "t2") and not (names_level(passage, index) or _near_level(passage, index)):
        return None
    letters = word.rstrip("0123456789")
    return {"c": "C", "l": "L", "s": "S"}.get(letters, "T") + word[len(letters) :].lstrip("0")


def _near_level(passage: Passage, index: int) -> bool:
    near = passage.words(index - 2, index) + passage.words(index + 1, index + 3)
    return any(is_level(word) and word not in ("t1", "t2") for word in near)


def _ordinals(passage: Passage, index: int) -> LevelWord | None:
    """ "Fourth lumbar", "third to fifth thoracic"; the "fourth" of "fourth and fifth lumbar"."""
    number, last = _ordinal(passage, index)
    if number is None:
        return None
    sign = passage.words(last, last + 1)
    second, end = _ordinal(passage, last + 1) if sign and (sign[0] in _AND or sign[0] in HYPHENS) else (None, last)
    region = next((_REGIONS[word] for word in passage.words(end, end + 1) if word in _REGIONS), None)
    if region is None:
        return None
    if second is None or sign == ["and"]:
        return LevelWord(index, last if second else last + 1, f"{region}{number}", False)
    return LevelWord(index, end + 1, f"{region}{number}-{region}{second}", sign[0] in ("to", "through"))


def _ordinal(passage: Passage, index: int) -> tuple[int | None, int]:
    """(the number, the token behind) of "fourth" or "4th" at `index`."""
    word = passage.norms[index] if index < len(passage.norms) else ""
    if not word[:1].isdigit() and word not in _ORDINALS:
        return None, index
    words = passage.words(index, index + 2)
    for length in (2, 1):
        if len(words) >= length and (number := _ORDINALS.get("".join(words[:length]))) is not None:
            return number, index + length
    return None, index


def find_parts(
    passage: Passage, ranges: Sequence[tuple[int, int]], head: tuple[int, int], levels: Mapping[int, LevelWord]
) -> tuple[Part, ...]:
    """The places that the tokens of `ranges` name for the mention whose span is `head`, in order."""
    before: list[Part] = list(_suspended_sites(passage, head))
    after: list[Part] = []
    for first, last in ranges:
        if first >= last:
            continue
        for part in _parts_in(passage, first, last, levels):
            (before if last <= head[1] else after).append(part)
    premodifying = [part for part in before if part.site and not part.levels]
    if premodifying and any(part.site is None for part in after):
        site = " and ".join(dict.fromkeys(part.site for part in premodifying if part.site))
        after = [replace(part, site=part.site or site) for part in after]
        before = [part for part in before if part not in premodifying]
    return tuple(dict.fromkeys(before + after)) if before or after else ()


def _suspended_sites(passage: Passage, head: tuple[int, int]) -> Iterator[Part]:
    """ "prevertebral" of "pre- and left paravertebral"."""
    for index in range(head[0], head[1] - 3):
        half = passage.norms[index]
        if passage.texts[index + 1] not in HYPHENS or passage.norms[index + 2] not in ("and", "or"):
            continue
        for whole in passage.words(index + 3, index + 5):
            prefix = next((prefix for prefix in _PREFIXES if whole.startswith(prefix)), None)
            if prefix and half in _PREFIXES:
                yield Part(half + whole[len(prefix) :], (), None, "at")
                return


def _parts_in(passage: Passage, first: int, last: int, levels: Mapping[int, LevelWord]) -> list[Part]:
    parts: list[Part] = []
    relation, index, level_end = "at", first, -1
    known = places()
    while index < last:
        word = passage.norms[index]
        level = levels.get(index)
        hit = known.at(passage.norms, index, last) if level is None and word in known.openings else None
        if level is not None and level.last <= last:
            _add_level(parts, level, relation)
            index = level_end = level.last
        elif hit is not None:
            if not _is_short_form(passage, index, hit[0]):
                _add_site(parts, _named(passage, index, hit[1]), hit[1], relation, level_end == index)
            index = hit[0]
        else:
            relation = {"into": "into", "from": "from-to"}.get(word, "at" if word in _AT else relation)
            index += 1
    return parts


def _is_short_form(passage: Passage, first: int, last: int) -> bool:
    """Whether tokens `[first, last)` are the abbreviation, in brackets, of the place before: "carotid artery (ICA)"."""
    if (passage.words(first - 1, first), passage.words(last, last + 1)) != (["("], [")"]):
        return False
    hits = (places().at(passage.norms, at, first - 1) for at in range(max(first - 5, 0), first - 1))
    return passage.texts[first].isupper() and any(hit is not None and hit[0] == first - 1 for hit in hits)


def _named(passage: Passage, index: int, site: Site) -> str:
    """The site's name; a lobe of the lung with its side."""
    side = passage.norms[index - 1] if index else ""
    if site.group == "lung" and site.name.endswith("lobe") and side in ("left", "right"):
        return f"{side} {site.name}"
    return site.name


def _add_level(parts: list[Part], level: LevelWord, relation: str) -> None:
    extent = level.extent or (relation == "from-to" and "-" in level.label)
    how = "from-to" if extent else ("at" if relation == "from-to" else relation)
    if parts and not extent and (parts[-1].site is not None or parts[-1].levels) and parts[-1].relation != "from-to":
        parts[-1] = replace(parts[-1], levels=(*parts[-1].levels, level.label))
    else:
        parts.append(Part(None, (level.label,), "body" if extent else None, how))


def _add_site(parts: list[Part], name: str, site: Site, relation: str, behind_level: bool) -> None:
    if behind_level and parts and parts[-1].site is not None and name in _LEVEL_NOUNS:
        return
    if behind_level and parts and parts[-1].site is None:
        generic = name in _LEVEL_NOUNS and parts[-1].relation == "from-to"
        parts[-1] = replace(parts[-1], site=None if generic else name, kind=site.kind or parts[-1].kind)
        return
    how = "at" if relation == "from-to" else relation
    if not any(part.site == name and not part.levels for part in parts):
        parts.append(Part(name, (), site.kind, how))
