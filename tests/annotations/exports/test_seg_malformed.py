"""Damaged and hostile segmentations: read, or refused by name, within bounds of memory."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import made_stacks
import peak
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_stacks import box
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

import callout
from callout.errors import CalloutError, InputError
from callout.exports.loaded import LoadedMask
from callout.exports.masks_in import read_file

STAND_IN = "1.2.840.10008.1.2.4.90"
MASKS = box((1, 3), (0, 3), (0, 3)), box((2, 5), (3, 6), (2, 5))
KINDS = {
    "labelmap": ("labelmap", "none"),
    "labelmap-rle": ("labelmap", "rle"),
    "seg-deflated": ("seg", "deflated"),
    "seg": ("seg", "none"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A segmentation of every kind, and a FRACTIONAL one whose frames are deflated one by one."""
    folder = tmp_path_factory.mktemp("sound")
    files = {}
    with made_stacks.case(folder) as case:
        made_stacks.draw(case, *MASKS)
        for name, (kind, compression) in KINDS.items():
            out = callout.export(case, folder / name, to=[kind], compression=compression)  # type: ignore[arg-type]
            files[name] = out.files[0]
    files["fractional"] = folder / "fractional.dcm"
    _save(_fractional(pydicom.dcmread(files["seg"])), files["fractional"])
    return files


def _save(data_set: Dataset, path: Path) -> None:
    """pydicom does not know the syntax of frames that are deflated one by one: it writes another of that length."""
    data_set.save_as(path)
    path.write_bytes(path.read_bytes().replace(STAND_IN.encode(), b"1.2.840.10008.1.2.8.1\0"))


def _fractional(data_set: Dataset) -> Dataset:
    frames = data_set.pixel_array * 200
    data_set.SegmentationType, data_set.SegmentationFractionalType = "FRACTIONAL", "OCCUPANCY"
    data_set.MaximumFractionalValue = 255
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 8, 8, 7
    packed = []
    for frame in frames.astype("u1"):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed.append(packer.compress(frame.tobytes()) + packer.flush())
    data_set.PixelData = encapsulate([one + bytes(len(one) % 2) for one in packed])
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
    data_set.file_meta.TransferSyntaxUID = UID(STAND_IN)
    return data_set


NAMES = [*KINDS, "fractional"]


