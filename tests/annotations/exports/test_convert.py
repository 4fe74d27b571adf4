"""Volumes as files: the same voxels at the same places, uneven stacks evenly resampled."""

from __future__ import annotations

from pathlib import Path

import made_stacks
import nibabel
import nrrd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import callout
from callout.errors import InputError
from callout.exports.convert import convert_series, evenly
from callout.exports.nifti import write_volume
from callout.geometry import Grid
from callout.volume import Volume

RAS_TO_LPS = np.array([-1, -1, 1])


@pytest.mark.parametrize("scan", made_stacks.EVEN_SCANS)
def test_every_voxel_of_both_formats_lies_where_it_was(scan: str, tmp_path: Path) -> None:
    made_stacks.series(tmp_path / "images", scan)
    series = callout.find_series(tmp_path / "images")
    volume = callout.load(series[0])
    [(path, note)] = convert_series(series, tmp_path / "out", "nifti").files
    assert ("tilted" in note) == (scan == "tilted gantry")
    image = nibabel.load(path)
    indices = np.argwhere(np.ones(volume.voxels.shape, bool))
    expected = volume.grid.points(indices)
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), volume.voxels)
    found = np.column_stack([indices[:, ::-1], np.ones(len(indices))]) @ image.affine.T
    assert np.allclose(found[:, :3] * RAS_TO_LPS, expected, atol=1e-4)
    [(path, _)] = convert_series(series, tmp_path / "out", "nrrd").files
    array, header = nrrd.read(str(path), index_order="C")
    assert np.array_equal(array, volume.voxels)
    assert header["space"] == "left-posterior-superior"
    assert np.allclose(indices[:, ::-1] @ header["space directions"] + header["space origin"], expected, atol=1e-6)


@given(hnp.arrays(float, st.integers(2, 7), elements=st.floats(0.6, 6)), st.sampled_from([1, -1]), st.floats(-0.4, 0.4))
def test_resampling_keeps_what_is_linear_along_the_stack(steps: np.ndarray, sign: int, tilt: float) -> None:
    heights = np.concatenate([[0], np.cumsum(steps)]) * sign
    origins = np.column_stack([np.zeros(len(heights)), tilt * heights, heights])
    grid = Grid((len(heights), 2, 3), origins, np.array([0, 0.8, 0]), np.array([0.7, 0, 0]), "1.2")
    voxels = np.broadcast_to((10 + 3 * heights)[:, None, None], grid.shape).astype(np.float32)
    even = evenly(Volume(voxels, grid))
    assert even.grid.is_even
    assert even.grid.spacing[0] == pytest.approx(np.median(steps), rel=1e-3) or even.grid.shape[0] == 1
    places = even.grid.points([[k, 0, 0] for k in range(even.grid.shape[0])])[:, 2]
    assert np.allclose(even.voxels[:, 1, 2], 10 + 3 * places, atol=1e-3)
    assert abs(places[-1]) <= abs(heights[-1]) + 0.01


def test_a_stack_off_one_line_is_refused_whole(tmp_path: Path) -> None:
    origins = np.array([[0, 0, 0], [0, 0, 2], [5, 0, 4], [5, 0, 9]], float)
    grid = Grid((4, 2, 3), origins, np.array([0, 0.8, 0]), np.array([0.7, 0, 0]))
    with pytest.raises(InputError, match="one line"):
        evenly(Volume(np.zeros(grid.shape, np.int16), grid, "1.2.3"))


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "f4", ">i2"])
def test_values_of_any_type_are_kept(kind: str, tmp_path: Path) -> None:
    grid = Grid.from_affine(np.diag([2.5, 0.8, 0.7, 1]), (2, 3, 4))
    voxels = np.arange(24).reshape(2, 3, 4).astype(kind)
    write_volume(tmp_path / "a.nii.gz", voxels, grid)
    image = nibabel.load(tmp_path / "a.nii.gz")
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), voxels)
    assert image.get_data_dtype() == np.dtype(kind).newbyteorder("<")
