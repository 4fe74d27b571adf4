"""A stack of images as one volume file: NIfTI or NRRD, HU or signal, on the series' own voxels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.exports import nifti, nrrd
from callout.exports.files import all_or_nothing, series_slug
from callout.geometry import Grid
from callout.volume import Series, Volume

ENDINGS = {"nifti": ".nii.gz", "nrrd": ".nrrd"}


def convert_series(series: Sequence[Series], folder: Path, kind: str) -> list[tuple[Path, str]]:
    """Write every series into `folder` as `nifti` or `nrrd`; (file, note) of each, in order. All or nothing."""
    from callout.dicom import load

    write = {"nifti": nifti.write_volume, "nrrd": nrrd.write_volume}[kind]
    written = []
    with all_or_nothing(folder) as staging:
        for one in series:
            volume, note = load(one), ""
            if not volume.grid.is_even:
                volume = evenly(volume)
                note = f"slices were uneven, resampled to {volume.grid.spacing[0]:.4g} mm"
            elif kind == "nifti":
                note = nifti.note(one)
            name = series_slug(one) + (".resampled" if "resampled" in note else "") + ENDINGS[kind]
            write(staging / name, volume.voxels, volume.grid)
            written.append((folder / name, note))
    return written


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
