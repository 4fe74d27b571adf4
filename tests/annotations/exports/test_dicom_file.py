"""DICOM files as exports write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from callout.exports.dicom_file import save
from callout.exports.formats import COMPRESSIONS, Compression

SYNTAXES = {"none": "1.2.840.10008.1.2.1", "deflated": "1.2.840.10008.1.2.1.99", "rle": "1.2.840.10008.1.2.5"}
FRAMES = np.random.default_rng(1).integers(0, 3, (3, 5, 7), np.uint8)


def data_set() -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.66.7", "2.25.7"
    made.PatientName = "Müller^Å"
    return made


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_what_is_saved_reads_the_same(tmp_path: Path, compression: Compression) -> None:
    made = data_set()
    made.NumberOfFrames, made.Rows, made.Columns = FRAMES.shape
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
    made.PixelData = FRAMES.tobytes()
    made["PixelData"].VR = "OB"
    save(made, tmp_path / "a.dcm", compression)
    assert (tmp_path / "a.dcm").read_bytes()[:132] == bytes(128) + b"DICM"
    read = pydicom.dcmread(tmp_path / "a.dcm")
    assert read.file_meta.TransferSyntaxUID == SYNTAXES[compression]
    assert read.file_meta.MediaStorageSOPInstanceUID == "2.25.7"
    assert read.PatientName == "Müller^Å"
    assert np.array_equal(read.pixel_array, FRAMES)


def test_what_has_no_frames_is_plain_where_rle_is_asked_for(tmp_path: Path) -> None:
    save(data_set(), tmp_path / "a.dcm", "rle")
    assert pydicom.dcmread(tmp_path / "a.dcm").file_meta.TransferSyntaxUID == SYNTAXES["none"]
