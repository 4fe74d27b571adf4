"""The data set of a DICOM segmentation (PS3.3 A.51, A.91) but for its pixels: BINARY or LABELMAP.

highdicom makes what is the same for every frame, of one frame that stands for all; the functional groups of each frame
are made here, which takes a fraction of its time and memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from callout.dicom.tags import CT_IMAGE, ENHANCED, MR_IMAGE
from callout.errors import InputError
from callout.exports.coding import long_string, person_name
from callout.exports.labelled import LabelledStack
from callout.exports.segments import descriptions
from callout.exports.source_header import source_header
from callout.exports.uids import segmentation_uids, uids_of
from callout.version import __version__
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SINGLE_FRAME = {"CT": CT_IMAGE, "MR": MR_IMAGE}
OF_FRAMES = (  # what the header that stands for all slices does not take over from a file's
    *(0x00080016, 0x00080018, 0x00180050, 0x00200032, 0x00200037, 0x00280008, 0x00280010, 0x00280011, 0x00280030),
    *(0x52009229, 0x52009230),  # the functional groups
)
STAND_IN = "2.25.1"  # the UID of the one slice that highdicom sees

Frame = tuple[int, int]  # the number of its segment, 0 in a label map; and its slice


def segmentation(stack: LabelledStack, kind: Literal["BINARY", "LABELMAP"], frames: Sequence[Frame]) -> Dataset:
    """Everything but PixelData. InputError where the images lack what every segmentation has to say of them."""
    import highdicom as hd

    series, uids = stack.series, segmentation_uids(stack, kind)
    readers = sorted({one.finding.reader for one in stack.regions})
    header = _one_slice(source_header(series.instances[frames[0][1]]), series)
    one_pixel = np.zeros((1, *series.grid.shape[1:]), np.uint8)
    one_pixel[0, 0, 0] = 1
    dataset: Dataset = hd.seg.Segmentation(
        source_images=[header],
        pixel_array=one_pixel,
        segmentation_type=kind,
        segment_descriptions=descriptions(stack.regions),
        series_instance_uid=uids.series,
        series_number=min(max(1000 + (series.number or 0), 1), 2**31 - 1),
        sop_instance_uid=uids.instance,
        instance_number=1,
        manufacturer="Callout",
        manufacturer_model_name="Callout",
        software_versions=__version__,
        device_serial_number="0",
        content_label="FINDINGS",
        content_description="Findings of a case report",
        content_creator_name=person_name(readers[0]) if len(readers) == 1 else None,
        series_description=long_string(f"Callout: {series.description}"),
    )
    dataset.SegmentsOverlap = "YES" if stack.overlaps else "NO"
    if series.grid.shape[0] > 1 and series.grid.is_even:
        measures = dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        measures.SpacingBetweenSlices = _decimal(series.grid.spacing[0])
    _refer(dataset, series, frames)
    dataset.PerFrameFunctionalGroupsSequence = _groups(dataset, series, frames)
    dataset.SharedFunctionalGroupsSequence[0].pop("SegmentIdentificationSequence", None)  # of one segment: each says it
    dataset.NumberOfFrames = len(frames)
    dimensions = uids_of("dimensions", uids.instance).instance  # highdicom draws one by lot
    for item in (*dataset.DimensionOrganizationSequence, *dataset.DimensionIndexSequence):
        item.DimensionOrganizationUID = dimensions
    return dataset


def set_pixels(dataset: Dataset, pixels: BytesIO) -> None:
    """PixelData of even length, read from memory when it is written."""
    from pydicom.dataelem import DataElement

    size = pixels.seek(0, 2)
    pixels.write(bytes(size % 2))
    pixels.seek(0)
    dataset["PixelData"] = DataElement(0x7FE00010, "OW" if dataset.BitsAllocated > 8 else "OB", pixels)


def _one_slice(header: Dataset, series: Series) -> Dataset:
    """A header of one slice on the series' grid, whatever file it comes from, with all that highdicom insists on."""
    from pydicom import Dataset

    if not header.get("FrameOfReferenceUID"):
        raise InputError("FrameOfReferenceUID is missing, which a segmentation needs", remedy="export as nifti")
    one, grid = Dataset(), series.grid
    one.update({tag: header[tag] for tag in header.keys() if tag not in OF_FRAMES})  # noqa: SIM118
    across, down = grid.column_step / grid.spacing[2], grid.row_step / grid.spacing[1]
    one.SOPClassUID, one.SOPInstanceUID = SINGLE_FRAME[series.modality], STAND_IN
    one.Rows, one.Columns = grid.shape[1:]
    one.ImagePositionPatient = _decimals(grid.origins[0])
    one.ImageOrientationPatient = _decimals(np.concatenate([across, down]))
    one.PixelSpacing = _decimals(np.array(grid.spacing[1:]))
    one.SliceThickness = series.slice_thickness_mm
    return one


