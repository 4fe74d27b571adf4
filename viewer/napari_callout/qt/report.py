"""The report as the to-do list: how far it is, its title, captions and body, and the ways to type more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qtpy.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QPainter, QPaintEvent
from qtpy.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from napari_callout.qt.block import BlockView
from napari_callout.qt.editor import Editor
from napari_callout.qt.look import ink
from napari_callout.qt.panel import Panel, quiet
from napari_callout.qt.passage import Passage, Said
from napari_callout.session.rows import Progress, TextBlock

NO_REPORT = "This case has no report yet. Type a caption, and its findings become a to-do list."
NO_CASE = "The report of a case stands here; each finding it names is one click away from its place."
FIGURE, NEW_FIGURE, BODY, TITLE = "figure", "new figure", "body", "title"


class ReportView(Panel):
    """Says what was done to mentions (`said`), and which figure is to hang.

    figure_chosen: label. text_asked: kind, label, place of the menu. typed: kind ("figure", "new figure", "body",
    "title"), the figure's label, and the text.
    """

    figure_chosen = Signal(str)
    text_asked = Signal(str, str, QPoint)
    typed = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = Said(self)
        self.progress = ProgressLine(self)
        self.column.addWidget(self.progress)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.addWidget(self.area)
        self._inner = QWidget()
        self._texts = QVBoxLayout(self._inner)
        self._texts.setContentsMargins(4, 0, 4, 0)
        self._texts.setSpacing(2)
        self._nothing = quiet("", self._inner)
        self._texts.addWidget(self._nothing)
        self._new_buttons()
        self._texts.addStretch(1)
        self.area.setWidget(self._inner)
        self.blocks: dict[str, BlockView] = {}  # by the block's kind and label
        self.new: Editor | None = None
        self._kept: Editor | None = None  # whose words were said last
        self._lit: frozenset[str] = frozenset()
        self._wanted = ""  # the mention to scroll to once all is laid out
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.timeout.connect(lambda: self._reveal(self._wanted))
        self.said.beyond.connect(self._go_beyond)
        self.said.reached.connect(self._make_seen)
        self.said.edit_asked.connect(self._edit)
        self.said.text_asked.connect(self._asked_text)

    def _new_buttons(self) -> None:
        self.type_caption = QPushButton("Type a caption…", self._inner)
        self.type_caption.setToolTip("Type the caption of another figure")
        self.type_text = QPushButton("Type the text…", self._inner)
        self.type_text.setToolTip("Type the body of the report")
        self.type_caption.clicked.connect(lambda: self._type_new(FIGURE))
        self.type_text.clicked.connect(lambda: self._type_new(BODY))
        for button in (self.type_caption, self.type_text):
            button.setObjectName("quiet")
            self._texts.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    # What is shown ---------------------------------------------------------------------------------------------------

    def show_blocks(
        self, blocks: Sequence[TextBlock], progress: Progress | None, case: bool = True, editable: bool = True
    ) -> None:
        """Show the report's texts; what is shown already, where it was scrolled to, and open editors stay."""
        self.progress.show_progress(progress)
        self._nothing.setText(NO_REPORT if case else NO_CASE)
        self._nothing.setVisible(not blocks)
        wanted = {_key(block): block for block in blocks}
        for key in [key for key in self.blocks if key not in wanted]:
            gone = self.blocks.pop(key)
            self._texts.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, block) in enumerate(wanted.items()):
            if key in self.blocks:
                self.blocks[key].show_block(block)
            else:
                self.blocks[key] = self._new_block(block)
            if self._texts.indexOf(self.blocks[key]) != place + 1:  # behind the words for nothing
                self._texts.insertWidget(place + 1, self.blocks[key])
            self.blocks[key].passage.editable = editable
        self.blocks = {key: self.blocks[key] for key in wanted}
        self.type_caption.setVisible(case and editable)
        self.type_text.setVisible(case and editable and BODY not in wanted)

    def _new_block(self, block: TextBlock) -> BlockView:
        view = BlockView(self._inner, self.said, block)
        kind, label = _kind(block), block.id
        view.passage.light(self._lit)
        view.figure_chosen.connect(self.figure_chosen)
        view.menu_asked.connect(lambda place: self.text_asked.emit(kind, label, place))
        view.typed.connect(lambda text: self._say_typed(view.editor, kind, label, text))
        return view

    def light(self, mention_ids: Iterable[str]) -> None:
        """Light up mentions."""
        self._lit = frozenset(mention_ids)
        for block in self.blocks.values():
            block.passage.light(self._lit)

    def show_mention(self, mention_id: str) -> None:
        """Scroll so that a mention can be seen; once all is laid out."""
        self._wanted = mention_id
        self._laid_out.start(0)

    def take_keys(self, mention_id: str = "") -> None:
        """The keys go to a mention, else to the first text."""
        passages = [block.passage for block in self.blocks.values() if block.passage.isVisible()]
        passage = self.passage_of(mention_id) or next((one for one in passages if one.mention_ids()), None)
        if passage is not None:
            passage.setFocus(Qt.FocusReason.ShortcutFocusReason)
            passage.go_to(passage.mention_ids().index(mention_id) if mention_id in passage.mention_ids() else 0)

    def passage_of(self, mention_id: str) -> Passage | None:
        """The text that a mention stands in."""
        passages = (block.passage for block in self.blocks.values())
        return next((passage for passage in passages if mention_id in passage.mention_ids()), None)

    # Typing ----------------------------------------------------------------------------------------------------------

    def edit(self, kind: str, label: str = "") -> None:
        """A text becomes an editor."""
        block = self.blocks.get(_key_of(kind, label))
        if block is not None and block.passage.editable:
            block.edit()

    def end_typing(self) -> None:
        """What was typed last is in the case: the editor that said so goes, and no other."""
        kept, self._kept = self._kept, None
        for block in self.blocks.values():
            if kept is not None and block.editor is kept:
                block.leave()
        if kept is not None and self.new is kept:
            self._leave_new()

    @property
    def editors(self) -> tuple[Editor, ...]:
        """The editors in which other words stand than the case has."""
        open_ones = [*(block.editor for block in self.blocks.values()), self.new]
        return tuple(editor for editor in open_ones if editor is not None and editor.changed)

    def leave_typing(self) -> None:
        """All editors go, with what is typed in them."""
        for block in self.blocks.values():
            block.leave()
        self._leave_new()

    def _type_new(self, kind: str) -> None:
        if self.new is not None:
            self.new.begin()
            return
        label = self._next_label() if kind == FIGURE else None
        self.new = Editor(self._inner, "", "Words of the caption" if kind == FIGURE else "Words of the report", label)
        self.new.setProperty("kind", kind)
        said = NEW_FIGURE if kind == FIGURE else kind
        self.new.kept.connect(lambda label, text: self._say_typed(self.new, said, label, text))
        self.new.left.connect(self._leave_new)
        self._texts.insertWidget(self._texts.indexOf(self.type_caption), self.new)
        self.new.begin()
        self._laid_out.start(0)

    def _say_typed(self, editor: Editor | None, kind: str, label: str, text: str) -> None:
        self._kept = editor
        self.typed.emit(kind, label, text)

    def _leave_new(self) -> None:
        if self.new is not None:
            self.new.hide()
            self.new.deleteLater()
            self.new = None

    def _next_label(self) -> str:
        numbers = [int(block.block.id) for block in self.blocks.values() if block.block.id.isdecimal()]
        return str(max(numbers, default=0) + 1)

    def _edit(self, passage: Passage) -> None:
        block = passage.parentWidget()
        if isinstance(block, BlockView) and passage.editable:
            block.edit()

    def _asked_text(self, passage: Passage, place: QPoint) -> None:
        self.text_asked.emit(_kind(passage.block), passage.block.id, place)

    # Keys and scrolling ----------------------------------------------------------------------------------------------

    def _go_beyond(self, passage: Passage, step: int) -> None:
        """The arrows go on in the next text that has chips."""
        passages = [block.passage for block in self.blocks.values()]
        start = passages.index(passage)
        ahead = passages[start + 1 :] if step > 0 else passages[:start][::-1]
        following = next((one for one in ahead if one.mention_ids() and one.isVisible()), None)
        if following is not None:
            following.at = -1
            following.setFocus(Qt.FocusReason.OtherFocusReason)
            following.go_to(0 if step > 0 else -1)

    def _make_seen(self, passage: Passage, rect: QRectF) -> None:
        place = passage.mapTo(self._inner, rect.center().toPoint())
        self.area.ensureVisible(place.x(), place.y(), 0, 60)

    def _reveal(self, mention_id: str) -> None:
        if self.new is not None:
            self.area.ensureWidgetVisible(self.new, 0, 20)
            return
        passage = self.passage_of(mention_id)
        if passage is not None:
            self._make_seen(passage, passage.rect_of(mention_id))


class ProgressLine(QWidget):
    """How far the report is: a thin line, and the same in words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 6)
        self.words = quiet("", self)
        column.addWidget(self.words)
        self._progress: Progress | None = None

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far it is; nothing where nothing is to be drawn."""
        self._progress = progress
        words = f"All figures: {progress.text}" if progress and progress.text else ""
        self.words.setText(words)
        self.setAccessibleName(f"Progress: {words}")
        self.setVisible(bool(words))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's own name
        """The line below the words."""
        super().paintEvent(event)
        if self._progress is None or not self._progress.wanted:
            return
        painter = QPainter(self)
        line = self.rect().adjusted(4, self.height() - 4, -4, -1)
        painter.fillRect(line, QColor(ink().line))
        width = line.width()
        line.setWidth(round(width * self._progress.drawn / self._progress.wanted))
        painter.fillRect(line, QColor(ink().text if self._progress.drawn == self._progress.wanted else ink().quiet))
        painter.end()


def _kind(block: TextBlock) -> str:
    return FIGURE if block.is_figure else block.id


def _key_of(kind: str, label: str) -> str:
    return f"{FIGURE} {label}" if kind == FIGURE else kind


def _key(block: TextBlock) -> str:
    return _key_of(_kind(block), block.id)
