"""DICOM segmentations of every kind and compression in, and what a SEG says of its segments."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import made_stacks
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_stacks import SHAPE, box
from pydicom.datadict import dictionary_VR
from pydicom.encaps import encapsulate
from pydicom.uid import UID

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import import_masks
from callout.exports.coding import code_of_site
from callout.exports.masks_in import read_file

MASKS = box((1, 3), (0, 3), (0, 3)), box((2, 5), (2, 6), (1, 5))


@pytest.fixture
def drawn(tmp_path: Path) -> Iterator[Case]:
    """A case with two findings that overlap, and an empty one beside it, `empty.callout`."""
    with made_stacks.case(tmp_path) as case:
        made_stacks.copy_of(case.path, tmp_path, "empty.callout").close()
        made_stacks.draw(case, *MASKS)
        yield case


@pytest.fixture
def seg(drawn: Case, tmp_path: Path) -> pydicom.Dataset:
    return pydicom.dcmread(callout.export(drawn, tmp_path / "out", to=["seg"]).files[0])


@pytest.fixture
def empty(drawn: Case, tmp_path: Path) -> Iterator[Case]:
    with callout.open_case(tmp_path / "empty.callout", reader="r2") as case:
        yield case


def masks_of(case: Case, data_set: pydicom.Dataset, **options: Any) -> tuple[list[npt.NDArray[np.bool_]], Any]:
    """The masks that a data set gives as a file, and all that import says."""
    path = case.path.with_name("m.dcm")
    data_set.save_as(path)
    came = import_masks(case, path, **options)
    return [np.array(case.mask(region)) for _, region in came.made], came


def frames(data_set: pydicom.Dataset) -> npt.NDArray[np.uint8]:
    pixels: npt.NDArray[np.uint8] = data_set.pixel_array
    return pixels


def compress(data_set: pydicom.Dataset, syntax: str, packed: list[bytes]) -> None:
    data_set.PixelData = encapsulate([one + bytes(len(one) % 2) for one in packed])
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
    data_set.file_meta.TransferSyntaxUID = UID(syntax)


def data_folder() -> Path:
    folder = os.environ.get("CALLOUT_DATA")
    if not folder:
        pytest.skip("CALLOUT_DATA is not set")
    return Path(folder)


@pytest.mark.parametrize("name", ["liver_rle.dcm", "liver_deflate.dcm", "liver_j2k.dcm"])
def test_single_bits_are_read_from_every_compression(name: str) -> None:
    folder = data_folder() / "pydicom_dicomdir_charset" / "pydicom-data"
    [plain], [packed] = (read_file(folder / one, ()).masks for one in ("liver.dcm", name))
    assert plain.mask.count > 1000
    assert packed.mask.low == plain.mask.low
    assert np.array_equal(packed.mask.crop, plain.mask.crop)


def byte_frames(data_set: pydicom.Dataset, values: npt.NDArray[np.uint8]) -> None:
    """The segmentation with `values` of a byte instead of its bits: FRACTIONAL, of 200 at most."""
    data_set.SegmentationType, data_set.SegmentationFractionalType = "FRACTIONAL", "PROBABILITY"
    data_set.MaximumFractionalValue = 200
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 8, 8, 7
    data_set.PixelData = values.tobytes() + bytes(values.size % 2)


CODECS = {
    "1.2.840.10008.1.2.4.70": lambda frame: imagecodecs.ljpeg_encode(frame, bitspersample=8),
    "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_encode,
    "1.2.840.10008.1.2.4.90": lambda frame: imagecodecs.jpeg2k_encode(frame, reversible=True, codecformat="j2k"),
    "1.2.840.10008.1.2.4.201": lambda frame: imagecodecs.htj2k_encode(frame, reversible=True),
}


@pytest.mark.parametrize("syntax", CODECS)
def test_fractions_are_read_from_every_compression(syntax: str, seg: pydicom.Dataset, empty: Case) -> None:
    values = frames(seg) * np.uint8(180)
    byte_frames(seg, values)
    try:
        packed = [bytes(CODECS[syntax](frame)) for frame in values]
    except (AttributeError, imagecodecs.DelayedImportError):
        pytest.skip("this build of imagecodecs has no such encoder")
    compress(seg, syntax, packed)
    for found, mask in zip(masks_of(empty, seg)[0], MASKS, strict=True):
        assert np.array_equal(found, mask)


def test_a_threshold_says_from_which_fraction_a_voxel_counts(seg: pydicom.Dataset, empty: Case) -> None:
    """Half of MaximumFractionalValue unless told; the edit keeps it."""
    drawn, random = frames(seg), np.random.default_rng(3)
    values = (drawn * random.integers(1, 201, drawn.shape)).astype(np.uint8)
    byte_frames(seg, values)
    _, came = masks_of(empty, seg)
    counts = [empty.region_mask(region).count for _, region in came.made]
    number = [group.SegmentIdentificationSequence[0].ReferencedSegmentNumber for group in groups(seg)]
    assert counts == [int((values[np.array(number) == n] >= 100).sum()) for n in (1, 2)]
    assert empty.history[-1].settings["masks"][came.made[0][1].id]["threshold"] == 0.5


def groups(data_set: pydicom.Dataset) -> Any:
    return data_set.PerFrameFunctionalGroupsSequence


def test_frames_and_segments_in_any_order_are_read(seg: pydicom.Dataset, empty: Case) -> None:
    order = np.random.default_rng(2).permutation(len(groups(seg)))
    pixels = frames(seg)[order]
    seg.PerFrameFunctionalGroupsSequence = [groups(seg)[n] for n in order]
    seg.SegmentSequence = seg.SegmentSequence[::-1]
    seg.PixelData = np.packbits(pixels.reshape(-1), bitorder="little").tobytes()
    found = masks_of(empty, seg)[0]
    for one, mask in zip(found, MASKS[::-1], strict=True):
        assert np.array_equal(one, mask)


def test_what_of_one_slice_two_frames_say_is_taken_together_and_told(seg: pydicom.Dataset, empty: Case) -> None:
    pixels = frames(seg).copy()
    seg.PerFrameFunctionalGroupsSequence = [*groups(seg), groups(seg)[0]]
    more = np.zeros((1, *SHAPE[1:]), np.uint8)
    more[0, 5, 4] = 1
    seg.NumberOfFrames = len(groups(seg))
    bits = np.packbits(np.concatenate([pixels, more]).reshape(-1), bitorder="little").tobytes()
    seg.PixelData = bits + bytes(len(bits) % 2)
    found, came = masks_of(empty, seg)
    expected = MASKS[0].copy()
    expected[1, 5, 4] = True
    assert np.array_equal(found[0], expected)
    assert "two frames of one slice differ" in came.left_out[0]


def test_segments_without_voxels_are_told(seg: pydicom.Dataset, empty: Case) -> None:
    item = pydicom.Dataset()
    item.update(seg.SegmentSequence[0])
    del item.SegmentNumber, item.SegmentLabel
    item.SegmentNumber, item.SegmentLabel = 3, "nothing"
    seg.SegmentSequence = [*seg.SegmentSequence, item]
    assert masks_of(empty, seg)[1].left_out == ("m.dcm: 3 nothing: it is empty",)


def test_of_several_series_the_one_of_the_case_is_meant(seg: pydicom.Dataset, empty: Case) -> None:
    other = pydicom.Dataset()
    other.SeriesInstanceUID, other.ReferencedInstanceSequence = "1.2.3", []
    seg.ReferencedSeriesSequence = [other, *seg.ReferencedSeriesSequence]
    assert len(masks_of(empty, seg)[0]) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"DimensionOrganizationType": "TILED_FULL"}, "whole slide"),
        ({"TotalPixelMatrixRows": 9000}, "whole slide"),
        ({"SamplesPerPixel": 3}, "BitsAllocated"),
        ({"BitsAllocated": 16}, "BitsAllocated"),
        ({"Rows": 60000, "Columns": 60000}, "Rows, Columns"),
    ],
)
def test_refused_by_name(change: dict[str, object], said: str, seg: pydicom.Dataset, empty: Case) -> None:
    for keyword, value in change.items():
        setattr(seg, keyword, value)
    with pytest.raises(InputError, match=said):
        masks_of(empty, seg)


@pytest.mark.parametrize("sequence", ["PlanePositionSequence", "SegmentIdentificationSequence"])
def test_a_frame_without_its_groups_is_refused_by_name(sequence: str, seg: pydicom.Dataset, empty: Case) -> None:
    del groups(seg)[1][sequence]
    with pytest.raises(InputError, match=f"frame 2 has no {sequence}"):
        masks_of(empty, seg)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.2"])
def test_what_is_not_read_is_named(syntax: str, seg: pydicom.Dataset, empty: Case, tmp_path: Path) -> None:
    data = (tmp_path / "out").glob("*.seg.dcm")
    path = next(data)
    plain, other = b"1.2.840.10008.1.2.1\0", syntax.encode()
    content = path.read_bytes()
    start = content.index(plain)
    length = len(other) + len(other) % 2
    content = content[: start - 2] + length.to_bytes(2, "little") + other.ljust(length, b"\0") + content[start + 20 :]
    (tmp_path / "m.dcm").write_bytes(content)
    with pytest.raises(InputError, match=r"m\.dcm"):
        import_masks(empty, tmp_path / "m.dcm")


NAMES = [
    "cyst",
    "cyst",
    "Knötchen 結節 ✓",
    "a\\b",
    "n" * 64,
    "n" * 65,
    "n" * 80 + " left",
    "cyst (2)",
    "-",
]


def test_names_survive(tmp_path: Path) -> None:
    """Not ASCII, longer than 64 characters, twice, with a backslash: labels are sound, and names come back whole."""
    with made_stacks.case(tmp_path) as case, made_stacks.copy_of(case.path, tmp_path) as other:
        for n, name in enumerate(NAMES):
            region = case.add_region(case.add_finding("cyst", name=name), case.series[0].id)
            case.paint(region, n % 5, box((0, 1), (n // 5, n // 5 + 1), (0, 2))[0])
        for kind in ("seg", "labelmap"):
            path = callout.export(case, tmp_path / kind, to=[kind]).files[0]
            items = [item for item in pydicom.dcmread(path).SegmentSequence if item.SegmentNumber]
            labels = [str(item.SegmentLabel) for item in items]
            assert len(set(labels)) == len(NAMES)
            assert all(len(label) <= 64 and "\\" not in label for label in labels)
            assert [one.name for one in read_file(path, case.series).masks] == NAMES
        import_masks(other, path)
        assert [finding.label for finding in other.findings] == NAMES


def test_readers_are_named(drawn: Case, tmp_path: Path) -> None:
    """One reader of all is the content's creator; several are told of each segment, and names still come back."""
    path = callout.export(drawn, tmp_path / "one", to=["seg"]).files[0]
    assert pydicom.dcmread(path).ContentCreatorName == "r1"
    drawn.close()
    with callout.open_case(drawn.path, reader="O=Neill^x") as case:
        made_stacks.draw(case, box((0, 1), (0, 1), (0, 1)))
        path = callout.export(case, tmp_path / "two", to=["seg"]).files[0]
        names = [finding.label for finding in case.findings]
    data_set = pydicom.dcmread(path)
    assert not data_set.get("ContentCreatorName")
    told = [str(item.SegmentDescription).splitlines()[1] for item in data_set.SegmentSequence]
    assert told == ["Reader: r1", "Reader: r1", "Reader: O=Neill^x"]
    assert [one.name for one in read_file(path, ()).masks] == names


