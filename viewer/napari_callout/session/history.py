"""What was done in a case, as one reads it: a line for each edit, where it is seen, and the way back to it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callout.case import Case
from callout.case.model import Finding, Link, Mark, MentionState
from callout.errors import EditRefused
from callout.masks import Stroke
from napari_callout.session.blame import edit_text
from napari_callout.session.choose import Place, place_of_marks, place_of_regions
from napari_callout.session.windows import window_text

if TYPE_CHECKING:
    from napari_callout.session.session import Session


@dataclass(frozen=True)
class HistoryLine:
    """An edit: what was done, by whom and when; stands: whether it was not taken back."""

    number: int
    words: str
    made: str
    stands: bool
    own: bool


class HistoryLines:
    """The edits that are no undo and no redo, last one first; each line is made when it is asked for."""

    def __init__(self) -> None:
        self._case: Case | None = None
        self._numbers: list[int] = []
        self._read = 0

    def follow(self, case: Case | None) -> None:
        """Take in what was done since."""
        if case is not self._case or case is None:
            self._case, self._numbers, self._read = case, [], 0
        if case is not None:
            new = case.history[self._read :]
            self._numbers += [edit.number for edit in new if edit.undoes is None]
            self._read += len(new)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, row: int) -> HistoryLine:
        assert self._case is not None
        case, edit = self._case, self._case.history[self._numbers[-1 - row] - 1]
        own = edit.reader == case.reader
        window = f", {window_text(edit.window)}" if edit.window else ""
        return HistoryLine(edit.number, edit.summary, edit_text(edit) + window, case.stands(edit.number), own)


def go_to_edit(session: Session, number: int) -> None:
    """Choose what an edit is about, and go to where it drew; told where nothing of it is left."""
    case = session.case
    if case is None:
        return
    place, finding, mention = _about(case, number)
    if finding is not None:
        session.choose_finding(finding, go=place is None)
    elif mention is not None:
        session.choose_mention(mention)
    elif place is None:
        session.told.emit("what this was about is not there any more", False)
    if place is not None:
        session.go_to_place(place)


def go_back_to(session: Session, number: int) -> None:
    """Undo what the reader did after an edit; where that was taken back itself, redo up to it.

    EditRefused where the edit is another reader's, or where what was taken back can't be done again.
    """
    case = session.case
    if case is None:
        return
    if case.history[number - 1].reader != case.reader:
        raise EditRefused("another reader's edit is not yours to go back to", remedy="choose one of your own")
    session.save()
    with session.edited.paused(lambda one, other: ()):  # the window follows once, not a thousand times
        if not case.stands(number):
            while not case.stands(number):
                case.redo()
            return
        later = [e.number for e in case.history[number:] if e.undoes is None and e.reader == case.reader]
        for _ in [n for n in later if case.stands(n)]:
            case.undo()


def _about(case: Case, number: int) -> tuple[Place | None, str | None, str | None]:
    """Where an edit drew, and the finding or the mention that it is about; None for what there is not."""
    findings = {finding.id for finding in case.findings}
    strokes = case.strokes_of(number)
    regions = {region.id: region for region in case.regions}
    drawn = [(regions[name], stroke) for name, stroke in strokes if name in regions]
    if drawn:
        region, stroke = max(drawn, key=lambda one: one[1].bits.size)
        return Place(region.series_id, _slice_of(stroke)), region.finding_id, None
    mention = None
    for change in case.history[number - 1].changes:
        fields = {**(change.before or {}), **(change.after or {})}
        finding = change.id if change.kind == Finding.KIND else fields.get("finding_id")
        if change.kind == Mark.KIND and finding is None:
            finding = next((mark.finding_id for mark in case.marks if mark.id == change.id), None)
        if finding in findings:
            place = place_of_regions(case, [r for r in case.regions if r.finding_id == finding])
            return place or place_of_marks(case, [finding]), finding, None
        if change.kind in (MentionState.KIND, Link.KIND):
            mention = fields.get("mention_id") or mention
    known_mentions = {one.id for one in case.mentions}
    return None, None, mention if mention in known_mentions else None


def _slice_of(stroke: Stroke) -> int:
    """The slice on which a stroke flips most voxels."""
    return stroke.low[0] + int(stroke.bits.sum(axis=(1, 2)).argmax())
