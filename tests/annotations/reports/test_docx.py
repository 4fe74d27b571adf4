"""DOCX as word processors write it: changes that are tracked, controls, symbols, styles, pictures nobody can show."""

from __future__ import annotations

import pytest
from bad_reports import body, docx_of

from callout.reports import Report, read_report_bytes
from callout.reports.docx import parse_docx
from callout.reports.manuscript import Manuscript

STYLES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(inner: str, others: dict[str, bytes] | None = None) -> Manuscript:
    return parse_docx(docx_of(body(inner), others))


def captions(inner: str, others: dict[str, bytes] | None = None) -> dict[str, str]:
    return {legend.label: legend.text.text for legend in read(inner, others).legends}


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


DELETED = "<w:del><w:r><w:delText>right </w:delText></w:r></w:del>"
PROMPT = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Type.</w:t></w:r></w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    ("inner", "caption"),
    [
        (
            f"<w:ins>{run('left ')}</w:ins>{DELETED}{run('lung')}",
            "left lung",
        ),
        (f"<w:moveFrom>{run('old ')}</w:moveFrom><w:moveTo>{run('new ')}</w:moveTo>{run('place')}", "new place"),
        (f"<w:sdt><w:sdtContent>{run('left ')}</w:sdtContent></w:sdt>{run('lung')}", "left lung"),
        (
            f"{PROMPT}{run('A')}",
            "A",
        ),
        (f"{run('3.2')}<w:r><w:sym w:font='Symbol' w:char='F0B4'/></w:r>{run('2.1 cm')}", "3.2×2.1 cm"),
        (f"{run('A mass')}<w:r><w:footnoteReference w:id='1'/></w:r>{run('.')}", "A mass."),
        (f"<w:hyperlink>{run('A')}</w:hyperlink><w:smartTag>{run(' mass')}</w:smartTag>", "A mass"),
        (f"{run('A')}<w:r><w:br/></w:r>{run('mass')}", "A mass"),
        (f"{run('A ')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden </w:t></w:r>{run('mass')}", "A mass"),
    ],
    ids=["changes", "moves", "control", "prompt", "symbol", "footnote", "links", "line", "hidden"],
)
def test_a_caption_says_what_its_reader_sees(inner: str, caption: str) -> None:
    assert captions(f"<w:p>{run('Figure 1. ')}{inner}</w:p>") == {"1": caption}


def test_captions_on_lines_of_one_paragraph_are_several() -> None:
    lines = "<w:r><w:br/></w:r>".join(run(f"Figure {label}. Image {label}.") for label in "123")
    assert captions(f"<w:p>{lines}</w:p>") == {"1": "Image 1.", "2": "Image 2.", "3": "Image 3."}


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    ended = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    inner = (
        f"<w:p>{ended}{run('Figure 1. Axial CT of a ')}</w:p><w:p>{run('mass.')}</w:p><w:p>{run('He went home.')}</w:p>"
    )
    assert captions(inner) == {"1": "Axial CT of a mass."}


def test_a_style_that_is_based_on_captions_is_one() -> None:
    styles = (
        f"<w:styles {W}><w:style w:styleId='a'><w:name w:val='caption'/></w:style>"
        "<w:style w:styleId='b'><w:name w:val='Own words'/><w:basedOn w:val='a'/></w:style></w:styles>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{STYLES}/styles" Target="styles.xml"/></Relationships>'
    )
    others = {"word/styles.xml": styles.encode(), "word/_rels/document.xml.rels": relations.encode()}
    styled = "<w:pPr><w:pStyle w:val='b'/></w:pPr>"
    first, second = f"<w:p>{styled}{run('Figure 1. A mass.')}</w:p>", f"<w:p>{styled}{run('It grew.')}</w:p>"
    assert captions(first + second, others) == {"1": "A mass. It grew."}


@pytest.mark.parametrize(("part", "says"), [("media/a.emf", "vector drawing"), ("media/a.bin", "no PNG")])
def test_a_picture_that_nobody_can_show_is_told(part: str, says: str) -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{STYLES}/image" Target="{part}"/></Relationships>'
    )
    shown = '<w:p><w:r><w:drawing><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
    others = {f"word/{part}": bytes(100), "word/_rels/document.xml.rels": relations.encode()}
    data = docx_of(body(f"{shown}<w:p>{run('Figure 1. A mass.')}</w:p>"), others)
    report = read_report_bytes(data, "a.docx")
    assert report.figures[0].caption.text == "A mass."
    assert [one.path for one in report.skipped] == [f"word/{part}"]
    assert says in report.skipped[0].reason
    assert Report.from_json(report.to_json()).skipped == report.skipped
