"""DICOM files as exports write them: an empty preamble, Explicit VR Little Endian, packed where asked (PS3.10 7)."""

from __future__ import annotations

import struct
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from callout.dicom.syntaxes import DEFLATED, EXPLICIT, RLE
from callout.errors import InputError
from callout.exports.formats import Compression

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DATED = ("InstanceCreation", "Content", "StructureSet", "PresentationCreation")
INFLATED = 1 << 28  # bytes of a deflated data set, of which pydicom makes copies


def save(dataset: Dataset, path: Path, compression: Compression = "none", made: str = "") -> None:
    """Write `dataset`, whose text becomes UTF-8 and whose pixels, where it has any, are not compressed yet.

    compression: `deflated` packs the whole data set (PS3.5 A.5), `rle` each frame of bytes (PS3.5 annex G); a data set
    without such frames is written plainly then. The file meta information is made here.
    made: when, ISO 8601: the time of the edit that the content comes from, so that the same content has the same time.
    """
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    _date(dataset, made)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.preamble = bytes(128)
    dataset.file_meta = meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(DEFLATED if compression == "deflated" else EXPLICIT)
    if compression == "rle" and "PixelData" in dataset and dataset.BitsAllocated in (8, 16):
        _pack_frames(dataset)
        meta.TransferSyntaxUID = UID(RLE)
    dataset.save_as(path, enforce_file_format=True)


def _date(dataset: Dataset, made: str) -> None:
    """Its own dates and times, where it has such: UTC, as the history tells them."""
    if not made:
        return
    moment = datetime.fromisoformat(made)
    for name in DATED:
        if f"{name}Date" in dataset:
            setattr(dataset, f"{name}Date", f"{moment:%Y%m%d}")
            setattr(dataset, f"{name}Time", f"{moment:%H%M%S}")
    for equipment in dataset.get("ContributingEquipmentSequence", []):
        equipment.ContributionDateTime = f"{moment:%Y%m%d%H%M%S}"


def _pack_frames(dataset: Dataset) -> None:
    """PixelData as RLE, one segment for each byte of a pixel, the highest first; rows packed for themselves (G.3)."""
    from imagecodecs import packbits_encode
    from pydicom.encaps import encapsulate

    width = dataset.BitsAllocated // 8
    shape = int(dataset.get("NumberOfFrames", 1)), int(dataset.Rows), int(dataset.Columns), width
    pixels: Any = dataset.PixelData
    data = pixels if isinstance(pixels, bytes) else pixels.read()
    frames = np.frombuffer(data, np.uint8, count=int(np.prod(shape))).reshape(shape)
    highest_first = range(width - 1, -1, -1)
    packed = [
        _joined([bytes(packbits_encode(frame[..., n].copy(), axis=-1)) for n in highest_first]) for frame in frames
    ]
    dataset.PixelData = encapsulate(packed)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


def _joined(segments: list[bytes]) -> bytes:
    """A frame of segments of even length, behind the table of where they begin (PS3.5 G.5)."""
    even = [segment + bytes(len(segment) % 2) for segment in segments]
    starts = list(accumulate((len(segment) for segment in even[:-1]), initial=64))
    return struct.pack("<16I", len(even), *starts, *[0] * (15 - len(even))) + b"".join(even)


def refuse_bomb(path: Path) -> None:
    """pydicom inflates a deflated data set whatever its size; InputError where that would be too much."""
    from pydicom.filereader import read_file_meta_info

    from callout.dicom.header import inflated
    from callout.dicom.meta import data_set_start
    from callout.dicom.syntaxes import DEFLATED

    if read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED:
        data = path.read_bytes()
        if len(inflated(data[data_set_start(data) :], INFLATED + 1)) > INFLATED:
            raise InputError(f"its deflated data set is larger than {INFLATED >> 20} MiB", path)
