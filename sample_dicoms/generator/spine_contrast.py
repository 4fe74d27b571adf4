"""Contrast: what each tissue weighs in a spin echo or inversion recovery, before and after gadolinium."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Tissue(IntEnum):
    """What a cube of the canvas is made of."""

    AIR = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    FASCIA = 4
    CORTICAL = 5
    MARROW = 6
    ALTERED_MARROW = 7
    NUCLEUS = 8
    ANNULUS = 9
    CSF = 10
    CORD = 11
    ROOT = 12
    FLOW_VOID = 13
    VESSEL_WALL = 14
    CORTEX = 15
    MEDULLA = 16
    URINE = 17
    LIVER = 18
    SPLEEN = 19
    BOWEL_WALL = 20
    CHYME = 21
    GAS = 22
    LUNG = 23
    VEIN = 24
    RIM = 25
    SOLID = 26
    CORE = 27
    BLOOD = 28
    OEDEMA = 29
    WORN_NUCLEUS = 30
    SACRAL_MARROW = 31
    STOOL = 32
    SEPTUM = 33


@dataclass(frozen=True)
class Relaxation:
    """Times in milliseconds at 1.5 T, proton density 0…1, and how strongly the texture shows."""

    t1: float
    t2: float
    density: float
    t1_enhanced: float
    texture: float = 0.04


def _same(t1: float, t2: float, density: float, texture: float = 0.04) -> Relaxation:
    return Relaxation(t1, t2, density, t1, texture)


RELAXATION: dict[Tissue, Relaxation] = {
    Tissue.AIR: _same(1000, 50, 0.0, 0.0),
    Tissue.SKIN: Relaxation(700, 40, 0.6, 600),
    Tissue.FAT: _same(247, 120, 0.92, 0.035),
    Tissue.MUSCLE: Relaxation(900, 44, 0.85, 742, 0.05),
    Tissue.FASCIA: _same(700, 18, 0.25),
    Tissue.CORTICAL: _same(700, 12, 0.08),
    Tissue.MARROW: Relaxation(370, 82, 0.78, 358, 0.06),
    Tissue.SACRAL_MARROW: Relaxation(395, 82, 0.76, 385, 0.1),
    Tissue.ALTERED_MARROW: Relaxation(1150, 105, 0.86, 680, 0.11),
    Tissue.NUCLEUS: _same(1350, 125, 0.95, 0.05),
    Tissue.WORN_NUCLEUS: _same(1050, 62, 0.8, 0.08),
    Tissue.ANNULUS: _same(850, 34, 0.58, 0.05),
    Tissue.CSF: _same(4000, 1500, 1.0, 0.02),
    Tissue.CORD: _same(860, 78, 0.84, 0.02),
    Tissue.ROOT: _same(900, 80, 0.8, 0.02),
    Tissue.FLOW_VOID: _same(1200, 30, 0.05, 0.3),
    Tissue.VESSEL_WALL: Relaxation(900, 40, 0.5, 700),
    Tissue.CORTEX: Relaxation(950, 78, 0.88, 380, 0.03),
    Tissue.MEDULLA: Relaxation(1400, 92, 0.9, 640, 0.03),
    Tissue.URINE: _same(3600, 900, 1.0, 0.02),
    Tissue.LIVER: Relaxation(570, 46, 0.8, 380, 0.04),
    Tissue.SPLEEN: Relaxation(1050, 78, 0.85, 480, 0.03),
    Tissue.BOWEL_WALL: Relaxation(900, 55, 0.8, 550, 0.05),
    Tissue.CHYME: _same(1500, 130, 0.85, 0.2),
    Tissue.STOOL: _same(520, 60, 0.6, 0.25),
    Tissue.SEPTUM: Relaxation(480, 70, 0.72, 420, 0.1),
    Tissue.GAS: _same(1000, 50, 0.01, 0.0),
    Tissue.LUNG: Relaxation(1100, 25, 0.09, 900, 0.3),
    Tissue.VEIN: Relaxation(1400, 150, 0.85, 450, 0.03),
    Tissue.RIM: Relaxation(1180, 92, 0.9, 470, 0.1),
    Tissue.SOLID: Relaxation(1120, 105, 0.9, 760, 0.12),
    Tissue.CORE: _same(2300, 230, 0.94, 0.12),
    Tissue.BLOOD: _same(420, 120, 0.85, 0.15),
    Tissue.OEDEMA: Relaxation(1120, 85, 0.88, 800, 0.1),
}


@dataclass(frozen=True)
class Sequence:
    """A spin echo; with an inversion time, a STIR. Times in milliseconds, as in the header."""

    name: str
    repetition_time: float
    echo_time: float
    inversion_time: float | None
    echo_train_length: int
    flip_angle: float
    scale: float
    window: tuple[int, int]  # centre and width, the same for every series of this sequence
    sequence_name: str

    def signal(self, tissue: Relaxation, *, enhanced: bool) -> float:
        """Return the magnitude of the tissue in counts (magnitude reconstruction)."""
        t1 = tissue.t1_enhanced if enhanced else tissue.t1
        recovered = 1 - np.exp(-self.repetition_time / t1)
        if self.inversion_time is not None:
            recovered = 1 - 2 * np.exp(-self.inversion_time / t1) + np.exp(-self.repetition_time / t1)
        decayed = np.exp(-self.echo_time / tissue.t2)
        return float(self.scale * tissue.density * abs(recovered) * decayed)

    def table(self, *, enhanced: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return signal and texture amplitude by tissue number."""
        signals = [self.signal(RELAXATION[tissue], enhanced=enhanced) for tissue in Tissue]
        amplitudes = [RELAXATION[tissue].texture for tissue in Tissue]
        return np.asarray(signals, np.float32), np.asarray(amplitudes, np.float32)


T1_TSE = Sequence("T1 TSE", 550.0, 12.0, None, 3, 150.0, 185.0, (75, 150), "*tse2d1_3")
T2_TSE = Sequence("T2 TSE", 3600.0, 102.0, None, 15, 150.0, 180.0, (58, 116), "*tse2d1_15")
STIR = Sequence("STIR", 4500.0, 50.0, 160.0, 9, 150.0, 240.0, (60, 120), "*tir2d1_9")
SCOUT = Sequence("HASTE", 1100.0, 88.0, None, 128, 150.0, 240.0, (55, 110), "*h2d1_128")
