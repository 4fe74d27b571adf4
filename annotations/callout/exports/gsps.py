"""Grayscale Softcopy Presentation State (PS3.3 A.33.1): one for each panel that shows a native slice.

It shows the image itself as the figure does: the same window, the same part, turned the same way, and the same markers
at the same places, which stay apart from the pixels. Written with pydicom: highdicom has no rotated text.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from callout.dicom.tags import ENHANCED
from callout.errors import InputError
from callout.exports.dicom_file import save
from callout.exports.figure_panels import FigurePanel, figure_panels
from callout.exports.formats import Outgoing, Written
from callout.exports.graphics import Graphic, Layer, graphics_of, layers_of
from callout.exports.gsps_check import differences
from callout.exports.gsps_document import document
from callout.exports.loaded import reading
from callout.exports.source_header import left_empty, source_header
from callout.exports.uids import InstanceUIDs, uids_of
from callout.geometry import Floats
from callout.volume import Instance

PER: Literal["series", "case"] = "case"


@dataclass(frozen=True, eq=False)
class _State:
    """A panel to be written, the graphics on it, and what its file has to hold."""

    panel: FigurePanel
    layers: list[Layer]
    holds: dict[str, Any]


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`SLUG.FIGURE-PANEL.gsps.dcm`; InputError where no figure of the case shows a native slice."""
    panels, left_out = figure_panels(outgoing.case)
    drawn = [(panel, graphics_of(panel, outgoing.case)) for panel in panels]
    states = [_state(panel, layers_of(graphics)) for panel, graphics in drawn if graphics is not None]
    if not states:
        raise InputError("no figure shows a slice as it is", str(outgoing.case.path), "export as sc")
    together: dict[tuple[str, str], list[_State]] = defaultdict(list)  # a figure's states are one series
    for state in states:
        together[state.panel.label, state.panel.series.study_uid].append(state)
    written = []
    for group in together.values():
        series_uid = uids_of("gsps", [state.holds for state in group]).series
        for state in group:
            instance = state.panel.series.instances[_slice_of(state.panel)]
            name = f"{state.panel.name}.gsps.dcm"
            with reading(instance.path, "no presentation state can be made of this image", "export as sc"):
                uids = InstanceUIDs(series_uid, uids_of("gsps", state.holds).instance)
                made = document(state.panel, state.layers, state.holds, uids, source_header(instance))
                save(made, folder / name, outgoing.compression, outgoing.edited)
            notes = (*left_out, *state.panel.notes, *left_empty(instance))
            written.append(Written(name, state.holds, notes))
            left_out = []
    return written


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file: image, window, part, and where everything drawn lies in the patient."""
    return differences(path, holds)


def _slice_of(panel: FigurePanel) -> int:
    assert panel.native_slice is not None
    return panel.native_slice


def _state(panel: FigurePanel, layers: list[Layer]) -> _State:
    series, view, projection, k = panel.series, panel.view, panel.projection, _slice_of(panel)
    assert view is not None
    assert projection is not None
    grid, instance, group = series.grid, series.instances[k], panel.display.groups[0]
    corners = projection.from_panel([(0, 0), (group.width, 0), (group.width, group.height)])
    readers = {one.finding.reader for layer in layers for one in (*layer.words, *layer.lines) if one.finding}
    holds = {
        "series_id": series.id,
        "study_uid": series.study_uid,
        "image": [series.sop_class_uid, instance.sop_instance_uid, _frame(panel)],
        "title": panel.title,
        "readers": sorted(readers),
        "plane": {
            "origin": grid.origins[k].tolist(),
            "row_step": grid.row_step.tolist(),
            "column_step": grid.column_step.tolist(),
        },
        "rescale": _rescale(instance),
        "window": list(view.window),
        "inverted": (series.photometric_interpretation == "MONOCHROME1") != view.inverted,
        "corners_mm": corners.round(3).tolist(),
        "layers": [
            {
                "colour": list(layer.colour),
                "words": [_words(one, panel) for one in layer.words],
                "lines": [_line(one, panel) for one in layer.lines],
            }
            for layer in layers
        ],
    }
    return _State(panel, layers, holds)


def _rescale(instance: Instance) -> list[float]:
    """Slope and intercept of an image's or frame's values, as they are read."""
    from callout.dicom.header import Unreadable, read_header
    from callout.dicom.image import images_of

    if instance.stored:
        return [instance.stored.format.slope, instance.stored.format.intercept]
    try:
        images = images_of(read_header(instance.path))
    except (OSError, Unreadable) as error:
        raise InputError("an image of the series can't be read", instance.path, "bring the folder back") from error
    for image in images:
        if (image.sop_instance_uid, image.frame) == (instance.sop_instance_uid, instance.frame):
            return [image.form.pixels.slope, image.form.pixels.intercept]
    raise InputError("another image lies where one of the series was", instance.path, "bring it back")


def _frame(panel: FigurePanel) -> int | None:
    series = panel.series
    return series.instances[_slice_of(panel)].frame if series.sop_class_uid in ENHANCED else None


def _words(graphic: Graphic, panel: FigurePanel) -> dict[str, Any]:
    return {**_named(graphic), "text": graphic.text, "points_mm": _in_patient(graphic, panel).tolist()}


def _line(graphic: Graphic, panel: FigurePanel) -> dict[str, Any]:
    """A line may have too many points for a receipt: their count, the box around them, and their hash."""
    points = _in_patient(graphic, panel)
    return {
        **_named(graphic),
        "filled": graphic.is_filled,
        "points": len(points),
        "box_mm": [points.min(axis=0).tolist(), points.max(axis=0).tolist()],
        "sha256": hashlib.sha256(graphic.points.astype("<f4").tobytes()).hexdigest(),
    }


def _named(graphic: Graphic) -> dict[str, Any]:
    finding = graphic.finding
    return {"name": finding.label if finding else "", "tracking_uid": finding.tracking_uid if finding else None}


def _in_patient(graphic: Graphic, panel: FigurePanel) -> Floats:
    """LPS mm (n, 3) of its points."""
    k = _slice_of(panel)
    voxels = np.column_stack([np.full(len(graphic.points), k), graphic.points[:, ::-1] - 0.5])
    return panel.series.grid.points(voxels).round(3)
