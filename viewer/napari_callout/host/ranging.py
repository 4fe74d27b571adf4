"""The range of values that tools keep to: typed in the line below, and seen on the pictures while it changes."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer

from napari_callout.host.room import Room
from napari_callout.panes.tools import DrawingTool
from napari_callout.qt.hands import HandsLine
from napari_callout.qt.range_fields import RangeFields, RangeRow
from napari_callout.session import Session
from napari_callout.session.kit import Range

SEEN_MS = 1500  # after a change of the range by a key or a click
RANGED = ("paint", "erase", "outline", "grow")
NO_TOOL = "take a tool first: brush, eraser, outline or grow"


class Ranging(QObject):
    """Wires the two fields to the kit and to what the tool in hand grows."""

    def __init__(self, session: Session, room: Room, hands: HandsLine, canvas: Callable[[], bool]) -> None:
        """`canvas`: whether napari's own page is seen, where no range serves."""
        super().__init__(room)
        self.session, self.room, self._canvas = session, room, canvas
        self.fields = RangeFields(hands)
        hands.add(self.fields)
        self._before: tuple[bool, Range | None, Range | None] | None = None  # as it was when the keys came here
        self._known: tuple[str | None, Range | None] = (None, None)
        self._seen = QTimer(self)
        self._seen.setSingleShot(True)
        self._seen.setInterval(SEEN_MS)
        self._seen.timeout.connect(self._show_on_pictures)
        self.fields.typed.connect(lambda low, high: room.commands.take_range((low, high)))
        self.fields.focused.connect(self._on_focused)
        self.fields.refused.connect(lambda why: session.told.emit(why, True))
        self.fields.done.connect(self._give_keys_back)
        self.fields.left.connect(self._leave)
        room.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the range as it is now; while it changes, what lies in it."""
        session, series = self.session, self.session.shown_series
        grows = session.armed == "grow"
        serves = session.armed in RANGED and not self._canvas() and (session.kit.limited or grows)
        self.fields.setVisible(serves and series is not None)
        if not serves or series is None:
            self._known = None, None
            self._seen.stop()
            self._show_on_pictures()
            return
        limits = self.limits
        before, self._known = self._known, (series.id, limits)
        step = self.room.commands.range_step(series)
        low, high = limits or (None, None)
        self.fields.show_row(RangeRow(low, high, "HU" if series.modality == "CT" else "", step))
        changed = limits is not None and before[0] == series.id and before[1] != limits
        if changed and self._before is None and self.room.hand.range is None:
            self._seen.start()
        self._show_on_pictures()

    @property
    def limits(self) -> Range | None:
        """The range that is meant: of what grows, else the one that drawing keeps to."""
        return self.room.hand.range or self.session.kit.range_of(self.session.series_id)

    def ask(self) -> None:
        """The keys go to the fields; drawing keeps to a range from then on."""
        if self.session.armed not in RANGED or self._canvas():
            self.session.told.emit(NO_TOOL, False)
            return
        before = self.session.kit.limited
        if not before and self.room.hand.range is None:
            self.room.commands.limit()
        self.fields.take_keys()
        if self._before is not None:
            self._before = (before, *self._before[1:])

    def _on_focused(self, here: bool) -> None:
        kit = self.session.kit
        if here and self._before is None:
            self._before = kit.limited, kit.ranges.get(self.session.series_id or ""), self.room.hand.range
        elif not here:
            self._before = None
        self._show_on_pictures()

    def _show_on_pictures(self) -> None:
        typing = self.fields.isVisible() and self._before is not None
        self.room.show_range(self.limits if typing or self._seen.isActive() else None)

    def _give_keys_back(self) -> None:
        self.room.view.setFocus()

    def _leave(self) -> None:
        """Esc: as it was before."""
        if self._before is not None:
            limited, limits, own = self._before
            tool = self.room.hand.tool
            if not (own is not None and isinstance(tool, DrawingTool) and tool.take_range(own)):
                self.room.commands.restore_range(limited, limits)
        self._give_keys_back()
