"""DOCX: paragraphs with their styles, captions by style or words, and the pictures that stand beside them (ECMA-376).

Only the process that may be lost runs `parse_docx`; everybody else calls `read_docx`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from callout.errors import InputError
from callout.reports.child import read_apart
from callout.reports.decoding import LONGEST
from callout.reports.manuscript import Manuscript, folded
from callout.reports.model import Picture, Skipped
from callout.reports.package import Package
from callout.reports.paragraphs import Draft, Kind, Paragraph, parted
from callout.reports.pictures import media_type
from callout.reports.symbols import symbol
from callout.reports.text import caption_start

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_V = "{urn:schemas-microsoft-com:vml}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CORE_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "", "ptab": " "}
_SEQUENCE = re.compile(r"\s*SEQ\s+\"?([^\s\"]{1,40})", re.IGNORECASE)
# "caption" in whatever language Word speaks; LibreOffice has its own names, and others translate it.
_CAPTION_STYLE = re.compile(
    r"caption|figure\s?(?:legend|title|text)|^(?:legend|figure|illustration|drawing|abbildung|beschriftung|"
    r"bildunterschrift|l\u00e9gende|didascalia|leyenda|ep\u00edgrafe|descripci\u00f3n|bijschrift|bildtext)",
    re.IGNORECASE,
)
_HEADING_STYLE = re.compile(r"heading\s?\d?", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:\d\.?\s)?(?:abstract|introduction|background|case (?:report|presentation)|summary)", re.IGNORECASE
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ALL_PICTURES = 96 * 1024 * 1024  # bytes


@dataclass(slots=True)
class Item:
    """A paragraph with its style; the row and cell of a table that it stands in, and its pictures' parts."""

    style: str
    text: str = ""
    row: int | None = None
    cell: int | None = None
    pictures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Field:
    """A field (17.16) while its characters are read: what it says to do, and whether it shows anything."""

    order: str = ""
    shown: bool = False


