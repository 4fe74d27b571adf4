"""The body round the column: contour, chest and abdominal wall, muscles, pelvis, bowel, liver and spleen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .phantom import curve, generator
from .spine_canvas import LOWER_MM, MIDLINE_MM, UPPER_MM, Box, Canvas, Texture, ellipsoid
from .spine_column import VERTEBRAE
from .spine_contrast import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Bools = NDArray[np.bool_]

MIDDLE_Y = -8.0
# height z, then for each muscle: distance from the midline, y, half width, half depth (mm)
PSOAS = (
    (104.0, 24, 17, 1.5, 2),
    (72.0, 31, 14, 8, 11),
    (36.0, 37, 8, 12, 15),
    (0.0, 43, 4, 17, 19),
    (-36.0, 48, 2, 20, 20),
    (-70.0, 54, -4, 18, 18),
    (-110.0, 66, -24, 16, 16),
    (-160.0, 78, -52, 15, 15),
)
ERECTOR = (
    (165.0, 32, 56, 28, 20),
    (100.0, 34, 55, 31, 22),
    (36.0, 36, 55, 34, 25),
    (0.0, 37, 55, 35, 25.5),
    (-50.0, 36, 61, 33, 21),
    (-90.0, 30, 72, 24, 13),
    (-130.0, 24, 84, 15, 7),
    (-160.0, 20, 90, 6, 3),
)
QUADRATUS = (
    (112.0, 50, 40, 3, 2),
    (60.0, 66, 35, 13, 7),
    (0.0, 77, 31, 17, 9.5),
    (-48.0, 82, 30, 13, 7),
    (-66.0, 86, 28, 4, 2.5),
)


def muscle_radius(table: tuple[tuple[float, ...], ...], box: Box, side: float) -> Real:
    """Return the radius of the cubes in units of a muscle's own rounded section (1 on its surface)."""
    rows = np.asarray(table, np.float32)[::-1]
    lateral, y, wide, deep = (np.interp(box.z, rows[:, 0], rows[:, n]).astype(np.float32) for n in (1, 2, 3, 4))
    ends = (box.z < rows[0, 0]) | (box.z > rows[-1, 0])
    across, along = (side * (box.x - MIDLINE_MM) - lateral) / wide, (box.y - y) / deep
    power = 2.5 if table is ERECTOR else 2.2
    radius = (np.abs(across) ** power + np.abs(along) ** power) ** (1 / power)
    return np.asarray(np.where(ends, np.float32(9), radius), np.float32)


def muscle_box(canvas: Canvas, table: tuple[tuple[float, ...], ...], side: float) -> Box:
    """Return the box that holds a muscle."""
    rows = np.asarray(table)
    near, far = (rows[:, 1] - rows[:, 3]).min(), (rows[:, 1] + rows[:, 3]).max()
    x = sorted((MIDLINE_MM + side * near, MIDLINE_MM + side * far))
    y = (rows[:, 2] - rows[:, 4]).min(), (rows[:, 2] + rows[:, 4]).max()
    return canvas.box((x[0] - 2, y[0] - 2, rows[:, 0].min()), (x[1] + 2, y[1] + 2, rows[:, 0].max()))


def paint_body(canvas: Canvas, texture: Texture) -> None:
    """Paint everything but column, kidneys, great vessels and mass."""
    for k, z in enumerate(canvas.axes[2]):
        _paint_slice(canvas, k, float(z))
    _paint_viscera(canvas)
    _paint_bowel(canvas)
    _paint_pelvis(canvas)
    _paint_muscles(canvas, texture)
    _paint_ribs(canvas)
    _paint_threads(canvas)


def half_sizes(z: float) -> tuple[float, float]:
    """Return half width and half depth of the body at height z."""
    waist = np.exp(-(((z - 5) / 55.0) ** 2))
    hips = np.clip((-z - 40) / 110.0, 0, 1)
    return float(151 - 8 * waist + 9 * hips), float(103 + 1.5 * hips - 3 * waist)


