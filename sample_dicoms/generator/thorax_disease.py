"""Disease of the chest phantom: cavitating lesions, ground glass, consolidation, and a bulla that is no cavity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .phantom import Floats, Tube, ellipsoid, fade, generator, inside, smoothstep
from .thorax_lung import grow
from .thorax_wall import Section

Centre = tuple[float, float, float]


@dataclass(frozen=True)
class Cavity:
    """A cavitating lesion: mean outer radii and wall (mm), and the height of fluid (y; behind it is fluid)."""

    name: str
    site: str
    centre: Centre
    radii: Centre
    wall: float
    wall_change: float
    fluid_from: float | None = None


@dataclass(frozen=True)
class Area:
    """Ground glass or consolidation: an ellipsoid whose edge noise bends by `bend` mm and is soft over `edge` mm."""

    name: str
    site: str
    centre: Centre
    radii: Centre
    bend: float
    edge: float
    hilum: Centre = (0.0, 0.0, 0.0)


CAVITIES = (
    Cavity("right upper lobe", "right upper lobe", (-81.0, -4.0, -19.0), (27.0, 24.0, 24.5), 9.4, 3.6),
    Cavity("right lower lobe", "right lower lobe", (-80.0, 41.0, -80.0), (21.5, 20.0, 21.0), 6.8, 1.8, 43.0),
    Cavity("left upper lobe 1", "left upper lobe", (66.0, 2.0, 44.0), (17.0, 18.0, 17.5), 6.8, 2.0),
    Cavity("left upper lobe 2", "left upper lobe", (87.0, -24.0, -34.0), (18.0, 20.5, 19.0), 7.4, 2.6),
    Cavity("left lower lobe", "left lower lobe", (72.0, 40.0, -96.0), (14.0, 13.0, 14.0), 5.4, 0.9),
)
GLASS = (
    Area("right middle lobe", "right middle lobe", (-66.0, -60.0, -38.0), (29.0, 20.0, 22.0), 5.0, 4.5),
    Area("left upper lobe", "left upper lobe", (58.0, -50.0, 22.0), (23.0, 18.0, 20.0), 5.0, 4.5),
    Area("right upper lobe", "right upper lobe", (-62.0, 26.0, 46.0), (19.0, 17.0, 16.0), 4.0, 4.0),
)
SOLID = (
    Area(
        "left lower lobe",
        "left lower lobe",
        (82.0, 54.0, -36.0),
        (32.0, 27.0, 24.0),
        3.2,
        1.2,
        (50.0, 34.0, -42.0),
    ),
    Area(
        "right lower lobe",
        "right lower lobe",
        (-52.0, 62.0, -112.0),
        (27.0, 20.0, 17.0),
        2.6,
        1.2,
        (-42.0, 34.0, -90.0),
    ),
)
BULLA: tuple[Centre, Centre] = ((-58.0, -8.0, 74.0), (15.0, 12.5, 13.0))


@cache
def _waves(name: str, count: int, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Directions × frequencies (count, 3) and phases of a bumpy ball."""
    rng = generator(f"bumps {name}")
    axes = rng.standard_normal((count, 3))
    axes *= (rng.uniform(low, high, count) / np.linalg.norm(axes, axis=1))[:, None]
    return axes, rng.uniform(0, 2 * np.pi, count)


def _bumps(name: str, count: int, low: float, high: float, unit: tuple[Floats, Floats, Floats]) -> Floats:
    """A smooth random function on the sphere with SD about 1."""
    axes, phases = _waves(name, count, low, high)
    total = np.zeros(np.broadcast(*unit).shape, dtype=np.float32)
    for (fx, fy, fz), phase in zip(axes, phases, strict=True):
        total += np.cos(fx * unit[0] + fy * unit[1] + fz * unit[2] + phase)
    return np.asarray(total * np.sqrt(2.0 / count), dtype=np.float32)


