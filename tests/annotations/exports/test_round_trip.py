"""Masks out of a case and into another, in every format and orientation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import made_stacks
import nibabel
import nrrd
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
import SimpleITK
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_stacks import SHAPE, box

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import import_masks, verify

Bits = npt.NDArray[np.bool_]
SAMPLES = Path(__file__).parents[3] / "sample_dicoms"
masks_of_findings = st.lists(hnp.arrays(bool, SHAPE), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def empty_cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A case without findings on a series of every orientation."""
    paths = {}
    for scan in made_stacks.SCANS:
        with made_stacks.case(tmp_path_factory.mktemp("scan"), scan) as case:
            paths[scan] = case.path
    return paths


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where exports go; whatever a test did, no staging folder is left in it."""
    yield tmp_path / "out"
    assert not list(tmp_path.rglob(".callout-*"))


def filled(case: Case) -> dict[int, Bits]:
    """The masks that have voxels, as exports number them."""
    masks = [np.array(case.mask(region)) for region in case.regions]
    return dict(enumerate((mask for mask in masks if mask.any()), 1))


def points_of(mask: Bits, case: Case) -> npt.NDArray[np.float64]:
    """Where the voxels are in the patient, LPS mm, sorted."""
    points = np.round(case.series[0].grid.points(np.argwhere(mask)), 2) + 0.0
    return points[np.lexsort(points.T)]


@pytest.mark.parametrize("kind", ["seg", "nrrd"])
@given(scan=st.sampled_from(sorted(made_stacks.SCANS)), masks=masks_of_findings)
@settings(max_examples=15)
def test_what_goes_out_with_its_names_comes_in_again(
    empty_cases: dict[str, Path], kind: str, scan: str, masks: list[Bits]
) -> None:
    assume(any(mask.any() for mask in masks) and (kind == "seg" or scan != "uneven"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with made_stacks.copy_of(empty_cases[scan], folder) as case:
            made_stacks.draw(case, *masks)
            exported = callout.export(case, folder / "out", to=[kind])
            assert verify(folder / "out") == []
            with made_stacks.copy_of(empty_cases[scan], folder, "other.callout") as other:
                import_masks(other, exported.files[0])
                drawn = [
                    f for f in case.findings if any(r.finding_id == f.id and case.mask(r).any() for r in case.regions)
                ]
                assert [(f.concept, f.laterality, f.tracking_uid) for f in other.findings] == [
                    (f.concept, f.laterality, f.tracking_uid) for f in drawn
                ]
                for one, again in zip(filled(case).values(), filled(other).values(), strict=True):
                    assert np.array_equal(one, again)


@given(scan=st.sampled_from(made_stacks.EVEN_SCANS), masks=masks_of_findings)
@settings(max_examples=15)
def test_what_goes_out_as_nifti_comes_in_again(empty_cases: dict[str, Path], scan: str, masks: list[Bits]) -> None:
    assume(any(mask.any() for mask in masks))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with made_stacks.copy_of(empty_cases[scan], folder) as case:
            made_stacks.draw(case, *masks)
            exported = callout.export(case, folder / "out", to=["nifti"])
            with made_stacks.copy_of(empty_cases[scan], folder, "other.callout") as other:
                for path in exported.files[:-1]:
                    import_masks(other, path)
                found = filled(other)
                assert len(found) == len(filled(case))
                for one, two in zip(filled(case).values(), found.values(), strict=True):
                    assert np.array_equal(one, two)


@given(
    names=st.lists(
        st.text(min_size=1, max_size=90).filter(lambda name: any(c.isprintable() and c != " " for c in name)),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=20)
def test_any_name_survives_in_nrrd(empty_cases: dict[str, Path], names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, made_stacks.copy_of(empty_cases["axial"], Path(folder)) as case:
        for n, name in enumerate(names):
            region = case.add_region(case.add_finding("nodule", name=name), case.series[0].id)
            case.set_mask(region, box((n, n + 1), (0, 2), (0, 2)))
        exported = callout.export(case, Path(folder, "out"), to=["nrrd"])
        with made_stacks.copy_of(empty_cases["axial"], Path(folder), "other.callout") as other:
            import_masks(other, exported.files[0])
            on_one_line = ["".join(c if c.isprintable() else " " for c in name).split() for name in names]
            assert [f.name.split() for f in other.findings] == on_one_line


def test_slicer_reads_names_codes_and_voxels_of_a_nrrd(empty_cases: dict[str, Path], folder: Path) -> None:
    masks = [box((0, 3), (0, 4), (0, 4)), box((2, 5), (2, 6), (2, 5)), box((4, 5), (0, 2), (0, 2))]
    with made_stacks.copy_of(empty_cases["oblique"], folder.parent) as case:
        made_stacks.draw(case, *masks)
        path = callout.export(case, folder, to=["nrrd"]).files[0]
    voxels, header = nrrd.read(str(path), index_order="C")
    assert header["kinds"] == ["list", "domain", "domain", "domain"]
    assert voxels.shape == (*SHAPE, 2)
    for n, mask in enumerate(masks):
        assert np.array_equal(
            voxels[..., int(header[f"Segment{n}_Layer"])] == int(header[f"Segment{n}_LabelValue"]), mask
        )
    assert header["Segment0_Extent"] == "0 3 0 3 0 2"
    assert "~99CALLOUT^CAVITY^" in header["Segment0_Tags"]
    assert "SCT^7771000^Left~" not in header["Segment0_Tags"]
    assert header["Segment1_Tags"].split("|")[0].endswith("~SCT^123037004^Body structure~SCT^7771000^Left")


@given(mask=hnp.arrays(bool, SHAPE))
@settings(max_examples=15)
def test_nrrd_with_labels_comes_in(empty_cases: dict[str, Path], mask: Bits) -> None:
    from callout.exports.nrrd import write_volume

    assume(mask.any())
    with tempfile.TemporaryDirectory() as name, made_stacks.copy_of(empty_cases["oblique"], Path(name)) as case:
        write_volume(Path(name, "m.nrrd"), mask.astype(np.uint8) * 7, case.series[0].grid)
        [(finding, region)] = import_masks(case, Path(name, "m.nrrd")).made
        assert (finding.concept, finding.name) == ("lesion", "m")
        assert np.array_equal(case.mask(region), mask)


@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_the_numbers_are_the_same_in_all_formats(empty_cases: dict[str, Path], scan: str, folder: Path) -> None:
    with made_stacks.copy_of(empty_cases[scan], folder.parent) as case:
        made_stacks.draw(case, box((0, 1), (0, 2), (0, 2)), np.zeros(SHAPE, bool), box((2, 4), (3, 5), (1, 4)))
        exported = callout.export(case, folder, to=["all"])
        expected = filled(case)
        dataset = pydicom.dcmread(next(path for path in exported.files if path.name.endswith(".seg.dcm")))
        labels = [case.findings[0].label, case.findings[2].label]
        assert [item.SegmentLabel for item in dataset.SegmentSequence] == labels
        assert [item.SegmentNumber for item in dataset.SegmentSequence] == [1, 2]
        if scan == "uneven":
            assert not [path for path in exported.files if ".nii" in path.name or ".nrrd" in path.name]
            assert [what.partition(":")[0] for what in exported.left_out][:2] == ["nifti", "nrrd"]
            return
        image = nibabel.load(next(path for path in exported.files if path.name.endswith(".nii.gz")))
        values = np.asarray(image.dataobj).transpose(2, 1, 0)
        assert sorted(np.unique(values)) == [0, 1, 2]
        for number, mask in expected.items():
            assert np.array_equal(values == number, mask)


@pytest.mark.parametrize("scan", made_stacks.EVEN_SCANS)
def test_the_geometry_of_nifti_is_that_of_the_series(empty_cases: dict[str, Path], scan: str, folder: Path) -> None:
    """Both forms with code 1, in RAS, as nibabel and ITK see them; a sheared grid in the sform only."""
    with made_stacks.copy_of(empty_cases[scan], folder.parent) as case:
        made_stacks.draw(case, box((1, 4), (2, 5), (1, 3)))
        path = callout.export(case, folder, to=["nifti"]).files[0]
        grid = case.series[0].grid
        header = nibabel.load(path).header
        corners = np.array([[k, j, i] for k in (0, 4) for j in (0, 5) for i in (0, 4)])
        ras = np.column_stack([corners[:, ::-1], np.ones(len(corners))]) @ header.get_best_affine().T
        assert np.allclose(ras[:, :3] * [-1, -1, 1], grid.points(corners), atol=1e-4)
        if scan == "tilted gantry":
            assert (int(header["qform_code"]), int(header["sform_code"])) == (0, 1)
            return
        assert (int(header["qform_code"]), int(header["sform_code"])) == (1, 1)
        assert np.allclose(header.get_qform(), header.get_sform(), atol=1e-4)
        image = SimpleITK.ReadImage(str(path))
        for corner in corners:
            point = image.TransformIndexToPhysicalPoint([int(n) for n in corner[::-1]])
            assert np.allclose(point, grid.points(corner), atol=1e-3)
        again = np.argwhere(SimpleITK.GetArrayFromImage(image) == 1)
        assert np.array_equal(again, np.argwhere(case.mask(case.regions[0])))


def test_overlapping_regions_get_a_nifti_file_each_and_one_seg(empty_cases: dict[str, Path], folder: Path) -> None:
    with made_stacks.copy_of(empty_cases["axial"], folder.parent) as case:
        made_stacks.draw(case, box((0, 3), (0, 4), (0, 3)), box((2, 5), (2, 6), (1, 5)), box((0, 1), (5, 6), (0, 1)))
        files = callout.export(case, folder, to=["seg", "nifti"]).files
        niftis = [path for path in files if path.name.endswith(".mask.nii.gz")]
        assert len(niftis) == 3
        for number, (path, mask) in enumerate(zip(niftis, filled(case).values(), strict=True), 1):
            assert f".{number}-" in path.name
            assert np.array_equal(np.asarray(nibabel.load(path).dataobj).transpose(2, 1, 0), mask * number)
        assert verify(folder) == []


def test_three_hundred_regions_fit(empty_cases: dict[str, Path], folder: Path) -> None:
    """More than a byte counts; no two of them on one voxel."""
    rng = np.random.default_rng(5)
    order = rng.permutation(np.prod(SHAPE))
    masks = []
    for n in range(149):  # all but one of the voxels
        mask = np.zeros(SHAPE, bool)
        mask.flat[order[n]] = True
        masks.append(mask)
    with made_stacks.copy_of(empty_cases["axial"], folder.parent) as case:
        with case.one_edit("many"):
            made_stacks.draw(case, *masks)
        callout.export(case, folder, to=["seg", "nifti"])
        assert verify(folder) == []


@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_dcmqi_reads_the_seg_to_the_same_voxels(empty_cases: dict[str, Path], scan: str, folder: Path) -> None:
    tool = Path(sys.executable).with_name("segimage2itkimage")
    if not tool.exists():
        pytest.skip("dcmqi's segimage2itkimage is not installed")
    if scan in ("tilted gantry", "uneven"):
        pytest.skip("dcmqi makes even, upright volumes only")
    with made_stacks.copy_of(empty_cases[scan], folder.parent) as case:
        made_stacks.draw(case, box((1, 3), (0, 4), (0, 3)), box((2, 4), (2, 6), (1, 5)))
        seg = callout.export(case, folder, to=["seg"]).files[0]
        read = folder.parent / "dcmqi"
        read.mkdir()
        command = [str(tool), "--inputDICOM", str(seg), "--outputDirectory", str(read), "--prefix", "p", "-t", "nrrd"]
        subprocess.run(command, check=True, capture_output=True)
        for number, mask in filled(case).items():
            image = SimpleITK.ReadImage(str(read / f"p-{number}.nrrd"))
            voxels = np.argwhere(SimpleITK.GetArrayFromImage(image))
            points = [image.TransformIndexToPhysicalPoint([int(n) for n in index[::-1]]) for index in voxels]
            found = np.round(points, 2) + 0.0
            assert np.allclose(found[np.lexsort(found.T)], points_of(mask, case), atol=0.011)


def test_dciodvfy_finds_no_error_in_the_seg_of_a_sound_series(folder: Path) -> None:
    tool = shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed")
    with callout.create_case(folder.parent / "t.callout", SAMPLES / "thorax" / "images", reader="r1") as case:
        grid = case.series[0].grid
        for name, laterality, site, j in (("cavity", "left", "left upper lobe", 100), ("lesion", None, None, 120)):
            finding = case.add_finding(name, laterality=laterality, site=site)
            mask = np.zeros(grid.shape, bool)
            mask[20:24, j : j + 30, 90:110] = True
            case.set_mask(case.add_region(finding, case.series[0].id), mask)
        seg = callout.export(case, folder, to=["seg"]).files[0]
    said = subprocess.run([tool, str(seg)], check=False, capture_output=True, text=True)
    errors = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert errors == []


def test_identities_are_those_of_the_images_in_any_alphabet(tmp_path: Path) -> None:
    paths = made_stacks.series(tmp_path / "images")
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
        dataset.PatientName = "Yamada^Tarou=山田^太郎"
        dataset.StudyDescription = "胸部"
        dataset.save_as(path)
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, box((1, 2), (1, 2), (1, 2)))
        dataset = pydicom.dcmread(callout.export(case, tmp_path / "out", to=["seg"]).files[0])
    assert str(dataset.PatientName) == "Yamada^Tarou=山田^太郎"
    assert dataset.PatientID == "P1"
    assert dataset.SpecificCharacterSet == "ISO_IR 192"


def test_names_that_dicom_can_not_hold_are_mended_in_the_seg(empty_cases: dict[str, Path], folder: Path) -> None:
    with made_stacks.copy_of(empty_cases["axial"], folder.parent) as case:
        finding = case.add_finding("cavity", name="a\\b\x1b[2J\n" + "läsion " * 20, site="../\\étage")
        case.set_mask(case.add_region(finding, case.series[0].id), box((1, 2), (1, 2), (1, 2)))
        files = callout.export(case, folder, to=["seg", "nifti"]).files
        label = pydicom.dcmread(files[0]).SegmentSequence[0].SegmentLabel
        assert label.startswith("a b [2J läsion")
        assert len(label) <= 64
        assert all(path.parent == folder for path in files)


def test_the_same_case_gives_the_same_nifti_bytes(empty_cases: dict[str, Path], folder: Path) -> None:
    with made_stacks.copy_of(empty_cases["axial"], folder.parent) as case:
        made_stacks.draw(case, box((1, 4), (2, 5), (1, 3)))
        one = callout.export(case, folder, to=["nifti"]).files[0].read_bytes()
        other = callout.export(case, folder.parent / "again", to=["nifti"]).files[0].read_bytes()
    assert one == other


def test_an_uneven_series_is_refused_as_nifti_and_fine_as_seg(empty_cases: dict[str, Path], folder: Path) -> None:
    with made_stacks.copy_of(empty_cases["uneven"], folder.parent) as case:
        made_stacks.draw(case, box((0, 5), (2, 5), (1, 3)))
        with pytest.raises(InputError, match="uneven slices"):
            callout.export(case, folder, to=["seg", "nifti"])
        assert not folder.exists()
        callout.export(case, folder, to=["seg"])
        assert verify(folder) == []
