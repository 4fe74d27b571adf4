"""A block of voxels as runs along its rows, and which runs hang together: islands without a label per voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callout.masks.mask import Index
from callout.masks.stroke import Bits

Indices = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]
PART = 200_000  # runs that are numbered in one go, in which no other thread of the program goes on


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of set voxels of a block (slices, rows, columns), in C order.

    starts, ends: (n,) rising; where a run starts and one beyond its end, counted through rows and slices that are one
    unset voxel and one unset row longer than the block's, so that no run touches what it does not adjoin.
    """

    shape: Index
    starts: Indices
    ends: Indices

    @classmethod
    def of(cls, bits: Bits) -> Runs:
        """Those of a bool (k, j, i) block."""
        slices, rows, columns = bits.shape
        padded = np.zeros(1 + slices * (rows + 1) * (columns + 1), bool)
        padded[1:].reshape(slices, rows + 1, columns + 1)[:, :rows, :columns] = bits
        edges = np.flatnonzero(padded[1:] != padded[:-1])
        return cls((slices, rows, columns), edges[::2], edges[1::2])

    def islands(self, per_slice: bool = False, corners: bool = False) -> Numbers:
        """(n,) the number of each run's island; voxels hang together by their faces, or within a slice only.

        corners: also by edges and corners.
        """
        row = self.shape[2] + 1
        next_slice = row * (self.shape[1] + 1)
        across = (next_slice - row, next_slice, next_slice + row) if corners else (next_slice,)
        pairs = [self._touching(offset, int(corners)) for offset in ((row,) if per_slice else (row, *across))]
        one, other = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        return _numbered(one, other, len(self.starts))

    def places(self) -> tuple[Indices, Indices, Indices, Indices]:
        """Four (n,): slice, row, and first and last column of each."""
        row, first = np.divmod(self.starts, self.shape[2] + 1)
        k, j = np.divmod(row, self.shape[1] + 1)
        return k, j, first, first + self.lengths - 1

    def _touching(self, offset: int, reach: int = 0) -> tuple[Indices, Indices]:
        """The pairs of runs where the second, `offset` voxels further on, lies beside the first.

        reach: how many voxels may lie between where one ends and the other begins.
        """
        first = np.searchsorted(self.ends, self.starts + offset - reach, "right")
        last = np.searchsorted(self.starts, self.ends + offset + reach, "left")
        counts = np.maximum(last - first, 0)
        one = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        return one, first[one] + within

    def at(self, index: Index) -> int | None:
        """The run that a voxel (k, j, i) belongs to; None where it is unset."""
        k, j, i = index
        place = (k * (self.shape[1] + 1) + j) * (self.shape[2] + 1) + i
        run = int(np.searchsorted(self.starts, place, "right")) - 1
        return run if run >= 0 and place < self.ends[run] else None

    @property
    def lengths(self) -> Indices:
        """(n,) how many voxels each has."""
        return self.ends - self.starts

    def bits(self, chosen: Bits) -> Bits:
        """The block, bool (k, j, i), with the chosen (n,) runs alone."""
        slices, rows, columns = self.shape
        whole = slices * (rows + 1) * (columns + 1)
        edges = np.column_stack([self.starts[chosen], self.ends[chosen]]).reshape(-1)
        lengths = np.diff(edges, prepend=0, append=whole)
        values = np.arange(len(lengths)) % 2 == 1
        return np.repeat(values, lengths).reshape(slices, rows + 1, columns + 1)[:, :rows, :columns]


def _numbered(one: Indices, other: Indices, count: int) -> Numbers:
    """(count,) the number of each run's island, of pairs of runs that touch: part by part, then across the parts."""
    if count <= PART:
        return _connected(one, other, count)[1]
    part = (one // PART).astype(np.int32)
    within = part == other // PART
    order = np.flatnonzero(within)[np.argsort(part[within], kind="stable")]
    ends = np.searchsorted(part[order], np.arange(-(-count // PART)), "right")
    numbers, known, begin = np.empty(count, np.int32), 0, 0
    for first, end in zip(range(0, count, PART), ends, strict=True):
        pairs, last = order[begin:end], min(first + PART, count)
        found, here = _connected(one[pairs] - first, other[pairs] - first, last - first)
        numbers[first:last] = here + known
        known, begin = known + found, end
    across = ~within
    return _connected(numbers[one[across]], numbers[other[across]], known)[1][numbers]


def _connected(one: npt.NDArray[Any], other: npt.NDArray[Any], count: int) -> tuple[int, Numbers]:
    """How many islands there are, and the number of each thing's, in the order of their first ones."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(count, count))
    found, numbers = connected_components(graph, directed=False)
    return int(found), numbers
