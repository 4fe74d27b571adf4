"""Structure sets out, and in again: the same voxels in every orientation, and what other programs see in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import made_stacks
import nibabel
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
import SimpleITK
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_frames import enhanced, legacy, mosaic
from made_series import image, uid, write
from made_stacks import SHAPE, box
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import import_masks, verify
from callout.exports.rtstruct import MOST_BYTES

Bits = npt.NDArray[np.bool_]
SAMPLES = Path(__file__).parents[3] / "sample_dicoms"
NOT_KNOWN = "(0x3010,0x00a0)"  # ConceptualVolumeIdentificationSequence, younger than the dciodvfy of 2022
RING = box((0, 5), (0, 6), (0, 5)) & ~box((1, 4), (1, 5), (1, 4)) | box((2, 3), (2, 4), (2, 3))


@pytest.fixture(scope="module")
def empty_cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A case without findings on a series of every orientation."""
    paths = {}
    for scan in made_stacks.SCANS:
        with made_stacks.case(tmp_path_factory.mktemp("scan"), scan) as case:
            paths[scan] = case.path
    return paths


def exported(case: Case, folder: Path) -> Dataset:
    data_set: Dataset = pydicom.dcmread(callout.export(case, folder, to=["rtstruct"]).files[0])
    return data_set


@given(scan=st.sampled_from(sorted(made_stacks.SCANS)), masks=st.lists(hnp.arrays(bool, SHAPE), min_size=1, max_size=3))
@settings(max_examples=20)
def test_what_goes_out_comes_in_again(empty_cases: dict[str, Path], scan: str, masks: list[Bits]) -> None:
    assume(all(mask.any() for mask in masks))
    with tempfile.TemporaryDirectory() as name, made_stacks.copy_of(empty_cases[scan], Path(name)) as case:
        made_stacks.draw(case, *masks)
        path = callout.export(case, Path(name, "out"), to=["rtstruct"]).files[0]
        assert verify(Path(name, "out")) == []
        with made_stacks.copy_of(empty_cases[scan], Path(name), "other.callout") as other:
            came = import_masks(other, path)
            assert came.left_out == ()
            told = [(f.concept, f.laterality, f.tracking_uid) for f in case.findings]
            assert [(f.concept, f.laterality, f.tracking_uid) for f in other.findings] == told
            for (_, region), mask in zip(came.made, masks, strict=True):
                assert np.array_equal(other.mask(region), mask)


@pytest.mark.parametrize("scan", made_stacks.SCANS)
def test_contours_lie_in_their_images_planes_along_voxel_edges(
    empty_cases: dict[str, Path], scan: str, tmp_path: Path
) -> None:
    with made_stacks.copy_of(empty_cases[scan], tmp_path) as case:
        made_stacks.draw(case, RING)
        series = case.series[0]
        data_set = exported(case, tmp_path / "out")
    slices = {one.sop_instance_uid: k for k, one in enumerate(series.instances)}
    for contour in data_set.ROIContourSequence[0].ContourSequence:
        points = np.array(contour.ContourData, np.float64).reshape(-1, 3)
        places = series.grid.indices(points)
        assert np.abs(places[:, 0] - slices[contour.ContourImageSequence[0].ReferencedSOPInstanceUID]).max() < 1e-3
        assert np.abs(places[:, 1:] % 1 - 0.5).max() < 1e-3
        assert len(points) == contour.NumberOfContourPoints
    assert data_set.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID == uid("frame")


