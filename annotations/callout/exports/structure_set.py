"""What an RT structure set says (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8): its ROIs, each with names, codes and contours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from callout.errors import InputError
from callout.exports.coding import concept_of, side_of
from callout.exports.dicom_file import refuse_bomb
from callout.exports.loaded import MOST_LABELS
from callout.exports.segments import place_in, scheme_and_value, side_in, site_in, whole_name
from callout.masks.contours import Floats
from callout.terms import find_concept

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SOP_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
ALGORITHMS = ("AUTOMATIC", "SEMIAUTOMATIC", "MANUAL")
LARGEST_FILE = 128 << 20
FARTHEST_MM = 1e6
ELEMENT_HEADER = 8  # bytes

Image = tuple[str, int | None]  # SOPInstanceUID, and the frame where one is named


@dataclass(frozen=True, eq=False)
class Contour:
    """A closed contour: (n, 3) LPS mm, and the image that it names."""

    points: Floats
    image: Image | None


@dataclass(frozen=True, eq=False)
class Roi:
    """One ROI; facts: what becomes of it as a LoadedMask; series_uids: those its frame of reference lists."""

    number: int
    name: str
    frame_of_reference_uid: str
    series_uids: frozenset[str]
    facts: Mapping[str, Any]
    contours: tuple[Contour, ...]


def rois_in(path: Path) -> tuple[list[Roi], list[str]]:
    """The ROIs of a file, and in words what of them is no closed contour.

    InputError where it is no structure set, or says what can't be; what else a damaged file raises, the caller tells.
    """
    dataset = _dataset(path)
    items = list(dataset.get("StructureSetROISequence") or [])
    numbers = [int(item.ROINumber) for item in items]
    if len(set(numbers)) < len(numbers):
        raise InputError("two of its ROIs have one number (ROINumber)")
    if len(numbers) > MOST_LABELS:
        raise InputError(f"it has {len(numbers)} ROIs", remedy="choose a file with fewer")
    drawn = _by_number(dataset, "ROIContourSequence")
    observed = _by_number(dataset, "RTROIObservationsSequence")
    listed = _series_by_frame(dataset)
    notes = [
        f"contours of ROI {number}, which the file doesn't describe" for number in sorted(drawn.keys() - {*numbers})
    ]
    rois = []
    for number, item in zip(numbers, items, strict=True):
        facts = _facts(item, observed.get(number, []))
        contours = [
            _contour(one, number) for part in drawn.get(number, []) for one in part.get("ContourSequence") or []
        ]
        others = Counter(kind for kind, _ in contours if kind not in CLOSED)
        notes += [f"{number} {facts['name']}: {n} of type {kind or 'unknown'}" for kind, n in sorted(others.items())]
        frame = str(item.get("ReferencedFrameOfReferenceUID") or dataset.get("FrameOfReferenceUID") or "")
        closed = tuple(one for kind, one in contours if kind in CLOSED and one is not None)
        rois.append(Roi(number, facts.pop("name"), frame, listed.get(frame, frozenset()), facts, closed))
    return rois, notes


def _dataset(path: Path) -> Dataset:
    import pydicom

    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"it is larger than {LARGEST_FILE >> 20} MiB", path, "export fewer structures")
    refuse_bomb(path)
    dataset = pydicom.dcmread(_WholeFile(path.read_bytes()))
    if dataset.get("SOPClassUID") != SOP_CLASS:
        raise InputError("not an RT structure set (SOPClassUID)", path, "choose an RTSTRUCT file")
    return dataset


class _WholeFile(BytesIO):
    """pydicom drops an element that a file ends in, and says nothing; here reading beyond the end is refused."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if size and len(data) < size and (data or size > ELEMENT_HEADER):
            raise InputError("it is cut off")
        return data


def _by_number(dataset: Dataset, sequence: str) -> dict[int, list[Dataset]]:
    found: dict[int, list[Dataset]] = {}
    for item in dataset.get(sequence) or []:
        found.setdefault(int(item.ReferencedROINumber), []).append(item)
    return found


