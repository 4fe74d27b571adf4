"""Mediastinum and upper abdomen of the chest phantom: heart, great vessels, airways, gullet, liver, stomach, spleen.

Enhanced scan, about 60 s after contrast: blood near 170 HU, muscle near 60.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .phantom import Floats, Tube, curve, ellipse, ellipsoid, fade, inside, path, smoothstep
from .thorax_wall import FAT, MUSCLE, Section, smooth_union

BLOOD, AIR = 172.0, -985.0


def _line(points: list[tuple[float, float, float]], radii: list[float], count: int = 24) -> list[Tube]:
    """A smooth vessel through `points`, its radius running evenly through `radii`."""
    sizes = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(radii)), radii)
    return path(curve(points, count), [float(r) for r in sizes])


@cache
def arteries() -> list[Tube]:
    """The aorta and its branches."""
    tubes = _line([(2, -18, -48), (-10, -28, -28), (-15, -30, -8), (-13, -24, 14)], [15.0, 16.0, 15.5, 14.0])
    tubes += _line([(-13, -24, 14), (-5, -8, 25), (12, 14, 26), (23, 34, 16), (25, 43, -4)], [14, 13, 12.5, 12.5, 12])
    tubes += _line([(25, 43, -4), (24, 44, -60), (16, 42, -120), (4, 38, -185)], [12.0, 11.8, 11.0, 10.5])
    tubes += _line([(-7, -14, 26), (-13, -6, 55), (-20, -2, 74)], [6.5, 6.2, 6.0])
    tubes += _line([(-20, -2, 74), (-42, 2, 96), (-72, -12, 92), (-100, -20, 78)], [5.0, 4.6, 4.2, 3.8])
    tubes += _line([(-20, -2, 74), (-24, 2, 130)], [3.8, 3.6], 8)
    tubes += _line([(4, 0, 28), (12, 4, 70), (23, 2, 130)], [4.2, 3.9, 3.6])
    tubes += _line([(15, 16, 28), (22, 20, 66), (44, 8, 96), (72, -10, 92), (100, -18, 78)], [5.5, 5.0, 4.6, 4.2, 3.8])
    for side in (-1.0, 1.0):
        tubes += _line([(side * 20, -77, 30), (side * 19, -86, -20), (side * 20, -88, -90)], [1.6, 1.5, 1.3])
    return tubes


@cache
def systemic_veins() -> list[Tube]:
    """Caval, brachiocephalic and azygos veins."""
    tubes: list[Tube] = []
    tubes += _line([(-26, -18, 33), (-27, -12, 0), (-27, -10, -45)], [8.5, 9.5, 10.0])
    tubes += _line([(40, -38, 66), (20, -46, 47), (-8, -42, 40), (-25, -20, 34)], [6.0, 6.0, 6.5, 7.5])
    tubes += _line([(-34, -28, 68), (-27, -20, 34)], [7.0, 8.0], 8)
    tubes += _line([(-24, -4, -92), (-25, 8, -118), (-23, 12, -185)], [13.0, 11.5, 11.0])
    tubes += _line(
        [(-7, 43, -185), (-7, 43, -10), (-14, 32, 10), (-24, 8, 12), (-27, -8, 6)],
        [3.6, 4.0, 4.4, 4.6, 4.8],
        40,
    )
    for side in (-1.0, 1.0):
        tubes += _line([(side * 30, -10, 130), (side * 31, -20, 92), (side * 34, -32, 68)], [6.0, 6.0, 6.5])
        tubes += _line([(side * 104, -28, 70), (side * 70, -34, 78), (side * 34, -32, 68)], [4.5, 5.0, 6.0])
    return tubes


@cache
def pulmonary_vessels() -> list[Tube]:
    """Pulmonary trunk, its branches, and the central pulmonary veins."""
    tubes: list[Tube] = []
    tubes += _line([(14, -56, -58), (15, -44, -34), (17, -30, -20)], [13.0, 13.5, 13.0])
    tubes += _line([(17, -30, -20), (28, -6, -12), (42, 16, -18)], [12.0, 11.0, 9.0])
    tubes += _line([(42, 16, -18), (48, 27, -34), (50, 34, -54)], [8.5, 7.5, 6.0])
    tubes += _line([(14, -24, -22), (-8, -6, -25), (-34, 5, -29)], [11.0, 10.5, 9.0])
    tubes += _line([(-34, 5, -29), (-41, 14, -44), (-44, 24, -60)], [8.5, 7.5, 6.0])
    for side in (-1.0, 1.0):
        tubes += _line([(side * 24, 12, -52), (side * 40, 20, -56), (side * 52, 28, -62)], [7.0, 6.5, 5.5], 10)
        tubes += _line([(side * 24, -2, -42), (side * 42, -8, -34), (side * 52, -12, -26)], [7.0, 6.5, 5.0], 10)
    return tubes


@cache
def vessels() -> list[Tube]:
    """Great vessels with enhanced blood."""
    return systemic_veins() + pulmonary_vessels() + arteries()


@cache
def airways() -> list[Tube]:
    """Lumen of the trachea and the central bronchi."""
    tubes = _line([(0, 17, 140), (0, 19, 60), (1, 20, 4)], [9.0, 8.8, 9.4])
    tubes += _line(
        [(0, 20, 4), (-13, 22, -10), (-25, 24, -20), (-31, 26, -40), (-35, 29, -58)],
        [8.0, 7.4, 6.6, 5.6, 4.6],
    )
    tubes += _line([(-18, 22, -12), (-32, 20, -14), (-46, 18, -10)], [5.0, 4.8, 4.0])
    tubes += _line([(-32, 26, -42), (-48, 12, -52), (-66, -4, -60)], [3.6, 3.2, 2.4])
    tubes += _line([(0, 20, 4), (16, 24, -16), (33, 28, -30), (40, 36, -50), (44, 42, -68)], [7.6, 6.6, 6.0, 4.8, 3.8])
    tubes += _line([(32, 27, -29), (44, 18, -32), (52, 6, -34)], [4.8, 4.4, 3.4])
    return tubes


@cache
def nodes() -> list[Tube]:
    """Small lymph nodes, of normal size, in the mediastinal fat."""
    spots = [
        (-14, 4, 22),
        (-17, -6, 34),
        (12, -18, 2),
        (6, 28, -14),
        (-6, 26, -12),
        (-20, 12, 2),
        (30, -14, 10),
    ]
    rng = np.random.Generator(np.random.PCG64(71))
    return [
        Tube((x, y, z), (x + 3.0, y + 2.0, z + 1.0), r, r)
        for (x, y, z), r in zip(spots, rng.uniform(2, 3.4, 7), strict=True)
    ]


def heart_depth(s: Section) -> Floats | None:
    """Depth inside the pericardium, or None where the plane misses the heart."""
    if not -122.0 < s.z < -26.0:
        return None
    depth = ellipsoid(s.x, s.y, s.z, (42.0, -35.0, -80.0), (42.0, 41.0, 40.0))
    parts = [
        ((2.0, -54.0, -78.0), (46.0, 31.0, 39.0)),
        ((-34.0, -22.0, -74.0), (28.0, 34.0, 39.0)),
        ((3.0, 6.0, -52.0), (37.0, 20.0, 27.0)),
    ]
    for centre, radii in parts:
        depth = smooth_union(depth, ellipsoid(s.x, s.y, s.z, centre, radii), 14.0)
    return depth


def mediastinum(s: Section) -> Floats:
    """Depth inside the mediastinum: what is in it, with its fat and the tissue beside the spine."""
    z = s.z
    rows = [-90.0, -70.0, -45.0, -10.0, 15.0, 35.0, 60.0]
    middle = np.interp(s.ys, rows, [20.0, 11.0, 22.0, 29.0, 23.0, 16.0, 18.0])
    upper = np.interp(s.ys, rows, [38.0, 36.0, 36.0, 36.0, 32.0, 20.0, 18.0])
    lower = np.interp(s.ys, rows, [32.0, 24.0, 20.0, 16.0, 12.0, 12.0, 18.0])
    up, down = (float(smoothstep(z, 15.0, 75.0)), float(smoothstep(z, -25.0, -60.0)))
    half = middle * (1 - up) * (1 - down) + upper * up + lower * down
    depth = np.asarray(half[:, None] - np.abs(s.x), dtype=np.float32)
    spine = ellipse(s.x, s.y, (0.0, 72.0), (29.0, 37.0), power=2.2)
    depth = smooth_union(depth, spine, 10.0)
    depth = smooth_union(depth, s.tubes(vessels(), 40.0) + 2.4, 6.0)
    depth = smooth_union(depth, s.tubes(airways(), 40.0) + 3.2, 5.0)
    heart = heart_depth(s)
    return depth if heart is None else smooth_union(depth, heart + 3.0, 9.0)


def paint_mediastinum(image: Floats, s: Section, waves: Floats, grain: Floats) -> None:
    """The organs of the mediastinum, over its fat."""
    flank = ellipse(s.x, s.y, (0.0, 76.0), (26.0, 24.0))
    fade(image, MUSCLE, 0.9 * inside(flank))
    if s.z > 62.0:
        paint_neck(image, s, grain)
    fade(image, 60.0, inside(s.tubes(nodes())))
    paint_heart(image, s, waves, grain)
    for group, blood in (
        (systemic_veins(), BLOOD - 14.0),
        (pulmonary_vessels(), BLOOD - 4.0),
        (arteries(), BLOOD + 6.0),
    ):
        tubes = s.tubes(group, 2.0)
        fade(image, 40.0, inside(tubes + 1.2))
        fade(image, blood + 4.0 * grain, inside(tubes))
    gullet = (
        6.0 + 4.0 * np.exp(-(((s.z + 60.0) / 50.0) ** 2)) - 4.0 * float(smoothstep(s.z, 60.0, 20.0)),
        34.0,
    )
    oesophagus = ellipse(s.x, s.y, gullet, (8.0, 5.2), angle_deg=12.0)
    fade(image, 62.0, inside(oesophagus))
    if 5.0 < s.z < 60.0 or -85.0 < s.z < -60.0:
        fade(image, -500.0, 0.7 * inside(oesophagus - 3.4))
    tubes = s.tubes(airways(), 3.0)
    fade(image, 20.0, inside(tubes + 1.5))
    fade(image, AIR, inside(tubes))


def paint_neck(image: Floats, s: Section, grain: Floats) -> None:
    """Strap and scalene muscles, and the lower poles of the thyroid."""
    z = s.z
    for side in (-1.0, 1.0):
        fade(image, MUSCLE + 5.0 * grain, inside(ellipse(s.x, s.y, (side * 34.0, 28.0), (13.0, 17.0))))
        fade(
            image,
            MUSCLE,
            inside(ellipse(s.x, s.y, (side * 22.0, -28.0), (17.0, 5.0), angle_deg=side * -24.0)),
        )
        size = float(smoothstep(z, 78.0, 100.0))
        if size > 0.1:
            lobe = ellipse(s.x, s.y, (side * 16.0, 10.0), (7.5 * size, 12.0 * size))
            fade(image, 150.0, inside(lobe))


def paint_heart(image: Floats, s: Section, waves: Floats, grain: Floats) -> None:
    """Pericardium, epicardial fat, muscle and the four chambers."""
    envelope = heart_depth(s)
    if envelope is None:
        return
    z = s.z
    fade(image, 45.0, 0.7 * inside(envelope + 0.2) * inside(1.0 - envelope))
    fade(image, -95.0 + 8.0 * grain, inside(envelope - 1.0))
    septum = np.asarray(1.2 * waves, dtype=np.float32)
    left = ellipsoid(s.x, s.y, z, (43.0, -34.0, -80.0), (38.0, 37.0, 37.0)) + septum
    right = ellipsoid(s.x, s.y, z, (-1.0, -53.0, -79.0), (42.0, 25.0, 35.0)) + septum
    atrium = ellipsoid(s.x, s.y, z, (-35.0, -21.0, -74.0), (24.0, 29.0, 35.0)) + septum
    back = ellipsoid(s.x, s.y, z, (3.0, 6.0, -52.0), (34.0, 17.0, 24.0)) + septum
    for chamber, wall in ((right, 3.0), (atrium, 2.0), (back, 2.0)):
        fade(image, 110.0 + 4.0 * grain, inside(chamber))
        fade(image, BLOOD + 4.0 * grain, inside(chamber - wall, 1.2))
    fade(image, 118.0 + 4.0 * grain, inside(left))
    cavity = ellipsoid(s.x, s.y, z, (41.0, -31.0, -76.0), (25.0, 24.0, 29.0)) + 1.5 * septum
    fade(image, BLOOD + 6.0 + 4.0 * grain, inside(np.asarray(cavity, dtype=np.float32), 1.2))


def dome(s: Section) -> Floats:
    """Height of the diaphragm above each point: the lung ends there."""
    right = _dome(s, -62.0, -86.0)
    left = _dome(s, 62.0, -98.0)
    side = smoothstep(np.asarray(s.x + 0.0 * s.y, dtype=np.float32), -12.0, 12.0)
    ripple = 3.0 * np.sin(s.x / 15.0 + 1.0) * np.cos(s.y / 19.0) + 2.0 * np.sin(s.x / 8.0 - s.y / 13.0)
    return np.asarray(right * (1.0 - side) + left * side + ripple, dtype=np.float32)


def _dome(s: Section, centre: float, top: float) -> Floats:
    u = (s.x - centre) / 62.0
    v = (s.y + 22.0) / np.where(s.y > -22.0, 92.0, 72.0)
    fall = np.where(s.y > -22.0, 95.0, 42.0)
    slope = np.where(u * centre > 0, 60.0, 26.0)
    return np.asarray(top - (slope * u * u + fall * v * v), dtype=np.float32)


def central_tendon(s: Section) -> Floats:
    """Height of the diaphragm where it carries the heart, between the domes."""
    wide = np.interp(s.xs, [-45.0, -25.0, 45.0, 70.0], [-135.0, -102.0, -116.0, -150.0])
    deep = np.interp(s.ys, [-90.0, -60.0, 5.0, 25.0, 40.0], [-26.0, -4.0, 0.0, -22.0, -80.0])
    return np.asarray(wide[None, :] + deep[:, None], dtype=np.float32)


def paint_abdomen(image: Floats, s: Section, region: Floats, waves: Floats, grain: Floats) -> None:
    """Fat, liver, stomach and spleen below the diaphragm, inside `region` (coverage 0..1)."""
    z = s.z
    deep = np.asarray(np.maximum(dome(s), central_tendon(s)) - z, dtype=np.float32)
    region = region * inside(deep)
    fade(image, FAT + 6.0 * grain, region)
    fade(image, MUSCLE, region * inside(3.0 - deep))
    wide = float(np.interp(z, [-185, -130, -95], [14.0, 46.0, 56.0]))
    edge = np.asarray(wide + 0.35 * (-s.y - 20.0) - s.x + 4.0 * waves, dtype=np.float32)
    hilum = ellipse(s.x, s.y, (2.0, 38.0), (30.0, 26.0))
    liver = (
        region
        * inside(np.minimum(edge, deep - 1.5))
        * (1.0 - inside(np.asarray(hilum + 2.0 * waves, dtype=np.float32)))
    )
    fade(image, 108.0 + 5.0 * grain, liver)
    veins = _line([(-24, 6, -108), (-60, 4, -122), (-95, 18, -140)], [5.0, 4.0, 2.0])
    veins += _line([(-24, 6, -108), (-50, -30, -126), (-66, -55, -150)], [5.0, 4.0, 2.0])
    fade(image, 145.0, liver * inside(s.tubes(veins)))
    paint_stomach(image, s, region, deep, waves=waves, grain=grain)


def paint_stomach(image: Floats, s: Section, region: Floats, deep: Floats, *, waves: Floats, grain: Floats) -> None:
    """Stomach with gas over fluid, and the spleen behind it."""
    spleen = ellipsoid(s.x, s.y, s.z, (92.0, 32.0, -156.0), (27.0, 38.0, 40.0)) + 1.5 * waves
    fade(image, 118.0 + 4.0 * grain, region * inside(np.minimum(spleen, deep - 2.0)))
    stomach = ellipsoid(s.x, s.y, s.z, (66.0, -22.0, -152.0), (36.0, 44.0, 46.0)) + 2.0 * waves
    stomach = np.asarray(np.minimum(stomach, deep - 4.0), dtype=np.float32)
    fade(image, 75.0, region * inside(stomach))
    content = region * inside(stomach - 4.0)
    fade(image, 18.0 + 10.0 * grain, content)
    fade(image, -960.0, content * inside(-34.0 - np.asarray(s.y + 0.0 * s.x, dtype=np.float32)))
