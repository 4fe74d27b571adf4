"""Structured reports of other programs as findings, marks and regions; hostile ones are read or refused by name."""

from __future__ import annotations

import contextlib
import shutil
import struct
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import made_series
import made_stacks
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_stacks import box
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

import callout
from callout.case import Case
from callout.errors import CalloutError, InputError
from callout.exports import add_mask, import_masks, sr_codes, sr_tree
from callout.terms import Code

IMAGE_REGION = Code("DCM", "111030", "Image Region")
ROOT = sr_codes.REPORT


def code(one: Code) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = one.value, one.scheme, one.meaning
    return [item]


def item(kind: str, name: Code | None, *below: Dataset, **values: Any) -> Dataset:
    """A content item; `value` of a CODE and of a NUM with its unit are told by `value` and `unit`."""
    made = Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", kind
    if name:
        made.ConceptNameCodeSequence = code(name)
    if kind == "CODE":
        made.ConceptCodeSequence = code(values.pop("value"))
    if kind == "NUM":
        measured = Dataset()
        measured.NumericValue, measured.MeasurementUnitsCodeSequence = (
            str(values.pop("value")),
            code(values.pop("unit")),
        )
        made.MeasuredValueSequence = [measured]
    for keyword, value in values.items():
        setattr(made, keyword, value)
    if below:
        made.ContentSequence = list(below)
    return made


def drawn(case: Case, kind: str, points: Sequence[float], k: int = 1, name: Code | None = IMAGE_REGION) -> Dataset:
    """A SCOORD on slice k of the first series."""
    reference = Dataset()
    reference.ReferencedSOPClassUID = made_series.CT_IMAGE
    reference.ReferencedSOPInstanceUID = case.series[0].instances[k].sop_instance_uid
    image = item("IMAGE", None, ReferencedSOPSequence=[reference])
    return item("SCOORD", name, image, GraphicType=kind, GraphicData=list(points))


def in_patient(case: Case, kind: str, voxels: Sequence[Sequence[float]]) -> Dataset:
    """A SCOORD3D through (k, j, i) voxels of the first series."""
    grid = case.series[0].grid
    points = [float(mm) for mm in grid.points(voxels).reshape(-1)]
    frame = grid.frame_of_reference_uid
    return item("SCOORD3D", IMAGE_REGION, GraphicType=kind, GraphicData=points, ReferencedFrameOfReferenceUID=frame)


def report(path: Path, *groups: Sequence[Dataset], syntax: str = ExplicitVRLittleEndian) -> Path:
    """A report with these measurement groups, each made of its items."""
    dataset = item("CONTAINER", ROOT)
    containers = [item("CONTAINER", sr_codes.GROUP, *one) for one in groups]
    dataset.ContentSequence = [item("CONTAINER", sr_codes.MEASUREMENTS, *containers)]
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.34", "1.2.3"
    return made_series.write(dataset, path, syntax)


def named(name: str, *more: Dataset, uid: str = "1.2.3.4") -> list[Dataset]:
    """A group's items: its tracking identifier and UID, and more."""
    said = item("TEXT", sr_codes.TRACKING_IDENTIFIER, TextValue=name)
    return [said, item("UIDREF", sr_codes.TRACKING_UID, UID=uid), *more]


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = {}
    for scan in ("axial", "oblique", "uneven"):
        with made_stacks.case(tmp_path_factory.mktemp("scan"), scan) as case:
            paths[scan] = case.path
    return paths


