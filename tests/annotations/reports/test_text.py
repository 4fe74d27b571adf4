"""Reports as text: one-line web copies, hard-wrapped PDF text, Markdown; and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callout.errors import InputError
from callout.reports import Report, read_report, read_report_bytes, read_report_text

WEB_COPY = (
    "Holes in the lung of a gardener ================================= * Ann Author * Bo B Writer * Imaging "
    "* Lung disease A 61-year-old man coughed for weeks. CT of the chest showed bilateral cavitating nodules and "
    "consolidation (figure 1). A biopsy followed (Figure 2). ![Figure 1](https://example.org/F1.gif) "
    "[Figure 1](https://example.org/F1) Figure\u00a01 Cavitating nodules (1) and consolidation (2). "
    "![Figure 2](https://example.org/F2.gif) [Figure 2](https://example.org/F2) Figure\u00a02 Round cells in a row. "
    "Despite treatment he coughed on. Such cases are rare.1 "
    + "The rest of the story is long. "
    * 20
    + "## Footnotes * "
    "Competing interests None. ## References 1. Somebody. A paper about nothing. "
    "[doi](https://example.org/x)"
)

PDF_COPY = """ Fig 1.  Scout coronal image shows a large\x20
paravertebral mass with bone involvement

Fig 3. T2W sagittal image with the mass at\x20
L3 vertebra

Fig 2. Post-contrast T1W coronal images of\x20
the mass in the left psoas muscle. The\x20
mass enhances.
 A 50-year-old woman came for MRI of the
lumbar spine, which showed a mass of 5 cm. It
is discussed in Fig. 2 and grows.

