"""The data set of a presentation state: the image's patient and study, and how it is shown (PS3.3 A.33.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from callout.exports.coding import long_string, person_name, plain_text
from callout.exports.derived import decimals, derived, image_reference, item
from callout.exports.figure_panels import FigurePanel
from callout.exports.files import unknown_spacing
from callout.exports.graphics import Graphic, Layer, on_image
from callout.exports.uids import InstanceUIDs
from callout.figures.projection import Projection
from callout.geometry import Floats, Grid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SOP_CLASS = "1.2.840.10008.5.1.4.1.1.11.1"


def document(
    panel: FigurePanel, layers: Sequence[Layer], holds: Mapping[str, Any], uids: InstanceUIDs, header: Dataset
) -> Dataset:
    """The presentation state of a panel. header: of its image."""
    series_title = f"Callout: Figure {panel.label}"
    dataset = derived(header, SOP_CLASS, "PR", uids, panel.number, series_title)
    dataset.PresentationCreationDate = dataset.PresentationCreationTime = None  # told when it is saved
    dataset.ContentLabel = re.sub("[^A-Z0-9 _]+", " ", panel.title.upper().replace(", PANEL", ""))[:16].strip()
    dataset.ContentDescription = long_string(panel.title)
    dataset.ContentCreatorName = person_name(holds["readers"][0]) if len(holds["readers"]) == 1 else None
    image = image_reference(*holds["image"])
    referenced = item(ReferencedImageSequence=[image], SeriesInstanceUID=panel.series.series_uid)
    dataset.ReferencedSeriesSequence = [referenced]
    _transform_values(dataset, holds, panel)
    dataset.SoftcopyVOILUTSequence = [_window(panel, image)]
    rotation, is_flipped = spatial_transformation(panel.projection)
    dataset.ImageRotation, dataset.ImageHorizontalFlip = rotation, "Y" if is_flipped else "N"
    dataset.DisplayedAreaSelectionSequence = [_displayed_area(panel, image)]
    dataset.PresentationLUTShape = "INVERSE" if holds["inverted"] else "IDENTITY"
    if layers:
        _annotate(dataset, layers, image)
    return dataset


def _transform_values(dataset: Dataset, holds: Mapping[str, Any], panel: FigurePanel) -> None:
    """The Modality LUT (PS3.3 C.11.1), where stored values are not what a window speaks of."""
    slope, intercept = holds["rescale"]
    if (slope, intercept) != (1, 0) or panel.series.modality == "CT":
        dataset.RescaleIntercept, dataset.RescaleSlope = *decimals(intercept), *decimals(slope)
        dataset.RescaleType = "HU" if panel.series.modality == "CT" else "US"


def _window(panel: FigurePanel, image: Dataset) -> Dataset:
    assert panel.view is not None
    [centre], [width] = (decimals(value) for value in panel.view.window)
    window = item(ReferencedImageSequence=[image], WindowCenter=centre, WindowWidth=width)
    if width <= 1:  # as it is drawn: see `callout.figures.window.fractions`
        window.VOILUTFunction = "LINEAR_EXACT"
    return window


def _displayed_area(panel: FigurePanel, image: Dataset) -> Dataset:
    """The pixels whose centres the panel shows, from the one at its upper left to the one at its lower right."""
    group = panel.display.groups[0]
    ends = on_image(panel, [(0, 0), (group.width, group.height)])
    low, high = np.ceil(ends.min(axis=0) + 0.5).astype(int), np.floor(ends.max(axis=0) + 0.5).astype(int)
    high = np.maximum(low, high)
    is_from_low = ends[0] <= ends[1]
    area = item(
        ReferencedImageSequence=[image],
        DisplayedAreaTopLeftHandCorner=np.where(is_from_low, low, high).tolist(),
        DisplayedAreaBottomRightHandCorner=np.where(is_from_low, high, low).tolist(),
        PresentationSizeMode="SCALE TO FIT",
    )
    if unknown_spacing(panel.series):
        area.PresentationPixelAspectRatio = [1, 1]
    else:
        area.PresentationPixelSpacing = decimals(*panel.series.grid.spacing[1:])
    return area


def spatial_transformation(projection: Projection | None) -> tuple[int, bool]:
    """How an image is turned for the panel: clockwise by degrees, then flipped left to right (PS3.3 C.10.6)."""
    assert projection is not None
    grid = projection.grid
    across, down = (_along(direction, grid) for direction in (projection.right, projection.down))
    right, below = (1, 0), (0, 1)  # of the image, that lie to the right and down on the page
    for rotation in (0, 90, 180, 270):
        if below == down:
            return rotation, right != across
        right, below = (-below[0], -below[1]), right
    raise AssertionError("a panel shows its image by quarter turns and flips")


def _along(direction: Floats, grid: Grid) -> tuple[int, int]:
    """A direction in the patient as (to the right, down) of the image."""
    x, y = (
        round(float((direction * step).sum() / np.sqrt((step * step).sum())))
        for step in (grid.column_step, grid.row_step)
    )
    return x, y


def _annotate(dataset: Dataset, layers: Sequence[Layer], image: Dataset) -> None:
    """Graphic layers, and what is in them (PS3.3 C.10.5, C.10.7)."""
    dataset.GraphicLayerSequence = [_layer(layer, order) for order, layer in enumerate(layers, 1)]
    dataset.GraphicAnnotationSequence = []
    for layer in layers:
        annotation = item(ReferencedImageSequence=[image], GraphicLayer=layer.name)
        if layer.words:
            annotation.TextObjectSequence = [_text(one) for one in layer.words]
        if layer.lines:
            annotation.GraphicObjectSequence = [_graphic(one) for one in layer.lines]
        dataset.GraphicAnnotationSequence.append(annotation)


def _layer(layer: Layer, order: int) -> Dataset:
    from highdicom.color import CIELabColor

    red, green, blue = layer.colour
    return item(
        GraphicLayer=layer.name,
        GraphicLayerOrder=order,
        GraphicLayerRecommendedDisplayGrayscaleValue=round((299 * red + 587 * green + 114 * blue) / 255_000 * 65535),
        GraphicLayerRecommendedDisplayCIELabValue=list(CIELabColor.from_rgb(red, green, blue).value),
    )


def _text(graphic: Graphic) -> Dataset:
    """Words in the box in which the figure has them, and at its middle, for programs that know but one of both."""
    start, end, middle = graphic.points.tolist()
    words = item(
        BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=start,
        BoundingBoxBottomRightHandCorner=end,
        BoundingBoxTextHorizontalJustification="CENTER",
        AnchorPointAnnotationUnits="PIXEL",
        AnchorPoint=middle,
        AnchorPointVisibility="N",
        UnformattedTextValue=plain_text(graphic.text),
    )
    return _tracked(words, graphic)


def _graphic(graphic: Graphic) -> Dataset:
    line = item(
        GraphicAnnotationUnits="PIXEL",
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(graphic.points),
        GraphicData=graphic.points.ravel().tolist(),
        GraphicType="POLYLINE",
        GraphicFilled="Y" if graphic.is_filled else "N",
    )
    return _tracked(line, graphic)


def _tracked(drawn: Dataset, graphic: Graphic) -> Dataset:
    if graphic.finding:
        drawn.TrackingID, drawn.TrackingUID = plain_text(graphic.finding.label), graphic.finding.tracking_uid
    return drawn
