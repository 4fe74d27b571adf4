"""Export a case's regions, each file read back before it is there; import masks as findings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callout.case import Case, Finding, Region
from callout.case.contents import Contents
from callout.errors import ExportFailed, GridMismatch, InputError
from callout.exports.files import all_or_nothing, series_slug, unknown_spacing
from callout.exports.formats import FORMATS, Format, format_named, read_masks
from callout.exports.labelled import LabelledStack, labelled_stacks
from callout.exports.loaded import LoadedMask, place, resample
from callout.exports.receipt import NAME, check_file, file_entry, named_before, receipt
from callout.masks import Mask
from callout.volume import Series


@dataclass(frozen=True)
class Exported:
    """The files that were written and read back, the receipt last; what was left out and why; what to know of them."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def export(case: Contents, folder: str | os.PathLike[str], to: Sequence[str]) -> Exported:
    """Write the regions of `case` in every format of `to` (or "all") into `folder`, with `receipt.json`.

    Raises:
        InputError: nothing to export, no such format, or a series that a format can't hold (left out with "all").
        ExportFailed: a file did not read back as written. Either way nothing is left behind.
    """
    target = Path(folder)
    everything = "all" in to
    formats = [format_named(name) for name in (FORMATS if everything else dict.fromkeys(to))]
    stacks = labelled_stacks(case)
    if not stacks or not formats:
        raise InputError("the case has no region to export", str(case.path), "draw or import one first")
    with all_or_nothing(target) as staging:
        entries, left_out, notes = _write(stacks, formats, staging, skip=everything)
        for entry in entries:
            problems = check_file(staging / entry["name"], entry)
            if problems:
                raise ExportFailed(problems[0].message, str(target / problems[0].file), "nothing was written")
        (staging / NAME).write_bytes(receipt(case.path.name, entries))
        earlier = named_before(target) - {entry["name"] for entry in entries}
        notes += [f"{name}: of an earlier export, and in no receipt any more: delete it" for name in sorted(earlier)]
    return Exported((*(target / entry["name"] for entry in entries), target / NAME), tuple(left_out), tuple(notes))


def _write(
    stacks: Sequence[LabelledStack], formats: Sequence[Format], folder: Path, *, skip: bool
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """The receipt's entries of the files written, what was left out (where `skip` allows it), and notes."""
    entries, left_out, notes = [], [], []
    for stack in stacks:
        for kind in formats:
            try:
                paths = kind.write(stack, folder, series_slug(stack.series))
            except InputError as error:
                if not skip:
                    raise
                left_out.append(f"{kind.name}: {error}")
                continue
            entries += [file_entry(path, kind.name, stack) for path in paths]
            told = [text for text in (kind.note(stack.series), unknown_spacing(stack.series)) if text]
            notes += [f"{path.name}: {text}" for path in paths for text in told]
    return entries, left_out, notes


def import_masks(
    case: Case, *paths: str | os.PathLike[str], series_id: str | None = None, resampled: bool = False
) -> list[tuple[Finding, Region]]:
    """Every mask of the files as a finding of this reader, in one edit that tells where each region came from.

    A segment that carries the tracking UID of a finding becomes that finding's region on its series. A name that
    is no known concept becomes `lesion`, name kept. resampled: a mask on another grid is drafted on `series_id`.

    Raises GridMismatch or InputError, and then the case is unchanged.
    """
    files = [Path(path) for path in paths]
    series = (case.series_of(series_id),) if series_id else case.series
    drafted = resampled and len(series) == 1
    made: list[tuple[Finding, Region]] = []
    masks: dict[str, dict[str, Any]] = {}
    using = case.using("import, resampled" if drafted else "import", {"masks": masks})
    with case.one_edit(f"import {', '.join(file.name for file in files)}"), using:
        for file in files:
            held = [one for one in read_masks(file) if one.mask.count]
            if not held:
                raise InputError("the mask is empty", str(file), "choose another")
            for loaded in held:
                home, mask = _drafted(loaded, series[0], file) if drafted else place(loaded, series, str(file))
                finding = _finding(case, loaded)
                region = case.add_region(finding, home.id)
                masks[region.id] = _origin(loaded, file)
                case.flip_bits(region, mask.crop, mask.low)  # it was empty
                made.append((finding, region))
    return made


def _drafted(loaded: LoadedMask, series: Series, file: Path) -> tuple[Series, Mask]:
    mask = resample(loaded, series)
    if not mask.count:
        raise GridMismatch(f"nothing of the mask {loaded.name!r} lies in the series", str(file), "choose another")
    return series, mask


def _origin(loaded: LoadedMask, file: Path) -> dict[str, Any]:
    """What the history keeps of where a region came from."""
    told = {"algorithm_type": loaded.algorithm_type, "algorithm_name": loaded.algorithm_name}
    return {"file": file.name, "label": loaded.number} | {name: value for name, value in told.items() if value}


def _finding(case: Case, loaded: LoadedMask) -> Finding:
    for finding in case.findings:
        if loaded.tracking_uid and finding.tracking_uid == loaded.tracking_uid:
            return finding
    return case.add_finding(
        loaded.concept or "lesion", name=loaded.name, laterality=loaded.laterality, tracking_uid=loaded.tracking_uid
    )


def add_mask(
    case: Case,
    series_id: str,
    path: str | os.PathLike[str],
    concept: str,
    *,
    label: int | None = None,
    **facts: str | None,
) -> tuple[Finding, Region]:
    """One label of a mask file as a new finding on a series whose lattice it lies on, in one edit.

    facts: laterality, site, note or name of the finding. Raises GridMismatch or InputError, and then the case is
    unchanged.
    """
    file = Path(path)
    held = read_masks(file)
    masks = [one for one in held if label is None or one.number == label]
    if len(masks) != 1:
        numbers = ", ".join(str(one.number) for one in held)
        raise InputError(f"the mask has the labels {numbers}", str(file), "say which with --label")
    home, mask = place(masks[0], (case.series_of(series_id),), str(file))
    with case.one_edit(f"add {concept} from {file.name}"), case.using("add", _origin(masks[0], file)):
        finding = case.add_finding(concept, **{name: value for name, value in facts.items() if value is not None})
        region = case.add_region(finding, home.id)
        case.flip_bits(region, mask.crop, mask.low)
    return finding, region
