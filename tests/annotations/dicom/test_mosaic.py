"""Mosaics: every tile an image at its true position, or the file refused; never one big slice."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_frames import csa, mosaic, rotation, stack_at
from made_series import uid, write
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from callout import dicom
from callout.dicom.csa import csa_values
from callout.dicom.header import Unreadable
from callout.errors import NoImages

NAMES = frozenset(("NumberOfImagesInMosaic", "SliceNormalVector"))


def slices(
    count: int = 5, angles: tuple[float, float, float] = (0.2, 0.1, 0), step: float = 3.0, spacing: float = 1.5
) -> list[Dataset]:
    turn = rotation(*angles)
    origins = np.array([-31.5, 12.25, 100]) + np.outer(np.arange(count) * step, turn[:, 2])
    images = stack_at(origins, turn, (spacing, spacing / 2))
    for one in images:
        one.SpacingBetweenSlices, one.SliceThickness = f"{step:.10f}"[:16], step / 2
    return images


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 11),
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    step=st.floats(0.5, 9),
    spacing=st.floats(0.2, 3),
    backwards=st.booleans(),
    newer=st.booleans(),
    syntax=st.sampled_from(
        [
            *(ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian),
            *(RLELossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless),
        ]
    ),
)
def test_the_tiles_are_the_stack(
    count: int,
    angles: tuple[float, float, float],
    step: float,
    spacing: float,
    backwards: bool,
    newer: bool,
    syntax: str,
) -> None:
    images = slices(count, angles, step, spacing)
    picture = mosaic(images, backwards=backwards, newer=newer)
    if syntax == ExplicitVRBigEndian:
        picture.PixelData = np.frombuffer(picture.PixelData, "<u2").astype(">u2").tobytes()
    with tempfile.TemporaryDirectory() as folder:
        for k, one in enumerate(images):
            write(one, Path(folder) / "single" / f"{k}.dcm")
        write(picture, Path(folder) / "mosaic" / "a.dcm", syntax)
        (single,) = dicom.find_series(Path(folder) / "single")
        (tiles,) = dicom.find_series(Path(folder) / "mosaic")
        assert np.array_equal(dicom.load(tiles).voxels, dicom.load(single).voxels)
    assert np.abs(tiles.grid.origins - single.grid.origins).max() < 1e-4
    assert np.abs(tiles.grid.row_step - single.grid.row_step).max() < 1e-4
    assert np.abs(tiles.grid.column_step - single.grid.column_step).max() < 1e-4
    order = [one.frame for one in tiles.instances]
    assert order == sorted(order, reverse=backwards)
    assert not tiles.warnings


def test_time_points_are_stacks_of_their_own(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        picture = mosaic(slices(4))
        picture.SOPInstanceUID, picture.AcquisitionNumber = uid("time", number), number
        picture.PixelData = (np.frombuffer(picture.PixelData, np.uint16) + np.uint16(number)).tobytes()
        write(picture, tmp_path / f"{number}.dcm")
    found = dicom.find_series(tmp_path)
    assert [one.grid.shape for one in found] == [(4, 6, 5)] * 3
    assert [int(dicom.load(one).voxels[0, 0, 0]) for one in found] == [1001, 1002, 1003]


def test_another_private_block_and_the_slice_thickness(tmp_path: Path) -> None:
    picture = mosaic(slices(4))
    value = picture[0x00291010].value
    for tag in (0x00290010, 0x00291010, 0x00180088):
        del picture[tag]
    picture.add_new(0x00290010, "LO", "SIEMENS MEDCOM HEADER")
    picture.add_new(0x00291010, "OB", b"nothing of that kind")
    picture.add_new(0x00290011, "LO", "SIEMENS CSA HEADER")
    picture.add_new(0x00291110, "OB", value)
    write(picture, tmp_path / "a.dcm")
    (found,) = dicom.find_series(tmp_path)
    assert np.allclose(np.diff(found.grid.slice_positions), 1.5, atol=1e-6)


def facts(**values: list[str]) -> Callable[[Dataset], None]:
    """A change that writes another CSA header."""

    def change(picture: Dataset) -> None:
        known = csa_values(picture[0x00291010].value, NAMES) | values
        picture[0x00291010].value = csa({name: list(texts) for name, texts in known.items() if texts})

    return change


def only_the_count(picture: Dataset) -> None:
    """Without CSA header, but with the private count of tiles: which way they go is unknown."""
    del picture[0x00290010], picture[0x00291010]
    picture.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", 5)


def no_count(picture: Dataset) -> None:
    del picture[0x00290010], picture[0x00291010]


def no_distance(picture: Dataset) -> None:
    del picture.SpacingBetweenSlices, picture.SliceThickness


def cut_header(picture: Dataset) -> None:
    picture[0x00291010].value = picture[0x00291010].value[:300]


REFUSED: tuple[tuple[Callable[[Dataset], object], str], ...] = (
    (no_count, "MOSAIC, and its CSA header, which would say how many slices it holds, is missing"),
    (only_the_count, "SliceNormalVector of its CSA header, the order of its slices, is missing"),
    (facts(SliceNormalVector=["1", "0", "0"]), "does not fit ImageOrientationPatient"),
    (facts(SliceNormalVector=["nan", "0", "0"]), "does not fit ImageOrientationPatient"),
    (facts(SliceNormalVector=["a", "b", "c"]), "the order of its slices, is missing"),
    (facts(NumberOfImagesInMosaic=["0"]), "NumberOfImagesInMosaic is 0"),
    (facts(NumberOfImagesInMosaic=["-4"]), "NumberOfImagesInMosaic is 0"),
    (facts(NumberOfImagesInMosaic=["900000"]), "NumberOfImagesInMosaic is 900000"),
    (facts(NumberOfImagesInMosaic=["60"]), "don't hold 8 × 8 tiles"),
    (no_distance, "give no distance between its slices"),
    (cut_header, "CSA header is"),
    (lambda picture: setattr(picture, "PixelData", picture.PixelData[:-90]), "PixelData has"),
    (lambda picture: setattr(picture, "ImageType", ["ORIGINAL", "PRIMARY", "M", "VFRAME"]), "VFRAME"),
)


@pytest.mark.parametrize(("change", "says"), REFUSED, ids=[says[:40] for _, says in REFUSED])
def test_what_can_not_be_placed_is_refused(change: Callable[[Dataset], object], says: str, tmp_path: Path) -> None:
    picture = mosaic(slices(5))
    change(picture)
    write(picture, tmp_path / "a.dcm")
    with pytest.raises(NoImages) as raised:
        dicom.find_series(tmp_path)
    assert says in str(raised.value)


def test_any_csa_header_is_read_or_refused() -> None:
    for newer in (True, False):
        whole = csa({"First": ["a", "b"], "NumberOfImagesInMosaic": ["36"], "Empty": []}, newer=newer)
        assert csa_values(whole, NAMES) == {"NumberOfImagesInMosaic": ("36",)}
        for place in range(len(whole)):
            for number in (0, 0x7FFFFFFF, 0xFFFFFFFF):
                spoilt = whole[:place] + struct.pack("<I", number) + whole[place + 4 :]
                try:
                    csa_values(spoilt, NAMES)
                    csa_values(spoilt[: place + 1], NAMES)
                except Unreadable:
                    continue
