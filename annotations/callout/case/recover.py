"""What can be saved of a damaged case: a new one, made of the rows that its pages still hold.

A stroke flips voxels, so where one is lost the later ones can't be trusted blindly: what may lack some is flagged, by
an edit of the recovery itself. What is lost keeps its number in the history, and says so.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from callout.case import schema
from callout.case.carve import carve
from callout.case.connection import identity, is_open_here
from callout.case.contents import Contents
from callout.case.edits import Change, Edit, State, Step, Turns
from callout.case.file import CaseFile, Places, edit_of_row, picture_of_row, stroke_of_row
from callout.case.levels import frame_of
from callout.case.lock import CaseLock
from callout.case.model import Finding, Region, Words
from callout.case.stacks import series_from_json
from callout.case.words import revised
from callout.errors import CalloutError, CaseDamaged, CaseInUse, CaseNewer, CaseReadOnly
from callout.masks import Stroke
from callout.reports import Picture, Report
from callout.version import __version__
from callout.volume import Series

TOOL = "recover"
BAD = (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError, CalloutError)
Row = tuple[Any, ...]
V = TypeVar("V")


@dataclass(frozen=True)
class Recovered:
    """edits: how many were saved; lost: how many are known to be lost; notes: what else is, in words."""

    edits: int
    lost: int
    notes: tuple[str, ...]


def recover(path: Path, target: Path) -> Recovered:
    """Make a case at `target` of what the file at `path` and its log still hold; `path` is left as it is.

    CaseDamaged where nothing of a case can be read, CaseInUse where somebody has it open, CaseNewer where a later
    version wrote it, CaseError where the new one can't be written.
    """
    with _undisturbed(path):
        data = path.read_bytes()
        log = path.resolve().with_name(path.resolve().name + "-wal")
        logged = log.read_bytes() if log.is_file() else b""
    if data[68:72] == schema.APPLICATION_ID.to_bytes(4, "big") and int.from_bytes(data[60:64], "big") > schema.VERSION:
        raise CaseNewer("the case was written by a later version of Callout", str(path), "recover it with that one")
    foreign = data.startswith(b"SQLite format 3\0") and data[18:19] == b"\1" and logged
    if foreign:  # a file at rest has no log
        logged = b""
    rows = _Rows(carve(data))
    if logged:
        rows.take(carve(data, logged))
    try:
        story = _Story(rows)
    except CaseNewer as error:
        raise CaseNewer(error.what, str(path), "recover it with that one") from error
    if not story.facts and story.lost == len(story.edits):
        raise CaseDamaged("nothing of a case can be read", str(path), "restore a backup")
    CaseFile.create(target, story.given, story.facts, story.pictures, story.places, story.edits)
    try:
        case = Contents(target, read_only=True, at=None, reader=None, blinded=False)
        case.close()
    except CalloutError:
        target.unlink()
        raise
    if foreign:
        story.notes.insert(0, f"the log {log.name} is of another case and was not used")
    if not _is_whole(data, logged):
        end = f"edit {len(story.edits) - story.flagged}" if story.edits else "nothing"
        story.notes.insert(0, f"the history ends with {end}: what was made after that, if anything, is lost")
    return Recovered(len(story.edits) - story.lost - story.flagged, story.lost, tuple(story.notes))


def _is_whole(data: bytes, log: bytes) -> bool:
    """Whether it opens as a case: else its last edits may be gone without a trace."""
    with tempfile.TemporaryDirectory(prefix="callout-") as folder:
        copy = Path(folder) / "case"
        copy.write_bytes(data)
        if log:
            copy.with_name("case-wal").write_bytes(log)
        try:
            Contents(copy, read_only=True, at=None, reader=None, blinded=False).close()
        except CalloutError:
            return False
    return True


@contextmanager
def _undisturbed(path: Path) -> Iterator[None]:
    """Nobody has the case open meanwhile, as far as a lock can be had where it lies."""
    identity(path)
    if is_open_here(path):
        raise CaseInUse("the case is in use here", str(path), "close it first")
    lock = None
    with suppress(CaseReadOnly):
        lock = CaseLock.take(path)
    try:
        yield
    finally:
        if lock:
            lock.release()


class _Rows:
    """The rows by table, each as its reader in `file` gives it; what is not whole is left out."""

    def __init__(self, rows: Iterable[tuple[int, Row]]) -> None:
        self.given: dict[str, bytes] = {}
        self.series: dict[int, dict[str, Any]] = {}
        self.pictures: dict[str, tuple[str, str, bytes]] = {}
        self.places: dict[str, tuple[str, list[str]]] = {}
        self.edits: dict[int, tuple[Edit, int]] = {}
        self.strokes: dict[int, tuple[int, str, Stroke]] = {}
        self.take(rows)

    def take(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Sort rows by their shape; a later one of the same key takes the place of an earlier one."""
        for rowid, values in rows:
            with suppress(*BAD):
                self._take(rowid, values)

    def _take(self, rowid: int, row: Row) -> None:
        kinds = "".join({type(None): "0", str: "t", bytes: "b", int: "i", float: "f"}[type(value)] for value in row)
        if kinds == "tbi":
            name, value = schema.checked(row)
            self.given[name] = value
        elif kinds == "0tti":
            position, _, facts = schema.checked((rowid, *row[1:]))
            self.series[position] = json.loads(facts)
        elif kinds == "ttbi":
            self.pictures[row[0]] = picture_of_row(row)
        elif kinds == "ttt":
            self.places[row[0]] = row[1], json.loads(row[2])
        elif len(row) == 12 and row[0] is None:
            self.edits[rowid] = edit_of_row((rowid, *row[1:]))
        elif len(row) == 11 and row[0] is None:
            schema.checked((rowid, *row[1:]))
            self.strokes[rowid] = stroke_of_row((rowid, *row[1:]))


