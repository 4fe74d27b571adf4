"""Canvas: the patient as small cubes of tissue, painted shape by shape, in LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .phantom import fractal_noise, generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Place = Sequence[float] | NDArray[np.float64] | NDArray[np.float32]
    Bools = NDArray[np.bool_]

MIDLINE_MM = -22.0  # the patient lies off centre: the sign of x is not the side
STEP_MM = 0.8
LOWER_MM = (MIDLINE_MM - 168.0, -122.0, -172.0)
UPPER_MM = (MIDLINE_MM + 168.0, 106.0, 168.0)


@dataclass(frozen=True)
class Box:
    """A box of the canvas: its slices (z, y, x) and broadcastable coordinates in LPS millimetres."""

    slices: tuple[slice, slice, slice]
    x: Real
    y: Real
    z: Real


@dataclass
class Canvas:
    """Tissue and named regions on one isotropic lattice; arrays are (z, y, x)."""

    tissue: NDArray[np.uint8]
    regions: NDArray[np.uint16]
    axes: tuple[Real, Real, Real]
    centres: dict[str, tuple[float, float, float]] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Canvas:
        """Return a canvas full of tissue 0 (air)."""
        x, y, z = (
            np.arange(low, high, STEP_MM, dtype=np.float32) for low, high in zip(LOWER_MM, UPPER_MM, strict=True)
        )
        shape = (len(z), len(y), len(x))
        return cls(np.zeros(shape, np.uint8), np.zeros(shape, np.uint16), (x, y, z))

    def box(self, lower: Place, upper: Place) -> Box:
        """Return the part of the canvas between two LPS corners (x, y, z), in millimetres."""
        cut = []
        for low, high, start, axis in zip(lower, upper, LOWER_MM, self.axes, strict=True):
            first = min(max(int(np.floor((low - start) / STEP_MM)), 0), len(axis))
            last = min(max(int(np.ceil((high - start) / STEP_MM)) + 1, first), len(axis))
            cut.append(slice(first, last))
        x, y, z = (axis[part] for axis, part in zip(self.axes, cut, strict=True))
        return Box((cut[2], cut[1], cut[0]), x[None, None, :], y[None, :, None], z[:, None, None])

    def around(self, centre: Place, reach: float) -> Box:
        """Return the box within `reach` millimetres of a point."""
        middle = np.asarray(centre, float)
        return self.box(list(middle - reach), list(middle + reach))

    def paint(self, tissue: int, box: Box, inside: Bools, over: Sequence[int] | None = None) -> None:
        """Make the cubes of `box` that are `inside` this tissue; `over` limits what is painted over."""
        part = self.tissue[box.slices]
        chosen = np.broadcast_to(inside, part.shape)
        if over is not None:
            chosen = chosen & np.isin(part, list(over))
        part[chosen] = tissue

    def name(self, bit: int, box: Box, inside: Bools) -> None:
        """Add the cubes of `box` that are `inside` to the region of this bit."""
        part = self.regions[box.slices]
        part[np.broadcast_to(inside, part.shape)] |= np.uint16(1 << bit)

    def bend(self, sigma: float, amplitude_mm: float, still_mm: float) -> None:
        """Move everything a little, as nature does: smoothly, and less within `still_mm` of the midline."""
        fields = [Texture.fractal(f"spine bend {axis}", sigma, 2) for axis in "xyz"]
        x, y = self.axes[0][None, None, :], self.axes[1][None, :, None]
        strength = amplitude_mm * _freedom(x, still_mm)
        old_tissue, old_regions = self.tissue.copy(), self.regions.copy()
        for k, z in enumerate(self.axes[2]):
            here = np.full((1, 1, 1), z, np.float32)
            cells = [
                np.clip(np.rint((axis + strength * field.at(x, y, here) - low) / STEP_MM), 0, size - 1)
                for axis, field, low, size in zip((x, y, here), fields, LOWER_MM, self.tissue.shape[::-1], strict=True)
            ]
            i, j, slab = (cell[0].astype(np.int32) for cell in cells)
            self.tissue[k] = old_tissue[slab, j, i]
            self.regions[k] = old_regions[slab, j, i]
        for name, point in self.centres.items():
            there = [np.full(1, value, np.float32) for value in point]
            moved = [
                value - amplitude_mm * float(_freedom(there[0], still_mm)[0] * bend.at(*there)[0])
                for value, bend in zip(point, fields, strict=True)
            ]
            self.centres[name] = (moved[0], moved[1], moved[2])

    def tube(
        self,
        tissue: int,
        points: Sequence[Place],
        radii: Sequence[float],
        over: Sequence[int] | None = None,
        bit: int | None = None,
    ) -> None:
        """Paint a chain of capsules through LPS points; the radius changes evenly between points."""
        for start, end, r0, r1 in zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True):
            reach = max(r0, r1) + STEP_MM
            box = self.box(np.minimum(start, end) - reach, np.maximum(start, end) + reach)
            distance, along = capsule(box, start, end)
            inside = distance <= r0 + (r1 - r0) * along
            self.paint(tissue, box, inside, over)
            if bit is not None:
                self.name(bit, box, inside)


def _freedom(x: Real, still_mm: float) -> Real:
    """Return how far things may move at x: little near the spine and under the skin."""
    away = np.abs(x - MIDLINE_MM)
    free = 0.35 + 0.65 * np.clip((away - still_mm) / 20.0, 0, 1)
    return np.asarray(free * (1 - 0.6 * np.clip((away - 112) / 20, 0, 1)), np.float32)


def capsule(box: Box, start: Place, end: Place) -> tuple[Real, Real]:
    """Return the distance to a line from `start` to `end` in millimetres, and where along it (0…1)."""
    p: Real = np.asarray(start, np.float32)
    q: Real = np.asarray(end, np.float32)
    way = q - p
    dx, dy, dz = box.x - p[0], box.y - p[1], box.z - p[2]
    along = np.clip((dx * way[0] + dy * way[1] + dz * way[2]) / max(float(way @ way), 1e-6), 0, 1)
    squares = (dx - along * way[0]) ** 2 + (dy - along * way[1]) ** 2 + (dz - along * way[2]) ** 2
    return np.asarray(np.sqrt(squares), np.float32), np.asarray(along, np.float32)


def ellipsoid(box: Box, centre: Place, half: Place) -> Real:
    """Return the radius of each cube in units of the ellipsoid's own (1 on its surface)."""
    squares = (
        ((box.x - centre[0]) / half[0]) ** 2
        + ((box.y - centre[1]) / half[1]) ** 2
        + ((box.z - centre[2]) / half[2]) ** 2
    )
    return np.asarray(np.sqrt(squares), np.float32)


@dataclass(frozen=True)
class Texture:
    """Fractal noise on a coarse lattice that covers the canvas; the same in every series."""

    values: Real
    step_mm: float = 2.0

    @classmethod
    def fractal(cls, name: str, sigma: float, octaves: int = 3) -> Texture:
        """Return noise of standard deviation 1 whose largest scale is `sigma` cells of 2 mm."""
        shape = tuple(int((b - a) / 2.0) + 3 for a, b in zip(LOWER_MM, UPPER_MM, strict=True))[::-1]
        return cls(fractal_noise(shape, [sigma] * 3, generator(name), octaves))

    def at(self, x: Real, y: Real, z: Real) -> Real:
        """Return the noise at LPS coordinates (broadcast against each other), linearly between cells."""
        from scipy import ndimage

        zyx = np.broadcast_arrays(z, y, x)
        lower = (LOWER_MM[2], LOWER_MM[1], LOWER_MM[0])
        cells = [(axis - low) / self.step_mm for axis, low in zip(zyx, lower, strict=True)]
        return np.asarray(ndimage.map_coordinates(self.values, cells, order=1, mode="nearest"), np.float32)
