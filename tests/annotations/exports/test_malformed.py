"""Mask files that are cut, lie or are something else: one clear line each, the case unchanged, nothing leaks."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import made_stacks
import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_stacks import SHAPE, box
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.cli import main
from callout.errors import CalloutError, InputError
from callout.exports import import_masks
from callout.exports.masks_in import read_file
from callout.exports.nrrd import write_volume

Spoil = Callable[[bytearray], bytes | None]
MASK = box((1, 3), (1, 4), (2, 5))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case without findings, and its mask as m.nii.gz, m.nii, m.nrrd and m.dcm."""
    folder = tmp_path_factory.mktemp("sound")
    with made_stacks.case(folder) as case:
        grid = case.series[0].grid
    with made_stacks.copy_of(folder / "a.callout", folder, "drawn.callout") as case:
        made_stacks.draw(case, MASK, box((2, 4), (1, 4), (2, 5)))
        seg = callout.export(case, folder / "out", to=["seg"]).files[0]
        seg.rename(folder / "m.dcm")
    with made_stacks.copy_of(folder / "a.callout", folder, "one.callout") as case:
        made_stacks.draw(case, MASK)
        callout.export(case, folder / "out", to=["nifti"]).files[0].rename(folder / "m.nii.gz")
    (folder / "m.nii").write_bytes(gzip.decompress((folder / "m.nii.gz").read_bytes()))
    write_volume(folder / "m.nrrd", MASK.astype(np.uint8), grid)
    return folder


@pytest.fixture
def case(sound: Path, tmp_path: Path) -> Iterator[Case]:
    with made_stacks.copy_of(sound / "a.callout", tmp_path) as opened:
        yield opened


def packing(fmt: str, offset: int, *values: float) -> Spoil:
    def spoil(data: bytearray) -> None:
        struct.pack_into(fmt, data, offset, *values)

    return spoil


def replacing(old: bytes, new: bytes) -> Spoil:
    def spoil(data: bytearray) -> bytes:
        assert old in data
        return bytes(data).replace(old, new, 1)

    return spoil


def dropping_line(start: bytes) -> Spoil:
    def spoil(data: bytearray) -> bytes:
        head, blank, body = bytes(data).partition(b"\n\n")
        return b"\n".join(line for line in head.split(b"\n") if not line.startswith(start)) + blank + body

    return spoil


NIFTI: dict[str, Spoil] = {
    "empty": lambda _: b"",
    "text": lambda _: b"not a mask at all\n" * 40,
    "cut header": lambda data: bytes(data[:200]),
    "cut voxels": lambda data: bytes(data[:-30]),
    "no magic": packing("<4s", 344, b"abcd"),
    "negative size": packing("<8h", 40, 3, -5, 6, 5, 1, 1, 1, 1),
    "no axes": packing("<8h", 40, 0, 0, 0, 0, 0, 0, 0, 0),
    "two axes": packing("<8h", 40, 2, 5, 30, 1, 1, 1, 1, 1),
    "four axes": packing("<8h", 40, 4, 5, 3, 5, 2, 1, 1, 1),
    "eight axes": packing("<8h", 40, 8, 5, 6, 5, 1, 1, 1, 1),
    "a size beyond all memory": packing("<8h", 40, 3, 32767, 32767, 32767, 1, 1, 1, 1),
    "unknown type": packing("<2h", 70, 4711, 8),
    "complex": packing("<2h", 70, 32, 64),
    "colours": packing("<2h", 70, 128, 24),
    "no geometry": packing("<2h", 252, 0, 0),
    "an affine of NaN": packing("<4f", 280, float("nan"), 0, 0, 0),
    "an affine of zeros": packing("<12f", 280, *[0.0] * 12),
    "a skewed affine": packing("<4f", 280, -0.7, -0.5, 0, 10),
    "values that are no labels": packing("<2f", 112, 0.3, 0.1),
    "voxels before the header": packing("<f", 108, -4),
    "voxels beyond the end": packing("<f", 108, 1e9),
}
NRRD: dict[str, Spoil] = {
    "empty": lambda _: b"",
    "text": lambda _: b"not a mask at all\n" * 40,
    "magic only": lambda _: b"NRRD0004\n",
    "cut header": lambda data: bytes(data[:60]),
    "cut voxels": lambda data: bytes(data[:-20]),
    "no sizes": dropping_line(b"sizes"),
    "no space": dropping_line(b"space:"),
    "no origin": dropping_line(b"space origin"),
    "no directions": dropping_line(b"space directions"),
    "no type": dropping_line(b"type"),
    "no encoding": dropping_line(b"encoding"),
    "sizes too small": replacing(b"sizes: 5 6 5", b"sizes: 5 6 4"),
    "sizes too large": replacing(b"sizes: 5 6 5", b"sizes: 500 600 500"),
    "sizes beyond all memory": replacing(b"sizes: 5 6 5", b"sizes: 99999 99999 99999"),
    "negative sizes": replacing(b"sizes: 5 6 5", b"sizes: -5 6 -5"),
    "sizes in words": replacing(b"sizes: 5 6 5", b"sizes: five six five"),
    "two axes": replacing(b"sizes: 5 6 5", b"sizes: 5 30"),
    "unknown space": replacing(b"left-posterior-superior", b"scanner-xyz"),
    "a space of NaN": replacing(b"space origin: (", b"space origin: (nan,1,1) #"),
    "unknown type": replacing(b"type: uint8", b"type: quaternion"),
    "unknown encoding": replacing(b"encoding: gzip", b"encoding: zebra"),
    "another encoding": replacing(b"encoding: gzip", b"encoding: bzip2"),
    "a file elsewhere": replacing(b"encoding: gzip", b"data file: /etc/passwd\nencoding: raw"),
    "a device": replacing(b"encoding: gzip", b"data file: /dev/zero\nencoding: raw"),
    "no colon": replacing(b"encoding: gzip", b"encoding gzip"),
    "a line twice": replacing(b"encoding: gzip", b"encoding: gzip\nencoding: gzip"),
    "a layer that is not there": replacing(b"encoding: gzip", b"encoding: gzip\nSegment0_Name:=a\nSegment0_Layer:=3"),
    "a layer below": replacing(b"encoding: gzip", b"encoding: gzip\nSegment0_Name:=a\nSegment0_Layer:=-1"),
    "a label in words": replacing(b"encoding: gzip", b"encoding: gzip\nSegment0_Name:=a\nSegment0_LabelValue:=x"),
}


