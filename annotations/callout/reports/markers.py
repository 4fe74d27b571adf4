"""The words that name what is drawn on a picture: "(1)", "(white arrows)", "*", "1 = cavity", "arrows show …"."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from callout.reports.anatomy import makes_term, places
from callout.reports.legends import legend_at, parts_legend
from callout.reports.lexicon import terms_lexicon
from callout.reports.marker_words import KINDS, LONGEST_SIGN, LOOKS, MARKED, POINTS, SIGNS, MarkerWord
from callout.reports.model import PanelSpan
from callout.reports.picture import picture_phrases
from callout.reports.tokens import HYPHENS, Passage
from callout.terms.words import word_set

# These are named in the run of a sentence too; the others only where a colour or a verb shows that they are markers.
_IN_SENTENCE = frozenset(("arrow", "arrowhead", "asterisk", "star", "asterix"))
_COLOURS = word_set("white black red yellow green blue orange purple pink cyan magenta gray")
_INSIDE = (["within", "the"], ["inside", "the"], ["in", "the"], ["within", "a"], ["inside", "a"])
_OUTLINES = frozenset(("circle", "box", "ellipse", "oval", "rectangle", "square", "frame"))
_BY = frozenset(("by", "with", "a", "an", "the", "at", "as", "in", "within", "inside"))
# What may stand between a marker and its verb is looked through this far.
_VERB_WITHIN = 8
_ENDS = frozenset((".", ",", ";", ")", "]"))
_LONGEST_BRACKET = 14
_DETERMINERS = frozenset(("a", "an", "the", "with"))
_JOINS = frozenset(("and", "or", "is", "are", "was", "were", "in", "of"))
_LETTERED = frozenset(("marked", "labeled", "denoted", "designated", "indicated"))
_NAMED = LOOKS | KINDS.keys()
_OPENING = _NAMED | MARKED | {"(", "["}


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
    named, signed = passage.where(_opens), passage.where(parts_legend)
    short = [index - 1 for index in signed if index and len(passage.texts[index - 1]) <= LONGEST_SIGN]
    for index in sorted({*named, *short}):
        word = _marker_at(passage, index, lettered, found) if not found or index >= found[-1].last else None
        if word is not None and not (len(word.marker) == 1 and _is_panel(passage, index, labels, letters)):
            found.append(word)
    return found


def _opens(word: str) -> bool:
    """Whether a marker may be named from `word` (compared form) on: most are looked at no further."""
    return word in _OPENING


def _is_panel(passage: Passage, index: int, labels: set[int], letters: set[str]) -> bool:
    """Whether the sign at `index` is a panel's label, or names the panel again: "on late images (b)"."""
    texts = passage.texts
    if passage.starts[index] in labels:
        return True
    if texts[index] in letters:
        return index > 0 and texts[index - 1] in (*HYPHENS, ",", "and", "&")
    if texts[index] not in "([" or texts[index + 1] not in letters:
        return False
    letter = texts[index + 1]
    return letter.islower() or not index or passage.norms[index - 1][:1] != letter.casefold()


def _has_letters(passage: Passage, labels: set[int]) -> bool:
    """Whether a letter in brackets stands for something, or two abbreviations for places: then others may do so too."""
    bracketed = [index for index in passage.places.get("(", ()) if passage.words(index + 2, index + 3) == [")"]]
    if len(list(islice((index for index in bracketed if _is_short_place(passage, index)), 2))) == 2:
        return True
    return any(
        len(passage.texts[index + 1]) == 1
        and passage.texts[index + 1].isupper()
        and passage.starts[index] not in labels
        for index in bracketed
    )


def _is_short_place(passage: Passage, index: int) -> bool:
    """Whether the bracket at `index` holds the abbreviation of the place directly before it: "left atrium (LA)"."""
    text = passage.texts[index + 1]
    if not (1 < len(text) < 4 and text.isupper()):
        return False
    hits = (places().at(passage.norms, first, index) for first in range(max(index - 4, 0), index))
    return any(hit is not None and hit[0] == index for hit in hits)


def _marker_at(passage: Passage, index: int, lettered: bool, found: Sequence[MarkerWord]) -> MarkerWord | None:
    if passage.texts[index] in "([":
        return _bracketed(passage, index, lettered, found)
    word = passage.norms[index]
    named = _in_run(passage, index, found) if word in _NAMED else None
    if named is None and len(passage.texts[index]) <= LONGEST_SIGN:
        named = legend_at(passage, index)
    return named or (_said(passage, index) if word in MARKED else None)