@pytest.fixture
def case(scans: dict[str, Path], tmp_path: Path) -> Case:
    return made_stacks.copy_of(scans["oblique"], tmp_path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case, and its SEG and SR in `out`."""
    folder = tmp_path_factory.mktemp("exported")
    text = folder / "report.txt"
    text.write_text("A case.\n\nFigure 1. Axial CT shows a cavity (1).\n")
    with made_stacks.case(folder, "oblique", text) as case:
        made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)), box((2, 5), (4, 6), (2, 5)))
        case.change_finding(case.findings[1], site="left upper lobe")
        case.link(case.findings[0], "1:#1")
        callout.export(case, folder / "out", to=["seg", "sr"])
    return folder


@pytest.mark.parametrize("order", [1, -1])
def test_a_report_and_its_segmentation_are_the_same_findings_again(exported: Path, order: int, tmp_path: Path) -> None:
    files = sorted((exported / "out").glob("*.dcm"))[::order]
    with callout.create_case(tmp_path / "b.callout", exported / "images", reader="r2") as case:
        came = import_masks(case, *files)
        assert came.left_out == ()
        with callout.open_case(exported / "a.callout", read_only=True) as before:
            assert [(one.concept, one.laterality, one.tracking_uid) for one in case.findings] == [
                (one.concept, one.laterality, one.tracking_uid) for one in before.findings
            ]
            for region, again in zip(before.regions, case.regions, strict=True):
                assert np.array_equal(before.mask(region), case.mask(again))
        assert case.marks == ()  # what is measured on a region is measured again
        assert [one.site for one in case.findings] == [None, "Upper lobe of lung"]
        assert case.findings[0].note.startswith("“cavity” (Figure 1), as read from ")
        assert len(case.history) == 1
        again = import_masks(case, next(file for file in files if ".sr." in file.name))
        assert [("stays as it is" in what) for what in again.left_out] == [True, True]


def test_a_report_alone_brings_what_it_draws_and_says_what_is_missing(exported: Path, tmp_path: Path) -> None:
    [file] = (exported / "out").glob("*.sr.dcm")
    with callout.create_case(tmp_path / "b.callout", exported / "images", reader="r2") as case:
        came = import_masks(case, file)
        assert [one.kind for one in case.marks] == ["calipers"] * 4
        assert ["import that file with it" in what for what in came.left_out] == [True, True]
        assert "Volume 25.2 mm3" in case.findings[0].note
        with pytest.raises(InputError, match="holds no mask"):
            add_mask(case, case.series[0].id, file, "cavity")


@pytest.mark.parametrize("scan", ["axial", "oblique", "uneven"])
def test_drawings_lie_where_they_were_drawn(scan: str, scans: dict[str, Path], tmp_path: Path) -> None:
    with made_stacks.copy_of(scans[scan], tmp_path) as case:
        grid = case.series[0].grid
        path = report(
            tmp_path / "a.dcm",
            named("mass", drawn(case, "POLYLINE", [1, 1, 3, 1, 3, 3, 1, 3, 1, 1]), uid="1.2.1"),
            named("mass", in_patient(case, "POLYGON", [(2, 0.5, 0.5), (2, 0.5, 2.5), (2, 2.5, 2.5), (2, 2.5, 0.5)])),
            named("cyst", drawn(case, "POLYLINE", [0.5, 0.5, 2.5, 0.5]), drawn(case, "POINT", [2.5, 1.5]), uid="1.2.2"),
            named(
                "cyst", drawn(case, "CIRCLE", [2.5, 2.5, 2.5, 4.5]), in_patient(case, "POINT", [(3, 2, 1)]), uid="1.3"
            ),
            named("cyst", drawn(case, "ELLIPSE", [0.5, 2.5, 4.5, 2.5, 2.5, 1.5, 2.5, 3.5]), uid="1.4"),
        )
        assert import_masks(case, path).left_out == ()
        planar, spatial = case.regions
        assert np.array_equal(np.argwhere(case.mask(planar)), [(1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 2, 2)])
        assert np.array_equal(np.argwhere(case.mask(spatial)), [(2, 1, 1), (2, 1, 2), (2, 2, 1), (2, 2, 2)])
        wanted = [
            ("calipers", [(1, 0, 0), (1, 0, 2)]),
            ("point", [(1, 1, 2)]),
            ("ellipse", [(1, 2, 2), (1, 2, 4), (1, 4, 2)]),
            ("point", [(3, 2, 1)]),
            ("ellipse", [(1, 2, 2), (1, 2, 4), (1, 3, 2)]),
        ]
        for mark, (kind, voxels) in zip(case.marks, wanted, strict=True):
            assert mark.kind == kind
            assert np.allclose(mark.points, grid.points(voxels), atol=1e-3)


def test_what_a_finding_is_comes_from_codes_of_any_age_else_from_names(case: Case, tmp_path: Path) -> None:
    old = Code("SRT", "T-28200", "Upper lobe of lung")
    side = item("CODE", Code("SRT", "G-C171", "Laterality"), value=Code("SRT", "G-A101", "Left"))
    site = item("CODE", Code("SRT", "G-C0E3", "Finding Site"), side, value=old)
    tool = "Cornerstone3DTools@^0.1.0:Length"
    path = report(
        tmp_path / "a.dcm",
        named("whatever", item("CODE", sr_codes.FINDING, value=Code("SCT", "27925004", "Nodule")), site, uid="1.1"),
        named("left ground glass, 2", uid="1.2"),
        named("strange thing", item("CODE", sr_codes.FINDING, value=Code("99X", "1", "thing")), uid="1.3"),
        named(tool, item("CODE", sr_codes.FINDING, value=Code("CORNERSTONEJS", "FREE", "cavity")), uid=""),
    )
    import_masks(case, path)
    told = [(one.concept, one.name, one.laterality, one.site) for one in case.findings]
    assert told == [
        ("nodule", "whatever", "left", "Upper lobe of lung"),
        ("ground-glass opacity", "left ground glass, 2", "left", None),
        ("lesion", "strange thing", None, None),
        ("cavity", "cavity", None, None),
    ]
    assert [one.tracking_uid for one in case.findings][:3] == ["1.1", "1.2", "1.3"]
    assert case.findings[3].tracking_uid.startswith("2.25.")


def test_what_has_no_other_place_is_noted_and_the_rest_is_named(case: Case, tmp_path: Path) -> None:
    mean = item("CODE", sr_codes.DERIVATION, value=sr_codes.MEAN)
    reference = item("TEXT", sr_codes.COMMENT, ReferencedContentItemIdentifier=[1, 1])
    elsewhere = drawn(case, "POINT", [1, 1])
    elsewhere.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "9.9"
    path = report(
        tmp_path / "a.dcm",
        named(
            "nodule",
            item("NUM", Code("99X", "S", "Stiffness"), mean, value=2.5, unit=Code("UCUM", "kPa", "kPa")),
            item("CODE", Code("99X", "M", "Margin"), value=Code("99X", "SP", "spiculated")),
            item("TEXT", sr_codes.COMMENT, TextValue="grows\nslowly"),
            item("NUM", sr_codes.VOLUME, value=3, unit=Code("UCUM", "ml", "milliliter")),
            item("DATETIME", Code("99X", "T", "Time"), DateTime="2026"),
            reference,
            elsewhere,
            drawn(case, "POLYLINE", [0, 0, 1, 1, 2, 0]),
            drawn(case, "POLYLINE", [0.6, 0.6, 0.9, 0.6, 0.9, 0.9, 0.6, 0.6]),
        ),
    )
    came = import_masks(case, path)
    assert case.findings[0].note == (
        "Volume 3 ml; Stiffness (Mean) 2.5 kPa; Margin: spiculated; “grows slowly”, as read from a.dcm"
    )
    for what in ("DATETIME", "reference to another item", "image 9.9", "POLYLINE of 3 points", "no voxel's centre"):
        assert len([said for said in came.left_out if what in said]) == 1, what


def test_a_later_file_that_is_no_good_leaves_the_case_as_it_was(case: Case, exported: Path, tmp_path: Path) -> None:
    [good] = (exported / "out").glob("*.sr.dcm")
    bad = report(tmp_path / "bad.dcm")
    pydicom.dcmread(bad)
    dataset = pydicom.dcmread(bad)
    dataset.ConceptNameCodeSequence = code(Code("LN", "18748-4", "Diagnostic Imaging Report"))
    dataset.save_as(bad)
    with pytest.raises(InputError, match=r"another kind than TID 1500 \(Diagnostic Imaging Report\)"):
        import_masks(case, good, bad)
    assert (case.findings, case.marks, case.history) == ((), (), ())


def test_a_report_without_groups_holds_nothing(case: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty"):
        import_masks(case, report(tmp_path / "a.dcm"))


def _deep(path: Path, case: Case) -> None:
    inner = item("TEXT", sr_codes.COMMENT, TextValue="x")
    for _ in range(60):
        inner = item("CONTAINER", sr_codes.GROUP, inner)
    report(path, named("cyst", inner))


def _long_text(path: Path, case: Case) -> None:
    report(path, named("cyst " * 200_000, item("TEXT", sr_codes.COMMENT, TextValue="\x1b[2J" * 4000 + "x" * 2_000_000)))


def _many_remarks(path: Path, case: Case) -> None:
    report(path, *(named("cyst", *[item("TEXT", sr_codes.COMMENT, TextValue=str(n)) for n in range(300)]),) * 5)


def _winding(path: Path, case: Case) -> None:
    line = drawn(case, "POLYLINE", [*np.tile([0.0, 0.0, 4.0, 6.0], 4000), 0.0, 0.0])  # as long as VR FL may be
    report(path, named("cyst", *[line] * 20, drawn(case, "MULTIPOINT", np.ones(16000))))


def _nowhere(path: Path, case: Case) -> None:
    graphics = [drawn(case, "POLYLINE", [float("nan"), 1, 1, 1]), drawn(case, "ELLIPSE", [1e30] * 8)]
    graphics += [drawn(case, kind, [1, 1, 1]) for kind in ("POINT", "CIRCLE", "", "SPLINE")]
    graphics += [drawn(case, "POINT", []), item("SCOORD", IMAGE_REGION, GraphicType="POINT", GraphicData=[1, 1])]
    report(path, named("cyst", *graphics))


def _bare(path: Path, case: Case) -> None:
    kinds = ("NUM", "CODE", "TEXT", "SCOORD", "SCOORD3D", "IMAGE", "UIDREF", "")
    items = []
    for name in (None, sr_codes.FINDING, sr_codes.SITE, sr_codes.SEGMENT, sr_codes.TRACKING_UID, sr_codes.LONG_AXIS):
        for kind in kinds:
            bare = Dataset()
            bare.ValueType = kind
            if name:
                bare.ConceptNameCodeSequence = code(name)
            items.append(bare)
    report(path, items)


READ = {"deep": _deep, "long text": _long_text, "many": _many_remarks, "winding": _winding, "nowhere": _nowhere}
READ["bare"] = _bare


@pytest.mark.parametrize("name", READ)
def test_an_odd_report_is_read_within_limits(name: str, case: Case, tmp_path: Path) -> None:
    READ[name](tmp_path / "a.dcm", case)
    came = import_masks(case, tmp_path / "a.dcm")
    assert len(came.told) == 1
    assert len(case.findings[0].note) <= 10_000
    assert len(case.findings[0].name) <= 500
    assert all(len(what) < 1000 and what.isprintable() for what in came.left_out)
    assert len(came.left_out) <= 250


def _too_deep(path: Path, case: Case) -> None:
    """Nested deeper than pydicom writes, in items without a length; made by hand."""
    start = struct.pack("<HH2sHLHHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF, 0xFFFE, 0xE000, 0xFFFFFFFF)
    end = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    report(path, named("cyst"))
    path.write_bytes(path.read_bytes() + start * 3000 + end * 3000)


def _escapes(path: Path, case: Case) -> None:
    report(path, named("cyst", item("TEXT", sr_codes.COMMENT, TextValue="\x1b[2J" * 500_000)))


def _many_items(path: Path, case: Case) -> None:
    report(path, named("cyst"))
    items = sr_tree.ITEM + bytes(4)
    body = items * (sr_tree.MOST_ITEMS + 1)
    path.write_bytes(path.read_bytes() + struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, len(body)) + body)


def _too_large(path: Path, case: Case) -> None:
    report(path, named("cyst"))
    with path.open("r+b") as file:
        file.truncate(sr_tree.LARGEST + 1)


def _bomb(path: Path, case: Case) -> None:
    report(path, named("cyst"))
    with path.open("rb") as file:
        data = file.read()
    report(path, named("cyst"), syntax=DeflatedExplicitVRLittleEndian)
    head = path.read_bytes()
    start = 132 + 12 + struct.unpack("<L", head[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data[start:])
    for _ in range(64):
        packed += packer.compress(bytes(1 << 20))
    path.write_bytes(head[:start] + packed + packer.flush())


def _no_title(path: Path, case: Case) -> None:
    dataset = pydicom.dcmread(report(path, named("cyst")))
    del dataset.ConceptNameCodeSequence
    dataset.save_as(path)


REFUSED = {
    "too deep": _too_deep,
    "escapes": _escapes,
    "items": _many_items,
    "too large": _too_large,
    "bomb": _bomb,
    "no title": _no_title,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_report_is_refused_by_name(name: str, case: Case, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    REFUSED[name](path, case)
    with pytest.raises(InputError) as refused:
        import_masks(case, path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert case.findings == ()


@given(data=st.data())
@settings(max_examples=60)
def test_changed_bytes_are_read_or_refused_by_name(exported: Path, data: st.DataObject) -> None:
    [good] = (exported / "out").glob("*.sr.dcm")
    changed = bytearray(good.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(132, len(changed) - 1))] = data.draw(st.integers(0, 255))
    del changed[data.draw(st.sampled_from([len(changed), len(changed), data.draw(st.integers(200, len(changed)))])) :]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "a.dcm")
        path.write_bytes(changed)
        shutil.copy(exported / "a.callout", name)
        with callout.open_case(Path(name, "a.callout"), reader="r9", blinded=True) as case:
            before = len(case.history)
            with contextlib.suppress(CalloutError):
                import_masks(case, path)
                before += 1
            assert len(case.history) <= before
