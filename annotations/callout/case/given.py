"""What a case is made of before the first edit: series, report and pictures; written once, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from callout.case.file import CaseFile, sqlite_errors
from callout.case.stacks import series_from_json, series_to_json
from callout.errors import CaseDamaged, InputError
from callout.reports import Picture, Report
from callout.version import __version__
from callout.volume import Series


@dataclass(frozen=True)
class Given:
    """The series, the report as analysed and as given, its pictures by name, and the reader who made the case."""

    series: tuple[Series, ...]
    report: Report | None
    report_bytes: bytes | None
    reader: str
    pictures: Mapping[str, Picture]


def write_given(
    path: Path, series: Sequence[Series], report: Report | None, report_bytes: bytes | None, reader: str
) -> None:
    """Make the case file at `path`, whole or not at all.

    The analysis is kept beside the report's bytes, so that a mention's id means the same words for ever,
    whatever a later analyser would make of them.
    """
    if len({one.id for one in series}) != len(series):
        raise InputError("two series have the same id", str(path))
    with sqlite_errors(path):
        given = {"version": __version__.encode(), "reader": reader.encode()}
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
    )


def read_given(file: CaseFile) -> Given:
    """What `write_given` wrote; CaseDamaged where it does not read as that."""
    try:
        given = file.given()
        pictures = {name: Picture(name, media_type, data) for name, media_type, data in file.pictures()}
        series = tuple(series_from_json(facts) for facts in file.series())
        analysis = given.get("report analysis")
        report = Report.from_json(json.loads(analysis), pictures) if analysis else None
        return Given(series, report, given.get("report"), given["reader"].decode(), MappingProxyType(pictures))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise CaseDamaged("what the case was made of can't be read", str(file.path), "restore a backup") from error