def test_sites_have_published_codes_where_there_are_some() -> None:
    """Held against pydicom's copy of the standard, on both sides."""
    from pydicom.sr.codedict import codes

    lung, lumbar = codes.cid6124.UpperLobeOfLung, codes.cid7602.L2Vertebra
    assert code_of_site("left upper lobe", "left").value == lung.value == "45653009"
    assert code_of_site("L2").value == lumbar.value == "14293000"
    assert code_of_site("L4-L5").meaning == "Level of L4/L5 intervertebral disc"
    for words, side in (("left upper lobe", None), ("left upper lobe", "right"), ("behind the ear lobe", None)):
        private = code_of_site(words, side)
        assert (private.scheme, private.meaning) == ("99CALLOUT", words)


def test_site_and_side_come_back(tmp_path: Path) -> None:
    with made_stacks.case(tmp_path) as case, made_stacks.copy_of(case.path, tmp_path) as other:
        for n, (site, side) in enumerate((("left upper lobe", "left"), ("behind the ear", None), (None, "right"))):
            region = case.add_region(case.add_finding("nodule", site=site, laterality=side), case.series[0].id)
            case.paint(region, n, MASKS[0][1])
        import_masks(other, callout.export(case, tmp_path / "out", to=["seg"]).files[0])
        found = [(finding.site, finding.laterality) for finding in other.findings]
    assert found == [("Upper lobe of lung", "left"), ("behind the ear", None), (None, "right")]


