"""Medium: the files that a DICOMDIR describes (PS3.10 section 8, PS3.3 annex F), all below its own folder."""

from __future__ import annotations

import os
import warnings
from typing import Any

from callout.dicom.header import Unreadable, read_header
from callout.dicom.skipped import Skipped
from callout.dicom.sources import open_binary
from callout.dicom.tree import OPEN_FLAGS

MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
LARGEST = 256 << 20
NEXT, LOWER = "OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity"


def is_medium(path: str) -> bool:
    """Whether the file at `path` is a DICOMDIR, by what it says of itself; its name is not looked at."""
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError:
        return False
    try:
        head = os.pread(descriptor, 1024, 0)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return head[128:132] == b"DICM" and MEDIA_DIRECTORY.encode() in head


def described(path: str, passed_over: list[Skipped]) -> list[str]:
    """The files that the DICOMDIR at `path` describes, each once, in its order.

    What is not there, or would be outside of its folder, is appended to `passed_over`, and so is damage of the
    DICOMDIR itself. Records are read in the order of the file, so that loops among them lead nowhere.
    """
    try:
        ids, in_circles = _read(path)
    except Unreadable as reason:
        passed_over.append(Skipped(path, str(reason)))
        return []
    if in_circles:
        passed_over.append(Skipped(path, "the records of the DICOMDIR run in circles; each is read once"))
    medium = _Medium(os.path.dirname(path))
    files: dict[str, None] = {}
    for parts in ids:
        try:
            files[medium.file(parts)] = None
        except Unreadable as reason:
            passed_over.append(Skipped("/".join((medium.folder or ".", *parts)), str(reason)))
    return list(files)


def _read(path: str) -> tuple[list[list[str]], bool]:
    """The ReferencedFileID of each record that has one, as its parts; and whether records run in circles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are against the rules, each time they are looked at
        records, first = _records(path)
        return [parts for record in records if (parts := _file_id(record))], _runs_in_circles(records, first)


def _records(path: str) -> tuple[list[Any], int]:
    """The directory records, and the offset of the first one of the root."""
    import pydicom

    header = read_header(path)
    if header.deflated:  # which no medium is (PS3.10 8.6), and pydicom would inflate it all
        raise Unreadable("the DICOMDIR is deflated, which is not read")
    if header.file_size > LARGEST:
        raise Unreadable(f"the DICOMDIR is larger than {LARGEST >> 20} MiB")
    with open_binary(path) as file:
        try:
            data_set = pydicom.dcmread(file)
            records = list(data_set.get("DirectoryRecordSequence") or ())
            return records, int(data_set.get("OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity") or 0)
        except Exception as error:  # pydicom raises of all kinds on damaged files
            raise Unreadable(f"the DICOMDIR is damaged ({type(error).__name__})") from None


def _file_id(record: Any) -> list[str]:
    """ReferencedFileID as its parts; [] where the record refers to no file."""
    try:
        value = record.get("ReferencedFileID")
    except Exception:  # a value that can't be decoded; the others are not its fault
        return []
    parts = [value] if isinstance(value, str) else list(value or ())
    return [str(part) for part in parts]


def _runs_in_circles(records: list[Any], first: int) -> bool:
    """Whether a record is reached twice by the offsets that tie records to the next and to those below."""
    places = {getattr(record, "seq_item_tell", 0): record for record in records}
    todo, seen = [first], set()
    while todo:
        place = todo.pop()
        if place not in places:
            continue
        if place in seen:
            return True
        seen.add(place)
        todo += [_offset(places[place], keyword) for keyword in (NEXT, LOWER)]
    return False


def _offset(record: Any, keyword: str) -> int:
    try:
        return int(record.get(keyword) or 0)
    except Exception:  # no number, in whatever way
        return 0


class _Medium:
    """The folder of a DICOMDIR: finds files as ISO 9660 names them, and never outside of it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._real = os.path.realpath(folder or ".")
        self._names: dict[str, dict[str, str]] = {}

    def file(self, parts: list[str]) -> str:
        """The path of a file by its ReferencedFileID; Unreadable where it is not there or not on the medium."""
        if any(part in ("", ".", "..") or "/" in part or "\0" in part or part[1:2] == ":" for part in parts):
            raise Unreadable("its ReferencedFileID leads out of the medium, not opened")
        place = self.folder
        for part in parts:
            name = self._below(place).get(_plain(part))
            if name is None:
                raise Unreadable("the DICOMDIR describes it, but it is not there")
            place = os.path.join(place, name)
        real = os.path.realpath(place)
        if os.path.commonpath([real, self._real]) != self._real:
            raise Unreadable("a link that leads out of the medium, not opened")
        if not os.path.isfile(real):
            raise Unreadable("the DICOMDIR describes it, but it is no regular file")
        return place

    def _below(self, folder: str) -> dict[str, str]:
        """The names in a folder by what ISO 9660 makes of them; the one that is spelled so, if any, first."""
        if folder not in self._names:
            try:
                names = sorted(os.listdir(folder or "."), reverse=True)
            except OSError:
                names = []
            self._names[folder] = {_plain(name): name for name in names}
        return self._names[folder]


def _plain(name: str) -> str:
    """A name without the version and the empty extension that ISO 9660 adds, and in capitals as there."""
    return name.partition(";")[0].rstrip(".").strip().upper()
