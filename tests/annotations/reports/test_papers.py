"""PDF and DOCX as journals, posters and word processors lay them out: title, captions, body and pictures."""

from __future__ import annotations

import io

import bad_reports
import made_papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_papers import LAYOUTS, MANNERS, Layout, Manner, Paper

from callout.reports import read_report_bytes
from callout.reports.docx import parse_docx
from callout.reports.hyphens import Spelling
from callout.reports.manuscript import Manuscript
from callout.reports.pdf import parse_pdf

PAPER = Paper(
    "Holes in the lung of a gardener",
    (
        "A gardener coughed for many weeks and lost weight, which led to a CT of the chest. It showed cavitating "
        "nodules on both sides (Figure 1), some of them with thick walls, and little else that helped us further.",
        "A biopsy was taken from the largest one. It is shown in Figure 2 together with the way that the needle took. "
        "Nothing grew from it in any of the cultures, and so the search went on for a while.",
        "Months later all of them had gone. Such a course is rare but known to those who look after gardeners, and "
        "is told here at length for those who do not.",
    ),
    (
        (
            "1",
            "Axial CT of the chest in a lung window shows cavitating nodules (1) in the left upper lobe and "
            "ground-glass opacities (2). The arrow points at the largest of them, which is 3.2 x 2.1 cm.",
        ),
        ("2", "Coronal CT with the needle (arrowhead)."),
        (
            "3",
            "(a) Axial T1-weighted MR image and (b) sagittal STIR image of the spine. There is a mass at L2-L3. "
            "The asterisk marks the psoas muscle on the left side. Both were taken on one day.",
        ),
    ),
)
NOUNS = ["nodule", "mass", "signal", "lobe", "image", "opacity", "L4-L5", "T2-weighted", "ground-glass", "mm"]
WORDS = st.sampled_from([*NOUNS, "the", "of", "in", "with", "left", "axial", "shows", "(arrow),", "which", "at", "12"])
SENTENCES = st.lists(WORDS, min_size=4, max_size=30).map(lambda words: " ".join(words).capitalize().rstrip(",") + ".")
LABELS = st.lists(st.integers(1, 12), min_size=1, max_size=5, unique=True).map(sorted)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    story = draw(st.lists(st.lists(SENTENCES, min_size=2, max_size=5).map(" ".join), min_size=3, max_size=6))
    labels = draw(LABELS)
    sentences = st.lists(SENTENCES, min_size=1, max_size=4).map(" ".join)
    captions = [(str(label), f"{draw(sentences)} Taken on day 9{label}.") for label in labels]
    return Paper("A made report of a mass", tuple(story), tuple(captions))


def holds(manuscript: Manuscript, paper: Paper, title: str | None = "") -> None:
    assert {legend.label: legend.text.text for legend in manuscript.legends} == dict(paper.captions)
    assert manuscript.title == (paper.title if title == "" else title)
    assert not any(text.split(". ")[-1] in manuscript.body.text for _, text in paper.captions)


def shades(manuscript: Manuscript) -> dict[str, list[int]]:
    return {legend.label: [made_papers.shade(one.data) for one in legend.embedded] for legend in manuscript.legends}


def own(paper: Paper) -> dict[str, list[int]]:
    return {label: [made_papers.shade(made_papers.grey(label))] for label, _ in paper.captions}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pdf_gives_its_captions_its_story_and_its_pictures(layout: Layout) -> None:
    manuscript = parse_pdf(made_papers.pdf(PAPER, layout))
    holds(manuscript, PAPER)
    assert shades(manuscript) == own(PAPER)
    story = PAPER.story[::2] + PAPER.story[1::2] if layout == "close" else PAPER.story
    assert manuscript.body.text == " ".join(story)


@pytest.mark.parametrize("manner", MANNERS)
def test_a_docx_gives_its_captions_its_story_and_its_pictures(manner: Manner) -> None:
    manuscript = parse_docx(made_papers.docx(PAPER, manner))
    holds(manuscript, PAPER)
    assert shades(manuscript) == own(PAPER)
    assert manuscript.body.text.startswith(" ".join(PAPER.story))


@pytest.mark.parametrize(("name", "data"), [("a.pdf", made_papers.pdf), ("a.docx", made_papers.docx)])
def test_the_report_has_what_the_process_read(name: str, data: object) -> None:
    made = made_papers.pdf(PAPER, "two columns") if name == "a.pdf" else made_papers.docx(PAPER, "fields")
    report = read_report_bytes(made, name)
    assert {figure.label: figure.caption.text for figure in report.figures} == dict(PAPER.captions)
    assert [len(figure.pictures) for figure in report.figures] == [1, 1, 1]
    names = [picture.name for figure in report.figures for picture in figure.pictures]
    assert len(set(names)) == 3
    first = report.figures[0]
    assert [report.body[start:end] for start, end in first.citations] == ["Figure 1"]


@settings(deadline=None, max_examples=15)
@given(papers(), st.sampled_from(LAYOUTS))
def test_any_paper_comes_back_from_a_pdf(paper: Paper, layout: Layout) -> None:
    holds(parse_pdf(made_papers.pdf(paper, layout)), paper)


@settings(deadline=None, max_examples=15)
@given(papers(), st.sampled_from(MANNERS))
def test_any_paper_comes_back_from_a_docx(paper: Paper, manner: Manner) -> None:
    holds(parse_docx(made_papers.docx(paper, manner)), paper)


