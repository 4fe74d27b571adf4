"""Looking in the window: levels of the spine, slabs and subtraction, and the arrow keys that move the hand."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QPoint, QTimer

from napari_callout.host.room import Room
from napari_callout.host.shell import Shell
from napari_callout.panes.levels import held
from napari_callout.panes.shift import step_mm
from napari_callout.qt.controls import Controls
from napari_callout.qt.levels import LevelChooser, LevelsBar, NumberingRow
from napari_callout.qt.looking import LookMenus, LookRow
from napari_callout.session import Session
from napari_callout.session.choose import middle_of
from napari_callout.session.differences import beside, partners, subtract, subtract_next
from napari_callout.session.levels import Asked
from napari_callout.session.plane import has_millimetres
from napari_callout.session.slabs import PROJECTION_WORDS, next_projection, thicker, thicknesses

Actions = dict[str, Callable[[], object]]
WAYS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
COUNTING = (
    ("Marking vertebrae", ""),
    ("click", "the next of the count"),
    ("click a mark", "its name"),
    ("drag a mark", "move it"),
    ("arrows, Enter", "by keys"),
    ("Backspace", "take it away"),
    ("Esc", "look"),
)
SHIFTING = (
    ("Moving what is subtracted", ""),
    ("drag", "move it"),
    ("arrows", "by a pixel"),
    ("Shift+arrows", "by a tenth"),
    ("Ctrl+Z", "undo"),
    ("Esc", "look"),
)
REST_MS = 700  # after the last key, when a shift becomes an edit
STRIDE, LITTLE = 10, 1  # screen pixels that an arrow key moves the hand


class Looking(QObject):
    """The row of the numbering above the views, and the chooser beside the hand."""

    def __init__(self, shell: Shell, session: Session, room: Room, controls: Controls) -> None:
        super().__init__(shell.main_window)
        self.session, self.room = session, room
        self.levels = LevelsBar()
        self._levels_bar = shell.add_bar("Callout levels", self.levels, top=True)
        shell.main_window.insertToolBarBreak(self._levels_bar)
        self._levels_bar.hide()
        self.chooser = LevelChooser(room.grid)
        self._asked: Asked | None = None
        self.menus, self._controls = LookMenus(), controls
        controls.add(self.menus)
        self._shown: tuple[object, ...] = ()  # what the menus were made for
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self._keep_shift)
        self._connect()

    def _connect(self) -> None:
        session, levels = self.session, self.session.levels
        levels.asked.connect(self._ask)
        self.chooser.chosen.connect(self._on_named)
        self.chooser.removed.connect(lambda: self._remove(self._asked.name if self._asked else ""))
        self.chooser.closed.connect(self._give_keys_back)
        self.levels.asked_for.connect(levels.go_to)
        self.levels.removed.connect(self._remove)
        self.levels.basis_said.connect(lambda words: self._try(lambda: levels.number(basis=words)))
        self.levels.transitional_chosen.connect(lambda words: self._try(lambda: levels.number(transitional=words)))
        self.levels.done.connect(lambda: self.room.hand.arm(""))
        self.menus.thickness_chosen.connect(self._set_slab)
        self.menus.projection_chosen.connect(lambda name: session.views.change(session.views.active, projection=name))
        self.menus.minus_chosen.connect(lambda name: self._try(lambda: subtract(session, name or None)))
        self.menus.shift_asked.connect(lambda: self.room.hand.arm("shift"))
        self.menus.shift_undone.connect(self._put_back)
        session.drafted.connect(self.show_menus)
        self.room.hand.armed.connect(self.refresh)
        session.edited.connect(self.refresh)
        session.shown.connect(self.refresh)

    def _give_keys_back(self) -> None:
        self.room.view.setFocus()

    def refresh(self) -> None:
        """Show what the case says now."""
        counting = self.session.armed == "levels"
        if not counting:
            self.chooser.hide()
        if self.session.armed != "shift" and self._resting.isActive():
            self._resting.stop()
            self._keep_shift()
        numbering = self.session.levels.numbering(self.session.series_id)
        if numbering is None:
            self.levels.show_row(NumberingRow())
        else:
            other = self.session.case is not None and numbering.reader != self.session.case.reader
            reader = numbering.reader if other else ""
            self.levels.show_row(NumberingRow(numbering.names, numbering.basis, numbering.transitional, reader))
        self._levels_bar.setVisible(counting)

    def actions(self, given: Actions) -> Actions:
        """What the keys do, with ours; while vertebrae are marked, arrows and Enter are the hand's."""
        arrows: Actions = {
            f"{way}{words}": self._arrow(way, stride, given)
            for way in WAYS
            for words, stride in (("", STRIDE), (" a little", LITTLE))
        }
        lesion = given["next lesion"]
        return given | arrows | {
            "levels": lambda: self.room.hand.arm("" if self.session.armed == "levels" else "levels"),
            "next lesion": lambda: self.room.click() if self.session.armed == "levels" else lesion(),
            "remove mark": self._remove_here,
            "planes": lambda: self._try(self._three_planes),
            "thicker": lambda: self._thicken(1),
            "thinner": lambda: self._thicken(-1),
            "projection": self._turn_projection,
            "subtract": lambda: self._try(lambda: subtract_next(self.session)),
            "before and after": lambda: self._try(lambda: beside(self.session)),
            "shift": lambda: self.room.hand.arm("" if self.session.armed == "shift" else "shift"),
        }  # fmt: skip

    def _three_planes(self) -> None:
        """Of the active view, through what is chosen where that is on its slice."""
        session, through = self.session, None
        if session.case is not None and session.series_id is not None:
            finding = session.selection.finding(session.case)
            through = middle_of(session.case, finding, session.series_id, session.k)
        session.views.three_planes(session.views.active, through)

    def _arrow(self, way: str, stride: int, given: Actions) -> Callable[[], object]:
        scroll = {"up": "slice up", "down": "slice down"}.get(way)

        def move() -> None:
            if self.session.armed == "levels":
                self.room.nudge(*(stride * part for part in WAYS[way]))
            elif self.session.armed == "shift":
                self._shift(*WAYS[way], stride == LITTLE)
            elif scroll and stride == STRIDE:
                given[scroll]()

        return move

    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the hand can do while it marks vertebrae, or moves what is subtracted; () while it does neither."""
        return {"levels": COUNTING, "shift": SHIFTING}.get(self.session.armed, ())

    # Slabs and differences -------------------------------------------------------------------------------------------

    def show_menus(self) -> None:
        """Show what the active view can be looked at as; a step to another slice changes nothing of it."""
        views, series = self.session.views, self.session.shown_series
        look, plane = views.look, views.plane(views.active)
        if look is None or plane is None or series is None:
            self._show_row(LookRow())
            self._shown = ()
            return
        moved = self.session.shifting.words(look)
        key = (len(self.session.series), series.id, look.axis, look.slab_mm, look.projection, look.minus, moved)
        if key == self._shown:
            return
        self._shown = key
        native = partners(series, self.session.series) if plane.is_native else ()
        row = LookRow(
            thicknesses(plane) if look.minus is None and has_millimetres(series) else (),
            look.slab_mm,
            tuple(PROJECTION_WORDS.items()),
            look.projection,
            tuple((one.id, one.title) for one in native),
            look.minus or "",
            moved,
        )
        self._show_row(row)

    def _show_row(self, row: LookRow) -> None:
        self.menus.show_row(row)
        self._controls.show_group(self.menus, bool(row.thicknesses or row.partners))

    def _set_slab(self, thickness_mm: float) -> None:
        views = self.session.views
        if views.look is not None and views.look.minus is not None and thickness_mm:
            self.session.told.emit("a difference is shown slice by slice: end it for a slab", True)
        else:
            views.change(views.active, slab_mm=thickness_mm)

    def _thicken(self, by: int) -> None:
        views = self.session.views
        look, plane, series = views.look, views.plane(views.active), self.session.shown_series
        if look is None or plane is None or series is None:
            return
        if not has_millimetres(series):
            self.session.told.emit("this series states no pixel size: a slab has no thickness", True)
        elif not thicknesses(plane):
            self.session.told.emit("this stack has too few slices for a slab", True)
        else:
            self._set_slab(thicker(plane, look.slab_mm, by))

    def _turn_projection(self) -> None:
        views = self.session.views
        if views.look is not None and views.look.slab_mm:
            views.change(views.active, projection=next_projection(views.look.projection))
        else:
            self._thicken(1)

    def _shift(self, dx: int, dy: int, little: bool) -> None:
        views = self.session.views
        look, plane = views.look, views.plane(views.active)
        if look is not None and plane is not None:
            self.session.shifting.move(look, step_mm(plane, dx, dy, little))
            self._resting.start()

    def _keep_shift(self) -> None:
        self.session.attempt(self.session.save)

    def _put_back(self) -> None:
        look = self.session.views.look
        if look is not None:
            self._try(lambda: self.session.shifting.put_back(look))

    # Levels ----------------------------------------------------------------------------------------------------------

    def _ask(self, asked: Asked) -> None:
        self._asked = asked
        pane = self.room.grid.panes[asked.view]
        place = pane.mapTo(self.room.grid, QPoint(round(asked.x), round(asked.y)))
        self.chooser.ask(place, asked.names, asked.name, asked.offered)

    def _on_named(self, name: str) -> None:
        asked = self._asked
        if asked is not None and name != asked.name:
            self._try(lambda: self.session.levels.call(asked, name))

    def _remove_here(self) -> None:
        """The mark under the hand goes."""
        touch = self.room.touch
        if self.session.armed == "levels" and touch is not None:
            self._remove(held(self.session.levels.numbering(self.session.series_id), touch))

    def _remove(self, name: str) -> None:
        series_id = self.session.series_id
        if name and series_id is not None:
            self._try(lambda: self.session.levels.remove(name, series_id))

    def _try(self, action: Callable[[], object]) -> None:
        """What the case refuses is told, and what it says is shown again."""
        self.session.attempt(action)
        self.refresh()
