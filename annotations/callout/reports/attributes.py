"""Size, negation and doubt of a mention."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

from callout.reports.model import Measurement
from callout.reports.spans import Span
from callout.reports.tokens import Passage, holds_one
from callout.reports.windows import Window
from callout.terms.words import word_set

_OF_BEFORE = re.compile(r"\b(?:of|measur\w+|diameter|size|to|is|was)\s+(?:about\s+|approximately\s+)?$", re.IGNORECASE)
_OF = re.compile(r"\s+of\s+(?:an?\s+|the\s+)?", re.IGNORECASE)
_UNITS = {
    "mm": "mm", "millimeter": "mm", "millimetre": "mm", "cm": "cm", "cms": "cm", "centimeter": "cm", "centimetre": "cm",
}  # fmt: skip
_NUMBER = r"\d{1,4}(?:[.,\u00b7]\d{1,3})?"
_UNIT = r"mm|cms?|centimet(?:er|re)s?|millimet(?:er|re)s?"
_BY = r"[\s-]?(?:\([A-Za-z]{1,3}\)\s?)?(?:[xX\u00d7*]|by)[\s-]?"
_SIZE = re.compile(
    rf"(?<![\w.,])(?:(?P<low>{_NUMBER})(?:\s?(?:{_UNIT}))?\s?(?P<to>to|and|[-\u2010-\u2015\u2212])\s?)?"
    rf"(?P<first>{_NUMBER})(?:[\s-]?(?:mm|cm))?"
    rf"(?:{_BY}(?P<second>{_NUMBER})(?:[\s-]?(?:mm|cm))?)?(?:{_BY}(?P<third>{_NUMBER}))?[\s-]?(?P<unit>{_UNIT})\b",
    re.IGNORECASE,
)
_TECHNIQUE = re.compile(
    r"slice|section|thick\w*\s(?:axial|coronal|sagittal|slab|image|cut)|collimation|interval|gap|increment|margin|deep|above|below",
    re.IGNORECASE,
)
_NO = word_set(
    """
    no without absent negative free neither nor absence lack lacking denied rather instead excluding resolution
    disappearance vanishing devoid nil rule not exclude excluded failed fail
    """
)
_NOT_THERE = frozenset(("no", "without"))
# "No change of the mass" denies no mass.
_CHANGE = word_set("change increase decrease progression growth difference improvement regression alteration response")
_LIKE = frozenset(("consistent", "suspicious", "suggestive", "compatible", "typical", "indicative", "diagnostic"))
# "No abscess and reduced oedema": what is told so is there, but "no residual abscess" is denied.
_STILL_THERE = frozenset(
    (
        "decreased",
        "reduced",
        "persistent",
        "residual",
        "decrease",
        "decreasing",
        "reduction",
        "improvement",
        "shrinkage",
    )
)
_NEGATION_ENDS = word_set(
    """
    but however although though except show showing demonstrate demonstrating reveal change contrast which
    that with due because causing ; there although apart is are was were despite
    """
)
_DOUBT = word_set(
    """
    suggestive suggest suggesting suggested possible possibly probable probably likely suspected suspicion
    suspicious presumed presumably may might could questionable concerning consistent compatible keeping
    differential versus equivocal suspect indicative evocative worrisome potential potentially raising raise favor
    favoring presumptive query thought believed felt perhaps probability impression vs evoking evoke
    differentials exclude unlikely improbable
    """
)
_DOUBT_ENDS = word_set(
    """
    but however although show showing which that due because causing ; in at involving measuring with well
    together within inside around along throughout
    """
)
_STANDS_FOR = word_set("indicating indicate representing represent reflecting reflect either")
_SUPPOSED = frozenset(("suspected", "possible", "questionable", "likely", "considered", "unlikely"))
_UNCLEAR = frozenset(("clear", "unclear", "uncertain", "doubtful", "equivocal", "questionable"))
_UNSURE = _SUPPOSED | _UNCLEAR | {"excluded", "ruled", "?", "suspected"}
_BE = word_set("is are was were be been appear")
_GONE = word_set("resolved disappeared excluded regressed subsided cleared vanished")
_DENYING = _GONE | {"out", "no", "absent", "not", "cannot"}
# What is lost is not there; "loss of signal" and "loss of height" are findings.
_LOST = frozenset(("flow void", "contrast enhancement", "air bronchogram"))
_OF_LOSS = word_set("of the normal expected physiological usual")
_ASIDES = frozenset(("left", "right", "bilateral", "not", "if", "is", "was"))
_MEASURED = frozenset(("mass effect", "displacement", "obstruction", "invasion", "soft-tissue component"))
# A size is sought among so many mentions before it.
_NEAR = 30
_GOES_ON = (["it"], ["this"], ["measuring"], ["measure"])
_SEEN = word_set(
    """
    seen present identified visualized visible detected evident found noted appreciated demonstrated
    observed
    """
)


def find_sizes(passage: Passage) -> Iterator[tuple[int, int, Measurement]]:
    """(start, end, size) of every size that `passage` tells, but of slices and gaps."""
    for found in _SIZE.finditer(passage.text):
        behind = passage.text[found.end() : found.end() + 14]
        if _TECHNIQUE.search(behind):
            continue
        values = tuple(_value(number) for number in found.group("first", "second", "third") if number)
        unit = _UNITS[found["unit"].casefold().rstrip("s")]
        low = _low(passage.text, found)
        if low is None:
            yield found.start("first"), found.end(), Measurement(values, unit)
        else:
            yield found.start(), found.end(), Measurement((low, *values), unit, is_range=True)


def _low(text: str, found: re.Match[str]) -> float | None:
    """The lower bound of "3 to 5 cm" or "between 3 and 5 cm", or None: "lobes 2 and 5 cm" is no range."""
    if found["low"] is None or found["second"] is not None:
        return None
    before = text[max(found.start() - 10, 0) : found.start()].rstrip()
    if found["to"].casefold() == "and" and not before.endswith("between"):
        return None
    low = _value(found["low"])
    return low if low < _value(found["first"]) else None


def _value(number: str) -> float:
    return float(number.replace(",", ".").replace("\u00b7", "."))


def owner_of_size(
    passage: Passage, place: tuple[int, int], spans: Sequence[Span], windows: Sequence[Window]
) -> int | None:
    """Which of `spans` the size at `place` (code points) is the size of."""
    start, end = place
    behind = bisect_left(passage.starts, end)
    token = bisect_right(passage.starts, start, hi=behind) - 1
    next_one = bisect_left(spans, (behind,))
    owner = None
    for index in range(next_one - 1, max(next_one - _NEAR, 0) - 1, -1):
        span, (first, last) = spans[index], windows[index].sentence
        within = first <= token < last
        if within and (span.concept.drawn or _is_next(passage, span, start)):
            owner = index
            break
        if span.concept.drawn and _follows_on(passage, behind, last):
            owner = index
            break
    if next_one == len(spans):
        return owner
    opens = windows[next_one].phrase < behind and not (owner is not None and _said_of_before(passage, start))
    of_next = opens or _OF.fullmatch(passage.text, end, passage.starts[spans[next_one].first])
    return next_one if of_next else owner


def _is_next(passage: Passage, span: Span, start: int) -> bool:
    """Whether the size at `start` stands right behind what is no region but has a size: "midline shift of 8 mm"."""
    between = passage.text[passage.end(span.last - 1) : start]
    return span.concept.name in _MEASURED and len(between) < 30 and "," not in between


def _said_of_before(passage: Passage, start: int) -> bool:
    """Whether the size at `start` is told of what stands before it: "with a diameter of 6 cm, thrombus"."""
    return _OF_BEFORE.search(passage.text[max(start - 24, 0) : start]) is not None


def _follows_on(passage: Passage, behind: int, first: int) -> bool:
    """Whether the sentence at `first`, behind the mention's, says the size that ends before `behind`: "It is 3 cm"."""
    return passage.words(first, first + 1)[:1] in _GOES_ON and behind <= first + 13


