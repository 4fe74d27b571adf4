"""DICOMDIR media made for tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

FIRST = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"


def dicomdir(
    folder: Path,
    files: Sequence[Sequence[str] | str | None],
    change: Callable[[Dataset], Any] | None = None,
    syntax: str = ExplicitVRLittleEndian,
) -> Path:
    """A DICOMDIR of one record for each of `files` (parts of a ReferencedFileID), and two that refer to none."""
    data_set = Dataset()
    data_set.FileSetID = "TEST"
    setattr(data_set, FIRST, 0)
    data_set.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    data_set.FileSetConsistencyFlag = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are against the rules
        data_set.DirectoryRecordSequence = [record(one) for one in (None, None, *files)]
    meta = data_set.file_meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.1.3.10", "1.2.3"
    meta.TransferSyntaxUID = syntax
    if change is not None:
        change(data_set)
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set.save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder / "DICOMDIR"


def record(parts: Sequence[str] | str | None) -> Dataset:
    item = Dataset()
    item.OffsetOfTheNextDirectoryRecord = 0
    item.RecordInUseFlag = 0xFFFF
    item.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    item.DirectoryRecordType = "IMAGE" if parts else "PATIENT"
    if parts:
        item.ReferencedFileID = parts if isinstance(parts, str) else list(parts)
    return item
