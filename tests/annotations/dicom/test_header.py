"""Headers: the plain walker against pydicom, its short cut against itself, and files that only pydicom can read."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_series import image, pixels, series, write
from pydicom.dataset import Dataset
from pydicom.filebase import DicomFileLike
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from callout import dicom
from callout.dicom.header import Unreadable, read_header, walk
from callout.dicom.walker import Layouts, Short, Unusual, Walked, dialect, walk_elements


def nested(k: int, text: str = "x") -> Dataset:
    """An image with sequences of known and of unknown length, and a private element before its pixels."""
    data_set = image(k)
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "1", text
    outer.PurposeOfReferenceCodeSequence = Sequence([inner])
    data_set.SourceImageSequence = Sequence([outer, outer])
    data_set["SourceImageSequence"].is_undefined_length = True
    data_set.ProcedureCodeSequence = Sequence([inner])
    data_set.add_new(0x00090010, "LO", "A MAKER")
    data_set.add_new(0x00091001, "UN", b"\1\2\3\4")
    return data_set


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_the_walker_finds_what_pydicom_finds(syntax: str, tmp_path: Path) -> None:
    data_set = nested(1)
    if syntax == ExplicitVRBigEndian:
        data_set.PixelData = pixels(1).astype(">u2").tobytes()
    header = read_header(str(write(data_set, tmp_path / "a.dcm", syntax)))
    for keyword in ("SeriesInstanceUID", "SeriesDescription", "PhotometricInterpretation", "PatientID"):
        assert header.text(keyword) == str(data_set[keyword].value)
    assert header.unsigned("Rows") == data_set.Rows
    assert header.numbers("PixelSpacing") == tuple(data_set.PixelSpacing)
    assert header.pixel_length == len(data_set.PixelData)
    place = slice(header.pixel_offset, (header.pixel_offset or 0) + len(data_set.PixelData))
    assert (tmp_path / "a.dcm").read_bytes()[place] == data_set.PixelData


def outcome(data: bytes, layouts: Layouts | None) -> Walked | type[Exception]:
    form = dialect(False, "<")
    try:
        if layouts is None:
            return walk_elements(data, 0, form, True)
        return layouts.walk(data, 0, form, True)
    except (Short, Unusual) as error:
        return type(error)


def data_set_bytes(data_set: Dataset) -> bytes:
    buffer = io.BytesIO()
    file = DicomFileLike(buffer)
    file.is_little_endian, file.is_implicit_VR = True, False
    write_dataset(file, data_set)
    return buffer.getvalue()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 255), st.booleans())
def test_the_short_cut_never_differs_from_the_walk(place: int, value: int, longer: bool) -> None:
    learnt = data_set_bytes(nested(1))
    layouts = Layouts()
    layouts.walk(learnt, 0, dialect(False, "<"), True)
    other = bytearray(data_set_bytes(nested(2, "something longer" if longer else "y")))
    other[place % len(other)] = value
    assert outcome(bytes(other), layouts) == outcome(bytes(other), None)
    cut = bytes(other[: place % len(other)])
    assert outcome(cut, layouts) == outcome(cut, None)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_named(tail: bytes) -> None:
    for syntax in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"):
        value = syntax.encode() + b"\0" * (len(syntax) % 2)
        head = bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x10, b"UI", len(value)) + value
        data = head + tail
        try:
            walk(data, "", len(data), 0, Layouts())
        except (Unreadable, Unusual, Short):
            continue


def test_a_data_set_without_preamble(tmp_path: Path) -> None:
    for path in series(tmp_path, 3, syntax=ImplicitVRLittleEndian):
        data = path.read_bytes()
        start = 144 + struct.unpack_from("<I", data, 140)[0]
        path.write_bytes(data[start:])
    (found,) = dicom.find_series(tmp_path)
    assert [dicom.load(found).voxels[k, 0, 0] for k in range(3)] == [int(pixels(k)[0, 0]) - 1024 for k in range(3)]


def test_text_in_other_alphabets(tmp_path: Path) -> None:
    for number, (charset, text) in enumerate(
        [("ISO_IR 100", "Schädel"), ("ISO_IR 192", "胸部 CT"), ("ISO_IR 144", "Грудь"), ("ISO_IR 101", "Głowa")]
    ):
        data_set = image(0)
        data_set.SpecificCharacterSet, data_set.SeriesDescription = charset, text
        assert read_header(str(write(data_set, tmp_path / f"{number}.dcm"))).text("SeriesDescription") == text


def test_importing_and_scanning_ordinary_files_needs_no_pydicom(tmp_path: Path) -> None:
    series(tmp_path, 3)
    program = (
        "import sys; from callout import dicom; (one,) = dicom.find_series(sys.argv[1]); dicom.load(one);"
        "sys.exit('pydicom' in sys.modules or 'scipy' in sys.modules or 'SimpleITK' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 0
