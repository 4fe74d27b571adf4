"""The shown series on napari's canvas: one image layer, and one labels layer that lies over the case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from callout.volume import Series
from napari_callout.layers import DisplayOrder, LayerParts, image_parts, labels_parts
from napari_callout.layers.factory import colour_table, value_range
from napari_callout.session.drawing import Drawing
from napari_callout.session.pictures import Picture
from napari_callout.session.source import ShownRegions
from napari_callout.session.windows import Window, limits, window_of

if TYPE_CHECKING:
    from napari import Viewer
    from napari.components import ViewerModel
    from napari.layers import Image, Labels

    from napari_callout.session import Session

OUTLINE_VOXELS = 1
DRAWING_MODES = ("paint", "erase", "fill", "polygon")


class Stage:
    """Makes and changes the layers; works with a `ViewerModel` too, without any Qt."""

    def __init__(
        self, viewer: Viewer | ViewerModel, made: Callable[[Image | Labels], None] = lambda layer: None
    ) -> None:
        """`made` is called with each new layer. Layers are kept and filled anew: making one costs a second."""
        self.viewer, self._made = viewer, made
        self.series: Series | None = None
        self.order: DisplayOrder | None = None
        self.voxels: npt.NDArray[Any] | None = None  # native (k, j, i)
        self.arrived: npt.NDArray[np.bool_] | None = None  # which slices are there; None: all
        self.filled = False
        self._image: Image | None = None
        self._labels: Labels | None = None
        self._colours: dict[int, str] = {}
        self.covered = False  # the image is hidden by us, not by the reader

    @property
    def image(self) -> Image | None:
        """The layer of the shown series; None while none is shown, or where it was taken away in napari."""
        shown = self.series is not None and self._image in self.viewer.layers
        return self._image if shown else None

    @property
    def labels(self) -> Labels | None:
        """The layer of its regions; None without a case too."""
        shown = self.series is not None and self._labels in self.viewer.layers
        return self._labels if shown else None

    def clear(self) -> None:
        """Show no series; other layers stay as they are."""
        self.series = self.order = self.voxels = self.arrived = None
        for layer in (self._labels, self._image):
            if layer is not None and layer in self.viewer.layers:
                layer.visible = False

    def remove(self) -> None:
        """Take our layers away."""
        self.clear()
        for layer in (self._labels, self._image):
            if layer is not None and layer in self.viewer.layers:
                self.viewer.layers.remove(layer)
        self._labels = self._image = None

    @property
    def complete(self) -> bool:
        """Whether a whole series is shown."""
        return self.voxels is not None and self.arrived is None

    def is_here(self, k: int) -> bool:
        """Whether native slice `k` has arrived."""
        return self.voxels is not None and (self.arrived is None or bool(self.arrived[k]))

    def show(
        self,
        series: Series,
        voxels: npt.NDArray[Any],
        window: Window,
        k: int,
        session: Session,
        arrived: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Show a series' native voxels at slice `k`, fitted to the canvas, with its regions where there is a case.

        arrived: which slices are there, where not all are; the others are never shown.
        """
        order = DisplayOrder.of(series.grid)
        self.series, self.order, self.voxels, self.arrived = series, order, voxels, arrived
        self._show_image(image_parts(series, order, voxels, window))
        self._widen_range()
        if session.drawing is not None:
            self._show_labels(labels_parts(ShownRegions(session, session.drawing), order))
            self.follow(session.drawing)
        self.viewer.dims.order = order.dims_order
        self.go_to(k)
        self.uncover()
        self.fit()

    def take(self, ks: Sequence[int], arrived: npt.NDArray[np.bool_] | None) -> None:
        """Slices `ks` have arrived in the voxels that are shown. `arrived`: as of `show`."""
        self.arrived = arrived
        if self.complete:
            self._widen_range()
        if self.image is not None and (self.k in ks or not self._is_plain):
            self.image.refresh(thumbnail=False, extent=False)
        self.uncover()

    def uncover(self) -> None:
        """Hide the image while what it would show has not arrived: it would look like black anatomy."""
        if self.image is not None:
            here = self.complete or (self._is_plain and self.is_here(self.k))
            if self.image.visible != here and (not here or self.covered):
                self.image.visible = here
            self.covered = not here

    @property
    def _is_plain(self) -> bool:
        """Whether slices are seen as they were taken, not across them or in 3D."""
        dims = self.viewer.dims
        return self.order is not None and dims.ndisplay == 2 and tuple(dims.order) == self.order.dims_order

    def _show_image(self, parts: LayerParts) -> None:
        layer = self.image
        if layer is None:
            self._image = self.viewer.add_image(parts.data, **parts.arguments)
            self._made(self._image)
            return
        low, high = parts.arguments["contrast_limits"]
        layer.data, layer.scale = parts.data, parts.arguments["scale"]
        layer.name, layer.colormap = parts.arguments["name"], parts.arguments["colormap"]
        layer.contrast_limits_range = (min(low, layer.contrast_limits[0]), max(high, layer.contrast_limits[1]))
        layer.contrast_limits = (low, high)
        layer.contrast_limits_range = (low, high)
        layer.visible = True

    def _show_labels(self, parts: LayerParts) -> None:
        layer = self.labels
        if layer is None:
            self._labels = layer = self.viewer.add_labels(parts.data, **parts.arguments)
            self._colours = {}
            layer.n_edit_dimensions = 2
            self.fill(self.filled)
            self._made(layer)
        else:
            layer.data, layer.scale = parts.data, parts.arguments["scale"]
            layer.visible = True
            layer.mode = "pan_zoom"  # napari takes up the brush again, as large as the other series' voxels made it
        self.viewer.layers.selection.active = layer

    def _widen_range(self) -> None:
        """napari's window slider reaches all values that are here, and the window in use."""
        if self.image is not None and self.voxels is not None:
            seen = Picture(self.voxels, self.arrived).sample
            (low, high), (black, white) = value_range(seen), self.image.contrast_limits
            self.image.contrast_limits_range = (min(low, black), max(high, white))

    def follow(self, drawing: Drawing) -> None:
        """Colours, the active label and whether it can be drawn on, as the session has them now."""
        from napari.utils.colormaps import DirectLabelColormap

        if self.labels is None:
            return
        colours = drawing.colours()
        if colours != self._colours:  # napari uploads them anew, also where they are the same
            self._colours = colours
            self.labels.colormap = DirectLabelColormap(color_dict=colour_table(colours))
        if drawing.active_label and self.labels.selected_label != drawing.active_label:
            self.labels.selected_label = drawing.active_label
        editable = drawing.target is not None
        if self.labels.editable != editable:
            self.labels.editable = editable

    def redraw(self) -> None:
        """Read the regions again."""
        if self.labels is not None:
            self.labels.refresh(thumbnail=False, extent=False)

    def fill(self, filled: bool) -> None:
        """Regions filled, else outlined."""
        self.filled = filled
        if self.labels is not None:
            self.labels.contour = 0 if filled else OUTLINE_VOXELS
            self.labels.opacity = 0.45 if filled else 0.9

    def go_to(self, k: int) -> None:
        """Show native slice `k`."""
        if self.order is not None:
            self.viewer.dims.set_current_step(self.order.slice_axis, self.order.slice_to_display(k))

    @property
    def k(self) -> int:
        """The native slice that is shown."""
        if self.order is None:
            return 0
        return self.order.slice_to_display(int(self.viewer.dims.current_step[self.order.slice_axis]))

    @property
    def window(self) -> Window | None:
        """(centre, width) as shown."""
        return None if self.image is None else window_of(*self.image.contrast_limits)

    def set_window(self, window: Window) -> None:
        """Show another window; the range of the slider grows with it."""
        if self.image is not None:
            low, high = limits(window)
            lowest, highest = self.image.contrast_limits_range
            if low < lowest or high > highest:
                self.image.contrast_limits_range = (min(low, lowest), max(high, highest))
            self.image.contrast_limits = (low, high)

    def fit(self) -> None:
        """The whole slice, as large as the canvas lets it be."""
        layers = None if self.image is None else [self.image]
        self.viewer.fit_to_view(layers=layers, margin=0.02)

    def set_brush(self, mm: float, mode: str) -> None:
        """Arm napari's brush or eraser with a diameter in mm, or lay it down (`pan_zoom`)."""
        if self.labels is None or self.order is None:
            return
        _, down, across = self.order.dims_order
        pixel = min(self.order.spacing[down], self.order.spacing[across])
        self.labels.brush_size = max(1.0, round(mm / pixel))
        self.labels.preserve_labels = mode == "erase"  # the eraser takes away from the active region alone
        if self.labels.mode != mode:
            self.labels.mode = mode

    @property
    def mode(self) -> str:
        """What the left button does."""
        return "pan_zoom" if self.labels is None else str(self.labels.mode)

    def native_at(self, down_mm: float, across_mm: float) -> tuple[int, int, int] | None:
        """The native voxel at a world position of the shown slice; None outside."""
        if self.order is None:
            return None
        axis, down, across = self.order.dims_order
        at = [0, 0, 0]
        at[axis] = int(self.viewer.dims.current_step[axis])
        at[down] = int(np.rint(down_mm / self.order.spacing[down]))
        at[across] = int(np.rint(across_mm / self.order.spacing[across]))
        if any(not 0 <= x < n for x, n in zip(at, self.order.shape, strict=True)):
            return None
        return self.order.index_to_native((at[0], at[1], at[2]))
