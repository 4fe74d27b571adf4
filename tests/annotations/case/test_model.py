"""Whatever two readers do to a case, in turns, it is what a plain model of it says, also reopened and in the past.

The model keeps a full copy of everything after every edit, and two stacks of edits for each reader. It knows neither
changes nor strokes nor files, and takes from the case only the ids that it gives.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import made_cases
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import callout
from callout.case import Case
from callout.case.edits import Edit
from callout.case.levels import frame_of
from callout.errors import EditRefused, InputError
from callout.masks import Stroke

READERS = ("r1", "r2")
CONCEPTS = ("cavity", "nodule", "consolidation")
RECIPES = ("", "a = 1\n", "b = 2\n")
STATES = ("todo", "draft", "done", "flagged", "not drawn")
NEEDS = {  # of every kind of edit, the kind of record that it wants there to be
    "add_finding": "",
    "change_finding": "finding",
    "measure_on": "finding",
    "remove_finding": "finding",
    "add_region": "finding",
    "paint": "region",
    "flip_all": "region",
    "add_mark": "finding",
    "change_mark": "mark",
    "remove_mark": "mark",
    "link": "finding",
    "unlink": "link",
    "set_mention_state": "",
    "set_recipe": "",
    "drop_recipe": "",
    "mark_vertebra": "",
    "set_numbering": "",
    "set_shift": "",
    "exclude": "",
}
PAIRS = (("cavity", "consolidation"), ("cavity", "nodule"))  # the first keep out of each other unless a case says else
TEXTS = ("", "x", "ä\n\x1b[2J'; --")

Key = tuple[str, str]  # the kind of a record and its id
Bits = np.ndarray


@dataclass
class Snapshot:
    """Everything as it stands: records as plain fields, and masks by region."""

    records: dict[Key, dict[str, Any]] = field(default_factory=dict)
    masks: dict[str, Bits] = field(default_factory=dict)

    def copy(self) -> Snapshot:
        return Snapshot(
            {key: dict(fields) for key, fields in self.records.items()},
            {region: mask.copy() for region, mask in self.masks.items()},
        )

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fields for (one, _), fields in self.records.items() if one == kind]


@dataclass
class Done:
    """An edit, an undo or a redo. `first` is the edit that a chain of undo and redo goes back to."""

    number: int
    reader: str
    undoes: int | None
    before: Snapshot
    after: Snapshot
    touched: set[Key]
    flips: list[tuple[str, Bits]]
    first: Done = None  # type: ignore[assignment]


class Refused(Exception):
    """What the model would not undo or redo, and the numbers of the edits that may be named as the reason."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers


