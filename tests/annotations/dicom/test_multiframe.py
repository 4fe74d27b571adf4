"""Multi-frame images: the same stack as with single-frame files, every frame with its own facts, or a clear refusal."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_frames import enhanced, legacy, mosaic, rotation, stack_at
from made_series import image, pixels, setting, uid, write
from made_streams import LOSSLESS, put, stream
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from callout import dicom
from callout.dicom.groups import items_of
from callout.dicom.header import Unreadable, read_header
from callout.dicom.image import images_of
from callout.errors import NoImages

SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian)


def slices(count: int = 4, modality: str = "MR", **values: object) -> list[Dataset]:
    images = [image(k, modality=modality) for k in range(count)]
    for k, one in enumerate(images):
        setting(None, **values)(one, k)
    return images


def refused(data_set: Dataset, folder: Path, syntax: str = ExplicitVRLittleEndian) -> str:
    write(data_set, folder / "a.dcm", syntax)
    with pytest.raises(NoImages) as raised:
        dicom.find_series(folder)
    return str(raised.value)


@settings(max_examples=25, deadline=None)
@given(
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    gaps=st.lists(st.floats(0.5, 9), max_size=5),
    tilt=st.floats(-0.4, 0.4),
    spacing=st.tuples(st.floats(0.2, 3), st.floats(0.2, 3)),
    modality=st.sampled_from(["CT", "MR"]),
    form=st.sampled_from(["legacy", "shared", "each"]),
    syntax=st.sampled_from(SYNTAXES),
    shuffled=st.randoms(use_true_random=False),
)
def test_a_stack_in_one_file_is_the_same_stack(
    angles: tuple[float, float, float],
    gaps: list[float],
    tilt: float,
    spacing: tuple[float, float],
    modality: str,
    form: str,
    syntax: str,
    shuffled: Random,
) -> None:
    turn = rotation(*angles)
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    images = stack_at(
        np.array([-31.5, 12.25, 100]) + np.outer(heights, turn[:, 2] + tilt * turn[:, 1]), turn, spacing, modality
    )
    with tempfile.TemporaryDirectory() as folder:
        for k, one in enumerate(images):
            write(one, Path(folder) / "single" / f"{k}.dcm")
        order = list(images)
        shuffled.shuffle(order)
        whole = legacy(order) if form == "legacy" else enhanced(order, shared=form == "shared")
        if syntax == ExplicitVRBigEndian:
            whole.PixelData = np.frombuffer(whole.PixelData, "<u2").astype(">u2").tobytes()
        write(whole, Path(folder) / "multi" / "a.dcm", syntax)
        (single,) = dicom.find_series(Path(folder) / "single")
        (multi,) = dicom.find_series(Path(folder) / "multi")
        expected, found = dicom.load(single).voxels, dicom.load(multi).voxels
    assert np.abs(single.grid.origins - multi.grid.origins).max() < 1e-4
    assert np.abs(single.grid.row_step - multi.grid.row_step).max() < 1e-4
    assert np.abs(single.grid.column_step - multi.grid.column_step).max() < 1e-4
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)
    assert len({instance.frame for instance in multi.instances}) == len(images)
    assert [warning.code for warning in multi.warnings] == [warning.code for warning in single.warnings]


def test_every_frame_has_its_own_facts_under_the_keywords_of_single_frames(tmp_path: Path) -> None:
    images = slices(2, EchoTime=30.5, RepetitionTime=500, FlipAngle=80, DiffusionBValue=800.0)
    images[1].EchoTime, images[1].TriggerTime, images[1].TemporalPositionIdentifier = 90, 12.5, 7
    images[1].InversionTime, images[1].AcquisitionNumber = 150, 3
    whole = enhanced(images)
    whole.EchoPulseSequence, whole.EchoPlanarPulseSequence, whole.PulseSequenceName = "SPIN", "YES", "ep2d"
    for number, one in enumerate(whole.PerFrameFunctionalGroupsSequence, 1):
        content = Dataset() if "FrameContentSequence" not in one else one.FrameContentSequence[0]
        content.FrameAcquisitionDateTime = f"2026010210153{number}.250+0100"
        content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = "5", number, [1, number]
        one.FrameContentSequence = [content]
        direction = Dataset()
        direction.DiffusionGradientOrientation = [0.0, 0.6, 0.8]
        diffusion = Dataset()
        diffusion.DiffusionBValue, diffusion.DiffusionDirectionality = 800.0 * number, "DIRECTIONAL"
        diffusion.DiffusionGradientDirectionSequence = [direction]
        one.MRDiffusionSequence = [diffusion]
        cardiac = Dataset()
        cardiac.NominalPercentageOfCardiacPhase = 37.5
        one.CardiacSynchronizationSequence = [cardiac]
    for syntax in SYNTAXES:
        headers = [one.header for one in images_of(read_header(str(write(whole, tmp_path / "a.dcm", syntax))))]
        assert [one.numbers("EchoTime") for one in headers] == [(30.5,), (90,)]
        assert [one.text("AcquisitionTime") for one in headers] == ["101531.250", "101532.250"]
        assert [one.text("AcquisitionDate") for one in headers] == ["20260102"] * 2
        assert [one.doubles("DiffusionBValue") for one in headers] == [(800,), (1600,)]
        assert [one.longs("DimensionIndexValues") for one in headers] == [(1, 1), (1, 2)]
        assert [one.number("AcquisitionNumber") for one in headers] == [None, 3]
        assert headers[1].number("TemporalPositionIdentifier") == 7
        assert headers[1].number("InversionTime") == 150
        assert headers[0].doubles("DiffusionGradientOrientation") == (0, 0.6, 0.8)
        assert headers[0].singles("NominalPercentageOfCardiacPhase") == (37.5,)
        assert headers[0].text("StackID") == "5"
        assert headers[0].texts("ScanningSequence") == ("SE", "EP")
        assert headers[0].text("SequenceName") == "ep2d"
        assert headers[0].texts("ImageType") == ("ORIGINAL", "PRIMARY", "M")
        assert headers[0].number("FlipAngle") == 80


def test_rescale_of_each_frame(tmp_path: Path) -> None:
    images = slices(3, "CT")
    for k, one in enumerate(images):
        one.RescaleSlope, one.RescaleIntercept = k + 1, -10 * k
    write(enhanced(images), tmp_path / "a.dcm")
    (found,) = dicom.find_series(tmp_path)
    expected = np.array([pixels(k).astype(np.float32) * (k + 1) - 10 * k for k in range(3)])
    assert np.array_equal(dicom.load(found).voxels, expected)
    assert np.array_equal(dicom.load_slice(found, 2), expected[2])


def test_private_and_unknown_sequences_are_passed_over(tmp_path: Path) -> None:
    """Sequences of unknown length, of value representation UN, and a maker's own with other values of known tags."""
    whole = enhanced(slices(2))
    for one in whole.PerFrameFunctionalGroupsSequence:
        misleading = Dataset()
        misleading.ImagePositionPatient, misleading.RescaleSlope = [9, 9, 9], 7
        block = one.private_block(0x2005, "A MAKER", create=True)
        block.add_new(0x0F, "SQ", Sequence([misleading]))
        one.PlanePositionSequence.is_undefined_length_sequence = True
        one["PlanePositionSequence"].is_undefined_length = True
    whole["PerFrameFunctionalGroupsSequence"].is_undefined_length = True
    path = write(whole, tmp_path / "a.dcm")
    (found,) = dicom.find_series(tmp_path)
    assert found.grid.origins[:, 2].tolist() == [0, 2.5]
    data = path.read_bytes()
    head = struct.pack("<HH2sH", 0x5200, 0x9230, b"SQ", 0)
    write(enhanced(slices(2)), tmp_path / "a.dcm", ImplicitVRLittleEndian)
    implicit = (tmp_path / "a.dcm").read_bytes()
    start = implicit.index(struct.pack("<HH", 0x5200, 0x9230))
    (length,) = struct.unpack_from("<I", implicit, start + 4)
    unknown = head[:4] + b"UN\0\0" + implicit[start + 4 : start + 8 + length]
    path.write_bytes(data[: data.index(head)] + unknown + data[data.index(b"\xe0\x7f\x10\x00") :])
    (found,) = dicom.find_series(tmp_path)
    assert found.grid.origins[:, 2].tolist() == [0, 2.5]


