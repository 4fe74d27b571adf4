"""The column: vertebrae T10 to S5, discs, canal, cord and roots, painted on a canvas.

A vertebra has its own frame: a to the patient's left, b backwards, c upwards, from the centre of its body, in mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .phantom import curve
from .spine_canvas import MIDLINE_MM, Box, Canvas, capsule
from .spine_contrast import Tissue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Point = tuple[float, float, float]

# name, tilt in degrees (its top leans backwards), height, half width, half depth; disc below: its height
LEVELS = (
    ("T10", 9.0, 22.5, 16.5, 14.5, 5.0),
    ("T11", 11.0, 23.5, 18.0, 15.0, 5.5),
    ("T12", 12.0, 24.5, 20.0, 15.5, 6.5),
    ("L1", 12.0, 25.5, 21.0, 16.0, 8.0),
    ("L2", 9.0, 26.0, 22.0, 16.5, 9.0),
    ("L3", 3.5, 26.5, 23.0, 17.0, 10.0),
    ("L4", -5.0, 26.0, 24.0, 17.0, 10.5),
    ("L5", -18.0, 25.5, 25.0, 17.0, 10.0),
    ("S1", -38.0, 27.0, 24.0, 15.0, 3.0),
    ("S2", -45.0, 22.0, 17.0, 10.0, 2.0),
    ("S3", -38.0, 19.0, 15.0, 8.0, 2.0),
    ("S4", -20.0, 17.0, 13.0, 7.0, 2.0),
    ("S5", 5.0, 14.0, 11.0, 6.0, 2.0),
)
LUMBAR = ("L1", "L2", "L3", "L4", "L5")
NUMBERED = ("T12", *LUMBAR, "S1")
BONE = (Tissue.CORTICAL, Tissue.MARROW, Tissue.SACRAL_MARROW, Tissue.ALTERED_MARROW, Tissue.VEIN)
DISC = (Tissue.NUCLEUS, Tissue.WORN_NUCLEUS, Tissue.ANNULUS)


@dataclass(frozen=True)
class Vertebra:
    """One vertebra: its body's centre (LPS mm), tilt in degrees, and size in millimetres."""

    name: str
    centre: Point
    tilt: float
    height: float
    half_width: float
    half_depth: float
    disc: float

    @property
    def up(self) -> NDArray[np.float64]:
        """The direction of c in LPS."""
        angle = np.deg2rad(self.tilt)
        return np.array([0.0, np.sin(angle), np.cos(angle)])

    @property
    def back(self) -> NDArray[np.float64]:
        """The direction of b in LPS."""
        angle = np.deg2rad(self.tilt)
        return np.array([0.0, np.cos(angle), -np.sin(angle)])

    def at(self, a: float, b: float, c: float) -> Point:
        """Return the LPS point of (a, b, c)."""
        x, y, z = np.asarray(self.centre) + np.array([a, 0, 0]) + b * self.back + c * self.up
        return float(x), float(y), float(z)

    def frame(self, box: Box) -> tuple[Real, Real, Real]:
        """Return a, b, c of the cubes of a box."""
        dy, dz = box.y - self.centre[1], box.z - self.centre[2]
        b = dy * np.float32(self.back[1]) + dz * np.float32(self.back[2])
        c = dy * np.float32(self.up[1]) + dz * np.float32(self.up[2])
        return box.x - np.float32(self.centre[0]), b, c

    def body(self, box: Box, shrink: float = 0.0) -> NDArray[np.bool_]:
        """Return the cubes inside the body, its surface moved inwards by `shrink` millimetres."""
        a, b, c = self.frame(box)
        half = self.height / 2
        waist = 1 - 0.08 * np.clip(1 - (c / half) ** 2, 0, 1)
        wide, deep = self.half_width - shrink, self.half_depth - shrink
        flat = np.where(b > 0, 1.08, 1.0)  # the back of a body is flat
        radius = ((np.abs(a) / wide) ** 2.5 + (np.abs(b * flat) / deep) ** 2.5) ** 0.4 / waist
        plate = half - shrink - 1.4 * np.clip(1 - radius**2, 0, 1)
        inside: NDArray[np.bool_] = (radius <= 1) & (np.abs(c) <= plate)
        return inside


