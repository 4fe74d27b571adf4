"""The header of an image, as what is derived of it takes over its patient and study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callout.errors import InputError
from callout.volume import Instance

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MAY_BE_UNKNOWN = (  # type 2 of Patient, General Study and General Series (PS3.3 C.7.1.1, C.7.2.1)
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    *("StudyID", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"),
)


def source_header(instance: Instance) -> Dataset:
    """The header, its text as UTF-8, empty values for what may be unknown.

    InputError where the file is gone, or is no longer the image that the case knows.
    """
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
    header.decode()
    header.SpecificCharacterSet = "ISO_IR 192"
    for keyword in MAY_BE_UNKNOWN:
        if keyword not in header:
            setattr(header, keyword, None)
    return header
