"""Callout: words of a radiology report tied to places in its pictures.

This module wires the rooms together and holds nothing else; each name is imported when it is first used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from callout.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from callout.case import Case
    from callout.case.recover import Recovered
    from callout.dicom import find_series, load
    from callout.errors import CalloutError, CaseInUse
    from callout.exports import export, verify
    from callout.geometry import Grid
    from callout.reports import analyse_caption, read_report
    from callout.volume import Series, Volume

StrPath = str | os.PathLike[str]

__all__ = [
    "CalloutError",
    "Case",
    "CaseInUse",
    "Grid",
    "Series",
    "Volume",
    "__version__",
    "analyse_caption",
    "backup_case",
    "create_case",
    "export",
    "find_series",
    "load",
    "open_case",
    "read_report",
    "recover_case",
    "verify",
]

_ROOMS = {
    "CalloutError": "errors",
    "Case": "case",
    "CaseInUse": "errors",
    "Grid": "geometry",
    "Series": "volume",
    "Volume": "volume",
    "analyse_caption": "reports",
    "export": "exports",
    "find_series": "dicom",
    "load": "dicom",
    "read_report": "reports",
    "verify": "exports",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'callout' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"callout.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def open_case(
    path: StrPath,
    *,
    reader: str | None = None,
    read_only: bool = False,
    at: int | None = None,
    blinded: bool | None = None,
) -> Case:
    """Open a case file, for `reader` or else for the reader who made it.

    read_only: to look only, also while another process has it. at: as it was after that many edits, to look only.
    blinded: see only this reader's findings, or all readers'; None: as the case was made, but that a look for no
        reader in particular sees all.

    Raises:
        CaseInUse: another process has it; the message says who, where and since when.
        CaseReadOnly: its disk or folder can't be written; it can be opened to look only.
        CaseDamaged, CaseNewer, CaseError: it is no case, or not one that this version opens; it is left untouched.
    """
    from pathlib import Path

    from callout.case import Case

    return Case(Path(path), reader=reader, read_only=read_only, at=at, blinded=blinded)


def create_case(
    path: StrPath,
    images: StrPath | Iterable[StrPath],
    report: StrPath | None = None,
    *,
    reader: str = "reader",
    same_patient: bool = False,
    blinded: bool = False,
) -> Case:
    """Make a case from folders or files of DICOM and a report, and open it.

    same_patient: take images of several PatientIDs as one patient's (an outside prior).
    blinded: whoever reads it sees only findings of their own.

    Raises:
        NoImages: nothing there that can be opened. InputError: several patients, or a report that can't be read.
        CaseError: there is a file of that name already, or it can't be written. Nothing is left behind.
    """
    from pathlib import Path

    from callout.case import write_given
    from callout.dicom import find_series
    from callout.reports import read_report_bytes, report_file

    target = Path(path)
    _refuse_name(target)
    paths: Sequence[StrPath] = [images] if isinstance(images, str | os.PathLike) else list(images)
    series = find_series(*paths)
    _one_patient(series, same_patient)
    data = None if report is None else report_file(report)
    read = None if report is None or data is None else read_report_bytes(data, Path(report).name, Path(report).parent)
    write_given(target, series, read, data, reader, blinded=blinded)
    return open_case(target, reader=reader)


def backup_case(path: StrPath, target: StrPath) -> None:
    """Write a consistent copy of a case to a new file; the case may be open elsewhere, and written to.

    Raises:
        CaseDamaged, CaseNewer, CaseError: it can't be read, or the copy can't be written. Nothing is left behind.
    """
    from pathlib import Path

    _refuse_name(Path(target))
    with open_case(path, read_only=True) as case:
        case.backup(target)


def recover_case(path: StrPath, target: StrPath) -> Recovered:
    """Save what can be read of a damaged case into a new one; the damaged file is left as it is.

    Raises:
        CaseInUse: somebody has it open. CaseNewer: a later version wrote it.
        CaseDamaged: nothing of a case can be read. CaseError: the new one can't be written.
    """
    from pathlib import Path

    from callout.case.recover import recover

    _refuse_name(Path(target))
    return recover(Path(path), Path(target))


def _refuse_name(target: Path) -> None:
    from callout.errors import CaseError

    if target.suffix != ".callout":
        raise CaseError("the name of a case ends in .callout", str(target), f"call it {target.name}.callout")
    if target.exists():
        raise CaseError("there is a file of that name already", str(target), "choose another name")
    if not target.parent.is_dir():
        raise CaseError("there is no such folder", str(target.parent), "make it first")


def _one_patient(series: Sequence[Series], same_patient: bool) -> None:
    from callout.errors import InputError

    patients = {str(one.attributes.get("patient_key")) for one in series}
    if len(patients) > 1 and not same_patient:
        raise InputError(
            f"the images are of {len(patients)} patients",
            remedy="name the folder of one, or say --same-patient if they are one person's",
        )
