"""A case that is open: every way to change it, each of them an edit."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from callout.case.given import places_of
from callout.case.model import (
    Exclusion,
    FigureRecipe,
    Finding,
    Link,
    Mark,
    MentionState,
    Region,
    Shift,
    Words,
    displacement,
)
from callout.case.numbering import SpineEditing
from callout.case.places import Relinked, relinked
from callout.case.words import body_words, caption_words, revised, title_words
from callout.errors import EditRefused, InputError
from callout.masks import Stroke
from callout.masks.mask import Index
from callout.masks.stroke import Bits
from callout.reports import Mention
from callout.terms import concept as known_concept
from callout.terms import concept_or_unknown, exclude_each_other


class Case(SpineEditing):
    """One patient's story, open for `reader`, else for the reader who made it; also a context manager.

    A call that changes the case returns once the change is on disk; when it raises, nothing has changed.
    Open one with `callout.open_case`, make one with `callout.create_case`.
    """

    def add_finding(
        self,
        concept: str,
        *,
        name: str = "",
        laterality: str | None = None,
        site: str | None = None,
        note: str = "",
        tracking_uid: str | None = None,
    ) -> Finding:
        """A new finding of this reader; `concept` is a name or synonym that `callout.terms` knows."""
        finding = Finding(
            id=self._next_id(Finding),
            concept=known_concept(concept).name,
            reader=self.reader,
            tracking_uid=tracking_uid or f"2.25.{uuid.uuid4().int}",
            name=name,
            laterality=laterality,
            site=site,
            note=note,
        )
        self._make(finding, f"add finding {finding.label}")
        return finding

    def change_finding(self, finding: Finding | str, **fields: Any) -> Finding:
        """The finding with other `fields` (concept, name, laterality, site, note, state, reason)."""
        current = self._own(finding)
        if not fields.keys() <= {"concept", "name", "laterality", "site", "note", "state", "reason"}:
            raise InputError(f"a finding's {', '.join(sorted(fields))} can't be changed")
        if "concept" in fields:
            fields["concept"] = known_concept(fields["concept"]).name
        changed = replace(current, **fields)
        differ = [name for name in fields if getattr(current, name) != getattr(changed, name)]
        self._change(current, changed, f"change {current.label}: {', '.join(differ)}")
        return changed

    def measure_on(self, finding: Finding | str, series_id: str | None) -> Finding:
        """The finding measured on its region on that series: its reference; None: again on its largest region.

        EditRefused where nothing of it is drawn there, or where that series can't be measured.
        """
        current = self._own(finding)
        if series_id is None:
            changed, where = replace(current, reference=None), "its largest region"
        else:
            series = self.series_of(series_id)
            drawn = [r for r in self.regions if (r.finding_id, r.series_id) == (current.id, series.id)]
            if not any(self.region_mask(region).count for region in drawn):
                raise EditRefused(f"nothing of {current.label} is drawn there", series.title, "draw it first")
            if not series.is_measurable:
                raise EditRefused("nothing is measured on this series", series.title, "choose another")
            changed, where = replace(current, reference=series.id), series.title
        self._change(current, changed, f"measure {current.label} on {where}")
        return changed

    def remove_finding(self, finding: Finding | str) -> None:
        """Take a finding away with its regions, marks and links; one edit, which can be undone."""
        current = self._own(finding)
        with self.one_edit(f"remove {current.label}"):
            for region in [r for r in self.regions if r.finding_id == current.id]:
                self.set_mask(region, np.zeros(self.series_of(region.series_id).grid.shape, bool))
            for link in [one for one in self.links if one.finding_id == current.id]:
                self._remove(link)
            for mark in [one for one in self.marks if one.finding_id == current.id]:
                self._remove(mark)
            for region in [one for one in self.regions if one.finding_id == current.id]:
                self._remove(region)
            self._remove(current)

    def add_region(self, finding: Finding | str, series_id: str) -> Region:
        """A new empty region of the finding on a series; one per finding and series."""
        owner, series = self._own(finding), self.series_of(series_id)
        if any(r.finding_id == owner.id and r.series_id == series.id for r in self.regions):
            raise EditRefused(f"{owner.label} has a region on this series already", series.id, "paint that one")
        region = Region(self._next_id(Region), owner.id, series.id)
        self._make(region, f"add region of {owner.label}")
        return region

    def paint(self, region: Region | str, k: int, mask: Bits) -> None:
        """Slice `k` of the region becomes `mask`, bool (rows, columns)."""
        target = self._region(region)
        shape = self.series_of(target.series_id).grid.shape
        if mask.shape != shape[1:] or not 0 <= k < shape[0]:
            raise InputError(f"slice {k} with a mask of {mask.shape}: the series has {shape[0]} slices of {shape[1:]}")
        current = self.read_region(target, (k, 0, 0), (k + 1, shape[1], shape[2]))
        self.flip_bits(target, current ^ np.asarray(mask, bool), (k, 0, 0))

    def set_mask(self, region: Region | str, mask: Bits) -> None:
        """The whole region becomes `mask`, bool (k, j, i) on its series' grid."""
        target = self._region(region)
        shape = self.series_of(target.series_id).grid.shape
        if mask.shape != shape:
            raise InputError(f"a mask of {mask.shape} on a series of {shape}")
        self.flip_bits(target, self.mask(target) ^ np.asarray(mask, bool))

    def flip_bits(self, region: Region | str, bits: Bits, low: Index = (0, 0, 0)) -> None:
        """Flip the voxels of the region that are set in `bits`, bool (k, j, i), whose first voxel lies at `low`."""
        self._flip([(self._region(region), stroke) for stroke in Stroke.several_from_bits(bits, low)])

    def flip(self, region: Region | str, stroke: Stroke | None) -> None:
        """Flip the stroke's voxels of the region; None, a stroke that changes nothing, is no edit."""
        self.flip_all({region: stroke})

    def flip_all(self, strokes: Mapping[Region | str, Stroke | None]) -> None:
        """Flip a stroke's voxels in each of several regions; one edit, undone as one."""
        self._flip([(self._region(region), stroke) for region, stroke in strokes.items() if stroke])

    def add_mark(
        self,
        finding: Finding | str,
        kind: str,
        points: Sequence[Sequence[float]],
        *,
        series_id: str | None = None,
        picture: str | None = None,
    ) -> Mark:
        """A point, arrow, pair of calipers, two diameters, angle or ellipse of the finding; `points` as in `Mark`."""
        owner = self._own(finding)
        where = self.series_of(series_id).id if series_id else None
        if picture is not None and picture not in self.pictures:
            raise InputError("the case has no such picture", picture)
        mark = Mark(self._next_id(Mark), owner.id, kind, tuple(tuple(point) for point in points), where, picture)
        self._make(mark, f"add {kind} of {owner.label}")
        return mark

    def change_mark(self, mark: Mark | str, points: Sequence[Sequence[float]]) -> Mark:
        """The mark with other points."""
        current = self.mark(mark if isinstance(mark, str) else mark.id)
        owner = self._own(current.finding_id)
        changed = replace(current, points=tuple(tuple(point) for point in points))
        self._change(current, changed, f"move {current.kind} of {owner.label}")
        return changed

    def remove_mark(self, mark: Mark | str) -> None:
        """Take a mark away."""
        current = self.mark(mark if isinstance(mark, str) else mark.id)
        self._remove(current, f"remove {current.kind} of {self._own(current.finding_id).label}")

    def link(self, finding: Finding | str, mention: Mention | str) -> Link:
        """Tie a finding to the words that speak of it."""
        target = self.finding(finding if isinstance(finding, str) else finding.id)
        words = self.mention(mention if isinstance(mention, str) else mention.id)
        if any((link.finding_id, link.mention_id) == (target.id, words.id) for link in self.links):
            raise EditRefused(f"{target.label} is linked to {words.text!r} already")
        link = Link(self._next_id(Link), target.id, words.id)
        self._make(link, f"link {target.label} to {words.id} {words.text!r}")
        return link

    def unlink(self, link: Link) -> None:
        """Break a link."""
        self._remove(link, f"unlink {link.mention_id}")

    def set_mention_state(self, mention: Mention | str, state: str, reason: str = "") -> None:
        """Decide about a mention: `flagged` or `not drawn` with a reason, or any other state."""
        words = self.mention(mention if isinstance(mention, str) else mention.id)
        if state in ("flagged", "not drawn") and not reason:
            raise InputError(f"{state} wants a reason", words.id)
        decided = (one for one in self._all(MentionState) if one.mention_id == words.id and one.reader == self.reader)
        earlier = next(decided, None)
        record_id = earlier.id if earlier else self._next_id(MentionState)
        record = MentionState(record_id, words.id, self.reader, state, reason)  # type: ignore[arg-type]  # checked by it
        self._put(record, f"{words.id} {state}")

    def set_recipe(self, label: str, toml: str) -> None:
        """Keep an author's recipe of a figure."""
        if self.report is None or self.report.figure(label) is None:
            raise InputError("the report has no such figure", label)
        self._put(FigureRecipe(label, toml), f"recipe of figure {label}")

    def drop_recipe(self, label: str) -> None:
        """Let a figure be as it is proposed; nothing happens where it is."""
        recipe = self._state.get(FigureRecipe, label)
        if recipe is not None:
            self._remove(recipe, f"figure {label} as proposed")

    def set_shift(self, series_id: str, minus: str, shift_mm: Sequence[float]) -> Shift:
        """Move `minus` by that much, LPS mm, wherever this reader subtracts it from the series."""
        series, taken = self.series_of(series_id), self.series_of(minus)
        own = [one for one in self.shifts if (one.series_id, one.minus) == (series.id, taken.id)]
        record_id = next((one.id for one in own if one.reader == self.reader), self._next_id(Shift))
        shift = Shift(record_id, series.id, taken.id, self.reader, tuple(shift_mm))  # type: ignore[arg-type]  # by it
        moved = displacement(shift.shift_mm)
        how = f"move {taken.title} by {moved}" if moved else f"move {taken.title} back"
        self._put(shift, f"{how} where it is subtracted from {series.title}")
        return shift

    def exclude(self, concept: str, other: str, *, on: bool = True) -> None:
        """In this case regions of the two concepts keep out of each other, or (`on` false) may overlap."""
        first, second = sorted((known_concept(concept).name, known_concept(other).name))
        if first == second:
            raise InputError(f"{first} does not exclude itself")
        if on != self.excludes(first, second):
            known = [one for one in self._all(Exclusion) if (one.concept, one.other) == (first, second)]
            record_id = known[0].id if known else self._next_id(Exclusion)
            how = "keep out of each other" if on else "may overlap"
            self._put(Exclusion(record_id, first, second, "on" if on else "off"), f"{first} and {second} {how}")

    def excludes(self, concept: str, other: str) -> bool:
        """Whether regions of the two concepts keep out of each other: as the case says, else as the concepts do."""
        first, second = sorted(concept_or_unknown(name).name for name in (concept, other))
        said = [one for one in self._all(Exclusion) if (one.concept, one.other) == (first, second)]
        return said[0].state == "on" if said else exclude_each_other(first, second)

    def rivals(self, region: Region | str) -> tuple[Region, ...]:
        """The same reader's regions on the same series that the region keeps out of, and they out of it."""
        mine = self._region(region)
        owner = self.finding(mine.finding_id)
        others = [(one, self.finding(one.finding_id)) for one in self.regions if one.series_id == mine.series_id]
        return tuple(
            one for one, its in others if its.reader == owner.reader and self.excludes(owner.concept, its.concept)
        )

    # Words -------------------------------------------------------------------------------------------------------

    def set_caption(self, label: str, text: str) -> tuple[Link, ...]:
        """The caption of figure `label` becomes `text`; a figure that is new is added.

        Links stay where the text still says it; those that it lost are taken away in the same edit, and given back.
        """
        return self._say(caption_words(self.report, label, text, self._mention_ids), f"caption of figure {label}")

    def set_body(self, text: str) -> tuple[Link, ...]:
        """The body becomes `text`; links as in `set_caption`."""
        return self._say(body_words(self.report, text, self._mention_ids), "body of the report")

    def set_title(self, text: str) -> None:
        """The report's title becomes `text`."""
        self._say(title_words(text), "title of the report")

    def _say(self, words: Words, summary: str) -> tuple[Link, ...]:
        with self.one_edit(f"type the {summary}"):
            left = {mention.id for mention in self._mentions_with(words)}
            lost = [one for one in self._state.all(Link) if isinstance(one, Link) and one.mention_id not in left]
            decided = [one for one in self._state.all(MentionState) if isinstance(one, MentionState)]
            for link in lost:
                self._remove(link)
            for decision in [one for one in decided if one.mention_id not in left]:
                self._remove(decision)
            self._put(words, f"type the {summary}")
        return tuple(lost)

    def _mentions_with(self, words: Words) -> tuple[Mention, ...]:
        others = [one for one in self._state.all(Words) if isinstance(one, Words) and one.id != words.id]
        report = revised(self._given.report, [*others, words])
        return report.mentions if report else ()

    # The file ----------------------------------------------------------------------------------------------------

    def relink(self, *paths: str | os.PathLike[str]) -> Relinked:
        """Find the images again in folders or files that they moved to.

        The history does not tell of it: the story is the same wherever its images lie. InputError where none of the
        case's series is there, NoImages where there are no images at all; nothing has changed then.
        """
        from callout.dicom import find_series

        self._writable()
        series, result = relinked(self.series, find_series(*paths))
        self._file.write_places(places_of(self.path, [one for one in series if one.id in result.found]))
        self._given = replace(self._given, series=series)
        return result

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Write a copy of the case, as it is now, to a new file; whole or not at all."""
        self._file.copy_to(Path(path))

    # Inside ------------------------------------------------------------------------------------------------------

    def _own(self, finding: Finding | str) -> Finding:
        current = self.finding(finding if isinstance(finding, str) else finding.id)
        if current.reader != self.reader:
            raise EditRefused(f"{current.label} is {current.reader}'s finding, not {self.reader}'s")
        return current

    def _flip(self, strokes: Sequence[tuple[Region, Stroke]]) -> None:
        told: dict[str, list[Stroke]] = {}
        for region, stroke in strokes:
            told.setdefault(self._own(region.finding_id).label, []).append(stroke)
        if told:
            parts = [f"{label}, {_slices(pieces)}" for label, pieces in told.items()]
            summary = f"{self._using[0] or 'paint'} {'; '.join(parts)}"
            self._do(summary, strokes=[(region.id, stroke) for region, stroke in strokes])


def _slices(strokes: Sequence[Stroke]) -> str:
    first, last = min(stroke.low[0] for stroke in strokes), max(stroke.high[0] for stroke in strokes) - 1
    return f"slice {first}" if first == last else f"slices {first} to {last}"
