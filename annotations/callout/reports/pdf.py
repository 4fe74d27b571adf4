"""PDF: the words and pictures of its pages, columns read one after the other, captions with the pictures beside them.

Only the process that may be lost runs `parse_pdf`; everybody else calls `read_pdf`.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from callout.errors import InputError
from callout.reports.child import read_apart
from callout.reports.decoding import LONGEST
from callout.reports.embedded import PIXELS, picture_file
from callout.reports.glyphs import UNKNOWN
from callout.reports.hyphens import Spelling
from callout.reports.layout import Block, read_blocks
from callout.reports.manuscript import Manuscript
from callout.reports.model import Picture, Skipped
from callout.reports.pages import Page, Placed, read_pages
from callout.reports.paragraphs import Draft, Paragraph, parted
from callout.reports.pictures import media_type
from callout.reports.sentences import first_sentences, speaks_of_picture, tells_story
from callout.reports.text import caption_start

_SMALLEST = 36.0  # points: what is less wide or high is an ornament
_PAGES = 400
_OPERATORS = 1_000_000  # of a page, with what they work on
_ALL_PICTURES = 96 * 1024 * 1024  # bytes
_HEADING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})?\.?\s)?[A-Z][A-Za-z ,&/-]{2,60}")
_WORDS = re.compile(r"\w+")


def read_pdf(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a PDF file called `name`, with the pictures that its figures show.

    Raises:
        InputError: no PDF, encrypted, damaged, without text, or more than 15 s and 600 MB can read.
    """
    if b"%PDF-" not in data[:1024]:
        what = "the report is empty" if not data.strip() else "the file is no PDF"
        raise InputError(what, name, "give the report as PDF, or as plain text")
    return read_apart("pdf", data, name)


def parse_pdf(data: bytes) -> Manuscript:
    """The manuscript in a PDF; any exception but InputError means damage."""
    from pypdf.errors import LimitReachedError

    reader = _reader(data)
    try:
        pages = list(read_pages(reader))
    except LimitReachedError as error:
        raise InputError("the PDF is too large or too deep", "", "print it to a new PDF, or save it as text") from error
    blocks = read_blocks(pages)
    letters = sum(len(row.text) for block in chain.from_iterable(blocks) for row in block.rows)
    if letters > LONGEST:
        raise InputError("the text is too long for a report", "", "give the case report alone")
    if letters < 10:
        raise InputError("the PDF has no text, only pictures", "", "recognise its text first, or type the captions")
    unknown = sum(row.text.count(UNKNOWN) for block in chain.from_iterable(blocks) for row in block.rows)
    if unknown > 0.1 * letters:
        raise InputError("the PDF does not tell the letters of its fonts", "", "recognise its text first, or type it")
    title, rest = _title(reader, blocks)
    spelling = Spelling(row.text for block in chain.from_iterable(blocks) for row in block.rows)
    size, face = _usual_size(rest), _usual_face(rest)
    rest = list(chain.from_iterable(_without_story(block, face) for block in rest))
    parts = parted((_paragraph(block, spelling, size) for block in rest), face)
    parts.skipped = _tie(parts.drafts, rest, pages)
    for draft in parts.drafts.values():
        draft.parts = [spelling.joined(draft.parts)]
    parts.body = [spelling.joined(parts.body)]
    return parts.manuscript(title)


def _reader(data: bytes) -> Any:
    from pypdf import PdfReader, overwrite_configuration
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    # No program of the system is called, and no picture is larger than a screen can use.
    overwrite_configuration(
        jbig2dec_binary=None, image_maximum_buffer_size=4 * PIXELS, stream_parsing_work_maximum_count=_OPERATORS
    )
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        pages = len(reader.pages)
    except (DependencyError, FileNotDecryptedError) as error:
        raise InputError("the PDF is encrypted with a password", "", "print it to a new PDF without one") from error
    except LimitReachedError as error:
        raise InputError("the PDF is too large or too deep", "", "print it to a new PDF, or save it as text") from error
    if not 0 < pages <= _PAGES:
        what = "the PDF has no pages" if not pages else f"the PDF has more than {_PAGES} pages"
        raise InputError(what, "", "give the case report alone")
    return reader


