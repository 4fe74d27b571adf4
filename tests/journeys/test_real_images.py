"""Journeys (c) and (d): a real chest CT and a real soft-tissue mass on CT and T1: new, add, link, export, figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image, ImageDraw

import callout
from callout.cli import main

Run = Callable[..., Any]

NODULE = """A lung nodule

A CT of the chest was made.

Figure 1. Axial CT: nodule (arrow) in the right lung.
"""
MASS = """A mass of the thigh

MRI and CT were made.

Figure 1. Axial CT: soft tissue mass (1).

Figure 2. Axial T1-weighted MRI: soft tissue mass (asterisk).
"""


def nodule_mask(data: Path, folder: Path) -> Path:
    """The first reader's nodule as a NIfTI mask, made with other code than the project's own."""
    (series,) = callout.find_series(data / "lidc0314_ct30" / "ct")
    readers = json.loads((data / "lidc0314_ct30" / "lidc_contours_4readers.json").read_text())["readers"]
    mask = np.zeros(series.grid.shape, np.uint8)
    for contour in readers[0]["contours"]:
        k = int(np.abs(series.grid.origins[:, 2] - contour["z"]).argmin())
        picture = Image.new("1", series.grid.shape[:0:-1])
        ImageDraw.Draw(picture).polygon([tuple(point) for point in contour["xy"]], fill=1)
        mask[k] |= np.asarray(picture, np.uint8)
    reference = sitk.ReadImage([instance.path for instance in series.instances])
    image = sitk.GetImageFromArray(mask)
    image.CopyInformation(reference)
    sitk.WriteImage(image, str(folder / "nodule.nii.gz"))
    return folder / "nodule.nii.gz"


def test_a_nodule_on_a_real_chest_ct(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text(NODULE, encoding="utf-8")
    case, mask = tmp_path / "lung.callout", nodule_mask(data, tmp_path)
    run("new", case, "--images", data / "lidc0314_ct30" / "ct", "--report", tmp_path / "report.txt")
    (series,) = run("inspect", data / "lidc0314_ct30" / "ct", "--json")["series"]
    run("add", case, "--series", series["id"][-12:], "--mask", mask, "--finding", "nodule", "--laterality", "right",
        "--mention", "1:arrow")  # fmt: skip
    shown = run("show", case, "--json")
    assert (shown["todo"], len(shown["links"])) == (0, 1)
    assert shown["findings"][0]["laterality"] == "right"
    assert shown["regions"][0]["voxels"] == int(np.asarray(nibabel.load(mask).dataobj).sum())
    run("export", case, "-o", tmp_path / "out", "--to", "all")
    run("verify", tmp_path / "out")
    run("figure", case, "-o", tmp_path)
    picture = np.asarray(Image.open(tmp_path / "figure-1.png"))
    assert picture.shape[1] > 900
    assert picture.std() > 40


def test_a_mass_on_ct_and_t1(run: Run, data: Path, tmp_path: Path) -> None:
    source = data / "ibsi_sts_003_ct_mr_rtstruct_nifti"
    (tmp_path / "report.txt").write_text(MASS, encoding="utf-8")
    case = tmp_path / "thigh.callout"
    run("new", case, "--images", source / "dicom", "--report", tmp_path / "report.txt")
    for series in run("inspect", source / "dicom", "--json")["series"]:
        is_ct = series["modality"] == "CT"
        mask = source / "nifti" / ("CT_mask.nii.gz" if is_ct else "MR_T1_mask.nii.gz")
        run("add", case, "--series", series["id"], "--mask", mask, "--finding", "soft-tissue mass",
            "--mention", "1:1" if is_ct else "2:*")  # fmt: skip
    run("export", case, "-o", tmp_path / "out", "--to", "seg", "nifti")
    run("verify", tmp_path / "out")
    for written in (tmp_path / "out").glob("*.mask.nii.gz"):
        name = "CT_mask.nii.gz" if "-ct-" in written.name else "MR_T1_mask.nii.gz"
        ours, theirs = sitk.ReadImage(str(written)), sitk.ReadImage(str(source / "nifti" / name))
        assert np.array_equal(sitk.GetArrayViewFromImage(ours), sitk.GetArrayViewFromImage(theirs) != 0)
        assert np.allclose(ours.GetOrigin(), theirs.GetOrigin(), atol=0.01)
        assert np.allclose(ours.GetDirection(), theirs.GetDirection(), atol=1e-4)
    run("figure", case, "-o", tmp_path)
    assert (tmp_path / "figure-1.png").is_file()
    assert (tmp_path / "figure-2.png").is_file()


def test_a_mask_of_another_grid_is_refused_and_nothing_changes(
    run: Run, data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = data / "ibsi_sts_003_ct_mr_rtstruct_nifti"
    case, mask = tmp_path / "thigh.callout", nibabel.load(source / "nifti" / "CT_mask.nii.gz")
    shifted = mask.affine.copy()
    shifted[0, 3] += 0.3  # mm: a third of a voxel
    nibabel.save(nibabel.Nifti1Image(np.asarray(mask.dataobj), shifted), tmp_path / "shifted.nii.gz")
    run("new", case, "--images", source / "dicom" / "CT")
    before = case.read_bytes()
    words = ["add", case, "--series", "1", "--mask", tmp_path / "shifted.nii.gz", "--finding", "mass"]
    assert main([str(word) for word in words]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "another grid" in said
    assert "0.31 voxels off" in said
    assert case.read_bytes() == before
