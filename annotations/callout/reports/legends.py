"""Legends of a caption: "1 = cavity", "*: abscess", "L, liver", "T denotes the tumour"."""

from __future__ import annotations

from callout.reports.anatomy import places
from callout.reports.lexicon import terms_lexicon
from callout.reports.marker_words import LONGEST_SIGN, POINTS, SIGNS, MarkerWord
from callout.reports.picture import is_level, picture_phrases
from callout.reports.tokens import HYPHENS, Passage

_SIGNS = frozenset(("=", ":", ","))
_OF_FIGURE = (["panel"], ["figure"], ["fig"], ["image"], ["row"], ["patient"], ["case"], ["day"], ["type"], ["grade"])


def parts_legend(word: str) -> bool:
    """Whether `word` (compared form) may stand behind what a legend explains."""
    return word in _SIGNS or word in HYPHENS or word in POINTS


def legend_at(passage: Passage, index: int) -> MarkerWord | None:
    """ "1 = cavity", "*: abscess", "1, cavity; 2, abscess", "L, liver", "T denotes the tumour"."""
    texts, word = passage.texts, passage.texts[index]
    if index + 1 == len(texts) or not parts_legend(passage.norms[index + 1]):
        return None
    after, legend = texts[index + 1], MarkerWord(index, index + 2, SIGNS.get(word, word.casefold()), False, True)
    if after in HYPHENS:
        apart = passage.starts[index + 1] > passage.end(index)
        return legend if apart and len(word) == 1 and _names_one(passage, index) else None
    if _is_none(passage, index, after):
        return None
    opens = index == 0 or texts[index - 1] in ";:.("
    letter = len(word) == 1 and passage.is_word(index)
    short = passage.is_word(index) and word[0].isupper() and len(word) <= LONGEST_SIGN
    if after in ("=", ":"):
        explained = _is_number(word) or letter or (short and _stands_for(passage, index))
    elif after == ",":
        listed = short and not word.islower() and _stands_for(passage, index)
        initial = letter and word.isupper() and _initials(passage, index)
        explained = opens and (_is_number(word) or listed or initial)
    else:
        explained = word == "*" or (letter and word.isupper() and word not in "AI" and opens)
    return legend if explained else None


def _is_none(passage: Passage, index: int, after: str) -> bool:
    """Whether the token at `index` is a vertebra, half a word, part of a sequence's name or of a figure's label."""
    before = passage.texts[index - 1] if index else ""
    if after == ":" and (is_level(passage.norms[index]) or before == "+"):  # "T1 + C: …" is no legend
        return True
    if before in HYPHENS and passage.end(index - 1) == passage.starts[index]:
        return True
    joined = passage.words(index - 1, index) in (["and"], ["&"])
    return passage.words(index - 1 - 2 * joined, index - 2 * joined) in _OF_FIGURE


def _names_one(passage: Passage, index: int) -> bool:
    """Whether the sign at `index` opens a clause that has nothing but a finding or a place: "B \u2013 thrombus;"."""
    if (index and passage.texts[index - 1] not in ";:,.(") or not (passage.texts[index].isalnum()):
        return False
    for table in (terms_lexicon(), places()):
        for first in range(index + 2, min(index + 4, len(passage.norms))):
            hit = table.at(passage.norms, first, len(passage.norms))
            if hit is not None and passage.words(hit[0], hit[0] + 1) in ([], [";"], ["."], [","], [")"]):
                return True
    return False


def _initials(passage: Passage, index: int) -> bool:
    """Whether the letter is the first of a finding that stands behind its comma, up to the next sign: "M, mass;"."""
    after = index + 2
    if after >= len(passage.norms) or not passage.norms[after].startswith(passage.norms[index]):
        return False
    hit = terms_lexicon().at(passage.norms, after, len(passage.norms))
    return hit is not None and passage.words(hit[0], hit[0] + 1) in ([], [";"], ["."], [","], [")"])


def _stands_for(passage: Passage, index: int) -> bool:
    """Whether the token is no word of technique and the name of a place follows its sign: "LV = left ventricle"."""
    told = picture_phrases().at(passage.norms, index, index + 1)
    return told is None and _names_place(passage, index + 2)


def _is_number(text: str) -> bool:
    return text in ("*", "#", "\u2020", "\u2021", "\u00a7") or (text.isdigit() and len(text) < 3)


def _names_place(passage: Passage, index: int) -> bool:
    """Whether the name of a place stands at `index`, behind a side."""
    for first in range(index, min(index + 3, len(passage.norms))):
        if places().at(passage.norms, first, len(passage.norms)) is not None:
            return True
        if passage.norms[first] not in ("left", "right", "the", "normal"):
            return False
    return False
