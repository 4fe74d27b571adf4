"""Planes across a tilted and an uneven CT of 300 × 512 × 512, to greys, beside resamplers that make the same values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK
from bench.table import Row, in_turns
from scipy.ndimage import map_coordinates

from callout.geometry import Grid
from napari_callout.panes.grey import greys
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane

SHAPE, PIXEL, ROUNDS = (300, 512, 512), 0.45, 15
WINDOW = (40.0, 400.0)
AIM_MS = 16.0
NAMES = {1: "a coronal plane", 2: "a sagittal plane"}


def rows(folder: Path) -> Iterator[Row]:
    """Each plane beside SimpleITK, or beside SciPy where the slices are uneven, which no volume of ITK is."""
    voxels = np.random.default_rng(0).integers(-1000, 1000, SHAPE).astype(np.int16)
    image = SimpleITK.GetImageFromArray(voxels)
    uneven = np.concatenate([[0.0], np.cumsum(np.resize([0.5, 0.5, 0.6, 0.4, 1.2], SHAPE[0] - 1))])
    tilted, gapped = _head(20.0, 0.6 * np.arange(SHAPE[0])), _head(0.0, uneven)
    for axis, name in NAMES.items():
        plane = _middle(tilted, axis)
        ours, theirs = in_turns(lambda p=plane: _shown(p, voxels), lambda p=plane: _itk(p, image), rounds=ROUNDS)
        yield Row(f"{name} across a tilted CT", ours, "ms", AIM_MS, theirs, "ms, SimpleITK, without greys")
        plane = _middle(gapped, axis)
        ours, theirs = in_turns(lambda p=plane: _shown(p, voxels), lambda p=plane: _scipy(p, voxels), rounds=ROUNDS)
        yield Row(f"{name} across an uneven CT", ours, "ms", AIM_MS, theirs, "ms, SciPy, without greys")


def _head(tilt_deg: float, heights: np.ndarray) -> Grid:
    tilt = np.radians(tilt_deg)
    row = np.array([0, np.cos(tilt), np.sin(tilt)]) * PIXEL
    return Grid(SHAPE, heights[:, None] * [0.0, 0.0, 1.0], row, np.array([PIXEL, 0, 0]), "1.2.3")


def _middle(grid: Grid, axis: int) -> Plane:
    order = DisplayOrder.of(grid)
    return Plane(order, axis, Plane(order, axis, 0).count // 2)


def _shown(plane: Plane, voxels: np.ndarray) -> np.ndarray:
    return greys(plane.take(voxels), WINDOW)


def _scipy(plane: Plane, voxels: np.ndarray) -> np.ndarray:
    places = np.stack(np.meshgrid(*map(np.arange, plane.shape), indexing="ij"), -1).reshape(-1, 2)
    native = plane.grid.indices(plane.points(places.astype(float)))
    return map_coordinates(voxels, native.T, order=1, output=np.float32)


def _itk(plane: Plane, image: SimpleITK.Image) -> np.ndarray:
    """By one affine from (column, row) of the plane to (i, j, k) of the image."""
    start, down, across = plane.grid.indices(plane.points(np.array([[0, 0], [1, 0], [0, 1]], float)))[:, ::-1]
    moved = SimpleITK.AffineTransform(3)
    moved.SetMatrix(np.column_stack([across - start, down - start, [0, 0, 1]]).ravel().tolist())
    moved.SetTranslation(start.tolist())
    size, linear = (plane.shape[1], plane.shape[0], 1), SimpleITK.sitkLinear
    flat = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    cut = SimpleITK.Resample(image, size, moved, linear, *flat, -2000.0, SimpleITK.sitkInt16)
    return SimpleITK.GetArrayFromImage(cut)[0]