def test_a_caption_goes_on_at_the_head_of_the_next_column() -> None:
    sheet = made_papers.Sheet()
    story = " ".join(PAPER.story)
    sheet.write(story, (50, 230), justified=True)
    sheet.picture("1", (50, 230))
    caption = "Axial CT shows nodules in both lungs, of which the largest lies in the left upper lobe (arrow)."
    first, *rest = sheet.lines(f"Figure 1. {caption}", 230, "Helvetica", 8)
    sheet.write(" ".join(first), (50, 230), "Helvetica", 8)
    sheet.y = sheet.high - 60
    sheet.write(" ".join(" ".join(words) for words in rest), (310, 230), "Helvetica", 8)
    sheet.y -= 10
    sheet.write(story, (310, 230), justified=True)
    manuscript = parse_pdf(sheet.done())
    assert [legend.text.text for legend in manuscript.legends] == [caption]
    assert manuscript.body.text == f"{story} {story}"


def test_a_caption_that_a_column_cuts_goes_on_behind_the_story() -> None:
    sheet = made_papers.Sheet()
    story, more, _ = PAPER.story
    sheet.write(story, (50, 230), justified=True)
    caption = "Axial CT shows nodules in both lungs, of which the largest lies in the left upper lobe (arrow)."
    first, *rest = sheet.lines(f"Figure 1. {caption}", 230, "Helvetica", 8)
    sheet.picture("1", (50, 230))
    sheet.write(" ".join(first), (50, 230), "Helvetica", 8)
    sheet.y = sheet.high - 60
    sheet.write(more, (310, 230), justified=True)
    sheet.y -= 10
    sheet.write(" ".join(" ".join(words) for words in rest), (310, 230), "Helvetica", 8)
    manuscript = parse_pdf(sheet.done())
    assert [legend.text.text for legend in manuscript.legends] == [caption]
    assert manuscript.body.text == f"{story} {more}"


def test_the_story_right_below_a_caption_in_its_type_is_no_part_of_it() -> None:
    sheet = made_papers.Sheet()
    story = "The cavities became smaller under the treatment and were gone after ten months. " + PAPER.story[1]
    for label, text in PAPER.captions:
        sheet.picture(label, (50, 480))
        sheet.write(f"Figure {label}. {text}", (50, 480))
        sheet.write(story, (50, 480))
    holds(parse_pdf(sheet.done()), Paper("", (), PAPER.captions), None)


@pytest.mark.parametrize("left", [True, False])
def test_a_picture_belongs_to_the_caption_beside_it_on_either_side(left: bool) -> None:
    sheet = made_papers.Sheet()
    sheet.write(PAPER.story[0], (50, 480))
    for label, text in PAPER.captions:
        sheet.y -= 6
        top = sheet.y - 60
        sheet.picture(label, (300, 130) if left else (50, 130))
        bottom, sheet.y = sheet.y, top
        sheet.write(text, (50, 240) if left else (200, 300), "Helvetica", 8, label=f"Fig. {label}:")
        sheet.y = min(bottom, sheet.y)
    assert shades(parse_pdf(sheet.done())) == own(PAPER)


def test_a_number_below_the_text_is_the_page_s_wherever_the_margin_is() -> None:
    text = [
        b"The lungs were clear on the day",
        b"of which we speak, the spine",
        b"was not, and so she stayed for",
        b"3 days.",
    ]
    lines = b"".join(b"(%s) ' " % line for line in text)
    content = b"BT /F 10 Tf 12 TL 50 250 Td %s ET BT /F 10 Tf 290 180 Td (1) Tj ET" % lines
    assert parse_pdf(bad_reports.page(bad_reports.stream(content))).body.text == b" ".join(text).decode()


def test_words_set_twice_to_look_bold_are_read_once() -> None:
    sheet = made_papers.Sheet()
    for shift in (0, 0.3):
        sheet.canvas.setFont("Helvetica", 10)
        sheet.canvas.drawString(50 + shift, 600, "Figure 1. A mass, a mass.")
    assert [legend.text.text for legend in parse_pdf(sheet.done()).legends] == ["A mass, a mass."]


def test_a_docx_without_styles_starts_with_its_title() -> None:
    import docx as python_docx

    document = python_docx.Document()
    for text in (PAPER.title, *PAPER.story, "Figure 1: A mass."):
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    manuscript = parse_docx(file.getvalue())
    assert manuscript.title == PAPER.title
    assert manuscript.body.text == " ".join(PAPER.story)


def test_what_a_line_breaks_is_put_together_and_its_own_hyphen_kept() -> None:
    lines = [
        "a para-",
        "vertebral mass, T1-",
        "weighted, pre-",
        "and postcontrast, a contrast-",
        "enhanced follow-",
        "up",
    ]
    assert Spelling([*lines, "at follow-up"]).joined(lines) == (
        "a paravertebral mass, T1-weighted, pre- and postcontrast, a contrast-enhanced follow-up"
    )


def test_a_number_that_word_has_not_yet_filled_in_is_counted() -> None:
    import docx as python_docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = python_docx.Document()
    for text in ("A mass.", "A node."):
        paragraph = document.add_paragraph("Figure ", style="Caption")
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            "<w:instrText> SEQ Figure </w:instrText>",
            '<w:fldChar w:fldCharType="separate"/>',
            '<w:fldChar w:fldCharType="end"/>',
        ):
            paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{part}</w:r>"))
        paragraph.add_run(f": {text}")
    file = io.BytesIO()
    document.save(file)
    legends = parse_docx(file.getvalue()).legends
    assert [(legend.label, legend.text.text) for legend in legends] == [("1", "A mass."), ("2", "A node.")]