def _series_by_frame(dataset: Dataset) -> dict[str, frozenset[str]]:
    """The SeriesInstanceUIDs listed under each frame of reference."""
    return {
        str(frame.get("FrameOfReferenceUID", "")): frozenset(
            str(series.get("SeriesInstanceUID", ""))
            for study in frame.get("RTReferencedStudySequence") or []
            for series in study.get("RTReferencedSeriesSequence") or []
        )
        for frame in dataset.get("ReferencedFrameOfReferenceSequence") or []
    }


def _contour(item: Dataset, number: int) -> tuple[str, Contour | None]:
    """Its type, and the contour where it has points; InputError where they can't be believed."""
    kind = str(item.get("ContourGeometricType") or "")
    values = _numbers(item, number)
    if kind not in CLOSED or not len(values):
        return kind, None
    points = values.reshape(-1, 3)
    said = item.get("NumberOfContourPoints")
    if said is not None and int(said) != len(points):
        raise InputError(f"a contour of ROI {number} says {said} points (NumberOfContourPoints) and has {len(points)}")
    images = item.get("ContourImageSequence") or []
    return kind, Contour(points, _image(images[0]) if len(images) == 1 else None)


def _numbers(item: Dataset, number: int) -> Floats:
    """ContourData as it lies in the file, parsed at once: pydicom takes a microsecond and 500 bytes for each value."""
    if "ContourData" not in item:
        return np.zeros(0)
    value: Any = item.get_item("ContourData").value
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of numpy, where it stops before the end
            if isinstance(value, bytes):
                text = value.strip(b"\0 ")
                numbers: Floats = np.fromstring(text.decode("ascii"), np.float64, sep=" \\ ") if text else np.zeros(0)
            else:
                numbers = np.array([] if value is None else value).astype(np.float64).reshape(-1)
    except (ValueError, DeprecationWarning) as error:
        raise InputError(f"ContourData of ROI {number} is not all numbers") from error
    if numbers.size % 3:
        raise InputError(f"ContourData of ROI {number} has {numbers.size} values, no multiple of three")
    if not (np.abs(numbers) <= FARTHEST_MM).all():
        raise InputError(f"ContourData of ROI {number} lies nowhere near its images")
    return numbers


def _image(item: Dataset) -> Image:
    frames = item.get("ReferencedFrameNumber")
    frame = int(frames) if frames is not None and not isinstance(frames, Sequence) else None
    return str(item.get("ReferencedSOPInstanceUID", "")), frame


def _facts(item: Dataset, observations: Sequence[Dataset]) -> dict[str, Any]:
    """Name, concept, code, side, place, tracking UID and algorithm of an ROI, as LoadedMask names them."""
    name = whole_name(str(item.get("ROIName") or ""), str(item.get("ROIDescription") or ""))
    code = _first_code(observations)
    by_code = concept_of(code) if code else None
    found = by_code if by_code and by_code.name != "lesion" else find_concept(name) or by_code
    volumes = item.get("ConceptualVolumeIdentificationSequence") or []
    kind = str(item.get("ROIGenerationAlgorithm") or "")
    sides = {side for one in observations if (side := side_in(one))}
    return {
        "name": name,
        "concept": found.name if found else None,
        "code": code,
        "laterality": sides.pop() if len(sides) == 1 else side_of(name),
        "site": next((site for one in observations if (site := site_in(one))), None),
        "place": place_in(observations[0]) if observations else None,
        "tracking_uid": str(volumes[0].get("ConceptualVolumeUID") or "") or None if volumes else None,
        "algorithm_type": kind if kind in ALGORITHMS else None,
        "algorithm_name": str(item.get("ROIGenerationDescription") or "") or None,
    }


def _first_code(observations: Sequence[Dataset]) -> tuple[str, str] | None:
    """Scheme and value of what the ROI is."""
    for code in (code for one in observations for code in one.get("RTROIIdentificationCodeSequence") or []):
        return scheme_and_value(code)
    return None
