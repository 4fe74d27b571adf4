"""What a user set once for all cases, in one TOML file where the platform keeps such files.

Keys that this version does not know are kept, for the later version that wrote them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from callout.errors import InputError

LONGEST_NAME = 64


@dataclass(frozen=True)
class Preferences:
    """reader: who reads, where a command does not say it; None where that is not set. Raises InputError."""

    reader: str | None = None

    def __post_init__(self) -> None:
        name = self.reader
        if name is None:
            return
        if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
            raise InputError(
                f"a reader's name can't be {str(name)[: LONGEST_NAME + 1]!r}",
                remedy=f"write 1 to {LONGEST_NAME} letters, without control characters",
            )


def preferences_file() -> Path:
    """Where the preferences are kept; the file need not exist."""
    from platformdirs import user_config_path

    return user_config_path("callout", appauthor=False) / "preferences.toml"


def read_preferences(tell: Callable[[str], None] | None = None) -> Preferences:
    """What is set; the defaults where the file can't be used, since that must stop nobody from working.

    tell: is then called once with one line that says why.
    """
    try:
        return Preferences(_table().get("reader"))
    except InputError as error:
        if tell is not None:
            where = error.where or str(preferences_file())
            tell(str(InputError(f"preferences are not used: {error.what}", where, error.remedy)))
        return Preferences()


def write_preferences(preferences: Preferences) -> Path:
    """Keep them: the file is written whole or not at all. Returns it.

    Other keys of the file stay, its comments don't. Raises InputError where the file can't be read or written.
    """
    import tomli_w

    table = _table()
    for name, value in asdict(preferences).items():
        table.pop(name, None)
        if value is not None:
            table[name] = value
    path = preferences_file()
    _write(path, tomli_w.dumps(table).encode())
    return path


def _table() -> dict[str, Any]:
    """All keys of the file, none where there is no file. Raises InputError that names it."""
    import tomllib

    path = preferences_file()
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # editors on Windows begin with a byte order mark
    except FileNotFoundError:
        return {}
    except OSError as error:
        remedy = "check that it is a file and that you may open it"
        raise InputError(error.strerror or "the file can't be read", str(path), remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"the file is not TOML ({error})", str(path), "mend it, or take it away") from error


def _write(path: Path, data: bytes) -> None:
    import tempfile

    target = Path(os.path.realpath(path))  # a link that somebody made to the file stays one
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        remedy = "check that you may write there"
        raise InputError(error.strerror or "the file can't be written", str(path), remedy) from error
