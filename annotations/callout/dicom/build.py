"""A stack of images made into a Series: its grid, its facts, and what a careful reader should know of it."""

from __future__ import annotations

import hashlib
import math
import os

import numpy as np

from callout.dicom.facts import attributes_of, is_localizer, lenient, sequence_of, windows_of
from callout.dicom.image import Image
from callout.dicom.places import EXACT_DIRECTION, common_form, direction_difference
from callout.dicom.stacks import Stack
from callout.dicom.syntaxes import LOSSY
from callout.geometry import GAP_STEPS, Grid
from callout.volume import SPACING_UNKNOWN, Instance, Series, SeriesWarning

TILT_MM = 0.1  # a drift of slices across their normal, over the whole stack, that is worth a word
LISTED_GAPS = 4


def series_of(stack: Stack) -> Series:
    """The Series of a stack, slices ascending along the normal."""
    first = stack.images[0]
    header = first.header
    number = lenient(header, "SeriesNumber")
    grid = _grid(stack)
    uid = first.series_uid or stand_in(first)
    syntaxes = {image.form.pixels.transfer_syntax for image in stack.images}
    return Series(
        id=f"{uid}#{stack.label}" if stack.label else uid,
        display_set=f"{uid}#{stack.block}" if stack.block else uid,
        series_uid=uid,
        study_uid=header.text("StudyInstanceUID"),
        modality=header.text("Modality"),
        number=None if number is None else int(number),
        description=header.text("SeriesDescription"),
        grid=grid,
        instances=tuple(Instance(one.sop_instance_uid, one.frame, one.path, one.stored) for one in stack.images),
        transfer_syntax=",".join(sorted(syntaxes)),
        sop_class_uid=header.text("SOPClassUID"),
        sequence=sequence_of(header),
        photometric_interpretation=header.text("PhotometricInterpretation"),
        slice_thickness_mm=lenient(header, "SliceThickness"),
        windows=windows_of(header),
        is_localizer=is_localizer(header),
        attributes=attributes_of(header) | _first_taken(stack),
        warnings=(*stack.warnings, *_geometry_warnings(grid, stack.images), *_other_warnings(stack.images)),
    )


def _first_taken(stack: Stack) -> dict[str, str]:
    """AcquisitionTime of the image that was taken first, which need not be the first slice."""
    times = [time for image in stack.images if (time := image.header.text("AcquisitionTime"))]
    return {"AcquisitionTime": min(times)} if times else {}


def stand_in(image: Image) -> str:
    """An id for a series that has lost its UID: the same for the same headers."""
    keywords = ("StudyInstanceUID", "SeriesNumber", "SeriesDescription", "FrameOfReferenceUID", "Modality")
    facts = "\0".join(image.header.text(keyword) for keyword in keywords)
    return f"no-uid-{hashlib.sha256(facts.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _grid(stack: Stack) -> Grid:
    first, form = stack.images[0], common_form(stack.images)
    return Grid(
        shape=(len(stack.images), form.pixels.rows, form.pixels.columns),
        origins=np.array([image.position for image in stack.images]),
        row_step=np.array(form.along_column) * form.spacing[0],
        column_step=np.array(form.along_row) * form.spacing[1],
        frame_of_reference_uid=first.header.text("FrameOfReferenceUID"),
    )


def _geometry_warnings(grid: Grid, images: tuple[Image, ...]) -> list[SeriesWarning]:
    if len(images) < 2:
        return []
    steps = np.diff(grid.slice_positions)
    usual = float(np.median(steps))
    warnings = []
    wide = [k for k, step in enumerate(steps) if step > GAP_STEPS * usual]
    if wide:
        missing = sum(max(1, round(steps[k] / usual) - 1) for k in wide)
        places = ", ".join(f"{steps[k]:.4g} mm between slices {k} and {k + 1}" for k in wide[:LISTED_GAPS])
        message = (
            f"{places}{' …' if len(wide) > LISTED_GAPS else ''} instead of {usual:.4g} mm (ImagePositionPatient): "
            f"{missing} slice{'s' if missing > 1 else ''} may be missing; true positions are kept"
        )
        warnings.append(SeriesWarning("gap", message, images[wide[0] + 1].path))
    if not grid.is_even and not warnings:
        message = f"slices are uneven ({steps.min():.4g} to {steps.max():.4g} mm apart); true positions are kept"
        warnings.append(SeriesWarning("uneven", message, images[0].path))
    return warnings + _tilt(grid, images) + _turned(images)


