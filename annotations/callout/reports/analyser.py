"""The analysis of a caption, of a report's figures, and of its body."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from callout.reports.anatomy import places
from callout.reports.citations import Citation, citations_by_label, find_citations
from callout.reports.described import sentences_of_pictures
from callout.reports.lexicon import terms_lexicon
from callout.reports.looks import looks_vocabulary
from callout.reports.mentions import find_mentions, region_of
from callout.reports.model import Caption, Mention
from callout.reports.panels import find_panels
from callout.reports.picture import (
    caption_views,
    contrast_of,
    in_order,
    modality_of,
    picture_phrases,
    picture_words,
)
from callout.reports.spelling import Speller
from callout.reports.tokens import Passage, read_passage
from callout.terms import concepts
from callout.terms.words import words_of

# Of the sentences that cite a figure so many are read for what its caption leaves out.
_CITING = 20
# No caption tells more of its pictures than this many words.
_WORDS = 400


def analyse_caption(text: str, label: str = "") -> Caption:
    """What `text`, the caption of the figure `label`, says, and nothing else.

    Offsets are code points of `text` as it is; ids of mentions are "LABEL:#N".
    """
    passage = _passage(text)
    panels = find_panels(text)
    words = picture_words(passage)
    views = caption_views(passage, words[:_WORDS], panels)
    return Caption(
        text=text,
        modality=modality_of(views),
        planes=in_order(view.plane for view in views),
        sequences=in_order(view.sequence for view in views),
        contrast=contrast_of(views),
        region=region_of(passage, words),
        views=views,
        panels=panels,
        mentions=find_mentions(passage, words, panels, label),
    )


def analyse_body(text: str) -> tuple[Mention, ...]:
    """The mentions in a report's body; their ids are "body:#N".

    What is not said of this patient's pictures (the disease in general, other patients, differential diagnoses,
    histology) is not drawn, whatever its concept.
    """
    passage = _passage(text)
    words = picture_words(passage)
    mentions = find_mentions(passage, words, (), "body")
    described = sentences_of_pictures(passage, words)
    starts = [passage.tokens[first].start for first, _ in passage.sentences]
    return tuple(
        mention if bisect_right(starts, mention.start) - 1 in described else replace(mention, drawn=False)
        for mention in mentions
    )


def analyse_figures(legends: Sequence[tuple[str, str]], body: str) -> tuple[Caption, ...]:
    """The captions of a report's figures (label, text), with what its body adds in `inferred`.

    What is added comes from the sentences that cite the figure or, where none does, from the whole body.
    """
    labels = [label for label, _ in legends]
    citations = citations_by_label(labels, find_citations(body))
    sentences = _sentences(body) if any(citations.values()) else []
    whole = _facts(body)
    captions = []
    for label, text in legends:
        caption = analyse_caption(text, label)
        cited = _citing(body, sentences, citations[label])
        added = _facts(cited) if cited else whole
        inferred = {field: value for field, value in added.items() if getattr(caption, field) is None}
        captions.append(replace(caption, inferred=inferred))
    return tuple(captions)


def _sentences(body: str) -> list[tuple[int, int]]:
    """`[start, end)` of each sentence of `body`."""
    passage = _passage(body)
    return [(passage.tokens[first].start, passage.tokens[last - 1].end) for first, last in passage.sentences]


def _citing(body: str, sentences: Sequence[tuple[int, int]], citations: Sequence[Citation]) -> str:
    """The first sentences of `body` that hold one of `citations`."""
    numbers = dict.fromkeys(
        max(bisect_right(sentences, citation.start, key=lambda span: span[0]) - 1, 0) for citation in citations
    )
    return " ".join(body[slice(*sentences[number])] for number in list(numbers)[:_CITING])


def _facts(text: str) -> Mapping[str, str]:
    """Modality and region as `text` tells them, those that it does."""
    passage = _passage(text)
    words = picture_words(passage)
    views = caption_views(passage, words[:_WORDS], ())
    told = {"modality": _only_one(modality_of(views)), "region": region_of(passage, words)}
    return {field: value for field, value in told.items() if value}


def _only_one(modality: str | None) -> str | None:
    """The modality where it is one; a body that names several leaves it open."""
    return None if modality and "+" in modality else modality


@cache
def _vocabulary() -> frozenset[str]:
    """Every word that is known: a word that a line's end parts is put together only to one of these."""
    lexicons = (terms_lexicon().vocabulary, places().vocabulary, picture_phrases().vocabulary)
    return frozenset().union(*lexicons) | looks_vocabulary() | {"including", "extending", "surrounding"}


@cache
def _speller() -> Speller:
    findings = (words_of(form) for found in concepts() for form in (found.name, *found.synonyms))
    return Speller(_vocabulary(), frozenset(words[0] for words in findings if len(words) == 1))


def _passage(text: str) -> Passage:
    """`text` in tokens, their compared forms rid of slips of the pen."""
    passage = read_passage(text, _vocabulary())
    speller = _speller()
    tokens = (
        token if (meant := speller.meant(token.norm)) == token.norm else replace(token, norm=meant)
        for token in passage.tokens
    )
    return replace(passage, tokens=tuple(tokens))
