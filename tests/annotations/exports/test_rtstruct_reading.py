"""Structure sets that others wrote: what their contours mean, where they belong, and what is refused by name."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import made_stacks
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_stacks import SHAPE, box
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.cli import main
from callout.errors import CalloutError, InputError
from callout.exports import import_masks
from callout.exports.masks_in import read_file
from callout.geometry import Grid

Bits = npt.NDArray[np.bool_]
MASK = box((1, 3), (1, 5), (1, 4))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case without findings, a.callout, and a structure set of two ROIs, m.dcm."""
    folder = tmp_path_factory.mktemp("sound")
    with made_stacks.case(folder) as case:
        path = case.path
    with made_stacks.copy_of(path, folder, "drawn.callout") as case:
        made_stacks.draw(case, MASK, box((2, 4), (1, 4), (2, 5)))
        callout.export(case, folder / "out", to=["rtstruct"]).files[0].rename(folder / "m.dcm")
    return folder


@pytest.fixture
def data_set(sound: Path) -> Dataset:
    return pydicom.dcmread(sound / "m.dcm")


@pytest.fixture
def case(sound: Path, tmp_path: Path) -> Iterator[Case]:
    with made_stacks.copy_of(sound / "a.callout", tmp_path) as opened:
        yield opened


def drawn(data_set: Dataset, grid: Grid, *polygons: tuple[float, list[tuple[float, float]]], kind: str = "") -> Dataset:
    """The data set with one ROI of these contours: (slice, [(row, column) …]), which name no images."""
    contours = []
    for k, points in polygons:
        contour = Dataset()
        contour.ContourGeometricType = kind or "CLOSED_PLANAR"
        contour.NumberOfContourPoints = len(points)
        places = grid.points([(k, row, column) for row, column in points])
        contour.ContourData = [f"{value:.3f}" for value in places.reshape(-1)]
        contours.append(contour)
    data_set.ROIContourSequence = [data_set.ROIContourSequence[0]]
    data_set.ROIContourSequence[0].ContourSequence = contours
    data_set.StructureSetROISequence = [data_set.StructureSetROISequence[0]]
    data_set.RTROIObservationsSequence = []
    return data_set


def square(low: float, high: float) -> list[tuple[float, float]]:
    return [(low, low), (low, high), (high, high), (high, low)]


def imported(case: Case, data_set: Dataset, **options: Any) -> tuple[list[Bits], Any]:
    path = case.path.with_name("m.dcm")
    data_set.save_as(path)
    came = import_masks(case, path, **options)
    return [np.array(case.mask(region)) for _, region in came.made], came


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_a_contour_in_another_is_a_hole(kind: str, case: Case, data_set: Dataset) -> None:
    grid = case.series[0].grid
    made = drawn(data_set, grid, (2, square(-0.5, 4.5)), (2, square(0.6, 3.4)[::-1]), (2, square(1.7, 2.3)), kind=kind)
    [mask], came = imported(case, made)
    expected = box((2, 3), (0, 5), (0, 5)) & ~box((2, 3), (1, 4), (1, 4)) | box((2, 3), (2, 3), (2, 3))
    assert np.array_equal(mask, expected)
    assert came.left_out == ()


def test_contours_through_voxel_centres_take_those_voxels_in(case: Case, data_set: Dataset) -> None:
    """As tracing programs write them, rounded to 0.001 mm."""
    [mask], _ = imported(case, drawn(data_set, case.series[0].grid, (1, square(1, 4))))
    assert np.array_equal(mask, box((1, 2), (1, 5), (1, 5)))


@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_where_no_image_is_named_the_planes_tell(scan: str, data_set: Dataset, tmp_path: Path) -> None:
    with made_stacks.case(tmp_path, scan) as case:
        made = drawn(data_set, case.series[0].grid, (1, square(0.5, 3.5)), (4, square(0.5, 3.5)))
        [mask], _ = imported(case, made)
    assert np.array_equal(mask, box((1, 2), (1, 4), (1, 4)) | box((4, 5), (1, 4), (1, 4)))


