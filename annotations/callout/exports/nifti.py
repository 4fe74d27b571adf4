"""NIfTI-1: label maps out, masks in, volumes out. Affines are RAS there; both qform and sform are set (code 1).

A sheared grid (gantry tilt) fits the sform only (qform code 0). https://nifti.nimh.nih.gov/nifti-1
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.expected import differences, expected
from callout.exports.files import pack, series_slug, slug
from callout.exports.formats import Outgoing, Written
from callout.exports.loaded import LARGEST_VOXELS, LoadedFile, LoadedMask, masks_by_label, reading
from callout.geometry import Floats, Grid
from callout.volume import Series

PER: Literal["series", "case"] = "series"
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
THICKEST_MM = 1000.0  # of one slice
REVERSED_AXES = np.eye(4)[[2, 1, 0, 3]]  # (i, j, k, 1) ↔ (k, j, i, 1)


def write_volume(path: Path, voxels: npt.NDArray[Any], grid: Grid, thickness_mm: float | None = None) -> None:
    """`voxels` (k, j, i) as a .nii.gz with axes (i, j, k), on an even `grid`; the same bytes every time.

    thickness_mm: how far a stack of one slice reaches, which its grid doesn't tell.
    """
    write_planes(path, voxels, voxels.dtype, grid, thickness_mm)


def write_planes(
    path: Path,
    planes: Iterable[npt.NDArray[Any] | None],
    kind: np.dtype[Any],
    grid: Grid,
    thickness_mm: float | None,
) -> None:
    """A .nii.gz of `planes` (j, i); None is one of zeros."""
    import nibabel as nib

    affine = nifti_affine(grid, thickness_mm)
    header = nib.Nifti1Header()
    header.set_data_dtype(kind.newbyteorder("<"))
    header.set_data_shape(grid.shape[::-1])
    header.set_xyzt_units("mm")
    header.set_sform(affine, code=1)
    if is_sheared(affine):
        header.set_qform(None, code=0)
        header["pixdim"][1:4] = np.linalg.norm(affine[:3, :3], axis=0)
    else:
        header.set_qform(affine, code=1)
    header["magic"], header["vox_offset"] = b"n+1", 352
    header["scl_slope"], header["scl_inter"] = 1, 0
    with path.open("wb") as file:
        size = grid.shape[1] * grid.shape[2] * kind.itemsize
        pack(file, header.as_byteswapped("<").binaryblock + b"\0\0\0\0", planes, kind, size)


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.mask.nii.gz` with label values; where regions overlap, one `SLUG.FINDING.mask.nii.gz` each."""
    stack = outgoing.stack
    grid, name = stack.series.grid, series_slug(stack.series)
    if not grid.is_even:
        raise InputError("NIfTI can't hold a series with uneven slices", stack.series.title, "export it as seg")
    notes = tuple(text for text in (note(grid),) if text)
    thickness = stack.series.slice_thickness_mm
    names = {f"{name}.mask.nii.gz": stack.regions}
    if stack.overlaps:
        names = {f"{name}.{one.number}-{slug(one.finding.label)}.mask.nii.gz": (one,) for one in stack.regions}
    files = []
    for file, regions in names.items():
        kind = np.dtype(np.uint8 if max(one.number for one in regions) < 256 else np.uint16)
        write_planes(folder / file, stack.label_planes([regions], kind), kind, grid, thickness)
        files.append(Written(file, expected(stack, regions), notes))
    return files


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with SimpleITK (nibabel wrote it)."""
    labels, grid = read_back(path)
    return differences(masks_of_labels(labels, grid, path), holds, bare=True)


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every label of a NIfTI mask, read with nibabel."""
    import nibabel as nib

    with reading(path, "not a NIfTI file that can be read", "export the mask again"):
        image = nib.load(path)
        if not isinstance(image, nib.Nifti1Image):
            raise InputError("not a NIfTI file that can be read")
        shape = image.shape[:3]
        if len(shape) != 3 or any(n != 1 for n in image.shape[3:]) or min(shape) < 1:
            raise InputError(f"a mask has three axes, this has a shape of {image.shape}")
        if np.prod([float(n) for n in shape]) > LARGEST_VOXELS:
            raise InputError(f"a mask of {image.shape} voxels is too large")
        _refuse_doubtful_place(image)
        unit = image.header.get_xyzt_units()[0]
        if unit not in ("mm", "unknown"):
            raise InputError(f"its lengths are in {unit} (xyzt_units)", remedy="save it in mm")
        labels = np.asarray(image.dataobj).reshape(shape)
        grid = grid_of_affine(image.affine, shape)
        return LoadedFile.of(masks_of_labels(labels.transpose(2, 1, 0), grid, path))


