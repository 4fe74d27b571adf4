"""What serves all that is done: keys with their page and menu, the order of Tab, the row above and the line below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from callout.case import Case
from callout.errors import InputError
from callout.preferences import LARGEST_TEXT, SMALLEST_TEXT, read_preferences, write_preferences
from napari_callout.host.keys import Keys
from napari_callout.host.shell import Shell
from napari_callout.qt.callout_menu import CalloutMenu
from napari_callout.qt.hands import HandsLine
from napari_callout.qt.header import Header
from napari_callout.qt.keys_page import KeysPage
from napari_callout.qt.look import DARK, LIGHT, change_look
from napari_callout.qt.travel import Travel
from napari_callout.qt.welcome import Welcome
from napari_callout.session import Session
from napari_callout.session.teaching import Pairs, drawing_pairs, empty_pairs, looking_pairs, picture_pairs
from napari_callout.session.words import target_text

TEXT_STEP = 25  # per cent
SERVING = ("new case", "find images", "all readers", "own findings")  # only sometimes


class Desk(QObject):
    """The same for every case; the host says what each action does. Says `dressed` in other colours or letters."""

    dressed = Signal()

    def __init__(self, shell: Shell, session: Session, header: Header, hands: HandsLine, welcome: Welcome) -> None:
        super().__init__(shell.main_window)
        self._shell, self._session = shell, session
        self._header, self._hands, self._welcome = header, hands, welcome
        self._teach: Callable[[], object] = lambda: self.teach("")  # again
        self.percent = read_preferences().text
        change_look(LIGHT if shell.is_light else DARK, self.percent)
        shell.on_theme(self._dress)
        self._before: QWidget | None = None  # what had the focus before the page
        self.keys = Keys(shell.main_window, session.told.emit)
        self.page = KeysPage()
        self.dock = shell.add_dock("Keys", self.page, left=False)
        self.dock.hide()
        self.page.changed.connect(lambda name, key: self.page.show_problem(self.keys.change(name, key)))
        self.page.reset.connect(lambda name: self.page.show_problem(self.keys.reset(name)))
        self.page.reset_all.connect(self.keys.reset_all)
        self.page.closed.connect(lambda: self.show_page(False))
        self.dock.visibilityChanged.connect(lambda: header.controls.show_page(self.dock.isVisible()))

    def bind(
        self,
        actions: Mapping[str, Callable[[], object]],
        serves: Callable[[], Collection[str]],
        places: Callable[[], Sequence[QWidget]],
    ) -> None:
        """`actions`: what each does, by name. `serves`: which of SERVING do now. `places`: those Tab goes through."""
        self.menu = CalloutMenu(
            self._shell.add_menu("&Callout"), lambda: [name for name in SERVING if name not in serves()]
        )
        self.menu.pressed.connect(lambda name: actions[name]())
        self.travel = Travel(self._shell.main_window, places)
        self.keys.bind({name: self._served(name, action, serves) for name, action in actions.items()})
        self.keys.changed.connect(self._show_keys)
        self._show_keys()

    def _served(
        self, name: str, action: Callable[[], object], serves: Callable[[], Collection[str]]
    ) -> Callable[[], object]:
        return action if name not in SERVING else lambda: action() if name in serves() else None

    def _show_keys(self) -> None:
        rows = self.keys.rows()
        self.page.show_rows(rows)
        self.menu.show_rows(rows)
        self._header.show_keys(self.keys.words)
        self._welcome.show_keys(self.keys.words)
        self._teach()

    def teach(self, tool: str, own: Pairs = (), native: bool = True) -> None:
        """Write the line below: what the hand can do, with `tool` in it; `own`: what a tool says for itself.

        native: whether a slice is shown as it was taken, so that regions can be drawn.
        """
        self._teach = lambda: self.teach(tool, own, native)
        session, key = self._session, self.keys.words
        case = session.case
        if own:
            last = (key("keys"), "all keys")
            pairs = own if last in own else (*own, last)
        elif not session.series:
            pairs = empty_pairs(key)
        elif tool in ("paint", "erase"):
            pairs = drawing_pairs(key, tool == "erase", target_text(case, session.selection), session.brush_mm)
        else:
            draws, target = case is not None and not case.read_only, target_text(case, session.selection)
            on_picture = session.picture is not None
            pairs = picture_pairs(key, draws, target) if on_picture else looking_pairs(key, draws, target, native)
        self._hands.show_keys(pairs)

    # Colours and letters ---------------------------------------------------------------------------------------------

    def _dress(self) -> None:
        change_look(LIGHT if self._shell.is_light else DARK, self.percent)
        self.dressed.emit()

    def show_text(self, percent: int) -> None:
        """Write everything so large, and keep that."""
        self.percent = min(max(percent, SMALLEST_TEXT), LARGEST_TEXT)
        self._dress()
        self._session.told.emit(f"text at {self.percent} %", False)
        try:
            write_preferences(replace(read_preferences(), text=self.percent))
        except InputError as error:
            self._session.told.emit(f"the size of the text is kept until you close the window: {error}", True)

    # The page of keys ------------------------------------------------------------------------------------------------

    def show_page(self, wanted: bool) -> None:
        """Open the page of keys beside the views, or close it and go back to where one was."""
        if wanted:
            self._before = self._shell.main_window.focusWidget()
            self.dock.show()
            self.dock.raise_()
            self.page.setFocus()
        else:
            focused = self._shell.main_window.focusWidget()
            inside = focused is not None and self.page.isAncestorOf(focused)
            self.dock.hide()
            if inside and self._before is not None and self._before.isVisible():
                self._before.setFocus()

    @property
    def page_shown(self) -> bool:
        """Whether the page of keys is open."""
        return bool(self.dock.isVisible())

    # Figures ---------------------------------------------------------------------------------------------------------

    def show_looking(self, canvas: bool) -> None:
        """Mark in the row above how one looks; `canvas`: at napari's own."""
        views, case, controls = self._session.views, self._session.case, self._header.controls
        controls.show_views(bool(self._session.series))
        controls.show_looking(views.layout, views.by_hand, canvas)
        controls.show_figures(_figures(case), self._session.figure)

    def next_figure(self, step: int) -> None:
        """Hang the figure after the one that is looked at, or the one before; the first where none is."""
        labels = [label for label, _ in _figures(self._session.case)]
        current = self._session.figure
        at = labels.index(current) + step if current in labels else 0
        if 0 <= at < len(labels):
            self._session.hang(labels[at])
        else:
            self._session.told.emit("there is no figure to go to", False)


def _figures(case: Case | None) -> tuple[tuple[str, str], ...]:
    report = None if case is None else case.report
    return () if report is None else tuple((figure.label, figure.caption.text) for figure in report.figures)
