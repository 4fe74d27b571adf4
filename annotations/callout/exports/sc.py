"""Secondary capture (PS3.3 A.8.1) of the panels that no presentation state can hold: reformats, slabs, differences,
pictures, and those whose markers stand beyond the image. The pixels are the figure's, markers and all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from callout.case.contents import Contents
from callout.errors import InputError
from callout.exports.coding import long_string, plain_text
from callout.exports.derived import decimals, derived, image_reference, item, uids_in
from callout.exports.dicom_file import save
from callout.exports.figure_panels import FigurePanel, figure_panels
from callout.exports.formats import Outgoing, Written
from callout.exports.graphics import graphics_of
from callout.exports.loaded import reading
from callout.exports.source_header import left_empty, source_header
from callout.exports.uids import InstanceUIDs, uids_of
from callout.figures.display import Bytes2D
from callout.figures.raster import rasterise

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PER: Literal["series", "case"] = "case"
SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7"
LOSSY = ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod")
SOURCE_IMAGE = ("121322", "DCM", "Source image for image processing operation")


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.FIGURE-PANEL.sc.dcm`; InputError where presentation states can hold all panels of the case."""
    case = outgoing.case
    panels, left_out = figure_panels(case)
    panels = [panel for panel in panels if graphics_of(panel, case) is None]
    if not panels:
        raise InputError("every panel shows a slice as it is", str(case.path), "export as gsps")
    together: dict[tuple[str, str, str], list[tuple[FigurePanel, Bytes2D, dict[str, Any]]]] = defaultdict(list)
    for panel in panels:  # a figure's captures are one series
        pixels = _pixels(panel)
        made = panel, pixels, _holds(panel, pixels, case)
        together[panel.label, panel.series.study_uid, _modality(panel)].append(made)
    written = []
    for group in together.values():
        series_uid = uids_of("sc", [holds for _, _, holds in group]).series
        for panel, pixels, holds in group:
            instance, name = panel.series.instances[0], f"{panel.name}.sc.dcm"
            with reading(instance.path, "no secondary capture can be made of these images", "export as gsps"):
                uids = InstanceUIDs(series_uid, uids_of("sc", holds).instance)
                document = _document(panel, pixels, holds, uids, source_header(instance), case)
                compression = "none" if outgoing.compression == "rle" else outgoing.compression
                save(document, folder / name, compression, outgoing.edited)
            written.append(Written(name, holds, (*left_out, *panel.notes, *left_empty(instance))))
            left_out = []
    return written


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with pydicom: every pixel by hash, and what it says of them."""
    import pydicom

    with reading(path, "not a secondary capture that can be read", "export it again"):
        dataset = pydicom.dcmread(path)
        pixels = np.ascontiguousarray(dataset.pixel_array)
        sources = dataset.get("SourceImageSequence")
        spacing = [float(value) for value in dataset.get("PixelSpacing") or []]
        held = {
            "class": str(dataset.SOPClassUID),
            "study_uid": str(dataset.StudyInstanceUID),
            "modality": str(dataset.Modality),
            "shape": list(pixels.shape),
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
            "orientation": [str(value) for value in dataset.get("PatientOrientation") or []],
            "sources": _digest(uids_in(sources)),
            "words": str(dataset.DerivationDescription),
            "burned_in": dataset.get("BurnedInAnnotation"),
        }
    wrong = [f"{key} is {value}, expected {holds[key]}" for key, value in held.items() if value != holds[key]]
    if len(spacing) != len(holds["spacing_mm"]) or not np.allclose(spacing, holds["spacing_mm"], rtol=1e-9, atol=0):
        wrong.append(f"PixelSpacing is {spacing}, expected {holds['spacing_mm']}")
    return wrong


def _pixels(panel: FigurePanel) -> Bytes2D:
    """uint8 (rows, columns), with a last axis of RGB where anything on it has a colour."""
    rgb = rasterise(panel.display)
    is_grey = (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 0] == rgb[..., 2]).all()
    return np.ascontiguousarray(rgb[..., 0] if is_grey else rgb)


def _modality(panel: FigurePanel) -> str:
    return panel.series.modality if panel.view else "OT"


def _holds(panel: FigurePanel, pixels: Bytes2D, case: Contents) -> dict[str, Any]:
    letters = panel.projection.letters if panel.projection else None
    spacing = panel.projection.mm_per_pixel if panel.projection and panel.series.is_measurable else None
    return {
        "class": SOP_CLASS,
        "series_id": panel.series.id,
        "study_uid": panel.series.study_uid,
        "title": panel.title,
        "modality": _modality(panel),
        "shape": list(pixels.shape),
        "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "orientation": [letters["right"], letters["bottom"]] if letters else [],
        "spacing_mm": [round(spacing, 9)] * 2 if spacing else [],
        "sources": _digest(image for _, images in _sources(panel, case) for image in images),
        "words": plain_text(panel.words),
        "burned_in": _burned_in(panel),
    }


def _sources(panel: FigurePanel, case: Contents) -> list[tuple[str, list[str]]]:
    """The class and the images of each series that is seen on a panel: each image once."""
    view = panel.view
    if view is None:
        return []
    shown = [panel.series, *([case.series_of(view.minus)] if view.minus is not None else [])]
    if view.slice is not None and not view.slab_mm and view.minus is None:
        return [(panel.series.sop_class_uid, [panel.series.instances[view.slice].sop_instance_uid])]
    return [(one.sop_class_uid, list(dict.fromkeys(i.sop_instance_uid for i in one.instances))) for one in shown]


def _digest(images: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(images).encode()).hexdigest()


def _burned_in(panel: FigurePanel) -> str | None:
    """Whether the pixels tell who the patient is: what the image says, else no for a scanner's; unknown of pictures."""
    if panel.view is None:
        return None
    said = source_header(panel.series.instances[0]).get("BurnedInAnnotation")
    if said in ("YES", "NO"):
        return str(said)
    return "NO" if panel.series.modality in ("CT", "MR") and panel.series.sop_class_uid != SOP_CLASS else None


