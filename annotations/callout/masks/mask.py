"""A region's voxels: a bool crop somewhere in a volume, which is all background elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from callout.errors import InputError
from callout.masks.stroke import Bits, Stroke, bounding_box

Index = tuple[int, int, int]
GROW_BY = 8  # voxels of room left around a stroke, so that the next one rarely moves the crop


@dataclass(frozen=True, eq=False)
class Mask:
    """An immutable sparse mask.

    shape: (slices, rows, columns) of the whole volume.
    low: (k, j, i) of the crop's first voxel.
    crop: bool (k, j, i), read-only.
    """

    shape: Index
    low: Index
    crop: Bits

    def __post_init__(self) -> None:
        if any(lo < 0 or lo + n > whole for lo, n, whole in zip(self.low, self.crop.shape, self.shape, strict=True)):
            raise InputError(f"a crop of {self.crop.shape} at {self.low} does not lie in a volume of {self.shape}")
        view = self.crop.view()
        view.flags.writeable = False
        object.__setattr__(self, "crop", view)

    @classmethod
    def empty(cls, shape: Index) -> Mask:
        """A mask without a voxel."""
        return cls(shape, (0, 0, 0), np.zeros((0, 0, 0), bool))

    @classmethod
    def from_array(cls, array: Bits) -> Mask:
        """The mask of a bool (k, j, i) array; only its bounding box is kept."""
        box = bounding_box(array)
        shape = (array.shape[0], array.shape[1], array.shape[2])
        if box is None:
            return cls.empty(shape)
        return cls(shape, (box[0].start, box[1].start, box[2].start), array[box].copy())

    @property
    def high(self) -> Index:
        """(k, j, i) one beyond the crop's last voxel."""
        return (
            self.low[0] + self.crop.shape[0],
            self.low[1] + self.crop.shape[1],
            self.low[2] + self.crop.shape[2],
        )

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """Where the crop lies in the volume."""
        return _box(self.low, self.high)

    @property
    def count(self) -> int:
        """How many voxels are set."""
        return int(np.count_nonzero(self.crop))

    def array(self) -> Bits:
        """The whole volume as bool (k, j, i), read-only."""
        whole = np.zeros(self.shape, bool)
        whole[self.box] = self.crop
        whole.flags.writeable = False
        return whole

    def slice(self, k: int) -> Bits:
        """Slice `k` as bool (rows, columns), read-only."""
        plane = np.zeros(self.shape[1:], bool)
        if self.low[0] <= k < self.high[0]:
            plane[self.low[1] : self.high[1], self.low[2] : self.high[2]] = self.crop[k - self.low[0]]
        plane.flags.writeable = False
        return plane

    def read(self, low: Index, high: Index) -> Bits:
        """A copy of the box [low, high), bool (k, j, i); what lies beyond the volume is False."""
        out = np.zeros(_less(high, low), bool)
        first, last = _largest(low, self.low), _smallest(high, self.high)
        if all(a < b for a, b in zip(first, last, strict=True)):
            out[_box(_less(first, low), _less(last, low))] = self._within(first, last)
        return out

    def slices(self) -> list[int]:
        """The k of every slice that has a voxel, rising."""
        return [self.low[0] + int(k) for k in np.flatnonzero(self.crop.any(axis=(1, 2)))]

    def overlaps(self, other: Mask) -> bool:
        """Whether any voxel is in both; they have the same shape."""
        low, high = _largest(self.low, other.low), _smallest(self.high, other.high)
        if any(a >= b for a, b in zip(low, high, strict=True)):
            return False
        return bool((self._within(low, high) & other._within(low, high)).any())

    def _within(self, low: Index, high: Index) -> Bits:
        """The part of the crop between two corners that lie in it."""
        part: Bits = self.crop[_box(_less(low, self.low), _less(high, self.low))]
        return part

    def trimmed(self) -> Mask:
        """The same mask with the smallest crop that holds it."""
        box = bounding_box(self.crop)
        if box is None:
            return Mask.empty(self.shape)
        low = tuple(lo + part.start for lo, part in zip(self.low, box, strict=True))
        return Mask(self.shape, (low[0], low[1], low[2]), self.crop[box])


