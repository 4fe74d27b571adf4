"""The picture: the shown series on the canvas, what the hand does on it, and what is written over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QObject, QPointF, QTimer, Signal

from callout.errors import CalloutError
from callout.masks.mask import Index
from napari_callout.host.camera import enlarge, shift, world_at
from napari_callout.host.hand import Hand, HandActions
from napari_callout.host.inscription import inscription
from napari_callout.host.shell import Shell, end_drag, forget_history
from napari_callout.host.stage import DRAWING_MODES, Stage
from napari_callout.host.words import missing_text, value_text
from napari_callout.qt.corners import CornersView, find_button
from napari_callout.qt.panel import hint
from napari_callout.session import Session
from napari_callout.session.blame import Blame
from napari_callout.session.volumes import VolumeStore, sample
from napari_callout.session.windows import Window, first_window, presets

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Labels

    from callout.dicom import Loading
    from callout.volume import Series

BRUSHES_MM = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
REST_MS = 250  # that the cursor stays where it is
FIND_BELOW = 90  # pixels from the middle of the picture, below what is said there
NOT_HERE = "wait until this slice is there"
LOCALIZER = "this is a localizer: what is drawn on it is not measured"


class Picture(QObject):
    """Follows the session. Says `changed` where words around it have to be written anew, and `pointed` (a value)."""

    changed = Signal()
    pointed = Signal(str)
    _arrived = Signal(object, object)  # from a loading's threads to this one

    def __init__(self, viewer: Viewer, shell: Shell, session: Session) -> None:
        super().__init__(shell.main_window)
        self.viewer, self.shell, self.session = viewer, shell, session
        self.stage = Stage(viewer, self._on_made)
        self.store = VolumeStore(self._arrived.emit)
        self.brush_mm = 8
        self._windows: dict[str, Window] = {}
        self._following = False  # what changes now is not the reader's doing
        self._showing = False  # the layers are being filled
        self._closed = False
        self.problem = ""
        self._blame = Blame()
        self._at: QPointF | None = None  # where the cursor is on the canvas
        self._rest = QTimer(self)  # until the hand rests
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._point_at_rest)
        self._presets: tuple[tuple[str, Window], ...] = ()
        self.corners = CornersView(shell.canvas)
        self.corners.show()
        self.find = find_button(shell.canvas)
        actions = HandActions(
            lambda: viewer.dims.ndisplay == 2, self.step, self.zoom, self.drag_window, self.pan, self.point,
            self.fit_corners,
        )  # fmt: skip
        self.hand = Hand(shell.canvas, actions)
        self._arrived.connect(self._on_arrived)
        session.opened.connect(self._on_opened)
        session.shown.connect(self._on_shown)
        session.moved.connect(self._on_moved)
        session.chosen.connect(self.follow)
        session.edited.connect(self._on_edited)
        session.drafted.connect(self._on_drafted)
        viewer.dims.events.current_step.connect(self._on_step)
        viewer.dims.events.ndisplay.connect(self._on_turned)
        viewer.dims.events.order.connect(self._on_turned)
        viewer.scene.camera.events.zoom.connect(self.write_corners)

    def close(self) -> None:
        """Stop loading, and hear no more of the viewer."""
        self._closed = True
        self._rest.stop()
        self.hand.let_go()
        self.viewer.dims.events.current_step.disconnect(self._on_step)
        self.viewer.dims.events.ndisplay.disconnect(self._on_turned)
        self.viewer.dims.events.order.disconnect(self._on_turned)
        self.viewer.scene.camera.events.zoom.disconnect(self.write_corners)
        self.store.close()

    # What the session says -------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self.store.clear()
        self._windows.clear()
        self._end_drag()
        self._blame.forget()
        self.stage.remove()

    def _on_shown(self) -> None:
        """Another series: what is here at once, the rest when it arrives."""
        self.problem, self._presets = "", ()
        self._end_drag()
        self.stage.clear()
        self.store.stop()
        series = self.session.shown_series
        if series is not None:
            voxels = self.store.get(series.id)
            if voxels is not None:
                self._show(voxels)
            elif series.id in self.session.missing:
                self.problem = missing_text(series)
                self.find.setToolTip(hint(self.problem))
            else:
                self._request(series)
        self.find.setVisible(series is not None and bool(self.problem))
        self.write_corners()

    def _end_drag(self) -> None:
        if self.stage.labels is not None:
            end_drag(self.stage.labels)

    def _request(self, series: Series) -> None:
        try:
            self.store.request(series, self.session.k)
        except CalloutError as error:
            self._fail(str(error))

    def _on_arrived(self, loading: Loading, ks: Sequence[int]) -> None:
        """Slices of what is being read are here, or none and it has ended."""
        if self._closed or loading is not self.store.loading:
            return
        if loading.problem:
            self._fail(loading.problem)
        elif self.stage.voxels is not loading.voxels:  # the first ones, or all anew as they are of another kind
            if loading.done:
                self._show(loading.voxels, loading.arrived.copy())
        else:
            self.stage.take(ks, loading.arrived.copy())
        if not ks and loading.complete and not loading.problem:
            self._complete(loading.voxels)
        if self.session.k in ks:
            self.point(self._at)
        self.write_corners()
        self.changed.emit()

    def _fail(self, problem: str) -> None:
        self.problem = problem
        self.find.setVisible(self.session.case is not None)
        self.stage.clear()
        self.store.stop()
        self.session.told.emit(problem, True)

    def _complete(self, voxels: npt.NDArray[Any]) -> None:
        """The whole series is here, under what is drawn already."""
        series = self.session.shown_series
        if series is None:
            return
        self.store.stop()
        self.store.keep(series.id, voxels)
        self.stage.take((), None)
        self._presets = presets(series, voxels)
        if series.id not in self._windows:
            self._set_first(first_window(series, voxels))

    def _show(self, voxels: npt.NDArray[Any], arrived: npt.NDArray[np.bool_] | None = None) -> None:
        series = self.session.shown_series
        if series is None:
            return
        seen = voxels if arrived is None else sample(voxels, arrived)
        window = self._windows.get(series.id) or first_window(series, seen)
        self._following = self._showing = True
        try:
            self.stage.show(series, voxels, window, self.session.k, self.session, arrived)
            self.stage.set_brush(self.brush_mm, self.stage.mode)
        finally:
            self._following = self._showing = False
        self.session.window = window
        self._presets = presets(series, seen)

    def _on_made(self, layer: Image | Labels) -> None:
        """Hear what is done to a new layer."""
        if hasattr(layer, "selected_label"):
            layer.mouse_drag_callbacks.insert(0, self._drag)
            layer.events.selected_label.connect(self._on_label)
            layer.events.mode.connect(lambda event: self.changed.emit())  # napari's own buttons took another tool
            layer.events.paint.connect(lambda: forget_history(layer))
        else:
            layer.events.contrast_limits.connect(self._on_limits)

    def _on_moved(self, k: int) -> None:
        if not self._following:
            self.stage.go_to(k)
        self.store.look_at(k)
        self.stage.uncover()
        self.write_corners()
        self.point(self._at)

    def _on_turned(self) -> None:
        """napari shows the stack across its slices, or in 3D."""
        self.stage.uncover()
        self.write_corners()

    def _on_step(self) -> None:
        """napari's slider was moved, or its own keys were used."""
        if self.stage.order is not None and not self._following:
            self._following = True
            try:
                self.session.go_to(self.stage.k)
            finally:
                self._following = False

    def follow(self) -> None:
        """What a stroke would go to has changed."""
        if self.session.drawing is not None:
            self._following = True
            try:
                self.stage.follow(self.session.drawing)
            finally:
                self._following = False

    def _on_edited(self) -> None:
        self._blame.forget()
        self.point(self._at)
        self.follow()
        self._redraw()

    def _on_drafted(self) -> None:
        """While a stroke grows napari draws what it touches itself; after it the regions are read again."""
        if self.session.drawing is not None and not self.session.drawing.drafting:
            self._redraw()

    def _redraw(self) -> None:
        """Where the case can't be read now, what was drawn stays as it is seen."""
        self.session.attempt(self.stage.redraw)

    def _on_label(self) -> None:
        """Another number was chosen in napari's layer controls."""
        layer, drawing = self.stage.labels, self.session.drawing
        if layer is None or drawing is None or self._following:
            return
        label = int(layer.selected_label)
        if label not in (0, drawing.active_label) and not self.session.choose_label(label):
            self.follow()
            self.session.told.emit("a number of its own is no finding: choose words or a finding", True)

    def _on_limits(self) -> None:
        """The window was changed, by us or in napari's layer controls."""
        window, series = self.stage.window, self.stage.series
        if window is not None and series is not None and not self._showing:
            self.session.window = window
            if not self._following:
                self._windows[series.id] = window
            self.write_corners()
            self.changed.emit()

    # Drawing ---------------------------------------------------------------------------------------------------------

    def arm(self, mode: str) -> None:
        """Take napari's brush or eraser in hand, or lay it down (`pan_zoom`); says why where nothing can be drawn."""
        drawing = mode in DRAWING_MODES
        refusal = self.session.refusal() if drawing else ""
        if drawing and not refusal and self.stage.labels is None:
            if self.store.loading is None:
                self._on_shown()  # the layer was taken away in napari's list
            refusal = "" if self.stage.labels is not None else "wait until the picture is there"
        if refusal:
            self.session.told.emit(refusal, True)
            return
        if drawing and self.session.hidden:
            self.session.hide_drawn(False)
        if self.stage.labels is not None:
            self.viewer.layers.selection.active = self.stage.labels
            self.stage.set_brush(self.brush_mm, mode)
        self.changed.emit()
        if drawing and self.stage.series is not None and self.stage.series.is_localizer:
            self.session.told.emit(LOCALIZER, True)

    def resize_brush(self, by: int) -> None:
        """The next larger or smaller brush."""
        at = BRUSHES_MM.index(self.brush_mm) + by
        self.brush_mm = BRUSHES_MM[min(max(at, 0), len(BRUSHES_MM) - 1)]
        self.stage.set_brush(self.brush_mm, self.stage.mode)
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
            self.stage.set_brush(self.brush_mm, mode)
            return
        if mode not in DRAWING_MODES or not self.session.attempt(self.session.begin_stroke):
            return
        self.session.tool = (mode, {"brush_mm": self.brush_mm} if mode in ("paint", "erase") else {})
        yield
        while event.type == "mouse_move":
            yield
        self.session.attempt(self.session.commit_stroke)

    # Looking ---------------------------------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Slices in the screen's order: on to the feet, the left, or the back."""
        order = self.stage.order
        if order is not None:
            count = order.grid.shape[0]
            at = min(max(order.slice_to_display(self.session.k) + by, 0), count - 1)
            self.session.go_to(order.slice_to_display(at))

    def zoom(self, factor: float, at: QPointF) -> None:
        """Enlarge about a place on the canvas."""
        enlarge(self.viewer.scene.camera, factor, self.world(at))

    def pan(self, moved: QPointF) -> None:
        """Take the picture along."""
        shift(self.viewer.scene.camera, moved)

    def drag_window(self, moved: QPointF) -> None:
        """Right: wider. Down: a higher level, so darker."""
        window = self.stage.window
        if window is not None:
            pace = max(window[1] / 400, 1e-3)
            self.stage.set_window((window[0] + moved.y() * pace, max(window[1] + moved.x() * pace, pace)))

    def presets(self) -> tuple[tuple[str, Window], ...]:
        """The named windows of the shown series."""
        return self._presets

    def use_preset(self, number: int) -> None:
        """Show preset `number`, from 0; nothing where there are fewer."""
        found = self.presets()
        if number < len(found):
            self.stage.set_window(found[number][1])

    def _set_first(self, window: Window) -> None:
        self._following = True
        try:
            self.stage.set_window(window)
        finally:
            self._following = False

    def world(self, at: QPointF) -> tuple[float, float]:
        """World mm (down, across) of a place on the canvas."""
        return world_at(self.viewer.scene.camera, self.shell.canvas.size(), at)

    def point(self, at: QPointF | None) -> None:
        """Say the value under the cursor; once the hand rests there, also who drew what is seen."""
        self._at = at
        self._rest.start()
        self.pointed.emit(self._value())

    def _value(self) -> str:
        index = self._index()
        series, voxels = self.stage.series, self.stage.voxels
        if index is None or series is None or voxels is None or not self.stage.is_here(index[0]):
            return ""
        return value_text(series, voxels[index], series.grid.points(index))

    def _index(self) -> Index | None:
        """The native voxel under the cursor."""
        return None if self._at is None else self.stage.native_at(*self.world(self._at))

    def _point_at_rest(self) -> None:
        """Not while the hand moves: what was drawn is read from the history, a whole slice at a time."""
        drawing, index = self.session.drawing, self._index()
        if drawing is None or index is None or drawing.drafting or not self.stage.is_here(index[0]):
            return
        with suppress(CalloutError):  # a history that can't be read is told where it matters
            who = self._blame.words(drawing, index)
            if who:
                self.pointed.emit(f"{who}    {self._value()}")

    def fit_corners(self) -> None:
        """The canvas has another size."""
        area = self.shell.canvas.rect()
        self.corners.setGeometry(area)
        self.corners.raise_()
        self.find.adjustSize()
        self.find.move((area.width() - self.find.width()) // 2, area.height() // 2 + FIND_BELOW)
        self.find.raise_()
        self.write_corners()

    def write_corners(self) -> None:
        """Write what stands on the picture."""
        wanted = self.session.shown_series
        self.corners.show_corners(inscription(wanted, self.session.k, self.stage, self.problem, self.store.done))
