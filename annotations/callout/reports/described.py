"""Which sentences of a body describe this patient's pictures, and which tell of disease, literature and care."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callout.reports.picture import PictureWord
from callout.reports.tokens import Passage
from callout.terms.words import word_set

_CITES = re.compile(r"\bfig(?:ure|s|ures)?\.?\s{0,3}[SA]?\d", re.IGNORECASE)
_PICTURES = word_set(
    """
    imaging scan image examination study radiograph tomography mri mr ct cect hrct ultrasound ultrasonography
    """
)
_FOUND = word_set(
    """
    show showed showing shown reveal revealed revealing demonstrate demonstrated demonstrating noted seen
    observed identified detected visualized visible appeared depicted disclosed confirmed evident found
    displayed measured measuring there with
    """
)
# What a sentence that tells of others, of the disease or of the care has in it.
_ELSEWHERE = word_set(
    """
    literature commonly usually typically rarely incidence prevalence accounting account comprise percent
    differential differentials diagnosis diagnosed biopsy biopsied histology histological histopathology
    histopathological pathological pathology microscopy cytology immunohistochemistry surgery surgical resection
    resected treatment treated therapy chemotherapy radiotherapy survive survival died prognosis patients cases
    reported described authors adults children etiology pathogenesis common uncommon rare classified characterized
    characteristic feature features types type include includes can may could would should study studies % history
    complained presented underwent laboratory operation intraoperative intraoperatively laparotomy autopsy recurrence
    """
)
_PAST = word_set(
    """
    was were had
    """
)
# A patient's own pictures may be told with these words too, where the sentence says that it is about one of them.
_WEAK = word_set("may could study pathological feature features characteristic include includes type")


def sentences_of_pictures(passage: Passage, words: Sequence[PictureWord]) -> frozenset[tuple[int, int]]:
    """The sentences of `passage` that say what this patient's pictures show.

    Such a sentence cites a figure, or names an examination and what it showed; those behind it go on about it as long
    as they tell in the past what was seen, and of nothing else.
    """
    named = {position for word in words if "modality" in word.tells for position in range(word.first, word.last)}
    named.update(passage.where(_PICTURES.__contains__))
    past = set(passage.where(_is_past))
    found: set[tuple[int, int]] = set()
    goes_on = False
    for first, last in passage.sentences:
        pictured = not named.isdisjoint(range(first, last))
        cites = _CITES.search(passage.text, passage.starts[first], passage.end(last - 1)) is not None
        if not (pictured or cites or goes_on):
            continue
        said = {*passage.norms[first:last], *map(str.casefold, passage.texts[first:last])}
        elsewhere, in_past = said & _ELSEWHERE, not past.isdisjoint(range(first, last))
        if cites:
            about = not elsewhere - _WEAK
        elif pictured and said & _FOUND:
            about = not elsewhere - _WEAK and in_past
        else:
            about = goes_on and not elsewhere and in_past
        if about:
            found.add((first, last))
        goes_on = about
    return frozenset(found)


def _is_past(word: str) -> bool:
    """Whether `word` (compared form) may tell in the past."""
    return word in _PAST or (word.endswith("ed") and len(word) > 4)
