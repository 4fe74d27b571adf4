"""The words that name what is drawn on a picture: "(1)", "(white arrows)", "*", "1 = cavity", "arrows show …"."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from callout.reports.anatomy import places
from callout.reports.lexicon import terms_lexicon
from callout.reports.model import PanelSpan
from callout.reports.picture import is_level, picture_phrases
from callout.reports.tokens import HYPHENS, Passage
from callout.terms.words import word_set

_KINDS = {
    "arrow": "arrow", "arrowhead": "arrowhead", "asterisk": "*", "star": "*", "triangle": "arrowhead",
    "line": "line", "circle": "circle", "asterix": "*", "ring": "circle", "arrowed": "arrow",
    "caliper": "calipers", "box": "box", "ellipse": "ellipse", "rectangle": "rectangle", "square": "square",
    "cross": "cross", "diamond": "diamond", "pointer": "pointer", "asterisc": "*", "asteriks": "*", "arow": "arrow",
    "oval": "oval", "dot": "dot", "curve": "curve", "bracket": "bracket", "frame": "frame",
    "outline": "outline",
}  # fmt: skip
_SIGNS = {
    "*": "*", "\u2217": "*", "\u2605": "*", "\u2606": "*", "\u2731": "*", "\u2192": "arrow", "\u2190": "arrow",
    "\u2191": "arrow", "\u2193": "arrow", "\u21d2": "arrow", "\u27a4": "arrowhead", "\u25ba": "arrowhead",
    "\u25b2": "arrowhead", "\u25b3": "arrowhead", "\u25b6": "arrowhead", "\u25bc": "arrowhead",
    "\u25bd": "arrowhead", "#": "#", "+": "+", "\u2020": "\u2020",
    "\u2021": "\u2021", "\u00a7": "\u00a7", "\u2736": "*", "\u204e": "*", "\uff0a": "*", "\u2794": "arrow",
    "\u279c": "arrow", "\u21e8": "arrow", "\u27f6": "arrow", "\u27a1": "arrow", "\u25c4": "arrowhead",
    "\u25c0": "arrowhead", "\u25b8": "arrowhead",
}  # fmt: skip
_MARKED = word_set(
    """
    indicated marked shown pointed denoted highlighted labeled outlined depicted demonstrated identified
    designated seen see delineated encircled circled pinpointed represented arrowed visualized noted note
    """
)
_LOOKS = word_set(
    """
    white black red yellow green blue orange purple pink cyan magenta curved straight large small long short
    big thick thin open solid hollow dashed dotted double single notched filled empty bold block blank light
    dark gray brown violet broad wide outlined upper lower golden turquoise vertical horizontal bent fat tailed
    narrow hatched slim paired tiny thinner thicker larger smaller longer shorter closed full medium
    oblique obliquely oriented angled slanted wavy zigzag
    """
)
# These are named in the run of a sentence too; the others only where a colour or a verb shows that they are markers.
_IN_SENTENCE = frozenset(("arrow", "arrowhead", "asterisk", "star", "asterix"))
_COLOURS = word_set("white black red yellow green blue orange purple pink cyan magenta gray")
_POINTS = word_set(
    """
    show indicate point demonstrate mark denote depict reveal highlight showing indicating pointing represent
    representing identify identifying outline outlining delineate delineating designate marking denoting
    demonstrating depicting highlighting correspond localize illustrate signify label surround showed indicated
    pointed demonstrates
    """
)
_OF_FIGURE = (["panel"], ["figure"], ["fig"], ["image"], ["row"])
_INSIDE = (["within", "the"], ["inside", "the"], ["in", "the"], ["within", "a"], ["inside", "a"])
_OUTLINES = frozenset(("circle", "box", "ellipse", "oval", "rectangle", "square", "frame"))
_BY = frozenset(("by", "with", "a", "an", "the", "at", "as", "in", "within", "inside"))
# What may stand between a marker and its verb is looked through this far.
_VERB_WITHIN = 8
_ENDS = frozenset((".", ",", ";", ")", "]"))
_LONGEST_BRACKET = 14


@dataclass(frozen=True, slots=True)
class MarkerWord:
    """Tokens `[first, last)`, brackets included, that name a marker; `before`: what it marks comes after it."""

    first: int
    last: int
    marker: str
    plural: bool
    before: bool

    @property
    def is_letters(self) -> bool:
        """Whether it is a letter, or an abbreviation, of what it stands for."""
        return self.marker.isalpha() and len(self.marker) < 4


@dataclass(frozen=True, slots=True)
class _Noun:
    """Tokens `[first, last)` that are a marker's name: "white arrows"."""

    last: int
    marker: str
    plural: bool


