"""A cavitating lesion: from the outer contour and the image the lumen, the wall, and what is measured on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.geometry import Grid
from callout.masks.brush import in_range
from callout.masks.combined import common, united, without
from callout.masks.diameters import Ends
from callout.masks.holes import filled
from callout.masks.islands import largest
from callout.masks.margins import places
from callout.masks.mask import Mask
from callout.masks.millimetres import refuse_other_volume
from callout.masks.stroke import Bits

Range = tuple[float, float]
GAS_HU: Range = (-float("inf"), -500.0)  # half way between air and soft tissue


@dataclass(frozen=True, eq=False)
class Cavity:
    """The parts of a cavitating lesion, in mm and mm³.

    lumen, wall: together the region inside of the outer contour.
    max_wall_mm: the longest of the shortest ways in space from the wall's outside to the lumen; wall_ends: that way's
        two ends, LPS mm, outside first. None where there is no lumen.
    gas_mm3, fluid_mm3: of the lumen; solid_mm3: of the wall. None for a single slice, whose thickness no grid tells.
    """

    lumen: Mask
    wall: Mask
    max_wall_mm: float | None
    wall_ends: Ends | None
    gas_mm3: float | None
    fluid_mm3: float | None
    solid_mm3: float | None

    def has_wall(self, voxels: npt.NDArray[np.generic], gas: Range = GAS_HU) -> bool:
        """Whether there is a lumen, and less than half of what is round it is gas: else the lumen alone was drawn."""
        return self.lumen.count > 0 and 2 * in_range(self.wall, voxels, *gas).count < self.wall.count


def cavity(
    outer: Mask,
    grid: Grid,
    voxels: npt.NDArray[np.generic],
    *,
    gas: Range = GAS_HU,
    fluid: Range | None = None,
    every: bool = False,
) -> Cavity:
    """The lumen and the wall of a lesion whose outer contour, lumen included, is drawn.

    voxels: (k, j, i), the series' own values; gas, fluid: the ranges of values that are lumen (fluid only if asked).
    every: all cavities of the lesion, else the largest.
    The lumen is closed in each slice. The outermost pixels of each slice are wall: a contour drawn a little into the
    lung adds none of its air to the lumen.
    """
    refuse_other_volume(outer, grid)
    lumen = lumen_of(outer, voxels, gas=gas, fluid=fluid, every=every)
    wall = without(outer, lumen)
    aired = in_range(lumen, voxels, *gas)
    gaseous = without(lumen, without(in_range(lumen, voxels, *fluid), aired)) if fluid else lumen
    thickest = _thickest(outer, lumen, grid)
    return Cavity(
        lumen=lumen,
        wall=wall,
        max_wall_mm=thickest and thickest[0],
        wall_ends=thickest and thickest[1],
        gas_mm3=_volume(gaseous, grid),
        fluid_mm3=_volume(without(lumen, gaseous), grid),
        solid_mm3=_volume(wall, grid),
    )


def lumen_of(
    outer: Mask,
    voxels: npt.NDArray[np.generic],
    *,
    gas: Range = GAS_HU,
    fluid: Range | None = None,
    every: bool = False,
) -> Mask:
    """The lumen alone, as `cavity` finds it: quick enough to be shown while one draws."""
    inside = Mask(outer.shape, outer.low, _inner(outer.crop))
    aired = in_range(inside, voxels, *gas)
    lumen = united(aired, in_range(inside, voxels, *fluid)) if fluid else aired
    return common(filled(lumen if every else largest(lumen)), inside)


def _inner(bits: Bits) -> Bits:
    """Without the pixels that have an unset one beside, above or below them in their slice."""
    wide = np.pad(bits, ((0, 0), (1, 1), (1, 1)))
    inner: Bits = bits & wide[:, :-2, 1:-1] & wide[:, 2:, 1:-1] & wide[:, 1:-1, :-2] & wide[:, 1:-1, 2:]
    return inner


def _thickest(outer: Mask, lumen: Mask, grid: Grid) -> tuple[float, Ends] | None:
    """The greatest distance of the lesion's surface from the lumen, centre to centre: as long as from edge to edge."""
    from scipy.spatial import KDTree

    if not lumen.count:
        return None
    near, far = places(lumen.crop, lumen.low, grid), places(_surface(outer.crop), outer.low, grid)
    gaps, nearest = (np.asarray(found) for found in KDTree(near).query(far))
    at = int(gaps.argmax())
    (a, b, c), (d, e, f) = far[at].round(3).tolist(), near[nearest[at]].round(3).tolist()
    return float(gaps[at]), ((a, b, c), (d, e, f))


def _surface(bits: Bits) -> Bits:
    """The voxels that have an unset one beside them in any direction."""
    tall = np.pad(bits, ((1, 1), (0, 0), (0, 0)))
    return bits & ~(_inner(bits) & tall[:-2] & tall[2:])


def _volume(mask: Mask, grid: Grid) -> float | None:
    """mm³ from the true positions of slices; None where the grid has one only."""
    if grid.shape[0] == 1:
        return None
    return float(mask.crop.sum(axis=(1, 2)) @ grid.voxel_volumes[mask.low[0] : mask.high[0]])
