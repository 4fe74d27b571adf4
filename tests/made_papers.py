"""Reports as PDF and DOCX, laid out as journals, posters and word processors do."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image

Layout = Literal[
    "one column", "two columns", "beside", "at the end", "poster", "rotated", "justified", "close", "counted", "centred"
]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Manner = Literal["style", "words", "fields", "table", "text boxes", "at the end"]
MANNERS: tuple[Manner, ...] = ("style", "words", "fields", "table", "text boxes", "at the end")


@dataclass(frozen=True)
class Paper:
    """What a report says: its title, the paragraphs of its story, and captions by label."""

    title: str
    story: tuple[str, ...]
    captions: tuple[tuple[str, str], ...]


def grey(label: str) -> bytes:
    """A picture that tells which figure's it is."""
    shade = sum(label.encode()) % 200 + 20
    file = io.BytesIO()
    Image.fromarray(np.full((60, 80), shade, np.uint8)).save(file, "PNG")
    return file.getvalue()


def shade(picture: bytes) -> int:
    """How bright a grey picture is."""
    return int(np.asarray(Image.open(io.BytesIO(picture)).convert("L"))[30, 40])


class Sheet:
    """A page of a PDF that is being set: a column is (x, width), y goes up; `across` the page like a wide table."""

    def __init__(self, size: tuple[float, float] = (595, 842), title: str = "", across: bool = False) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.file = io.BytesIO()
        self.canvas = Canvas(self.file, pagesize=size, invariant=1, pageCompression=1)
        self.canvas.setTitle(title)
        self.paper, self.across = size[0], across
        self.wide, self.high = size[::-1] if across else size
        self.pages = 0
        self.y = self.high - 60
        self.heads()

    def heads(self) -> None:
        self.pages += 1
        if self.across:
            self.canvas.translate(self.paper, 0)
            self.canvas.rotate(90)
        self.canvas.setFont("Helvetica", 8)
        self.canvas.drawString(50, self.high - 30, "Journal of Made Cases 2024; 12")
        self.canvas.drawCentredString(self.wide / 2, 25, str(self.pages))

    def turn(self) -> None:
        self.canvas.showPage()
        self.heads()
        self.y = self.high - 60

    def lines(self, text: str, wide: float, font: str, size: float, first: float = 0) -> list[list[str]]:
        found: list[list[str]] = [[]]
        for word in text.split():
            room = wide - (first if len(found) == 1 else 0)
            if found[-1] and self.canvas.stringWidth(" ".join([*found[-1], word]), font, size) > room:
                found.append([])
            found[-1].append(word)
        return found

    def write(
        self,
        text: str,
        column: tuple[float, float],
        font: str = "Times-Roman",
        size: float = 10,
        leading: float = 1.2,
        justified: bool = False,
        label: str = "",
    ) -> None:
        """Set a paragraph from y downwards, its label in bold."""
        x, wide = column
        lead = self.canvas.stringWidth(f"{label} ", "Times-Bold", size) if label else 0
        lines = self.lines(text, wide, font, size, lead)
        for number, words in enumerate(lines):
            self.y -= size * leading
            at = x
            if number == 0 and label:
                self.canvas.setFont("Times-Bold", size)
                self.canvas.drawString(x, self.y, label)
                at = x + lead
            self.canvas.setFont(font, size)
            line = " ".join(words)
            room = wide - (at - x) - self.canvas.stringWidth(line, font, size)
            spread = justified and number < len(lines) - 1 and len(words) > 1
            self.canvas.drawString(at, self.y, line, wordSpace=room / (len(words) - 1) if spread else 0)

    def picture(self, label: str, column: tuple[float, float], high: float = 90) -> None:
        from reportlab.lib.utils import ImageReader

        self.y -= high + 8
        self.canvas.drawImage(ImageReader(io.BytesIO(grey(label))), column[0] + 10, self.y, 120, high)

    def done(self) -> bytes:
        self.canvas.save()
        return self.file.getvalue()


