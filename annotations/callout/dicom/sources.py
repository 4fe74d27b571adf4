"""Sources: the files that images lie in, named by paths; all who read images open them here."""

from __future__ import annotations

import os
from typing import BinaryIO

OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_file(path: str) -> int:
    """A descriptor of the file at `path` that can be read at any place (pread); the caller closes it.

    Never blocks. Its fstat tells what `stat_of` tells. OSError where it can't be opened.
    """
    return os.open(path, OPEN_FLAGS)


def open_binary(path: str) -> BinaryIO:
    """As `open_file`, as a file object, for libraries that would open the path themselves."""
    return os.fdopen(open_file(path), "rb")


def stat_of(path: str) -> tuple[int, int]:
    """Size in bytes and time of the last change, ns since 1970. OSError where there is no such file."""
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns


def source_exists(path: str) -> bool:
    """Whether there is a file at `path`."""
    return os.path.exists(path)