def _depth(canvas: Canvas, z: float) -> tuple[Real, Real, Real]:
    """Return depth under the skin along the ray from the middle, and dx, dy, on one slice (y, x)."""
    wide, deep = half_sizes(z)
    dx = (canvas.axes[0] - np.float32(MIDLINE_MM))[None, :]
    dy = (canvas.axes[1] - np.float32(MIDDLE_Y))[:, None]
    radius = ((np.abs(dx) / wide) ** 2.4 + (np.abs(dy) / deep) ** 2.6) ** (1 / 2.5)
    groove = 5.0 * np.exp(-((dx / 9.0) ** 2)) * (dy > 0)
    depth = (1 / np.maximum(radius, 0.05) - 1) * np.hypot(dx, dy) - groove
    return np.asarray(depth, np.float32), dx, dy


def _paint_slice(canvas: Canvas, k: int, z: float) -> None:
    depth, dx, dy = _depth(canvas, z)
    turn = dy / np.maximum(np.hypot(dx, dy), 1)
    low = np.clip((-z - 10) / 80, 0, 1)
    fat = 12.0 + 7 * np.clip(-turn, 0, 1) + 4 * np.clip(turn, 0, 1) + low * (8 + 4 * np.clip(turn, 0, 1))
    wall = 10.5 - 2.5 * np.clip(-turn, 0, 1) + 1.5 * np.clip((z - 60) / 40, 0, 1)
    part = canvas.tissue[k]
    part[depth > 0] = Tissue.SKIN
    part[depth > 1.8] = Tissue.FAT
    inner = depth - fat
    above = (z > _crest(dy + MIDDLE_Y) - 6) | (dy < -46)
    muscle = (inner > 0) & (inner < wall) & ~((dy > 8) & (np.abs(dx) < 70 - 6 * (z > 60))) & above
    layer = inner / wall
    gap = (np.abs(layer - 0.36) < 0.045) | (np.abs(layer - 0.68) < 0.045)
    part[muscle] = Tissue.MUSCLE
    rectus = (np.abs(dx) < 70) & (dy < 0)
    part[muscle & gap & ~rectus & (z < 85)] = Tissue.SEPTUM
    part[muscle & (np.abs(dx) < 1.5) & (dy < 0)] = Tissue.FASCIA
    _paint_lung(part, inner - wall, dy, z)


def _paint_lung(part: NDArray[np.uint8], inside: Real, dy: Real, z: float) -> None:
    recess = np.exp(-((np.maximum(inside, 0) / 20.0) ** 2))
    floor = 182 - 66 * recess * (0.3 + 0.7 * np.clip((dy + 30) / 70, 0, 1)) - 0.16 * np.maximum(dy, 0)
    part[(inside > 1.5) & (z > floor)] = Tissue.LUNG
    part[(inside > 1.5) & (z <= floor) & (z > floor - 2.5) & (z > 95)] = Tissue.MUSCLE


def _paint_viscera(canvas: Canvas) -> None:
    soft = (Tissue.FAT,)
    for tissue, centre, half in (
        (Tissue.LIVER, (-64.0, -26.0, 130.0), (84.0, 84.0, 88.0)),
        (Tissue.LIVER, (-10.0, -62.0, 135.0), (62.0, 38.0, 38.0)),
        (Tissue.SPLEEN, (106.0, 22.0, 142.0), (27.0, 42.0, 40.0)),
    ):
        middle = (MIDLINE_MM + centre[0], centre[1], centre[2])
        box = canvas.box(
            [m - h for m, h in zip(middle, half, strict=True)], [m + h for m, h in zip(middle, half, strict=True)]
        )
        canvas.paint(tissue, box, _well_inside(canvas, box) & (ellipsoid(box, middle, half) <= 1), over=soft)
    _paint_liver_vessels(canvas)


