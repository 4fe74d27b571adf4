"""Cache: what was found below some folders, kept so that looking again costs no more than asking whether it changed.

One file for each set of paths that was scanned, in the user's cache folder; CALLOUT_INDEX_CACHE=off does without.
It holds the facts of series as `inspect` shows them, paths and UIDs, no names or ids of patients, and is nobody else's
to read. It is written whole and replaces the former one at once; one that is damaged, or that other code than this
wrote, is ignored.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final

import numpy as np

from callout.collection import no_collection
from callout.dicom.inventory import SIGNED, Inventory
from callout.dicom.skipped import Skipped
from callout.geometry import Grid
from callout.version import __version__
from callout.volume import Instance, PixelFormat, Series, SeriesWarning, StoredPixels

SWITCH: Final = "CALLOUT_INDEX_CACHE"
MAGIC: Final = b"callout index 1\n"
LARGEST: Final = 256 << 20  # bytes of all files of the cache
OLDEST_S: Final = 180 * 86400
SETTLED_NS: Final = 50_000_000  # a file may change again within a tick of the clock that dates it
SETTLED_COARSE_NS: Final = 2_000_000_000  # of clocks that tell whole seconds (FAT: two)
COLUMNS: Final = ("path", "format", "frame", "offset", "length", "file_size", "modified_ns", "part", "stride")
FACTS: Final = tuple(one.name for one in fields(Series) if one.name not in ("grid", "instances", "warnings"))


def recall(roots: Sequence[str]) -> Inventory | None:
    """What is kept of a scan of `roots`; None where there is nothing, or nothing that can be used."""
    try:
        place = _place(roots)
        if place is None:
            return None
        data = place.read_bytes()
        with no_collection():
            known = _decoded(data, roots)
        if time.time() - place.stat().st_mtime > 86400:
            os.utime(place)  # the ones that nobody asks for go first
        return known
    except Exception:  # whatever is wrong with it, it is only a cache
        return None


def keep(roots: Sequence[str], known: Inventory, began_ns: int) -> None:
    """Keeps what was found by a scan of `roots` that began at `began_ns`; nothing happens where that can't be done."""
    try:
        place = _place(roots)
        if place is None:
            return
        data = _encoded(known, roots, began_ns)
        if len(data) > LARGEST // 2:
            return
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(place.parent, len(data))
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except Exception:  # a full disk, a time that no 64 bits hold: then it is read again the next time
        return


def _place(roots: Sequence[str]) -> Path | None:
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no", "false"):
        return None
    from platformdirs import user_cache_path

    return user_cache_path("callout", appauthor=False) / "index" / _name(roots)


def _name(roots: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(_spelled(roots)).encode("utf-8", "surrogatepass")).hexdigest()


def _spelled(roots: Sequence[str]) -> list[str]:
    """The paths as given, since that is how files are named, and what they mean."""
    return [text for root in roots for text in (root, os.path.abspath(root))]