@pytest.mark.parametrize("kind", ["seg"])
@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_dciodvfy_finds_no_error(scan: str, kind: str, tmp_path: Path) -> None:
    tool = shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed")
    with made_stacks.case(tmp_path, scan) as case:
        case.add_region(
            case.add_finding("cavity", laterality="left", site="left upper lobe", name="n" * 70), case.series[0].id
        )
        case.set_mask(case.regions[0], MASKS[0])
        made_stacks.draw(case, *MASKS)
        path = callout.export(case, tmp_path / "out", to=[kind]).files[0]
    said = subprocess.run([tool, str(path)], check=False, capture_output=True, text=True)
    errors = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert errors == []


def test_codes_that_snomed_has_retired_are_understood(seg: pydicom.Dataset, empty: Case) -> None:
    """M-03010 is a nodule, G-A101 is left; what stands for nothing here is told, with its words."""
    kind, item = seg.SegmentSequence[1].SegmentedPropertyTypeCodeSequence[0], seg.SegmentSequence[1]
    side = item.AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0]
    kind.CodeValue, kind.CodingSchemeDesignator = "M-03010", "SRT"
    side.CodeValue, side.CodingSchemeDesignator = "G-A101", "SRT"
    other = seg.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0]
    other.CodeValue, other.CodingSchemeDesignator, other.CodeMeaning = "10200004", "SCT", "Liver"
    _, came = masks_of(empty, seg)
    assert [(one.concept, one.laterality) for one, _ in came.made] == [("cavity", None), ("nodule", "left")]
    assert came.left_out == ("m.dcm: 1 cavity: the type SCT 10200004 Liver is none that is known here",)


