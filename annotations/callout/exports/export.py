"""Export a case's regions, each file read back before it is there."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from callout.case.contents import Contents
from callout.errors import ExportFailed, InputError
from callout.exports.files import all_or_nothing, unknown_spacing
from callout.exports.formats import COMPRESSIONS, Compression, Format, Outgoing, format_named, names, write_as
from callout.exports.labelled import LabelledStack, empty_regions, labelled_stacks
from callout.exports.mark_rows import mark_slice
from callout.exports.receipt import NAME, check_file, entry, named_before, receipt

HOLD_MARKS = ("csv", "json", "sr", "gsps", "sc")
HOLD_PIXELS = ("csv", "json", "sc")  # marks on pictures of the report, which have no millimetres
NOTHING = "the case has no region to export"


@dataclass(frozen=True)
class Exported:
    """The files that were written and read back, the receipt last; what was left out and why; what to know of them."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def export(
    case: Contents, folder: str | os.PathLike[str], to: Sequence[str], *, compression: Compression = "none"
) -> Exported:
    """Write the regions of `case` in every format of `to` (or "all") into `folder`, with `receipt.json`.

    compression: of DICOM files: `deflated` (the whole data set), `rle` (the frames of segmentations).

    Raises:
        InputError: nothing to export, no such format, or a series that a format can't hold (left out with "all").
        ExportFailed: a file did not read back as written. Either way nothing is left behind.
    """
    target = Path(folder)
    everything = "all" in to
    if compression not in COMPRESSIONS:
        raise InputError(f"no such compression as {compression!r}", remedy=f"choose from {', '.join(COMPRESSIONS)}")
    formats, left_out = _formats(names() if everything else to, skip=everything)
    outgoing = Outgoing(case, tuple(labelled_stacks(case)), compression, tuple(formats))
    if not formats or not (outgoing.stacks or case.marks):
        raise InputError(NOTHING, str(case.path), "draw or import one first")
    with all_or_nothing(target) as staging:
        entries, refused, notes = _write(outgoing, formats, staging, skip=everything)
        for one in entries:
            problems = check_file(staging / one["name"], one)
            if problems:
                raise ExportFailed(problems[0].message, str(target / problems[0].file), "nothing was written")
        for path in {*staging.iterdir()} - {staging / one["name"] for one in entries}:
            path.unlink()  # of a format that was left out when it had begun
        (staging / NAME).write_bytes(receipt(case.path.name, entries))
        earlier = named_before(target) - {one["name"] for one in entries}
        notes += [f"{name}: of an earlier export, and in no receipt any more: delete it" for name in sorted(earlier)]
    left_out += refused + [f"region {one.id}: it is empty" for one in empty_regions(case)]
    left_out += _marks_left_out(case, formats)
    return Exported((*(target / one["name"] for one in entries), target / NAME), tuple(left_out), tuple(notes))


def _marks_left_out(case: Contents, formats: Collection[str]) -> list[str]:
    """The marks that no file has, each kind of each finding once, and the formats that would have them."""
    holding = [name for name in HOLD_MARKS if name in formats]
    told = []
    for marks, able in (
        ([mark for mark in case.marks if mark.picture is None], HOLD_MARKS),
        ([mark for mark in case.marks if mark.picture is not None], HOLD_PIXELS),
    ):
        if marks and not set(holding) & set(able):
            named = dict.fromkeys(f"{mark.kind} of {case.finding(mark.finding_id).label}" for mark in marks)
            where = "" if able is HOLD_MARKS else "on pictures of the report "
            told.append(f"marks {where}({', '.join(named)}): {', '.join(able)} hold them")
    return told


def _formats(wanted: Sequence[str], *, skip: bool) -> tuple[dict[str, Format], list[str]]:
    """The formats by name, and those that can't be used (where `skip` allows it), with the reason."""
    formats, left_out = {}, []
    for name in wanted:
        try:
            formats[name] = format_named(name)
        except InputError as error:
            if not skip:
                raise
            left_out.append(f"{name}: {error}")
    return formats, left_out


def _write(
    outgoing: Outgoing, formats: dict[str, Format], folder: Path, *, skip: bool
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """The receipt's entries of the files written, what was left out (where `skip` allows it), and notes."""
    entries: list[dict[str, Any]] = []
    left_out: list[str] = []
    notes: list[str] = []
    for name, kind in formats.items():
        parts = _parts(outgoing, kind, with_marks=name == "sr")
        if not parts or not (outgoing.stacks or name in HOLD_MARKS):
            if not skip:
                raise InputError(NOTHING, str(outgoing.case.path), f"marks alone leave by {', '.join(HOLD_MARKS)}")
            left_out.append(f"{name}: {NOTHING}")
            continue
        for part in parts:
            try:
                files = write_as(name, kind, part, folder)
            except InputError as error:
                if not skip:
                    raise
                left_out.append(f"{name}: {error}")
                continue
            for file in files:
                if any(one["name"] == file.name for one in entries):
                    raise ExportFailed(
                        f"two files are called {file.name}", str(outgoing.case.path), "nothing was written"
                    )
                entries.append(entry(file, name, folder))
            shared = [text for text in {unknown_spacing(stack.series) for stack in part.stacks} if text]
            notes += [f"{file.name}: {text}" for file in files for text in (*file.notes, *shared)]
    return entries, left_out, notes


def _parts(outgoing: Outgoing, kind: Format, *, with_marks: bool) -> list[Outgoing]:
    """What one call of `kind.write` writes: a series, or the whole case; with_marks: series only marked too."""
    if kind.PER == "case":
        return [outgoing]
    stacks, case = {stack.series.id: stack for stack in outgoing.stacks}, outgoing.case
    on_slices = ((mark, case.series_of(mark.series_id)) for mark in case.marks if with_marks and mark.series_id)
    marked = {series.id for mark, series in on_slices if mark_slice(mark, series) is not None}
    found = (stacks.get(one.id) or LabelledStack(one, ()) for one in case.series if one.id in {*stacks, *marked})
    return [replace(outgoing, stacks=(stack,)) for stack in found]
