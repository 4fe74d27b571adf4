"""Random scenes that markers are laid out on, and a search that tells whether one has a faultless layout at all.

Frame: panel pixels, x to the right, y down; boards of cells as in `callout.figures.board`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from callout.figures.display import Box
from callout.figures.layout import Label, Marker, Placement, Pointer

CELL = 4
ARROW = {"length": 75.0, "breadth": 35.0, "gap": 6.25}  # as at 300 dpi
HEAD = {"length": 37.5, "breadth": 35.0, "gap": 6.25}
DRAWN = 29.2  # the breadth of an arrow's head without the edge around it
MOST_NODES = 3_000  # of the search
PLACES = 60  # of a label that the search tries, spread over all it has


@dataclass(frozen=True)
class Scene:
    """A panel, its regions as bool (rows, columns) of cells, what is drawn, and boxes that are taken."""

    size: tuple[int, int]
    regions: dict[str, np.ndarray]
    markers: list[Marker]
    obstacles: tuple[Box, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return -(-self.size[1] // CELL), -(-self.size[0] // CELL)

    @property
    def borders(self) -> np.ndarray:
        """The outermost cells of every region."""
        found = np.zeros(self.shape, bool)
        for mask in self.regions.values():
            found |= mask & ~ndimage.binary_erosion(mask, border_value=1)
        return found


def scene(seed: int) -> Scene:
    """Of 2 to 12 bumpy regions on a panel 28 to 85 mm wide at 300 dpi, with numbers, asterisks, arrows and letters."""
    random = np.random.default_rng(seed)
    size = (int(random.integers(330, 1000)), int(random.integers(330, 800)))
    shape = (-(-size[1] // CELL), -(-size[0] // CELL))
    regions = {}
    for n in range(int(random.integers(2, 13))):
        mask = bumpy(random, shape, size)
        if mask.any():
            regions[str(n)] = mask
    markers: list[Marker] = []
    for name in regions:
        kind = random.choice(["number", "number", "asterisk", "arrow", "arrowhead"])
        if kind == "number":
            markers.append(Label(width=29.0, height=38.0, glyph=29.0, region=name))
        elif kind == "asterisk":
            markers.append(Label(width=36.0, height=36.0, glyph=29.0, region=name))
        else:
            markers.append(Pointer(**(ARROW if kind == "arrow" else HEAD), region=name))
    obstacles = [Box(15, 15, 50, 60)]
    if random.random() < 0.5:
        obstacles.append(Box(size[0] - 120, size[1] - 60, size[0] - 15, size[1] - 15))
    return Scene(size, regions, markers, tuple(obstacles))


def bumpy(random: np.random.Generator, shape: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """A region whose border goes in and out, wholly or in part on the panel."""
    rows, columns = np.indices(shape)
    x, y = random.uniform(0, size[0]), random.uniform(0, size[1])
    across, down = (columns + 0.5) * CELL - x, (rows + 0.5) * CELL - y
    angle = np.arctan2(down, across)
    waves = sum(random.uniform(-0.25, 0.25) * np.cos(n * angle + random.uniform(0, 6)) for n in (2, 3, 5))
    wide, high = np.exp(random.uniform(np.log(8), np.log(130), 2))
    return np.asarray((across / wide) ** 2 + (down / high) ** 2 < (1 + waves) ** 2)


def box_cells(shape: tuple[int, int], box: Box) -> np.ndarray:
    """The cells a box touches."""
    cells = np.zeros(shape, bool)
    cells[
        max(0, int(box.top // CELL)) : int(-(-box.bottom // CELL)),
        max(0, int(box.left // CELL)) : int(-(-box.right // CELL)),
    ] = True
    return cells


def arrow_cells(
    shape: tuple[int, int], tip: tuple[float, float], tail: tuple[float, float], breadth: float
) -> np.ndarray:
    """The cells that an arrow covers: a head that opens to its breadth, then a band."""
    way = np.subtract(tail, tip)
    length = float(np.hypot(*way))
    along = np.linspace(0, length, int(length) + 1)[:, None]
    half = np.minimum(along, breadth) / 2
    across = np.linspace(-1, 1, 2 * int(breadth) + 1) * half
    x = tip[0] + along * way[0] / length - across * way[1] / length
    y = tip[1] + along * way[1] / length + across * way[0] / length
    rows, columns = np.floor(y / CELL).astype(int), np.floor(x / CELL).astype(int)
    seen = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    cells = np.zeros(shape, bool)
    cells[rows[seen], columns[seen]] = True
    return cells


def covered(made: Scene, placement: Placement) -> np.ndarray:
    """The cells that a placed marker covers."""
    if placement.box is not None:
        return box_cells(made.shape, placement.box)
    marker = made.markers[placement.index]
    assert isinstance(marker, Pointer)
    assert placement.tip is not None
    assert placement.tail is not None
    return arrow_cells(made.shape, placement.tip, placement.tail, DRAWN)


def faults(made: Scene, placed: Sequence[Placement]) -> list[str]:
    """What is wrong with a layout: markers on each other, on what was taken, on borders, beyond the panel."""
    taken = np.zeros(made.shape, int)
    for box in made.obstacles:
        taken += box_cells(made.shape, box)
    found, borders = [], made.borders
    for placement in placed:
        cells = covered(made, placement)
        if (taken[cells] > 0).any():
            found.append(f"{placement.index} lies on another")
        if borders[cells].any():
            found.append(f"{placement.index} covers a border")
        ends = [placement.tip, placement.tail] if placement.box is None else []
        if placement.box is not None:
            ends = [(placement.box.left, placement.box.top), (placement.box.right, placement.box.bottom)]
        if not all(0 <= x <= made.size[0] and 0 <= y <= made.size[1] for x, y in ends if x is not None):
            found.append(f"{placement.index} is beyond the panel")
        taken += cells
    return found


def has_solution(made: Scene) -> bool:
    """Whether the search finds places for all markers without a fault.

    Depth first, the marker with fewest places first. A number may stand anywhere that is no further from its region
    than from any other; an arrow's tip lies `gap` outside the largest part of its region, on any of 48 sides, and it
    comes from any of 5 directions. Only what it finds counts: where it gives up, nothing is claimed.
    """
    blocked = made.borders.copy()
    for box in made.obstacles:
        blocked |= box_cells(made.shape, box)
    places = [_places(made, marker, blocked) for marker in made.markers]
    if not all(places):
        return False
    nodes = 0

    def fill(left: list[int], taken: np.ndarray) -> bool:
        nonlocal nodes
        if not left:
            return True
        free = {n: [cells for cells in places[n] if not taken[cells].any()] for n in left}
        first = min(left, key=lambda n: len(free[n]))
        for cells in free[first]:
            nodes += 1
            if nodes > MOST_NODES:
                return False
            onward = taken.copy()
            onward[cells] = True
            if fill([n for n in left if n != first], onward):
                return True
        return False

    return fill(list(range(len(made.markers))), np.zeros(made.shape, bool))


def _places(made: Scene, marker: Marker, blocked: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """The cells of each faultless place of one marker, alone on the panel."""
    assert marker.region is not None
    if isinstance(marker, Pointer):
        found = [cells for cells in _arrows(made, marker) if not blocked[cells].any()]
    else:
        mask = made.regions[marker.region]
        away = ndimage.distance_transform_edt(~mask)
        others = [ndimage.distance_transform_edt(~m) for name, m in made.regions.items() if name != marker.region]
        near = np.argwhere(np.all([away <= other for other in others], axis=0) if others else np.ones(made.shape, bool))
        near = near[np.argsort(away[tuple(near.T)], kind="stable")]
        found = []
        for row, column in near.tolist():
            x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
            box = Box(x - marker.width / 2, y - marker.height / 2, x + marker.width / 2, y + marker.height / 2)
            if box.left < 0 or box.top < 0 or box.right > made.size[0] or box.bottom > made.size[1]:
                continue
            cells = np.nonzero(box_cells(made.shape, box))
            if not blocked[cells].any():
                found.append(cells)
    return found[:: max(1, len(found) // PLACES)]


def _arrows(made: Scene, pointer: Pointer) -> list[tuple[np.ndarray, ...]]:
    """The cells of an arrow from every side that lies on the panel."""
    assert pointer.region is not None
    labels, _ = ndimage.label(made.regions[pointer.region], np.ones((3, 3)))
    part = labels == np.bincount(labels.ravel())[1:].argmax() + 1
    outside = ndimage.distance_transform_edt(~part) * CELL
    ring = np.argwhere((outside > pointer.gap) & (outside <= pointer.gap + 2 * CELL))
    middle = np.argwhere(part).mean(0)
    sides = np.arctan2(*(ring - middle).T)
    found = []
    for side in np.linspace(-np.pi, np.pi, 48, endpoint=False):
        if not len(ring):
            break
        nearest = int(np.abs(np.angle(np.exp(1j * (sides - side)))).argmin())
        tip = ((ring[nearest][1] + 0.5) * CELL, (ring[nearest][0] + 0.5) * CELL)
        for slant in np.radians((0, -40, -20, 20, 40)):
            tail = (tip[0] + pointer.length * np.cos(side + slant), tip[1] + pointer.length * np.sin(side + slant))
            half = pointer.breadth / 2
            if half <= tail[0] <= made.size[0] - half and half <= tail[1] <= made.size[1] - half:
                found.append(np.nonzero(arrow_cells(made.shape, tip, tail, pointer.breadth)))
    return found
