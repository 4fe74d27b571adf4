"""A stack of images as one volume file: NIfTI or NRRD, HU or signal, on the series' own voxels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import CalloutError, InputError
from callout.exports import nifti, nrrd
from callout.exports.files import all_or_nothing, series_slug, unknown_spacing
from callout.geometry import Grid
from callout.volume import Series, Volume

ROUNDING_MM, ROUNDING_SHARE = 0.1, 0.2  # off even by no more, and by no more of a step: positions were rounded
LINE_MM = 0.2  # origins this close to a line lie on it
MOST_TIMES = 4  # a stack evenly resampled has no more slices than this many times those it had
MOST_SLICES, MOST_VOXELS = 4096, 1 << 27
WHOLE_STEP = 0.05  # steps may be longer by this share of one of them to make a whole number
ENDINGS = {"nifti": ".nii.gz", "nrrd": ".nrrd"}


@dataclass(frozen=True)
class Converted:
    """(file, note) of each series that was written, in order, and why the others were not."""

    files: tuple[tuple[Path, str], ...]
    refused: tuple[CalloutError, ...]


def convert_series(series: Sequence[Series], folder: Path, kind: str) -> Converted:
    """Write every series that can be read into `folder` as `nifti` or `nrrd`; the first one's error where none can."""
    files, refused = [], []
    with all_or_nothing(folder) as staging:
        for one in series:
            try:
                name, note = _convert(one, staging, kind)
            except CalloutError as error:
                refused.append(error)
            else:
                files.append((folder / name, note))
        if not files:
            raise refused[0]
    return Converted(tuple(files), tuple(refused))


def _convert(series: Series, folder: Path, kind: str) -> tuple[str, str]:
    """The name of the file that was written, and what to know of it."""
    from callout.dicom import load

    volume, notes, suffix = load(series), [], ""
    if not volume.grid.is_even:
        off = _off_even(volume.grid)
        if off <= min(ROUNDING_MM, ROUNDING_SHARE * volume.grid.spacing[0]):
            volume = Volume(volume.voxels, _straight(volume.grid, volume.grid.shape[0]), volume.series_id)
            notes.append(f"slices lie up to {off:.2g} mm off even ones: written as even, voxels unchanged")
        else:
            volume, suffix = evenly(volume), ".resampled"
            step, count = volume.grid.spacing[0], volume.grid.shape[0]
            notes.append(f"slices were uneven, resampled to {count} of {step:.4g} mm")
    if told := unknown_spacing(series):
        notes.append(told)
    if kind == "nifti" and (told := nifti.note(volume.grid)):
        notes.append(told)
    name = series_slug(series) + suffix + ENDINGS[kind]
    write = {"nifti": nifti.write_volume, "nrrd": nrrd.write_volume}[kind]
    stated = series.attributes.get("SpacingBetweenSlices", 0)
    write(folder / name, volume.voxels, volume.grid, stated if stated > 0 else series.slice_thickness_mm)
    return name, "; ".join(notes)


def evenly(volume: Volume) -> Volume:
    """`volume` on even slices from its first to its last, linear between neighbours at their true positions; float32.

    The spacing is the smallest between slices, or as little less as makes a whole number of steps: no slice falls
    between two, and where all steps are multiples of one (a missing slice) every slice there is stays as it is. Where
    that made a stack MOST_TIMES as large, the median is taken. InputError where that is too large too, or where the
    slices don't lie on one line, so that no even stack holds them.
    """
    grid = volume.grid
    positions = np.abs(grid.slice_positions - grid.slice_positions[0])
    step = float(np.diff(positions).min())
    if positions[-1] / step > MOST_TIMES * len(positions):
        step = grid.spacing[0]
    count = max(1, math.ceil(positions[-1] / step - WHOLE_STEP)) + 1
    if count > MOST_SLICES or count * grid.shape[1] * grid.shape[2] > MOST_VOXELS:
        what = f"its slices are up to {np.diff(positions).max():.4g} mm apart: evenly resampled they were {count}"
        raise InputError(what, volume.series_id, "take out the images that lie far from the others")
    wanted = np.linspace(0, positions[-1], count)
    at = np.interp(wanted, positions, np.arange(len(positions)))
    even = _straight(grid, count)
    off = np.abs(grid.points(np.column_stack([at, np.zeros((count, 2))])) - even.origins).max()
    if off > LINE_MM:
        raise InputError("the slices don't lie on one line", volume.series_id, "convert the parts one by one")
    voxels: npt.NDArray[Any] = np.empty(even.shape, np.float32)
    for k, where in enumerate(at):
        low = min(int(where + 1e-6), grid.shape[0] - 2)
        part = np.float32(max(where - low, 0))
        voxels[k] = (
            volume.voxels[low] * (1 - part) + volume.voxels[low + 1] * part if part > 1e-6 else volume.voxels[low]
        )
    return Volume(voxels, even, volume.series_id)


def _straight(grid: Grid, count: int) -> Grid:
    """`count` even slices from the first of `grid` to its last."""
    origins = np.linspace(grid.origins[0], grid.origins[-1], count)
    return Grid((count, *grid.shape[1:]), origins, grid.row_step, grid.column_step, grid.frame_of_reference_uid)


def _off_even(grid: Grid) -> float:
    """mm by which slices are off even ones between the first and the last."""
    return float(np.linalg.norm(grid.origins - _straight(grid, grid.shape[0]).origins, axis=1).max())
