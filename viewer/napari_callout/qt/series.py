"""The series of the study, as a list."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_callout.qt.look import LINE, QUIET, TEXT
from napari_callout.qt.panel import Panel, Rows, hint, quiet
from napari_callout.qt.rows import Row
from napari_callout.session.rows import SeriesRow

WARNING_LENGTH = 60  # characters; all of it is in the tooltip


class SeriesView(Panel):
    """Says `chosen` (series id) on a click."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scroll = Rows(self)
        self.column.addWidget(self._scroll)
        self._shown: object = None
        self.rows: dict[str, Row] = {}

    def show_rows(self, series: Sequence[SeriesRow]) -> None:
        """Show the list; nothing happens where it is shown already."""
        if tuple(series) == self._shown:
            return
        self._shown, self.rows = tuple(series), {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(2)
        if not series:
            column.addWidget(quiet("No series. Open a study or a case, or drop a folder on the picture.", inner))
        for one in series:
            column.addWidget(self._row(inner, one))
        column.addStretch(1)
        self._scroll.show_content(inner, next((self.rows[one.series_id] for one in series if one.shown), None))

    def _row(self, inner: QWidget, one: SeriesRow) -> Row:
        drawn = f"{one.regions} region{'s' if one.regions > 1 else ''} drawn" if one.regions else ""
        warned = f"⚠ {shorten(one.warnings[0], WARNING_LENGTH, placeholder=' …')}" if one.warnings else ""
        lines = tuple(line for line in (one.facts, drawn, warned) if line)
        row = Row(inner, "▣", TEXT if one.shown else (QUIET if one.regions else LINE), one.title, lines)
        row.setToolTip(hint("\n".join(one.warnings)))
        row.set_chosen(one.shown)
        row.clicked.connect(lambda: self.chosen.emit(one.series_id))
        self.rows[one.series_id] = row
        return row
