"""Series in every orientation that scanners make, and cases on them, for tests of what goes in and out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import made_series
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

import callout
from callout.case import Case, Finding, Region

Bits = npt.NDArray[np.bool_]
SHAPE = (5, made_series.ROWS, made_series.COLUMNS)
EVEN = (0.0, 2.5, 5.0, 7.5, 10.0)


@dataclass(frozen=True)
class Scan:
    """How a stack lies in the patient: ImageOrientationPatient, the way from slice to slice, and where slices are."""

    cosines: tuple[float, ...]
    along: tuple[float, float, float]
    heights: tuple[float, ...] = EVEN


_C, _S = float(np.cos(0.4)), float(np.sin(0.4))
SCANS = {
    "axial": Scan((1, 0, 0, 0, 1, 0), (0, 0, 1)),
    "feet first": Scan((1, 0, 0, 0, 1, 0), (0, 0, -1)),
    "sagittal": Scan((0, 1, 0, 0, 0, -1), (1, 0, 0)),
    "coronal": Scan((1, 0, 0, 0, 0, -1), (0, -1, 0)),
    "oblique": Scan((_C, 0, _S, 0, 1, 0), (-_S, 0, _C)),
    "tilted gantry": Scan((1, 0, 0, 0, _C, _S), (0, 0, 1)),
    "uneven": Scan((1, 0, 0, 0, 1, 0), (0, 0, 1), (0.0, 2.5, 5.0, 9.0, 14.0)),
}
EVEN_SCANS = [name for name in SCANS if name != "uneven"]


def series(folder: Path, scan: str = "axial", name: str = "a") -> list[Path]:
    """Writes a series of five slices that lies as `scan` says."""
    how = SCANS[scan]

    def change(data_set: Dataset, k: int) -> None:
        position = np.array([-10.0, -20.0, 30.0]) + how.heights[k] * np.array(how.along)
        data_set.ImagePositionPatient = [round(float(mm), 6) for mm in position]
        data_set.ImageOrientationPatient = [round(float(part), 8) for part in how.cosines]
        data_set.SeriesDescription = scan
        data_set.PatientSex, data_set.PatientBirthDate, data_set.StudyID = "O", "", "1"
        data_set.AccessionNumber = data_set.ReferringPhysicianName = ""

    return made_series.series(folder, SHAPE[0], change, name=name)


def case(folder: Path, scan: str = "axial", report: Path | None = None) -> Case:
    """A new case on such a series, open; its images are in FOLDER/images."""
    if not (folder / "images").exists():
        series(folder / "images", scan)
    return callout.create_case(folder / "a.callout", folder / "images", report, reader="r1")


def copy_of(case_file: Path, folder: Path, name: str = "copy.callout") -> Case:
    """The case again, under another name, open."""
    shutil.copy(case_file, folder / name)
    return callout.open_case(folder / name, reader="r1")


def draw(case: Case, *masks: Bits, names: Sequence[str] = ("cavity", "nodule", "consolidation")) -> list[Region]:
    """One finding with one region on the first series for every mask."""
    regions = []
    for n, mask in enumerate(masks):
        finding: Finding = case.add_finding(names[n % len(names)], laterality=(None, "left", "right")[n % 3])
        region = case.add_region(finding, case.series[0].id)
        case.set_mask(region, mask)
        regions.append(region)
    return regions


def box(*bounds: tuple[int, int]) -> Bits:
    """A mask of SHAPE with the voxels of a box set: (first, one beyond the last) along k, j and i."""
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(first, last) for first, last in bounds)] = True
    return mask
