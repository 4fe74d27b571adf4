"""The board a panel's markers are laid out on: square cells that tell what is region, what is taken, what is near.

Frame: cells (r, c) from the panel's upper left corner; points are panel pixels (x, y), y down.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from callout.figures.display import Box, Point

Cells = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
CellIndex = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

PLATEAU = 0.92  # cells this near to the deepest one count as as deep; the one nearest to the middle is taken
RAY_STEP = 0.5  # cells
MOST_STEPS = 20_000  # along a band


class Board:
    """A panel of `size` (width, height) pixels in cells of `cell` pixels; regions: bool (rows, columns) by name."""

    def __init__(self, size: tuple[int, int], cell: int, regions: Mapping[str, Cells]) -> None:
        self.size, self.cell, self.regions = size, cell, dict(regions)
        self.shape = (-(-size[1] // cell), -(-size[0] // cell))
        self.taken: Cells = np.zeros(self.shape, bool)
        self._parts: dict[str, list[Cells]] = {}
        self._distances: dict[bytes, Floats] = {}

    def parts(self, region: str) -> list[Cells]:
        """The connected parts of a region on the panel, largest first, the upper left one first of equals."""
        from scipy import ndimage

        if region not in self._parts:
            mask = self.regions.get(region)
            labels, count = ndimage.label(np.zeros(self.shape, bool) if mask is None else mask, np.ones((3, 3)))
            sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
            self._parts[region] = [labels == n + 1 for n in np.argsort(-sizes, kind="stable")]
        return self._parts[region]

    def spot(self, point: Point) -> Cells:
        """The one cell that holds a point; the nearest one for a point beyond the panel."""
        spot = np.zeros(self.shape, bool)
        spot[self.cell_of(point)] = True
        return spot

    def others(self, region: str | None) -> Cells:
        """Where any other region lies."""
        union: Cells = np.zeros(self.shape, bool)
        for name, mask in self.regions.items():
            if name != region:
                union |= mask
        return union

    def borders(self, region: str | None) -> Cells:
        """The border cells of all other regions."""
        from scipy import ndimage

        union: Cells = np.zeros(self.shape, bool)
        for name, mask in self.regions.items():
            if name != region:
                union |= mask & ~ndimage.binary_erosion(mask, border_value=1)
        return union

    @cached_property
    def all_borders(self) -> Cells:
        """The border cells of every region."""
        return self.borders(None)

    @cached_property
    def any_region(self) -> Cells:
        """Where any region lies."""
        return self.others(None)

    @cached_property
    def room(self) -> Floats:
        """Cells to the nearest region or edge of the panel."""
        from scipy import ndimage

        return np.asarray(ndimage.distance_transform_edt(np.pad(~self.any_region, 1)), np.float64)[1:-1, 1:-1]

    def distance(self, mask: Cells) -> Floats:
        """Cells from each cell to the nearest one of a mask that has some."""
        from scipy import ndimage

        key = np.packbits(mask).tobytes()
        if key not in self._distances:
            self._distances[key] = np.asarray(ndimage.distance_transform_edt(~mask), np.float64)
        return self._distances[key]

    def cell_of(self, point: Point) -> tuple[int, int]:
        """(row, column) of the cell that holds a point, kept on the board."""
        row, column = int(point[1] // self.cell), int(point[0] // self.cell)
        return min(max(row, 0), self.shape[0] - 1), min(max(column, 0), self.shape[1] - 1)

    def middle(self, cell: tuple[int, int]) -> Point:
        """The point in the middle of a cell."""
        return (cell[1] + 0.5) * self.cell, (cell[0] + 0.5) * self.cell

    def middle_of(self, flat: int) -> Point:
        """The point in the middle of the cell with this place in the flattened board."""
        return self.middle(divmod(flat, self.shape[1]))

    def holds(self, point: Point) -> bool:
        """Whether a point lies on the panel."""
        return 0 <= point[0] <= self.size[0] and 0 <= point[1] <= self.size[1]

    def box_cells(self, box: Box) -> tuple[slice, slice]:
        """The cells that a box touches."""
        top, left = int(max(0, box.top // self.cell)), int(max(0, box.left // self.cell))
        return slice(top, max(top, int(-(-box.bottom // self.cell)))), slice(
            left, max(left, int(-(-box.right // self.cell)))
        )

    def take_box(self, box: Box) -> None:
        """Marks what a box touches as taken."""
        self.taken[self.box_cells(box)] = True

    def take_cells(self, cells: CellIndex) -> None:
        """Marks cells as taken."""
        self.taken[cells] = True

    def is_box_free(self, box: Box) -> bool:
        """Whether a box touches nothing taken."""
        return not self.taken[self.box_cells(box)].any()

    def fits(self, width: float, height: float) -> Cells:
        """Cells in whose middle a box of this size lies wholly on the panel; of a box too large, the middle cell."""
        rows, columns = ((np.arange(n) + 0.5) * self.cell for n in self.shape)
        down = (rows >= height / 2) & (rows <= self.size[1] - height / 2)
        across = (columns >= width / 2) & (columns <= self.size[0] - width / 2)
        for line in (down, across):
            if not line.any():
                line[len(line) // 2] = True
        return np.outer(down, across)

    def covered(self, mask: Cells, width: float, height: float) -> Floats:
        """The part (0…1) of a box of this size, in the middle of each cell, that a mask covers."""
        reach_y, reach_x = (int(np.ceil(side / 2 / self.cell - 0.5 + 1e-6)) for side in (height, width))
        padded = np.pad(mask, ((reach_y + 1, reach_y), (reach_x + 1, reach_x))).astype(np.int64)
        total = padded.cumsum(0).cumsum(1)
        tall, wide = 2 * reach_y + 1, 2 * reach_x + 1
        count = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
        part: Floats = count / (tall * wide)
        return part

    def covers(self, mask: Cells, width: float, height: float) -> Cells:
        """Whether a box of this size, in the middle of each cell, touches a mask."""
        return self.covered(mask, width, height) > 0

    def line_cells(self, start: Point, end: Point, breadth: float) -> CellIndex:
        """The cells on the panel that a straight band touches, which opens to its breadth as an arrow's head does."""
        way = np.array([end[0] - start[0], end[1] - start[1]])
        length = max(float(np.sqrt((way * way).sum())), 1e-9)
        along = np.linspace(0, 1, min(max(2, int(length / self.cell * 3) + 2), MOST_STEPS))
        opened = np.minimum(along * length, breadth)[:, None] / length
        across = np.linspace(-0.5, 0.5, max(2, int(breadth / self.cell * 3) + 2)) * opened
        x = start[0] + along[:, None] * way[0] - across * way[1]
        y = start[1] + along[:, None] * way[1] + across * way[0]
        columns, rows = (np.floor(v / self.cell).astype(np.int64).ravel() for v in (x, y))
        seen = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        return rows[seen], columns[seen]

    def border_point(self, part: Cells, deepest: tuple[int, int], direction: Point) -> Point:
        """Where a ray from the deepest cell of a part leaves it for good on its way to `direction`."""
        steps = np.arange(0, sum(self.shape), RAY_STEP)
        rows = deepest[0] + 0.5 + direction[1] * steps
        columns = deepest[1] + 0.5 + direction[0] * steps
        seen = (rows >= 0) & (rows < self.shape[0]) & (columns >= 0) & (columns < self.shape[1])
        rows, columns = rows[seen], columns[seen]
        within = np.flatnonzero(part[rows.astype(int), columns.astype(int)])
        last = min(int(within[-1]) + 1, len(rows) - 1)
        return float(columns[last] * self.cell), float(rows[last] * self.cell)

    def nearest_point(self, part: Cells, point: Point) -> Point:
        """The point of a part that is nearest to `point`."""
        rows, columns = np.nonzero(part)
        x, y = (columns + 0.5) * self.cell, (rows + 0.5) * self.cell
        nearest = int(((x - point[0]) ** 2 + (y - point[1]) ** 2).argmin())
        return float(x[nearest]), float(y[nearest])


def pole(mask: Cells) -> tuple[float, tuple[int, int]]:
    """The deepest cell of a mask and its distance, in cells, from what is outside; beyond the board is outside.

    Of cells about as deep, the one nearest to the mask's middle: it stays where it is when a border changes a little.
    """
    from scipy import ndimage

    where = np.argwhere(mask)
    if not len(where):
        return 0.0, (0, 0)
    low, high = where.min(0), where.max(0) + 1
    crop = np.pad(mask[low[0] : high[0], low[1] : high[1]], 1)
    depth = np.asarray(ndimage.distance_transform_edt(crop), np.float64)[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= PLATEAU * depth.max())
    middle = where.mean(0) - low
    nearest = int(((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2).argmin())
    row, column = int(rows[nearest]), int(columns[nearest])
    return float(depth[row, column]), (row + int(low[0]), column + int(low[1]))