def test_numbers_names_colours_and_codes(empty_cases: dict[str, Path], tmp_path: Path) -> None:
    with made_stacks.copy_of(empty_cases["axial"], tmp_path) as case:
        for name in ("Läsion 結節", "Läsion 結節", "a\\b\x1b[2J\n" + "long " * 20, ""):
            finding = case.add_finding("cavity", name=name, laterality="left", site="left upper lobe")
            case.set_mask(case.add_region(finding, case.series[0].id), box((1, 2), (1, 2), (1, 2)))
        data_set = exported(case, tmp_path / "out")
        rois = data_set.StructureSetROISequence
        assert [roi.ROINumber for roi in rois] == [1, 2, 3, 4]
        assert [roi.ROIName for roi in rois[:2]] == ["Läsion 結節", "Läsion 結節 (2)"]
        assert rois[3].ROIName == "left cavity"
        assert all(len(roi.ROIName) <= 64 for roi in rois)
        assert rois[2].ROIDescription.endswith("long long")
        assert {roi.ROIGenerationAlgorithm for roi in rois} == {"MANUAL"}
        [colour] = {tuple(item.ROIDisplayColor) for item in data_set.ROIContourSequence}
        assert colour == (0xD5, 0x5E, 0x00)
        place = data_set.RTROIObservationsSequence[0].AnatomicRegionSequence[0]
        assert (place.CodeMeaning, place.AnatomicRegionModifierSequence[0].CodeMeaning) == (
            "Upper lobe of lung",
            "Left",
        )
        with made_stacks.copy_of(empty_cases["axial"], tmp_path, "b.callout") as other:
            import_masks(other, next((tmp_path / "out").glob("*.dcm")))
            assert [f.name for f in other.findings[:2]] == ["Läsion 結節"] * 2
            assert other.findings[2].name == "a\\b [2J " + ("long " * 20).strip()
            assert {(f.concept, f.laterality) for f in other.findings} == {("cavity", "left")}


def test_the_algorithm_survives(empty_cases: dict[str, Path], tmp_path: Path) -> None:
    with made_stacks.copy_of(empty_cases["axial"], tmp_path) as case:
        made_stacks.draw(case, RING)
        data_set = exported(case, tmp_path / "out")
    roi = data_set.StructureSetROISequence[0]
    roi.ROIGenerationAlgorithm, roi.ROIGenerationDescription = "AUTOMATIC", "a net"
    data_set.save_as(tmp_path / "m.dcm")
    with made_stacks.copy_of(empty_cases["axial"], tmp_path, "b.callout") as other:
        import_masks(other, tmp_path / "m.dcm")
        roi = exported(other, tmp_path / "again").StructureSetROISequence[0]
    assert (roi.ROIGenerationAlgorithm, roi.ROIGenerationDescription) == ("AUTOMATIC", "a net")


def slices(start: int = 0, modality: str = "CT") -> list[Dataset]:
    images = [image(k, modality=modality) for k in range(4)]
    for k, one in enumerate(images, start):
        one.SOPInstanceUID, one.SpacingBetweenSlices = uid("slice", k), 2.5
        one.AcquisitionNumber = 1 + start // 4
    return images


FILES: dict[str, tuple[Callable[[], list[Dataset]], dict[float, tuple[int, int | None]]]] = {
    "enhanced, from top to bottom": (lambda: [enhanced(slices()[::-1])], {2.5: (0, 3), 5.0: (0, 2)}),
    "legacy converted": (lambda: [legacy(slices())], {2.5: (0, 3), 5.0: (0, 2)}),
    "two phases": (lambda: [enhanced(slices() + slices(4))], {2.5: (0, 6), 5.0: (0, 7)}),
    "two files": (lambda: [enhanced(slices()[:2]), enhanced(slices()[2:])], {2.5: (0, 2), 5.0: (1, 1)}),
    "mosaic": (lambda: [mosaic(slices(modality="MR"))], {2.5: (0, None), 5.0: (0, None)}),
}


@pytest.mark.parametrize("name", FILES)
def test_contours_name_file_and_frame(name: str, tmp_path: Path) -> None:
    """And come in again on the stack that they name, though another has the same place."""
    made, expected = FILES[name]
    files = made()
    for number, one in enumerate(files):
        write(one, tmp_path / "images" / f"{number}.dcm")
    with callout.create_case(tmp_path / "a.callout", images=[tmp_path / "images"], reader="r") as case:
        series = case.series[-1]
        region = case.add_region(case.add_finding("cavity"), series.id)
        for k in (1, 2):
            case.paint(region, k, np.eye(*series.grid.shape[1:], dtype=bool))
        mask = case.mask(region)
        data_set = exported(case, tmp_path / "out")
    found = {}
    for contour in data_set.ROIContourSequence[0].ContourSequence:
        (source,) = contour.ContourImageSequence
        number = [one.SOPInstanceUID for one in files].index(source.ReferencedSOPInstanceUID)
        assert source.ReferencedSOPClassUID == files[number].SOPClassUID
        found[round(float(contour.ContourData[2]), 4)] = number, source.get("ReferencedFrameNumber")
    assert found == expected
    listed = data_set.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    uids = [item.ReferencedSOPInstanceUID for item in listed.ContourImageSequence]
    assert sorted(uids) == sorted({one.sop_instance_uid for one in series.instances})
    with callout.create_case(tmp_path / "b.callout", images=[tmp_path / "images"], reader="r") as other:
        [(_, again)] = import_masks(other, next((tmp_path / "out").glob("*.dcm"))).made
        assert again.series_id == series.id
        assert np.array_equal(other.mask(again), mask)


