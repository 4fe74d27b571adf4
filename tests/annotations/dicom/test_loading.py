"""Loading: what is looked at comes first, all of it comes once, and what goes wrong is told once, by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import made_series
import numpy as np
import pytest
from pydicom.dataset import Dataset

from callout import dicom
from callout.dicom import Loading
from callout.errors import InputError
from callout.volume import Series

COUNT = 60


@pytest.fixture
def series(tmp_path: Path) -> Series:
    """A series of many small slices."""
    made_series.series(tmp_path, COUNT)
    return dicom.find_series(tmp_path)[0]


def expected(count: int = COUNT) -> np.ndarray:
    return np.stack([made_series.pixels(k) for k in range(count)]).astype(int) - 1024


class Told:
    """What a loading said, in order; its threads wait before they go on until `go` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go, self.begun = Event(), Event()

    def __call__(self, loading: Loading, ks: Sequence[int]) -> None:
        self.batches.append(list(ks))
        self.begun.set()
        self.go.wait(20)


def test_the_slice_looked_at_comes_first_then_its_neighbours_and_each_once(series: Series) -> None:
    told = Told()
    told.go.set()
    loading = Loading(series, 31, told)
    assert np.array_equal(loading.volume().voxels, expected())
    assert loading.complete
    assert loading.done == COUNT
    assert told.batches[-1] == []
    assert sorted(k for batch in told.batches for k in batch) == list(range(COUNT))
    assert abs(told.batches[0][0] - 31) <= dicom.loading.LONGEST_RUN


def test_what_has_arrived_is_right_while_the_rest_is_not_there(series: Series) -> None:
    told = Told()
    loading = Loading(series, 10, told)
    assert told.begun.wait(20)
    there = np.flatnonzero(loading.arrived)
    assert len(there)
    assert np.array_equal(loading.voxels[there], expected()[there])
    assert not loading.voxels.flags.writeable
    told.go.set()
    loading.wait()


def test_another_slice_looked_at_changes_what_comes_next(series: Series) -> None:
    told = Told()
    loading = Loading(series, 0, told)
    assert told.begun.wait(20)
    loading.look_at(50)
    already = len(told.batches)
    told.go.set()
    loading.wait()
    begun = [batch[0] for batch in told.batches[already:] if batch]
    assert any(abs(k - 50) <= dicom.loading.LONGEST_RUN for k in begun)
    assert np.array_equal(loading.volume().voxels, expected())


def test_a_cancelled_loading_ends_and_makes_no_volume(series: Series) -> None:
    told = Told()
    loading = Loading(series, 0, told)
    assert told.begun.wait(20)
    loading.cancel()
    told.go.set()
    assert loading.wait()
    assert not loading.complete
    assert told.batches[-1] == []
    with pytest.raises(InputError, match="cancelled"):
        loading.volume()


def test_progress_that_raises_ends_the_loading(series: Series) -> None:
    def stop(done: int, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dicom.load(series, stop)


def test_progress_reaches_all(series: Series) -> None:
    seen: list[tuple[int, int]] = []
    dicom.load(series, lambda done, count: seen.append((done, count)))
    assert seen[-1] == (COUNT, COUNT)


def test_a_file_that_is_gone_is_named(series: Series) -> None:
    gone = series.instances[40].path
    Path(gone).unlink()
    told = Told()
    told.go.set()
    loading = Loading(series, 0, told)
    with pytest.raises(InputError, match="bring the folder back") as error:
        loading.volume()
    assert error.value.where == gone
    assert loading.problem == str(error.value)
    assert told.batches[-1] == []
    assert told.batches.count([]) == 1


def test_a_value_too_large_for_16_bits_makes_all_of_them_floating_point(tmp_path: Path) -> None:
    def change(data_set: Dataset, k: int) -> None:
        data_set.BitsStored, data_set.HighBit, data_set.RescaleIntercept = 16, 15, 0
        if k == 45:
            samples = made_series.pixels(k)
            samples[2, 3] = 40000
            data_set.PixelData = samples.tobytes()

    made_series.series(tmp_path, COUNT, change)
    (series,) = dicom.find_series(tmp_path)
    loading = Loading(series)
    voxels = loading.volume().voxels
    right = expected() + 1024
    right[45, 2, 3] = 40000
    assert voxels.dtype == np.float32
    assert np.array_equal(voxels, right)


@pytest.mark.parametrize("slope", [1, 1.5])
def test_headers_are_read_again_where_a_case_knows_files_alone(tmp_path: Path, slope: float) -> None:
    made_series.series(tmp_path, 4, made_series.setting(only=(3,), RescaleSlope=slope))
    (series,) = dicom.find_series(tmp_path)
    bare = replace(series, instances=tuple(replace(one, stored=None) for one in series.instances))
    again, before = dicom.load(bare).voxels, dicom.load(series).voxels
    assert again.dtype == before.dtype == (np.int16 if slope == 1 else np.float32)
    assert np.array_equal(again, before)
