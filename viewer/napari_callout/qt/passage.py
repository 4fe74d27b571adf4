"""A text of the report with its mentions as chips: drawn here, so that a chip can be lit, dragged, dropped on."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from qtpy.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

from napari_callout.qt.broken import Broken
from napari_callout.qt.dragging import FINDING, MENTION, dragged, is_far, start_drag, wants_alone
from napari_callout.qt.look import Palette, as_ink, ink, mixed
from napari_callout.qt.panel import ENTER, hint
from napari_callout.qt.spelled import Span, spelled
from napari_callout.session.rows import STATE_WORDS, TextBlock

MARGIN = 4  # px around the text
FORWARD, BACKWARD = (Qt.Key.Key_Right, Qt.Key.Key_Down), (Qt.Key.Key_Left, Qt.Key.Key_Up)
OWN_KEYS = (*ENTER, *FORWARD, *BACKWARD)  # the window's other keys mean the chip that these went to


class Said(QObject):
    """What the hand said about a report's words: one of these serves all its passages.

    Ids are of mentions; places are on the screen. `linked` and `tied_over`: finding, mention, and whether with Shift;
    the former on a drop, the latter while the drag is over it. `beyond`: the arrows left this end of a passage.
    """

    chosen = Signal(str)
    asked = Signal(str, QPoint)
    hovered = Signal(str)
    linked = Signal(str, str, bool)
    tied_over = Signal(str, str, bool)
    beyond = Signal(QWidget, int)
    reached = Signal(QWidget, QRectF)
    edit_asked = Signal(QWidget)
    text_asked = Signal(QWidget, QPoint)


class Passage(QLabel):  # so that its letters are those of all labels, also where the user made them large
    """One text. The arrows move from chip to chip, Enter chooses, the menu key asks for the menu."""

    def __init__(self, parent: QWidget, said: Said, bold: bool = False) -> None:
        super().__init__(parent)
        self.said, self.editable, self._bold = said, True, bold
        self.block = TextBlock("", "", ())
        self._spans: list[Span] = []
        self._text = ""
        self._broken = Broken("", [], self.font())
        self._worn: tuple[str, Palette] | None = None  # the letters and colours in which it is
        self._is_placed = False  # its width is one that it was given
        self._lit: frozenset[str] = frozenset()
        self._over, self._target = "", ""  # the mention under the cursor; the one that a drop would link
        self.at = -1  # the chip that the keys are on
        self._pressed: tuple[QPoint, str] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the views
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_block(self, block: TextBlock) -> None:
        """Show a text; nothing happens where it is shown already."""
        if block == self.block:
            return
        focused = self.mention_at_focus
        self.block = block
        self._spans, self._text = spelled(block)
        self.at = next((n for n, span in enumerate(self._spans) if span.chip.mention_id == focused), -1)
        self.setAccessibleName(block.heading)
        self._lay_out()
        self._describe()

    def light(self, mention_ids: frozenset[str]) -> None:
        """Show that these are meant by what the cursor is on."""
        if (mention_ids ^ self._lit) & {span.chip.mention_id for span in self._spans}:
            self.update()
        self._lit = mention_ids

    @property
    def mention_at_focus(self) -> str:
        """The mention that the keys are on; "" where there is none."""
        return self._spans[self.at].chip.mention_id if 0 <= self.at < len(self._spans) else ""

    def mention_ids(self) -> list[str]:
        """The mentions of this text, in its order."""
        return [span.chip.mention_id for span in self._spans]

    def rect_of(self, mention_id: str) -> QRectF:
        """Where the first line of a mention stands; empty where it is not of this text."""
        span = next((span for span in self._spans if span.chip.mention_id == mention_id), None)
        rects = self._rects(span) if span else []
        return rects[0] if rects else QRectF()

    def mention_under(self, place: QPoint) -> str:
        """The mention at a place of this widget; "" where there is none."""
        for span in self._spans_between(place.y(), place.y()):
            if any(rect.contains(QPointF(place)) for rect in self._rects(span)):
                return span.chip.mention_id
        return ""

    # The keys --------------------------------------------------------------------------------------------------------

    def go_to(self, number: int) -> None:
        """Put the keys on a chip; from the end for a negative number."""
        count = len(self._spans)
        self.at = (number % count) if count else -1
        self._describe()
        self.update()
        if self.at >= 0:
            self.said.reached.emit(self, self.rect_of(self.mention_at_focus))

    def event(self, event: QEvent) -> bool:
        """The keys of a chip are its own while it has the focus, not the window's; a chip says what it is."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in OWN_KEYS and self._spans:
                event.accept()
                return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_note(event)
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's own name
        """The arrows and Enter."""
        key, mention = event.key(), self.mention_at_focus
        if key in (*FORWARD, *BACKWARD) and self._spans:
            self._step(1 if key in FORWARD else -1)
        elif mention and key in ENTER:
            self.said.chosen.emit(mention)
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        wanted = self.at + step if self.at >= 0 else (0 if step > 0 else len(self._spans) - 1)
        if 0 <= wanted < len(self._spans):
            self.go_to(wanted)
        else:
            self.said.beyond.emit(self, step)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's own name
        """The keys start at the chosen chip, else at the first, or at the last where one comes from behind."""
        if self.at < 0 and self._spans:
            chosen = next((n for n, span in enumerate(self._spans) if span.chip.chosen), None)
            back = event.reason() == Qt.FocusReason.BacktabFocusReason
            self.go_to(chosen if chosen is not None else (-1 if back else 0))
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  # Qt's own name
        """The ring around the chip goes."""
        self.update()
        super().focusOutEvent(event)

    def menu_place(self) -> QPoint:
        """Where a menu of what the keys are on opens, on the screen."""
        rect = self.rect_of(self.mention_at_focus)
        return self.mapToGlobal(rect.bottomLeft().toPoint() if rect.isValid() else QPoint(MARGIN, self.height()))

    def _describe(self) -> None:
        """What a screen reader says: the chip that the keys are on, else the text."""
        mention = self.mention_at_focus
        if not mention:
            self.setAccessibleDescription(self.block.text)
            return
        chip = self._spans[self.at].chip
        words = self.block.text[chip.start : chip.end]
        state = STATE_WORDS[chip.state]
        self.setAccessibleDescription(f"{words}, {state}, {self.at + 1} of {len(self._spans)} mentions")

    # The mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """What may become a click or a drag begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            place = event.position().toPoint()
            self._pressed = place, self.mention_under(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A chip lights up, or is dragged."""
        place = event.position().toPoint()
        if self._pressed and self._pressed[1] and is_far(self._pressed[0], place):
            mention, self._pressed = self._pressed[1], None
            chip = next(span.chip for span in self._spans if span.chip.mention_id == mention)
            start_drag(self, MENTION, mention, self.block.text[chip.start : chip.end], chip.colour)
            return
        self._hover(self.mention_under(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """A click chooses."""
        pressed, self._pressed = self._pressed, None
        if pressed and pressed[1] and self.mention_under(event.position().toPoint()) == pressed[1]:
            self.at = self.mention_ids().index(pressed[1])
            self._describe()
            self.said.chosen.emit(pressed[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's own name
        """The text becomes an editor."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.said.edit_asked.emit(self)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Nothing is lit by the cursor any more."""
        self._hover("")
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's own name
        """The menu of a chip, or with the menu key of the one that the keys are on; of the text where there is none."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        mention = self.mention_at_focus if by_key else self.mention_under(event.pos())
        place = self.menu_place() if by_key else event.globalPos()
        if mention:
            self.said.asked.emit(mention, place)
        else:
            self.said.text_asked.emit(self, place)

    def _hover(self, mention: str) -> None:
        self.setCursor(Qt.CursorShape.PointingHandCursor if mention else Qt.CursorShape.ArrowCursor)
        if mention != self._over:
            self._over = mention
            self.said.hovered.emit(mention)

    def _show_note(self, event: QHelpEvent) -> None:
        mention = self.mention_under(event.pos())
        note = next((span.chip.note for span in self._spans if span.chip.mention_id == mention), "")
        if note:
            QToolTip.showText(event.globalPos(), hint(note), self)
        else:
            QToolTip.hideText()

    # Drops -----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's own name
        """A finding may be dropped on a chip."""
        if dragged(event, FINDING, self):
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802  # Qt's own name
        """The chip that it would be linked to shows it."""
        finding, mention = dragged(event, FINDING, self), self.mention_under(event.position().toPoint())
        self._aim(mention if finding else "")
        if finding and mention:
            event.setDropAction(Qt.DropAction.LinkAction)
            event.accept()
            self.said.tied_over.emit(finding, mention, wants_alone(event))
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802  # Qt's own name
        """No chip is aimed at."""
        self._aim("")

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's own name
        """A finding was dropped on a chip."""
        finding, mention = dragged(event, FINDING, self), self.mention_under(event.position().toPoint())
        self._aim("")
        if finding and mention:
            event.setDropAction(Qt.DropAction.LinkAction)
            event.accept()
            self.said.linked.emit(finding, mention, wants_alone(event))

    def _aim(self, mention: str) -> None:
        if mention != self._target:
            self._target = mention
            self.update()

    # Drawing ---------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """As wide as it gets, as high as the text is then."""
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's own name
        """Narrow: the text is broken where it has to be."""
        return QSize(20, 20)

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's own name
        """The height of the text in that width, in px; of a long one in a width that it has not, about that."""
        is_here = self._is_placed and width == self.width()
        room = width - 2 * MARGIN
        return (self._broken.height(room) if is_here else self._broken.about(room)) + 2 * MARGIN

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's own name
        """Other lines in another width."""
        super().resizeEvent(event)
        self._is_placed = True
        if event.size().width() != event.oldSize().width():
            self._settle()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's own name
        """It takes its room."""
        super().showEvent(event)
        self._settle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's own name
        """Other lines in other letters."""
        super().changeEvent(event)
        changed = event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if changed and self._worn not in (None, (self._font().toString(), ink())):
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's own name
        """The grounds of the chips, then the text, then what is around a chip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = self._spans_between(event.rect().top(), event.rect().bottom())
        for span in seen:
            self._paint_ground(painter, span)
        painter.setPen(QColor(ink().text))
        layout = self._broken.layout(self._room)
        layout.draw(painter, QPointF(MARGIN, MARGIN), [], QRectF(event.rect()))  # of a long text what is seen
        for span in seen:
            self._paint_edges(painter, span, self.hasFocus() and span.chip.mention_id == self.mention_at_focus)
        if self.hasFocus() and self.at < 0:
            painter.setPen(QPen(QColor(ink().quiet), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()

    def _paint_ground(self, painter: QPainter, span: Span) -> None:
        chip = span.chip
        for rect in self._rects(span):
            if chip.chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(chip.colour))
            elif chip.state == "not drawn":
                painter.setPen(QPen(QColor(ink().quiet), 1, Qt.PenStyle.DotLine))
                painter.drawLine(rect.bottomLeft(), rect.bottomRight())
                continue
            else:
                part = {"todo": 0.0, "flagged": 0.0, "draft": 0.18, "done": 0.32}[chip.state]
                dashed = Qt.PenStyle.DashLine if chip.state == "todo" else Qt.PenStyle.SolidLine
                painter.setPen(QPen(QColor(mixed(as_ink(chip.colour), ink().panel, 0.75)), 1, dashed))
                painter.setBrush(QColor(mixed(chip.colour, ink().panel, part)))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_edges(self, painter: QPainter, span: Span, focused: bool) -> None:
        mention = span.chip.mention_id
        lit = mention in self._lit or mention in (self._over, self._target)
        if not (lit or focused):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rect in self._rects(span):
            painter.setPen(QPen(QColor(ink().text), 2 if lit else 1, Qt.PenStyle.SolidLine))
            painter.drawRoundedRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5), 4, 4)
            if focused:
                painter.setPen(QPen(QColor(ink().text), 1, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 6, 6)

    def _lay_out(self) -> None:
        """The text, its letters or its colours are others."""
        font = self._font()
        self._broken, self._worn = Broken(self._text, self._spans, font), (font.toString(), ink())
        self._settle()

    def _settle(self) -> None:
        """Take the room that the text needs; one that is not seen waits until it is."""
        if self.isVisible() and self._is_placed:
            self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()
        self.update()

    @property
    def _room(self) -> int:
        """The width of the text."""
        return self.width() - 2 * MARGIN

    def _rects(self, span: Span) -> list[QRectF]:
        """Where a chip stands, a rectangle a line."""
        return [rect.translated(MARGIN, MARGIN) for rect in self._broken.rects(span, self._room)]

    def _spans_between(self, top: int, bottom: int) -> list[Span]:
        """Those that may be seen between two heights of this widget."""
        return self._broken.spans_between(top - MARGIN, bottom - MARGIN, self._room)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(self._bold)
        return font
