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
from callout.reports.manuscript import Legend, Manuscript, folded, in_label_order
from callout.reports.markup import PICTURE, LinkedPicture, unrolled, without_links
from callout.reports.sentences import first_sentences, is_narrative, speaks_of_picture

_LABEL = re.compile(
    r"(?:supplement(?:ary|al)\s{1,4})?fig(?:ure|\.)?[\s\u00a0]{0,4}([SA]?\d{1,3}(?:[a-zA-Z](?![\w]))?)(?!\w)"
    r"[*_]{0,3}[\s\u00a0]{0,4}([.:|\u2013\u2014-]?)[*_]{0,3}(?=(.?))",
    re.IGNORECASE,
)
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

    text: str
    inline: bool = False


@dataclass(slots=True)
class _Draft:
    """A caption while its lines are read."""

    label: str
    inline: bool
    lines: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def read_text(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a text or Markdown file called `name`.

    Raises:
        InputError: empty, binary or far too long.
    """
    text, pictures = without_links(decoded(data, name))
    title, lines = _title([line.rstrip() for line in unrolled(text).splitlines()])
    return _Reading(pictures).read(title, lines)


def _title(lines: list[str]) -> tuple[str | None, list[str]]:
    """The title, and the lines without it."""
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    head, below = lines[first : first + 1], lines[first + 1 : first + 2]
    if not head:
        return None, lines
    rest = lines[first + 1 :]
    if below and len(below[0].strip()) >= 3 and set(below[0].strip()) == {"="}:
        return folded(_plain(head[0])), rest[1:]
    if head[0].startswith("# "):
        return folded(_plain(head[0][2:])), rest
    alone = not below or not below[0].strip()
    words = head[0].strip()
    if (
        alone
        and rest
        and len(words) < 200
        and words[-1] not in ".!?:;,"
        and not _label_at(words, 0)
        and PICTURE not in words
    ):
        return folded(_plain(words)), rest
    return None, lines


class _Reading:
    """One pass over the lines: captions are gathered, everything else is body."""

    def __init__(self, pictures: tuple[LinkedPicture, ...]) -> None:
        self.waiting = deque(pictures)
        self.loose: list[LinkedPicture] = []
        self.drafts: dict[str, _Draft] = {}
        self.current: _Draft | None = None
        self.body: list[str] = []
        self.back_matter = False

    def read(self, title: str | None, lines: list[str]) -> Manuscript:
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
        return Manuscript(title, tuple(legend for legend in legends if legend.text), _body(self.body))

    def _take(self, line: Line) -> None:
        text = line.text
        if not text.strip():
            if self.current is None or any(part.strip() for part in self.current.lines):
                self._close()
            self.body.append("")
            return
        start = _caption_start(text, self._may_start(line))
        if start is not None and start[0] not in self.drafts:
            self._count_pictures(text[: start[1]])
            self._open(start[0], line.inline)
            self._add(text[start[1] :])
            return
        if self._turns_to_back_matter(text):
            return
        if self.current is not None and self._goes_on(text):
            self._add(text)
            return
        self._close()
        self._count_pictures(text)
        if not self.back_matter:
            self.body.append(text.replace(PICTURE, " "))

    def _may_start(self, line: Line) -> bool:
        """Whether a label here can start a caption: not in the middle of a paragraph's sentence."""
        before = self.body[-1].strip() if self.body else ""
        return line.inline or self.current is not None or not before or before[-1] in '.!?:;)"\u201d'

    def _turns_to_back_matter(self, text: str) -> bool:
        heading = _HEADING.match(text.strip())
        named = _BACK_MATTER.match(heading.group(1) if heading else text.strip()[:80])
        if named and (heading or named.end() == len(text.strip())):
            self._close()
            self.back_matter = True
        elif heading:
            self._close()
            self.back_matter = False
            words = heading.group(1)
            if len(words) > 80:
                self.body.append(words.replace(PICTURE, " "))
        else:
            return False
        for _ in range(text.count(PICTURE)):
            picture = self.waiting.popleft()
            if _LABEL.search(picture.words):  # else an ornament
                self.loose.append(picture)
        return True

    def _open(self, label: str, inline: bool) -> None:
        self._close()
        self.back_matter = False
        self.current = self.drafts[label] = _Draft(label, inline)
        self.current.pictures.extend(picture.target for picture in self.loose)
        self.loose.clear()

    def _add(self, text: str) -> None:
        draft = self.current
        assert draft is not None
        words, sign, rest = text.partition(PICTURE)
        kept, behind = first_sentences(words) if draft.inline else (words, "")
        draft.lines.append(kept)
        if draft.inline or sign:
            if kept.strip() or sign:
                self._close()
            self._count_pictures(sign + rest, near=draft)
            left = f"{behind} {rest}".replace(PICTURE, " ").strip()
            if left and not self.back_matter:
                self.body.append(left)

    def _goes_on(self, text: str) -> bool:
        """Whether the line `text` belongs to the caption that is open."""
        draft = self.current
        assert draft is not None
        lines = [line for line in draft.lines[-40:] if line.strip()]
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
            draft = self.drafts.setdefault(label, _Draft(label, False, [picture.words[named.end() :]]))
            draft.pictures.append(picture.target)
        self.loose.clear()

    def _close(self) -> None:
        self.current = None


def _parts(line: str) -> Iterator[Line]:
    """The line, parted before each label within it that starts a caption."""
    start, inline = 0, False
    for found in _LABEL.finditer(line):
        if found.start() <= start or _LEAD.fullmatch(line, start, found.start()):
            continue
        before = line[max(found.start() - 8, 0) : found.start()]
        behind_picture = before.rstrip(" \u00a0*_").endswith(PICTURE)
        ends = _SENTENCE_END.search(before)
        if (behind_picture or ends) and _starts_caption(found):
            yield Line(line[start : found.start()], inline)
            start, inline = found.start(), True
    before = line[:start]
    yield Line(line[start:], inline or (PICTURE in before))


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


def _plain_caption(lines: list[str]) -> str:
    words = folded(" ".join(lines)).replace("**", "").replace("__", "").strip()
    if words.endswith(("*", "_")) and words.count(words[-1]) == 1:
        words = words[:-1]
    return words.lstrip("|>*_ ").strip()


def _body(lines: list[str]) -> str:
    return folded(_without_bylines(folded(" ".join(_plain_line(line) for line in lines))))


def _plain_line(line: str) -> str:
    return line.replace("**", "").replace("__", "")


def _without_bylines(body: str) -> str:
    """`body` without the authors and sections that a one-line copy lists, starred, before the text."""
    items = body.split(" * ")
    if not body.startswith("* ") or len(items) < 3 or any(len(item.split()) > 10 for item in items[:-1]):
        return body
    start = _BYLINE_END.search(items[-1][:120])
    return items[-1][start.end() :] if start else items[-1]
