"""DICOM segmentations read: BINARY, FRACTIONAL and LABELMAP, with pydicom, our own codecs and our own geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports.dicom_file import refuse_bomb
from callout.exports.expected import differences
from callout.exports.loaded import LARGEST_VOXELS, LoadedFile, LoadedMask, masks_by_label, reading
from callout.exports.segmentation_frames import check_frames, frames_in
from callout.exports.segments import Segment, is_background, segment_of
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SOP_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
KINDS = ("BINARY", "FRACTIONAL", "LABELMAP")
HALF = 0.5  # of MaximumFractionalValue
NEEDED = ("SegmentSequence", "Rows", "Columns", "BitsAllocated", "PixelData")

Masks = Mapping[int, Mask]


def read_segmentation(path: Path, series: Sequence[Series], threshold: float = HALF) -> LoadedFile:
    """Every segment on the grid of its own frames, and in words what there is beside them.

    threshold: of a FRACTIONAL one, the part of its largest value (probability or occupancy) from which a voxel counts.

    Raises InputError for whole-slide images, other types, frames that say not where they lie or contradict each other.
    """
    masks, segments, notes = _read(path, series, threshold)
    return LoadedFile.of(masks, [*notes, *(what for one in segments for what in one.not_understood)])


def check_segmentation(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file; what is in its pixels that nothing describes is told too."""
    masks, _, notes = _read(path, (), HALF)
    return differences(masks, holds) + notes


def _read(path: Path, series: Sequence[Series], threshold: float) -> tuple[list[LoadedMask], list[Segment], list[str]]:
    """The masks, what their segments say, and what is odd about the frames."""
    with reading(path, "not a DICOM segmentation that can be read", "export it again"):
        dataset = _dataset(path)
        grid, slices = _grid(dataset)
        if dataset.SegmentationType == "LABELMAP":
            masks, notes = _label_masks(path, dataset, grid, slices)
        else:
            masks, notes = _segment_masks(path, dataset, grid, slices, threshold)
        segments = [segment_of(item) for item in dataset.SegmentSequence if int(item.SegmentNumber) in masks]
        if len({one.number for one in segments}) < len(segments):
            raise InputError("two of its segments have one number (SegmentNumber)")
        series_uid = _referenced_series(dataset, series)
        fraction = threshold if dataset.SegmentationType == "FRACTIONAL" else None
        sources = _sources(dataset, slices)
        loaded = [_loaded(one, masks[one.number], grid, series_uid, sources, fraction) for one in segments]
        return loaded, segments, notes


def _loaded(
    one: Segment, mask: Mask, grid: Grid, series_uid: str, sources: Mapping[int, str], threshold: float | None
) -> LoadedMask:
    return LoadedMask(
        number=one.number,
        name=one.name,
        mask=mask,
        grid=grid,
        concept=one.concept,
        code=one.code,
        category=one.category,
        laterality=one.laterality,
        site=one.site,
        place=one.place,
        tracking_uid=one.tracking_uid,
        series_uid=series_uid,
        algorithm_type=one.algorithm_type,
        algorithm_name=one.algorithm_name,
        threshold=threshold,
        sources=sources,
    )


def _dataset(path: Path) -> Dataset:
    import pydicom

    refuse_bomb(path)
    header = pydicom.dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True, defer_size=1024)
    if header.get("SOPClassUID") not in SOP_CLASSES:
        raise InputError("not a DICOM segmentation (SOPClassUID)", path, "choose a SEG, NIfTI or NRRD file")
    dataset = pydicom.dcmread(path)
    kind = dataset.get("SegmentationType")
    if kind not in KINDS:
        raise InputError(f"a segmentation of SegmentationType {kind} can't be read", path, "export it as BINARY")
    missing = [keyword for keyword in NEEDED if keyword not in dataset]
    if missing:
        raise InputError(f"{missing[0]} is missing", path)
    tiled = str(dataset.get("DimensionOrganizationType", "")).startswith("TILED")
    if tiled or "TotalPixelMatrixRows" in dataset or "ImageOrientationSlide" in dataset:
        raise InputError("a tiled segmentation of a whole slide (DimensionOrganizationType) can't be read", path)
    check_frames(dataset)
    return dataset


