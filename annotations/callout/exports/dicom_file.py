"""DICOM files as exports write them: an empty preamble, Explicit VR Little Endian, packed where asked (PS3.10 7)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from callout.dicom.syntaxes import DEFLATED, EXPLICIT, RLE
from callout.exports.formats import Compression

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def save(dataset: Dataset, path: Path, compression: Compression = "none") -> None:
    """Write `dataset`, whose text becomes UTF-8 and whose pixels, where it has any, are not compressed yet.

    compression: `deflated` packs the whole data set (PS3.5 A.5), `rle` each frame of bytes (PS3.5 annex G); a data set
    without such frames is written plainly then. The file meta information is made here.
    """
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.preamble = bytes(128)
    dataset.file_meta = meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(DEFLATED if compression == "deflated" else EXPLICIT)
    if compression == "rle" and "PixelData" in dataset and dataset.BitsAllocated == 8:
        _pack_frames(dataset)
        meta.TransferSyntaxUID = UID(RLE)
    dataset.save_as(path, enforce_file_format=True)


def _pack_frames(dataset: Dataset) -> None:
    """PixelData of one byte a pixel as one RLE segment a frame, each row packed for itself (PS3.5 G.3.1)."""
    from imagecodecs import packbits_encode
    from pydicom.encaps import encapsulate

    shape = int(dataset.get("NumberOfFrames", 1)), int(dataset.Rows), int(dataset.Columns)
    frames = np.frombuffer(dataset.PixelData, np.uint8, count=int(np.prod(shape))).reshape(shape)
    head = struct.pack("<16I", 1, 64, *[0] * 14)
    packed = [head + packbits_encode(frame, axis=-1) for frame in frames]
    dataset.PixelData = encapsulate([frame + bytes(len(frame) % 2) for frame in packed])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
