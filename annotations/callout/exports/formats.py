"""What a case leaves by: one module a format, found by its name. Other distributions add theirs by an entry point.

A distribution that declares `NAME = "its.module"` in the entry point group `callout.formats` adds the format NAME; its
module has what `Format` says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from callout.case.contents import Contents
from callout.errors import CalloutError, InputError
from callout.exports.labelled import LabelledStack

Compression = Literal["none", "deflated", "rle"]
COMPRESSIONS: tuple[Compression, ...] = ("none", "deflated", "rle")
GROUP = "callout.formats"
BUILT_IN = {
    "seg": "callout.exports.seg",
    "labelmap": "callout.exports.labelmap",
    "rtstruct": "callout.exports.rtstruct",
    "nifti": "callout.exports.nifti",
    "nrrd": "callout.exports.nrrd",
    "csv": "callout.exports.csv_file",
    "json": "callout.exports.json_file",
    "sr": "callout.exports.sr",
    "gsps": "callout.exports.gsps",
    "sc": "callout.exports.sc",
}


@dataclass(frozen=True)
class Outgoing:
    """What is to be written.

    stacks: those to write; one of them for a format that makes its files per series.
    compression: of DICOM files, as asked for; a format that can't do `rle` writes plainly.
    formats: the names of all that this export is written in.
    """

    case: Contents
    stacks: tuple[LabelledStack, ...]
    compression: Compression = "none"
    formats: tuple[str, ...] = ()

    @property
    def stack(self) -> LabelledStack:
        """The one stack of a format that makes its files per series."""
        (stack,) = self.stacks
        return stack

    @property
    def edited(self) -> str:
        """When a region was last changed, UTC, ISO 8601; where there is none, the case."""
        changed = [one.edited for stack in self.stacks for one in stack.regions]
        return max(changed, default=self.case.history[-1].time)


@dataclass(frozen=True)
class Written:
    """A file that was written, under its name in the folder.

    holds: what it has to hold, as JSON values: all that `check` needs beside the file. notes: what a user should know.
    """

    name: str
    holds: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())


class Format(Protocol):
    """A module that files are written by.

    PER: whether it makes its files for each series that has regions, or once for the case.
    """

    PER: Literal["series", "case"]

    def write(self, outgoing: Outgoing, folder: Path) -> list[Written]:
        """Write into `folder`. InputError where the format can't hold that; with "all" it is left out then."""

    def check(self, path: Path, holds: Mapping[str, Any]) -> list[str]:
        """What of `holds` is not in the file, read by other code than wrote it; empty when all is."""


def names() -> tuple[str, ...]:
    """The names of all formats, in the order in which `all` writes them."""
    return (*BUILT_IN, *(name for name in sorted(entry_points(group=GROUP).names) if name not in BUILT_IN))


def format_named(name: str) -> Format:
    """The format of that name; InputError naming those there are, or the added one that can't be imported."""
    if name in BUILT_IN:
        return cast(Format, import_module(BUILT_IN[name]))
    for point in entry_points(group=GROUP, name=name):
        try:
            added = cast(Format, point.load())
            if added.PER in ("series", "case") and callable(added.write) and callable(added.check):
                return added
            raise ValueError("PER")
        except Exception as error:  # another distribution's module can raise anything
            what = f"the format {name!r} can't be used ({type(error).__name__})"
            raise InputError(what, point.value, "mend or uninstall what adds it") from error
    raise InputError(f"no such format as {name!r}", remedy=f"choose from {', '.join(names())} or all")


def write_as(name: str, kind: Format, outgoing: Outgoing, folder: Path) -> list[Written]:
    """What the format of that name writes; InputError where one that was added fails, or makes no such files."""
    if name in BUILT_IN:
        return kind.write(outgoing, folder)
    try:
        files = list(kind.write(outgoing, folder))
        json.dumps([dict(file.holds) for file in files])
        whole = all(Path(file.name).name == file.name and (folder / file.name).is_file() for file in files)
    except (CalloutError, OSError):
        raise
    except Exception as error:  # another distribution's module can raise anything
        what = f"the format {name!r} failed ({type(error).__name__})"
        raise InputError(what, str(outgoing.case.path), "mend or uninstall what adds it") from error
    if not whole:
        what = f"the format {name!r} names files that it did not write"
        raise InputError(what, str(outgoing.case.path), "mend or uninstall what adds it")
    return files