def voxels_of(path: Path, value: int) -> npt.NDArray[np.float64]:
    """Where the voxels of a label are in the patient, LPS mm, as ITK reads them."""
    import SimpleITK

    image = SimpleITK.ReadImage(str(path))
    indices = np.argwhere(SimpleITK.GetArrayFromImage(image) == value)
    return np.array([image.TransformIndexToPhysicalPoint([int(n) for n in index[::-1]]) for index in indices])


OTHERS = {
    "liver.dcm": ("ct-3slice", {1: ("liver_seg.nrrd", 1)}),
    "partial_overlaps.dcm": (
        "ct-3slice",
        {n: (f"partial_overlaps-{layer}.nrrd", n) for n, layer in ((1, 1), (2, 2), (3, 3), (4, 1), (5, 1))},
    ),
    "24x38x3/seg/label.seg": ("24x38x3/image", {1: ("24x38x3/nrrd/label.nrrd", 1)}),
    "23x38x3/seg/label.seg": ("23x38x3/image", {1: ("23x38x3/nrrd/label.nrrd", 1)}),
    "sparse-labelmap-noppv.dcm": ("24x38x3/image", {1: ("sparse_labelmap_noppv_seg.nrrd", 1)}),
    "sparse-labelmap-ppv5.dcm": ("24x38x3/image", {1: ("sparse_labelmap_ppv5_seg.nrrd", 1)}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_segmentations_of_others_come_in_and_go_out_unchanged(name: str, tmp_path: Path) -> None:
    folder = data_folder() / "dcmqi_seg_ct3"
    images, references = OTHERS[name]
    with callout.create_case(tmp_path / "a.callout", folder / images, reader="r") as case:
        made_stacks.copy_of(case.path, tmp_path, "b.callout").close()
        grid = case.series[0].grid
        for number, (_, region) in enumerate(import_masks(case, folder / name).made, 1):
            expected = np.zeros(grid.shape, bool)
            reference, value = references[number]
            expected[tuple(np.rint(grid.indices(voxels_of(folder / reference, value))).astype(int).T)] = True
            assert np.array_equal(case.mask(region), expected)
        kinds = ["seg"] if name == "partial_overlaps.dcm" else ["seg", "labelmap"]
        for path in callout.export(case, tmp_path / "out", to=kinds).files[:-1]:
            with made_stacks.copy_of(tmp_path / "b.callout", tmp_path) as other:
                again = import_masks(other, path).made
                for (_, region), one in zip(again, case.regions, strict=True):
                    assert np.array_equal(other.mask(region), case.mask(one))


ODD = [
    ("SpecificCharacterSet", "", "ISO_IR 192"),
    ("PatientName", None, ""),
    ("StudyDate", None, ""),
    ("PatientSex", "MALE", ""),
    ("PatientBirthDate", "1970-01-01", ""),
    ("StudyTime", "10:15:00", ""),
    ("AccessionNumber", "A" * 20, "A" * 20),
]


@pytest.mark.parametrize(("keyword", "value", "written"), ODD)
def test_odd_headers_of_images_stop_no_export(keyword: str, value: str | None, written: str, tmp_path: Path) -> None:
    """What is missing or can't be what it says is left empty, and told; all else is as the images have it."""
    for path in made_stacks.series(tmp_path / "images"):
        data_set = pydicom.dcmread(path)
        del data_set[keyword if keyword in data_set else "PatientSex"]
        if value is not None:
            element = pydicom.DataElement(keyword, dictionary_VR(keyword), value, validation_mode=pydicom.config.IGNORE)
            data_set.add(element)
        data_set.save_as(path)
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, MASKS[0])
        out = callout.export(case, tmp_path / "out", to=["seg", "labelmap"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a value that is too long, as the images have it
        assert {str(pydicom.dcmread(path).get(keyword)) for path in out.files[:-1]} == {written}
    assert bool(out.notes) == (written == "" and value is not None)
    assert all(keyword in note for note in out.notes)


def test_a_series_without_frame_of_reference_is_refused_by_name(tmp_path: Path) -> None:
    for path in made_stacks.series(tmp_path / "images"):
        data_set = pydicom.dcmread(path)
        del data_set.FrameOfReferenceUID
        data_set.save_as(path)
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, MASKS[0])
        for kind in ("seg", "labelmap"):
            with pytest.raises(InputError, match="FrameOfReferenceUID is missing"):
                callout.export(case, tmp_path / "out", to=[kind])


def test_single_bits_are_never_rle_and_that_is_told(drawn: Case, tmp_path: Path) -> None:
    out = callout.export(drawn, tmp_path / "out", to=["seg"], compression="rle")
    assert pydicom.dcmread(out.files[0]).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert "stay plain" in out.notes[0]


def test_nothing_of_this_machine_is_in_the_file(drawn: Case, tmp_path: Path) -> None:
    import platform

    data = callout.export(drawn, tmp_path / "out", to=["seg"]).files[0].read_bytes()
    assert str(tmp_path).encode() not in data
    assert platform.node().encode() not in data or len(platform.node()) < 5


@given(
    names=st.lists(
        st.text(min_size=1, max_size=90).filter(lambda name: any(c.isprintable() and c != " " for c in name)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_survives(drawn: Case, names: list[str]) -> None:
    """Letters and signs of any script, of any length, the same ones again: on one line, spaces aside."""
    with tempfile.TemporaryDirectory() as folder, made_stacks.copy_of(drawn.path, Path(folder)) as case:
        for n, name in enumerate([*names, *names]):
            region = case.add_region(case.add_finding("cyst", name=name), case.series[0].id)
            case.paint(region, n % 5, MASKS[0][1])
        labels = [finding.label for finding in case.findings]
        path = callout.export(case, Path(folder, "out"), to=["seg"]).files[0]
        on_one_line = ["".join(c if c.isprintable() else " " for c in label).split() for label in labels]
        assert [one.name.split() for one in read_file(path, ()).masks] == on_one_line
