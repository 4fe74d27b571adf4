"""Callout in napari's window: the session's model, the views around the picture, and the wires between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import QStackedWidget, QWidget

from callout.errors import CalloutError, CaseError
from napari_callout.host.attributes import Attributes
from napari_callout.host.canvas import Canvas
from napari_callout.host.desk import TEXT_STEP, Desk
from napari_callout.host.drawing import DrawingKeys
from napari_callout.host.figures import Figures
from napari_callout.host.files import Files
from napari_callout.host.history import History
from napari_callout.host.looking import Looking
from napari_callout.host.pressing import ButtonKeys
from napari_callout.host.reading import Reading
from napari_callout.host.room import Room
from napari_callout.host.shell import Shell
from napari_callout.panes.hand import LOCALIZER
from napari_callout.panes.tools import DrawingTool
from napari_callout.qt.asking import CLOSE_WITHOUT, TRY_AGAIN, ask_unsaved
from napari_callout.qt.findings import FindingsView
from napari_callout.qt.hands import HandsLine
from napari_callout.qt.header import Header
from napari_callout.qt.look import px
from napari_callout.qt.report import ReportView
from napari_callout.qt.series import SeriesView
from napari_callout.qt.welcome import Welcome
from napari_callout.session import Selection, Session
from napari_callout.session.recent import forget_cases, recent_cases
from napari_callout.session.rows import series_rows
from napari_callout.session.thumbnails import Thumbnails
from napari_callout.session.windows import window_text

if TYPE_CHECKING:
    from napari import Viewer

TRY_AGAIN_MS = 4000
ABOUT = "Callout: for research and publication, not a certified medical device"


class Host(QObject):
    """One session in one napari window; it closes with the window."""

    _thumbnail = Signal(str)  # from the thread that made it to this one

    def __init__(self, viewer: Viewer, reader: str | None = None, all_readers: bool = False) -> None:
        """`reader`: who reads, else as the preferences say; `all_readers`: cases open to see what all of them found."""
        self.shell = Shell(viewer)
        super().__init__(self.shell.main_window)
        self.viewer, self.session = viewer, Session()
        self._closed = False
        self._turning = False  # Qt makes the window anew, hidden and shown again, where it gets its first OpenGL
        self._build()
        self.files = Files(self.session, self.shell.main_window, reader, all_readers)
        self._again = QTimer(self)
        self._again.setInterval(TRY_AGAIN_MS)
        self._again.timeout.connect(self.save_again)
        self._connect()
        self._show_recent()
        self._refresh()
        self.tell(ABOUT, False)

    def _build(self) -> None:
        self.header, self.hands = Header(), HandsLine()
        self.report, self.findings, self.series = ReportView(), FindingsView(), SeriesView()
        self.shell.add_bar("Callout", self.header, top=True)
        self.shell.add_bar("Callout keys", self.hands, top=False)
        self.report_dock = self.shell.add_dock("Report", self.report, left=True)
        self.findings_dock = self.shell.add_dock("Findings", self.findings, left=False)
        self.series_dock = self.shell.add_dock("Series", self.series, left=False)
        self.history = History(self.shell, self.session, self.series_dock)
        self.shell.tuck_own_docks(self.series_dock)
        self.room = Room(self.shell.main_window, self.session)
        self.attributes = Attributes(self.shell, self.session)
        self.shell.lay_over(self.attributes.dock, self.findings_dock)
        self.looking = Looking(self.shell, self.session, self.room, self.header.controls)
        self.figures = Figures(self.shell, self.session, self.room, self.findings_dock)
        self.canvas = Canvas(self.viewer, self.shell, self.session, self.room.pictures)
        self.welcome, self.middle = Welcome(), QStackedWidget()
        self.middle.addWidget(self.welcome)
        self.middle.addWidget(self.room.grid)
        self.shell.add_page(self.middle)
        self.desk = Desk(self.shell, self.session, self.header, self.hands, self.welcome)
        self.drawing = DrawingKeys(self.session, self.room, self.canvas, self.desk.keys.words, self.hands)
        self.shell.lay_over(self.desk.dock, self.findings_dock)
        self.figures.follow(self.desk.keys, lambda: self.canvas.seen)
        self.findings_dock.raise_()
        self.thumbnails = Thumbnails(self._thumbnail.emit)
        self.reading = Reading(self.shell.main_window, self.session, self.report, self.findings)
        self.choose_mention, self.choose_finding = self.reading.choose_mention, self.reading.choose_finding
        self.shell.main_window.installEventFilter(self)
        QTimer.singleShot(0, self.arrange)

    def arrange(self) -> None:
        """Give the picture its room."""
        if not self._closed:
            self.series_dock.raise_()
            room = self.shell.main_window.width()  # of which large letters leave the views half
            widths = min(px(280), max(280, room * 27 // 100)), min(px(250), max(250, room * 24 // 100))
            self.shell.set_widths({self.report_dock: widths[0], self.findings_dock: widths[1]})
            height = self.shell.main_window.height()
            self.shell.set_heights({self.findings_dock: round(height * 0.55), self.series_dock: round(height * 0.35)})

    def _connect(self) -> None:
        session = self.session
        session.lets_go = self._lets_go
        session.opened.connect(self._on_opened)
        session.shown.connect(self._on_shown)
        session.chosen.connect(self._on_chosen)
        session.edited.connect(self._refresh)
        session.drafted.connect(self._show_title)
        session.told.connect(self.tell)
        for page in (self.room, self.canvas):
            page.changed.connect(self._refresh_words)
            page.changed.connect(self._show_title)
            page.pointed.connect(self.hands.show_value)
        self.room.find_asked.connect(self.files.ask_images)
        self.series.chosen.connect(session.show_series)
        self._thumbnail.connect(self._on_thumbnail)
        self.room.pictures.changed.connect(lambda series_id: self._let_thumbnails())
        self.files.searching.connect(self._show_search)
        self.files.dragged.connect(self.welcome.show_drag)
        self.files.listed.connect(self._show_recent)
        actions = self.drawing.actions(self.looking.actions(self._actions()))
        for place in (self.header, self.welcome):
            place.pressed.connect(lambda name: actions[name]())
            place.sample_asked.connect(self.files.begin_sample)
            place.case_chosen.connect(lambda path: self.files.begin([path]))
            place.searching.cancelled.connect(self.files.cancel)
        self.header.controls.window_chosen.connect(self.room.use_preset)
        self.header.controls.figure_chosen.connect(lambda label: session.attempt(lambda: session.hang(label)))
        self.desk.dressed.connect(self.arrange)
        self.desk.dressed.connect(self.room.renew)
        self.desk.dressed.connect(self.canvas.corners.update)
        self.desk.bind(actions, self._buttons, self._places)
        self._button_keys = ButtonKeys(self.shell.main_window)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What each key and button does, by name."""
        session, room, views = self.session, self.room, self.session.views
        windows: dict[str, Callable[[], object]] = {f"window {n + 1}": _call(room.use_preset, n) for n in range(8)}
        layouts = {f"layout {name}": _call(views.arrange, name) for name in ("1", "2", "4")}
        looking: dict[str, Callable[[], object]] = {
            "brush": lambda: self._arm("paint"),
            "eraser": lambda: self._arm("erase"),
            "look": self._look,
            "smaller": _call(room.resize_brush, -1),
            "larger": _call(room.resize_brush, 1),
            "fill": lambda: session.fill_drawn(not session.filled),
            "hide words": lambda: session.hide_words(not session.wordless),
            "hide": lambda: session.hide_drawn(not session.hidden),
            "enlarge": lambda: views.enlarge(views.active),
            "next view": lambda: views.activate((views.active + 1) % len(views.looks)),
            "invert": lambda: views.change(views.active, inverted=not (views.look and views.look.inverted)),
            "link by hand": lambda: views.link_by_hand(not views.by_hand),
            "napari": lambda: self.show_canvas(not self.canvas.seen),
            "slice up": lambda: views.step(views.active, -1),
            "slice down": lambda: views.step(views.active, 1),
            "fit": self._fit,
        }
        return windows | layouts | looking | self._case_actions() | self.figures.actions()

    def _case_actions(self) -> dict[str, Callable[[], object]]:
        """Those that are about the case and the window around it."""
        session, reading = self.session, self.reading
        return {
            "next mention": self._trying(session.choose_next),
            "mention before": self._trying(lambda: session.choose_next(-1)),
            "read": reading.take_keys,
            "links": reading.ask_links,
            "accept": reading.accept_meant,
            "not drawn": reading.ask_reasons,
            "new finding": reading.ask_finding,
            "edit text": reading.edit_meant,
            "next lesion": self._trying(session.next_lesion),
            "picture": self._trying(lambda: session.report_pictures.show_next(self.figures.label)),
            "next figure": self._trying(lambda: self.desk.next_figure(1)),
            "figure before": self._trying(lambda: self.desk.next_figure(-1)),
            "larger text": lambda: self.desk.show_text(self.desk.percent + TEXT_STEP),
            "smaller text": lambda: self.desk.show_text(self.desk.percent - TEXT_STEP),
            "keys": lambda: self.desk.show_page(not self.desk.page_shown),
            "history": self.history.show,
            "undo": self._trying(session.undo),
            "redo": self._trying(session.redo),
            "open study": self.files.ask_study,
            "open case": self.files.ask_case,
            "clear recent": self._clear_recent,
            "new case": self.files.ask_new_case,
            "find images": self.files.ask_images,
            "all readers": self._trying(lambda: session.show_all_readers(True)),
            "own findings": self._trying(lambda: session.show_all_readers(False)),
            "attributes": self.attributes.toggle,
            "report": lambda: self.report_dock.setVisible(not self.report_dock.isVisible()),
            "findings": self._fold_right,
        }

    def _places(self) -> tuple[QWidget, ...]:
        """What Tab goes through: words, pictures, things, the row above."""
        things = (self.findings, self.figures.view, self.desk.page, self.series)
        return self.report, self.middle, *things, self.looking.levels, self.header

    def _look(self) -> None:
        """The hand is empty; a page that is open is closed first."""
        if self.desk.page_shown:
            self.desk.show_page(False)
            return
        self._arm("")
        if not self.canvas.seen and self.room.grid.isVisible():
            self.room.grid.panes[self.session.views.active].setFocus()  # the keys come back from lists and report

    def _arm(self, mode: str) -> None:
        self.hands.end_message()
        if self.canvas.seen:
            self.canvas.arm(mode or "pan_zoom")
        else:
            self.room.hand.arm(mode)

    def show_canvas(self, wanted: bool) -> None:
        """Turn to napari's own canvas, or back to the views."""
        if wanted != self.canvas.seen:
            self.room.hand.arm("")
            self._turning = True
            self.shell.turn_to(wanted)
            self._turning = False
            self.canvas.show(wanted)
            self._refresh_words()

    def _fit(self) -> None:
        if self.canvas.seen:
            self.canvas.stage.fit()
        else:
            self.session.views.fit(self.session.views.active)

    def _trying(self, action: Callable[[], object]) -> Callable[[], object]:
        return lambda: self.session.attempt(action)

    def _fold_right(self) -> None:
        shown = not self.findings_dock.isVisible()
        for dock in (self.findings_dock, self.series_dock, self.figures.dock):
            dock.setVisible(shown)

    # What is shown ---------------------------------------------------------------------------------------------------

    def tell(self, text: str, failed: bool) -> None:
        """Say a sentence in the bottom line for a while, or until a tool is taken."""
        self.hands.show_message(text[:1].upper() + text[1:], failed)
        if failed and not self.session.series:
            self.welcome.show_problem(text)

    def _on_opened(self) -> None:
        self.hands.end_message()
        self.thumbnails.let(False)
        self.thumbnails.forget()
        self.series.forget_thumbnails()
        self.welcome.show_problem("")
        self._refresh()

    def _on_shown(self) -> None:
        self.thumbnails.ask(self.session.series)
        self._let_thumbnails()
        self._refresh()
        series = self.session.shown_series
        if series is not None and series.is_localizer and isinstance(self.room.hand.tool, DrawingTool):
            self.tell(LOCALIZER, True)

    def _on_chosen(self, selection: Selection) -> None:
        self._refresh()
        self.reading.show_chosen()

    def _refresh(self) -> None:
        """Show the case's rows; views that show them already do nothing."""
        session, case = self.session, self.session.case
        self.reading.refresh()
        refused = self.files.refused
        self.series.show_rows(series_rows(session.series, case, session.series_id, session.missing, refused))
        self.middle.setCurrentWidget(self.room.grid if session.series else self.welcome)
        self._show_title()
        self._refresh_words()

    def _let_thumbnails(self) -> None:
        """They are made while nothing that is looked at is still to come."""
        pictures, views = self.room.pictures, self.session.views
        self.thumbnails.let(all(pictures.is_settled(series_id) for series_id in views.shown()))

    def _on_thumbnail(self, series_id: str) -> None:
        thumbnail = self.thumbnails.get(series_id)
        if thumbnail is not None:
            self.series.show_thumbnail(series_id, thumbnail)

    def _show_search(self, words: str, read: int, in_all: int) -> None:
        """How far a search is, where one looks: in the middle of an empty window, else in the row above."""
        empty = not self.session.series
        self.welcome.searching.show_progress(words if empty else "", read, in_all)
        self.header.searching.show_progress("" if empty else words, read, in_all)
        if words:
            self.welcome.show_problem("")

    def _show_recent(self) -> None:
        paths = recent_cases()
        self.welcome.show_recent(paths)
        self.header.show_recent(paths)

    def _clear_recent(self) -> None:
        forget_cases()
        self._show_recent()

    def _show_title(self) -> None:
        session = self.session
        self.viewer.title = session.title
        self.header.show_title(session.title, session.band, bool(session.unsaved))
        self.header.show_buttons(self._buttons())
        waiting = session.waiting is not None
        if waiting != self._again.isActive():
            self._again.start() if waiting else self._again.stop()

    def _buttons(self) -> list[str]:
        session, case = self.session, self.session.case
        serves = {
            "new case": bool(session.series) and case is None,
            "find images": case is not None and bool(session.missing or self.room.pictures.problems),
            "all readers": case is not None and case.blinded,
            "own findings": session.all_readers,
        }
        return [name for name, does in serves.items() if does]

    def _refresh_words(self) -> None:
        window, presets = self.room.window, self.room.presets()
        current = next((name for name, preset in presets if window and np.allclose(preset, window, atol=0.5)), "")
        shown = current or (window_text(window) if window else "")
        self.header.controls.show_windows(tuple(f"{name}  {window_text(preset)}" for name, preset in presets), shown)
        self.desk.show_looking(self.canvas.seen)
        self.looking.show_menus()
        native = self.canvas.seen or not self.session.views.why_not_drawn()
        self.desk.teach(self._tool, self.looking.keys() or self.drawing.keys(), native)

    @property
    def _tool(self) -> str:
        return self.canvas.stage.mode if self.canvas.seen else self.session.armed

    @property
    def complete(self) -> bool:
        """Whether all that the views show is here."""
        views, pictures = self.session.views, self.room.pictures
        shown = [pictures.get(series_id) for series_id in views.shown()]
        return (
            any(views.looks)
            and self.session.report_pictures.here
            and all(picture is not None and picture.arrived is None for picture in shown)
        )

    # Saving ----------------------------------------------------------------------------------------------------------

    def save_again(self) -> None:
        """Try again, quietly, to save what waits."""
        try:
            self.session.save_waiting()
            self.tell("what was drawn is saved now", False)
        except CaseError:
            pass  # the title says so all the time
        except CalloutError as error:
            self.tell(str(error), True)

    def _lets_go(self, why: str) -> bool:
        """Ask, once, what becomes of strokes that can't be saved."""
        answer = ask_unsaved(self.shell.main_window, why)
        if answer == TRY_AGAIN:
            self.session.finish_stroke()
            return self.session.waiting is None
        return answer == CLOSE_WITHOUT

    # Going -----------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's own name
        """The window is asked to close: not while strokes would be lost. It has closed: the case closes with it."""
        if event.type() == QEvent.Type.Close and self.shell.can_stay and not self.session.may_leave():
            event.ignore()
            return True
        if event.type() == QEvent.Type.Hide and not event.spontaneous() and not self._turning:
            self.close()  # it is not spontaneous: a minimised window hides too
        return False

    def close(self) -> None:
        """Close the case and stop loading; closing twice does nothing."""
        if not self._closed:
            self._closed = True
            self.room.hand.let_go()  # while all still hear of the edit
            self._again.stop()
            self.files.close()
            self.thumbnails.close()
            self.attributes.close()
            self.reading.close()
            self.session.finish_stroke()
            self.figures.close()
            self.canvas.close()
            self.room.close()
            self.shell.bring_picture()
            self.session.leave()


def _call(action: Callable[..., object], argument: object) -> Callable[[], object]:
    return lambda: action(argument)
