"""The wall of the chest phantom: outline, fat, muscle, and the bones as tubes.

Frame of all thorax modules: millimetres along LPS axes, x from the body's midline, y from its middle, z from
the carina.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .phantom import Floats, Tube, curve, ellipse, fade, inside, path, smoothstep, tube_depth

FAT, MUSCLE, CORTEX, MARROW, CARTILAGE = -105.0, 58.0, 720.0, 190.0, 105.0
CAGE_POWER = 2.3


@dataclass(frozen=True)
class Section:
    """One thin axial plane at height `z`: column and row coordinates, and both as a grid (row, column)."""

    xs: Floats
    ys: Floats
    z: float

    @property
    def x(self) -> Floats:
        """Column coordinates, shape (1, columns)."""
        return self.xs[None, :]

    @property
    def y(self) -> Floats:
        """Row coordinates, shape (rows, 1)."""
        return self.ys[:, None]

    def tubes(self, tubes: Sequence[Tube], margin: float = 1.0) -> Floats:
        """Depth below the surface of the tubes, (row, column)."""
        return tube_depth(tubes, self.xs, self.ys, self.z, margin=margin)


def profile(heights: Sequence[float], values: Sequence[float]) -> Callable[[float], float]:
    """A smooth course of a size along z, constant beyond the ends."""
    from scipy.interpolate import PchipInterpolator

    course = PchipInterpolator(heights, values)
    return lambda z: float(course(min(max(z, heights[0]), heights[-1])))


TORSO_HEIGHTS = (-180.0, -100.0, -30.0, 30.0, 70.0, 95.0, 128.0)
torso_width = profile(TORSO_HEIGHTS, (153.0, 156.0, 157.0, 154.0, 138.0, 112.0, 74.0))
torso_depth = profile(TORSO_HEIGHTS, (114.0, 116.0, 115.0, 108.0, 98.0, 89.0, 70.0))
torso_middle = profile(TORSO_HEIGHTS, (-4.0, -3.0, -2.0, 3.0, 11.0, 19.0, 33.0))

CAGE_HEIGHTS = (-185.0, -120.0, -60.0, 0.0, 35.0, 60.0, 80.0, 94.0, 106.0)
cage_width = profile(CAGE_HEIGHTS, (121.0, 125.0, 126.0, 123.0, 112.0, 96.0, 77.0, 58.0, 30.0))
cage_depth = profile(CAGE_HEIGHTS, (82.0, 87.0, 87.0, 84.0, 77.0, 68.0, 57.0, 46.0, 28.0))
cage_middle = profile(CAGE_HEIGHTS, (-10.0, -9.0, -7.0, -4.0, 4.0, 11.0, 19.0, 26.0, 34.0))


def smooth_union(a: Floats, b: Floats, blend_mm: float) -> Floats:
    """Union of two signed distances whose meeting is rounded over `blend_mm`."""
    h = np.clip(0.5 + 0.5 * (a - b) / blend_mm, 0.0, 1.0)
    return np.asarray(b + (a - b) * h + blend_mm * h * (1.0 - h), dtype=np.float32)


def body_depth(s: Section, waves: Floats) -> Floats:
    """Depth below the skin; `waves` is low noise (SD 1) that keeps the outline from being a drawing."""
    z = s.z
    middle = torso_middle(z)
    body = ellipse(s.x, s.y, (0.0, middle), (torso_width(z), torso_depth(z)), power=2.45)
    grown = float(smoothstep(z, 20.0, 75.0))
    if grown > 0.02:
        for side in (-1.0, 1.0):
            centre = (side * (106.0 + 0.10 * max(z - 60.0, 0.0)), 20.0 - 0.08 * z)
            shoulder = ellipse(s.x, s.y, centre, (50.0 * grown, 47.0 * grown))
            body = smooth_union(body, shoulder, 26.0)
    groove = np.exp(-((s.x / 13.0) ** 2)) * smoothstep(s.y, 40.0, 90.0)
    notch = np.exp(-((s.x / 16.0) ** 2)) * smoothstep(s.y, -20.0, -60.0)
    return np.asarray(body - 6.0 * groove - 2.5 * notch + 1.3 * waves, dtype=np.float32)


def cage_inner(s: Section) -> Floats:
    """Depth inside the inner surface of the rib cage (negative outside)."""
    z = s.z
    if z > 105.0:
        return np.full((len(s.ys), len(s.xs)), -50.0, dtype=np.float32)
    return ellipse(s.x, s.y, (0.0, cage_middle(z)), (cage_width(z), cage_depth(z)), power=CAGE_POWER)


def paint_wall(image: Floats, s: Section, body: Floats, cage: Floats, waves: Floats, *, grain: Floats) -> None:
    """Skin, fat with its septa, muscle with fat planes between its layers."""
    fade(image, 25.0, inside(body))
    fade(image, FAT + 6.0 * grain, inside(body - 2.0))
    fade(image, -60.0, 0.45 * inside(0.5 - np.abs(grain * 3.0)) * inside(body - 3.0))
    muscle = np.minimum(muscle_reach(s) + 2.0 * waves + 0.6 * grain + cage, body - 5.5)
    if s.z > 40.0:
        muscle = np.minimum(smooth_union(muscle, shoulder_muscles(s, waves, grain), 3.0), body - 5.5)
    muscle = np.asarray(muscle, dtype=np.float32)
    fade(image, MUSCLE + 5.0 * grain, inside(muscle))
    deep = inside(muscle - 1.5)
    outside = -cage
    for depth, thickness, amount in ((11.5, 0.9, 0.85), (21.0, 1.1, 0.8), (31.0, 1.0, 0.6)):
        plane = thickness * (0.7 + 0.6 * waves) - np.abs(outside - depth - 2.2 * waves - 0.8 * grain)
        fade(image, FAT, amount * inside(plane) * deep)
    paint_muscles(image, s, body, waves, grain)


def muscle_reach(s: Section) -> Floats:
    """How far (mm) muscle reaches outwards from the inner surface of the cage, (row, column)."""
    z = s.z
    angle = np.degrees(np.arctan2(np.abs(s.x), s.y - cage_middle(s.z)))
    low = np.interp(angle, [0, 12, 40, 75, 110, 140, 165, 180], [34, 38, 22, 12, 12, 12, 13, 9])
    high = np.interp(angle, [0, 12, 40, 75, 110, 135, 160, 180], [34, 38, 30, 28, 20, 25, 20, 9])
    up = float(smoothstep(z, -75.0, 10.0))
    shoulders = 14.0 * float(smoothstep(z, 35.0, 80.0))
    return np.asarray(low * (1.0 - up) + high * up + shoulders, dtype=np.float32)


def shoulder_muscles(s: Section, waves: Floats, grain: Floats) -> Floats:
    """Depth in the muscles about the raised arms: trapezius, cuff, deltoid, pectorals."""
    depth = np.full((len(s.ys), len(s.xs)), -60.0, dtype=np.float32)
    size = 0.3 + 0.7 * float(smoothstep(s.z, 40.0, 78.0))
    for side in (-1.0, 1.0):
        for centre, radii, angle in (
            ((30.0, 76.0), (34.0, 15.0), -16.0),
            ((76.0, 56.0), (30.0, 13.0), -34.0),
            ((72.0, 32.0), (25.0, 10.0), -30.0),
            ((117.0, 16.0), (37.0, 35.0), 0.0),
            ((70.0, -42.0), (40.0, 9.0), 24.0),
            ((36.0, 34.0), (17.0, 22.0), 10.0),
        ):
            x, y = side * centre[0], centre[1]
            one = ellipse(s.x, s.y, (x, y), (radii[0] * size, radii[1] * size), angle_deg=side * angle)
            np.maximum(depth, one - 0.8, out=depth)
    return np.asarray(depth + 1.5 * waves + 0.7 * grain, dtype=np.float32)


def paint_muscles(image: Floats, s: Section, body: Floats, waves: Floats, grain: Floats) -> None:
    """Erector spinae with fat around, and fat of the axillae with a few small nodes."""
    z = s.z
    for side in (-1.0, 1.0):
        erector = ellipse(s.x, s.y, (side * 27.0, 93.0), (23.0, 10.5), angle_deg=side * 14.0)
        erector = np.asarray(np.minimum(erector + 0.8 * waves, body - 5.0), dtype=np.float32)
        fade(image, FAT, 0.8 * inside(1.0 - np.abs(erector)))
        streaks = inside(0.35 - np.abs(grain * 1.6)) * inside(erector - 1.0)
        fade(image, -20.0, 0.55 * streaks)
        size = float(smoothstep(z, -25.0, 40.0) * smoothstep(z, 92.0, 70.0))
        if size > 0.05:
            centre = (side * (cage_width(z) + 15.0 - 0.14 * z), 4.0 + 0.05 * z)
            axilla = ellipse(s.x, s.y, centre, (13.0 * size, 30.0 * size), angle_deg=side * 14.0)
            fade(
                image,
                FAT + 6.0 * grain,
                inside(np.asarray(axilla + 2.5 * waves + 1.5 * grain, dtype=np.float32)),
            )


def vertebra_height(number: int) -> float:
    """z of the middle of thoracic vertebra `number` (8, 9 … go down; 0 is C7)."""
    n = number - 1
    return 97.0 - 22.0 * n - 0.38 * n * n


def spine_line(z: float) -> float:
    """y of the middle of the vertebral bodies: the thoracic kyphosis."""
    return 57.0 - 10.0 * ((z + 40.0) / 140.0) ** 2


def cage_point(z: float, angle_deg: float, side: float, offset: float) -> tuple[float, float, float]:
    """A point `offset` mm outside the inner surface of the cage; the angle runs from behind to in front."""
    angle = np.deg2rad(angle_deg)
    power = 2.0 / CAGE_POWER
    u, v = np.sin(angle), np.cos(angle)
    x = (cage_width(z) + offset) * abs(u) ** power
    y = cage_middle(z) + (cage_depth(z) + offset) * np.sign(v) * abs(v) ** power
    return float(side * x), float(y), z


@cache
def ribs() -> tuple[list[Tube], list[Tube]]:
    """Ribs and costal cartilages of both sides."""
    drops = (30.0, 46.0, 60.0, 74.0, 86.0, 95.0, 100.0, 98.0, 92.0, 84.0, 58.0, 34.0)
    ends = (132.0, 138.0, 138.0, 138.0, 136.0, 132.0, 126.0, 118.0, 110.0, 100.0, 76.0, 54.0)
    meets = (46.0, 30.0, 6.0, -16.0, -38.0, -58.0, -74.0)
    bone: list[Tube] = []
    soft: list[Tube] = []
    for side in (-1.0, 1.0):
        for n in range(12):
            top = vertebra_height(n + 1) + 5.0
            back = spine_line(top)
            points = [(side * 17.0, back + 8.0, top), (side * 30.0, back + 19.0, top)]
            for angle in np.linspace(34.0, ends[n], 26):
                t = (angle - 34.0) / (ends[n] - 34.0)
                points.append(cage_point(top - drops[n] * (0.75 * t + 0.25 * t * t) - 2.0, angle, side, 5.0))
            line = curve(points, 60)
            bone += path(line, [3.0 + 0.5 * np.sin(np.pi * k / 59) for k in range(60)], flatten=1.75)
            if n < len(meets):
                end = points[-1]
                front = cage_middle(meets[n]) - cage_depth(meets[n]) - 7.0
                joint = (side * (27.0 if n == 0 else 18.0), front, meets[n])
                mid = cage_point((end[2] + joint[2]) / 2 - 6.0, (ends[n] + 172.0) / 2, side, 6.0)
                soft += path(curve([end, mid, joint], 14), [3.9] * 14, flatten=1.5)
    return bone, soft


@cache
def girdle() -> list[Tube]:
    """Clavicles, scapulae and proximal humeri with the arms raised."""
    tubes: list[Tube] = []
    for side in (-1.0, 1.0):
        clavicle = [(24, -72, 50), (48, -66, 62), (80, -34, 78), (96, -6, 88)]
        tubes += path(curve([(side * x, y, z) for x, y, z in clavicle], 16), [6.5] + [5.2] * 14 + [6.0])
        for z in np.arange(-48.0, 78.0, 5.0):
            t = (z + 48.0) / 126.0
            first, last = 44.0 - 12.0 * t, 50.0 + 24.0 * np.sqrt(t)
            angles = np.linspace(first, last, 7)
            blade = [cage_point(z, angle, side, 19.0 + 3.0 * np.sin(np.pi * k / 6)) for k, angle in enumerate(angles)]
            tubes += path(blade, [2.4, 1.5, 1.4, 1.4, 1.6, 2.4, 4.2], flatten=2.0)
        ridge = [
            cage_point(46.0, 44.0, side, 24.0),
            (side * 96, 66, 62),
            (side * 112, 46, 80),
            (side * 112, 14, 92),
        ]
        tubes += path(curve(ridge, 14), [2.4] * 8 + [4.0] * 6, flatten=1.3)
        tubes += path([cage_point(72.0, 74.0, side, 20.0), (side * 92, 28, 86)], [5.0, 10.5])
        tubes += path([(side * 117, 16, 97), (side * 119, 15, 99)], [21.0, 21.0])
        tubes += path([(side * 119, 14, 104), (side * 126, 8, 150)], [13.0, 11.5])
    return tubes


@cache
def arches() -> list[Tube]:
    """Pedicles, laminae, transverse and spinous processes."""
    tubes: list[Tube] = []
    for number in range(0, 14):
        z = vertebra_height(number)
        y = spine_line(z)
        for side in (-1.0, 1.0):
            tubes += path([(side * 12, y + 10, z + 4), (side * 13, y + 22, z + 4)], [3.9, 4.3], flatten=1.5)
            tubes += path([(side * 14, y + 22, z + 4), (side * 31, y + 29, z + 6)], [4.6, 4.2], flatten=1.3)
            tubes += path([(side * 13, y + 23, z + 2), (side * 2, y + 33, z - 6)], [3.2, 3.4], flatten=2.3)
        tubes += path([(0, y + 33, z - 6), (0, y + 45, z - 18)], [3.4, 3.0], flatten=2.0)
    return tubes


def paint_bone(image: Floats, depth: Floats, shell_mm: float, marrow: float | Floats) -> None:
    """A cortex `shell_mm` thick around marrow."""
    fade(image, CORTEX, inside(depth))
    fade(image, marrow, inside(depth - shell_mm, 0.7))


def paint_skeleton(image: Floats, s: Section, grain: Floats) -> None:
    """Spine with discs and canal, ribs, cartilages, sternum, shoulder girdle."""
    trabeculae = MARROW + 35.0 * grain
    rib, cartilage = ribs()
    fade(image, CARTILAGE + 10.0 * grain, inside(s.tubes(cartilage)))
    paint_bone(image, s.tubes(rib), 1.3, trabeculae)
    shoulder = s.tubes(girdle())
    paint_bone(image, shoulder, 1.6, np.where(shoulder > 7.0, 120.0 + 30.0 * grain, trabeculae))
    paint_sternum(image, s, trabeculae)
    paint_bone(image, s.tubes(arches()), 1.2, trabeculae)
    paint_vertebra(image, s, trabeculae, grain)


def paint_sternum(image: Floats, s: Section, trabeculae: Floats) -> None:
    """Manubrium, body and xiphoid."""
    z = s.z
    if not -92.0 < z < 56.0:
        return
    half = float(np.interp(z, [-92, -80, -60, 0, 26, 32, 48, 56], [4, 9, 17, 15, 14, 25, 30, 22]))
    front = cage_middle(z) - cage_depth(z) - 8.0
    depth = ellipse(s.x, s.y, (0.0, front), (half, 6.0), power=2.8)
    paint_bone(image, depth, 1.1, trabeculae - 50.0)


def paint_vertebra(image: Floats, s: Section, trabeculae: Floats, grain: Floats) -> None:
    """Vertebral body or disc at this height, canal and cord."""
    z = s.z
    heights = np.array([vertebra_height(n) for n in range(0, 15)])
    nearest = int(np.argmin(np.abs(heights - z)))
    pitch = 22.0 + 0.76 * nearest
    y = spine_line(z)
    off = abs(z - heights[nearest]) / pitch * 2.0
    waist = 1.0 - 0.10 * (1.0 - off**2)
    size = 14.5 + 0.35 * nearest
    depth = ellipse(s.x, s.y, (0.0, y), (size * waist, (13.0 + 0.2 * nearest) * waist), power=2.3)
    canal = ellipse(s.x, s.y, (0.0, y + 23.0), (9.2, 8.2))
    if off > 0.78:
        fade(image, 85.0 + 6.0 * grain, inside(depth))
    else:
        end_plate = 260.0 * float(smoothstep(off, 0.58, 0.72))
        paint_bone(image, depth, 1.2, np.asarray(trabeculae + end_plate, dtype=np.float32))
    fade(image, 5.0, inside(canal))
    fade(image, 38.0, inside(canal - 3.6))
