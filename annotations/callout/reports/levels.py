"""Vertebral levels in a text, and the places that a mention names with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
_LETTERS = {"C": "C", "T": "T", "Th": "T", "TH": "T", "D": "T", "L": "L", "S": "S"}
_AROUND = word_set("level vertebra vertebral body bodies disc at of lumbar thoracic cervical sacral")
_AT = word_set(
    """
    at in within involving of on around along over inside throughout
    """
)
_PREFIXES = ("pre", "para", "peri", "intra", "extra", "retro", "sub", "supra", "infra", "endo", "epi")
_LEVEL_NOUNS = frozenset(("vertebra", "level", "vertebral body"))


@dataclass(frozen=True, slots=True)
class LevelWord:
    """Tokens `[first, last)` that name a level ("L3") or a span of them ("L1-L2"); `extent` for "L1 to L2"."""

    first: int
    last: int
    label: str
    extent: bool


def find_levels(passage: Passage, taken: frozenset[int]) -> dict[int, LevelWord]:
    """The levels that `passage` names, by their first token; `taken` tokens are none (T1-weighted)."""
    found: dict[int, LevelWord] = {}
    index = 0
    while index < len(passage.tokens):
        word = _level_at(passage, index, taken)
        if word is None:
            index += 1
        else:
            found[index] = word
            index = word.last
    return found


def _level_at(passage: Passage, index: int, taken: frozenset[int]) -> LevelWord | None:
    parted = _parted(passage, index)
    if parted is not None:
        return parted
    label = _label(passage, index, taken)
    if label is None:
        return _ordinal(passage, index)
    tokens = passage.tokens
    if index + 2 < len(tokens) and (
        tokens[index + 1].text in HYPHENS or tokens[index + 1].norm in ("/", "to", "through")
    ):
        sign, other = tokens[index + 1], tokens[index + 2]
        second = _label(passage, index + 2, taken)
        if second is None and other.text.isdigit() and sign.norm not in ("to", "through") and int(other.text) < 13:
            second = label[0] + other.text
        if second is not None:
            return LevelWord(index, index + 3, f"{label}-{second}", sign.norm in ("to", "through"))
    if passage.words(index + 1, index + 2) in (["on"], ["over"], ["upon"]) and index + 2 < len(tokens):
        second = _label(passage, index + 2, taken)
        if second is not None:
            return LevelWord(index, index + 3, f"{label}-{second}", False)
    if index and tokens[index - 1].norm == "between" and passage.words(index + 1, index + 2) == ["and"]:
        second = _label(passage, index + 2, taken) if index + 2 < len(tokens) else None
        if second is not None:
            return LevelWord(index, index + 3, f"{label}-{second}", True)
    return LevelWord(index, index + 1, label, False)


def _parted(passage: Passage, index: int) -> LevelWord | None:
    """ "Th 8", "L 4-5": a level whose number stands apart, where words of levels are around it."""
    letters, number = passage.tokens[index], passage.words(index + 1, index + 2)
    if letters.text not in _LETTERS or not number or not is_level(letters.norm + number[0]):
        return None
    near = passage.words(index - 3, index) + passage.words(index + 2, index + 4)
    if letters.text != "Th" and not _AROUND & set(near):
        return None
    label = _LETTERS[letters.text] + number[0]
    second = passage.words(index + 2, index + 4)
    if len(second) == 2 and (second[0] in HYPHENS or second[0] == "/") and second[1].isdigit() and int(second[1]) < 13:
        return LevelWord(index, index + 4, f"{label}-{label[0]}{second[1]}", False)
    return LevelWord(index, index + 2, label, False)


def _label(passage: Passage, index: int, taken: frozenset[int]) -> str | None:
    word = passage.tokens[index].norm
    if index in taken or not is_level(word) or not passage.tokens[index].text[0].isupper():
        return None
    if word in ("t1", "t2") and not (names_level(passage, index) or _near_level(passage, index)):
        return None
    letters = word.rstrip("0123456789")
    return {"c": "C", "l": "L", "s": "S"}.get(letters, "T") + word[len(letters) :].lstrip("0")


def _near_level(passage: Passage, index: int) -> bool:
    near = passage.words(index - 2, index) + passage.words(index + 1, index + 3)
    return any(is_level(word) and word not in ("t1", "t2") for word in near)


def _ordinal(passage: Passage, index: int) -> LevelWord | None:
    words = passage.words(index, index + 3)
    joined = "".join(words[:2]) if words[0].isdigit() else words[0]
    region = words[2:3] if words[0].isdigit() else words[1:2]
    if joined not in _ORDINALS or not region or region[0] not in _REGIONS:
        return None
    last = index + (3 if words[0].isdigit() else 2)
    return LevelWord(index, last, f"{_REGIONS[region[0]]}{_ORDINALS[joined]}", False)


def find_parts(
    passage: Passage, ranges: Sequence[tuple[int, int]], head: tuple[int, int], levels: Mapping[int, LevelWord]
) -> tuple[Part, ...]:
    """The places that the tokens of `ranges` name for the mention whose span is `head`, in order."""
    before: list[Part] = list(_suspended_sites(passage, head))
    after: list[Part] = []
    for first, last in ranges:
        for part in _parts_in(passage, first, last, levels):
            (before if last <= head[1] else after).append(part)
    premodifying = [part for part in before if part.site and not part.levels]
    if premodifying and any(part.site is None for part in after):
        site = " and ".join(dict.fromkeys(part.site for part in premodifying if part.site))
        after = [replace(part, site=part.site or site) for part in after]
        before = [part for part in before if part not in premodifying]
    return tuple(dict.fromkeys(before + after))


def _suspended_sites(passage: Passage, head: tuple[int, int]) -> Iterator[Part]:
    """ "prevertebral" of "pre- and left paravertebral"."""
    for index in range(head[0], head[1] - 3):
        half, hyphen = passage.tokens[index], passage.tokens[index + 1]
        if hyphen.text not in HYPHENS or passage.tokens[index + 2].norm not in ("and", "or"):
            continue
        for whole in passage.words(index + 3, index + 5):
            prefix = next((prefix for prefix in _PREFIXES if whole.startswith(prefix)), None)
            if prefix and half.norm in _PREFIXES:
                yield Part(half.norm + whole[len(prefix) :], (), None, "at")
                return


def _parts_in(passage: Passage, first: int, last: int, levels: Mapping[int, LevelWord]) -> list[Part]:
    parts: list[Part] = []
    relation, index, level_end = "at", first, -1
    while index < last:
        word = passage.tokens[index].norm
        level = levels.get(index)
        hit = None if level else places().at(passage.tokens, index, last)
        if level is not None and level.last <= last:
            _add_level(parts, level, relation)
            index = level_end = level.last
        elif hit is not None:
            _add_site(parts, _named(passage, index, hit[1]), hit[1], relation, level_end == index)
            index = hit[0]
        else:
            relation = {"into": "into", "from": "from-to"}.get(word, "at" if word in _AT else relation)
            index += 1
    return parts


def _named(passage: Passage, index: int, site: Site) -> str:
    """The site's name; a lobe of the lung with its side."""
    side = passage.tokens[index - 1].norm if index else ""
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
