"""Plain text and Markdown: a report typed as text, copied from a web page in one line, or taken from a PDF.

A caption starts with its label ("Figure 2.", "Fig 2") at the start of a line, or behind the figure's picture in a
one-line copy. It ends at the next label, picture, heading or blank line; in hard-wrapped text also where a line
ends with its sentence although the next word had room; in a one-line copy with its last sentence that speaks
of the picture.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from callout.reports.decoding import decoded
from callout.reports.excerpt import Excerpt
from callout.reports.manuscript import Legend, Manuscript, folded, in_label_order
from callout.reports.markup import PICTURE, LinkedPicture, lines_of, without_links
from callout.reports.model import Folded
from callout.reports.sentences import first_sentences, is_narrative, speaks_of_picture

_LABEL = re.compile(
    r"(?:supplement(?:ary|al)\s{1,4})?fig(?:ure|\.)?[\s\u00a0]{0,4}([SA]?\d{1,3}(?:[a-zA-Z](?![\w]))?)(?!\w)"
    r"[*_]{0,3}[\s\u00a0]{0,4}([.:|\u2013\u2014-]?)[*_]{0,3}(?=(.?))",
    re.IGNORECASE,
)
_PICTURE = re.compile(PICTURE)
_QUOTE = re.compile(r"\s{0,3}(?:>\s?){1,9}")
_EMPHASIS = re.compile(r"(?<![\w*(])\*(\w[^*\n]{0,300}(?<=[\w.:,;)]))\*(?![\w*)])")
_LEAD = re.compile(r"[\s>*_#|\ufffc-]{0,40}")
_SENTENCE_END = re.compile(r"[.!?)\"\u201d\ufffc][\s\u00a0]*$")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_BYLINE_END = re.compile(r"\s(?=(?:An?|The|We|This|These|In|Our|At|On|She|He)\s)")
_BACK_MATTER = re.compile(
    r"(?:\W|\d){0,6}(?:foot\s?notes?|references?|bibliography|literature cited|acknowledge?ments?|competing interests?|"
    r"conflicts? of interests?|funding|author contributions?|disclosures?|ethics|data availability)\b\W{0,9}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or the part of one from a label within it; `inline` where it was no line of its own."""

    words: Excerpt
    inline: bool = False


