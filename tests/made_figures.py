"""A case with one figure whose recipe a test chooses, on a series that lies in the patient as it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import made_series
import numpy as np
from made_stacks import Scan
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.figures.recipe import Overlay, Panel, Recipe, View
from callout.figures.recipe_file import to_toml

ROWS, COLUMNS, SLICES = 60, 48, 5
SPACING = (0.8, 0.7)
REPORT = "A case.\n\nFigure 1. Axial CT shows a cavity (1).\n\nFigure 2. Axial CT shows a cavity (1).\n"
_C, _S = float(np.cos(0.4)), float(np.sin(0.4))
TURNED = {  # and what a presentation state has to do with the image: clockwise, and then flipped
    "axial": (Scan((1, 0, 0, 0, 1, 0), (0, 0, 1)), (0, "N")),
    "prone": (Scan((-1, 0, 0, 0, -1, 0), (0, 0, 1)), (180, "N")),
    "from above": (Scan((-1, 0, 0, 0, 1, 0), (0, 0, -1)), (0, "Y")),
    "upside down": (Scan((1, 0, 0, 0, -1, 0), (0, 0, -1)), (180, "Y")),
    "on the side": (Scan((0, 1, 0, -1, 0, 0), (0, 0, 1)), (90, "N")),
    "on the other side": (Scan((0, -1, 0, 1, 0, 0), (0, 0, 1)), (270, "N")),
    "transposed": (Scan((0, 1, 0, 1, 0, 0), (0, 0, -1)), (90, "Y")),
    "transposed, from above": (Scan((0, -1, 0, -1, 0, 0), (0, 0, -1)), (270, "Y")),
    "sagittal": (Scan((0, 1, 0, 0, 0, -1), (1, 0, 0)), (0, "N")),
    "coronal, head down": (Scan((1, 0, 0, 0, 0, 1), (0, 1, 0)), (180, "Y")),
    "oblique": (Scan((_C, 0, _S, 0, 1, 0), (-_S, 0, _C)), (0, "N")),
    "tilted gantry": (Scan((1, 0, 0, 0, _C, _S), (0, 0, 1)), (0, "N")),
}


def images(folder: Path, scan: str = "axial", **values: Any) -> None:
    """Writes the series; values: attributes that are otherwise."""
    how = TURNED[scan][0]

    def change(image: Dataset, k: int) -> None:
        position = np.array([-10.0, -20.0, 30.0]) + how.heights[k] * np.array(how.along)
        image.ImagePositionPatient = [round(float(mm), 6) for mm in position]
        image.ImageOrientationPatient = [round(float(part), 8) for part in how.cosines]
        image.PixelSpacing, image.Rows, image.Columns = list(SPACING), ROWS, COLUMNS
        image[0x7FE00010].value = made_series.pixels(k, ROWS, COLUMNS).tobytes()
        for keyword, value in values.items():
            setattr(image, keyword, value)

    made_series.series(folder, SLICES, change)


def case_on(folder: Path) -> Case:
    """A case on FOLDER/images with two findings, the second of which is a ring."""
    (folder / "report.txt").write_text(REPORT)
    case = callout.create_case(folder / "a.callout", folder / "images", folder / "report.txt", reader="r1")
    shape = case.series[0].grid.shape
    j, i = np.indices(shape[1:])
    ring = ((j - 40) ** 2 + (i - 14) ** 2 < 60) & ((j - 40) ** 2 + (i - 14) ** 2 > 12)
    for concept, plane in (("cavity", (abs(j - 20) < 6) & (abs(i - 30) < 5)), ("nodule", ring)):
        region = case.add_region(case.add_finding(concept, laterality="left"), case.series[0].id)
        mask = np.zeros(shape, bool)
        mask[1 : min(4, shape[0])] = plane
        case.set_mask(region, mask)
    return case


def made(folder: Path, scan: str = "axial", **values: Any) -> Case:
    images(folder / "images", scan, **values)
    return case_on(folder)


def point(case: Case, row: float, column: float, k: float = 2) -> tuple[float, float, float]:
    """LPS mm."""
    x, y, z = case.series[0].grid.points([k, row, column]).tolist()
    return x, y, z


def whole(case: Case, overlays: Sequence[Overlay] = (), **changes: Any) -> View:
    """A view of the whole slice 2, voxel by voxel."""
    series = case.series[0]
    _, rows, columns = series.grid.shape
    down, across = (rows * series.grid.spacing[1], columns * series.grid.spacing[2])
    on_side = abs(float(series.grid.column_step @ [0, 0, 1])) + abs(float(series.grid.row_step @ [1, 0, 0])) > 0.5
    extent = (down, across) if on_side and series.plane == "axial" else (across, down)
    view: dict[str, Any] = {
        "slice": 2,
        "centre_mm": point(case, (rows - 1) / 2, (columns - 1) / 2),
        "extent_mm": tuple(round(side, 6) for side in extent),
        "window": (1400.0, 3000.0),
        "interpolation": "nearest",
        "overlays": tuple(overlays),
    }
    return View(series.id, **(view | changes))


def figure(case: Case, *views: View | str, label: str = "1") -> Recipe:
    """The recipe with these panels, kept in the case. A word: the name of a picture."""
    panels = [
        Panel(chr(97 + n), picture=one) if isinstance(one, str) else Panel(chr(97 + n), one)
        for n, one in enumerate(views)
    ]
    recipe = Recipe(label, "A caption", 90.0 * len(views), 150, tuple(panels), columns=len(views))
    case.set_recipe(label, to_toml(recipe))
    return recipe
