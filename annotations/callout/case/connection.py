"""How a case file is opened in the real world: shared, on a network, without room, after a crash, to look only.

Nothing but SQLite opens the database file while this process has it open: closing any other handle of the same
process would drop SQLite's own locks (POSIX gives them to the process, not to the handle).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import stat
import struct
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from callout.case import schema
from callout.case.publish import publish
from callout.errors import CaseDamaged, CaseError, CaseInUse, CaseNewer, CaseReadOnly, InputError

Identity = tuple[int, int]
SETTINGS = ("trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON", "synchronous = FULL")
WAIT = 2000  # ms for another process to end what it is at

_open: Counter[Identity] = Counter()  # the files that this process has open through SQLite
_opening = threading.Lock()  # held from the look whether a file is among them until it is


class Connection:
    """An open case file: `db`, the version of its tables made this one's, and which file it is."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool = False) -> None:
        self.path = path
        self.identity, self._name = identity(path), os.fspath(path)
        for beside in (*_logs(path), _shared_memory(path)):
            if beside.exists() and not beside.is_file():
                raise CaseDamaged("what lies beside the case is no file", str(beside), "take it away")
        self.closed = False
        with _opening:
            version = _check_header(path, self.identity)
            _open[self.identity] += 1
        self._counted = True
        try:
            with sqlite_errors(path):
                self.db = _look(path, version) if read_only else _write(path, version, exclusive)
                if self.db.execute("SELECT file = '' FROM pragma_database_list").fetchone()[0]:  # a copy in memory
                    self._uncount()
        except BaseException:
            self._uncount()
            raise

    def is_there(self) -> bool:
        """Whether the path still names the file that was opened: its folder may have gone."""
        try:
            status = os.stat(self._name)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self.identity

    def is_replaced(self) -> bool:
        """Whether another file lies at the path now: the folder moved, and a copy took its place."""
        try:
            return identity(self.path) != self.identity
        except CaseError:
            return False

    def close(self) -> None:
        """Close it; closing twice does nothing."""
        if not self.closed:
            with sqlite_errors(self.path):
                self.db.close()
            self.closed = True
            self._uncount()

    def abandon(self) -> None:
        """Leave it to the end of the process: closed by SQLite, it would take away whatever log has its log's name."""
        if not self.closed:
            self.closed = True
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.db))

    def _uncount(self) -> None:
        if self._counted:
            self._counted = False
            _open[self.identity] -= 1


def identity(path: Path) -> Identity:
    """Device and number of a regular file. CaseError where there is none: a pipe or device is never opened."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise CaseError(
            "no such case", str(path), "look for the .callout file, or make one with `callout new`"
        ) from error
    except (OSError, ValueError) as error:
        raise CaseError("the case can't be read", str(path), getattr(error, "strerror", "") or str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise CaseError("this is no file", str(path), "choose a .callout file")
    return status.st_dev, status.st_ino


def is_open_here(path: Path) -> bool:
    """Whether this process has the file open as a case."""
    return _open[identity(path)] > 0


def serialised(db: sqlite3.Connection) -> bytes:
    """The database as the bytes of a file that needs no log beside it."""
    with closing(sqlite3.connect(":memory:")) as copy:
        db.backup(copy)
        data = bytearray(copy.serialize())
    data[18:20] = b"\1\1"  # read and written with a rollback journal (Database File Format, 1.3.3)
    return bytes(data)


def _check_header(path: Path, file: Identity) -> int:
    """The version of the tables, as the header says (Database File Format, 1.3), before SQLite sees the file."""
    application, version = _header_by_sqlite(path) if _open[file] else _header(path)
    if application != schema.APPLICATION_ID:
        raise CaseDamaged("a database of another program, not a case", str(path), "choose a .callout file")
    if version > schema.VERSION:
        raise CaseNewer("the case was written by a later version of Callout", str(path), "update Callout to open it")
    if version < schema.oldest():
        raise CaseDamaged("the case is of a version before the first release", str(path), "make it again")
    return version


def _header(path: Path) -> tuple[int, int]:
    header = _first_bytes(path)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        raise CaseDamaged("not a case file, or a damaged one", str(path), "restore a backup, or try `callout recover`")
    log = _logs(path)[0]
    if _at_rest(header) and _is_filled(log) and _at_rest(_first_bytes(path)):  # twice: a writer may just have begun
        raise CaseDamaged("the log beside the case is of another one", str(log), "move it away, then open the case")
    application, version = struct.unpack(">I", header[68:72]), struct.unpack(">I", header[60:64])
    return int(application[0]), int(version[0])


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(100)
    except OSError as error:
        raise CaseError("the case can't be read", str(path), error.strerror or "see to the disk") from error


def _at_rest(header: bytes) -> bool:
    """Whether no log belongs to the file: it is read and written with a rollback journal."""
    return header[18:19] == b"\1"


def _is_filled(log: Path) -> bool:
    try:
        return log.stat().st_size > 0
    except OSError:
        return False


def _header_by_sqlite(path: Path) -> tuple[int, int]:
    """The same of a file that this process has open already."""
    with sqlite_errors(path), closing(_connect(path, "ro")) as db:
        application, version = (db.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
        return int(application[0]), int(version[0])


def _write(path: Path, version: int, exclusive: bool) -> sqlite3.Connection:
    """A connection that writes; where there is no room for what SQLite shares with others, one that shares nothing."""
    if not os.access(path, os.W_OK):
        raise CaseReadOnly("the case can't be written here", str(path), "copy it to a folder of your own")
    has_log = any(log.exists() for log in _logs(path))
    if has_log:  # a log of another database must not come into this one
        with suppress(sqlite3.OperationalError, OSError):
            _look(path, version).close()
    if exclusive or (has_log and _on_network(path)):
        return _write_alone(path, version)
    try:
        return _prepared(_connect(path, "rw"), path, version)
    except sqlite3.OperationalError:
        return _write_alone(path, version)


def _write_alone(path: Path, version: int) -> sqlite3.Connection:
    """With SQLite's own lock on the whole file: its log then needs no shared memory (Write-Ahead Logging, 8)."""
    return _prepared(_connect(path, "rw", "locking_mode = EXCLUSIVE"), path, version)


