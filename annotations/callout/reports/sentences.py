"""Whether a sentence belongs to a caption or to the story."""

from __future__ import annotations

import re

from callout.reports.tokens import read_passage
from callout.terms.words import word_set

_LONGEST = 4000
_MARKER = re.compile(r"\(\s?(?:[A-Za-z0-9]|\*|[^()]{0,30}(?:arrow|asterisk|star|circle|line)[^()]{0,30})\s?\)")
_LABEL = re.compile(r"\s*(?:[(\[][A-Za-z][)\]]|[A-Za-z][,:)])\s")
_ENDS = '.!?:;)"\u201d\u2019'
_PANEL = re.compile(r"[.;,:]\s\([A-Za-z]\)$")  # the words of a panel stand behind its letter
_NEVER_LAST = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "with"}
)
_CAPTION_WORDS = word_set(
    """
    arrow arrowhead asterisk image scan note axial coronal sagittal magnification bar
    """
)
_STORY_WORDS = word_set(
    """
    patient he she his her we our they treatment treated therapy chemotherapy radiotherapy died survival
    diagnosis diagnosed biopsy surgery admitted presented history month week year old later follow despite
    underwent literature department attended man woman girl boy
    """
)


def is_narrative(text: str) -> bool:
    """Whether `text` tells of the patient rather than of a picture."""
    return tells_story(text) and not speaks_of_picture(text)


def tells_story(text: str) -> bool:
    """Whether a word in `text` is of the patient's course, whatever else it says."""
    return not _STORY_WORDS.isdisjoint(read_passage(text[:_LONGEST]).norms)


def speaks_of_picture(text: str) -> bool:
    """Whether `text` points at something in a picture, or says how it was made."""
    head = text[:_LONGEST]
    return _points(head) or not _CAPTION_WORDS.isdisjoint(read_passage(head).norms)


def _points(text: str) -> bool:
    head = text[:_LONGEST]
    return bool(_MARKER.search(head) or _LABEL.match(head))


def first_sentences(text: str) -> tuple[str, str]:
    """`text` parted behind its first sentence and those after it that still speak of the picture."""
    head = text[:_LONGEST]
    passage = read_passage(head)
    end = len(text)
    for number, (first, last) in enumerate(passage.sentences):
        start, stop = passage.starts[first], passage.end(last - 1)
        if number and not speaks_of_picture(head[start:stop]):
            return text[:end], text[end:]
        end = stop if stop < len(head) else len(text)
    return text[:end], text[end:]


def is_cut(text: str, rest: str) -> bool:
    """Whether a column's or page's end cut the sentence that `text` ends with, and `rest` goes on with it."""
    words = text.rsplit(maxsplit=1)
    if _PANEL.search(text):
        return True
    return text[-1] not in _ENDS and (not rest[0].isupper() or words[-1] in _NEVER_LAST)