def _tilt(grid: Grid, images: tuple[Image, ...]) -> list[SeriesWarning]:
    whole = grid.origins[-1] - grid.origins[0]
    along = float(whole @ grid.normal)
    across = float(np.linalg.norm(whole - along * grid.normal))
    if across <= TILT_MM:
        return []
    angle = math.degrees(math.atan2(across, along))
    message = f"slices are sheared by {angle:.2f}° (gantry tilt): the grid is not rectangular, true positions are kept"
    return [SeriesWarning("tilt", message, images[0].path)]


def _turned(images: tuple[Image, ...]) -> list[SeriesWarning]:
    """A warning where orientations differ by more than rounding does, and by less than tells stacks apart."""
    form = common_form(images)
    off = [
        image for image in images if image.form is not form and direction_difference(image.form, form) > EXACT_DIRECTION
    ]
    if not off:
        return []
    largest = max(direction_difference(image.form, form) for image in off)
    message = (
        f"ImageOrientationPatient of {len(off)} image{'s' if len(off) > 1 else ''} differs by up to {largest:.2g} "
        "from that of the others, which is used for all"
    )
    return [SeriesWarning("orientation", message, off[0].path)]


def _other_warnings(images: tuple[Image, ...]) -> list[SeriesWarning]:
    first = images[0]
    warnings = []
    if not first.series_uid:
        message = "SeriesInstanceUID is missing: images were grouped by what else they have in common"
        warnings.append(SeriesWarning("uid-missing", message, first.path))
    if any(not image.sop_instance_uid for image in images):
        warnings.append(SeriesWarning("uid-missing", "SOPInstanceUID is missing", first.path))
    elif len({(image.sop_instance_uid, image.frame) for image in images}) < len(images):
        message = "SOPInstanceUID is the same in several images: they can't be found again by it"
        warnings.append(SeriesWarning("uid-repeated", message, first.path))
    if not first.header.text("FrameOfReferenceUID"):
        message = "FrameOfReferenceUID is missing: positions can't be compared with other series"
        warnings.append(SeriesWarning("frame-missing", message, first.path))
    if not first.form.spacing_from:
        message = "PixelSpacing is missing: sizes are unknown, 1 mm a pixel only stands in, and nothing is measured"
        warnings.append(SeriesWarning(SPACING_UNKNOWN, message, first.path))
    elif first.form.spacing_from != "PixelSpacing":
        message = "PixelSpacing is missing; ImagerPixelSpacing, measured at the detector, is used: sizes are uncertain"
        warnings.append(SeriesWarning("spacing-missing", message, first.path))
    if first.header.text("Modality") == "CT" and first.header.number("RescaleIntercept") is None:
        message = "RescaleIntercept is missing: values may not be Hounsfield units"
        warnings.append(SeriesWarning("rescale-missing", message, first.path))
    lossy = [image for image in images if _lossy(image)]
    if lossy:
        message = (
            f"{len(lossy)} images were compressed with loss, or may have been (LossyImageCompression, "
            "TransferSyntaxUID): their values may only be near the true ones"
        )
        warnings.append(SeriesWarning("lossy", message, os.fspath(lossy[0].path)))
    return warnings


def _lossy(image: Image) -> bool:
    """Where the transfer syntax allows both, what the header says decides; where that is silent, the worse."""
    syntax, stated = image.form.pixels.transfer_syntax, image.header.text("LossyImageCompression")
    return stated == "01" or syntax in LOSSY[:2] or (syntax in LOSSY and stated != "00")
