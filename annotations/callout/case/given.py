"""What a case is made of before the first edit: series, report and pictures; written once, never changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from callout.case.connection import sqlite_errors
from callout.case.edits import Edit
from callout.case.file import CaseFile, Places
from callout.case.places import moved_along
from callout.case.stacks import series_from_json, series_to_json
from callout.errors import CaseDamaged, InputError
from callout.reports import Picture, Report
from callout.version import __version__
from callout.volume import Series


@dataclass(frozen=True)
class Given:
    """The series, the report as analysed and as given, its pictures by name, the reader who made the case,
    and whether readers are not to see each other's findings.
    """

    series: tuple[Series, ...]
    report: Report | None
    report_bytes: bytes | None
    reader: str
    blinded: bool
    pictures: Mapping[str, Picture]


def write_given(
    path: Path,
    series: Sequence[Series],
    report: Report | None,
    report_bytes: bytes | None,
    reader: str,
    *,
    blinded: bool = False,
    edits: Iterable[Edit] = (),
) -> None:
    """Make the case file at `path`, whole or not at all.

    The analysis is kept beside the report's bytes, so that a mention's id means the same words for ever,
    whatever a later analyser would make of them.
    """
    if len({one.id for one in series}) != len(series):
        raise InputError("two series have the same id", str(path))
    with sqlite_errors(path):
        given = {"version": __version__.encode(), "reader": reader.encode(), "blinded": b"yes" if blinded else b"no"}
    pictures: dict[str, Picture] = {}
    if report is not None:
        given["report"] = report_bytes or b""
        given["report analysis"] = json.dumps(report.to_json()).encode()
        pictures = {picture.name: picture for figure in report.figures for picture in figure.pictures}
    CaseFile.create(
        path,
        given,
        [series_to_json(one) for one in series],
        [(picture.name, picture.media_type, picture.data) for picture in pictures.values()],
        places_of(path, series),
        edits,
    )


def places_of(path: Path, series: Iterable[Series]) -> Places:
    """Where the images of `series` lie, for the case at `path`."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        folder.encode()
    except UnicodeEncodeError:
        folder = ""  # SQLite keeps no text that is no Unicode
    return {one.id: (folder, [os.path.abspath(image.path) for image in one.instances]) for one in series}


def read_given(file: CaseFile) -> Given:
    """What `write_given` wrote; CaseDamaged where it does not read as that."""
    try:
        given = file.given()
        pictures = {name: Picture(name, media_type, data) for name, media_type, data in file.pictures()}
        series = tuple(_series(file))
        analysis = given.get("report analysis")
        report = Report.from_json(json.loads(analysis), pictures) if analysis else None
        reader, blinded = given["reader"].decode(), given["blinded"] == b"yes"
        return Given(series, report, given.get("report"), reader, blinded, MappingProxyType(pictures))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise CaseDamaged("what the case was made of can't be read", str(file.path), "restore a backup") from error


def _series(file: CaseFile) -> Iterator[Series]:
    places, folder = file.places(), os.path.dirname(os.path.abspath(file.path))
    for facts in file.series():
        folder_then, paths = places[facts["id"]]
        if not all(isinstance(path, str) for path in paths):
            raise TypeError("a path is no text")
        yield series_from_json(facts, moved_along(paths, folder_then, folder))