def test_contours_between_the_slices_are_another_grid(case: Case, data_set: Dataset) -> None:
    """Refused; when asked, each slice takes the contour that is nearest."""
    made = drawn(data_set, case.series[0].grid, (1.3, square(0.5, 3.5)), (2.3, square(0.5, 2.5)), (2.3, square(4, 4)))
    with pytest.raises(InputError, match="another grid"):
        imported(case, made)
    assert case.findings == ()
    [mask], _ = imported(case, made, series_id=case.series[0].id, resampled=True)
    expected = box((1, 2), (1, 4), (1, 4)) | box((2, 3), (1, 3), (1, 3)) | box((2, 3), (4, 5), (4, 5))
    assert np.array_equal(mask, expected)
    assert case.history[-1].tool == "import, resampled"


@pytest.mark.parametrize("series_named", [True, False])
def test_two_series_in_one_place_need_a_choice_unless_one_is_named(series_named: bool, tmp_path: Path) -> None:
    made_stacks.series(tmp_path / "images", "axial", "a")
    made_stacks.series(tmp_path / "images", "axial", "b")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        region = case.add_region(case.add_finding("cavity"), case.series[1].id)
        case.set_mask(region, MASK)
        path = callout.export(case, tmp_path / "out", to=["rtstruct"]).files[0]
    made = pydicom.dcmread(path)
    for contour in made.ROIContourSequence[0].ContourSequence:
        del contour.ContourImageSequence
    if not series_named:
        del made.ReferencedFrameOfReferenceSequence
    with callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="r1") as case:
        if series_named:
            [mask], came = imported(case, made)
            assert came.made[0][1].series_id == case.series[1].id
        else:
            with pytest.raises(InputError, match="fits several series"):
                imported(case, made)
            [mask], _ = imported(case, made, series_id=case.series[0].id)
    assert np.array_equal(mask, MASK)


@pytest.mark.parametrize("images_named", [True, False])
def test_an_roi_on_two_blocks_of_a_series_is_one_finding(images_named: bool, tmp_path: Path) -> None:
    """Angled blocks are stacks of their own; a region lies on one, so the ROI becomes two of one finding."""
    for scan, name in (("axial", "a"), ("oblique", "b")):
        for path in made_stacks.series(tmp_path / "images", scan, name):
            one = pydicom.dcmread(path)
            one.SeriesInstanceUID, one.SeriesDescription = "1.2.3", "blocks"
            one.save_as(path)
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        assert len(case.series) == 2
        for series in case.series:
            case.set_mask(case.add_region(case.add_finding("cavity"), series.id), MASK)
        one, other = (
            pydicom.dcmread(path) for path in callout.export(case, tmp_path / "out", to=["rtstruct"]).files[:2]
        )
    del one.StructureSetROISequence[0].ConceptualVolumeIdentificationSequence
    contours = [*one.ROIContourSequence[0].ContourSequence, *other.ROIContourSequence[0].ContourSequence]
    one.ROIContourSequence[0].ContourSequence = contours
    for contour in contours if not images_named else []:
        del contour.ContourImageSequence
    with callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="r1") as case:
        masks, _ = imported(case, one)
        assert len(case.findings) == 1
        assert {region.series_id for region in case.regions} == {series.id for series in case.series}
        assert all(np.array_equal(mask, MASK) for mask in masks)


def test_where_contours_lie_counts_not_what_they_name(case: Case, data_set: Dataset) -> None:
    one, other = data_set.ROIContourSequence[0].ContourSequence
    one.ContourImageSequence = other.ContourImageSequence
    masks, came = imported(case, data_set)
    assert np.array_equal(masks[0], MASK)
    [told] = came.left_out
    assert told.startswith("m.dcm: 1 cavity: on 1 slices another image is named")


def test_what_is_no_closed_contour_is_told(case: Case, data_set: Dataset) -> None:
    one, other = data_set.ROIContourSequence
    one.ContourSequence[0].ContourGeometricType = "POINT"
    del other.ContourSequence
    third = Dataset()
    third.ReferencedROINumber = 9
    data_set.ROIContourSequence = [one, other, third]
    [mask], came = imported(case, data_set)
    assert np.array_equal(mask, MASK & box((2, 3), (0, 6), (0, 5)))
    assert came.left_out == (
        "m.dcm: contours of ROI 9, which the file doesn't describe",
        "m.dcm: 1 cavity: 1 of type POINT",
        "m.dcm: 2 left nodule: it has no closed contour",
    )


