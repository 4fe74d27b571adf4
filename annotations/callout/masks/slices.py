"""What goes from slice to slice: the shapes between drawn ones, and a copy of the neighbour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from callout.errors import InputError
from callout.geometry import Floats, Grid
from callout.masks.combined import united
from callout.masks.mask import Mask
from callout.masks.millimetres import refuse_other_volume
from callout.masks.progress import Tell, quietly
from callout.masks.stroke import Bits, bounding_box

Distances = npt.NDArray[np.float32]


def interpolated(mask: Mask, grid: Grid, tell: Tell = quietly) -> Mask:
    """The mask with the empty slices between drawn ones filled; every slice that has a voxel stays as it is.

    Shape-based: between two drawn slices the signed distance in mm to their borders goes over from one to the other
    in the measure of the slices' true positions (Raya and Udupa, IEEE Trans Med Imaging 1990). Where both show one
    island each, these are laid over each other, and those between lie on the straight line from centre to centre; else
    islands go over into those that they overlap, and taper off where there are none. Nothing leaves the box of both.
    """
    refuse_other_volume(mask, grid)
    mask = mask.trimmed()
    steps = [(first, last) for first, last in pairwise(mask.slices()) if last - first > 1]
    made = []
    for n, (first, last) in enumerate(steps):
        tell(n, len(steps))
        made.append(_between(mask, grid, first, last))
    return united(mask, *made)


def copied(mask: Mask, source: int, target: int) -> Mask:
    """Slice `source` of the mask, laid into slice `target` and nothing else."""
    if not (0 <= source < mask.shape[0] and 0 <= target < mask.shape[0]):
        raise InputError(f"slices {source} and {target} are not both in a volume of {mask.shape[0]} slices")
    plane = mask.read((source, *mask.low[1:]), (source + 1, *mask.high[1:]))
    return Mask(mask.shape, (target, *mask.low[1:]), plane).trimmed()


def _between(mask: Mask, grid: Grid, first: int, last: int) -> Mask:
    """The slices between two drawn ones."""
    planes = mask.crop[[first - mask.low[0], last - mask.low[0]]]
    box = bounding_box(planes)
    assert box is not None
    one, other = planes[:, box[1], box[2]]
    way = _way(one, other)
    room = (int(abs(way[0])) + 1, int(abs(way[1])) + 1)
    before, after = (_signed(plane, room, grid) for plane in (one, other))
    heights = grid.slice_positions[first : last + 1]
    made = np.zeros((last - first - 1, *one.shape), bool)
    parts = ((heights[1:-1] - heights[0]) / (heights[-1] - heights[0])).astype(np.float32)
    onward, back = (np.rint(np.outer(part, way)).astype(int).tolist() for part in (parts, parts - 1))
    for k, part in enumerate(parts):  # before × (1 − part) + after × part > 0
        made[k] = _moved(after, room, back[k]) * part > _moved(before, room, onward[k]) * (part - 1)
    low = first + 1, mask.low[1] + box[1].start, mask.low[2] + box[2].start
    return Mask(mask.shape, low, made)


def _way(one: Bits, other: Bits) -> Floats:
    """(row, column) pixels from the centre of one island to the other's; none where either plane has several."""
    from scipy.ndimage import label

    if any(label(plane)[1] > 1 for plane in (one, other)):
        return np.zeros(2)
    way: Floats = np.argwhere(other).mean(axis=0) - np.argwhere(one).mean(axis=0)
    return way


def _signed(plane: Bits, room: tuple[int, int], grid: Grid) -> Distances:
    """mm to the border, positive inside, with some room around."""
    from scipy.ndimage import distance_transform_edt

    wide = np.pad(plane, [(n, n) for n in room])
    inside, outside = (distance_transform_edt(bits, sampling=grid.spacing[1:]) for bits in (wide, ~wide))
    return (inside - outside).astype(np.float32)


def _moved(distances: Distances, room: tuple[int, int], by: list[int]) -> Distances:
    """Distances moved by whole (row, column) pixels, without the room around them."""
    (rows, columns), (above, left) = distances.shape, room
    return distances[above - by[0] : rows - above - by[0], left - by[1] : columns - left - by[1]]
