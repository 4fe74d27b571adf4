"""The truth of the spine case in numbers: what was made, where, and how large it is on the images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .spine_body import PSOAS
from .spine_canvas import LOWER_MM, MIDLINE_MM, STEP_MM, Canvas
from .spine_column import NUMBERED
from .spine_contrast import Tissue
from .spine_mass import PARTS, WHOLE
from .spine_organs import LEFT_KIDNEY, RIGHT_KIDNEY, Kidney
from .spine_series import MOTION_MM, Protocol, Stack, protocols

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBES = {
    "enhancing rim": Tissue.RIM,
    "core": Tissue.CORE,
    "muscle": Tissue.MUSCLE,
    "fat": Tissue.FAT,
    "cerebrospinal fluid": Tissue.CSF,
    "urine": Tissue.URINE,
    "renal cortex": Tissue.CORTEX,
    "normal marrow": Tissue.MARROW,
    "altered marrow": Tissue.ALTERED_MARROW,
    "flow void": Tissue.FLOW_VOID,
}


def facts(canvas: Canvas, seen: dict[str, NDArray[np.uint16]]) -> dict[str, Any]:
    """Return what truth.json holds; points are LPS mm as the patient lay before contrast."""
    named = canvas.centres
    return {
        "frame": "LPS, mm, voxel centres; points as before contrast, after it they lie motion_mm further",
        "midline_x_mm": MIDLINE_MM,
        "motion_mm": list(MOTION_MM),
        "body_centres_mm": {name: _rounded(named[f"body {name}"]) for name in NUMBERED},
        "disc_centres_mm": {
            name.removeprefix("disc "): _rounded(point)
            for name, point in named.items()
            if name.startswith("disc ") and name.split("-")[-1] in NUMBERED[1:]
        },
        "boxes_mm": _boxes(),
        "psoas_mm": {
            name: [_rounded((MIDLINE_MM + side * row[1], row[2], row[0])) for row in PSOAS[1:-1]]
            for name, side in (("right", -1.0), ("left", 1.0))
        },
        "parts": {part.label: _part(canvas, bit) for bit, part in enumerate(PARTS)},
        "series": {
            f"{protocol.folder}/{stack.name}": _on_stack(protocol, stack, name, seen[name])
            for protocol in protocols()
            for stack in protocol.stacks
            for name in [protocol.folder if len(protocol.stacks) == 1 else f"{protocol.folder}.{stack.name}"]
        },
        "largest_coronal_section": _largest_section(seen["cor_stir"]),
        "probes_mm": {name: _probes(canvas, tissue) for name, tissue in PROBES.items()},
    }


def _rounded(point: tuple[float, ...] | NDArray[np.float64]) -> list[float]:
    return [round(float(value), 1) for value in point]


def _boxes() -> dict[str, list[list[float]]]:
    """Return [lower, upper] corners of both psoas muscles and kidneys."""
    rows = np.asarray(PSOAS)
    boxes = {}
    for name, side in (("right psoas", -1.0), ("left psoas", 1.0)):
        x = sorted(
            (MIDLINE_MM + side * (rows[:, 1] - rows[:, 3]).min(), MIDLINE_MM + side * (rows[:, 1] + rows[:, 3]).max())
        )
        y = (rows[:, 2] - rows[:, 4]).min(), (rows[:, 2] + rows[:, 4]).max()
        z = rows[:, 0].min(), rows[:, 0].max()
        boxes[name] = [_rounded((x[0], y[0], z[0])), _rounded((x[1], y[1], z[1]))]
    for name, kidney in (("right kidney", RIGHT_KIDNEY), ("left kidney", LEFT_KIDNEY)):
        boxes[name] = _kidney_box(kidney)
    return boxes


def _kidney_box(kidney: Kidney) -> list[list[float]]:
    turn = np.deg2rad(kidney.lean)
    a, b, c = kidney.half
    reach = np.array([np.hypot(a * np.cos(turn), c * np.sin(turn)), b, np.hypot(a * np.sin(turn), c * np.cos(turn))])
    middle = np.asarray(kidney.centre)
    return [_rounded(middle - reach), _rounded(middle + reach)]


def _part(canvas: Canvas, bit: int) -> dict[str, Any]:
    cubes = np.argwhere((canvas.regions >> bit) & 1)[:, ::-1] * STEP_MM + np.asarray(LOWER_MM)
    part = PARTS[bit]
    return {
        "tracking_id": part.tracking_id,
        "concept": part.concept,
        "laterality": part.laterality,
        "volume_mm3": round(len(cubes) * STEP_MM**3),
        "centre_mm": _rounded(cubes.mean(axis=0)),
        "box_mm": [_rounded(cubes.min(axis=0)), _rounded(cubes.max(axis=0))],
    }


def _on_stack(protocol: Protocol, stack: Stack, name: str, regions: NDArray[np.uint16]) -> dict[str, Any]:
    found = {}
    for bit in protocol.parts:
        counts = ((regions >> bit) & 1).sum(axis=(1, 2))
        if counts.any():
            slices = np.flatnonzero(counts)
            found[PARTS[bit].label] = {
                "voxels": int(counts.sum()),
                "slices": [int(slices[0]), int(slices[-1])],
                "best_slice": int(counts.argmax()),
            }
    return {
        "description": protocol.description,
        "truth": f"truth/{name}.seg.dcm" if found else None,
        "slices": len(stack.origins),
        "enhanced": protocol.enhanced,
        "parts": found,
    }


def _largest_section(regions: NDArray[np.uint16]) -> dict[str, Any]:
    """Return the coronal slice (of the series before contrast) on which the mass has its largest extents."""
    stack = next(p for p in protocols() if p.folder == "cor_stir").stacks[0]
    row_mm, column_mm = float(np.linalg.norm(stack.row_step)), float(np.linalg.norm(stack.column_step))
    extents = []
    for plane in regions:
        rows, columns = np.nonzero((plane >> WHOLE) & 1)
        size = (np.ptp(rows) + 1, np.ptp(columns) + 1) if len(rows) else (0, 0)
        extents.append((size[0] * row_mm, size[1] * column_mm))
    k = int(np.argmax([height * width for height, width in extents]))
    return {
        "series": "cor_stir",
        "slice": k,
        "y_mm": round(float(stack.origins[k][1]), 2),
        "craniocaudal_mm": round(extents[k][0], 2),
        "transverse_mm": round(extents[k][1], 2),
        "voxel_mm": [row_mm, column_mm],
    }


def _probes(canvas: Canvas, tissue: Tissue, count: int = 12) -> list[list[float]]:
    """Return points deep inside one tissue, spread evenly over the places where it is thick."""
    from scipy import ndimage

    for reach in (9, 7, 5):
        pure = ndimage.minimum_filter((canvas.tissue == tissue).view(np.uint8), size=reach)
        places = np.argwhere(pure[20:-20])
        if len(places) >= 4 * count:
            break
    skipped = np.array([20, 0, 0])
    chosen = places[:: max(len(places) // count, 1)][:count]
    return [_rounded((cube + skipped)[::-1] * STEP_MM + np.asarray(LOWER_MM)) for cube in chosen]
