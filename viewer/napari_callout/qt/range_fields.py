"""The two ends of a range of values, typed: in the line below, while a tool keeps to a range."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from qtpy.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from napari_callout.qt.look import Palette, px, wear
from napari_callout.qt.panel import ENTER, hint, plain

WIDTH = 62  # px
FAST = 10  # steps at once, with Shift
STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
TIP = "{} end of the range: type it; the arrows up and down move it, with Shift by ten steps; Enter goes back"
TURNED = "the lower end of a range is below its upper end"


@dataclass(frozen=True)
class RangeRow:
    """What is shown: both ends, where there is a range; in which unit; by how much an arrow moves an end."""

    low: float | None = None
    high: float | None = None
    unit: str = ""
    step: float = 1.0


def fields_sheet(ink: Palette) -> str:
    """Of the two fields."""
    return f"""
QLineEdit {{ background: {ink.raised}; color: {ink.text}; border: 1px solid {ink.line}; border-radius: 3px;
    padding: 0 3px; selection-background-color: {ink.quiet}; }}
QLineEdit:focus {{ border-color: {ink.focus}; }}
"""


class RangeFields(QWidget):
    """Says `typed` (low, high) as soon as both are there, `focused` (whether the keys are here), `refused` (why).

    `done`: Enter, the keys go back to the picture. `left`: Esc, the range is to be as it was before.
    """

    typed = Signal(float, float)
    focused = Signal(bool)
    refused = Signal(str)
    done = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = RangeRow()
        self.low, self.high = NumberField(self, "Lower"), NumberField(self, "Upper")
        self.unit = plain("", self)
        wear(self, fields_sheet)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (plain("range", self), self.low, plain("…", self), self.high, self.unit):
            row.addWidget(widget)
        for field in (self.low, self.high):
            field.textEdited.connect(lambda _: self._say())
            field.stepped.connect(lambda steps, field=field: self._step(field, steps))
            field.entered.connect(lambda field=field: self._enter(field))
            field.left.connect(self._leave)
            field.turned.connect(self._turn)

    def show_row(self, row: RangeRow) -> None:
        """Show a range; what is being typed stays as long as it means the same."""
        self.shown = row
        self.unit.setText(row.unit)
        for field, value in ((self.low, row.low), (self.high, row.high)):
            if not field.hasFocus() or (value is not None and field.value != value and self._said()):
                field.show_value(value)

    def take_keys(self) -> None:
        """The keys go to the lower end, which is selected."""
        self.low.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.low.selectAll()

    def _said(self) -> bool:
        """Whether what stands there is a range."""
        low, high = self.low.value, self.high.value
        return low is not None and high is not None and low <= high

    def _say(self) -> None:
        if self._said():
            assert self.low.value is not None
            assert self.high.value is not None
            self.typed.emit(self.low.value, self.high.value)

    def _step(self, field: NumberField, steps: int) -> None:
        """An end never passes the other one."""
        if field.value is None:
            return
        value = field.value + steps * self.shown.step
        if field is self.low and self.high.value is not None:
            value = min(value, self.high.value)
        elif field is self.high and self.low.value is not None:
            value = max(value, self.low.value)
        field.show_value(value)
        self._say()

    def _enter(self, field: NumberField) -> None:
        other = self.high if field is self.low else self.low
        if field.value is not None and other.value is None:
            other.setFocus(Qt.FocusReason.TabFocusReason)
        elif self._said() or (self.low.value is None and self.high.value is None):
            self.done.emit()
        else:
            self.refused.emit(TURNED)

    def _leave(self) -> None:
        """What is being typed is not kept, be it a range or none."""
        for field, value in ((self.low, self.shown.low), (self.high, self.shown.high)):
            field.show_value(value)
        self.left.emit()

    def _turn(self, here: bool) -> None:
        """The keys have come, or gone: then what is no range is not kept."""
        if not here and not (self.low.hasFocus() or self.high.hasFocus()):
            if self.shown.low is not None and not self._said():
                self.refused.emit(TURNED)
            if self.shown.low is not None:
                self.show_row(self.shown)
        self.focused.emit(self.low.hasFocus() or self.high.hasFocus())


class NumberField(QLineEdit):
    """One end. Says `stepped` (how many steps), `entered`, `left`, and `turned` (whether the keys are here)."""

    stepped = Signal(int)
    entered = Signal()
    left = Signal()
    turned = Signal(bool)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{name} end of the range")
        self.setToolTip(hint(TIP.format(name)))
        self.setPlaceholderText({"Lower": "from", "Upper": "to"}[name])
        self.setMaxLength(16)
        self.setFixedWidth(px(WIDTH))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    @property
    def value(self) -> float | None:
        """What is typed; None where it is no number."""
        try:
            value = float(self.text().strip().replace("−", "-").replace(",", "."))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def show_value(self, value: float | None) -> None:
        """Show a number, or none."""
        text = "" if value is None else f"{value:.6g}".replace("-", "−")
        if text != self.text():
            self.setText(text)

    def event(self, event: QEvent) -> bool:
        """Enter, Esc and the arrows are ours, before the window's."""
        ours = (*ENTER, Qt.Key.Key_Escape, *STEPS, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ours:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """Up and down move the end."""
        key = Qt.Key(event.key())
        if key in STEPS:
            self.stepped.emit(STEPS[key] * (FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        elif key in ENTER:
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's own name
        """So does the wheel, where the keys are here."""
        if self.hasFocus() and event.angleDelta().y():
            self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.setFixedWidth(px(WIDTH))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's own name
        """The keys are here."""
        super().focusInEvent(event)
        self.turned.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's own name
        """And gone."""
        super().focusOutEvent(event)
        self.turned.emit(False)
