"""Small cases made for tests: a CT series of four slices and a report whose one figure numbers two findings."""

from __future__ import annotations

from pathlib import Path

import made_series
import numpy as np
import numpy.typing as npt

import callout
from callout.case import Case

REPORT = """Cavities in a made-up chest

A man of forty coughed. A CT of the chest showed a cavitating lesion and ground glass (figure 1).

Figure 1. Axial CT: cavitating lesion (1) and ground glass opacity (2) in the right upper lobe.
"""


def images(folder: Path) -> Path:
    """A folder with one CT series of 4 × 6 × 5 voxels."""
    made_series.series(folder / "images")
    return folder / "images"


def case(folder: Path, reader: str = "r1", report: str | None = REPORT) -> Case:
    """An open case in `folder`."""
    path = None
    if report is not None:
        path = folder / "report.txt"
        path.write_text(report, encoding="utf-8")
    return callout.create_case(folder / "a.callout", images(folder), path, reader=reader)


def plane(*pixels: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """A slice of the made series, bool (rows, columns), with those (row, column) pixels set."""
    mask = np.zeros((made_series.ROWS, made_series.COLUMNS), bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask


TWO_FIGURES = """A made-up chest, twice

A man of forty coughed. A CT of the chest showed a cavitating lesion and ground glass (figure 1).

Figure 1. Axial CT: cavitating lesion (1) and ground glass opacity (2) in the right upper lobe.

Figure 2. Axial CT: no pleural effusion.
"""
UNLINKED = {
    "1:#1": ("todo", ""),
    "1:#2": ("todo", ""),
    "2:#1": ("not drawn", "denied by the text"),
    "body:#1": ("todo", ""),
    "body:#2": ("todo", ""),
}


def two_series(folder: Path, reader: str = "r1") -> Case:
    """An open case of two series, 4 × 6 × 5 and 2 × 6 × 5 voxels, and two figures.

    The states of its mentions while nobody has linked or decided anything are in UNLINKED.
    """
    made_series.series(folder / "images", 4)
    made_series.series(folder / "images", 2, name="b")
    report = folder / "report.txt"
    report.write_text(TWO_FIGURES, encoding="utf-8")
    return callout.create_case(folder / "two.callout", folder / "images", report, reader=reader)
