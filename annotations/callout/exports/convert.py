"""A stack of images as one volume file: NIfTI or NRRD, HU or signal, on the series' own voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import CalloutError, InputError
from callout.exports import nifti, nrrd
from callout.exports.files import all_or_nothing, series_slug
from callout.geometry import Grid
from callout.volume import Series, Volume

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

    volume, note, suffix = load(series), "", ""
    if not volume.grid.is_even:
        volume, suffix = evenly(volume), ".resampled"
        note = f"slices were uneven, resampled to {volume.grid.spacing[0]:.4g} mm"
    elif kind == "nifti":
        note = nifti.note(series)
    name = series_slug(series) + suffix + ENDINGS[kind]
    write = {"nifti": nifti.write_volume, "nrrd": nrrd.write_volume}[kind]
    write(folder / name, volume.voxels, volume.grid)
    return name, note


def evenly(volume: Volume) -> Volume:
    """`volume` on even slices: the median spacing, linear between neighbours; float32.

    InputError where the slices don't lie on one line, so that no even stack holds them.
    """
    grid = volume.grid
    positions = np.abs(grid.slice_positions - grid.slice_positions[0])
    spacing = grid.spacing[0]
    wanted = np.arange(int(np.floor(positions[-1] / spacing + 1e-3)) + 1) * spacing
    at = np.interp(wanted, positions, np.arange(len(positions)))
    even = Grid(
        (len(wanted), *grid.shape[1:]),
        grid.points(np.column_stack([at, np.zeros((len(at), 2))])),
        grid.row_step,
        grid.column_step,
        grid.frame_of_reference_uid,
    )
    if not even.is_even:
        raise InputError("the slices don't lie on one line", volume.series_id, "convert the parts one by one")
    voxels: npt.NDArray[Any] = np.empty(even.shape, np.float32)
    for k, where in enumerate(at):
        low = min(int(where), grid.shape[0] - 2)
        part = np.float32(where - low)
        voxels[k] = volume.voxels[low] * (1 - part) + volume.voxels[low + 1] * part
    return Volume(voxels, even, volume.series_id)
