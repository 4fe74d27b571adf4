"""Report and findings in the window: what is said of words becomes edits, and edits become rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QPoint, Qt, QTimer, Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QApplication, QMenu, QWidget

from callout.case import Case
from callout.errors import EditRefused
from callout.figures.pictured import names_of
from napari_callout.qt.dragging import FINDING, MENTION
from napari_callout.qt.findings import FindingsView
from napari_callout.qt.menus import Decide, Extras, links_menu, reasons_menu, text_menu, thing_menu
from napari_callout.qt.passage import Passage
from napari_callout.qt.report import BODY, FIGURE, NEW_FIGURE, TITLE, ReportView
from napari_callout.qt.rows import Row
from napari_callout.session.links import findings_for, lost_text, measured_on, references_for, tie, tie_hint, words_for
from napari_callout.session.naming import Naming
from napari_callout.session.offers import Offer, Offers, offers_for, offers_to
from napari_callout.session.report_pictures import title_of
from napari_callout.session.rows import finding_rows, mention_rows, progress, report_blocks
from napari_callout.session.selection import Lit
from napari_callout.session.sizes import Sizes

if TYPE_CHECKING:
    from napari_callout.session import Session

NO_CASE = "No case is open. New case… keeps what you draw on this study."
TO_START = "Choose words in the report, press B, and draw."
TO_START_WITHOUT_WORDS = "Type a caption, or name a finding with + new; then press B, and draw."
DROPPED = Qt.ConnectionType.QueuedConnection  # once the drag is over, since rows may go with what it changes
GATHER_MS = 60  # sizes that come in within this time are shown together


class Reading(QObject):
    """Wires the report and the findings to a session; all that changes the case goes through it."""

    _sized = Signal()  # crosses from the thread that measures

    def __init__(self, window: QWidget, session: Session, report: ReportView, findings: FindingsView) -> None:
        super().__init__(window)
        self._session, self._report, self._findings = session, report, findings  # not the window: it has to go
        self.sizes = Sizes(self._sized.emit)
        self._offers = Offers(self.sizes)
        self._pointed = Lit()  # what the cursor is on in the panels
        self._gathered = QTimer(self)
        self._gathered.setSingleShot(True)
        self._gathered.setInterval(GATHER_MS)
        self._gathered.timeout.connect(self.refresh)
        self._sized.connect(self._gathered.start)
        self._connect_report()
        self._connect_findings()
        session.leaving.connect(self.finish_typing)
        session.opened.connect(self._start_anew)
        session.drafted.connect(self._show_lit)

    def _connect_report(self) -> None:
        report, said = self._report, self._report.said
        report.figure_chosen.connect(lambda label: self._attempt(lambda: self._session.hang(label)))
        report.typed.connect(self._type)
        report.text_asked.connect(self._text_menu)
        said.chosen.connect(self.choose_mention)
        said.asked.connect(self.mention_menu)
        said.hovered.connect(lambda mention: self._point(MENTION, mention))
        said.linked.connect(self.tie, DROPPED)
        said.tied_over.connect(self._hint)

    def _connect_findings(self) -> None:
        findings = self._findings
        findings.finding_chosen.connect(self.choose_finding)
        findings.mention_chosen.connect(self.choose_mention)
        findings.finding_asked.connect(self.finding_menu)
        findings.mention_asked.connect(self.mention_menu)
        findings.hovered.connect(self._point)
        findings.linked.connect(self.tie, DROPPED)
        findings.aimed.connect(self._hint)
        findings.accepted.connect(self.accept)
        findings.named.connect(self._name)

    # What is shown ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the case's rows; views that show them already do nothing."""
        session, case = self._session, self._session.case
        if case is None:
            self._report.show_blocks((), None, case=False)
            self._findings.show_rows((), (), (), NO_CASE if session.series else "")
            return
        chosen, editable = session.selection, not case.read_only
        offers = self._offers.of(case) if editable else ()
        self._report.show_blocks(report_blocks(case, chosen), progress(case), editable=editable)
        found = finding_rows(case, chosen, session.series_id, self.sizes, offers)
        nothing = (TO_START if case.mentions else TO_START_WITHOUT_WORDS) if editable else "Nothing is drawn."
        self._findings.show_rows(found, *mention_rows(case, chosen, offers), nothing_drawn=nothing, editable=editable)

    def show_chosen(self) -> None:
        """Scroll the report to the chosen mention."""
        if self._session.selection.mention_id is not None:
            self._report.show_mention(self._session.selection.mention_id)

    def _start_anew(self) -> None:
        """Another case is open, or none: nothing of the one before is kept."""
        self._report.leave_typing()
        self._findings.end_naming()
        self._pointed = Lit()
        self.sizes.forget()

    def _point(self, kind: str, thing: str) -> None:
        case = self._session.case
        if case is None or not thing:
            self._pointed = Lit()
        else:
            self._pointed = Lit.of_mention(case, thing) if kind == MENTION else Lit.of_finding(case, thing)
        self._session.light(self._pointed.finding_ids)
        self._show_lit()

    def _show_lit(self) -> None:
        """Light up what the cursor is on here, or in a view."""
        case, findings = self._session.case, set(self._session.lit)
        mentions = set(self._pointed.mention_ids)
        if case is not None and findings:
            mentions |= {link.mention_id for link in case.links if link.finding_id in findings}
        self._report.light(mentions)
        self._findings.light(findings | self._pointed.finding_ids, mentions)

    # What is chosen and linked ---------------------------------------------------------------------------------------

    def choose_mention(self, mention_id: str) -> None:
        """Choose a mention and go there."""
        self._attempt(lambda: self._session.choose_mention(mention_id))

    def choose_finding(self, finding_id: str) -> None:
        """Choose a finding and go there."""
        self._attempt(lambda: self._session.choose_finding(finding_id))

    def tie(self, finding_id: str, mention_id: str, alone: bool = False) -> None:
        """Link a finding and a mention, or break their link."""
        self._change(lambda case: tie(case, finding_id, mention_id, alone))

    def accept(self, kind: str, thing: str) -> None:
        """Make the link that is proposed first for a finding or a mention; tells where none is."""

        def accept() -> None:
            offers = self._offers_of(kind, thing)
            if offers:
                self.tie(offers[0].finding_id, offers[0].mention_id)
            else:
                self._session.told.emit("no link is proposed here", False)

        self._attempt(accept)

    # What keys ask for: of the chip or row that has the focus, else of what is chosen

    def accept_meant(self) -> None:
        """Make the link that is proposed first."""
        self._of_meant(lambda kind, thing, place: self.accept(kind, thing))

    def ask_links(self) -> None:
        """Show all that it can be linked to."""
        self._of_meant(self._links_menu)

    def ask_reasons(self) -> None:
        """Ask why it is not drawn."""
        self._of_meant(self._reasons_menu)

    def edit_meant(self) -> None:
        """The text that has the focus, or that the mention stands in, becomes an editor; a finding is named anew."""
        focused = QApplication.focusWidget()
        if isinstance(focused, Passage):
            self._report.said.edit_asked.emit(focused)
        else:
            self._of_meant(lambda kind, thing, place: self._edit(kind, thing))

    def take_keys(self) -> None:
        """The keys go to the report: the arrows move from mention to mention."""
        self._report.take_keys(self._session.selection.mention_id or "")

    def ask_finding(self) -> None:
        """Ask, in the panel, what a new finding is."""
        if self._editable() is not None:
            self._findings.ask_name()

    def _edit(self, kind: str, thing: str) -> None:
        passage = self._report.passage_of(thing)
        if kind == FINDING:
            self._ask_name(thing)
        elif passage is not None:
            self._report.said.edit_asked.emit(passage)

    def _of_meant(self, do: Callable[[str, str, QPoint], object]) -> None:
        """Do it with the kind and id of what is meant, and the place of a menu."""
        focused, chosen = QApplication.focusWidget(), self._session.selection
        if isinstance(focused, Passage) and focused.mention_at_focus:
            do(MENTION, focused.mention_at_focus, focused.menu_place())
        elif isinstance(focused, Row) and focused.stands_for:
            do(*focused.stands_for, focused.menu_place())
        elif chosen.mention_id is not None:
            do(MENTION, chosen.mention_id, self._place_of(MENTION, chosen.mention_id))
        elif chosen.finding_id is not None:
            do(FINDING, chosen.finding_id, self._place_of(FINDING, chosen.finding_id))
        else:
            self._session.told.emit("choose words or a finding first", False)

    def _offers_of(self, kind: str, thing: str) -> list[Offer]:
        case = self._session.case
        if case is None or case.read_only:
            return []
        if kind == MENTION:
            return offers_to(case, case.mention(thing), self.sizes)
        return offers_for(case, case.finding(thing), self.sizes)

    def _hint(self, finding_id: str, mention_id: str, alone: bool) -> None:
        case = self._session.case
        known = case is not None and finding_id in {finding.id for finding in case.findings}
        if case is not None and known and mention_id in {mention.id for mention in case.mentions}:
            self._session.told.emit(tie_hint(case, finding_id, mention_id, alone), False)

    # Menus -----------------------------------------------------------------------------------------------------------

    def finding_menu(self, finding_id: str, place: QPoint) -> None:
        """State, links, name of a finding, and the way to remove it."""
        case = self._editable()
        if case is None:
            return
        offers = [(offer, offer.mention_id) for offer in self._offers_of(FINDING, finding_id)]
        extras: Extras = (
            ("Call it otherwise…\tF2", lambda: self._ask_name(finding_id)),
            ("Remove", lambda: self._change(lambda case: case.remove_finding(finding_id))),
        )
        links = ("&Words that speak of it\tL", words_for(case, finding_id))
        decide = self._decide(FINDING, finding_id)

        def measure_on(series_id: str) -> None:
            self._change(lambda case: measured_on(case, finding_id, series_id))

        choices = ("&Measured on", references_for(case, finding_id), measure_on)
        tie = partial(self.tie, finding_id)
        self._pop(thing_menu(self._report.window(), decide, offers, links, tie, extras, choices), place)

    def mention_menu(self, mention_id: str, place: QPoint) -> None:
        """State and links of a mention, and the way to its text."""
        case = self._editable()
        if case is None:
            return
        offers = [(offer, offer.finding_id) for offer in self._offers_of(MENTION, mention_id)]
        passage = self._report.passage_of(mention_id)
        extras: Extras = (
            ("Draw another lesion of it\tEnter", lambda: self._another(mention_id)),
            *((("Edit text…\tF2", lambda: self._report.said.edit_asked.emit(passage)),) if passage else ()),
        )
        links = ("Findings it &speaks of\tL", findings_for(case, mention_id))
        decide = self._decide(MENTION, mention_id)
        self._pop(
            thing_menu(
                self._report.window(), decide, offers, links, lambda finding: self.tie(finding, mention_id), extras
            ),
            place,
        )

    def _links_menu(self, kind: str, thing: str, place: QPoint) -> None:
        case = self._editable()
        if case is None:
            return
        if kind == MENTION:
            choices, nothing = findings_for(case, thing), "There is no finding yet"
            menu = links_menu(self._report.window(), choices, lambda finding: self.tie(finding, thing), nothing)
        else:
            choices, nothing = words_for(case, thing), "The report names nothing to draw"
            menu = links_menu(self._report.window(), choices, lambda mention: self.tie(thing, mention), nothing)
        self._pop(menu, place)

    def _reasons_menu(self, kind: str, thing: str, place: QPoint) -> None:
        if self._editable() is not None:
            self._pop(reasons_menu(self._report.window(), self._decide(kind, thing)), place)

    def _text_menu(self, kind: str, label: str, place: QPoint) -> None:
        case = self._session.case
        text = next((block.block.text for key, block in self._report.blocks.items() if _is(key, kind, label)), "")
        actions = [("Copy text", lambda: QGuiApplication.clipboard().setText(text))]
        if kind == FIGURE:
            actions.insert(0, ("Hang this figure\tEnter", lambda: self._report.figure_chosen.emit(label)))
            actions += [(f"Show {title}", partial(self._show_picture, name)) for name, title in self._pictures(label)]
        if case is not None and not case.read_only:
            actions.insert(0, ("Edit text…\tF2", lambda: self._report.edit(kind, label)))
        self._pop(text_menu(self._report.window(), actions), place)

    def _pictures(self, label: str) -> list[tuple[str, str]]:
        """The pictures that came with a figure: name, and what they are called."""
        case = self._session.case
        figure = case.report.figure(label) if case is not None and case.report else None
        return [] if case is None or figure is None else [(name, title_of(case, name)) for name in names_of(figure)]

    def _show_picture(self, name: str) -> None:
        self._attempt(lambda: self._session.report_pictures.show(name))

    def _decide(self, kind: str, thing: str) -> Decide:
        def decide(state: str, reason: str) -> None:
            if kind == MENTION:
                self._change(lambda case: case.set_mention_state(thing, state, reason))
            else:
                self._change(lambda case: case.change_finding(thing, state=state, reason=reason))

        return decide

    def _place_of(self, kind: str, thing: str) -> QPoint:
        row = self._findings.rows.get(thing)
        passage = self._report.passage_of(thing) if kind == MENTION else None
        if passage is not None and passage.isVisible():
            return passage.mapToGlobal(passage.rect_of(thing).bottomLeft().toPoint())
        return row.menu_place() if row is not None else self._report.mapToGlobal(QPoint(40, 80))

    def _pop(self, menu: QMenu, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    # What is typed ---------------------------------------------------------------------------------------------------

    def finish_typing(self) -> None:
        """Keep what is typed in editors that are open: the case is left."""
        for editor in self._report.editors:
            editor.finish()

    def _type(self, kind: str, label: str, text: str) -> None:
        def change(case: Case) -> str:
            if kind == TITLE:
                case.set_title(text)
                return ""
            if kind == NEW_FIGURE and case.report is not None and case.report.figure(label) is not None:
                raise EditRefused(f"figure {label} has a caption already", remedy="change that one, or name another")
            return lost_text(case, case.set_body(text) if kind == BODY else case.set_caption(label, text))

        if self._change(change):
            self._report.end_typing()

    def _ask_name(self, finding_id: str) -> None:
        case = self._editable()
        if case is not None:
            self._attempt(lambda: self._findings.ask_name(finding_id, Naming.of(case.finding(finding_id))))

    def _name(self, finding_id: str, naming: Naming) -> None:
        made: list[str] = []

        def change(case: Case) -> None:
            if finding_id:
                case.change_finding(finding_id, **asdict(naming))
            else:
                made.append(case.add_finding(**asdict(naming)).id)

        if self._change(change):
            self._findings.end_naming()
            for new in made:
                self.choose_finding(new)

    def _another(self, mention_id: str) -> None:
        self.choose_mention(mention_id)
        self._attempt(self._session.next_lesion)

    # Inside ----------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Keep what is typed, and measure nothing more."""
        self.finish_typing()
        self._gathered.stop()
        self.sizes.close()

    def _editable(self) -> Case | None:
        case = self._session.case
        if case is not None and case.read_only:
            self._session.told.emit("the case is open to look only", False)
            return None
        return case

    def _attempt(self, action: Callable[[], object]) -> bool:
        return self._session.attempt(action)

    def _change(self, change: Callable[[Case], object]) -> bool:
        """Change the case; a sentence that the change gives back is told."""
        said: list[object] = []
        done = self._attempt(lambda: self._session.change(lambda case: said.append(change(case))))
        for sentence in said:
            if isinstance(sentence, str) and sentence:
                self._session.told.emit(sentence, False)
        return done


def _is(key: str, kind: str, label: str) -> bool:
    return key == (f"{FIGURE} {label}" if kind == FIGURE else kind)
