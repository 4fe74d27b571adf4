"""Archive: images inside a zip file, read from where they lie; nothing of it is ever unpacked to a named file.

A member is called by a path that goes on below the zip: `/x/a.zip/inner/1.dcm`. Names are only names here; those that
would lead an unpacking program astray are refused all the same. What its list claims is held to: no member is inflated
beyond it, and an archive that claims too much is refused as a whole.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callout.dicom.tree import OPEN_FLAGS

ZIP_NAMES = (".zip",)
TAR_NAMES = (".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".tar.zst")
OTHER_ARCHIVES = (*TAR_NAMES, ".7z", ".rar", ".dcm.gz")
MOST_INFLATED: Final = 4 << 30
MOST_MEMBERS: Final = 200_000
MOST_RATIO: Final = 200  # of an archive that inflates beyond RATIO_FROM
RATIO_FROM: Final = 64 << 20
LONGEST_LIST: Final = 256 << 20  # bytes of an archive's list of members
BLOCK: Final = 1 << 20
FIRST_READ: Final = 1 << 14  # of a member, packed: mostly its header and more
ENCRYPTED: Final = 0x1 | 0x40  # of the general purpose flags
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class BadArchive(OSError):
    """The archive, or a member of it, that can't be read; `strerror` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(None, reason)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    offset: of its local header; packed, size: bytes before and after inflating, as claimed.
    """

    name: str
    offset: int
    packed: int
    size: int
    method: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Archive:
    """The list of a zip file: members by name, and (name, reason) of those that are refused.

    modified_ns: of the zip file; its members are taken to be as old.
    """

    path: str
    members: dict[str, Member]
    refused: tuple[tuple[str, str], ...]
    modified_ns: int


def is_zip(path: str) -> bool:
    """Whether a file starts as zip files do (its first member, or the end of an empty list)."""
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError:
        return False
    try:
        return os.pread(descriptor, 4, 0) in (b"PK\3\4", b"PK\5\6")
    except OSError:
        return False
    finally:
        os.close(descriptor)


def archive_of(path: str) -> Archive:
    """The list of the zip file at `path`. BadArchive where it is none, damaged or beyond the limits; OSError."""
    status = os.stat(path)
    return _listed(path, status.st_size, status.st_mtime_ns, status.st_ino)


def split_path(path: str) -> tuple[str, str] | None:
    """The zip file and the member that a path below a zip file names, or None; looks at the disk."""
    place = len(path)
    while (place := path.rfind("/", 1, place)) > 0:
        try:
            status = os.stat(path[:place])
        except (OSError, ValueError):
            continue
        return (path[:place], path[place + 1 :]) if stat.S_ISREG(status.st_mode) else None
    return None


def member_at(path: str) -> tuple[Archive, Member] | None:
    """The member that a path below a zip file names; None where it names none."""
    if (parts := split_path(path)) is None:
        return None
    archive = archive_of(parts[0])
    member = archive.members.get(parts[1])
    return None if member is None else (archive, member)


def blocks(descriptor: int, member: Member, most: int | None = None) -> Iterator[bytes]:
    """A member's bytes in blocks, at least its first `most` of them; checked where it is read to its end.

    descriptor: of the archive. BadArchive where the bytes are damaged, or not as many as its list claims.
    """
    wanted = member.size if most is None else min(most, member.size)
    done = checksum = 0
    for block in _inflated(descriptor, member):
        done += len(block)
        checksum = zlib.crc32(block, checksum)
        if done > member.size:
            raise BadArchive("the archive lies about its size")
        yield block
        if done >= wanted and wanted < member.size:
            return
    if done < member.size:
        raise BadArchive("the archive is cut or damaged where it lies")
    if checksum != member.checksum:
        raise BadArchive("the archive is damaged where it lies (its checksum differs)")


def _inflated(descriptor: int, member: Member) -> Iterator[bytes]:
    first = os.pread(descriptor, FIRST_READ, member.offset)
    if len(first) < 30 or first[:4] != b"PK\3\4":
        raise BadArchive("the archive is cut or damaged where it lies")
    name, extra = struct.unpack_from("<HH", first, 26)
    start = 30 + name + extra
    packed = first[start : start + member.packed] or os.pread(descriptor, BLOCK, member.offset + start)
    packed = packed[: member.packed]
    position, left = member.offset + start + len(packed), member.packed - len(packed)
    stream = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == DEFLATED else None
    while packed:
        if stream is None:
            yield packed
        else:
            yield from _pieces(stream, packed)
        packed = os.pread(descriptor, min(BLOCK, left), position) if left else b""
        position, left = position + len(packed), left - len(packed)


def _pieces(stream: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """`packed` inflated, in blocks of a size that can't be a bomb."""
    size = FIRST_READ
    try:
        while packed:
            yield stream.decompress(packed, size)
            packed, size = stream.unconsumed_tail, BLOCK
    except zlib.error as error:
        raise BadArchive(f"the archive is damaged where it lies ({error})") from None


