"""A figure as TIFF, PDF and SVG: the pixels as they are, words as words, the same bytes everywhere."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from PIL import Image as Picture

from callout.figures.display import Display, Group, Image, Text
from callout.figures.display import Path as Lines
from callout.figures.pdf import encode_pdf
from callout.figures.render import Rendered
from callout.figures.svg import encode_svg

SVG = "{http://www.w3.org/2000/svg}"
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 60), np.uint8)
COLOURED = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
ITEMS = (
    Lines((((5.0, 5.0), (30.0, 5.0), (30.0, 20.0)),), stroke=(230, 159, 0), width=2.0, dash=(4.0, 2.0), halo_width=0.5),
    Lines((((40.0, 10.0), (50.0, 15.0), (40.0, 20.0)),), fill=(255, 255, 255), halo_width=1.0),
    Text("a", 3, 12, 10, bold=True, halo_width=1),
    Text("µ < 5 mm & “ö” \U0001f600", 3.5, 30.25, 8, halo_width=0.5),
)


@pytest.fixture
def figure() -> Rendered:
    groups = (
        Group(0, 0, 60, 40, (Image(PIXELS, 0, 0), *ITEMS), "An axial CT <1>."),
        Group(62, 0, 30, 40, (Image(COLOURED, 0, 0),), "A picture."),
    )
    return Rendered(Display(92, 40, 300, groups, alt="Figure 1. An axial CT <1>. A picture."), "Figure 1", ())


def test_pixels_come_out_as_they_are(figure: Rendered) -> None:
    page = pypdf.PdfReader(io.BytesIO(figure.file("pdf"))).pages[0]
    held = [np.asarray(image.image) for image in page.images]
    assert [array.tobytes() for array in held] == [PIXELS.tobytes(), COLOURED.tobytes()]
    links = [image.get("href") for image in ElementTree.fromstring(figure.file("svg")).iter(SVG + "image")]
    opened = [np.asarray(Picture.open(io.BytesIO(base64.b64decode(link.partition(",")[2])))) for link in links if link]
    assert np.array_equal(opened[0], PIXELS)
    assert np.array_equal(opened[1], COLOURED)
    with Picture.open(io.BytesIO(figure.file("tiff"))) as tiff, Picture.open(io.BytesIO(figure.png)) as png:
        assert np.array_equal(np.asarray(tiff), figure.rgb)
        assert np.array_equal(np.asarray(png), figure.rgb)
        assert tiff.info["dpi"] == (300, 300)
        assert tiff.info["compression"] == "tiff_lzw"


def test_a_figure_is_as_large_as_in_print(figure: Rendered) -> None:
    box = pypdf.PdfReader(io.BytesIO(figure.file("pdf"))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((92 / 300 * 72, 40 / 300 * 72), abs=1e-3)
    root = ElementTree.fromstring(figure.file("svg"))
    assert (root.get("width"), root.get("viewBox")) == ("7.789mm", "0 0 92 40")


def test_words_stay_words_once_in_letters_brought_along(figure: Rendered) -> None:
    reader = pypdf.PdfReader(io.BytesIO(figure.file("pdf")))
    words = reader.pages[0].extract_text()
    assert words.count("µ < 5 mm & “ö” ") == 1
    fonts = reader.pages[0]["/Resources"]["/Font"]
    for number in fonts:
        descriptor = fonts[number]["/DescendantFonts"][0]["/FontDescriptor"]
        assert len(descriptor["/FontFile2"].get_data()) > 10_000
    texts = [item.text for item in ElementTree.fromstring(figure.file("svg")).iter(SVG + "text")]
    assert texts == ["a", "µ < 5 mm & “ö” �"]


def test_the_figure_is_told_in_words(figure: Rendered) -> None:
    reader = pypdf.PdfReader(io.BytesIO(figure.file("pdf")))
    tree = reader.trailer["/Root"]["/StructTreeRoot"]
    assert tree["/K"]["/Alt"] == figure.alt
    assert reader.metadata is not None
    assert reader.metadata.title == "Figure 1"
    root = ElementTree.fromstring(figure.file("svg"))
    assert root.findtext(SVG + "desc") == figure.alt
    assert [g.get("aria-label") for g in root.iter(SVG + "g")] == ["An axial CT <1>.", "A picture."]
    with Picture.open(io.BytesIO(figure.file("tiff"))) as tiff:
        assert tiff.tag_v2[270] == figure.alt


def test_nothing_is_fetched_and_no_clock_is_in_them(figure: Rendered) -> None:
    svg, pdf = figure.file("svg").decode(), figure.file("pdf")
    assert set(re.findall(r'href="([^"]{5})', svg)) | set(re.findall(r"url\((.{5})", svg)) == {"data:", "#pane"}
    assert b"/CreationDate" not in pdf
    assert b"/URI" not in pdf


SAME = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_files import ITEMS, PIXELS
from callout.figures.display import Display, Group, Image
from callout.figures.render import Rendered
figure = Rendered(Display(60, 40, 300, (Group(0, 0, 60, 40, (Image(PIXELS, 0, 0), *ITEMS)),), alt="A."), "T", ())
for kind in ("png", "tiff", "pdf", "svg"):
    print(hashlib.sha256(figure.file(kind)).hexdigest())
"""


def test_the_bytes_are_the_same_whatever_the_zone_locale_and_folder(tmp_path: Path) -> None:
    seen = set()
    for zone, locale, seed in (
        ("UTC", "C", "0"),
        ("Pacific/Auckland", "de_DE.UTF-8", "1"),
        ("America/Lima", "tr", "7"),
    ):
        there = tmp_path / seed
        there.mkdir()
        environment = os.environ | {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SAME, str(Path(__file__).parent)]
        ran = subprocess.run(command, cwd=there, env=environment, capture_output=True, text=True, check=True)
        seen.add(ran.stdout)
    assert len(seen) == 1


def test_a_figure_of_nothing_but_paper() -> None:
    display = Display(10, 10, 72, (), alt="")
    assert pypdf.PdfReader(io.BytesIO(encode_pdf(display))).pages[0].extract_text() == ""
    assert ElementTree.fromstring(encode_svg(display)).tag == SVG + "svg"
    assert hashlib.sha256(encode_pdf(display)).digest() == hashlib.sha256(encode_pdf(display)).digest()
