"""The header of an image, as what is derived of it takes over its patient and study."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from callout.errors import InputError
from callout.volume import Instance

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

MAY_BE_UNKNOWN = (  # type 2 of Patient, General Study and General Series (PS3.3 C.7.1.1, C.7.2.1)
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    *("StudyID", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"),
)


def source_header(instance: Instance) -> Dataset:
    """The header, its text as UTF-8, empty values for what may be unknown and for what nobody could read there.

    InputError where the file is gone, is no longer the image that the case knows, or names no study or series.
    """
    header = _header(instance)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID"):
        uid = str(header.get(keyword) or "")
        if not uid or not set(uid) <= set("0123456789."):
            raise InputError(f"the images have no {keyword}, so no DICOM file can refer to them", instance.path)
    header.SpecificCharacterSet = "ISO_IR 192"
    for keyword in MAY_BE_UNKNOWN:
        if keyword not in header or not _is_sound(header[keyword]):
            setattr(header, keyword, None)
    return header


def left_empty(instance: Instance) -> tuple[str, ...]:
    """What to know of a file that takes over a header whose values are not what their attributes may be."""
    header = _header(instance)
    unsound = [keyword for keyword in MAY_BE_UNKNOWN if keyword in header and not _is_sound(header[keyword])]
    return tuple(f"{keyword} of the images is not what DICOM allows: it is left empty" for keyword in unsound)


def _header(instance: Instance) -> Dataset:
    import pydicom
    from pydicom.errors import InvalidDicomError

    from callout.dicom.sources import open_binary

    try:
        with warnings.catch_warnings(), open_binary(instance.path) as file:
            warnings.simplefilter("ignore")  # they tell what is wrong with the images
            header = pydicom.dcmread(file, stop_before_pixels=True)
            header.decode()
    except (OSError, InvalidDicomError) as error:
        raise InputError("an image of the series is gone", instance.path, "bring the folder back") from error
    named = header.get("SOPInstanceUID") or header.file_meta.get("MediaStorageSOPInstanceUID")
    if named != instance.sop_instance_uid:
        raise InputError("another image lies where one of the series was", instance.path, "bring it back")
    header.SOPInstanceUID = named  # where only the file meta information has it
    return header


def _is_sound(element: DataElement) -> bool:
    """Whether a value is empty, or one that its attribute may have: programs refuse dates and sexes that are none."""
    from pydicom.valuerep import DA, TM

    if element.VM > 1:
        return False
    if element.keyword == "PatientSex":
        return element.value in ("M", "F", "O", "", None)
    kind = {"DA": DA, "TM": TM}.get(element.VR)
    try:
        if kind and element.value:
            kind(element.value)
    except ValueError:
        return False
    return True
