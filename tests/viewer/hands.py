"""Mouse, wheel and keys on the views of a shown window, at (row, column) of the native slice that a view shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import made_study
import numpy as np
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtWidgets import QApplication

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
PLAIN, CONTROL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Place = tuple[int, int]


def opened(host: Any, qtbot: Any, folder: Path) -> Any:
    """The small case, drawn."""
    host.session.take_case(made_study.case(folder))
    wait_drawn(host, qtbot)
    return host.session.case


def wait_drawn(host: Any, qtbot: Any) -> None:
    """Until all that the views show is here, and painted."""
    qtbot.waitUntil(lambda: host.complete, timeout=10_000)
    host.arrange()
    QApplication.processEvents()


def pane(host: Any, view: int | None = None) -> Any:
    """A view, or the active one."""
    return host.room.grid.panes[host.session.views.active if view is None else view]


def scene(host: Any, view: int | None = None) -> Any:
    """What a view draws now."""
    one = pane(host, view)
    return host.room._scene(host.room.grid.panes.index(one), one.extent)


def at(host: Any, row: int, column: int, view: int | None = None) -> QPoint:
    """Where the native (row, column) of the shown slice lies in its view."""
    views, one = host.session.views, pane(host, view)
    plane = views.plane(views.active if view is None else view)
    point = plane.grid.points(np.array([plane.k, row, column], float))
    x, y = scene(host, view).placement.screen(*plane.places(point)[0, :2])
    assert one.rect().contains(QPoint(round(x), round(y)))
    return QPoint(round(x), round(y))


def drag(host: Any, qtbot: Any, start: Place, end: Place, button: Any = LEFT, keys: Any = PLAIN) -> None:
    """Press, move in steps, release; on the active view."""
    view, first, last = pane(host), at(host, *start), at(host, *end)
    qtbot.mousePress(view, button, keys, first)
    for part in (0.25, 0.5, 0.75, 1.0):
        move(view, first + (last - first) * part, button, keys)
    qtbot.mouseRelease(view, button, keys, last)
    QApplication.processEvents()


def move(view: Any, place: QPoint, button: Any = Qt.MouseButton.NoButton, keys: Any = PLAIN) -> None:
    """A move with a button held, which QTest's mouseMove has not."""
    where, everywhere = QPointF(place), QPointF(view.mapToGlobal(place))
    event = QMouseEvent(QEvent.Type.MouseMove, where, everywhere, Qt.MouseButton.NoButton, button, keys)
    QApplication.sendEvent(view, event)


def wheel(view: Any, notches: int, keys: Any = PLAIN, place: QPoint | None = None) -> None:
    """Turn the wheel over a view, in its middle unless said."""
    where = view.rect().center() if place is None else place
    event = QWheelEvent(
        QPointF(where),
        QPointF(view.mapToGlobal(where)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def key(host: Any, qtbot: Any, code: Any, keys: Any = PLAIN) -> None:
    """A key, while a view has the focus."""
    qtbot.keyClick(pane(host), code, keys)


def grey(view: Any, place: QPoint) -> int:
    """How bright a view is at a place, from its own pixels."""
    seen = view.grab().toImage()
    ratio = seen.devicePixelRatio()
    return int(seen.pixelColor(round(place.x() * ratio), round(place.y() * ratio)).lightness())