def _well_inside(canvas: Canvas, box: Box) -> Bools:
    """Return where the cubes are under the wall of the abdomen."""
    wide, deep = 151.0 - 30.0, 103.0 - 30.0
    radius = (np.abs(box.x - MIDLINE_MM) / wide) ** 2.4 + (np.abs(box.y - MIDDLE_Y) / deep) ** 2.4
    inside: Bools = np.broadcast_to(radius <= 1, canvas.tissue[box.slices].shape)
    return inside


def _paint_liver_vessels(canvas: Canvas) -> None:
    random = generator("spine liver vessels")
    for _ in range(16):
        start = np.array([MIDLINE_MM - 30, -20, 130]) + random.normal(0, 8, 3)
        end = np.array([MIDLINE_MM - 85, -25, 115]) + random.normal(0, 32, 3)
        bend = (start + end) / 2 + random.normal(0, 7, 3)
        canvas.tube(Tissue.FLOW_VOID, [start, bend, end], [3.2, 2.2, 1.0], over=(Tissue.LIVER,))


def _loop(canvas: Canvas, points: NDArray[np.float64], radius: float, content: Tissue) -> None:
    """Paint one bowel loop with its wall and folds."""
    way = curve(points.tolist(), 26)
    ripple = 1 + 0.1 * np.sin(np.arange(26) * 2.1)
    radii = (radius * ripple).tolist()
    soft = (Tissue.FAT, Tissue.CHYME, Tissue.STOOL, Tissue.GAS, Tissue.BOWEL_WALL)
    canvas.tube(Tissue.BOWEL_WALL, way.tolist(), radii, over=soft)
    lumen = [r - 1.9 for r in radii]
    canvas.tube(content, way.tolist(), lumen, over=(Tissue.BOWEL_WALL,))
    if content == Tissue.CHYME and radius > 9:  # gas rises to the front
        front = way - np.array([0, 0.55 * radius, 0])
        canvas.tube(Tissue.GAS, front.tolist(), [0.5 * r for r in lumen], over=(Tissue.CHYME,))


def _paint_bowel(canvas: Canvas) -> None:
    random = generator("spine bowel")
    for n in range(64):
        start = np.array(
            [
                MIDLINE_MM + random.uniform(-92, 92),
                random.uniform(-66, -48),
                random.uniform(-165, 70),
            ]
        )
        steps = np.cumsum(random.normal(0, (17, 6, 15), (4, 3)), axis=0)
        points = start + steps
        points[:, 1] = np.clip(points[:, 1], -68, -46)
        points[:, 0] = np.clip(points[:, 0], MIDLINE_MM - 90, MIDLINE_MM + 90)
        _loop(canvas, points, float(random.uniform(7, 11.5)), (Tissue.CHYME, Tissue.CHYME, Tissue.STOOL)[n % 3])
    colon = (
        ([(-88, -38, -120), (-97, -30, -60), (-96, -34, 0), (-90, -46, 34)], 17.0),
        ([(-90, -48, 36), (-40, -64, 20), (40, -64, 40), (100, -40, 84)], 14.0),
        ([(102, -38, 88), (107, -18, 40), (106, -14, -10), (100, -28, -80), (80, -50, -140)], 12.5),
    )
    middle = np.array([MIDLINE_MM, 0.0, 0.0])
    for bends, radius in colon:
        _loop(canvas, np.asarray(bends, float) + middle, radius, Tissue.STOOL)
    stomach = np.asarray([(70, -40, 150), (62, -62, 112), (20, -72, 92)], float) + middle
    _loop(canvas, stomach, 24.0, Tissue.CHYME)


def _crest(y: Real) -> Real:
    """Return the height of the iliac crest at y."""
    return np.asarray(-42 - 0.0075 * (y - 10) ** 2, np.float32)


