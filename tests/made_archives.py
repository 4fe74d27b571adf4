"""Zip files of a small series for tests, sound ones and of every hostile kind."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from made_series import series

Spoil = Callable[[Path], object]


def archive(path: Path, count: int = 4, method: int = zipfile.ZIP_DEFLATED, name: str = "a") -> Path:
    """A zip file of `count` images in a folder `in`; nothing else is left beside it."""
    made = series(path.parent / "made", count, name=name)
    with zipfile.ZipFile(path, "w", method) as file:
        for one in made:
            file.write(one, f"in/{one.name}")
            one.unlink()
    (path.parent / "made").rmdir()
    return path


def with_member(name: str, data: bytes | None = None, mode: int = 0o100644) -> Spoil:
    """Adds a member of this very name; without `data` a copy of the first image."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
            info = zipfile.ZipInfo(name)
            info.filename = name  # as it is, also where zipfile would mend it
            info.external_attr = mode << 16
            file.writestr(info, file.read("in/a-0.dcm") if data is None else data)

    return spoil


def link(path: Path) -> None:
    with_member("link.dcm", b"/etc/passwd", stat.S_IFLNK | 0o777)(path)


def nested(path: Path) -> None:
    with_member("more.zip", path.read_bytes())(path)


def second_of_two(path: Path) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with_member("in/a-1.dcm", b"another")(path)


def _patched(path: Path, member: str, place: int, form: str, value: int, local: int | None = None) -> None:
    """Writes a number into the central directory's record of a member, and into its local header."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        start = file.getinfo(member).header_offset
    central = data.rindex(b"PK\1\2", 0, data.rindex(member.encode()))
    struct.pack_into(form, data, central + place, value)
    if local is not None:
        struct.pack_into(form, data, start + local, value)
    path.write_bytes(data)


def encrypted(path: Path) -> None:
    _patched(path, "in/a-1.dcm", 8, "<H", 1, 6)


def strange_method(path: Path) -> None:
    _patched(path, "in/a-1.dcm", 10, "<H", 97, 8)


def claims_less(path: Path) -> None:
    _patched(path, "in/a-1.dcm", 24, "<I", 300, 22)


def claims_more(path: Path) -> None:
    _patched(path, "in/a-1.dcm", 24, "<I", 100_000, 22)


def claims_elsewhere(path: Path) -> None:
    _patched(path, "in/a-1.dcm", 42, "<I", 0x7FFFFFFF)


def other_bytes(path: Path) -> None:
    """Bytes of a member that fell over."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        info = file.getinfo("in/a-1.dcm")
    start = info.header_offset + 30 + len("in/a-1.dcm")
    data[start + 40 : start + 60] = bytes(20)
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-700])


def no_archive(path: Path) -> None:
    path.write_bytes(b"no zip file at all" * 10)


def bomb(path: Path) -> None:
    """A member of 300 MB of zeros."""
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as file,
        file.open("zeros.dcm", "w") as zeros,
    ):
        for _ in range(300):
            zeros.write(bytes(1_000_000))


def overlapping_bomb(path: Path) -> None:
    """Twenty entries that claim 250 MB each and share one member's bytes: more than 4 GiB in all."""
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    start = struct.unpack_from("<I", data, end + 16)[0]
    directory = data[start:end]
    first = directory[: 46 + len("in/a-0.dcm")]
    entries = b""
    for number in range(20):
        entry = bytearray(first)
        struct.pack_into("<I", entry, 24, 250_000_000)
        entry[46:] = b"in/b-%d.dcm" % (number % 10) if number < 10 else b"in/c-%d.dcm" % (number % 10)
        entries += entry
    count = 4 + 20
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory) + len(entries), start, 0)
    path.write_bytes(data[:start] + directory + entries + tail)


def too_many(path: Path) -> None:
    """A list of 200,001 empty files."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
    count = 200_001
    directory = b"".join(entry + b"%07d" % number for number in range(count))
    place = 0
    zip64 = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), place)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(directory), 1)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(directory + zip64 + locator + end)


def crowd(count: int) -> Spoil:
    """Adds very many small texts."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "a") as file:
            for number in range(count):
                file.writestr(zipfile.ZipInfo(f"{number}.txt"), b"no image")

    return spoil
