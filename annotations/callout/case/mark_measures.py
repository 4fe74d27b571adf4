"""What is measured with a mark: the length of calipers, both diameters, an angle, the area of an ellipse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from callout.case.model import Mark


@dataclass(frozen=True)
class MarkMeasures:
    """In mm on a series, in pixels (of a picture that has no millimetres) on a picture; None for what a mark has not.

    length: of calipers, of the long one of two diameters, of an ellipse's long axis; short: of its other one.
    angle_deg: 0 to 180. area: mm² or pixels.
    """

    unit: Literal["mm", "px"]
    length: float | None = None
    short: float | None = None
    angle_deg: float | None = None
    area: float | None = None

    @property
    def in_words(self) -> str:
        """As a radiologist writes it: whole millimetres, degrees and square millimetres."""
        lengths = " × ".join(f"{value:.0f}" for value in (self.length, self.short) if value is not None)
        parts = [f"{lengths} {self.unit}"] if lengths else []
        if self.area is not None:
            parts.append(f"{self.area:.0f} {self.unit}²")
        if self.angle_deg is not None:
            parts.append(f"{self.angle_deg:.0f}°")
        return ", ".join(parts)


def measure_mark(mark: Mark) -> MarkMeasures | None:
    """The measures of a mark; None for a point and an arrow, which measure nothing."""
    unit: Literal["mm", "px"] = "px" if mark.picture is not None else "mm"
    points = mark.points
    if mark.kind == "calipers":
        return MarkMeasures(unit, length=math.dist(*points))
    if mark.kind == "diameters":
        return MarkMeasures(unit, length=math.dist(points[0], points[1]), short=math.dist(points[2], points[3]))
    if mark.kind == "angle":
        return MarkMeasures(unit, angle_deg=mark.angle_deg)
    if mark.kind == "ellipse":
        half, other = sorted((math.dist(points[0], end) for end in points[1:]), reverse=True)
        return MarkMeasures(unit, length=2 * half, short=2 * other, area=_ellipse_area(mark))
    return None


def _ellipse_area(mark: Mark) -> float:
    """π times the parallelogram of both half-axes, which holds also where they are not quite at right angles."""
    centre, *ends = mark.points
    one, other = ([end[n] - centre[n] for n in range(len(centre))] for end in ends)
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return math.pi * math.sqrt(max(0.0, math.hypot(*one) ** 2 * math.hypot(*other) ** 2 - dot**2))
