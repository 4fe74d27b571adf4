"""Plain text and Markdown: a report typed as text, copied from a web page in one line, or taken from a PDF.

A caption starts with its label ("Figure 2.", "Fig 2") at the start of a line, or behind the figure's picture in a
one-line copy. It ends at the next label, picture, heading or blank line; in hard-wrapped text also where a line
ends with its sentence although the next word had room; in a one-line copy with its last sentence that speaks
of the picture.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, dropwhile, islice

from callout.reports.citations import find_citations
from callout.reports.decoding import decoded
from callout.reports.excerpt import Excerpt
from callout.reports.hyphens import Spelling
from callout.reports.labels import Name, name_of
from callout.reports.manuscript import Legend, Manuscript, folded, in_label_order
from callout.reports.markup import PICTURE, LinkedPicture, lines_of, plain_letters, without_links
from callout.reports.model import Folded
from callout.reports.openings import LABEL, LEAD, opened_by, opening, opening_at
from callout.reports.running import without_running_heads
from callout.reports.sentences import first_sentences, is_narrative, speaks_of_picture

_PICTURE = re.compile(PICTURE)
_QUOTE = re.compile(r"\s{0,3}(?:>\s?){1,9}")
_EMPHASIS = re.compile(r"\*(?<![\w*(]\*)(\w[^*\n]{0,300}(?<=[\w.:,;)]))\*(?![\w*)])")
_SENTENCE_END = re.compile(r"[.!?)\"\u201d\ufffc][\s\u00a0]*$")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_BYLINE_END = re.compile(r"\s(?=(?:An?|The|We|This|These|In|Our|At|On|She|He)\s)")
_BACK_MATTER = re.compile(
    r"(?:\W|\d){0,6}(?:foot\s?notes?|references?|bibliography|literature cited|acknowledge?ments?|competing interests?|"
    r"conflicts? of interests?|funding|author contributions?|disclosures?|ethics|data availability)\b\W{0,9}",
    re.IGNORECASE,
)
# So many lines at a time are joined, and so many of a caption's last are looked at for how wide it is set.
_BLOCK = 4096
# A text of more lines is not one that was taken from pages.
_PAGES = 20_000
_WIDEST = 130
_LAST = 12
_HEAD = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or the part of one from a label within it; `inline` where it was no line of its own."""

    words: Excerpt
    inline: bool = False


@dataclass(slots=True)
class _Draft:
    """A caption while its lines are read; `again` is how its label is written where the figure has one already."""

    labels: tuple[str, ...]
    inline: bool
    again: Excerpt | None = None
    quoted: bool = False
    lines: list[Excerpt] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    known: str | None = None

    def head(self) -> str:
        """How the caption starts, once it is read."""
        if self.known is None:
            self.known = _plain_caption([line[:_HEAD] for line in self.lines[:_LAST]]).text[:_HEAD]
        return self.known


