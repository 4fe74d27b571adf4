"""napari's own canvas, the second page: the active view's series as napari's layers, drawn on with napari's tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QPointF, Signal

from napari_callout.host.camera import enlarge, shift, world_at
from napari_callout.host.hand import Hand, HandActions
from napari_callout.host.shell import Shell, end_drag, forget_history
from napari_callout.host.stage import DRAWING_MODES, Stage
from napari_callout.panes.hand import NOT_HERE
from napari_callout.panes.scene import Corners
from napari_callout.panes.words import in_lines, missing_text, series_corner, slice_corner, value_text
from napari_callout.qt.corners import CornersView
from napari_callout.session import Session
from napari_callout.session.pictures import Pictures
from napari_callout.session.plane import Plane
from napari_callout.session.windows import SMALLEST, Window

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Labels

LOADING = "loading …"
FLAT = 2
ONLY_FLAT = "filling in 3D takes napari too long: growing in the volume (F8, G, D) does it at once"


class Canvas(QObject):
    """Follows the session while it is seen. Says `changed` where words around it are to be written anew, `pointed`."""

    changed = Signal()
    pointed = Signal(str)

    def __init__(self, viewer: Viewer, shell: Shell, session: Session, pictures: Pictures) -> None:
        super().__init__(shell.main_window)
        self.viewer, self.shell, self.session, self.pictures = viewer, shell, session, pictures
        self.stage = Stage(viewer, self._on_made)
        self.seen = False
        self._following = False  # what changes now is not the reader's doing
        self._closed = False
        self._at: QPointF | None = None  # where the cursor is on the canvas
        self.corners = CornersView(shell.canvas)
        actions = HandActions(
            lambda: viewer.dims.ndisplay == 2, self._step, self._zoom, self._drag_window, self._pan, self.point,
            self.fit_corners,
        )  # fmt: skip
        self.hand = Hand(shell.canvas, actions)
        session.opened.connect(self._on_opened)
        session.shown.connect(self.follow)
        session.moved.connect(self._on_moved)
        session.chosen.connect(self._retarget)
        session.edited.connect(self._on_edited)
        session.drafted.connect(self._on_drafted)
        pictures.changed.connect(self._on_arrived)
        pictures.windowed.connect(self._on_windowed)
        viewer.dims.events.current_step.connect(self._on_step)
        viewer.dims.events.ndisplay.connect(self._on_turned)
        viewer.dims.events.order.connect(self._on_turned)
        viewer.scene.camera.events.zoom.connect(self.write_corners)

    def close(self) -> None:
        """Hear no more of the viewer."""
        self._closed = True
        self.hand.let_go()
        dims = self.viewer.dims.events
        dims.current_step.disconnect(self._on_step)
        dims.ndisplay.disconnect(self._on_turned)
        dims.order.disconnect(self._on_turned)
        self.viewer.scene.camera.events.zoom.disconnect(self.write_corners)

    def show(self, seen: bool) -> None:
        """The page is turned to, or away from; away from it nothing is done."""
        self.seen = seen
        if seen:
            self.follow()
        elif self.stage.labels is not None:
            self.stage.set_brush(self.session.brush_mm, "pan_zoom")

    # What the session says -------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self._end_drag()
        self.stage.remove()

    def follow(self) -> None:
        """Show the active view's series and slice, as far as it is here."""
        if not self.seen or self._closed:
            return
        self._end_drag()
        series = self.session.shown_series
        picture = None if series is None else self.pictures.get(series.id)
        window = None if series is None else self.pictures.window(series)
        self._following = True
        try:
            if series is None or picture is None or window is None:
                self.stage.clear()
            elif self.stage.series is not series or self.stage.voxels is not picture.voxels:
                self.stage.show(series, picture.voxels, window, self.session.k, self.session, picture.arrived)
                self.stage.set_brush(self.session.brush_mm, self.stage.mode)
            else:
                self.stage.set_window(window)
                self.stage.go_to(self.session.k)
        finally:
            self._following = False
        self._retarget()
        self.write_corners()

    def _end_drag(self) -> None:
        if self.stage.labels is not None:
            end_drag(self.stage.labels)

    def _on_arrived(self, series_id: str) -> None:
        series = self.session.shown_series
        if not self.seen or series is None or series.id != series_id:
            return
        picture = self.pictures.get(series_id)
        if picture is not None and self.stage.voxels is picture.voxels:
            self._following = True
            try:
                self.stage.take((self.session.k,), picture.arrived)
            finally:
                self._following = False
            self.write_corners()
        else:
            self.follow()

    def _on_windowed(self, series_id: str) -> None:
        series = self.session.shown_series
        window = None if series is None else self.pictures.window(series)
        if self.seen and window is not None and not self._following:
            self._following = True
            try:
                self.stage.set_window(window)
            finally:
                self._following = False

    def _on_made(self, layer: Image | Labels) -> None:
        """Hear what is done to a new layer."""
        if hasattr(layer, "selected_label"):
            layer.mouse_drag_callbacks.insert(0, self._drag)
            layer.events.selected_label.connect(self._on_label)
            layer.events.mode.connect(lambda event: self.changed.emit())  # napari's own buttons took another tool
            layer.events.paint.connect(lambda: forget_history(layer))
            for event in (layer.events.mode, layer.events.n_edit_dimensions):
                event.connect(lambda: self._keep_flat(layer))
        else:
            layer.events.contrast_limits.connect(self._on_limits)

    def _keep_flat(self, layer: Any) -> None:
        """napari's bucket in 3D would hold the window up for many seconds: it fills on the slice alone."""
        if str(layer.mode) == "fill" and layer.n_edit_dimensions > FLAT:
            layer.n_edit_dimensions = FLAT
            self.session.told.emit(ONLY_FLAT, True)

    def _on_moved(self, k: int) -> None:
        if self.seen and not self._following:
            self.stage.go_to(k)
        self.stage.uncover()
        self.write_corners()

    def _on_turned(self) -> None:
        """napari shows the stack across its slices, or in 3D."""
        self.stage.uncover()
        self.write_corners()

    def _on_step(self) -> None:
        """napari's slider was moved, or its own keys were used."""
        if self.seen and self.stage.order is not None and not self._following:
            self._following = True
            try:
                self.session.go_to(self.stage.k)
            finally:
                self._following = False

    def _retarget(self) -> None:
        """What a stroke would go to has changed."""
        if self.seen and self.session.drawing is not None:
            self._following = True
            try:
                self.stage.follow(self.session.drawing)
            finally:
                self._following = False

    def _on_edited(self) -> None:
        self._retarget()
        self._redraw()

    def _on_drafted(self) -> None:
        """While a stroke grows napari draws what it touches itself; after it the regions are read again."""
        if self.session.filled != self.stage.filled:
            self.stage.fill(self.session.filled)
        if self.session.drawing is not None and not self.session.drawing.drafting:
            self._redraw()

    def _redraw(self) -> None:
        """Where the case can't be read now, what was drawn stays as it is seen."""
        if self.seen:
            self.session.attempt(self.stage.redraw)

    def _on_label(self) -> None:
        """Another number was chosen in napari's layer controls."""
        layer, drawing = self.stage.labels, self.session.drawing
        if layer is None or drawing is None or self._following:
            return
        label = int(layer.selected_label)
        if label not in (0, drawing.active_label) and not self.session.choose_label(label):
            self._retarget()
            self.session.told.emit("a number of its own is no finding: choose words or a finding", True)

    def _on_limits(self) -> None:
        """The window was changed in napari's layer controls."""
        window, series = self.stage.window, self.stage.series
        if window is not None and series is not None and not self._following:
            self._following = True
            try:
                self.pictures.set_window(series, window)
            finally:
                self._following = False
            self.write_corners()

    # Drawing ---------------------------------------------------------------------------------------------------------

    def arm(self, mode: str) -> None:
        """Take napari's brush or eraser in hand, or lay it down (`pan_zoom`); says why where nothing can be drawn."""
        drawing = mode in DRAWING_MODES
        refusal = self.session.refusal() if drawing else ""
        if drawing and not refusal and self.stage.labels is None:
            self.stage.clear()
            self.follow()  # the layer was taken away in napari's list
            refusal = "" if self.stage.labels is not None else "wait until the picture is there"
        if refusal:
            self.session.told.emit(refusal, True)
            return
        if drawing and self.session.hidden:
            self.session.hide_drawn(False)
        if self.stage.labels is not None:
            self.viewer.layers.selection.active = self.stage.labels
            self.stage.set_brush(self.session.brush_mm, mode)
        self.changed.emit()

    def _drag(self, layer: Any, event: Any) -> Iterator[None]:
        """All that a drag of the left button draws is one edit."""
        mode = str(layer.mode)
        if mode in DRAWING_MODES and not self.stage.is_here(self.session.k):
            self.session.told.emit(NOT_HERE, True)
            layer.mode = "pan_zoom"  # the brush lies down for this drag, else napari would draw
            yield
            while event.type == "mouse_move":
                yield
            self.stage.set_brush(self.session.brush_mm, mode)
            return
        if mode not in DRAWING_MODES or not self.session.attempt(self.session.begin_stroke):
            return
        settings = {"brush_mm": self.session.brush_mm} if mode in ("paint", "erase") else {}
        self.session.tool = (mode, settings)
        yield
        while event.type == "mouse_move":
            yield
        self.session.attempt(self.session.commit_stroke)

    # Looking ---------------------------------------------------------------------------------------------------------

    def _step(self, by: int) -> None:
        self.session.views.step(self.session.views.active, by)

    def _zoom(self, factor: float, at: QPointF) -> None:
        enlarge(self.viewer.scene.camera, factor, self._world(at))

    def _pan(self, moved: QPointF) -> None:
        shift(self.viewer.scene.camera, moved)

    def _drag_window(self, moved: QPointF) -> None:
        """Right: wider. Down: a higher level, so darker."""
        window, series = self.stage.window, self.stage.series
        if window is not None and series is not None:
            pace = max(window[1] / 400, SMALLEST)
            self.set_window((window[0] + moved.y() * pace, max(window[1] + moved.x() * pace, pace)))

    def set_window(self, window: Window) -> None:
        """Show another window, in the views too."""
        if self.stage.series is not None:
            self.pictures.set_window(self.stage.series, window)

    def _world(self, at: QPointF) -> tuple[float, float]:
        return world_at(self.viewer.scene.camera, self.shell.canvas.size(), at)

    def point(self, at: QPointF | None) -> None:
        """Say the value under the cursor."""
        self._at = at
        index = None if at is None else self.stage.native_at(*self._world(at))
        series, voxels = self.stage.series, self.stage.voxels
        here = index is not None and series is not None and voxels is not None and self.stage.is_here(index[0])
        text = value_text(series, voxels[index], series.grid.points(index)) if here else ""  # type: ignore[arg-type,index,union-attr]
        self.pointed.emit(text)

    def fit_corners(self) -> None:
        """The canvas has another size."""
        self.corners.setGeometry(self.shell.canvas.rect())
        self.corners.raise_()
        self.write_corners()

    def write_corners(self) -> None:
        """Write what stands on the picture."""
        if self.seen:
            self.corners.show_corners(self._inscription())

    def _inscription(self) -> Corners:
        wanted, stage = self.session.shown_series, self.stage
        if wanted is None:
            return Corners()
        problem = missing_text(wanted) if wanted.id in self.session.missing else self.pictures.problems.get(wanted.id)
        if problem:
            return Corners(middle=in_lines(problem))
        done = self.pictures.done(wanted.id)
        if stage.series is None or stage.order is None:
            return Corners(top_left=series_corner(wanted), middle=LOADING, done=0.0)
        if stage.viewer.dims.ndisplay != 2:  # napari's own 3D: no edges, no bar
            return Corners(top_left=series_corner(wanted), middle="" if stage.complete else LOADING, done=done)
        plane = Plane(stage.order, stage.order.slice_axis, stage.order.slice_to_display(self.session.k))
        return Corners(
            top_left=series_corner(stage.series),
            bottom_left=slice_corner(stage.series, plane, stage.window),
            middle=LOADING if stage.covered else "",
            done=done,
            edges=stage.order.edges,
            pixels_per_mm=float(stage.viewer.scene.camera.zoom) if stage.series.is_measurable else 0.0,
        )