def negated(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> set[int]:
    """Which of `spans` the text says are not there."""
    found = set(_in_scope(passage, spans, windows, _NO, _NEGATION_ENDS, denies=True))
    for index, (span, window) in enumerate(zip(spans, windows, strict=True)):
        if _denied_behind(passage.words(span.last, min(span.last + 10, window.limit))) or _is_lost(passage, span):
            found.add(index)
            if index and passage.words(spans[index - 1].last, window.phrase) in (["and"], ["and", "the"]):
                found.add(index - 1)
    return found


def _is_lost(passage: Passage, span: Span) -> bool:
    """Whether "loss of" stands before what else would be there: "loss of the normal flow void"."""
    if span.concept.name not in _LOST:
        return False
    before = span.first
    while before and passage.norms[before - 1] in _OF_LOSS:
        before -= 1
    return passage.words(before - 1, before + 1) == ["loss", "of"]


def _denied_behind(words: Sequence[str]) -> bool:
    if _DENYING.isdisjoint(words):
        return False
    for index, word in enumerate(words):
        if word == "," and words[index + 1 : index + 2] and words[index + 1] in _ASIDES:
            continue
        if word in (",", "(", ";", "and", "but"):
            return False
        if word == "out" and index and words[index - 1] == "ruled":
            return not {"not", "cannot"} & set(words[:index])
        if word in _GONE and not {"not", "cannot", "partially", "partly", "to", "incompletely"} & set(words[:index]):
            return True
        if word == "no" and words[index + 1 : index + 2] == ["longer"]:
            return True
        if word == "absent" or (word in ("not", "cannot") and not _SEEN.isdisjoint(words[index + 1 : index + 4])):
            return True
    return False


def uncertain(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> set[int]:
    """Which of `spans` the text only supposes."""
    found = set(_in_scope(passage, spans, windows, _DOUBT, _DOUBT_ENDS, denies=False))
    for index, span in enumerate(spans):
        later = passage.words(span.last, min(span.last + 8, windows[index].sentence[1]))
        asked = passage.words(span.first - 1, span.first) == ["?"]
        if not asked and _UNSURE.isdisjoint(later):
            continue
        behind = later[:4]
        if behind[:1] and behind[0] in _BE and _SUPPOSED & set(behind):
            found.add(index)
        for word in ("excluded", "ruled"):
            if word in later and {"cannot", "not"} & set(later[: later.index(word)]):
                found.add(index)
        unclear = behind[:1] and behind[0] in _BE and not _UNCLEAR.isdisjoint(behind)
        if unclear and not ("clear" in behind and "not" not in behind):
            found.add(index)
        if behind[:1] in (["?"], ["suspected"]) or asked:
            found.add(index)
    for index in range(1, len(spans)):
        if (
            index - 1 in found
            and windows[index].sentence == windows[index - 1].sentence
            and _is_aside(passage, spans[index])
        ):
            found.add(index)
    for index in range(len(spans) - 1):
        if _are_alternatives(passage, spans, windows, index):
            found |= {index, index + 1}
    for index in range(len(spans) - 2, -1, -1):
        gap = passage.words(spans[index].last, windows[index + 1].phrase)
        if index + 1 in found and (gap in (["and"], ["or"]) or gap[:1] in (["versus"], ["vs"])):
            found.add(index)
    return found


def _are_alternatives(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], index: int) -> bool:
    """Whether the text leaves open which of two it means: "representing a metastasis or a neurinoma"."""
    gap = passage.words(spans[index].last, windows[index + 1].phrase)
    before = passage.words(windows[index].phrase - 3, windows[index].phrase)
    return gap in (["or"], ["or", "a"], ["or", "an"]) and bool(_STANDS_FOR & set(before)) and "not" not in before


def _is_aside(passage: Passage, span: Span) -> bool:
    """Whether the span stands alone in brackets, another name of what is before them."""
    return passage.words(span.first - 1, span.first) == ["("] and passage.words(span.last, span.last + 1) == [")"]


def _in_scope(
    passage: Passage,
    spans: Sequence[Span],
    windows: Sequence[Window],
    cues: frozenset[str],
    ends: frozenset[str],
    *,
    denies: bool,
) -> Iterator[int]:
    starts = {span.first: index for index, span in enumerate(spans)}
    cued = passage.where(cues.__contains__)
    for first, last in dict.fromkeys(window.sentence for window in windows):
        if not holds_one(cued, first, last):
            continue
        open_, named, index = False, False, first
        while index < last:
            word = passage.norms[index]
            if index in starts:
                named = True
                if open_:
                    yield starts[index]
                index = spans[starts[index]].last
                continue
            if (
                word in cues
                and not _is_no_cue(passage, index, denies)
                and not _of_change(passage, index, spans, starts)
            ):
                open_, named = True, False
            elif (
                open_
                and _closes(passage, index, word, ends, named, starts)
                and not (word in ",(" and _list_goes_on(passage, index, last, starts))
            ):
                open_ = False
            index += 1


def _closes(
    passage: Passage, index: int, word: str, ends: frozenset[str], named: bool, starts: Mapping[int, int]
) -> bool:
    """Whether the scope of a cue ends at `word`: "consistent with" opens one, "X with Y" ends it once X is named."""
    if word == "with":
        return (named or passage.words(index - 1, index) == ["and"]) and word in ends
    if word == "and":  # "no fracture and a haematoma"
        return named and passage.words(index + 1, index + 2) in (["a"], ["an"])
    if word == "contrast" and index + 1 in starts:
        return False
    before = passage.words(index - 2, index)
    if before[-1:] == ["not"] or before in (["failed", "to"], ["fail", "to"]):
        return False
    if word in ("due", "because") and before[-1:] and before[-1] in _DOUBT:
        return False
    return word in ends or (named and (word in ",(" or word in _STILL_THERE))


def _of_change(passage: Passage, index: int, spans: Sequence[Span], starts: Mapping[int, int]) -> bool:
    """Whether "no" at `index` only denies that something changes: "no growth of the mass", but "no signal change"."""
    if passage.norms[index] not in _NOT_THERE:
        return False
    position, last = index + 1, min(index + 4, len(passage.norms))
    while position < last:
        if position in starts:
            position = spans[starts[position]].last
        elif passage.norms[position] in _CHANGE:
            return True
        else:
            position += 1
    return False


def _is_no_cue(passage: Passage, index: int, denies: bool) -> bool:
    """ "could be", but not "free fluid"; "may" but not the month; "consistent" only with "with"."""
    word, after = passage.norms[index], passage.words(index + 1, index + 2)
    if word in ("failed", "fail"):
        return after != ["to"]
    if word == "free":
        return after != ["of"]
    if word == "negative":
        return after != ["for"]
    if word in ("rather", "instead", "resolution", "devoid", "vanishing"):
        return after not in (["than"], ["of"])
    if word in ("consistent", "compatible"):
        return after != ["with"]
    if word == "differential":
        return after not in (["diagnosis"], [":"], ["include"], ["of"])
    if word == "keeping":
        return after != ["with"]
    if word in ("concerning", "worrisome"):
        return after != ["for"]
    if word in ("indicative", "evocative"):
        return after != ["of"]
    if word in ("thought", "believed", "felt"):
        return after not in (["to"], ["as"])
    if word in ("raise", "raising"):
        return not {"suspicion", "possibility", "concern", "question"} & set(passage.words(index + 1, index + 5))
    if word in _NOT_THERE:
        longer = passage.words(index + 1, index + 3)
        return longer[:1] == ["longer"] and longer != ["longer", "any"]
    if word == "rule":
        return after != ["out"] or not {"to", "not", "cannot"}.isdisjoint(passage.words(index - 2, index))
    if denies and word in ("exclude", "excluded"):
        states = passage.texts[index].casefold() != "exclude"
        return (
            not states or after == ["by"] or bool({"cannot", "not", "be", "to"} & set(passage.words(index - 2, index)))
        )
    if word == "exclude":
        return not {"cannot", "not"} & set(passage.words(index - 2, index))
    if word == "not":
        if after in (["a"], ["an"], ["of"]) and passage.words(index - 1, index) in ([","], ["but"]):
            return False
        if after[:1] and after[0] in _LIKE and denies:
            return False
        if after in (["associated"], ["accompanied"]):
            return False
        before = passage.words(index - 2, index)
        there = before[:1] == ["there"] and before[-1] in _BE
        return after == ["exclude"] or not (there or before[-1:] in (["do"], ["does"], ["did"]))
    return False


def _list_goes_on(passage: Passage, index: int, last: int, starts: dict[int, int]) -> bool:
    """Whether the comma at `index` parts a list: "or" or another comma follows with a mention."""
    if passage.norms[index] == "(":
        return False
    for position in range(index + 1, min(last, index + 60)):
        word = passage.norms[position]
        if word in ("or", "nor"):
            return True
        if word in _NEGATION_ENDS:
            return False
        if word == "and" and position > index + 1:
            return any(later in starts for later in range(position, min(last, position + 12)))
    return False
