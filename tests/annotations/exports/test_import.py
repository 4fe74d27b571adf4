"""Masks into a case: which lattices are accepted, which findings they become, what is kept of their origin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import made_stacks
import nibabel
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_stacks import SHAPE, box

import callout
from callout.case import Case
from callout.cli import main
from callout.errors import EditRefused, GridMismatch, InputError
from callout.exports import add_mask, import_masks
from callout.exports.nifti import nifti_affine

Bits = npt.NDArray[np.bool_]


def data_folder() -> Path:
    folder = os.environ.get("CALLOUT_DATA")
    if not folder:
        pytest.skip("CALLOUT_DATA is not set")
    return Path(folder)


def write_nifti(path: Path, labels: npt.NDArray[np.generic], affine: npt.NDArray[np.float64]) -> Path:
    """`labels` with axes as `affine` (RAS) says, by nibabel; bool becomes uint8."""
    values = labels.astype(np.uint8) if labels.dtype == bool else labels
    nibabel.Nifti1Image(values, affine).to_filename(path)
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with made_stacks.case(tmp_path_factory.mktemp("base"), "oblique") as case:
        return case.path


@pytest.fixture
def case(base: Path, tmp_path: Path) -> Iterator[Case]:
    with made_stacks.copy_of(base, tmp_path) as opened:
        yield opened


@given(
    mask=hnp.arrays(bool, SHAPE), axes=st.permutations([0, 1, 2]), flips=st.lists(st.booleans(), min_size=3, max_size=3)
)
@settings(max_examples=25)
def test_a_turned_cropped_mask_on_the_same_lattice_is_accepted(
    base: Path, tmp_path_factory: pytest.TempPathFactory, mask: Bits, axes: list[int], flips: list[bool]
) -> None:
    """As other programs write it: axes in any order and direction, cut to what is set."""
    assume(mask.any())
    folder = tmp_path_factory.mktemp("turned")
    with made_stacks.copy_of(base, folder) as case:
        affine = nifti_affine(case.series[0].grid)
        array = mask.transpose(2, 1, 0)  # (i, j, k)
        for axis in range(3):
            found = np.flatnonzero(array.any(axis=tuple({0, 1, 2} - {axis})))
            affine[:3, 3] += affine[:3, axis] * found[0]
            array = array.take(range(found[0], found[-1] + 1), axis)
        array, affine = array.transpose(axes), affine[:, [*axes, 3]]
        for axis in range(3):
            if flips[axis]:
                affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
                affine[:3, axis] *= -1
                array = np.flip(array, axis)
        [(_, region)] = import_masks(case, write_nifti(folder / "m.nii.gz", array, affine)).made
        assert np.array_equal(case.mask(region), mask)


@pytest.mark.parametrize(("shift", "scale"), [((0.3, 0, 0), 1), ((0, 0, 1.1), 1), ((0, 0, 0), 1.1), ((50, 0, 0), 1)])
def test_a_mask_on_another_grid_changes_nothing(
    case: Case, tmp_path: Path, shift: tuple[float, ...], scale: float, capsys: pytest.CaptureFixture[str]
) -> None:
    affine = nifti_affine(case.series[0].grid)
    affine[:3, 3] += shift
    affine[:3, :3] *= scale
    path = write_nifti(tmp_path / "m.nii.gz", np.ones(SHAPE[::-1], np.uint8), affine)
    series_id = case.series[0].id
    with pytest.raises(GridMismatch, match="another grid"):
        import_masks(case, path)
    with pytest.raises(GridMismatch, match="another grid"):
        add_mask(case, series_id, path, "cavity")
    case.close()
    before = case.path.read_bytes()
    assert main(["import", str(case.path), str(path)]) == 2
    assert main(["add", str(case.path), "--series", series_id, "--mask", str(path), "--finding", "cavity"]) == 2
    assert capsys.readouterr().err.count("is on another grid") == 2
    assert case.path.read_bytes() == before


def test_a_mask_that_leaves_the_series_is_refused(case: Case, tmp_path: Path) -> None:
    affine = nifti_affine(case.series[0].grid)
    affine[:3, 3] += affine[:3, 0] * 2
    path = write_nifti(tmp_path / "m.nii.gz", np.ones(SHAPE[::-1], np.uint8), affine)
    with pytest.raises(GridMismatch, match="outside the series"):
        import_masks(case, path)
    assert case.findings == ()


def test_only_when_asked_a_mask_of_another_grid_is_drafted(case: Case, tmp_path: Path) -> None:
    affine = nifti_affine(case.series[0].grid)
    affine[:3, :3] /= 2  # half the voxel size, the same corner
    path = write_nifti(tmp_path / "m.nii.gz", np.ones((10, 12, 10), np.uint8), affine)
    [(_, region)] = import_masks(case, path, series_id=case.series[0].id, resampled=True).made
    assert np.array_equal(case.mask(region), np.ones(SHAPE, bool))
    assert case.history[-1].tool == "import, resampled"


def test_one_finding_on_two_series_stays_one(tmp_path: Path) -> None:
    """The tracking UID ties the segments of two files together, and survives export and import."""
    made_stacks.series(tmp_path / "images", "axial", "a")
    made_stacks.series(tmp_path / "images", "coronal", "b")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        finding = case.add_finding("cavity", laterality="left")
        for series in case.series:
            case.set_mask(case.add_region(finding, series.id), box((1, 3), (1, 3), (1, 3)))
        files = callout.export(case, tmp_path / "out", to=["seg"]).files[:-1]
    assert len(files) == 2
    with callout.create_case(tmp_path / "b.callout", tmp_path / "images", reader="r2") as other:
        for file in files:
            import_masks(other, file)
        assert [f.tracking_uid for f in other.findings] == [finding.tracking_uid]
        assert [(f.concept, f.laterality, f.reader) for f in other.findings] == [("cavity", "left", "r2")]
        assert {region.series_id for region in other.regions} == {series.id for series in other.series}
        again = callout.export(other, tmp_path / "again", to=["seg"]).files[0]
        assert pydicom.dcmread(again).SegmentSequence[0].TrackingUID == finding.tracking_uid
        with pytest.raises(EditRefused, match=r"has a region on this series already .*: import it into another case"):
            import_masks(other, files[0])


@pytest.mark.parametrize(("kind", "name"), [("MANUAL", None), ("SEMIAUTOMATIC", "wand"), ("AUTOMATIC", "net")])
def test_the_algorithm_is_the_one_of_the_file(case: Case, tmp_path: Path, kind: str, name: str | None) -> None:
    made_stacks.draw(case, box((1, 3), (1, 3), (1, 3)))
    first = callout.export(case, tmp_path / "out", to=["seg"]).files[0]
    dataset = pydicom.dcmread(first)
    item = dataset.SegmentSequence[0]
    assert item.SegmentAlgorithmType == "MANUAL"  # drawn by hand
    item.SegmentAlgorithmType, item.SegmentAlgorithmName, item.TrackingUID = kind, name, "2.25.7"
    dataset.save_as(first)
    case.close()
    with made_stacks.copy_of(case.path, tmp_path, "other.callout") as other:
        other.remove_finding(other.findings[0])
        import_masks(other, first)
        again = pydicom.dcmread(callout.export(other, tmp_path / "again", to=["seg"]).files[0]).SegmentSequence[0]
        assert (again.SegmentAlgorithmType, again.get("SegmentAlgorithmName")) == (kind, name)
        other.paint(other.regions[0], 1, np.ones(SHAPE[1:], bool))  # a reader corrects it
        again = pydicom.dcmread(callout.export(other, tmp_path / "again", to=["seg"]).files[0]).SegmentSequence[0]
        assert again.SegmentAlgorithmType == ("MANUAL" if kind == "MANUAL" else "SEMIAUTOMATIC")


def test_each_segment_keeps_its_own_algorithm(case: Case, tmp_path: Path) -> None:
    for n in (1, 2):
        made_stacks.draw(case, box((n, n + 1), (1, 3), (1, 3)))
    path = callout.export(case, tmp_path / "out", to=["seg"]).files[0]
    dataset = pydicom.dcmread(path)
    for item, uid in zip(dataset.SegmentSequence, ("2.25.7", "2.25.8"), strict=True):
        item.TrackingUID = uid
    dataset.SegmentSequence[0].SegmentAlgorithmType = "AUTOMATIC"
    dataset.SegmentSequence[0].SegmentAlgorithmName = "net"
    dataset.save_as(path)
    for finding in case.findings:
        case.remove_finding(finding)
    import_masks(case, path)
    again = pydicom.dcmread(callout.export(case, tmp_path / "again", to=["seg"]).files[0]).SegmentSequence
    assert [item.SegmentAlgorithmType for item in again] == ["AUTOMATIC", "MANUAL"]
    masks = case.history[-1].settings["masks"]
    assert [masks[region.id]["label"] for region in case.regions] == [1, 2]


def test_a_segment_that_is_added_keeps_its_algorithm(case: Case, tmp_path: Path) -> None:
    made_stacks.draw(case, box((1, 3), (1, 3), (1, 3)))
    path = callout.export(case, tmp_path / "out", to=["seg"]).files[0]
    case.remove_finding(case.findings[0])
    add_mask(case, case.series[0].id, path, "cavity")
    again = pydicom.dcmread(callout.export(case, tmp_path / "again", to=["seg"]).files[0]).SegmentSequence[0]
    assert again.SegmentAlgorithmType == "MANUAL"


@pytest.mark.parametrize("tool", ["paint", "erase", "fill", "polygon", "outline", "cut out"])
def test_what_the_viewer_s_tools_draw_is_manual(case: Case, tmp_path: Path, tool: str) -> None:
    made_stacks.draw(case, box((1, 3), (1, 3), (1, 3)))
    with case.using(tool):
        case.paint(case.regions[0], 1, np.eye(*SHAPE[1:], dtype=bool))
    item = pydicom.dcmread(callout.export(case, tmp_path / "out", to=["seg"]).files[0]).SegmentSequence[0]
    assert item.SegmentAlgorithmType == "MANUAL"


@pytest.mark.parametrize(
    ("tools", "name"),
    [(["grow"], "grow"), (["grow", "paint", "smooth", "grow"], "grow, smooth"), (list("ab" * 40), "a, b")],
)
def test_what_a_tool_of_the_viewer_computes_is_named_by_it(
    case: Case, tmp_path: Path, tools: list[str], name: str
) -> None:
    [region] = made_stacks.draw(case, box((1, 3), (1, 3), (1, 3)))
    for n, tool in enumerate(tools):
        with case.using(tool):
            case.paint(region, 1, np.roll(np.eye(*SHAPE[1:], dtype=bool), n % 2, axis=0))
    item = pydicom.dcmread(callout.export(case, tmp_path / "out", to=["seg"]).files[0]).SegmentSequence[0]
    assert (item.SegmentAlgorithmType, item.SegmentAlgorithmName) == ("SEMIAUTOMATIC", name)


def test_how_a_region_was_made_is_told_also_where_the_history_is_odd(case: Case, tmp_path: Path) -> None:
    [region] = made_stacks.draw(case, box((1, 3), (1, 3), (1, 3)))
    for n, told in enumerate(({"masks": [1]}, {"masks": {region.id: 5}}, {"algorithm_type": ["AUTOMATIC"]})):
        with case.using("import", told):
            case.paint(region, n, np.eye(*SHAPE[1:], dtype=bool))
    item = pydicom.dcmread(callout.export(case, tmp_path / "out", to=["seg"]).files[0]).SegmentSequence[0]
    assert item.SegmentAlgorithmType == "SEMIAUTOMATIC"


def test_a_drafted_mask_that_lies_elsewhere_is_refused(case: Case, tmp_path: Path) -> None:
    affine = nifti_affine(case.series[0].grid)
    affine[:3, 3] += 5000
    path = write_nifti(tmp_path / "m.nii.gz", np.ones((3, 3, 3), np.uint8), affine)
    with pytest.raises(GridMismatch, match="nothing of the mask 'm' lies in the series"):
        import_masks(case, path, series_id=case.series[0].id, resampled=True)
    assert case.findings == ()


@pytest.mark.parametrize(("apart", "code", "refused"), [(0.3, 1, False), (5.0, 1, True), (5.0, 0, False)])
def test_a_nifti_whose_two_transforms_disagree_is_refused(
    case: Case, tmp_path: Path, apart: float, code: int, refused: bool
) -> None:
    affine = nifti_affine(case.series[0].grid)
    image = nibabel.Nifti1Image(np.ones(SHAPE[::-1], np.uint8), affine)
    moved = affine.copy()
    moved[0, 3] += apart
    image.set_sform(affine, code=1)
    image.set_qform(moved, code=code)
    image.to_filename(tmp_path / "m.nii.gz")
    if refused:
        with pytest.raises(InputError, match="sform and qform place it 5 mm apart"):
            import_masks(case, tmp_path / "m.nii.gz")
    else:
        assert len(import_masks(case, tmp_path / "m.nii.gz").made) == 1


def test_a_label_must_be_named_where_there_are_several(case: Case, tmp_path: Path) -> None:
    labels = np.zeros(SHAPE[::-1], np.int16)
    labels[0, 0, 0], labels[2, 2, 2] = 3, 900
    path = write_nifti(tmp_path / "m.nii.gz", labels, nifti_affine(case.series[0].grid))
    series_id = case.series[0].id
    for label in (None, 4):
        with pytest.raises(InputError, match="has the labels 3, 900"):
            add_mask(case, series_id, path, "cavity", label=label)
    finding, region = add_mask(case, series_id, path, "cavity", label=900, laterality="left")
    assert (finding.concept, finding.laterality) == ("cavity", "left")
    assert np.argwhere(case.mask(region)).tolist() == [[2, 2, 2]]
    assert case.history[-1].settings == {"file": "m.nii.gz", "label": 900}


def test_a_mask_that_fits_two_series_wants_a_choice(tmp_path: Path) -> None:
    made_stacks.series(tmp_path / "images", "axial", "a")
    made_stacks.series(tmp_path / "images", "axial", "b")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        path = write_nifti(tmp_path / "m.nii.gz", box((1, 2), (1, 2), (1, 2)).T, nifti_affine(case.series[0].grid))
        with pytest.raises(InputError, match="fits several series"):
            import_masks(case, path)
        assert case.findings == ()
        [(_, region)] = import_masks(case, path, series_id=case.series[1].id).made
        assert region.series_id == case.series[1].id


def test_a_mask_that_covers_one_series_whole_belongs_to_it(tmp_path: Path) -> None:
    """Two series on one lattice, as resampled pairs are: the file's own size tells them apart."""
    made_stacks.series(tmp_path / "images", "axial", "a")
    made_stacks.series(tmp_path / "images", "axial", "b")[-1].unlink()
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        for series in case.series:
            mask = np.zeros(series.grid.shape, bool)
            mask[1, 2, 3] = True
            path = write_nifti(tmp_path / f"{series.grid.shape[0]}.nii.gz", mask.T, nifti_affine(series.grid))
            [(_, region)] = import_masks(case, path).made
            assert region.series_id == series.id


