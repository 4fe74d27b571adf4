"""Every class of bad input gets the answer that is promised for it."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from bad_input import BAD_INPUTS, DAMAGED_STREAMS, BadInput, compressed, mutated
from made_series import pixels, series
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from callout import dicom
from callout.errors import InputError, NoImages

MEMORY_LIMIT = 900 * 1024 * 1024


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_answer(bad: BadInput, tmp_path: Path) -> None:
    bad.make(tmp_path)
    tracemalloc.start()
    found = dicom.scan([tmp_path])
    volumes = [dicom.load(series) for series in found.series]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY_LIMIT
    assert tuple(volume.voxels.shape for volume in volumes) == bad.stacks
    warnings = [warning for series in found.series for warning in series.warnings]
    refused = [one for one in found.skipped if one.kind == "refused"]
    if bad.answer == "refuse":
        with pytest.raises(NoImages, match=bad.says) as raised:
            dicom.find_series(tmp_path)
        assert "\n" not in str(raised.value)
    elif bad.answer == "skip":
        assert [re.search(bad.says, one.reason) is not None for one in refused] == [True]
    elif bad.answer == "warn":
        assert any(re.search(bad.says, warning.message) for warning in warnings)
        assert all(warning.path for warning in warnings)
    else:
        assert not refused
        assert not warnings
        for k, voxels in enumerate(volumes[0].voxels):
            assert np.array_equal(voxels, pixels(k, *voxels.shape).astype(np.int16) - 1024)


@pytest.mark.parametrize("bad", DAMAGED_STREAMS, ids=lambda bad: bad.name)
def test_damaged_stream_is_never_shown(bad: BadInput, tmp_path: Path) -> None:
    bad.make(tmp_path)
    found = dicom.scan([tmp_path])
    reasons = [one.reason for one in found.skipped]
    for one in found.series:
        try:
            dicom.load(one)
        except InputError as error:
            reasons.append(f"{Path(error.where).name}: {error.what}")
    assert any(re.search(bad.says, reason) for reason in reasons), reasons
    assert not any(one.grid.shape[0] == 4 for one in found.series) or reasons[-1].startswith("a-")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        dicom.find_series(tmp_path / "nowhere")
    with pytest.raises(InputError, match="can't open it"):
        dicom.find_series("a\0b")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless, JPEG2000Lossless])
def test_mutated_files_load_or_are_named(syntax: str, tmp_path: Path) -> None:
    change = compressed(syntax) if syntax in (JPEGLSLossless, JPEG2000Lossless) else None
    (path,) = series(tmp_path, 1, change, syntax=syntax)
    whole = path.read_bytes()
    answers: set[object] = set()
    for seed in range(150):
        path.write_bytes(mutated(whole, seed))
        found = dicom.scan([tmp_path])
        assert len(found.series) + len(found.skipped) == 1
        for one in found.series:
            try:
                answers.add(dicom.load(one).voxels.shape[0])
            except InputError as error:
                answers.add(Path(error.where).name)
    assert answers <= {1, path.name}
    assert 1 in answers


@pytest.mark.parametrize(("tag", "vr"), [(b"\x28\x00\x10\x00", b"US"), (b"\x20\x00\x32\x00", b"DS")])
def test_a_broken_value_representation_never_changes_values(tag: bytes, vr: bytes, tmp_path: Path) -> None:
    path = series(tmp_path, 2)[1]
    path.write_bytes(path.read_bytes().replace(tag + vr, tag + vr[:1] + b"\0"))
    found = dicom.scan([tmp_path])
    voxels = dicom.load(found.series[0]).voxels
    assert len(voxels) + len(found.skipped) == 2
    assert np.array_equal(voxels[-1], pixels(len(voxels) - 1).astype(np.int16) - 1024)
