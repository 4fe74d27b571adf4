"""Index: what lies in a folder: the series that can be loaded, and what was skipped and why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from callout.dicom.build import series_of, stand_in
from callout.dicom.contrast import with_contrast
from callout.dicom.fragments import check_frame
from callout.dicom.header import SkippedKind, Unreadable, read_header
from callout.dicom.image import Image, images_of
from callout.dicom.stacks import Refusal, split_series
from callout.dicom.tree import files_below
from callout.dicom.walker import Layouts
from callout.errors import InputError, NoImages
from callout.volume import Series


@dataclass(frozen=True)
class Skipped:
    """A file (or the first file of a refused stack) that is in no series, and why.

    kind: "other file": no DICOM; "other object": DICOM, but no CT or MR image; "refused": an image that can't be used.
    """

    path: str
    reason: str
    kind: SkippedKind = "refused"


@dataclass(frozen=True)
class Found:
    """What a scan found, in the order of study, series number and id."""

    series: tuple[Series, ...]
    skipped: tuple[Skipped, ...]

    def __bool__(self) -> bool:
        return bool(self.series)


def scan(paths: Iterable[str | os.PathLike[str]]) -> Found:
    """Reads the header of every file at or below `paths` (never pixels) and sorts images into series.

    InputError where a path does not exist. A scan that finds nothing is no error: `skipped` says why.
    """
    passed_over: list[tuple[str, str]] = []
    images: dict[str, list[Image]] = {}
    skipped: list[Skipped] = []
    layouts = Layouts()
    for path in files_below(paths, passed_over):
        try:
            found = images_of(read_header(path, layouts))
            if found[0].header.pixel_length is None:
                check_frame(path, found[0].stored)
        except Unreadable as reason:
            skipped.append(Skipped(path, str(reason), reason.kind))
            continue
        images.setdefault(found[0].series_uid or stand_in(found[0]), []).extend(found)
    skipped.extend(Skipped(path, reason, "other file") for path, reason in passed_over)
    series: list[Series] = []
    for members in images.values():
        split = split_series(members)
        for stack in split.stacks:
            try:
                series.append(series_of(stack))
            except InputError as error:  # a stack that makes no grid costs nothing but itself
                split.refusals.append(Refusal(stack.images, error.what))
        for refusal in split.refusals:
            count = len(refusal.images)
            told = f"{refusal.reason} (series {refusal.images[0].series_uid}, {count} images)"
            skipped.append(Skipped(refusal.images[0].path, told))
    ordered = sorted(with_contrast(series), key=_order)
    return Found(tuple(ordered), tuple(skipped))


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