@dataclass(slots=True)
class _Draft:
    """A caption while its lines are read."""

    label: str
    inline: bool
    quoted: bool = False
    lines: list[Excerpt] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def read_text(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a text or Markdown file called `name`.

    Raises:
        InputError: empty, binary or far too long.
    """
    text, pictures = without_links(decoded(data, name))
    lines = list(lines_of(text))
    title, first = _title([line.text.rstrip() for line in lines])
    return _Reading(pictures).read(title, lines[first:])


def read_lines(lines: list[Excerpt], pictures: tuple[LinkedPicture, ...]) -> Manuscript:
    """The manuscript that `lines` are, without a title; `pictures` are those that stand as U+FFFC in them."""
    return _Reading(pictures).read(None, lines)


def _title(lines: list[str]) -> tuple[str | None, int]:
    """The title, and the number of the line behind it."""
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    head, below = lines[first : first + 1], lines[first + 1 : first + 2]
    if not head:
        return None, 0
    if below and len(below[0].strip()) >= 3 and set(below[0].strip()) == {"="}:
        return folded(_plain(head[0])), first + 2
    if head[0].startswith("# "):
        return folded(_plain(head[0][2:])), first + 1
    alone = not below or not below[0].strip()
    words = head[0].strip()
    if (
        alone
        and lines[first + 1 :]
        and len(words) < 200
        and words[-1] not in ".!?:;,"
        and not _label_at(words, 0)
        and PICTURE not in words
    ):
        return folded(_plain(words)), first + 1
    return None, 0


class _Reading:
    """One pass over the lines: captions are gathered, everything else is body."""

    def __init__(self, pictures: tuple[LinkedPicture, ...]) -> None:
        self.waiting = deque(pictures)
        self.loose: list[LinkedPicture] = []
        self.drafts: dict[str, _Draft] = {}
        self.current: _Draft | None = None
        self.body: list[Excerpt] = []
        self.back_matter = False

    def read(self, title: str | None, lines: list[Excerpt]) -> Manuscript:
        if title and PICTURE in title:  # a journal's logo is no figure
            for _ in range(title.count(PICTURE)):
                self.waiting.popleft()
            title = folded(title.replace(PICTURE, " "))
        for raw in lines:
            for line in _parts(raw):
                self._take(line)
        self._close()
        self._place_loose()
        legends = in_label_order(
            Legend(draft.label, _plain_caption(draft.lines), tuple(draft.pictures)) for draft in self.drafts.values()
        )
        return Manuscript(title, tuple(legend for legend in legends if legend.text.text), _body(self.body))

    def _take(self, line: Line) -> None:
        words, text = line.words, line.words.text.rstrip()
        if not text:
            if self.current is None or any(part.text.strip() for part in self.current.lines):
                self._close()
            self.body.append(words)
            return
        start = _caption_start(text, self._may_start(line))
        # A reference may speak of a figure; figures behind the references have lines, or pictures, of their own.
        quoted = self.back_matter and line.inline and not self.loose
        if start is not None and start[0] not in self.drafts and not quoted:
            self._count_pictures(text[: start[1]])
            self._open(start[0], line.inline).quoted = text.lstrip().startswith(">")
            self._add(words[start[1] :])
            return
        if self._turns_to_back_matter(words):
            return
        if self.current is not None and self._goes_on(text):
            self._add(words)
            return
        self._close()
        self._count_pictures(text)
        if not self.back_matter:
            self.body.append(words)

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
            if _LABEL.search(picture.words):  # else an ornament
                self.loose.append(picture)
        return True

    def _open(self, label: str, inline: bool) -> _Draft:
        self._close()
        self.back_matter = False
        draft = self.current = self.drafts[label] = _Draft(label, inline)
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
        lines = [line.text for line in draft.lines[-40:] if line.text.strip()]
        if not lines or draft.inline or text.lstrip().startswith(PICTURE):
            return not lines
        if lines[-1].rstrip()[-1] not in ".!?":
            return True
        width = max(len(line.rstrip()) for line in lines)
        had_room = len(lines[-1].rstrip()) + 1 + len(text.split(maxsplit=1)[0]) <= width
        indented = text[0].isspace() and not any(line[0].isspace() for line in lines[1:])
        if is_narrative(text):
            return False
        return not (had_room or indented) or speaks_of_picture(text)

    def _count_pictures(self, text: str, near: _Draft | None = None) -> None:
        """Give each picture that stands in `text` to the figure it names, else keep it for the next caption."""
        for _ in range(text.count(PICTURE)):
            picture = self.waiting.popleft()
            named = _LABEL.search(picture.words)
            owner = self.drafts.get(_upright(named.group(1))) if named else near
            if owner is not None and (named or not self.loose):
                owner.pictures.append(picture.target)
            else:
                self.loose.append(picture)

    def _place_loose(self) -> None:
        """Pictures that came before no caption: to the figure they name, which may have its caption in them."""
        for picture in self.loose:
            named = _LABEL.search(picture.words)
            if named is None:
                continue
            label = _upright(named.group(1))
            words = Excerpt.whole(picture.words, picture.start)[named.end() :]
            draft = self.drafts.setdefault(label, _Draft(label, False, lines=[words]))
            draft.pictures.append(picture.target)
        self.loose.clear()

    def _close(self) -> None:
        self.current = None


def _parts(whole: Excerpt) -> Iterator[Line]:
    """The line, parted before each label within it that starts a caption."""
    line, start, inline = whole.text, 0, False
    for found in _LABEL.finditer(line):
        if found.start() <= start or _LEAD.fullmatch(line, start, found.start()):
            continue
        before = line[max(found.start() - 8, 0) : found.start()]
        behind_picture = before.rstrip(" \u00a0*_").endswith(PICTURE)
        ends = _SENTENCE_END.search(before)
        if (behind_picture or ends) and _starts_caption(found):
            yield Line(whole[start : found.start()], inline)
            start, inline = found.start(), True
    yield Line(whole[start:], inline or line.find(PICTURE, 0, start) >= 0)


def caption_start(text: str) -> tuple[str, int] | None:
    """(label, where its caption starts) of a paragraph that starts with a figure's label, or None."""
    return _caption_start(text, True)


def is_back_matter(text: str) -> bool:
    """Whether `text` is the heading of references, acknowledgements or what else is behind the story."""
    words = text.strip()
    named = _BACK_MATTER.match(words[:80])
    return named is not None and named.end() == len(words)


def _caption_start(text: str, allowed: bool) -> tuple[str, int] | None:
    """(label, where its caption starts) of a line that starts with a figure's label."""
    lead = _LEAD.match(text)
    found = _label_at(text, lead.end() if lead else 0)
    return (_upright(found.group(1)), found.end(2)) if found and (allowed or PICTURE in text[: found.start()]) else None


def _label_at(text: str, start: int) -> re.Match[str] | None:
    found = _LABEL.match(text, start)
    return found if found and _starts_caption(found) else None


def _starts_caption(found: re.Match[str]) -> bool:
    """Whether what follows a label is a caption, not the rest of a sentence that cites the figure."""
    sign, after = found.group(2), found.group(3)
    if sign and sign != "-":
        return True
    return not after or after.isupper() or after.isdigit() or after in '([*\u201c"' or after.isspace()


def _upright(label: str) -> str:
    return label[:1].upper() + label[1:]


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