def find_markers(passage: Passage, panels: Sequence[PanelSpan]) -> list[MarkerWord]:
    """The markers named in `passage`, in order; labels of panels are none."""
    labels = {panel.start for panel in panels}
    letters = {panel.label for panel in panels} if len(panels) > 1 else set()
    lettered = _has_letters(passage, labels)
    found: list[MarkerWord] = []
    index = 0
    while index < len(passage.tokens):
        word = _marker_at(passage, index, lettered, found)
        if word is not None and len(word.marker) == 1 and _is_panel(passage, index, labels, letters):
            word = None
        if word is None:
            index += 1
        else:
            found.append(word)
            index = word.last
    return found


def _is_panel(passage: Passage, index: int, labels: set[int], letters: set[str]) -> bool:
    """Whether the sign at `index` is a panel's label, or names the panel again: "on late images (b)"."""
    tokens = passage.tokens
    if tokens[index].start in labels:
        return True
    if tokens[index].text in letters:
        return index > 0 and tokens[index - 1].text in (*HYPHENS, ",", "and", "&")
    if tokens[index].text not in "([" or tokens[index + 1].text not in letters:
        return False
    letter = tokens[index + 1].text
    return letter.islower() or not index or tokens[index - 1].norm[:1] != letter.casefold()


def _has_letters(passage: Passage, labels: set[int]) -> bool:
    """Whether a single letter in brackets stands for something: then abbreviations may do so too."""
    tokens = passage.tokens
    return any(
        len(token.text) == 1
        and token.text.isupper()
        and tokens[index - 1].text == "("
        and tokens[index - 1].start not in labels
        and passage.words(index + 1, index + 2) == [")"]
        for index, token in enumerate(tokens)
        if index
    )


def _marker_at(passage: Passage, index: int, lettered: bool, found: Sequence[MarkerWord]) -> MarkerWord | None:
    if passage.tokens[index].text in "([":
        return _bracketed(passage, index, lettered)
    return _in_run(passage, index, found) or _legend(passage, index) or _said(passage, index)


def _bracketed(passage: Passage, index: int, lettered: bool) -> MarkerWord | None:
    tokens, end = passage.tokens, index + 1
    while end < len(tokens) and tokens[end].text not in ")]" and end < index + _LONGEST_BRACKET:
        end += 1
    if end >= len(tokens) or tokens[end].text not in ")]":
        return None
    starts = sentence_at(passage, index)[0] == index or tokens[index - 1].norm in (";", ":")
    if end == index + 2:
        name = tokens[index + 1].text
        square = tokens[index].text == "["
        if name in _SIGNS or (len(name) == 1 and name.isalpha()) or (name.isdigit() and len(name) < 3 and not square):
            return MarkerWord(index, end + 1, _SIGNS.get(name, name.casefold()), False, starts)
        if _abbreviates(passage, index + 1, lettered):
            return MarkerWord(index, end + 1, name.casefold(), False, starts)
    labelled = len(tokens[index + 1].text) == 1 and tokens[index + 2].text == ":"
    if any(token.text in (":", "=") for token in tokens[index + 1 + 2 * labelled : end]):
        return None
    inside = [token.text for token in tokens[index + 1 : end]]
    sign = _SIGNS.get(inside[0]) if len(inside) in (2, 3) else None
    twice = sign is not None and inside == inside[:1] * len(inside)
    named = (sign * len(inside) if twice else sign, False) if sign else _first_in(passage, index + 1, end)
    return MarkerWord(index, end + 1, named[0], named[1], False) if named else None


def _abbreviates(passage: Passage, index: int, lettered: bool) -> bool:
    """Whether the token is letters that stand on a picture for the words before: "stomach (St)", not "(MRI)"."""
    name = passage.tokens[index].text
    if not (2 <= len(name) <= 3 and name.isalpha() and name[0].isupper()):
        return False
    if not (lettered or (name[1:].islower() and len(name) == 2)):
        return False
    known = (table.at(passage.tokens, index, index + 1) for table in (terms_lexicon(), picture_phrases()))
    initials = [word[0] for word in passage.words(index - 4, index - 1) if word]
    return not any(known) and name[0].casefold() in initials


