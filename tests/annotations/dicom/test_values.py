"""Values: whatever form the samples have in a file, they come out as a plain reading of the bits says."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import made_series
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from callout import dicom
from callout.errors import CalloutError, InputError

SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


@dataclass(frozen=True)
class Form:
    """How the samples of one series are written. `noise`: bits beside the stored ones are set, as overlays are."""

    syntax: str
    rows: int
    columns: int
    allocated: int
    stored: int
    high: int
    signed: bool
    rescales: tuple[tuple[str, str], ...]  # of each slice: slope and intercept, as in the file
    noise: bool
    words: bool  # 8-bit samples as OW
    seed: int


NUMBERS = st.one_of(
    st.integers(-70000, 70000).map(str), st.sampled_from(["0", "-1024", "-8192", "0.5", "-1000.25", "1e4", "32768"])
)
SLOPES = st.one_of(st.just("1"), st.just("1"), st.sampled_from(["2", "-1", "0.1", "1.0001", "1e5", "17.7"]))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Forms that the standard allows, the odd ones too."""
    allocated = draw(st.sampled_from([8, 16, 16, 16, 32]))
    stored = draw(st.integers(1, allocated) if allocated < 32 else st.integers(1, 23))
    high = draw(st.one_of(st.just(stored - 1), st.integers(stored - 1, allocated - 1)))
    rescale = draw(st.tuples(SLOPES, NUMBERS))
    other = draw(st.one_of(st.just(rescale), st.tuples(SLOPES, NUMBERS)))
    return Form(
        draw(st.sampled_from(SYNTAXES)), draw(st.integers(1, 7)), draw(st.integers(1, 7)), allocated, stored, high,
        draw(st.booleans()), (rescale, other, rescale), draw(st.booleans()), draw(st.booleans()),
        draw(st.integers(0, 1 << 30)),
    )  # fmt: skip


def samples(form: Form, k: int) -> list[int]:
    """What lies in the file, as unsigned numbers of `allocated` bits: the ends of the range are among them."""
    random = np.random.default_rng(form.seed + k)
    count = form.rows * form.columns
    inside = [int(one) for one in random.integers(0, 1 << form.stored, count)]
    inside[0], inside[-1] = (1 << form.stored - 1), (1 << form.stored) - 1
    low = form.high + 1 - form.stored
    outside = ((1 << form.allocated) - 1) & ~(((1 << form.stored) - 1) << low)
    around = [int(one) & outside if form.noise else 0 for one in random.integers(0, 1 << form.allocated, count)]
    return [one << low | other for one, other in zip(inside, around, strict=True)]


def plain(form: Form, sample: int, rescale: tuple[str, str]) -> float:
    """The value of one sample, by the words of PS3.5 8.1.1 and PS3.3 C.11.1."""
    value = sample >> (form.high + 1 - form.stored) & (1 << form.stored) - 1
    if form.signed and value >> (form.stored - 1):
        value -= 1 << form.stored
    return value * float(rescale[0]) + float(rescale[1])


def written(form: Form, folder: Path) -> None:
    """Three slices of that form."""
    order = ">" if form.syntax == ExplicitVRBigEndian else "<"
    code = {8: "B", 16: "H", 32: "I"}[form.allocated]

    def change(data_set: Dataset, k: int) -> None:
        data_set.Rows, data_set.Columns = form.rows, form.columns
        data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = form.allocated, form.stored, form.high
        data_set.PixelRepresentation = int(form.signed)
        data_set.RescaleSlope, data_set.RescaleIntercept = form.rescales[k]
        raw = struct.pack(f"{order}{form.rows * form.columns}{code}", *samples(form, k))
        raw += b"\0" * (len(raw) % 2)
        vr = "OW" if form.allocated > 8 or form.words or form.syntax == ImplicitVRLittleEndian else "OB"
        if form.allocated == 8 and vr == "OW" and order == ">":  # a word's bytes lie the other way round
            raw = np.frombuffer(raw, "<u2").astype(">u2").tobytes()
        del data_set[0x7FE00010]
        data_set.add_new(0x7FE00010, vr, raw)

    for k in range(3):
        data_set = made_series.image(k)
        change(data_set, k)
        made_series.write(data_set, folder / f"{k}.dcm", form.syntax)