class Model:
    """What a case should be."""

    def __init__(self) -> None:
        self.now = Snapshot()
        self.done: list[Done] = []
        self.standing: list[Done] = []  # edits that are not undone, in the order they were made
        self.order: list[Key] = []  # of records, as they were first made
        self.undo_stack: dict[str, list[Done]] = {reader: [] for reader in READERS}
        self.redo_stack: dict[str, list[Done]] = {reader: [] for reader in READERS}
        self.touched: set[Key] = set()
        self.flips: list[tuple[str, Bits]] = []

    # Changes, not yet an edit

    def put(self, kind: str, fields: dict[str, Any]) -> None:
        key = (kind, fields["id"])
        self.now.records[key] = fields
        self.touched.add(key)
        if kind == "region":
            self.now.masks[fields["id"]] = np.zeros(fields["shape"], bool)

    def remove(self, kind: str, name: str) -> None:
        del self.now.records[kind, name]
        self.touched.add((kind, name))

    def touched_last(self, key: Key) -> int:
        """The number of the last edit, undo or redo that did something to a record; that being made counts."""
        if key in self.touched:
            return len(self.done) + 1
        return max(edit.number for edit in self.done if key in edit.touched)

    def flip(self, region: str, bits: Bits) -> None:
        if bits.any():
            self.now.masks[region] ^= bits
            self.flips.append((region, bits))

    # Edits

    def snapshot(self, number: int) -> Snapshot:
        return self.done[number - 1].after if number else Snapshot()

    def take_back(self) -> None:
        self.now, self.touched, self.flips = self.snapshot(len(self.done)).copy(), set(), []

    def commit(self, reader: str) -> None:
        if self.touched or self.flips:
            self._add(reader, None)
            self.undo_stack[reader].append(self.done[-1])
            self.standing.append(self.done[-1])
            self.redo_stack[reader].clear()

    def undo(self, reader: str) -> Done:
        return self._turn(reader, self.undo_stack[reader], self.redo_stack[reader], back=True)

    def redo(self, reader: str) -> Done:
        return self._turn(reader, self.redo_stack[reader], self.undo_stack[reader], back=False)

    def _add(self, reader: str, undoes: int | None) -> None:
        self.order.extend(key for key in self.now.records if key not in self.order)
        self.now.records = {key: self.now.records[key] for key in self.order if key in self.now.records}
        number = len(self.done) + 1
        before, after = self.snapshot(number - 1), self.now
        edit = Done(number, reader, undoes, before, after, self.touched, self.flips)
        edit.first = self.done[undoes - 1].first if undoes else edit
        self.done.append(edit)
        self.take_back()

    def _turn(self, reader: str, source: list[Done], target: list[Done], *, back: bool) -> Done:
        if not source:
            raise Refused
        last = source[-1]
        first = last.first
        had, wanted = (first.after, first.before) if back else (first.before, first.after)
        try:
            for key in first.touched:
                self._turn_one(key, had.records.get(key), wanted.records.get(key))
            self._check(last, first)
        except LookupError:
            reasons = self._later(last, first)
            self.take_back()
            raise Refused(*reasons) from None
        for region, bits in first.flips:
            self.flip(region, bits)
        self.touched = set(first.touched)
        self._add(reader, last.number)
        target.append(self.done[-1])
        source.pop()
        self.standing = [edit for edit in self.standing if edit is not first] if back else [*self.standing, first]
        self.standing.sort(key=lambda edit: edit.number)
        return self.done[-1]

    def _turn_one(self, key: Key, had: dict[str, Any] | None, wanted: dict[str, Any] | None) -> None:
        """The record as it was; LookupError where what the edit set does not stand any more."""
        now = self.now.records.get(key)
        if had is not None and wanted is not None:
            differ = [name for name in had if had[name] != wanted[name]]
            if now is None or any(now[name] != had[name] for name in differ):
                raise LookupError
            self.now.records[key] = now | {name: wanted[name] for name in differ}
        elif now != had:
            raise LookupError
        elif wanted is not None:
            self.now.records[key] = dict(wanted)
        else:
            self.now.records.pop(key, None)

    def _check(self, last: Done, first: Done) -> None:
        """LookupError where a later edit that stands set the same, or where records don't go together."""
        for edit in self.standing:
            if edit.number > last.number and edit.reader != first.reader and edit.touched & first.touched:
                raise LookupError
        for fields in self.now.records.values():
            if "finding_id" in fields and ("finding", fields["finding_id"]) not in self.now.records:
                raise LookupError
        links = [(link["finding_id"], link["mention_id"]) for link in self.now.of("link")]
        if len(set(links)) != len(links):
            raise LookupError

    def _later(self, last: Done, first: Done) -> list[int]:
        """The later edits that touch what this one touched, what that stands on, or what stands on it."""
        related = set(first.touched)
        everything = {key: fields for edit in self.done for key, fields in edit.after.records.items()}
        for key, fields in everything.items():
            other = ("finding", fields.get("finding_id", ""))
            if key in first.touched:
                related.add(other)
            elif other in first.touched or any(
                everything.get(one, {}).get("mention_id", 0) == fields.get("mention_id") for one in first.touched
            ):
                related.add(key)
        return [edit.number for edit in self.done[last.number :] if edit.touched & related]

    # What stands

    def standing_on(self, region: str) -> list[Done]:
        return [edit for edit in self.standing if any(one == region for one, _ in edit.flips)]

    def blame(self, region: str, k: int) -> Bits:
        """The number of the last edit that stands and touched the voxel, for voxels that are set; brute force."""
        numbers = np.zeros(self.now.masks[region].shape, np.int32)
        for edit in self.standing_on(region):
            for one, bits in edit.flips:
                if one == region:
                    numbers[bits] = edit.number
        return np.where(self.now.masks[region], numbers, 0)[k]