def test_a_name_that_is_no_concept_becomes_a_lesion_and_is_kept(case: Case, tmp_path: Path) -> None:
    mask = box((1, 2), (1, 2), (1, 2)).T
    path = write_nifti(tmp_path / "Zorbulon 7.nii.gz", mask, nifti_affine(case.series[0].grid))
    [(finding, _)] = import_masks(case, path).made
    assert (finding.concept, finding.name) == ("lesion", "Zorbulon 7")


# Files of other programs --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dcmqi_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case on dcmqi's CT of three slices."""
    folder = data_folder() / "dcmqi_seg_ct3" / "ct-3slice"
    with callout.create_case(tmp_path_factory.mktemp("dcmqi") / "a.callout", folder, reader="r1") as case:
        return case.path


@pytest.mark.parametrize("name", ["liver_seg.nrrd", "spine_seg.nrrd", "heart_seg.nrrd", "liver.dcm"])
def test_masks_of_dcmqi_come_in_as_itk_reads_them(dcmqi_case: Path, tmp_path: Path, name: str) -> None:
    import SimpleITK

    path = data_folder() / "dcmqi_seg_ct3" / name
    with made_stacks.copy_of(dcmqi_case, tmp_path) as case:
        made = import_masks(case, path).made
        image = SimpleITK.ReadImage(str(path if name.endswith("nrrd") else path.with_name("liver_seg.nrrd")))
        voxels = np.argwhere(SimpleITK.GetArrayFromImage(image))
        points = np.array([image.TransformIndexToPhysicalPoint([int(n) for n in index[::-1]]) for index in voxels])
        [(finding, region)] = made
        expected = np.zeros(case.series[0].grid.shape, bool)
        expected[tuple(np.rint(case.series[0].grid.indices(points)).astype(int).T)] = True
        assert np.array_equal(case.mask(region), expected)
        assert finding.name