def _sheet(box: Box, side: float) -> tuple[Real, Bools]:
    """Return the distance from the middle of an iliac wing (outwards positive) and where the wing is."""
    lateral = side * (box.x - MIDLINE_MM)
    forward = np.clip((60 - box.y) / 110, 0, 1)
    bow = 9.0 * np.sin(forward * np.pi) + 8.0 * np.sin(np.clip((box.z + 165) / 125, 0, 1) * np.pi)
    middle = 31 + (0.75 - 0.42 * forward) * (box.z + 100) + 70 * forward**0.9 + bow
    middle = np.maximum(middle, 42 + 30 * forward)
    wing = (box.z < _crest(box.y)) & (box.y < 66) & (box.y > -56) & (lateral < 134)
    return np.asarray((lateral - middle) / 1.25, np.float32), wing


def _paint_pelvis(canvas: Canvas) -> None:
    for side in (-1.0, 1.0):
        x = sorted((MIDLINE_MM + side * 35, MIDLINE_MM + side * 158))
        box = canvas.box((x[0], -82, LOWER_MM[2]), (x[1], 98, -30))
        away, wing = _sheet(box, side)
        under = _crest(box.y) - box.z
        half = 3.4 + 4.0 * np.exp(-under / 9.0) + 4.0 * np.clip((box.y - 22) / 30, 0, 1)
        soft = (Tissue.FAT, Tissue.MUSCLE)
        round_off = np.sqrt(np.clip(1 - ((box.y - 4) / 70) ** 2, 0, 1))
        thick = 40 * round_off * np.clip((under + 4) / 60, 0, 1) ** 0.6
        glutei = (away > 0) & (away < thick) & (_under_skin(box) > 22) & (under > -4)
        canvas.paint(Tissue.MUSCLE, box, glutei & (np.abs(away - 0.5 * thick) > 0.6), over=soft)
        hollow = 18 * np.sqrt(np.clip(1 - ((box.y + 14) / 48) ** 2, 0, 1)) * np.clip(under / 40, 0, 1) ** 0.7
        canvas.paint(Tissue.MUSCLE, box, (away < 0) & (away > -hollow) & wing, over=(Tissue.FAT,))
        shell = np.abs(away)
        edge = np.clip(under / 5, 0, 1) ** 0.5 * np.clip((box.y + 56) / 6, 0, 1) ** 0.5
        canvas.paint(Tissue.CORTICAL, box, wing & (shell <= half * edge))
        canvas.paint(Tissue.SACRAL_MARROW, box, wing & (shell <= half * edge - 1.3) & (under > 1.2))


def _under_skin(box: Box) -> Real:
    radius = (np.abs(box.x - MIDLINE_MM) / 158) ** 2.4 + (np.abs(box.y - MIDDLE_Y) / 104) ** 2.6
    return np.asarray((1 - radius**0.4) * 150, np.float32)


def _paint_muscles(canvas: Canvas, texture: Texture) -> None:
    streaks = Texture.fractal("spine fat streaks", 1.6, 2)
    for side in (-1.0, 1.0):
        for table, fatty in ((ERECTOR, 1.75), (QUADRATUS, 2.7), (PSOAS, 2.9)):
            box = muscle_box(canvas, table, side)
            shape = muscle_radius(table, box, side) + 0.03 * texture.at(box.x, box.y, box.z)
            grain = streaks.at(box.x, box.y, box.z * 0.35)
            over = (Tissue.FAT, Tissue.MUSCLE, Tissue.SKIN, Tissue.BOWEL_WALL, Tissue.CHYME, Tissue.STOOL)
            canvas.paint(Tissue.MUSCLE, box, shape <= 1, over=over[:2])
            canvas.paint(Tissue.FAT, box, (shape <= 1) & (grain > fatty), over=(Tissue.MUSCLE,))
            if table is ERECTOR:
                _paint_septa(canvas, box, shape, side)
    _paint_crura(canvas)


