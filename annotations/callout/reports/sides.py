"""The side of a mention: in its words, its noun phrase, its clause, or where the sentence sets the scene."""

from __future__ import annotations

from collections.abc import Sequence

from callout.reports.anatomy import makes_term, places
from callout.reports.spans import Span
from callout.reports.tokens import HYPHENS, Passage, holds_one
from callout.reports.windows import Window, clause_start
from callout.terms.words import word_set

# Lobes of the lung, quadrants and fossae of the abdomen, and the sides themselves, as radiologists shorten them.
_SHORT = {
    "rul": "right", "rml": "right", "rll": "right", "lul": "left", "lll": "left", "ruq": "right", "rlq": "right",
    "luq": "left", "llq": "left", "rif": "right", "lif": "left", "rt": "right", "lt": "left",
    "leftward": "left", "rightward": "right", "l": "left", "r": "right",
}  # fmt: skip
# A letter is a side only behind these, before a place: "in R breast".
_BEFORE_LETTER = frozenset(("in", "of", "the", "a", "an", "within", "at"))
_BOTH = word_set("bilateral bilaterally bibasal bibasilar biapical bihilar biparietal bifrontal bitemporal")
# The heart has these once: their side is a part of their name.
_CHAMBERS = frozenset(("atrium", "ventricle", "atrial", "ventricular", "heart", "coronary"))
_NAMES = _BOTH | _SHORT.keys() | {"left", "right", "both", "either"}
_AND = frozenset(("and", "&", "/", "than", ">", "<", "or"))
# The other side is not meant too where one of these comes before it.
_UNLIKE = frozenset(("normal", "not", "no", "none", "rather", "instead", "without"))
_SHOWS = word_set(
    """
    show showed has had contain demonstrate demonstrated reveal revealed with is was appear display exhibit are were
    have showing demonstrating containing revealing harbor contained
    """
)
# These are of no side, whatever they are named with.
_MIDLINE = frozenset(
    (
        "ascites", "splenomegaly", "cardiomegaly", "pericardial effusion", "pneumoperitoneum", "pneumomediastinum",
        "steatosis", "obstruction", "bowel dilatation", "free fluid", "pneumoretroperitoneum",
    )
)  # fmt: skip
_OF_LUNG = frozenset(
    (
        "consolidation", "ground-glass opacity", "air-space disease", "opacity", "infiltrate", "nodule", "cavity",
        "centrilobular nodules", "bronchiectasis", "bronchial wall thickening", "mucus plugging", "atelectasis",
        "volume loss", "emphysema", "fibrosis", "honeycombing", "reticular opacity", "reticulonodular opacity",
        "interlobular septal thickening", "crazy-paving pattern", "tree-in-bud pattern", "mosaic attenuation",
        "air bronchogram", "halo sign", "air trapping", "pneumonia", "parenchymal abnormality",
    )
)  # fmt: skip
# What lies within another finding is where that one is.
_WITHIN = frozenset(
    (
        "air-fluid level", "calcification", "septation", "necrosis", "contrast enhancement", "air bronchogram", "fat",
        "haemorrhage", "cavity", "oedema", "free gas", "soft-tissue component", "signal abnormality", "hypodensity",
        "hyperdensity", "fat stranding",
    )
)  # fmt: skip
# A place behind these is only what a finding is told from: "distal to the left subclavian artery".
_TOLD_FROM = (["distal", "to"], ["proximal", "to"], ["level", "of"])
# What stands behind these is what the finding before them means.
MEANS = word_set(
    """
    consistent compatible suggestive indicative reflecting representing suggesting corresponding
    """
)
_PICTURES = frozenset(("panel", "image", "picture", "column", "photograph", "figure"))
# "Left anterior oblique view": where the picture was taken from.
_PROJECTIONS = frozenset(("lateral", "anterior", "posterior", "oblique"))
_PROJECTED = frozenset(("view", "projection", "film", "radiograph", "image", "position", "decubitus"))
_CUTS = frozenset(("parasagittal", "parasagital", "sagittal"))
_IMAGED = frozenset(("ct", "mri", "mr", "image", "scan", "view", "flair", "stir", "dwi", "treatment", "t1", "t2"))
_SCENE_ENDS = frozenset((",", "there", "a", "an"))
_CLAUSE_OPENS = frozenset((",", "and", "but", "while", "whereas", ";", ":"))
# "The right has a cyst, the left one a stone".
_HAVING = (["a"], ["an"], ["one", "a"], ["one", "an"])
_SOUND = frozenset(("normal", "clear", "intact", "unremarkable", "spared", "unaffected"))
_COMPARED = (["contrast"], ["comparison"])
_SCENES = frozenset(("on", "in", "at", "within", "involving"))
_TOGETHER = (
    ["and"], [","], [",", "and"], ["&"], ["or"], ["as"], ["as", "a"], ["as", "an"], ["in", "the", "form", "of"],
    ["in", "the", "form", "a"], ["in", "the", "form", "of", "a"],
)  # fmt: skip
_PARTS_OF = (["lobe", "of"], ["side", "of"], ["half", "of"], ["hemisphere", "of"], ["part", "of"], ["portion", "of"])
_OF_BOTH = ["and", "of"]
_SEEN = frozenset(("is", "are", "was", "were", "seen", "noted", "present", "identified", "observed", "visible"))
_IN = frozenset(("in", "within", "at", "on", "involving", "over", "throughout"))


