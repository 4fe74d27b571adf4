"""The committed spine sample holds what its truth and its report say, read with pydicom alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import FileDataset

SPINE = Path(__file__).resolve().parents[3] / "sample_dicoms" / "spine"
TRUTH: dict[str, Any] = json.loads((SPINE / "truth.json").read_text(encoding="utf-8"))
AFTER = ("cor_t1_c", "ax_t1_c", "cor_stir_c")
SERIES = {
    "localizer": ("LOCALIZER", 10),
    "sag_t2": ("SAG T2 TSE", 15),
    "sag_stir": ("SAG STIR", 15),
    "cor_t1": ("COR T1 TSE", 22),
    "cor_stir": ("COR STIR", 22),
    "ax_stir": ("AX STIR", 20),
    "cor_t1_c": ("COR T1 TSE +C", 22),
    "ax_t1_c": ("AX T1 TSE +C", 20),
    "cor_stir_c": ("COR STIR +C", 22),
}


@cache
def images(folder: str) -> list[FileDataset]:
    found = [dcmread(path) for path in sorted((SPINE / "images" / folder).glob("*.dcm"))]
    return sorted(found, key=lambda image: int(image.InstanceNumber))


def vectors(image: FileDataset) -> NDArray[np.float64]:
    """Return the directions along a row, down a column and across the slice, as rows."""
    along, down = np.asarray(image.ImageOrientationPatient, float).reshape(2, 3)
    return np.stack([along, down, np.cross(along, down)])


def value_at(folder: str, point: list[float]) -> float | None:
    """Return the mean of 3 × 3 pixels where a point (LPS mm, before contrast) lies, or None."""
    place = np.asarray(point) + (TRUTH["motion_mm"] if folder in AFTER else np.zeros(3))
    for image in images(folder):
        offset = vectors(image) @ (place - np.asarray(image.ImagePositionPatient, float))
        j, i = (round(float(offset[n]) / float(image.PixelSpacing[1 - n])) for n in (0, 1))
        inside = 1 <= i < image.Rows - 1 and 1 <= j < image.Columns - 1
        if inside and abs(offset[2]) <= image.SpacingBetweenSlices / 2:
            return float(image.pixel_array[i - 1 : i + 2, j - 1 : j + 2].mean())
    return None


def signal(folder: str, points: list[list[float]]) -> float:
    values = [value for value in (value_at(folder, point) for point in points) if value is not None]
    assert values, f"{folder} sees none of the points"
    return float(np.median(values))


def probe(folder: str, tissue: str) -> float:
    return signal(folder, TRUTH["probes_mm"][tissue])


@cache
def masks(name: str) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Return segment label → SOP instance UID of the image → mask."""
    dataset = dcmread(SPINE / "truth" / f"{name}.seg.dcm")
    shared = dataset.SharedFunctionalGroupsSequence[0]
    labels = {item.SegmentNumber: item.SegmentLabel for item in dataset.SegmentSequence}
    frames = dataset.pixel_array.reshape(-1, dataset.Rows, dataset.Columns)
    found: dict[str, dict[str, NDArray[np.bool_]]] = {label: {} for label in labels.values()}
    for item, frame in zip(dataset.PerFrameFunctionalGroupsSequence, frames, strict=True):
        holder = item if "SegmentIdentificationSequence" in item else shared  # one segment: said once for all
        label = labels[holder.SegmentIdentificationSequence[0].ReferencedSegmentNumber]
        source = item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        found[label][source] = frame.astype(bool)
    return found


def points_of(folder: str, name: str, label: str) -> NDArray[np.float64]:
    """Return the voxel centres (n, 3) of a segment in LPS mm."""
    by_uid = {image.SOPInstanceUID: image for image in images(folder)}
    found = []
    for source, mask in masks(name)[label].items():
        image, (rows, columns) = by_uid[source], np.nonzero(mask)
        along, down, _ = vectors(image)
        found.append(
            np.asarray(image.ImagePositionPatient, float)
            + columns[:, None] * along * image.PixelSpacing[1]
            + rows[:, None] * down * image.PixelSpacing[0]
        )
    return np.concatenate(found)


