"""A stroke: the voxels of a region that change, as a box of XOR bits.

A stroke is its own inverse, and strokes commute: a region is the XOR of all strokes that stand.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.errors import InputError

Bits = npt.NDArray[np.bool_]
LARGEST = 1 << 27  # voxels of one box; a larger change is made of several strokes


@dataclass(frozen=True)
class Stroke:
    """The voxels that flip.

    low: (k, j, i) of the box's first voxel; shape: its size in (slices, rows, columns).
    packed: the box's bits in C order, packed eight to a byte (most significant first), then deflated.
    """

    low: tuple[int, int, int]
    shape: tuple[int, int, int]
    packed: bytes

    @classmethod
    def from_bits(cls, bits: Bits, low: tuple[int, int, int] = (0, 0, 0)) -> Stroke | None:
        """The stroke that flips `bits` (bool, (k, j, i)) lying at `low`; None where no voxel is set."""
        box = bounding_box(bits)
        if box is None:
            return None
        crop = np.ascontiguousarray(bits[box])
        start = (low[0] + box[0].start, low[1] + box[1].start, low[2] + box[2].start)
        shape = (crop.shape[0], crop.shape[1], crop.shape[2])
        return cls(start, shape, zlib.compress(np.packbits(crop).tobytes(), 1))

    @classmethod
    def several_from_bits(cls, bits: Bits, low: tuple[int, int, int] = (0, 0, 0)) -> list[Stroke]:
        """The strokes that flip `bits`, cut between slices so that none is larger than a stroke may be."""
        thick = max(1, LARGEST // (bits.shape[1] * bits.shape[2]))
        slabs = ((k, bits[k : k + thick]) for k in range(0, bits.shape[0], thick))
        strokes = [cls.from_bits(slab, (low[0] + k, low[1], low[2])) for k, slab in slabs]
        return [stroke for stroke in strokes if stroke is not None]

    @property
    def bits(self) -> Bits:
        """The box as bool (k, j, i). InputError where the stored bytes are damaged."""
        count = self.shape[0] * self.shape[1] * self.shape[2]
        if count > LARGEST:
            raise InputError(f"a stroke of {self.shape} voxels is larger than any")
        inflate = zlib.decompressobj()
        try:
            data = inflate.decompress(self.packed, (count + 7) // 8 + 1)
        except zlib.error as error:
            raise InputError("a stroke's voxels can't be unpacked") from error
        if len(data) != (count + 7) // 8 or not inflate.eof or inflate.unused_data:
            raise InputError("a stroke's voxels don't fill its box")
        return np.unpackbits(np.frombuffer(data, np.uint8), count=count).view(bool).reshape(self.shape)

    @property
    def high(self) -> tuple[int, int, int]:
        """(k, j, i) one beyond the box's last voxel."""
        return (self.low[0] + self.shape[0], self.low[1] + self.shape[1], self.low[2] + self.shape[2])


def bounding_box(bits: Bits) -> tuple[slice, slice, slice] | None:
    """The smallest box, as slices of (k, j, i), that holds all set voxels; None where there are none."""
    lines: Bits = np.any(bits, axis=2)  # along the memory first: the rest is small
    slices, rows = _range(np.any(lines, axis=1)), _range(np.any(lines, axis=0))
    if slices is None or rows is None:
        return None
    columns = _range(np.any(bits[slices, rows], axis=(0, 1)))
    return None if columns is None else (slices, rows, columns)


def _range(line: npt.ArrayLike) -> slice | None:
    """From the first to the last that is set."""
    found = np.flatnonzero(line)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else None
