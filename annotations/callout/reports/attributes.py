"""Which mentions the text denies, and which it only supposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from callout.reports.spans import Span
from callout.reports.tokens import Passage, holds_one
from callout.reports.windows import Window
from callout.terms.words import word_set

_NO = word_set(
    """
    no without absent negative free neither nor absence lack lacking denied rather instead excluding resolution
    disappearance vanishing devoid nil rule not cannot exclude excluded failed fail
    """
)
_NOT_THERE = frozenset(("no", "without"))
# "No change of the mass" denies no mass.
_CHANGE = word_set(
    """
    change increase decrease progression growth difference improvement regression alteration response expansion
    shrinkage worsening reduction
    """
)
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
# Behind what is denied these name what is there: "no lesion other than the cyst".
_BUT = word_set("than besides beyond")
# "No enhancement within the mass": what is told to hold nothing is there.
_WITHIN = word_set("in within inside into around surrounding from to between of adjacent near")
_THE = frozenset(("the", "this", "these", "its"))
_PARTIAL = word_set("partial incomplete near minimal some slight")
_SHOW = word_set(
    """
    show shown showed showing see seen find found demonstrate demonstrated reveal revealed detect detected
    identify identified visualize visualized contain contained exhibit depict disclose disclosed
    """
)
_HELPS = word_set("do does did can could will would has have had cannot")
_DOUBT = word_set(
    """
    suggestive suggest suggesting suggested possible possibly probable probably likely suspected suspicion
    suspicious presumed presumably may might could questionable concerning consistent compatible keeping
    differential versus equivocal suspect indicative evocative worrisome potential potentially raising raise favor
    favoring presumptive query thought believed felt perhaps probability impression vs evoking evoke
    exclude unlikely improbable
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
# What is only partly gone is there.
_NOT_GONE = word_set("not cannot partially partly incompletely to almost nearly largely mostly")
_GONE = word_set("resolved disappeared excluded regressed subsided cleared vanished")
_DENYING = _GONE | {"out", "no", "absent", "not", "cannot"}
# "Not seen on the previous CT" is new.
_EARLIER = word_set("prior previous previously earlier initial initially preceding")
# What is lost is not there; "loss of signal" and "loss of height" are findings.
_LOST = frozenset(("flow void", "contrast enhancement", "air bronchogram"))
_OF_LOSS = word_set("of the normal expected physiological usual")
_ASIDES = frozenset(("left", "right", "bilateral", "not", "if", "is", "was"))
_SEEN = word_set(
    """
    seen present identified visualized visible detected evident found noted appreciated demonstrated
    observed
    """
)


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
        if word in _GONE and _NOT_GONE.isdisjoint(words[:index]):
            return True
        if word == "not" and words[index + 1 : index + 2] == ["only"]:
            return False
        if word == "no" and words[index + 1 : index + 2] == ["longer"]:
            return True
        if word in ("not", "cannot") and not _SEEN.isdisjoint(words[index + 1 : index + 4]):
            return _EARLIER.isdisjoint(words[index + 1 :])
        if word == "absent":
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
                number = starts[index]
                if open_ and not (denies and _holds_none(passage, windows[number], named)):
                    yield number
                named = True
                index = spans[number].last
                continue
            if (
                word in cues
                and not _is_no_cue(passage, index, denies, starts)
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
    if word == "show" and not named and not {"neither", "nor"}.isdisjoint(passage.words(index - 8, index)):
        return False
    before = passage.words(index - 2, index)
    if not {"not", "cannot"}.isdisjoint(before) or before in (["failed", "to"], ["fail", "to"]):
        return False
    if word in ("due", "because") and before[-1:] and before[-1] in _DOUBT:
        return False
    return word in ends or (named and (word in ",(:" or word in _STILL_THERE or word in _BUT))


def _holds_none(passage: Passage, window: Window, named: bool) -> bool:
    """Whether what starts at the window's phrase is only said to hold none of something: "no fat within the mass".

    "Of the" says so only behind what is `named`: "no enhancement of the mass", but "no sign of the mass".
    """
    before = passage.words(window.phrase - 2, window.phrase)
    held = len(before) == 2 and before[0] in _WITHIN and before[1] in _THE
    return held and (named or before[0] not in ("of", "to", "from"))


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


def _is_no_cue(passage: Passage, index: int, denies: bool, starts: Mapping[int, int]) -> bool:
    """ "could be", but not "free fluid"; "may" but not the month; "consistent" only with "with"."""
    word, after = passage.norms[index], passage.words(index + 1, index + 2)
    if word in ("failed", "fail"):
        return after != ["to"]
    if word == "could":
        return after == ["not"]
    if word == "free":
        return after != ["of"]
    if word == "negative":
        return after != ["for"]
    if word in ("resolution", "disappearance") and not _PARTIAL.isdisjoint(passage.words(index - 1, index)):
        return True
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
    if word in ("not", "cannot"):
        return denies and not _denies_ahead(passage, index, starts)
    return False


def _denies_ahead(passage: Passage, index: int, starts: Mapping[int, int]) -> bool:
    """Whether "not" at `index` denies what follows: "does not show a mass", "an abscess, not a tumour"."""
    before, after = passage.words(index - 2, index), passage.words(index + 1, index + 2)
    if after == ["exclude"] or (after == ["only"] and before[-1:] != ["do"]):
        return False
    if after and (after[0] in _LIKE or after[0] in ("associated", "accompanied")):
        return True
    shows = bool(after) and after[0] in _SHOW
    if shows and (passage.norms[index] == "cannot" or (before and before[-1] in _HELPS)):
        return True
    if before[-1:] in (["do"], ["does"], ["did"]) or (before[:1] == ["there"] and before[-1] in _BE):
        return True
    corrects = before[-1:] in ([], ["."], [";"], [":"], [","], ["but"]) or (
        before[-1:] != [] and before[-1] in _BE and after in (["a"], ["an"])
    )
    return corrects and any(position in starts for position in range(index + 1, index + 5))


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