def _segment_masks(
    path: Path, dataset: Dataset, grid: Grid, slices: Sequence[int], threshold: float
) -> tuple[Masks, list[str]]:
    """The mask of every segment of a BINARY or FRACTIONAL one; InputError where a frame is of a segment not there."""
    least = _least(dataset, threshold)
    parts: dict[int, dict[int, Mask]] = {int(item.SegmentNumber): {} for item in dataset.SegmentSequence}
    notes, kept = [], 0
    with frames_in(path, dataset) as frames:
        for n, (plane, k) in enumerate(zip(frames, slices, strict=True)):
            number = int(_value(dataset, n, "SegmentIdentificationSequence", "ReferencedSegmentNumber"))
            if number not in parts:
                raise InputError(f"frame {n + 1} is of segment {number}, which SegmentSequence doesn't describe")
            part = Mask.from_array((plane >= least)[None])
            if k in parts[number]:
                before = parts[number][k].array()
                if not np.array_equal(before, part.array()):
                    notes.append(f"segment {number}: two frames of one slice differ, what either has is taken")
                part = Mask.from_array(before | part.array())
            parts[number][k] = part
            kept += part.crop.size
            _refuse_too_many(kept)
    masks, kept = dict[int, Mask](), 0
    while parts:  # whose memory goes as that of the masks comes
        number, held = parts.popitem()
        masks[number] = _assembled(grid.shape, held, kept)
        kept += masks[number].crop.size
    return masks, list(dict.fromkeys(notes))


def _refuse_too_many(voxels: float) -> None:
    if voxels > LARGEST_VOXELS:
        raise InputError("its segments have more voxels than any honest ones")


def _least(dataset: Dataset, threshold: float) -> float:
    """The least stored value that counts."""
    if dataset.SegmentationType == "BINARY":
        return 1
    if not 0 < threshold <= 1:
        raise InputError(f"a threshold of {threshold:g}", remedy="choose one above 0, up to 1")
    return max(threshold * int(dataset.MaximumFractionalValue), 1e-6)


def _assembled(shape: tuple[int, int, int], parts: Mapping[int, Mask], before: int) -> Mask:
    """One mask of the masks of single slices; `before`: how many voxels other segments take already."""
    held = {k: part for k, part in parts.items() if part.crop.size}
    if not held:
        return Mask.empty(shape)
    low = (min(held), *(min(part.low[axis] for part in held.values()) for axis in (1, 2)))
    high = (max(held) + 1, *(max(part.high[axis] for part in held.values()) for axis in (1, 2)))
    _refuse_too_many(before + float(np.prod([float(b - a) for a, b in zip(low, high, strict=True)])))
    crop = np.zeros([b - a for a, b in zip(low, high, strict=True)], bool)
    for k, part in held.items():
        _, j, i = part.box
        crop[k - low[0], j.start - low[1] : j.stop - low[1], i.start - low[2] : i.stop - low[2]] = part.crop[0]
    return Mask(shape, (low[0], low[1], low[2]), crop)


def _label_masks(path: Path, dataset: Dataset, grid: Grid, slices: Sequence[int]) -> tuple[Masks, list[str]]:
    """The mask of every value that SegmentSequence describes; the others are told, but for 0 and the background's."""
    if len(set(slices)) < len(slices):
        raise InputError("two of its frames lie on one slice")
    described = {int(item.SegmentNumber): is_background(item) for item in dataset.SegmentSequence}
    padding = dataset.get("PixelPaddingValue")
    background = {number for number, none in described.items() if none} | ({int(padding)} if padding else set())
    labels = np.zeros(grid.shape, f"u{int(dataset.BitsAllocated) // 8}")
    spare = np.iinfo(labels.dtype).max
    zero_is_one = 0 in described.keys() - background
    if labels.nbytes > LARGEST_VOXELS or (zero_is_one and spare in described):
        raise InputError("a label map of these values is too large")
    with frames_in(path, dataset) as frames:
        for plane, k in zip(frames, slices, strict=True):
            labels[k] = np.where(plane == 0, spare, plane) if zero_is_one else plane
    masks = {n: mask for n, mask in masks_by_label(labels).items() if n not in background}
    if zero_is_one and spare in masks:
        masks[0] = masks.pop(int(spare))
    notes = [f"label {n}: SegmentSequence doesn't describe it" for n in sorted(masks.keys() - described.keys())]
    empty = dict.fromkeys(described.keys() - background, Mask.empty(grid.shape))
    return {n: masks.get(n, mask) for n, mask in empty.items()}, notes


