"""Sources: the files that images lie in, named by paths; all who read images open them here.

A path may go on below a zip file: then it names one of its members.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from typing import BinaryIO

from callout.dicom.archive import Archive, Member, blocks, member_at
from callout.dicom.tree import OPEN_FLAGS

LARGE = 1 << 22  # bytes from which a member that was inflated is kept for whoever asks for it next


def open_file(path: str) -> int:
    """A descriptor of the file at `path` that can be read at any place (pread); the caller closes it.

    Never blocks. Its fstat tells what `stat_of` tells. OSError where it can't be opened. A member of a zip file is
    inflated into a temporary file without a name.
    """
    try:
        return os.open(path, OPEN_FLAGS)
    except NotADirectoryError:
        archive, member = _member(path)
    return _KEPT.shared(archive, member) if member.size >= LARGE else _unnamed(archive, member)


def open_binary(path: str) -> BinaryIO:
    """As `open_file`, as a file object, for libraries that would open the path themselves."""
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except NotADirectoryError:
        descriptor = _unnamed(*_member(path))
    return os.fdopen(descriptor, "rb")


def stat_of(path: str) -> tuple[int, int]:
    """Size in bytes and time of the last change, ns since 1970. OSError where there is no such file."""
    try:
        status = os.stat(path)
    except NotADirectoryError:
        archive, member = _member(path)
        return member.size, archive.modified_ns
    return status.st_size, status.st_mtime_ns


def source_exists(path: str) -> bool:
    """Whether there is a file at `path`."""
    try:
        stat_of(path)
    except (OSError, ValueError):
        return False
    return True


def _member(path: str) -> tuple[Archive, Member]:
    """The member of a zip file that a path names."""
    if (found := member_at(path)) is None:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return found


def _unnamed(archive: Archive, member: Member) -> int:
    """A descriptor of a file without a name that holds the member, as old as its archive."""
    with tempfile.TemporaryFile() as file:
        descriptor = os.open(archive.path, OPEN_FLAGS)
        try:
            file.writelines(blocks(descriptor, member))
        finally:
            os.close(descriptor)
        file.flush()
        file.seek(0)
        os.utime(file.fileno(), ns=(archive.modified_ns, archive.modified_ns))
        return os.dup(file.fileno())


class _Kept:
    """The large member that was inflated last: its frames are mostly read one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._what: tuple[str, int, Member] | None = None
        self._descriptor = -1

    def shared(self, archive: Archive, member: Member) -> int:
        """A descriptor of it for pread alone: others share its position."""
        what = archive.path, archive.modified_ns, member
        with self._lock:
            if what != self._what:
                descriptor = _unnamed(archive, member)
                if self._what is not None:
                    os.close(self._descriptor)
                self._what, self._descriptor = what, descriptor
            return os.dup(self._descriptor)


_KEPT = _Kept()
