"""The views in the window: what they show and what the hand does on them, wired to the session."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from qtpy.QtCore import QObject, QPointF, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication, QWidget

from callout.errors import CalloutError
from napari_callout.panes.commands import Commands, Entry
from napari_callout.panes.hand import Hand
from napari_callout.panes.over import Over
from napari_callout.panes.pane import Pane
from napari_callout.panes.scene import Corners, Scene
from napari_callout.panes.touch import Touch
from napari_callout.panes.words import in_lines
from napari_callout.qt.grid import GridView
from napari_callout.qt.pane import PaneView
from napari_callout.session import Session
from napari_callout.session.blame import Blame
from napari_callout.session.bookmark import keep_place
from napari_callout.session.kit import Range
from napari_callout.session.look import LAYOUTS
from napari_callout.session.pictures import Pictures
from napari_callout.session.windows import Window

BRUSHES_MM = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
REST_MS = 250  # that the cursor stays where it is
BOOKMARK_MS = 1000


class Room(QObject):
    """Says `changed` where words around the views have to be written anew, and `pointed` (a value)."""

    changed = Signal()
    pointed = Signal(str)
    find_asked = Signal()  # for images that are not there
    _arrived = Signal(object, object)  # from a loading's threads to this one
    _worked = Signal(object)  # from the thread of an operation
    _pictured = Signal(object)  # from the thread that reads a picture of the report

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self.session = session
        self.pictures = Pictures(self._arrived.emit)
        self.hand = Hand(session, self.pictures, self._post)
        self.commands, self._over = Commands(self.hand), Over(self.hand)
        self._panes: list[Pane] = []
        self._blame = Blame()
        self._touch: Touch | None = None  # where the cursor is
        self._closed = False
        self._arranging = False  # views come and go
        self._told: tuple[object, ...] = ()  # of the active view, for what the words around the views were written
        self.grid = GridView(self._on_made, self._scene)
        self._rest = QTimer(self)  # until the hand rests
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._point_at_rest)
        self._bookmark = QTimer(self)  # so that a case opens where one was, also after a crash
        self._bookmark.setSingleShot(True)
        self._bookmark.setInterval(BOOKMARK_MS)
        self._bookmark.timeout.connect(lambda: keep_place(session))
        session.chosen.connect(lambda _: self._bookmark.start())
        self._arrived.connect(self._take)
        self._worked.connect(self._take_work)
        self._pictured.connect(self._take_picture)
        session.report_pictures.post = self._pictured.emit
        self.hand.operations.began.connect(self._on_armed)
        self.hand.operations.ended.connect(self._on_armed)
        self.hand.operations.progressed.connect(self._say)
        self.pictures.changed.connect(self._on_picture)
        self.pictures.windowed.connect(self._on_window)
        self.hand.pointed.connect(self._on_pointed)
        self.hand.armed.connect(self._on_armed)
        self.hand.renewed.connect(self._on_armed)
        session.leaving.connect(lambda: keep_place(session))
        session.opened.connect(self._on_opened)
        session.shown.connect(self._on_shown)
        session.chosen.connect(self.renew)
        session.edited.connect(self._on_edited)
        session.drafted.connect(self._on_drafted)
        session.views.arranged.connect(self._on_arranged)
        session.views.changed.connect(self._on_changed)
        session.views.activated.connect(self._on_activated)
        session.views.marked.connect(self.renew)
        self._on_arranged()

    def close(self) -> None:
        """Stop loading."""
        self._closed = True
        self._rest.stop()
        self._bookmark.stop()
        keep_place(self.session)
        self.hand.let_go()
        self.hand.operations.forget()
        self.pictures.close()
        self.session.report_pictures.close()

    @property
    def view(self) -> PaneView:
        """The active view."""
        return self.grid.panes[self.session.views.active]

    # What the session says -------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self.hand.let_go()
        self.hand.operations.forget()
        self.hand.arm("")
        self.pictures.clear()
        for pane in self._panes:
            pane.forget()
        self._blame.forget()
        self._on_arranged()

    def _on_shown(self) -> None:
        """Another series in the active view, or its images were found."""
        self.hand.let_go()
        self.pictures.forget_problems()
        self._want()
        self.renew()
        self._say()

    def _on_arranged(self) -> None:
        views = self.session.views
        self._bookmark.start()
        focused, self._arranging = QApplication.focusWidget() in self.grid.panes, True
        self.grid.show_cells(LAYOUTS[views.layout], views.active if views.enlarged else None)
        self._arranging = False
        for pane in self._panes[len(views.looks) :]:
            pane.forget()
        if focused:
            self.view.setFocus()
        self._want()
        self._follow_hand()
        self._say()

    def _on_changed(self, view: int) -> None:
        self._bookmark.start()
        self._want()
        self.renew()
        if self._touch is not None and view == self._touch.view:
            self._follow_hand()
        else:
            self._show_over()
        if self._kind != self._told:
            self._say()

    def _on_activated(self, view: int) -> None:
        self.renew()
        self._say()
        if view < len(self.grid.panes) and not self.grid.panes[view].hasFocus():
            focused = self.grid.focusWidget()
            if isinstance(focused, PaneView):
                self.grid.panes[view].setFocus()

    def _on_edited(self) -> None:
        self._blame.forget()
        self._point()
        self.renew()

    def _on_drafted(self) -> None:
        """What is drawn, or whether it is shown."""
        self.renew()
        self._show_over()

    def renew(self) -> None:
        """Draw all views again, those behind another page once they are seen; what did not change is kept."""
        for pane in self.grid.panes:
            pane.renew()

    @property
    def _kind(self) -> tuple[object, ...]:
        """What the active view shows, whichever slice of it."""
        look = self.session.views.look
        return () if look is None else (look.series_id, look.axis, look.slab_mm, look.projection, look.minus)

    def _say(self) -> None:
        self._told = self._kind
        self.session.window = self.window
        self.changed.emit()

    # Loading ---------------------------------------------------------------------------------------------------------

    def _want(self) -> None:
        """Read what the views show, the slices that are seen first."""
        views, session, wanted = self.session.views, self.session, {}
        if self._closed:
            return
        for series_id in views.shown():
            series = next((one for one in session.series if one.id == series_id), None)
            if series is None or series_id in session.missing:
                continue
            look = next((look for look in (views.look, *views.looks) if look and look.series_id == series_id), None)
            k = series.grid.shape[0] // 2 if look is None else views.plane_of(look).k
            wanted[series_id] = (series, k)
        self.pictures.want(wanted)

    def _take(self, loading: Any, ks: Sequence[int]) -> None:
        if not self._closed:
            self.pictures.take(loading, ks)

    def _post(self, errand: Any) -> None:
        """In the thread that has worked: the window may be gone."""
        if not self._closed:
            self._worked.emit(errand)

    def _take_work(self, errand: Any) -> None:
        if not self._closed:
            self.hand.operations.take(errand)

    def _take_picture(self, errand: Any) -> None:
        if not self._closed:
            self.session.report_pictures.take(errand)

    def _on_picture(self, series_id: str) -> None:
        views = self.session.views
        for view, look in enumerate(views.looks):
            if look is not None and series_id in (look.series_id, look.minus) and view < len(self.grid.panes):
                self.grid.panes[view].renew()
        problem = self.pictures.problems.get(series_id)
        if problem:
            self.session.told.emit(problem, True)
        if series_id == self.session.series_id:
            self._point()
            self._say()

    def _on_window(self) -> None:
        self.renew()
        self._say()

    # Windows ---------------------------------------------------------------------------------------------------------

    @property
    def window(self) -> Window | None:
        """(centre, width) of the active view."""
        series = self.session.shown_series
        return None if series is None else self.pictures.window(series)

    def presets(self) -> tuple[tuple[str, Window], ...]:
        """The named windows of the active view's series."""
        series = self.session.shown_series
        return () if series is None else self.pictures.presets(series)

    def use_preset(self, number: int) -> None:
        """Show preset `number`, from 0; nothing where there are fewer."""
        found, series = self.presets(), self.session.shown_series
        if series is not None and number < len(found):
            self.pictures.set_window(series, found[number][1])

    # The hand --------------------------------------------------------------------------------------------------------

    def _on_made(self, number: int, view: PaneView) -> None:
        """A new view: hear what the hand does on it."""
        self._panes.append(Pane(self.session, self.pictures, number))
        view.wheeled.connect(lambda at, keys, notches: self._do("wheel", number, at, keys, notches))
        view.pressed.connect(lambda at, keys, button: self._do("press", number, at, keys, button))
        view.moved.connect(lambda at, keys: self._do("move", number, at, keys))
        view.released.connect(lambda at, keys, button: self._do("release", number, at, keys, button))
        view.doubled.connect(lambda at, keys: self._on_doubled(number, at, keys))
        view.left.connect(self.hand.leave)
        view.abandoned.connect(self.hand.let_go)
        view.focused.connect(lambda: self._on_focused(number))
        view.dropped.connect(lambda series_id: self._drop(number, series_id))
        view.find_images.clicked.connect(self.find_asked)

    def _scene(self, number: int, size: tuple[int, int]) -> Scene:
        """What goes wrong is said in the view: an exception while Qt paints would end the program."""
        try:
            return self._panes[number].scene(size)
        except CalloutError as error:
            return Scene(Corners(middle=in_lines(str(error))))
        except Exception as error:
            logging.getLogger(__name__).error("view %d can't be drawn\n%s", number + 1, traceback.format_exc())
            return Scene(
                Corners(middle=in_lines(f"this view can't be drawn — {error!r}: show another slice or series"))
            )

    def _touch_at(self, number: int, at: QPointF, keys: Any) -> Touch | None:
        placement, plane = self._panes[number].placement(self.grid.panes[number].extent), None
        if placement is not None:
            plane = self.session.views.plane(number)
        if placement is None or plane is None:
            return None
        held = [bool(keys & key) for key in (
            Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
        )]  # fmt: skip
        return Touch(number, at.x(), at.y(), plane, placement, *held)

    def _do(self, what: str, number: int, at: QPointF, keys: Any, *rest: object) -> None:
        """Let the hand do something at a place of a view; an empty view can only be chosen."""
        if number >= len(self.session.views.looks):
            return
        touch = self._touch_at(number, at, keys)
        if touch is not None:
            getattr(self.hand, what)(touch, *rest)
        elif what == "press":
            self.session.views.activate(number)

    def _on_focused(self, number: int) -> None:
        """Not where the focus only passes, on its way from a view that goes."""
        if not self._arranging:
            self.session.views.activate(number)

    def _on_doubled(self, number: int, at: QPointF, keys: Any) -> None:
        if self.hand.tool is None:
            self.session.views.enlarge(number)
        else:
            self._do("double", number, at, keys)

    def _drop(self, number: int, series_id: str) -> None:
        if any(one.id == series_id for one in self.session.series):
            self.session.show_series(series_id, view=number)

    def resize_brush(self, by: int) -> None:
        """The next larger or smaller brush."""
        at = BRUSHES_MM.index(self.session.brush_mm) + by
        self.session.brush_mm = BRUSHES_MM[min(max(at, 0), len(BRUSHES_MM) - 1)]
        self._show_over()
        self._say()

    def nudge(self, dx: int, dy: int) -> None:
        """Move the hand by screen pixels, as the arrow keys do; from the active view's middle where it is on none."""
        touch = self._current() or self._middle()
        if touch is not None:
            width, height = touch.placement.size
            x, y = min(max(touch.x + dx, 0), width - 1), min(max(touch.y + dy, 0), height - 1)
            self.hand.move(replace(touch, x=x, y=y))

    def click(self) -> None:
        """Press and release the left button where the hand is."""
        touch = self._current()
        if touch is not None:
            self.hand.press(touch, "left")
            self.hand.release(touch, "left")

    def _middle(self) -> Touch | None:
        """The middle of the active view."""
        width, height = self.view.extent
        where = QPointF(width / 2, height / 2)
        return self._touch_at(self.session.views.active, where, Qt.KeyboardModifier.NoModifier)

    @property
    def touch(self) -> Touch | None:
        """Where the hand is."""
        return self._current()

    def _on_armed(self, *_: object) -> None:
        self._show_over()
        shape = Qt.CursorShape.CrossCursor if self.hand.tool is not None else Qt.CursorShape.ArrowCursor
        self.grid.setCursor(shape)
        self._say()

    def _on_pointed(self, touch: Touch | None) -> None:
        self._touch = touch
        self._show_over()
        self._point()
        if self.hand.tool is None:
            found = None if touch is None else self.hand.finding_at(touch)
            self.session.light(() if found is None else (found,))

    def _show_over(self) -> None:
        now = self._current()
        for number, pane in enumerate(self.grid.panes[: len(self.session.views.looks)]):
            pane.show_over(self._over.of(number, now))

    def show_range(self, limits: Range | None) -> None:
        """See what lies in a range of values of the series that is drawn on; None: nothing."""
        if self._over.show_range(limits):
            self._show_over()

    def _follow_hand(self) -> None:
        """What lies under the hand is another place now, though the hand did not move."""
        self._show_over()
        self._point()

    def region_entries(self) -> tuple[Entry, ...]:
        """What can be done to the chosen region, at the place of the hand."""
        return self.commands.entries(self._current())

    def _point(self) -> None:
        """Say the value under the cursor; once the hand rests there, also who drew what is seen."""
        touch = self._current()
        self._rest.start()
        self.pointed.emit("" if touch is None else self.hand.value(touch))

    def _current(self) -> Touch | None:
        """Where the hand is, on the plane that is shown there now."""
        touch = self._touch
        if touch is None or touch.view >= len(self.session.views.looks):
            return None
        plane, placement = self.session.views.plane(touch.view), self._panes[touch.view].placement(
            self.grid.panes[touch.view].extent
        )  # fmt: skip
        return None if plane is None or placement is None else Touch(touch.view, touch.x, touch.y, plane, placement)

    def _point_at_rest(self) -> None:
        """Not while the hand moves: what was drawn is read from the history, a whole slice at a time."""
        touch = self._current()
        if touch is None:
            return
        index, look = self.hand.index(touch), self.session.views.looks[touch.view]
        drawing = None if look is None else self.session.drawing_of(look.series_id)
        if drawing is None or index is None or drawing.drafting:
            return
        with suppress(CalloutError):  # a history that can't be read is told where it matters
            who = self._blame.words(drawing, index)
            if who:
                self.pointed.emit(f"{who}    {self.hand.value(touch)}")
