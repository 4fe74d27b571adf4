"""Masks that come from files, before they lie on a series of the case."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.errors import GridMismatch, InputError
from callout.exports.files import NO_ROOM
from callout.geometry import Grid, LatticeMap
from callout.masks import Mask
from callout.volume import Series

LARGEST_VOXELS = 1 << 29  # in one file; 2,000 slices of 512 × 512
MOST_LABELS = 1000


@dataclass(frozen=True, eq=False)
class LoadedMask:
    """One mask as a file gives it.

    mask: on `grid`, whose frame of reference is "" where the file names none.
    concept: the name of a known concept, or None; name, code, category: as the file has them, codes as (scheme, value).
    place: scheme and value of the code of where it lies, and its side, "" for what is not said; None without codes.
    series_uid: the SeriesInstanceUID that the file refers to, or "".
    threshold: the part of the largest value from which a voxel counts, where the file has values between.
    sources: by slice of `grid` the image that it was made of, as UID or UID#frame; None where the file can't tell.
    """

    number: int
    name: str
    mask: Mask
    grid: Grid
    concept: str | None = None
    code: tuple[str, str] | None = None
    category: tuple[str, str] | None = None
    laterality: str | None = None
    site: str | None = None
    place: tuple[str, str, str] | None = None
    tracking_uid: str | None = None
    series_uid: str = ""
    algorithm_type: str | None = None
    algorithm_name: str | None = None
    threshold: float | None = None
    sources: Mapping[int, str] | None = None


@dataclass(frozen=True, eq=False)
class LoadedMark:
    """A point, pair of calipers, angle or ellipse on a series of the case; points as in `Mark`, LPS mm."""

    series_id: str
    kind: str
    points: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed polygon (n, 2) of (row, column) on slice k of a series of the case, voxel centres at whole numbers."""

    series_id: str
    k: int
    polygon: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LoadedFinding:
    """What a report tells of one finding; fields that are not said here mean what they mean in `LoadedMask`.

    segment: SOPInstanceUID of the segmentation that holds its region, and the number there.
    axes, sizes: marks of its long and short axis, and in words what can be measured on its region again.
    remarks: in words what has no other place in a case.
    """

    name: str
    concept: str | None = None
    laterality: str | None = None
    site: str | None = None
    tracking_uid: str | None = None
    segment: tuple[str, int] | None = None
    outlines: tuple[Outline, ...] = ()
    marks: tuple[LoadedMark, ...] = ()
    axes: tuple[LoadedMark, ...] = ()
    sizes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadedFile:
    """What a file holds: its masks that have voxels, what it tells of findings, in words what else can't come in.

    instance_uid: its SOPInstanceUID, by which reports refer to its segments; "" where it is not DICOM.
    """

    masks: tuple[LoadedMask, ...]
    left_out: tuple[str, ...] = ()
    findings: tuple[LoadedFinding, ...] = ()
    instance_uid: str = ""

    @classmethod
    def of(cls, masks: Sequence[LoadedMask], left_out: Sequence[str] = ()) -> LoadedFile:
        """Masks without voxels are among what is left out."""
        empty = [f"{one.number} {one.name}: it is empty" for one in masks if not one.mask.count]
        return cls(tuple(one for one in masks if one.mask.count), (*left_out, *empty))


@contextmanager
def reading(path: str | os.PathLike[str], what: str, remedy: str) -> Iterator[None]:
    """Whatever goes wrong inside is one InputError that names the file; warnings of libraries stay inside.

    what: the words for an error that has none of its own. A full disk is no fault of the file, and stays what it is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError as error:
        if error.where:
            raise
        raise type(error)(error.what, path, error.remedy or remedy) from error
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise InputError(what, path, error.strerror or remedy) from error
    except Exception as error:  # a damaged file can make any reader raise anything
        raise InputError(what, path, remedy) from error


def masks_by_label(labels: npt.NDArray[np.generic]) -> dict[int, Mask]:
    """The mask of each value other than 0 of a (k, j, i) label map, rising; InputError where values are no labels."""
    from scipy.ndimage import find_objects

    numbers = _whole_numbers(labels)
    if numbers is None or int(numbers.min()) < 0 or int(numbers.max()) > np.iinfo(np.uint16).max:
        raise InputError("its values are no labels", remedy="choose a mask, not an image or a probability map")
    shape = (labels.shape[0], labels.shape[1], labels.shape[2])
    boxes = [(n, box) for n, box in enumerate(find_objects(numbers), 1) if box is not None]
    if len(boxes) > MOST_LABELS:
        raise InputError(f"it has {len(boxes)} values", remedy="choose a mask, not an image or a probability map")
    return {n: Mask(shape, (box[0].start, box[1].start, box[2].start), numbers[box] == n) for n, box in boxes}


def _whole_numbers(labels: npt.NDArray[np.generic]) -> npt.NDArray[np.integer] | None:
    """`labels` as integers; None where some aren't whole."""
    if labels.dtype.kind == "b":
        return labels.view(np.uint8)
    if labels.dtype.kind in "ui":
        return labels.astype(labels.dtype.newbyteorder("="), copy=False)
    if labels.dtype.kind != "f":
        raise InputError(f"a mask can't have voxels of type {labels.dtype}")
    numbers: npt.NDArray[np.integer] = np.empty(labels.shape, np.int32)
    for k, plane in enumerate(labels):
        if not (np.abs(plane) < 1e6).all():  # NaN too
            return None
        numbers[k] = plane
        if (numbers[k] != plane).any():
            return None
    return numbers