def _bracketed(passage: Passage, index: int, lettered: bool, found: Sequence[MarkerWord]) -> MarkerWord | None:
    texts, end = passage.texts, index + 1
    while end < len(texts) and texts[end] not in ")]" and end < index + _LONGEST_BRACKET:
        end += 1
    if end >= len(texts) or texts[end] not in ")]" or end == index + 1:
        return None
    if end == index + 2:
        starts = _leads(passage, index, end + 1, found)
        name = texts[index + 1]
        square = texts[index] == "["
        if name in SIGNS or (len(name) == 1 and name.isalpha()) or (name.isdigit() and len(name) < 3 and not square):
            return MarkerWord(index, end + 1, SIGNS.get(name, name.casefold()), False, starts)
        if _abbreviates(passage, index + 1, lettered):
            return MarkerWord(index, end + 1, name.casefold(), False, starts)
    labelled = len(texts[index + 1]) == 1 and texts[index + 2] == ":"
    if not {":", "="}.isdisjoint(texts[index + 1 + 2 * labelled : end]):
        return None
    inside = texts[index + 1 : end]
    if len(inside) > 2 and len(inside[0]) == 1 and inside[0].isupper() and inside[1] == "," and inside[2][0].isdigit():
        return MarkerWord(index, end + 1, inside[0].casefold(), False, False)  # "a cyst (C, 3.4 cm)"
    sign = SIGNS.get(inside[0]) if len(inside) in (2, 3) else None
    twice = sign is not None and inside == inside[:1] * len(inside)
    named = (sign * len(inside) if twice else sign, False) if sign else _first_in(passage, index + 1, end)
    return MarkerWord(index, end + 1, named[0], named[1], False) if named else None


def _leads(passage: Passage, index: int, last: int, found: Sequence[MarkerWord]) -> bool:
    """Whether the bracket `[index, last)` stands before what it marks: "(1) a mass, (2) a cyst", "shows (1) a mass"."""
    before = passage.norms[index - 1] if index else ";"
    if sentence_at(passage, index)[0] == index or before in (";", ":"):
        return True
    if last == len(passage.norms) or not passage.is_word(last) or passage.norms[last] in POINTS | _JOINS:
        return False
    goes_on = bool(found) and found[-1].before and sentence_at(passage, found[-1].first) == sentence_at(passage, index)
    return before in POINTS | _DETERMINERS or (goes_on and before in (",", "and", "or"))


def _abbreviates(passage: Passage, index: int, lettered: bool) -> bool:
    """Whether the token is letters that stand on a picture for the words before: "stomach (St)", not "(MRI)"."""
    name = passage.texts[index]
    if not (2 <= len(name) <= 3 and name.isalpha() and name[0].isupper()):
        return False
    if not (lettered or (name[1:].islower() and len(name) == 2)):
        return False
    known = (table.at(passage.norms, index, index + 1) for table in (terms_lexicon(), picture_phrases()))
    initials = [word[0] for word in passage.words(index - 4, index - 1) if word]
    return not any(known) and name[0].casefold() in initials


def _first_in(passage: Passage, first: int, last: int) -> tuple[str, bool] | None:
    """("white arrow", whether there are several) of the first such words in `[first, last)`."""
    for index in range(first, last):
        named = passage.words(index + 1, index + 2) == ["sign"]
        if passage.norms[index] in KINDS and not named and not _describes(passage, index, last):
            start = index
            while start > first and _is_look(passage, start - 1):
                start -= 1
            kind, plural, _ = _kind(passage, index, last)
            said = [passage.texts[at].casefold() for at in range(start, index) if passage.is_word(at)]
            return _name([*said, kind]), plural
    return None


def _name(words: Sequence[str]) -> str:
    return " ".join(words).replace(" headed ", "-headed ")


def _is_look(passage: Passage, index: int) -> bool:
    """Whether the token at `index` says how a marker looks, or joins such words."""
    text, word = passage.texts[index], passage.norms[index]
    if word == "and" or text == ",":
        return index > 0 and passage.norms[index - 1] in LOOKS
    return word in LOOKS or word == "line" or text in HYPHENS


def _describes(passage: Passage, index: int, last: int) -> bool:
    """Whether a line only says what an arrow looks like: "solid line double arrow"."""
    after = next((word for word in passage.words(index + 1, last) if word not in LOOKS), "")
    return passage.norms[index] == "line" and after in ("arrow", "arrowhead")


def _kind(passage: Passage, index: int, last: int) -> tuple[str, bool, int]:
    """(kind, whether there are several, the token behind) of the marker that is named at `index`."""
    word = passage.norms[index]
    kind, plural = KINDS[word], passage.texts[index].casefold().endswith("s")
    heads = [place for place in range(index + 1, min(index + 3, last)) if passage.norms[place] == "head"]
    if word == "arrow" and heads and (heads[0] == index + 1 or passage.texts[index + 1] in HYPHENS):
        return "arrowhead", passage.texts[heads[0]].endswith("s"), heads[0] + 1
    return kind, plural, index + 1