@pytest.fixture
def large(tmp_path: Path) -> Case:
    """A case of a few large slices of 0.8 × 0.7 mm."""
    for k in range(2):
        one = image(k)
        one.Rows, one.Columns = 150, 160
        one.PatientSex, one.PatientBirthDate, one.StudyID = "O", "", "1"
        one.add_new(0x7FE00010, "OW", bytes(2 * 150 * 160))
        write(one, tmp_path / "images" / f"{k}.dcm")
    return callout.create_case(tmp_path / "large.callout", images=[tmp_path / "images"], reader="r1")


def winding(shape: tuple[int, int, int]) -> Bits:
    """One island with very many holes in each slice, islands in some of them, and voxels at the border."""
    mask = np.ones(shape, bool)
    mask[:, 1:-1:2, 1:-1:2] = False
    mask[:, 40:80, 40:80] = False
    mask[:, 50:60, 50:60] = True
    return mask


def test_values_fit_into_explicit_vr(large: Case, tmp_path: Path) -> None:
    """Few readers know what PS3.5 6.2.2 says of longer ones: a slice that winds too much is cut into bands."""
    with large as case:
        mask = winding(case.series[0].grid.shape)
        case.set_mask(case.add_region(case.add_finding("cavity"), case.series[0].id), mask)
        data_set = exported(case, tmp_path / "out")
    contours = data_set.ROIContourSequence[0].ContourSequence
    assert len(contours) > 2 * len(mask)
    for contour in contours:
        assert contour["ContourData"].VR == "DS"
        texts = [value.original_string for value in contour.ContourData]
        assert max(map(len, texts)) <= 16
        assert len("\\".join(texts)) <= MOST_BYTES


def test_plastimatch_fills_the_same_voxels(large: Case, tmp_path: Path) -> None:
    tool = shutil.which("plastimatch")
    if tool is None:
        pytest.skip("plastimatch is not installed")
    with large as case:
        grid = case.series[0].grid
        ring = np.zeros(grid.shape, bool)
        ring[:1, 20:120, 30:140], ring[:1, 40:60, 50:70], ring[:1, 45:50, 55:60] = True, False, True
        ring[:1, 80:90, 60:120] = False
        one = np.zeros(grid.shape, bool)
        one[1, 149, 159] = one[1, 148, 158] = True
        for name, mask in (("ring", ring), ("one", one), ("winding", winding(grid.shape))):
            case.set_mask(case.add_region(case.add_finding("cavity", name=name), case.series[0].id), mask)
        masks = [case.mask(region) for region in case.regions]
        callout.export(case, tmp_path / "out", to=["rtstruct"])
    command = [tool, "convert", "--input", str(next((tmp_path / "out").glob("*.dcm")))]
    command += ["--referenced-ct", str(tmp_path / "images"), "--output-prefix", str(tmp_path / "read")]
    subprocess.run([*command, "--prefix-format", "nrrd"], check=True, capture_output=True)
    for name, mask in zip(("ring", "one", "winding"), masks, strict=True):
        read = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "read" / f"{name}.nrrd")))
        assert np.array_equal(read > 0, mask)


@pytest.mark.parametrize("scan", ["axial", "oblique", "tilted gantry", "uneven"])
def test_dciodvfy_finds_no_error_but_an_attribute_that_it_does_not_know(
    empty_cases: dict[str, Path], scan: str, tmp_path: Path
) -> None:
    tool = shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed")
    with made_stacks.copy_of(empty_cases[scan], tmp_path) as case:
        made_stacks.draw(case, RING, box((1, 2), (1, 2), (1, 2)))
        path = callout.export(case, tmp_path / "out", to=["rtstruct"]).files[0]
    said = subprocess.run([tool, str(path)], check=False, capture_output=True, text=True)
    lines = (said.stdout + said.stderr).splitlines()
    assert "RTStructureSet" in lines
    assert [line for line in lines if line.startswith("Error") and NOT_KNOWN not in line] == []