@given(form=forms())
def test_values_are_what_the_bits_say(form: Form, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("form")
    written(form, folder)
    (series,) = dicom.find_series(folder)
    expected = np.array(
        [[plain(form, sample, form.rescales[k]) for sample in samples(form, k)] for k in range(3)]
    ).reshape(3, form.rows, form.columns)
    voxels = dicom.load(series).voxels
    assert np.array_equal(voxels, expected.astype(np.float32))
    fits = np.array_equal(expected, expected.astype(np.int64)) and -32768 <= expected.min() <= expected.max() <= 32767
    if all(float(slope) == 1 for slope, _ in form.rescales) and form.stored <= 16:
        assert (voxels.dtype == np.int16) == fits
    for k in range(3):
        assert np.array_equal(dicom.load_slice(series, k), voxels[k])


def one(folder: Path, **values: Any) -> Any:
    """The only series of three images with these attributes."""
    made_series.series(folder, 3, made_series.setting(**values))
    return dicom.find_series(folder)[0]


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [
        ("1e300", "0"),
        ("-1e36", "0"),
        ("1e-300", "0"),
        ("1e-40", "5"),
        ("1e-12", "1000"),
        ("1", "1e9"),
        ("1e-9", "-8192"),
    ],
)
def test_values_that_float32_cannot_tell_apart_are_refused(tmp_path: Path, slope: str, intercept: str) -> None:
    series = one(tmp_path, RescaleSlope=slope, RescaleIntercept=intercept)
    with pytest.raises(InputError, match="Rescale"):
        dicom.load(series)


@pytest.mark.parametrize("slope", ["1e-20", "3e-8", "1e30", "-0.25"])
def test_small_and_large_slopes_are_applied(tmp_path: Path, slope: str) -> None:
    series = one(tmp_path, RescaleSlope=slope, RescaleIntercept="0")
    stored = np.stack([made_series.pixels(k) for k in range(3)])
    assert np.array_equal(dicom.load(series).voxels, (stored * float(slope)).astype(np.float32))


def test_monochrome1_keeps_its_values(tmp_path: Path) -> None:
    series = one(tmp_path, PhotometricInterpretation="MONOCHROME1")
    stored = np.stack([made_series.pixels(k) for k in range(3)])
    assert np.array_equal(dicom.load(series).voxels, stored.astype(int) - 1024)


def other_place(data_set: Dataset) -> None:
    data_set.ImagePositionPatient = [-10.0, -20.0, 2.6]


def other_direction(data_set: Dataset) -> None:
    data_set.ImageOrientationPatient = [1, 0, 0, 0, -1, 0]


def other_spacing(data_set: Dataset) -> None:
    data_set.PixelSpacing = [0.7, 0.8]


def other_rescale(data_set: Dataset) -> None:
    data_set.RescaleSlope = 2


def other_instance(data_set: Dataset) -> None:
    data_set.SOPInstanceUID = made_series.uid("another")


@pytest.mark.parametrize("change", [other_place, other_direction, other_spacing, other_rescale, other_instance])
def test_an_image_that_was_changed_since_is_refused(tmp_path: Path, change: Any) -> None:
    paths = made_series.series(tmp_path, 3)
    (series,) = dicom.find_series(tmp_path)
    data_set = made_series.image(1)
    change(data_set)
    made_series.write(data_set, paths[1])
    os.utime(paths[1], ns=(1, 1))
    with pytest.raises(CalloutError, match="another image is in its place now") as told:
        dicom.load(series)
    assert told.value.where == str(paths[1])
    with pytest.raises(CalloutError, match="another image"):
        dicom.load_slice(series, 1)
    assert dicom.load_slice(series, 0).shape == (6, 5)


def test_an_image_that_was_written_again_is_read(tmp_path: Path) -> None:
    paths = made_series.series(tmp_path, 3)
    (series,) = dicom.find_series(tmp_path)
    before = dicom.load(series).voxels
    data_set = made_series.image(1)
    data_set.ImageComments = "what moves the pixels" * 10
    made_series.write(data_set, paths[1], ImplicitVRLittleEndian)
    assert np.array_equal(dicom.load(series).voxels, before)
