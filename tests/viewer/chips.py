"""Mouse on the report of a shown window: at the chip of a mention, and drags from and to it."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QWidget

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
STEP_MS = 30


def chip(host: Any, mention_id: str) -> tuple[Any, QPoint]:
    """The text in which a mention stands, scrolled to it, and where in it."""
    host.report.show_mention(mention_id)
    for _ in range(3):
        QApplication.processEvents()
    passage = host.report.passage_of(mention_id)
    return passage, passage.rect_of(mention_id).center().toPoint()


def click_chip(host: Any, qtbot: Any, mention_id: str) -> None:
    """Choose a mention in the report."""
    passage, place = chip(host, mention_id)
    qtbot.mouseClick(passage, LEFT, pos=place)


def drag_to(source: QWidget, start: QPoint, target: QWidget, end: QPoint) -> None:
    """A drag by the mouse of a shown window, which the platform itself carries over: press, move, let go."""
    window = source.window().windowHandle()

    def at(widget: QWidget, place: QPoint) -> QPoint:
        return window.mapFromGlobal(widget.mapToGlobal(place))

    first, last = at(source, start), at(target, end)
    steps = [first + (last - first) * part / 4 for part in range(1, 5)] + [last + QPoint(1, 0), last]
    QTest.mouseMove(window, first)
    QTest.mousePress(window, LEFT, PLAIN, first)
    moves = [lambda step=step: QTest.mouseMove(window, step) for step in steps]
    for number, act in enumerate([*moves, lambda: QTest.mouseRelease(window, LEFT, PLAIN, last)]):
        QTimer.singleShot(STEP_MS * (number + 2), act)
    QTest.mouseMove(window, first + QPoint(0, 2))
    QTest.qWait(STEP_MS * (len(moves) + 6))
