"""The inscription: what stands on the picture for what is shown, or while nothing is."""

from __future__ import annotations

from callout.volume import Series
from napari_callout.host.stage import Stage
from napari_callout.host.words import in_lines, series_corner, slice_corner
from napari_callout.qt.corners import Corners

LOADING = "loading …"
EMPTY = "Open a study or a case, or drop a folder here"


def inscription(wanted: Series | None, k: int, stage: Stage, problem: str, done: float) -> Corners:
    """Of the series that is `wanted`, at native slice `k`; `done` of it is here, from 0 to 1."""
    if problem:
        return Corners(middle=in_lines(problem))
    if wanted is None:
        return Corners(middle=EMPTY)
    if stage.series is None or stage.order is None:
        return Corners(top_left=series_corner(wanted), middle=LOADING, done=0.0)
    if stage.viewer.dims.ndisplay != 2:  # napari's own 3D: no edges, no bar
        return Corners(top_left=series_corner(wanted), middle="" if stage.complete else LOADING, done=done)
    number = stage.order.slice_to_display(k) + 1
    return Corners(
        top_left=series_corner(stage.series),
        bottom_left=slice_corner(stage.series, k, number, stage.window, not stage.complete),
        middle=LOADING if stage.covered else "",
        done=done,
        edges=stage.order.edges,
        pixels_per_mm=float(stage.viewer.scene.camera.zoom) if stage.series.is_measurable else 0.0,
    )
