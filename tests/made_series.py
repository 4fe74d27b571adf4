"""Small DICOM series made for tests: ordinary ones, and whatever a change of their attributes makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import made_streams
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ROWS, COLUMNS = 6, 5

Change = Callable[[Dataset, int], Dataset | None]


def uid(*names: object) -> str:
    """A UID that is always the same for the same names."""
    return str(generate_uid(entropy_srcs=[str(name) for name in names]))


def pixels(k: int, rows: int = ROWS, columns: int = COLUMNS) -> npt.NDArray[np.uint16]:
    """Stored samples of slice k, of 12 bits: no two neighbours alike, no two slices alike."""
    return (np.arange(rows * columns).reshape(rows, columns) % 2500 + 1000 + 40 * k).astype(np.uint16)


def image(k: int = 0, series: str = "a", modality: str = "CT") -> Dataset:
    """One sound axial image, 2.5 mm above the one before: voxel values `pixels(k)` − 1024 for CT."""
    data_set = Dataset()
    data_set.SOPClassUID = CT_IMAGE if modality == "CT" else MR_IMAGE
    data_set.SOPInstanceUID = uid("image", series, k)
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = uid("study"), uid("series", series)
    data_set.FrameOfReferenceUID = uid("frame")
    data_set.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL" if modality == "CT" else "M"]
    data_set.Modality, data_set.SeriesDescription, data_set.SeriesNumber = modality, f"series {series}", 3
    data_set.StudyDate, data_set.StudyTime = "20260102", "101500"
    data_set.PatientID, data_set.PatientName = "P1", "Nobody^Real"
    data_set.InstanceNumber = k + 1
    data_set.ImagePositionPatient = [-10.0, -20.0, 2.5 * k]
    data_set.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data_set.PixelSpacing, data_set.SliceThickness = [0.8, 0.7], 2.5
    data_set.SamplesPerPixel, data_set.PhotometricInterpretation = 1, "MONOCHROME2"
    data_set.Rows, data_set.Columns = ROWS, COLUMNS
    data_set.BitsAllocated, data_set.BitsStored, data_set.HighBit, data_set.PixelRepresentation = 16, 12, 11, 0
    if modality == "CT":
        data_set.RescaleIntercept, data_set.RescaleSlope, data_set.RescaleType = -1024, 1, "HU"
    data_set.add_new(0x7FE00010, "OW", pixels(k).tobytes())
    return data_set


def write(data_set: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian, **options: Any) -> Path:
    """Writes a data set as a DICOM file, its pixels compressed where `syntax` says so and they are not yet."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data_set.get("SOPClassUID", CT_IMAGE)
    meta.MediaStorageSOPInstanceUID = data_set.get("SOPInstanceUID", "1.2")
    meta.TransferSyntaxUID = syntax
    data_set.file_meta = meta
    if UID(syntax).is_encapsulated and "PixelData" in data_set and not data_set["PixelData"].is_undefined_length:
        made_streams.compress(data_set, syntax)
    path.parent.mkdir(parents=True, exist_ok=True)
    data_set.save_as(path, enforce_file_format=True, **options)
    return path


def series(
    folder: Path,
    count: int = 4,
    change: Change | None = None,
    *,
    name: str = "a",
    modality: str = "CT",
    syntax: str = ExplicitVRLittleEndian,
) -> list[Path]:
    """Writes `count` images as FOLDER/NAME-K.dcm; `change` may edit each, or return another in its place."""
    paths = []
    for k in range(count):
        data_set = image(k, name, modality)
        if change is not None:
            data_set = change(data_set, k) or data_set
        paths.append(write(data_set, folder / f"{name}-{k}.dcm", syntax))
    return paths


def setting(only: Sequence[int] | None = None, **values: Any) -> Change:
    """A change that sets attributes (None: deletes them), in all images or only in those given."""

    def change(data_set: Dataset, k: int) -> None:
        if only is None or k in only:
            for keyword, value in values.items():
                if value is None:
                    delattr(data_set, keyword)
                else:
                    setattr(data_set, keyword, value)

    return change
