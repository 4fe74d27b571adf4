"""Series and Volume hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from callout.errors import InputError
from callout.geometry import Grid
from callout.volume import Instance, Series, Volume


def grid(slices: int = 2) -> Grid:
    return Grid.from_affine(np.eye(4)[:, [2, 1, 0, 3]], (slices, 3, 4))


def series(count: int, slices: int) -> Series:
    instances = tuple(Instance(f"1.{k}", 1, f"{k}.dcm") for k in range(count))
    return Series("1.2", "1.2", "1", "CT", 3, "chest", grid(slices), instances, "", "")


def test_a_series_has_one_image_for_each_slice() -> None:
    assert series(2, 2).plane == "axial"
    with pytest.raises(InputError, match="3 images for 2 slices"):
        series(3, 2)


def test_voxels_have_the_shape_of_their_grid_and_are_read_only() -> None:
    voxels = np.zeros((2, 3, 4), np.int16)
    volume = Volume(voxels, grid())
    assert volume.dtype == np.int16
    with pytest.raises(ValueError, match="read-only"):
        volume.voxels[0, 0, 0] = 1
    voxels[0, 0, 0] = 5  # whoever made the array still may
    with pytest.raises(InputError, match="shape"):
        Volume(np.zeros((2, 4, 3), np.int16), grid())
