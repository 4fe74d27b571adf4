"""Slabs: how thick they can be, and which planes lie in them. Pure."""

from __future__ import annotations

from typing import get_args

import numpy as np

from napari_callout.session.look import Projection
from napari_callout.session.plane import Plane

THICKNESSES_MM = (5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 80.0)
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)
PROJECTION_WORDS: dict[Projection, str] = {"max": "MIP", "min": "MinIP", "mean": "mean"}


def slab_steps(plane: Plane, thickness_mm: float) -> tuple[int, ...]:
    """The steps whose planes lie within half a slab's thickness of a plane; its own among them. () for no slab."""
    if thickness_mm <= 0:
        return ()
    order = plane.order
    if plane.is_native:
        positions = order.grid.slice_positions
        steps = np.array([order.slice_to_display(k) for k in range(len(positions))])
        off = np.abs(positions - positions[plane.k])
        return tuple(sorted(int(at) for at in steps[off <= thickness_mm / 2 + 1e-3]))
    reach = int(thickness_mm / 2 / order.spacing[plane.axis] + 1e-3)
    return tuple(range(max(0, plane.at - reach), min(plane.count, plane.at + reach + 1)))


def thicknesses(plane: Plane) -> tuple[float, ...]:
    """The thicknesses, mm, that take in more planes than the one before; none where there are too few."""
    middle = Plane(plane.order, plane.axis, plane.count // 2)
    found: list[float] = []
    most = 1
    for thickness in THICKNESSES_MM:
        count = len(slab_steps(middle, thickness))
        if count > most:
            found.append(thickness)
            most = count
    return tuple(found)


def thicker(plane: Plane, thickness_mm: float, by: int) -> float:
    """The next thickness up or down; 0 is the plane alone."""
    steps = (0.0, *thicknesses(plane))
    at = sum(step <= thickness_mm for step in steps) - 1
    return steps[min(max(at + by, 0), len(steps) - 1)]


def next_projection(projection: Projection) -> Projection:
    """MIP, MinIP, mean, and again."""
    return PROJECTIONS[(PROJECTIONS.index(projection) + 1) % len(PROJECTIONS)]
