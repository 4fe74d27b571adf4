"""`receipt.json`: what every file of an export has to hold, and the check that it does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callout.errors import CalloutError, InputError
from callout.exports.formats import Written, format_named
from callout.version import __version__

NAME = "receipt.json"


@dataclass(frozen=True)
class Problem:
    """Something that a file should hold and does not."""

    file: str
    message: str


def entry(written: Written, kind: str) -> dict[str, Any]:
    """What the receipt says of one file."""
    return {"name": written.name, "format": kind, **written.holds}


def receipt(case_name: str, entries: list[dict[str, Any]]) -> bytes:
    """The receipt as JSON: UTF-8, sorted keys."""
    document = {"callout": __version__, "case": case_name, "files": entries}
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def check_file(path: Path, entry: Mapping[str, Any]) -> list[Problem]:
    """Read one file back and compare it with its entry."""
    name = str(entry["name"])
    try:
        return [Problem(name, message) for message in format_named(entry["format"]).check(path, entry)]
    except CalloutError as error:
        return [Problem(name, str(error))]
    except Exception as error:  # a damaged file can make any reader raise anything
        return [Problem(name, f"can't be read back ({type(error).__name__})")]


def verify(folder: Path | str) -> list[Problem]:
    """Compare every file of an export with its receipt again; empty when all holds. InputError without a receipt."""
    problems = []
    for entry in _entries(Path(folder)):
        name = str(entry["name"])
        file = Path(folder) / name
        problems += check_file(file, entry) if file.is_file() else [Problem(name, "is missing")]
    return problems


def named_before(folder: Path) -> set[str]:
    """The files in a folder that the receipt of an earlier export names."""
    try:
        names = {str(entry["name"]) for entry in _entries(folder)}
    except InputError:  # there was none, or it is damaged
        return set()
    return {name for name in names if (folder / name).is_file()}


def _entries(folder: Path) -> list[dict[str, Any]]:
    """What the receipt in a folder says of each file; InputError where there is none, or none that can be trusted."""
    path = folder / NAME
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_bytes())["files"]
        names = [str(entry["name"]) for entry in entries]
    except FileNotFoundError as error:
        raise InputError("no receipt.json", str(folder), "name the folder of an export") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the receipt can't be read", str(path), "export again") from error
    if any(Path(name).name != name for name in names):
        raise InputError("the receipt names a file outside its folder", str(path), "export again")
    return entries