def _chain() -> dict[str, Vertebra]:
    """Place the bodies one under another; the centre of L3 is at y = 0, z = 0."""
    points = [np.zeros(3)]
    for upper, lower in pairwise(LEVELS):
        down = np.zeros(3)
        mean = (upper[1] + lower[1]) / 2
        for tilt, length in ((upper[1], upper[2] / 2), (mean, upper[5]), (lower[1], lower[2] / 2)):
            down -= length * np.array([0, np.sin(np.deg2rad(tilt)), np.cos(np.deg2rad(tilt))])
        points.append(points[-1] + down)
    shift = np.array([MIDLINE_MM, 0, 0]) - points[[level[0] for level in LEVELS].index("L3")]
    return {
        name: Vertebra(name, tuple((point + shift).tolist()), tilt, height, wide, deep, disc)
        for (name, tilt, height, wide, deep, disc), point in zip(LEVELS, points, strict=True)
    }


VERTEBRAE = _chain()


@dataclass(frozen=True)
class DiscPlane:
    """The middle of a disc: its name, centre (LPS mm) and the tilt of its normal in degrees."""

    name: str
    centre: Point
    tilt: float
    upper: Vertebra
    lower: Vertebra


def discs() -> Iterator[DiscPlane]:
    """Yield the discs from T10-T11 down."""
    bodies = list(VERTEBRAE.values())
    for upper, lower in pairwise(bodies):
        below = np.asarray(upper.at(0, 0, -upper.height / 2))
        above = np.asarray(lower.at(0, 0, lower.height / 2))
        x, y, z = ((below + above) / 2).tolist()
        yield DiscPlane(f"{upper.name}-{lower.name}", (x, y, z), (upper.tilt + lower.tilt) / 2, upper, lower)


def _sac_points() -> tuple[Real, Real]:
    anchors = []
    for vertebra in VERTEBRAE.values():
        if vertebra.name not in ("S3", "S4", "S5"):
            anchors.append(vertebra.at(0, vertebra.half_depth + 8.3, 0)[1:])
    anchors.append(VERTEBRAE["S3"].at(0, 12.0, 0)[1:])
    anchors.insert(0, (anchors[0][0] + 10.0, anchors[0][1] + 40.0))
    way = curve(anchors, 240)[::-1]
    return np.asarray(way[:, 1], np.float32), np.asarray(way[:, 0], np.float32)


_SAC_Z, _SAC_Y = _sac_points()
INDENTED_MM = VERTEBRAE["L3"].centre[2] - 4.0  # where the sac is pressed most


def sac_y(z: Real) -> Real:
    """Return y of the middle of the sac at the heights z (mm)."""
    return np.asarray(np.interp(z, _SAC_Z, _SAC_Y), np.float32)


def _sac_size(z: Real) -> tuple[Real, Real]:
    """Return the half axes of the sac, lateral and anteroposterior, at the heights z."""
    end = VERTEBRAE["S2"].centre[2]
    taper = np.clip((z - end + 6) / 60.0, 0.0, 1.0) ** 0.6
    return np.asarray(8.8 * taper, np.float32), np.asarray(7.2 * taper * np.where(z < -70, 1.15, 1), np.float32)


def paint_column(canvas: Canvas) -> None:
    """Paint canal, discs and vertebrae, and note the centres of what can be counted."""
    _paint_canal(canvas)
    for disc in discs():
        _paint_disc(canvas, disc)
        canvas.centres[f"disc {disc.name}"] = disc.centre
    for shrink, sacral, bony in ((0.0, Tissue.CORTICAL, Tissue.CORTICAL), (1.2, Tissue.SACRAL_MARROW, Tissue.MARROW)):
        for vertebra in VERTEBRAE.values():
            if vertebra.name.startswith("S"):
                _paint_sacral(canvas, vertebra, sacral, shrink)
            else:
                paint_posterior(canvas, vertebra, bony, shrink)
    for vertebra in VERTEBRAE.values():
        _paint_body(canvas, vertebra)
        canvas.centres[f"body {vertebra.name}"] = vertebra.centre
    _paint_sacral_canal(canvas)
    _paint_ligaments(canvas)
    _paint_sac(canvas)
    paint_foramina(canvas)
    _paint_roots(canvas)


def _paint_canal(canvas: Canvas) -> None:
    box = canvas.box((MIDLINE_MM - 16, -40, float(_SAC_Z[0])), (MIDLINE_MM + 16, 100, 168))
    middle = sac_y(box.z)
    fat = ((box.x - MIDLINE_MM) / 12.5) ** 2 + ((box.y - middle - 1.2) / 10.0) ** 2 <= 1
    canvas.paint(Tissue.FAT, box, fat)


