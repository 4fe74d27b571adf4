"""Paragraphs of a laid-out document → title, captions and body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from callout.reports.manuscript import Legend, Manuscript, folded, in_label_order
from callout.reports.model import Folded, Picture, Skipped
from callout.reports.openings import opening
from callout.reports.sentences import first_sentences, is_cut, is_narrative, speaks_of_picture
from callout.reports.text import is_back_matter

Kind = Literal["text", "heading", "caption"]
_TABLE = re.compile(r"(?:supplement(?:ary|al)\s)?(?:table|box|video)\s[SA]?\d{1,3}\b", re.IGNORECASE)
_FAR = 40  # paragraphs: some two pages


@dataclass(slots=True)
class Paragraph:
    """A paragraph in reading order.

    kind: what its style says it is. follows: it stands right below the paragraph before it, in the same type.
    face: the type it is set in, where that is known.
    """

    text: str
    kind: Kind = "text"
    follows: bool = False
    face: str = ""


@dataclass(slots=True)
class Draft:
    """A caption while its paragraphs are read: `place` is the index of the paragraph that it starts with.

    `others` are labels of other figures that it is the caption of.
    """

    label: str
    place: int
    parts: list[str]
    face: str = ""
    pictures: list[Picture] = field(default_factory=list)
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The caption, white space folded."""
        return folded(" ".join(self.parts))


@dataclass(slots=True)
class Parts:
    """What the paragraphs are: captions by label, and the body."""

    drafts: dict[str, Draft]
    body: list[str]
    skipped: list[Skipped] = field(default_factory=list)

    def manuscript(self, title: str | None) -> Manuscript:
        """The whole: captions in order of their labels; those without a word are left out."""
        legends = in_label_order(
            Legend(label, Folded.of(draft.text), embedded=tuple(draft.pictures))
            for draft in self.drafts.values()
            for label in (draft.label, *(other for other in draft.others if other not in self.drafts))
        )
        kept = tuple({legend.label: legend for legend in legends if legend.text.text}.values())
        return Manuscript(
            folded(title) or None if title else None, kept, Folded.of(" ".join(self.body)), tuple(self.skipped)
        )


def parted(paragraphs: Iterable[Paragraph], usual: str = "") -> Parts:
    """Part the paragraphs: a caption starts with its label, and goes on below in its own style.

    usual: the type of the story, where it is known. What a column's end cut off from a caption in another type goes
    on behind the story that stands between.
    """
    parts = Parts({}, [])
    current: Draft | None = None
    back_matter = False
    for place, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        if not text:
            continue
        start = opening(text, True)
        if start is not None and _is_new(parts, start.labels[0]):
            label, *others = start.labels
            current = parts.drafts[label] = Draft(label, place, [text[start.end :]], paragraph.face)
            current.others = tuple(others)
            back_matter = False
        elif is_back_matter(text):
            current, back_matter = None, True
        elif current is not None and _goes_on(current, paragraph):
            current.parts.append(text)
        elif (cut := _cut_above(parts, place, paragraph, usual)) is not None:
            current = cut
            cut.parts.append(text)
        else:
            current = None
            back_matter = back_matter and paragraph.kind != "heading"
            if not back_matter and not (paragraph.kind == "heading" and len(text) <= 80):
                parts.body.append(text)
    return parts


def _is_new(parts: Parts, label: str) -> bool:
    """Whether the label has no caption yet: beside a picture it often stands alone, far from its caption."""
    return label not in parts.drafts or not parts.drafts[label].text


def _goes_on(draft: Draft, paragraph: Paragraph) -> bool:
    text = paragraph.text
    if _TABLE.match(text.strip()):
        return False
    if not draft.text:
        return paragraph.kind != "heading"
    if paragraph.kind == "caption":
        return True
    if is_cut(draft.text, text):
        return _is_rest(draft, paragraph)
    first = first_sentences(text)[0]
    return paragraph.follows and speaks_of_picture(first) and not is_narrative(first)


def _cut_above(parts: Parts, place: int, paragraph: Paragraph, usual: str) -> Draft | None:
    """The first caption not far above, in a type of its own, that was cut and that the paragraph goes on with."""
    if paragraph.face in ("", usual):
        return None
    near = (draft for draft in parts.drafts.values() if place - draft.place < _FAR)
    return next((draft for draft in near if _is_rest(draft, paragraph)), None)


def _is_rest(draft: Draft, paragraph: Paragraph) -> bool:
    """Whether the paragraph goes on with a caption that was cut, in its type."""
    same = bool(draft.face) and paragraph.face == draft.face
    return same and bool(draft.text) and is_cut(draft.text, paragraph.text)
