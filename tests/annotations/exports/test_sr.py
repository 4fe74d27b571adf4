"""Structured reports out of a case: what they hold, and faults planted in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import made_frames
import made_series
import made_stacks
import numpy as np
import pydicom
import pytest
from made_stacks import box
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code as PublishedCode

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import sr_codes, verify
from callout.exports.sr_tree import children, key_of, meaning_of, measurement_groups, named, number_of, reference
from callout.terms import Code

REPORT = "A case.\n\nThere is a cavity in the left lung (Figure 1).\n\nFigure 1. Axial CT shows a cavity (1).\n"


def made(folder: Path, scan: str = "oblique") -> Case:
    """A case with two findings, of which the first is spoken of in a caption and in the body, the second has a site."""
    report = folder / "report.txt"
    report.write_text(REPORT)
    case = made_stacks.case(folder, scan, report)
    made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)), box((2, 5), (4, 6), (2, 5)))
    case.change_finding(case.findings[1], site="left upper lobe")
    for mention in ("1:#1", "body:#1"):
        case.link(case.findings[0], mention)
    return case


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of such a case as a report in the folder `out`, and as a segmentation in `seg`, made later."""
    folder = tmp_path_factory.mktemp("sound")
    with made(folder) as case:
        callout.export(case, folder / "out", to=["sr"])
    with callout.open_case(folder / "a.callout", reader="r1") as case:
        callout.export(case, folder / "seg", to=["seg"])
    return folder


def the(folder: Path, ending: str = ".sr.dcm") -> Path:
    [path] = folder.glob(f"*{ending}")
    return path


def text(item: Dataset, name: Code) -> str:
    [child] = named(item, name)
    return str(child.TextValue)


def test_a_report_says_what_is_known_of_each_finding(sound: Path) -> None:
    dataset = pydicom.dcmread(the(sound / "out"))
    rows = json.loads((sound / "out" / "receipt.json").read_text("utf-8"))["files"][0]["regions"]
    cavity, nodule = measurement_groups(dataset)
    assert [text(cavity, sr_codes.TRACKING_IDENTIFIER), text(nodule, sr_codes.TRACKING_IDENTIFIER)] == [
        "cavity",
        "left nodule",
    ]
    [finding] = named(nodule, sr_codes.FINDING)
    assert key_of(finding, "ConceptCodeSequence") == ("SCT", "27925004")
    [site] = named(nodule, sr_codes.SITE)
    assert meaning_of(site, "ConceptCodeSequence") == "Upper lobe of lung"
    assert [meaning_of(one, "ConceptCodeSequence") for one in children(site)] == ["Left"]
    measured = {
        (meaning_of(item), *(meaning_of(how, "ConceptCodeSequence") for how in named(item, sr_codes.DERIVATION))): (
            number_of(item)
        )
        for item in children(cavity)
        if item.ValueType == "NUM"
    }
    assert measured == {
        ("Long Axis",): (rows[0]["long_axis_mm"], ("UCUM", "mm"), "mm"),
        ("Short Axis",): (rows[0]["short_axis_mm"], ("UCUM", "mm"), "mm"),
        ("Volume",): (rows[0]["volume_mm3"], ("UCUM", "mm3"), "mm3"),
        ("Attenuation Coefficient", "Mean"): (rows[0]["mean"], ("UCUM", "[hnsf'U]"), "[hnsf'U]"),
        ("Attenuation Coefficient", "Standard Deviation"): (rows[0]["sd"], ("UCUM", "[hnsf'U]"), "[hnsf'U]"),
    }
    said = [(item.TextValue, text(item, sr_codes.PLACE_IN_REPORT)) for item in named(cavity, sr_codes.COMMENT)]
    assert said == [("cavity", "Figure 1"), ("cavity", "Body")]
    assert (dataset.CompletionFlag, dataset.VerificationFlag) == ("PARTIAL", "UNVERIFIED")
    [observer] = named(dataset, sr_codes.OBSERVER_NAME)
    assert observer.PersonName == "r1"