def _paint_disc(canvas: Canvas, disc: DiscPlane) -> None:
    upper, lower = disc.upper, disc.lower
    wide = (upper.half_width + lower.half_width) / 2 + 0.6
    deep = (upper.half_depth + lower.half_depth) / 2 + 0.9
    middle = Vertebra(disc.name, disc.centre, disc.tilt, upper.disc, wide, deep, 0.0)
    box = canvas.around(disc.centre, 32.0)
    a, b, c = middle.frame(box)
    radius = ((np.abs(a) / wide) ** 2.4 + (np.abs(b * np.where(b > 0, 1.06, 1)) / deep) ** 2.4) ** (1 / 2.4)
    canvas.paint(Tissue.ANNULUS, box, (radius <= 1) & (np.abs(c) <= upper.disc / 2 + 3.5))
    core = np.sqrt((a / (0.82 * wide)) ** 2 + ((b - 0.5) / (0.8 * deep)) ** 2)
    thick = upper.disc / 2 + 1.6
    kind = Tissue.WORN_NUCLEUS if disc.name in ("L5-S1", "L4-L5") else Tissue.NUCLEUS
    cleft = (np.abs(c) < 0.5) & (core < 0.45)
    canvas.paint(kind, box, (core <= 1) & (np.abs(c) <= thick - 1.5 * core**4) & ~cleft)
    canvas.paint(Tissue.WORN_NUCLEUS, box, (core <= 1.0) & (core > 0.86), over=(Tissue.NUCLEUS,))


def _paint_body(canvas: Canvas, vertebra: Vertebra) -> None:
    box = canvas.around(vertebra.centre, 34.0)
    marrow = Tissue.SACRAL_MARROW if vertebra.name.startswith("S") else Tissue.MARROW
    canvas.paint(Tissue.CORTICAL, box, vertebra.body(box))
    canvas.paint(marrow, box, vertebra.body(box, 0.95))
    a, b, c = vertebra.frame(box)
    vein = (a / 6) ** 2 + ((b - vertebra.half_depth + 2.5) / 5.5) ** 2 + (c / 1.7) ** 2 <= 1
    canvas.paint(Tissue.VEIN, box, vein, over=(marrow,))


def posterior_parts(vertebra: Vertebra) -> list[tuple[Point, Point, float, float]]:
    """Return capsules (from, to, radius, height over width) of pedicles, joints, laminae and processes."""
    deep, name = vertebra.half_depth, vertebra.name
    wide = 14.0 if name in ("T10", "T11", "T12") else 15.5 + 0.8 * (int(name[1]) - 1)
    reach = {"T10": 22.0, "T11": 20.0, "T12": 20.0, "L1": 33.0, "L2": 37.0, "L3": 42.0, "L4": 38.0, "L5": 36.0}
    parts: list[tuple[Point, Point, float, float]] = [
        (vertebra.at(0, deep + 22, -5), vertebra.at(0, deep + 42, -11), 3.4, 3.0)
    ]
    for side in (-1.0, 1.0):
        w = side * wide
        parts += [
            (vertebra.at(w, deep - 4, 4), vertebra.at(w * 1.04, deep + 9, 4), 4.0, 1.7),
            (vertebra.at(w * 1.12, deep + 11, 12), vertebra.at(w * 1.05, deep + 14, -2), 4.8, 1.0),
            (vertebra.at(w * 0.98, deep + 15, -2), vertebra.at(w * 0.9, deep + 17, -16), 4.4, 1.0),
            (vertebra.at(w * 0.9, deep + 16, -2), vertebra.at(side * 2.0, deep + 24, -5), 3.0, 2.0),
            (vertebra.at(w * 1.1, deep + 9, 4), vertebra.at(side * reach[name], deep + 12, 4), 3.4, 1.3),
        ]
    return parts


def posterior(vertebra: Vertebra, box: Box, shrink: float) -> NDArray[np.bool_]:
    """Return the cubes of a box inside the posterior elements."""
    inside = np.zeros(np.broadcast_shapes(box.x.shape, box.y.shape, box.z.shape), bool)
    for start, end, radius, tall in posterior_parts(vertebra):
        # a capsule taller than wide: squeeze z about its middle
        middle = (start[2] + end[2]) / 2
        squeezed = Box(box.slices, box.x, box.y, (box.z - middle) / np.float32(tall))
        p = (start[0], start[1], (start[2] - middle) / tall)
        q = (end[0], end[1], (end[2] - middle) / tall)
        distance, _ = capsule(squeezed, p, q)
        inside |= distance <= radius - shrink * (1.0 if tall < 1.5 else 0.85)
    return inside


def paint_posterior(canvas: Canvas, vertebra: Vertebra, tissue: Tissue, shrink: float) -> None:
    """Paint the posterior elements of one vertebra."""
    box = canvas.box(vertebra.at(-50, -5, -45), vertebra.at(50, 75, 32))
    canvas.paint(tissue, box, posterior(vertebra, box, shrink))