def read_docx(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a DOCX file called `name`, with the pictures of its figures.

    Raises:
        InputError: no DOCX, encrypted, damaged, without text, or more than 15 s and 600 MB can read.
    """
    if data.startswith(_OLD_OFFICE):
        raise InputError("the file is encrypted, or of Word before 2007", name, "save it as DOCX without a password")
    if not data.startswith(b"PK"):
        what = "the report is empty" if not data.strip() else "the file is no DOCX"
        raise InputError(what, name, "give the report as DOCX, or as plain text")
    return read_apart("docx", data, name)


def parse_docx(data: bytes) -> Manuscript:
    """The manuscript in a DOCX file."""
    package = Package(data)
    main = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), "")
    if main not in package:
        raise InputError("the file is no DOCX", "", "give the report as DOCX, or as plain text")
    relations = package.relations(main)
    styles = _styles(package, relations)
    items = list(_Body(relations, styles).items(package.tree(main)))
    if sum(len(item.text) for item in items) > LONGEST:
        raise InputError("the text is too long for a report", "", "give the case report alone")
    if not any(item.text.strip() for item in items):
        raise InputError("the report is empty", "", "give the text of the report")
    title, place = _title(items, _told_title(package))
    texts = [item for number, item in enumerate(items) if number != place]
    parts = parted(_paragraph(item) for item in texts)
    parts.skipped = list(_tie(list(parts.drafts.values()), texts, package))
    return parts.manuscript(title)


def _styles(package: Package, relations: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The name of each paragraph style by its id, or of the style of captions or headings that it is based on."""
    part = next((part for kind, part in relations.values() if kind == "styles"), "")
    if part not in package:
        return {}
    names: dict[str, str] = {}
    bases: dict[str, str] = {}
    for style in package.tree(part).iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name, base = style.find(f"{_W}name"), style.find(f"{_W}basedOn")
        names[key] = name.get(f"{_W}val") or "" if name is not None else key
        if base is not None:
            bases[key] = base.get(f"{_W}val") or ""
    return {key: _meant(key, names, bases) for key in names}


def _meant(key: str, names: dict[str, str], bases: dict[str, str]) -> str:
    above = key
    for _ in range(8):  # styles may be based on each other
        name = names.get(above, "")
        if _CAPTION_STYLE.search(name) or _HEADING_STYLE.match(name) or name.lower() == "title":
            return name
        above = bases.get(above, "")
    return names[key]


class _Body:
    """A pass over the document in the order that it is written."""

    def __init__(self, relations: dict[str, tuple[str, str]], styles: dict[str, str]) -> None:
        self.images = {key: part for key, (kind, part) in relations.items() if kind == "image"}
        self.styles = styles
        self.sequences = Counter[str]()
        self.rows = self.cells = 0
        self.boxes: list[Any] = []
        self.joined: tuple[Item, list[str]] | None = None
        self.fields: list[_Field] = []

    def items(self, root: Any) -> Iterator[Item]:
        """The paragraphs of a document's tree."""
        if not root.tag.startswith(_W):
            what = "the DOCX file is of the strict kind" if _STRICT in root.tag else "the file is no DOCX"
            raise InputError(what, "", "save it as an ordinary DOCX, or as plain text")
        body = root.find(f"{_W}body")
        if body is not None:
            yield from self._blocks(body, None, None)
        if self.joined is not None:
            item, words = self.joined
            yield from _by_line(item, "".join(words))

    def _blocks(self, holder: Any, row: int | None, cell: int | None) -> Iterator[Item]:
        for element in holder:
            if element.tag == f"{_W}p":
                yield from self._paragraph(element, row, cell)
            elif element.tag == f"{_W}tr":
                self.rows += 1
                yield from self._blocks(element, self.rows, cell)
            elif element.tag == f"{_W}tc":
                self.cells += 1
                yield from self._blocks(element, row, self.cells)
            elif element.tag in (f"{_W}tbl", f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
                if _is_prompt(element):
                    continue
                yield from self._blocks(element, row, cell)

    def _paragraph(self, element: Any, row: int | None, cell: int | None) -> Iterator[Item]:
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val") or "" if style is not None else ""
        item = Item(self.styles.get(name, name), row=row, cell=cell)
        self.boxes, outer = [], self.boxes
        words: list[str] = []
        if self.joined is not None:
            (item, words), self.joined = self.joined, None
        self._run(element, item, words)
        boxes, self.boxes = self.boxes, outer
        if element.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:  # its end was deleted: it goes on in the next one
            self.joined = (item, words) if self.joined is None else self.joined
        else:
            yield from _by_line(item, "".join(words))
        for box in boxes:
            yield from self._blocks(box, row, cell)

    def _run(self, holder: Any, item: Item, words: list[str]) -> None:
        """Gather the words and pictures below an element of a paragraph."""
        for element in holder:
            tag = element.tag
            if tag == f"{_W}t":
                self._say(element.text or "", words)
            elif tag == f"{_W}instrText":
                if self.fields:
                    self.fields[-1].order += element.text or ""
            elif tag == f"{_W}fldChar":
                self._mark(element.get(f"{_W}fldCharType"), words)
            elif tag == f"{_W}fldSimple":
                self.fields.append(_Field(element.get(f"{_W}instr") or ""))
                self._run(element, item, words)
                self._mark("end", words)
            elif tag == f"{_W}txbxContent":
                self.boxes.append(element)
            elif tag == f"{_CHOICE}AlternateContent":
                self._run(element[:1], item, words)  # what follows it says the same in older words
            elif tag in (f"{_A}blip", f"{_V}imagedata"):
                part = self.images.get(element.get(f"{_R}embed") or element.get(f"{_R}id") or "")
                if part:
                    item.pictures.append(part)
            elif (tag == f"{_W}r" and self._is_hidden(element)) or (tag == f"{_W}sdt" and _is_prompt(element)):
                continue
            elif tag == f"{_W}sym":
                self._say(_symbol(element), words)
            elif tag not in (f"{_W}del", f"{_W}pPr", f"{_W}rPr", f"{_W}moveFrom", f"{_W}sectPr"):
                sign = _SIGNS.get(tag.removeprefix(_W)) if isinstance(tag, str) else None
                if sign is not None:
                    self._say(sign, words)
                else:
                    self._run(element, item, words)

    def _is_hidden(self, run: Any) -> bool:
        vanish = run.find(f"{_W}rPr/{_W}vanish")
        return vanish is not None and vanish.get(f"{_W}val") not in ("0", "false", "off")

    def _say(self, text: str, words: list[str]) -> None:
        words.append(text)
        if self.fields and text.strip():
            self.fields[-1].shown = True

    def _mark(self, kind: str | None, words: list[str]) -> None:
        """A field begins or ends: a number that Word has not yet put there is counted."""
        if kind == "begin":
            self.fields.append(_Field())
        elif kind == "end" and self.fields:
            done = self.fields.pop()
            named = _SEQUENCE.match(done.order)
            if named is None:
                return
            self.sequences[named.group(1)] += 1
            if not done.shown:
                self._say(str(self.sequences[named.group(1)]), words)


def _by_line(item: Item, text: str) -> Iterator[Item]:
    """The paragraph, parted where a line within it starts another figure's caption."""
    lines = text.split("\n")
    starts = [place for place, line in enumerate(lines) if place and caption_start(line.strip())]
    for first, end in pairwise([0, *starts, len(lines)]):
        part = item if not first else Item(item.style, row=item.row, cell=item.cell)
        part.text = folded(" ".join(lines[first:end]))
        yield part


def _is_prompt(control: Any) -> bool:
    """Whether a content control shows nothing but what to fill in."""
    return control.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None


def _symbol(element: Any) -> str:
    """The letter of a symbol that is named by its code in a font (17.3.3.30)."""
    try:
        code = int(element.get(f"{_W}char") or "", 16)
    except ValueError:
        return ""
    return symbol(code) if (element.get(f"{_W}font") or "").startswith("Symbol") else ""


def _title(items: list[Item], told: str | None) -> tuple[str | None, int]:
    """The title and its place: in the style Title, else the paragraph before the text that is no sentence."""
    for place, item in enumerate(items):
        if item.style.lower() == "title" and item.text:
            return item.text, place
    first = [place for place, item in enumerate(items) if item.text][:12]
    for place in first:
        if told and items[place].text.casefold() == told.casefold():
            return told, place
    for place in first[:1]:
        text = items[place].text
        if len(text) < 200 and text[-1] not in ".!?:;," and not _SECTION.fullmatch(text) and not caption_start(text):
            return (text, place) if len(first) > 1 else (told, -1)
    return told, -1


def _told_title(package: Package) -> str | None:
    """The title in the document's description."""
    part = next((part for kind, part in package.relations("").values() if kind == "core-properties"), "")
    if part not in package:
        return None
    title = package.tree(part).find(_CORE_TITLE)
    text = folded(title.text or "") if title is not None else ""
    return text if 8 <= len(text) <= 400 and " " in text and text.lower() != "word document" else None


def _paragraph(item: Item) -> Paragraph:
    kind: Kind = "text"
    if _CAPTION_STYLE.search(item.style):
        kind = "caption"
    elif _HEADING_STYLE.match(item.style):
        kind = "heading"
    return Paragraph(item.text, kind)


def _tie(drafts: list[Draft], items: list[Item], package: Package) -> Iterator[Skipped]:
    """Give each caption the pictures beside it: in its row of a table, above it, else below it.

    Yields those that can't be shown.
    """
    captions = {draft.place: draft for draft in drafts}
    pictured = [at for at, item in enumerate(items) if item.pictures]
    if len(pictured) == len(drafts) > 1 and (pictured[-1] < min(captions) or max(captions) < pictured[0]):
        given = {id(draft): items[at].pictures for draft, at in zip(drafts, pictured, strict=True)}
    else:
        given = _given(drafts, items, captions)
    taken = 0
    for draft in drafts:
        for part in dict.fromkeys(given[id(draft)]):
            data = package.read(part) if part in package else b""
            taken += len(data)
            media = media_type(data)
            if not media or taken > _ALL_PICTURES:
                yield Skipped(part, _why(part, media is not None))
            else:
                draft.pictures.append(Picture(part, media, data))


def _why(part: str, shown: bool) -> str:
    """Why a picture's part is left out."""
    if shown:
        return "the pictures have more than 96 MB"
    if part.lower().endswith((".emf", ".wmf", ".svg", ".emz", ".wmz")):
        return "the picture is a vector drawing, which is not shown: paste it as PNG"
    return "the picture is missing, or no PNG, JPEG, GIF, TIFF or BMP"


def _given(drafts: list[Draft], items: list[Item], captions: dict[int, Draft]) -> dict[int, list[str]]:
    """The parts of each caption's pictures, by the draft's id."""
    above = sum(1 for draft in drafts if _beside(items, draft.place, -1, captions))
    below = sum(1 for draft in drafts if _beside(items, draft.place, 1, captions))
    given: dict[int, list[str]] = {}
    used: set[int] = set()
    for draft in drafts:
        places = _same_row(items, draft.place, captions)
        for step in (-1, 1) if above >= below else (1, -1):
            places = places or [at for at in _beside(items, draft.place, step, captions) if at not in used]
        own = [draft.place] if items[draft.place].pictures else []
        used.update(places)
        given[id(draft)] = [part for at in sorted({*own, *places}) for part in items[at].pictures]
    loose = [item for at, item in enumerate(items) if item.pictures and at not in used and at not in captions]
    bare = [draft for draft in drafts if draft.text and not given[id(draft)]]
    if len(loose) == len(bare):
        given |= {id(draft): item.pictures for draft, item in zip(bare, loose, strict=True)}
    return given


def _same_row(items: list[Item], place: int, captions: dict[int, Draft]) -> list[int]:
    """The places of the pictures in the caption's own cell or, where it has the row to itself, in its row."""
    caption = items[place]
    if caption.row is None:
        return []
    near = range(max(0, place - 200), min(len(items), place + 200))
    row = [at for at in near if items[at].row == caption.row]
    cell = [at for at in row if items[at].cell == caption.cell and items[at].pictures]
    others = [at for at in row if at in captions and at != place]
    return cell if cell or others else [at for at in row if items[at].pictures]


def _beside(items: list[Item], place: int, step: int, captions: dict[int, Draft]) -> list[int]:
    """The places of the pictures right above (-1) or below (+1) a caption, with nothing but pictures between."""
    found: list[int] = []
    at = place + step
    column = _column(items, place)
    while 0 <= at < len(items) and at not in captions:
        item = items[at]
        if item.pictures and (item.row is None or column is None or _column(items, at) == column):
            found.append(at)
        elif len(item.text) > 12 and not (item.row is not None and column is not None):
            break  # more than a panel's letter
        at += step
    return found


def _column(items: list[Item], place: int) -> int | None:
    """How many cells of its row stand before a paragraph's."""
    item = items[place]
    if item.row is None or item.cell is None:
        return None
    near = range(max(0, place - 200), min(len(items), place + 200))
    return len({items[at].cell for at in near if items[at].row == item.row and (items[at].cell or 0) < item.cell})