def _frame(**values: object) -> Callable[[Dataset], None]:
    """A change of the first frame's PlanePositionSequence."""

    def change(data_set: Dataset) -> None:
        place = data_set.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
        for keyword, value in values.items():
            setattr(place, keyword, value)

    return change


def _setting(**values: object) -> Callable[[Dataset], None]:
    def change(data_set: Dataset) -> None:
        for keyword, value in values.items():
            if value is None:
                delattr(data_set, keyword)
            else:
                setattr(data_set, keyword, value)

    return change


def _unknown_segment(data_set: Dataset) -> None:
    data_set.PerFrameFunctionalGroupsSequence[0].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 77


def _turned(data_set: Dataset) -> None:
    data_set.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 1, 0, 0]


def _flat(data_set: Dataset) -> None:
    data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = [0, 0.7]


def _differing(data_set: Dataset) -> None:
    shared = data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    for n, frame in enumerate(data_set.PerFrameFunctionalGroupsSequence):
        item = Dataset()
        item.PixelSpacing = [0.8 + n, 0.7]
        frame.PixelMeasuresSequence = [item]
    assert shared
    del data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence


SEG: dict[str, Callable[[Dataset], None]] = {
    "short PixelData": _setting(PixelData=b"\0\0"),
    "no PixelData": _setting(PixelData=None),
    "no Rows": _setting(Rows=None),
    "other Rows": _setting(Rows=600),
    "no segments": _setting(SegmentSequence=None),
    "no frames": _setting(PerFrameFunctionalGroupsSequence=None),
    "fewer frames than said": _setting(NumberOfFrames=2),
    "more frames than said": _setting(NumberOfFrames=70),
    "no shared groups": _setting(SharedFunctionalGroupsSequence=None),
    "fractional bits": _setting(SegmentationType="FRACTIONAL"),
    "a label map of bits": _setting(SegmentationType="LABELMAP"),
    "of no known type": _setting(SegmentationType="SURFACE"),
    "an image": _setting(SOPClassUID="1.2.840.10008.5.1.4.1.1.2"),
    "no class": _setting(SOPClassUID=None),
    "a frame of an unknown segment": _unknown_segment,
    "rows along columns": _turned,
    "pixels without extent": _flat,
    "frames of different pixels": _differing,
    "a place of two numbers": _frame(ImagePositionPatient=[1, 2]),
    "a frame beside its slice": _frame(ImagePositionPatient=[55, 2, 32.5]),
    "frames that nearly coincide": _frame(ImagePositionPatient=[-10, -20, 35.005]),
}