def sides_of(passage: Passage, spans: Sequence[Span], windows: Sequence[Window]) -> list[str | None]:
    """The side of each span, as `_side_of`."""
    sided = passage.where(_NAMES.__contains__)
    return [
        _side_of(passage, span, window) if holds_one(sided, *window.sentence) else None
        for span, window in zip(spans, windows, strict=True)
    ]


def _side_of(passage: Passage, span: Span, window: Window) -> str | None:
    """ "left", "right", "bilateral" or None: from the span, else its noun phrase, else its clause."""
    named = [at for at in range(window.phrase, span.last) if passage.norms[at] in _NAMES]
    if len({first_side(passage, at, at + 1) for at in named} - {None}) > 1:
        return "bilateral"
    limit = _next_subject(passage, span.last, window.limit)
    for first, last in ((span.first, span.last), (window.phrase, span.first), (span.last, limit)):
        found = first_side(passage, first, last)
        if found is not None:
            compared = passage.words(window.phrase - 1, window.phrase) == ["than"]
            return "bilateral" if compared and first_side(passage, window.phrase - 4, window.phrase) else found
    opens = clause_start(passage, window)
    return _side_of_subject(passage, window, opens) or _side_of_scene(passage, window, opens)


def shared_sides(passage: Passage, spans: Sequence[Span], windows: Sequence[Window], found: list[str | None]) -> None:
    """Gives what is joined to a mention whose place follows that one's side: "nodules and cysts in both lungs"."""
    shared: set[int] = set()
    for index in range(len(spans) - 2, -1, -1):
        later, window = spans[index + 1], windows[index + 1]
        if found[index] or windows[index].sentence != window.sentence or _names_place(passage, spans[index]):
            continue
        if index + 1 in shared and _are_together(passage.words(spans[index].last, window.phrase), spans[index], later):
            found[index] = found[index + 1]
            shared.add(index)
            continue
        if later.last >= window.limit:
            continue
        if first_side(passage, window.phrase, later.last) or spans[index].concept.name in _MIDLINE:
            continue
        gap = passage.words(spans[index].last, window.phrase)
        behind = _without_brackets(passage.words(later.last, min(later.last + 12, window.limit)))
        while behind[:1] and behind[0] in _SEEN:
            behind = behind[1:]
        placed = behind[:1] and (behind[0] in _IN or behind[0] in _BOTH or gap + behind[:1] == _OF_BOTH)
        if placed and _are_together(gap, spans[index], later):
            found[index] = first_side(passage, later.last, window.limit)
            shared.add(index)
    for index in range(1, len(spans)):
        earlier, window = spans[index - 1], windows[index]
        joined = passage.words(earlier.last, window.phrase) in (["and"], ["or"])
        if joined and found[index] is None and _are_of_lung(earlier, spans[index]):
            both = first_side(passage, windows[index - 1].phrase, earlier.first) == "bilateral"
            found[index] = "bilateral" if both else None


def _names_place(passage: Passage, span: Span) -> bool:
    """Whether the finding's own words say where it is: "erosion of the L4 vertebra"."""
    return "of" in passage.words(span.first, span.last)


def _are_together(gap: Sequence[str], span: Span, later: Span) -> bool:
    """Whether `later`, with the words `gap` before it, is where `span` is; what has a marker of its own may not be."""
    words = _without_brackets(gap)
    if words[:1] == ["with"]:
        return len(words) < 4
    joined = words in _TOGETHER
    return joined and (len(words) == len(gap) or _are_of_lung(span, later))


def _are_of_lung(span: Span, later: Span) -> bool:
    return {span.concept.name, later.concept.name} <= _OF_LUNG


def _without_brackets(words: Sequence[str]) -> list[str]:
    kept, depth = [], 0
    for word in words:
        depth += word == "("
        if depth == 0:
            kept.append(word)
        depth -= word == ")"
    return kept