def test_the_study_holds_its_nine_series_in_one_frame_of_reference() -> None:
    found = {name: (images(name)[0].SeriesDescription, len(images(name))) for name in SERIES}
    assert found == SERIES
    every = [image for name in SERIES for image in images(name)]
    for keyword in ("FrameOfReferenceUID", "StudyInstanceUID", "PatientID", "PatientPosition"):
        assert len({image[keyword].value for image in every}) == 1
    assert len({image.SeriesInstanceUID for image in every}) == 9
    assert len({image.SOPInstanceUID for image in every}) == len(every)
    assert {image.file_meta.TransferSyntaxUID for image in every} == {"1.2.840.10008.1.2.4.80"}


def test_contrast_is_told_only_after_it_was_given() -> None:
    first_after = min(images(name)[0].AcquisitionTime for name in AFTER)
    for name in SERIES:
        for image in images(name):
            assert ("ContrastBolusAgent" in image) == (name in AFTER)
            assert (image.AcquisitionTime >= first_after) == (name in AFTER)


def test_one_window_per_series_and_the_same_before_and_after_contrast() -> None:
    windows = {n: {(i.WindowCenter, i.WindowWidth) for i in images(n)} for n in SERIES}
    assert all(len(window) == 1 for window in windows.values())
    assert windows["cor_t1"] == windows["cor_t1_c"]
    assert windows["cor_stir"] == windows["cor_stir_c"]


@pytest.mark.parametrize("name", sorted(SERIES))
def test_the_header_tells_the_sequence(name: str) -> None:
    image = images(name)[0]
    stir = "STIR" in image.SeriesDescription
    assert ("InversionTime" in image) == stir
    assert ("IR" in image.ScanningSequence) == stir
    assert (image.RepetitionTime < 700) == ("T1" in image.SeriesDescription)
    assert image.MagneticFieldStrength == 1.5
    assert (image.ImageType[2] == "LOCALIZER") == (name == "localizer")
    assert image.BodyPartExamined == "LSPINE"


@pytest.mark.parametrize("name", sorted(set(SERIES) - {"localizer"}))
def test_slices_are_4_mm_with_a_gap_of_0_4_mm(name: str) -> None:
    found = images(name)
    gaps = []
    for one, following in pairwise(found):
        if one.ImageOrientationPatient == following.ImageOrientationPatient:
            step = np.subtract(following.ImagePositionPatient, one.ImagePositionPatient).astype(float)
            gaps.append(abs(float(step @ vectors(one)[2])))
    assert {image.SliceThickness for image in found} == {4.0}
    assert {image.SpacingBetweenSlices for image in found} == {4.4}
    assert np.allclose(gaps, 4.4, atol=1e-4)


def test_one_localizer_series_holds_two_planes() -> None:
    normals = {tuple(np.round(np.abs(vectors(image)[2]), 3)) for image in images("localizer")}
    assert normals == {(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)}


