"""What the finished thorax scan measures: facts for the report and for tests, taken from the masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .files import Segment
from .phantom import Floats
from .thorax_disease import CAVITIES

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scan:
    """HU (slice, row, column) from head to foot, true masks by name, (n, 3) LPS origins, spacing in mm."""

    hounsfield: Floats
    masks: dict[str, Mask]
    origins: NDArray[np.float64]
    pixel_mm: float
    thickness_mm: float


def diameters(scan: Scan, mask: Mask) -> tuple[float, float, int]:
    """Longest axial diameter (mm, outer edges of the voxels), longest across it, and their slice."""
    best = (0.0, 0.0, -1)
    for k in np.flatnonzero(mask.any(axis=(1, 2))):
        rows, columns = np.nonzero(mask[k])
        offsets = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)])
        corners = np.unique((np.column_stack([rows, columns])[:, None] + offsets).reshape(-1, 2), axis=0)
        hull = _hull(corners) * scan.pixel_mm
        gaps = hull[:, None] - hull[None]
        lengths = np.hypot(gaps[..., 0], gaps[..., 1])
        a, b = np.unravel_index(np.argmax(lengths), lengths.shape)
        if lengths[a, b] > best[0]:
            along = gaps[a, b] / lengths[a, b]
            best = (float(lengths[a, b]), _across(corners * scan.pixel_mm, along, scan.pixel_mm), int(k))
    return best


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial import ConvexHull

    return np.asarray(points[ConvexHull(points).vertices])


def _across(points: NDArray[np.float64], along: NDArray[np.float64], pixel_mm: float) -> float:
    """Longest chord at a right angle to `along`."""
    steps = np.round(points @ along / pixel_mm).astype(int)
    offsets = points @ np.array([-along[1], along[0]])
    chords = [np.ptp(offsets[steps == step]) for step in np.unique(steps)]
    return float(max(chords))


def wall_thickness(scan: Scan, outer: Mask, lumen: Mask) -> tuple[float, float]:
    """Least and greatest wall (mm) in axial slices through the middle half of the lumen, from outside to lumen."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    slices = np.flatnonzero(lumen.any(axis=(1, 2)))
    cut = len(slices) // 4
    found = []
    for k in slices[cut : len(slices) - cut]:
        rim = outer[k] & ~binary_erosion(outer[k])
        found.append(distance_transform_edt(~lumen[k], sampling=scan.pixel_mm)[rim])
    values = np.concatenate(found)
    return float(values.min()), float(values.max())


def facts(
    scan: Scan,
    findings: Sequence[Segment],
    parts: Sequence[Segment],
    names: Sequence[str],
    midline: NDArray[np.float64],
) -> dict[str, Any]:
    """All measured facts. `slice` is an index from head to foot, `slice_from_below` the same counted upwards."""
    figure = figure_slice(findings)
    shown = [s.label for s in findings if s.mask[figure].any()]
    return {
        "note": "Measured on the masks; LPS mm; no patient was imaged",
        "body_midline_x_mm": round(float(midline[0]), 2),
        "spacing_mm": [scan.thickness_mm, scan.pixel_mm, scan.pixel_mm],
        "shape": list(scan.hounsfield.shape),
        "figure_1": {**_where(scan, figure, names), "shows": shown},
        "findings": [_finding(scan, s, names) for s in findings],
        "cavities": [_cavity(scan, n, names) for n in range(len(CAVITIES))],
        "parts": [_finding(scan, s, names) for s in parts],
    }


def figure_slice(findings: Sequence[Segment]) -> int:
    """The slice that shows all three kinds, the least of them as large as possible."""
    areas = []
    for concept in ("cavity", "ground-glass opacity", "consolidation"):
        each = [s.mask.sum(axis=(1, 2)) for s in findings if s.concept == concept]
        areas.append(np.max(each, axis=0))
    return int(np.argmax(np.min(areas, axis=0)))


def _where(scan: Scan, k: int, names: Sequence[str]) -> dict[str, Any]:
    below = len(names) - 1 - k
    return {
        "file": names[k],
        "slice": k,
        "slice_from_below": below,
        "z_mm": round(float(scan.origins[k, 2]), 3),
    }


def _finding(scan: Scan, segment: Segment, names: Sequence[str]) -> dict[str, Any]:
    index = np.nonzero(segment.mask)
    box = [[int(i.min()), int(i.max())] for i in index]
    centre = [
        float(scan.origins[0, 0] + index[2].mean() * scan.pixel_mm),
        float(scan.origins[0, 1] + index[1].mean() * scan.pixel_mm),
        float(scan.origins[0, 2] - index[0].mean() * scan.thickness_mm),
    ]
    values = scan.hounsfield[segment.mask]
    long_mm, short_mm, k = diameters(scan, segment.mask)
    return {
        "label": segment.label,
        "concept": segment.concept,
        "tracking_id": segment.tracking_id,
        "laterality": segment.laterality,
        "voxels": len(index[0]),
        "volume_mm3": round(len(index[0]) * scan.pixel_mm**2 * scan.thickness_mm, 1),
        "box": box,
        "centre_mm": [round(c, 2) for c in centre],
        "median_hu": float(np.median(values)),
        "mean_hu": round(float(values.mean()), 1),
        "long_axis_mm": round(long_mm, 2),
        "short_axis_mm": round(short_mm, 2),
        "measured_on": _where(scan, k, names),
    }


def _cavity(scan: Scan, n: int, names: Sequence[str]) -> dict[str, Any]:
    from scipy.ndimage import binary_erosion

    cavity = CAVITIES[n]
    outer, lumen = scan.masks[f"outer {cavity.name}"], scan.masks[f"lumen {cavity.name}"]
    core = binary_erosion(lumen, np.ones((1, 3, 3), dtype=bool), iterations=2)
    gas, fluid = core & (scan.hounsfield < -500), core & (scan.hounsfield > -300)
    wall = binary_erosion(outer & ~lumen, np.ones((1, 3, 3), dtype=bool))
    least, greatest = wall_thickness(scan, outer, lumen)
    known: dict[str, Any] = {
        "label": f"cavitating lesion, {cavity.name}",
        "wall_mm": [round(least, 2), round(greatest, 2)],
        "wall_median_hu": float(np.median(scan.hounsfield[wall])),
        "gas_median_hu": float(np.median(scan.hounsfield[gas])),
        "air_fluid_level": cavity.fluid_from is not None,
    }
    if cavity.fluid_from is not None:
        rows = np.nonzero(fluid)[1]
        known["fluid_median_hu"] = float(np.median(scan.hounsfield[fluid]))
        known["fluid_voxels"] = int(fluid.sum())
        known["level_y_mm"] = round(float(scan.origins[0, 1] + (rows.min() - 0.5) * scan.pixel_mm), 2)
    return known
