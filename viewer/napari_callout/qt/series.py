"""The study browser: every series with a small picture of it, to click or to drag into a view."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from textwrap import shorten

from qtpy.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal
from qtpy.QtGui import QDrag, QImage, QMouseEvent, QPixmap
from qtpy.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_callout.qt.look import DARK, Palette, panel_sheet, wear
from napari_callout.qt.pane import SERIES_MIME
from napari_callout.qt.panel import Panel, Rows, hint, plain, quiet
from napari_callout.qt.rows import Row
from napari_callout.session.rows import SeriesRow
from napari_callout.session.thumbnails import Thumbnail

SIDE = 72  # pixels of a thumbnail
TAG = 11  # of the letters on it, which are no larger than it
LEAST_WIDTH = 40  # pixels of a text: a long word is cut rather than the whole list
WARNING_LENGTH = 60  # characters; all of it is in the tooltip
MOST_SHOWN = 100  # rows, until more are asked for
FOLDED_FROM = 4  # stacks of one DICOM series (phases, echoes, blocks) that are folded
HOW = "Click to show it, or drag it into a view"


def cards_sheet(ink: Palette) -> str:
    """Of thumbnails, which are black as the views are."""
    return f"""
QWidget#calloutPanel QLabel#thumbnail {{ background: #000000; border: 1px solid {ink.line}; color: {DARK.quiet}; }}
QWidget#calloutPanel QLabel#tag {{ background: {ink.panel}; color: {ink.quiet}; font-size: {TAG}px; }}
"""


class Card(Row):
    """One series. Says `clicked` when the button is let go, so that a drag changes nothing where it began."""

    def __init__(self, parent: QWidget, one: SeriesRow) -> None:
        super().__init__(parent, "", DARK.quiet, "", ())
        self._pressed_at: QPoint | None = None
        self.picture = QLabel(self)
        self.picture.setFixedSize(SIDE, SIDE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setObjectName("thumbnail")
        self._facts = quiet("", self)
        words = QVBoxLayout()
        words.setSpacing(1)
        for label in (self.title, self._facts):
            label.setMinimumWidth(LEAST_WIDTH)
            words.addWidget(label)
        words.addStretch(1)
        self._grid.addWidget(self.picture, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(words, 0, 1)
        if one.localizer:
            self._add_tag()
        self.one: SeriesRow | None = None
        self.show_row(one)

    def show_row(self, one: SeriesRow) -> None:
        """Show these facts; nothing happens where they are shown already."""
        if one == self.one:
            return
        first, self.one = self.one is None, one
        drawn = f"{one.regions} region{'s' if one.regions > 1 else ''} drawn" if one.regions else ""
        warned = f"⚠ {shorten(one.warnings[0], WARNING_LENGTH, placeholder=' …')}" if one.warnings else ""
        self.title.setText(one.title)
        self._facts.setText("\n".join(line for line in (_unbroken(one.facts), drawn, warned) if line))
        self.setToolTip(hint("\n".join((*one.warnings, *one.notes, *([HOW] if one.series_id else [])))))
        self.setAccessibleName(", ".join(part for part in (one.title, one.facts, drawn, *one.warnings) if part))
        if self.property("chosen") != one.shown:
            self.set_chosen(one.shown)
            for widget in () if first else (self, *self.findChildren(QWidget)):  # at first Qt does it itself
                widget.style().unpolish(widget)
                widget.style().polish(widget)
        if not one.series_id:
            self.picture.setText("not\nopened")
            self.setCursor(Qt.CursorShape.ArrowCursor)

    def _add_tag(self) -> None:
        tag = plain("localizer", self.picture)
        tag.setObjectName("tag")
        tag.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tag.setGeometry(1, SIDE - 16, SIDE - 2, 15)

    def show_thumbnail(self, pixmap: QPixmap | None, problem: str = "") -> None:
        """Show the picture, or that there is none, and why."""
        if pixmap is None:
            self.picture.setText("no\npicture")
            self.picture.setToolTip(hint(problem))
        else:
            self.picture.setPixmap(pixmap)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A click or a drag begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """Far enough from where it began it is a drag."""
        began, one = self._pressed_at, self.one
        if began is None or one is None or not one.series_id:
            return
        if (event.position().toPoint() - began).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            drag = QDrag(self)
            drag.setMimeData(series_mime(one.series_id))
            if (pixmap := self.picture.pixmap()) is not None and not pixmap.isNull():
                drag.setPixmap(pixmap)
                drag.setHotSpot(QPoint(SIDE // 2, SIDE // 2))
            drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """Let go where it was pressed: a click."""
        if self._pressed_at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = None
            if self.rect().contains(event.position().toPoint()):
                self.clicked.emit()


class SeriesView(Panel):
    """Says `chosen` (series id) on a click or Enter. What is dragged is the id, as SERIES_MIME."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        wear(self, panel_sheet, cards_sheet)
        self._scroll = Rows(self)
        self.column.addWidget(self._scroll)
        self._shown: tuple[SeriesRow, ...] | None = None
        self._unfolded: set[str] = set()
        self._most = MOST_SHOWN
        self._pictures: dict[str, tuple[QPixmap | None, str]] = {}
        self.rows: dict[str, Card] = {}

    def show_rows(self, series: Sequence[SeriesRow]) -> None:
        """Show the list; rows that are there already change in place, so that none loses the focus."""
        rows = tuple(series)
        if rows == self._shown:
            return
        same = self._shown is not None and [one.series_id for one in rows] == [one.series_id for one in self._shown]
        self._shown = rows
        if same and rows and all(one.series_id in self.rows for one in rows if one.shown):
            for one in rows:
                if one.series_id in self.rows:
                    self.rows[one.series_id].show_row(one)
        else:
            self._make()

    def show_thumbnail(self, series_id: str, thumbnail: Thumbnail) -> None:
        """Show the picture of a series, once it is made."""
        pixmap = _pixmap(thumbnail, self.devicePixelRatioF()) if thumbnail.grey.size else None
        self._pictures[series_id] = pixmap, thumbnail.problem
        if series_id in self.rows:
            self.rows[series_id].show_thumbnail(pixmap, thumbnail.problem)

    def forget_thumbnails(self) -> None:
        """Another study is opened: its series may bear the same names."""
        self._pictures.clear()
        self._shown, self._most = None, MOST_SHOWN

    def _make(self) -> None:
        rows, self.rows = self._shown or (), {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(2)
        if not rows:
            column.addWidget(quiet("No series. Open a study or a case, or drop a folder on the window.", inner))
        last = next((number for number, one in enumerate(rows) if one.shown), 0)
        self._most = max(self._most, last + 1)
        for title, study in groupby(rows[: self._most], lambda one: one.heading):
            if title:
                label = plain(title, inner)
                label.setProperty("heading", True)
                label.setWordWrap(True)
                label.setMinimumWidth(LEAST_WIDTH)
                column.addWidget(label)
            for dicom_series, stacks in groupby(study, lambda one: one.dicom_series):
                self._add_stacks(column, inner, dicom_series, list(stacks))
        if len(rows) > self._most:
            more = self._button(inner, f"▸ {len(rows) - self._most} more series", "Show more of the list")
            more.clicked.connect(self._show_more)
            column.addWidget(more)
        column.addStretch(1)
        self._scroll.show_content(inner, next((self.rows[one.series_id] for one in rows if one.shown), None))

    def _button(self, inner: QWidget, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, inner)
        button.setFlat(True)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the pictures
        return button

    def _show_more(self) -> None:
        self._most += MOST_SHOWN
        self._make()

    def _add_stacks(self, column: QVBoxLayout, inner: QWidget, dicom_series: str, stacks: list[SeriesRow]) -> None:
        """The stacks of one DICOM series: all, or the first and the shown one and a way to see all."""
        folds = bool(dicom_series) and len(stacks) >= FOLDED_FROM
        folded = folds and dicom_series not in self._unfolded
        for number, one in enumerate(stacks):
            if not folded or number == 0 or one.shown:
                column.addWidget(self._card(inner, one))
        if folds:
            hidden = sum(one.series_id not in self.rows for one in stacks)
            words = f"▸ {hidden} more of this series" if folded else "▾ fewer of this series"
            tip = "This DICOM series holds several stacks, such as phases, echoes or blocks"
            button = self._button(inner, words, tip)
            button.clicked.connect(lambda: self._fold(dicom_series, not folded))
            column.addWidget(button)

    def _fold(self, dicom_series: str, fold: bool) -> None:
        (self._unfolded.discard if fold else self._unfolded.add)(dicom_series)
        self._make()

    def _card(self, inner: QWidget, one: SeriesRow) -> Card:
        card = Card(inner, one)
        if one.series_id:
            self.rows[one.series_id] = card
            card.clicked.connect(lambda: self.chosen.emit(one.series_id))
            if one.series_id in self._pictures:
                card.show_thumbnail(*self._pictures[one.series_id])
        return card


def _unbroken(facts: str) -> str:
    """Facts in which no unit and no dot begins a line."""
    for unit in (" mm", " image", " ·"):
        facts = facts.replace(unit, "\N{NO-BREAK SPACE}" + unit.strip())
    return facts


def series_mime(series_id: str) -> QMimeData:
    """A series on its way to a view."""
    mime = QMimeData()
    mime.setData(SERIES_MIME, QByteArray(series_id.encode()))
    return mime


def _pixmap(thumbnail: Thumbnail, ratio: float) -> QPixmap:
    """The picture at SIDE pixels, of the screen's own where it has finer ones."""
    rows, columns = thumbnail.grey.shape
    data = thumbnail.grey.tobytes()  # has to live as long as the image
    image = QImage(data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    side = round(SIDE * ratio)
    pixmap = QPixmap.fromImage(
        image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
