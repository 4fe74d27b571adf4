"""One who reads at a shown window with the mouse and the keys alone: of the journeys, and of the pictures in the docs.

Events go to the window, as those of a screen do: what covers a button, or has no focus, is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import QPoint, QRect, Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QWidget

from napari_callout.launch import wait_until
from napari_callout.session.look import picture_name

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
POLL_MS, STEPS = 20, 6
Place = tuple[float, float]  # row and column of the native slice that a view shows


def shown_host(make_napari_viewer: Callable[..., Any], qtbot: Any) -> Any:
    """Callout in a shown window, empty."""
    viewer = make_napari_viewer(show=True)
    from napari_callout.host.host import Host

    host = Host(viewer)
    viewer.window.resize(1100, 800)
    host.shell.main_window.activateWindow()
    qtbot.waitUntil(host.shell.main_window.isActiveWindow)
    return host


def border(mask: Any) -> list[Place]:
    """Around the largest part of a slice's mask (rows, columns), as a careful hand goes: within a pixel of it."""
    from callout.figures.outline import outlines, simplify

    longest = max(outlines(mask, smooth=True), key=len)
    return [(float(row), float(column)) for row, column in simplify(longest, 1.0)]


def true_masks(sample: Path, folder: Path) -> dict[str, Any]:
    """The masks of the thorax sample by the names of their findings: (slices, rows, columns) of its only series."""
    import callout
    from callout.exports import import_masks

    with callout.create_case(folder / "truth.callout", sample / "images", reader="truth") as case:
        import_masks(case, sample / "truth" / "findings.seg.dcm")
        region_of = {region.finding_id: region for region in case.regions}
        return {one.name: case.mask(region_of[one.id]) for one in case.findings}


@dataclass(frozen=True)
class Stroke:
    """What was drawn: a brush of so many mm over a slice of a series, from a place to a place."""

    series_id: str
    k: int
    start: Place
    end: Place
    brush_mm: float

    def covers(self, case: Any) -> tuple[Any, Any]:
        """(slices, rows, columns) that are drawn at least, and at most: a hand moves by pixels of the screen."""
        grid = case.series_of(self.series_id).grid
        _, down, across = grid.spacing
        rows, columns = np.indices(grid.shape[1:])
        here = np.stack([rows * down, columns * across], axis=-1)
        start, end = (np.array([row * down, column * across]) for row, column in (self.start, self.end))
        along = np.clip((here - start) @ (end - start) / max((end - start) @ (end - start), 1e-9), 0, 1)
        off = np.linalg.norm(here - start - along[..., None] * (end - start), axis=-1)
        slack = 1.5 * max(down, across)
        least, most = np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
        least[self.k], most[self.k] = off < self.brush_mm / 2 - slack, off < self.brush_mm / 2 + slack
        return least, most


@dataclass
class Done:
    """What one did, to be found again in the case.

    lesions: for each finding the strokes, by the words it was drawn for, in order; links: (number of the lesion,
    words) that were made besides; not_drawn: words and why; edits: how many changes all of it is.
    """

    lesions: list[tuple[str, list[Stroke]]] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    not_drawn: dict[str, str] = field(default_factory=dict)
    edits: int = 0

    def check(self, case: Any) -> None:
        """The case holds exactly this."""
        assert len(case.history) == self.edits, [(edit.tool, edit.summary) for edit in case.history]
        assert len(case.findings) == len(self.lesions)
        linked = {(case.findings[number].id, words) for number, words in self.links}
        linked |= {(one.id, words) for one, (words, _) in zip(case.findings, self.lesions, strict=True)}
        assert {(link.finding_id, link.mention_id) for link in case.links} == linked
        for finding, (words, strokes) in zip(case.findings, self.lesions, strict=True):
            assert finding.concept == case.mention(words).concept
            regions = [region for region in case.regions if region.finding_id == finding.id]
            assert {region.series_id for region in regions} == {stroke.series_id for stroke in strokes}
            for region in regions:
                covers = [one.covers(case) for one in strokes if one.series_id == region.series_id]
                mask = case.mask(region)
                assert not any((least & ~mask).any() for least, _ in covers)
                assert not (mask & ~np.logical_or.reduce([most for _, most in covers])).any()
        reached = {words for _, words in linked}
        for mention in (one for one in case.mentions if not one.id.startswith("body:")):
            state = case.mention_state(mention)
            given = self.not_drawn.get(mention.id)
            assert state == ("not drawn", given) if given else (mention.id in reached) == (state[0] == "draft")


