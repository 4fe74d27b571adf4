"""Files that appear whole or not at all, with names that are safe everywhere."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
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


def pack(file: BinaryIO, head: bytes, planes: Iterable[npt.NDArray[Any]], kind: np.dtype[Any]) -> None:
    """`head`, then `planes` as `kind`, little-endian, in C order, as one gzip stream; the same bytes every time.

    igzip at level 1 takes a third of zlib's time, and plane by plane its input stays in the cache.
    """
    from isal import igzip

    little = kind.newbyteorder("<")
    with igzip.IGzipFile("", "wb", 1, file, mtime=0) as packed:
        packed.write(head)
        for plane in planes:
            packed.write(np.ascontiguousarray(plane, little).reshape(-1).view(np.uint8).data)