def _look(path: Path, version: int) -> sqlite3.Connection:
    """A connection that only reads; of a copy in memory where the file itself would have to be written first."""
    if version == schema.VERSION:
        try:
            return _prepared(_connect(path, "ro"), path, version)
        except sqlite3.OperationalError as error:
            of_log = _code(error) == sqlite3.SQLITE_READONLY or any(log.exists() for log in _logs(path))
            if _code(error) == sqlite3.SQLITE_BUSY or not of_log:
                raise
    return _copy_in_memory(path, version)


def _copy_in_memory(path: Path, version: int) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory(prefix="callout-") as folder:
        copy = Path(folder) / "case"
        for original in (path.resolve(), *_logs(path)):
            with suppress(FileNotFoundError):
                shutil.copyfile(original, copy.with_name(original.name.replace(path.resolve().name, copy.name, 1)))
        memory = sqlite3.connect(":memory:")
        try:
            with closing(_connect(copy, "rw", "locking_mode = EXCLUSIVE")) as db:
                db.backup(memory)
            for setting in SETTINGS:
                memory.execute(f"PRAGMA {setting}")
            schema.check_tables(memory, path, version)
            if version < schema.VERSION:
                schema.migrate(memory, path, version)
            memory.execute("PRAGMA query_only = ON")
        except BaseException:
            memory.close()
            raise
    return memory


def _prepared(db: sqlite3.Connection, path: Path, version: int) -> sqlite3.Connection:
    """The connection, its tables checked and, where they are older, copied and changed; closed where that fails."""
    try:
        schema.check_tables(db, path, version)
        if version < schema.VERSION:
            publish(serialised(db), _free_name(path, version))
            schema.migrate(db, path, version)
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: Path, mode: str, *first: str) -> sqlite3.Connection:
    """A connection with its settings, `first` before those that read the file."""
    db = sqlite3.connect(f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}", uri=True)
    try:
        for setting in (*first, f"busy_timeout = {WAIT}", *SETTINGS):
            db.execute(f"PRAGMA {setting}")
    except BaseException:
        db.close()
        raise
    return db


def _free_name(path: Path, version: int) -> Path:
    """Where the copy of an older case goes: beside it, over nothing."""
    number, name = 1, path.with_name(f"{path.stem}.version-{version}.callout")
    while os.path.lexists(name):
        number += 1
        name = path.with_name(f"{path.stem}.version-{version}-{number}.callout")
    return name


def _logs(path: Path) -> list[Path]:
    """The logs that SQLite may have left beside the file."""
    whole = path.resolve()
    return [whole.with_name(whole.name + ending) for ending in ("-wal", "-journal")]


def _shared_memory(path: Path) -> Path:
    whole = path.resolve()
    return whole.with_name(whole.name + "-shm")


def _on_network(path: Path) -> bool:
    from callout.case.network import on_network

    return on_network(path.resolve().parent)


def start_writing(db: sqlite3.Connection, path: Path) -> None:
    """Before the first edit: a log for one sync an edit, but on a network, where its shared memory does not work."""
    db.execute(f"PRAGMA journal_mode = {'DELETE' if _on_network(path) else 'WAL'}")


def end_writing(db: sqlite3.Connection, path: Path) -> None:
    """Fold the log into the file, as far as there is room and nobody looks at it; what stays is as safe as the file."""
    with suppress(sqlite3.Error, OSError):
        db.execute("PRAGMA busy_timeout = 0")
        try:
            db.execute("PRAGMA journal_mode = DELETE")
            _shared_memory(path).unlink(missing_ok=True)  # of one that was killed; nobody uses it without a log
        except sqlite3.OperationalError:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors, and values that no case would hold, as the errors of the case."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InputError("text that is no Unicode can't be kept", str(path), "write it in other letters") from error
    except sqlite3.ProgrammingError as error:
        raise CaseError(
            f"the case can't be used like this ({error})",
            str(path),
            "use it before it is closed, in the thread it is of",
        ) from error
    except sqlite3.OperationalError as error:
        if _code(error) == sqlite3.SQLITE_ERROR:  # what it says is no case
            raise _damaged(path) from error
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise CaseInUse("the case is in use", str(path), "close it there, then try again") from error
        raise CaseError(
            f"the case can't be read or written ({error})", str(path), "see to the disk, then try again"
        ) from error
    except OSError as error:
        raise CaseError(
            "the case can't be read or written", str(path), error.strerror or "see to the disk, then try again"
        ) from error
    except (sqlite3.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
        if isinstance(error, InputError | CaseError):
            raise
        raise _damaged(path) from error


def _damaged(path: Path) -> CaseDamaged:
    return CaseDamaged("the case file is damaged", str(path), "restore a backup, or try `callout recover`")


def _code(error: sqlite3.Error) -> int:
    """The primary result code; SQLITE_ERROR where Python itself found that text is no text."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
