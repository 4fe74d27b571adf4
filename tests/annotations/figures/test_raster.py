from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow

from callout.errors import InputError
from callout.figures import font
from callout.figures.display import Box, Display, Group, Image, Path, Text, colour, contour, pixels_of_mm
from callout.figures.outline import outlines
from callout.figures.png import encode_png
from callout.figures.raster import rasterise

SQUARE = contour([(10, 10), (30, 10), (30, 30), (10, 30)])


def drawn(*items: Image | Path | Text, width: int = 60, height: int = 40) -> np.ndarray:
    return rasterise(Display(width, height, 300, (Group(0, 0, width, height, items),)))


def test_a_filled_square_covers_its_pixels_and_no_others() -> None:
    page = drawn(Path((SQUARE,), fill=(10, 20, 30)))
    assert (page[10:30, 10:30] == (10, 20, 30)).all()
    assert (page == 255).all(-1).sum() == 60 * 40 - 400


def test_half_a_pixel_is_half_covered() -> None:
    page = drawn(Path((contour([(10, 10.5), (30, 10.5), (30, 30), (10, 30)]),), fill=(0, 0, 0)))
    assert abs(int(page[10, 20, 0]) - 127) <= 1


def test_a_stroke_is_as_wide_as_it_says_with_its_halo_around_it() -> None:
    line = Path((contour([(5, 20), (55, 20)]),), closed=False, stroke=(255, 0, 0), width=4.0, halo_width=2.0)
    column = drawn(line)[:, 30]
    assert [tuple(c) for c in column[15:25].tolist()] == (
        [(255, 255, 255)] + [(0, 0, 0)] * 2 + [(255, 0, 0)] * 4 + [(0, 0, 0)] * 2 + [(255, 255, 255)]
    )


def test_a_hole_stays_open() -> None:
    hole = contour([(15, 15), (15, 25), (25, 25), (25, 15)])
    page = drawn(Path((SQUARE, hole), fill=(0, 0, 0)))
    assert (page[16:24, 16:24] == 255).all()
    assert (page[11:14, 11:29] == 0).all()


def test_dashes_leave_gaps() -> None:
    ring = Path((SQUARE,), stroke=(0, 0, 0), width=2.0, dash=(5.0, 5.0))
    side = drawn(ring)[10, 12:28, 0]
    assert side.min() == 0
    assert side.max() == 255
    assert drawn(Path((SQUARE,), stroke=(0, 0, 0), width=2.0))[10, 12:28, 0].max() == 0


def test_what_reaches_beyond_a_panel_is_cut_at_its_edge() -> None:
    long = Path((contour([(-500, 5), (900, 5)]),), closed=False, stroke=(0, 0, 0), width=4.0)
    page = rasterise(Display(60, 40, 300, (Group(20, 10, 20, 10, (long, Text("W", -4, 8, 20))),)))
    outside = np.ones((40, 60), bool)
    outside[10:20, 20:40] = False
    assert (page[outside] == 255).all()
    assert (page[14:16, 20:40] == 0).any()


def test_an_outline_of_forty_thousand_points_is_drawn() -> None:
    turn = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    ring = contour(np.stack([200 + 150 * np.cos(turn), 200 + 150 * np.sin(turn)], 1).tolist())
    page = drawn(Path((ring,), stroke=(0, 0, 0), width=3.0), width=400, height=400)
    rows, columns = (200 + 150 * np.array([np.sin(turn[::500]), np.cos(turn[::500])])).astype(int)
    assert (page[rows, columns, 0] < 128).all()


def test_the_outlines_of_ten_thousand_specks_are_drawn() -> None:
    specks = np.indices((200, 200)).sum(0) % 2 == 0
    rings = tuple(contour((ring[:, ::-1] * 4 + 2).tolist()) for ring in outlines(specks))
    page = drawn(Path(rings, stroke=(0, 0, 0), width=1.0, halo_width=1.0), width=800, height=800)
    assert len(rings) == 20_000
    assert (page[::4, ::4, 0] < 128).all()


def test_a_line_of_many_sharp_turns_is_drawn_whole() -> None:
    turns = np.arange(30_000)
    line = contour(np.stack([10 + turns * 0.01, 20 + 8 * (turns % 2)], 1).tolist())
    page = drawn(Path((line,), closed=False, stroke=(0, 0, 0), width=1.0), width=330, height=40)
    assert (page[22:26, 12:308, 0] < 60).all()


def test_pixels_are_placed_as_they_are() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)
    page = drawn(Image(pixels, 3, 2))
    assert np.array_equal(page[2:8, 3:13, 1], pixels)


@pytest.mark.parametrize("text", ["12", "µ é Ł Σ", "5 cm", "→ ≥ −"])
def test_letters_fill_the_box_of_ink_that_the_layout_counts_with(text: str) -> None:
    size = 40.0
    ink = font.ink(text, size, True)
    page = drawn(Text(text, 20, 60, size, True, (0, 0, 0)), width=300, height=100)
    rows, columns = np.nonzero(page[..., 0] < 255)
    box = ink.moved(20, 60)
    assert abs(columns.min() - box.left) <= 1
    assert abs(columns.max() + 1 - box.right) <= 1
    assert abs(rows.min() - box.top) <= 1
    assert abs(rows.max() + 1 - box.bottom) <= 1
    assert Box(0, 0, 300, 100).holds(box)


def test_a_character_the_letters_do_not_have_is_shown_as_missing() -> None:
    assert font.advance("漢", 10) == font.advance("\ufffd", 10) > 0


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_another_decoder_reads_the_same_pixels(rgb: np.ndarray) -> None:
    assert np.array_equal(np.asarray(Pillow.open(io.BytesIO(encode_png(rgb, 300))).convert("RGB")), rgb)


def test_a_png_holds_dpi_and_alt_text_and_nothing_of_the_day() -> None:
    data = encode_png(np.zeros((9, 8, 3), np.uint8), 300, "Zwei Läsionen − W1500")
    picture = Pillow.open(io.BytesIO(data))
    assert picture.mode == "L"
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert picture.text["Description"] == "Zwei Läsionen − W1500"
    kinds, at = [], 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            data[at + 4 : at + 8 + length]
        )
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"pHYs", b"iTXt", b"IDAT", b"IEND"]


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InputError, match="not uint8"):
        encode_png(np.zeros((4, 4)), 300)
    with pytest.raises(InputError, match="beyond the page's edge"):
        drawn(Image(np.zeros((2, 2), np.uint8), -1, 0))


def test_lengths_and_colours() -> None:
    assert pixels_of_mm(25.4, 300) == 300
    assert colour("#0a0B0c") == (10, 11, 12)
    with pytest.raises(ValueError, match="#rrggbb"):
        colour("#fff")
