"""`receipt.json`: what every file of an export has to hold, and the check that it does."""

from __future__ import annotations

import hashlib
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


def entry(written: Written, kind: str, folder: Path) -> dict[str, Any]:
    """What the receipt says of one file in a folder."""
    return {**written.holds, "name": written.name, "format": kind, "file_sha256": _digest(folder / written.name)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def receipt(case_name: str, entries: list[dict[str, Any]]) -> bytes:
    """The receipt as JSON: UTF-8, sorted keys."""
    document = {"callout": __version__, "case": case_name, "files": entries}
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def check_file(path: Path, entry: Mapping[str, Any]) -> list[Problem]:
    """Read one file back and compare it with its entry."""
    name = str(entry["name"])
    if not path.is_file():
        return [Problem(name, "is missing")]
    try:
        return [Problem(name, message) for message in format_named(entry["format"]).check(path, entry)]
    except CalloutError as error:
        return [Problem(name, str(error))]
    except Exception as error:  # a damaged file can make any reader raise anything
        return [Problem(name, f"can't be read back ({type(error).__name__})")]


def verify(folder: Path | str) -> list[Problem]:
    """Compare every file of an export with its receipt again; empty when all holds. InputError without a receipt.

    A file that holds what it should, but is not byte for byte the one that was written, is a problem too: its header
    may say anything now.
    """
    problems = []
    for entry in _entries(Path(folder)):
        file = Path(folder) / entry["name"]
        found = check_file(file, entry)
        if not found and entry.get("file_sha256", "") not in ("", _digest(file)):
            found = [Problem(file.name, "was changed after it was written, though its regions are the same")]
        problems += found
    return problems


def named_before(folder: Path) -> set[str]:
    """The files in a folder that the receipt of an earlier export names."""
    try:
        names = {entry["name"] for entry in _entries(folder)}
    except InputError:  # there was none, or it is damaged
        return set()
    return {name for name in names if (folder / name).is_file()}


def _entries(folder: Path) -> list[dict[str, Any]]:
    """What the receipt in a folder says of each file; InputError where there is none, or none that can be trusted."""
    path = folder / NAME
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        entries: list[dict[str, Any]] = json.loads(path.read_bytes())["files"]
        texts = [entry[key] for entry in entries for key in ("name", "format")]
    except FileNotFoundError as error:
        raise InputError("no receipt.json", str(folder), "name the folder of an export") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("the receipt can't be read", str(path), "export again") from error
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InputError("the receipt says of no file what it holds", str(path), "export again")
    if any(Path(name).name != name or name in ("", "..") for name in texts[::2]):
        raise InputError("the receipt names a file outside its folder", str(path), "export again")
    return entries