def test_what_reaches_beyond_the_images_is_cut_off_and_told(case: Case, data_set: Dataset) -> None:
    [mask], came = imported(case, drawn(data_set, case.series[0].grid, (0, square(2.5, 90))))
    assert np.array_equal(mask, box((0, 1), (3, 6), (3, 5)))
    assert came.left_out == ("m.dcm: 1 cavity: what reaches beyond the images is cut off",)


@pytest.mark.parametrize(
    ("name", "concept", "side"),
    [("GTV_Mass", "mass", None), ("Nodule left", "nodule", "left"), ("xyz", "lesion", None), ("", "lesion", None)],
)
def test_names_become_concepts(name: str, concept: str, side: str | None, case: Case, data_set: Dataset) -> None:
    made = drawn(data_set, case.series[0].grid, (0, square(0.5, 3)))
    made.StructureSetROISequence[0].ROIName = name
    _, came = imported(case, made)
    assert [(f.concept, f.name, f.laterality) for f, _ in came.made] == [(concept, name, side)]


Spoil = Callable[[Dataset], None]


def points(**values: object) -> Spoil:
    """A change of the first contour."""

    def change(data_set: Dataset) -> None:
        contour = data_set.ROIContourSequence[0].ContourSequence[0]
        for keyword, value in values.items():
            if value is None:
                delattr(contour, keyword)
            else:
                setattr(contour, keyword, value)

    return change


def raw(data: bytes) -> Spoil:
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    def change(data_set: Dataset) -> None:
        tag = Tag("ContourData")
        element = RawDataElement(tag, "DS", len(data), data, 0, False, True)
        data_set.ROIContourSequence[0].ContourSequence[0][tag] = element

    return change


def value(index: int, text: str) -> Spoil:
    def change(data_set: Dataset) -> None:
        contour = data_set.ROIContourSequence[0].ContourSequence[0]
        texts = [one.original_string for one in contour.ContourData]
        texts[index] = text
        data = "\\".join(texts).encode()
        raw(data + bytes(len(data) % 2))(data_set)

    return change


def setting(**values: object) -> Spoil:
    def change(data_set: Dataset) -> None:
        for keyword, value in values.items():
            if value is None:
                delattr(data_set, keyword)
            else:
                setattr(data_set, keyword, value)

    return change


def roi(**values: object) -> Spoil:
    return lambda data_set: setting(**values)(data_set.StructureSetROISequence[0])


def another_frame(data_set: Dataset) -> None:
    data_set.FrameOfReferenceUID = data_set.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = "1.2.3"
    for one in data_set.StructureSetROISequence:
        one.ReferencedFrameOfReferenceUID = "1.2.3"


def unknown_images(data_set: Dataset) -> None:
    """Other images, another series, another frame of reference: of another patient."""
    another_frame(data_set)
    del data_set.ReferencedFrameOfReferenceSequence
    for one in data_set.ROIContourSequence:
        for contour in one.ContourSequence:
            contour.ContourImageSequence[0].ReferencedSOPInstanceUID = "1.2.4"