@pytest.mark.parametrize("name", ["ax_stir", "ax_t1_c"])
def test_axials_are_five_blocks_along_the_discs(name: str) -> None:
    tilts: dict[float, list[float]] = {}
    for image in images(name):
        assert image.Columns * image.PixelSpacing[1] >= 300
        normal = vectors(image)[2]
        along_disc = np.asarray(image.ImagePositionPatient, float) @ normal
        tilts.setdefault(round(float(np.degrees(np.arctan2(normal[1], normal[2]))), 1), []).append(along_disc)
    assert [len(block) for block in tilts.values()] == [4] * 5
    assert list(tilts) == sorted(tilts, reverse=True)
    assert min(tilts) < -20 < 5 < max(tilts)
    discs = [TRUTH["disc_centres_mm"][d] for d in ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")]
    for (tilt, block), disc in zip(tilts.items(), discs, strict=True):
        normal = np.array([0, np.sin(np.radians(tilt)), np.cos(np.radians(tilt))])
        assert min(block) < np.asarray(disc) @ normal < max(block)


@pytest.mark.parametrize("name", ["cor_stir", "cor_t1", "cor_stir_c", "cor_t1_c"])
def test_the_mass_measures_12_1_by_11_5_cm_on_one_coronal_slice(name: str) -> None:
    image = images(name)[TRUTH["largest_coronal_section"]["slice"]]
    rows, columns = np.nonzero(masks(name)["soft tissue mass"][image.SOPInstanceUID])
    row_mm, column_mm = image.PixelSpacing
    assert abs((np.ptp(rows) + 1) * row_mm - 121) <= row_mm + 1e-6
    assert abs((np.ptp(columns) + 1) * column_mm - 115) <= column_mm + 1e-6


def test_side_is_told_by_the_midline_not_by_the_sign_of_x() -> None:
    midline = TRUTH["midline_x_mm"]
    assert abs(midline) > 15
    x = points_of("ax_stir", "ax_stir.L3-L4", "soft tissue mass, spinal canal")[:, 0]
    assert midline < x.mean() < 0


def test_fluid_and_fat_weigh_as_on_a_real_scanner() -> None:
    for fluid in ("cerebrospinal fluid", "urine", "core"):
        assert probe("cor_stir", fluid) > 1.5 * probe("cor_stir", "muscle")
        assert probe("cor_t1", fluid) < 0.8 * probe("cor_t1", "muscle")
    assert probe("sag_t2", "cerebrospinal fluid") > 3 * probe("sag_t2", "muscle")
    assert probe("cor_t1", "fat") > 2 * probe("cor_t1", "muscle")
    assert probe("cor_stir", "fat") < 0.35 * probe("cor_stir", "muscle")
    for name in ("cor_t1", "cor_stir", "ax_t1_c", "ax_stir"):
        assert probe(name, "flow void") < 0.35 * probe(name, "muscle")


def test_contrast_behaves() -> None:
    before, after = ({t: probe(n, t) for t in TRUTH["probes_mm"]} for n in ("cor_t1", "cor_t1_c"))
    assert after["enhancing rim"] > 1.4 * before["enhancing rim"]
    assert after["core"] == pytest.approx(before["core"], rel=0.06)
    assert 1.1 <= after["muscle"] / before["muscle"] <= 1.2
    assert after["renal cortex"] > 1.5 * before["renal cortex"]
    assert after["urine"] == pytest.approx(before["urine"], rel=0.1)
    assert after["fat"] == pytest.approx(before["fat"], rel=0.05)
    assert probe("cor_stir_c", "enhancing rim") < 0.8 * probe("cor_stir", "enhancing rim")


def test_bodies_L1_to_L3_are_altered_and_L4_and_L5_are_not() -> None:  # noqa: N802
    altered = [TRUTH["body_centres_mm"][name] for name in ("L1", "L2", "L3")]
    normal = [TRUTH["body_centres_mm"][name] for name in ("L4", "L5")]
    for body in altered:
        assert signal("cor_t1", [body]) < 0.8 * signal("cor_t1", normal)
        assert signal("sag_stir", [body]) > 1.8 * signal("sag_stir", normal)


def test_the_right_psoas_is_muscle_and_the_left_is_not_until_below_L4() -> None:  # noqa: N802
    right, left = TRUTH["psoas_mm"]["right"], TRUTH["psoas_mm"]["left"]
    muscle = probe("cor_stir", "muscle")
    for a, b in zip(right, left, strict=True):
        high = -30 < a[2] < 60
        assert value_at("cor_stir", a) == pytest.approx(muscle, rel=0.15)
        if high:
            assert (value_at("cor_stir", b) or 0) > 1.3 * muscle
        elif a[2] < -60:
            assert value_at("cor_stir", b) == pytest.approx(muscle, rel=0.15)


def test_the_dilated_left_system_reaches_down_to_the_mass() -> None:
    system = points_of("cor_stir", "cor_stir", "left hydroureteronephrosis")
    mass = points_of("cor_stir", "cor_stir", "soft tissue mass")
    lowest = system[system[:, 2] < system[:, 2].min() + 6]
    near = np.linalg.norm(lowest[:, None, :] - mass[None, :, :], axis=2).min()
    assert system[:, 0].min() > TRUTH["midline_x_mm"] + 30
    assert np.ptp(system[:, 2]) > 70
    assert near < 6


def test_parts_lie_in_the_mass_and_every_part_is_drawn_somewhere() -> None:
    drawn = set()
    for path in sorted((SPINE / "truth").glob("*.seg.dcm")):
        found = masks(path.name.removesuffix(".seg.dcm"))
        drawn |= set(found)
        for label, frames in found.items():
            assert all(mask.any() for mask in frames.values())
            if label.startswith("soft tissue mass, ") and "soft tissue mass" in found:
                whole = found["soft tissue mass"]
                assert all(not (mask & ~whole[source]).any() for source, mask in frames.items())
    assert drawn == set(TRUTH["parts"])


def test_the_same_thing_has_the_same_tracking_in_every_series() -> None:
    seen: dict[str, set[tuple[str, str]]] = {}
    for path in (SPINE / "truth").glob("*.seg.dcm"):
        for item in dcmread(path, stop_before_pixels=True).SegmentSequence:
            seen.setdefault(item.SegmentLabel, set()).add((item.TrackingID, item.TrackingUID))
    assert all(len(ids) == 1 for ids in seen.values())
    assert {next(iter(ids))[0] for ids in seen.values()} == {p["tracking_id"] for p in TRUTH["parts"].values()}


def test_truth_counts_are_those_of_the_segmentations() -> None:
    for entry in TRUTH["series"].values():
        if entry["truth"] is None:
            assert entry["parts"] == {}
            continue
        found = masks(Path(entry["truth"]).name.removesuffix(".seg.dcm"))
        counts = {label: int(sum(mask.sum() for mask in frames.values())) for label, frames in found.items()}
        assert counts == {label: part["voxels"] for label, part in entry["parts"].items()}


def test_the_patient_moved_2_mm_when_contrast_was_given() -> None:
    before, after = (points_of(name, name, "soft tissue mass") for name in ("cor_t1", "cor_t1_c"))
    moved = after.mean(axis=0) - before.mean(axis=0)
    assert np.linalg.norm(TRUTH["motion_mm"]) == pytest.approx(2.0, abs=1e-3)
    assert moved == pytest.approx(TRUTH["motion_mm"], abs=0.4)


def test_simpleitk_reads_the_same_geometry() -> None:
    import SimpleITK as sitk

    found = images("cor_t1")
    files = [str(image.filename) for image in sorted(found, key=lambda i: vectors(i)[2] @ i.ImagePositionPatient)]
    volume = sitk.ReadImage(files)
    assert volume.GetSize() == (232, 232, 22)
    assert volume.GetSpacing() == pytest.approx((1.3, 1.3, 4.4), abs=1e-4)
    first = dcmread(files[0])
    assert volume.GetOrigin() == pytest.approx(tuple(first.ImagePositionPatient))
    assert np.allclose(np.reshape(volume.GetDirection(), (3, 3)).T, vectors(first))
    assert np.array_equal(sitk.GetArrayFromImage(volume)[0], first.pixel_array)


def test_the_report_is_a_poster_whose_body_alone_has_the_size() -> None:
    text = (SPINE / "report.txt").read_text(encoding="utf-8")
    places = [text.index(f"Fig {n}.") for n in (1, 3, 2, 4, 5)]
    body = text.index("A 64-year-old")
    assert places == sorted(places)
    assert places[-1] < body < text.index("12.1 × 11.5 cm")
    assert max(len(line) for line in text.split("\n")) < 60


def test_the_case_stays_small() -> None:
    sizes = [path.stat().st_size for path in SPINE.rglob("*") if path.is_file()]
    assert sum(sizes) <= 5_000_000


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian: dicom3tools) is not installed")
def test_dciodvfy_finds_no_error() -> None:
    for path in sorted(SPINE.rglob("*.dcm")):
        told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        lines = (told.stdout + told.stderr).splitlines()
        assert [line for line in lines if "Error" in line] == [], path.name