def _paint_septa(canvas: Canvas, box: Box, shape: Real, side: float) -> None:
    lateral = side * (box.x - MIDLINE_MM)
    for place, lean in ((21.0, 0.35), (45.0, 0.25)):
        line = np.abs(lateral - place - lean * (box.y - 57) - 0.02 * box.z) < 0.8
        canvas.paint(Tissue.FAT, box, line & (shape < 0.97), over=(Tissue.MUSCLE,))


def _paint_threads(canvas: Canvas) -> None:
    """Paint the threads and small vessels that fat is never without."""
    folds = Texture.fractal("spine septa", 4.0, 2)
    x, y = canvas.axes[0][None, None, :], canvas.axes[1][None, :, None]
    for k, z in enumerate(canvas.axes[2]):
        part = canvas.tissue[k]
        ridge = np.abs(folds.at(x, y, np.full((1, 1, 1), z * 0.6, np.float32))[0])
        part[(part == Tissue.FAT) & (ridge < 0.028)] = Tissue.SEPTUM
    random = generator("spine small vessels")
    for _ in range(150):
        start = np.array(
            [
                MIDLINE_MM + random.uniform(-100, 100),
                random.uniform(-80, -20),
                random.uniform(-165, 100),
            ]
        )
        bends = start + np.cumsum(random.normal(0, (9, 5, 14), (5, 3)), axis=0)
        way = curve(bends.tolist(), 12)
        kind = Tissue.FLOW_VOID if random.uniform() < 0.5 else Tissue.SEPTUM
        canvas.tube(
            kind,
            way.tolist(),
            np.linspace(random.uniform(0.8, 1.8), 0.6, 12).tolist(),
            over=(Tissue.FAT, Tissue.SEPTUM),
        )


def _paint_crura(canvas: Canvas) -> None:
    for side in (-1.0, 1.0):
        points = [
            (MIDLINE_MM + side * lateral, y, z)
            for lateral, y, z in ((22, 4, 165), (17, -2, 120), (12, -4, 85), (9, -8, 50))
        ]
        canvas.tube(Tissue.MUSCLE, points, [4.5, 5.0, 4.5, 2.0], over=(Tissue.FAT,))


def _paint_ribs(canvas: Canvas) -> None:
    """Paint ribs 9 to 12 along the wall, sloping downwards and forwards."""
    for name, sweep, drop, extra in (
        ("T10", 2.6, 95.0, 0.0),
        ("T11", 1.55, 62.0, 0.0),
        ("T12", 0.78, 36.0, 0.0),
        ("T10", 2.9, 105.0, 31.0),
    ):
        v = VERTEBRAE[name]
        for side in (-1.0, 1.0):
            points = [v.at(side * 17, v.half_depth + 3, 5 + extra), v.at(side * 30, v.half_depth + 13, 2 + extra)]
            for step in np.linspace(0.32, sweep, 14):
                z = v.centre[2] + extra - 3 - drop * (step / sweep) ** 1.3 * (1 if sweep > 1 else 0.9)
                points.append(_on_wall(step, z, side))
            way = curve(points, 60)
            radii = [4.2] * 50 + np.linspace(4.2, 2.4, 10).tolist()
            over = (Tissue.FAT, Tissue.MUSCLE, Tissue.LUNG)
            canvas.tube(Tissue.CORTICAL, way.tolist(), radii, over=over)
            canvas.tube(Tissue.MARROW, way.tolist(), [r - 1.3 for r in radii], over=(Tissue.CORTICAL,))


def _on_wall(angle: float, z: float, side: float) -> tuple[float, float, float]:
    """Return the point of the chest wall at an angle (radians) from straight back."""
    wide, deep = half_sizes(z)
    wide, deep = wide - 20.0, deep - 27.0
    x = wide * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.83
    y = deep * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.83
    return float(MIDLINE_MM + side * x), float(MIDDLE_Y + y), float(min(z, UPPER_MM[2]))
