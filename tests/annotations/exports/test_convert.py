"""Volumes as files: the same voxels at the same places, uneven stacks evenly resampled."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import made_series
import made_stacks
import nibabel
import nrrd
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from isal import igzip
from pydicom.dataset import Dataset

import callout
from callout.errors import InputError
from callout.exports.convert import convert_series, evenly
from callout.exports.files import pack
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
    most = max(steps.min(), np.median(steps) if heights[-1] * sign > 4 * len(heights) * steps.min() else 0)
    assert even.grid.spacing[0] <= 1.05 * most
    assert np.allclose(even.grid.origins[[0, -1]], origins[[0, -1]], atol=1e-6)
    assert np.array_equal(even.voxels[[0, -1]], voxels[[0, -1]])
    places = even.grid.points([[k, 0, 0] for k in range(even.grid.shape[0])])[:, 2]
    assert np.allclose(even.voxels[:, 1, 2], 10 + 3 * places, atol=1e-3)


def test_a_missing_slice_is_the_only_one_made_up(tmp_path: Path) -> None:
    for path in made_series.series(tmp_path / "images", 6)[2:3]:
        path.unlink()
    found = callout.find_series(tmp_path / "images")
    [(path, note)] = convert_series(found, tmp_path / "out", "nifti").files
    assert path.name.endswith(".resampled.nii.gz")
    assert "resampled to 6 of 2.5 mm" in note
    voxels = np.asarray(nibabel.load(path).dataobj).transpose(2, 1, 0)
    wanted = np.array([made_series.pixels(k) - 1024.0 for k in range(6)])
    assert voxels.dtype == np.float32
    assert np.array_equal(voxels, wanted)  # values grow evenly from slice to slice


def test_rounded_positions_are_no_reason_to_blur(tmp_path: Path) -> None:
    def rounded(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = [0, 0, round(0.625 * k, 1)]

    made_series.series(tmp_path / "images", 40, rounded)
    [series] = callout.find_series(tmp_path / "images")
    [(path, note)] = convert_series([series], tmp_path / "out", "nifti").files
    assert "off even ones" in note
    image = nibabel.load(path)
    assert image.get_data_dtype() == np.int16
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), callout.load(series).voxels)
    assert image.affine[2, 2] == pytest.approx(24.4 / 39)


def test_one_slice_is_as_thick_as_it_says(tmp_path: Path) -> None:
    made_series.series(tmp_path / "images", 1)
    found = callout.find_series(tmp_path / "images")
    [(path, _)] = convert_series(found, tmp_path / "out", "nifti").files
    assert nibabel.load(path).header.get_zooms() == pytest.approx((0.7, 0.8, 2.5))
    [(path, _)] = convert_series(found, tmp_path / "out", "nrrd").files
    assert np.allclose(nrrd.read_header(str(path))["space directions"][2], [0, 0, 2.5])


def test_a_slice_far_from_the_others_is_not_reached_for(tmp_path: Path) -> None:
    def far(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = [0, 0, (0, 2, 4, 90000)[k]]

    made_series.series(tmp_path / "images", 4, far)
    with pytest.raises(InputError, match="mm apart"):
        convert_series(callout.find_series(tmp_path / "images"), tmp_path / "out", "nifti")


def test_what_cannot_be_converted_stops_no_other(tmp_path: Path) -> None:
    def scattered(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = [9 * (k % 2), 0, (0, 2, 4, 9)[k]]

    made_series.series(tmp_path / "images", 4, scattered, name="b")
    made_series.series(tmp_path / "images", 3)
    converted = convert_series(callout.find_series(tmp_path / "images"), tmp_path / "out", "nifti")
    assert len(converted.files) == 1
    assert "one line" in str(converted.refused[0])


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


def test_a_pixel_size_that_nobody_states_is_told_with_every_file(tmp_path: Path) -> None:
    made_series.series(tmp_path / "images", change=made_series.setting(PixelSpacing=None))
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images") as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 1, np.ones((6, 5), bool))
        assert not case.series[0].is_measurable
        exported = callout.export(case, tmp_path / "out", to=["nifti"])
    assert [note for note in exported.notes if "sizes are unknown" in note]
    converted = convert_series(callout.find_series(tmp_path / "images"), tmp_path / "converted", "nifti")
    assert "sizes are unknown" in converted.files[0][1]


@given(planes=st.lists(st.one_of(st.none(), hnp.arrays(np.uint16, (3, 5))), max_size=8), head=st.binary(max_size=400))
@settings(max_examples=60)
def test_planes_of_zeros_are_packed_once(planes: list[npt.NDArray[np.uint16] | None], head: bytes) -> None:
    kind, packed = np.dtype(np.uint16), io.BytesIO()
    pack(packed, head, planes, kind, 30)
    whole = b"".join(bytes(30) if plane is None else plane.astype("<u2").tobytes() for plane in planes)
    assert gzip.decompress(packed.getvalue()) == head + whole
    assert igzip.decompress(packed.getvalue()) == head + whole
