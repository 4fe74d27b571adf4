"""Real series against dcm2niix's reading of them (PEER_dcm2niix.json) and against SimpleITK on the same files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callout import dicom
from callout.geometry import Grid
from callout.volume import Series

DATA = Path(os.environ.get("CALLOUT_DATA", ""))
pytestmark = pytest.mark.skipif(
    not os.environ.get("CALLOUT_DATA"), reason="CALLOUT_DATA does not name the folder of real series"
)

# dcm2niix's outputs that are no CT or MR image (SEG): by what is in their name
NO_IMAGES = ("egmentation", "SUV")
SETS = (
    "cmbcrc_abdomen_mr_a",
    "dcmqi_seg_ct3",
    "ibsi_sts_003_ct_mr_rtstruct_nifti",
    "lidc0314_ct30",
    "sts001_mr_t1_t2fs_rtstruct",
    "totalseg_ct_j2k20",
)


def peer_grid(output: dict[str, Any]) -> Grid:
    """The grid of a NIfTI volume with axes (i, j, k) and a RAS affine, as ours: (k, j, i), LPS."""
    ras = np.array(output["affine"])
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ ras
    columns, rows, slices = output["shape"]
    return Grid.from_affine(lps[:, [2, 1, 0, 3]], (slices, rows, columns))


@pytest.mark.parametrize("name", SETS)
def test_as_dcm2niix_reads_them(name: str) -> None:
    outputs = [
        output
        for output in json.loads((DATA / name / "PEER_dcm2niix.json").read_text())["outputs"]
        if not any(word in output["file"] for word in NO_IMAGES)
    ]
    found = dicom.find_series(DATA / name)
    assert len(found) == len(outputs)
    for series in found:
        assert_one_of(outputs, series)


def assert_one_of(outputs: list[dict[str, Any]], series: Series) -> None:
    """That dcm2niix made the same of `series`: values, shape and place, whichever way its axes run."""
    values = dicom.load(series).voxels.astype(np.float64)
    facts = values.min(), values.max(), values.mean()
    alike = [
        output
        for output in outputs
        if np.allclose(facts, (output["min"], output["max"], output["mean"]), rtol=1e-6, atol=1e-6)
    ]
    assert alike, f"{series.id}: {facts}"
    theirs = peer_grid(alike[0])
    lattice = series.grid.lattice_map(theirs)
    assert lattice.permutation == (0, 1, 2)
    ends = np.array(np.meshgrid(*[(0, n - 1) for n in theirs.shape])).reshape(3, -1).T
    ours = np.stack([lattice.indices[axis][ends[:, axis]] for axis in range(3)], axis=-1)
    assert np.abs(theirs.points(ends) - series.grid.points(ours)).max() < 0.01
    assert {tuple(row) for row in ours} == {tuple(row) for row in ends}


@pytest.mark.parametrize("name", SETS)
def test_as_simpleitk_reads_them(name: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    for series in dicom.find_series(DATA / name):
        if len({instance.path for instance in series.instances}) < len(series.instances):
            continue  # multi-frame files are no slices to this reader
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames([instance.path for instance in series.instances])
        image = reader.Execute()
        assert np.array_equal(sitk.GetArrayFromImage(image), dicom.load(series).voxels)
        assert np.allclose(image.TransformIndexToPhysicalPoint((0, 0, 0)), series.grid.points((0, 0, 0)), atol=1e-3)
        end = tuple(n - 1 for n in series.grid.shape[::-1])
        assert np.allclose(image.TransformIndexToPhysicalPoint(end), series.grid.points(end[::-1]), atol=0.05)


def test_slice_alone_is_the_slice_of_the_volume() -> None:
    for series in dicom.find_series(DATA / "lidc0314_ct30", DATA / "totalseg_ct_j2k20"):
        volume = dicom.load(series)
        for k in (0, len(series.instances) // 2):
            assert np.array_equal(dicom.load_slice(series, k), volume.voxels[k])


def test_what_is_not_read_is_named() -> None:
    reasons = {Path(one.path).name: one for one in dicom.scan([DATA / "dcmqi_seg_ct3"]).skipped}
    assert reasons["liver.dcm"].kind == "other object"
    assert "segmentation" in reasons["liver.dcm"].reason
    assert "structured report" in reasons["sr.dcm"].reason
    assert reasons["LICENCE.txt"].kind == "other file"


def test_mosaics_of_one_series_are_told_apart_by_their_number() -> None:
    outputs = json.loads((DATA / "dcm_qa_ts" / "PEER_dcm2niix.json").read_text())["outputs"]
    found = dicom.find_series(DATA / "dcm_qa_ts" / "In")
    assert [series.id.partition("#")[2] for series in found] == [f"number={number}" for number in range(1, 10)]
    for series in found:
        assert_one_of(outputs, series)


def test_facts_of_real_series() -> None:
    """What radiologists would say of them, from timing and kernel, whatever their descriptions say."""
    names = ("cmbcrc_abdomen_mr_a", "sts001_mr_t1_t2fs_rtstruct", "dcm_qa_ts", "lidc0314_ct30", "totalseg_ct_j2k20")
    found = dicom.find_series(*(DATA / name for name in names))
    sequences = {(one.number, one.sequence) for one in found if one.modality == "MR"}
    assert sequences == {(602, "ADC"), (901, "T2"), (10, "T2"), (11, "T1"), *((n, "T2*") for n in range(1, 10))}
    assert {(one.attributes.get("kernel"), one.contrast) for one in found if one.modality == "CT"} == {
        ("lung", None),
        ("soft", "post-contrast"),
    }


def test_localizers_are_split_by_plane_and_kept() -> None:
    found = dicom.find_series(DATA / "pydicom_dicomdir_charset" / "dicomdirtests" / "98892003" / "MR2")
    pilots = [series for series in found if "PILOT" in series.description]
    assert sorted(series.id.split("#")[1] for series in pilots) == sorted(["axial", "coronal", "sagittal"] * 2)
    assert all(series.is_localizer and series.warnings[0].code == "split" for series in pilots)
