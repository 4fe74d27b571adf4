"""Where a report's words stand in its file, and where its body cites its figures."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.reports import Report, read_report_text
from callout.reports.citations import citations_by_label, find_citations
from callout.reports.model import Folded

WORDS = """A mass Figure 1. 2 ![scan](a.png) [link](b) ** __ # ## _ and (figure 2) * lung. | ===== —"""
TEXTS = st.lists(st.sampled_from([*WORDS.split(), "\n", "\n\n", ""]), max_size=60).map(" ".join)


def assert_stands(folded: Folded, source: str) -> None:
    """Every character of `folded` stands where it says, but for white space, which may have been other."""
    for offset, letter in enumerate(folded.text):
        place = folded.source(offset)
        assert place is not None
        assert letter == " " or source[place] == letter


@given(TEXTS, st.booleans())
def test_every_character_knows_its_place_in_the_file(words: str, web_copy: bool) -> None:
    source = words + " Story of a mass. " * 50 * web_copy
    if not source.strip():
        return
    report = read_report_text(source)
    if report.body:
        assert_stands(Folded(report.body, report.source), source)
    for figure in report.figures:
        assert_stands(Folded(figure.caption.text, figure.source), source)
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_a_text_without_source_says_so() -> None:
    assert Folded.of(" a\n b ").text == "a b"
    assert Folded.of("a").source(0) is None
    with pytest.raises(IndexError):
        Folded.of("a").source(1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A mass (Fig. 1a, b).", {"Fig. 1a, b": ("1A", "1B")}),
        ("See figures 2 and 3 for it.", {"figures 2 and 3": ("2", "3")}),
        ("Figs. 2–4 show", {"Figs. 2–4": ("2", "3", "4")}),
        ("Figs. 1A–C, 3 and S2", {"Figs. 1A–C, 3 and S2": ("1A", "1B", "1C", "3", "S2")}),
        ("Figure 1 and 2 weeks later", {"Figure 1": ("1",)}),
        ("Figure 1 and 2 show", {"Figure 1 and 2": ("1", "2")}),
        ("(Figure 1, arrow) (figure 2)", {"Figure 1": ("1",), "figure 2": ("2",)}),
        ("Figure 1 a mass", {"Figure 1": ("1",)}),
        ("Supplementary Fig. 3", {"Supplementary Fig. 3": ("S3",)}),
        ("Fig. 2 (a, b)", {"Fig. 2": ("2",)}),
        ("a figure of 3 cm, config 3, figure 3.5", {}),
        ("Figures 1–900", {"Figures 1–900": ("1", "900")}),
    ],
)
def test_citations(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert {text[found.start : found.end]: found.labels for found in find_citations(text)} == expected


@pytest.mark.parametrize(
    ("label", "labels", "cited"),
    [
        ("1", ["1"], "Figure 1A"),
        ("1A", ["1A", "1B"], "Figure 1"),
        ("1a", ["1a"], "Figure 1A"),
        ("S1", ["S1", "1"], "Supplementary figure 1"),
    ],
)
def test_a_part_cites_the_whole_and_the_whole_its_parts(label: str, labels: list[str], cited: str) -> None:
    assert len(citations_by_label(labels, find_citations(cited))[label]) == 1


def test_a_figure_beside_its_part_is_cited_by_its_own_name() -> None:
    assert citations_by_label(["1", "1A"], find_citations("Figure 1A"))["1"] == ()


def test_a_report_tells_where_it_cites_its_figures() -> None:
    report = read_report_text(
        "He coughed (Fig. 1). CT showed it (figures 1 and 2).\n\nFigure 1. One.\n\nFigure 2. Two."
    )
    cited = [[report.body[start:end] for start, end in figure.citations] for figure in report.figures]
    assert cited == [["Fig. 1", "figures 1 and 2"], ["figures 1 and 2"]]


PIECES = "Fig. figures 1 2 a B , and – 30 cm S ( )"


@given(st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join))
def test_citations_stand_one_behind_the_other(text: str) -> None:
    last = 0
    for found in find_citations(text):
        assert last <= found.start < found.end <= len(text)
        assert found.labels
        last = found.end
