"""Kidneys, ureters and great vessels; the left collecting system is dilated down to the mass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .phantom import curve
from .spine_canvas import MIDLINE_MM, Box, Canvas, Texture
from .spine_contrast import Tissue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Real = NDArray[np.float32]

OVER = (
    Tissue.FAT,
    Tissue.MUSCLE,
    Tissue.BOWEL_WALL,
    Tissue.CHYME,
    Tissue.STOOL,
    Tissue.GAS,
    Tissue.LIVER,
    Tissue.SPLEEN,
    Tissue.CORTEX,
    Tissue.MEDULLA,
    Tissue.SEPTUM,
)


@dataclass(frozen=True)
class Kidney:
    """One kidney: centre (LPS mm), side (+1 left), half axes (lateral, anteroposterior, along), lean in degrees."""

    centre: tuple[float, float, float]
    side: float
    half: tuple[float, float, float]
    lean: float
    dilated: bool

    def frame(self, box: Box) -> tuple[Real, Real, Real]:
        """Return u (away from the midline), v (backwards), w (upwards along the kidney) of the cubes."""
        turn = np.deg2rad(self.lean)
        du = self.side * (box.x - self.centre[0])
        dw = box.z - self.centre[2]
        u = np.cos(turn) * du + np.sin(turn) * dw
        w = -np.sin(turn) * du + np.cos(turn) * dw
        return np.asarray(u, np.float32), np.asarray(box.y - self.centre[1], np.float32), np.asarray(w, np.float32)

    def at(self, u: float, v: float, w: float) -> tuple[float, float, float]:
        """Return the LPS point of (u, v, w)."""
        turn = np.deg2rad(self.lean)
        du, dw = np.cos(turn) * u - np.sin(turn) * w, np.sin(turn) * u + np.cos(turn) * w
        return float(self.centre[0] + self.side * du), self.centre[1] + v, float(self.centre[2] + dw)


RIGHT_KIDNEY = Kidney((MIDLINE_MM - 70, 14.0, 34.0), -1.0, (27.0, 23.0, 52.0), 14.0, dilated=False)
LEFT_KIDNEY = Kidney((MIDLINE_MM + 97, 12.0, 72.0), 1.0, (29.0, 26.0, 55.0), 8.0, dilated=True)


def paint_kidney(canvas: Canvas, kidney: Kidney, texture: Texture, bit: int | None) -> None:
    """Paint parenchyma, sinus fat and collecting system; a dilated system is named with `bit`."""
    box = canvas.around(kidney.centre, 66.0)
    u, v, w = kidney.frame(box)
    a, b, c = kidney.half
    wobble = 0.025 * texture.at(box.x, box.y, box.z)
    radius = np.sqrt((u / a) ** 2 + (v / b) ** 2 + (w / c) ** 2) + wobble
    hilum = (u + 0.86 * a) ** 2 / 14.0**2 + (v / 11) ** 2 + (w / 15) ** 2
    whole = (radius <= 1) & (hilum > 1)
    canvas.paint(Tissue.FAT, box, radius <= 1.16, over=OVER[:6])
    canvas.paint(Tissue.CORTEX, box, whole, over=OVER)
    turn = np.arctan2(w / c, (u + 3) / a)
    lobes = np.cos(7.5 * turn + 0.6) * np.cos(2.6 * v / b)
    pyramid = (radius < 0.8) & (radius > 0.36) & (np.abs(lobes) > 0.3 + 0.75 * np.clip(0.62 - radius, -0.2, 0.4))
    canvas.paint(Tissue.MEDULLA, box, whole & pyramid, over=(Tissue.CORTEX,))
    sinus = ((u + 9) / (0.55 * a)) ** 2 + (v / (0.42 * b)) ** 2 + (w / (0.56 * c)) ** 2
    canvas.paint(Tissue.FAT, box, (sinus <= 1) & (radius <= 1.05))
    _paint_collecting(canvas, kidney, bit)
    way, radii = ureter(kidney)
    wall = [r + 0.7 for r in radii]
    canvas.tube(Tissue.BOWEL_WALL, way.tolist(), wall, over=(*OVER, Tissue.BOWEL_WALL))
    canvas.tube(Tissue.URINE, way.tolist(), radii, bit=bit)


def _paint_collecting(canvas: Canvas, kidney: Kidney, bit: int | None) -> None:
    wide = kidney.dilated
    medial, back = (-20.0, 0.0) if wide else (-19.0, 0.0)
    for w in (-31.0, -19.0, -6.0, 8.0, 20.0, 32.0):
        for v in (-6.0, 6.0) if abs(w) < 30 else (0.0,):
            out = 8.0 - 0.011 * w * w
            points = [
                kidney.at(medial + 2, back, 0.36 * w),
                kidney.at(-8 + 0.3 * out, v * 0.6, 0.8 * w),
                kidney.at(out - (1 if wide else 3), v, w),
            ]
            canvas.tube(Tissue.URINE, points, [5.5, 4.6, 7.8] if wide else [1.3, 1.0, 1.2], bit=bit)
    if wide:
        pelvis = [kidney.at(medial, back, 12), kidney.at(medial - 4, back, 0), kidney.at(medial - 7, back, -13)]
        canvas.tube(Tissue.URINE, pelvis, [7.5, 11.5, 8.5], bit=bit)
    else:
        pelvis = [kidney.at(medial + 2, back, 6), kidney.at(medial - 4, back, -4), kidney.at(medial - 8, back, -14)]
        canvas.tube(Tissue.URINE, pelvis, [2.2, 3.6, 2.2])


def ureter(kidney: Kidney) -> tuple[NDArray[np.float64], list[float]]:
    """Return the way of the ureter (n, 3) in LPS mm and its radii; the left one ends inside the mass."""
    m = MIDLINE_MM
    if kidney.dilated:
        start = kidney.at(-27, 0, -13)
        points = [start, (m + 83, 4, 43), (m + 88, -6, 28), (m + 84, -13, 14), (m + 71, -15, 2)]
        return curve(points, 30), np.interp(np.arange(30), (0, 5, 12, 23, 29), (6.5, 6.2, 5.6, 5.0, 2.0)).tolist()
    start = kidney.at(-27, 0, -14)
    points = [start, (m - 40, -16, -10), (m - 42, -22, -60), (m - 50, -28, -110), (m - 60, -20, -165)]
    return curve(points, 40), [1.7] * 40


AORTA = (
    (8, -6, 168),
    (8, -12, 120),
    (5, -34, 92),
    (0, -61, 66),
    (-1, -63, 40),
    (3, -50, 12),
    (5, -35, -12),
    (3, -29, -36),
)
CAVA = (
    (-26, -34, 168),
    (-26, -34, 125),
    (-30, -46, 95),
    (-34, -57, 66),
    (-34, -57, 42),
    (-30, -42, 12),
    (-22, -31, -14),
    (-15, -26, -46),
)


def paint_vessels(canvas: Canvas) -> None:
    """Paint aorta, vena cava and iliac vessels, lifted off L1 and L2 by the mass, empty by flow."""
    for points, radius in ((AORTA, 9.0), (CAVA, 10.5)):
        _vessel(canvas, points, radius, radius * 0.94)
    end, low = AORTA[-1], CAVA[-1]
    for side in (-1, 1):
        artery = (end, (side * 22 + 3, -30, -62), (side * 40, -26, -92), (side * 58, -38, -130), (side * 66, -48, -168))
        vein = (low, (side * 20 - 6, -22, -72), (side * 40, -14, -98), (side * 56, -26, -132), (side * 62, -36, -168))
        _vessel(canvas, vein, 7.5, 6.5)
        _vessel(canvas, artery, 6.0, 5.2)


def _vessel(canvas: Canvas, points: Sequence[tuple[float, float, float]], first: float, last: float) -> None:
    way = curve([(MIDLINE_MM + x, y, z) for x, y, z in points], 50).tolist()
    radii = np.linspace(first, last, 50)
    canvas.tube(Tissue.VESSEL_WALL, way, (radii + 0.9).tolist())
    canvas.tube(Tissue.FLOW_VOID, way, radii.tolist())
