"""Legends of a caption: "1 = cavity", "*: abscess", "L, liver", "T denotes the tumour"."""

from __future__ import annotations

from callout.reports.anatomy import places
from callout.reports.lexicon import terms_lexicon
from callout.reports.marker_words import LONGEST_SIGN, POINTS, SIGNS, MarkerWord
from callout.reports.picture import is_level, picture_phrases
from callout.reports.tokens import HYPHENS, Passage

_OF_FIGURE = (["panel"], ["figure"], ["fig"], ["image"], ["row"], ["patient"], ["case"], ["day"], ["type"], ["grade"])


def legend_at(passage: Passage, index: int) -> MarkerWord | None:
    """ "1 = cavity", "*: abscess", "1, cavity; 2, abscess", "L, liver", "T denotes the tumour"."""
    token = passage.tokens[index]
    after = passage.tokens[index + 1] if index + 1 < len(passage.tokens) else token
    if after.text in HYPHENS and after.start > token.end and len(token.text) == 1 and _names_one(passage, index):
        return MarkerWord(index, index + 2, SIGNS.get(token.text, token.text.casefold()), False, True)
    if (after.text not in ("=", ":", ",") and after.norm not in POINTS) or (after.text == ":" and is_level(token.norm)):
        return None
    joined = passage.words(index - 1, index) in (["and"], ["&"])
    if index and passage.tokens[index - 1].text in HYPHENS and passage.tokens[index - 1].end == token.start:
        return None
    if passage.words(index - 1 - 2 * joined, index - 2 * joined) in _OF_FIGURE:
        return None
    if index and after.text == ":" and passage.tokens[index - 1].text == "+":  # "T1 + C: …" is no legend
        return None
    opens = index == 0 or passage.tokens[index - 1].text in ";:.("
    letter = len(token.text) == 1 and token.is_word
    short = token.is_word and token.text[0].isupper() and len(token.text) <= LONGEST_SIGN
    if after.text in ("=", ":") and (_is_number(token.text) or letter or (short and _stands_for(passage, index))):
        return MarkerWord(index, index + 2, SIGNS.get(token.text, token.text.casefold()), False, True)
    listed = short and not token.text.islower() and _stands_for(passage, index)
    if after.text == "," and opens and (_is_number(token.text) or listed):
        return MarkerWord(index, index + 2, SIGNS.get(token.text, token.text.casefold()), False, True)
    if after.text == "," and opens and letter and token.text.isupper() and _initials(passage, index):
        return MarkerWord(index, index + 2, token.text.casefold(), False, True)
    pointing = token.text == "*" or (letter and token.text.isupper() and token.text not in "AI" and opens)
    if pointing and after.norm in POINTS:
        return MarkerWord(index, index + 2, SIGNS.get(token.text, token.text.casefold()), False, True)
    return None


def _names_one(passage: Passage, index: int) -> bool:
    """Whether the sign at `index` opens a clause that has nothing but a finding or a place: "B \u2013 thrombus;"."""
    if (index and passage.tokens[index - 1].text not in ";:,.(") or not (passage.tokens[index].text.isalnum()):
        return False
    for table in (terms_lexicon(), places()):
        for first in range(index + 2, min(index + 4, len(passage.tokens))):
            hit = table.at(passage.tokens, first, len(passage.tokens))
            if hit is not None and passage.words(hit[0], hit[0] + 1) in ([], [";"], ["."], [","], [")"]):
                return True
    return False


def _initials(passage: Passage, index: int) -> bool:
    """Whether the letter is the first of a finding that stands behind its comma, up to the next sign: "M, mass;"."""
    after = index + 2
    if after >= len(passage.tokens) or not passage.tokens[after].norm.startswith(passage.tokens[index].norm):
        return False
    hit = terms_lexicon().at(passage.tokens, after, len(passage.tokens))
    return hit is not None and passage.words(hit[0], hit[0] + 1) in ([], [";"], ["."], [","], [")"])


def _stands_for(passage: Passage, index: int) -> bool:
    """Whether the token is no word of technique and the name of a place follows its sign: "LV = left ventricle"."""
    told = picture_phrases().at(passage.tokens, index, index + 1)
    return told is None and _names_place(passage, index + 2)


def _is_number(text: str) -> bool:
    return text in ("*", "#", "\u2020", "\u2021", "\u00a7") or (text.isdigit() and len(text) < 3)


def _names_place(passage: Passage, index: int) -> bool:
    """Whether the name of a place stands at `index`, behind a side."""
    for first in range(index, min(index + 3, len(passage.tokens))):
        if places().at(passage.tokens, first, len(passage.tokens)) is not None:
            return True
        if passage.tokens[first].norm not in ("left", "right", "the", "normal"):
            return False
    return False
