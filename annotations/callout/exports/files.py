"""Files that appear whole or not at all, with names that are safe everywhere."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import struct
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.volume import SPACING_UNKNOWN, Series

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}  # of a disk that takes no more


def slug(text: str) -> str:
    """`text` as lower-case letters, digits and dashes, at most 40; never empty.

    >>> slug("Thorax  5 mm (B31f)"), slug("../..")
    ('thorax-5-mm-b31f', 'x')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "x"


def series_slug(series: Series) -> str:
    """The name of a stack in file names: number, description and a hash of its id, so that no two are alike."""
    number = "" if series.number is None else f"{series.number}-"
    return f"{number}{slug(series.description or series.modality)}-{hashlib.sha256(series.id.encode()).hexdigest()[:8]}"


def unknown_spacing(series: Series) -> str:
    """What to know of a file made of a series whose pixel size nobody states; "" where it is stated."""
    unknown = any(warning.code == SPACING_UNKNOWN for warning in series.warnings)
    return "PixelSpacing is missing: 1 mm a pixel only stands in, sizes are unknown" if unknown else ""


@contextmanager
def all_or_nothing(folder: Path) -> Iterator[Path]:
    """A folder to write in; its files move to `folder` when the block ends well, and vanish when it does not."""
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".callout-", dir=folder))
    except OSError as error:
        raise InputError("can't write there", str(folder), error.strerror or "choose another folder") from error
    try:
        yield staging
        for path in staging.iterdir():
            if (folder / path.name).is_dir():
                raise InputError("a folder has the name of a file to write", str(folder / path.name), "take it away")
        for path in sorted(staging.iterdir()):
            with path.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(path, folder / path.name)
    except BaseException as error:
        shutil.rmtree(staging, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise InputError("can't write there", str(folder), error.strerror or "make room") from error
        raise
    shutil.rmtree(staging, ignore_errors=True)


def write_atomically(path: Path, data: bytes) -> None:
    """`data` as the file `path`: whole, on disk, or not there; an existing file is replaced."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError("can't write there", str(path), error.strerror or "choose another folder") from error


def pack(
    file: BinaryIO, head: bytes, planes: Iterable[npt.NDArray[Any] | None], kind: np.dtype[Any], size: int
) -> None:
    """`head`, then `planes` as `kind`, little-endian, in C order, as one gzip stream; the same bytes every time.

    size: bytes of a plane. None is a plane of zeros, which is packed once: a mask is empty on most of its slices.
    igzip at level 1 takes a third of zlib's time, and plane by plane its input stays in the cache.
    """
    from isal import isal_zlib

    def packer() -> Any:
        return isal_zlib.compressobj(1, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)

    little, stream = kind.newbyteorder("<"), packer()
    nothing = bytes(size)
    first = packer()
    empty = first.compress(nothing) + first.flush(isal_zlib.Z_FULL_FLUSH)  # whole bytes, that refer to none before
    crc_of_empty, crc, length = isal_zlib.crc32(nothing), isal_zlib.crc32(head), len(head)
    file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + stream.compress(head))
    between = False  # whether planes of zeros can follow as they are
    for plane in planes:
        if plane is None:
            file.write(b"" if between else stream.flush(isal_zlib.Z_FULL_FLUSH))
            file.write(empty)
            crc = isal_zlib.crc32_combine(crc, crc_of_empty, size)
        else:
            data = np.ascontiguousarray(plane, little).reshape(-1).view(np.uint8).data
            file.write(stream.compress(data))
            crc = isal_zlib.crc32(data, crc)
        between, length = plane is None, length + size
    file.write(stream.flush() + struct.pack("<II", crc, length & 0xFFFFFFFF))
