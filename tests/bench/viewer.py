"""The views of the window beside bare napari's one, in turns: the same voxels, regions and screen. Needs a display.

Both windows are shown and as large; a step is over when what it changed has been drawn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bench.table import Row, timed

SHAPE, ROUNDS = (400, 512, 512), 60
SIZE = (1600, 1000)
FIRST_SLICE = """
import sys, time
start = time.perf_counter()
import napari
from napari_callout.host.host import Host
from qtpy.QtWidgets import QApplication
viewer = napari.Viewer(show_welcome_screen=False, show=False)
host = Host(viewer)
viewer.window.show()
host.files.begin([sys.argv[1]])
pane = host.room.grid.panes[0]
while pane.scene.greys is None:
    QApplication.processEvents()
print(time.perf_counter() - start)
host.close()
viewer.close()
"""
REGIONS = 3


def rows(folder: Path) -> Iterator[Row]:
    """A scroll step in one view and in four, and a brush step with four, each beside napari's own."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        print("viewer: left out, there is no display", file=sys.stderr)
        return
    import logging

    logging.getLogger("vispy").setLevel(logging.ERROR)
    host, case = _ours(folder)
    bare = _bare(host, case)
    views = host.session.views
    yield from _scrolling(host, bare, "1", "a scroll step in one view", 1 / 3)
    views.arrange("4")
    for view in (1, 2, 3):
        views.put(view, views.looks[0])
    yield from _scrolling(host, bare, "4", "a linked step in four views", 1 / 2)
    views.hang("1", [views.looks[0]])
    views.three_planes(0)
    yield from _scrolling(host, bare, "planes", "a step with three planes shown", None)
    yield from _brushing(host, bare)
    large = _stroke_step(host)
    yield from _lasting(host, folder)
    small = _stroke_step(host)
    yield Row("a brush step on 400 slices", large / small, "", 1.3, 1.0, f"{small:.1f} ms on 40; {large:.1f} ms")
    host.close()
    host.viewer.close()
    bare.close()
    yield from _opening(folder)


def _lasting(host: Any, folder: Path) -> Iterator[Row]:
    """How much memory a sitting takes: series that are changed, slices that are scrolled through, layouts."""
    import psutil
    from qtpy.QtWidgets import QApplication

    session, views, process = host.session, host.session.views, psutil.Process()
    session.close()
    session.take_case(_several(folder))
    names = [one.id for one in session.series]

    def work(switches: int, steps: int) -> None:
        for n in range(switches):
            session.show_series(names[n % len(names)], view=views.active)
            if n % 10 == 0:
                views.arrange(("1", "2", "4")[n // 10 % 3])
            for _ in range(steps):
                views.step(views.active, 1 if n % 2 else -1)
                _drawn(host)
            while not host.complete:
                _settled()

    work(10, 10)
    memory, widgets = process.memory_info().rss, len(QApplication.allWidgets())
    work(200, 10)
    _settled()
    yield Row("memory after 200 series and 2,000 steps", process.memory_info().rss / memory, "", 1.2, 1.0, "after ten")
    yield Row("widgets after them", len(QApplication.allWidgets()) / widgets, "", 1.0, 1.0, f"{widgets} after ten")


def _several(folder: Path) -> Any:
    """A case of six small CTs."""
    import callout

    for n in range(6):
        made_ct(folder / "several", (40, 512, 512), str(n))
    return callout.create_case(folder / "several.callout", folder / "several", None, reader="r1")


def _opening(folder: Path) -> Iterator[Row]:
    """A CT of 1,000 images and one of a single image, each opened by a process of its own."""
    made_ct(folder / "many", (1000, 512, 512))
    made_ct(folder / "one", (1, 512, 512))
    times: dict[str, list[float]] = {"many": [], "one": []}
    for _ in range(3):
        for name, mine in times.items():
            command = [sys.executable, "-c", FIRST_SLICE, str(folder / name)]
            mine.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]))
    many, one = (statistics.median(mine) for mine in times.values())
    beside = f"an empty window and one image: {one:.2f} s; with 1,000: {many:.2f} s"
    yield Row("1,000 images: the first slice", many / one, "", 1.5, 1.0, beside)


def _scrolling(host: Any, bare: Any, layout: str, what: str, aim: float | None) -> Iterator[Row]:
    views, ways = host.session.views, [1]

    def ours() -> None:
        views.step(0, ways[0])
        _drawn(host)

    def theirs() -> None:
        step = list(bare.dims.current_step)
        bare.dims.set_current_step(0, step[0] + ways[0])
        _settled()
        if not 100 < step[0] < 300:
            ways[0] = -ways[0]

    mine, napari = _in_turns(ours, theirs)
    yield Row(what, mine / napari, "", aim, 1.0, f"napari's {napari:.0f} ms; ours {mine:.1f} ms")


