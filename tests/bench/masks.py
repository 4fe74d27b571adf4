"""The drawing tools beside SimpleITK, which is given the whole volume or, where told, the region's box only.

A volume of 400 × 512 × 512 with an organ of a million voxels in noise. ITK's interpolation between drawn slices is in
no dependency: where `itk` has MorphologicalContourInterpolation it is measured too, else it is said that it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from bench.table import Row, in_turns

from callout.geometry import Grid
from callout.masks import Mask
from callout.masks.brush import disc, sphere
from callout.masks.cavity import cavity
from callout.masks.growing import grow
from callout.masks.holes import filled
from callout.masks.islands import largest
from callout.masks.margins import closed, grown, shrunk
from callout.masks.projected import projected
from callout.masks.slices import interpolated
from callout.masks.smoothing import smoothed

SHAPE, CLICK, RANGE, ROUNDS, QUICK = (400, 512, 512), (240, 270, 290), (75, 160), 5, 25
Work = Callable[[], object]


def rows(_folder: Path) -> Iterator[Row]:
    """Each tool once on the organ, in turns with its counterpart."""
    voxels, organ = _volume()
    grid = _grid(0.0)
    whole = _image(organ.array(), grid)
    boxed = _image(np.pad(organ.crop, 16), grid)
    speckled = grow(voxels, CLICK, *RANGE)
    speckled_image = _image(speckled.array(), grid)
    threshold = partial(sitk.ConnectedThreshold, sitk.GetImageFromArray(voxels), [CLICK[::-1]], *RANGE, 1)
    first = partial(grow, voxels, CLICK, *RANGE)
    again = partial(grow, voxels, CLICK, RANGE[0] - 2, RANGE[1], near=speckled)
    yield from _beside(("grow", first, 0.1), ("grow, range changed", again, 0.1),
                       peer=threshold, named="ConnectedThreshold", rounds=9)  # fmt: skip
    del threshold
    yield from _interpolation(organ, grid)
    yield from _beside(("fill holes in space", partial(filled, speckled, per_slice=False), 1),
                       ("fill holes in slices", partial(filled, speckled), 1),
                       ("largest island", partial(largest, speckled), 1),
                       peer=partial(sitk.BinaryFillhole, speckled_image, False, 1), named="BinaryFillhole")  # fmt: skip
    for mm in (2.0, 5.0, 10.0):
        ball = [round(mm / step) for step in grid.spacing[::-1]]
        yield from _beside((f"grown by {mm:g} mm", partial(grown, organ, grid, mm), 1),
                           (f"shrunk by {mm:g} mm", partial(shrunk, organ, grid, mm), 1),
                           peer=partial(_margin, whole, mm), named="SignedMaurerDistanceMap")  # fmt: skip
        yield from _beside((f"grown by {mm:g} mm", partial(grown, organ, grid, mm), 1),
                           peer=partial(sitk.BinaryDilate, boxed, ball), named="BinaryDilate, boxed")  # fmt: skip
    closing = partial(sitk.BinaryMorphologicalClosing, boxed, [4, 4, 3])
    yield from _beside(("closed by 3 mm", partial(closed, organ, grid, 3.0), 1), peer=closing, named="closing, boxed")
    yield from _beside(("smoothed by 2 mm", partial(smoothed, organ, grid, 2.0), 1),
                       peer=partial(_smooth, boxed, 2.0), named="DiscreteGaussian, boxed")  # fmt: skip
    turned = _grid(15.0)
    yield from _beside(("projected", partial(projected, organ, grid, turned), 1 / 3),
                       peer=partial(_resample, whole, turned), named="Resample, nearest")  # fmt: skip
    yield from _small(voxels, grid)


def _beside(*ours: tuple[str, Work, float], peer: Work, named: str, rounds: int = ROUNDS) -> Iterator[Row]:
    """A row for each of ours, with an aim of so many times the peer."""
    *mine, theirs = in_turns(*(work for _, work, _ in ours), peer, rounds=rounds)
    for (what, _, aim), value in zip(ours, mine, strict=True):
        yield Row(what, value, "ms", aim * theirs, theirs, f"ms, SimpleITK {named}")


def _interpolation(organ: Mask, grid: Grid) -> Iterator[Row]:
    """Between five drawn slices of the organ."""
    drawn = np.linspace(organ.low[0] + 6, organ.high[0] - 7, 5).astype(int)
    bits = np.zeros(SHAPE, bool)
    bits[drawn] = organ.array()[drawn]
    mask, whole = Mask.from_array(bits), _image(bits, grid)
    work = partial(interpolated, mask, grid)
    yield from _beside(("interpolated", work, 1 / 30), peer=partial(sitk.SignedMaurerDistanceMap, whole), rounds=1,
                       named="SignedMaurerDistanceMap of the volume, one of its steps")  # fmt: skip
    try:
        import itk
    except ImportError:
        print("no itk here: not measured beside its MorphologicalContourInterpolation", file=sys.stderr)
        return
    image = itk.image_from_array(bits.astype(np.uint8))
    ours, theirs = in_turns(work, partial(itk.morphological_contour_interpolator, image), rounds=ROUNDS)
    yield Row("interpolated", ours, "ms", theirs / 30, theirs, "ms, ITK MorphologicalContourInterpolator")


def _small(voxels: Any, grid: Grid) -> Iterator[Row]:
    """What is so quick that only its own time tells: strokes, also in a small volume, and a lesion's cavity."""
    small = Grid.from_affine(np.diag([1, 0.7, 0.7, 1])[[2, 1, 0, 3]], (20, 128, 128))
    path = [[100, 60.0, 60.0], [100, 64.0, 64.0]]
    flat = [point[1:] for point in path]
    low = [[10, *point[1:]] for point in path]
    works = (
        ("stroke, disc of 5 mm", partial(disc, grid, 100, flat, 5.0)),
        ("… in a volume of 20 × 128 × 128", partial(disc, small, 10, flat, 5.0)),
        ("stroke, sphere of 5 mm", partial(sphere, grid, path, 5.0)),
        ("… in a volume of 20 × 128 × 128", partial(sphere, small, low, 5.0)),
    )
    for (what, _), value in zip(works, in_turns(*(work for _, work in works), rounds=QUICK), strict=True):
        yield Row(what, value, "ms")
    lesion = sphere(grid, [[200, 200, 200]], 25.0)
    hollow = sphere(grid, [[200, 200, 200]], 20.0)
    voxels[lesion.box][lesion.crop] = 40
    voxels[hollow.box][hollow.crop] = -900
    (value,) = in_turns(partial(cavity, lesion, grid, voxels), rounds=ROUNDS)
    yield Row("cavity of 40 mm in a lesion of 50", value, "ms")


