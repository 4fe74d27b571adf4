"""Marks as measurement groups of a structured report: what they say, faults planted in them, and back into a case."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import made_stacks
import numpy as np
import pydicom
import pytest
from made_stacks import box
from PIL import Image
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import import_masks, sr_codes, verify
from callout.exports.sr_tree import children, key_of, measurement_groups, named, number_of

REPORT = """<html><body><h1>A case</h1>
<figure><img src="cells.png"><figcaption>Figure 1. Axial CT shows a cavity (1).</figcaption></figure></body></html>"""
ON_SLICE = {  # (row, column) on slice 2
    "calipers": [(1.0, 0.5), (1.0, 3.5)],
    "diameters": [(1.0, 1.0), (1.0, 4.0), (0.0, 2.0), (2.0, 2.0)],
    "angle": [(1.0, 4.0), (1.0, 1.0), (4.0, 1.0)],
    "ellipse": [(2.0, 2.0), (2.0, 4.0), (3.0, 2.0)],
    "point": [(2.25, 3.0)],
    "arrow": [(2.0, 3.0), (4.0, 4.0)],
}


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """One finding, linked, with each kind of mark; nothing is painted."""
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "cells.png")
    (tmp_path / "report.html").write_text(REPORT, encoding="utf-8")
    with made_stacks.case(tmp_path, "oblique", tmp_path / "report.html") as one:
        finding = one.add_finding("cavity", laterality="left", site="left upper lobe")
        one.link(finding, "1:#1")
        for kind, voxels in ON_SLICE.items():
            one.add_mark(finding, kind, points(one, voxels), series_id=one.series[0].id)
        yield one


def points(case: Case, voxels: Any, k: int = 2) -> Any:
    return case.series[0].grid.points(np.array([(k, *place) for place in voxels], float)).tolist()


def report(folder: Path) -> Path:
    [path] = folder.glob("*.sr.dcm")
    return path


def test_each_mark_is_a_group_with_what_it_measures(case: Case, tmp_path: Path) -> None:
    exported = callout.export(case, tmp_path / "out", to=["sr"])
    assert exported.left_out == ()
    assert any("of an arrow" in note for note in exported.notes)
    dataset = pydicom.dcmread(report(tmp_path / "out"))
    groups = measurement_groups(dataset)
    said = [
        [(key_of(item), number_of(item)) for item in children(group) if item.ValueType == "NUM"] for group in groups
    ]
    assert [len(one) for one in said] == [1, 2, 1, 3, 0, 0]
    spacing = case.series[0].grid.spacing
    for one, code, unit, value in (
        (said[0][0], sr_codes.LENGTH, "mm", 3 * spacing[2]),
        (said[1][0], sr_codes.LONG_AXIS, "mm", 3 * spacing[2]),
        (said[1][1], sr_codes.SHORT_AXIS, "mm", 2 * spacing[1]),
        (said[2][0], sr_codes.ANGLE, "deg", 90.0),
        (said[3][0], sr_codes.AREA, "mm2", math.pi * 2 * spacing[2] * spacing[1]),
    ):
        assert one[0] == (code.scheme, code.value)
        assert one[1][1] == ("UCUM", unit)
        assert one[1][0] == pytest.approx(value, rel=2e-3)
    images = {case.series[0].instances[2].sop_instance_uid}
    drawn = [item for group in groups for item in children(group) if item.ValueType == "SCOORD"]
    assert [item.GraphicType for item in drawn] == ["POLYLINE"] * 3 + ["ELLIPSE"] + ["POINT"] * 2
    assert {item.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in drawn} == images
    assert [list(item.GraphicData) for item in drawn[4:]] == [[3.5, 2.75], [3.5, 2.5]]
    assert len({next(named(group, sr_codes.TRACKING_UID)).UID for group in groups}) == 1
    assert all(next(named(group, sr_codes.COMMENT)).TextValue == "cavity" for group in groups)
    assert verify(tmp_path / "out") == []


def test_regions_come_first_and_refer_to_their_segments(case: Case, tmp_path: Path) -> None:
    made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)))
    callout.export(case, tmp_path / "out", to=["seg", "sr"])
    groups = measurement_groups(pydicom.dcmread(report(tmp_path / "out")))
    assert [bool(list(named(group, sr_codes.SEGMENT))) for group in groups] == [True] + [False] * len(ON_SLICE)
    assert verify(tmp_path / "out") == []


def test_marks_come_back_where_they_were(case: Case, tmp_path: Path) -> None:
    callout.export(case, tmp_path / "out", to=["sr"])
    with callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="r2") as other:
        import_masks(other, report(tmp_path / "out"))
        [finding] = other.findings
        assert (finding.concept, finding.laterality) == ("cavity", "left")
        came = [(mark.kind, np.array(mark.points)) for mark in other.marks]
        wanted = {kind: np.array(points(case, voxels)) for kind, voxels in ON_SLICE.items()}
        alone = {kind: place for kind, place in came if kind in ("angle", "ellipse")}
        assert np.allclose(alone["angle"], wanted["angle"], atol=2e-3)
        assert np.allclose(alone["ellipse"][0], wanted["ellipse"][0], atol=2e-3)
        lengths = [place for kind, place in came if kind == "calipers"]
        for pair in (wanted["calipers"], wanted["diameters"][:2], wanted["diameters"][2:]):
            assert any(np.allclose(one, pair, atol=2e-3) for one in lengths)
        dots = [place for kind, place in came if kind == "point"]
        assert any(np.allclose(one, wanted["point"], atol=2e-3) for one in dots)
        area = {mark.kind: case.measures_of(mark).area for mark in case.marks if mark.kind == "ellipse"}
        again = {mark.kind: other.measures_of(mark).area for mark in other.marks if mark.kind == "ellipse"}
        assert again["ellipse"] == pytest.approx(area["ellipse"], rel=1e-3)


def test_diameters_come_back_beside_a_region_of_their_finding(case: Case, tmp_path: Path) -> None:
    """Those that are marked; those of the region are measured on it again."""
    region = case.add_region(case.findings[0], case.series[0].id)
    case.set_mask(region, box((1, 3), (0, 3), (0, 3)))
    folder = tmp_path / "out"
    callout.export(case, folder, to=["seg", "sr"])
    with callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="r2") as other:
        import_masks(other, next(folder.glob("*.seg.dcm")), report(folder))
        [finding] = other.findings
        assert [one.finding_id for one in other.regions] == [finding.id]
        lengths = [np.array(mark.points) for mark in other.marks if mark.kind == "calipers"]
        pairs = [points(case, ON_SLICE["calipers"]), *np.array(points(case, ON_SLICE["diameters"])).reshape(2, 2, 3)]
        assert len(lengths) == 3
        assert all(any(np.allclose(one, pair, atol=2e-3) for one in lengths) for pair in pairs)


@pytest.mark.parametrize("axes", [((2.0, 4.0), (3.0, 2.0)), ((3.0, 3.5), (3.5, 1.5)), ((2.0, 2.5), (2.0, 2.1))])
def test_an_ellipse_of_any_half_axes_is_written_by_its_own(case: Case, tmp_path: Path, axes: Any) -> None:
    """Its axes, at right angles in pixels, are those of the same ellipse."""
    mark = next(mark for mark in case.marks if mark.kind == "ellipse")
    case.change_mark(mark, points(case, [(2.0, 2.0), *axes]))
    callout.export(case, tmp_path / "out", to=["sr"])
    group = measurement_groups(pydicom.dcmread(report(tmp_path / "out")))[3]
    [drawn] = [item for item in children(group) if item.ValueType == "SCOORD"]
    a, b, c, d = np.array(drawn.GraphicData, float).reshape(4, 2)
    assert abs((b - a) @ (d - c)) < 1e-2
    assert np.linalg.norm(b - a) >= np.linalg.norm(d - c) - 1e-3
    assert np.allclose((a + b) / 2, [2.5, 2.5], atol=2e-3)
    halves = np.array([[column - 2, row - 2] for row, column in axes]).T
    own = np.stack([(b - a) / 2, (d - c) / 2], axis=1)
    assert np.allclose(own @ own.T, halves @ halves.T, atol=1e-2)


def test_marks_on_a_picture_and_beyond_the_slices_are_left_out_and_named(case: Case, tmp_path: Path) -> None:
    finding = case.findings[0]
    case.add_mark(finding, "point", [(3, 4)], picture="cells.png")
    case.add_mark(finding, "point", points(case, [(1, 1)], 40), series_id=case.series[0].id)
    exported = callout.export(case, tmp_path / "out", to=["sr"])
    assert len(measurement_groups(pydicom.dcmread(report(tmp_path / "out")))) == len(ON_SLICE)
    assert any("marks on pictures of the report" in text for text in (*exported.notes, *exported.left_out))
    assert any("beyond the slices" in note for note in exported.notes)
    for mark in case.marks[: len(ON_SLICE)]:
        case.remove_mark(mark)
    with pytest.raises(InputError, match="no region to export"):
        callout.export(case, tmp_path / "none", to=["sr"])


def nums(dataset: Dataset, n: int) -> list[Dataset]:
    return [item for item in children(measurement_groups(dataset)[n]) if item.ValueType == "NUM"]


def _value(dataset: Dataset) -> None:
    nums(dataset, 0)[0].MeasuredValueSequence[0].NumericValue = "99"


def _moved(dataset: Dataset) -> None:
    [line] = [item for item in children(nums(dataset, 2)[0]) if item.ValueType == "SCOORD"]
    line.GraphicData = [*line.GraphicData[:-1], 1.0]


def _unit(dataset: Dataset) -> None:
    nums(dataset, 2)[0].MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "rad"


def _gone(dataset: Dataset) -> None:
    [container] = named(dataset, sr_codes.MEASUREMENTS)
    del container.ContentSequence[-1]


@pytest.mark.parametrize("spoil", [_value, _moved, _unit, _gone])
def test_a_fault_in_a_mark_is_found(case: Case, tmp_path: Path, spoil: Callable[[Dataset], None]) -> None:
    callout.export(case, tmp_path / "out", to=["sr"])
    path = report(tmp_path / "out")
    shutil.copy(path, tmp_path / "before.dcm")
    dataset = pydicom.dcmread(path)
    spoil(dataset)
    dataset.save_as(path)
    problems = [problem.message for problem in verify(tmp_path / "out")]
    assert problems
    assert not any("was changed after" in problem for problem in problems)
