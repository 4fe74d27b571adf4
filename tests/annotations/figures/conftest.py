"""A small made-up case that figures are drawn from: no files, no patient."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from callout.errors import InputError
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Instance, Series, Volume

SHAPE = (6, 96, 128)


@dataclass
class Phantom:
    """A source of figures: one series of 1.5 mm pixels and 4 mm slices, regions on slice 3, one picture."""

    grid: Grid
    voxels: np.ndarray
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    photometric: str = "MONOCHROME2"

    def series(self, series_id: str) -> Series:
        if series_id != "ct":
            raise InputError(f"no series {series_id}")
        images = tuple(Instance(f"1.{n}", 1, "") for n in range(self.grid.shape[0]))
        return Series(
            "ct", "1.2", "1", "CT", 1, "", self.grid, images, "", "", photometric_interpretation=self.photometric
        )

    def pixels(self, series_id: str, k: int) -> np.ndarray:
        return self.voxels[k]

    def mask(self, region_id: str, series_id: str, k: int) -> np.ndarray | None:
        return self.masks.get(region_id) if k == 3 else None

    def volume(self, series_id: str) -> Volume:
        return Volume(self.voxels, self.grid, series_id)

    def region(self, region_id: str) -> tuple[Mask, Grid]:
        whole = np.zeros(SHAPE, bool)
        whole[3] = self.masks[region_id]
        return Mask.from_array(whole), self.grid

    def picture(self, name: str) -> np.ndarray:
        if name != "cells.png":
            raise InputError(f"the case has no picture {name}")
        rows, columns = np.mgrid[:60, :90]
        red = 235 - (((rows % 15) - 7) ** 2 + ((columns % 15) - 7) ** 2 < 12) * 120
        return np.stack([red, red * 3 // 4, np.full_like(red, 190)], -1).astype(np.uint8)

    def point(self, row: float, column: float, k: int = 3) -> tuple[float, float, float]:
        x, y, z = self.grid.points([k, row, column]).tolist()
        return x, y, z


def ellipse(row: float, column: float, high: float, wide: float) -> np.ndarray:
    rows, columns = np.indices(SHAPE[1:])
    return ((rows - row) / high) ** 2 + ((columns - column) / wide) ** 2 < 1


@pytest.fixture
def phantom() -> Phantom:
    """See made_up."""
    return made_up()


def made_up() -> Phantom:
    """A body with two lungs, a vertebra, a large, a small and a two-part region, one with a hole."""
    affine = [[0, 0, 1.5, -96], [0, 1.5, 0, -72], [4, 0, 0, -10], [0, 0, 0, 1]]
    grid = Grid.from_affine(affine, SHAPE)
    slice_ = np.full(SHAPE[1:], -1000, np.int16)
    slice_[ellipse(48, 64, 40, 58)] = 40
    for lung in (ellipse(44, 36, 26, 20), ellipse(44, 92, 26, 20)):
        slice_[lung] = -850
    slice_[ellipse(74, 64, 8, 10)] = 600
    rows, columns = np.indices(SHAPE[1:])
    slice_ += ((rows * 7 + columns * 13) % 23 - 11).astype(np.int16)
    masks = {
        "mass": ellipse(42, 34, 12, 11),
        "nodule": ellipse(30, 92, 2.2, 2.2),
        "pair": ellipse(52, 84, 4, 4) | ellipse(52, 100, 4, 3.5),
        "ring": ellipse(74, 64, 8, 10) & ~ellipse(74, 64, 4, 5),
    }
    voxels = np.stack([slice_ - k for k in range(SHAPE[0])])
    for mask in masks.values():
        voxels[3][mask] = 20
    return Phantom(grid, voxels, masks)