def _volume() -> tuple[Any, Mask]:
    """int16 (k, j, i) and the organ in it."""
    voxels = np.random.default_rng(3).normal(45, 12, SHAPE).astype(np.int16)
    z, y, x = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    organ = ((z - 240) / 125) ** 2 + ((y - 266) / 46) ** 2 + ((x - 296) / 46) ** 2 < 1
    voxels[organ] += 65
    return voxels, Mask.from_array(organ)


def _grid(degrees: float) -> Grid:
    """1 × 0.7 × 0.7 mm, turned about the middle and the patient's x."""
    angle = np.deg2rad(degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.array([[0, 0, 0.7], [0, 0.7, 0], [1, 0, 0]])
    affine[:3, 3] = -affine[:3, :3] @ (np.array(SHAPE) / 2)
    return Grid.from_affine(affine, SHAPE, "1.2.3")


def _image(bits: Any, grid: Grid) -> Any:
    image = sitk.GetImageFromArray(bits.astype(np.uint8))
    image.SetSpacing(grid.spacing[::-1])
    image.SetOrigin(grid.origins[0].tolist())
    return image


def _margin(image: Any, mm: float) -> Any:
    return sitk.SignedMaurerDistanceMap(image, False, False, True) <= mm


def _smooth(image: Any, mm: float) -> Any:
    return sitk.DiscreteGaussian(sitk.Cast(image, sitk.sitkFloat32), mm * mm) > 0.5


def _resample(image: Any, grid: Grid) -> Any:
    affine = grid.affine[:3, [2, 1, 0]] / grid.spacing[::-1]
    return sitk.Resample(
        image, grid.shape[::-1], sitk.Transform(), sitk.sitkNearestNeighbor, grid.origins[0].tolist(),
        grid.spacing[::-1], affine.reshape(-1).tolist(), 0,
    )  # fmt: skip