class GrowingMask:
    """A region while it is being drawn: strokes flip voxels in place, in a crop that grows with them.

    The one mutable thing of this room; a case owns it and gives out `snapshot`s.
    """

    def __init__(self, shape: Index) -> None:
        self.shape = shape
        self._low: Index = (0, 0, 0)
        self._crop: Bits = np.zeros((0, 0, 0), bool)
        self._snapshot: Mask | None = None

    @classmethod
    def of(cls, shape: Index, strokes: Sequence[Stroke]) -> GrowingMask:
        """The region that these strokes make. InputError where one leaves the volume."""
        mask = cls(shape)
        if strokes:
            low = _index(np.min([stroke.low for stroke in strokes], axis=0).tolist())
            high = _index(np.max([stroke.high for stroke in strokes], axis=0).tolist())
            mask._refuse_outside(low, high)
            mask._grow(low, high)  # once, for all of them
            for stroke in strokes:
                mask.flip(stroke)
        return mask

    def flip(self, stroke: Stroke) -> None:
        """Flip the stroke's voxels. InputError where its box leaves the volume."""
        self._refuse_outside(stroke.low, stroke.high)
        self._flip(stroke.bits, stroke.low, stroke.high)

    def flip_bits(self, bits: Bits, low: Index) -> None:
        """Flip the voxels that are set in `bits`, bool (k, j, i), lying at `low`. InputError outside the volume."""
        box = bounding_box(bits)
        if box is not None:
            low = _index(at + part.start for at, part in zip(low, box, strict=True))
            high = _index(at + part.stop - part.start for at, part in zip(low, box, strict=True))
            self._refuse_outside(low, high)
            self._flip(bits[box], low, high)

    def _flip(self, bits: Bits, low: Index, high: Index) -> None:
        self._snapshot = None
        self._grow(low, high)
        self._crop[_box(_less(low, self._low), _less(high, self._low))] ^= bits

    def read(self, low: Index, high: Index) -> Bits:
        """A copy of the box [low, high), bool (k, j, i)."""
        out = np.zeros(_less(high, low), bool)
        first, last = _largest(low, self._low), _smallest(high, self._high)
        if all(a < b for a, b in zip(first, last, strict=True)):
            crop = self._crop[_box(_less(first, self._low), _less(last, self._low))]
            out[_box(_less(first, low), _less(last, low))] = crop
        return out

    def snapshot(self) -> Mask:
        """The region as it is now, immutable."""
        if self._snapshot is None:
            trimmed = Mask(self.shape, self._low, self._crop).trimmed()
            self._snapshot = Mask(self.shape, trimmed.low, trimmed.crop.copy())
        return self._snapshot

    def _refuse_outside(self, low: Index, high: Index) -> None:
        if min(low) < 0 or any(h > n for h, n in zip(high, self.shape, strict=True)):
            raise InputError(f"a stroke from {low} to {high} leaves the volume of {self.shape}")

    @property
    def _high(self) -> Index:
        return _index(a + n for a, n in zip(self._low, self._crop.shape, strict=True))

    def _grow(self, low: Index, high: Index) -> None:
        if self._crop.size:
            low, high = _smallest(low, self._low), _largest(high, self._high)
            if (low, high) == (self._low, self._high):
                return
        room = (0, GROW_BY, GROW_BY)
        low = _largest(_less(low, room), (0, 0, 0))
        high = _smallest(_index(a + r for a, r in zip(high, room, strict=True)), self.shape)
        self._crop, self._low = self.read(low, high), low


def _index(values: Iterable[int]) -> Index:
    k, j, i = values
    return k, j, i


def _less(a: Index, b: Index) -> Index:
    return _index(x - y for x, y in zip(a, b, strict=True))


def _smallest(a: Index, b: Index) -> Index:
    return _index(map(min, a, b))


def _largest(a: Index, b: Index) -> Index:
    return _index(map(max, a, b))


def _box(low: Index, high: Index) -> tuple[slice, slice, slice]:
    return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])