def _side_of_subject(passage: Passage, window: Window, opens: int) -> str | None:
    """The side of the organ nearest before that shows the finding: "The left is normal, the right one has a stone"."""
    for first in range(window.phrase - 1, max(opens, window.phrase - 44) - 1, -1):
        if passage.norms[first] in ("left", "right", "both"):
            before = first - (first > opens and passage.norms[first - 1] == "the")
            if before == opens or passage.norms[before - 1] in _CLAUSE_OPENS:
                side = "bilateral" if passage.norms[first] == "both" else passage.norms[first]
                return side if _shows(passage, first, window) else None
    return None


def _next_subject(passage: Passage, first: int, last: int) -> int:
    """Where in `[first, last)` the organ of a side starts of which something else is told: "…, the right is normal"."""
    for index in range(first + 1, last):
        if passage.norms[index] not in ("left", "right"):
            continue
        before = index - (passage.norms[index - 1] == "the")
        opener = passage.norms[before - 1]
        if opener not in _CLAUSE_OPENS:
            continue
        if passage.words(index + 1, index + 2) in _HAVING or passage.words(index + 1, index + 3) in _HAVING:
            return before
        hit = places().at(passage.norms, index + 1, last) if index + 1 < last else None
        verb = hit[0] if hit else index + 1 + (passage.words(index + 1, index + 2) in (["one"], ["side"]))
        if not _SHOWS.isdisjoint(passage.words(verb, verb + 1)):
            parted = opener != "and" or passage.words(before - 2, before - 1) == [","]
            if parted or not _SOUND.isdisjoint(passage.words(verb + 1, verb + 2)):
                return before
    return last


def _shows(passage: Passage, side: int, window: Window) -> bool:
    """Whether the organ whose side stands at the token `side` shows what the window is of."""
    first = side + 2 * (passage.words(side + 1, side + 3) == ["-", "sided"])
    first += 2 * (passage.words(first + 1, first + 3) in _PARTS_OF)
    first += passage.words(first, first + 2) == ["of", "the"]
    if passage.words(first + 1, window.phrase) in _HAVING:
        return True
    hit = places().at(passage.norms, first + 1, window.sentence[1]) if first + 1 < window.sentence[1] else None
    shows = first + 2 if passage.words(first + 1, first + 2) in (["one"], ["side"]) else hit[0] if hit else 0
    told_apart = passage.words(first - 1, first) == ["the"] and first_side(passage, first - 30, first) is not None
    shows = shows or (first + 1 if told_apart else 0)
    shows += passage.words(shows, shows + 1) == ["also"]
    if not shows or not set(passage.words(shows, shows + 1)) & _SHOWS:
        return False
    between = passage.words(shows, min(window.phrase, shows + 40))
    if between.count(",") == 1 and MEANS & set(between[between.index(",") :]):
        between.remove(",")
    return {";", "while", "whereas", ",", "normal"}.isdisjoint(between)


def _side_of_scene(passage: Passage, window: Window, opens: int) -> str | None:
    """The side that opens the clause: "On the left, there is a stone", "Right hip: a fracture"."""
    title = passage.words(opens, min(opens + 5, window.phrase))
    if title[:1] in (["left"], ["right"]) and ":" in title[2:]:
        return first_side(passage, opens, opens + 1)
    compared = passage.words(opens + 1, opens + 2) in _COMPARED
    if opens >= window.phrase or passage.norms[opens] not in _SCENES or compared:
        return None
    for index in range(opens + 1, min(opens + 9, window.phrase + 1)):
        if passage.norms[index] in _SCENE_ENDS or index == window.phrase:
            ends = passage.norms[index] in _SCENE_ENDS
            return first_side(passage, opens, index) if ends else None
    return None


def first_side(passage: Passage, first: int, last: int) -> str | None:
    """The side that tokens `[first, last)` name first; both, where two are joined."""
    norms = passage.norms
    for index in range(max(first, 0), last):
        word = norms[index]
        if word not in _NAMES:
            continue
        if word in _BOTH or (word in ("both", "either") and _is_pair(passage, index, last)):
            return "bilateral"
        side = _side(passage, index)
        if side is None or _is_left_behind(passage, index, last) or _is_of_page(passage, index):
            continue
        if _is_of_heart(passage.words(index + 1, index + 4)):
            continue
        joined = _other_joins(passage, index, last, side) or _follows_other(passage, index, side)
        return "bilateral" if joined else side
    return None


def _is_of_heart(after: Sequence[str]) -> bool:
    """Whether the words behind a side make it part of a name: "left atrium", "left anterior descending"."""
    return after[:1] != [] and (
        after[0] in _CHAMBERS or after[:2] in (["main", "coronary"], ["anterior", "descending"])
    )


