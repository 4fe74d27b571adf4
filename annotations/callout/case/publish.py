"""A new file: it has its name only once it is whole and on disk."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from callout.errors import CaseError


def publish(data: bytes, path: Path) -> None:
    """Make the file `path` of `data`, or nothing at all; CaseError where something is there or it can't be written.

    Where the system lets it, the file has no name until it is whole, so that a killed process leaves nothing behind.
    """
    try:
        descriptor = _without_name(path.parent)
        if descriptor is None:
            _by_another_name(data, path)
        else:
            try:
                _write(descriptor, data)
                # The folder is not used with an absolute path, but without one `os.link` would not follow the link.
                os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)
            finally:
                os.close(descriptor)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise CaseError("there is a file of that name already", str(path), "choose another name") from error
    except OSError as error:
        raise CaseError("the case can't be written", str(path), error.strerror or "see to the disk") from error


def _without_name(folder: Path) -> int | None:
    """A file in `folder` that has no name yet (Linux); None where there is no such thing."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o644)
    except OSError:  # a file system without, or a folder that can't be written: then the other way says so
        return None


def _by_another_name(data: bytes, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
    try:
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError(path) from None
            temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError, AttributeError):  # Windows can't open folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
