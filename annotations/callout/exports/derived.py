"""What every object that is made of images has in common: their patient and study, a series of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from callout.exports.coding import long_string
from callout.exports.uids import InstanceUIDs
from callout.version import __version__

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

LARGEST_NUMBER = 2**31 - 1


def derived(header: Dataset, class_uid: str, modality: str, uids: InstanceUIDs, number: int, series: str) -> Dataset:
    """A data set of that class with the patient and study of `header`. series: its SeriesDescription."""
    from highdicom.base import SOPClass

    made = SOPClass(
        study_instance_uid=str(header.StudyInstanceUID),
        series_instance_uid=uids.series,
        series_number=min(max(3000 + int(header.get("SeriesNumber") or 0), 1), LARGEST_NUMBER),
        sop_instance_uid=uids.instance,
        sop_class_uid=class_uid,
        instance_number=number,
        modality=modality,
        manufacturer="Callout",
        manufacturer_model_name="Callout",
        software_versions=__version__,
        device_serial_number="0",
        series_description=long_string(series),
    )
    made.copy_patient_and_study_information(header)
    return made


def item(**values: Any) -> Dataset:
    """A data set of these attributes, by keyword."""
    from pydicom import Dataset

    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def decimals(*values: float) -> list[Any]:
    """Numbers as values of VR DS, in its 16 characters (PS3.5 6.2)."""
    from pydicom.valuerep import DSfloat

    return [DSfloat(float(value), auto_format=True) for value in values]


def image_reference(class_uid: str, instance_uid: str, frame: int | None = None) -> Dataset:
    """An item that names one image, or one frame of it."""
    named = item(ReferencedSOPClassUID=class_uid, ReferencedSOPInstanceUID=instance_uid)
    if frame is not None:
        named.ReferencedFrameNumber = frame
    return named


def uids_in(items: Iterable[Dataset] | None) -> list[str]:
    """The images that the items of a sequence name."""
    return [str(one.get("ReferencedSOPInstanceUID")) for one in items or ()]