def _follows_other(passage: Passage, index: int, side: str) -> bool:
    """Whether the other side stands right before: "left and right adrenal masses"."""
    before = passage.words(index - 2, index)
    return before[-1:] in (["and"], ["&"], ["/"], ["or"]) and before[0] in ("left", "right") and before[0] != side


def _side(passage: Passage, index: int) -> str | None:
    """The side that the token is, or None."""
    text, word = passage.texts[index], passage.norms[index]
    if word in ("left", "right"):
        return word
    if text in ("L", "R"):
        return _SHORT[word] if _is_letter_of_side(passage, index) else None
    if word in _SHORT and (text.isupper() or text in ("Rt", "Lt") or len(word) > 3):
        return _SHORT[word]
    return None


def _is_letter_of_side(passage: Passage, index: int) -> bool:
    """Whether the letter at `index` is a side's: a place follows, which it is not the initial of."""
    after = passage.words(index + 1, index + 2)
    if passage.words(index - 1, index)[:1] == [] or passage.norms[index - 1] not in _BEFORE_LETTER or not after:
        return False
    is_place = makes_term(after[0]) or places().at(passage.norms, index + 1, len(passage.norms)) is not None
    return is_place and not after[0].startswith(passage.norms[index])


def _is_left_behind(passage: Passage, index: int, last: int) -> bool:
    """Whether this is only told from, or one end of what crosses: "from the right to the left lobe".

    Where nothing but the side follows "to", the finding has moved there.
    """
    before, after = passage.words(index - 6, index), passage.words(index + 1, min(index + 7, last))
    told = before[max((at + 1 for at, word in enumerate(before) if word in (":", ";", ",")), default=0) :]
    if any(pair in _TOLD_FROM for pair in (told[at : at + 2] for at in range(len(told) - 1))):
        return True
    if before[-2:] == ["to", "the"] and after[:1] == ["of"]:  # "to the left of the trunk"
        return "midline" not in after[1:3]
    other = "left" if passage.norms[index] == "right" else "right"
    if before[-1:] == ["from"] or before[-2:] == ["from", "the"]:
        return "to" in after and other in after[after.index("to") :]
    if "from" in before and other in before and "to" in before[-2:]:
        return after[:1] == ["side"] or (after[:1] != [] and places().at(passage.norms, index + 1, last) is not None)
    return False


def _is_of_page(passage: Passage, index: int) -> bool:
    """Whether it is a side of the figure, not of the patient: "left panel", "axial CT (left) and MRI (right)"."""
    after, before = passage.words(index + 1, index + 2), passage.words(index - 3, index)
    if after[:1] and (after[0] in _PICTURES or after == [":"]):
        return True
    if before[1:] == ["on", "the"] and before[0] in _PICTURES | _IMAGED:
        return True
    if after[:1] and after[0] in _PROJECTIONS and not _PROJECTED.isdisjoint(passage.words(index + 2, index + 4)):
        return True
    if after[:1] and after[0] in _CUTS:
        return not _PICTURES.union(_IMAGED).isdisjoint(passage.words(index + 2, index + 5))
    alone = passage.words(index - 1, index) == ["("] and after == [")"]
    return alone and passage.words(index - 2, index - 1)[:1] != [] and passage.words(index - 2, index - 1)[0] in _IMAGED


def _is_pair(passage: Passage, index: int, last: int) -> bool:
    """Whether "both" stands before a plural ("both upper lobes"), not before "in … and in …"."""
    first = index + 1 + (passage.words(index + 1, index + 2) == ["the"])
    for at in range(first, min(first + 4, last)):
        word = passage.norms[at]
        if passage.texts[at].casefold() != word:
            return True
        if word in ("in", "at", "of", "and", "the"):
            return False
        if word == "side":
            return True
    return False


def _other_joins(passage: Passage, index: int, last: int, side: str) -> bool:
    """Whether the other side is named with this one: "right and left", "right more than left"."""
    outside = _outside_brackets(passage, index + 1, min(index + 17, last))[:10]
    words = [passage.norms[at] for at in outside]
    sides = [passage.norms[at] in _BOTH | {"both"} or (_side(passage, at) or side) != side for at in outside]
    place = sides.index(True) if True in sides else 0
    if not _UNLIKE.isdisjoint(words[:place]):
        return False
    return any(word in _AND for word in words[:place]) or (place == 1 and passage.texts[index + 1] in HYPHENS)


def _outside_brackets(passage: Passage, first: int, last: int) -> list[int]:
    """Those of the tokens `[first, last)` that stand in no bracket which opens there."""
    kept, depth = [], 0
    for at in range(first, last):
        depth += passage.norms[at] == "("
        if depth == 0:
            kept.append(at)
        depth -= depth > 0 and passage.norms[at] == ")"
    return kept
