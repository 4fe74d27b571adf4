"""Masks that come from files, before they lie on a series of the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.errors import GridMismatch, InputError
from callout.geometry import Grid
from callout.volume import Series


@dataclass(frozen=True, eq=False)
class LoadedMask:
    """One mask as a file gives it.

    mask: bool (k, j, i) on `grid`, whose frame of reference is "" where the file names none.
    concept: the name of a known concept, or None; name: as the file has it.
    series_uid: the SeriesInstanceUID that the file refers to, or "".
    """

    number: int
    name: str
    mask: npt.NDArray[np.bool_]
    grid: Grid
    concept: str | None = None
    laterality: str | None = None
    tracking_uid: str | None = None
    series_uid: str = ""
    algorithm_type: str | None = None
    algorithm_name: str | None = None


def place(loaded: LoadedMask, series: Sequence[Series], where: str) -> tuple[Series, npt.NDArray[np.bool_]]:
    """The one series on whose lattice the mask lies, and the mask on it; GridMismatch or InputError otherwise."""
    named = [one for one in series if one.series_uid == loaded.series_uid]
    found, reasons = [], []
    for one in named or series:
        try:
            found.append((one, one.grid.lattice_map(loaded.grid).onto_home(loaded.mask)))
        except GridMismatch as error:
            reasons.append(error.what)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.id for one, _ in found)
        raise InputError(f"the mask {loaded.name!r} fits several series", where, f"say --series, one of {ids}")
    why = reasons[0] if len(set(reasons)) == 1 else "it lies on none of the case's series"
    raise GridMismatch(
        f"the mask {loaded.name!r} is on another grid ({why})", where, "say --resample to draft it there"
    )


def resample(loaded: LoadedMask, target: Series) -> npt.NDArray[np.bool_]:
    """`loaded` on the grid of `target`, bool (k, j, i): each voxel takes what lies at its centre (nearest voxel)."""
    frames = {loaded.grid.frame_of_reference_uid, target.grid.frame_of_reference_uid} - {""}
    if len(frames) > 1:
        raise GridMismatch("the mask and the series have different frames of reference", target.id)
    shape = np.array(loaded.mask.shape)
    out = np.zeros(target.grid.shape, bool)
    rows, columns = np.meshgrid(*(np.arange(n) for n in target.grid.shape[1:]), indexing="ij")
    for k in range(target.grid.shape[0]):
        points = target.grid.points(np.stack([np.full_like(rows, k), rows, columns], axis=-1))
        at = np.rint(loaded.grid.indices(points)).astype(np.int64)
        inside = ((at >= 0) & (at < shape)).all(axis=-1)
        out[k][inside] = loaded.mask[tuple(at[inside].T)]
    return out