def _paragraph(block: Block, spelling: Spelling, size: float) -> Paragraph:
    text = spelling.joined(row.text for row in block.rows)
    heading = len(block.rows) == 1 and _HEADING.fullmatch(text) is not None and block.size > 0.99 * size
    alone = heading and (block.size > 1.08 * size or "bold" in block.rows[0].font.lower())
    return Paragraph(text, "heading" if alone else "text", block.follows, block.face)


def _usual_size(blocks: Iterable[Block]) -> float:
    """The size of the type that most letters are set in."""
    sizes = Counter[float]()
    for block in blocks:
        for row in block.rows:
            sizes[round(row.size, 1)] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _usual_face(blocks: Iterable[Block]) -> str:
    """The type of the story."""
    faces = Counter[str]()
    for block in blocks:
        faces[block.face] += sum(len(row.text) for row in block.rows)
    return faces.most_common(1)[0][0] if faces else ""


def _without_story(block: Block, face: str) -> Iterator[Block]:
    """The block, parted where the story goes on right below a caption that is set in its type."""
    if block.face != face or caption_start(block.rows[0].text) is None:
        yield block
        return
    for place in range(1, len(block.rows) - 2):
        if block.rows[place - 1].text.endswith((".", "!", "?")):
            rest = " ".join(row.text for row in block.rows[place:])
            if not speaks_of_picture(first_sentences(rest)[0]) and tells_story(rest):
                yield Block(block.rows[:place], block.page, block.follows)
                yield Block(block.rows[place:], block.page)
                return
    yield block


def _title(reader: Any, blocks: Sequence[list[Block]]) -> tuple[str | None, list[Block]]:
    """The title (told by the file where page one shows it, else the largest words there), and the other blocks."""
    everything = list(chain.from_iterable(blocks))
    first = next((page for page in blocks if page), [])
    told = _told_title(reader)
    size = _usual_size(everything)
    largest = max((block.size for block in first), default=0.0)
    shown = [block for block in first if block.size > 0.97 * largest] if largest > 1.15 * size else []
    shown = [block for block in shown if caption_start(block.rows[0].text) is None]
    words = _key(told)
    same = [block for block in first[:12] if words and (key := _key(_text(block))) and (key in words or words in key)]
    if told and same and words in "".join(_key(_text(block)) for block in same):
        whole = "".join(_key(_text(block)) for block in same) == words
        return told, [block for block in everything if not (whole and any(block is one for one in same))]
    if shown:
        title = " ".join(_text(block) for block in shown)
        if 3 <= len(title) <= 400:
            return title, [block for block in everything if not any(block is one for one in shown)]
    return told, everything


def _told_title(reader: Any) -> str | None:
    """The title in the file's own description, unless it is a file's or a program's name."""
    try:
        title = " ".join(str(reader.metadata.title or "").split()) if reader.metadata else ""
    except Exception:
        return None  # a description that can't be read is none
    if not 8 <= len(title) <= 400 or " " not in title or "\\" in title:
        return None
    if re.search(r"\.(?:docx?|pdf|tex|indd|rtf|odt|qxd)\b|^microsoft|^untitled|^\W*anonymous", title, re.IGNORECASE):
        return None
    return title


def _key(text: str | None) -> str:
    return "".join(_WORDS.findall(text or "")).lower()


def _text(block: Block) -> str:
    return Spelling(row.text for row in block.rows).joined(row.text for row in block.rows)