def _first_in(passage: Passage, first: int, last: int) -> tuple[str, bool] | None:
    """("white arrow", whether there are several) of the first such words in `[first, last)`."""
    for index in range(first, last):
        named = passage.words(index + 1, index + 2) == ["sign"]
        if passage.tokens[index].norm in _KINDS and not named and not _describes(passage, index, last):
            start = index
            while start > first and _is_look(passage, start - 1):
                start -= 1
            kind, plural, _ = _kind(passage, index, last)
            said = [token.text.casefold() for token in passage.tokens[start:index] if token.is_word]
            return " ".join([*said, kind]), plural
    return None


def _is_look(passage: Passage, index: int) -> bool:
    """Whether the token at `index` says how a marker looks, or joins such words."""
    token = passage.tokens[index]
    if token.norm == "and" or token.text == ",":
        return index > 0 and passage.tokens[index - 1].norm in _LOOKS
    return token.norm in _LOOKS or token.norm == "line" or token.text in HYPHENS


def _describes(passage: Passage, index: int, last: int) -> bool:
    """Whether a line only says what an arrow looks like: "solid line double arrow"."""
    after = next((word for word in passage.words(index + 1, last) if word not in _LOOKS), "")
    return passage.tokens[index].norm == "line" and after in ("arrow", "arrowhead")


def _kind(passage: Passage, index: int, last: int) -> tuple[str, bool, int]:
    """(kind, whether there are several, the token behind) of the marker that is named at `index`."""
    word = passage.tokens[index].norm
    kind, plural = _KINDS[word], passage.tokens[index].text.casefold().endswith("s")
    heads = [place for place in range(index + 1, min(index + 3, last)) if passage.tokens[place].norm == "head"]
    if word == "arrow" and heads and (heads[0] == index + 1 or passage.tokens[index + 1].text in HYPHENS):
        return "arrowhead", passage.tokens[heads[0]].text.endswith("s"), heads[0] + 1
    return kind, plural, index + 1


def _noun(passage: Passage, index: int, said: bool = False) -> _Noun | None:
    """The name of a marker that starts at `index`: how it looks, then what it is; `said` to be one by words before."""
    first = passage.tokens[index].norm
    if first not in _LOOKS and first not in _KINDS:
        return None
    looks: list[str] = []
    end = index
    while end < len(passage.tokens) and len(looks) < 4:
        token = passage.tokens[end]
        if token.norm in _LOOKS:
            looks.append(token.text.casefold())
        elif not (looks and token.text in HYPHENS):
            break
        end += 1
    if end >= len(passage.tokens) or passage.tokens[end].norm not in _KINDS:
        return None
    told = said or bool(_COLOURS & set(looks)) or passage.words(end + 1, end + 2) in ([":"], ["="])
    if passage.tokens[end].norm not in _IN_SENTENCE and not told:
        return None
    kind, plural, last = _kind(passage, end, len(passage.tokens))
    return _Noun(last, " ".join([*looks, kind]), plural)


def _in_run(passage: Passage, index: int, found: Sequence[MarkerWord]) -> MarkerWord | None:
    """ "The white arrows show", "arrow in (b): ", "…, arrow": markers in the run of a sentence."""
    tokens = passage.tokens
    noun = _noun(passage, index)
    if noun is None:
        return None
    opens = index == sentence_at(passage, index)[0] or tokens[index - 1].text in ";:("
    after = tokens[noun.last].norm if noun.last < len(tokens) else "."
    verb = _verb(passage, noun.last)
    if verb is not None:
        return MarkerWord(index, verb + 1, noun.marker, noun.plural, True)
    if (opens and after == ",") or after in HYPHENS:
        return MarkerWord(index, noun.last + 1, noun.marker, noun.plural, True)
    if found and found[-1].before and _goes_on(passage, index, noun.last, found[-1]):
        return MarkerWord(index, noun.last, noun.marker, noun.plural, True)
    if passage.words(index - 2, index) in _INSIDE and noun.marker.split()[-1] in _OUTLINES:
        return MarkerWord(index, noun.last, noun.marker, noun.plural, False)
    ends = after in _ENDS or after == "and"
    if ends and index and (tokens[index - 1].text in (",", *HYPHENS) or tokens[index - 1].norm in ("by", "at", "with")):
        return MarkerWord(index, noun.last, noun.marker, noun.plural, False)
    return None


