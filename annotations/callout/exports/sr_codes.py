"""The codes of a measurement report (PS3.16 TID 1500, 1411, 1419, 1501), with the meanings that the standard prints.

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
LENGTH = Code("SCT", "410668003", "Length")
ANGLE = Code("SCT", "1483009", "Angle")
AREA = Code("SCT", "42798000", "Area")
MEAN = Code("SCT", "373098007", "Mean")
DEVIATION = Code("SCT", "386136009", "Standard Deviation")

MILLIMETRE = Code("UCUM", "mm", "mm")
CUBIC_MILLIMETRE = Code("UCUM", "mm3", "cubic millimeter")
SQUARE_MILLIMETRE = Code("UCUM", "mm2", "square millimeter")
DEGREE = Code("UCUM", "deg", "degree")
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


SHOWN = {  # the measurements that a line or an ellipse on the image is of, by the kind of mark; "" for regions
    "": (LONG_AXIS, SHORT_AXIS),
    "calipers": (LENGTH,),
    "diameters": (LONG_AXIS, SHORT_AXIS),
    "angle": (ANGLE,),
    "ellipse": (AREA,),
}


def values(row: Mapping[str, Any]) -> Sequence[Value]:
    """The measurements of a row of a region or of a mark; what it does not have is left out.

    Lengths come first: readers take the first measurement for the one that shows in the picture.
    """
    intensity = (ATTENUATION, HOUNSFIELD) if row["unit"] == "HU" else (MR_SIGNAL, NO_UNIT)
    of_values = ((intensity[0], MEAN, row["mean"], intensity[1]), (intensity[0], DEVIATION, row["sd"], intensity[1]))
    is_diameters = row.get("kind") == "diameters"
    told = (
        (LENGTH, None, row.get("length_mm") if row.get("kind") == "calipers" else None, MILLIMETRE),
        (LONG_AXIS, None, row["length_mm"] if is_diameters else row.get("long_axis_mm"), MILLIMETRE),
        (SHORT_AXIS, None, row["short_mm"] if is_diameters else row.get("short_axis_mm"), MILLIMETRE),
        (ANGLE, None, row.get("angle_deg"), DEGREE),
        (AREA, None, row.get("area_mm2"), SQUARE_MILLIMETRE),
        (VOLUME, None, row.get("volume_mm3"), CUBIC_MILLIMETRE),
        *of_values,
    )
    return [Value(name, how, float(number), unit) for name, how, number, unit in told if number is not None]


def shown(row: Mapping[str, Any]) -> dict[Code, Mapping[str, Any]]:
    """What shows on an image, by the measurement that it is of."""
    return dict(zip(SHOWN.get(row.get("kind", ""), ()), row["graphics"], strict=False))
