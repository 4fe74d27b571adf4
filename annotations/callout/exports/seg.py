"""DICOM Segmentation, BINARY (PS3.3 A.51): written with highdicom, read with pydicom and our own geometry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import LoadedMask
from callout.exports.nrrd import side_of
from callout.geometry import Grid
from callout.terms import PRIVATE_SCHEME, Code, code_of, concept, concept_with_code, find_concept
from callout.version import __version__
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
CATEGORY = Code("SCT", "49755003", "Morphologically Abnormal Structure")
BODY = Code("SCT", "123037004", "Body structure")
SIDES = {
    "left": Code("SCT", "7771000", "Left"),
    "right": Code("SCT", "24028007", "Right"),
    "bilateral": Code("SCT", "51440002", "Right and left"),
}
LARGEST_FRAMES = 1 << 31  # voxels in all frames of a file


def write(stack: LabelledStack, folder: Path, name: str) -> list[Path]:
    """`NAME.seg.dcm`, plain Explicit VR Little Endian, frames without voxels omitted."""
    import warnings

    with warnings.catch_warnings():  # about values that were wrong in the source images already, and are kept
        warnings.simplefilter("ignore", UserWarning)
        dataset = _segmentation(stack)
        path = folder / f"{name}.seg.dcm"
        dataset.save_as(path, enforce_file_format=True)
    return [path]


def _segmentation(stack: LabelledStack) -> Dataset:
    import highdicom as hd
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    first = min(one.mask.low[0] for one in stack.regions)
    last = max(one.mask.high[0] for one in stack.regions)
    sources = _headers(stack.series, first, last)
    masks = np.zeros((last - first, *stack.series.grid.shape[1:], len(stack.regions)), np.uint8)
    for n, one in enumerate(stack.regions):
        k, j, i = one.mask.box
        masks[k.start - first : k.stop - first, j, i, n] = one.mask.crop
    dataset: Dataset = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=masks,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(one) for one in stack.regions],
        series_instance_uid=generate_uid(None),
        series_number=1000 + (stack.series.number or 0),
        sop_instance_uid=generate_uid(None),
        instance_number=1,
        manufacturer="Callout",
        manufacturer_model_name="Callout",
        software_versions=__version__,
        device_serial_number="0",
        content_label="FINDINGS",
        content_description="Findings of a case report",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        omit_empty_frames=True,
        series_description=f"Callout: {stack.series.description}"[:64],
    )
    dataset.SpecificCharacterSet = "ISO_IR 192"
    return dataset


def _headers(series: Series, first: int, last: int) -> list[Dataset]:
    """The headers of slices [first, last); InputError where a file is no longer the image that the case knows."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    headers: list[Dataset] = []
    for instance in series.instances[first:last]:
        try:
            header = pydicom.dcmread(instance.path, stop_before_pixels=True)
        except (OSError, InvalidDicomError) as error:
            raise InputError("an image of the series is gone", instance.path, "bring the folder back") from error
        if header.get("SOPInstanceUID") != instance.sop_instance_uid:
            raise InputError("another image lies where one of the series was", instance.path, "bring it back")
        if not header.get("SpecificCharacterSet"):  # highdicom refuses an empty one, which real CTs have
            header.SpecificCharacterSet = "ISO_IR 192"
        headers.append(header)
    return headers


def _description(one: LabelledRegion) -> Any:
    import highdicom as hd

    finding = one.finding
    algorithm = None
    if one.algorithm != "MANUAL":
        algorithm = hd.AlgorithmIdentificationSequence(
            name=one.algorithm_name[:64],
            family=hd.sr.CodedConcept("SEGMENTATION", PRIVATE_SCHEME, "Segmentation"),
            version=__version__,
        )
    where = code_of_site(finding.site) if finding.site else BODY
    description = hd.seg.SegmentDescription(
        segment_number=one.number,
        segment_label=finding.label[:64],
        segmented_property_category=_coded(CATEGORY),
        segmented_property_type=_coded(code_of(concept(finding.concept))),
        algorithm_type=one.algorithm,
        algorithm_identification=algorithm,
        tracking_uid=finding.tracking_uid,
        tracking_id=finding.label[:64],
        anatomic_regions=[_coded(where)] if finding.site or finding.laterality else None,
    )
    if finding.laterality:
        description.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [_coded(SIDES[finding.laterality])]
    return description


def _coded(code: Code) -> Any:
    import highdicom as hd

    return hd.sr.CodedConcept(code.value, code.scheme, code.meaning)


def code_of_site(site: str) -> Code:
    """A code of our own, visibly private, for a site in words; never a guessed one of a public scheme."""
    return Code(PRIVATE_SCHEME, "S" + hashlib.sha256(site.encode()).hexdigest()[:15].upper(), site[:64])


def read(path: Path) -> list[LoadedMask]:
    """Every segment of a BINARY SEG on the grid of its own frames; other kinds are refused by name."""
    dataset = _dataset(path)
    try:
        segments = list(dataset.SegmentSequence)
        frames = _frames(dataset, path)
        grid, slice_of_frame = _grid(dataset, path)
        numbers = [_segment_number(dataset, n) for n in range(len(frames))]
        masks = {int(item.SegmentNumber): np.zeros(grid.shape, bool) for item in segments}
        for frame, number, k in zip(frames, numbers, slice_of_frame, strict=True):
            masks[number][k] |= frame
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not a segmentation that can be read ({error})", str(path), "export it again") from error
    series_uid = _referenced_series(dataset)
    return [_loaded(item, masks[int(item.SegmentNumber)], grid, series_uid) for item in segments]


