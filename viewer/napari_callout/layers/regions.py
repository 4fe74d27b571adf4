"""All regions of a series as one labels array, which lies over the case: reading composes, writing draws."""

from __future__ import annotations

from types import EllipsisType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from callout.masks.stroke import Bits
from napari_callout.session.order import DisplayOrder, Index

Box = tuple[Index, Index]
Values = npt.NDArray[np.uint16]


class RegionSource(Protocol):
    """What the array asks of whoever has the regions; all boxes native (k, j, i)."""

    @property
    def active_label(self) -> int:
        """The label that is drawn with now; 0 when nothing can be drawn."""

    def shown_labels(self) -> tuple[int, ...]:
        """The labels to be seen, the active one last."""

    def read(self, label: int, low: Index, high: Index) -> Bits:
        """A copy of the label's voxels in the box."""

    def write(self, label: int, low: Index, flips: Bits) -> None:
        """Flip these voxels of the label."""

    def settle(self) -> None:
        """All flips of one assignment are written."""


class RegionArray:
    """A duck array of label values, uint16, in display order: what napari's Labels layer takes for its data.

    Where regions overlap the active one is read. What is written is compared with that, and the difference is
    drawn: a label adds to its own region and leaves what lies beneath; 0 takes away from the active region only.
    """

    ndim = 3
    dtype = np.dtype(np.uint16)

    def __init__(self, source: RegionSource, order: DisplayOrder) -> None:
        self._source, self._order = source, order
        self.shape: Index = order.shape
        self.size = int(np.prod(self.shape))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Values:
        box, rest = self._resolve(key)
        found: Values = self._read(box)[rest]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        box, rest = self._resolve(key)
        old = self._read(box)
        if not old.size:
            return
        new = old.copy()
        new[rest] = np.asarray(value)
        changed = new != old
        low, high = self._order.box_to_native(*box)
        active = self._source.active_label
        for label in (int(v) for v in np.unique(new[changed])):
            if label:
                wanted = self._order.to_native(changed & (new == label))
                self._source.write(label, low, wanted & ~self._source.read(label, low, high))
            elif active:
                self._source.write(active, low, self._order.to_native(changed & (new == 0) & (old == active)))
        self._source.settle()

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self[...] if dtype is None else self[...].astype(dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> npt.NDArray[Any]:
        return self[...]  # napari's "duplicate layer": a picture of what is drawn, which no longer draws

    def _read(self, box: Box) -> Values:
        low, high = box
        values = np.zeros([b - a for a, b in zip(low, high, strict=True)], np.uint16)
        if values.size:
            native = self._order.box_to_native(low, high)
            for label in self._source.shown_labels():
                values[self._order.to_display(self._source.read(label, *native))] = label
        return values

    def _resolve(self, key: Any) -> tuple[Box, tuple[Any, ...]]:
        """The display box that holds all that `key` asks for, and the key within that box."""
        parts = self._three(key)
        low, high, rest = [], [], []
        for part, size in zip(parts, self.shape, strict=True):
            if isinstance(part, slice):
                found = range(*part.indices(size))
                first, last = (min(found[0], found[-1]), max(found[0], found[-1]) + 1) if found else (0, 0)
                inner: Any = slice(None, None, found.step) if found else slice(0, 0)
            else:
                index = np.asarray(part)
                index = np.where(index < 0, index + size, index)
                if index.size and (index.min() < 0 or index.max() >= size):
                    raise IndexError(f"index {part} does not lie in an axis of {size}")
                first, last = (int(index.min()), int(index.max()) + 1) if index.size else (0, 0)
                inner = int(index) - first if index.ndim == 0 else index - first
            low.append(first)
            high.append(last)
            rest.append(inner)
        return ((low[0], low[1], low[2]), (high[0], high[1], high[2])), tuple(rest)

    def _three(self, key: Any) -> list[Any]:
        """One part for each axis; a mask stands for the indices at which it is true, as everywhere in numpy."""
        given = key if isinstance(key, tuple) else (key,)
        parts = [axis for part in given for axis in (np.nonzero(part) if _is_mask(part) else (part,))]
        if any(isinstance(part, EllipsisType) for part in parts):
            at = next(n for n, part in enumerate(parts) if isinstance(part, EllipsisType))
            parts[at : at + 1] = [slice(None)] * (4 - len(parts))
        parts += [slice(None)] * (3 - len(parts))
        if len(parts) > 3:
            raise IndexError(f"{len(parts)} indices for three axes")
        return parts


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray | list) and np.asarray(part).dtype == np.bool_
