"""One report in the many ways that text comes has the same labels, captions and body."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_papers import Paper
from made_texts import ENCODINGS, NEWLINES, PLACES, STYLES, Manner, as_text, encoded, odd, web_copy, wrap

from callout.reports import Report, read_report_bytes, read_report_text

PAPER = Paper(
    "A shadow in the lung of a clockmaker",
    (
        "A clockmaker of 58 years coughed for many weeks, which led to a radiograph and then to CT of the chest "
        "(Figure 1). Figure 2 shows what was seen later on, when the treatment had begun.",
        "A biopsy was taken. In Figures 2 and 3 the needle is seen; nothing grew from what it brought, and the "
        "patient went home with little comfort.",
        "Figure 3 is of another day. Two years later he was well, and winds his clocks again as he did before.",
    ),
    (
        ("1", "Axial CT of the chest with a cavitating nodule (1) and a paravertebral collection (2)."),
        ("2", "Coronal CT in a lung window. The arrowhead points at thickened interlobular septa on the left side."),
        ("3", "(a) Axial and (b) sagittal T1-weighted image after contrast. The asterisk marks the spinal canal."),
        ("10", "Radiograph of the chest, two years later"),
    ),
)
manners = st.builds(
    Manner,
    style=st.sampled_from(STYLES),
    place=st.sampled_from(PLACES),
    width=st.sampled_from((0, 40, 60, 90)),
    pages=st.sampled_from(("", "feeds", "numbers", "heads and numbers", "feeds, heads and numbers")),
    hyphens=st.booleans(),
)


def says(report: Report, paper: Paper) -> None:
    assert {figure.label: figure.caption.text for figure in report.figures} == dict(paper.captions)
    assert [figure.label for figure in report.figures] == [label for label, _ in paper.captions]
    assert report.body == " ".join(paper.story)


@given(manners, st.sampled_from(NEWLINES), st.sampled_from(ENCODINGS))
@settings(max_examples=120, deadline=None)
def test_a_report_is_the_same_however_it_is_written(manner: Manner, newline: str, encoding: str) -> None:
    text = as_text(PAPER, manner)
    if encoding == "cp1252":
        newline = newline if newline in "\r\n" else "\n"
    report = read_report_bytes(encoded(text.replace("\n", newline), encoding), "a.txt")
    assert report.title == PAPER.title
    says(report, PAPER)


def test_a_report_in_one_line() -> None:
    paper = replace(PAPER, captions=PAPER.captions[:3])
    report = read_report_text(web_copy(paper))
    assert {figure.label: figure.caption.text for figure in report.figures} == dict(paper.captions)
    assert report.body.startswith(" ".join(paper.story))


@pytest.mark.parametrize(
    "change",
    [
        lambda words: re.sub("([aeiou])([bcdgprt])", "\\1\u00ad\\2", words),
        lambda words: words.replace("fi", "\ufb01").replace("fl", "\ufb02"),
        lambda words: words.replace(" ", "\u00a0"),
        lambda words: words.replace(" ", " \u200b").replace(".", ".\u2060"),
        lambda words: f"\u202a{words}\u202c",
    ],
    ids=["soft hyphens", "ligatures", "spaces that don't break", "signs of no width", "marks of direction"],
)
@pytest.mark.parametrize("manner", [Manner(), Manner(width=60), Manner(place="behind the references")], ids=str)
def test_signs_that_are_not_seen_change_nothing(change: Callable[[str], str], manner: Manner) -> None:
    says(read_report_text(as_text(odd(PAPER, change), manner)), PAPER)


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        (("Figure 1", "Supplementary Figure 1", "Extended Data Figure 1", "Figure A1"), ("1", "A1", "ED1", "S1")),
        (("Fig. S1", "Fig. 1", "Fig. E1", "Fig. 2"), ("1", "2", "E1", "S1")),
        (("eFigure 1", "Figure 1", "Appendix Figure 1", "Suppl. Fig. 2"), ("1", "A1", "E1", "S2")),
        (("Figure IX", "Figure I", "Figure V", "Figure IV"), ("I", "IV", "V", "IX")),
        (("Figure \uff11", "Figure \uff11\uff12", "Figure \uff12", "Figure \u0663"), ("1", "2", "3", "12")),
        (("Fig. 2a\u2013c", "Fig. 1a, b", "Figure 3A", "Figure 3B"), ("1", "2", "3A", "3B")),
        (("Figure 1.2", "Figure 1.1", "Figure 2.1", "Figure 10.3"), ("1.1", "1.2", "2.1", "10.3")),
        (("Figura 1", "Abb. 2", "Abbildung 3", "Figure 4"), ("1", "2", "3", "4")),
    ],
)
def test_figures_of_other_rows_and_numbers(written: tuple[str, ...], labels: tuple[str, ...]) -> None:
    captions = {name: f"Axial CT with a mass, {number}." for number, name in enumerate(written)}
    text = "\n\n".join(["A title", "A story.", *(f"{name}. {words}" for name, words in captions.items())])
    report = read_report_text(text)
    assert tuple(figure.label for figure in report.figures) == labels
    assert {figure.caption.text for figure in report.figures} == set(captions.values())
    assert report.body == "A story."


@pytest.mark.parametrize(
    "sentence",
    [
        "Figure 2 shows the mass.", "Fig. 1a\u2013c demonstrate the mass.", "Figures 1 and 2 show the same mass.",
        "Figure 1 (arrow) shows a mass.", "Figures 1-3 are of one day.", "Figure 1, taken later, shows less.",
        "Figure I was drawn by hand.", "Figure 1 and 2 weeks later.",
    ],
)  # fmt: skip
def test_a_sentence_that_starts_with_a_figure_is_no_caption(sentence: str) -> None:
    report = read_report_text(f"A title\n\nHe coughed.\n\n{sentence} It grew.\n\nFigure 9. Axial CT of the mass.\n")
    assert [figure.label for figure in report.figures] == ["9"]
    assert report.body == f"He coughed. {sentence} It grew."


@pytest.mark.parametrize("start", ["Figures 1 and 2. ", "Figs. 1, 2: ", "Figures 1\u20132 ", "Fig. 1 and 2. "])
def test_one_caption_of_two_figures_is_that_of_both(start: str) -> None:
    report = read_report_text(f"A story.\n\n{start}Axial CT before and after.\n")
    assert [(figure.label, figure.caption.text) for figure in report.figures] == [
        ("1", "Axial CT before and after."),
        ("2", "Axial CT before and after."),
    ]


@pytest.mark.parametrize("width", [0, 45, 80])
@pytest.mark.parametrize("style", ["Figure {}. ", "Fig {}: "])
@pytest.mark.parametrize(
    "story",
    [
        "Surgery was done on the next day and found what had been expected. Nothing was left behind.",
        "On the following day the lesion had grown (Figure 2), which nobody had thought of before that.",
        "The literature knows of nine such cases, all of them in clockmakers who worked for long years.",
    ],
)
def test_a_story_right_below_a_caption_is_no_part_of_it(width: int, style: str, story: str) -> None:
    manner = Manner(width=width)
    caption = "Axial CT with a mass (arrow) in the left lung."
    words = [style.format(1) + caption, story, style.format(2) + "Later on.", "The end of it all came late."]
    lines = [line for part in words for line in (wrap(part, manner) if width else [part])]
    report = read_report_text("\n".join(["A title of its own", "", "It began so.", "", *lines]))
    assert [figure.caption.text for figure in report.figures] == [caption, "Later on."]
    assert report.body == f"It began so. {story} The end of it all came late."


@pytest.mark.parametrize(
    "story", ["患者は58歳の男性。胸部CTを行った。", "كان المريض يسعل منذ أسابيع.", "Пациент кашлял."]
)
def test_other_scripts_around(story: str) -> None:
    report = read_report_text(f"A title\n\n{story}\n\nFigure 1. Axial CT with a mass (1).\n\n{story}\n")
    assert report.figures[0].caption.text == "Axial CT with a mass (1)."
    assert report.body == f"{story} {story}"