@dataclass(frozen=True)
class Eyes:
    """Who looks at a snapshot; blinded, a reader sees of findings and decisions only the own ones."""

    reader: str
    blinded: bool

    def of(self, snapshot: Snapshot, kind: str) -> list[dict[str, Any]]:
        return [fields for fields in snapshot.of(kind) if self._see(snapshot, fields)]

    def _see(self, snapshot: Snapshot, fields: dict[str, Any]) -> bool:
        owner = snapshot.records["finding", fields["finding_id"]] if "finding_id" in fields else fields
        return not self.blinded or owner.get("reader", self.reader) == self.reader

    def mention_state(self, snapshot: Snapshot, mention: str) -> tuple[str, str]:
        decided = [fields for fields in self.of(snapshot, "mention state") if fields["about"] == mention]
        decided.sort(key=lambda fields: fields["reader"] == self.reader)
        if decided:
            return decided[-1]["state"], decided[-1]["reason"]
        links = [link["finding_id"] for link in self.of(snapshot, "link") if link["mention_id"] == mention]
        states = {snapshot.records["finding", finding]["state"] for finding in links}
        if not states:
            return made_cases.UNLINKED[mention]
        if "flagged" in states:
            return "flagged", "its finding is flagged"
        return ("done", "") if states == {"done"} else ("draft", "")

    def excludes(self, snapshot: Snapshot, pair: tuple[str, str]) -> bool:
        said = snapshot.records.get(("exclusion", "/".join(pair)))
        return said["state"] == "on" if said else pair == PAIRS[0]

    def all(self, model: Model, number: int) -> dict[str, Any]:
        """What a case after edit `number` should say of itself."""
        snapshot = model.snapshot(number)
        regions = self.of(snapshot, "region")
        states = {name: self.mention_state(snapshot, name) for name in made_cases.UNLINKED}
        return {
            "finding": self.of(snapshot, "finding"),
            "region": [{name: value for name, value in region.items() if name != "shape"} for region in regions],
            "mark": self.of(snapshot, "mark"),
            "link": self.of(snapshot, "link"),
            "numbering": self.of(snapshot, "numbering"),
            "shift": self.of(snapshot, "shift"),
            "excludes": [self.excludes(snapshot, pair) for pair in PAIRS],
            "recipes": {} if self.blinded else {one["id"]: one["toml"] for one in snapshot.of("figure recipe")},
            "states": states,
            "todo": [name for name, (state, _) in states.items() if state == "todo" and not name.startswith("body")],
            "masks": {region["id"]: np.argwhere(snapshot.masks[region["id"]]).tolist() for region in regions},
            "history": [(edit.number, edit.reader, edit.undoes) for edit in model.done[:number]],
        }


def seen(case: Case) -> dict[str, Any]:
    """All that a case says of itself."""
    return {
        "finding": [asdict(finding) for finding in case.findings],
        "region": [asdict(region) for region in case.regions],
        "mark": [asdict(mark) for mark in case.marks],
        "link": [asdict(link) for link in case.links],
        "numbering": [asdict(numbering) for numbering in case.numberings],
        "shift": [asdict(shift) for shift in case.shifts],
        "excludes": [case.excludes(*pair) for pair in PAIRS],
        "recipes": {} if case.blinded else case.recipes,  # those of a blinded reader: test_readers.py
        "states": {mention.id: case.mention_state(mention) for mention in case.mentions},
        "todo": [mention.id for mention in case.todo],
        "masks": {region.id: np.argwhere(case.mask(region)).tolist() for region in case.regions},
        "history": [(edit.number, edit.reader, edit.undoes) for edit in case.history],
    }