def _noun(passage: Passage, index: int, said: bool = False) -> _Noun | None:
    """The name of a marker that starts at `index`: how it looks, then what it is; `said` to be one by words before."""
    first = passage.norms[index]
    if first not in LOOKS and first not in KINDS:
        return None
    looks: list[str] = []
    end = index
    while end < len(passage.norms) and len(looks) < 4:
        text = passage.texts[end]
        if passage.norms[end] in LOOKS:
            looks.append(text.casefold())
        elif not (looks and text in HYPHENS):
            break
        end += 1
    if end >= len(passage.norms) or passage.norms[end] not in KINDS:
        return None
    told = said or bool(_COLOURS & set(looks)) or passage.words(end + 1, end + 2) in ([":"], ["="])
    if passage.norms[end] not in _IN_SENTENCE and not told:
        return None
    kind, plural, last = _kind(passage, end, len(passage.norms))
    return _Noun(last, _name([*looks, kind]), plural)


def _in_run(passage: Passage, index: int, found: Sequence[MarkerWord]) -> MarkerWord | None:
    """ "The white arrows show", "arrow in (b): ", "…, arrow": markers in the run of a sentence."""
    texts, norms = passage.texts, passage.norms
    noun = _noun(passage, index)
    if noun is None:
        return None
    opens = index == sentence_at(passage, index)[0] or texts[index - 1] in ";:("
    after = norms[noun.last] if noun.last < len(norms) else "."
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
    if ends and index and (texts[index - 1] in (",", *HYPHENS) or norms[index - 1] in ("by", "at", "with")):
        return MarkerWord(index, noun.last, noun.marker, noun.plural, False)
    return None


def _verb(passage: Passage, first: int) -> int | None:
    """Where the verb, or the sign, stands that says what a marker before `first` shows."""
    depth = 0
    for index in range(first, min(first + _VERB_WITHIN, len(passage.norms))):
        word = passage.norms[index]
        depth += (word == "(") - (word == ")")
        if word in POINTS or word in ("=", ":"):
            return index
        if depth < 0 or (depth == 0 and (word in _ENDS - {")", "]"} or _is_named(passage, index))):
            return None
    return None


def _is_named(passage: Passage, index: int) -> bool:
    """Whether a finding is named from the token `index` on, which may be none."""
    if index == len(passage.norms) or passage.norms[index] in KINDS:
        return False
    return terms_lexicon().at(passage.norms, index, len(passage.norms)) is not None


def _goes_on(passage: Passage, index: int, last: int, earlier: MarkerWord) -> bool:
    """Whether the verb of an earlier marker is understood: "… and the black arrow the stone"."""
    if sentence_at(passage, earlier.first) != sentence_at(passage, index):
        return False
    joined = {",", ";", "and", "while", "whereas"} & set(passage.words(index - 2, index))
    return bool(joined) and (
        passage.words(last, last + 1) in (["to"], ["the"], ["a"], ["an"], ["at"], ["on"])
        or _is_named(passage, last)
        or any(map(makes_term, passage.words(last, last + 1)))
    )


def _said(passage: Passage, index: int) -> MarkerWord | None:
    """ "marked by a white arrow", "see arrows": markers named in the run of the sentence, behind what they mark."""
    first = index + 1
    while first < len(passage.norms) and passage.norms[first] in _BY:
        first += 1
    bare = first == index + 1
    if bare and passage.norms[index] not in ("see", "note"):
        return None
    noun = (
        _noun(passage, first, bool({"by", "with"} & set(passage.words(index, first))))
        if first < len(passage.norms)
        else None
    )
    if noun is None and passage.words(first, first + 1) == ["*"]:
        noun = _Noun(first + 1, "*", False)
    if noun is None and _is_letter(passage, index, first):
        noun = _Noun(first + 1, passage.norms[first], False)
    if noun is None or (bare and _verb(passage, noun.last) is not None):
        return None
    inverted = not bare and passage.words(noun.last, noun.last + 1) in (["is"], ["are"])  # "Marked by arrows is …"
    return MarkerWord(index, noun.last, noun.marker, noun.plural, inverted)


def _is_letter(passage: Passage, index: int, first: int) -> bool:
    """Whether the token at `first` is the letter of "marked with a T", the verb at `index`."""
    if first >= len(passage.norms) or passage.norms[index] not in _LETTERED:
        return False
    letter, ends = passage.texts[first], passage.words(first + 1, first + 2) in ([], ["."], [","], [";"])
    led = not {"with", "by", "as"}.isdisjoint(passage.words(index, first))
    return len(letter) == 1 and letter.isupper() and ends and led


def sentence_at(passage: Passage, index: int) -> tuple[int, int]:
    """`[first, last)` of the sentence that holds the token `index`."""
    return passage.sentences[bisect_right(passage.sentences, (index, len(passage.norms))) - 1]
