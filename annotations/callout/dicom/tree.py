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
FOLDER_FLAGS = OPEN_FLAGS | getattr(os, "O_DIRECTORY", 0)
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
        below: list[tuple[str, tuple[int, int]]] = []
        descriptor = -1
        try:
            descriptor = os.open(folder, FOLDER_FLAGS)  # names are looked up in it, not from the root on for each
            with os.scandir(descriptor) as entries:
                ordered = sorted(entries, key=NAME)
            prefix = os.path.join(folder, "")
            for entry in ordered:
                if not entry.is_file(follow_symlinks=False):
                    yield from _unusual(entry, prefix + entry.name, below, seen_folders, seen_links, passed_over)
                elif (status := _status(entry)) is not None:
                    yield prefix + entry.name, status
        except OSError as error:
            passed_over.append(Skipped(folder, f"can't be listed: {error.strerror or error}"))
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        todo.extend(reversed(below))


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Of a regular file; None where it is gone again."""
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _unusual(
    entry: os.DirEntry[str],
    path: str,
    below: list[tuple[str, tuple[int, int]]],
    seen_folders: set[tuple[int, int]],
    seen_links: set[tuple[int, int]],
    passed_over: list[Skipped],
) -> Iterator[File]:
    """Folders go to `below`; a link to a file yields it once."""
    try:
        status = entry.stat()
    except OSError:
        passed_over.append(Skipped(path, "a link that leads nowhere, or in circles", "other file"))
        return
    identity = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        if identity in seen_folders:
            passed_over.append(Skipped(path, "a link to a folder that is read already", "other file"))
        else:
            below.append((path, identity))
    elif not stat.S_ISREG(status.st_mode):
        passed_over.append(Skipped(path, f"{_kind(status.st_mode)}, not opened", "other file"))
    elif identity not in seen_links:
        seen_links.add(identity)
        yield path, status


def _kind(mode: int) -> str:
    return SPECIAL.get(stat.S_IFMT(mode), "no regular file")
