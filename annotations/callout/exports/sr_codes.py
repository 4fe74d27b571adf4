"""The codes of a measurement report (PS3.16 TID 1500, 1411, 1419), with the meanings that the standard prints.

Readers are many that go by the meaning: it is never translated or mended. Two differ from the standard's present
tables: "Long Axis" and "Short Axis" are what it printed before, and what OHIF's adapters look for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from callout.terms import PRIVATE_SCHEME, Code

REPORT = Code("DCM", "126000", "Imaging Measurement Report")
IMAGE_LIBRARY = Code("DCM", "111028", "Image Library")
IMAGE_LIBRARY_GROUP = Code("DCM", "126200", "Image Library Group")
MEASUREMENTS = Code("DCM", "126010", "Imaging Measurements")
GROUP = Code("DCM", "125007", "Measurement Group")
TRACKING_IDENTIFIER = Code("DCM", "112039", "Tracking Identifier")
TRACKING_UID = Code("DCM", "112040", "Tracking Unique Identifier")
CATEGORY = Code("SCT", "276214006", "Finding category")
FINDING = Code("DCM", "121071", "Finding")
SITE = Code("SCT", "363698007", "Finding Site")
LATERALITY = Code("SCT", "272741003", "Laterality")
SEGMENT = Code("DCM", "121191", "Referenced Segment")
SOURCE_SERIES = Code("DCM", "121232", "Source series for segmentation")
DERIVATION = Code("DCM", "121401", "Derivation")
COMMENT = Code("DCM", "121106", "Comment")
PATH = Code("DCM", "121055", "Path")
CENTRE = Code("DCM", "111010", "Center")
SOURCE = Code("SCT", "260753009", "Source")
MODALITY = Code("DCM", "121139", "Modality")
FRAME_OF_REFERENCE = Code("DCM", "112227", "Frame of Reference UID")
OBSERVER_TYPE = Code("DCM", "121005", "Observer Type")
OBSERVER_NAME = Code("DCM", "121008", "Person Observer Name")
PERSON = Code("DCM", "121006", "Person")
PLACE_IN_REPORT = Code(PRIVATE_SCHEME, "PLACE-IN-REPORT", "Place in the report")
ENGLISH = Code("RFC5646", "en", "English")

VOLUME = Code("SCT", "118565006", "Volume")
LONG_AXIS = Code("SCT", "103339001", "Long Axis")
SHORT_AXIS = Code("SCT", "103340004", "Short Axis")
ATTENUATION = Code("DCM", "112031", "Attenuation Coefficient")
MR_SIGNAL = Code("DCM", "110852", "MR signal intensity")
MEAN = Code("SCT", "373098007", "Mean")
DEVIATION = Code("SCT", "386136009", "Standard Deviation")

MILLIMETRE = Code("UCUM", "mm", "mm")
CUBIC_MILLIMETRE = Code("UCUM", "mm3", "cubic millimeter")
HOUNSFIELD = Code("UCUM", "[hnsf'U]", "Hounsfield unit")
NO_UNIT = Code("UCUM", "1", "no units")

PROCEDURES = {  # CID 100
    "CT": Code("LN", "25045-6", "CT unspecified body region"),
    "MR": Code("LN", "25056-3", "MRI unspecified body region"),
}
MODALITIES = {  # CID 29
    "CT": Code("DCM", "CT", "Computed Tomography"),
    "MR": Code("DCM", "MR", "Magnetic Resonance"),
}


class Value(NamedTuple):
    """A measurement as a report has it: what, how it was derived of the region's voxels, how much, in what."""

    name: Code
    derivation: Code | None
    number: float
    unit: Code


def values(row: Mapping[str, Any]) -> Sequence[Value]:
    """The measurements of a row of `callout.exports.measurements`; what it does not have is left out.

    The axes come first: readers take the first measurement for the one that shows in the picture.
    """
    intensity = (ATTENUATION, HOUNSFIELD) if row["unit"] == "HU" else (MR_SIGNAL, NO_UNIT)
    told = (
        (LONG_AXIS, None, row["long_axis_mm"], MILLIMETRE),
        (SHORT_AXIS, None, row["short_axis_mm"], MILLIMETRE),
        (VOLUME, None, row["volume_mm3"], CUBIC_MILLIMETRE),
        (intensity[0], MEAN, row["mean"], intensity[1]),
        (intensity[0], DEVIATION, row["sd"], intensity[1]),
    )
    return [Value(name, how, float(number), unit) for name, how, number, unit in told if number is not None]