def _dataset(path: Path) -> Dataset:
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
    except (OSError, InvalidDicomError, EOFError, ValueError, AttributeError) as error:
        raise InputError("not a DICOM file that can be read", str(path), "choose a DICOM segmentation") from error
    if dataset.get("SOPClassUID") != SEGMENTATION_STORAGE:
        raise InputError("not a DICOM segmentation (SOPClassUID)", str(path), "choose a SEG, NIfTI or NRRD file")
    if dataset.get("SegmentationType") != "BINARY":
        kind = dataset.get("SegmentationType")
        raise InputError(f"a segmentation of SegmentationType {kind} can't be read", str(path), "export it as BINARY")
    return dataset


def _frames(dataset: Dataset, path: Path) -> npt.NDArray[np.bool_]:
    """(frames, rows, columns) bits; InputError where PixelData is not as long as it has to be."""
    count, rows, columns = int(dataset.get("NumberOfFrames", 1)), int(dataset.Rows), int(dataset.Columns)
    if count * rows * columns > LARGEST_FRAMES or dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        raise InputError("a segmentation of this size or TransferSyntaxUID can't be read", str(path), "export it plain")
    voxels = count * rows * columns
    if len(dataset.PixelData) < (voxels + 7) // 8:
        raise InputError("PixelData is too short for its frames", str(path), "export it again")
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), count=voxels, bitorder="little")
    return bits.view(bool).reshape(count, rows, columns)


def _grid(dataset: Dataset, path: Path) -> tuple[Grid, list[int]]:
    """The grid of all frames' positions along their normal, and the slice that each frame is."""
    shared = dataset.SharedFunctionalGroupsSequence[0]
    first = dataset.PerFrameFunctionalGroupsSequence[0]
    measures = (shared if "PixelMeasuresSequence" in shared else first).PixelMeasuresSequence[0]
    orientation = (shared if "PlaneOrientationSequence" in shared else first).PlaneOrientationSequence[0]
    cosines = np.array(orientation.ImageOrientationPatient, np.float64)
    row_mm, column_mm = (float(mm) for mm in measures.PixelSpacing)
    positions = np.array(
        [f.PlanePositionSequence[0].ImagePositionPatient for f in dataset.PerFrameFunctionalGroupsSequence], np.float64
    )
    along = np.round(positions @ np.cross(cosines[:3], cosines[3:]), 3)
    heights, index, slices = np.unique(along, return_index=True, return_inverse=True)
    if len(heights) > 1 and np.diff(heights).min() < 0.01:
        raise InputError("frames lie on one another without being the same slice", str(path), "export it again")
    shape = (len(heights), int(dataset.Rows), int(dataset.Columns))
    frame_of_reference = str(dataset.get("FrameOfReferenceUID", ""))
    grid = Grid(shape, positions[index], cosines[3:] * row_mm, cosines[:3] * column_mm, frame_of_reference)
    return grid, [int(k) for k in slices.reshape(-1)]


def _segment_number(dataset: Dataset, frame: int) -> int:
    groups: Sequence[Dataset] = (
        dataset.PerFrameFunctionalGroupsSequence[frame],
        dataset.SharedFunctionalGroupsSequence[0],
    )
    found = next(group for group in groups if "SegmentIdentificationSequence" in group)
    return int(found.SegmentIdentificationSequence[0].ReferencedSegmentNumber)


def _referenced_series(dataset: Dataset) -> str:
    references = dataset.get("ReferencedSeriesSequence") or []
    return str(references[0].get("SeriesInstanceUID", "")) if references else ""


def _loaded(item: Dataset, mask: npt.NDArray[np.bool_], grid: Grid, series_uid: str) -> LoadedMask:
    name = str(item.get("SegmentLabel", ""))
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    coded = concept_with_code(str(kind.get("CodingSchemeDesignator", "")), str(kind.get("CodeValue", "")))
    found = coded if coded and coded.name != "lesion" else find_concept(name) or coded
    algorithm = item.get("SegmentationAlgorithmIdentificationSequence") or []
    names = [a.get("AlgorithmName") for a in algorithm] or [item.get("SegmentAlgorithmName")]
    return LoadedMask(
        number=int(item.SegmentNumber),
        name=name,
        mask=mask,
        grid=grid,
        concept=found.name if found else None,
        laterality=_side(item) or side_of(name),
        tracking_uid=str(item.TrackingUID) if "TrackingUID" in item else None,
        series_uid=series_uid,
        algorithm_type=str(item.get("SegmentAlgorithmType", "")) or None,
        algorithm_name=str(names[0]) if names[0] else None,
    )


def _side(item: Dataset) -> str | None:
    regions = item.get("AnatomicRegionSequence") or []
    modifiers = (regions[0].get("AnatomicRegionModifierSequence") or []) if regions else []
    found = {name for name, code in SIDES.items() for one in modifiers if one.get("CodeValue") == code.value}
    return found.pop() if len(found) == 1 else None