def test_overlapping_segments_of_dcmqi_come_in(dcmqi_case: Path, tmp_path: Path) -> None:
    with made_stacks.copy_of(dcmqi_case, tmp_path) as case:
        made = import_masks(case, data_folder() / "dcmqi_seg_ct3" / "partial_overlaps.dcm").made
        total = sum(case.mask(region).astype(int) for _, region in made)
        assert len(made) > 1
        assert total.max() > 1
        callout.export(case, tmp_path / "out", to=["seg", "nifti"])
        assert callout.verify(tmp_path / "out") == []


def test_segments_of_a_slicer_file_with_layers_come_in(case: Case, tmp_path: Path) -> None:
    """Two segments that overlap, in two layers, a third that shares a layer; names, tags and sides are read."""
    import nrrd

    grid = case.series[0].grid
    affine = grid.affine[:, [2, 1, 0, 3]]
    masks = [box((0, 3), (0, 3), (0, 3)), box((1, 4), (1, 4), (1, 4)), box((4, 5), (4, 6), (4, 5))]
    layers = np.zeros((*SHAPE, 2), np.uint8)
    layers[masks[0], 0], layers[masks[1], 1], layers[masks[2], 0] = 1, 1, 2
    header = {
        "space": "left-posterior-superior",
        "space directions": np.vstack([[np.nan] * 3, affine[:3, :3].T]),
        "space origin": affine[:3, 3],
        "kinds": ["list", "domain", "domain", "domain"],
    }
    told = [
        ("Left cavity", 0, 1, ""),
        ("Region 2", 1, 1, "TerminologyEntry:C~SCT^49755003^M~SCT^27925004^Nodule~^^~"),
        ("Konsolidierung", 0, 2, ""),
    ]
    for n, (name, layer, value, tags) in enumerate(told):
        header |= {f"Segment{n}_Name": name, f"Segment{n}_Layer": layer, f"Segment{n}_LabelValue": value}
        header |= {f"Segment{n}_ID": f"s{n}", f"Segment{n}_Tags": tags + "|"}
    nrrd.write(str(tmp_path / "a.seg.nrrd"), layers.transpose(3, 2, 1, 0), header)
    made = import_masks(case, tmp_path / "a.seg.nrrd").made
    assert [finding.label for finding, _ in made] == ["Left cavity", "Region 2", "Konsolidierung"]
    assert [finding.laterality for finding, _ in made] == ["left", None, None]
    assert made[0][0].concept == "cavity"
    assert made[2][0].concept == "lesion"
    for (_, region), mask in zip(made, masks, strict=True):
        assert np.array_equal(case.mask(region), mask)