@dataclass
class _Story:
    """What the rows make together, and what is missing from it."""

    rows: _Rows
    given: dict[str, bytes] = field(init=False)
    facts: list[dict[str, Any]] = field(init=False)
    places: Places = field(init=False)
    edits: list[Edit] = field(init=False, default_factory=list)
    notes: list[str] = field(init=False, default_factory=list)
    lost: int = field(init=False, default=0)
    flagged: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._series = self._read_series()
        self.pictures = list(self.rows.pictures.values())
        self._read_given()
        self._state, self._turns = State(), Turns()
        self._doubtful: set[str] = set()  # regions that may lack strokes
        self._strokes_lost = 0
        self._read_edits()
        self._flag_doubtful()

    def _read_series(self) -> dict[str, Series]:
        found: dict[str, Series] = {}
        self.facts, self.places = [], {}
        for position, facts in sorted(self.rows.series.items()):
            with suppress(*BAD):
                series = series_from_json(facts)
                folder, paths = self.rows.places.get(series.id, ("", []))
                if len(paths) != len(series.instances) or not all(isinstance(path, str) for path in paths):
                    self.notes.append(f"where the images of series {position + 1} lie is lost: say `callout relink`")
                    paths = [""] * len(series.instances)
                found[series.id] = series
                self.facts.append(facts)
                self.places[series.id] = folder, paths
        return found

    def _read_given(self) -> None:
        first = next((edit.reader for _, (edit, _) in sorted(self.rows.edits.items())), "reader")
        self.given = {"version": __version__.encode(), "reader": first.encode(), "blinded": b"no", **self.rows.given}
        for name in ("reader", "blinded"):
            if name not in self.rows.given:
                self.notes.append(f"who made the case is lost: now it is {first}" if name == "reader" else
                                  "whether readers were blinded is lost: now they are not")  # fmt: skip
        pictures = {name: Picture(*row) for name, row in self.rows.pictures.items()}
        self._report: Report | None = None
        if "report analysis" in self.given:
            with suppress(*BAD):
                self._report = Report.from_json(json.loads(self.given["report analysis"]), pictures)
        if self._report is None:
            self.given.pop("report analysis", None)
            self.notes.append("there is no report, or it is lost, and with it the links to its words")

    def _read_edits(self) -> None:
        strokes: defaultdict[int, list[tuple[str, Stroke]]] = defaultdict(list)
        for row, (number, region, stroke) in sorted(self.rows.strokes.items()):
            _, count = self.rows.edits.get(number, (None, schema.STROKES_AN_EDIT))
            if row % schema.STROKES_AN_EDIT < count:  # else of a try that this edit took the place of
                strokes[number].append((region, stroke))
        last = max((*self.rows.edits, *strokes), default=0)
        if last > 100 * (len(self.rows.edits) + len(strokes)) + 1000:
            raise CaseDamaged("its history can't be put together", remedy="restore a backup")
        time = ""
        for number in range(1, last + 1):
            edit, count = self.rows.edits.get(number, (None, 0))
            kept = None if edit is None else self._kept(edit, strokes[number], count)
            if kept is None:
                self.lost += 1
                self._doubtful |= {region.id for region in self._regions()}
                kept = Edit(number, time, "", TOOL, "lost", version=__version__)
            time = kept.time
            self._turns.take(kept)
            self.edits.append(kept)
        if self._strokes_lost:
            self.notes.append(f"{self._strokes_lost} strokes of edits that are there are lost")
        if self.lost:
            self.notes.append(f"{self.lost} of {last} edits are lost; the history says which")

    def _kept(self, edit: Edit, strokes: list[tuple[str, Stroke]], count: int) -> Edit | None:
        """The edit with what of it fits; None where an undo has lost what it is about."""
        if edit.undoes is not None:
            try:
                step = self._turns.step(edit)
                if self._turns.root(edit.undoes).tool == TOOL or not self._turns.is_next(edit):
                    return None
                self._state.apply(step)
            except BAD:
                return None
            return edit
        before = self._regions()  # an edit may empty a region and take it away
        changes = tuple(change for change in edit.changes if self._applies(change, edit.number))
        regions = {region.id: region for region in (*before, *self._regions())}
        whole = [(name, stroke) for name, stroke in strokes if name in regions and self._lies(regions[name], stroke)]
        if len(whole) < count:
            touched = {name for name, _ in strokes}
            self._doubtful |= touched & regions.keys() if len(strokes) == count else regions.keys()
            self._strokes_lost += count - len(whole)
        if not changes and not whole and (edit.changes or count):
            return None
        return replace(edit, changes=changes, strokes=tuple(whole))

    def _applies(self, change: Change, number: int) -> bool:
        """Whether a change fits what is there, done if so."""
        fields = change.after or {}
        known: dict[str, Callable[[Any], bool]] = {
            "series_id": lambda value: value is None or value in self._series,
            "reference": lambda value: value is None or value in self._series,
            "minus": lambda value: value in self._series,
            "frame_of_reference_uid": lambda value: value in {frame_of(one) for one in self._series.values()},
            "mention_id": lambda value: value in self._mention_ids(),
            "picture": lambda value: value is None or value in self.rows.pictures,
            "finding_id": lambda value: self._state.get(Finding, value) is not None,
        }
        try:
            if not all(check(fields[name]) for name, check in known.items() if name in fields):
                return False
            self._state.apply(Step((change,), number, number))
        except CaseNewer:
            raise
        except BAD:
            return False
        return True

    def _mention_ids(self) -> set[str]:
        report = revised(self._report, [words for words in self._state.all(Words) if isinstance(words, Words)])
        return {mention.id for mention in report.mentions} if report else set()

    def _lies(self, region: Region, stroke: Stroke) -> bool:
        try:
            shape = self._series[region.series_id].grid.shape
            return stroke.bits.size > 0 and all(h <= n for h, n in zip(stroke.high, shape, strict=True))
        except BAD:
            return False

    def _regions(self) -> list[Region]:
        return [region for region in self._state.all(Region) if isinstance(region, Region)]

    def _flag_doubtful(self) -> None:
        owners = {region.finding_id for region in self._regions() if region.id in self._doubtful}
        changes = []
        for finding in [self._state.get(Finding, owner) for owner in sorted(owners)]:
            if isinstance(finding, Finding):
                before = {"state": finding.state, "reason": finding.reason}
                after = {"state": "flagged", "reason": "recovered from a damaged file: check its regions"}
                changes.append(Change(Finding.KIND, finding.id, before, after))
        if changes:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            summary = f"flag {len(changes)} findings that may have lost voxels"
            self.edits.append(Edit(len(self.edits) + 1, now, "", TOOL, summary, tuple(changes), version=__version__))
            self.flagged = 1
            self.notes.append(f"{len(changes)} findings may have lost voxels and are flagged: check their regions")
