"""Picture files that a report links to: read from its own folder, and from nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from callout.reports.model import Picture

LIMIT = 64 * 1024 * 1024
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
)
_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp")


def read_picture(folder: Path, target: str) -> Picture | None:
    """The picture that `target` names below `folder`, or None where it is none that may be taken.

    Where there is no file of just that name, one with another picture's ending will do: journals name a TIFF, or
    no ending at all, and give a JPEG.

    Refused are addresses, absolute paths, "..", symbolic links, what is no plain file, what is over 64 MB, and
    files that are no PNG, JPEG, GIF, TIFF, BMP or WebP by their first bytes.
    """
    parts = _parts(target)
    if not parts:
        return None
    found = _read(folder, parts)
    stem = parts[-1]
    if stem.lower().endswith(_ENDINGS):
        stem = stem.rpartition(".")[0]
    for ending in _ENDINGS:
        found = found or _read(folder, (*parts[:-1], stem + ending))
    return found


def media_type(data: bytes) -> str | None:
    """The media type of a PNG, JPEG, GIF, TIFF, BMP or WebP by its first bytes; None for anything else."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media for magic, media in _MAGIC if data.startswith(magic)), None)


def _read(folder: Path, parts: tuple[str, ...]) -> Picture | None:
    path = folder
    for part in parts:
        path = path / part
        if _is_link(path):
            return None
    data = _bytes(path)
    media = media_type(data)
    return Picture("/".join(parts), media, data) if media else None


def _parts(target: str) -> tuple[str, ...]:
    """The steps of a relative path that stays below its folder; empty for any other target."""
    name = unquote(target.strip().strip("<>"))
    if not name or any(sign in name for sign in ":\\\0?#") or not name.isprintable():
        return ()
    parts = PurePosixPath(name).parts
    return () if any(part in ("..", "/", "//") for part in parts) else parts


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # a name too long, a folder that may not be entered: reading it fails too
        return False


def _bytes(path: Path) -> bytes:
    """What the plain file `path` holds; nothing for anything else."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError):
        return b""
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > LIMIT:
        os.close(handle)
        return b""
    with os.fdopen(handle, "rb") as file:
        return file.read(LIMIT)
