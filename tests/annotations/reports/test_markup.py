"""Web pages and JATS: any report written in each format is read the same; hostile files are refused by name."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.errors import InputError
from callout.reports import read_report, read_report_bytes

SENTENCES = st.lists(
    st.text(string.ascii_lowercase + "äé°µ×<>&(1)", min_size=1, max_size=9).filter(lambda word: word[0].isalpha()),
    min_size=1,
    max_size=9,
).map(lambda words: f"Mass {' '.join(words)}.")
LABELS = st.sampled_from(["1", "2", "2B", "3", "10", "S1"])


def as_html(title: str, captions: Mapping[str, str], body: list[str]) -> str:
    figures = "".join(
        f'<figure><img src="{label}.png"><figcaption><b>Fig. {label}.</b> {html.escape(text)}</figcaption>'
        for label, text in captions.items()
    )
    paragraphs = "".join(f"<p>{html.escape(text)}" for text in body)
    return f"<html><body><h1>{html.escape(title)}</h1>{paragraphs}{figures}</body></html>"


def as_jats(title: str, captions: Mapping[str, str], body: list[str]) -> str:
    figures = "".join(
        f"<fig><label>Figure {label}</label><caption><p>{html.escape(text)}</p></caption></fig>"
        for label, text in captions.items()
    )
    paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in body)
    return (
        f"<article><front><article-meta><article-title>{html.escape(title)}</article-title></article-meta></front>"
        f"<body>{paragraphs}</body><floats-group>{figures}</floats-group></article>"
    )


def as_text(title: str, captions: Mapping[str, str], body: list[str]) -> str:
    figures = [f"Figure {label}. {text}" for label, text in captions.items()]
    return "\n\n".join([f"# {title}", *body, *figures])


@given(st.dictionaries(LABELS, SENTENCES, max_size=5), st.lists(SENTENCES, min_size=1, max_size=4))
@pytest.mark.parametrize(("write", "name"), [(as_html, "a.html"), (as_jats, "a.xml"), (as_text, "a.md")])
def test_a_report_is_the_same_in_each_format(
    write: Callable[[str, Mapping[str, str], list[str]], str], name: str, captions: dict[str, str], body: list[str]
) -> None:
    report = read_report_bytes(write("A title", captions, body).encode(), name)
    assert report.title == "A title"
    assert {figure.label: figure.caption.text for figure in report.figures} == captions
    assert report.body == " ".join(body)


PAGE = "<html><body><h1>T</h1><p>Words.</p>"
ARTICLE = "<article><body><p>Words.</p>"
HOSTILE = {
    "deep.html": (PAGE + "<div>" * 100_000, "nested too deeply"),
    "figures in figures.html": (PAGE + "<figure>" * 100, "nested too deeply"),
    "figures.html": (PAGE + "<figure></figure>" * 2000, "2000 figures"),
    "tags.html": (PAGE + "<b>" * 500_001, "half a million"),
    "brackets.html": (PAGE + "<" * 500_001, "half a million"),
    "one word.html": (PAGE + "a" * 11_000_001, "too long"),
    "no page.html": ("%PDF-1.7 and more", "no web page"),
    "nothing.html": ("<html></html>", "no text"),
    "bomb.xml": (
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><article><body><p>&b;</p></body></article>',
        "entities of its own",
    ),
    "outside.xml": ('<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hosts">]><article>&a;</article>', "entities"),
    "parameter.xml": ('<!DOCTYPE a [<!ENTITY % a SYSTEM "x.dtd">%a;]><article/>', "entities"),
    "unknown.xml": ('<!DOCTYPE article SYSTEM "x.dtd"><article><body><p>&what;</p></body></article>', "what"),
    "deep.xml": (ARTICLE + "<b>" * 100_000, "can't be read"),
    "cut.xml": (ARTICLE, "can't be read"),
    "attribute.xml": (f"<article a='{'x' * 11_000_000}'/>", "can't be read"),
    "drawing.xml": ("<svg/>", "no JATS article but <svg>"),
    "two.xml": ("<set><article/><article/></set>", "2 articles"),
    "empty.nxml": ("<article/>", "no text"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_is_hostile_is_refused_by_name(name: str, encoding: str) -> None:
    text, words = HOSTILE[name]
    with pytest.raises(InputError, match=re.escape(words)) as refused:
        read_report_bytes(text.encode(encoding), name)
    assert name in str(refused.value)


@pytest.mark.parametrize(
    "extra",
    [
        "<p " + " ".join(f"a{number}" for number in range(300_000)) + ">",
        "<p title='" + "a" * 12_000_000 + "'>",
        "<a \"' " * 300_000,
        "<script>" * 300_000,
        "<!-- " * 300_000,
        "<nav></nav> " * 100_000,
        "<img src='data:image/png;base64," + "A" * 12_000_000 + "'>",
    ],
)
def test_a_page_with_a_heap_in_it_is_read(extra: str) -> None:
    assert read_report_bytes((PAGE + extra).encode(), "a.html").body.split() == ["Words."]


def test_nothing_is_included_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "a.xml").write_text(
        '<!DOCTYPE article SYSTEM "secret.txt"><article xmlns:xi="http://www.w3.org/2001/XInclude"><body><p>Words.</p>'
        '<xi:include href="secret.txt" parse="text"/></body></article>'
    )
    assert read_report(tmp_path / "a.xml").body == "Words."


def test_what_a_file_holds_counts_not_its_ending() -> None:
    assert read_report_bytes(f"<!DOCTYPE html>{PAGE}".encode(), "a.xml").title == "T"
    jats = "<article><front><article-meta><article-title>J</article-title></article-meta></front></article>"
    assert read_report_bytes(jats.encode(), "a.html").title == "J"


@pytest.mark.parametrize("declared", ["utf-8", "windows-1252", "zlib", "nothing known"])
def test_a_wrong_character_set_is_seen_through(declared: str) -> None:
    page = f"<html><head><meta charset='{declared}'></head><body><p>Größe 3 µm</p>"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        assert read_report_bytes(page.encode(encoding), "a.html").body == "Größe 3 µm"


def test_a_picture_inside_the_page_comes_along() -> None:
    import base64

    data = b"\x89PNG\r\n\x1a\n" + bytes(300)
    source = base64.b64encode(data).decode()
    page = (
        f"{PAGE}<figure><img src='data:image/png;base64,{source}'><figcaption>Figure 1. A mass.</figcaption></figure>"
    )
    (picture,) = read_report_bytes(page.encode(), "a.html").figures[0].pictures
    assert (picture.media_type, picture.data) == ("image/png", data)
