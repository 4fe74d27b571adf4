"""Files of masks and images beside SimpleITK and nibabel; every way writes the same voxels, in turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
import SimpleITK
from bench.table import Row, in_turns

from callout.exports import nifti, nrrd
from callout.geometry import Grid

SLICES, SIZE, REGIONS, ROUNDS = 400, 512, 10, 3


def rows(folder: Path) -> Iterator[Row]:
    """A mask and an image of 400 × 512 × 512 as one file."""
    grid = Grid.from_affine(np.diag([2.5, 0.7, 0.7, 1]), (SLICES, SIZE, SIZE))
    mask = np.zeros(grid.shape, np.uint8)
    for number, low in enumerate(range(20, 20 + 30 * REGIONS, 30), 1):
        mask[low : low + 40, low : low + 90, 100:190][_ball(40, 90, 90)] = number
    image = _image(grid.shape)
    itk, nib = SimpleITK.GetImageFromArray(mask), nibabel.Nifti1Image(image.transpose(2, 1, 0), np.eye(4))
    ours, theirs, slicer = in_turns(
        lambda: nifti.write_volume(folder / "ours.nii.gz", mask, grid),
        lambda: SimpleITK.WriteImage(itk, str(folder / "itk.nii.gz")),
        lambda: nrrd.write_volume(folder / "ours.nrrd", mask, grid),
        rounds=ROUNDS,
    )
    yield Row("mask .nii.gz", ours / theirs, "× SimpleITK", 1 / 4)
    yield Row("mask .nrrd", slicer / theirs, "× SimpleITK's .nii.gz", 1 / 4)
    ours, theirs = in_turns(
        lambda: nifti.write_volume(folder / "ours.nii.gz", image, grid),
        lambda: nibabel.save(nib, folder / "nib.nii.gz"),
        rounds=ROUNDS,
    )
    yield Row("image .nii.gz", ours / theirs, "× nibabel", 1 / 2.5)
    size = (folder / "ours.nii.gz").stat().st_size / (folder / "nib.nii.gz").stat().st_size
    yield Row("image .nii.gz, size of the file", size, "× nibabel", 1.2)


def _ball(*shape: int) -> npt.NDArray[np.bool_]:
    axes = [np.linspace(-1, 1, n) ** 2 for n in shape]
    inside: npt.NDArray[np.bool_] = axes[0][:, None, None] + axes[1][:, None] + axes[2] <= 1
    return inside


def _image(shape: tuple[int, int, int]) -> npt.NDArray[np.int16]:
    """Noise of a CT, ±30 HU, on tissue and air."""
    noise = np.random.default_rng(0).normal(0, 30, shape[1:]).astype(np.int16)
    image = np.full(shape, -1000, np.int16)
    image[:, 60:-60, 40:-40] = 40
    for k in range(shape[0]):
        image[k] += np.roll(noise, 7 * k)
    return image
