"""The records and words of a case, as they stand after some edit; nothing here changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast

from callout.case.edits import Edit, State, Turns
from callout.case.file import CaseFile
from callout.case.given import Given, read_given
from callout.case.levels import Vertebra, frame_of
from callout.case.mark_measures import MarkMeasures, SliceValues, measure_mark
from callout.case.model import (
    KINDS,
    Exclusion,
    FigureRecipe,
    Finding,
    Link,
    Mark,
    MentionState,
    Numbering,
    Record,
    Region,
    Shift,
    Words,
)
from callout.case.places import missing_images
from callout.case.strangers import refuse_strangers
from callout.case.todo import derived_state, resolve_mention
from callout.case.words import mention_ids_in, revised
from callout.errors import CaseDamaged, CaseNewer, EditRefused, InputError
from callout.reports import Mention, Picture, Report
from callout.volume import Series

R = TypeVar("R", Finding, Region, Mark, Link, MentionState, FigureRecipe, Numbering, Shift, Exclusion)
ByReader = TypeVar("ByReader", MentionState, Numbering, Shift)


class Records:
    """The fold of a case's edits: all of them, or the first `at`. Records given out are frozen.

    reader: whose eyes see it; "" for nobody's in particular, which no blinding concerns.
    blinded: of findings, regions, marks, links and decisions only that reader's own are seen.
    """

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        at: int | None,
        reader: str | None,
        blinded: bool | None,
        exclusive: bool = False,
    ) -> None:
        self.path = path
        self._revised: tuple[tuple[Words, ...], Report | None] | None = None
        self._file = CaseFile(path, read_only=read_only, exclusive=exclusive)
        try:
            self._given: Given = read_given(self._file)
            self._edits: list[Edit] = self._file.edits()
            if at is not None:
                if not 0 <= at <= len(self._edits):
                    last = len(self._edits)
                    raise InputError(f"the case has no edit {at}", str(path), f"choose one of 0 to {last}")
                del self._edits[at:]
            self._mention_ids = {m.id for m in self._given.report.mentions} if self._given.report else set()
            self._state, self._turns = self._fold()
            refuse_strangers(self, (record for kind in KINDS.values() for record in self._state.all(kind)))
        except BaseException:
            self._file.close()
            raise
        self.reader = reader or self.made_by
        named = reader is not None or not read_only
        self.blinded = (self._given.blinded and named) if blinded is None else blinded
        self._told: tuple[Edit, ...] = ()
        self._named: tuple[Report | None, dict[str, Mention]] = (None, {})
        self._seen: dict[type[Record], tuple[tuple[object, object, int], tuple[Record, ...]]] = {}
        if self.blinded:
            self._edits = [edit if edit.reader == self.reader else _covered(edit) for edit in self._edits]

    @property
    def series(self) -> tuple[Series, ...]:
        """The stacks of images, as they were when the case was made, their paths as they are noted now."""
        return self._given.series

    @property
    def images_missing(self) -> tuple[str, ...]:
        """The ids of the series whose images are not where they were."""
        return tuple(series.id for series in self.series if missing_images(series))

    @property
    def report(self) -> Report | None:
        """The report with its figures, mentions and pictures, as it was given or typed since."""
        words = cast(tuple[Words, ...], self._state.all(Words))
        if self._revised is None or self._revised[0] != words:
            self._revised = words, revised(self._given.report, words)
        return self._revised[1]

    @property
    def report_bytes(self) -> bytes | None:
        """The report's file as it was given."""
        return self._given.report_bytes

    @property
    def made_by(self) -> str:
        """The reader who made the case."""
        return self._given.reader

    @property
    def readers(self) -> tuple[str, ...]:
        """The readers of the findings that are seen, in order of their first one."""
        return tuple(dict.fromkeys(finding.reader for finding in self.findings))

    @property
    def pictures(self) -> Mapping[str, Picture]:
        """The picture files that came with the report, by name."""
        return self._given.pictures

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order it was added."""
        return self._all(Finding)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The findings' regions."""
        return self._all(Region)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The findings' points, arrows, calipers, diameters, angles and ellipses."""
        return self._all(Mark)

    @property
    def links(self) -> tuple[Link, ...]:
        """Which finding is linked to which mention."""
        return self._all(Link)

    @property
    def recipes(self) -> dict[str, str]:
        """The recipes that authors set, TOML by figure label."""
        return {recipe.id: recipe.toml for recipe in self._all(FigureRecipe)}

    @property
    def numberings(self) -> tuple[Numbering, ...]:
        """The readers' numberings of the vertebrae, one a reader and frame of reference."""
        return self._all(Numbering)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """By how much readers moved series that are subtracted."""
        return self._all(Shift)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """All mentions of the report: the captions' in order of the figures, then the body's."""
        return self.report.mentions if self.report else ()

    @property
    def history(self) -> tuple[Edit, ...]:
        """Every edit, first one first; where blinded, of others' only that they are."""
        if len(self._told) != len(self._edits):  # it only grows
            self._told = tuple(self._edits)
        return self._told

    def series_of(self, series_id: str) -> Series:
        """The series with that id, or whose id a part of it names; InputError where none or several do."""
        from callout.dicom import pick_series

        return pick_series(self.series, series_id)

    def finding(self, finding_id: str) -> Finding:
        """The finding with that id."""
        return self._get(Finding, finding_id)

    def region(self, region_id: str) -> Region:
        """The region with that id."""
        return self._get(Region, region_id)

    def mark(self, mark_id: str) -> Mark:
        """The mark with that id."""
        return self._get(Mark, mark_id)

    def mention(self, name: str) -> Mention:
        """The one mention that `FIGURE:MARKER` or `FIGURE:#N` names; InputError where none or several do."""
        report = self.report
        if self._named[0] is not report:
            self._named = report, {mention.id: mention for mention in self.mentions}
        return self._named[1].get(name) or resolve_mention(self.mentions, name)

    def mention_state(self, mention: Mention) -> tuple[str, str]:
        """State and reason of a mention: what this reader decided, else what another did last, else what follows
        from its links and its words.
        """
        decided = [one for one in self._all(MentionState) if one.mention_id == mention.id]
        linked = [self.finding(link.finding_id) for link in self.links if link.mention_id == mention.id]
        return self._state_from(mention, decided, linked)

    def mention_states(self) -> dict[str, tuple[str, str]]:
        """What `mention_state` says of every mention, by its id: in one go."""
        decided: dict[str, list[MentionState]] = {}
        linked: dict[str, list[Finding]] = {}
        findings = {finding.id: finding for finding in self.findings}
        for one in self._all(MentionState):
            decided.setdefault(one.mention_id, []).append(one)
        for link in self.links:
            linked.setdefault(link.mention_id, []).append(findings[link.finding_id])
        return {m.id: self._state_from(m, decided.get(m.id, []), linked.get(m.id, ())) for m in self.mentions}

    @property
    def todo(self) -> tuple[Mention, ...]:
        """The captions' mentions that still want a finding."""
        figures = self.report.figures if self.report else ()
        mentions = [mention for figure in figures for mention in figure.caption.mentions]
        return tuple(mention for mention in mentions if self.mention_state(mention)[0] == "todo")

    def numbering_of(self, series_id: str) -> Numbering | None:
        """How the vertebrae of a series' frame of reference are numbered: by this reader, else by another one last."""
        frame = frame_of(self.series_of(series_id))
        return self._own_or_last([one for one in self.numberings if one.frame_of_reference_uid == frame])

    def vertebrae_of(self, series_id: str) -> tuple[Vertebra, ...]:
        """The vertebrae marked in the series' frame of reference, from the head down."""
        numbering = self.numbering_of(series_id)
        return numbering.vertebrae if numbering else ()

    def shift_of(self, series_id: str, minus: str) -> tuple[float, float, float]:
        """LPS mm by which `minus` is moved before it is subtracted from the series; zeros where nobody moved it."""
        pair = self.series_of(series_id).id, self.series_of(minus).id
        shift = self._own_or_last([one for one in self.shifts if (one.series_id, one.minus) == pair])
        return shift.shift_mm if shift else (0.0, 0.0, 0.0)

    def measures_of(self, mark: Mark | str, slice_values: SliceValues | None = None) -> MarkMeasures | None:
        """What is measured with a mark; None for points and arrows, and on images whose sizes mean nothing.

        slice_values: gives the (rows, columns) values of slice k of the mark's series, for those in an ellipse.
        """
        current = self.mark(mark if isinstance(mark, str) else mark.id)
        if current.series_id is None:
            return measure_mark(current)
        series = self.series_of(current.series_id)
        return measure_mark(current, series.grid, slice_values) if series.is_measurable else None

    def stands(self, number: int) -> bool:
        """Whether that edit, which is no undo, is in force: not taken back, or redone since."""
        return self._turns.stands(number)

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        self._file.close()

    # Inside ------------------------------------------------------------------------------------------------------

    def _state_from(self, mention: Mention, decided: list[MentionState], linked: Sequence[Finding]) -> tuple[str, str]:
        last = self._own_or_last(decided)
        if last:
            return last.state, last.reason
        return derived_state(mention, self.report, [finding.state for finding in linked])

    def _fold(self) -> tuple[State, Turns]:
        state, turns = State(), Turns()
        try:
            for edit in self._edits:
                self._note_mentions(edit)
                state.apply_unguarded(turns.step(edit))
                turns.take(edit)
        except CaseNewer as error:
            raise CaseNewer(error.what, str(self.path), error.remedy) from error
        except (EditRefused, LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise CaseDamaged(
                "the history does not hold together", str(self.path), "restore a backup, or try `callout recover`"
            ) from error
        return state, turns

    def _note_mentions(self, edit: Edit) -> None:
        """Ids of mentions are never given twice, also where another reader's edit is not seen."""
        for change in edit.changes:
            if change.kind == Words.KIND and change.after and "analysis" in change.after:
                self._mention_ids.update(mention_ids_in(change.after["analysis"]))

    def _speechless(self) -> Record | None:
        """A link or decision whose words are not there, where there is one."""
        known = {mention.id for mention in self.mentions}
        for kind in (Link, MentionState):
            for record in self._state.all(kind):
                if getattr(record, "mention_id", None) not in known:
                    return record
        return None

    def _sees(self, record: Record) -> bool:
        if not self.blinded:
            return True
        if isinstance(record, Words | Exclusion):
            return True
        if isinstance(record, FigureRecipe):
            return self._is_own_recipe(record)
        if isinstance(record, Region | Mark | Link):
            owner = self._state.get(Finding, record.finding_id)
            return isinstance(owner, Finding) and owner.reader == self.reader
        return record.reader == self.reader

    def _is_own_recipe(self, recipe: FigureRecipe) -> bool:
        """Whether an edit of this reader that stands says just this."""
        own = (edit for edit in self._edits if edit.changes and edit.reader == self.reader)
        stands = (edit for edit in own if edit.undoes is None and self._turns.stands(edit.number))
        return any(
            change.kind == FigureRecipe.KIND
            and change.id == recipe.id
            and (change.after or {}).get("toml") == recipe.toml
            for edit in stands
            for change in edit.changes
        )

    def _own_or_last(self, records: list[ByReader]) -> ByReader | None:
        """Of what readers say about one thing: what this reader says, else what was said last; None for nothing."""
        own = [one for one in records if one.reader == self.reader]
        return max(own or records, key=self._state.touched, default=None)

    def _all(self, kind: type[R]) -> tuple[R, ...]:
        """The same tuple while nothing changes."""
        records = cast(tuple[R, ...], self._state.all(kind))
        if not self.blinded:
            return records
        now = records, self._state.all(Finding), len(self._edits)  # what tells whose they are
        kept = self._seen.get(kind)
        if kept is None or kept[0][0] is not now[0] or kept[0][1] is not now[1] or kept[0][2] != now[2]:
            self._seen[kind] = kept = now, tuple(record for record in records if self._sees(record))
        return cast(tuple[R, ...], kept[1])

    def _get(self, kind: type[R], record_id: str) -> R:
        record = self._state.get(kind, record_id)
        if not isinstance(record, kind) or not self._sees(record):
            raise InputError(
                f"the case has no {kind.KIND} {record_id}", str(self.path), "`callout show --json` lists them"
            )
        return record


def _covered(edit: Edit) -> Edit:
    """That there is such an edit, and nothing of what it says."""
    return Edit(
        edit.number, edit.time, edit.reader, "", "another reader's edit", version=edit.version, undoes=edit.undoes
    )
