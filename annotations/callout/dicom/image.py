"""Image: the facts of one CT or MR image, a file or a frame of one, checked, from its header."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from callout.dicom.header import INFLATE_LIMIT, Header, Unreadable
from callout.dicom.syntaxes import refusal_of, uncompressed
from callout.dicom.tags import CT_IMAGE, ENHANCED, MR_IMAGE, OTHER_OBJECTS, TAGS
from callout.volume import PixelFormat, StoredPixels

Vector = tuple[float, float, float]
UNIT_TOLERANCE = 2e-3
FURTHEST_MM = 1e6  # no position and no pixel is further or larger
SMALLEST_MM = 1e-6
UNKNOWN_SPACING = (1.0, 1.0)  # stands in where no file says how large pixels are
LARGEST = 1 << 25  # pixels of an image: a few bytes, or a file with holes, may claim any number
KIND_TAGS = tuple(
    TAGS[keyword] for keyword in ("SOPClassUID", "Modality", "NumberOfFrames", "ImageType", "SpecificCharacterSet")
)
FORM_TAGS = tuple(
    TAGS[keyword]
    for keyword in (
        *("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns"),
        *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
        *("RescaleSlope", "RescaleIntercept", "PixelSpacing", "ImagerPixelSpacing", "ImageOrientationPatient"),
    )
)


@dataclass(frozen=True, slots=True)
class Form:
    """What images of one stack have in common, checked once for all of them.

    along_row, along_column: unit vectors, LPS, of growing column and growing row index (ImageOrientationPatient).
    normal: unit, LPS: along_row × along_column.
    spacing: (between rows, between columns) mm; spacing_from: the keyword it was taken from, "" where it is unknown.
    """

    along_row: Vector
    along_column: Vector
    normal: Vector
    spacing: tuple[float, float]
    spacing_from: str
    pixels: PixelFormat


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One image and where it lies.

    header: of the file, or where that holds many images as if it held this one alone: the values of its frame under
        the keywords of single-frame images, the place of its own pixels.
    position: LPS mm, the centre of the first voxel (ImagePositionPatient).
    height: mm along the normal.
    frame: which image of the file, from 1.
    stride: as in StoredPixels.
    """

    path: str
    header: Header
    form: Form
    sop_instance_uid: str
    series_uid: str
    position: Vector
    height: float
    frame: int = 1
    stride: int = 0

    @property
    def stored(self) -> StoredPixels:
        """How its pixels lie in the file."""
        header = self.header
        return StoredPixels(
            self.form.pixels,
            header.pixel_offset or 0,
            header.pixel_length,
            header.file_size,
            header.modified_ns,
            frame=self.frame - 1 if header.pixel_length is None else 0,
            stride=self.stride,
        )


def images_of(header: Header) -> list[Image]:
    """The images of a file: one, the frames of a multi-frame image, or the tiles of a mosaic, in their order there.

    Unreadable, naming the attribute, where it holds no CT or MR image or is not sound.
    """
    values = header.values
    kind = _kind_of(header.order, tuple([values.get(tag) for tag in KIND_TAGS]))
    if kind == "slice":
        image = image_of(header)
        check_pixel_data(header, image.form.pixels)
        return [image]
    if kind == "frames":
        from callout.dicom.multiframe import frames_of

        return frames_of(header)
    if kind == "mosaic":
        from callout.dicom.mosaic import tiles_of

        return tiles_of(header)
    if kind == "vframe":
        raise Unreadable("ImageType says VFRAME: many slices in one picture (a grid), which is not read")
    raise Unreadable(_other(header, header.text("SOPClassUID")), "other object")


@lru_cache(1024)
def _kind_of(order: str, raw: tuple[bytes | None, ...]) -> str:
    """How the file that has these bytes in `KIND_TAGS` holds its slices; most of a folder share them."""
    present = {tag: value for tag, value in zip(KIND_TAGS, raw, strict=True) if value is not None}
    header = Header("", "", present, None, None, 0, 0, order)
    sop_class = header.text("SOPClassUID")
    classic = sop_class in (CT_IMAGE, MR_IMAGE) or (not sop_class and header.text("Modality") in ("CT", "MR"))
    if not classic and sop_class not in ENHANCED:
        return "other"
    if not classic or header.number("NumberOfFrames") not in (None, 1):
        return "frames"
    kinds = header.texts("ImageType")
    return "mosaic" if "MOSAIC" in kinds else "vframe" if "VFRAME" in kinds else "slice"


def image_of(header: Header, frame: int = 1, stride: int = 0) -> Image:
    """The image that a header states, whether or not its pixels are there. Unreadable as in `images_of`."""
    values = header.values
    form = _form(header.transfer_syntax, header.order, tuple([values.get(tag) for tag in FORM_TAGS]))
    position, normal = _position(header), form.normal
    return Image(
        header.path,
        header,
        form,
        header.text("SOPInstanceUID"),
        header.text("SeriesInstanceUID"),
        position,
        position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2],
        frame,
        stride,
    )


