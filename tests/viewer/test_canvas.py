"""napari's own canvas, the second page of the window: the same case, drawn on with napari's tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import CONTROL, LEFT, opened, wait_drawn, wheel
from hands import move as move_on
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication


@pytest.fixture
def page(host: Any, qtbot: Any, tmp_path: Path) -> Any:
    """The window with napari's page turned to."""
    opened(host, qtbot, tmp_path)
    host.show_canvas(True)
    qtbot.waitUntil(lambda: host.canvas.stage.complete and host.shell.canvas.isVisible(), timeout=10_000)
    QApplication.processEvents()
    host.canvas.stage.fit()
    return host


def at(host: Any, row: int, column: int) -> QPoint:
    """Where the (row, column) of the shown slice lies on the canvas."""
    stage, camera, canvas = host.canvas.stage, host.viewer.scene.camera, host.shell.canvas
    place = stage.order.index_to_display((host.session.k, row, column))
    _, down, across = stage.order.dims_order
    *_, y, x = camera.center
    return QPoint(
        round((place[across] * stage.order.spacing[across] - x) * camera.zoom + canvas.width() / 2),
        round((place[down] * stage.order.spacing[down] - y) * camera.zoom + canvas.height() / 2),
    )


def drag(host: Any, qtbot: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    canvas = host.shell.canvas
    qtbot.mouseMove(canvas, at(host, *start))
    qtbot.mousePress(canvas, LEFT, pos=at(host, *start))
    for part in (0.3, 0.6, 1.0):
        between = tuple(round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
        qtbot.wait(15)  # the canvas leaves out moves that follow within 10 ms
        move_on(canvas, at(host, *between), LEFT)
    qtbot.mouseRelease(canvas, LEFT, pos=at(host, *end))
    QApplication.processEvents()


def test_a_stroke_of_napari_s_brush_is_an_edit_and_is_undone_as_one(page: Any, qtbot: Any) -> None:
    case = page.session.case
    page.choose_mention("1:1")
    qtbot.keyClick(page.shell.canvas, Qt.Key.Key_B)
    assert page.canvas.stage.mode == "paint"
    drag(page, qtbot, (20, 14), (20, 26))
    assert [edit.tool for edit in case.history] == ["paint"]
    drawn = case.mask(case.regions[0])
    assert drawn[page.session.k, 20, 14:27].all()
    page.show_canvas(False)
    assert [outline.label for outline in page.room._scene(0, (400, 400)).outlines] == [case.findings[0].id]
    page.show_canvas(True)
    qtbot.keyClick(page.shell.canvas, Qt.Key.Key_Z, CONTROL)
    assert case.regions == ()
    assert not np.asarray(page.canvas.stage.labels.data).any()


def test_the_brush_is_as_large_as_it_says_also_by_napari_s_own_button(page: Any, qtbot: Any) -> None:
    page.choose_mention("1:1")
    page.session.brush_mm = 10
    page.canvas.arm("paint")
    page.canvas.stage.labels.mode = "paint"
    assert page.canvas.stage.labels.brush_size == round(10 / 0.8)


def test_both_pages_show_the_same_slice_and_window(page: Any, qtbot: Any) -> None:
    k = page.session.k
    wheel(page.shell.canvas, -2)
    assert page.session.k == k - 2
    page.viewer.dims.set_current_step(0, 0)
    assert page.session.k == page.session.shown_series.grid.shape[0] - 1
    page.canvas.stage.image.contrast_limits = (0.0, 300.0)
    assert page.room.window == (150.0, 300.0)
    page.room.use_preset(2)
    assert tuple(page.canvas.stage.image.contrast_limits) == (-160.0, 240.0)
    qtbot.mouseMove(page.shell.canvas, at(page, 22, 18))
    assert "HU" in page.hands.value.text()


def test_other_planes_and_series_follow(page: Any, qtbot: Any) -> None:
    page.choose_mention("2:arrow")
    qtbot.waitUntil(lambda: page.canvas.stage.series is page.session.shown_series, timeout=10_000)
    assert tuple(page.viewer.dims.order) == (1, 0, 2)
    assert page.canvas.corners.corners.edges == ("R", "L", "H", "F")
    assert all((np.asarray(layer.scale) > 0).all() for layer in page.viewer.layers)


def test_an_outline_is_napari_s_polygon_there_and_growing_is_told_to_be_elsewhere(page: Any, qtbot: Any) -> None:
    case, labels = page.session.case, page.canvas.stage.labels
    case.exclude("cavity", "ground-glass opacity", on=False)
    page.choose_mention("1:1")
    qtbot.keyClick(page.shell.canvas, Qt.Key.Key_G)
    assert "in the views" in page.hands.message.text()
    qtbot.keyClick(page.shell.canvas, Qt.Key.Key_O)
    assert str(labels.mode) == "polygon"
    order, k = page.canvas.stage.order, page.session.k
    corners = [order.index_to_display((k, row, column)) for row, column in ((10, 10), (10, 25), (28, 25), (28, 10))]
    labels.paint_polygon(corners, labels.selected_label)
    assert case.mask(case.regions[0])[k, 11:28, 11:25].all()
    assert len(case.history) == 2
    qtbot.keyClick(page.shell.canvas, Qt.Key.Key_H)  # what is done to a region is done there too
    assert page.hands.message.text() == "There are no holes of each slice"


def test_napari_s_bucket_fills_on_the_slice_alone(page: Any) -> None:
    page.choose_mention("1:1")
    labels = page.canvas.stage.labels
    labels.mode = "fill"
    labels.n_edit_dimensions = 3
    assert labels.n_edit_dimensions == 2
    assert "too long" in page.hands.message.text()
    labels.mode = "paint"
    labels.n_edit_dimensions = 3  # its brush is quick in 3D too
    assert labels.n_edit_dimensions == 3
    labels.mode = "fill"
    assert labels.n_edit_dimensions == 2


def test_a_window_made_as_for_a_reader_outlives_its_first_turn_to_napari(
    make_napari_viewer: Any, qtbot: Any, tmp_path: Path
) -> None:
    from napari_callout.host.host import Host

    viewer = make_napari_viewer(show=False)
    one = Host(viewer)  # before the window is shown, so that napari's picture waits outside of it
    viewer.window.show()
    opened(one, qtbot, tmp_path)
    for seen in (True, False):
        one.show_canvas(seen)
        qtbot.wait(100)
        assert one.canvas.seen is seen
        assert one.session.case is not None
    one.choose_mention("2:arrow")
    wait_drawn(one, qtbot)
    one.close()
    assert one.session.case is None
