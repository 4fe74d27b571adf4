"""A stack whose slices are tilted or lie unevenly, set upright: what planes across its slices are read by. Pure.

Frame: LPS mm; (k, j, i). Such planes stand at right angles to the slices. Where each of their lines lies among the
slices is worked out once; what is on it is whole lines of voxels then, shifted along: no pixel is looked up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.geometry import EVEN_MM, Floats, Grid
from callout.masks import Mask
from callout.masks.mask import Index
from callout.masks.stroke import Bits

Voxels = npt.NDArray[Any]
Lines = npt.NDArray[np.float32]
Wholes = npt.NDArray[np.intp]
STRAIGHT = 0.25  # pixels: slices that lie no further aside are not tilted
MOST_LINES = 1024  # of an uneven stack
MOST_PIXELS = 2048  # from one end of the tilted slices to the other


@dataclass(frozen=True, eq=False)
class Upright:
    """How the lines of planes across the slices lie on a stack.

    home: the stack's grid. grid: even, its axes at right angles; slices of it are the lines, (line, j, i) the pixels,
    and its rows and columns reach as far as those of any slice.
    places: (lines, 3) native (k, j, i), with fractions, of each line's first pixel; the others lie whole steps on.
    gap: bool (lines,), where slices are missing.
    """

    home: Grid
    grid: Grid
    places: Floats
    gap: Bits

    @classmethod
    def of(cls, home: Grid) -> Upright | None:
        """None where the slices are even and lie straight above each other: their voxels are the pixels then."""
        if home.shape[0] < 3 or _is_straight(home):
            return None
        heights, ks, gap = _lines(home)
        base = home.origins[0] + heights[:, None] * _onward(home)
        places = home.indices(base).round(6)
        places[:, 0] = ks
        first, last = np.floor(-places[:, 1:]).min(axis=0), np.ceil(-places[:, 1:]).max(axis=0)
        places[:, 1:] += first
        origins = base + first[0] * home.row_step + first[1] * home.column_step
        rows, columns = (int(n) for n in np.array(home.shape[1:]) + last - first)
        grid = Grid((len(ks), rows, columns), origins, home.row_step, home.column_step, home.frame_of_reference_uid)
        return cls(home, grid, places, gap)

    @cached_property
    def _nearest(self) -> Wholes:
        """(lines, 3) the voxel nearest to each line's first pixel, were there one."""
        found = np.floor(self.places + 0.5).astype(np.intp)
        found[:, 0] = np.clip(found[:, 0], 0, self.home.shape[0] - 1)
        return found

    def voxel(self, pixel: Floats) -> Index | None:
        """The voxel nearest to (line, j, i), with fractions; None beside the slices and where some are missing."""
        line = int(np.floor(pixel[0] + 0.5))
        if not 0 <= line < len(self.places) or self.gap[line]:
            return None
        j, i = (int(n) for n in np.floor(self.places[line, 1:] + pixel[1:] + 0.5))
        inside = 0 <= j < self.home.shape[1] and 0 <= i < self.home.shape[2]
        return (int(self._nearest[line, 0]), j, i) if inside else None

    def take(self, voxels: Voxels, axis: int, at: int) -> Lines:
        """(lines, pixels) at step `at` along native axis 1 or 2, linear between voxels; see `_laid`."""
        fixed = self.places[:, axis] + at
        found = np.zeros((len(self.places), voxels.shape[3 - axis]), np.float32)
        for ats, part in _around(fixed, voxels.shape[axis]):
            if part.any():
                read = _reader(voxels, axis, ats)
                for ks, height in _around(self.places[:, 0], voxels.shape[0]):
                    if height.any():
                        found += (height * part)[:, None] * read(ks)
        inside = (fixed >= -0.5) & (fixed < voxels.shape[axis] - 0.5)
        return self._laid(found, axis, inside)

    def slab(
        self, voxels: Voxels, axis: int, steps: tuple[int, int], reduced: Callable[[Voxels, int], Voxels]
    ) -> Lines:
        """(lines, pixels) of what is taken together from the first to the last of `steps`; see `_laid`."""
        low = np.clip(self._nearest[:, axis] + steps[0], 0, voxels.shape[axis])
        high = np.clip(self._nearest[:, axis] + steps[1] + 1, 0, voxels.shape[axis])
        found = np.zeros((len(self.places), voxels.shape[3 - axis]), np.float32)
        kept: dict[tuple[int, int], Voxels] = {}
        for ks, part in _around(self.places[:, 0], voxels.shape[0]):
            for line in np.flatnonzero((part > 0) & (low < high) & ~self.gap):
                k, first, last = int(ks[line]), int(low[line]), int(high[line])
                if (k, first) not in kept:
                    block = voxels[k, first:last] if axis == 1 else voxels[k, :, first:last].T
                    kept[k, first] = reduced(np.ascontiguousarray(block), 0)
                found[line] += part[line] * kept[k, first]
        return self._laid(found, axis, low < high)

    def _laid(self, lines: Lines, axis: int, inside: Bits) -> Lines:
        """Lines of voxels moved to where they lie on a plane; −inf beside the slices, NaN where slices are missing."""
        count, starts = lines.shape[1], self.places[:, 3 - axis]
        whole = np.floor(starts)
        part = (starts - whole).astype(np.float32)[:, None]
        moved = lines
        if part.any():  # the outermost voxels are carried on by their outer half
            padded = np.concatenate([lines[:, :1], lines, lines[:, -1:]], axis=1)
            moved = padded[:, :-1] + part * np.diff(padded, axis=1)
        later = 0 if moved is lines else np.where(part[:, 0] < 0.5, 1, 0)
        begins = -self._nearest[:, 3 - axis]
        found = np.full((len(lines), self.grid.shape[3 - axis]), -np.inf, np.float32)
        for line, (begin, skip) in enumerate(zip(begins, np.broadcast_to(later, len(lines)), strict=True)):
            if inside[line]:
                found[line, begin : begin + count] = np.nan if self.gap[line] else moved[line, skip : skip + count]
        return found

    def cut(self, mask: Mask, axis: int, at: int) -> tuple[Bits, Index] | None:
        """Where a mask of the stack is cut at step `at` along native axis 1 or 2: a pixel is of it if its voxel is.

        Bits (lines, j, i), of length 1 along `axis`, and the pixel at which they begin; None where nothing is cut.
        """
        other = 3 - axis
        low, high = np.array(mask.low), np.array(mask.high)
        near = self._nearest + at * np.eye(3, dtype=np.intp)[axis]
        inside = ((near >= low) & (near < high))[:, [0, axis]].all(axis=1) & ~self.gap
        lines = np.flatnonzero(inside)
        if not lines.size:
            return None
        begins = low[other] - near[:, other]
        first, length = int(begins[lines].min()), mask.crop.shape[other]
        bits = np.zeros((lines[-1] - lines[0] + 1, int(begins[lines].max()) - first + length), bool)
        for line in lines:
            k, fixed = near[line, 0] - low[0], near[line, axis] - low[axis]
            start = begins[line] - first
            bits[line - lines[0], start : start + length] = mask.crop[k, fixed] if axis == 1 else mask.crop[k, :, fixed]
        if axis == 1:
            return bits[:, None], (int(lines[0]), at, first)
        return bits[:, :, None], (int(lines[0]), first, at)