@lru_cache(1024)
def _form(syntax: str, order: str, raw: tuple[bytes | None, ...]) -> Form:
    """The form that the bytes of `FORM_TAGS` state; thousands of images share one."""
    present = {tag: value for tag, value in zip(FORM_TAGS, raw, strict=True) if value is not None}
    header = Header("", syntax, present, None, None, 0, 0, order)
    pixels = _pixel_format(header)
    along_row, along_column, normal = _directions(_required(header, "ImageOrientationPatient", 6))
    return Form(along_row, along_column, normal, *_spacing(header), pixels)


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


def _position(header: Header) -> Vector:
    x, y, z = _required(header, "ImagePositionPatient", 3)
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        raise Unreadable("ImagePositionPatient is not finite")
    if max(abs(x), abs(y), abs(z)) > FURTHEST_MM:
        raise Unreadable(f"ImagePositionPatient is {x:g}, {y:g}, {z:g}: no place in a scanner")
    return x, y, z


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
        if len(found) != 2 or not all(SMALLEST_MM <= value <= FURTHEST_MM for value in found):
            raise Unreadable(f"{keyword} is {header.text(keyword)!r}: two lengths in mm are needed")
        return (found[0], found[1]), keyword
    return UNKNOWN_SPACING, ""  # the picture is still worth a look; a warning says that nothing can be measured on it


def _pixel_format(header: Header) -> PixelFormat:
    photometric = header.text("PhotometricInterpretation")
    if (samples := header.unsigned("SamplesPerPixel")) not in (None, 1):
        raise Unreadable(f"SamplesPerPixel is {samples}: no grey image")
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise Unreadable(f"PhotometricInterpretation is {photometric or 'missing'}: no grey image")
    if (refusal := refusal_of(header.transfer_syntax)) is not None:
        raise Unreadable(refusal)
    rows, columns = _count(header, "Rows"), _count(header, "Columns")
    allocated, stored = _count(header, "BitsAllocated"), _count(header, "BitsStored")
    high = header.unsigned("HighBit")
    high = stored - 1 if high is None else high
    if allocated not in (8, 16, 32) or not stored <= allocated or not stored - 1 <= high < allocated:
        raise Unreadable(f"BitsAllocated {allocated}, BitsStored {stored} and HighBit {high} don't fit each other")
    signed = header.unsigned("PixelRepresentation") or 0
    if signed > 1:
        raise Unreadable(f"PixelRepresentation is {signed}: neither unsigned (0) nor signed (1)")
    form = (rows, columns, allocated, stored, high, signed == 1)
    return PixelFormat(header.transfer_syntax, *form, *_rescale(header))


def _count(header: Header, keyword: str) -> int:
    value = header.unsigned(keyword)
    if not value:
        raise Unreadable(f"{keyword} is {'missing' if value is None else 'zero'}")
    return value


def _rescale(header: Header) -> tuple[float, float]:
    slope, intercept = _single(header, "RescaleSlope"), _single(header, "RescaleIntercept")
    if slope is not None and (not math.isfinite(slope) or slope == 0):
        raise Unreadable(f"RescaleSlope is {slope:g}")
    if intercept is not None and not math.isfinite(intercept):
        raise Unreadable(f"RescaleIntercept is {intercept:g}")
    return 1.0 if slope is None else slope, 0.0 if intercept is None else intercept


def _single(header: Header, keyword: str) -> float | None:
    found = header.numbers(keyword)
    if len(found) > 1:
        raise Unreadable(f"{keyword} has {len(found)} values")
    return found[0] if found else None


def check_pixel_data(header: Header, pixels: PixelFormat, frames: int = 1) -> None:
    """PixelData must be there; uncompressed ones in full (one byte of padding is allowed). Unreadable where not."""
    if header.pixel_offset is None:
        raise Unreadable("has no PixelData")
    if pixels.rows * pixels.columns > LARGEST:
        raise Unreadable(f"Rows × Columns are {pixels.rows} × {pixels.columns}: larger than any CT or MR image")
    if not uncompressed(header.transfer_syntax):
        if header.pixel_length is not None:
            raise Unreadable("PixelData of a compressed image is not encapsulated")
        return
    expected = frames * pixels.rows * pixels.columns * (pixels.bits_allocated // 8)
    if header.pixel_length is None:
        raise Unreadable("PixelData of an uncompressed image has no length")
    if header.pixel_length not in (expected, expected + expected % 2):
        needed = "Rows × Columns need" if frames == 1 else "NumberOfFrames × Rows × Columns need"
        raise Unreadable(f"PixelData has {header.pixel_length} bytes, {needed} {expected}")
    if header.deflated and header.pixel_offset + expected > INFLATE_LIMIT:
        raise Unreadable(f"its deflated data set is larger than {INFLATE_LIMIT >> 20} MiB")
    if not header.deflated and header.pixel_offset + expected > header.file_size:
        raise Unreadable("the file is cut: it ends inside PixelData")
