"""One sitting at one case or study: the model that the window shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from psygnal import Signal

from callout.case import Case, Edit
from callout.errors import CalloutError, CaseError, EditRefused
from callout.volume import Series
from napari_callout.session.bookmark import take_up
from napari_callout.session.choose import Place, place_of, place_of_marks, place_of_regions
from napari_callout.session.differences import Shifting
from napari_callout.session.drawing import Drawing
from napari_callout.session.hang import hung
from napari_callout.session.images import find_again, found_text, missing
from napari_callout.session.kit import Kit
from napari_callout.session.levels import Levels
from napari_callout.session.look import Look, is_picture, layout_for, picture_name
from napari_callout.session.looking import Looking
from napari_callout.session.lumens import Lumens
from napari_callout.session.opening import Opened, StrPath, is_same_file, open_all_readers, open_to_draw
from napari_callout.session.report_pictures import ReportPictures
from napari_callout.session.selection import Selection, next_mention
from napari_callout.session.targets import LOOK_ONLY, Target, Targets
from napari_callout.session.windows import Window
from napari_callout.session.words import saved_text


class Session(Looking):
    """What is open, shown, chosen and being drawn. Every change of the case goes through its edits.

    Signals, beside those of `Looking`: `opened` another case or study, or none; `leaving` what is open, so that all of
    it gets saved; `chosen` another selection; `edited` the case.
    """

    opened = Signal()
    leaving = Signal()
    chosen = Signal(Selection)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.band = ""  # why the case is to look only, and what is not shown of it
        self.all_readers = False  # the case is opened to see what all of them found
        self.missing: tuple[str, ...] = ()  # the series whose images are not there
        self.levels = Levels(self)
        self.shifting = Shifting(self)
        self.report_pictures = ReportPictures(self)
        self.selection = Selection()
        self.window: Window | None = None
        self.tool: tuple[str, dict[str, Any]] = ("paint", {})
        self.drawing: Drawing | None = None
        self._targets = Targets()
        self._stroke_open = False
        self.armed = ""  # the tool that the left button is
        self.brush_mm = 8
        self.kit = Kit()  # what all tools are set to
        self.lumens = Lumens()
        self.unsaved = ""  # why what was drawn last is not saved
        self.figure = ""  # the label of the figure that was hung last
        self._drawings: dict[str, Drawing] = {}  # by series
        self.lets_go: Callable[[str], bool] = lambda why: False  # asks: may what can't be saved be lost?

    # Opening ---------------------------------------------------------------------------------------------------------

    def open_case(self, path: StrPath, reader: str | None = None, all_readers: bool = False) -> None:
        """Open a case for `reader`, else for who made it; to look only where it can't be written.

        all_readers: with the findings of all readers, to look only.
        The case that is open already stays open. Raises CaseError and its kin where it can't be opened.
        """
        if self.case is not None and not self.case.read_only and is_same_file(path, self.case.path):
            return
        self._leave_drawing()
        opened = open_all_readers(path, reader) if all_readers else open_to_draw(path, reader)
        self._take(opened, opened.case.series)
        if not take_up(self) and opened.case.mentions:
            self.show_first()

    def show_all_readers(self, wanted: bool) -> None:
        """Open the case anew: with all readers' findings, to look only, or for its reader; the same slice is shown."""
        case, selection, shown, k, picture = self._case(), self.selection, self.series_id, self.k, self.picture
        self._leave_drawing()
        opened = (open_all_readers if wanted else open_to_draw)(case.path, case.reader)
        self._take(opened, opened.case.series)
        self._choose(selection)
        if shown is not None:
            self.show_series(shown, k)
        elif picture is not None:
            self.report_pictures.show(picture)

    def open_study(self, paths: Sequence[StrPath]) -> None:
        """Show the series of folders or files, without a case. NoImages where there is none."""
        from callout import find_series

        self.take_study(find_series(*paths))

    def take_study(self, series: Sequence[Series]) -> None:
        """Show series that were found already."""
        self._leave_drawing()
        self._take(None, tuple(series))

    def take_case(self, case: Case) -> None:
        """Show a case that is open already; it is closed with the session."""
        self._leave_drawing()
        self._take(Opened(case), case.series)

    def close(self) -> None:
        """Close the case, and be empty. CaseError, and nothing is closed, while something drawn can't be saved."""
        self._leave_drawing()
        self._take(None, ())

    def may_leave(self) -> bool:
        """Whether nothing is lost by closing the case, or the reader lets it go."""
        self.leaving.emit()
        self.finish_stroke()
        return self.waiting is None or self.lets_go(self.unsaved)

    def _leave_drawing(self) -> None:
        if not self.may_leave():
            raise CaseError("what is drawn is not saved", str(self._case().path), self.unsaved)

    def leave(self) -> None:
        """Close the case, and tell no one: the window goes, and with it what could not be saved."""
        if self.case is not None:
            self.case.close()
        self.case, self.drawing, self.series = None, None, ()
        self.views.looks = [None] * len(self.views.looks)

    def _take(self, opened: Opened | None, series: tuple[Series, ...]) -> None:
        if self.case is not None:
            self.case.close()
        case = opened.case if opened else None
        self.case, self.series, self.missing = case, series, missing(series) if case else ()
        self.all_readers, self.lit = opened is not None and opened.all_readers, frozenset()
        self.band = opened.words if opened else ""
        self.drawing, self.selection, self.window, self.unsaved, self.figure = None, Selection(), None, "", ""
        self._targets, self._slices, self._drawings, self._seen = Targets(), {}, {}, (None, 0)
        self.kit, self.lumens = Kit(), Lumens()
        self.report_pictures.forget()
        self.views.open(series)
        if case is not None:
            case.subscribe(self._on_edit)
        self.opened.emit()
        first = next((one for one in series if not one.is_localizer), series[0] if series else None)
        if first is not None:
            self.show_series(first.id)
        else:
            self.shown.emit()

    def relink(self, folder: StrPath) -> None:
        """Find the images in the folder that they moved to; what is found is seen at once, what is not is told.

        Raises InputError where none of the case's series is there.
        """
        self.series, result = find_again(self._saved_case(), self.series, folder)
        self.missing = missing(self.series)
        self.views.update(self.series)
        self.shown.emit()
        self.told.emit(found_text(self.series, result, self.missing), bool(self.missing))

    # Looking ---------------------------------------------------------------------------------------------------------

    def hang(self, label: str) -> None:
        """Hang a figure: one view for each picture that its caption speaks of, in order."""
        if not self._hang(label):
            self.told.emit(f"no series fits what the caption of figure {label} says", True)

    def _hang(self, label: str) -> bool:
        looks = hung(self._case(), label, self.views, self.report_pictures)
        if looks:
            self.figure = label
            self.views.hang(layout_for(len(looks)), looks)
        return bool(looks)

    def _turn_to_series(self) -> None:
        self.attempt(self.commit_stroke)
        self.drawing = self.drawing_of(self.series_id)
        self._retarget()

    def drawing_of(self, series_id: str | None) -> Drawing | None:
        """What is drawn on a series; None without a case."""
        series = next((one for one in self.series if one.id == series_id), None)
        if self.case is None or series is None:
            return None
        if series.id not in self._drawings:
            self._drawings[series.id] = Drawing(self.case, series, self._targets.labels)
        self._drawings[series.id].hidden = self.hidden
        return self._drawings[series.id]

    # Choosing --------------------------------------------------------------------------------------------------------

    def choose_mention(self, mention_id: str, go: bool = True) -> None:
        """Choose a mention and, unless told not to, go where it is seen; where figures hang, its own does then."""
        case = self._case()
        mention = case.mention(mention_id)
        self._choose(Selection(mention_id=mention.id))
        label = mention.id.rpartition(":")[0]
        if go and self.figure not in ("", label):
            self._hang(label)
        place = place_of(case, mention, self.series_id) if go else None
        self.go_to_place(place)

    def choose_finding(self, finding_id: str, go: bool = True) -> None:
        """Choose a finding and, unless told not to, go to its largest slice."""
        case = self._case()
        mention = Selection(finding_id=finding_id).mention(case)
        self._choose(Selection(mention.id if mention else None, case.finding(finding_id).id))
        regions = [r for r in case.regions if r.finding_id == finding_id] if go else []
        self.go_to_place(
            place_of_regions(case, regions, self.series_id)
            or (place_of_marks(case, [finding_id], self.series_id) if go else None)
        )

    def go_to_place(self, place: Place | None) -> None:
        """Show a series at a slice, or a picture; nothing where there is none to go to."""
        if place is not None and is_picture(place.series_id):
            self.report_pictures.show(str(picture_name(place.series_id)))
        elif place is not None:
            self.show_series(place.series_id, place.k)

    def choose_label(self, label: int) -> bool:
        """Choose the finding of a labels layer's number; False where it has none."""
        region = self.drawing.regions().get(label) if self.drawing else None
        if region is None:
            return False
        mention = Selection(finding_id=region.finding_id).mention(self._case())
        self._choose(Selection(mention.id if mention else None, region.finding_id))
        return True

    def choose_next(self, step: int = 1) -> None:
        """Choose the next mention to do."""
        found = next_mention(self._case(), self.selection.mention_id, step)
        if found is None:
            self.told.emit("there is no mention to go to", False)
        else:
            self.choose_mention(found)

    def show_first(self) -> None:
        """Choose the first mention of the first figure that is to be drawn."""
        case = self._case()
        first = next((m for m in case.mentions if case.mention_state(m)[0] != "not drawn"), None)
        if first is not None:
            self.choose_mention(first.id)

    def next_lesion(self) -> None:
        """The next stroke starts another finding of the chosen mention."""
        case = self._case()
        mention = self.selection.mention(case)
        if case.read_only:
            raise EditRefused(LOOK_ONLY)
        if mention is None:
            self.told.emit("choose a mention first: another lesion needs its words", True)
            return
        self.save()
        self._choose(Selection(mention.id, fresh=True))
        self.told.emit(f"the next stroke starts another one of “{mention.text}”", False)

    def _choose(self, selection: Selection) -> None:
        self.finish_stroke()
        self.selection = selection
        self._retarget()
        self.chosen.emit(selection)

    # Drawing ---------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """An assignment is whole: outside a stroke it becomes an edit now."""
        if self._stroke_open:
            self.drafted.emit()
        else:
            self.commit_stroke()

    def refusal(self) -> str:
        """Why nothing can be drawn now; "" where it can."""
        if self.case is None:
            return "there is no case yet: New case… keeps what you draw"
        if self.drawing is None:
            return "there is no series to draw on"
        return self.drawing.refusal

    def begin_stroke(self) -> None:
        """What is written from now on is one stroke. EditRefused where nothing can be drawn."""
        reason = self.refusal()
        if reason:
            raise EditRefused(reason)
        self._stroke_open = True

    def commit_stroke(self) -> None:
        """The stroke is done: it becomes one edit.

        Raises:
            CaseError: the case can't be written now; the stroke stays, and waits.
            CalloutError: the case refuses it; the stroke is gone.
        """
        self._stroke_open = False
        self.save()

    def finish_stroke(self) -> None:
        """Save what is drawn because the reader turned to something else; what does not work is told.

        Where the hand still draws, the rest of its stroke is an edit of its own.
        """
        self.attempt(self.save)

    @property
    def waiting(self) -> Drawing | None:
        """The drawing of which something is not saved yet; only ever one."""
        return next((drawing for drawing in self._drawings.values() if drawing.waiting), None)

    def save(self) -> None:
        """Save what is drawn, and before it what waits; raises as `commit_stroke` does."""
        if self.drawing is not None and self.drawing.drafting:
            self.drawing.finish(self.tool[0], self.tool[1], self.window)
        self.save_waiting()
        self.shifting.commit()

    def save_waiting(self) -> None:
        """Save the finished strokes that wait, and leave the one that is being made; raises as `commit_stroke` does."""
        drawing = self.waiting
        if drawing is None:
            return
        try:
            drawing.save()
        except CalloutError as error:
            self.unsaved = error.what
            raise
        finally:
            self._retarget()
            self.drafted.emit()

    def hide_drawn(self, hidden: bool) -> None:
        """Show the pictures alone, or with what is drawn."""
        self.hidden = hidden
        for drawing in self._drawings.values():
            drawing.hidden = hidden
        self.drafted.emit()

    def is_lit(self, finding_id: str) -> bool:
        """Whether a finding is what is chosen or pointed at."""
        return finding_id in self.lit or finding_id == self.selection.finding_id

    def markers_of(self, finding_id: str) -> str:
        """The report's markers of a finding: "1", or "1, a"; "" where it has none."""
        case = self._case()
        linked = (case.mention(link.mention_id) for link in case.links if link.finding_id == finding_id)
        return ", ".join(dict.fromkeys(mention.marker for mention in linked if mention.marker))

    def shift_of(self, look: Look) -> tuple[float, float, float]:
        """By how much the series that is subtracted is moved, LPS mm."""
        return self.shifting.of(look)

    # Edits -----------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the reader's last edit; of a stroke that is being made, what is drawn so far."""
        self.told.emit(self._saved_case().undo().summary, False)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self.told.emit(self._saved_case().redo().summary, False)

    def change(self, action: Callable[[Case], object]) -> None:
        """Change the case, once what is drawn is saved: what is done next comes after it in the history."""
        action(self._saved_case())

    def link_chosen(self, finding_id: str) -> None:
        """Tie a finding to the chosen mention."""
        mention = self.selection.mention(self._case())
        if mention is None:
            raise EditRefused("no mention is chosen", remedy="click the words that speak of it first")
        self._saved_case().link(finding_id, mention)

    def _on_edit(self, edit: Edit) -> None:
        if self.waiting is None:
            self.unsaved = ""
        case = self._case()
        known = {finding.id for finding in case.findings}
        made = [c.id for c in edit.changes if c.kind == "finding" and c.before is None]
        if self.selection.mention_id not in (None, *(mention.id for mention in case.mentions)):
            self.selection = Selection(finding_id=self.selection.finding_id)
        if self.selection.finding_id not in (None, *known):
            self.selection = Selection(self.selection.mention_id)
        elif self.selection.fresh and made:
            self.selection = Selection(self.selection.mention_id, made[0])
        self._retarget()
        self.edited.emit()

    def _retarget(self) -> None:
        """Work out what a stroke would go to. While one waits, all go where that one goes: none is mixed up or lost."""
        drawing, case, waiting = self.drawing, self.case, self.waiting
        if drawing is None or case is None:
            return
        found = self._targets.find(case, self.selection, drawing.series.id, drawing.regions())
        if waiting is not None and isinstance(found, Target):
            first = waiting.waiting[0].target
            if waiting is not drawing or first is None or first.label != found.label:
                found = f"what was drawn before is not saved yet ({self.unsaved})"
        drawing.target, drawing.refusal = (found, "") if isinstance(found, Target) else (None, found)

    # Words -----------------------------------------------------------------------------------------------------------

    @property
    def saved(self) -> str:
        """What can be said about the case being on disk, true at every moment."""
        return saved_text(
            self.case, self.unsaved, self._stroke_open and self.drawing is not None and self.drawing.drafting
        )

    @property
    def title(self) -> str:
        """Case, reader and whether it is saved, for the window's title; no patient."""
        if self.case is None:
            return "Callout" if not self.series else "Callout · a study without a case"
        return f"{Path(self.case.path).stem} · {self.case.reader} · {self.saved}"

    def _saved_case(self) -> Case:
        """The case, with all that is drawn."""
        self.save()
        return self._case()

    def _case(self) -> Case:
        if self.case is None:
            raise EditRefused("there is no case yet", remedy="make one with New case…")
        return self.case
