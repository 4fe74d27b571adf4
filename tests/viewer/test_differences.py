"""Subtraction: which series can be taken from which, and moving one by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spine_study
from hands import SHIFT, drag, key, scene, wait_drawn
from qtpy.QtCore import Qt

import callout
from callout.errors import InputError
from callout.geometry import Grid
from callout.volume import Volume
from napari_callout.panes.shift import step_mm
from napari_callout.panes.values import taken_away
from napari_callout.session import Session
from napari_callout.session.differences import beside, partners, subtract, subtract_next
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane

BEFORE, AFTER = 4, 7


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[Session]:
    one = Session()
    one.take_case(spine_study.case(tmp_path))
    yield one
    one.close()


def ids(session: Session) -> tuple[str, str]:
    return tuple(spine_study.numbered(session.series, number).id for number in (BEFORE, AFTER))  # type: ignore[return-value]


def test_only_what_was_taken_before_is_offered(spine: Session) -> None:
    before, after = ids(spine)
    offered = {one.id: [two.id for two in partners(one, spine.series)] for one in spine.series}
    assert {name: found for name, found in offered.items() if found} == {after: [before]}


def test_before_contrast_what_hangs_beside_is_meant(spine: Session) -> None:
    before, after = ids(spine)
    spine.hang("2")
    assert spine.series_id == before
    subtract_next(spine)
    assert spine.series_id == after
    assert spine.views.look is not None
    assert spine.views.look.minus == before


def test_what_can_not_be_subtracted_is_said(spine: Session) -> None:
    before, after = ids(spine)
    spine.show_series(before)
    with pytest.raises(InputError, match=r"show 7 .* COR T1"):
        subtract_next(spine)
    spine.show_series(spine_study.numbered(spine.series, 2).id)
    with pytest.raises(InputError, match="only two CTs or two T1 series"):
        subtract_next(spine)
    spine.show_series(after)
    with pytest.raises(InputError):
        subtract(spine, spine_study.numbered(spine.series, 9).id)
    assert spine.views.look is not None
    assert spine.views.look.minus is None


def test_a_shift_is_one_edit_and_undone_as_one(spine: Session) -> None:
    before, after = ids(spine)
    spine.show_series(after)
    subtract_next(spine)
    look, case = spine.views.look, spine.case
    assert look is not None
    assert look.minus == before
    assert case is not None
    for _ in range(5):
        spine.shifting.move(look, np.array([0.0, 0.3, 0.0]))
    assert case.history == ()
    assert spine.shift_of(look) == pytest.approx((0, 1.5, 0))
    assert spine.shifting.words(look) == "moved 1.5 mm P"
    spine.save()
    assert len(case.history) == 1
    assert case.shift_of(after, before) == pytest.approx((0, 1.5, 0))
    spine.save()
    assert len(case.history) == 1
    spine.undo()
    assert spine.shift_of(look) == (0, 0, 0)


def test_without_a_case_it_is_seen_and_not_kept() -> None:
    session = Session()
    session.take_study(callout.find_series(spine_study.FOLDER / "images"))
    before, after = ids(session)
    session.show_series(after)
    subtract_next(session)
    assert session.views.look is not None
    session.shifting.move(session.views.look, np.array([1.0, 0, 0]))
    session.save()
    assert session.shift_of(session.views.look) == (1, 0, 0)
    assert session.views.look.minus == before
    session.close()


def test_before_and_after_hang_beside_each_other_at_one_place(spine: Session) -> None:
    before, after = ids(spine)
    for name in (before, after):
        spine.views.hang("1", [spine.views.native(name, 6)])
        beside(spine)
        views = spine.views
        assert [look.series_id for look in views.looks if look] == [before, after]
        assert views.look is not None
        assert views.look.series_id == name
        one, two = views.plane(0), views.plane(1)
        assert one is not None
        assert two is not None
        assert abs(float((one.point(0, 0) - two.point(0, 0)) @ one.normal)) < 2.3


def test_the_difference_of_a_moved_copy_is_nothing() -> None:
    """What was made by moving a series along its own axes vanishes where it is moved back."""
    rng = np.random.default_rng(1)
    voxels = rng.integers(0, 500, (5, 12, 11)).astype(np.int16)
    affine = [[0, 0, -0.9, 9], [0.3, 1.2, 0, -4], [3.0, -0.1, 0, 7], [0, 0, 0, 1]]
    grid = Grid.from_affine(affine, voxels.shape, "frame")
    moved = np.roll(voxels, (2, -3), axis=(1, 2))  # what lay at (j, i) lies at (j + 2, i - 3)
    shift = -(2 * grid.row_step - 3 * grid.column_step)
    order = DisplayOrder.of(grid)
    for at in range(5):
        plane = Plane(order, order.slice_axis, at)
        found = taken_away(plane, plane.take(voxels), Volume(moved, grid, "other"), shift)
        inside = np.isfinite(found)
        assert inside.sum() == (12 - 2) * (11 - 3)
        assert np.abs(found[inside]).max() < 1e-3


def test_a_step_of_the_arrow_keys_is_a_pixel_on_the_screen() -> None:
    grid = Grid.from_affine([[0, 0, -0.9, 9], [0, 1.2, 0, -4], [3.0, 0, 0, 7], [0, 0, 0, 1]], (5, 12, 11))
    plane = Plane(DisplayOrder.of(grid), 0, 2)
    assert step_mm(plane, 1, 0, False) == pytest.approx(plane.point(4, 5) - plane.point(4, 4))
    assert step_mm(plane, 0, 1, True) == pytest.approx((plane.point(5, 4) - plane.point(4, 4)) / 10)


# In a shown window ----------------------------------------------------------------------------------------------------


def test_subtraction_is_shown_moved_and_ended(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = spine_study.case(tmp_path)
    session = host.session
    session.take_case(case)
    before, after = ids(session)
    session.views.hang("1", [session.views.native(after, 10)])
    wait_drawn(host, qtbot)
    plain = scene(host).greys
    key(host, qtbot, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | SHIFT)  # no key of ours
    key(host, qtbot, Qt.Key.Key_D, SHIFT)
    wait_drawn(host, qtbot)
    assert session.views.look.minus == before
    first = scene(host)
    assert first.greys is not None
    assert not np.array_equal(first.greys, plain)
    assert "less 4" in first.corners.top_right
    assert "W150 L38" in first.corners.bottom_left
    assert np.median(first.greys) < np.median(plain)  # what did not change is dark
    key(host, qtbot, Qt.Key.Key_B)
    assert session.armed == ""
    assert "difference" in host.hands.message.text()
    key(host, qtbot, Qt.Key.Key_M, SHIFT)
    assert session.armed == "shift"
    drag(host, qtbot, (100, 100), (100, 104))
    assert len(case.history) == 1
    moved = np.array(case.shift_of(after, before))
    assert scene(host).corners.top_right.split("\n")[1].startswith("moved ")
    assert moved[0] == pytest.approx(4 * 1.3, abs=1.0)
    assert abs(moved[1]) < 0.1
    assert "moved" in scene(host).corners.top_right
    assert not np.array_equal(scene(host).greys, first.greys)
    for _ in range(3):
        key(host, qtbot, Qt.Key.Key_Left)
    key(host, qtbot, Qt.Key.Key_Up, SHIFT)
    assert len(case.history) == 1
    key(host, qtbot, Qt.Key.Key_Escape)
    assert len(case.history) == 2
    assert np.array(case.shift_of(after, before)) - moved == pytest.approx([-3.9, 0, 0.13], abs=0.03)
    for _ in range(2):
        key(host, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(scene(host).greys, first.greys)
    key(host, qtbot, Qt.Key.Key_D, SHIFT)
    assert session.views.look.minus is None
    assert np.array_equal(scene(host).greys, plain)


def test_a_slab_is_chosen_by_keys_and_by_its_menu(host: Any, qtbot: Any, tmp_path: Path) -> None:
    session = host.session
    session.take_case(spine_study.case(tmp_path))
    session.views.hang("1", [session.views.native(ids(session)[0], 10)])
    wait_drawn(host, qtbot)
    plain = scene(host).greys
    for _ in range(2):
        key(host, qtbot, Qt.Key.Key_S, SHIFT)
    assert "MIP of 20 mm\n5 slices" in scene(host).corners.top_right
    slab = host.looking.menus.slab
    assert slab.text().startswith("MIP 20 mm")
    assert "B" not in dict(host.hands._pairs)  # nothing is drawn on a slab
    assert (scene(host).greys >= plain).all()
    key(host, qtbot, Qt.Key.Key_P, SHIFT)
    assert "MinIP of 20 mm" in scene(host).corners.top_right
    assert (scene(host).greys <= plain).all()
    assert slab.text().startswith("MinIP 20 mm")
    menu = slab.menu()
    next(action for action in menu.actions() if action.text() == "mean").trigger()
    assert "mean of 20 mm" in scene(host).corners.top_right
    key(host, qtbot, Qt.Key.Key_B)
    assert session.armed == ""
    assert "a slab" in host.hands.message.text()
    next(action for action in menu.actions() if action.text().startswith("Off")).trigger()
    assert np.array_equal(scene(host).greys, plain)
    assert slab.isVisible()
    assert slab.text().startswith("slab")
    assert "B" in dict(host.hands._pairs)
