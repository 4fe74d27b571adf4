"""The cases that were opened last: their paths and nothing else, in a small file beside the preferences.

That it can't be read or written stops nobody from working: the list is then empty, or stays as it was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from callout.preferences import preferences_file

MOST = 10
LARGEST_FILE = 1 << 16  # bytes; a larger one is not ours


def recent_file() -> Path:
    """Where the list is kept; the file need not exist."""
    return preferences_file().with_name("recent.json")


def recent_cases() -> tuple[str, ...]:
    """Absolute paths, the one opened last first; the files may be gone since."""
    try:
        with open(recent_file(), "rb") as file:
            listed = json.loads(file.read(LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return ()
    paths = listed if isinstance(listed, list) else []
    return tuple(path for path in paths if isinstance(path, str) and os.path.isabs(path) and "\0" not in path)[:MOST]


def note_case(path: str | os.PathLike[str]) -> None:
    """This case was opened last."""
    name = os.path.abspath(path)
    _keep([name, *(known for known in recent_cases() if known != name)][:MOST])


def forget_case(path: str | os.PathLike[str]) -> None:
    """Name this case no more."""
    name = os.path.abspath(path)
    _keep([known for known in recent_cases() if known != name])


def forget_cases() -> None:
    """Name none any more: the file goes."""
    with suppress(OSError):
        recent_file().unlink(missing_ok=True)


def _keep(paths: Sequence[str]) -> None:
    target = recent_file()
    written = target.with_name(f"{target.name}.{os.getpid()}")
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(list(paths)), encoding="ascii")  # names that are no text stand in it as escapes
        os.replace(written, target)
