"""Stacks of every kind for property tests: along any body axes, turned, tilted, uneven, of a single slice."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st

from callout.geometry import Floats, Grid
from callout.volume import Instance, Series

DIRECTIONS = list(product(permutations(range(3)), product((1, -1), repeat=3)))
SPACING = (5.0, 0.7, 0.9)
FRAME = "1.2.3"


def rotation(turn_deg: float, about: int) -> Floats:
    """(3, 3), about a body axis."""
    turn = np.radians(turn_deg)
    a, b = (axis for axis in range(3) if axis != about)
    matrix = np.eye(3)
    matrix[a, a] = matrix[b, b] = np.cos(turn)
    matrix[a, b], matrix[b, a] = -np.sin(turn), np.sin(turn)
    return matrix


@st.composite
def grids(
    draw: st.DrawFn, shape: tuple[int, int, int] = (3, 4, 5), turn: float = 40, even: bool = False, tilted: bool = True
) -> Grid:
    """A stack of `shape` in the frame of reference `FRAME`, turned by up to `turn`°; not `even`: gaps may differ."""
    axes, signs = draw(st.sampled_from(DIRECTIONS))
    turned = rotation(draw(st.floats(-turn, turn)), draw(st.integers(0, 2)))
    native = [turned @ (np.eye(3)[axis] * sign) for axis, sign in zip(axes, signs, strict=True)]
    gaps = [SPACING[0] * (1 if even else draw(st.sampled_from([1, 1, 0.6, 2.5]))) for _ in range(shape[0])]
    aside = draw(st.sampled_from([0.0, 0.3])) if tilted else 0.0
    along = np.cumsum([0, *gaps[1:]])[:, None]
    centre = np.array([draw(st.floats(-15, 15)) for _ in range(3)])
    origins = centre + along * native[0] + aside * along * native[1]
    return Grid(shape, origins, native[1] * SPACING[1], native[2] * SPACING[2], FRAME)


def series(name: str, grid: Grid, **fields: object) -> Series:
    """A series of that grid, of which no file is there."""
    images = tuple(Instance(f"{name}.{k}", 1, f"{name}-{k}.dcm") for k in range(grid.shape[0]))
    facts: dict[str, object] = {"modality": "CT", "number": 1, "description": name, "sop_class_uid": "1.2"}
    return Series(name, name, "study", grid=grid, instances=images, transfer_syntax="1.2", **(facts | fields))  # type: ignore[arg-type]


def numbered(grid: Grid) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Voxels of which no two are alike."""
    return np.arange(np.prod(grid.shape), dtype=np.int16).reshape(grid.shape)