def read_text(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a text or Markdown file called `name`.

    Raises:
        InputError: empty, binary or far too long.
    """
    text, pictures = without_links(decoded(data, name))
    lines = lines_of(plain_letters(text))
    head = list(dropwhile(_is_blank, islice(lines, _PAGES)))
    if len(head) < _PAGES:
        head = list(dropwhile(_is_blank, without_running_heads(head)))
    title, first = _title([line.text.rstrip() for line in head[:3]])
    reading = _Reading(pictures)
    if len(head) < _PAGES and any(line.text.rstrip().endswith(("-", "\u00ad", "\u2010")) for line in head):
        reading.spelling = Spelling(line.text for line in head)
    reading.width = _width(head)
    return reading.read(title, chain(head[first:], lines))


def read_lines(lines: Iterable[Excerpt], pictures: tuple[LinkedPicture, ...]) -> Manuscript:
    """The manuscript that `lines` are, without a title; `pictures` are those that stand as U+FFFC in them."""
    return _Reading(pictures).read(None, lines)


def _title(lines: list[str]) -> tuple[str | None, int]:
    """The title that a text's first `lines` hold, and the number of the line behind it."""
    head, below = lines[:1], lines[1:2]
    if not head:
        return None, 0
    if below and len(below[0].strip()) >= 3 and set(below[0].strip()) == {"="}:
        return folded(_plain(head[0])), 2
    if head[0].startswith("# "):
        return folded(_plain(head[0][2:])), 1
    alone = not below or not below[0].strip()
    words = head[0].strip()
    if (
        alone
        and below
        and len(words) < 200
        and words[-1] not in ".!?:;,"
        and not opening_at(words, 0)
        and PICTURE not in words
    ):
        return folded(_plain(words)), 1
    return None, 0


def _is_blank(line: Excerpt) -> bool:
    return not line.text.strip()


def _width(lines: Sequence[Excerpt]) -> int:
    """How wide a text is set whose lines are broken by hand; 0 where each line is a paragraph."""
    lengths = sorted(len(line.text.rstrip()) for line in lines if line.text.strip())
    if len(lengths) < 3 or lengths[-1] > _WIDEST:
        return 0
    return lengths[len(lengths) * 9 // 10]


class _Reading:
    """One pass over the lines: captions are gathered, everything else is body."""

    def __init__(self, pictures: tuple[LinkedPicture, ...]) -> None:
        self.waiting = deque(pictures)
        self.loose: list[LinkedPicture] = []
        self.drafts: dict[str, _Draft] = {}
        self.current: _Draft | None = None
        self.blocks: list[Excerpt] = []
        self.body: list[Excerpt] = []  # lines behind those that `blocks` join already
        self.back_matter = False
        self.spelling: Spelling | None = None
        self.width = 0

    def read(self, title: str | None, lines: Iterable[Excerpt]) -> Manuscript:
        if title and PICTURE in title:  # a journal's logo is no figure
            for _ in range(title.count(PICTURE)):
                self.waiting.popleft()
            title = folded(title.replace(PICTURE, " "))
        for raw in lines:
            for line in _parts(raw):
                self._take(line)
            if len(self.body) > _BLOCK:
                self.blocks.append(Excerpt.joined(self._unbroken(self.body[:-1])))
                del self.body[:-1]
        self._close()
        self._place_loose()
        legends = in_label_order(
            Legend(label, _plain_caption(self._unbroken(draft.lines)), tuple(draft.pictures))
            for label, draft in self.drafts.items()
        )
        body = _body([*self.blocks, *self._unbroken(self.body)])
        return Manuscript(title, tuple(legend for legend in legends if legend.text.text), body)

    def _take(self, line: Line) -> None:
        words, text = line.words, line.words.text.rstrip()
        if not text:
            if self.current is None or any(part.text.strip() for part in self.current.lines):
                self._close()
            if self.body and self.body[-1].text:
                self.body.append(words[:0])
            return
        start = opening(text, self._may_start(line))
        # A reference may speak of a figure; figures behind the references have lines, or pictures, of their own.
        quoted = self.back_matter and line.inline and not self.loose
        if start is not None and not quoted and (start.labels[0] not in self.drafts or not line.inline):
            self._count_pictures(text[: start.end])
            self._open(start, line).quoted = text.lstrip().startswith(">")
            self._add(words[start.end :])
            return
        if self._turns_to_back_matter(words):
            return
        if self.current is not None and self._goes_on(text):
            self._add(words)
            return
        self._close()
        self._count_pictures(text)
        if not self.back_matter:
            quote = _QUOTE.match(words.text) if text.startswith((">", " ")) else None
            self.body.append(words[quote.end() :] if quote else words)

    def _unbroken(self, lines: list[Excerpt]) -> list[Excerpt]:
        """The lines, with those in one whose ends part a word."""
        if self.spelling is None:
            return lines
        whole: list[Excerpt] = []
        for line in lines:
            before = whole[-1].rstrip() if whole else line
            start = line.strip()
            cut = self.spelling.cut(before.text[-60:], start.text) if whole and start.text[:1].isalnum() else None
            if cut is None:
                whole.append(line)
            else:
                whole[-1] = Excerpt.behind(before[: len(before.text) - cut], start)
        return whole

    def _may_start(self, line: Line) -> bool:
        """Whether a label here can start a caption: not in the middle of a paragraph's sentence."""
        before = self.body[-1].text.strip() if self.body else ""
        return line.inline or self.current is not None or not before or before[-1] in '.!?:;)"\u201d'

    def _turns_to_back_matter(self, line: Excerpt) -> bool:
        text = line.text
        heading = _HEADING.match(text.strip())
        named = _BACK_MATTER.match(heading.group(1) if heading else text.strip()[:80])
        if named and (heading or named.end() == len(text.strip())):
            self._close()
            self.back_matter = True
        elif heading:
            self._close()
            self.back_matter = False
            start, end = heading.span(1)
            if end - start > 80:
                self.body.append(line.strip()[start:end])
        else:
            return False
        for _ in range(text.count(PICTURE)):
            picture = self.waiting.popleft()
            if LABEL.search(picture.words):  # else an ornament
                self.loose.append(picture)
        return True

    def _open(self, start: Name, line: Line) -> _Draft:
        self._close()
        self.back_matter = False
        draft = self.current = _Draft(start.labels, line.inline)
        if start.labels[0] in self.drafts:
            draft.again = line.words[: start.end]
        for label in start.labels:
            self.drafts.setdefault(label, draft)
        draft.pictures.extend(picture.target for picture in self.loose)
        self.loose.clear()
        return draft

    def _add(self, line: Excerpt) -> None:
        draft = self.current
        assert draft is not None
        if draft.quoted and (quote := _QUOTE.match(line.text)):
            line = line[quote.end() :]
        words, sign, rest = line.partition(PICTURE)
        length = len(first_sentences(words.text)[0]) if draft.inline else len(words.text)
        draft.lines.append(words[:length])
        if draft.inline or sign.text:
            if words.text[:length].strip() or sign.text:
                self._close()
            self._count_pictures(sign.text + rest.text, near=draft)
            if not self.back_matter:
                self.body += [left for left in (words[length:], rest) if left.text.replace(PICTURE, " ").strip()]

    def _goes_on(self, text: str) -> bool:
        """Whether the line `text` belongs to the caption that is open."""
        draft = self.current
        assert draft is not None
        last = next((line.text.rstrip() for line in reversed(draft.lines[-_LAST:]) if line.text.strip()), "")
        if not last or draft.inline or text.lstrip().startswith(PICTURE):
            return not last
        if last[-1] not in ".!?":
            return True
        lines = [line.text for line in draft.lines[-_LAST:] if line.text.strip()]
        width = max(len(line.rstrip()) for line in lines)
        if len(lines) == 1:  # where each line is a paragraph, so is this; else it is as wide as the text
            width = max(width, self.width) if self.width else 2 * _WIDEST
        had_room = len(last) + 1 + len(text.split(maxsplit=1)[0]) <= width
        indented = text[0].isspace() and not any(line[0].isspace() for line in lines[1:])
        if is_narrative(text) or (next(find_citations(text), None) and not speaks_of_picture(text)):
            return False
        return not (had_room or indented) or speaks_of_picture(text)

    def _count_pictures(self, text: str, near: _Draft | None = None) -> None:
        """Give each picture that stands in `text` to the figure it names, else keep it for the next caption."""
        for _ in range(text.count(PICTURE)):
            picture = self.waiting.popleft()
            named = LABEL.search(picture.words)
            owner = self.drafts.get(name_of(named, picture.words).labels[0]) if named else near
            if owner is not None and (named or not self.loose):
                owner.pictures.append(picture.target)
            else:
                self.loose.append(picture)

    def _place_loose(self) -> None:
        """Pictures that came before no caption: to the figure they name, which may have its caption in them."""
        for picture in self.loose:
            named = LABEL.search(picture.words)
            if named is None:
                continue
            label = name_of(named, picture.words).labels[0]
            words = Excerpt.whole(picture.words, picture.start)[named.end() :]
            draft = self.drafts.setdefault(label, _Draft((label,), False, lines=[words]))
            draft.pictures.append(picture.target)
        self.loose.clear()

    def _close(self) -> None:
        draft, self.current = self.current, None
        if draft is None or draft.again is None:
            return
        first = self.drafts[draft.labels[0]]  # a figure may have its caption in the text and in a list of captions
        kept, again = first.head(), draft.head()
        first.pictures += draft.pictures
        if not kept or again.startswith(kept):
            first.lines, first.known = draft.lines, draft.known
        elif not kept.startswith(again):
            self.body += [Excerpt.joined([draft.again, *draft.lines])]


def _parts(whole: Excerpt) -> Iterator[Line]:
    """The line, parted before each label within it that starts a caption."""
    line, start, inline = whole.text, 0, False
    for found in LABEL.finditer(line):
        if found.start() <= start or LEAD.fullmatch(line, start, found.start()):
            continue
        before = line[max(found.start() - 8, 0) : found.start()]
        behind_picture = before.rstrip(" \u00a0*_").endswith(PICTURE)
        ends = _SENTENCE_END.search(before)
        if (behind_picture or ends) and opened_by(found, line):
            yield Line(whole[start : found.start()], inline)
            start, inline = found.start(), True
    yield Line(whole[start:], inline or line.find(PICTURE, 0, start) >= 0)


def caption_start(text: str) -> tuple[str, int] | None:
    """(label, where its caption starts) of a paragraph that starts with a figure's label, or None."""
    start = opening(text, True)
    return (start.labels[0], start.end) if start else None


def is_back_matter(text: str) -> bool:
    """Whether `text` is the heading of references, acknowledgements or what else is behind the story."""
    words = text.strip()
    named = _BACK_MATTER.match(words[:80])
    return named is not None and named.end() == len(words)


def _plain(text: str) -> str:
    """`text` without Markdown's emphasis."""
    return text.replace("**", "").replace("__", "").strip("#* \t")


def _plain_caption(lines: list[Excerpt]) -> Folded:
    words = _plain_words(lines).strip()
    if words.text.endswith(("*", "_")) and words.text.count(words.text[-1]) == 1:
        words = words[:-1]
    return words[len(words.text) - len(words.text.lstrip("|>*_ ")) :].folded()


def _body(lines: list[Excerpt]) -> Folded:
    words = _plain_words(lines).substituted(_PICTURE, lambda found: (" ", 0))
    return _without_bylines(words).folded()


def _plain_words(lines: list[Excerpt]) -> Excerpt:
    """The lines as one, without Markdown's emphasis."""
    words = Excerpt.joined(lines).without("**", "__")
    return words.substituted(_EMPHASIS, lambda found: (found.group(1), 1))


def _without_bylines(body: Excerpt) -> Excerpt:
    """`body` without the authors and sections that a one-line copy lists, starred, before the text."""
    items = body.strip().text.split(" * ")
    if not items[0].startswith("* ") or len(items) < 3 or any(len(item.split()) > 10 for item in items[:-1]):
        return body
    start = _BYLINE_END.search(items[-1][:120])
    return body[body.text.rindex(" * ") + 3 + (start.end() if start else 0) :]
