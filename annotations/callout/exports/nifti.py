"""NIfTI-1: label maps out, masks in, volumes out. Affines are RAS there; both qform and sform are set (code 1).

A sheared grid (gantry tilt) fits the sform only (qform code 0). https://nifti.nimh.nih.gov/nifti-1
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.labelled import LabelledStack
from callout.exports.loaded import LoadedMask
from callout.geometry import Floats, Grid

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
REVERSED_AXES = np.eye(4)[[2, 1, 0, 3]]  # (i, j, k, 1) ↔ (k, j, i, 1)
LARGEST_VOXELS = 1 << 31


def write_volume(path: Path, voxels: npt.NDArray[Any], grid: Grid) -> None:
    """`voxels` (k, j, i) as a .nii.gz with axes (i, j, k), on an even `grid`; the same bytes every time."""
    import nibabel as nib
    from isal import igzip

    affine = nifti_affine(grid)
    header = nib.Nifti1Header()
    header.set_data_dtype(voxels.dtype.newbyteorder("<"))
    header.set_data_shape(voxels.shape[::-1])
    header.set_xyzt_units("mm")
    header.set_sform(affine, code=1)
    if is_sheared(affine):
        header.set_qform(None, code=0)
        header["pixdim"][1:4] = np.linalg.norm(affine[:3, :3], axis=0)
    else:
        header.set_qform(affine, code=1)
    header["magic"], header["vox_offset"] = b"n+1", 352
    header["scl_slope"], header["scl_inter"] = 1, 0
    little = np.ascontiguousarray(voxels, voxels.dtype.newbyteorder("<"))
    with path.open("wb") as file, igzip.IGzipFile("", "wb", 1, file, mtime=0) as packed:
        packed.write(header.as_byteswapped("<").binaryblock + b"\0\0\0\0")
        packed.write(little.reshape(-1).view(np.uint8).data)


def write(stack: LabelledStack, folder: Path, name: str) -> list[Path]:
    """`NAME.mask.nii.gz` with label values; where regions overlap, one `NAME.FINDING.mask.nii.gz` each."""
    from callout.exports.files import slug

    grid = stack.series.grid
    if not grid.is_even:
        raise InputError("NIfTI can't hold a series with uneven slices", stack.series.id, "export it as seg")
    if not stack.overlaps:
        path = folder / f"{name}.mask.nii.gz"
        labels = stack.label_map()
        write_volume(path, labels.astype(np.uint8) if len(stack.regions) < 256 else labels, grid)
        return [path]
    paths = []
    for one in stack.regions:
        path = folder / f"{name}.{one.number}-{slug(one.finding.label)}.mask.nii.gz"
        labels = np.zeros(grid.shape, np.uint8 if one.number < 256 else np.uint16)
        labels[one.mask.box][one.mask.crop] = one.number
        write_volume(path, labels, grid)
        paths.append(path)
    return paths


def read(path: Path) -> list[LoadedMask]:
    """Every label of a NIfTI mask, read with nibabel."""
    import nibabel as nib

    try:
        image = nib.Nifti1Image.from_filename(str(path))
        shape = tuple(n for n in image.shape if n > 1 or image.ndim <= 3)
        if len(shape) != 3 or np.prod([float(n) for n in shape]) > LARGEST_VOXELS:
            raise InputError(f"a mask has three axes, this has a shape of {image.shape}", str(path))
        labels = np.asarray(image.dataobj).reshape(shape)
        affine = image.affine
    except (OSError, ValueError, nib.filebasedimages.ImageFileError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("not a NIfTI file that can be read", str(path), "export the mask again") from error
    return masks_of_labels(labels.transpose(2, 1, 0), grid_of_affine(affine, shape), path)


def masks_of_labels(labels: npt.NDArray[Any], grid: Grid, path: Path) -> list[LoadedMask]:
    """One mask for each value other than 0 of a (k, j, i) label map; InputError where values aren't whole."""
    if labels.dtype.kind not in "buif":
        raise InputError(f"a mask can't have voxels of type {labels.dtype}", str(path))
    values = np.unique(labels)
    if not np.isfinite(values).all() or (values != np.rint(values)).any() or len(values) > 1000:
        raise InputError("its values are no labels", str(path), "choose a mask, not an image or a probability map")
    stem = path.name.removesuffix(".gz").removesuffix(".nii").removesuffix(".mask")
    wanted = [int(value) for value in values if value != 0]
    return [
        LoadedMask(number=value, name=stem if len(wanted) == 1 else f"{stem} {value}", mask=labels == value, grid=grid)
        for value in wanted
    ]


def read_back(path: Path) -> tuple[npt.NDArray[Any], Grid]:
    """Label values (k, j, i) and their grid, by other code than wrote them: ITK, and the sform's own bytes.

    ITK flattens a sheared affine, so geometry is taken from the header (offsets as in nifti1.h).
    """
    import SimpleITK as sitk
    from isal import igzip

    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(path), imageIO="NiftiImageIO"))
    with igzip.open(path, "rb") as file:
        header = file.read(348)
    affine = np.vstack([np.array(struct.unpack("<12f", header[280:328])).reshape(3, 4), [0, 0, 0, 1]])
    return labels, grid_of_affine(affine, labels.shape[::-1])


def nifti_affine(grid: Grid) -> Floats:
    """4×4, (i, j, k, 1) → RAS mm, of an even grid."""
    affine: Floats = RAS_FROM_LPS @ grid.affine @ REVERSED_AXES
    return affine


def grid_of_affine(affine: npt.ArrayLike, shape: tuple[int, ...]) -> Grid:
    """The grid in (k, j, i) order of an array with axes (i, j, k) and a RAS affine; no frame of reference."""
    lps = RAS_FROM_LPS @ np.asarray(affine, np.float64) @ REVERSED_AXES
    return Grid.from_affine(lps, shape[::-1])


def is_sheared(affine: Floats) -> bool:
    """Whether the three axes are not perpendicular, beyond rounding."""
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(unit.T @ unit - np.eye(3)).max() > 1e-4)
