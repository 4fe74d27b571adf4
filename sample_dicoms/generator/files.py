"""DICOM files of the sample cases: image series and segmentations, the same bytes on every run.

Frame: LPS millimetres, voxel centres, arrays (slice, row, column).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    MRImageStorage,
)

MANUFACTURER = "Callout synthetic phantom"
SCHEME = "99CALLOUT"
STORAGE = {"CT": CTImageStorage, "MR": MRImageStorage}

# Codes of the DICOM standard's own sets; every other concept gets a code that is visibly private.
CONCEPTS = {
    "ground-glass opacity": ("112120", "DCM", "Ground glass opacity"),
    "neoplasm": ("108369006", "SCT", "Tumor"),
    "mass": ("4147007", "SCT", "Mass"),
    "lesion": ("52988006", "SCT", "Lesion"),
    "necrosis": ("6574001", "SCT", "Necrosis"),
}
SIDES = {
    "left": ("7771000", "SCT", "Left"),
    "right": ("24028007", "SCT", "Right"),
    "bilateral": ("51440002", "SCT", "Right and left"),
}


@dataclass(frozen=True)
class Study:
    """Facts shared by every file of one invented patient's study. Dates are DICOM DA, times DICOM TM."""

    patient_id: str
    patient_name: str
    study_uid: str
    study_date: str
    study_time: str
    study_description: str
    frame_of_reference_uid: str
    accession_number: str
    age: str
    sex: str
    study_id: str = "1"


@dataclass(frozen=True)
class Segment:
    """One named part: `mask` is bool (slice, row, column) on the grid of the source files.

    `concept` is a name of Callout's vocabulary or plain words; `site` says where in plain words, and
    `laterality` is left, right, bilateral or None. The same thing on several series keeps its `tracking_id`.
    """

    label: str
    mask: NDArray[np.bool_]
    concept: str
    tracking_id: str
    laterality: str | None = None
    site: str = ""


def uid(name: str) -> UID:
    """The UID that belongs to a name, the same on every run (PS3.5 B.2)."""
    return UID(f"2.25.{int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], 'big')}")


def write_series(
    folder: Path,
    study: Study,
    *,
    modality: str,
    series_uid: str,
    number: int,
    description: str,
    origins: NDArray[np.float64],
    row_step: NDArray[np.float64],
    column_step: NDArray[np.float64],
    voxels: NDArray[np.int16],
    thickness_mm: float,
    attributes: Mapping[str, Any],
    per_slice: Sequence[Mapping[str, Any]] | None = None,
    stem: str = "IM",
) -> list[Path]:
    """Write one stack as JPEG-LS lossless files and return their paths in slice order.

    `voxels` holds stored values 0..4095, (n, rows, columns); `origins` is (n, 3), the centre of each slice's
    first voxel; `row_step` leads from one row to the next and `column_step` from one column to the next, in
    LPS mm. `attributes` and `per_slice` are DICOM keywords and values. Files already in `folder` keep their
    names: a further stack of the same series goes on with the numbering.
    """
    if voxels.min() < 0 or voxels.max() > 4095:
        raise ValueError(f"stored values {voxels.min()}..{voxels.max()} do not fit 12 bits")
    folder.mkdir(parents=True, exist_ok=True)
    first = len(list(folder.glob(f"{stem}*.dcm"))) + 1
    paths = []
    for k, plane in enumerate(voxels):
        instance = first + k
        dataset = _image(study, modality, series_uid, instance)
        dataset.SeriesNumber = number
        dataset.SeriesDescription = description
        _place(dataset, origins[k], row_step, column_step, thickness_mm)
        _set_pixels(dataset, plane)
        for keyword, value in {**attributes, **(per_slice[k] if per_slice else {})}.items():
            setattr(dataset, keyword, value)
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        paths.append(folder / f"{stem}{instance:04d}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    return paths


def write_segmentation(
    path: Path,
    source_files: Sequence[Path],
    segments: Sequence[Segment],
    *,
    number: int,
    description: str,
    content_label: str = "TRUTH",
) -> Path:
    """Write a BINARY segmentation of `source_files` (one stack, in the masks' slice order) without empty frames."""
    import highdicom as hd

    sources = [dcmread(file) for file in source_files]
    name = f"{sources[0].SeriesInstanceUID} {path.name}"
    masks = np.stack([segment.mask for segment in segments], axis=-1).astype(np.uint8)
    dataset = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=masks,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(i, segment) for i, segment in enumerate(segments, start=1)],
        series_instance_uid=uid(f"{name} series"),
        series_number=number,
        sop_instance_uid=uid(f"{name} instance"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="phantom",
        software_versions="1",
        device_serial_number="1",
        content_label=content_label,
        content_description="True masks of a synthetic phantom",
        content_creator_name="Callout^Phantom",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        omit_empty_frames=True,
        series_description=description,
    )
    _settle(dataset, sources[0], uid(f"{name} dimensions"))
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def _image(study: Study, modality: str, series_uid: str, instance: int) -> FileDataset:
    """A header with the patient, study, series and equipment filled in."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = STORAGE[modality]
    meta.MediaStorageSOPInstanceUID = uid(f"{series_uid} {instance}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    _sign(meta)
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    values = {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"] if modality == "CT" else ["ORIGINAL", "PRIMARY", "M"],
        "InstanceCreationDate": study.study_date,
        "InstanceCreationTime": study.study_time,
        "SOPClassUID": STORAGE[modality],
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "AccessionNumber": study.accession_number,
        "Modality": modality,
        "Manufacturer": MANUFACTURER,
        "ManufacturerModelName": "phantom",
        "InstitutionName": "Callout",
        "DeviceSerialNumber": "1",
        "SoftwareVersions": "1",
        "ReferringPhysicianName": "",
        "StudyDescription": study.study_description,
        "PatientName": study.patient_name,
        "PatientID": study.patient_id,
        "PatientBirthDate": "",
        "PatientSex": study.sex,
        "PatientAge": study.age,
        "StudyInstanceUID": study.study_uid,
        "SeriesInstanceUID": series_uid,
        "StudyID": study.study_id,
        "InstanceNumber": instance,
        "FrameOfReferenceUID": study.frame_of_reference_uid,
        "PositionReferenceIndicator": "",
        "PatientPosition": "HFS",
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
        "ImageComments": "Synthetic phantom: no patient was imaged",
    }
    for event in ("Study", "Series", "Acquisition", "Content"):
        values[f"{event}Date"] = study.study_date
        values[f"{event}Time"] = study.study_time
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def _place(
    dataset: Dataset,
    origin: NDArray[np.float64],
    row_step: NDArray[np.float64],
    column_step: NDArray[np.float64],
    thickness_mm: float,
) -> None:
    """The image plane (PS3.3 C.7.6.2); ImageOrientationPatient's first triple runs along the columns."""
    row_mm, column_mm = float(np.linalg.norm(row_step)), float(np.linalg.norm(column_step))
    along_row, along_column = column_step / column_mm, row_step / row_mm
    normal = np.cross(along_row, along_column)
    dataset.ImagePositionPatient = [decimal(value) for value in origin]
    dataset.ImageOrientationPatient = [decimal(value) for value in (*along_row, *along_column)]
    dataset.PixelSpacing = [decimal(row_mm), decimal(column_mm)]
    dataset.SliceThickness = decimal(thickness_mm)
    dataset.SliceLocation = decimal(float(origin @ normal))


