"""Index: what lies in a folder: the series that can be loaded, and what was skipped and why."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callout.dicom.archive import is_zip
from callout.dicom.cache import keep, recall
from callout.dicom.contrast import with_contrast
from callout.dicom.inventory import Progress, signature_of, updated
from callout.dicom.medium import described, is_medium
from callout.dicom.reading import is_archive
from callout.dicom.skipped import Skipped
from callout.dicom.tree import files_below
from callout.errors import NoImages
from callout.volume import Series


@dataclass(frozen=True)
class Found:
    """What a scan found, in the order of study, series number and id."""

    series: tuple[Series, ...]
    skipped: tuple[Skipped, ...]

    def __bool__(self) -> bool:
        return bool(self.series)


def scan(paths: Iterable[str | os.PathLike[str]], progress: Progress | None = None) -> Found:
    """Reads the header of every file at or below `paths` (never pixels) and sorts images into series.

    progress: called for every file with (files read, files in all, series so far), and while they are still being
        listed with (0, files listed, 0); raise from it to cancel. The files of a zip are files too.
    InputError where a path does not exist. A scan that finds nothing is no error: `skipped` says why.
    """
    began = time.time_ns()
    roots = [os.fspath(path) for path in paths]
    passed_over: list[Skipped] = []
    files: list[str] = []
    signatures: list[int] = []
    for path, status in files_below(_starts(roots, passed_over), passed_over):
        files.append(path)
        signatures += signature_of(status)
        if progress is not None:
            progress(0, len(files), 0)
    known = recall(roots)
    if known is None or known.paths != files or known.signatures != signatures:
        zips = {path for path in files if is_archive(path)} | {root for root in roots if is_zip(root)}
        known = updated(known, files, signatures, zips, progress)
        keep(roots, known, began)
    skipped = [one for found in known.skipped for one in found]
    skipped += passed_over
    skipped += [one for group in known.refused for one in group]
    series = [one for group in known.series for one in group]
    return Found(tuple(sorted(with_contrast(series), key=_order)), tuple(skipped))


def _starts(roots: Iterable[str], passed_over: list[Skipped]) -> Iterator[str]:
    """The paths given; instead of a DICOMDIR the files that it describes."""
    for root in roots:
        if os.path.isfile(root) and is_medium(root):
            yield from described(root, passed_over)
        else:
            yield root


def find_series(*paths: str | os.PathLike[str]) -> list[Series]:
    """The CT and MR series at or below `paths`; only headers are read.

    NoImages where there is none, naming the first reason; InputError where a path does not exist.
    """
    found = scan(paths)
    if not found.series:
        raise no_images(found, ", ".join(os.fspath(path) for path in paths))
    return list(found.series)


def no_images(found: Found, where: str) -> NoImages:
    """The error for a scan without a series: says what was there instead."""
    telling = [one for one in found.skipped if one.kind == "refused"] or [
        one for one in found.skipped if one.kind == "other object"
    ]
    if telling:
        first = telling[0]
        more = f" ({len(telling) - 1} more were skipped)" if len(telling) > 1 else ""
        what = f"no CT or MR series can be opened: {os.path.basename(first.path)}: {first.reason}{more}"
        return NoImages(what, where, "take out or re-export what is named")
    what = f"no CT or MR images among {len(found.skipped)} file(s)" if found.skipped else "no files"
    return NoImages(what, where, "give a folder that holds DICOM images")


def _order(series: Series) -> tuple[str, str, float, str, list[tuple[float, str]]]:
    number = float("inf") if series.number is None else series.number
    parts = re.findall(r"([0-9.]*[0-9])|([^0-9]+)", series.id.partition("#")[2])  # block 10 comes after block 2
    label = [(float(digits) if digits.count(".") < 2 and digits else 0.0, text) for digits, text in parts]
    return str(series.attributes.get("StudyDate", "")), series.study_uid, number, series.series_uid, label
