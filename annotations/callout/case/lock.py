"""One writer at a time: a lock that the operating system holds, on a file beside the case.

The kernel releases it with the process, so it never outlives a crash. The text in it says who holds it.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from callout.errors import CaseError, CaseInUse, CaseReadOnly

FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class CaseLock:
    """Held from construction to `release`.

    Raises CaseInUse, naming who has the case as far as `tell` said it, and CaseReadOnly where its file can't be made.
    """

    @classmethod
    def take(cls, case: Path) -> CaseLock | None:
        """The lock; None where there is no room for its file, so that SQLite's own lock has to do."""
        try:
            return cls(case)
        except OSError as error:
            if error.errno in NO_ROOM:
                return None
            raise CaseReadOnly(
                f"the case can't be written here ({error.strerror})",
                str(case),
                "open it to look only, or copy it to a folder of your own",
            ) from error

    def __init__(self, case: Path) -> None:
        whole = case.resolve()  # one lock, by whatever link the case is opened
        self.path = whole.with_name(whole.name + ".lock")
        while True:
            descriptor = os.open(self.path, FLAGS, 0o644)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise CaseError("what lies where the case's lock goes is no file", str(self.path), "take it away")
            try:
                free = _lock(descriptor)
            except OSError as error:  # a file system that can't lock
                os.close(descriptor)
                raise CaseReadOnly(
                    f"the case can't be locked here ({error.strerror})", str(case), "copy it to a folder of your own"
                ) from error
            if not free:
                holder = _holder(descriptor)
                os.close(descriptor)
                raise CaseInUse(
                    f"the case is in use {holder}".rstrip(),
                    str(case),
                    "close it there; `callout show` and the viewer can look at it meanwhile",
                )
            if self._is_ours(descriptor):
                with suppress(OSError):
                    os.ftruncate(descriptor, 0)  # one that was killed may have left its name
                break
            os.close(descriptor)  # removed by the one who held it, between our open and our lock
        self._descriptor: int | None = descriptor

    def tell(self, reader: str) -> None:
        """Say who holds it: reader, machine, process, since when; where there is no room to say so, it holds anyway."""
        if self._descriptor is None:
            return
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        text = json.dumps({"reader": reader, "host": socket.gethostname(), "process": os.getpid(), "since": since})
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, text.encode())

    def release(self) -> None:
        """Give the case free; the file beside it goes."""
        if self._descriptor is not None:
            with suppress(OSError):  # where the folder can't be written any more it stays, but nobody holds it
                if self._is_ours(self._descriptor):  # else somebody took it away, and another may hold a new one
                    self.path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def _is_ours(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(descriptor))
        except FileNotFoundError:
            return False


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":  # lock a byte far behind the text, so that it stays readable
        import msvcrt

        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    """Who says to hold it: one that has just taken it is given time to say so."""
    for _ in range(20):
        time.sleep(0.05)
        with suppress(OSError, ValueError, KeyError, TypeError):
            os.lseek(descriptor, 0, os.SEEK_SET)
            text = json.loads(os.read(descriptor, 4096))
            return f"by {text['reader']} on {text['host']} (process {text['process']}) since {text['since']}"
    return ""