def _refer(dataset: Dataset, series: Series, frames: Sequence[Frame]) -> None:
    """The images that the frames lie on, each once, instead of the one that stood for all."""
    images = list(dict.fromkeys(series.instances[k].sop_instance_uid for k in sorted({k for _, k in frames})))
    references = [_reference(series, uid) for uid in images]
    dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence = references
    if "SourceImageSequence" in dataset:
        dataset.SourceImageSequence = references


def _reference(series: Series, uid: str) -> Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = series.sop_class_uid, uid
    return item


def _groups(dataset: Dataset, series: Series, frames: Sequence[Frame]) -> list[Dataset]:
    """The functional groups of each frame; those of one slice share what says where it is and what it comes from."""
    from pydicom import Dataset, Sequence

    (one,) = dataset.PerFrameFunctionalGroupsSequence
    slices = sorted({k for _, k in frames})
    shared = {k: _of_slice(one, series, k) for k in slices}
    index = {k: n for n, k in enumerate(slices, 1)}
    groups = []
    for number, k in frames:
        group, content = Dataset(), Dataset()
        group.update(shared[k])
        content.DimensionIndexValues = [number, index[k]] if number else index[k]
        group.FrameContentSequence = Sequence([content])
        if number:
            segment = Dataset()
            segment.ReferencedSegmentNumber = number
            group.SegmentIdentificationSequence = Sequence([segment])
        groups.append(group)
    return groups


def _of_slice(one: Dataset, series: Series, k: int) -> dict[Any, Any]:
    """The elements of a slice's derivation and place, on the pattern of highdicom's."""
    from pydicom import Dataset, Sequence

    instance, pattern = series.instances[k], one.DerivationImageSequence[0]
    tile = series.grid.shape[0] > len({one.sop_instance_uid for one in series.instances})
    derivation, place, group = Dataset(), Dataset(), Dataset()
    source = _reference(series, instance.sop_instance_uid)
    if series.sop_class_uid in ENHANCED:
        source.ReferencedFrameNumber = instance.frame
    source.SpatialLocationsPreserved = "NO" if tile and series.sop_class_uid not in ENHANCED else "YES"  # of a mosaic
    source.PurposeOfReferenceCodeSequence = pattern.SourceImageSequence[0].PurposeOfReferenceCodeSequence
    derivation.DerivationCodeSequence = pattern.DerivationCodeSequence
    derivation.SourceImageSequence = Sequence([source])
    place.ImagePositionPatient = _decimals(series.grid.origins[k])
    group.DerivationImageSequence, group.PlanePositionSequence = Sequence([derivation]), Sequence([place])
    return dict(group.items())


def _decimals(values: Any) -> list[Any]:
    return [_decimal(float(value)) for value in values]


def _decimal(value: float) -> Any:
    """A decimal string (DS) of at most 16 characters, as near as that allows."""
    from pydicom.valuerep import DSfloat

    return DSfloat(round(value, 10), auto_format=True)
