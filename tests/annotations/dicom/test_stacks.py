"""Stacks: series of every geometry written as DICOM, shuffled, and the same grid found again; and what splits them."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_frames import enhanced
from made_kinds import KINDS, Kind, make, make_enhanced, values_of
from made_series import image, pixels, series, setting, uid, write
from pydicom import dcmread
from pydicom.dataset import Dataset

from callout import dicom
from callout.errors import InputError

Floats = npt.NDArray[np.float64]


def rotation(a: float, b: float, c: float) -> Floats:
    (ca, cb, cc), (sa, sb, sc) = np.cos([a, b, c]), np.sin([a, b, c])
    turned: Floats = (
        np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
        @ np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
        @ np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    )
    return turned


def decimal(value: float) -> str:
    """A decimal string of DICOM's sixteen characters at most."""
    return f"{value:.10f}"[:16]


@settings(max_examples=30, deadline=None)
@given(
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    gaps=st.lists(st.floats(0.5, 9), max_size=9),
    shear=st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
    corner=st.tuples(*[st.floats(-900, 900)] * 3),
    spacing=st.tuples(st.floats(0.2, 3), st.floats(0.2, 3)),
    seed=st.integers(0, 1000),
    copied=st.sets(st.integers(0, 9)),
)
def test_the_same_grid_comes_back(
    angles: tuple[float, float, float],
    gaps: list[float],
    shear: tuple[float, float],
    corner: tuple[float, float, float],
    spacing: tuple[float, float],
    seed: int,
    copied: set[int],
) -> None:
    turn = rotation(*angles)
    heights = np.concatenate([[0.0], np.cumsum(gaps)])
    along = turn[:, 2] + shear[0] * turn[:, 1] + shear[1] * turn[:, 0]
    origins = np.array(corner) + np.outer(heights, along)
    names, numbers = (random.Random(seed + n).sample(range(len(heights)), len(heights)) for n in range(2))
    copied = {k for k in copied if k < len(heights)}
    with tempfile.TemporaryDirectory() as folder:
        for k, name, number in zip(range(len(heights)), names, numbers, strict=True):
            data_set = image(k)
            data_set.InstanceNumber = number
            data_set.ImagePositionPatient = [decimal(value) for value in origins[k]]
            data_set.ImageOrientationPatient = [decimal(value) for value in (*turn[:, 0], *turn[:, 1])]
            data_set.PixelSpacing = [decimal(value) for value in spacing]
            write(data_set, Path(folder) / f"{name}.dcm")
            if k in copied:
                write(data_set, Path(folder) / "again" / f"{number}.dcm")
        (found,) = dicom.find_series(folder)
        voxels = dicom.load(found).voxels
    assert np.abs(found.grid.origins - origins).max() < 1e-4
    assert np.abs(found.grid.row_step - turn[:, 1] * spacing[0]).max() < 1e-4
    assert np.abs(found.grid.column_step - turn[:, 0] * spacing[1]).max() < 1e-4
    assert np.array_equal(voxels, [pixels(k).astype(np.int16) - 1024 for k in range(len(heights))])
    assert [f"{len(copied)} duplicate" in one.message for one in found.warnings if one.code == "duplicate"] == [
        True
    ] * bool(copied)


def ids(folder: Path) -> list[str]:
    return [one.id.partition("#")[2] for one in dicom.find_series(folder)]


def codes(folder: Path) -> list[list[str]]:
    return [[warning.code for warning in one.warnings] for one in dicom.find_series(folder)]


def test_slices_ascend_along_the_normal_whatever_their_number(tmp_path: Path) -> None:
    series(tmp_path, 4, lambda data_set, k: setattr(data_set, "InstanceNumber", 9 - k))
    (found,) = dicom.find_series(tmp_path)
    assert (np.diff(found.grid.slice_positions) > 0).all()
    assert [Path(instance.path).name for instance in found.instances] == [f"a-{k}.dcm" for k in range(4)]


def test_a_localizer_is_named_by_its_planes(tmp_path: Path) -> None:
    planes = [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 1, 0]
    series(tmp_path, 3, lambda data_set, k: setattr(data_set, "ImageOrientationPatient", planes[k]))
    assert sorted(ids(tmp_path)) == ["axial", "coronal", "sagittal"]


def test_stacks_whose_pixels_differ_in_one_direction_only_have_names_of_their_own(tmp_path: Path) -> None:
    series(tmp_path, 4, setting([2, 3], PixelSpacing=[0.8, 0.9]))
    assert sorted(ids(tmp_path)) == ["0.8mm-1", "0.8mm-2"]


