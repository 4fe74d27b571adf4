"""Peers that read RTSTRUCT into masks: plastimatch, and dcmrtstruct2nii."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from interop.child import NotAsked, Refused, run
from interop.truth import Reading, Truth

pydicom.read_file = pydicom.dcmread  # dcmrtstruct2nii calls it by the name that pydicom 3 took away
with redirect_stdout(StringIO()):  # it asks to be cited
    from dcmrtstruct2nii import dcmrtstruct2nii as convert


def plastimatch(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """One image a structure, on the lattice of the series."""
    [path] = paths
    rois = _numbers(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sitk.WriteImage(reference(truth), str(folder / "fixed.nrrd"))
        outputs = ["--output-ss-img", folder / "ss.nrrd", "--output-ss-list", folder / "ss.txt"]
        run(["plastimatch", "convert", "--input", path, "--fixed", folder / "fixed.nrrd", *outputs])
        image = sitk.ReadImage(str(folder / "ss.nrrd"))
        bits = sitk.GetArrayFromImage(image)
        bits = bits if bits.ndim == 4 else bits[..., None]
        listed = [line.split("|") for line in (folder / "ss.txt").read_text("utf-8", "replace").splitlines()]
    readings = {}
    for number, row in zip(rois, listed, strict=True):  # both in the order of the file
        mask = (bits[..., int(row[0]) // 8] >> (int(row[0]) % 8)) & 1
        readings[number] = Reading.of_volume(mask.transpose(2, 1, 0).astype(bool), _affine(image))
    return readings


def dcmrtstruct2nii(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """Its masks, made on the images that the structures refer to."""
    [path] = paths
    rois = _numbers(path)
    if len({one.path for one in truth.series.instances}) < len(truth.origins):
        raise NotAsked("it takes one image a file")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        for k, image in enumerate(sorted({one.path for one in truth.series.instances})):
            dataset = pydicom.dcmread(image)
            if dataset.file_meta.TransferSyntaxUID.is_compressed:
                dataset.decompress()
            dataset.save_as(folder / "images" / f"{k:04}.dcm")
        structures = pydicom.dcmread(path)
        for item in structures.StructureSetROISequence:  # it names files after them
            item.ROIName = f"roi{item.ROINumber}"
        structures.save_as(folder / "rt.dcm")
        try:
            convert(str(folder / "rt.dcm"), str(folder / "images"), str(folder / "out"), convert_original_dicom=False)
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        readings = {}
        for number in rois:
            found = [file for file in (folder / "out").glob("*.nii.gz") if re.search(rf"roi{number}\.nii", file.name)]
            if found:
                image = sitk.ReadImage(str(found[0]))
                mask = sitk.GetArrayFromImage(image) > 0
                readings[number] = Reading.of_volume(mask.transpose(2, 1, 0), _affine(image))
        shutil.rmtree(folder / "out", ignore_errors=True)
        return readings


def _numbers(path: Path) -> list[int]:
    return [int(item.ROINumber) for item in pydicom.dcmread(path).StructureSetROISequence]


def _affine(image: sitk.Image) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return affine


def reference(truth: Truth) -> sitk.Image:
    """An empty image on the lattice of an even, upright series; slices along the normal of DICOM."""
    image = sitk.Image([int(n) for n in truth.series.grid.shape[::-1]], sitk.sitkUInt8)
    order = truth.origins if (truth.origins[-1] - truth.origins[0]) @ truth.normal >= 0 else truth.origins[::-1]
    down, across = np.linalg.norm(truth.down), np.linalg.norm(truth.across)
    step = float(truth.steps.mean()) if truth.steps.size else 1.0
    directions = np.stack([truth.across / across, truth.down / down, truth.normal], axis=1)
    image.SetSpacing([float(across), float(down), step])
    image.SetOrigin(order[0].tolist())
    image.SetDirection(directions.ravel().tolist())
    return image
