"""Files that hold many images, made for tests from single-frame ones: enhanced, legacy converted, mosaic."""

from __future__ import annotations

import copy
import math
import struct
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from made_series import CT_IMAGE, image, uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from scipy.spatial.transform import Rotation

OF_THE_FILE = (
    *("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Modality", "SeriesDescription", "SeriesNumber"),
    *("StudyDate", "StudyTime", "PatientID", "PatientName", "SamplesPerPixel", "PhotometricInterpretation", "Rows"),
    *("Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
)
GROUPS = {  # functional group, and what of a single-frame image goes into it
    "PixelMeasuresSequence": ("PixelSpacing", "SliceThickness"),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth"),
}
RENAMED = {  # what the enhanced image calls it, and where it stands
    "EchoTime": ("MREchoSequence", "EffectiveEchoTime"),
    "InversionTime": ("MRModifierSequence", "InversionTimes"),
    "RepetitionTime": ("MRTimingAndRelatedParametersSequence", "RepetitionTime"),
    "FlipAngle": ("MRTimingAndRelatedParametersSequence", "FlipAngle"),
    "TriggerTime": ("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    "AcquisitionNumber": ("FrameContentSequence", "FrameAcquisitionNumber"),
    "TemporalPositionIdentifier": ("FrameContentSequence", "TemporalPositionIndex"),
    "DiffusionBValue": ("MRDiffusionSequence", "DiffusionBValue"),
    "ConvolutionKernel": ("CTReconstructionSequence", "ConvolutionKernel"),
    "KVP": ("CTXRayDetailsSequence", "KVP"),
}
INTEGERS = ("FrameAcquisitionNumber", "TemporalPositionIndex")


def groups_of(data_set: Dataset) -> dict[str, dict[str, Any]]:
    """{functional group: {keyword: value}} of what a single-frame image says."""
    found: dict[str, dict[str, Any]] = {}
    for group, keywords in GROUPS.items():
        if inside := {keyword: data_set[keyword].value for keyword in keywords if keyword in data_set}:
            found[group] = inside
    for keyword, (group, name) in RENAMED.items():
        if keyword in data_set:
            value = data_set[keyword].value
            found.setdefault(group, {})[name] = int(value) if name in INTEGERS else value
    kind = f"{data_set.Modality}ImageFrameTypeSequence"
    found[kind] = {"FrameType": list(data_set.ImageType)}
    return found


def enhanced(images: Sequence[Dataset], *, shared: bool = True) -> Dataset:
    """An enhanced CT or MR image with a frame for each of `images`, in their order.

    shared: whether what they have in common goes into the shared functional groups, or is said of each.
    """
    data_set = Dataset()
    for keyword in OF_THE_FILE:
        if keyword in images[0]:
            data_set[keyword] = copy.deepcopy(images[0][keyword])
    data_set.SOPClassUID = f"{images[0].SOPClassUID}.1"
    data_set.SOPInstanceUID = uid("enhanced", images[0].SOPInstanceUID)
    data_set.ImageType = ["ORIGINAL", "PRIMARY", "MIXED", "NONE"]
    data_set.NumberOfFrames = len(images)
    groups = [groups_of(one) for one in images]
    common = {name: said for name, said in groups[0].items() if shared and all(one.get(name) == said for one in groups)}
    data_set.SharedFunctionalGroupsSequence = [_item(common)]
    data_set.PerFrameFunctionalGroupsSequence = [
        _item({name: said for name, said in one.items() if name not in common}) for one in groups
    ]
    data_set.add_new(0x7FE00010, "OW", b"".join(one.PixelData for one in images))
    return data_set


def _item(groups: Mapping[str, Mapping[str, Any]]) -> Dataset:
    item = Dataset()
    for name, said in groups.items():
        inner = Dataset()
        for keyword, value in said.items():
            setattr(inner, keyword, value)
        setattr(item, name, [inner])
    return item


def legacy(images: Sequence[Dataset]) -> Dataset:
    """A legacy converted enhanced image of single-frame ones, as highdicom makes it."""
    import highdicom as hd

    kind = hd.legacy.LegacyConvertedEnhancedMRImage
    if images[0].SOPClassUID == CT_IMAGE:
        kind = hd.legacy.LegacyConvertedEnhancedCTImage
    sources = [copy.deepcopy(one) for one in images]
    for one in sources:
        one.AccessionNumber = one.ReferringPhysicianName = one.StudyID = one.Manufacturer = None
        one.PatientBirthDate = one.PatientSex = None
        one.WindowCenter, one.WindowWidth = 1000, 500
        one.file_meta = FileMetaDataset()
        one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: Dataset = kind(sources, uid("legacy series"), 3, uid("legacy", images[0].SOPInstanceUID), 1)
    return made


def csa(values: Mapping[str, Sequence[str]], *, newer: bool = True) -> bytes:
    """A CSA header with these values, in its newer ("SV10") or older form."""
    parts = [b"SV10\4\3\2\1" if newer else b"", struct.pack("<II", len(values), 77)]
    first_items = max(len(next(iter(values.values()))), 6)
    for name, texts in values.items():
        items = max(len(texts), 6)
        parts.append(struct.pack("<64si4s3i", name.encode(), len(texts), b"IS\0\0", 6, items, 77))
        for k in range(items):
            text = texts[k].encode() + b"\0" if k < len(texts) else b""
            length = len(text) if newer else len(text) + first_items
            parts.append(struct.pack("<4i", length, len(text), 77, length))
            parts.append(text + bytes(-len(text) % 4))
    return b"".join(parts)


def mosaic(images: Sequence[Dataset], *, backwards: bool = False, newer: bool = True) -> Dataset:
    """A Siemens mosaic of single-frame images at even distances along their normal; `backwards`: against it."""
    images = list(reversed(images)) if backwards else list(images)
    first, side = images[0], math.ceil(math.sqrt(len(images)))
    rows, columns = int(first.Rows), int(first.Columns)
    along_row, along_column = np.split(np.array(first.ImageOrientationPatient, np.float64), 2)
    normal = np.cross(along_row, along_column) * (-1 if backwards else 1)
    down, right = (np.array([rows, columns]) * (side - 1) / 2) * np.array(first.PixelSpacing, np.float64)
    picture = np.zeros((side * rows, side * columns), np.uint16)
    for k, one in enumerate(images):
        i, j = divmod(k, side)
        tile = np.frombuffer(one.PixelData, np.uint16).reshape(rows, columns)
        picture[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] = tile
    data_set = copy.deepcopy(first)
    data_set.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    data_set.Manufacturer = "SIEMENS"
    place = np.array(first.ImagePositionPatient, np.float64) - down * along_column - right * along_row
    data_set.ImagePositionPatient = [f"{value:.10f}"[:16] for value in place]
    data_set.Rows, data_set.Columns = picture.shape
    facts = {
        "EchoLinePosition": ["32"],
        "NumberOfImagesInMosaic": [str(len(images))],
        "SliceNormalVector": [f"{value:.8f}" for value in normal],
    }
    data_set.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", csa(facts, newer=newer))
    data_set.add_new(0x7FE00010, "OW", picture.tobytes())
    return data_set


def rotation(a: float, b: float, c: float) -> npt.NDArray[np.float64]:
    """A 3 × 3 rotation by three angles."""
    turned: npt.NDArray[np.float64] = Rotation.from_euler("xyz", (a, b, c)).as_matrix()
    return turned


def stack_at(
    origins: npt.NDArray[np.float64], turn: npt.NDArray[np.float64], spacing: tuple[float, float], modality: str = "MR"
) -> list[Dataset]:
    """Single-frame images at `origins` (n × 3), rows along turn[:, 0], columns along turn[:, 1]."""

    def decimals(values: Sequence[float] | npt.NDArray[np.float64]) -> list[str]:
        return [f"{value:.10f}"[:16] for value in values]

    images = []
    for k, origin in enumerate(origins):
        one = image(k, modality=modality)
        one.ImagePositionPatient = decimals(origin)
        one.ImageOrientationPatient = decimals([*turn[:, 0], *turn[:, 1]])
        one.PixelSpacing = decimals(spacing)
        images.append(one)
    return images
