"""Whether a presentation state shows the image that it has to, as it has to: read with pydicom, in patient space."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from callout.exports.coding import long_string, plain_text
from callout.exports.derived import uids_in
from callout.exports.loaded import reading
from callout.geometry import Floats

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

CLOSE_MM = 0.01
HALF_PIXEL = 0.51  # the part that is shown is one of whole pixels


def differences(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """In what a file differs from what it has to hold."""
    import pydicom

    with reading(path, "not a presentation state that can be read", "export it again"):
        dataset = pydicom.dcmread(path)
        plane = _Plane(holds["plane"])
        return [
            *_facts(dataset, holds),
            *_references(dataset, holds),
            *_window(dataset, holds),
            *_part(dataset, holds, plane),
            *_drawn(dataset, holds, plane),
        ]


class _Plane:
    """Between pixels of the image, (0, 0) the outer corner of the first, and the patient."""

    def __init__(self, plane: Mapping[str, Any]) -> None:
        self.origin, self.down, self.across = (
            np.array(plane[key], np.float64) for key in ("origin", "row_step", "column_step")
        )

    def in_patient(self, places: Any) -> Floats:
        """LPS mm (n, 3) of (x, y) pixels (n, 2)."""
        place = np.asarray(places, np.float64).reshape(-1, 2) - 0.5
        points: Floats = self.origin + place[:, :1] * self.across + place[:, 1:] * self.down
        return points

    def pixels_between(self, one: Floats, other: Floats) -> float:
        """How far two points of the plane are apart along its rows or columns, whichever is more."""
        off = other - one
        return max(abs(float(off @ step) / float(step @ step)) for step in (self.across, self.down))


def _facts(dataset: Dataset, holds: Mapping[str, Any]) -> Iterator[str]:
    slope, intercept = holds["rescale"]
    wanted = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.11.1",
        "StudyInstanceUID": holds["study_uid"],
        "ContentDescription": long_string(holds["title"]),
        "PresentationLUTShape": "INVERSE" if holds["inverted"] else "IDENTITY",
    }
    for keyword, value in wanted.items():
        if str(dataset.get(keyword)) != value:
            yield f"{keyword} is {dataset.get(keyword)}, expected {value}"
    held = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
    if not np.allclose(held, (slope, intercept), rtol=1e-9, atol=1e-12):
        yield f"values are scaled by {held}, expected {(slope, intercept)}"


def _references(dataset: Dataset, holds: Mapping[str, Any]) -> Iterator[str]:
    """Everything speaks of the one image, and of its frame."""
    [series] = dataset.ReferencedSeriesSequence
    if str(series.SeriesInstanceUID) != str(holds["series_id"]).partition("#")[0]:
        yield f"refers to series {series.SeriesInstanceUID}"
    parts = [series, *dataset.SoftcopyVOILUTSequence, *dataset.DisplayedAreaSelectionSequence]
    parts += dataset.get("GraphicAnnotationSequence", [])
    class_uid, uid, frame = holds["image"]
    for part in parts:
        images = part.ReferencedImageSequence
        named = [(str(one.ReferencedSOPClassUID), one.get("ReferencedFrameNumber")) for one in images]
        if uids_in(images) != [uid] or named != [(class_uid, frame)]:
            yield f"refers to image {', '.join(uids_in(images))}, expected {uid}"


def _window(dataset: Dataset, holds: Mapping[str, Any]) -> Iterator[str]:
    [window] = dataset.SoftcopyVOILUTSequence
    held = float(window.WindowCenter), float(window.WindowWidth)
    if not np.allclose(held, holds["window"], rtol=1e-9, atol=1e-12):
        yield f"the window is {held}, expected {tuple(holds['window'])}"
    function = "LINEAR" if holds["window"][1] > 1 else "LINEAR_EXACT"
    if window.get("VOILUTFunction", "LINEAR") != function or "VOILUTSequence" in window:
        yield f"the window is not {function}"


def _part(dataset: Dataset, holds: Mapping[str, Any], plane: _Plane) -> Iterator[str]:
    """What lies in the corners of the display: upper left, upper right, lower right."""
    right, down = np.array([1, 0]), np.array([0, 1])  # directions of the image that go there on the display
    for _ in range(int(dataset.ImageRotation) // 90):
        right, down = -down, right
    right = -right if dataset.ImageHorizontalFlip == "Y" else right
    [area] = dataset.DisplayedAreaSelectionSequence
    first, last = (
        np.array(area[f"DisplayedArea{corner}HandCorner"].value, np.float64) - 0.5
        for corner in ("TopLeft", "BottomRight")
    )
    upper_left, lower_right = first - (right + down) / 2, last + (right + down) / 2
    upper_right = upper_left + ((lower_right - upper_left) @ right) * right
    held = plane.in_patient([upper_left, upper_right, lower_right])
    for name, one, wanted in zip(("upper left", "upper right", "lower right"), held, holds["corners_mm"], strict=True):
        if plane.pixels_between(np.array(wanted), one) > HALF_PIXEL:
            yield f"the {name} corner shows {one.round(1).tolist()} mm, expected {wanted}"


def _drawn(dataset: Dataset, holds: Mapping[str, Any], plane: _Plane) -> Iterator[str]:
    """Layer by layer, in order: words and lines, where they are and whose."""
    layers = {str(layer.GraphicLayer): layer for layer in dataset.get("GraphicLayerSequence", [])}
    annotations = dataset.get("GraphicAnnotationSequence", [])
    if len(annotations) != len(holds["layers"]):
        yield f"has {len(annotations)} layers, expected {len(holds['layers'])}"
    for annotation, wanted in zip(annotations, holds["layers"], strict=False):
        layer = layers.get(str(annotation.GraphicLayer))
        if layer is None or np.abs(_rgb(layer) - wanted["colour"]).max() > 2:
            yield f"layer {annotation.GraphicLayer} is not of colour {wanted['colour']}"
        for kind, judge in (("Text", _word), ("Graphic", _line)):
            found = annotation.get(f"{kind}ObjectSequence", [])
            expected = wanted["words" if kind == "Text" else "lines"]
            if len(found) != len(expected):
                yield f"layer {annotation.GraphicLayer} has {len(found)} of {len(expected)} {kind} objects"
            for held, one in zip(found, expected, strict=False):
                name = one.get("text") or one["name"] or "a line"
                yield from (f"{name}: {text}" for text in (*_owner(held, one), *judge(held, one, plane)))


def _rgb(layer: Dataset) -> Floats:
    from highdicom.color import CIELabColor

    value = CIELabColor.from_dicom_value(layer.GraphicLayerRecommendedDisplayCIELabValue)
    return np.array(value.to_rgb(clip=True), np.float64)


def _owner(held: Dataset, wanted: Mapping[str, Any]) -> Iterator[str]:
    if held.get("TrackingUID") != wanted["tracking_uid"]:
        yield "TrackingUID differs"
    elif wanted["tracking_uid"] and str(held.TrackingID) != plain_text(wanted["name"]):
        yield f"TrackingID is {held.TrackingID}, expected {plain_text(wanted['name'])}"


def _word(held: Dataset, wanted: Mapping[str, Any], plane: _Plane) -> Iterator[str]:
    if str(held.UnformattedTextValue) != plain_text(wanted["text"]):
        yield f"reads {held.UnformattedTextValue!r}"
    box = [*held.BoundingBoxTopLeftHandCorner, *held.BoundingBoxBottomRightHandCorner, *held.AnchorPoint]
    off = float(np.abs(plane.in_patient(box) - np.array(wanted["points_mm"])).max())
    if off > CLOSE_MM or {held.BoundingBoxAnnotationUnits, held.AnchorPointAnnotationUnits} != {"PIXEL"}:
        yield f"stands {off:.2f} mm from its place"


def _line(held: Dataset, wanted: Mapping[str, Any], plane: _Plane) -> Iterator[str]:
    if (held.GraphicType, held.GraphicFilled == "Y") != ("POLYLINE", wanted["filled"]):
        yield f"is {held.GraphicType}, filled {held.GraphicFilled}"
    points = plane.in_patient(held.GraphicData)
    if (len(points), held.NumberOfGraphicPoints) != (wanted["points"], wanted["points"]):
        yield f"has {len(points)} points, expected {wanted['points']}"
    off = float(np.abs(np.array([points.min(axis=0), points.max(axis=0)]) - np.array(wanted["box_mm"])).max())
    if off > CLOSE_MM or held.GraphicAnnotationUnits != "PIXEL":
        yield f"lies {off:.2f} mm from its place"
    elif hashlib.sha256(np.array(held.GraphicData, "<f4").tobytes()).hexdigest() != wanted["sha256"]:
        yield "its points differ"
