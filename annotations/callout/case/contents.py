"""What a case holds, as it stands after some edit: records, words and voxels; nothing here changes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from callout.case.edits import Edit
from callout.case.model import Region
from callout.case.records import Records
from callout.errors import CaseDamaged, InputError
from callout.masks import Mask, Stroke
from callout.masks.mask import GrowingMask, Index
from callout.masks.stroke import Bits


class Contents(Records):
    """The records of a case with their voxels: the strokes of all edits that stand, or of the first `at`."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        at: int | None,
        reader: str | None,
        blinded: bool | None,
        exclusive: bool = False,
    ) -> None:
        super().__init__(path, read_only=read_only, at=at, reader=reader, blinded=blinded, exclusive=exclusive)
        self._masks: dict[str, GrowingMask] = {}

    def mask(self, region: Region | str) -> Bits:
        """The region as bool (k, j, i) on its series' grid, read-only."""
        return self.region_mask(region).array()

    def region_mask(self, region: Region | str) -> Mask:
        """The region as a sparse mask, as it is now."""
        return self._growing(self._region(region)).snapshot()

    def read_region(self, region: Region | str, low: Index, high: Index) -> Bits:
        """A copy of the box [low, high) of a region, bool (k, j, i): what a viewer draws."""
        return self._growing(self._region(region)).read(low, high)

    def edits_of(self, region: Region | str) -> tuple[Edit, ...]:
        """The edits whose strokes the region is made of: those that stand, first one first."""
        made = {number for number, _ in self._standing(self._region(region).id)}
        return tuple(edit for edit in self._edits if edit.number in made)

    def blame(self, region: Region | str, k: int) -> npt.NDArray[np.int32]:
        """Who set the voxels of slice `k` of a region, int32 (rows, columns): the number of the edit; 0 where none is.

        Of several edits that changed a voxel it is the last that stands; `history[number - 1]` says who, when and
        with which tool.
        """
        target = self._region(region)
        slices, rows, columns = self.series_of(target.series_id).grid.shape
        if not 0 <= k < slices:
            raise InputError(f"the series has no slice {k}", target.series_id, f"choose one of 0 to {slices - 1}")
        numbers, bits = np.zeros((rows, columns), np.int32), np.zeros((rows, columns), bool)
        for number, stroke in self._standing(target.id, int(k)):  # SQLite takes numpy's integers for bytes
            box = (slice(stroke.low[1], stroke.high[1]), slice(stroke.low[2], stroke.high[2]))
            flips = stroke.bits[k - stroke.low[0]]
            numbers[box][flips] = number
            bits[box] ^= flips
        numbers[~bits] = 0
        return numbers

    def strokes_of(self, number: int) -> tuple[tuple[str, Stroke], ...]:
        """(region's id, stroke) of one edit, in the order they were made; the regions may be gone since."""
        return tuple(self._file.strokes_of_edit(number))

    # Inside ------------------------------------------------------------------------------------------------------

    def _region(self, region: Region | str) -> Region:
        return self._get(Region, region if isinstance(region, str) else region.id)

    def _growing(self, region: Region) -> GrowingMask:
        """The region's voxels: the XOR of its strokes that stand."""
        if region.id not in self._masks:
            strokes = [stroke for _, stroke in self._standing(region.id)]
            try:
                self._masks[region.id] = GrowingMask.of(self.series_of(region.series_id).grid.shape, strokes)
            except InputError as error:
                raise CaseDamaged(
                    f"region {region.id} can't be put together ({error.what})",
                    str(self.path),
                    "restore a backup, or try `callout recover`",
                ) from error
        return self._masks[region.id]

    def _standing(self, region_id: str, k: int | None = None) -> list[tuple[int, Stroke]]:
        """(edit, stroke) of a region, or of one slice of it, in order: those in force, of the history up to `at`."""
        strokes = self._file.strokes_of_region(region_id, k)
        return [(n, stroke) for n, stroke in strokes if n <= len(self._edits) and self._turns.stands(n)]