def decimal(value: float) -> str:
    """A number as DICOM DS, at most 16 characters; minus zero becomes zero."""
    return f"{round(float(value), 9) + 0.0:.10g}"


def _set_pixels(dataset: Dataset, plane: NDArray[np.int16]) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = plane.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = 12
    dataset.HighBit = 11
    dataset.PixelRepresentation = 0
    dataset.PixelData = plane.astype("<u2").tobytes()


def _description(number: int, segment: Segment) -> Any:
    import highdicom as hd
    from pydicom.sr.coding import Code

    algorithm = hd.AlgorithmIdentificationSequence(
        name="Callout phantom generator",
        family=Code("PHANTOM", SCHEME, "Phantom by construction"),
        version="1",
    )
    description = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=Code("49755003", "SCT", "Morphologically Abnormal Structure"),
        segmented_property_type=Code(*CONCEPTS.get(segment.concept, private_code(segment.concept))),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm,
        tracking_uid=uid(segment.tracking_id),
        tracking_id=segment.tracking_id,
        anatomic_regions=[Code(*private_code(segment.site))] if segment.site else None,
    )
    if segment.laterality and segment.site:
        side = Code(*SIDES[segment.laterality])
        region = description.AnatomicRegionSequence[0]
        region.AnatomicRegionModifierSequence = [hd.sr.CodedConcept(*side[:3])]
    return description


def private_code(meaning: str) -> tuple[str, str, str]:
    """A code of our own scheme for a meaning: at most 16 characters, told apart by a hash when shortened."""
    word = "".join(c if c.isalnum() else "-" for c in meaning.upper())
    if len(word) > 16:
        word = f"{word[:9]}-{hashlib.sha256(meaning.encode()).hexdigest()[:6].upper()}"
    return word, SCHEME, meaning[:64]


def _settle(dataset: Dataset, source: Dataset, dimensions_uid: str) -> None:
    """Replace what the clock or chance put in, so that a second run gives the same bytes."""
    for event in ("InstanceCreation", "Series", "Content"):
        setattr(dataset, f"{event}Date", source.StudyDate)
        setattr(dataset, f"{event}Time", source.StudyTime)
    dataset.DimensionOrganizationSequence[0].DimensionOrganizationUID = dimensions_uid
    for item in dataset.DimensionIndexSequence:
        item.DimensionOrganizationUID = dimensions_uid
    for item in dataset.get("ContributingEquipmentSequence", []):
        item.ContributionDateTime = f"{source.StudyDate}{source.StudyTime}"
    dataset.ImageComments = source.ImageComments
    _sign(dataset.file_meta)


def _sign(meta: FileMetaDataset) -> None:
    meta.ImplementationClassUID = uid("callout sample_dicoms")
    meta.ImplementationVersionName = "CALLOUT_SAMPLES"
