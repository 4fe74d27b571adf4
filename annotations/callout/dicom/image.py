"""Image: the facts of one single-frame CT or MR image, checked, from its header."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from callout.dicom.header import Header, Unreadable
from callout.dicom.syntaxes import refusal_of, uncompressed
from callout.dicom.tags import CT_IMAGE, MR_IMAGE, OTHER_OBJECTS
from callout.volume import StoredPixels

Vector = tuple[float, float, float]
UNIT_TOLERANCE = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One image and where it lies.

    position: LPS mm, the centre of the first voxel (ImagePositionPatient).
    along_row, along_column: unit vectors, LPS, of growing column and growing row index (ImageOrientationPatient).
    spacing: (between rows, between columns) mm (PixelSpacing).
    spacing_from: the keyword that `spacing` was taken from.
    height: mm along the normal.
    """

    header: Header
    sop_instance_uid: str
    series_uid: str
    position: Vector
    along_row: Vector
    along_column: Vector
    spacing: tuple[float, float]
    spacing_from: str
    height: float
    stored: StoredPixels

    @property
    def path(self) -> str:
        """The file."""
        return self.header.path


def image_of(header: Header) -> Image:
    """The image of a header; Unreadable, naming the attribute, where it is no CT or MR image or is not sound."""
    sop_class = header.text("SOPClassUID")
    if sop_class not in (CT_IMAGE, MR_IMAGE) and (sop_class or header.text("Modality") not in ("CT", "MR")):
        raise Unreadable(_other(header, sop_class), "other object")
    stored = _stored(header)
    position = _vector(header)
    along_row, along_column, normal = _directions(_required(header, "ImageOrientationPatient", 6))
    spacing, spacing_from = _spacing(header)
    height = position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2]
    return Image(
        header,
        header.text("SOPInstanceUID"),
        header.text("SeriesInstanceUID"),
        position,
        along_row,
        along_column,
        spacing,
        spacing_from,
        height,
        stored,
    )


def _other(header: Header, sop_class: str) -> str:
    if sop_class in OTHER_OBJECTS:
        return OTHER_OBJECTS[sop_class]
    modality = header.text("Modality")
    if not sop_class:
        return f"no image that can be read: Modality is {modality!r}" if modality else "DICOM without an image"
    return f"{modality or 'an object'} of SOPClassUID {sop_class}, no CT or MR image"


def _required(header: Header, keyword: str, count: int) -> tuple[float, ...]:
    found = header.numbers(keyword)
    if not found:
        raise Unreadable(f"has no {keyword}")
    if len(found) != count:
        raise Unreadable(f"{keyword} has {len(found)} values instead of {count}")
    return found


def _vector(header: Header) -> Vector:
    x, y, z = _required(header, "ImagePositionPatient", 3)
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        raise Unreadable("ImagePositionPatient is not finite")
    return x, y, z


@lru_cache(1024)
def _directions(values: tuple[float, ...]) -> tuple[Vector, Vector, Vector]:
    """Unit row direction, column direction and their normal."""
    if not all(math.isfinite(value) for value in values):
        raise Unreadable("ImageOrientationPatient is not finite")
    a, b = values[:3], values[3:]
    length_a, length_b = math.hypot(*a), math.hypot(*b)
    if abs(length_a - 1) > UNIT_TOLERANCE or abs(length_b - 1) > UNIT_TOLERANCE:
        raise Unreadable(f"ImageOrientationPatient is not of unit length ({length_a:.4g}, {length_b:.4g})")
    across = sum(p * q for p, q in zip(a, b, strict=True))
    if abs(across) > 1e-3:
        raise Unreadable(f"ImageOrientationPatient is skewed (rows and columns meet at {_angle(across):.2f}°)")
    row = (a[0] / length_a, a[1] / length_a, a[2] / length_a)
    column = (b[0] / length_b, b[1] / length_b, b[2] / length_b)
    normal = (
        row[1] * column[2] - row[2] * column[1],
        row[2] * column[0] - row[0] * column[2],
        row[0] * column[1] - row[1] * column[0],
    )
    return row, column, normal


def _angle(cosine: float) -> float:
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def _spacing(header: Header) -> tuple[tuple[float, float], str]:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        found = header.numbers(keyword)
        if not found:
            continue
        if len(found) != 2 or not all(math.isfinite(value) and value > 0 for value in found):
            raise Unreadable(f"{keyword} is {header.text(keyword)!r}: two lengths in mm are needed")
        return (found[0], found[1]), keyword
    raise Unreadable("has no PixelSpacing: the size of its pixels is unknown")


def _stored(header: Header) -> StoredPixels:
    frames = header.number("NumberOfFrames")
    if frames is not None and frames != 1:
        raise Unreadable(f"NumberOfFrames is {frames:g}: a multi-frame image, which is not read yet")
    if "MOSAIC" in header.texts("ImageType"):
        raise Unreadable("ImageType says MOSAIC: many slices in one picture, which is not read yet")
    photometric = header.text("PhotometricInterpretation")
    if header.unsigned("SamplesPerPixel") not in (None, 1) or photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise Unreadable(f"PhotometricInterpretation is {photometric or 'missing'}: no grey image")
    if (refusal := refusal_of(header.transfer_syntax)) is not None:
        raise Unreadable(refusal)
    rows, columns = _count(header, "Rows"), _count(header, "Columns")
    allocated, stored = _count(header, "BitsAllocated"), _count(header, "BitsStored")
    high = header.unsigned("HighBit")
    high = stored - 1 if high is None else high
    if allocated not in (8, 16, 32) or not stored <= allocated or not stored - 1 <= high < allocated:
        raise Unreadable(f"BitsAllocated {allocated}, BitsStored {stored} and HighBit {high} don't fit each other")
    if header.pixel_offset is None:
        raise Unreadable("has no PixelData")
    slope, intercept = _rescale(header)
    _check_length(header, rows * columns * (allocated // 8))
    return StoredPixels(
        header.transfer_syntax,
        rows,
        columns,
        allocated,
        stored,
        high,
        header.unsigned("PixelRepresentation") == 1,
        slope,
        intercept,
        header.pixel_offset,
        header.pixel_length,
        header.file_size,
        header.modified_ns,
    )


def _count(header: Header, keyword: str) -> int:
    value = header.unsigned(keyword)
    if not value:
        raise Unreadable(f"{keyword} is {'missing' if value is None else 'zero'}")
    return value


def _rescale(header: Header) -> tuple[float, float]:
    slope, intercept = header.number("RescaleSlope"), header.number("RescaleIntercept")
    if slope is not None and (not math.isfinite(slope) or slope == 0):
        raise Unreadable(f"RescaleSlope is {slope:g}")
    if intercept is not None and not math.isfinite(intercept):
        raise Unreadable(f"RescaleIntercept is {intercept:g}")
    return 1.0 if slope is None else slope, 0.0 if intercept is None else intercept


def _check_length(header: Header, expected: int) -> None:
    """Uncompressed PixelData must be there in full; one byte of padding is allowed."""
    if not uncompressed(header.transfer_syntax):
        if header.pixel_length is not None:
            raise Unreadable("PixelData of a compressed image is not encapsulated")
        return
    if header.pixel_length is None:
        raise Unreadable("PixelData of an uncompressed image has no length")
    if header.pixel_length not in (expected, expected + expected % 2):
        raise Unreadable(f"PixelData has {header.pixel_length} bytes, Rows × Columns need {expected}")
    if not header.deflated and (header.pixel_offset or 0) + expected > header.file_size:
        raise Unreadable("the file is cut: it ends inside PixelData")