def _grid(dataset: Dataset) -> tuple[Grid, list[int]]:
    """The grid of all frames' positions along their normal, and the slice that each frame is."""
    count = int(dataset.get("NumberOfFrames", 1))
    if len(dataset.get("PerFrameFunctionalGroupsSequence") or []) != count:
        raise InputError("NumberOfFrames is not the length of PerFrameFunctionalGroupsSequence")
    spacing = _common(dataset, count, "PixelMeasuresSequence", "PixelSpacing")
    cosines = _common(dataset, count, "PlaneOrientationSequence", "ImageOrientationPatient")
    if not np.allclose(np.linalg.norm(cosines.reshape(2, 3), axis=1), 1, atol=1e-3):
        raise InputError("its ImageOrientationPatient has not unit length")
    places = [_value(dataset, n, "PlanePositionSequence", "ImagePositionPatient") for n in range(count)]
    positions = np.array(places, np.float64)
    along = np.round(positions @ np.cross(cosines[:3], cosines[3:]), 3)
    heights, index, slices = np.unique(along, return_index=True, return_inverse=True)
    if len(heights) > 1 and np.diff(heights).min() < 0.01:
        raise InputError("frames lie on one another without being the same slice")
    if np.abs(positions - positions[index][slices]).max() > 0.01:
        raise InputError("frames of one slice lie beside each other (ImagePositionPatient)")
    shape = (len(heights), int(dataset.Rows), int(dataset.Columns))
    frame_of_reference = str(dataset.get("FrameOfReferenceUID", ""))
    grid = Grid(shape, positions[index], cosines[3:] * spacing[0], cosines[:3] * spacing[1], frame_of_reference)
    return grid, [int(k) for k in slices.reshape(-1)]


def _group(dataset: Dataset, frame: int, sequence: str) -> Dataset:
    """The functional group of one frame, its own or what all share; InputError where it has none."""
    shared: Sequence[Dataset] = dataset.get("SharedFunctionalGroupsSequence") or []
    for groups in (dataset.PerFrameFunctionalGroupsSequence[frame], *shared[:1]):
        items: Sequence[Dataset] = groups.get(sequence) or []
        if items:
            return items[0]
    raise InputError(f"frame {frame + 1} has no {sequence}")


def _value(dataset: Dataset, frame: int, sequence: str, keyword: str) -> Any:
    value = _group(dataset, frame, sequence).get(keyword)
    if value is None:
        raise InputError(f"frame {frame + 1} has no {keyword}")
    return value


def _common(dataset: Dataset, count: int, sequence: str, keyword: str) -> npt.NDArray[np.float64]:
    """A value that all frames have in common, shared or said of each; InputError where they differ."""
    own = any(sequence in groups for groups in dataset.PerFrameFunctionalGroupsSequence)
    values = np.array([_value(dataset, n, sequence, keyword) for n in range(count if own else 1)], np.float64)
    if np.abs(values - values[0]).max() > 1e-4:
        raise InputError(f"its frames differ in {keyword}")
    first: npt.NDArray[np.float64] = values[0]
    return first


def _referenced_series(dataset: Dataset, series: Sequence[Series]) -> str:
    """The series it refers to; of several the one that there is, "" where that doesn't tell."""
    uids = {str(item.get("SeriesInstanceUID", "")) for item in dataset.get("ReferencedSeriesSequence") or []}
    if len(uids) > 1:
        uids &= {one.series_uid for one in series}
    return uids.pop() if len(uids) == 1 else ""


def _sources(dataset: Dataset, slices: Sequence[int]) -> dict[int, str]:
    """By slice the image that its frames were made of, with its frame; slices of none or of several are left out."""
    told: dict[int, set[str]] = {}
    for groups, k in zip(dataset.PerFrameFunctionalGroupsSequence, slices, strict=True):
        derivations: Any = groups.get("DerivationImageSequence") or []
        for source in [one for item in derivations for one in item.get("SourceImageSequence") or []]:
            frame = source.get("ReferencedFrameNumber")
            uid = str(source.get("ReferencedSOPInstanceUID", ""))
            told.setdefault(k, set()).add(f"{uid}#{frame}" if frame else uid)
    return {k: images.pop() for k, images in told.items() if len(images) == 1}