def test_packed_as_asked(empty_cases: dict[str, Path], tmp_path: Path) -> None:
    from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

    with made_stacks.copy_of(empty_cases["axial"], tmp_path) as case:
        made_stacks.draw(case, RING)
        plain = callout.export(case, tmp_path / "a", to=["rtstruct"], compression="rle").files[0]
        small = callout.export(case, tmp_path / "b", to=["rtstruct"], compression="deflated").files[0]
    assert pydicom.dcmread(plain).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert pydicom.dcmread(small).file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    assert small.stat().st_size < plain.stat().st_size / 2


def test_a_series_without_a_frame_of_reference_is_refused_by_name(tmp_path: Path) -> None:
    """Contours lie in one (ReferencedFrameOfReferenceUID is of type 1), and one that we make up is nobody else's."""
    for path in made_stacks.series(tmp_path / "images"):
        data_set = pydicom.dcmread(path)
        del data_set.FrameOfReferenceUID
        data_set.save_as(path)
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, RING)
        with pytest.raises(InputError, match="FrameOfReferenceUID"):
            callout.export(case, tmp_path / "out", to=["rtstruct"])
        assert not (tmp_path / "out").exists()
        said = callout.export(case, tmp_path / "out", to=["all"]).left_out
    assert any(text.startswith("rtstruct: ") and "FrameOfReferenceUID" in text for text in said)


def test_no_identity_beyond_what_the_images_carry(tmp_path: Path) -> None:
    for path in made_stacks.series(tmp_path / "images"):
        data_set = pydicom.dcmread(path)
        data_set.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
        data_set.PatientName, data_set.OperatorsName = "Yamada^Tarou=山田^太郎", "Secret^Op"
        data_set.InstitutionName, data_set.StationName = "Secret hospital", "Secret"
        data_set.save_as(path)
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, RING)
        path = callout.export(case, tmp_path / "out", to=["rtstruct"]).files[0]
    data_set = pydicom.dcmread(path)
    assert (str(data_set.PatientName), data_set.PatientID) == ("Yamada^Tarou=山田^太郎", "P1")
    assert b"Secret" not in path.read_bytes()
    assert path.read_bytes()[:128] == bytes(128)


SETS = {
    "ibsi_sts_003_ct_mr_rtstruct_nifti/dicom/CT": ("image", "mask/RS.dcm", "CT", 25693),
    "ibsi_sts_003_ct_mr_rtstruct_nifti/dicom/MR_T1": ("image", "mask/RS.dcm", "MR_T1", 25693),
    "sts001_mr_t1_t2fs_rtstruct/MR_T1": ("image", "rtstruct/1-1.dcm", "", 459702),
    "sts001_mr_t1_t2fs_rtstruct/MR_T2": ("image", "rtstruct/1-1.dcm", "", 256115),
}


@pytest.mark.parametrize("name", SETS)
def test_real_sets_equal_their_reference_masks_and_go_out_unchanged(name: str, tmp_path: Path) -> None:
    data = os.environ.get("CALLOUT_DATA")
    if not data:
        pytest.skip("CALLOUT_DATA is not set")
    images, structures, reference, voxels = SETS[name]
    with callout.create_case(tmp_path / "a.callout", Path(data, name, images), reader="r1") as case:
        came = import_masks(case, Path(data, name, structures))
        assert came.left_out == ()
        masks = [case.mask(region) for _, region in came.made]
        assert masks[0].sum() == voxels
        if reference:
            read = nibabel.load(Path(data, name).parents[1] / "nifti" / f"{reference}_mask.nii.gz")
            where = np.argwhere(np.asarray(read.dataobj) > 0)
            ras = np.column_stack([where, np.ones(len(where))]) @ read.affine.T
            places = case.series[0].grid.indices(ras[:, :3] * [-1, -1, 1])
            expected = np.zeros(case.series[0].grid.shape, bool)
            expected[tuple(np.rint(places).astype(int).T)] = True
            assert np.array_equal(masks[0], expected)
        path = callout.export(case, tmp_path / "out", to=["rtstruct"]).files[0]
    with callout.create_case(tmp_path / "b.callout", Path(data, name, images), reader="r1") as other:
        again = import_masks(other, path)
        assert [f.name for f, _ in again.made] == [f.name for f, _ in came.made]
        for (_, region), mask in zip(again.made, masks, strict=True):
            assert np.array_equal(other.mask(region), mask)
