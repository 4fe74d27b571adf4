"""Findings with what they are linked to, what is still to do, and what is not to be drawn and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from qtpy.QtCore import QPoint, Signal
from qtpy.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from napari_callout.qt.dragging import FINDING, MENTION
from napari_callout.qt.naming import NamingView
from napari_callout.qt.panel import Panel, Rows, heading, quiet
from napari_callout.qt.rows import Row
from napari_callout.session.naming import Naming
from napari_callout.session.rows import STATE_SIGNS, FindingRow, MentionRow

FOREIGN = "Another reader's finding: to look at"


class FindingsView(Panel):
    """Says which finding or mention was clicked, hovered, dropped on, and for which a menu is wanted.

    hovered: "finding" or "mention" and its id; two empty texts where the cursor is on none. linked, aimed: finding,
    mention, and whether with Shift. named: the finding's id, or "" for a new one, and its `Naming`.
    """

    finding_chosen = Signal(str)
    mention_chosen = Signal(str)
    finding_asked = Signal(str, QPoint)
    mention_asked = Signal(str, QPoint)
    hovered = Signal(str, str)
    linked = Signal(str, str, bool)
    aimed = Signal(str, str, bool)
    accepted = Signal(str, str)
    named = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = QHBoxLayout()
        self.title = heading("", self)
        self.new = QToolButton(self)
        self.new.setText("+ new")
        self.new.setToolTip("A finding that no words speak of yet (+)")
        self.new.clicked.connect(lambda _=False: self.ask_name())
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.new)
        self.column.addLayout(head)
        self.naming: NamingView | None = None
        self._scroll = Rows(self)
        self.column.addWidget(self._scroll, 1)
        self._inner = QWidget()
        self._rows = QVBoxLayout(self._inner)
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(2)
        self._nothing = quiet("", self._inner)
        self._todo, self._left_out = heading("To do", self._inner), heading("Not drawn", self._inner)
        self._rows.addStretch(1)
        self._scroll.setWidget(self._inner)
        self._shown: object = None
        self._chosen: str | None = None
        self.rows: dict[str, Row] = {}

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_rows(
        self,
        findings: Sequence[FindingRow],
        todo: Sequence[MentionRow],
        left_out: Sequence[MentionRow],
        no_case: str | None = None,
        nothing_drawn: str = "",
        editable: bool = True,
    ) -> None:
        """Show all lists, or why there are none; nothing happens where they are shown already.

        Rows that were there stay, with their focus, and only say other things: making them takes time.
        """
        wanted = (tuple(findings), tuple(todo), tuple(left_out), no_case, nothing_drawn, editable)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.new.setVisible(no_case is None and editable)
        self._nothing.setText(no_case if no_case is not None else nothing_drawn)
        self.title.setText(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}" if findings else "")
        wanted_rows = {row.finding_id: partial(self._finding, row) for row in findings} | {
            row.mention_id: partial(self._mention, row) for row in (*todo, *left_out)
        }
        for thing in [thing for thing in self.rows if thing not in wanted_rows]:
            self._take_out(self.rows.pop(thing))
        self.rows = {thing: self.rows.get(thing) or make() for thing, make in wanted_rows.items()}
        self._arrange(findings, todo, left_out)
        for finding in findings:
            self._show_finding(self.rows[finding.finding_id], finding)
        for mention in (*todo, *left_out):
            self._show_mention(self.rows[mention.mention_id], mention)
        chosen = next((row.finding_id for row in findings if row.chosen), None)
        chosen = chosen or next((row.mention_id for row in (*todo, *left_out) if row.chosen), None)
        if chosen and chosen != self._chosen:
            self._scroll.reveal(self.rows[chosen])
        self._chosen = chosen

    def light(self, finding_ids: Iterable[str], mention_ids: Iterable[str] = ()) -> None:
        """Light up rows."""
        lit = {*finding_ids, *mention_ids}
        for thing_id, row in self.rows.items():
            row.set_lit(thing_id in lit)

    def _arrange(
        self, findings: Sequence[FindingRow], todo: Sequence[MentionRow], left_out: Sequence[MentionRow]
    ) -> None:
        """Put all rows into their order; those that stand in it already are not touched."""
        wanted: list[QWidget] = [] if findings or not self._nothing.text() else [self._nothing]
        wanted += [self.rows[row.finding_id] for row in findings]
        wanted += [self._todo, *(self.rows[row.mention_id] for row in todo)] if todo else []
        wanted += [self._left_out, *(self.rows[row.mention_id] for row in left_out)] if left_out else []
        for words in (self._nothing, self._todo, self._left_out):
            words.setVisible(words in wanted)
            if words not in wanted:
                self._rows.removeWidget(words)
        for place, widget in enumerate(wanted):
            item = self._rows.itemAt(place)
            if item is None or item.widget() is not widget:
                self._rows.removeWidget(widget)
                self._rows.insertWidget(place, widget)

    def _take_out(self, row: Row) -> None:
        self._scroll.forget(row)
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()  # once the click that led here is over

    def _finding(self, finding: FindingRow) -> Row:
        row, thing = Row(self._inner, "", finding.colour, finding.label, ()), finding.finding_id
        row.set_ends((FINDING, thing), MENTION)
        if finding.own:
            row.asked.connect(lambda place: self.finding_asked.emit(thing, place))
        else:
            row.set_foreign(FOREIGN)
        row.clicked.connect(lambda: self.finding_chosen.emit(thing))
        row.hovered.connect(lambda on: self.hovered.emit(FINDING if on else "", thing if on else ""))
        row.dropped.connect(lambda mention, alone: self.linked.emit(thing, mention, alone))
        row.aimed.connect(lambda mention, alone: self.aimed.emit(thing, mention, alone))
        row.accepted.connect(lambda: self.accepted.emit(FINDING, thing))
        return row

    def _mention(self, mention: MentionRow) -> Row:
        row, thing = Row(self._inner, "", mention.colour, mention.text, ()), mention.mention_id
        row.set_ends((MENTION, thing), FINDING)
        row.asked.connect(lambda place: self.mention_asked.emit(thing, place))
        row.clicked.connect(lambda: self.mention_chosen.emit(thing))
        row.hovered.connect(lambda on: self.hovered.emit(MENTION if on else "", thing if on else ""))
        row.dropped.connect(lambda finding, alone: self.linked.emit(finding, thing, alone))
        row.aimed.connect(lambda finding, alone: self.aimed.emit(finding, thing, alone))
        row.accepted.connect(lambda: self.accepted.emit(MENTION, thing))
        return row

    def _show_finding(self, row: Row, finding: FindingRow) -> None:
        row.show_facts(STATE_SIGNS[finding.state], finding.colour, finding.label, finding.lines)
        row.show_offer(finding.offer.mention if finding.offer else "", finding.offer.reasons if finding.offer else "")
        row.set_chosen(finding.chosen)
        if finding.own:
            row.add_menu(f"State and links of {finding.label}")

    def _show_mention(self, row: Row, mention: MentionRow) -> None:
        line = f"{mention.place} · {mention.reason}" if mention.state == "not drawn" else mention.place
        row.show_facts(STATE_SIGNS[mention.state], mention.colour, mention.text, (line,))
        row.show_offer(mention.offer.finding if mention.offer else "", mention.offer.reasons if mention.offer else "")
        row.set_chosen(mention.chosen)

    # Naming ----------------------------------------------------------------------------------------------------------

    def ask_name(self, finding_id: str = "", now: Naming | None = None) -> None:
        """Ask, in the panel, what a finding is; a new one where none is named."""
        self.end_naming()
        title = f"What is {now.name or now.concept}?" if now else "New finding"
        self.naming = NamingView(self, title, now)
        self.naming.named.connect(lambda naming: self.named.emit(finding_id, naming))
        self.naming.left.connect(self.end_naming)
        self.column.insertWidget(1, self.naming)
        self.naming.begin()

    def end_naming(self) -> None:
        """The question goes."""
        if self.naming is not None:
            self.naming.hide()
            self.naming.deleteLater()
            self.naming = None