def _tie(drafts: dict[str, Draft], blocks: Sequence[Block], pages: Sequence[Page]) -> list[Skipped]:
    """Give each figure its pictures: those beside its caption, else those of the pages without captions, in order.

    Returns those that can't be shown.
    """
    seen = Counter(id(placed.stream) for page in pages for placed in page.pictures)
    store: dict[int, list[Placed]] = {}
    loose: list[tuple[int, Placed]] = []
    for number, page in enumerate(pages):
        captions = [draft for draft in drafts.values() if blocks[draft.place].page == number]
        shown = [one for one in page.pictures if _is_figure(one, page) and seen[id(one.stream)] <= 2]
        owners = _arranged(shown, [blocks[draft.place] for draft in captions], page.bottom - page.top)
        for placed, owner in zip(shown, owners, strict=True):
            if owner is None:
                loose.append((number, placed))
            else:
                store.setdefault(id(captions[owner]), []).append(placed)
    bare = sorted((draft for draft in drafts.values() if draft.text and id(draft) not in store), key=_place)
    sheets = sorted({number for number, _ in loose})
    by_page = [[placed for at, placed in loose if at == sheet] for sheet in sheets]
    for groups in ([[placed] for _, placed in loose], by_page):
        if len(groups) == len(bare):
            store |= {id(draft): group for draft, group in zip(bare, groups, strict=True)}
            break
    return list(_take(list(drafts.values()), store))


def _arranged(pictures: Sequence[Placed], captions: Sequence[Block], farthest: float) -> list[int | None]:
    """Which caption each picture of a page has: all of them below, or all beside, or all above, as fits best."""
    best: tuple[tuple[int, float], list[int | None]] | None = None
    for away in (_below, _beside, _above):
        owners: list[int | None] = []
        total = 0.0
        for placed in pictures:
            found = [(away(placed, block), number) for number, block in enumerate(captions)]
            distance, owner = min(found, default=(farthest, -1))
            owners.append(owner if distance < 0.5 * farthest else None)
            total += min(distance, farthest)
        score = (-len({owner for owner in owners if owner is not None}), total)
        if best is None or score < best[0]:
            best = score, owners
    return best[1] if best else []


def _below(placed: Placed, block: Block) -> float:
    """How far below a picture a caption stands, in points."""
    return _far(block.top - placed.bottom, _across(placed, block))


def _above(placed: Placed, block: Block) -> float:
    return _far(placed.top - block.bottom, _across(placed, block))


def _beside(placed: Placed, block: Block) -> float:
    level = min(block.bottom, placed.bottom) > max(block.top, placed.top)
    return _far(_across(placed, block), 0.0) if level else float("inf")


def _across(placed: Placed, block: Block) -> float:
    return max(placed.x0 - block.x1, block.x0 - placed.x1)


def _far(along: float, across: float) -> float:
    """A distance that counts what lies off its own line three times; too near is no neighbour but an overlap."""
    return (max(along, 0.0) if along > -14 else float("inf")) + 3 * max(across, 0.0)


def _take(drafts: Sequence[Draft], store: dict[int, list[Placed]]) -> Iterator[Skipped]:
    """Read the pictures that the figures have, and tell those that can't be read."""
    taken = 0
    for number, draft in enumerate(drafts, 1):
        for placed in sorted(store.get(id(draft), []), key=lambda one: (one.top, one.x0)):
            data = picture_file(placed.stream)
            taken += len(data)
            media = media_type(data)
            if not media or taken > _ALL_PICTURES:
                reason = "the picture can't be read" if not media else "the pictures have more than 96 MB"
                yield Skipped(f"figure {draft.label}", reason)
            else:
                name = f"figure-{number}-{len(draft.pictures) + 1}.{media.removeprefix('image/')}"
                draft.pictures.append(Picture(name, media, data))


def _place(draft: Draft) -> int:
    return draft.place


def _is_figure(placed: Placed, page: Page) -> bool:
    wide, high = placed.x1 - placed.x0, placed.bottom - placed.top
    return min(wide, high) >= _SMALLEST and high < 0.97 * (page.bottom - page.top)
