"""Files below folders, without ever opening what is no regular file and without running in circles."""

from __future__ import annotations

import operator
import os
import stat
from collections.abc import Iterable, Iterator

from callout.dicom.skipped import Skipped
from callout.errors import InputError

NAME = operator.attrgetter("name")
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
SPECIAL = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


File = tuple[str, os.stat_result]


def files_below(paths: Iterable[str | os.PathLike[str]], passed_over: list[Skipped]) -> Iterator[File]:
    """Every regular file at or below `paths`, each once, in the order of names; links are followed, loops are not.

    What is not regular, or can't be listed, is appended to `passed_over`. InputError where a path does not exist.
    """
    seen_folders: set[tuple[int, int]] = set()
    seen_links: set[tuple[int, int]] = set()
    for start in paths:
        path = os.fspath(start)
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"can't open it ({reason})", path, "check the name of the folder or file") from None
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, (status.st_dev, status.st_ino), seen_folders, seen_links, passed_over)
        elif stat.S_ISREG(status.st_mode):
            if (status.st_dev, status.st_ino) not in seen_links:
                seen_links.add((status.st_dev, status.st_ino))
                yield path, status
        else:
            passed_over.append(Skipped(path, f"{_kind(status.st_mode)}, not opened", "other file"))


def _walk(
    root: str,
    identity: tuple[int, int],
    seen_folders: set[tuple[int, int]],
    seen_links: set[tuple[int, int]],
    passed_over: list[Skipped],
) -> Iterator[File]:
    todo = [(root, identity)]
    while todo:
        folder, identity = todo.pop()
        if identity in seen_folders:
            continue
        seen_folders.add(identity)
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=NAME)
        except OSError as error:
            passed_over.append(Skipped(folder, f"can't be listed: {error.strerror or error}"))
            continue
        below: list[tuple[str, tuple[int, int]]] = []
        for entry in ordered:
            if entry.is_file(follow_symlinks=False):
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # it is gone again
                    continue
                yield entry.path, status
            else:
                yield from _unusual(entry, below, seen_folders, seen_links, passed_over)
        todo.extend(reversed(below))


def _unusual(
    entry: os.DirEntry[str],
    below: list[tuple[str, tuple[int, int]]],
    seen_folders: set[tuple[int, int]],
    seen_links: set[tuple[int, int]],
    passed_over: list[Skipped],
) -> Iterator[File]:
    """Folders go to `below`; a link to a file yields it once."""
    try:
        status = entry.stat()
    except OSError:
        passed_over.append(Skipped(entry.path, "a link that leads nowhere, or in circles", "other file"))
        return
    identity = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        if identity in seen_folders:
            passed_over.append(Skipped(entry.path, "a link to a folder that is read already", "other file"))
        else:
            below.append((entry.path, identity))
    elif not stat.S_ISREG(status.st_mode):
        passed_over.append(Skipped(entry.path, f"{_kind(status.st_mode)}, not opened", "other file"))
    elif identity not in seen_links:
        seen_links.add(identity)
        yield entry.path, status


def _kind(mode: int) -> str:
    return SPECIAL.get(stat.S_IFMT(mode), "no regular file")