def check(case: Case, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Reading it is one InputError that names it; the case is unchanged, and nothing is printed."""
    with pytest.raises(InputError) as caught:
        import_masks(case, path)
    assert path.name in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert case.findings == ()
    assert case.history == ()
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", NIFTI)
def test_nifti(
    name: str, packed: bool, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray((sound / "m.nii").read_bytes())
    spoilt = NIFTI[name](data)
    data = data if spoilt is None else bytearray(spoilt)
    path = tmp_path / ("m.nii.gz" if packed else "m.nii")
    path.write_bytes(gzip.compress(bytes(data)) if packed else bytes(data))
    check(case, path, capfd)


@pytest.mark.parametrize("at", [0, 5, 30, 90])
def test_a_nifti_cut_in_its_packed_bytes(
    at: int, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.nii.gz").write_bytes((sound / "m.nii.gz").read_bytes()[:at])
    check(case, tmp_path / "m.nii.gz", capfd)


@pytest.mark.parametrize("name", NRRD)
def test_nrrd(name: str, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray((sound / "m.nrrd").read_bytes())
    (tmp_path / "m.nrrd").write_bytes(NRRD[name](data) or b"")
    check(case, tmp_path / "m.nrrd", capfd)


@pytest.mark.parametrize("name", SEG)
def test_seg(name: str, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    dataset = pydicom.dcmread(sound / "m.dcm")
    SEG[name](dataset)
    dataset.save_as(tmp_path / "m.dcm")
    check(case, tmp_path / "m.dcm", capfd)


@pytest.mark.parametrize("part", [0.0, 0.02, 0.1, 0.3, 0.6, 0.9, 0.99])
def test_a_cut_seg(part: float, sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = (sound / "m.dcm").read_bytes()
    (tmp_path / "m.dcm").write_bytes(data[: int(len(data) * part)])
    check(case, tmp_path / "m.dcm", capfd)


def test_a_seg_with_sequences_nested_without_end(
    sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nest = struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    (tmp_path / "m.dcm").write_bytes((sound / "m.dcm").read_bytes() + nest * 2000)
    check(case, tmp_path / "m.dcm", capfd)


def test_a_packed_bomb_is_not_inflated(
    sound: Path, case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """200 MB of zeros behind a header that says 150 bytes."""
    import tracemalloc

    head = (sound / "m.nrrd").read_bytes().partition(b"\n\n")[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(bytes(10_000_000)) for _ in range(20)]) + packer.flush()
    (tmp_path / "m.nrrd").write_bytes(head + b"\n\n" + bomb)
    tracemalloc.start()
    check(case, tmp_path / "m.nrrd", capfd)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_a_deflated_seg_is_read(sound: Path, case: Case, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(sound / "m.dcm")
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    dataset.save_as(tmp_path / "m.dcm")
    made = import_masks(case, tmp_path / "m.dcm").made
    assert np.array_equal(case.mask(made[0][1]), MASK)


@pytest.mark.parametrize("name", ["m.nii.gz", "m.nii", "m.nrrd", "m.dcm"])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_bytes(sound: Path, tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Whatever byte is changed: masks are read, or the file is refused by name."""
    content = bytearray((sound / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 1500) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(bytes(content))
    refused, masks = "", []
    try:
        masks = list(read_file(tmp_path / name, ()).masks)
    except CalloutError as error:
        refused = str(error)
    assert name in refused or masks
    assert all(mask.mask.shape == mask.grid.shape for mask in masks)


def test_what_is_no_mask_file(case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.dcm").write_text("x")
    (tmp_path / "folder.nii.gz").mkdir()
    for name in ("a.txt", "a.dcm", "folder.nii.gz", "nowhere.nii.gz"):
        check(case, tmp_path / name, capfd)


def test_an_image_is_no_mask(case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A CT in HU has values that no label has."""
    values = np.linspace(-1000, 1000, int(np.prod(SHAPE))).reshape(SHAPE[::-1])
    for kind in (np.int16, np.float32):
        image = nibabel.Nifti1Image(values.astype(kind), np.diag([-0.7, -0.8, 2.5, 1]))
        image.to_filename(tmp_path / "ct.nii.gz")
        check(case, tmp_path / "ct.nii.gz", capfd)


def test_lengths_in_metres_are_refused(case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    image = nibabel.Nifti1Image(np.ones(SHAPE[::-1], np.uint8), np.diag([-0.0007, -0.0008, 0.0025, 1]))
    image.header.set_xyzt_units("meter")
    image.to_filename(tmp_path / "m.nii.gz")
    check(case, tmp_path / "m.nii.gz", capfd)
    write_volume(tmp_path / "m.nrrd", np.ones(SHAPE, np.uint8), case.series[0].grid)
    data = (tmp_path / "m.nrrd").read_bytes().replace(b"encoding:", b'space units: "m" "m" "m"\nencoding:', 1)
    (tmp_path / "m.nrrd").write_bytes(data)
    with pytest.raises(InputError, match="space units"):
        read_file(tmp_path / "m.nrrd", ())


def test_an_empty_mask_is_refused(case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_volume(tmp_path / "m.nrrd", np.zeros(SHAPE, np.uint8), case.series[0].grid)
    check(case, tmp_path / "m.nrrd", capfd)


def test_of_several_files_all_come_in_or_none(
    sound: Path, case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case.close()
    (tmp_path / "bad.nii").write_bytes(b"x" * 500)
    before = case.path.read_bytes()
    assert main(["import", str(case.path), str(sound / "m.nii.gz"), str(tmp_path / "bad.nii")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("callout: not a NIfTI file that can be read — ")
    assert case.path.read_bytes() == before