def test_a_report_refers_to_the_segments_of_a_segmentation_made_apart(sound: Path) -> None:
    seg = pydicom.dcmread(the(sound / "seg", ".seg.dcm"))
    dataset = pydicom.dcmread(the(sound / "out"))
    groups = measurement_groups(dataset)
    assert [reference(item) for group in groups for item in named(group, sr_codes.SEGMENT)] == [
        (seg.SOPInstanceUID, (), (1,)),
        (seg.SOPInstanceUID, (), (2,)),
    ]
    assert [item.UID for group in groups for item in named(group, sr_codes.TRACKING_UID)] == [
        segment.TrackingUID for segment in seg.SegmentSequence
    ]
    listed = {
        series.SeriesInstanceUID
        for study in dataset.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
    }
    assert listed == {seg.SeriesInstanceUID, seg.ReferencedSeriesSequence[0].SeriesInstanceUID}


def test_other_regions_are_another_segmentation_and_another_report(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        callout.export(case, tmp_path / "one", to=["seg", "sr"])
        callout.export(case, tmp_path / "again", to=["seg", "sr"])
        case.paint(case.regions[0], 2, np.zeros(made_stacks.SHAPE[1:], bool))
        callout.export(case, tmp_path / "other", to=["seg", "sr"])
    for ending in (".seg.dcm", ".sr.dcm"):
        one, again, other = (pydicom.dcmread(the(tmp_path / name, ending)) for name in ("one", "again", "other"))
        assert one.SOPInstanceUID == again.SOPInstanceUID != other.SOPInstanceUID
        assert one.SeriesInstanceUID == again.SeriesInstanceUID != other.SeriesInstanceUID


@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_axes_are_lines_on_the_image_they_were_measured_on(scan: str, tmp_path: Path) -> None:
    with made(tmp_path, scan) as case:
        callout.export(case, tmp_path / "out", to=["sr"])
        grid, instances = case.series[0].grid, [one.sop_instance_uid for one in case.series[0].instances]
    for group in measurement_groups(pydicom.dcmread(the(tmp_path / "out"))):
        for name in (sr_codes.LONG_AXIS, sr_codes.SHORT_AXIS):
            [item] = named(group, name)
            [line] = named(item, sr_codes.PATH)
            [image] = children(line)
            k = instances.index(image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
            pixels = np.array(line.GraphicData, float).reshape(2, 2)
            ends = grid.points(np.column_stack([[k, k], pixels[:, ::-1] - 0.5]))
            assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(number_of(item)[0], abs=0.005)  # type: ignore[index]


def test_every_code_has_the_meaning_that_the_standard_prints() -> None:
    for one in vars(sr_codes).values():
        if not isinstance(one, Code) or one.scheme not in ("DCM", "SCT", "UCUM") or one is sr_codes.CATEGORY:
            continue  # the category's meaning is that of TID 1411, not of a context group
        group = getattr(codes, one.scheme)
        found = [
            getattr(group, name)
            for name in group.dir()
            if getattr(group, name) == PublishedCode(one.value, one.scheme, "")
        ]
        assert not found or one.meaning.casefold() in {code.meaning.partition(" (")[0].casefold() for code in found}, (
            one
        )


def test_images_without_a_pixel_size_have_no_sizes_but_a_place(tmp_path: Path) -> None:
    def change(data_set: Dataset, _: int) -> None:
        del data_set.PixelSpacing

    made_series.series(tmp_path / "images", made_stacks.SHAPE[0], change, modality="MR")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        made_stacks.draw(case, box((0, 2), (0, 2), (1, 4)))
        callout.export(case, tmp_path / "out", to=["sr"])
    [group] = measurement_groups(pydicom.dcmread(the(tmp_path / "out")))
    assert [(meaning_of(item), number_of(item)[1]) for item in children(group) if item.ValueType == "NUM"] == [  # type: ignore[index]
        ("MR signal intensity", ("UCUM", "1")),
        ("MR signal intensity", ("UCUM", "1")),
    ]
    [place] = named(group, sr_codes.CENTRE)
    assert list(place.GraphicData) == [2.5, 1.0]
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize(("kind", "frames", "graphics"), [("enhanced", 2, 1), ("mosaic", None, 0)])
def test_frames_are_named_and_tiles_have_no_lines(kind: str, frames: int | None, graphics: int, tmp_path: Path) -> None:
    images = [made_series.image(k, modality="MR") for k in range(4)]
    made_series.write(getattr(made_frames, kind)(images), tmp_path / "images" / "a.dcm")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        region = case.add_region(case.add_finding("cyst", name="Zyste, größer"), case.series[0].id)
        case.paint(region, 1, np.ones(case.series[0].grid.shape[1:], bool))
        callout.export(case, tmp_path / "out", to=["sr"])
    assert verify(tmp_path / "out") == []
    [group] = measurement_groups(pydicom.dcmread(the(tmp_path / "out")))
    lines = list(named(group, sr_codes.PATH))
    assert len(lines) == graphics
    assert [reference(children(line)[0])[1] for line in lines] == [(frames,)] * graphics  # type: ignore[index]
    assert text(group, sr_codes.TRACKING_IDENTIFIER) == "Zyste, größer"


def test_groups_of_several_readers_name_theirs(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        path = case.path
    with callout.open_case(path, reader="An^other=") as case:
        region = case.add_region(case.add_finding("nodule"), case.series[0].id)
        case.set_mask(region, box((0, 1), (0, 1), (0, 1)))
        callout.export(case, tmp_path / "out", to=["sr"])
    groups = measurement_groups(pydicom.dcmread(the(tmp_path / "out")))
    names = [str(item.PersonName) for group in groups for item in named(group, sr_codes.OBSERVER_NAME)]
    assert names == ["r1", "r1", "An other"]


def test_a_report_of_findings_that_are_done_is_complete(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        for finding in case.findings:
            case.change_finding(finding, state="done", name="\x1b[2Jred\x00 \\ \n" + "x" * 80)
        callout.export(case, tmp_path / "out", to=["sr"])
    assert pydicom.dcmread(the(tmp_path / "out")).CompletionFlag == "COMPLETE"


def test_images_that_say_their_uid_elsewhere_or_not_at_all(tmp_path: Path) -> None:
    def of_meta_only(data_set: Dataset, k: int) -> None:
        data_set.SOPInstanceUID = data_set.SOPClassUID = ""

    def of_no_series(data_set: Dataset, k: int) -> None:
        of_meta_only(data_set, k)
        data_set.SeriesInstanceUID = ""

    for name, change in (("a", of_meta_only), ("b", of_no_series)):
        for path in made_series.series(tmp_path / name, 3, lambda *_: None):
            dataset = pydicom.dcmread(path)
            change(dataset, 0)
            dataset.save_as(path, enforce_file_format=False)
        with callout.create_case(tmp_path / f"{name}.callout", tmp_path / name, reader="r1") as case:
            region = case.add_region(case.add_finding("cyst"), case.series[0].id)
            case.paint(region, 1, np.ones(case.series[0].grid.shape[1:], bool))
            if name == "a":
                assert len(callout.export(case, tmp_path / "out", to=["seg", "sr"]).files) == 3
            else:
                for kind in ("seg", "labelmap", "rtstruct", "sr"):
                    with pytest.raises(InputError, match="no SeriesInstanceUID"):
                        callout.export(case, tmp_path / "none", to=[kind])


def test_the_same_content_gives_the_same_file(tmp_path: Path) -> None:
    """The same UIDs and the same dates, whenever it is exported."""
    with made_stacks.case(tmp_path, "axial") as case:
        made_stacks.draw(case, made_stacks.box((1, 3), (0, 3), (0, 3)))
        kinds = ["seg", "labelmap", "rtstruct", "sr"]
        first, again = (callout.export(case, tmp_path / name, to=kinds).files for name in ("one", "two"))
        time = case.history[-1].time
        for one, other in zip(first, again, strict=True):
            assert one.read_bytes() == other.read_bytes(), one.name
        assert str(pydicom.dcmread(first[0]).ContentDate) == time[:10].replace("-", "")


Fault = Callable[[Dataset, Dataset], None]  # the report, and its second measurement group


def _named(group: Dataset, name: Code) -> Dataset:
    return next(named(group, name))


def _tracking(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.TRACKING_UID).UID = "1.2.3"


def _name(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.TRACKING_IDENTIFIER).TextValue = "right nodule"


def _finding(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.FINDING).ConceptCodeSequence[0].CodeValue = "52988006"


def _meaning(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.FINDING).ConceptCodeSequence[0].CodeMeaning = "Lesion"


def _category(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.CATEGORY).ConceptCodeSequence[0].CodeValue = "123037004"


def _side(_: Dataset, group: Dataset) -> None:
    children(_named(group, sr_codes.SITE))[0].ConceptCodeSequence[0].CodeValue = "24028007"


def _site(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.SITE).ConceptCodeSequence[0].CodeValue = "1"


def _segment(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.SEGMENT).ReferencedSOPSequence[0].ReferencedSegmentNumber = 1


def _segmentation(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.SEGMENT).ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.3"


def _series(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.SOURCE_SERIES).UID = "1.2.3"


def _value(_: Dataset, group: Dataset) -> None:
    measured = _named(group, sr_codes.VOLUME).MeasuredValueSequence[0]
    measured.NumericValue = measured.FloatingPointValue = float(measured.NumericValue) + 0.01


def _decimal(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.VOLUME).MeasuredValueSequence[0].NumericValue = "1"


def _unit(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.VOLUME).MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "ml"


def _derivation(_: Dataset, group: Dataset) -> None:
    children(_named(group, sr_codes.ATTENUATION))[0].ConceptCodeSequence[0].CodeValue = "56851009"


def _measurement(_: Dataset, group: Dataset) -> None:
    group.ContentSequence.remove(_named(group, sr_codes.SHORT_AXIS))


def _line(_: Dataset, group: Dataset) -> None:
    _named(group, sr_codes.PATH).GraphicData[0] += 0.5


def _line_of_an_axis(_: Dataset, group: Dataset) -> None:
    _named(_named(group, sr_codes.SHORT_AXIS), sr_codes.PATH).GraphicData[3] += 0.5


def _image(report: Dataset, group: Dataset) -> None:
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    image = children(_named(group, sr_codes.PATH))[0].ReferencedSOPSequence[0]
    other = next(one for one in evidence if one.ReferencedSOPInstanceUID != image.ReferencedSOPInstanceUID)
    image.ReferencedSOPInstanceUID = other.ReferencedSOPInstanceUID


def _phrase(report: Dataset, _: Dataset) -> None:
    _named(measurement_groups(report)[0], sr_codes.COMMENT).TextValue = "nodule"


def _figure(report: Dataset, _: Dataset) -> None:
    children(_named(measurement_groups(report)[0], sr_codes.COMMENT))[0].TextValue = "Figure 2"


def _group(report: Dataset, group: Dataset) -> None:
    _named(report, sr_codes.MEASUREMENTS).ContentSequence.remove(group)


def _order(report: Dataset, _: Dataset) -> None:
    groups = _named(report, sr_codes.MEASUREMENTS).ContentSequence
    groups[0], groups[1] = groups[1], groups[0]


def _evidence(report: Dataset, _: Dataset) -> None:
    for series in report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence:
        series.SeriesInstanceUID = "1.2.3"


def _study(report: Dataset, _: Dataset) -> None:
    report.StudyInstanceUID = "1.2.3"


def _title(report: Dataset, _: Dataset) -> None:
    report.ConceptNameCodeSequence[0].CodeValue = "18748-4"


FAULTS = {
    name[1:]: fault
    for name, fault in list(globals().items())
    if name.startswith("_") and not name.startswith("__") and name != "_named" and callable(fault)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    path = the(tmp_path / "out")
    dataset = pydicom.dcmread(path)
    assert verify(tmp_path / "out") == []
    FAULTS[fault](dataset, measurement_groups(dataset)[1])
    dataset.save_as(path)
    assert verify(tmp_path / "out"), fault


def test_a_reference_to_what_can_not_be_made_is_told(tmp_path: Path) -> None:
    def without_frame(data_set: pydicom.Dataset, _: int) -> None:
        del data_set.FrameOfReferenceUID

    made_series.series(tmp_path / "images", 3, without_frame)
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        region = case.add_region(case.add_finding("nodule"), case.series[0].id)
        case.paint(region, 1, np.ones(case.series[0].grid.shape[1:], bool))
        told = callout.export(case, tmp_path / "out", to=["sr"]).notes
    assert ["can't be made" in note for note in told] == [True]