def cavity_depths(s: Section, cavity: Cavity) -> tuple[Floats, Floats]:
    """Depths below the outer surface and below the inner surface of the wall, (row, column)."""
    c, r = cavity.centre, cavity.radii
    shape = (len(s.ys), len(s.xs))
    outer, inner = np.full(shape, -50.0, dtype=np.float32), np.full(shape, -50.0, dtype=np.float32)
    if abs(s.z - c[2]) > 1.5 * r[2]:
        return outer, inner
    box = np.ix_(np.abs(s.ys - c[1]) < 1.6 * r[1], np.abs(s.xs - c[0]) < 1.6 * r[0])
    x, y = (s.x - c[0])[:, box[1][0]], (s.y - c[1])[box[0][:, 0]]
    z = np.float32(s.z - c[2])
    length = np.sqrt(x * x + y * y + z * z) + 1e-3
    unit = (x / length, y / length, z / length)
    mean = 1.0 / np.sqrt((unit[0] / r[0]) ** 2 + (unit[1] / r[1]) ** 2 + (unit[2] / r[2]) ** 2)
    coarse, fine = _bumps(cavity.name, 9, 1.5, 3.6, unit), _bumps(cavity.name + " fine", 14, 7.0, 13.0, unit)
    surface = mean * (1.0 + 0.065 * coarse + 0.026 * fine)
    wall = cavity.wall + cavity.wall_change * _bumps(cavity.name + " wall", 10, 2.0, 5.5, unit)
    wall = np.clip(wall + 0.55 * _bumps(cavity.name + " inner", 12, 7.0, 12.0, unit), 5.5, 14.0)
    outer[box], inner[box] = surface - length, surface - wall - length
    return outer, inner


def area_depth(s: Section, area: Area, clouds: Floats) -> Floats:
    """Depth inside an area of ground glass or consolidation; `clouds` is low noise with SD 1."""
    depth = ellipsoid(s.x, s.y, s.z, area.centre, area.radii)
    shape = 0.8 * area.bend * np.sin(s.x / 9.0 + s.z / 13.0) * np.cos(s.y / 8.0 - s.z / 11.0)
    return np.asarray(depth + 0.6 * area.bend * clouds + shape, dtype=np.float32)


@cache
def bronchograms(area: Area) -> list[Tube]:
    """Air-filled bronchi inside a consolidation."""
    rng = generator(f"bronchogram {area.name}")
    ball = rng.standard_normal((20, 3))
    ball *= (0.85 * rng.random(20) ** (1 / 3) / np.linalg.norm(ball, axis=1))[:, None]
    points = np.array(area.centre) + ball * np.array(area.radii)
    return grow(points, np.array(area.hilum), lambda n: 0.85 + 0.38 * n**0.5, rng)[0]


def glass_amount(s: Section, depth: Floats, clouds: Floats) -> list[Floats]:
    """Amount 0..1 of each ground-glass area; `depth` is the depth in the lung."""
    return [
        np.asarray(smoothstep(area_depth(s, area, clouds), -area.edge, area.edge) * inside(depth), dtype=np.float32)
        for area in GLASS
    ]


def paint_solid(image: Floats, s: Section, depth: Floats, clouds: Floats, grain: Floats) -> list[Floats]:
    """Paint the consolidations and return the coverage of each."""
    covers = []
    for area in SOLID:
        own = np.minimum(area_depth(s, area, clouds) + 1.2 * grain, depth + 0.4)
        cover = inside(np.asarray(own, dtype=np.float32), area.edge)
        covers.append(cover)
        if float(cover.max()) > 0:
            fade(image, 48.0 + 6.0 * grain + 3.0 * clouds, cover)
            pipes = s.tubes(bronchograms(area))
            fade(image, -930.0, inside(pipes, 0.5) * cover)
    return covers


def paint_cavities(image: Floats, s: Section, clouds: Floats, grain: Floats) -> tuple[list[Floats], list[Floats]]:
    """Paint the cavitating lesions; coverage of each with its lumen, and of each lumen."""
    outers, lumens = [], []
    for cavity in CAVITIES:
        outer, inner = cavity_depths(s, cavity)
        outers.append(inside(outer, 0.6))
        lumens.append(inside(inner, 0.5))
        if float(outers[-1].max()) == 0:
            continue
        fade(image, 58.0 + 5.0 * grain + 3.0 * clouds, outers[-1])
        fade(image, -970.0, lumens[-1])
        if cavity.fluid_from is not None:
            level = np.asarray(s.y - cavity.fluid_from + 0.0 * s.x, dtype=np.float32)
            fade(image, 18.0, lumens[-1] * inside(level, 0.3))
    return outers, lumens


def paint_bulla(image: Floats, s: Section) -> Floats:
    """Paint the thin-walled bulla; its coverage."""
    depth = ellipsoid(s.x, s.y, s.z, *BULLA)
    cover = inside(depth)
    if float(cover.max()) > 0:
        fade(image, -150.0, inside(np.asarray(depth + 0.8, dtype=np.float32)))
        fade(image, -985.0, cover)
    return cover