def onto(lattice: LatticeMap, mask: Mask) -> Mask:
    """`mask`, which lies on the other grid of `lattice`, on its home grid; GridMismatch if voxels fall outside."""
    mask = mask.trimmed()
    order = [lattice.permutation.index(home) for home in range(3)]
    along = [lattice.indices[axis][mask.box[axis]] for axis in order]
    if not mask.count:
        return Mask.empty(lattice.shape)
    if any(index.min() < 0 or index.max() >= size for index, size in zip(along, lattice.shape, strict=True)):
        raise GridMismatch("parts of the mask lie outside the series")
    low = [int(index.min()) for index in along]
    crop = np.zeros([int(index.max()) + 1 - first for index, first in zip(along, low, strict=True)], bool)
    crop[np.ix_(*(index - first for index, first in zip(along, low, strict=True)))] = mask.crop.transpose(order)
    return Mask(lattice.shape, (low[0], low[1], low[2]), crop)


def place(loaded: LoadedMask, series: Sequence[Series], where: str) -> tuple[Series, Mask]:
    """The one series on whose lattice the mask lies, and the mask on it; GridMismatch or InputError otherwise.

    Where it fits several, it belongs to the one whose images the file names, else to the one whose whole grid the file
    covers, neither more nor less.
    """
    named = [one for one in series if one.series_uid == loaded.series_uid]
    found: list[tuple[Series, Mask]] = []
    whole: list[tuple[Series, Mask]] = []
    reasons = []
    for one in named or series:
        try:
            lattice = one.grid.lattice_map(loaded.grid)
            found.append((one, onto(lattice, loaded.mask)))
        except GridMismatch as error:
            reasons.append(error.what)
            continue
        if all(len(lattice.indices[axis]) == one.grid.shape[home] for axis, home in enumerate(lattice.permutation)):
            whole.append(found[-1])
    made_of = [pair for pair in found if _made_of(loaded, pair[0])]
    for fitting in (found, made_of, whole):
        if len(fitting) == 1:
            return fitting[0]
    if found:
        ids = ", ".join(one.id for one, _ in found)
        raise InputError(f"the mask {loaded.name!r} fits several series", where, f"say --series, one of {ids}")
    why = reasons[0] if len(set(reasons)) == 1 else "it lies on none of the case's series"
    frames = {one.grid.frame_of_reference_uid for one in series} | {""}
    can_draft = loaded.grid.frame_of_reference_uid in frames
    remedy = (
        "`callout import` with --series and --resample drafts it there" if can_draft else "choose one of this study"
    )
    raise GridMismatch(f"the mask {loaded.name!r} is on another grid ({why})", where, remedy)


def _made_of(loaded: LoadedMask, series: Series) -> bool:
    """Whether all images that the file names are those of a series."""
    images = {one.sop_instance_uid for one in series.instances}
    framed = {f"{one.sop_instance_uid}#{one.frame}" for one in series.instances}
    return bool(loaded.sources) and set((loaded.sources or {}).values()) <= images | framed


def resample(loaded: LoadedMask, target: Series) -> Mask:
    """`loaded` on the grid of `target`: each voxel takes what lies at its centre (nearest voxel)."""
    frames = {loaded.grid.frame_of_reference_uid, target.grid.frame_of_reference_uid} - {""}
    if len(frames) > 1:
        raise GridMismatch("the mask and the series have different frames of reference", target.id)
    source = loaded.mask
    low, shape = np.array(source.low), np.array(source.crop.shape)
    out = np.zeros(target.grid.shape, bool)
    rows, columns = np.meshgrid(*(np.arange(n) for n in target.grid.shape[1:]), indexing="ij")
    for k in range(target.grid.shape[0]):
        points = target.grid.points(np.stack([np.full_like(rows, k), rows, columns], axis=-1))
        at = np.rint(loaded.grid.indices(points)).astype(np.int64) - low
        inside = ((at >= 0) & (at < shape)).all(axis=-1)
        out[k][inside] = source.crop[tuple(at[inside].T)]
    return Mask.from_array(out)