def _brushing(host: Any, bare: Any) -> Iterator[Row]:
    """One move of the hand with the button down: four views of ours drawn, one of napari's."""
    views, session = host.session.views, host.session
    look = views.looks[0]
    views.hang("4", [look] * 4)
    session.choose_finding(session.case.findings[0].id, go=False)
    host.room.hand.arm("paint")
    touch = _touch(host, 200.0, 200.0)
    host.room.hand.press(touch, "left")
    labels = next(layer for layer in bare.layers if layer.name == "Regions")
    labels.mode, labels.brush_size = "paint", 12
    at = [200.0, 200.0]

    def ours() -> None:
        at[0], at[1] = at[0] + 0.7, at[1] + 1.1
        host.room.hand.move(_touch(host, *at))
        _drawn(host)

    def theirs() -> None:
        step = bare.dims.current_step
        labels.paint((step[0], at[0], at[1]), 1)
        _settled()

    mine, napari = _in_turns(ours, theirs)
    host.room.hand.release(_touch(host, *at), "left")
    host.room.hand.arm("")
    yield Row(
        "a brush step, four views", mine / napari, "", 1 / 2, 1.0, f"napari's {napari:.0f} ms; ours {mine:.1f} ms"
    )


def _stroke_step(host: Any) -> float:
    """The median ms of a move of the hand that paints, in one view, drawn."""
    session, views = host.session, host.session.views
    views.hang("1", [views.look])
    if not session.case.findings:
        session.case.add_finding("nodule")
    session.choose_finding(session.case.findings[0].id, go=False)
    host.room.hand.arm("paint")
    host.room.hand.press(_touch(host, 150.0, 150.0), "left")
    at = [150.0, 150.0]

    def step() -> None:
        at[0], at[1] = at[0] + 0.7, at[1] + 1.1
        host.room.hand.move(_touch(host, *at))
        _drawn(host)

    (median,) = _in_turns(step)
    host.room.hand.release(_touch(host, *at), "left")
    host.room.hand.arm("")
    return median


def _touch(host: Any, row: float, column: float) -> Any:
    from qtpy.QtCore import QPointF, Qt

    placement = host.room._panes[0].placement(host.room.grid.panes[0].extent)
    x, y = placement.screen(row, column)
    return host.room._touch_at(0, QPointF(x, y), Qt.KeyboardModifier.NoModifier)


def _ours(folder: Path) -> tuple[Any, Any]:
    """Our window on a case of one CT of 400 × 512 × 512 with regions."""
    import napari

    import callout
    from callout.case import Case
    from napari_callout.host.host import Host

    images = folder / "images"
    made_ct(images)
    case: Case = callout.create_case(folder / "bench.callout", images, None, reader="r1")
    for n in range(REGIONS):
        finding = case.add_finding("cavity")
        region = case.add_region(finding, case.series[0].id)
        mask = np.zeros(SHAPE, bool)
        mask[50:350, 120 + 60 * n : 260 + 60 * n, 150 + 50 * n : 300 + 50 * n] = True
        case.set_mask(region, mask)
    viewer = napari.Viewer(show_welcome_screen=False, show=False)
    host = Host(viewer)
    viewer.window.show()
    viewer.window.resize(*SIZE)
    host.session.take_case(case)
    while not host.complete:
        _settled()
    host.arrange()
    _settled()
    return host, case


def _bare(host: Any, case: Any) -> Any:
    """napari alone, with the same voxels and regions."""
    import napari

    viewer = napari.Viewer(show_welcome_screen=False, show=False)
    viewer.window.show()
    viewer.window.resize(*SIZE)
    voxels = host.room.pictures.get(host.session.series_id).voxels
    viewer.add_image(voxels, contrast_limits=(-1000, 400), name="CT")
    labels = np.zeros(SHAPE, np.uint16)
    for n, region in enumerate(case.regions):
        labels[case.mask(region)] = n + 1
    viewer.add_labels(labels, name="Regions")
    viewer.dims.set_current_step(0, SHAPE[0] // 2)
    _settled()
    return viewer


def _drawn(host: Any) -> None:
    """Until every view has drawn what it shows now."""
    from qtpy.QtWidgets import QApplication

    panes = [pane for pane in host.room.grid.panes if pane.isVisible()]
    QApplication.processEvents()
    while not all(pane._fresh for pane in panes):
        QApplication.processEvents()


def _settled() -> None:
    from qtpy.QtWidgets import QApplication

    QApplication.processEvents()


def _in_turns(*works: Callable[[], object]) -> list[float]:
    """The median ms of each, once in turn; what one leaves to be done later is not counted for the next."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for mine, work in zip(times, works, strict=True):
            mine.append(timed(work).wall)
            for _ in range(5):
                time.sleep(0.004)
                _settled()
    return [statistics.median(mine) for mine in times]


def made_ct(folder: Path, shape: tuple[int, int, int] = SHAPE, name: str = "1") -> None:
    """A CT of noise in a body, as DICOM files."""
    import made_series
    from pydicom.dataset import Dataset

    rng = np.random.default_rng(3)
    noise = rng.integers(0, 400, shape[1:], dtype=np.uint16)
    noise[100:400, 80:430] += 900

    def change(data_set: Dataset, k: int) -> None:
        data_set.Rows, data_set.Columns = shape[1:]
        data_set.PixelSpacing = [0.8, 0.8]
        data_set.PixelData = np.roll(noise, k, axis=0).tobytes()

    made_series.series(folder, shape[0], change, name=name)
