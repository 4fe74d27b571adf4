"""Helpers that both phantoms are made of: soft edges, correlated noise, tubes, averaging.

Everything is deterministic: random numbers come from a PCG64 generator with a seed given by name.
Arrays are (row, column) or (slice, row, column); lengths are millimetres unless said otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def generator(name: str) -> np.random.Generator:
    """The random numbers that belong to a name, the same on every run and machine."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")))


def smoothstep(values: Floats | float, low: float, high: float) -> Floats:
    """0 at `low` and below, 1 at `high` and above, smooth in between (low > high turns it round)."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def inside(distance: Floats, edge_mm: float = 0.5) -> Floats:
    """Coverage 0..1 of a shape from its signed distance (positive inside), soft over `edge_mm` each side."""
    return np.asarray(np.clip(distance / (2.0 * edge_mm) + 0.5, 0.0, 1.0), dtype=np.float32)


def ellipse(
    x: Floats,
    y: Floats,
    centre: Sequence[float],
    radii: Sequence[float],
    *,
    angle_deg: float = 0.0,
    power: float = 2.0,
) -> Floats:
    """Signed distance (about right near the edge, positive inside) to a turned superellipse, in mm."""
    angle = np.deg2rad(angle_deg)
    dx, dy = x - centre[0], y - centre[1]
    u = np.abs(np.cos(angle) * dx + np.sin(angle) * dy) / radii[0]
    v = np.abs(-np.sin(angle) * dx + np.cos(angle) * dy) / radii[1]
    if power == 2.0:
        f = np.sqrt(u * u + v * v) + 1e-6
        slope = np.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2) / f
    else:
        f = (u**power + v**power) ** (1.0 / power) + 1e-6
        slope = np.sqrt((u ** (power - 1) / radii[0]) ** 2 + (v ** (power - 1) / radii[1]) ** 2)
        slope = slope / f ** (power - 1)
    return np.asarray((1.0 - f) / (slope + 1e-6), dtype=np.float32)


def ellipsoid(x: Floats, y: Floats, z: float | Floats, centre: Sequence[float], radii: Sequence[float]) -> Floats:
    """Signed distance (about right near the edge, positive inside) to an ellipsoid along the axes, in mm."""
    u, v, w = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1], (z - centre[2]) / radii[2]
    f = np.sqrt(u * u + v * v + w * w) + 1e-6
    slope = np.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2 + (w / radii[2]) ** 2) / f
    return np.asarray((1.0 - f) / (slope + 1e-6), dtype=np.float32)


def correlated_noise(shape: Sequence[int], sigma: Sequence[float], rng: np.random.Generator) -> Floats:
    """Gaussian noise of mean 0 and standard deviation 1, correlated over `sigma` voxels along each axis."""
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(rng.standard_normal(tuple(shape), dtype=np.float32), tuple(sigma), mode="wrap")
    return np.asarray((noise - noise.mean()) / noise.std(), dtype=np.float32)


def fractal_noise(shape: Sequence[int], sigma: Sequence[float], rng: np.random.Generator, octaves: int = 3) -> Floats:
    """Several scales of correlated noise, each half as strong and half as large as the one before; SD 1."""
    total = np.zeros(tuple(shape), dtype=np.float32)
    for octave in range(octaves):
        total += correlated_noise(shape, [s / 2**octave for s in sigma], rng) / 2**octave
    return np.asarray(total / total.std(), dtype=np.float32)


def average(fine: Floats, factor: int) -> Floats:
    """Mean over blocks of `factor` × `factor` pixels: partial volume in the plane."""
    rows, columns = fine.shape[0] // factor, fine.shape[1] // factor
    return np.asarray(fine.reshape(rows, factor, columns, factor).mean(axis=(1, 3)), dtype=np.float32)


def fade(image: Floats, value: float | Floats, coverage: Floats) -> None:
    """Paint `value` over `image` in place, as far as `coverage` (0..1) goes."""
    image += (value - image) * coverage


@dataclass(frozen=True)
class Tube:
    """A piece of vessel, airway or rib: a line between two points (LPS mm) with a radius at each end.

    `flatten` squeezes the tube: the radius along z is `flatten` times the radius across.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    start_radius: float
    end_radius: float
    flatten: float = 1.0

    def reach(self) -> tuple[float, float]:
        """Lowest and highest z that the tube touches."""
        low = min(self.start[2] - self.start_radius * self.flatten, self.end[2] - self.end_radius * self.flatten)
        high = max(self.start[2] + self.start_radius * self.flatten, self.end[2] + self.end_radius * self.flatten)
        return low, high

    def depth(self, x: Floats, y: Floats, z: float) -> Floats:
        """Signed distance to the surface at points (x, y) of the plane z, in mm, positive inside."""
        squeeze = np.array([1.0, 1.0, 1.0 / self.flatten])
        a, b = np.array(self.start) * squeeze, np.array(self.end) * squeeze
        d = b - a
        px, py, pz = x - a[0], y - a[1], z / self.flatten - a[2]
        t = np.clip((px * d[0] + py * d[1] + pz * d[2]) / max(float(d @ d), 1e-9), 0.0, 1.0)
        gap = np.sqrt((px - t * d[0]) ** 2 + (py - t * d[1]) ** 2 + (pz - t * d[2]) ** 2)
        return np.asarray(self.start_radius + t * (self.end_radius - self.start_radius) - gap, dtype=np.float32)


def tube_depth(
    tubes: Sequence[Tube], xs: Floats, ys: Floats, z: float, *, margin: float = 1.0, floor: float = -1e3
) -> Floats:
    """Largest depth of any tube on the plane z: array (len(ys), len(xs)), `floor` where none is near.

    `xs` and `ys` are the evenly spaced coordinates of columns and rows in LPS mm.
    """
    depth = np.full((len(ys), len(xs)), floor, dtype=np.float32)
    step_x, step_y = float(xs[1] - xs[0]), float(ys[1] - ys[0])
    for tube in tubes:
        low, high = tube.reach()
        if z < low - margin or z > high + margin:
            continue
        pad = max(tube.start_radius, tube.end_radius) + margin
        x0, x1 = sorted((tube.start[0], tube.end[0]))
        y0, y1 = sorted((tube.start[1], tube.end[1]))
        i0 = max(int((x0 - pad - xs[0]) / step_x), 0)
        i1 = min(int((x1 + pad - xs[0]) / step_x) + 2, len(xs))
        j0 = max(int((y0 - pad - ys[0]) / step_y), 0)
        j1 = min(int((y1 + pad - ys[0]) / step_y) + 2, len(ys))
        if i0 < i1 and j0 < j1:
            here = depth[j0:j1, i0:i1]
            np.maximum(here, tube.depth(xs[None, i0:i1], ys[j0:j1, None], z), out=here)
    return depth


def path(
    points: Sequence[Sequence[float]] | NDArray[np.float64], radii: Sequence[float], flatten: float = 1.0
) -> list[Tube]:
    """A chain of tubes through `points` (LPS mm) with a radius at each point."""
    ends = [(float(p[0]), float(p[1]), float(p[2])) for p in points]
    return [Tube(ends[n], ends[n + 1], radii[n], radii[n + 1], flatten) for n in range(len(ends) - 1)]


def curve(points: Sequence[Sequence[float]], count: int) -> NDArray[np.float64]:
    """A smooth curve through `points`: (count, dimensions), by cubic interpolation over the chord length."""
    from scipy.interpolate import CubicSpline

    given = np.asarray(points, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(given, axis=0), axis=1))])
    return np.asarray(CubicSpline(along, given)(np.linspace(0.0, along[-1], count)), dtype=np.float64)
