"""DICOM Segmentation, BINARY (PS3.3 A.51): written with highdicom, read with pydicom and our own geometry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from callout.dicom.tags import CT_IMAGE, ENHANCED, MR_IMAGE
from callout.errors import InputError
from callout.exports.expected import differences, expected
from callout.exports.files import series_slug
from callout.exports.formats import Outgoing, Written
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import LoadedFile, LoadedMask, reading
from callout.exports.nrrd import side_of
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import PRIVATE_SCHEME, Code, code_of, concept, concept_with_code, find_concept
from callout.version import __version__
from callout.volume import Instance, Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PER: Literal["series", "case"] = "series"
SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
CATEGORY = Code("SCT", "49755003", "Morphologically Abnormal Structure")
BODY = Code("SCT", "123037004", "Body structure")
SINGLE_FRAME = {"CT": CT_IMAGE, "MR": MR_IMAGE}
OF_FRAMES = (  # what the header of a slice does not take over from that of a file with many
    *(0x00080016, 0x00080018, 0x00180050, 0x00200032, 0x00200037, 0x00280008, 0x00280010, 0x00280011, 0x00280030),
    *(0x52009229, 0x52009230),  # the functional groups
)
MAY_BE_UNKNOWN = (  # type 2 of Patient, General Study and General Series (PS3.3 C.7.1.1, C.7.2.1)
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    *("StudyID", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"),
)
PLAIN_SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99")  # the last one deflated
SIDES = {
    "left": Code("SCT", "7771000", "Left"),
    "right": Code("SCT", "24028007", "Right"),
    "bilateral": Code("SCT", "51440002", "Right and left"),
}


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.seg.dcm`, plain Explicit VR Little Endian, frames without voxels omitted.

    InputError where the images lack what every segmentation has to say of them.
    """
    stack = outgoing.stack
    name = f"{series_slug(stack.series)}.seg.dcm"
    what, remedy = "no segmentation can be made of these images", "export as nifti"
    with reading(stack.series.instances[0].path, what, remedy):  # its warnings tell what the images had wrong already
        dataset = _segmentation(stack)
    dataset.save_as(folder / name, enforce_file_format=True)
    return [Written(name, expected(stack))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with pydicom and our own geometry (highdicom wrote it)."""
    return differences(_read(path), holds)


def _segmentation(stack: LabelledStack) -> Dataset:
    import highdicom as hd
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    first = min(one.mask.low[0] for one in stack.regions)
    last = max(one.mask.high[0] for one in stack.regions)
    dataset: Dataset = hd.seg.Segmentation(
        source_images=_headers(stack.series, first, last),
        pixel_array=_pixels(stack, first, last),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(one) for one in stack.regions],
        series_instance_uid=generate_uid(None),
        series_number=min(max(1000 + (stack.series.number or 0), 1), 2**31 - 1),
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
        series_description=_long_string(f"Callout: {stack.series.description}"),
    )
    dataset.SpecificCharacterSet = "ISO_IR 192"
    _name_frames(dataset, stack.series)
    return dataset


def _pixels(stack: LabelledStack, first: int, last: int) -> npt.NDArray[np.integer]:
    """Slices [first, last): label values (k, j, i), which take little memory; (k, j, i, n) where regions overlap."""
    if not stack.overlaps and len(stack.regions) < 256:
        return stack.label_map()[first:last].astype(np.uint8)
    masks = np.zeros((last - first, *stack.series.grid.shape[1:], len(stack.regions)), np.uint8)
    for n, one in enumerate(stack.regions):
        k, j, i = one.mask.box
        masks[k.start - first : k.stop - first, j, i, n] = one.mask.crop
    return masks


def _long_string(text: str) -> str:
    """`text` as a value of VR LO: one line, no backslash, at most 64 characters (PS3.5 6.2)."""
    return "".join(c if c.isprintable() and c != "\\" else " " for c in text)[:64].strip() or "-"


def _headers(series: Series, first: int, last: int) -> list[Dataset]:
    """The headers of slices [first, last); InputError where a file is no longer the image that the case knows."""
    known: dict[str, Dataset] = {}
    headers: list[Dataset] = []
    for k, instance in enumerate(series.instances[first:last], first):
        if instance.path not in known:
            known[instance.path] = _mended(_header(instance))
        header = known[instance.path]
        many = "NumberOfFrames" in header or (header.Rows, header.Columns) != series.grid.shape[1:]
        headers.append(_slice(header, series, k) if many else header)
    return headers


def _header(instance: Instance) -> Dataset:
    import pydicom
    from pydicom.errors import InvalidDicomError

    from callout.dicom.sources import open_binary

    try:
        with open_binary(instance.path) as file:
            header = pydicom.dcmread(file, stop_before_pixels=True)
    except (OSError, InvalidDicomError) as error:
        raise InputError("an image of the series is gone", instance.path, "bring the folder back") from error
    if header.get("SOPInstanceUID") != instance.sop_instance_uid:
        raise InputError("another image lies where one of the series was", instance.path, "bring it back")
    return header


def _slice(header: Dataset, series: Series, k: int) -> Dataset:
    """The header of a file that holds many images as if slice `k` were alone in it, under a UID of its own.

    highdicom takes the frames of one file only, and no tiles of a mosaic. `_name_frames` puts the file's UID back.
    """
    from pydicom import Dataset

    one, grid = Dataset(), series.grid
    one.update({tag: header[tag] for tag in header.keys() if tag not in OF_FRAMES})  # noqa: SIM118
    across, down = grid.column_step / grid.spacing[2], grid.row_step / grid.spacing[1]
    one.SOPClassUID, one.SOPInstanceUID = SINGLE_FRAME[series.modality], _stand_in(k)
    one.Rows, one.Columns = grid.shape[1:]
    one.ImagePositionPatient = _decimals(grid.origins[k])
    one.ImageOrientationPatient = _decimals(np.concatenate([across, down]))
    one.PixelSpacing = _decimals(np.array(grid.spacing[1:]))
    one.SliceThickness = series.slice_thickness_mm
    return one


def _decimals(values: npt.NDArray[np.float64]) -> list[str]:
    """Decimal strings (DS), which have 16 characters at most."""
    return [f"{value:.10f}"[:16] for value in values]


def _stand_in(k: int) -> str:
    return f"2.25.{k + 1}"


def _name_frames(dataset: Dataset, series: Series) -> None:
    """Sources by their own UID, and by their frame where they have one, instead of what `_slice` called them."""
    instances = {_stand_in(k): instance for k, instance in enumerate(series.instances)}
    for group in dataset.PerFrameFunctionalGroupsSequence:
        for source in group.DerivationImageSequence[0].SourceImageSequence:
            instance = _put_back(source, series, instances)
            if instance is None:  # a file of one image, under its own name from the start
                continue
            if series.sop_class_uid in ENHANCED:
                source.ReferencedFrameNumber = instance.frame
            else:  # a tile of a mosaic, which has no number
                source.SpatialLocationsPreserved = "NO"
    for one in dataset.ReferencedSeriesSequence:
        for item in one.ReferencedInstanceSequence:
            _put_back(item, series, instances)
        items = {item.ReferencedSOPInstanceUID: item for item in one.ReferencedInstanceSequence}
        one.ReferencedInstanceSequence = list(items.values())


def _put_back(item: Dataset, series: Series, instances: dict[str, Instance]) -> Instance | None:
    instance = instances.get(item.ReferencedSOPInstanceUID)
    if instance is not None:
        item.ReferencedSOPClassUID = series.sop_class_uid
        item.ReferencedSOPInstanceUID = instance.sop_instance_uid
    return instance


def _mended(header: Dataset) -> Dataset:
    """`header` with what highdicom insists on: a single character set, and empty values for what may be unknown."""
    header.decode()
    header.SpecificCharacterSet = "ISO_IR 192"
    for keyword in MAY_BE_UNKNOWN:
        if keyword not in header:
            setattr(header, keyword, None)
    return header


def _description(one: LabelledRegion) -> Any:
    import highdicom as hd

    finding = one.finding
    algorithm = None
    if one.algorithm != "MANUAL":
        algorithm = hd.AlgorithmIdentificationSequence(
            name=_long_string(one.algorithm_name),
            family=hd.sr.CodedConcept("SEGMENTATION", PRIVATE_SCHEME, "Segmentation"),
            version=__version__,
        )
    where = code_of_site(finding.site) if finding.site else BODY
    description = hd.seg.SegmentDescription(
        segment_number=one.number,
        segment_label=_long_string(finding.label),
        segmented_property_category=_coded(CATEGORY),
        segmented_property_type=_coded(code_of(concept(finding.concept))),
        algorithm_type=one.algorithm,
        algorithm_identification=algorithm,
        tracking_uid=finding.tracking_uid,
        tracking_id=_long_string(finding.label),
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
    return Code(PRIVATE_SCHEME, "S" + hashlib.sha256(site.encode()).hexdigest()[:15].upper(), _long_string(site))


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """Every segment of a BINARY SEG on the grid of its own frames; other kinds are refused by name."""
    return LoadedFile.of(_read(path))


def _read(path: Path) -> list[LoadedMask]:
    with reading(path, "not a DICOM segmentation that can be read", "export it again"):
        dataset = _dataset(path)
        grid, slice_of_frame = _grid(dataset)
        frames_of: dict[int, list[tuple[int, int]]] = {int(item.SegmentNumber): [] for item in dataset.SegmentSequence}
        for frame, k in enumerate(slice_of_frame):
            frames_of[_segment_number(dataset, frame)].append((frame, k))
        series_uid = _referenced_series(dataset)
        return [
            _loaded(item, _mask(dataset, frames_of[int(item.SegmentNumber)], grid), grid, series_uid)
            for item in dataset.SegmentSequence
        ]


def _dataset(path: Path) -> Dataset:
    import pydicom

    _refuse_bomb(path)
    header = pydicom.dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True, defer_size=1024)
    if header.get("SOPClassUID") != SEGMENTATION_STORAGE:
        raise InputError("not a DICOM segmentation (SOPClassUID)", path, "choose a SEG, NIfTI or NRRD file")
    dataset = pydicom.dcmread(path)
    if dataset.get("SegmentationType") != "BINARY":
        kind = dataset.get("SegmentationType")
        raise InputError(f"a segmentation of SegmentationType {kind} can't be read", path, "export it as BINARY")
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax not in PLAIN_SYNTAXES:
        name = syntax.name
        raise InputError(f"a segmentation in {name} (TransferSyntaxUID) can't be read", path, "export it uncompressed")
    voxels = int(dataset.get("NumberOfFrames", 1)) * int(dataset.Rows) * int(dataset.Columns)
    if len(dataset.PixelData) < (voxels + 7) // 8:
        raise InputError("PixelData is too short for its frames", path, "export it again")
    return dataset


def _refuse_bomb(path: Path) -> None:
    """pydicom inflates a deflated data set whatever its size; InputError where that would be too much."""
    from pydicom.filereader import read_file_meta_info

    from callout.dicom.header import INFLATE_LIMIT, inflated
    from callout.dicom.meta import data_set_start
    from callout.dicom.syntaxes import DEFLATED

    if read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED:
        data = path.read_bytes()
        if len(inflated(data[data_set_start(data) :], INFLATE_LIMIT + 1)) > INFLATE_LIMIT:
            raise InputError(f"its deflated data set is larger than {INFLATE_LIMIT >> 20} MiB", path)


def _mask(dataset: Dataset, frames: list[tuple[int, int]], grid: Grid) -> Mask:
    """The mask of one segment, from its (frame, slice) pairs; bits are packed across frames (PS3.5 8.1.1)."""
    rows, columns = grid.shape[1:]
    if not frames:
        return Mask.empty(grid.shape)
    first, last = min(k for _, k in frames), max(k for _, k in frames)
    slab = np.zeros((last + 1 - first, rows, columns), bool)
    data = np.frombuffer(dataset.PixelData, np.uint8)
    for frame, k in frames:
        start = frame * rows * columns
        part = data[start // 8 : (start + rows * columns + 7) // 8]
        bits = np.unpackbits(part, bitorder="little")[start % 8 : start % 8 + rows * columns]
        slab[k - first] |= bits.view(bool).reshape(rows, columns)
    return Mask(grid.shape, (first, 0, 0), slab).trimmed()


def _grid(dataset: Dataset) -> tuple[Grid, list[int]]:
    """The grid of all frames' positions along their normal, and the slice that each frame is."""
    shared, frames = dataset.SharedFunctionalGroupsSequence[0], dataset.PerFrameFunctionalGroupsSequence
    if len(frames) != int(dataset.get("NumberOfFrames", 1)):
        raise InputError("NumberOfFrames is not the length of PerFrameFunctionalGroupsSequence")
    spacing = _common(shared, frames, "PixelMeasuresSequence", "PixelSpacing")
    cosines = _common(shared, frames, "PlaneOrientationSequence", "ImageOrientationPatient")
    positions = np.array([f.PlanePositionSequence[0].ImagePositionPatient for f in frames], np.float64)
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


def _common(shared: Dataset, frames: Sequence[Dataset], sequence: str, keyword: str) -> npt.NDArray[np.float64]:
    """A value that all frames have in common, shared or said of each; InputError where they differ."""
    groups = [shared] if sequence in shared else frames
    values = np.array([group[sequence][0][keyword].value for group in groups], np.float64)
    if np.abs(values - values[0]).max() > 1e-4:
        raise InputError(f"its frames differ in {keyword}")
    first: npt.NDArray[np.float64] = values[0]
    return first


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


def _loaded(item: Dataset, mask: Mask, grid: Grid, series_uid: str) -> LoadedMask:
    name = str(item.get("SegmentLabel", ""))
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    code = str(kind.get("CodingSchemeDesignator", "")), str(kind.get("CodeValue", ""))
    coded = concept_with_code(*code)
    found = coded if coded and coded.name != "lesion" else find_concept(name) or coded
    algorithm = item.get("SegmentationAlgorithmIdentificationSequence") or []
    names = [a.get("AlgorithmName") for a in algorithm] or [item.get("SegmentAlgorithmName")]
    return LoadedMask(
        number=int(item.SegmentNumber),
        name=name,
        mask=mask,
        grid=grid,
        concept=found.name if found else None,
        code=code,
        laterality=_side(item) or side_of(name),
        tracking_uid=str(item.TrackingUID) if item.get("TrackingUID") else None,
        series_uid=series_uid,
        algorithm_type=str(item.get("SegmentAlgorithmType", "")) or None,
        algorithm_name=str(names[0]) if names[0] else None,
    )


def _side(item: Dataset) -> str | None:
    regions = item.get("AnatomicRegionSequence") or []
    modifiers = (regions[0].get("AnatomicRegionModifierSequence") or []) if regions else []
    found = {name for name, code in SIDES.items() for one in modifiers if one.get("CodeValue") == code.value}
    return found.pop() if len(found) == 1 else None