def test_codes_of_a_nrrd_go_before_the_words_of_its_names(base: Path, case: Case, tmp_path: Path) -> None:
    """A name may speak of both sides, and of other things than the finding is."""
    finding = case.add_finding(
        "nodule", name="nodule with a cyst left of the right hilum", laterality="right", site="right upper lobe"
    )
    case.set_mask(case.add_region(finding, case.series[0].id), box((1, 3), (1, 3), (1, 3)))
    other = case.add_finding("cavity", name="thing", site="at the left ~ odd | site^")
    case.set_mask(case.add_region(other, case.series[0].id), box((3, 4), (1, 3), (1, 3)))
    file = next(path for path in callout.export(case, tmp_path / "out", to=["nrrd"]).files if path.suffix == ".nrrd")
    with callout.create_case(tmp_path / "back.callout", base.parent / "images", reader="r1") as again:
        import_masks(again, file)
        one, two = again.findings
    assert (one.concept, one.laterality, one.site) == ("nodule", "right", "Upper lobe of lung")
    assert (two.concept, two.laterality, two.site) == ("cavity", None, "at the left odd site")


def test_a_label_that_no_segment_describes_is_told(case: Case, tmp_path: Path) -> None:
    import nrrd

    labels = np.zeros(case.series[0].grid.shape[::-1], np.uint8)
    labels[1, 1, 1], labels[2, 2, 2] = 1, 5
    affine = case.series[0].grid.affine @ np.eye(4)[[2, 1, 0, 3]]
    header = {
        "space": "left-posterior-superior",
        "space directions": affine[:3, :3].T,
        "space origin": affine[:3, 3],
        "Segment0_Name": "cyst",
        "Segment0_LabelValue": "1",
    }
    nrrd.write(str(tmp_path / "a.seg.nrrd"), labels, header)
    assert import_masks(case, tmp_path / "a.seg.nrrd").left_out == ("a.seg.nrrd: label 5: no segment describes it",)


def test_segments_of_an_old_slicer_file_have_a_layer_each(case: Case, tmp_path: Path) -> None:
    """Before 4.11 Slicer wrote one binary layer a segment, and neither its number nor a label value."""
    import nrrd

    affine = case.series[0].grid.affine[:, [2, 1, 0, 3]]
    masks = [box((0, 3), (0, 3), (0, 3)), box((1, 4), (1, 4), (1, 4))]
    header = {
        "space": "left-posterior-superior",
        "space directions": np.vstack([[np.nan] * 3, affine[:3, :3].T]),
        "space origin": affine[:3, 3],
        "kinds": ["list", "domain", "domain", "domain"],
        "Segment0_Name": "cavity",
        "Segment1_Name": "nodule",
    }
    nrrd.write(str(tmp_path / "a.seg.nrrd"), np.stack(masks).astype(np.uint8).transpose(0, 3, 2, 1), header)
    made = import_masks(case, tmp_path / "a.seg.nrrd").made
    assert [finding.concept for finding, _ in made] == ["cavity", "nodule"]
    for (_, region), mask in zip(made, masks, strict=True):
        assert np.array_equal(case.mask(region), mask)