class Reader:
    """Mouse and keys on the window of `host`. `troubles`: what the window said that did not work."""

    def __init__(self, host: Any) -> None:
        self.host, self.session = host, host.session
        self.troubles: list[str] = []
        self.acts = 0  # keys pressed, clicks and drags
        self.session.told.connect(self._hear)
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)  # one can't type into the others

    @property
    def window(self) -> Any:
        """The window; it is not held, since it has to go with the test."""
        return self.host.shell.main_window

    def _hear(self, text: str, failed: bool) -> None:
        if failed:
            self.troubles.append(text)

    # Waiting ---------------------------------------------------------------------------------------------------------

    def wait(self, done: Callable[[], object], seconds: float = 20.0) -> None:
        """Until it is so; it has to become so."""
        wait_until(lambda: bool(done()), seconds)
        assert done()

    def wait_drawn(self) -> None:
        """Until all that the views show is here, and painted."""
        self.wait(lambda: self.host.complete)
        self.breathe()

    def breathe(self) -> None:
        """Let the window do what it is told."""
        for _ in range(4):
            QApplication.processEvents()

    # Mouse and keys --------------------------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        """Keys, as Qt writes them, for whatever has the focus; a menu that is open comes first."""
        window = QApplication.focusWindow()
        if window is None:
            self.window.activateWindow()
            self.wait(self.window.isActiveWindow)
            window = self.window.windowHandle()
        QTest.keySequence(window, QKeySequence(keys))
        self.acts += 1
        self.breathe()

    def type(self, text: str) -> None:
        """Write into the field that has the focus."""
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.breathe()

    def do(self, name: str) -> None:
        """The first key of an action of the table."""
        self.press(self.host.desk.keys.keys[name][0])

    def click(self, widget: QWidget, place: QPoint | None = None, keys: Any = PLAIN, button: Any = LEFT) -> None:
        """On the middle of a widget, or at a place of it."""
        window, at = self._at(widget, place)
        QTest.mouseClick(window, button, keys, at)
        self.acts += 1
        self.breathe()

    def point(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Bring the cursor there."""
        QTest.mouseMove(*self._at(widget, place))
        self.breathe()

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, button: Any = LEFT) -> None:
        """Press, move and let go inside a widget."""
        (window, first), (_, last) = self._at(widget, start), self._at(widget, end)
        QTest.mouseMove(window, first)
        QTest.mousePress(window, button, PLAIN, first)
        for part in range(1, STEPS + 1):
            QTest.mouseMove(window, first + (last - first) * (part / STEPS))
        QTest.mouseRelease(window, button, PLAIN, last)
        self.acts += 1
        self.breathe()

    def trace(self, places: Sequence[Place], before: Callable[[], object] = lambda: None) -> None:
        """Go through native places of the shown slice with the button down; `before`: done when most of it is gone."""
        way = [self._at(self.view, self.place(*place)) for place in places]
        window, first = way[0]
        QTest.mouseMove(window, first)
        QTest.mousePress(window, LEFT, PLAIN, first)
        for number, (_, place) in enumerate(way):
            QTest.mouseMove(window, place)
            if number == len(way) * 4 // 5:
                before()
        QTest.mouseRelease(window, LEFT, PLAIN, way[-1][1])
        self.acts += 1
        self.breathe()

    def carry(self, source: QWidget, start: QPoint, target: QWidget, end: QPoint) -> None:
        """Drag a thing from one widget to another; the platform itself carries it over."""
        (window, first), (_, last) = self._at(source, start), self._at(target, end)
        ways = [first + (last - first) * (part / STEPS) for part in range(1, STEPS + 1)] + [last + QPoint(1, 0), last]
        QTest.mouseMove(window, first)
        QTest.mousePress(window, LEFT, PLAIN, first)
        for number, way in enumerate(ways):
            QTimer.singleShot(POLL_MS * (number + 2), lambda way=way: QTest.mouseMove(window, way))  # type: ignore[misc]
        QTimer.singleShot(POLL_MS * (len(ways) + 2), lambda: QTest.mouseRelease(window, LEFT, PLAIN, last))
        QTest.mouseMove(window, first + QPoint(0, 2))
        QTest.qWait(POLL_MS * (len(ways) + 6))

    def _at(self, widget: QWidget, place: QPoint | None) -> tuple[Any, QPoint]:
        where = widget.rect().center() if place is None else place
        assert widget.isVisible()
        assert widget.visibleRegion().contains(QRect(where, where)), "it is covered, or scrolled away"
        window = widget.window().windowHandle()
        return window, window.mapFromGlobal(widget.mapToGlobal(where))

    # Opening ---------------------------------------------------------------------------------------------------------

    def answer(self, *paths: Path | None) -> None:
        """Put these paths into the file dialogs that come next, one each; None leaves one."""
        waiting = list(paths)

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QFileDialog) and dialog.isVisible():
                path = waiting.pop(0)
                if path is None:
                    dialog.reject()
                    return
                field = dialog.findChild(QLineEdit, "fileNameEdit")
                field.setText(str(path))  # typed, Qt's completions would come in between
                accept = QDialogButtonBox.ButtonRole.AcceptRole
                box = dialog.findChild(QDialogButtonBox)
                QTest.mouseClick(next(one for one in box.buttons() if box.buttonRole(one) == accept), LEFT)
            if waiting:
                QTimer.singleShot(POLL_MS, look)

        QTimer.singleShot(POLL_MS, look)

    def open_study(self, folder: Path) -> None:
        """The button of the empty window, or its key; a folder is asked for."""
        before = self.session.series
        self.answer(folder)
        if self.host.welcome.isVisible():
            self.click(self.host.welcome.buttons["open study"])
        else:
            self.do("open study")
        self.wait(lambda: self.session.series and self.session.series is not before)
        self.wait_drawn()

    def open_case(self, path: Path) -> Any:
        """By its key; a file is asked for."""
        self.answer(path)
        self.do("open case")
        self.wait(lambda: self.session.case is not None and Path(self.session.case.path) == path)
        self.wait_drawn()
        return self.session.case

    def new_case(self, path: Path, report: Path | None = None) -> Any:
        """Of the study that is open, by its key; two files are asked for."""
        self.answer(path, report)
        self.do("new case")
        self.wait(lambda: self.session.case is not None)
        self.wait_drawn()
        return self.session.case

    # Report ----------------------------------------------------------------------------------------------------------

    def hang(self, label: str) -> list[tuple[str, str]]:
        """Click a figure's heading; the series and planes that hang then, and the report's pictures by their names."""
        heading = self.host.report.blocks[f"figure {label}"].heading
        self.host.report.area.ensureWidgetVisible(heading)
        self.breathe()
        self.click(heading)
        self.wait_drawn()
        views = self.session.views
        hung = [(views.series(n), picture_name(look.series_id)) for n, look in enumerate(views.looks) if look]
        return [(series.description, series.plane) if name is None else (name, "picture") for series, name in hung]

    def type_caption(self, text: str) -> None:
        """The caption of another figure, typed in its place."""
        self.click(self.host.report.type_caption)
        self.type(text)
        self.press("Ctrl+Return")

    def click_chip(self, mention_id: str) -> None:
        """Choose words in the report."""
        self.click(*self._chip(mention_id))
        self.wait_drawn()

    def _chip(self, mention_id: str) -> tuple[Any, QPoint]:
        self.host.report.show_mention(mention_id)
        self.breathe()
        passage = self.host.report.passage_of(mention_id)
        return passage, passage.rect_of(mention_id).center().toPoint()

    def carry_finding(self, finding_id: str, mention_id: str) -> None:
        """Drag a finding's row onto words of the report."""
        row = self.host.findings.rows[finding_id]
        self.host.findings._scroll.ensureWidgetVisible(row)
        chip, place = self._chip(mention_id)
        self.carry(row, QPoint(60, 12), chip, place)

    def pick(self, words: str) -> None:
        """The line of the open menu that begins so."""
        menu: Any = QApplication.activePopupWidget()
        action = next(one for one in menu.actions() if one.text().replace("&", "").startswith(words))
        self.click(menu, menu.actionGeometry(action).center())

    # Views -----------------------------------------------------------------------------------------------------------

    @property
    def view(self) -> Any:
        """The active view."""
        return self.host.room.view

    def place(self, row: float, column: float) -> QPoint:
        """Where the native (row, column) of the shown slice lies in the active view."""
        plane = self.session.views.plane(self.session.views.active)
        return self.place_of(plane.grid.points(np.array([plane.k, row, column], float)))

    def place_of(self, point: Any) -> QPoint:
        """Where a point of the patient, LPS mm, lies in the active view."""
        views, pane = self.session.views, self.host.room._panes[self.session.views.active]
        placement = pane.placement(self.view.extent)
        x, y = placement.screen(*views.plane(views.active).places(point)[0, :2])
        return QPoint(round(x), round(y))

    def go_to(self, k: int) -> None:
        """Slice by slice, by keys, to a native slice of the series in the active view."""
        order = self.session.views.order(self.session.series_id)
        steps = order.slice_to_display(k) - order.slice_to_display(self.session.k)
        for _ in range(abs(steps)):
            self.do("slice down" if steps > 0 else "slice up")
        assert self.session.k == k

    def stroke(self, start: Place, end: Place) -> Stroke:
        """Drag with the brush in hand on the active view."""
        assert self.session.armed == "paint"
        drawn = Stroke(self.session.series_id, self.session.k, start, end, self.session.brush_mm)
        self.drag(self.view, self.place(*start), self.place(*end))
        return drawn

    def lesion(self, done: Done, start: Place, end: Place) -> None:
        """A stroke that makes a finding of the chosen words."""
        self.do("brush")
        mention_id = self.session.selection.mention_id
        done.lesions.append((mention_id, [self.stroke(start, end)]))
        done.edits += 1

    def make_panel(self, done: Done, label: str, name: str = "take panel") -> list[tuple[str, int]]:
        """The active view becomes a panel of the figure that hangs; the series and slices of its panels then."""
        from callout.figures.recipe_file import from_toml

        case, before = self.session.case, len(self.session.case.history)
        self.do(name)
        self.wait(lambda: len(case.history) > before)
        done.edits += 1
        return [(panel.view.series_id, panel.view.slice) for panel in from_toml(case.recipes[label]).panels]

    def leave_out(self, done: Done, number: int, reason: str) -> None:
        """The chosen words are not drawn, for a reason of the menu."""
        self.do("not drawn")
        self.press(str(number))
        done.not_drawn[self.session.selection.mention_id] = reason
        done.edits += 1
