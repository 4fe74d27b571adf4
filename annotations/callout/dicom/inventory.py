"""Inventory: what each of some files holds, and the series that they make together; only what changed is read again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from callout.dicom.build import series_of
from callout.dicom.image import Image
from callout.dicom.reading import Content, content_of
from callout.dicom.skipped import Skipped
from callout.dicom.stacks import Refusal, split_series
from callout.dicom.walker import Layouts
from callout.errors import InputError
from callout.volume import Series

SIGNED: Final = 4  # numbers of a signature

Progress = Callable[[int, int, int], None]


@dataclass
class Inventory:
    """What was found: for each file its signature, the groups its images are in and what of it was skipped.

    signatures: SIGNED numbers for each path, one after another.
    groups: of each path, as indices into `names`; a group is what has one SeriesInstanceUID.
    series, refused: of each group; series without `contrast`, which depends on what else there is.
    """

    paths: list[str]
    signatures: list[int]
    groups: list[list[int]]
    skipped: list[list[Skipped]]
    names: list[str]
    series: list[list[Series]]
    refused: list[list[Skipped]]


def signature_of(status: os.stat_result) -> tuple[int, int, int, int]:
    """What tells whether a file is still the same: size, both times of change, and which file it is."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino & 0x7FFFFFFFFFFFFFFF


def updated(
    before: Inventory | None,
    paths: Sequence[str],
    signatures: list[int],
    archives: set[str],
    progress: Progress | None = None,
) -> Inventory:
    """What is at `paths`; read again are those that changed since `before`, and all that share a group with them.

    archives: the paths that are read as zip files. progress: as of `scan`.
    """
    before = Inventory([], [], [], [], [], [], []) if before is None else before
    same = _unchanged(before, paths, signatures)
    contents = _read(before, same, paths, archives, progress)
    names: dict[str, int] = {}
    groups, skipped = [], []
    images: dict[str, list[Image]] = {}
    for n, was in enumerate(same):
        if (content := contents.pop(n, None)) is not None:  # let go of as soon as it can be
            skipped.append(content.skipped)
            mine = list(content.images)
            for name, found in content.images.items():
                images.setdefault(name, []).extend(found)
        else:
            skipped.append(before.skipped[was])
            mine = [before.names[group] for group in before.groups[was]]
        groups.append([names.setdefault(name, len(names)) for name in mine])
    result = Inventory(list(paths), signatures, groups, skipped, list(names), [], [])
    place = {name: n for n, name in enumerate(before.names)}
    for name in names:
        if name in images:
            series, refused = _built(images.pop(name))
        else:
            series, refused = before.series[place[name]], before.refused[place[name]]
        result.series.append(series)
        result.refused.append(refused)
    return result


def _unchanged(before: Inventory, paths: Sequence[str], signatures: list[int]) -> list[int]:
    """For each path its number in `before`; −1 where it was not there or has changed."""
    numbers = {path: n for n, path in enumerate(before.paths)}
    same = []
    for n, path in enumerate(paths):
        was = numbers.get(path, -1)
        now = signatures[SIGNED * n : SIGNED * (n + 1)]
        same.append(was if was >= 0 and before.signatures[SIGNED * was : SIGNED * (was + 1)] == now else -1)
    return same


def _read(
    before: Inventory, same: list[int], paths: Sequence[str], archives: set[str], progress: Progress | None
) -> dict[int, Content]:
    """The content of each path that has to be read, by its number."""
    layouts = Layouts()
    count = _Count(progress)
    contents: dict[int, Content] = {}
    there = set(same)
    stale = {group for was, groups in enumerate(before.groups) if was not in there for group in groups}
    place = {name: n for n, name in enumerate(before.names)}
    while todo := [
        n for n, was in enumerate(same) if n not in contents and (was < 0 or not stale.isdisjoint(before.groups[was]))
    ]:
        count.in_all += len(todo)
        for n in todo:
            contents[n] = content_of(paths[n], paths[n] in archives, layouts, count.add)
            stale.update([place.get(name, -1) for name in contents[n].images])
    return contents


class _Count:
    """Tells `progress` how many files are read, of how many, and how many series they have shown so far."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._read, self.in_all = 0, 0
        self._names: set[str] = set()

    def add(self, images: Iterable[str], more: int) -> None:
        """One file was read, with images of these series; `more` files are known of now."""
        self.in_all += more
        if self._progress is not None:
            self._read += 1
            self._names.update(images)
            self._progress(self._read, self.in_all, len(self._names))


def _built(images: list[Image]) -> tuple[list[Series], list[Skipped]]:
    """The series of one group, and what of it was refused."""
    split = split_series(images)
    series = []
    for stack in split.stacks:
        try:
            series.append(series_of(stack))
        except InputError as error:  # a stack that makes no grid costs nothing but itself
            split.refusals.append(Refusal(stack.images, error.what))
    refused = []
    for refusal in split.refusals:
        first, count = refusal.images[0], len(refusal.images)
        refused.append(Skipped(first.path, f"{refusal.reason} (series {first.series_uid}, {count} images)"))
    return series, refused
