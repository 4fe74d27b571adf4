"""Picture files of a case, as a figure shows them."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from callout.case.contents import Contents
from callout.errors import InputError
from callout.figures.source import CaseSource
from callout.reports import Picture


def source(data: bytes) -> CaseSource:
    return CaseSource(cast(Contents, SimpleNamespace(pictures={"a": Picture("a", "image/png", data)})))


def file_of(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def test_a_photograph_that_was_turned_is_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    photograph = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 8, axis=1).repeat(8, axis=0))
    file = source(file_of(photograph, "JPEG", exif=turned))
    upright = file.picture("a")
    assert upright.shape == (16, 8, 3)
    assert file.picture_shape("a") == (16, 8)
    assert upright[0].max() < 50
    assert upright[-1].min() > 200


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_its_shape_is_told_without_its_pixels(form: str, orientation: int | None) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation or 1
    options = {} if orientation is None else {"exif": exif}
    file = source(file_of(Image.new("RGB", (9, 4), "red"), form, **options))
    assert file.picture_shape("a") == file.picture("a").shape[:2]
    if form == "PNG" and orientation is None:
        data = file_of(Image.effect_noise((90, 40), 40), form)
        assert source(data[: len(data) // 2]).picture_shape("a") == (40, 90)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_not_clipped(form: str) -> None:
    values = (np.arange(6).reshape(2, 3) * 10000).astype(np.uint16)
    assert source(file_of(Image.fromarray(values), form)).picture("a")[..., 1].tolist() == (values >> 8).tolist()


def test_what_is_transparent_is_paper() -> None:
    assert (source(file_of(Image.new("RGBA", (2, 2), (0, 0, 0, 0)))).picture("a") == 255).all()
    assert (source(file_of(Image.new("L", (2, 2), 7))).picture("a") == 7).all()


SOUND = {
    form: file_of(Image.effect_noise((12, 9), 40).convert("RGB"), form)
    for form in ("PNG", "JPEG", "GIF", "TIFF", "BMP")
}


@given(form=st.sampled_from(sorted(SOUND)), changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255))))
@example(form="BMP", changes=[(24, 114)])  # so high that Pillow warns of it
def test_a_damaged_picture_is_shown_or_refused(form: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SOUND[form])
    for place, value in changes:
        data[place % len(data)] = value
    try:
        channels = source(bytes(data)).picture("a").shape[2]
    except InputError:
        return
    assert channels == 3
    assert min(source(bytes(data)).picture_shape("a")) > 0


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no such picture"):
        source(b"").picture("b")