def too_far(home: Grid) -> str:
    """Why a stack can't be set upright; "" where it can."""
    aside = home.origins - home.origins[0] - _heights(home)[:, None] * _onward(home)
    if max(float(np.ptp(aside @ step) / (step @ step)) for step in (home.row_step, home.column_step)) > MOST_PIXELS:
        return "its slices lie too far beside each other"
    if float(_heights(home)[-1]) > MOST_LINES * home.spacing[0] and not _is_even(_heights(home)):
        return "its slices lie too far from each other"
    return ""


def _onward(grid: Grid) -> Floats:
    """The LPS unit vector along the normal in which k grows."""
    rising = grid.slice_positions[-1] > grid.slice_positions[0]
    onward: Floats = grid.normal if rising else -grid.normal
    return onward


def _heights(grid: Grid) -> Floats:
    """mm of each slice along the normal, from the first one."""
    heights: Floats = np.abs(grid.slice_positions - grid.slice_positions[0])
    return heights


def _is_even(heights: Floats) -> bool:
    return float(np.abs(heights - np.linspace(0, heights[-1], len(heights))).max()) <= EVEN_MM


def _is_straight(grid: Grid) -> bool:
    heights = _heights(grid)
    aside = grid.origins - grid.origins[0] - heights[:, None] * _onward(grid)
    pixel = min(grid.spacing[1:])
    return _is_even(heights) and float(np.linalg.norm(aside, axis=1).max()) <= STRAIGHT * pixel


def _lines(grid: Grid) -> tuple[Floats, Floats, Bits]:
    """Of the lines: mm along the normal from the first slice, native k with fractions, and whether slices are missing.

    The slices themselves where they are evenly far apart; else as fine as pixels.
    """
    slices = _heights(grid)
    if _is_even(slices):
        return np.linspace(0, slices[-1], len(slices)), np.arange(float(len(slices))), np.zeros(len(slices), bool)
    steps, gaps = np.diff(slices), dict(grid.gaps)
    low = slices[0] - gaps.get(0, steps[0] / 2)
    high = slices[-1] + gaps.get(len(steps) - 1, steps[-1] / 2)
    pitch = max(min(*grid.spacing[1:], float(steps.min())), (high - low) / MOST_LINES)
    count = round((high - low) / pitch)
    heights = low + (np.arange(count) + 0.5) * (high - low) / count
    ks = np.interp(heights, slices, np.arange(len(slices)))
    gap = np.zeros(count, bool)
    for k, mm in gaps.items():
        within = (heights > slices[k]) & (heights < slices[k + 1])
        ks[within] = np.floor(ks[within] + 0.5)  # nothing is made up between these two
        gap |= within & (heights > slices[k] + mm) & (heights < slices[k + 1] - mm)
    return heights, ks, gap


def _around(places: Floats, count: int) -> Iterator[tuple[Wholes, Lines]]:
    """The whole places (n,) below and above, from 0 to `count` − 1, each with its weights (n,)."""
    inside = np.clip(places, 0, count - 1)
    low = np.floor(inside).astype(np.intp)
    part = (inside - low).astype(np.float32)
    yield low, 1 - part
    yield np.minimum(low + 1, count - 1), part


def _reader(voxels: Voxels, axis: int, ats: Wholes) -> Callable[[Wholes], Voxels]:
    """Of slices (n,), the lines (n, pixels) at steps `ats` (n,) along native axis 1 or 2."""
    if (ats == ats[0]).all():  # one plane of voxels, which lie far from each other in memory: each is read once
        plane = np.ascontiguousarray(voxels[:, ats[0]] if axis == 1 else voxels[:, :, ats[0]])
        return lambda ks: plane[ks]
    return lambda ks: voxels[ks, ats] if axis == 1 else voxels[ks, :, ats]