class _Bounded(io.FileIO):
    """The file that zipfile reads the list from: refuses a list that would fill the memory before it is parsed."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > LONGEST_LIST:
            raise BadArchive(f"its list of files is longer than {LONGEST_LIST >> 20} MiB")
        data = super().read(-1 if size is None else size) or b""
        if data.count(b"PK\1\2") > MOST_MEMBERS:
            raise BadArchive(f"it holds more than {MOST_MEMBERS:,} files")
        return data


@lru_cache(4)
def _listed(path: str, size: int, modified_ns: int, inode: int) -> Archive:
    """The list of an archive as it is now."""
    with _Bounded(path, opener=lambda name, flags: os.open(name, flags | OPEN_FLAGS)) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
        except BadArchive:
            raise
        except Exception as error:  # zipfile raises of all kinds on damaged lists
            raise BadArchive(f"the archive is cut or damaged ({_words(error)})") from None
    members: dict[str, Member] = {}
    refused: list[tuple[str, str]] = []
    claimed = 0
    for info in infos:
        claimed += info.file_size
        name = posixpath.normpath(info.orig_filename)  # as paths are, whoever makes them absolute
        if info.orig_filename.endswith("/"):
            continue
        if (reason := _refusal(info, size)) is not None:
            refused.append((info.orig_filename, reason))
        elif name in members:
            refused.append((name, "the archive holds it twice; the first one is read"))
        else:
            place = info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC
            members[name] = Member(name, *place)
    if claimed > MOST_INFLATED:
        raise BadArchive(f"it would inflate to more than {MOST_INFLATED >> 30} GiB")
    if claimed > RATIO_FROM and claimed > MOST_RATIO * size:
        raise BadArchive(f"it would inflate to more than {MOST_RATIO} times its size")
    return Archive(path, members, tuple(refused), modified_ns)


def _words(error: Exception) -> str:
    text = str(error).strip().rstrip(".")
    return text[:1].lower() + text[1:] if text and isinstance(error, zipfile.BadZipFile) else type(error).__name__


def _refusal(info: zipfile.ZipInfo, archive_size: int) -> str | None:
    """Why a member is not read, or None."""
    name = info.orig_filename
    parts = name.replace("\\", "/").split("/")
    if "\0" in name:
        return "its name holds a NUL, not opened"
    if not parts[0] or ".." in parts or (len(parts[0]) > 1 and parts[0][1] == ":"):
        return "its name leads out of the archive, not opened"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):  # the mode, where it comes from Unix
        return "a link or a special file inside the archive, not opened"
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted: unpack the archive with its password"
    if info.compress_type not in (STORED, DEFLATED):
        return f"its compression (method {info.compress_type}) is not read: unpack the archive"
    if not 0 <= info.header_offset < archive_size or info.compress_size > archive_size:
        return "the archive is cut or damaged where it lies"
    return None
