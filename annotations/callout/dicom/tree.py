"""Files below folders, without ever opening what is no regular file and without running in circles."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from callout.errors import InputError

SPECIAL = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def files_below(paths: Iterable[str | os.PathLike[str]], passed_over: list[tuple[str, str]]) -> Iterator[str]:
    """Every regular file at or below `paths`, each once, in the order of names; links are followed, loops are not.

    What is not regular is appended to `passed_over` as (path, reason). InputError where a path does not exist.
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
                yield path
        else:
            passed_over.append((path, f"{_kind(status.st_mode)}, not opened"))


def _walk(
    root: str,
    identity: tuple[int, int],
    seen_folders: set[tuple[int, int]],
    seen_links: set[tuple[int, int]],
    passed_over: list[tuple[str, str]],
) -> Iterator[str]:
    todo = [(root, identity)]
    while todo:
        folder, identity = todo.pop()
        if identity in seen_folders:
            continue
        seen_folders.add(identity)
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            passed_over.append((folder, f"can't be listed: {error.strerror or error}"))
            continue
        below: list[tuple[str, tuple[int, int]]] = []
        for entry in ordered:
            if entry.is_file(follow_symlinks=False):
                yield entry.path
            else:
                yield from _unusual(entry, below, seen_folders, seen_links, passed_over)
        todo.extend(reversed(below))


def _unusual(
    entry: os.DirEntry[str],
    below: list[tuple[str, tuple[int, int]]],
    seen_folders: set[tuple[int, int]],
    seen_links: set[tuple[int, int]],
    passed_over: list[tuple[str, str]],
) -> Iterator[str]:
    """Folders go to `below`; a link to a file yields it once."""
    try:
        status = entry.stat()
    except OSError:
        passed_over.append((entry.path, "a link that leads nowhere, or in circles"))
        return
    identity = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        if identity in seen_folders:
            passed_over.append((entry.path, "a link to a folder that is read already"))
        else:
            below.append((entry.path, identity))
    elif not stat.S_ISREG(status.st_mode):
        passed_over.append((entry.path, f"{_kind(status.st_mode)}, not opened"))
    elif identity not in seen_links:
        seen_links.add(identity)
        yield entry.path


def _kind(mode: int) -> str:
    return SPECIAL.get(stat.S_IFMT(mode), "no regular file")
