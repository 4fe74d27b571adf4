"""The contours of a mask slice along its voxels' edges, holes cut in by keyholes, and the voxels inside of contours.

Frame: (row, column), voxel centres at whole numbers, so the border of a voxel lies at ± 0.5. Both ways are numpy's: a
slice is traced and filled as a whole, not voxel by voxel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Bits = npt.NDArray[np.bool_]

ON_PATH = 0.01  # a voxel's centre lies on a contour that passes it by less than this part of a voxel
PART = 1 << 20  # how many steps along edges are looked at together
RIGHT, DOWN = 0, 1  # the ways an edge can go, and LEFT and UP


def contours(mask: Bits) -> list[Floats]:
    """Closed polygons (n, 2) of (row, column) around the voxels of a mask (rows, columns), one for each island.

    They run along voxel edges, the inside to the right of the way (row down, column right); no three points in a row
    lie on a line. Voxels that touch at a corner only are apart. A hole is cut in by a keyhole (PS3.3 C.8.8.6.3): a
    channel without width that runs upwards, along voxel edges, from the hole's upper left corner to the next contour.

    >>> [contour.tolist() for contour in contours(np.ones((1, 2), bool))]
    [[[-0.5, -0.5], [-0.5, 1.5], [0.5, 1.5], [0.5, -0.5]]]
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return []
    crop = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    edges = _edges(crop)
    places = np.flatnonzero(edges)  # corner × 4 + way, rising
    corners, after = places >> 2, _successors(edges, places)
    first = np.array([ring[0] for ring in _rings(after)])
    holes = first[places[first] & 3 == DOWN]  # the uppermost left edge of an island's border goes right
    fixed = np.zeros(len(places) + 2 * len(holes), bool)
    if len(holes):
        corners, after = _keyholed(crop, places, after, holes, fixed)
    points = np.stack(np.divmod(corners, crop.shape[1] + 1), axis=1)
    low = np.array([rows[0], columns[0]]) - 0.5
    return [points[_turning(points, np.array(ring), fixed)] + low for ring in _rings(after)]


def borders(mask: Bits) -> list[Floats]:
    """As `contours`, but each hole has a border of its own, which runs the other way round.

    Only the corners where a border turns are looked at: each is the end of one line across and of one upright line.
    """
    wide = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), bool)
    wide[1:-1, 1:-1] = mask
    across = wide[:-1] ^ wide[1:]
    turns = across[:, :-1] ^ across[:, 1:]
    twice = across[:, :-1] & across[:, 1:] & (wide[:-1, :-1] ^ wide[:-1, 1:])  # voxels that touch at a corner only
    touching = np.flatnonzero(twice)
    corners = np.sort(np.concatenate([np.flatnonzero(turns), touching, touching]))
    rows, columns = np.divmod(corners, turns.shape[1])
    numbers = np.arange(len(corners))
    is_start = numbers % 2 == 0  # of a line across: along a row, every second one ends what the one before began
    again = np.append(False, corners[1:] == corners[:-1])
    rising = twice[rows, columns] & wide[rows, columns + 1]  # it is the upper right voxel and the lower left one
    upright = np.argsort(2 * (columns * len(turns) + rows) + (again ^ rising), kind="stable")
    other_end = np.empty_like(numbers)
    other_end[upright[0::2]], other_end[upright[1::2]] = upright[1::2], upright[0::2]
    goes_across = is_start == wide[rows + 1, columns + is_start]  # the inside lies to the right of the way
    points = np.stack([rows, columns], axis=1) - 0.5
    return [points[ring] for ring in _rings(np.where(goes_across, numbers ^ 1, other_end))]


def _edges(mask: Bits) -> Bits:
    """(rows + 1, columns + 1, 4) whether an edge starts at that corner and goes right, down, left or up.

    Corner (r, c) is the upper left one of voxel (r, c); the voxel that the edge belongs to lies to the right of it.
    """
    wide = np.pad(mask, 1)
    edges = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1, 4), bool)
    edges[:-1, :-1, 0] = mask & ~wide[:-2, 1:-1]
    edges[:-1, 1:, 1] = mask & ~wide[1:-1, 2:]
    edges[1:, 1:, 2] = mask & ~wide[2:, 1:-1]
    edges[1:, :-1, 3] = mask & ~wide[1:-1, :-2]
    return edges


def _successors(edges: Bits, places: Indices) -> Indices:
    """For each edge the one after it: it turns right if it can, and so stays with its voxel where two touch."""
    width = edges.shape[1]
    ways = places & 3
    ends = ((places >> 2) + np.array([1, width, -1, -width])[ways]) * 4
    right, straight, left = ends + (ways + 1) % 4, ends + ways, ends + (ways + 3) % 4
    found = edges.reshape(-1)
    after = np.where(found[right], right, np.where(found[straight], straight, left))
    found_at: Indices = np.searchsorted(places, after)
    return found_at


def _rings(after: Indices) -> list[list[int]]:
    """The rings that follow from each one's successor; each begins with its lowest number."""
    follow = after.tolist()
    rings = []
    for start in range(len(follow)):
        at, ring = start, []
        while follow[at] >= 0:
            ring.append(at)
            following = follow[at]
            follow[at] = -1
            at = following
        if ring:
            rings.append(ring)
    return rings