def test_disc_blocks_are_named_from_head_to_foot(tmp_path: Path) -> None:
    def block(data_set: Dataset, k: int) -> None:
        turn = np.cos(0.1 * (k // 2)), np.sin(0.1 * (k // 2))
        data_set.ImageOrientationPatient = [1, 0, 0, 0, *[decimal(value) for value in turn]]
        data_set.ImagePositionPatient = [0, 0, -40 * (k // 2) + 5 * (k % 2)]

    series(tmp_path, 6, block)
    found = {one.id.partition("#")[2]: one.grid.origins[0, 2] for one in dicom.find_series(tmp_path)}
    assert found == {"axial-1": 0, "axial-2": -40, "axial-3": -80}
    message = dicom.find_series(tmp_path)[0].warnings[0].message
    assert "ImageOrientationPatient" in message
    assert "a-5.dcm" in message


@pytest.mark.parametrize(
    ("keyword", "values", "labels"),
    [
        ("EchoTime", (30, 90), ["te=30", "te=90"]),
        ("TemporalPositionIdentifier", (1, 2, 3), ["phase=1", "phase=2", "phase=3"]),
        ("AcquisitionNumber", (2, 11), ["acquisition=11", "acquisition=2"]),
        ("DiffusionBValue", (0.0, 800.0), ["b=0", "b=800"]),
        ("TriggerTime", (0, 40), ["trigger=0", "trigger=40"]),
        ("ImageType", (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]), ["type=m", "type=p"]),
        ("AcquisitionTime", ("101000", "102000"), ["pass=1", "pass=2"]),
    ],
)
def test_images_at_one_place_are_split_by_what_differs(
    keyword: str, values: tuple[Any, ...], labels: list[str], tmp_path: Path
) -> None:
    for number, value in enumerate(values):
        for k in range(3):
            data_set = image(k, modality="MR")
            data_set.SOPInstanceUID, data_set.PixelData = uid(number, k), pixels(k + 5 * number).tobytes()
            setattr(data_set, keyword, value)
            write(data_set, tmp_path / f"{number}-{k}.dcm")
    assert sorted(ids(tmp_path)) == labels
    found = {one.id.partition("#")[2]: one for one in dicom.find_series(tmp_path)}
    for number, label in enumerate(labels if keyword != "AcquisitionNumber" else reversed(labels)):
        assert np.array_equal(dicom.load(found[label]).voxels[1], pixels(1 + 5 * number))
    assert codes(tmp_path) == [["split"]] * len(values)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_series_of_every_maker_fall_into_their_stacks(kind: Kind, tmp_path: Path) -> None:
    make(kind, tmp_path)
    scan = dicom.scan([tmp_path])
    assert not scan.skipped
    assert tuple(sorted(one.id.partition("#")[2] for one in scan.series)) == kind.labels
    assert len({one.display_set for one in scan.series}) == (kind.sets or len(kind.labels))
    assert sum(one.grid.shape[0] for one in scan.series) == len(list(tmp_path.iterdir()))
    for one in scan.series:
        for k, instance in enumerate(one.instances):
            data_set = dcmread(instance.path)
            assert np.allclose(one.grid.origins[k], data_set.ImagePositionPatient, atol=1e-6)
            assert np.array_equal(dicom.load_slice(one, k), values_of(data_set))


LOST_IN_FRAMES = ("diffusion", "ge complex", "cardiac CT", "two frames of reference", "to and fro")


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.name.endswith(LOST_IN_FRAMES)], ids=lambda kind: kind.name
)
def test_frames_of_one_file_fall_into_the_same_stacks(kind: Kind, tmp_path: Path) -> None:
    make_enhanced(kind, tmp_path)
    scan = dicom.scan([tmp_path])
    assert not scan.skipped
    assert tuple(sorted(one.id.partition("#")[2] for one in scan.series)) == kind.labels


def test_frames_that_only_a_dimension_tells_apart(tmp_path: Path) -> None:
    data_set = enhanced([image(k % 3, modality="MR") for k in range(6)])
    for n, frame in enumerate(data_set.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.DimensionIndexValues = [1, n % 3 + 1, n // 3 + 1]
        frame.FrameContentSequence = [content]
    write(data_set, tmp_path / "a.dcm")
    assert ids(tmp_path) == ["dimension-3=1", "dimension-3=2"]


def test_blocks_are_listed_in_the_order_in_which_they_scroll(tmp_path: Path) -> None:
    def block(data_set: Dataset, k: int) -> None:
        turn = np.cos(0.02 * k), np.sin(0.02 * k)
        data_set.ImageOrientationPatient = [1, 0, 0, 0, *[decimal(value) for value in turn]]
        data_set.ImagePositionPatient = [0, 0, -10 * k]

    series(tmp_path, 12, block)
    assert ids(tmp_path) == [f"axial-{number}" for number in range(1, 13)]


def test_a_time_that_differs_in_every_image_splits_nothing(tmp_path: Path) -> None:
    series(tmp_path, 4, lambda data_set, k: setattr(data_set, "AcquisitionTime", f"1010{k:02}"))
    assert ids(tmp_path) == [""]


def test_series_that_lost_their_uid_are_told_apart_by_what_is_left(tmp_path: Path) -> None:
    for name in "ab":
        series(tmp_path, 3, setting(SeriesInstanceUID="", FrameOfReferenceUID=uid(name)), name=name)
    found = dicom.find_series(tmp_path)
    assert [one.grid.shape for one in found] == [(3, 6, 5)] * 2
    assert len({one.id for one in found}) == 2
    assert codes(tmp_path) == [["uid-missing"]] * 2


def test_a_file_that_changed_since_is_read_again_or_refused(tmp_path: Path) -> None:
    paths = series(tmp_path, 3)
    (found,) = dicom.find_series(tmp_path)
    data_set = image(1)
    data_set.SeriesDescription, data_set.PixelData = "a longer description than before", pixels(7).tobytes()
    write(data_set, paths[1])
    assert np.array_equal(dicom.load(found).voxels[1], pixels(7).astype(np.int16) - 1024)
    write(image(1, "other"), paths[1])
    with pytest.raises(InputError, match="another image"):
        dicom.load(found)
    paths[1].unlink()
    with pytest.raises(InputError, match=r"a-1\.dcm"):
        dicom.load(found)
    with pytest.raises(InputError, match=r"a-1\.dcm"):
        dicom.load_slice(found, 1)


def test_values_beyond_sixteen_bits_and_slopes_of_each_slice(tmp_path: Path) -> None:
    def wide(data_set: Dataset, k: int) -> None:
        data_set.BitsStored, data_set.HighBit, data_set.RescaleIntercept = 16, 15, 0
        data_set.PixelData = (pixels(k) + 60000 * (k == 2)).astype(np.uint16).tobytes()

    series(tmp_path / "a", 3, wide)
    (found,) = dicom.find_series(tmp_path / "a")
    volume = dicom.load(found)
    assert volume.dtype == np.float32
    assert np.array_equal(volume.voxels[2], (pixels(2) + 60000).astype(np.float32))
    assert dicom.load_slice(found, 0).dtype == np.int16

    series(tmp_path / "b", 3, lambda data_set, k: setattr(data_set, "RescaleSlope", 0.5 * (k + 1)))
    (found,) = dicom.find_series(tmp_path / "b")
    voxels = dicom.load(found).voxels
    assert all(np.array_equal(voxels[k], pixels(k) * 0.5 * (k + 1) - 1024) for k in range(3))


def test_progress_is_told_and_can_stop(tmp_path: Path) -> None:
    series(tmp_path, 40)
    (found,) = dicom.find_series(tmp_path)
    told: list[tuple[int, int]] = []
    dicom.load(found, lambda done, whole: told.append((done, whole)))
    assert told[-1] == (40, 40)

    def stop(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dicom.load(found, stop)


def test_empty_slices_that_repetitions_share_are_no_copies(tmp_path: Path) -> None:
    for n in range(10):
        data_set = image(n % 5, modality="MR")
        data_set.InstanceNumber, data_set.SOPInstanceUID = n + 1, uid("repetition", n)
        data_set.PixelData = pixels(n).tobytes() if n % 5 < 4 else bytes(len(pixels(n).tobytes()))
        write(data_set, tmp_path / f"{n}.dcm")
    assert ids(tmp_path) == ["pass=1", "pass=2"]
    found = dicom.find_series(tmp_path)
    assert [dicom.load(one).voxels[1].min() for one in found] == [pixels(1).min(), pixels(6).min()]


def test_an_even_scan_whose_odd_slices_lie_aside_stays_one(tmp_path: Path) -> None:
    for k in range(10):
        data_set = image(k)
        data_set.ImagePositionPatient = [0.4 * (k % 2), 0, 5.0 * k]
        write(data_set, tmp_path / f"{k}.dcm")
    assert codes(tmp_path) == [["uneven", "tilt"]]


def test_passes_over_midnight_keep_their_slices(tmp_path: Path) -> None:
    make(next(kind for kind in KINDS if kind.name == "passes over midnight"), tmp_path)
    for number, one in enumerate(dicom.find_series(tmp_path)):
        assert [dicom.load_slice(one, k)[0, 0] for k in range(5)] == [pixels(5 * number + k)[0, 0] for k in range(5)]
