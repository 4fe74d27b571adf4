"""Lungs of the chest phantom: parenchyma with a gravity gradient, fissures, and trees of vessels and bronchi."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .phantom import Floats, Tube, fade, generator, inside
from .thorax_mediastinum import AIR, dome, mediastinum
from .thorax_wall import Section, cage_inner

Points = NDArray[np.float64]
VESSEL = 130.0

# Where artery and vein enter each lobe (LPS mm).
GATES = {
    "right upper lobe": ((-40.0, 8.0, -16.0), (-46.0, -8.0, -22.0)),
    "right middle lobe": ((-42.0, 2.0, -42.0), (-44.0, -6.0, -46.0)),
    "right lower lobe": ((-44.0, 22.0, -54.0), (-46.0, 26.0, -62.0)),
    "left upper lobe": ((46.0, 6.0, -14.0), (50.0, -10.0, -26.0)),
    "left lower lobe": ((50.0, 32.0, -50.0), (50.0, 28.0, -62.0)),
}


def lobe_planes(x: Floats | Points, y: Floats | Points, z: float | Points) -> tuple[Floats, Floats]:
    """Distances (mm) above the oblique fissure, and above the horizontal fissure of the right lung."""
    bow = 5.0 * np.sin(y / 23.0 + 0.4) + 4.0 * np.sin(x / 17.0)
    oblique = (z - (y - 45.0) - np.where(x > 0, 8.0, 0.0) - bow) / np.sqrt(2.0)
    horizontal = z + 34.0 - 0.12 * (y + 60.0) - 3.0 * np.sin(y / 19.0) - 0.06 * (np.abs(x) - 60.0) + 0.0 * x
    return np.asarray(oblique, dtype=np.float32), np.asarray(horizontal, dtype=np.float32)


def lobe_of(points: Points) -> NDArray[np.str_]:
    """Name of the lobe that each point (n, 3) lies in, were it in a lung."""
    x, y, z = points.T
    oblique, horizontal = lobe_planes(x, y, z)
    right = np.where(oblique < 0, "right lower lobe", np.where(horizontal < 0, "right middle lobe", "right upper lobe"))
    return np.where(x < 0, right, np.where(oblique < 0, "left lower lobe", "left upper lobe"))


def lung_depth(s: Section, cage: Floats, middle: Floats) -> Floats:
    """Depth inside the lungs, both sides; `cage` and `middle` are the depths in rib cage and mediastinum."""
    depth = np.minimum(cage, -middle)
    if s.z < -84.0:
        depth = np.minimum(depth, 0.75 * (s.z - dome(s)))
    return np.asarray(depth, dtype=np.float32)


def parenchyma(s: Section, clouds: Floats, grain: Floats) -> Floats:
    """Lung without vessels: −850 HU, denser behind (supine), with soft clouds."""
    gravity = 0.24 * (s.y + 5.0)
    return np.asarray(-858.0 + gravity + 8.0 * clouds + 5.0 * grain, dtype=np.float32)


def fissures(s: Section) -> Floats:
    """Coverage of the thin sheets between the lobes."""
    oblique, horizontal = lobe_planes(s.x, s.y, s.z)
    sheet = inside(0.45 - np.abs(oblique), 0.4)
    minor = inside(0.45 - np.abs(horizontal), 0.4) * (oblique > 0) * (s.x < 0)
    return np.asarray(np.maximum(sheet, minor), dtype=np.float32)


@cache
def _samples() -> Points:
    """Points evenly strewn through both lungs, (n, 3)."""
    rng = generator("lung samples")
    xs = np.arange(-132.0, 132.0, 2.0, dtype=np.float32)
    ys = np.arange(-105.0, 95.0, 2.0, dtype=np.float32)
    found = []
    for z in np.arange(-172.0, 106.0, 3.0):
        s = Section(xs, ys, float(z))
        depth = lung_depth(s, cage_inner(s), mediastinum(s))
        j, i = np.nonzero(depth > 3.5)
        chosen = rng.random(len(i)) < 0.034
        spread = rng.uniform(-1.0, 1.0, (int(chosen.sum()), 3)) * (1.0, 1.0, 1.5)
        found.append(np.column_stack([xs[i][chosen], ys[j][chosen], np.full(int(chosen.sum()), z)]) + spread)
    return np.concatenate(found)


def grow(
    points: Points,
    start: Points,
    radius: Callable[[int], float],
    rng: np.random.Generator,
    airway: int = 10**9,
) -> tuple[list[Tube], list[tuple[Tube, int]]]:
    """A branching tree from `start` to all `points`: its tubes, and those that serve `airway` points or more."""
    tubes: list[Tube] = []
    large: list[tuple[Tube, int]] = []
    jobs = [(points, start, points.mean(axis=0) - start)]
    while jobs:
        group, origin, heading = jobs.pop()
        count = len(group)
        target = group[0] if count == 1 else group.mean(axis=0)
        reach = target - origin
        share = 1.0 if count == 1 else float(rng.uniform(0.34, 0.48))
        heading = heading / (np.linalg.norm(heading) + 1e-9)
        bend = origin + 0.5 * share * reach + 0.16 * share * np.linalg.norm(reach) * heading
        end = origin + share * reach
        thick, thin = radius(count), radius(max(count * 3 // 4, 1))
        for a, b, ra, rb in (
            (origin, bend, thick, (thick + thin) / 2),
            (bend, end, (thick + thin) / 2, thin),
        ):
            tube = Tube(_triple(a), _triple(b), ra, rb)
            tubes.append(tube)
            if count >= airway:
                large.append((tube, count))
        if count > 1:
            jobs += [(half, end, end - bend) for half in _halves(group, end, rng)]
    return tubes, large


def _triple(point: Points) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), float(point[2])


def _halves(group: Points, apex: Points, rng: np.random.Generator) -> list[Points]:
    """Split points across the direction in which they spread most, seen from the branching point."""
    offsets = group - apex
    away = offsets / (np.linalg.norm(offsets, axis=1, keepdims=True) + 1e-6)
    centred = away - away.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    cut = int(np.clip(round(len(group) * rng.uniform(0.32, 0.68)), 1, len(group) - 1))
    order = np.argsort(centred @ axis, kind="stable")
    return [group[order[:cut]], group[order[cut:]]]


@cache
def trees() -> tuple[list[Tube], list[Tube]]:
    """Pulmonary vessels, and the bronchi that run beside the larger arteries (outer radius)."""
    samples = _samples()
    lobes = lobe_of(samples)
    vessels: list[Tube] = []
    bronchi: list[Tube] = []
    for lobe, (artery, vein) in GATES.items():
        own = samples[lobes == lobe]
        rng = generator(f"vessels {lobe}")
        chosen = rng.permutation(len(own))
        arterial, venous = own[chosen[: int(0.58 * len(own))]], own[chosen[int(0.58 * len(own)) :]]
        tubes, large = grow(arterial, np.array(artery), lambda n: 0.66 * n**0.33, rng, airway=13)
        vessels += tubes
        vessels += grow(venous, np.array(vein), lambda n: 0.64 * n**0.33, rng)[0]
        bronchi += [_beside(tube, np.array([0.0, 0.0, -14.0])) for tube, _ in large]
    return vessels, bronchi


def _beside(tube: Tube, centre: Points) -> Tube:
    """The bronchus on the hilar side of an artery."""
    a, b = np.array(tube.start), np.array(tube.end)
    along = (b - a) / (np.linalg.norm(b - a) + 1e-9)
    side = np.cross(along, np.array([0.0, 0.35, 1.0]))
    side = side / (np.linalg.norm(side) + 1e-9)
    if side @ (a - centre) > 0:
        side = -side
    radii = (0.78 * tube.start_radius + 0.25, 0.78 * tube.end_radius + 0.25)
    shift = [side * (r + q + 0.1) for r, q in zip((tube.start_radius, tube.end_radius), radii, strict=True)]
    return Tube(_triple(a + shift[0]), _triple(b + shift[1]), *radii)


def paint_lungs(image: Floats, s: Section, depth: Floats, air: Floats) -> None:
    """Lungs where `depth` > 0: `air` is the parenchyma (with any ground glass), vessels and bronchi over it."""
    lung = inside(depth, 0.4)
    fade(image, air, lung)
    fade(image, -560.0, 0.5 * fissures(s) * inside(depth - 1.0))
    vessels, bronchi = trees()
    pipes = s.tubes(bronchi)
    vessel = inside(s.tubes(vessels), 0.35) * lung
    fade(image, -120.0, inside(pipes, 0.35) * lung)
    fade(image, VESSEL, vessel)
    fade(
        image,
        AIR + 15.0,
        inside(np.asarray(pipes - np.clip(0.3 * pipes.max(), 0.55, 0.9), dtype=np.float32), 0.35) * lung,
    )
