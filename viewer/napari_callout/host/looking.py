"""Looking in the window: the levels of the spine, and the arrow keys that move the hand."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QPoint

from napari_callout.host.room import Room
from napari_callout.host.shell import Shell
from napari_callout.panes.levels import held
from napari_callout.qt.levels import LevelChooser, LevelsBar, NumberingRow
from napari_callout.session import Session
from napari_callout.session.levels import Asked

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
STRIDE, LITTLE = 10, 1  # screen pixels that an arrow key moves the hand


class Looking(QObject):
    """The row of the numbering above the views, and the chooser beside the hand."""

    def __init__(self, shell: Shell, session: Session, room: Room) -> None:
        super().__init__(shell.main_window)
        self.session, self.room = session, room
        self.levels = LevelsBar()
        self._levels_bar = shell.add_bar("Callout levels", self.levels, top=True)
        shell.main_window.insertToolBarBreak(self._levels_bar)
        self._levels_bar.hide()
        self.chooser = LevelChooser(room.grid)
        self._asked: Asked | None = None
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
        }  # fmt: skip

    def _arrow(self, way: str, stride: int, given: Actions) -> Callable[[], object]:
        scroll = {"up": "slice up", "down": "slice down"}.get(way)

        def move() -> None:
            if self.session.armed == "levels":
                self.room.nudge(*(stride * part for part in WAYS[way]))
            elif scroll and stride == STRIDE:
                given[scroll]()

        return move

    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the hand can do while it marks vertebrae; () while it does not."""
        return COUNTING if self.session.armed == "levels" else ()

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