def _keyholed(mask: Bits, places: Indices, after: Indices, holes: Indices, fixed: Bits) -> tuple[Indices, Indices]:
    """Corners and successors with two more edges for each hole: its channel's way down and up.

    holes: each hole's edge at its upper left corner. All but that corner's lower right voxel are set there, and so are
    both voxels beside each step up, until the corner where the channel meets a ring that starts higher; no other ring
    passes there. So each channel stands for itself. `fixed` is set for the points at the channels' ends.
    """
    width = mask.shape[1] + 1
    inner = np.zeros((mask.shape[0] + 1, width), bool)
    inner[1:-1, 1:-1] = mask[:-1, :-1] & mask[:-1, 1:] & mask[1:, :-1] & mask[1:, 1:]
    border = np.maximum.accumulate(np.where(inner, -1, np.arange(len(inner))[:, None]), axis=0)
    rows, columns = np.divmod(places[holes] >> 2, width)
    met = np.searchsorted(places, (border[rows - 1, columns] * width + columns) * 4)
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    down = len(places) + np.arange(len(holes))
    up = down + len(holes)
    after = np.concatenate([after, holes, met])
    after[before[met]], after[before[holes]] = down, up
    fixed[holes] = fixed[met] = fixed[down] = fixed[up] = True
    corners = places >> 2
    return np.concatenate([corners, corners[met], corners[holes]]), after


def _turning(points: Indices, ring: Indices, fixed: Bits) -> Indices:
    """Those of a ring where it turns, and those that are fixed."""
    way = np.sign(np.roll(points[ring], -1, axis=0) - points[ring])
    turns: Indices = ring[(way != np.roll(way, 1, axis=0)).any(axis=1) | fixed[ring]]
    return turns


def filled(polygons: Sequence[Floats], shape: tuple[int, int]) -> Bits:
    """The voxels, bool (rows, columns), whose centres lie inside of closed polygons (n, 2) of (row, column).

    Inside is what an odd number of lines bounds: a contour in another is a hole, one in that an island, and channels
    of keyholes leave no trace. A centre that lies on a line is inside (PS3.3 C.8.8.6.3).
    """
    inside = np.zeros(shape, bool)
    points = [np.asarray(polygon, np.float64) for polygon in polygons if len(polygon)]
    if not points:
        return inside
    starts = np.concatenate(points)
    ends = np.concatenate([np.roll(polygon, -1, axis=0) for polygon in points])
    low = np.clip(np.floor(starts.min(axis=0)), 0, shape).astype(int)
    high = np.clip(np.ceil(starts.max(axis=0)) + 1, low, shape).astype(int)
    box = slice(low[0], high[0]), slice(low[1], high[1])
    starts, ends, room = starts - low, ends - low, inside[box]
    if room.size:
        room |= _between(starts, ends, room.shape)
        steep = np.abs(ends - starts)[:, 0] >= np.abs(ends - starts)[:, 1]
        _mark_path(starts[steep], ends[steep], room)
        _mark_path(starts[~steep][:, ::-1], ends[~steep][:, ::-1], room.T)
    return inside


def _between(starts: Floats, ends: Floats, shape: tuple[int, ...]) -> Bits:
    """The voxels that have an odd number of the lines on their left; a line is crossed by each row before its end."""
    rows, columns = shape
    odd = np.zeros(rows * (columns + 1), bool)
    first = np.clip(np.ceil(np.minimum(starts[:, 0], ends[:, 0])), 0, rows)
    last = np.clip(np.ceil(np.maximum(starts[:, 0], ends[:, 0])), 0, rows)
    for line, row in _steps(first.astype(np.intp), last.astype(np.intp)):
        column = np.clip(np.ceil(_across(starts, ends, line, row)), 0, columns).astype(np.intp)
        odd ^= np.bincount(row * (columns + 1) + column, minlength=len(odd)) % 2 == 1
    return np.logical_xor.accumulate(odd.reshape(rows, columns + 1), axis=1)[:, :-1]


def _mark_path(starts: Floats, ends: Floats, room: Bits) -> None:
    """Set the voxels of `room` whose centres lie on lines that cross no more columns than rows."""
    rows, columns = room.shape
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    near = np.ceil(low - ON_PATH) <= np.floor(high + ON_PATH)  # not those along voxel edges
    starts, ends = starts[near], ends[near]
    first = np.clip(np.ceil(np.minimum(starts[:, 0], ends[:, 0]) - ON_PATH), 0, rows)
    last = np.clip(np.floor(np.maximum(starts[:, 0], ends[:, 0]) + ON_PATH) + 1, 0, rows)
    for line, row in _steps(first.astype(np.intp), last.astype(np.intp)):
        place = _across(starts, ends, line, row)
        column = np.rint(place)
        on = (np.abs(place - column) <= ON_PATH) & (column >= 0) & (column < columns)
        room[row[on], column[on].astype(np.intp)] = True


def _across(starts: Floats, ends: Floats, line: Indices, row: Indices) -> Floats:
    """The column at which each line crosses its row."""
    length = ends[line, 0] - starts[line, 0]
    part = np.divide(row - starts[line, 0], length, out=np.zeros(len(line)), where=length != 0)
    column: Floats = starts[line, 1] + np.clip(part, 0, 1) * (ends[line, 1] - starts[line, 1])
    return column


def _steps(first: Indices, last: Indices) -> Iterator[tuple[Indices, Indices]]:
    """(line, row) for every row of each line, from its first to before its last, some lines at a time."""
    counts = np.maximum(last - first, 0)
    total = np.cumsum(counts)
    if not len(total):
        return
    cuts = np.searchsorted(total, np.arange(PART, total[-1] + PART, PART), "right")
    low = 0
    for high in np.unique(np.append(cuts, len(counts))):
        part = counts[low:high]
        line = np.repeat(np.arange(low, high), part)
        within = np.arange(len(line)) - np.repeat(np.cumsum(part) - part, part)
        if len(line):
            yield line, first[line] + within
        low = high