@pytest.mark.parametrize("name", NAMES)
def test_the_sound_ones_are_read(name: str, sound: dict[str, Path]) -> None:
    masks = read_file(sound[name], ()).masks
    assert [one.mask.count for one in masks] == [int(mask.sum()) for mask in MASKS]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_bytes(sound: dict[str, Path], tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Whatever byte is changed, anywhere: masks are read that fit their grid, or the file is refused by name."""
    content = bytearray(sound[name].read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.sampled_from([len(content), len(content) // 2, len(content) - 3]))
    path = tmp_path / f"{name}.dcm"
    path.write_bytes(bytes(content[:end]))
    refused, masks = "", tuple[LoadedMask, ...]()
    try:
        masks = read_file(path, ()).masks
    except CalloutError as error:
        refused = str(error)
    assert bool(masks) != (path.name in refused)
    assert len(refused.splitlines()) < 2
    assert all(one.mask.shape == one.grid.shape and one.mask.count for one in masks)


MISSING = {
    "SegmentSequence": "SegmentSequence is missing",
    "Rows": "Rows is missing",
    "BitsAllocated": "BitsAllocated is missing",
    "PixelData": "PixelData is missing",
    "PerFrameFunctionalGroupsSequence": "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence": "frame 1 has no PixelMeasuresSequence",
}


@pytest.mark.parametrize("keyword", MISSING)
def test_what_is_missing_is_named(keyword: str, sound: dict[str, Path], tmp_path: Path) -> None:
    data_set = pydicom.dcmread(sound["labelmap"])
    delattr(data_set, keyword)
    data_set.save_as(tmp_path / "a.dcm")
    with pytest.raises(InputError, match=rf"{MISSING[keyword]}.*a\.dcm"):
        read_file(tmp_path / "a.dcm", ())


@pytest.mark.parametrize(
    ("sequence", "keyword", "value", "said"),
    [
        ("PlaneOrientationSequence", "ImageOrientationPatient", [2, 0, 0, 0, 1, 0], "unit length"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [0, 0, 0, 0, 0, 0], "unit length"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [1, 0, 0, 0.6, 0.8, 0], "perpendicular"),
        ("PixelMeasuresSequence", "PixelSpacing", [0, 0.7], "no extent"),
        ("PixelMeasuresSequence", "PixelSpacing", None, "has no PixelSpacing"),
    ],
)
def test_geometry_that_is_none(
    sequence: str, keyword: str, value: object, said: str, sound: dict[str, Path], tmp_path: Path
) -> None:
    data_set = pydicom.dcmread(sound["labelmap"])
    setattr(data_set.SharedFunctionalGroupsSequence[0][sequence][0], keyword, value)
    data_set.save_as(tmp_path / "a.dcm")
    with pytest.raises(InputError, match=said):
        read_file(tmp_path / "a.dcm", ())


def _as_if_large(data_set: Dataset, frames: int, side: int) -> None:
    """Says that it has so many frames of so many pixels each."""
    groups = data_set.PerFrameFunctionalGroupsSequence
    data_set.PerFrameFunctionalGroupsSequence = [groups[n % len(groups)] for n in range(frames)]
    data_set.NumberOfFrames, data_set.Rows, data_set.Columns = frames, side, side


def _deflated_frames(data_set: Dataset) -> None:
    """Each frame inflates to a hundred times what it should, from few bytes."""
    _as_if_large(data_set, 8, 1000)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    data_set.PixelData = encapsulate([bomb + bytes(len(bomb) % 2)] * 8)


def _run_lengths(data_set: Dataset) -> None:
    """Frames of the largest size there may be, all set, from few bytes: 4096 × 4096, a thousand of them."""
    _as_if_large(data_set, 120, 4096)
    row = b"\x81\x01" * (4096 * 4096 // 128)
    frame = struct.pack("<16I", 1, 64, *[0] * 14) + row
    data_set.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.5")
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit = 8, 8, 7
    data_set.MaximumFractionalValue = 1
    data_set.PixelData = encapsulate([frame] * 120)


BOMBS = {"deflated frames": _deflated_frames, "run lengths": _run_lengths}
READ = """
import sys
from pathlib import Path
from callout.errors import InputError
from callout.exports.masks_in import read_file
from peak import peak_megabytes
import pydicom, imagecodecs
from scipy import ndimage
before = peak_megabytes()
try:
    read_file(Path(sys.argv[1]), ())
except InputError as error:
    print(str(error))
print(peak_megabytes() - before)
"""


def read_elsewhere(path: Path) -> tuple[str, float]:
    """What reading it says, and how many MB more it took."""
    command = [sys.executable, "-c", READ, str(path)]
    paths = [str(Path(peak.__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=environment)
    said = ran.stdout.splitlines()
    return "".join(said[:-1]), float(said[-1])


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_of_frames_are_refused(name: str, sound: dict[str, Path], tmp_path: Path) -> None:
    data_set = pydicom.dcmread(sound["fractional"])
    data_set.file_meta.TransferSyntaxUID = UID(STAND_IN)
    BOMBS[name](data_set)
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
    _save(data_set, tmp_path / "a.dcm")
    said, megabytes = read_elsewhere(tmp_path / "a.dcm")
    assert "a.dcm" in said
    assert megabytes < 900


def test_a_deflated_data_set_that_is_a_bomb_is_refused(sound: dict[str, Path], tmp_path: Path) -> None:
    """Three hundred megabytes of zeros."""
    data_set = pydicom.dcmread(sound["seg-deflated"])
    data_set.add_new(0x00091010, "OB", b"")
    head = sound["seg-deflated"].read_bytes()
    start = head.index(b"1.2.840.10008.1.2.1.99") + 22
    end = 132 + 12 + struct.unpack("<I", head[140:144])[0]
    assert start <= end
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [packer.compress(zlib.decompressobj(-15).decompress(head[end:]))]
    parts += [packer.compress(struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"OB", 0, 300 << 20))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(300)] + [packer.flush()]
    (tmp_path / "a.dcm").write_bytes(head[:end] + b"".join(parts))
    said, megabytes = read_elsewhere(tmp_path / "a.dcm")
    assert "deflated data set is larger" in said
    assert megabytes < 900
