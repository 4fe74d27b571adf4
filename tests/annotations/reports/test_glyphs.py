"""What letters a PDF's fonts show, and the pictures that it holds, operator by operator."""

from __future__ import annotations

import io
import zlib

import bad_reports
import numpy as np
import pytest
from PIL import Image

from callout.reports.pdf import parse_pdf

FLATE = b"/Filter /FlateDecode"
TYPE_1 = b"<</Type /Font /Subtype /Type1 /BaseFont /Own "
BITMAP = (
    b"<</Type /Font /Subtype /Type3 /FontMatrix [0.01 0 0 0.01 0 0] /FontBBox [0 0 99 99] /FirstChar 0 /LastChar 255 "
    b"/Widths [%s] " % (b"50 " * 256)
)


def shown(string: bytes, font: bytes, more: dict[int, bytes] | None = None) -> str:
    """The caption of a figure that is this string in this font."""
    words = b"BT /K 10 Tf 50 720 Td (Figure 1. ) Tj /F 10 Tf <%s> Tj ET" % string.hex().encode()
    fonts = b"<</Font <</K 20 0 R /F 5 0 R>>>>"
    objects = {
        3: b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources %s>>" % fonts,
        5: font,
        20: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    }
    return parse_pdf(bad_reports.page(bad_reports.stream(words), more=objects | (more or {}))).legends[0].text.text


def to_unicode(*pairs: tuple[str, str]) -> bytes:
    lines = "".join(f"<{code}> <{letters}>\n" for code, letters in pairs)
    return bad_reports.stream(f"begincmap\n{len(pairs)} beginbfchar\n{lines}endbfchar\nendcmap".encode())


def test_a_subset_may_use_the_code_of_the_space_for_a_letter() -> None:
    letters = to_unicode(("20", "0076"), ("01", "0061"), ("02", "0020"), ("03", "006E"), ("04", "0065"))
    font = TYPE_1 + b"/ToUnicode 6 0 R>>"
    assert shown(bytes([1, 0x20, 4, 3, 2, 0x20, 4, 1, 3, 4]), font, {6: letters}).startswith("aven veane")


def test_letters_stand_under_their_own_code_when_another_code_has_their_name() -> None:
    letters = to_unicode(("42", "0079"))
    font = TYPE_1 + b"/Encoding <</Differences [65 /B]>> /ToUnicode 6 0 R>>"
    assert shown(b"ABAB", font, {6: letters}).startswith("ByBy")


@pytest.mark.parametrize(
    ("codes", "font", "letters"),
    [
        (b"di\x1ecult \x1cbres", BITMAP + b"/CharProcs <</a28 7 0 R /a30 7 0 R>>>>", "difficult fibres"),
        (b"aB", TYPE_1 + b"/Encoding <</Differences [97 /f_f_i /a.sc]>>>>", "ffi"),
        (b"3\x80", TYPE_1 + b"/Encoding <</Differences [128 /fi]>>>>", "3fi"),
    ],
    ids=["TeX's bitmaps", "names of parts", "a ligature's name"],
)
def test_ligatures_are_letters(codes: bytes, font: bytes, letters: str) -> None:
    assert shown(codes, font, {7: bad_reports.stream(b"")}).startswith(letters)


@pytest.mark.parametrize(
    ("unicode", "letters"),
    [("66006900", "fi"), ("6600CF00", "ffi"), ("F0B4", "×"), ("FB03", "ffi"), ("F0B0", "°")],
)
def test_what_programs_write_for_a_letter_is_read_as_that_letter(unicode: str, letters: str) -> None:
    font = TYPE_1 + b"/ToUnicode 6 0 R>>"
    assert shown(b"aXb", font, {6: to_unicode(("58", unicode))}).startswith(f"a{letters}b")


def pictured(data: bytes, entries: bytes) -> tuple[list[bytes], list[str]]:
    """The pictures of a page's figure, and what is said of those that can't be shown."""
    draw = bad_reports.WORDS + b"q 200 0 0 200 50 400 cm /A Do Q"
    image = b"/Type /XObject /Subtype /Image /Width 40 /Height 30 /BitsPerComponent 8 /ColorSpace /DeviceGray "
    objects = {6: bad_reports.stream(data, image + entries)}
    whole = bad_reports.page(bad_reports.stream(draw), b"/XObject <</A 6 0 R>>", objects)
    manuscript = parse_pdf(whole)
    return [one.data for one in manuscript.legends[0].embedded], [one.reason for one in manuscript.skipped]


GREY = np.arange(1200, dtype=np.uint8).reshape(30, 40)


@pytest.mark.parametrize("predicted", [True, False])
def test_a_picture_keeps_its_pixels(predicted: bool) -> None:
    if predicted:
        rows = np.hstack([np.zeros((30, 1), np.uint8), GREY]).tobytes()
        found, skipped = pictured(zlib.compress(rows), FLATE + b" /DecodeParms <</Predictor 15 /Columns 40>>")
    else:
        found, skipped = pictured(zlib.compress(GREY.tobytes()), FLATE)
    assert not skipped
    with Image.open(io.BytesIO(found[0])) as picture:
        assert np.array_equal(np.asarray(picture), GREY)


@pytest.mark.parametrize("data", [zlib.compress(bytes(700)), zlib.compress(bytes(1230))[:-9], b"noise"])
def test_a_picture_that_is_cut_is_told_and_takes_no_caption_along(data: bytes) -> None:
    found, skipped = pictured(data, FLATE)
    assert not found
    assert skipped == ["the picture can't be read"]
