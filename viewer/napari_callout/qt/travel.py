"""Tab goes through the window in the order in which one reads: from place to place, and in each line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from qtpy.QtCore import QObject, QPoint, Qt
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import QApplication, QMainWindow, QScrollArea, QWidget

KEYS = (("Tab", 1), ("Backtab", -1), ("Shift+Backtab", -1))
ROW = 4  # a place so many times as wide as high is one line: read from left to right


class Travel(QObject):
    """Takes Tab from Qt, whose order is that in which widgets were made; a text that keeps Tab for itself has it."""

    def __init__(self, window: QMainWindow, places: Callable[[], Sequence[QWidget]]) -> None:
        """`places`: those of the window, in their order; what is in none of them comes last."""
        super().__init__(window)
        self._places = places
        for key, step in KEYS:
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda step=step: self.go(step))

    def go(self, step: int) -> None:
        """Put the focus on what comes next, or before."""
        stops = self.stops()
        here: QWidget | None = QApplication.focusWidget()
        while here is not None and here not in stops:
            here = here.parentWidget()
        if not stops:
            return
        at = (stops.index(here) + step) % len(stops) if here is not None else 0 if step > 0 else -1
        tab, back = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason
        stops[at].setFocus(tab if step > 0 else back)
        _reveal(stops[at])

    def stops(self) -> list[QWidget]:
        """All that Tab comes to, in order."""
        places = self._places()
        stops = [stop for place in places for stop in _in(place)]
        window = cast(QMainWindow, self.parent())  # it is not held: napari lets go of it when it closes
        return stops + [stop for stop in _in(window) if not any(_is_in(stop, place) for place in places)]


def _in(place: QWidget) -> list[QWidget]:
    if not place.isVisible():
        return []
    found = [widget for widget in (place, *place.findChildren(QWidget)) if _takes_tab(widget, place.window())]
    frames = {frame for frame in found if isinstance(frame, QScrollArea)}
    holding = {frame for frame in frames for widget in found if widget is not frame and _is_in(widget, frame)}
    line = place.width() > ROW * place.height()

    def order(widget: QWidget) -> tuple[int, int]:
        corner = widget.mapTo(place.window(), QPoint(0, 0))
        return (0, corner.x()) if line else (corner.y(), corner.x())

    return sorted((widget for widget in found if widget not in holding), key=order)


def _takes_tab(widget: QWidget, window: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    return takes and widget.isVisible() and widget.isEnabled() and widget.window() is window


def _is_in(widget: QWidget, place: QWidget) -> bool:
    return widget is place or place.isAncestorOf(widget)


def _reveal(widget: QWidget) -> None:
    frame = widget.parentWidget()
    while frame is not None:
        if isinstance(frame, QScrollArea):
            frame.ensureWidgetVisible(widget, 0, 20)
        frame = frame.parentWidget()
