"""Masks and reports that come in: findings, in one edit that tells where each region came from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callout.case import Case, Finding, Region
from callout.errors import EditRefused, GridMismatch, InputError
from callout.exports.loaded import LoadedFinding, LoadedMask, place, resample
from callout.exports.masks_in import read_file
from callout.exports.reported import Reported
from callout.masks import Mask
from callout.volume import Series


@dataclass(frozen=True)
class Imported:
    """The findings that came in, each with its region, and what of the files was not understood, in words.

    told: the findings that reports told of, with or without a region.
    """

    made: tuple[tuple[Finding, Region], ...]
    left_out: tuple[str, ...] = ()
    told: tuple[Finding, ...] = ()


def import_masks(
    case: Case,
    *paths: str | os.PathLike[str],
    series_id: str | None = None,
    resampled: bool = False,
    threshold: float | None = None,
) -> Imported:
    """Every mask of the files as a finding of this reader, in one edit that tells where each region came from.

    A segment that carries the tracking UID of a finding becomes that finding's region on its series. A name that
    is no known concept becomes `lesion`, name kept. What a report tells is added to the findings of the segments
    that it refers to, whichever file comes first; else it makes a finding.

    resampled: a mask on another grid is drafted on `series_id`.
    threshold: of a fractional segmentation, above 0 and up to 1: the part of its largest value from which a voxel
    counts; half unless told.

    Raises GridMismatch or InputError, and then the case is unchanged.
    """
    files = [Path(path) for path in paths]
    series = (case.series_of(series_id),) if series_id else case.series
    drafted = resampled and len(series) == 1
    made: list[tuple[Finding, Region]] = []
    left_out: list[str] = []
    masks: dict[str, dict[str, Any]] = {}
    using = case.using("import, resampled" if drafted else "import", {"masks": masks})
    with case.one_edit(f"import {', '.join(file.name for file in files)}"), using:
        by_segment: dict[tuple[str, int], Finding] = {}
        reported = Reported(frozenset(finding.id for finding in case.findings), by_segment)
        told: list[tuple[LoadedFinding, Path]] = []
        for file in files:
            held = read_file(file, series, threshold)
            told += [(one, file) for one in held.findings]
            left_out += [f"{file.name}: {what}" for what in held.left_out]
            for loaded in held.masks:
                home, mask = _drafted(loaded, series[0], file) if drafted else place(loaded, series, str(file))
                finding = _finding(case, loaded)
                _refuse_second(case, finding, home, file)
                region = case.add_region(finding, home.id)
                masks[region.id] = _origin(loaded, file)
                case.flip_bits(region, mask.crop, mask.low)  # it was empty
                made.append((finding, region))
                by_segment[held.instance_uid, loaded.number] = finding
        for one, file in told:
            reported.take(case, one, file)
        masks.update(reported.origins)
        findings = tuple({finding.id: finding for finding in reported.findings}.values())
    return Imported((*made, *reported.regions), (*left_out, *reported.left_out), findings)


def _drafted(loaded: LoadedMask, series: Series, file: Path) -> tuple[Series, Mask]:
    mask = resample(loaded, series)
    if not mask.count:
        raise GridMismatch(f"nothing of the mask {loaded.name!r} lies in the series", str(file), "choose another")
    return series, mask


def _origin(loaded: LoadedMask, file: Path) -> dict[str, Any]:
    """What the history keeps of where a region came from."""
    told = {
        "algorithm_type": loaded.algorithm_type,
        "algorithm_name": loaded.algorithm_name,
        "threshold": loaded.threshold,
    }
    return {"file": file.name, "label": loaded.number} | {name: value for name, value in told.items() if value}


def _finding(case: Case, loaded: LoadedMask) -> Finding:
    for finding in case.findings:
        if loaded.tracking_uid and finding.tracking_uid == loaded.tracking_uid:
            return finding
    return case.add_finding(
        loaded.concept or "lesion",
        name=loaded.name,
        laterality=loaded.laterality,
        site=loaded.site,
        tracking_uid=loaded.tracking_uid,
    )


def _refuse_second(case: Case, finding: Finding, series: Series, file: Path) -> None:
    if any(one.finding_id == finding.id and one.series_id == series.id for one in case.regions):
        what = f"{finding.label} has a region on this series already ({series.title})"
        raise EditRefused(what, str(file), "import it into another case, or take that finding away first")


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
    held = read_file(file, (case.series_of(series_id),)).masks
    if not held:
        raise InputError("the file holds no mask", str(file), "`callout import` takes reports")
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