def _paint_sacral(canvas: Canvas, vertebra: Vertebra, tissue: Tissue, shrink: float) -> None:
    """Paint the wings and the back of one sacral segment."""
    n = int(vertebra.name[1])
    box = canvas.around(vertebra.centre, 62.0)
    a, b, c = vertebra.frame(box)
    side, half = np.abs(a), vertebra.height / 2
    reach = (54.0, 44.0, 34.0, 26.0, 18.0)[n - 1]
    lean = np.clip((side - 20) / 40, 0, 1)
    depth = (b - 6 - 8 * lean) / (15.0 - 2 * n - shrink)
    tall = (c + 5 * lean) / (half + 2.0 - shrink)
    wing = (np.abs(side / (reach - shrink)) ** 4 + np.abs(depth) ** 2.6 + np.abs(tall) ** 4) <= 1
    canvas.paint(tissue, box, wing)
    crest = (np.abs(side / (5.0 - shrink)) ** 2 + ((b - 24 + 1.5 * n) / (9.0 - shrink)) ** 2) <= 1
    canvas.paint(tissue, box, crest & (np.abs(c) <= half - 2 - shrink))
    arch_b = 23.0 - 2.2 * n + 0.0 * side - side * 0.25
    arch = (np.abs(b - arch_b) <= 3.0 - shrink) & (side <= 24 - 2 * n) & (np.abs(c) <= half + 1)
    canvas.paint(tissue, box, arch)


def _paint_sacral_canal(canvas: Canvas) -> None:
    for name in ("S1", "S2", "S3"):
        vertebra = VERTEBRAE[name]
        for side in (-1.0, 1.0):
            hole = vertebra.at(side * (21 - 2 * int(name[1])), 9, -vertebra.height / 2)
            far = vertebra.at(side * (25 - 2 * int(name[1])), -10, -vertebra.height / 2 - 4)
            canvas.tube(Tissue.FAT, [hole, far], [4.8, 5.0])
    points = [VERTEBRAE[name].at(0, VERTEBRAE[name].half_depth + 7, 0) for name in ("S1", "S2", "S3")]
    canvas.tube(Tissue.FAT, points, [8.5, 7.0, 4.5])
    canvas.tube(Tissue.FAT, [(p[0] + 4, p[1], p[2]) for p in points], [7.5, 5.5, 3.5])
    canvas.tube(Tissue.FAT, [(p[0] - 4, p[1], p[2]) for p in points], [7.5, 5.5, 3.5])


def _paint_ligaments(canvas: Canvas) -> None:
    soft = (Tissue.FAT, Tissue.MUSCLE, Tissue.SEPTUM)
    names = [level[0] for level in LEVELS[:8]]
    for name in names:
        v = VERTEBRAE[name]
        for side in (-1.0, 1.0):
            low, high = v.at(side * 9, v.half_depth + 17.5, -12), v.at(side * 1.5, v.half_depth + 21, -13)
            for drop in (0.0, -3.0, -6.0):
                canvas.tube(
                    Tissue.FASCIA,
                    [(low[0], low[1], low[2] + drop), (high[0], high[1], high[2] + drop)],
                    [1.6, 1.6],
                    over=soft,
                )
        between = [v.at(0, v.half_depth + b, -14 - 0.1 * b) for b in (25, 33, 41)]
        for drop in (2.0, 6.0, 10.0):
            canvas.tube(Tissue.SEPTUM, [(p[0], p[1], p[2] - drop) for p in between], [3.0] * 3, over=soft)
    tips = [VERTEBRAE[name].at(0, VERTEBRAE[name].half_depth + 48.5, -11) for name in names]
    canvas.tube(Tissue.FASCIA, tips, [1.3] * len(tips), over=soft)


def _paint_sac(canvas: Canvas) -> None:
    box = canvas.box((MIDLINE_MM - 14, -40, float(_SAC_Z[0])), (MIDLINE_MM + 14, 100, 168))
    wide, deep = _sac_size(box.z)
    dx = box.x - MIDLINE_MM
    radius = np.hypot(dx / np.maximum(wide, 0.1), (box.y - sac_y(box.z)) / np.maximum(deep, 0.1))
    canvas.paint(Tissue.FASCIA, box, radius <= 1.13, over=(Tissue.FAT, Tissue.SEPTUM, Tissue.FASCIA))
    canvas.paint(Tissue.CSF, box, radius <= 1.0)
    conus = VERTEBRAE["L1"].at(0, 0, -15)[2]
    size = np.clip((box.z - conus) / 26.0, 0, 1) ** 0.6
    cord = np.hypot(dx / np.maximum(4.9 * size, 0.05), (box.y - sac_y(box.z) - 0.8) / np.maximum(4.1 * size, 0.05))
    canvas.paint(Tissue.CORD, box, (cord <= 1) & (box.z > conus))