def _document(
    panel: FigurePanel,
    pixels: Bytes2D,
    holds: Mapping[str, Any],
    uids: InstanceUIDs,
    header: Dataset,
    case: Contents,
) -> Dataset:
    dataset = derived(
        header, SOP_CLASS, holds["modality"], uids, panel.number, f"Callout: Figure {panel.label}, capture"
    )
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY", *(["REFORMATTED"] if panel.view and panel.view.slice is None else [])]
    dataset.ImageComments = long_string(panel.title)
    dataset.DerivationDescription = holds["words"]
    dataset.PatientOrientation = holds["orientation"]
    if holds["burned_in"]:
        dataset.BurnedInAnnotation = holds["burned_in"]
    if holds["spacing_mm"]:
        dataset.PixelSpacing = decimals(*holds["spacing_mm"])
        dataset.PixelSpacingCalibrationType = "GEOMETRY"
        dataset.PixelSpacingCalibrationDescription = "Resampled from images whose geometry is known"
    sources = _sources(panel, case)
    if sources:
        dataset.SourceImageSequence = [_source(kind, image) for kind, images in sources for image in images]
    if panel.view and any(warning.code == "lossy" for warning in panel.series.warnings):
        for keyword in LOSSY:
            if keyword in header:
                dataset.add(header[keyword])
        dataset.LossyImageCompression = "01"
    rows, columns, *colours = pixels.shape
    dataset.Rows, dataset.Columns = rows, columns
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = (3, "RGB") if colours else (1, "MONOCHROME2")
    if colours:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    data = pixels.tobytes()
    dataset.PixelData = data + bytes(len(data) % 2)
    dataset["PixelData"].VR = "OB"
    return dataset


def _source(class_uid: str, image: str) -> Dataset:
    value, scheme, meaning = SOURCE_IMAGE
    named = image_reference(class_uid, image)
    named.PurposeOfReferenceCodeSequence = [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]
    return named
