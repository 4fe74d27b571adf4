"""RT structure sets (PS3.3 A.19): a region is an ROI, its slices are contours along the voxels' edges.

Written with pydicom, read by `rtstruct_reading`. A contour lies in its image's own plane, whatever its angle. Islands
are contours of their own, holes are cut in by keyholes (PS3.3 C.8.8.6.3): the standard's only way for CLOSED_PLANAR,
and right both for readers that fill every contour and for those that take a contour in another as a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from callout.dicom.tags import ENHANCED
from callout.errors import InputError
from callout.exports.coding import SIDES, category_of, long_string, person_name, place_of
from callout.exports.dicom_file import save
from callout.exports.expected import differences, expected
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import LoadedFile, reading
from callout.exports.rtstruct_reading import read_structure_set, regions_of
from callout.exports.segments import LONGEST_DESCRIPTION, labels_of, one_line
from callout.exports.source_header import MAY_BE_UNKNOWN, left_empty, source_header
from callout.exports.structure_set import SOP_CLASS
from callout.exports.uids import uids_of
from callout.geometry import Grid
from callout.masks.contours import Bits, Floats, contours
from callout.terms import Code, code_of, concept
from callout.version import __version__
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PER: Literal["series", "case"] = "series"
STUDY_COMPONENT = "1.2.840.10008.3.1.2.3.1"  # the class by which structure sets refer to a study (C.8.8.5.4)
OF_THE_STUDY = (  # beside what may be unknown: Patient and General Study, as the images have them (C.7.1.1, C.7.2.1)
    *("IssuerOfPatientID", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
    *("StudyInstanceUID", "StudyDescription", "PositionReferenceIndicator", "LongitudinalTemporalInformationModified"),
)
MOST_BYTES = 65534  # of a value of VR DS in Explicit VR (PS3.5 7.1.2)
FARTHEST_MM = 1e6  # so that four decimals fit into the 16 characters of a DS


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.rtstruct.dcm`. InputError where the images lack what every structure set has to say of them."""
    stack = outgoing.stack
    path = stack.series.instances[0].path
    if not stack.series.grid.frame_of_reference_uid:
        what = "the images of the series have no FrameOfReferenceUID, and contours lie in one"
        raise InputError(what, path, "export as nifti or nrrd")
    name = f"{series_slug(stack.series)}.rtstruct.dcm"
    with reading(path, "no structure set can be made of these images", "export as nifti"):
        save(_structure_set(stack), folder / name, outgoing.compression, stack.edited)
    return [Written(name, expected(stack), left_empty(stack.series.instances[0]))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file: the contours filled again have to give the same voxels, every one of them."""
    home = Grid(**{**holds["grid"], "shape": tuple(holds["grid"]["shape"])})
    held = regions_of(path, home)
    names = {one.number: one.name for one in held.masks}
    wrong = [
        f"{region['number']} {region['name']}: its name is {names[region['number']]}"
        for region in holds["regions"]
        if long_string(names.get(region["number"], region["name"])) != long_string(region["name"])
    ]
    return differences(held.masks, holds) + wrong + list(held.left_out)


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every ROI with closed contours on the series whose images it names, or in whose planes it lies."""
    return read_structure_set(path, series)


def _structure_set(stack: LabelledStack) -> Dataset:
    series = stack.series
    made = [(one.finding.site, one.finding.reader, one.algorithm, one.algorithm_name) for one in stack.regions]
    uids = uids_of("RTSTRUCT", [expected(stack), made])
    dataset = _of_the_study(source_header(series.instances[0]))
    dataset.SOPClassUID, dataset.SOPInstanceUID = SOP_CLASS, uids.instance
    dataset.SeriesInstanceUID, dataset.Modality = uids.series, "RTSTRUCT"
    dataset.SeriesNumber = min(max(1000 + (series.number or 0), 1), 2**31 - 1)
    dataset.SeriesDescription = long_string(f"Callout: {series.description}")
    dataset.OperatorsName = dataset.SeriesDate = dataset.SeriesTime = None
    dataset.Manufacturer = dataset.ManufacturerModelName = "Callout"
    dataset.SoftwareVersions = __version__
    dataset.FrameOfReferenceUID = series.grid.frame_of_reference_uid
    dataset.StructureSetLabel, dataset.InstanceNumber = "FINDINGS", 1
    dataset.StructureSetDate = dataset.StructureSetTime = None  # told when it is saved
    dataset.ApprovalStatus = "UNAPPROVED"
    dataset.ReferencedFrameOfReferenceSequence = [_frame_of_reference(series)]
    labels = labels_of([one.finding.label for one in stack.regions])
    dataset.StructureSetROISequence = [
        _roi(one, label, series) for one, label in zip(stack.regions, labels, strict=True)
    ]
    dataset.ROIContourSequence = [_contours(one, series) for one in stack.regions]
    dataset.RTROIObservationsSequence = [_observation(one) for one in stack.regions]
    return dataset


def _of_the_study(header: Dataset) -> Dataset:
    """A data set with what the images say of patient and study, and no more; what may be empty is there."""
    from pydicom import Dataset

    dataset = Dataset()
    for keyword in (*MAY_BE_UNKNOWN, *OF_THE_STUDY):
        if keyword in header:
            dataset.add(header[keyword])
    if "PositionReferenceIndicator" not in dataset:
        dataset.PositionReferenceIndicator = None
    return dataset


def _item(**values: Any) -> Dataset:
    from pydicom import Dataset

    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _frame_of_reference(series: Series) -> Dataset:
    """The frame of reference, in it the study and the series, and every image of the stack (C.8.8.5)."""
    by_file: dict[str, list[int]] = {}
    for one in series.instances:
        by_file.setdefault(one.sop_instance_uid, []).append(one.frame)
    images = [_reference(series, uid, frames) for uid, frames in by_file.items()]
    referenced = _item(SeriesInstanceUID=series.series_uid, ContourImageSequence=images)
    study = _item(
        ReferencedSOPClassUID=STUDY_COMPONENT,
        ReferencedSOPInstanceUID=series.study_uid,
        RTReferencedSeriesSequence=[referenced],
    )
    return _item(FrameOfReferenceUID=series.grid.frame_of_reference_uid, RTReferencedStudySequence=[study])


def _reference(series: Series, uid: str, frames: Sequence[int]) -> Dataset:
    item = _item(ReferencedSOPClassUID=series.sop_class_uid, ReferencedSOPInstanceUID=uid)
    if series.sop_class_uid in ENHANCED:  # the tiles of a mosaic have no number
        item.ReferencedFrameNumber = list(frames)
    return item


def _roi(one: LabelledRegion, label: str, series: Series) -> Dataset:
    """What the region is called and how it was made; the tracking UID is that of the volume it stands for (10.34)."""
    roi = _item(
        ROINumber=one.number,
        ReferencedFrameOfReferenceUID=series.grid.frame_of_reference_uid,
        ROIName=label,
        ROIGenerationAlgorithm=one.algorithm,
        ConceptualVolumeIdentificationSequence=[_item(ConceptualVolumeUID=one.finding.tracking_uid)],
    )
    if label != one.finding.label:
        roi.ROIDescription = one_line(one.finding.label)[:LONGEST_DESCRIPTION]
    if one.algorithm_name:
        roi.ROIGenerationDescription = long_string(one.algorithm_name)
    return roi


def _observation(one: LabelledRegion) -> Dataset:
    """What the region is and where: category, type, place and side (C.8.8.8); no role in a treatment."""
    finding = one.finding
    item = _item(
        ObservationNumber=one.number,
        ReferencedROINumber=one.number,
        SegmentedPropertyCategoryCodeSequence=[_coded(category_of(finding.concept))],
        RTROIIdentificationCodeSequence=[_coded(code_of(concept(finding.concept)))],
        RTROIInterpretedType="",
        ROIInterpreter=person_name(finding.reader),
    )
    if finding.site or finding.laterality:
        item.AnatomicRegionSequence = [_coded(place_of(finding))]
    if finding.laterality:
        item.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [_coded(SIDES[finding.laterality])]
    return item


def _coded(code: Code) -> Dataset:
    return _item(CodeValue=code.value, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning)


def _contours(one: LabelledRegion, series: Series) -> Dataset:
    colour = concept(one.finding.concept).colour
    return _item(
        ReferencedROINumber=one.number,
        ROIDisplayColor=[int(colour[n : n + 2], 16) for n in (1, 3, 5)],
        ContourSequence=[
            _contour(series, k, points, data)
            for k in one.mask.slices()
            for points, data in _encoded(one.mask.slice(k), series.grid, k)
        ],
    )


def _contour(series: Series, k: int, points: int, data: bytes) -> Dataset:
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    instance = series.instances[k]
    item = _item(
        ContourImageSequence=[_reference(series, instance.sop_instance_uid, [instance.frame])],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=points,
    )
    tag = Tag("ContourData")
    item.set_original_encoding(False, True, item._character_set)  # else pydicom parses each before it writes it
    item[tag] = RawDataElement(tag, "DS", len(data), data, 0, False, True)  # a hundred times as fast as by value
    return item


def _encoded(mask: Bits, grid: Grid, k: int) -> Iterator[tuple[int, bytes]]:
    """The number of points and ContourData of each contour of slice `k`; a slice too winding is cut into two bands."""
    made = [(len(contour), _decimals(_points(contour, grid, k))) for contour in contours(mask)]
    if all(len(data) <= MOST_BYTES for _, data in made):
        yield from made
        return
    rows = np.flatnonzero(mask.any(axis=1))
    middle = (rows[0] + rows[-1] + 1) // 2
    below = np.arange(len(mask))[:, None] >= middle
    yield from _encoded(mask & ~below, grid, k)
    yield from _encoded(mask & below, grid, k)


def _points(contour: Floats, grid: Grid, k: int) -> Floats:
    """LPS mm (n, 3) of (row, column) on slice `k`."""
    points: Floats = grid.origins[k] + contour[:, :1] * grid.row_step + contour[:, 1:] * grid.column_step
    return points


def _decimals(points: npt.NDArray[np.float64]) -> bytes:
    """Points as decimal strings to 0.0001 mm, without zeros at their ends, of even length."""
    if np.abs(points).max() > FARTHEST_MM:
        raise InputError("the images lie more than a kilometre from the origin (ImagePositionPatient)")
    values = (np.round(points, 4) + 0.0).reshape(-1).tolist()
    text = "\\".join(["%.4f"] * len(values)) % tuple(values)
    data = re.sub(r"\.?0+(?=\\|$)", "", text).encode()
    return data + b" " * (len(data) % 2)
