"""Files of masks and images beside SimpleITK and nibabel; every way writes the same voxels, in turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
import SimpleITK
from bench.segmentations import NO_CASE
from bench.table import Row, in_turns

from callout.case import Finding, Region
from callout.exports import nifti, nrrd
from callout.exports.formats import Outgoing
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Instance, Series

SLICES, SIZE, REGIONS, ROUNDS = 400, 512, 10, 7
LABELS = np.dtype(np.uint8)


def rows(folder: Path) -> Iterator[Row]:
    """A mask and an image of 400 × 512 × 512 as one file; of the mask, ten balls of 40 slices each."""
    grid = Grid.from_affine(np.diag([2.5, 0.7, 0.7, 1]), (SLICES, SIZE, SIZE))
    stack = _stack(grid)
    outgoing = Outgoing(NO_CASE, (stack,))
    mask = np.stack(
        [
            np.zeros(grid.shape[1:], np.uint8) if p is None else p
            for p in stack.label_planes([stack.regions], np.dtype(np.uint8))
        ]
    )
    image = _image(grid.shape)
    itk, nib = SimpleITK.GetImageFromArray(mask), nibabel.Nifti1Image(image.transpose(2, 1, 0), np.eye(4))
    ours, theirs, slicer = in_turns(
        lambda: nifti.write_planes(
            folder / "a.nii.gz", stack.label_planes([stack.regions], LABELS), LABELS, grid, None
        ),
        lambda: SimpleITK.WriteImage(itk, str(folder / "itk.nii.gz")),
        lambda: nrrd.write(outgoing, folder),
        rounds=ROUNDS,
    )
    yield Row("mask .nii.gz", ours / theirs, "× SimpleITK", 1 / 4)
    yield Row("mask .seg.nrrd, with what it has to hold", slicer / theirs, "× SimpleITK's .nii.gz")
    ours, theirs = in_turns(
        lambda: nifti.write_volume(folder / "ours.nii.gz", image, grid),
        lambda: nibabel.save(nib, folder / "nib.nii.gz"),
        rounds=ROUNDS,
    )
    yield Row("image .nii.gz", ours / theirs, "× nibabel", 1 / 2.5)
    size = (folder / "ours.nii.gz").stat().st_size / (folder / "nib.nii.gz").stat().st_size
    yield Row("image .nii.gz, size of the file", size, "× nibabel", 1.2)


def _stack(grid: Grid) -> LabelledStack:
    images = tuple(Instance(f"1.{n}", 1, "") for n in range(grid.shape[0]))
    series = Series("a", "1.2", "1", "CT", 1, "", grid, images, "", "")
    regions = []
    for n in range(REGIONS):
        mask = Mask(grid.shape, (20 + 30 * n, 20 + 40 * (n % 2) + 30 * n, 100), _ball(40, 90, 90))
        finding = Finding(f"f{n}", "nodule", "r1", f"2.25.{n + 1}", name=f"nodule {n}")
        regions.append(LabelledRegion(n + 1, finding, Region(f"r{n}", f"f{n}", "a"), mask, "MANUAL", "", ""))
    return LabelledStack(
        series, tuple(one for one in regions if not any(one.mask.overlaps(o.mask) for o in regions[: one.number - 1]))
    )


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
