"""The protocol: every series' stacks on their own grids, and how the canvas is seen through them.

Frame: LPS millimetres, voxel centres, arrays (slice, row, column).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .phantom import correlated_noise, generator
from .spine_canvas import LOWER_MM, MIDLINE_MM, STEP_MM, Canvas, Texture
from .spine_column import discs
from .spine_contrast import SCOUT, STIR, T1_TSE, T2_TSE, Sequence
from .spine_mass import (
    BODY_1,
    BODY_2,
    BODY_3,
    CANAL,
    FORAMEN_2,
    FORAMEN_3,
    HYDRO,
    IN_PSOAS,
    INDENTATION,
    PARAVERTEBRAL,
    POSTERIOR_3,
    PREVERTEBRAL,
    ROOT_2,
    ROOT_3,
    WHOLE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Real = NDArray[np.float32]
    Cells = tuple[NDArray[np.int32], ...]
    Vectors = NDArray[np.float64]

THICKNESS_MM, SPACING_MM = 4.0, 4.4
MOTION_MM = (0.6, -0.8, 1.7320508)  # how the patient lies after contrast: 2.0 mm away
CORONAL_FIRST_Y = -57.2  # so that a slice lies at y = -22, through the largest section of the mass
NOISE_COUNTS = 0.6


# Which parts the truth of a series holds: the mass, and what its figure's caption names.
_BODIES = (BODY_1, BODY_2, BODY_3)
_LOCALIZER = (WHOLE, *_BODIES)
_SAGITTAL_T2 = (PREVERTEBRAL,)
_SAGITTAL_STIR = (PREVERTEBRAL, *_BODIES, POSTERIOR_3)
_CORONAL_T1 = (WHOLE, IN_PSOAS)
_CORONAL_T1_C = (WHOLE, PARAVERTEBRAL, IN_PSOAS)
_CORONAL_STIR = (WHOLE, HYDRO)
_AXIAL_T1 = (WHOLE, IN_PSOAS, FORAMEN_2, FORAMEN_3, CANAL)
_AXIAL_STIR = (WHOLE, FORAMEN_2, FORAMEN_3, CANAL, ROOT_2, ROOT_3, INDENTATION)


@dataclass(frozen=True)
class Stack:
    """One stack: its name, `origins` (n, 3), row and column step in LPS mm, rows and columns."""

    name: str
    origins: Vectors
    row_step: Vectors
    column_step: Vectors
    shape: tuple[int, int]

    @property
    def normal(self) -> Vectors:
        """The unit vector across the slices."""
        across = np.cross(self.column_step, self.row_step)
        return np.asarray(across / np.linalg.norm(across), np.float64)


@dataclass(frozen=True)
class Protocol:
    """One DICOM series: folder, description, sequence, when it ran, and its stacks."""

    folder: str
    number: int
    description: str
    sequence: Sequence
    start: str
    enhanced: bool
    stacks: tuple[Stack, ...]
    thickness_mm: float = THICKNESS_MM
    parts: tuple[int, ...] = ()

    @property
    def localizer(self) -> bool:
        """Whether this is the localizer."""
        return self.sequence is SCOUT


def coronal(name: str, count: int, first_y: float, spacing: float, size: int, pixel: float) -> Stack:
    """Return coronal slices from front to back."""
    half = (size - 1) / 2 * pixel
    origins = np.array([[MIDLINE_MM + 2 - half, first_y + k * spacing, -4 + half] for k in range(count)])
    return Stack(name, origins, np.array([0, 0, -pixel]), np.array([pixel, 0, 0]), (size, size))


def sagittal(name: str, count: int, first_x: float, spacing: float, shape: tuple[int, int], pixel: float) -> Stack:
    """Return sagittal slices from right to left."""
    rows, columns = shape
    top, front = -4 + (rows - 1) / 2 * pixel, -8 - (columns - 1) / 2 * pixel
    origins = np.array([[first_x + k * spacing, front, top] for k in range(count)])
    return Stack(name, origins, np.array([0, 0, -pixel]), np.array([0, pixel, 0]), shape)


def axial_blocks(count: int, shape: tuple[int, int], pixel: float) -> tuple[Stack, ...]:
    """Return one block of slices along each disc L1-L2 … L5-S1, from the foot of each block upwards."""
    blocks = []
    for disc in discs():
        if disc.upper.name not in ("L1", "L2", "L3", "L4", "L5"):
            continue
        angle = np.deg2rad(disc.tilt)
        back = np.array([0.0, np.cos(angle), -np.sin(angle)])
        up = np.array([0.0, np.sin(angle), np.cos(angle)])
        middle = np.array([MIDLINE_MM + 2, -8.0, 0.0])
        middle[2] = disc.centre[2] - (middle[1] - disc.centre[1]) * up[1] / up[2]
        corner = middle - (shape[1] - 1) / 2 * pixel * np.array([1.0, 0, 0]) - (shape[0] - 1) / 2 * pixel * back
        origins = np.array([corner + (k - (count - 1) / 2) * SPACING_MM * up for k in range(count)])
        blocks.append(Stack(disc.name, origins, pixel * back, np.array([pixel, 0, 0]), shape))
    return tuple(blocks)


def protocols() -> tuple[Protocol, ...]:
    """Return the study in the order in which it was acquired."""
    cor = (coronal("coronal", 22, CORONAL_FIRST_Y, SPACING_MM, 232, 1.3),)
    sag = (sagittal("sagittal", 15, MIDLINE_MM - 26.4, SPACING_MM, (240, 184), 1.28),)
    ax = axial_blocks(4, (168, 240), 1.28)
    scout = (
        coronal("coronal", 5, -46.0, 22.0, 208, 1.6),
        sagittal("sagittal", 5, MIDLINE_MM - 24.0, 16.0, (208, 160), 1.6),
    )
    return (
        Protocol("localizer", 1, "LOCALIZER", SCOUT, "101210", False, scout, 6.0, _LOCALIZER),
        Protocol("sag_t2", 2, "SAG T2 TSE", T2_TSE, "101420", False, sag, parts=_SAGITTAL_T2),
        Protocol("sag_stir", 3, "SAG STIR", STIR, "101905", False, sag, parts=_SAGITTAL_STIR),
        Protocol("cor_t1", 4, "COR T1 TSE", T1_TSE, "102412", False, cor, parts=_CORONAL_T1),
        Protocol("cor_stir", 5, "COR STIR", STIR, "102840", False, cor, parts=_CORONAL_STIR),
        Protocol("ax_stir", 6, "AX STIR", STIR, "103401", False, ax, parts=_AXIAL_STIR),
        Protocol("cor_t1_c", 7, "COR T1 TSE +C", T1_TSE, "104318", True, cor, parts=_CORONAL_T1_C),
        Protocol("ax_t1_c", 8, "AX T1 TSE +C", T1_TSE, "104755", True, ax, parts=_AXIAL_T1),
        Protocol("cor_stir_c", 9, "COR STIR +C", STIR, "105320", True, cor, parts=_CORONAL_STIR),
    )


@dataclass(frozen=True)
class Sampler:
    """Looks at the canvas through the slices of a stack, averaging over each voxel."""

    canvas: Canvas
    texture: Texture
    through: int = 5
    within: int = 2

    def signal(self, stack: Stack, protocol: Protocol) -> Real:
        """Return noiseless counts (slice, row, column)."""
        signals, amplitudes = protocol.sequence.table(enhanced=protocol.enhanced)
        planes = []
        for k in range(len(stack.origins)):
            total = np.zeros(stack.shape, np.float32)
            for x, y, z, cells in self._samples(stack, protocol, k):
                tissue = self.canvas.tissue[cells]
                grain = self.texture.at(x, y, z)
                fine = signals[tissue] * (1 + amplitudes[tissue] * grain)
                total += _pool(fine, self.within)
            planes.append(total / self.through)
        return np.stack(planes)

    def regions(self, stack: Stack, protocol: Protocol) -> NDArray[np.uint16]:
        """Return by bit which regions fill at least half of each voxel, (slice, row, column)."""
        planes = []
        for k in range(len(stack.origins)):
            counts = np.zeros((16, *stack.shape), np.float32)
            for _, _, _, cells in self._samples(stack, protocol, k):
                bits = self.canvas.regions[cells]
                for bit in np.flatnonzero([np.any(bits & np.uint16(1 << n)) for n in range(16)]):
                    counts[bit] += _pool(((bits >> int(bit)) & 1).astype(np.float32), self.within)
            full = counts >= 0.5 * self.through
            planes.append(np.sum([full[n].astype(np.uint16) << n for n in range(16)], axis=0).astype(np.uint16))
        return np.stack(planes)

    def _samples(self, stack: Stack, protocol: Protocol, k: int) -> Iterator[tuple[Real, Real, Real, Cells]]:
        """Yield x, y, z and the cubes at sublayers of a slice, on a grid finer than its voxels."""
        n = self.within
        rows = (np.arange(stack.shape[0] * n) + 0.5) / n - 0.5
        columns = (np.arange(stack.shape[1] * n) + 0.5) / n - 0.5
        motion = np.asarray(MOTION_MM) if protocol.enhanced else np.zeros(3)
        for step in (np.arange(self.through) + 0.5) / self.through - 0.5:
            start = stack.origins[k] - motion + step * protocol.thickness_mm * stack.normal
            point = (
                start[:, None, None]
                + stack.row_step[:, None, None] * rows[None, :, None]
                + stack.column_step[:, None, None] * columns[None, None, :]
            ).astype(np.float32)
            cells = tuple(
                np.clip(np.rint((point[axis] - LOWER_MM[axis]) / STEP_MM), 0, size - 1).astype(np.int32)
                for axis, size in zip((2, 1, 0), self.canvas.tissue.shape, strict=True)
            )
            yield point[0], point[1], point[2], cells


def _pool(fine: Real, n: int) -> Real:
    rows, columns = fine.shape[0] // n, fine.shape[1] // n
    return np.asarray(fine.reshape(rows, n, columns, n).mean(axis=(1, 3)), np.float32)


def scanned(signal: Real, stack: Stack, protocol: Protocol) -> NDArray[np.int16]:
    """Return stored values: the coil's bias, the blur of the matrix, Rician noise."""
    from scipy import ndimage

    random = generator(f"spine scanner {protocol.folder} {stack.name}")
    blur = 0.85 if protocol.localizer else 0.75
    planes = []
    for k, plane in enumerate(signal):
        seen = ndimage.gaussian_filter(plane, blur) * _coil(stack, k)
        parts = [correlated_noise(plane.shape, (0.8, 0.8), random) for _ in range(2)]
        magnitude = np.hypot(seen + NOISE_COUNTS * parts[0], NOISE_COUNTS * parts[1])
        planes.append(np.clip(np.rint(magnitude), 0, 4095).astype(np.int16))
    return np.stack(planes)


def _coil(stack: Stack, k: int) -> Real:
    """Return the sensitivity of a spine array under the patient with a body array above, nearly evened out."""
    rows = np.arange(stack.shape[0])[:, None]
    columns = np.arange(stack.shape[1])[None, :]
    x, y, z = (
        stack.origins[k][axis] + stack.row_step[axis] * rows + stack.column_step[axis] * columns for axis in range(3)
    )
    under = 0.36 * np.exp(-(((y - 105) / 75.0) ** 2))
    above = 0.12 * np.exp(-(((y + 120) / 60.0) ** 2))
    ends = 1 - 0.22 * np.clip(np.abs(z + 4) / 175.0, 0, 1) ** 4 - 0.06 * ((x - MIDLINE_MM) / 160) ** 2
    return np.asarray((0.84 + under + above) * ends, np.float32)
