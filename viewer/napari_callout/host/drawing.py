"""Drawing in the window: the keys of the tools and of what is done to a region, and the menu of the latter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtGui import QCursor

from napari_callout.host.canvas import Canvas
from napari_callout.host.ranging import Ranging
from napari_callout.host.room import Room
from napari_callout.panes.commands import MARGIN_MM
from napari_callout.panes.tool import DrawingTool
from napari_callout.qt.hands import HandsLine
from napari_callout.qt.menus import entries_menu
from napari_callout.session import Session
from napari_callout.session.marks import KINDS
from napari_callout.session.teaching import Key, Pairs
from napari_callout.session.words import target_text

Actions = dict[str, Callable[[], object]]
IN_VIEWS = "regions grow in the views: F8 turns to them"
MARKS_IN_VIEWS = "marks are made in the views: F8 turns to them"


class DrawingKeys:
    """What the keys do while one draws, in the views and, as far as it goes, on napari's page."""

    def __init__(self, session: Session, room: Room, canvas: Canvas, key: Key, hands: HandsLine) -> None:
        """`key`: of an action, as it is bound now. `hands`: the line below."""
        self.session, self.room, self.canvas, self.key = session, room, canvas, key
        self._begin = hands.end_message  # it shows keys again
        self.ranging = Ranging(session, room, hands, lambda: canvas.seen)
        room.hand.renewed.connect(self._begin)
        room.hand.operations.began.connect(self._begin)
        session.edited.connect(self._begin)  # what was said before is of another state

    def actions(self, given: Actions) -> Actions:
        """What the keys do, with ours; Enter, Backspace and Esc are first those of what is begun."""
        hand, commands = self.room.hand, self.room.commands
        return given | {
            "outline": lambda: self._arm("outline"),
            "grow": lambda: self._arm("grow"),
            **{kind: partial(self._arm, kind) for kind in KINDS},
            "flat or in space": self._setting(commands.turn_in_space),
            "range": self._setting(commands.limit),
            "type range": self._setting(self.ranging.ask),
            "another range": self._setting(commands.limit_anew),
            "left": self._or_widen(-1, given["left"]),
            "right": self._or_widen(1, given["right"]),
            "overlap": commands.overlap,
            "region": self._ask,
            "fill holes": commands.fill_holes,
            "interpolate": commands.interpolate,
            "shrink margin": lambda: commands.margin(-MARGIN_MM),
            "grow margin": lambda: commands.margin(MARGIN_MM),
            "copy from before": lambda: commands.copy_from(-1),
            "copy from after": lambda: commands.copy_from(1),
            "look": _first(hand.escape, given["look"]),
            "next lesion": _first(hand.enter, given["next lesion"]),
            "remove mark": _first(hand.take_back, _first(self._remove_mark, given["remove mark"])),
        }

    def keys(self) -> Pairs:
        """What the hand can do now; () where it does not draw, or does on napari's page."""
        target = target_text(self.session.case, self.session.selection)
        return () if self.canvas.seen else self.room.commands.keys(self.key, target)

    def _or_widen(self, by: int, given: Callable[[], object]) -> Callable[[], object]:
        """As the drag of growing: left for less, right for more."""
        return lambda: self.room.commands.widen(by) if isinstance(self.room.hand.tool, DrawingTool) else given()

    def _remove_mark(self) -> bool:
        return self.room.hand.remove_mark(self.room.touch)

    def _setting(self, action: Callable[[], object]) -> Callable[[], object]:
        def act() -> None:
            self._begin()
            action()

        return act

    def _arm(self, tool: str) -> None:
        self._begin()
        if not self.canvas.seen:
            self.room.hand.arm(tool)
        elif tool == "grow":
            self.session.told.emit(IN_VIEWS, True)
        elif tool in KINDS:
            self.session.told.emit(MARKS_IN_VIEWS, True)
        else:
            self.canvas.arm("polygon")

    def _ask(self) -> None:
        menu = entries_menu(self.room.grid, self.room.region_entries(), self.key)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(QCursor.pos())


def _first(begun: Callable[[], bool], else_do: Callable[[], object]) -> Callable[[], object]:
    return lambda: begun() or else_do()