Such masses are rare.
"""


def captions(report: Report) -> dict[str, str]:
    """Label → caption."""
    return {figure.label: figure.caption.text for figure in report.figures}


def test_a_web_copy_in_one_line() -> None:
    report = read_report_text(WEB_COPY, "copy.txt")
    assert report.title == "Holes in the lung of a gardener"
    assert captions(report) == {
        "1": "Cavitating nodules (1) and consolidation (2).",
        "2": "Round cells in a row.",
    }
    assert report.body.startswith("A 61-year-old man coughed for weeks.")
    assert "Despite treatment he coughed on." in report.body
    assert report.body.endswith("The rest of the story is long.")
    assert "example.org" not in report.body


def test_what_the_caption_leaves_out_comes_from_the_sentence_that_cites_it() -> None:
    report = read_report_text(WEB_COPY)
    assert dict(report.figures[0].caption.inferred) == {"modality": "CT", "region": "chest"}
    assert dict(report.figures[1].caption.inferred) == {}


def test_hard_wrapped_captions_out_of_order() -> None:
    report = read_report_text(PDF_COPY)
    assert report.title is None
    assert list(captions(report)) == ["1", "2", "3"]
    assert captions(report)["1"] == "Scout coronal image shows a large paravertebral mass with bone involvement"
    assert captions(report)["2"] == (
        "Post-contrast T1W coronal images of the mass in the left psoas muscle. The mass enhances."
    )
    assert report.body.startswith("A 50-year-old woman came for MRI")
    assert "discussed in Fig. 2 and grows. Such masses are rare." in report.body


def test_where_no_sentence_cites_a_figure_the_whole_body_tells() -> None:
    report = read_report_text(PDF_COPY.replace("in Fig. 2 ", ""))
    assert report.figures[0].caption.modality is None
    assert report.figures[0].caption.inferred["modality"] == "MR"


def test_markdown(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n picture"
    (tmp_path / "scan.png").write_bytes(picture)
    (tmp_path / "report.md").write_text(
        "# A mass\n\nSome **bold** story (Figure 1).\n\n![the scan](scan.png)\n\n"
        "**Figure 1.** Axial CT: a mass (*) and a cyst\n(arrow).\n\n"
        "## Discussion\n\nIt was a mass.\n\n## References\n\n1. Someone.\n",
        encoding="utf-8",
    )
    report = read_report(tmp_path / "report.md")
    assert report.title == "A mass"
    assert captions(report) == {"1": "Axial CT: a mass (*) and a cyst (arrow)."}
    assert [(found.name, found.media_type, found.data) for found in report.figures[0].pictures] == [
        ("scan.png", "image/png", picture)
    ]
    assert report.body == "Some bold story (Figure 1). It was a mass."
    assert report.name == "report.md"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Figure 1\n\nA cavity.\n\nBody.", {"1": "A cavity."}),
        ("FIGURE 2: A cavity\nFig. 10 - A cyst\nFig 1 | A mass", {"1": "A mass", "2": "A cavity", "10": "A cyst"}),
        ("The mass is shown in\nFigure 1. The cyst is not.", {}),
        ("Figure 1 shows a mass.\n", {}),
        ("Figure 1A A cavity.\n\nFigure S2. A cyst.", {"1A": "A cavity.", "S2": "A cyst."}),
        ("Figure 1. One.\n\nFigure 1. Again.", {"1": "One."}),
        ("A story without pictures.", {}),
    ],
)
def test_labels(text: str, expected: dict[str, str]) -> None:
    assert captions(read_report_text(text)) == expected


@pytest.mark.parametrize(
    "data",
    [
        "Größe 3 cm – Fig".encode(),
        b"\xef\xbb\xbf" + "Größe 3 cm – Fig".encode(),
        "Größe 3 cm – Fig".encode("cp1252"),
        b"\xff\xfe" + "Größe 3 cm – Fig".encode("utf-16-le"),
        b"\xfe\xff" + "Größe 3 cm – Fig".encode("utf-16-be"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert read_report_bytes(data + b"", "a.txt").body == "Größe 3 cm – Fig"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "empty.txt", "empty"),
        (b" \n\t", "blank.md", "empty"),
        (b"\xef\xbb\xbf", "mark.txt", "empty"),
        (bytes(range(256)) * 10, "noise.txt", "binary"),
        (b"%PDF-1.7\0\0", "report.txt", "binary"),
        (b"text", "report.rtf", r"\.rtf.*\.md.*\.txt"),
        (b"text", "report.doc", r"\.doc "),
        (b"a" * 11_000_001, "long.txt", "too long"),
    ],
)
def test_what_is_no_report_is_refused_by_name(data: bytes, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        read_report_bytes(data, name)
    assert name in str(refused.value)


def test_no_file_and_no_plain_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        read_report(tmp_path / "nowhere.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match="no file"):
        read_report(tmp_path / "folder.txt")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        with pytest.raises(InputError, match="no file"):
            read_report(tmp_path / "pipe.txt")


@pytest.mark.parametrize("above", ["# ![logo](logo.png) A title", "# A title\n\n## ![icon](logo.png) Results"])
def test_a_picture_in_a_heading_takes_no_other_s_place(above: str, tmp_path: Path) -> None:
    for name in ("logo.png", "scan.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    text = f"{above}\n\nHe coughed.\n\n![scan](scan.png)\n\nFigure 1. Axial CT: mass (1).\n"
    (tmp_path / "report.md").write_text(text)
    report = read_report(tmp_path / "report.md")
    assert report.title == "A title"
    assert [picture.name for picture in report.figures[0].pictures] == ["scan.png"]


def test_a_picture_of_an_endless_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text(f"# T\n\n![Figure]({'a' * 500}.png)\n\nFigure 1. Axial CT: mass (1).\n")
    assert read_report(tmp_path / "report.md").figures[0].pictures == ()


def test_pictures_are_taken_from_the_reports_own_folder_only(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n"
    folder = tmp_path / "case"
    (folder / "sub").mkdir(parents=True)
    for path in (tmp_path / "outside.png", folder / "sub" / "in side.png"):
        path.write_bytes(png)
    (folder / "text.png").write_bytes(b"no picture")
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "way").symlink_to(tmp_path)
    targets = (
        "../outside.png", "sub/../../outside.png", str(tmp_path / "outside.png"), "https://example.org/outside.png",
        "file:outside.png", "link.png", "way/outside.png", "text.png", "missing.png", "%2e%2e/outside.png", "sub",
        "sub/in%20side.png",
    )  # fmt: skip
    links = "\n".join(f"![Figure 1]({target})" for target in targets)
    report = read_report_bytes(f"{links}\n\nFigure 1. A mass.".encode(), "a.md", folder)
    assert [picture.name for picture in report.figures[0].pictures] == ["sub/in side.png"]
    assert read_report_text(f"{links}\n\nFigure 1. A mass.").figures[0].pictures == ()
