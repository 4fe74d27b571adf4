"""Views become panels in a shown window, and the saved figure is what the command writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import CONTROL, LEFT, PLAIN, SHIFT, key, opened, scene, wait_drawn, wheel
from hands import pane as pane_of
from qtpy.QtCore import Qt

from callout.cli import main
from callout.figures.recipe import Callout, Recipe
from callout.figures.recipe_file import from_toml


def drawn(host: Any, qtbot: Any) -> None:
    """Until the figure's preview is the case's."""
    figures = host.figures
    host.figures.dock.raise_()
    qtbot.waitUntil(host.figures.view.isVisible)
    qtbot.waitUntil(lambda: not figures._soon.isActive() and figures._asked is None, timeout=20_000)
    assert not figures._waiting


def kept(host: Any) -> Recipe:
    return from_toml(host.session.case.recipes["1"])


def slices(host: Any) -> list[int | None]:
    return [panel.view.slice for panel in kept(host).panels]


def linked(host: Any, qtbot: Any, folder: Path) -> Any:
    """The small case with something drawn for the first mention."""
    case = opened(host, qtbot, folder)
    finding = case.add_finding("cavitating lesion", laterality="left")
    mask = np.zeros(case.series_of(host.session.series_id).grid.shape, bool)
    mask[3:7, 20:26, 16:24] = True
    case.set_mask(case.add_region(finding, host.session.series_id), mask)
    case.link(finding, case.mention("1:1"))
    return case


def test_two_views_become_panels_that_are_ordered_undone_and_saved(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = linked(host, qtbot, tmp_path)
    drawn(host, qtbot)
    host.choose_mention("1:1")
    assert host.figures.label == "1"
    proposed = host.figures.view.list.count()
    assert (proposed, host.figures.view.state.text()) == (1, "proposed")
    view = pane_of(host)
    host.session.go_to(5)
    wheel(view, 4, CONTROL)
    key(host, qtbot, Qt.Key.Key_F, SHIFT)
    host.session.go_to(6)
    key(host, qtbot, Qt.Key.Key_I)
    key(host, qtbot, Qt.Key.Key_F, SHIFT)
    drawn(host, qtbot)
    assert slices(host)[1:] == [5, 6]
    assert [panel.letter for panel in kept(host).panels] == ["a", "b", "c"]
    assert host.figures.view.state.text() == "edited"
    first, second = (panel.view for panel in kept(host).panels[1:])
    assert [one.text for one in first.overlays if isinstance(one, Callout)] == ["1"]
    assert (first.inverted, second.inverted) == (False, True)
    assert first.extent_mm[0] < 48 * 0.8
    edits = len(case.history)
    host.figures.view.list.setFocus()
    host.figures.view.choose(2)
    qtbot.keyClick(host.figures.view.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert slices(host)[1:] == [6, 5]
    assert host.figures.view.panel == 1
    qtbot.keyClick(host.figures.view.list, Qt.Key.Key_Delete)
    assert slices(host)[1:] == [5]
    assert len(case.history) == edits + 2
    for _ in range(2):
        key(host, qtbot, Qt.Key.Key_Z, CONTROL)
    assert slices(host)[1:] == [5, 6]
    drawn(host, qtbot)
    assert len(host.figures.view.preview._places) == 3
    assert not host.figures.view.preview._words
    host.figures._file.save("1", tmp_path / "saved.png")
    qtbot.waitUntil(lambda: "is saved" in host.hands.message.text(), timeout=20_000)
    host.session.close()
    assert main(["figure", str(tmp_path / "a.callout"), "--figure", "1", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "saved.png").read_bytes() == (tmp_path / "out" / "figure-1.png").read_bytes()


def test_a_panel_is_hung_again_and_replaced_in_its_frame(host: Any, qtbot: Any, tmp_path: Path) -> None:
    linked(host, qtbot, tmp_path)
    drawn(host, qtbot)
    session, views, view = host.session, host.session.views, pane_of(host)
    wheel(view, 5, CONTROL)
    host.session.go_to(4)
    key(host, qtbot, Qt.Key.Key_3)
    key(host, qtbot, Qt.Key.Key_F, SHIFT)
    drawn(host, qtbot)
    seen, window, number = scene(host), host.room.window, host.figures.view.panel
    taken = kept(host).panels[number].view
    key(host, qtbot, Qt.Key.Key_Home)
    key(host, qtbot, Qt.Key.Key_1)
    other = next(one for one in session.series if one.id != session.series_id and not one.is_localizer)
    session.show_series(other.id)
    wait_drawn(host, qtbot)
    host.figures.view.list.setFocus()
    qtbot.keyClick(host.figures.view.list, Qt.Key.Key_Return)
    wait_drawn(host, qtbot)
    again = scene(host)
    assert (session.series_id, session.k, host.room.window) == (taken.series_id, 4, window)
    for row, column in ((0, 0), (20, 20), (47, 39)):
        assert again.placement.screen(row, column) == pytest.approx(seen.placement.screen(row, column), abs=1)
    views.arrange("2")  # a view of another shape
    wait_drawn(host, qtbot)
    session.go_to(5)
    key(host, qtbot, Qt.Key.Key_R, SHIFT)
    drawn(host, qtbot)
    replaced = kept(host).panels[number].view
    assert (replaced.slice, replaced.extent_mm) == (5, taken.extent_mm)
    assert replaced.centre_mm[:2] == pytest.approx(taken.centre_mm[:2], abs=0.01)
    host.figures.view.buttons["as proposed"].click()
    drawn(host, qtbot)
    assert host.session.case.recipes == {}
    assert host.figures.view.list.count() == 1
    key(host, qtbot, Qt.Key.Key_Z, CONTROL)
    assert kept(host).panels[number].view == replaced


def test_a_frame_crops_and_extras_are_drawn_in_the_picture(host: Any, qtbot: Any, tmp_path: Path) -> None:
    linked(host, qtbot, tmp_path)
    drawn(host, qtbot)
    preview = host.figures.view.preview
    assert preview._image.width() > 0
    before = host.figures._preview.recipe.panels[0].view
    box = preview.box_of(0)
    start, end = (box.topLeft() + (box.bottomRight() - box.topLeft()) * part for part in (0.2, 0.9))
    qtbot.mousePress(preview, LEFT, PLAIN, start.toPoint())
    qtbot.mouseMove(preview, end.toPoint())
    qtbot.mouseRelease(preview, LEFT, PLAIN, end.toPoint())
    after = kept(host).panels[0].view
    assert after.extent_mm == pytest.approx([0.7 * side for side in before.extent_mm], rel=0.03)
    drawn(host, qtbot)
    plain = preview._rgb
    host.figures.view._extras["outlines"].trigger()
    drawn(host, qtbot)
    assert host.figures.view._extras["outlines"].isChecked()
    outlined = preview._rgb
    assert outlined.shape == plain.shape
    assert (np.ptp(outlined.astype(int), axis=2) > 60).sum() > (np.ptp(plain.astype(int), axis=2) > 60).sum() + 50


def test_what_is_no_panel_is_told(host: Any, qtbot: Any, tmp_path: Path) -> None:
    linked(host, qtbot, tmp_path)
    drawn(host, qtbot)
    views = host.session.views

    def told() -> str:
        key(host, qtbot, Qt.Key.Key_F, SHIFT)
        return str(host.hands.message.text()).lower()

    views.put(0, None)
    assert "shows no images" in told()
    host.session.show_series(host.session.series[0].id)
    wait_drawn(host, qtbot)
    views.pan(0, (900.0, 900.0))
    assert "less than 1 mm" in told()
    assert host.session.case.recipes == {}
    host.figures.choose("3")
    drawn(host, qtbot)
    assert "nothing to show in figure 3" in host.figures.view.preview._words
    views.fit(0)
    assert "figure 3: " in told()
    assert host.figures.view.list.count() == 1
    host.session.close()
    assert "there is no case" in told()
