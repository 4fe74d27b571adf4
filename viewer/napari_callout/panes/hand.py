"""The hand on the views: wheel, buttons and keys it holds → looking, choosing, drawing. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from psygnal import Signal

from callout.errors import CalloutError
from callout.masks.mask import Index
from napari_callout.panes.marks import REACH, Grip, nearest
from napari_callout.panes.picture import pixel_text
from napari_callout.panes.scene import Line, Words
from napari_callout.panes.tint import Tint
from napari_callout.panes.tools import REFUSALS, TOOLS, DrawingTool, Tool
from napari_callout.panes.touch import Touch
from napari_callout.panes.values import is_shown
from napari_callout.panes.words import place_text, value_text
from napari_callout.session.kit import Range
from napari_callout.session.levels import level_text
from napari_callout.session.look import Look, picture_name
from napari_callout.session.marks import KINDS
from napari_callout.session.marks import refusal as why_not_marked
from napari_callout.session.operations import Operations
from napari_callout.session.pictures import Pictures
from napari_callout.session.plane import Plane
from napari_callout.session.session import Session
from napari_callout.session.slabs import slab_steps
from napari_callout.session.windows import SMALLEST

Button = Literal["left", "right", "middle"]
ZOOM_STEP = 1.15
CLICK = 3.0  # screen pixels that the hand may move in a click
NOT_HERE = "wait until this slice is there"
LOCALIZER = "this is a localizer: what is drawn on it is not measured"


class Hand:
    """Signals: `pointed` (touch) at a place, or None where the hand is on no view; `armed` another tool, or it is
    set otherwise; `renewed` what it shows changes while the hand works.
    """

    pointed = Signal(object)
    armed = Signal()
    renewed = Signal()

    def __init__(self, session: Session, pictures: Pictures, post: Callable[[Any], None] | None = None) -> None:
        """`post`: as of `Operations`."""
        self.session, self.pictures = session, pictures
        self.operations = Operations(session, post, self._end_stroke)
        self.tool: Tool | None = None
        self._button: Button | None = None
        self._start: Touch | None = None
        self._last: Touch | None = None
        self._drawing = False
        self._grip: Grip | None = None  # a point of a mark that is dragged
        session.chosen.connect(self._leave_chosen)  # what is begun is of what was chosen then

    # Tools -----------------------------------------------------------------------------------------------------------

    def arm(self, name: str) -> None:
        """Take a tool in hand, or, with "", none; what can't be drawn is told."""
        self.let_go()
        refusal = self.refusal(name) if name else ""
        if refusal:
            self.session.told.emit(refusal, True)
            return
        if name and self.session.hidden:
            self.session.hide_drawn(False)
        self.session.armed = name
        self.tool = TOOLS[name](self.session, self.pictures, self.operations) if name else None
        if isinstance(self.tool, DrawingTool):
            self.tool.renewed = self.renewed.emit
            self.operations.warm()
        self.armed.emit()
        series = self.session.shown_series
        if name and name not in REFUSALS and series is not None and series.is_localizer:
            self.session.told.emit(LOCALIZER, True)

    def refusal(self, name: str) -> str:
        """Why a tool does nothing in the active view; "" where it does."""
        if name in REFUSALS:
            return REFUSALS[name](self.session)
        if name in KINDS and self.session.picture is not None:
            return why_not_marked(self.session)
        return self.session.views.why_not_drawn() or self.session.refusal()

    @property
    def rests(self) -> bool:
        """Whether the tool in hand does nothing on what the active view shows."""
        on_picture = self.session.armed in KINDS and self.session.picture is not None
        return isinstance(self.tool, DrawingTool) and not on_picture and bool(self.session.views.why_not_drawn())

    def let_go(self) -> None:
        """What the hand still draws ends here, what it only began is given up, and no button is down."""
        self._end_stroke()
        if isinstance(self.tool, DrawingTool):
            self.tool.leave()
        self._button = None

    def _end_stroke(self) -> None:
        if self._grip is not None:
            grip, self._grip = self._grip, None
            grip.release(None)
        if self._drawing and self.tool is not None:
            self._drawing = False
            tool = self.tool
            self.session.attempt(lambda: tool.release(None))

    def _leave_chosen(self) -> None:
        self._end_stroke()
        if isinstance(self.tool, DrawingTool) and not self.tool.STAYS:
            self.tool.leave()

    @property
    def range(self) -> Range | None:
        """Of what the tool in hand grows now."""
        return self.tool.range if isinstance(self.tool, DrawingTool) else None

    def seen_on(self, view: int, plane: Plane) -> tuple[Line | Tint, ...]:
        """What the tool in hand shows in every view of its series."""
        tool = self.tool if isinstance(self.tool, DrawingTool) and not self.session.hidden else None
        return () if tool is None else tool.seen_on(view, plane)

    def preview(self, touch: Touch) -> tuple[Line | Words, ...]:
        """What the tool in hand would touch."""
        return self.tool.preview(touch) if self.tool is not None and not self.session.hidden else ()

    # The hand --------------------------------------------------------------------------------------------------------

    def wheel(self, touch: Touch, notches: int) -> None:
        """Plain: slices. Ctrl: zoom about the hand."""
        views = self.session.views
        if touch.control:
            views.zoom(touch.view, ZOOM_STEP**notches, touch.placement.from_middle(touch.x, touch.y))
        else:
            if self._stays:
                self._end_stroke()
            views.step(touch.view, -notches)

    def press(self, touch: Touch, button: Button) -> None:
        """A button goes down: its view is the one that keys mean now."""
        self._end_stroke()
        self._button, self._start, self._last = button, touch, touch
        self.session.views.activate(touch.view)
        if button == "left" and touch.shift:
            self.session.views.jump(touch.view, touch.point)
        elif button == "left" and self.tool is not None:
            self._begin(touch, self.tool)
        elif button == "left":
            self._grip = Grip.at(self.session, touch)

    def _begin(self, touch: Touch, tool: Tool) -> None:
        picture = self.pictures.get(str(self.session.series_id))
        armed = self.session.armed
        refusal = self.refusal(armed)
        name = self.session.picture
        here = picture is not None and picture.is_here(touch.plane.k)
        here = here if name is None else self.session.report_pictures.is_here(name)
        if not refusal and armed not in REFUSALS and not here:
            refusal = NOT_HERE
        if refusal:
            self.session.told.emit(refusal, True)
        else:
            self._drawing = self.session.attempt(lambda: tool.press(touch))

    def double(self, touch: Touch) -> None:
        """The second click of two: it closes what is begun, else it is a click like any other."""
        if not self._tell_tool("double"):
            self.press(touch, "left")

    def enter(self) -> bool:
        """Close what is begun; False where nothing is."""
        return self._tell_tool("close")

    def take_back(self) -> bool:
        """Take the last step of it back."""
        return self._tell_tool("take_back")

    def escape(self) -> bool:
        """Stop what is being worked out, or give up what is begun; False where there is neither."""
        return self.operations.stop() or self._tell_tool("leave")

    def _tell_tool(self, what: str) -> bool:
        """Whether the tool in hand did it; what does not work is told."""
        tool = self.tool
        if not isinstance(tool, DrawingTool):
            return False
        done: list[bool] = []
        worked = self.session.attempt(lambda: done.append(getattr(tool, what)()))
        self.armed.emit()
        return not worked or done[0]

    def move(self, touch: Touch) -> None:
        """The hand moves, with a button down or without."""
        last, self._last = self._last, touch
        if not self._is_where_it_began(touch):
            self._end_stroke()
        if self._drawing and self.tool is not None:
            tool = self.tool
            if not self.session.attempt(lambda: tool.move(touch)):
                self._end_stroke()
        elif self._grip is not None:
            self._grip.move(touch)
        elif last is not None and self._button is not None and not touch.shift:
            self._drag(touch, touch.x - last.x, touch.y - last.y)
        self.pointed.emit(touch)

    def _is_where_it_began(self, touch: Touch) -> bool:
        """Whether the hand is on the plane on which the button went down: a stroke never goes on to another slice."""
        start = self._start
        if start is None or touch.view != start.view or touch.view != self.session.views.active:
            return False
        return touch.plane.is_same(start.plane) or not self._stays

    @property
    def _stays(self) -> bool:
        """Whether a stroke that is being made is over on another slice."""
        return not (self._drawing and isinstance(self.tool, DrawingTool)) or self.tool.STAYS

    def _drag(self, touch: Touch, dx: float, dy: float) -> None:
        if self._button == "right":
            self._drag_window(touch, dx, dy)
        elif self._button == "middle" or self.tool is None:
            scale = touch.placement.scale
            self.session.views.pan(touch.view, (dy / scale, dx / scale))

    def _drag_window(self, touch: Touch, dx: float, dy: float) -> None:
        """Right: wider. Down: a higher level, so darker."""
        series = self.session.views.series(touch.view)
        window = None if series is None else self.pictures.window(series)
        if series is not None and window is not None:
            pace = max(window[1] / 400, SMALLEST)
            self.pictures.set_window(series, (window[0] + dy * pace, max(window[1] + dx * pace, pace)))

    def release(self, touch: Touch, button: Button) -> None:
        """A button goes up; a click without a tool chooses what lies there."""
        start = self._start
        if button != self._button:
            return
        if not self._is_where_it_began(touch):
            self._end_stroke()
        elif self._drawing and self.tool is not None:
            self._drawing = False
            tool = self.tool
            self.session.attempt(lambda: tool.release(touch))
        elif button == "left" and self.tool is None and not touch.shift:
            grip, self._grip = self._grip, None
            if _is_click(start, touch):
                self._choose(touch)
            if grip is not None:
                self.session.attempt(lambda: grip.release(touch))
        self._button = None
        self.pointed.emit(touch)  # what the tool showed on its way is gone, though the hand stays where it is

    def _choose(self, touch: Touch) -> None:
        found = self.finding_at(touch)
        if found is not None:
            self.session.attempt(lambda: self.session.choose_finding(found, go=False))

    def leave(self) -> None:
        """The hand is on no view any more."""
        self._last = None
        self.pointed.emit(None)

    # What lies there -------------------------------------------------------------------------------------------------

    def index(self, touch: Touch) -> Index | None:
        """The native voxel under the hand, if it is here."""
        index = touch.plane.voxel(*touch.place)
        picture = self.pictures.get(self._series_id(touch))
        return index if index is not None and picture is not None and picture.is_here(index[0]) else None

    def value(self, touch: Touch) -> str:
        """The value under the hand, unless a slab or a difference is shown, and where it is in the patient.

        On a picture of the report its colour, and the pixel.
        """
        name = picture_name(self._series_id(touch))
        if name is not None:
            pictures = self.session.report_pictures
            colours = pictures.colours(name) if pictures.is_here(name) else None
            return "" if colours is None else pixel_text(colours, touch)
        index, series, look = self.index(touch), self.session.views.series(touch.view), self._look(touch)
        picture = self.pictures.get(self._series_id(touch))
        if index is None or series is None or picture is None or look is None:
            return ""
        if not is_shown(self.session, look, picture.arrived, slab_steps(touch.plane, look.slab_mm)):
            return ""
        point, numbering = series.grid.points(index), self.session.levels.numbering(series.id)
        level = level_text((numbering.level_at(point.tolist()) if numbering else "") or "")
        if not look.is_plain:  # what is seen there is no value of this series
            return place_text(series, point, level)
        return value_text(series, picture.voxels[index], point, level)

    def finding_at(self, touch: Touch) -> str | None:
        """The finding that is marked or drawn under the hand, the uppermost one."""
        mark = nearest(self.session, touch)
        if mark is not None and mark[3] <= REACH:
            return mark[0].finding_id
        drawing, index = self.session.drawing_of(self._series_id(touch)), touch.plane.voxel(*touch.place)
        if drawing is None or index is None:
            return None
        k, j, i = index
        regions = drawing.regions()
        for label in reversed(drawing.shown_labels()):
            try:
                if label in regions and drawing.read(label, index, (k + 1, j + 1, i + 1)).any():
                    return regions[label].finding_id
            except CalloutError:
                return None
        return None

    def remove_mark(self, touch: Touch | None) -> bool:
        """Take the mark under the hand away, on the plane that is seen now; False where there is none."""
        found = None if touch is None else nearest(self.session, touch)
        if found is None or found[3] > REACH:
            return False
        return self.session.attempt(lambda: self.session.change(lambda case: case.remove_mark(found[0])))

    def _look(self, touch: Touch) -> Look | None:
        return self.session.views.looks[touch.view]

    def _series_id(self, touch: Touch) -> str:
        look = self._look(touch)
        return "" if look is None else look.series_id


def _is_click(start: Touch | None, end: Touch) -> bool:
    return start is not None and abs(end.x - start.x) + abs(end.y - start.y) <= CLICK
