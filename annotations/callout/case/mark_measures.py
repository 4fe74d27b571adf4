"""What is measured with a mark: lengths, an angle, the area of an ellipse and the values in it. Frame: LPS mm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from callout.case.model import Mark
from callout.errors import InputError
from callout.geometry import Grid
from callout.masks.stroke import Bits

SliceValues = Callable[[int], npt.NDArray[Any]]
ROUNDING = 1e-9


@dataclass(frozen=True)
class MarkMeasures:
    """In mm on a series, in pixels (of a picture that has no millimetres) on a picture; None for what a mark has not.

    length: of calipers, of the long one of two diameters, of an ellipse's long axis; short: of its other one.
    angle_deg: 0 to 180. area: mm² or pixels. pixels, mean, sd: of those whose centres an ellipse holds (SD with n as
        divisor), where its series' values were at hand and it holds any.
    """

    unit: Literal["mm", "px"]
    length: float | None = None
    short: float | None = None
    angle_deg: float | None = None
    area: float | None = None
    pixels: int | None = None
    mean: float | None = None
    sd: float | None = None

    @property
    def in_words(self) -> str:
        """As a radiologist writes it: whole millimetres, degrees and square millimetres, mean and SD."""
        lengths = " × ".join(f"{value:.0f}" for value in (self.length, self.short) if value is not None)
        parts = [f"{lengths} {self.unit}"] if lengths else []
        if self.area is not None:
            parts.append(f"{self.area:.0f} {self.unit}²")
        if self.angle_deg is not None:
            parts.append(f"{self.angle_deg:.0f}°")
        if self.mean is not None:
            parts.append(f"mean {self.mean:.0f}, SD {self.sd:.0f}".replace("-", "\u2212"))
        return ", ".join(parts)


def measure_mark(mark: Mark, grid: Grid | None = None, slice_values: SliceValues | None = None) -> MarkMeasures | None:
    """The measures of a mark; None for a point and an arrow, which measure nothing.

    grid: of its series. slice_values: (rows, columns) values of slice k, after rescale. Both for the values in an
    ellipse on a series.
    """
    unit: Literal["mm", "px"] = "px" if mark.picture is not None else "mm"
    points = mark.points
    if mark.kind == "calipers":
        return MarkMeasures(unit, length=math.dist(*points))
    if mark.kind == "diameters":
        return MarkMeasures(unit, length=math.dist(points[0], points[1]), short=math.dist(points[2], points[3]))
    if mark.kind == "angle":
        return MarkMeasures(unit, angle_deg=mark.angle_deg)
    if mark.kind == "ellipse":
        long, short = _half_axes(mark)
        measures = MarkMeasures(unit, length=2 * long, short=2 * short, area=math.pi * long * short)
        if grid is None or slice_values is None or mark.picture is not None:
            return measures
        k, inside = inside_ellipse(mark, grid)
        values = slice_values(k)[inside].astype(np.float64)
        if not values.size:
            return measures
        return replace(measures, pixels=values.size, mean=float(values.mean()), sd=float(values.std()))
    return None


def _half_axes(mark: Mark) -> tuple[float, float]:
    """The longest and the shortest radius of an ellipse, also where the two that are given are not at right angles.

    Drawn so in pixels that are not square they may not be so in the patient: the singular values of both are.
    """
    centre, *ends = mark.points
    one, other = ([end[n] - centre[n] for n in range(len(centre))] for end in ends)
    first, second = math.hypot(*one) ** 2, math.hypot(*other) ** 2
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    long = math.sqrt((first + second) / 2 + math.hypot((first - second) / 2, dot))
    return long, math.sqrt(max(0.0, first * second - dot**2)) / long if long else 0.0


def inside_ellipse(mark: Mark, grid: Grid) -> tuple[int, Bits]:
    """The slice that an ellipse lies on, and the pixels of it, bool (rows, columns), whose centres it holds.

    InputError where it lies beyond the slices.
    """
    centre, *ends = (np.array(point) for point in mark.points)
    k = round(float(grid.indices(centre)[0]))
    if not 0 <= k < grid.shape[0]:
        raise InputError(f"the ellipse {mark.id} lies beyond the slices of its series")
    rows, columns = np.meshgrid(np.arange(grid.shape[1]), np.arange(grid.shape[2]), indexing="ij")
    off = grid.points(np.stack([np.full(rows.shape, k), rows, columns], -1)) - centre
    axes = np.stack([end - centre for end in ends], axis=1)
    parts = off @ np.linalg.pinv(axes).T  # of each half-axis, of what lies in the ellipse's own plane
    inside: Bits = (parts * parts).sum(axis=-1) <= 1 + ROUNDING
    if np.linalg.matrix_rank(axes) < 2:
        inside[:] = False  # it has no area
    return k, inside