def many_turns(data_set: Dataset, count: int) -> None:
    """That many points that go up and down the images."""
    contour = data_set.ROIContourSequence[0].ContourSequence[0]
    z = contour.ContourData[2]
    data = b"\\".join([b"-9\\-500\\%.4f\\-8.9\\500\\%.4f" % (z, z)] * (count // 2))
    contour.NumberOfContourPoints = count
    raw(data + bytes(len(data) % 2))(data_set)


HOSTILE: dict[str, Spoil] = {
    "not a number": value(4, "nan"),
    "an infinity": value(0, "inf"),
    "a huge number": value(0, "1e300"),
    "far away": value(1, "3000000"),
    "a decimal comma": value(3, "1,5"),
    "words": value(3, "none"),
    "an empty value": value(3, ""),
    "a value too few": raw(b"1\\2\\3\\4\\5 "),
    "one value": raw(b"1 "),
    "bytes": raw(b"\xff\xfe\0\0"),
    "other points than said": points(NumberOfContourPoints=3),
    "not flat": value(2, "37.5"),
    "across the slices": raw(b"-9\\-18\\30\\-9\\-15\\33\\-9\\-15\\36\\-9\\-18\\36 "),
    "above the images": raw(b"-9\\-18\\400\\-7\\-18\\400\\-7\\-15\\400\\-9\\-15\\400"),
    "no ROIs": setting(StructureSetROISequence=None),
    "no contours": setting(ROIContourSequence=None),
    "two ROIs of one number": roi(ROINumber=2),
    "no number": roi(ROINumber=None),
    "another frame of reference": another_frame,
    "images of nobody": unknown_images,
    "another class": setting(SOPClassUID="1.2.840.10008.5.1.4.1.1.481.5"),
    "no class": setting(SOPClassUID=None),
}


def check(case: Case, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Reading it is one InputError that names it; the case is unchanged, and nothing is printed."""
    with pytest.raises(InputError) as caught:
        import_masks(case, path)
    assert path.name in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert case.findings == ()
    assert case.history == ()
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str, case: Case, data_set: Dataset, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    HOSTILE[name](data_set)
    data_set.save_as(tmp_path / "m.dcm")
    check(case, tmp_path / "m.dcm", capfd)


def test_the_command_says_one_line(
    case: Case, data_set: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value(0, "nan")(data_set)
    data_set.save_as(tmp_path / "m.dcm")
    case.close()
    assert main(["import", str(case.path), str(tmp_path / "m.dcm")]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert "ContourData of ROI 1" in said.err


def test_contours_that_wind_without_end_are_refused_before_they_are_filled(
    case: Case, data_set: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("callout.exports.rtstruct_reading.MOST_STEPS", 100_000)
    many_turns(data_set, 50_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are too long for their VR, and get another
        data_set.save_as(tmp_path / "m.dcm")
    check(case, tmp_path / "m.dcm", capfd)


def test_long_values_have_another_vr(case: Case, data_set: Dataset, tmp_path: Path) -> None:
    """PS3.5 6.2.2: as UN, of which a reader has to know that it is DS."""
    many_turns(data_set, 10_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set.save_as(tmp_path / "m.dcm")
    one, other = read_file(tmp_path / "m.dcm", case.series).masks
    assert one.name == "cavity"
    assert other.mask.count == 18


def test_planes_without_end_take_no_memory(
    case: Case, data_set: Dataset, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Contours 0.2 mm apart, and one a kilometre away: five million slices."""
    heights = (0.40, 0.48, 360_000)
    drawn(data_set, case.series[0].grid, *[(k, square(0.5, 3.5)) for k in heights])
    data_set.save_as(tmp_path / "m.dcm")
    check(case, tmp_path / "m.dcm", capfd)


@pytest.mark.parametrize("part", [0.02, 0.1, 0.3, 0.6, 0.9, 0.99])
def test_cut(part: float, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = (sound / "m.dcm").read_bytes()
    (tmp_path / "m.dcm").write_bytes(content[: int(len(content) * part)])
    check(case, tmp_path / "m.dcm", capfd)


def test_sequences_nested_without_end(
    sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nest = struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    (tmp_path / "m.dcm").write_bytes((sound / "m.dcm").read_bytes() + nest * 2000)
    check(case, tmp_path / "m.dcm", capfd)


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_bytes(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever byte is changed: masks are read, or the file is refused by name."""
    content = bytearray((sound / "m.dcm").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "m.dcm").write_bytes(bytes(content))
    with callout.open_case(sound / "a.callout", read_only=True) as case:
        series = case.series
    refused, masks = "", []
    try:
        masks = list(read_file(tmp_path / "m.dcm", series).masks)
    except CalloutError as error:
        refused = str(error)
    assert "m.dcm" in refused or masks
    assert all(mask.mask.shape == mask.grid.shape for mask in masks)
    assert all(mask.mask.shape == SHAPE for mask in masks if mask.grid.shape == SHAPE)
