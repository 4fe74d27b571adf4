"""Findings with what they are linked to, what is still to do, and what is not to be drawn and why."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QPoint, Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_callout.qt.panel import Panel, Rows, heading, quiet
from napari_callout.qt.rows import Row
from napari_callout.session.rows import STATE_SIGNS, FindingRow, MentionRow


class FindingsView(Panel):
    """Says which finding or mention was clicked, and for which a menu is wanted."""

    finding_chosen = Signal(str)
    mention_chosen = Signal(str)
    finding_asked = Signal(str, QPoint)
    mention_asked = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scroll = Rows(self)
        self.column.addWidget(self._scroll)
        self._shown: object = None
        self._chosen: str | None = None
        self.rows: dict[str, Row] = {}

    def show_rows(
        self,
        findings: Sequence[FindingRow],
        todo: Sequence[MentionRow],
        left_out: Sequence[MentionRow],
        no_case: str | None = None,
        nothing_drawn: str = "",
    ) -> None:
        """Show all lists, or why there are none; nothing happens where they are shown already."""
        wanted = (tuple(findings), tuple(todo), tuple(left_out), no_case, nothing_drawn)
        if wanted == self._shown:
            return
        self._shown, self.rows = wanted, {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(2)
        self._fill(inner, column, findings, todo, left_out, no_case, nothing_drawn)
        column.addStretch(1)
        chosen = next((row.finding_id for row in findings if row.chosen), None)
        chosen = chosen or next((row.mention_id for row in (*todo, *left_out) if row.chosen), None)
        self._scroll.show_content(inner, self.rows[chosen] if chosen and chosen != self._chosen else None)
        self._chosen = chosen

    def _fill(
        self,
        inner: QWidget,
        column: QVBoxLayout,
        findings: Sequence[FindingRow],
        todo: Sequence[MentionRow],
        left_out: Sequence[MentionRow],
        no_case: str | None,
        nothing_drawn: str,
    ) -> None:
        if no_case is not None:
            column.addWidget(quiet(no_case, inner))
            return
        column.addWidget(heading("Drawn", inner))
        if not findings:
            column.addWidget(quiet(nothing_drawn, inner))
        for finding in findings:
            column.addWidget(self._finding(inner, finding))
        if todo:
            column.addWidget(heading("To do", inner))
        for mention in todo:
            column.addWidget(self._mention(inner, mention, (mention.place,)))
        if left_out:
            column.addWidget(heading("Not drawn", inner))
        for mention in left_out:
            column.addWidget(self._mention(inner, mention, (f"{mention.place} · {mention.reason}",)))

    def _finding(self, inner: QWidget, finding: FindingRow) -> Row:
        row = Row(inner, STATE_SIGNS[finding.state], finding.colour, finding.label, finding.lines)
        row.set_chosen(finding.chosen)
        if not finding.own:
            row.set_foreign("Another reader's finding: to look at")
        else:
            row.add_menu(f"State of {finding.label}")
            row.asked.connect(lambda place: self.finding_asked.emit(finding.finding_id, place))
        row.clicked.connect(lambda: self.finding_chosen.emit(finding.finding_id))
        self.rows[finding.finding_id] = row
        return row

    def _mention(self, inner: QWidget, mention: MentionRow, lines: tuple[str, ...]) -> Row:
        row = Row(inner, STATE_SIGNS[mention.state], mention.colour, mention.text, lines)
        row.set_chosen(mention.chosen)
        row.asked.connect(lambda place: self.mention_asked.emit(mention.mention_id, place))
        row.clicked.connect(lambda: self.mention_chosen.emit(mention.mention_id))
        self.rows[mention.mention_id] = row
        return row