def without_positions(whole: Dataset) -> None:
    del whole.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence


def nan_orientation(whole: Dataset) -> None:
    plane = Dataset()
    plane.ImageOrientationPatient = ["1", "0", "0", "0", "2", "0"]
    whole.PerFrameFunctionalGroupsSequence[2].PlaneOrientationSequence = [plane]


def zero_slope(whole: Dataset) -> None:
    values = Dataset()
    values.RescaleSlope, values.RescaleIntercept = 0, 0
    whole.PerFrameFunctionalGroupsSequence[3].PixelValueTransformationSequence = [values]


DAMAGE: tuple[tuple[Callable[[Dataset], object], str], ...] = (
    (without_positions, "frame 2: has no ImagePositionPatient"),
    (nan_orientation, "frame 3: ImageOrientationPatient is not of unit length"),
    (zero_slope, "frame 4: RescaleSlope is 0"),
    (lambda whole: whole.PerFrameFunctionalGroupsSequence.pop(), "PerFrameFunctionalGroupsSequence has 3 items"),
    (lambda whole: setattr(whole, "NumberOfFrames", 3), "functional groups have more than 3 items"),
    (lambda whole: setattr(whole, "NumberOfFrames", 0), "NumberOfFrames is 0"),
    (lambda whole: setattr(whole, "NumberOfFrames", 10**9), "NumberOfFrames is 1e"),
    (lambda whole: delattr(whole, "NumberOfFrames"), "has no NumberOfFrames"),
    (lambda whole: delattr(whole, "PerFrameFunctionalGroupsSequence"), "PerFrameFunctionalGroupsSequence is missing"),
    (lambda whole: setattr(whole, "PixelData", whole.PixelData[:-60]), "NumberOfFrames × Rows × Columns need 240"),
    (lambda whole: setattr(whole, "ImageType", ["ORIGINAL", "PRIMARY", "MOSAIC"]), ""),
    (lambda whole: setattr(whole, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.4.3"), "MR colour image"),
)


@pytest.mark.parametrize(("damage", "says"), DAMAGE, ids=[says[:30] or "says MOSAIC, is none" for _, says in DAMAGE])
def test_damage_is_named(damage: Callable[[Dataset], object], says: str, tmp_path: Path) -> None:
    whole = enhanced(slices())
    damage(whole)
    if says:
        assert says in refused(whole, tmp_path)
    else:
        write(whole, tmp_path / "a.dcm")
        assert [one.grid.shape for one in dicom.find_series(tmp_path)] == [(4, 6, 5)]


def test_groups_nested_three_hundred_deep(tmp_path: Path) -> None:
    whole = enhanced(slices())
    whole["PerFrameFunctionalGroupsSequence"].is_undefined_length = True
    for one in whole.PerFrameFunctionalGroupsSequence:
        one.is_undefined_length_sequence_item = True
    path = write(whole, tmp_path / "a.dcm")
    data = path.read_bytes()
    first_item = data.index(struct.pack("<HH2s", 0x5200, 0x9230, b"SQ")) + 20
    undefined = b"\xff" * 4
    nest = (struct.pack("<HH2sH", 0x0009, 0x1001, b"SQ", 0) + undefined + b"\xfe\xff\x00\xe0" + undefined) * 300
    close = (b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)) * 300
    path.write_bytes(data[:first_item] + nest + close + data[first_item:])
    with pytest.raises(NoImages, match="nested more than 64 deep"):
        dicom.find_series(tmp_path)


def test_a_single_frame_class_with_many_frames_needs_their_positions(tmp_path: Path) -> None:
    one = image(0, modality="MR")
    one.NumberOfFrames, one.PixelData = 3, b"".join(pixels(k).tobytes() for k in range(3))
    assert "NumberOfFrames is 3 and PerFrameFunctionalGroupsSequence is missing" in refused(one, tmp_path)
    whole = enhanced(slices(3))
    whole.SOPClassUID = one.SOPClassUID
    write(whole, tmp_path / "a.dcm")
    assert [one.grid.shape for one in dicom.find_series(tmp_path)] == [(3, 6, 5)]


def test_a_million_items_cost_little(tmp_path: Path) -> None:
    """Empty items behind a small NumberOfFrames, and behind one that claims as many."""
    content = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 1_000_000
    with pytest.raises(Unreadable, match="more than 4 items"):
        items_of(content, False, "<", {}, 4)
    whole = enhanced(slices())
    path = write(whole, tmp_path / "a.dcm")
    data = path.read_bytes()
    start = data.index(struct.pack("<HH2s", 0x5200, 0x9230, b"SQ"))
    head = struct.pack("<HH2sHI", 0x5200, 0x9230, b"SQ", 0, len(content))
    many = data[:start] + head + content + data[data.index(b"\xe0\x7f\x10\x00") :]
    for claimed, says in ((b"4 ", "more than 4 items"), (b"60000 ", "more than 60000 items")):
        number = struct.pack("<HH2sH", 0x0028, 0x0008, b"IS", len(claimed)) + claimed
        path.write_bytes(many.replace(struct.pack("<HH2sH", 0x0028, 0x0008, b"IS", 2) + b"4 ", number))
        with pytest.raises(NoImages, match=says):
            dicom.find_series(tmp_path)


def test_a_cut_or_changed_file_is_named(tmp_path: Path) -> None:
    path = write(enhanced(slices(), shared=False), tmp_path / "a.dcm")
    whole = path.read_bytes()
    for size in range(200, len(whole), 211):
        path.write_bytes(whole[:size])
        (skipped,) = dicom.scan([tmp_path]).skipped
        assert "cut" in skipped.reason
    start = whole.index(struct.pack("<HH2s", 0x5200, 0x9229, b"SQ"))
    for seed in range(150):
        spoilt = bytearray(whole)
        place = start + (seed * 977) % (len(whole) - start - 240)
        spoilt[place : place + 2] = bytes([seed % 256, 255 - seed % 256])
        path.write_bytes(spoilt)
        found = dicom.scan([tmp_path])
        assert found.series or found.skipped


def test_a_file_that_changed_since_is_read_again(tmp_path: Path) -> None:
    path = write(enhanced(slices()), tmp_path / "a.dcm")
    (found,) = dicom.find_series(tmp_path)
    whole = enhanced(slices())
    whole.SeriesDescription = "a longer description: all lies elsewhere"
    write(whole, path)
    assert np.array_equal(dicom.load(found).voxels, [pixels(k) for k in range(4)])
    other = enhanced(slices())
    other.SOPInstanceUID = uid("another")
    other.SeriesDescription = "something else"
    write(other, path)
    with pytest.raises(Exception, match="another image is in its place"):
        dicom.load(found)


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("table", ["basic", "extended", "none"])
def test_compressed_frames(syntax: str, table: str, tmp_path: Path) -> None:
    images = slices(3)
    samples = [pixels(k, 64, 48) for k in range(3)]
    for one, stored in zip(images, samples, strict=True):
        one.Rows, one.Columns, one.PixelData = 64, 48, stored.tobytes()
    whole = enhanced(images)
    streams = [stream(stored, syntax) for stored in samples]
    if table == "extended":
        encapsulated, whole.ExtendedOffsetTable, whole.ExtendedOffsetTableLengths = encapsulate_extended(streams)
    else:
        encapsulated = encapsulate(streams, has_bot=table == "basic")
    put(whole, encapsulated)
    write(whole, tmp_path / "a.dcm", syntax)
    (found,) = dicom.find_series(tmp_path)
    assert np.array_equal(dicom.load(found).voxels, samples)


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("EchoTime", (30.0, 90.0)),
        ("InversionTime", (100.0, 200.0)),
        ("TemporalPositionIdentifier", (1, 2, 3)),
        ("AcquisitionNumber", (2, 11)),
        ("TriggerTime", (0.0, 40.0)),
        ("DiffusionBValue", (0.0, 800.0)),
        ("ImageType", (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"])),
    ],
)
def test_frames_at_one_place_are_split_as_single_frame_files_are(
    keyword: str, values: tuple[object, ...], tmp_path: Path
) -> None:
    images = []
    for number, value in enumerate(values):
        for k in range(3):
            one = image(k, modality="MR")
            one.SOPInstanceUID, one.PixelData = uid(keyword, number, k), pixels(k + 10 * number).tobytes()
            setattr(one, keyword, value)
            images.append(one)
            write(one, tmp_path / "single" / f"{len(images)}.dcm")
    write(enhanced(images), tmp_path / "multi" / "a.dcm")
    single, multi = (dicom.find_series(tmp_path / name) for name in ("single", "multi"))
    assert [one.id for one in multi] == [one.id for one in single]
    assert len(multi) == len(values)
    assert all(np.array_equal(dicom.load(a).voxels, dicom.load(b).voxels) for a, b in zip(multi, single, strict=True))


def test_frames_that_nothing_but_their_order_tells_apart(tmp_path: Path) -> None:
    images = [image(k % 3, modality="MR") for k in range(6)]
    for k, one in enumerate(images):
        one.PixelData = pixels(k).tobytes()
    write(enhanced(images), tmp_path / "a.dcm")
    found = dicom.find_series(tmp_path)
    assert [[instance.frame for instance in one.instances] for one in found] == [[1, 2, 3], [4, 5, 6]]
    assert [dicom.load(one).voxels[0, 0, 0] for one in found] == [1000, 1120]


@pytest.mark.parametrize("form", [enhanced, mosaic])
@pytest.mark.parametrize("columns", [5, 6])
def test_bytes_that_lie_in_big_endian_words(
    form: Callable[[list[Dataset]], Dataset], columns: int, tmp_path: Path
) -> None:
    samples = np.random.default_rng(columns).integers(0, 256, (3, 5, columns), np.uint8)
    images = slices(3, Rows=5, Columns=columns, BitsStored=8, HighBit=7)
    for one, picture in zip(images, samples, strict=True):
        one.PixelData = picture.astype(np.uint16).tobytes()
    data_set = form(images)
    packed = np.frombuffer(data_set.PixelData, np.uint16).astype(np.uint8).tobytes()
    packed += bytes(len(packed) % 2)
    data_set.BitsAllocated, data_set.PixelData = 8, np.frombuffer(packed, "<u2").astype(">u2").tobytes()
    write(data_set, tmp_path / "a.dcm", ExplicitVRBigEndian)
    (series,) = dicom.find_series(tmp_path)
    assert np.array_equal(dicom.load(series).voxels, samples)
