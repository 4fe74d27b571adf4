"""A small study for the viewer's tests: an axial, a coronal and a scout CT series, and a report that speaks of two."""

from __future__ import annotations

from pathlib import Path

import made_series
import numpy as np
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.volume import Series
from napari_callout.session import Session

ROWS, COLUMNS, SLICES = 48, 40, 10
REPORT = """Cavities in a made-up chest

A man of forty coughed. A CT of the chest showed a cavitating lesion and ground glass (figure 1).

Figure 1. Axial CT: cavitating lesion (1) and ground glass opacity (2).

Figure 2. Coronal CT: consolidation (arrow) in the left lower lobe.

Figure 3. Histology: round cell tumour with osteoid.
"""
AXIAL, CORONAL, SCOUT = "axial", "coronal", "scout"


def change(name: str) -> made_series.Change:
    def with_pixels(data_set: Dataset, k: int) -> None:
        stored = np.full((ROWS, COLUMNS), 100, np.uint16)
        stored[8:40, 6:34] = 1000 + 20 * k
        stored[20:28, 16:24] = 1500
        data_set.Rows, data_set.Columns = ROWS, COLUMNS
        data_set.PixelSpacing = [0.8, 0.8]
        data_set.PixelData = stored.tobytes()
        data_set.SeriesDescription = name
        data_set.WindowCenter, data_set.WindowWidth = -100, 1200
        if name == CORONAL:
            data_set.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
            data_set.ImagePositionPatient = [-10.0, -20.0 + 3 * k, 40.0]
            data_set.SeriesNumber = 4
        if name == SCOUT:
            data_set.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
            data_set.SeriesNumber = 1

    return with_pixels


def images(folder: Path) -> Path:
    """A folder with the three series."""
    for name, count in ((AXIAL, SLICES), (CORONAL, 6), (SCOUT, 1)):
        made_series.series(folder / "images", count, change(name), name=name)
    return folder / "images"


def case(folder: Path, reader: str = "r1") -> Case:
    """An open case of the study."""
    report = folder / "report.txt"
    report.write_text(REPORT, encoding="utf-8")
    return callout.create_case(folder / "a.callout", images(folder), report, reader=reader)


def named(session: Session, name: str) -> Series:
    """The session's series of that description."""
    return next(series for series in session.series if series.description == name)