class TwoReaders(RuleBasedStateMachine):
    """Readers take turns at one case file, a copy of `template`."""

    def __init__(self, template: Path, path: Path) -> None:
        super().__init__()
        self.path = Path(shutil.copy(template, path))
        self.eyes = Eyes(READERS[0], blinded=False)
        self.model = Model()
        self.told: list[int] = []
        self.case: Case
        self._open()

    def _open(self) -> None:
        self.case = callout.open_case(self.path, reader=self.eyes.reader, blinded=self.eyes.blinded)
        self.case.subscribe(self._hear)

    def _hear(self, edit: Edit) -> None:
        self.told.append(edit.number)

    def teardown(self) -> None:
        self.case.close()
        self.path.unlink()

    # Edits, of the case and of the model

    def _attempt(self, allowed: bool, call: Callable[[], Any]) -> Any:
        if allowed:
            return call()
        with pytest.raises((EditRefused, InputError)):
            call()
        return None

    def _draw(self, data: st.DataObject, kind: str) -> dict[str, Any] | None:
        records = self.eyes.of(self.model.now, kind)
        return data.draw(st.sampled_from(records), label=kind) if records else None

    def _mine(self, finding_id: str) -> bool:
        return self.model.now.records["finding", finding_id]["reader"] == self.eyes.reader

    def add_finding(self, data: st.DataObject) -> None:
        fields = {
            "concept": data.draw(st.sampled_from(CONCEPTS)),
            "laterality": data.draw(st.sampled_from([None, "left", "up"])),
            "note": data.draw(st.sampled_from(TEXTS)),
        }
        finding = self._attempt(fields["laterality"] != "up", lambda: self.case.add_finding(**fields))
        if finding is not None:
            given = {"id": finding.id, "tracking_uid": finding.tracking_uid, "reader": self.eyes.reader}
            rest = {"name": "", "site": None, "state": "draft", "reason": "", "reference": None}
            self._new("finding", **fields, **given, **rest)

    def _new(self, record: str, **fields: Any) -> None:
        assert (record, fields["id"]) not in {*self.model.order, *self.model.now.records}
        self.model.put(record, fields)

    def change_finding(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            choices = {
                "concept": st.sampled_from(CONCEPTS),
                "note": st.sampled_from(TEXTS),
                "state": st.sampled_from(STATES),
                "site": st.sampled_from([None, *TEXTS]),
            }
            fields = data.draw(st.fixed_dictionaries({}, optional=choices))
            allowed = self._mine(finding["id"])
            self._attempt(allowed, lambda: self.case.change_finding(finding["id"], **fields))
            if allowed and finding != finding | fields:
                self.model.put("finding", finding | fields)

    def measure_on(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            series_id = data.draw(st.sampled_from([None, *(series.id for series in self.case.series)]))
            where = {"finding_id": finding["id"], "series_id": series_id}
            drawn = [region for region in self.model.now.of("region") if region | where == region]
            there = any(self.model.now.masks[region["id"]].any() for region in drawn)
            allowed = self._mine(finding["id"]) and (series_id is None or there)
            self._attempt(allowed, lambda: self.case.measure_on(finding["id"], series_id))
            if allowed and finding["reference"] != series_id:
                self.model.put("finding", finding | {"reference": series_id})

    def remove_finding(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            allowed = self._mine(finding["id"])
            self._attempt(allowed, lambda: self.case.remove_finding(finding["id"]))
            if allowed:
                for (kind, name), fields in list(self.model.now.records.items()):
                    if fields.get("finding_id") == finding["id"]:
                        if kind == "region":
                            self.model.flip(name, self.model.now.masks[name].copy())
                        self.model.remove(kind, name)
                self.model.remove("finding", finding["id"])

    def add_region(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            series = data.draw(st.sampled_from(self.case.series))
            where = {"finding_id": finding["id"], "series_id": series.id}
            there = any(region | where == region for region in self.model.now.of("region"))
            allowed = self._mine(finding["id"]) and not there
            region = self._attempt(allowed, lambda: self.case.add_region(finding["id"], series.id))
            if region is not None:
                self._new("region", id=region.id, **where, shape=series.grid.shape)

    def paint(self, data: st.DataObject) -> None:
        """A slice, a whole mask, or a stroke that flips a box."""
        if region := self._draw(data, "region"):
            name, shape = region["id"], region["shape"]
            old = self.model.now.masks[name]
            box = data.draw(st.tuples(*(st.tuples(st.integers(0, n - 1), st.integers(1, n)) for n in shape)))
            area = np.zeros(shape, bool)
            area[tuple(slice(first, first + size) for first, size in box)] = True
            how = data.draw(st.sampled_from(["slice", "mask", "flip"]))
            k = box[0][0]
            if how == "slice":
                new = old.copy()
                new[k] = area[k]
                call = lambda: self.case.paint(name, k, area[k])  # noqa: E731
            elif how == "mask":
                new = area
                call = lambda: self.case.set_mask(name, area)  # noqa: E731
            else:
                new = old ^ area
                call = lambda: self.case.flip(name, Stroke.from_bits(area))  # noqa: E731
            allowed = self._mine(region["finding_id"]) or np.array_equal(new, old)  # what changes nothing is no edit
            self._attempt(allowed, call)
            if allowed:
                self.model.flip(name, new ^ old)

    def flip_all(self, data: st.DataObject) -> None:
        """Strokes in several regions at once."""
        regions = data.draw(st.lists(st.sampled_from(self.eyes.of(self.model.now, "region")), max_size=3))
        regions = list({region["id"]: region for region in regions}.values())
        areas = {}
        for region in regions:
            area = np.zeros(region["shape"], bool)
            area[data.draw(st.integers(0, 1)), 1:3, : data.draw(st.integers(0, 3))] = True
            areas[region["id"]] = area
        strokes = {name: Stroke.from_bits(area) for name, area in areas.items()}
        allowed = all(self._mine(region["finding_id"]) for region in regions if strokes[region["id"]])
        self._attempt(allowed, lambda: self.case.flip_all(strokes))
        if allowed:
            for name, area in areas.items():
                self.model.flip(name, area)

    def change_mark(self, data: st.DataObject) -> None:
        if mark := self._draw(data, "mark"):
            points = tuple((1.5, 2.0, data.draw(st.floats(-9, 9))) for _ in mark["points"])
            allowed = self._mine(mark["finding_id"])
            self._attempt(allowed, lambda: self.case.change_mark(mark["id"], points))
            if allowed and points != mark["points"]:
                self.model.put("mark", mark | {"points": points})

    def remove_mark(self, data: st.DataObject) -> None:
        if mark := self._draw(data, "mark"):
            allowed = self._mine(mark["finding_id"])
            self._attempt(allowed, lambda: self.case.remove_mark(mark["id"]))
            if allowed:
                self.model.remove("mark", mark["id"])

    def mark_vertebra(self, data: st.DataObject) -> None:
        """A vertebra is marked, moved or (where it is marked and nobody says where to) taken away."""
        series = data.draw(st.sampled_from(self.case.series))
        seen = self._numbering(frame_of(series))
        marks = {one["name"]: one for one in seen["vertebrae"]} if seen else {}
        name, z = data.draw(st.sampled_from(["L3", "L4", "L5"])), data.draw(st.sampled_from([None, 9.0, 0.0, -9.0]))
        if z is None:
            allowed = marks.pop(name, None) is not None
            call = lambda: self.case.remove_vertebra(name, series.id)  # noqa: E731
        else:
            marks[name] = {"name": name, "point": (0.0, 0.0, z)}
            heights = [marks[one]["point"][2] for one in sorted(marks)]
            allowed = all(upper > lower for upper, lower in itertools.pairwise(heights))
            call = lambda: self.case.mark_vertebra(name, (0, 0, z), series.id)  # noqa: E731
        self._attempt(allowed, call)
        if allowed:
            self._number(frame_of(series), vertebrae=tuple(marks[one] for one in sorted(marks)))

    def set_numbering(self, data: st.DataObject) -> None:
        series = data.draw(st.sampled_from(self.case.series))
        choices = {
            "basis": st.sampled_from(TEXTS),
            "transitional": st.sampled_from(["none", "four lumbar vertebrae", "L"]),
        }
        fields = data.draw(st.fixed_dictionaries({}, optional=choices))
        seen = self._numbering(frame_of(series))
        transitional = fields.get("transitional", "none")
        marks_l5 = seen is not None and any(one["name"] == "L5" for one in seen["vertebrae"])
        allowed = fields != {} and transitional != "L" and not (marks_l5 and transitional.startswith("four"))
        self._attempt(allowed, lambda: self.case.set_numbering(series.id, **fields))
        if allowed:
            self._number(frame_of(series), **fields)

    def _numbering(self, frame: str) -> dict[str, Any] | None:
        """The numbering that this reader sees: their own, else the last one."""
        seen = [one for one in self.eyes.of(self.model.now, "numbering") if one["frame_of_reference_uid"] == frame]
        own = [one for one in seen if one["reader"] == self.eyes.reader]
        return max(own or seen, key=lambda one: self.model.touched_last(("numbering", one["id"])), default=None)

    def _number(self, frame: str, **fields: Any) -> None:
        seen = self._numbering(frame)
        if seen and seen["reader"] == self.eyes.reader:
            self._set(True, "numbering", seen | fields)
            return
        mine = {"frame_of_reference_uid": frame, "reader": self.eyes.reader}
        [made] = [one for one in self.case.numberings if mine.items() <= asdict(one).items()]
        empty = {"vertebrae": (), "basis": "", "transitional": "not stated"}
        self._new("numbering", **(empty | (seen or {}) | fields | mine | {"id": made.id}))

    def set_shift(self, data: st.DataObject) -> None:
        pair = [one.id for one in data.draw(st.permutations(self.case.series))]
        pair = data.draw(st.sampled_from([pair, pair[:1] * 2]))
        shift = (data.draw(st.sampled_from([0.0, 1.5, -2.0])), 0.0, 0.0)
        made = self._attempt(pair[0] != pair[1], lambda: self.case.set_shift(*pair, shift))
        if made is not None:
            self._set(True, "shift", asdict(made))
            assert (made.series_id, made.minus, made.shift_mm) == (*pair, shift)
            assert self.case.shift_of(*pair) == shift

    def exclude(self, data: st.DataObject) -> None:
        pair, on = data.draw(st.sampled_from(PAIRS)), data.draw(st.booleans())
        self.case.exclude(*data.draw(st.permutations(pair)), on=on)
        if self.eyes.excludes(self.model.now, pair) != on:
            fields = {"id": "/".join(pair), "state": "on" if on else "off"}
            self.model.put("exclusion", fields)

    def add_mark(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            kind, count = data.draw(st.sampled_from([("point", 1), ("arrow", 2), ("ellipse", 3)]))
            points = [(1.5, 2.0, data.draw(st.floats(-9, 9)))] * count
            series_id = self.case.series[0].id
            call = lambda: self.case.add_mark(finding["id"], kind, points, series_id=series_id)  # noqa: E731
            mark = self._attempt(self._mine(finding["id"]), call)
            if mark is not None:
                rest = {"points": tuple(points), "series_id": series_id, "picture": None}
                self._new("mark", id=mark.id, finding_id=finding["id"], kind=kind, **rest)

    def link(self, data: st.DataObject) -> None:
        if finding := self._draw(data, "finding"):
            mention = data.draw(st.sampled_from(self.case.mentions[:2])).id
            where = {"finding_id": finding["id"], "mention_id": mention}
            there = any(link | where == link for link in self.model.now.of("link"))
            link = self._attempt(not there, lambda: self.case.link(finding["id"], mention))
            if link is not None:
                self._new("link", id=link.id, **where)

    def unlink(self, data: st.DataObject) -> None:
        if link := self._draw(data, "link"):
            self.case.unlink(next(one for one in self.case.links if one.id == link["id"]))
            self.model.remove("link", link["id"])

    def set_mention_state(self, data: st.DataObject) -> None:
        mention = data.draw(st.sampled_from(self.case.mentions[:2])).id
        state, reason = data.draw(st.sampled_from(STATES)), data.draw(st.sampled_from(TEXTS))
        allowed = bool(reason) or state not in ("flagged", "not drawn")
        self._attempt(allowed, lambda: self.case.set_mention_state(mention, state, reason))
        decision = {"reader": self.eyes.reader, "about": mention, "state": state, "reason": reason}
        self._set(allowed, "mention state", {"id": f"{self.eyes.reader} {mention}"} | decision)

    def set_recipe(self, data: st.DataObject) -> None:
        label, toml = data.draw(st.sampled_from(["1", "2", "9"])), data.draw(st.sampled_from(RECIPES))
        self._attempt(label != "9", lambda: self.case.set_recipe(label, toml))
        self._set(label != "9", "figure recipe", {"id": label, "toml": toml})

    def drop_recipe(self, data: st.DataObject) -> None:
        label = data.draw(st.sampled_from(["1", "2", "9"]))
        self._attempt(True, lambda: self.case.drop_recipe(label))
        if ("figure recipe", label) in self.model.now.records:
            self.model.remove("figure recipe", label)

    def _set(self, allowed: bool, kind: str, fields: dict[str, Any]) -> None:
        if allowed and self.model.now.records.get((kind, fields["id"])) != fields:
            self.model.put(kind, fields)

    # Rules. One draws the next step: of many rules Hypothesis would leave most out.

    @initialize(
        data=st.data(), names=st.lists(st.sampled_from(sorted(NEEDS)), min_size=1, max_size=3), paints=st.booleans()
    )
    def choose(self, data: st.DataObject, names: list[str], paints: bool) -> None:
        """Few kinds of edits in a story meet each other more often than many; half of the stories are of strokes."""
        made = {"region": "add_region", "link": "link"}
        self.kinds = [*names, *(made[NEEDS[name]] for name in names if NEEDS[name] in made)]
        if paints:
            self.kinds += ["paint"] * len(self.kinds)
            for first in (self.add_finding, self.add_region):
                first(data)
                self.model.commit(self.eyes.reader)

    @rule(data=st.data(), step=st.sampled_from(["edit"] * 4 + ["group", "undo", "undo", "redo", "reopen", "reopen"]))
    def step(self, data: st.DataObject, step: str) -> None:
        getattr(self, f"_{step}")(data)

    def _one(self, data: st.DataObject) -> None:
        possible = [name for name in self.kinds if not NEEDS[name] or self.eyes.of(self.model.now, NEEDS[name])]
        getattr(self, data.draw(st.sampled_from(possible or ["add_finding"])))(data)

    def _edit(self, data: st.DataObject) -> None:
        self._one(data)
        self.model.commit(self.eyes.reader)

    def _group(self, data: st.DataObject) -> None:
        count, fails = data.draw(st.integers(0, 5)), data.draw(st.booleans())

        def together() -> None:
            with self.case.one_edit("together"):
                for _ in range(count):
                    self._one(data)
                if fails:
                    raise KeyError

        if fails:
            with pytest.raises(KeyError):
                together()
            self.model.take_back()
        else:
            together()
            self.model.commit(self.eyes.reader)

    def _undo(self, data: st.DataObject) -> None:
        self._turn(self.model.undo, self.case.undo)

    def _redo(self, data: st.DataObject) -> None:
        self._turn(self.model.redo, self.case.redo)

    def _turn(self, of_model: Callable[[str], Done], of_case: Callable[[], Edit]) -> None:
        try:
            wanted = of_model(self.eyes.reader)
        except Refused as error:
            refused = error
        else:
            edit = of_case()
            assert (edit.number, edit.undoes) == (wanted.number, wanted.undoes)
            return
        with pytest.raises(EditRefused) as raised:
            of_case()
        assert raised.value.where in ([f"edit {number}" for number in refused.numbers] or [""])

    def _reopen(self, data: st.DataObject) -> None:
        self.case.close()
        past = data.draw(st.integers(0, len(self.model.done)))
        blinded = data.draw(st.booleans())
        with callout.open_case(self.path, reader=self.eyes.reader, at=past, blinded=blinded) as case:
            assert seen(case) == Eyes(self.eyes.reader, blinded).all(self.model, past)
        self.eyes = Eyes(data.draw(st.sampled_from(READERS)), blinded)
        self._open()

    @invariant()
    def is_what_the_model_says(self) -> None:
        assert seen(self.case) == self.eyes.all(self.model, len(self.model.done))
        assert self.told == [edit.number for edit in self.model.done]
        for region in self.case.regions:
            assert [edit.number for edit in self.case.edits_of(region)] == [
                edit.number for edit in self.model.standing_on(region.id)
            ]
            for k in range(self.case.mask(region).shape[0]):
                numbers = self.case.blame(region, k)
                assert numbers.dtype == np.int32
                assert numbers.tolist() == self.model.blame(region.id, k).tolist()


@pytest.fixture
def machines(tmp_path: Path) -> Callable[[], TwoReaders]:
    with made_cases.two_series(tmp_path) as case:
        template = case.path
    numbers = itertools.count()
    return lambda: TwoReaders(template, tmp_path / f"{next(numbers)}.callout")


@pytest.mark.hypothesis
def test_two_readers_in_turns_leave_what_a_plain_model_says(machines: Callable[[], TwoReaders]) -> None:
    several = settings(
        max_examples=settings().max_examples // 2,
        stateful_step_count=40,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(machines, settings=several)


@pytest.fixture
def turn(tmp_path: Path) -> Callable[[str], Case]:
    """Opens one case for a reader, in turns."""
    with made_cases.two_series(tmp_path) as case:
        path = case.path
    return lambda reader: callout.open_case(path, reader=reader)


def test_redo_is_refused_where_what_it_stands_on_is_gone(turn: Callable[[str], Case]) -> None:
    with turn("r1") as case:
        finding = case.add_finding("cavity")
    with turn("r2") as case:
        case.link(finding, "1:#1")
        case.undo()
    with turn("r1") as case:
        case.undo()
    with turn("r2") as case, pytest.raises(EditRefused, match="edit 4"):
        case.redo()


def test_redo_is_refused_where_another_linked_the_same_meanwhile(turn: Callable[[str], Case]) -> None:
    with turn("r1") as case:
        finding = case.add_finding("cavity")
    with turn("r2") as case:
        case.link(finding, "1:#1")
        case.undo()
    with turn("r1") as case:
        case.link(finding, "1:#1")
    with turn("r2") as case, pytest.raises(EditRefused, match="edit 4"):
        case.redo()


def test_undo_is_refused_where_another_set_the_same_later(turn: Callable[[str], Case]) -> None:
    with turn("r1") as case:
        case.set_recipe("1", "a = 1")
    with turn("r2") as case:
        case.set_recipe("1", "b = 2")
        case.set_recipe("1", "a = 1")
    with turn("r1") as case, pytest.raises(EditRefused, match="edit 3"):
        case.undo()
