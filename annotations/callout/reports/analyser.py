"""The analysis of a caption, of a report's figures, and of its body."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from callout.reports.anatomy import places
from callout.reports.citations import Citation, citations_by_label, find_citations
from callout.reports.described import sentences_of_pictures
from callout.reports.lexicon import terms_lexicon
from callout.reports.looks import looks_vocabulary
from callout.reports.mentions import find_mentions, region_of
from callout.reports.model import Caption, Mention, PanelSpan
from callout.reports.panels import find_panels
from callout.reports.picture import PictureWord, picture_phrases, picture_words
from callout.reports.spelling import Speller
from callout.reports.tokens import Passage, read_passage
from callout.reports.views import caption_views, contrast_of, in_order, modality_of
from callout.terms import concepts
from callout.terms.words import words_of

# Of the sentences that cite a figure so many are read for what its caption leaves out, so many letters of each, and
# so many of all figures' together.
_CITING = 20
_SENTENCE = 1000
_CITED = 1_000_000
# No caption tells more of its pictures than this many words.
_WORDS = 400
# A text is analysed in pieces of so many characters. No caption and hardly a body of a case report has a second one.
_PIECE = 100_000


def analyse_caption(text: str, label: str = "") -> Caption:
    """What `text`, the caption of the figure `label`, says, and nothing else.

    Offsets are code points of `text` as it is; ids of mentions are "LABEL:#N".
    """
    panels = find_panels(text)
    pieces = _pieces(text)
    first = next(pieces)
    views = caption_views(first.passage, first.words[:_WORDS], panels)
    return Caption(
        text=text,
        modality=modality_of(views),
        planes=in_order(view.plane for view in views),
        sequences=in_order(view.sequence for view in views),
        contrast=contrast_of(views),
        region=region_of(first.passage, first.words),
        views=views,
        panels=panels,
        mentions=_mentions(chain((first,), pieces), lambda piece, before: piece.mentions(panels, label, before)),
    )


def analyse_body(text: str) -> tuple[Mention, ...]:
    """The mentions in a report's body; their ids are "body:#N".

    What is not said of this patient's pictures (the disease in general, other patients, differential diagnoses,
    histology) is not drawn, whatever its concept.
    """
    return _mentions(_pieces(text), _of_body)


def analyse_figures(legends: Sequence[tuple[str, str]], body: str) -> tuple[Caption, ...]:
    """The captions of a report's figures (label, text), with what its body adds in `inferred`.

    What is added comes from the sentences that cite the figure or, where none does, from the whole body.
    """
    citations = citations_by_label([label for label, _ in legends], find_citations(body))
    return _captions(legends, body, citations, _Told(_pieces(body)))


def analyse_report(
    legends: Sequence[tuple[str, str]], body: str, citations: Mapping[str, Sequence[Citation]]
) -> tuple[tuple[Caption, ...], tuple[Mention, ...]]:
    """`analyse_figures` and `analyse_body`, with the body read once; `citations` of each label are known."""
    mentions: list[Mention] = []
    told = _Told(_seen(_pieces(body), lambda piece: mentions.extend(_of_body(piece, len(mentions)))))
    return _captions(legends, body, citations, told), tuple(mentions)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text, read."""

    passage: Passage
    words: Sequence[PictureWord]

    @property
    def start(self) -> int:
        """Where the part starts in the text."""
        return self.passage.start

    def mentions(self, panels: Sequence[PanelSpan], label: str, before: int) -> list[Mention]:
        """The mentions in it, behind the `before` of the parts before; offsets and `panels` are those of the whole."""
        here = [replace(panel, start=panel.start - self.start, end=panel.end - self.start) for panel in panels]
        return find_mentions(self.passage, self.words, here, label, before)


def _pieces(text: str) -> Iterator[_Piece]:
    """`text` in pieces, one for what a report holds; what is no prose behind the first has nothing in it."""
    start = 0
    while not start or start < len(text):
        end = start + _PIECE
        if end < len(text):
            sentence = text.rfind(". ", start + _PIECE // 2, end) + 1
            end = sentence or text.rfind(" ", start + _PIECE // 2, end) + 1 or end
        passage = _passage(text[start:end], start)
        if start and not passage.is_prose:
            passage = Passage(passage.text, [], [], [], [], start)
        yield _Piece(passage, picture_words(passage))
        start = end


def _seen(pieces: Iterable[_Piece], see: Callable[[_Piece], None]) -> Iterator[_Piece]:
    for piece in pieces:
        see(piece)
        yield piece


def _of_body(piece: _Piece, before: int) -> list[Mention]:
    described = sentences_of_pictures(piece.passage, piece.words)
    return find_mentions(piece.passage, piece.words, (), "body", before, described)


def _mentions(pieces: Iterable[_Piece], mentions_of: Callable[[_Piece, int], list[Mention]]) -> tuple[Mention, ...]:
    """The mentions of all pieces; `mentions_of` is told how many stand before."""
    found: list[Mention] = []
    for piece in pieces:
        found += mentions_of(piece, len(found))
    return tuple(found)


class _Told:
    """What a body adds to captions: its sentences, and the facts it tells at its start."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self.starts, self.ends = array("I"), array("I")
        self.facts: Mapping[str, str] = {}
        for piece in pieces:
            passage = piece.passage
            if not piece.start:
                self.facts = _facts_of(passage, piece.words)
            for first, last in passage.sentences:
                self.starts.append(passage.starts[first] + piece.start)
                self.ends.append(passage.end(last - 1) + piece.start)

    def citing(self, body: str, citations: Sequence[Citation], most: int) -> str:
        """The first sentences of `body` that hold one of `citations`, `most` characters at most."""
        sentences: dict[int, str] = {}
        for citation in citations:
            number = max(bisect_right(self.starts, citation.start) - 1, 0)
            if number not in sentences and self.starts:
                start = max(self.starts[number], citation.start - _SENTENCE // 2)
                sentences[number] = body[start : min(self.ends[number], citation.start + _SENTENCE // 2)]
            if len(sentences) == _CITING:
                break
        return " ".join(sentences.values())[:most]


def _captions(
    legends: Sequence[tuple[str, str]], body: str, citations: Mapping[str, Sequence[Citation]], told: _Told
) -> tuple[Caption, ...]:
    most = _CITED // max(len(legends), 1)
    captions = []
    for label, text in legends:
        caption = analyse_caption(text, label)
        cited = told.citing(body, citations[label], most)
        added = _facts(cited) if cited else told.facts
        inferred = {field: value for field, value in added.items() if getattr(caption, field) is None}
        captions.append(replace(caption, inferred=inferred))
    return tuple(captions)


def _facts(text: str) -> Mapping[str, str]:
    passage = _passage(text)
    return _facts_of(passage, picture_words(passage))


def _facts_of(passage: Passage, words: Sequence[PictureWord]) -> Mapping[str, str]:
    """Modality and region as `passage` tells them, those that it does."""
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


def _passage(text: str, start: int = 0) -> Passage:
    """`text` in tokens, their compared forms rid of slips of the pen; `start` is where it stands in a longer one."""
    passage = read_passage(text, _vocabulary())
    meant = _speller().meant
    slips = {word: right for word in set(passage.norms) if (right := meant(word)) != word}
    if not (slips or start):
        return passage
    return replace(passage, norms=[slips.get(word, word) for word in passage.norms], start=start)