def _verb(passage: Passage, first: int) -> int | None:
    """Where the verb, or the sign, stands that says what a marker before `first` shows."""
    depth = 0
    for index in range(first, min(first + _VERB_WITHIN, len(passage.tokens))):
        word = passage.tokens[index].norm
        depth += (word == "(") - (word == ")")
        if word in _POINTS or word in ("=", ":"):
            return index
        if depth < 0 or (depth == 0 and (word in _ENDS - {")", "]"} or _is_named(passage, index))):
            return None
    return None


def _is_named(passage: Passage, index: int) -> bool:
    return passage.tokens[index].norm not in _KINDS and (
        terms_lexicon().at(passage.tokens, index, len(passage.tokens)) is not None
    )


def _goes_on(passage: Passage, index: int, last: int, earlier: MarkerWord) -> bool:
    """Whether the verb of an earlier marker is understood: "… and the black arrow the stone"."""
    if sentence_at(passage, earlier.first) != sentence_at(passage, index):
        return False
    joined = {",", ";", "and", "while", "whereas"} & set(passage.words(index - 2, index))
    return bool(joined) and passage.words(last, last + 1) in (["to"], ["the"], ["a"], ["an"], ["at"], ["on"])


def _said(passage: Passage, index: int) -> MarkerWord | None:
    """ "marked by a white arrow", "see arrows": markers named in the run of the sentence, behind what they mark."""
    if passage.tokens[index].norm not in _MARKED:
        return None
    first = index + 1
    while first < len(passage.tokens) and passage.tokens[first].norm in _BY:
        first += 1
    bare = first == index + 1
    if bare and passage.tokens[index].norm not in ("see", "note"):
        return None
    noun = (
        _noun(passage, first, bool({"by", "with"} & set(passage.words(index, first))))
        if first < len(passage.tokens)
        else None
    )
    if noun is None and passage.words(first, first + 1) == ["*"]:
        noun = _Noun(first + 1, "*", False)
    if noun is None or (bare and _verb(passage, noun.last) is not None):
        return None
    return MarkerWord(index, noun.last, noun.marker, noun.plural, False)


def _legend(passage: Passage, index: int) -> MarkerWord | None:
    """ "1 = cavity", "*: abscess", "1, cavity; 2, abscess", "L, liver", "T denotes the tumour"."""
    token = passage.tokens[index]
    after = passage.tokens[index + 1] if index + 1 < len(passage.tokens) else token
    if after.text in HYPHENS and after.start > token.end and len(token.text) == 1 and _names_one(passage, index):
        return MarkerWord(index, index + 2, _SIGNS.get(token.text, token.text.casefold()), False, True)
    if (after.text not in ("=", ":", ",") and after.norm not in _POINTS) or (
        after.text == ":" and is_level(token.norm)
    ):
        return None
    joined = passage.words(index - 1, index) in (["and"], ["&"])
    if index and passage.tokens[index - 1].text in HYPHENS and passage.tokens[index - 1].end == token.start:
        return None
    if passage.words(index - 1 - 2 * joined, index - 2 * joined) in _OF_FIGURE:
        return None
    opens = index == 0 or passage.tokens[index - 1].text in ";:.("
    letter = len(token.text) == 1 and token.is_word
    short = token.is_word and token.text[0].isupper() and len(token.text) < 4
    if after.text in ("=", ":") and (_is_number(token.text) or letter or (short and _stands_for(passage, index))):
        return MarkerWord(index, index + 2, _SIGNS.get(token.text, token.text.casefold()), False, True)
    listed = short and not token.text.islower() and _stands_for(passage, index)
    if after.text == "," and opens and (_is_number(token.text) or listed):
        return MarkerWord(index, index + 2, _SIGNS.get(token.text, token.text.casefold()), False, True)
    if after.text == "," and opens and letter and token.text.isupper() and _initials(passage, index):
        return MarkerWord(index, index + 2, token.text.casefold(), False, True)
    pointing = token.text == "*" or (letter and token.text.isupper() and token.text not in "AI" and opens)
    if pointing and after.norm in _POINTS:
        return MarkerWord(index, index + 2, _SIGNS.get(token.text, token.text.casefold()), False, True)
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


def sentence_at(passage: Passage, index: int) -> tuple[int, int]:
    """`[first, last)` of the sentence that holds the token `index`."""
    return passage.sentences[bisect_right(passage.sentences, (index, len(passage.tokens))) - 1]