def pdf(paper: Paper, layout: Layout, told: bool = False) -> bytes:
    """The paper as a PDF; `told`: its description has the title."""
    size = (1684.0, 1191.0) if layout == "poster" else (595.0, 842.0)
    sheet = Sheet(size, paper.title if told else "", layout == "rotated")
    whole = (50.0, sheet.wide - 100)
    sheet.write(paper.title, whole, "Helvetica-Bold", 18 if layout != "poster" else 48)
    sheet.y -= 24
    _SETTERS[layout](sheet, paper, whole)
    return sheet.done()


def _one_column(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    for number, text in enumerate(paper.story):
        _room(sheet, 100)
        sheet.write(text, whole)
        sheet.y -= 8
        if number < len(paper.captions):
            _figure(sheet, paper.captions[number], whole)
    for one in paper.captions[len(paper.story) :]:
        _figure(sheet, one, whole)


def _justified(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    for text in paper.story:
        _room(sheet, 100)
        sheet.write(text, whole, justified=True, leading=1.5)
        sheet.y -= 10
    for one in paper.captions:
        _figure(sheet, one, whole, justified=True)


def _two_columns(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    left, right = (50.0, 236.0), (310.0, 236.0)
    top = sheet.y
    half = (len(paper.story) + 1) // 2
    figures = (len(paper.captions) + 1) // 2
    bottoms = []
    for column, story, captions in (
        (left, paper.story[:half], paper.captions[:figures]),
        (right, paper.story[half:], paper.captions[figures:]),
    ):
        sheet.y = top
        for text in story[:1]:
            sheet.write(text, column, justified=True)
        for one in captions:
            _figure(sheet, one, column, high=50)
        for text in story[1:]:
            sheet.write(text, column, justified=True)
        bottoms.append(sheet.y)
    sheet.y = min(bottoms) - 12


def _close(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    """Two columns one type's size apart, their base lines at different heights."""
    top = sheet.y
    figures = list(paper.captions)
    for column, story, shift in (((50.0, 240.0), paper.story[::2], 0.0), ((300.0, 240.0), paper.story[1::2], 4.5)):
        sheet.y = top - shift
        for text in story:
            sheet.write(text, column, justified=True)
        while figures and len(figures) > (len(paper.captions) // 2 if not shift else 0):
            _figure(sheet, figures.pop(0), column, high=40, justified=True)


def _counted(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    """A manuscript with the numbers of its lines in the left margin."""
    number = 0
    for text in (*paper.story, *(f"Figure {label}. {caption}" for label, caption in paper.captions)):
        _room(sheet, 300)
        start = sheet.y
        sheet.write(text, (80.0, 440.0), size=12, leading=2.0)
        sheet.canvas.setFont("Helvetica", 6)
        for line in range(1, round((start - sheet.y) / 24) + 1):
            number += 1
            sheet.canvas.drawRightString(66, start - 24 * line, str(number))
    for label, _ in paper.captions:
        sheet.turn()
        sheet.picture(label, whole, 300)


def _centred(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    for text in paper.story:
        _room(sheet, 100)
        sheet.write(text, whole)
        sheet.y -= 8
    for label, text in paper.captions:
        _room(sheet, 250)
        sheet.picture(label, whole)
        sheet.canvas.setFont("Helvetica", 8)
        for words in sheet.lines(f"Figure {label}. {text}", 330, "Helvetica", 8):
            sheet.y -= 9.6
            sheet.canvas.drawCentredString(sheet.wide / 2, sheet.y, " ".join(words))
        sheet.y -= 24


def _beside(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    for text in paper.story:
        _room(sheet, 100)
        sheet.write(text, whole)
        sheet.y -= 8
    for label, text in paper.captions:
        _room(sheet, 180)
        sheet.y -= 30
        top = sheet.y
        sheet.picture(label, (50, 130), 120)
        bottom, sheet.y = sheet.y, top
        sheet.write(text, (200, 300), "Helvetica", 9, label=f"Figure {label}.")
        sheet.y = min(bottom, sheet.y)


def _at_the_end(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    for text in paper.story:
        _room(sheet, 100)
        sheet.write(text, whole, size=12, leading=2.0)
    sheet.turn()
    sheet.write("Figure legends", whole, "Times-Bold", 12)
    for label, text in paper.captions:
        _room(sheet, 200)
        sheet.write(f"Figure {label}. {text}", whole, size=12, leading=2.0)
    for label, _ in paper.captions:
        sheet.turn()
        sheet.picture(label, whole, 300)


def _poster(sheet: Sheet, paper: Paper, whole: tuple[float, float]) -> None:
    columns = [(60.0, 480.0), (600.0, 480.0), (1140.0, 480.0)]
    top = sheet.y
    for number, column in enumerate(columns):
        sheet.y = top
        for text in paper.story[number::3]:
            sheet.write(text, column, "Helvetica", 20)
            sheet.y -= 20
        for one in paper.captions[number::3]:
            _figure(sheet, one, column, size=16)


def _room(sheet: Sheet, high: float) -> None:
    if sheet.y < high:
        sheet.turn()


def _figure(
    sheet: Sheet,
    caption: tuple[str, str],
    column: tuple[float, float],
    size: float = 8.5,
    high: float = 90,
    justified: bool = False,
) -> None:
    label, text = caption
    if column[1] > 400:
        _room(sheet, 250)
    sheet.picture(label, column, high)
    sheet.y -= 4
    sheet.write(text, column, "Helvetica", size, label=f"Figure {label}.", justified=justified)
    sheet.y -= 16


_SETTERS: dict[Layout, Callable[[Sheet, Paper, tuple[float, float]], None]] = {
    "one column": _one_column,
    "two columns": _two_columns,
    "beside": _beside,
    "at the end": _at_the_end,
    "poster": _poster,
    "rotated": _justified,
    "justified": _justified,
    "close": _close,
    "counted": _counted,
    "centred": _centred,
}


def docx(paper: Paper, manner: Manner) -> bytes:
    """The paper as a DOCX, its captions marked in that manner."""
    import docx as python_docx

    document = python_docx.Document()
    if manner == "words":
        document.core_properties.title = paper.title
    else:
        document.add_paragraph(paper.title, style="Title")
    for text in paper.story:
        document.add_paragraph(text)
    if manner == "table":
        table = document.add_table(len(paper.captions), 2)
        for row, (label, text) in zip(table.rows, paper.captions, strict=True):
            _add_picture(row.cells[0].paragraphs[0], label)
            row.cells[1].paragraphs[0].add_run(f"Figure {label}. {text}")
    elif manner == "at the end":
        for label, _ in paper.captions:
            _add_picture(document.add_paragraph(), label)
        document.add_page_break()
        for label, text in paper.captions:
            document.add_paragraph(f"Figure {label}. {text}")
    else:
        for label, text in paper.captions:
            _add_picture(document.add_paragraph(), label)
            _add_caption(document, label, text, manner)
            document.add_paragraph("The story goes on here.")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add_picture(paragraph: Any, label: str) -> None:
    paragraph.add_run().add_picture(io.BytesIO(grey(label)))


def _add_caption(document: Any, label: str, text: str, manner: Manner) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    if manner == "style":
        paragraph = document.add_paragraph(style="Caption")
        paragraph.add_run(f"Figure {label} ").bold = True
        paragraph.add_run(text)
    elif manner == "words":
        document.add_paragraph(f"Fig. {label}: {text}")
    elif manner == "fields":
        paragraph = document.add_paragraph("Figure ", style="Caption")
        digits = label.rstrip("ABCDEFG")
        field = f'<w:fldSimple {nsdecls("w")} w:instr=" SEQ Figure "><w:r><w:t>{digits}</w:t></w:r></w:fldSimple>'
        paragraph._p.append(parse_xml(field))
        paragraph.add_run(f"{label[len(digits) :]}. {text}")
    else:
        box = (
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
            'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:AlternateContent>'
            "<mc:Choice Requires='wps'><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t></w:t></w:r></w:p>"
            "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>"
            "</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
        run = parse_xml(box)
        for words in run.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"):
            words.text = f"Figure {label}. {text}"
        document.add_paragraph()._p.append(run)


def said(parts: Sequence[Any]) -> dict[str, str]:
    """Label → caption of a report's figures."""
    return {figure.label: figure.caption.text for figure in parts}