def _refuse_doubtful_place(image: Any) -> None:
    """InputError where neither sform nor qform says where a nibabel image lies, or the two are half a voxel apart."""
    sform, qform = image.get_sform(coded=True)[0], image.get_qform(coded=True)[0]
    if sform is None and qform is None:
        raise InputError("it does not say where it lies (sform_code and qform_code are 0)")
    if sform is None or qform is None:
        return
    corners = np.array([[*corner, 1] for corner in np.ndindex(2, 2, 2)]) * [*(n - 1 for n in image.shape[:3]), 1]
    apart = float(np.linalg.norm(corners @ (sform - qform).T, axis=1).max())
    if not apart <= min(image.header.get_zooms()[:3]) / 2:
        raise InputError(f"its sform and qform place it {apart:.3g} mm apart", remedy="save it again with one of them")


def masks_of_labels(labels: npt.NDArray[Any], grid: Grid, path: Path) -> list[LoadedMask]:
    """One mask for each value other than 0 of a (k, j, i) label map; InputError where values are no labels."""
    stem = path.name.removesuffix(".gz").removesuffix(".nii").removesuffix(".nrrd").removesuffix(".mask")
    masks = masks_by_label(labels)
    return [
        LoadedMask(number=number, name=stem if len(masks) == 1 else f"{stem} {number}", mask=mask, grid=grid)
        for number, mask in masks.items()
    ]


def read_back(path: Path) -> tuple[npt.NDArray[Any], Grid]:
    """Label values (k, j, i) and their grid, by other code than wrote them: ITK, and the sform's own bytes.

    ITK refuses or flattens a sheared affine, so geometry is taken from the header (offsets as in nifti1.h), and
    nibabel reads those files.
    """
    header = _whole_header(path)
    affine = np.vstack([np.array(struct.unpack("<12f", header[280:328])).reshape(3, 4), [0, 0, 0, 1]])
    labels: npt.NDArray[Any]
    if is_sheared(affine):
        import nibabel as nib

        labels = np.asarray(nib.Nifti1Image.from_filename(path).dataobj).transpose(2, 1, 0)
    else:
        import SimpleITK as sitk

        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(path), imageIO="NiftiImageIO"))
    return labels, grid_of_affine(affine, labels.shape[::-1])


def note(grid: Grid) -> str:
    """What to say of a NIfTI file on that grid; "" where nothing is special."""
    if grid.is_even and is_sheared(nifti_affine(grid)):
        return "the gantry was tilted: the affine is sheared, in the sform only"
    return ""


def _whole_header(path: Path) -> bytes:
    """The 348 bytes of the header; InputError where the file is cut, damaged or longer than it says (ITK prints)."""
    from isal import igzip

    with reading(path, "it is damaged", "export again"), igzip.open(path, "rb") as file:
        header: bytes = file.read(348)
        sizes, bits = struct.unpack("<8h", header[40:56]), struct.unpack("<h", header[72:74])[0]
        left = 4 + int(np.prod([float(n) for n in sizes[1 : sizes[0] + 1]])) * bits // 8
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            left -= len(block)
        if left or file.read(1):
            raise InputError("it is not as long as its header says")
    return header


def nifti_affine(grid: Grid, thickness_mm: float | None = None) -> Floats:
    """4×4, (i, j, k, 1) → RAS mm, of an even grid; a stack of one slice steps by `thickness_mm`, else by 1 mm."""
    affine: Floats = RAS_FROM_LPS @ affine_of(grid, thickness_mm) @ REVERSED_AXES
    return affine


def affine_of(grid: Grid, thickness_mm: float | None) -> Floats:
    """4×4, (k, j, i, 1) → LPS mm, of an even grid; a stack of one slice steps by `thickness_mm`, else by 1 mm."""
    affine = grid.affine
    if grid.shape[0] == 1 and thickness_mm is not None and 0 < thickness_mm < THICKEST_MM:
        affine[:3, 0] = grid.normal * thickness_mm
    return affine


def grid_of_affine(affine: npt.ArrayLike, shape: tuple[int, ...]) -> Grid:
    """The grid in (k, j, i) order of an array with axes (i, j, k) and a RAS affine; no frame of reference."""
    lps = RAS_FROM_LPS @ np.asarray(affine, np.float64) @ REVERSED_AXES
    return Grid.from_affine(lps, shape[::-1])


def is_sheared(affine: Floats) -> bool:
    """Whether the three axes are not perpendicular, beyond rounding."""
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(unit.T @ unit - np.eye(3)).max() > 1e-4)