def foramen(level: str, side: float) -> Point:
    """Return the middle of a neural foramen ("L2-L3"; side +1 is left), LPS millimetres."""
    upper = VERTEBRAE[level.split("-", maxsplit=1)[0]]
    return upper.at(side * (upper.half_width - 4.0), upper.half_depth + 5.0, -upper.height / 2 - 1.5)


def paint_foramina(canvas: Canvas) -> None:
    """Paint the fat of the foramina L1-L2 to L5-S1 on both sides."""
    for name, below in zip(LUMBAR, (*LUMBAR[1:], "S1"), strict=True):
        v = VERTEBRAE[name]
        for side in (-1.0, 1.0):
            centre = foramen(f"{name}-{below}", side)
            box = canvas.around(centre, 14.0)
            a, b, c = v.frame(box)
            _, b0, c0 = 0.0, v.half_depth + 5.0, -v.height / 2 - 1.5
            a0 = side * (v.half_width - 4.0)
            fat = ((a - a0) / 10.5) ** 2 + ((b - b0) / 5.2) ** 2 + ((c - c0) / 8.5) ** 2 <= 1
            canvas.paint(Tissue.FAT, box, fat, over=(Tissue.SEPTUM, Tissue.MUSCLE, Tissue.FASCIA))


def root_path(name: str, side: float) -> list[Point]:
    """Return the exiting root of a lumbar level from the sac to the psoas, LPS millimetres."""
    v = VERTEBRAE[name]
    deep, half, wide = v.half_depth, v.height / 2, v.half_width
    return [
        v.at(side * 7.5, deep + 7, 0),
        v.at(side * (wide - 9), deep + 6, -half + 4),
        v.at(side * (wide - 3), deep + 5, -half + 0.5),
        v.at(side * (wide + 6), deep + 1, -half - 8),
        v.at(side * (wide + 12), deep - 6, -half - 24),
    ]


def _paint_roots(canvas: Canvas) -> None:
    for name in LUMBAR:
        for side in (-1.0, 1.0):
            radii = [1.3, 1.7, 2.9, 1.9, 1.6]
            soft = (Tissue.FAT, Tissue.MUSCLE, Tissue.CSF, Tissue.FASCIA, Tissue.SEPTUM)
            canvas.tube(Tissue.ROOT, root_path(name, side), radii, over=soft)
    for side in (-1.0, 1.0):
        v = VERTEBRAE["S1"]
        way = [v.at(side * 6, 20, 8), v.at(side * 15, 14, -6), v.at(side * 20, 6, -14), v.at(side * 24, -10, -22)]
        canvas.tube(Tissue.ROOT, way, [1.4, 2.2, 2.4, 2.0], over=(Tissue.FAT, Tissue.CSF))
    _paint_cauda(canvas)


def _paint_cauda(canvas: Canvas) -> None:
    """Paint the filaments that lie at the back of the sac below the conus."""
    top = VERTEBRAE["L1"].at(0, 0, -6)[2]
    ends = [VERTEBRAE[name].centre[2] for name in ("L2", "L3", "L4", "L5", "S1", "S2", "S2", "S2")]
    for n, end in enumerate(ends):
        for side in (-1.0, 1.0):
            heights = np.linspace(top, end, 14, dtype=np.float32)
            along = np.linspace(0, 1, 14)
            wide, deep = _sac_size(heights)
            a = side * (2.6 - 0.1 * n + (0.72 * wide - 2.6) * along**2 * (1.0 if n < 5 else 0.5))
            b = deep * (0.22 + 0.34 * np.sin(np.pi * np.clip(along * 1.1, 0, 1)) - 0.07 * n * along)
            wave = 0.5 * np.sin(along * 9 + 2.1 * n + side)
            b = np.minimum(b + wave, 0.85 * np.sqrt(np.clip(1 - (a / wide) ** 2, 0.05, 1)) * deep)
            points = [
                (float(MIDLINE_MM + u), float(v + w), float(h))
                for u, v, w, h in zip(a, sac_y(heights), b, heights, strict=True)
            ]
            canvas.tube(Tissue.ROOT, points, [0.72] * 14, over=(Tissue.CSF,))
