"""The outline of a mask slice: closed polygons around what is set, holes included.

Frame: (row, column), voxel centres at whole numbers, so the border of a voxel lies at ± 0.5.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Edge = tuple[int, int, int]  # the corner where it starts, and which of TURNS it takes

SMOOTHING_PASSES = 8
SHRINK, GROW = 0.5, -0.526  # Taubin's pair: takes steps out of a line without drawing the line in
HALF_VOXEL = 0.5
TURNS = ((0, 1), (1, 0), (0, -1), (-1, 0))  # right, down, left, up: (row, column) of one step along voxel edges


def outlines(mask: npt.NDArray[np.bool_], smooth: bool = False) -> tuple[Floats, ...]:
    """Closed polygons (n, 2) of (row, column) around the voxels of a mask (rows, columns); no point comes twice.

    They run along the voxels' edges, from corner to corner; voxels that touch at a corner only are apart. The inside
    lies to the right of the way (row down, column right): outer borders run clockwise, holes the other way. With
    `smooth` they run through the middles of the edges (marching squares at 0.5) and steps are taken out for display,
    each point staying within half a voxel of its edge.

    >>> outlines(np.ones((1, 2), bool))[0].tolist()
    [[-0.5, -0.5], [-0.5, 1.5], [0.5, 1.5], [0.5, -0.5]]
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return ()
    low = (int(rows.min()), int(columns.min()))
    crop = np.asarray(mask[low[0] : int(rows.max()) + 1, low[1] : int(columns.max()) + 1], bool)
    found = []
    for corners in _rings(np.pad(crop, 1)):
        ring = np.array(corners, np.float64) - 1.5 + low
        onward = np.roll(ring, -1, 0)
        turns = np.any(onward - ring != ring - np.roll(ring, 1, 0), 1)
        found.append(smoothed((ring + onward) / 2) if smooth else ring[turns])
    return tuple(found)


def _rings(mask: npt.NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Corner points of each ring of voxel edges; corner (r, c) is the upper left one of voxel (r, c)."""
    sides = (((1, 0), (0, 0)), ((-1, 1), (0, 1)), ((-1, 0), (1, 1)), ((1, 1), (1, 0)))
    edges: dict[Edge, None] = {}  # in order, as a set is not
    for turn, ((shift, axis), (row, column)) in enumerate(sides):  # upper, right, lower, left, and where each starts
        for r, c in np.argwhere(mask & ~np.roll(mask, shift, axis)).tolist():
            edges[r + row, c + column, turn] = None
    rings = []
    while edges:
        rings.append(_ring(next(iter(edges)), edges))
    return rings


def _ring(first: Edge, edges: dict[Edge, None]) -> list[tuple[int, int]]:
    """Follows voxel edges from `first` until they close, using each up; at a corner touch it stays with its voxel."""
    ring, edge = [], first
    while True:
        row, column, turn = edge
        edges.pop(edge)
        ring.append((row, column))
        row, column = row + TURNS[turn][0], column + TURNS[turn][1]
        for way in ((turn + 1) % 4, turn, (turn + 3) % 4):
            edge = (row, column, way)
            if edge in edges or edge == first:
                break
        if edge == first:
            return ring


def smoothed(points: Floats) -> Floats:
    """A closed polygon with its steps taken out, each point within half a voxel of where it was."""
    if len(points) < 5:
        return points
    line = points
    for _ in range(SMOOTHING_PASSES):
        for weight in (SHRINK, GROW):
            line = line + weight * ((np.roll(line, 1, 0) + np.roll(line, -1, 0)) / 2 - line)
    away = line - points
    far = np.sqrt((away**2).sum(1))
    held: Floats = points + away * np.minimum(1.0, HALF_VOXEL / np.maximum(far, 1e-9))[:, None]
    return held


def simplify(points: Floats, tolerance: float) -> Floats:
    """The polygon or line (n, 2) with points left out that lie within `tolerance` of the line between those kept."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    pending = [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        off = _distances(points[first + 1 : last], points[first], points[last])
        worst = int(off.argmax())
        if off[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            pending += [(first, middle), (middle, last)]
    kept: Floats = points[keep]
    return kept


def _distances(points: Floats, start: Floats, end: Floats) -> Floats:
    """Distances of points from the stretch between two."""
    way = end - start
    length = float((way * way).sum())
    part = np.clip(((points - start) * way).sum(1) / length, 0.0, 1.0) if length else np.zeros(len(points))
    off = points - start - part[:, None] * way
    distances: Floats = np.sqrt((off**2).sum(1))
    return distances


def within_limit(points: Floats, most: int) -> Floats:
    """The polygon with at most `most` points, simplified as little as that takes (FreeType counts in 16 bits)."""
    tolerance, kept = 0.05, points
    while len(kept) > most:
        kept = simplify(points, tolerance)
        tolerance *= 2
    return kept
