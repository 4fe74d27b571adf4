"""Figures as JATS nests and names them."""

from __future__ import annotations

import pytest

from callout.reports import read_report_bytes

HEAD = (
    '<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta><title-group><article-title>A mass'
    "</article-title></title-group></article-meta></front><body><p>It began.</p>"
)


def fig(label: str, words: str, kind: str = "fig") -> str:
    """A figure, or a part of one."""
    return f"<{kind}><label>{label}</label><caption><p>{words}</p></caption></{kind}>"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            "<fig-group><label>Figure 1</label><caption><p>All.</p></caption>"
            f"<fig-group>{fig('a', 'One.')}{fig('b', 'Two.')}</fig-group>{fig('c', 'Three.')}</fig-group>",
            {"1": "All. (a) One. (b) Two. (c) Three."},
        ),
        (
            "<fig-group><label>Figure 1</label><caption><p>All.</p></caption>"
            f"{fig('Figure 1A', 'One.')}{fig('Figure 1B', 'Two.')}</fig-group>",
            {"1": "All.", "1A": "One.", "1B": "Two."},
        ),
        (
            f"<fig-group><caption><title>Before and after.</title></caption>{fig('Figure 1', 'One.')}"
            f"{fig('Figure 2', 'Two.')}</fig-group>",
            {"1": "Before and after. One.", "2": "Before and after. Two."},
        ),
        (fig("Figure 1", "One.") + fig("Figure 1 (continued)", "More."), {"1": "One. More."}),
        (fig("Figure 1", "One.") + fig("Figure 1", "One."), {"1": "One."}),
        (
            fig("Fig. 1", "One.") + fig("Extended Data Fig. 1", "Two.") + fig("Supplementary Fig. 1", "Three."),
            {"1": "One.", "ED1": "Two.", "S1": "Three."},
        ),
        (
            fig("Figure 1", "One.")
            + fig("Supplementary Figure 1", "More.", "supplementary-material")
            + fig("Video 1", "A film.", "supplementary-material"),
            {"1": "One.", "S1": "More."},
        ),
        (f"<supplementary-material>{fig('Figure S1', 'More.')}</supplementary-material>", {"S1": "More."}),
        (f"<boxed-text>{fig('Figure 1', 'One.')}</boxed-text>", {"1": "One."}),
        (fig("Fig. 1a\u2013c", "One."), {"1": "One."}),
        (fig("Fig. 1", "Of <list><list-item><p>(a) x.</p></list-item><list-item><p>(b) y.</p></list-item></list>"),
         {"1": "Of (a) x. (b) y."}),
        (
            f"{fig('Figure 1', 'One.')}</body><sub-article><body>{fig('Figure 1', 'Of another.')}</body></sub-article>"
            "<body>",
            {"1": "One."},
        ),
    ],
)  # fmt: skip
def test_figures(inner: str, expected: dict[str, str]) -> None:
    report = read_report_bytes(f"{HEAD}{inner}</body></article>".encode(), "a.xml")
    assert {figure.label: figure.caption.text for figure in report.figures} == expected
    assert list(expected) == [figure.label for figure in report.figures]
    assert report.body == "It began."


def test_any_prefix() -> None:
    text = f"{HEAD}{fig('Figure 1', 'One.')}</body></article>"
    prefixed = (
        text.replace("</", "<@").replace("<", "<j:").replace("<j:@", "</j:").replace(" xmlns", ' xmlns:j="j" xmlns')
    )
    report = read_report_bytes(prefixed.encode(), "a.xml")
    assert (report.title, report.figures[0].caption.text, report.body) == ("A mass", "One.", "It began.")
