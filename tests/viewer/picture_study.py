"""The small study with a report whose figures 2 and 3 carry pictures that no series shows."""

from __future__ import annotations

from pathlib import Path

import made_study
import numpy as np
from PIL import Image

import callout
from callout.case import Case

CELLS, SKIN = "cells.png", "skin.png"
SIZES = {CELLS: (60, 90), SKIN: (50, 40)}  # rows, columns
REPORT = """<html><body><h1>Cavities in a made-up chest</h1>
<p>A man of forty coughed. A CT of the chest showed a cavitating lesion (figure 1).</p>
<figure><figcaption>Figure 1. Axial CT: cavitating lesion (1) and ground glass opacity (2).</figcaption></figure>
<figure><img src="cells.png"><figcaption>Figure 2. Histology of the biopsy shows a granuloma (1) with necrosis
(*).</figcaption></figure>
<figure><img src="skin.png"><figcaption>Figure 3. Photograph of the leg: abscess (arrow).</figcaption></figure>
</body></html>"""


def colours(name: str) -> np.ndarray:
    """uint8 RGB (rows, columns, 3): red tells the row, green the column."""
    rows, columns = SIZES[name]
    rgb = np.full((rows, columns, 3), 90, np.uint8)
    rgb[..., 0], rgb[..., 1] = np.arange(rows)[:, None], np.arange(columns)
    return rgb


def case(folder: Path, reader: str = "r1") -> Case:
    """An open case of it."""
    for name in SIZES:
        Image.fromarray(colours(name)).save(folder / name)
    (folder / "report.html").write_text(REPORT, encoding="utf-8")
    return callout.create_case(folder / "a.callout", made_study.images(folder), folder / "report.html", reader=reader)
