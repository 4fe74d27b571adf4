"""How much there is of a mask, in words. Pure."""

from __future__ import annotations

from callout.geometry import Grid
from callout.masks import Mask


def millilitres(mask: Mask, grid: Grid) -> float:
    """Of a mask, from the true positions of slices; 0 of a single slice, whose thickness no grid tells."""
    if grid.shape[0] == 1 or not mask.crop.size:
        return 0.0
    return float(mask.crop.sum(axis=(1, 2)) @ grid.voxel_volumes[mask.low[0] : mask.high[0]]) / 1000


def amount_text(mask: Mask, grid: Grid | None) -> str:
    """How much a mask is: "1,240 ml", "3.4 ml", "0.042 ml"; of a single slice in pixels.

    >>> amount_text(Mask.from_array(np.ones((1, 2, 3), bool)), None)
    '6 pixels'
    """
    ml = 0.0 if grid is None else millilitres(mask, grid)
    if not ml:
        return f"{mask.count} pixel{'' if mask.count == 1 else 's'}"
    return f"{ml:,.0f} ml" if ml >= 100 else f"{ml:.1f} ml" if ml >= 1 else f"{ml:.2g} ml"