@cache
def _reader() -> str:
    """A digest of the code that reads images: what an earlier one found is not believed."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(__version__.encode())
    for source in sorted([*folder.glob("*.py"), folder.parent / "volume.py", folder.parent / "geometry.py"]):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _make_room(folder: Path, size: int) -> None:
    """Removes what is too old, and the oldest while all is too large."""
    with os.scandir(folder) as entries:
        found = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
    room = LARGEST - size - sum(one[1] for one in found)
    for changed, taken, path in found:
        if room >= 0 and time.time() - changed < OLDEST_S:
            break
        os.unlink(path)
        room += taken


def _encoded(known: Inventory, roots: Sequence[str], began_ns: int) -> bytes:
    images = [instance for group in known.series for series in group for instance in series.instances]
    places = {path: number for number, path in enumerate(known.paths)}
    for image in images:
        places.setdefault(image.path, len(places))  # members of archives
    formats: dict[PixelFormat, int] = {}
    columns = np.array([_row(image, places, formats) for image in images], "<i8").reshape(len(images), len(COLUMNS))
    plain = {
        "reader": _reader(),
        "roots": _spelled(roots),
        "folders": _shortened(list(places)),
        "files": len(known.paths),
        "groups": known.groups,
        "skipped": {n: [_plain(one) for one in found] for n, found in enumerate(known.skipped) if found},
        "names": known.names,
        "series": [[_facts(series) for series in group] for group in known.series],
        "refused": [[_plain(one) for one in group] for group in known.refused],
        "formats": [_plain(one) for one in formats],
        "uids": [image.sop_instance_uid for image in images],
    }
    text = json.dumps(plain).encode()
    signatures = np.array(known.signatures, "<i8").reshape(-1, SIGNED)
    changed = signatures[:, 1:3].max(axis=1, initial=0)
    coarse = (signatures[:, 1:3] % 1_000_000_000 == 0).all(axis=1)
    signatures[changed > began_ns - np.where(coarse, SETTLED_COARSE_NS, SETTLED_NS)] = -1  # looked at once more
    body = struct.pack("<QQ", len(text), len(signatures)) + text + signatures.tobytes() + columns.T.tobytes()
    return MAGIC + struct.pack("<I", zlib.crc32(body)) + body


def _row(image: Instance, places: dict[str, int], formats: dict[PixelFormat, int]) -> tuple[int, ...]:
    stored = image.stored
    assert stored is not None
    return (
        places[image.path],
        formats.setdefault(stored.format, len(formats)),
        image.frame,
        stored.offset,
        -1 if stored.length is None else stored.length,
        stored.file_size,
        stored.modified_ns,
        stored.frame,
        stored.stride,
    )


def _plain(value: Any) -> list[Any]:
    return [getattr(value, one.name) for one in fields(value)]


def _shortened(paths: list[str]) -> list[list[str]]:
    """Paths as [folder, name, name …] for each run of files in one folder."""
    runs: list[list[str]] = []
    for path in paths:
        folder, slash, name = path.rpartition("/")
        if not runs or runs[-1][0] != folder + slash:
            runs.append([folder + slash])
        runs[-1].append(name)
    return runs


def _facts(series: Series) -> dict[str, Any]:
    plain = {name: getattr(series, name) for name in FACTS}
    grid = series.grid
    plain["shape"] = list(grid.shape)
    plain["grid"] = [
        base64.b64encode(array.astype("<f8").tobytes()).decode()
        for array in (grid.origins, grid.row_step, grid.column_step)
    ]
    plain["frame_of_reference_uid"] = grid.frame_of_reference_uid
    plain["warnings"] = [_plain(one) for one in series.warnings]
    return plain


def _decoded(data: bytes, roots: Sequence[str]) -> Inventory | None:
    """Raises of all kinds where the data are not what `_encoded` makes."""
    (checksum,) = struct.unpack_from("<I", data, len(MAGIC))
    start = len(MAGIC) + 4
    if not data.startswith(MAGIC) or zlib.crc32(memoryview(data)[start:]) != checksum:
        return None
    length, count = struct.unpack_from("<QQ", data, start)
    start += 16
    plain = json.loads(data[start : start + length])
    if plain["reader"] != _reader() or plain["roots"] != _spelled(roots):
        return None
    start += length
    signatures = np.frombuffer(data, "<i8", SIGNED * count, start).tolist()
    columns = np.frombuffer(data, "<i8", offset=start + 8 * SIGNED * count).reshape(len(COLUMNS), -1).tolist()
    paths = [folder + name for folder, *names in plain["folders"] for name in names]
    skipped: list[list[Skipped]] = [[] for _ in range(count)]
    for number, found in plain["skipped"].items():
        skipped[int(number)] = [Skipped(*one) for one in found]
    images = _images(columns, plain["uids"], paths, [PixelFormat(*one) for one in plain["formats"]])
    return Inventory(
        paths[:count],
        signatures,
        plain["groups"],
        skipped,
        plain["names"],
        [[_series(one, images) for one in group] for group in plain["series"]],
        [[Skipped(*one) for one in group] for group in plain["refused"]],
    )


def _images(
    columns: list[list[int]], uids: list[str], paths: list[str], formats: list[PixelFormat]
) -> Iterator[Instance]:
    path, form, frame, offset, length, size, modified, part, stride = columns
    lengths = [None if one < 0 else one for one in length]
    rows = zip(map(formats.__getitem__, form), offset, lengths, size, modified, part, stride, strict=True)
    stored = map(tuple.__new__, repeat(StoredPixels), rows)  # three times as fast as calling it
    return map(Instance, uids, frame, map(paths.__getitem__, path), stored)


def _series(plain: dict[str, Any], images: Iterator[Instance]) -> Series:
    """A series of the facts, with the next of the `images`."""
    values = {name: plain[name] for name in FACTS}
    origins, row_step, column_step = (np.frombuffer(base64.b64decode(text), "<f8") for text in plain["grid"])
    slices, rows, columns = plain["shape"]
    grid = Grid((slices, rows, columns), origins.reshape(-1, 3), row_step, column_step, plain["frame_of_reference_uid"])
    values["windows"] = tuple((centre, width) for centre, width in values["windows"])
    values["warnings"] = tuple(SeriesWarning(*one) for one in plain["warnings"])
    values["instances"] = tuple(islice(images, slices))
    return Series(grid=grid, **values)
