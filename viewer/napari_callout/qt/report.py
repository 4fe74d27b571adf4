"""The report: captions and body, with each mention as a chip in its concept's colour."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qtpy.QtCore import QEvent, QPoint, QRect, QUrl, Signal
from qtpy.QtGui import QContextMenuEvent, QHelpEvent, QTextCursor
from qtpy.QtWidgets import QTextBrowser, QToolTip, QWidget

from napari_callout.qt.look import PANEL, QUIET, TEXT, legible_on, mixed
from napari_callout.qt.panel import Panel, quiet
from napari_callout.session.rows import STATE_SIGNS, Chip, TextBlock

NO_REPORT = "This case has no report."
NO_CASE = "The report of a case stands here; each finding it names is one click away from its place."


class ReportView(Panel):
    """Says `chosen` (mention id) on a click, and `asked` (mention id, place on the screen) on a right click."""

    chosen = Signal(str)
    asked = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = quiet("", self)
        self.text = _Browser(self)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.text)
        self._chips: list[Chip] = []
        self._html = ""
        self.text.anchorClicked.connect(self._clicked)
        self.text.asked.connect(lambda href, place: self.asked.emit(self._chips[int(href)].mention_id, place))

    def show_blocks(self, blocks: Sequence[TextBlock], progress: str, case: bool = True) -> None:
        """Show the report's texts; where it was scrolled to stays."""
        self._chips = [chip for block in blocks for chip in block.chips]
        self.progress.setText(progress)
        self.progress.setVisible(bool(progress))
        number, parts = 0, []
        for block in blocks:
            parts.append(_block_html(block, number))
            number += len(block.chips)
        html = "".join(parts) or f'<p style="color:{QUIET}">{NO_REPORT if case else NO_CASE}</p>'
        if html != self._html:
            self._html = html
            bar = self.text.verticalScrollBar()
            at = bar.value()
            self.text.setHtml(html)
            self.text.notes = [chip.note for chip in self._chips]
            bar.setValue(at)

    def show_mention(self, mention_id: str) -> None:
        """Scroll so that a mention can be seen."""
        place = self.place_of(mention_id)
        if place is not None and not self.text.viewport().rect().adjusted(0, 20, 0, -20).contains(place):
            bar = self.text.verticalScrollBar()
            bar.setValue(bar.value() + place.y() - self.text.viewport().height() // 3)

    def place_of(self, mention_id: str) -> QPoint | None:
        """Where a mention stands in the text's viewport."""
        number = next((n for n, chip in enumerate(self._chips) if chip.mention_id == mention_id), None)
        if number is None:
            return None
        block = self.text.document().begin()
        while block.isValid():
            for span in block.textFormats():
                if span.format.anchorHref() == str(number):
                    cursor = QTextCursor(block)
                    cursor.setPosition(block.position() + span.start + min(3, span.length - 1))
                    rect: QRect = self.text.cursorRect(cursor)
                    return rect.center() + QPoint(2, 0)
            block = block.next()
        return None

    def _clicked(self, url: QUrl) -> None:
        self.chosen.emit(self._chips[int(url.toString())].mention_id)


class _Browser(QTextBrowser):
    """Text whose links go nowhere by themselves, with a note over each."""

    asked = Signal(str, QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("reportText")
        self.setOpenLinks(False)
        self.notes: list[str] = []

    def event(self, event: QEvent) -> bool:
        """Show what a mention is and where it stands."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            href = self.anchorAt(self.viewport().mapFromGlobal(event.globalPos()))
            if href:
                QToolTip.showText(event.globalPos(), self.notes[int(href)], self)
            else:
                QToolTip.hideText()
            return True
        return bool(super().event(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's own name
        """A mention has a menu of its own; other words have none."""
        href = self.anchorAt(event.pos())
        if href:
            self.asked.emit(href, event.globalPos())


def _block_html(block: TextBlock, number: int) -> str:
    parts, at = [], 0
    for n, chip in enumerate(block.chips):
        if chip.start >= at:  # of two that overlap the first is shown
            parts.append(escape(block.text[at : chip.start]))
            parts.append(_chip_html(chip, block.text[chip.start : chip.end], number + n))
            at = chip.end
    parts.append(escape(block.text[at:]))
    note = f'&nbsp;&nbsp;<span style="color:{QUIET}; font-weight:400">{escape(block.note)}</span>' if block.note else ""
    return (
        f'<p style="margin:10px 0 2px 0; font-weight:600; color:{TEXT}">{escape(block.heading)}{note}</p>'
        f'<p style="margin:0 0 6px 0; line-height:150%; color:{TEXT}">{"".join(parts)}</p>'
    )


def _chip_html(chip: Chip, words: str, number: int) -> str:
    if chip.chosen:
        back, ink = chip.colour, legible_on(chip.colour)
    elif chip.state == "not drawn":
        back, ink = PANEL, QUIET
    else:
        back, ink = mixed(chip.colour, PANEL, 0.16 if chip.state == "todo" else 0.42), mixed(chip.colour, TEXT, 0.35)
    line = "underline" if chip.state == "not drawn" else "none"
    weight = 600 if chip.chosen else 400
    style = f"background-color:{back}; color:{ink}; text-decoration:{line}; font-weight:{weight}"
    sign = "" if chip.state == "not drawn" else f"{STATE_SIGNS[chip.state]}\u00a0"
    return f'<a href="{number}" style="{style}">{sign}{escape(words)}</a>'
