"""Where the markers of one panel go, as a radiologist would put them.

A number stands in its region where that is at least three glyphs wide, else just beside its border; an arrow's tip
lies just outside a border and comes from where there is room; nothing lies on another marker, a letter or the scale
bar while there is room elsewhere; what an author's hand placed stays.

Frame: panel pixels, x to the right, y down. Regions are looked at on a coarser board of square cells, row by row from
the top: cell (r, c) holds pixels from (c, r) · cell on. Ties go to the first cell, so the layout is always the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callout.figures.board import Board, CellIndex, Cells, pole
from callout.figures.display import Box, Point

GLYPHS_INSIDE = 3.0  # a region at least this many glyphs wide has its number inside
REPEAT_PART = 0.25  # parts of a region at least this large, of its largest, get the marker again
ANGLES = 24  # directions tried for an arrow
ASLANT = (-40.0, -20.0, 20.0, 40.0)  # degrees off the straight way that are tried too
TURNS = 8  # layouts tried, each with a marker that found no faultless place put before the others
ORIGINS = 8  # cells of a region that an arrow's ways start from where those from its middle are not clear
CLEAR = 100  # cost of an arrow, at most, that crosses nothing
CROSSING = 35_000  # cost of an arrow, at most, that crosses no marker and no border
WITHIN = 60_000  # cost of pointing at the middle of a region rather than at its border
# What weighs as much as a glyph's width of distance: another region covered, its border covered, its being nearer.
COVER, BORDER, NEARER = 4.0, 6.0, 1.0
UPWARD = 0.02  # with all else equal a number stands above and to the right


@dataclass(frozen=True)
class Label:
    """A number, letter or asterisk to be placed.

    width, height: of its ink with its dark edge. glyph: the width of one letter. region: a key of the regions, or None
    where `point` is named. place: where an author's hand put its middle. repeat: on every large part of the region.
    """

    width: float
    height: float
    glyph: float
    region: str | None = None
    point: Point | None = None
    place: Point | None = None
    repeat: bool = False


@dataclass(frozen=True)
class Pointer:
    """An arrow or arrowhead to be placed.

    length, breadth: of its shape. gap: from its tip to what it shows. region: a key of the regions. tip: what it points
    at, where that is given. tail: where the author's hand put its other end. angle: degrees, the side it comes from,
    anticlockwise from the right.
    """

    length: float
    breadth: float
    gap: float
    region: str | None = None
    tip: Point | None = None
    tail: Point | None = None
    angle: float | None = None


Marker = Label | Pointer


@dataclass(frozen=True)
class Placement:
    """Where a marker went. index: of the marker as given. box: of a label, tip and tail: of a pointer.

    inside: a label within its own region. is_free: it covers no other marker and no obstacle.
    """

    index: int
    box: Box | None = None
    tip: Point | None = None
    tail: Point | None = None
    inside: bool = False
    is_free: bool = True


def lay_out(
    size: tuple[int, int],
    cell: int,
    regions: Mapping[str, Cells],
    markers: Sequence[Marker],
    obstacles: Sequence[Box] = (),
) -> tuple[Placement, ...]:
    """Places markers on a panel of `size` (width, height) pixels; in the markers' order, repeats one after the other.

    regions: bool (rows, columns) of cells of `cell` pixels. A marker whose region or point is not on the panel gets
    no placement. obstacles: what must stay seen.
    """
    board = Board(size, cell, regions)
    for obstacle in obstacles:
        board.take_box(obstacle)
    obstructed = board.taken
    ahead: list[int] = []
    best: tuple[int, tuple[Placement, ...]] | None = None
    for _ in range(TURNS):
        board.taken = obstructed.copy()
        layout = _Layout(board, markers, ahead)
        placed = layout.placements()
        if best is None or len(layout.faulty) < best[0]:
            best = len(layout.faulty), placed
        behind = [turn for turn in layout.faulty if turn not in ahead[:1]]
        if not behind or len(behind) > TURNS:  # none to put ahead, or more than that could mend
            break
        ahead = [behind[0], *(turn for turn in ahead if turn != behind[0])]
    assert best is not None
    return best[1]


@dataclass(frozen=True)
class _Job:
    """One marker and the part of a region it shows (none where it is placed by hand or names a point)."""

    index: int
    part: Cells | None


class _Layout:
    """One run of the layout; the board fills up as markers are placed: fixed, ahead, inside, pointers, beside.

    faulty: the turns of markers that the layout put on another one or across a border.
    """

    def __init__(self, board: Board, markers: Sequence[Marker], ahead: Sequence[int]) -> None:
        self.board, self.markers, self.ahead = board, markers, ahead
        self.done: list[tuple[int, int, Placement]] = []  # marker, which repeat, where
        self.faulty: list[int] = []

    def placements(self) -> tuple[Placement, ...]:
        jobs = [_Job(n, part) for n, marker in enumerate(self.markers) for part in self._parts(marker)]
        waiting = []
        for turn, job in enumerate(jobs):
            fixed = self._fixed(job)
            if fixed is None:
                waiting.append((turn, job))
            else:
                self._settle(turn, fixed)
        for turn, job in sorted(((t, j) for t, j in waiting if t in self.ahead), key=lambda w: self.ahead.index(w[0])):
            self._place(turn, job)
        waiting = [(t, j) for t, j in waiting if t not in self.ahead and not self._try_inside(t, j)]
        for turn, job in sorted(waiting, key=self._order):
            self._place(turn, job)
        return tuple(placement for _, _, placement in sorted(self.done, key=lambda d: d[:2]))

    def _place(self, turn: int, job: _Job) -> None:
        """Places a marker, inside where it may be, and notes where it came to lie on something."""
        if self._try_inside(turn, job):
            return
        marker = self.markers[job.index]
        placement = self._beside(job, marker) if isinstance(marker, Label) else self._pointed(job, marker)
        if not placement.is_free or self.board.all_borders[self._cells(placement)].any():
            self.faulty.append(turn)
        self._settle(turn, placement)

    def _cells(self, placement: Placement) -> CellIndex | tuple[slice, slice]:
        """What a placement covers."""
        if placement.box is not None:
            return self.board.box_cells(placement.box)
        assert placement.tip is not None
        assert placement.tail is not None
        pointer = self._pointer(placement.index)
        return self.board.line_cells(placement.tip, placement.tail, pointer.breadth)

    def _parts(self, marker: Marker) -> list[Cells | None]:
        """What of the panel a marker shows, one entry for each time it is drawn."""
        is_placed = marker.place is not None if isinstance(marker, Label) else marker.tip is not None
        if is_placed:
            return [None]
        if marker.region is not None:
            parts = self.board.parts(marker.region)
            if isinstance(marker, Label) and marker.repeat and parts:
                return [p for p in parts if p.sum() >= REPEAT_PART * parts[0].sum()]
            return list(parts[:1])
        if isinstance(marker, Label) and marker.point is not None and self.board.holds(marker.point):
            return [self.board.spot(marker.point)]
        return []

    def _order(self, waiting: tuple[int, _Job]) -> tuple[int, int, int]:
        """Pointers first, as they have least choice; then the smallest regions."""
        turn, job = waiting
        area = 0 if job.part is None else int(job.part.sum())
        return int(isinstance(self.markers[job.index], Label)), area, turn

    def _settle(self, turn: int, placement: Placement) -> None:
        if placement.box is not None:
            self.board.take_box(placement.box)
        elif placement.tip is not None and placement.tail is not None:
            breadth = self._pointer(placement.index).breadth
            self.board.take_cells(self.board.line_cells(placement.tip, placement.tail, breadth))
        self.done.append((placement.index, turn, placement))

    def _pointer(self, index: int) -> Pointer:
        marker = self.markers[index]
        assert isinstance(marker, Pointer)
        return marker

    def _fixed(self, job: _Job) -> Placement | None:
        marker = self.markers[job.index]
        if isinstance(marker, Label):
            if marker.place is None:
                return None
            box = _around(marker.place, marker)
            return Placement(job.index, box, is_free=self.board.is_box_free(box))
        if marker.tail is None:
            return None
        tip = marker.tip
        if tip is None:
            part = job.part
            assert part is not None
            tip = self.board.nearest_point(part, marker.tail)
        return Placement(job.index, tip=_short_of(tip, marker.tail, marker.gap), tail=marker.tail)

    def _try_inside(self, turn: int, job: _Job) -> bool:
        """Places a label within its region where that is wide enough, best where no other region lies."""
        marker, board = self.markers[job.index], self.board
        if not isinstance(marker, Label) or job.part is None or marker.region is None:
            return False
        need = max(GLYPHS_INSIDE * marker.glyph, math.sqrt(marker.width**2 + marker.height**2)) / 2
        free = job.part & ~board.taken
        for room in (free & ~board.others(marker.region), free & ~board.borders(marker.region)):
            radius, cell = pole(room)
            if (radius - 0.5) * board.cell >= need:
                box = _around(board.middle(cell), marker)
                self._settle(turn, Placement(job.index, box, inside=True, is_free=board.is_box_free(box)))
                return True
        return False

    def _beside(self, job: _Job, label: Label) -> Placement:
        """A label just beside the border of what it names, covering least."""
        board, part = self.board, job.part
        assert part is not None
        glyph = max(label.glyph / board.cell, 1.0)
        own = board.regions[label.region] if label.region is not None else part
        cost = self._cost(label, part, glyph)
        fits = board.fits(label.width, label.height)
        is_free = ~board.covers(board.taken, label.width, label.height)
        clear = ~board.covers(own, label.width + 2 * board.cell, label.height + 2 * board.cell)
        off_borders = ~board.covers(board.all_borders, label.width, label.height)
        free = fits & is_free
        for allowed in (free & clear & off_borders, free & off_borders, free & clear, free):
            if allowed.any():
                flat = int(np.where(allowed, cost, np.iinfo(np.int64).max).argmin())
                return Placement(job.index, _around(board.middle_of(flat), label))
        crowd = board.covered(board.taken, label.width, label.height)
        worst = np.where(fits, np.rint(crowd * 1e9).astype(np.int64) + cost, np.iinfo(np.int64).max)
        box = _around(board.middle_of(int(worst.argmin())), label)
        return Placement(job.index, box, is_free=board.is_box_free(box))

    def _cost(self, label: Label, part: Cells, glyph: float) -> npt.NDArray[np.int64]:
        """What it costs to have the label's middle in each cell, whole thousandths of a glyph's width."""
        board = self.board
        others = board.others(label.region)
        away = board.distance(part) / glyph
        cost = away + COVER * board.covered(others, label.width, label.height)
        cost += BORDER * board.covers(board.borders(label.region), label.width, label.height)
        if others.any():
            cost += NEARER * np.maximum(0.0, away - board.distance(others) / glyph)
        rows, columns = np.indices(part.shape)
        middle = np.argwhere(part).mean(0)
        cost += UPWARD * ((rows - middle[0]) - (columns - middle[1])) / glyph
        return np.rint(cost * 1000).astype(np.int64)

    def _pointed(self, job: _Job, pointer: Pointer) -> Placement:
        """An arrow from the side with most room: straight at the border, aslant where that way is not clear."""
        ways = [pointer.angle] if pointer.angle is not None else [n * 360 / ANGLES for n in range(ANGLES)]
        tips = self._tips(job, pointer, ways)
        best = min(self._tried(pointer, tip, way, 0.0) for way, tip in zip(ways, tips, strict=True))
        if best[0] > CLEAR and pointer.angle is None and pointer.tip is None:
            best = min(best, *self._tried_aslant(pointer, ways, tips))
        if best[0] > CROSSING and job.part is not None:
            ways, tips = self._around(job.part, ways)
            best = min(best, *(self._tried(pointer, tip, way, 0.0) for way, tip in zip(ways, tips, strict=True)))
            if best[0] > CROSSING and pointer.angle is None:
                best = min(best, *self._tried_aslant(pointer, ways, tips))
            if best[0] > CLEAR:  # as where the region fills the panel
                _, deepest = pole(job.part)
                within = [self._tried(pointer, self.board.middle(deepest), way, 0.0) for way in ways[:ANGLES]]
                best = min(best, *((cost + WITHIN, tip, tail) for cost, tip, tail in within))
        _, tip, tail = best
        cells = self.board.line_cells(tip, tail, pointer.breadth)
        is_free = self.board.holds(tip) and self.board.holds(tail) and not self.board.taken[cells].any()
        return Placement(job.index, tip=tip, tail=tail, is_free=is_free)

    def _tried_aslant(
        self, pointer: Pointer, ways: Sequence[float], tips: Sequence[Point]
    ) -> list[tuple[int, Point, Point]]:
        return [self._tried(pointer, tip, way, slant) for way, tip in zip(ways, tips, strict=True) for slant in ASLANT]

    def _around(self, part: Cells, ways: Sequence[float]) -> tuple[list[float], list[Point]]:
        """More points of a region's border, with the sides they are seen from: those of a long region's ends too."""
        cells = np.argwhere(part)
        starts = [(int(r), int(c)) for r, c in cells[:: max(1, len(cells) // ORIGINS)]]
        pairs = [(way, self.board.border_point(part, start, _direction(way))) for start in starts for way in ways]
        return [way for way, _ in pairs], [tip for _, tip in pairs]

    def _tips(self, job: _Job, pointer: Pointer, ways: Sequence[float]) -> list[Point]:
        """What an arrow points at, for each side it may come from: the given point, else the border on that side."""
        if pointer.tip is not None:
            return [pointer.tip] * len(ways)
        assert job.part is not None
        _, deepest = pole(job.part)
        return [self.board.border_point(job.part, deepest, _direction(way)) for way in ways]

    def _tried(self, pointer: Pointer, tip: Point, way: float, slant: float) -> tuple[int, Point, Point]:
        """What an arrow from one side costs, its tip and its tail."""
        near = _moved(tip, _direction(way), pointer.gap)
        tail = _moved(near, _direction(way + slant), pointer.length)
        return self._pointer_cost(pointer, near, tail) + round(abs(slant) * 10), near, tail

    def _pointer_cost(self, pointer: Pointer, tip: Point, tail: Point) -> int:
        board = self.board
        rows, columns = board.line_cells(tip, tail, pointer.breadth)
        outside = 0.0 if board.holds(tail) and board.holds(tip) else 1000.0
        if not len(rows):  # wholly beyond the panel
            return 10**9
        hit = float(board.taken[rows, columns].any()) * 100 + float(board.taken[rows, columns].mean()) * 100
        hit += float(board.all_borders[rows, columns].any()) * 40
        across = float(board.any_region[rows, columns].mean()) * 30
        room = float(board.room[board.cell_of(tail)]) * board.cell / pointer.length
        upper_left = 0.05 * ((tail[0] - tip[0]) + (tail[1] - tip[1])) / pointer.length
        return round((outside + hit + across - min(room, 2.0) + upper_left) * 1000)


def _around(middle: Point, label: Label) -> Box:
    x, y = middle
    return Box(x - label.width / 2, y - label.height / 2, x + label.width / 2, y + label.height / 2)


def _direction(degrees: float) -> Point:
    """(x, y) on the page, y down, of an angle anticlockwise from the right."""
    turn = np.radians(degrees)
    return round(float(np.cos(turn)), 6), round(float(-np.sin(turn)), 6)


def _moved(point: Point, direction: Point, length: float) -> Point:
    return point[0] + direction[0] * length, point[1] + direction[1] * length


def _short_of(tip: Point, tail: Point, gap: float) -> Point:
    """The tip, drawn back towards the tail by `gap`, but never beyond half the way."""
    x, y = tail[0] - tip[0], tail[1] - tip[1]
    length = math.sqrt(x * x + y * y)
    part = min(gap / length, 0.5) if length else 0.0
    return tip[0] + x * part, tip[1] + y * part
