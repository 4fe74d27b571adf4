"""The committed thorax sample against what its issue asks for, read with pydicom and nothing of ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt, gaussian_filter

THORAX = Path(__file__).resolve().parents[3] / "sample_dicoms" / "thorax"
FILES = [*sorted((THORAX / "images").glob("*.dcm")), *sorted((THORAX / "truth").glob("*.dcm"))]
IN_PLANE = np.ones((1, 3, 3), dtype=bool)

Mask = NDArray[np.bool_]


@cache
def slices() -> list[Dataset]:
    found = [dcmread(path) for path in (THORAX / "images").glob("*.dcm")]
    return sorted(found, key=lambda dataset: float(dataset.ImagePositionPatient[2]))


@cache
def hounsfield() -> NDArray[np.float64]:
    return np.stack([s.pixel_array * float(s.RescaleSlope) + float(s.RescaleIntercept) for s in slices()])


@cache
def masks(name: str) -> dict[str, Mask]:
    """Masks by segment label, slices from below upwards."""
    dataset = dcmread(THORAX / "truth" / name)
    frames = np.atleast_3d(dataset.pixel_array)
    heights = [round(float(s.ImagePositionPatient[2]), 3) for s in slices()]
    labels = {item.SegmentNumber: item.SegmentLabel for item in dataset.SegmentSequence}
    found = {label: np.zeros(hounsfield().shape, dtype=bool) for label in labels.values()}
    for frame, item in zip(frames, dataset.PerFrameFunctionalGroupsSequence, strict=True):
        z = round(float(item.PlanePositionSequence[0].ImagePositionPatient[2]), 3)
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        found[labels[number]][heights.index(z)] = frame > 0
    return found


def findings(start: str) -> dict[str, Mask]:
    return {label: mask for label, mask in masks("findings.seg.dcm").items() if label.startswith(start)}


def parts(start: str) -> dict[str, Mask]:
    return {label: mask for label, mask in masks("parts.seg.dcm").items() if label.startswith(start)}


def truth() -> dict[str, Any]:
    known: dict[str, Any] = json.loads((THORAX / "truth.json").read_text(encoding="utf-8"))
    return known


def core(mask: Mask, steps: int = 1) -> Mask:
    return np.asarray(binary_erosion(mask, IN_PLANE, iterations=steps))


def test_the_series_is_one_even_stack_of_5_mm_off_the_midline() -> None:
    stack = slices()
    heights = [float(s.ImagePositionPatient[2]) for s in stack]
    assert len(stack) == 54
    assert np.allclose(np.diff(heights), 5.0)
    assert {float(s.SliceThickness) for s in stack} == {5.0}
    assert {tuple(map(float, s.ImageOrientationPatient)) for s in stack} == {(1, 0, 0, 0, 1, 0)}
    assert len({s.SeriesInstanceUID for s in stack}) == 1
    assert 0.7 <= float(stack[0].PixelSpacing[0]) <= 0.87
    assert all(s.PatientID == "CALLOUT-THORAX" and "no patient" in s.ImageComments for s in stack)
    assert abs(truth()["body_midline_x_mm"]) > 3


def test_the_body_lies_where_the_truth_says() -> None:
    first = slices()[0]
    body = hounsfield()[:, : hounsfield().shape[1] // 2] > -500
    columns = np.flatnonzero(body.sum(axis=(0, 1)) > 200)
    middle = float(first.ImagePositionPatient[0]) + (columns[0] + columns[-1]) / 2 * float(first.PixelSpacing[1])
    assert middle == pytest.approx(truth()["body_midline_x_mm"], abs=4)


def test_lung_is_near_minus_850_and_denser_behind() -> None:
    volume = hounsfield()
    lung = core((volume > -930) & (volume < -760), 1)
    assert np.median(volume[lung]) == pytest.approx(-850, abs=20)
    rows = np.arange(volume.shape[1])[None, :, None] + 0 * volume
    front, back = np.quantile(rows[lung], [0.2, 0.8])
    assert np.mean(volume[lung & (rows > back)]) - np.mean(volume[lung & (rows < front)]) > 15


def test_noise_has_an_sd_of_about_20_and_neighbours_resemble_each_other() -> None:
    volume = hounsfield()
    liver = core((gaussian_filter(volume, (0, 3, 3)) > 90) & (volume < 190), 12)
    residue = volume - gaussian_filter(volume, (0, 8, 8))
    assert 15 < residue[liver].std() < 25
    both = liver[:, :, 1:] & liver[:, :, :-1]
    assert np.corrcoef(residue[:, :, 1:][both], residue[:, :, :-1][both])[0, 1] > 0.4


def test_at_least_four_cavitating_lesions_on_both_sides() -> None:
    cavities = findings("cavitating lesion, ")
    assert len(cavities) >= 4
    middle = truth()["body_midline_x_mm"]
    for label in cavities:
        known = next(f for f in truth()["findings"] if f["label"] == label)
        assert (known["centre_mm"][0] > middle) == ("left" in label)
    assert {"left", "right"} <= {word for label in cavities for word in label.split()}


@pytest.mark.parametrize("label", [known["label"] for known in truth()["cavities"]])
def test_a_cavitating_lesion_is_wall_and_lumen(label: str) -> None:
    outer = findings(label)[label]
    wall, lumen = parts(f"wall of {label}")[f"wall of {label}"], parts(f"lumen of {label}")[f"lumen of {label}"]
    assert np.array_equal(outer, wall | lumen)
    assert not (wall & lumen).any()
    volume = hounsfield()
    assert 30 <= np.median(volume[core(wall)]) <= 60
    gas = core(lumen) & (volume < -700)
    assert np.median(volume[gas]) == pytest.approx(-970, abs=15)
    known = next(c for c in truth()["cavities"] if c["label"] == label)
    assert 3.8 <= known["wall_mm"][0] < known["wall_mm"][1] <= 15.5
    assert known["wall_mm"][1] - known["wall_mm"][0] > 2, "the wall is irregular"
    middle = int(np.argmax(lumen.sum(axis=(1, 2))))
    spacing = float(slices()[0].PixelSpacing[0])
    rim = outer[middle] & ~binary_erosion(outer[middle])
    thickness = distance_transform_edt(~lumen[middle], sampling=spacing)[rim]
    assert known["wall_mm"][0] - 0.01 <= thickness.min()
    assert thickness.max() <= known["wall_mm"][1] + 0.01


def test_one_cavity_has_an_air_fluid_level_with_the_fluid_behind() -> None:
    (known,) = [c for c in truth()["cavities"] if c["air_fluid_level"]]
    lumen = core(parts(f"lumen of {known['label']}")[f"lumen of {known['label']}"], 2)
    volume = hounsfield()
    fluid, gas = lumen & (volume > -300), lumen & (volume < -700)
    assert fluid.sum() > 200
    assert -20 < np.median(volume[fluid]) < 30
    for plane_fluid, plane_gas in zip(fluid, gas, strict=True):
        if plane_fluid.any() and plane_gas.any():
            assert np.nonzero(plane_fluid)[0].min() >= np.nonzero(plane_gas)[0].max() - 1


def test_the_bulla_is_thin_walled_and_no_finding() -> None:
    (bulla,) = parts("bulla").values()
    volume = hounsfield()
    assert np.median(volume[core(bulla, 2)]) < -950
    shell = binary_dilation(bulla, IN_PLANE, iterations=4) & ~binary_dilation(bulla, IN_PLANE, iterations=2)
    assert np.median(volume[shell]) < -700, "lung lies within 2 mm of the lumen"
    assert not any((bulla & mask).any() for mask in masks("findings.seg.dcm").values())


def test_ground_glass_shows_vessels_and_fades_out() -> None:
    volume = hounsfield()
    areas = findings("ground glass, ")
    assert len(areas) >= 2
    for mask in areas.values():
        inner = core(mask, 2)
        assert -650 < np.median(volume[inner]) < -450
        assert (volume[inner] > -350).mean() > 0.02, "vessels are visible"
        near = mask & ~core(mask, 2)
        assert np.median(volume[near]) < np.median(volume[inner]) - 20, "the edge is soft"


def test_consolidation_holds_air_bronchograms() -> None:
    volume = hounsfield()
    areas = findings("consolidation, ")
    assert len(areas) >= 1
    for mask in areas.values():
        assert 20 <= np.median(volume[core(mask, 2)]) <= 50
        assert 0.003 < (volume[core(mask, 3)] < -200).mean() < 0.25


def test_the_three_kinds_do_not_overlap() -> None:
    assert np.sum(list(masks("findings.seg.dcm").values()), axis=0).max() == 1


def test_the_slice_of_figure_1_shows_all_three_kinds() -> None:
    known = truth()["figure_1"]
    (k,) = [n for n, s in enumerate(slices()) if Path(s.filename).name == known["file"]]
    assert k == known["slice_from_below"]
    for start in ("cavitating lesion, ", "ground glass, ", "consolidation, "):
        assert max(int(mask[k].sum()) for mask in findings(start).values()) > 400
    shown = [label for label, mask in masks("findings.seg.dcm").items() if mask[k].any()]
    assert shown == known["shows"]


def test_the_report_is_one_line_and_tells_the_truth() -> None:
    text = (THORAX / "report.txt").read_text(encoding="utf-8")
    assert "\n" not in text
    assert re.search(r"Figure 1 [^.]*\(1\)[^.]*\(2\)[^.]*\(3\)", text)
    assert re.search(r"CT of the chest [^.]*\(figure 1\)", text)
    assert re.search(r"Figure 2 Round cell tumour with osteoid\.", text)
    size = re.search(r"right upper lobe, measured ([\d.]+)×([\d.]+) cm", text)
    assert size is not None
    cavities = [f for f in truth()["findings"] if f["concept"] == "cavity"]
    largest = max(cavities, key=lambda f: float(f["long_axis_mm"]))
    assert largest["label"] == "cavitating lesion, right upper lobe"
    assert float(size[1]) * 10 == pytest.approx(largest["long_axis_mm"], abs=0.51)
    assert float(size[2]) * 10 == pytest.approx(largest["short_axis_mm"], abs=0.51)
    for name in ("ground glass, right middle lobe", "ground glass, left upper lobe", "consolidation, left lower lobe"):
        assert name in masks("findings.seg.dcm")


def test_figure_2_is_a_small_picture() -> None:
    from PIL import Image

    path = THORAX / "figure-2.png"
    assert path.stat().st_size < 600_000
    with Image.open(path) as picture:
        assert picture.size == (800, 600)


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in THORAX.rglob("*") if path.is_file()]
    assert max(sizes) < 5_000_000
    assert sum(sizes) <= 7_000_000


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
def test_dciodvfy_finds_no_error() -> None:
    assert len(FILES) > 2
    for path in FILES:
        said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert "Error" not in said.stdout + said.stderr, f"{path.name}: {said.stderr}"
