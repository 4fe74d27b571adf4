"""What a user set once for all cases, in one TOML file where the platform keeps such files.

Keys that this version does not know are kept, for the later version that wrote them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from callout.errors import InputError

LONGEST_NAME = 64
SMALLEST_TEXT, LARGEST_TEXT = 100, 200  # per cent


@dataclass(frozen=True)
class Preferences:
    """What is set; each field has a default. Raises InputError.

    reader: who reads, where a command does not say it; None where that is not set.
    keys: of the viewer's actions, by their names, those that were changed; `("B",)`, () for none.
    text: how large words in the viewer are, in per cent.
    """

    reader: str | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: int = SMALLEST_TEXT

    def __post_init__(self) -> None:
        _check_reader(self.reader)
        for name, keys in self.keys.items():
            if not isinstance(keys, tuple) or not all(isinstance(key, str) for key in keys):
                raise InputError(f"the key of {name!r} can't be {keys!r}", remedy='write it as brush = "B"')
        if not isinstance(self.text, int) or not SMALLEST_TEXT <= self.text <= LARGEST_TEXT:
            raise InputError(
                f"text can't be as large as {self.text!r}",
                remedy=f"write {SMALLEST_TEXT} to {LARGEST_TEXT}, in per cent",
            )


def _check_reader(name: object) -> None:
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
    """What is set; the default for what can't be used, since that must stop nobody from working.

    tell: is then called with one line for each that says why.
    """

    def say(error: InputError) -> None:
        if tell is not None:
            where = error.where or str(preferences_file())
            tell(str(InputError(f"preferences are not used: {error.what}", where, error.remedy)))

    try:
        table = _table()
    except InputError as error:
        say(error)
        return Preferences()
    found = Preferences()
    for name in ("reader", "keys", "text"):
        try:
            if name in table:
                value: Any = _keys(table[name]) if name == "keys" else table[name]
                found = replace(found, **{name: value})
        except InputError as error:
            say(error)
    return found


def write_preferences(preferences: Preferences) -> Path:
    """Keep them: the file is written whole or not at all. Returns it.

    What is as it was stays as it is written, also where it can't be used; so do other keys of the file, its comments
    don't. Raises InputError where the file can't be read or written.
    """
    import tomli_w

    table, before = _table(), read_preferences()
    keys = {name: keys[0] if len(keys) == 1 else list(keys) for name, keys in preferences.keys.items()}
    text = None if preferences.text == SMALLEST_TEXT else preferences.text
    for name, value in (("reader", preferences.reader), ("keys", keys or None), ("text", text)):
        if getattr(preferences, name) == getattr(before, name):
            continue
        table.pop(name, None)
        if value is not None:
            table[name] = value
    path = preferences_file()
    _write(path, tomli_w.dumps(table).encode())
    return path


def _keys(value: object) -> dict[str, tuple[str, ...]]:
    """The table `[keys]`: a key, or a list of them, by the action's name. Raises InputError."""
    if not isinstance(value, dict):
        raise InputError(f"keys can't be {value!r}", remedy='write [keys], and below it brush = "B"')
    return {str(name): tuple(keys) if isinstance(keys, list) else (keys,) for name, keys in value.items()}


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
