"""One who draws what a report speaks of, with mouse and keys, and counts them.

What the samples' truth says is used as eyes are: where to click, and which border the hand follows, with a hand's
tremor. No mask is ever handed over.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QPushButton
from reader import LEFT, PLAIN, Reader

import callout
from callout.cli.demo import demo_case
from callout.dicom import load
from callout.geometry import Floats
from callout.masks.contours import borders

Bits = npt.NDArray[np.bool_]
POINTS_MM, TREMOR_MM = 7.0, 1.0  # of an outline: how far its points are apart, and how far they miss the border
CLOSE_MM, CLOSE_TREMOR_MM = 3.0, 0.5  # the same in a view that is `CLOSE` times as large: a hand is surer there
CLOSE = 3.0
SPECK_MM2 = 4.0  # what is not gone round
READER = "reader"


@dataclass(frozen=True, eq=False)
class Seen:
    """One region as the eye sees it: its series, title and voxels (k, j, i)."""

    series_id: str
    title: str
    mask: Bits

    @property
    def slices(self) -> list[int]:
        """Where it is seen."""
        return [int(k) for k in np.flatnonzero(self.mask.any(axis=(1, 2)))]

    def every(self, step: int) -> list[int]:
        """Each so many slices, and the last one."""
        slices = self.slices
        return sorted({*slices[::step], slices[-1]})

    @property
    def largest(self) -> int:
        """The slice that shows most of it."""
        return int(self.mask.sum(axis=(1, 2)).argmax())


def seen_in(sample: str, folder: Path) -> dict[tuple[str, str], Seen]:
    """What the truth of a sample shows, by (name of the finding, title of the series); its case is in the folder."""
    found, path = {}, folder / "truth.callout"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(callout.open_case(path, read_only=True) if path.exists() else demo_case(sample, path)) as case:
        names = {finding.id: finding.name for finding in case.findings}
        titles = {series.id: series.title for series in case.series}
        for region in case.regions:
            seen = Seen(region.series_id, titles[region.series_id], case.mask(region))
            found[names[region.finding_id], seen.title] = seen
    return found


def dice(one: Bits, other: Bits) -> float:
    """How well two masks agree, 0 to 1."""
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


class Annotator(Reader):
    """Draws in the window of `host`. by_name: drags, clicks, keys and notches of the wheel; halt: see `way`."""

    def __init__(self, host: Any, seen: dict[tuple[str, str], Seen]) -> None:
        super().__init__(host)
        self.seen = seen
        self.halt: Callable[[], None] | None = None
        self.drags_left = 0
        self.tremor = np.random.default_rng(5)
        self.used: Counter[str] = Counter()
        self.by_name: dict[str, Counter[str]] = {}
        self.values: dict[str, Any] = {}
        host.viewer.window.resize(1600, 1000)

    def begin(self, name: str) -> None:
        """What is done from now on is counted as done for this."""
        self.used = self.by_name.setdefault(name, Counter())

    def tell(self) -> None:
        """Print what is in the case, and what it took."""
        case = self.session.case
        masks = {region.id: [region.series_id, zlib.crc32(case.mask(region))] for region in case.regions}
        told = {"edits": len(case.history), "masks": masks, "used": self.by_name, "troubles": self.troubles}
        print(json.dumps(told), flush=True)

    # Counted ---------------------------------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        """As of a reader; one key."""
        self.used["keys"] += 1
        super().press(keys)

    def click(self, widget: Any, place: QPoint | None = None, keys: Any = PLAIN, button: Any = LEFT) -> None:
        """As of a reader; one click."""
        self.used["clicks"] += 1
        super().click(widget, place, keys, button)

    def wheel(self, notches: int, place: QPoint | None = None, keys: Any = PLAIN) -> None:
        """Turn the wheel over the active view."""
        self.used["notches"] += abs(notches)
        window, at = self._at(self.view, place)
        for _ in range(abs(notches)):
            turn = QPoint(0, 120 if notches > 0 else -120)
            where = QPointF(at), QPointF(window.mapToGlobal(at))
            none = Qt.MouseButton.NoButton
            event = QWheelEvent(*where, QPoint(), turn, none, keys, Qt.ScrollPhase.NoScrollPhase, False)
            QApplication.sendEvent(window, event)
        self.breathe()

    def go_to(self, k: int) -> None:
        """By the wheel to a native slice of the series in the active view."""
        views = self.session.views
        plane = views.plane(views.active)
        self.wheel(plane.at - plane.order.slice_to_display(k))
        assert self.session.k == k

    def way(self, places: Sequence[QPoint], keys: Any = PLAIN) -> None:
        """Press, go along places of the active view and let go; `halt`, when no drags are left, comes before that."""
        self.used["drags"] += 1
        window = self.view.window().windowHandle()
        at = [self._at(self.view, place)[1] for place in places]
        QTest.mouseMove(window, at[0])
        QTest.mousePress(window, LEFT, keys, at[0])
        for place in at[1:]:
            QTest.mouseMove(window, place)
        if self.halt is not None and self.drags_left == 0:
            self.breathe()
            self.halt()
        self.drags_left -= 1
        QTest.mouseRelease(window, LEFT, keys, at[-1])
        self.breathe()

    # Drawing ---------------------------------------------------------------------------------------------------------

    def outlines(self, seen: Seen, k: int) -> list[list[QPoint]]:
        """The ways of a hand round what is seen in a slice, largest first."""
        self.go_to(k)
        grid = self.session.shown_series.grid
        spacing = np.array(grid.spacing[1:])
        close = self.session.views.look.zoom >= CLOSE
        points_mm, tremor_mm = (CLOSE_MM, CLOSE_TREMOR_MM) if close else (POINTS_MM, TREMOR_MM)
        rings = [ring * spacing for ring in borders(seen.mask[k])]
        ways = []
        rings.sort(key=lambda ring: -abs(_area(ring)))
        for ring in rings:
            if abs(_area(ring)) < SPECK_MM2 or _area(ring) * _area(rings[0]) < 0:  # a speck, or a hole
                continue
            along = _spread(ring, points_mm)
            along = along + self.tremor.uniform(-tremor_mm, tremor_mm, along.shape)
            ways.append([self.place(*place) for place in along / spacing])
        return ways

    def outline(self, seen: Seen, ks: Sequence[int]) -> None:
        """Go round it on some slices, unless it is drawn there, and let those between be filled."""
        self.arm("outline", "outline")
        drawing = self.session.drawing
        drawn = drawing.mask(drawing.active_label)
        for k in ks:
            if k in drawn.slices():
                continue
            for way in self.outlines(seen, k):
                self.way(way)
                assert not self.view.over, "the line of the hand stays behind"
        if any(b - a > 1 for a, b in pairwise(ks)):
            self.do("interpolate")
            self.wait_done()

    def grow(self, seen: Seen, percent: int, half: float, then: Sequence[str] = ()) -> None:
        """Press where it is as bright as so many percent of it, and drag until the range is so wide on each side."""
        self.arm("grow", "grow")
        if not self.session.kit.in_space:
            self.do("flat or in space")
        k = seen.largest
        self.go_to(k)
        row, column = self._even_spot(seen, k, percent)
        start = self.place(row, column)
        window, at = self._at(self.view, start)
        self.used["drags"] += 1
        QTest.mouseMove(window, at)
        QTest.mousePress(window, LEFT, PLAIN, at)
        step = 1 if self._range() < 2 * half else -1
        last = at
        while (self._range() - 2 * half) * step < 0:
            last = last + QPoint(step, 0)
            QTest.mouseMove(window, last)
            self.breathe()
        QTest.mouseRelease(window, LEFT, PLAIN, last)
        self.wait_done()
        for name in then:
            self.do(name)
            self.wait_done()

    def arm(self, name: str, tool: str) -> None:
        """Take a tool in hand by its key, unless it is."""
        if self.session.armed != tool:
            self.do(name)
        assert self.session.armed == tool

    def project(self, title: str) -> None:
        """From the menu of the region onto another series."""
        self.do("region")
        self.pick("Draw on another series")
        self.pick(title)
        self.wait_done()

    def zoom_in(self, seen: Seen, times: float) -> None:
        """About the middle of what is seen, until it is so many times as large."""
        self.go_to(seen.largest)
        row, column = np.argwhere(seen.mask[seen.largest]).mean(axis=0)
        while self.session.views.look.zoom < times:
            self.wheel(1, self.place(row, column), Qt.KeyboardModifier.ControlModifier)

    def link(self, words: str) -> None:
        """The chosen words to a finding of the menu."""
        self.do("links")
        self.pick(words)

    def next_mention(self, mention_id: str) -> None:
        """By key to words that are still to be drawn."""
        wanted = self.session.case.mention(mention_id).id
        for _ in range(12):
            if self.session.selection.mention_id == wanted:
                break
            self.do("next mention")
            self.wait_drawn()
        assert self.session.selection.mention_id == wanted

    def show(self, seen: Seen) -> None:
        """Its series in one of the views: by key where it hangs, else from the list of series."""
        for _ in self.session.views.looks:
            if self.session.series_id == seen.series_id:
                return
            if any(look and look.series_id == seen.series_id for look in self.session.views.looks):
                self.do("next view")
            else:
                self._choose_series(seen.series_id)
        self.wait_drawn()
        assert self.session.series_id == seen.series_id

    def _choose_series(self, series_id: str) -> None:
        while series_id not in self.host.series.rows:  # its stack is folded away
            buttons = self.host.series.findChildren(QPushButton)
            button = next(one for one in buttons if one.text().startswith("▸"))
            self.host.series._scroll.ensureWidgetVisible(button)
            self.breathe()
            self.click(button)
        card = self.host.series.rows[series_id]
        self.host.series._scroll.ensureWidgetVisible(card)
        self.breathe()
        self.click(card)
        self.wait_drawn()

    def wait_done(self) -> None:
        """Until no operation runs, nothing grows, and all is seen."""
        operations = self.host.room.hand.operations
        self.wait(lambda: not (operations.running or operations.ahead.working))
        self.breathe()

    def _range(self) -> float:
        """How wide the range is that the line at the bottom names."""
        text = dict(self.host.room.hand.tool.keys(lambda name: name))["Range"].replace("−", "-").partition(" ")[0]
        low, high = (float(end) for end in text.split("…"))
        return high - low

    def _even_spot(self, seen: Seen, k: int, percent: int) -> tuple[int, int]:
        """Where it is about as bright as so many percent of it, and evenly so."""
        values = self._values(seen.series_id)
        wanted, here = np.percentile(values[seen.mask], percent), np.argwhere(seen.mask[k])
        around = [values[k, row - 1 : row + 2, column - 1 : column + 2] for row, column in here]
        row, column = here[np.argmin([abs(one.mean() - wanted) + one.std() for one in around])]
        return int(row), int(column)

    def _values(self, series_id: str) -> Any:
        if series_id not in self.values:
            series = next(one for one in self.session.series if one.id == series_id)
            self.values[series_id] = load(series).voxels.astype(float)
        return self.values[series_id]


def _area(ring: Floats) -> float:
    rows, columns = ring.T
    return float((columns * np.roll(rows, 1) - rows * np.roll(columns, 1)).sum() / 2)


def _spread(ring: Floats, step: float) -> Floats:
    """Points along a closed line, about `step` apart."""
    closed = np.vstack([ring, ring[:1]])
    way = np.append(0, np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1)))
    at = np.linspace(0, way[-1], max(6, int(way[-1] / step)), endpoint=False)
    return np.column_stack([np.interp(at, way, closed[:, axis]) for axis in (0, 1)])
