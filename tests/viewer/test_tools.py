"""Every tool of the hand through the session, without any window: what it draws, in any view, and back again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import made_series
import made_study
import numpy as np
import pytest
from pydicom.dataset import Dataset
from tool_hands import TOOLS, Hands, use_brush, use_corners, use_freehand, use_grow, use_grow_in_space, use_sphere

import callout
from napari_callout.panes.pane import LUMEN_WIDTH, Pane
from napari_callout.panes.scene import Line
from napari_callout.panes.touch import Touch
from napari_callout.session import Session
from napari_callout.session.pictures import Picture

Use = Callable[[Hands], None]
FLAT = (use_brush, use_freehand, use_corners, use_grow)


@pytest.fixture
def hands(session: Session) -> Hands:
    """On the middle of the axial series, with its cavitating lesion chosen."""
    session.choose_mention("1:1")
    return Hands(session)


@pytest.mark.parametrize("use", TOOLS)
def test_a_tool_is_one_edit_which_undo_takes_back_exactly(hands: Hands, use: Use) -> None:
    hands.disc(30, 12, 6)
    before = hands.mask()
    use(hands)
    after = hands.mask()
    assert len(hands.case.history) == 2
    assert after[before].all()
    assert after.sum() > before.sum()
    flat = np.delete(after, hands.session.k, axis=0)
    assert flat.any() == (use not in FLAT)
    hands.session.undo()
    assert np.array_equal(hands.mask(), before)
    hands.session.redo()
    assert np.array_equal(hands.mask(), after)
    assert not any(failed for _, failed in hands.told)


@pytest.mark.parametrize("use", TOOLS)
@pytest.mark.parametrize("key", ["control", "alt"])
def test_a_tool_turned_round_takes_the_same_away(hands: Hands, use: Use, key: str) -> None:
    use(hands)
    drawn = hands.mask()
    hands.keys = {key: True}
    use(hands)
    assert not hands.mask().any()
    hands.session.undo()
    assert np.array_equal(hands.mask(), drawn)


@pytest.mark.parametrize("use", TOOLS)
def test_a_tool_half_outside_stays_in_the_volume_and_off_other_regions(hands: Hands, use: Use) -> None:
    hands.session.choose_mention("1:2")
    hands.disc(20, 20, 20)
    other = hands.mask()
    hands.case.exclude("cavity", "ground-glass opacity", on=False)
    hands.session.choose_mention("1:1")
    hands.session.brush_mm = 8
    use(hands)
    whole = hands.mask(1)
    hands.session.undo()
    hands.off = (-16.0, -14.0)  # some of the way lies off the image
    hands.session.go_to(9)  # and the sphere above it
    use(hands)
    found = hands.mask(1)
    assert found[9].any()
    assert found.sum() < whole.sum() or use in (use_grow, use_grow_in_space)
    assert np.array_equal(hands.mask(0), other)


def turned_study(folder: Path) -> Session:
    """A case of two series of the same voxels; of the second columns run to the patient's right, slices to the feet."""
    plain = made_study.change(made_study.AXIAL)

    def turned(data_set: Dataset, k: int) -> None:
        plain(data_set, k)
        stored = np.frombuffer(data_set.PixelData, np.uint16).reshape(made_study.ROWS, made_study.COLUMNS)
        data_set.PixelData = np.ascontiguousarray(stored[:, ::-1]).tobytes()
        data_set.ImagePositionPatient = [-10.0 + 0.8 * (made_study.COLUMNS - 1), -20.0, 2.5 * k]
        data_set.ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
        data_set.SeriesDescription, data_set.SeriesNumber = "turned", 7

    for name, change in (("plain", plain), ("turned", turned)):
        made_series.series(folder / "images", made_study.SLICES, change, name=name)
    (folder / "report.txt").write_text(made_study.REPORT, encoding="utf-8")
    session = Session()
    session.take_case(callout.create_case(folder / "t.callout", folder / "images", folder / "report.txt", reader="r1"))
    return session


@pytest.mark.parametrize("use", TOOLS)
def test_a_tool_draws_the_same_whichever_way_the_stack_is_stored(tmp_path: Path, use: Use) -> None:
    session, drawn = turned_study(tmp_path), []
    session.choose_mention("1:1")
    plain, turned = (made_study.named(session, name) for name in (made_study.AXIAL, "turned"))
    assert np.allclose(turned.grid.origins[::-1] - plain.grid.origins, [0.8 * (made_study.COLUMNS - 1), 0, 0])
    for series, k in ((plain, 6), (turned, 3)):
        session.show_series(series.id, k)
        session.kit.in_space = False
        use(Mirrored(session) if series is turned else Hands(session))
        assert session.case is not None
        drawn.append(session.case.mask(session.case.regions[-1]))
    assert drawn[0].any()
    assert np.array_equal(drawn[0], drawn[1][::-1, :, ::-1])
    session.close()


class Mirrored(Hands):
    """At the same places in the patient, where columns run the other way."""

    def touch(self, row: float, column: float) -> Touch:
        return super().touch(row, made_study.COLUMNS - 1 - column)


def test_the_history_tells_what_a_stroke_was_made_with(hands: Hands) -> None:
    session = hands.session
    session.window = (-600.0, 1500.0)
    hands.disc(20, 20, 6)
    session.kit.in_space = True
    session.kit.limited = True
    hands.disc(20, 20, 10)
    hands.hand.arm("outline")
    use_freehand(hands)
    use_grow(hands)
    limits = session.kit.ranges[session.series_id or ""]
    assert [(edit.tool, edit.settings, edit.window) for edit in hands.case.history] == [
        ("paint", {"brush_mm": 6}, (-600.0, 1500.0)),
        ("paint", {"brush_mm": 10, "shape": "sphere", "range": list(limits)}, (-600.0, 1500.0)),
        ("outline", {"corners": 4, "range": list(limits)}, (-600.0, 1500.0)),
        ("grow", {"click": [5, 24, 20], "range": list(limits), "reach": "volume"}, (-600.0, 1500.0)),
    ]


# The range -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [use_brush, use_sphere, use_freehand, use_corners])
def test_drawing_keeps_to_the_range_of_the_first_click(hands: Hands, use: Use) -> None:
    """The made series has a bright square, rows 20 to 27 and columns 16 to 23, in what is darker."""
    series_id = hands.session.series_id or ""
    voxels = hands.pictures.get(series_id).voxels  # type: ignore[union-attr]
    hands.commands.limit()
    hands.session.brush_mm = 4
    hands.disc(24, 20, 4)
    low, high = hands.session.kit.ranges[series_id]
    assert low < 476 < high
    hands.session.brush_mm = 20
    use(hands)
    drawn = hands.mask()
    assert ((voxels[drawn] >= low) & (voxels[drawn] <= high)).all()
    assert drawn[hands.session.k, 20:24, 16:24].all()
    hands.commands.limit()
    use(hands)
    assert hands.mask().sum() > drawn.sum()


def test_a_range_is_widened_by_keys_and_taken_anew(hands: Hands) -> None:
    series_id = hands.session.series_id or ""
    hands.commands.limit()
    hands.disc(24, 20, 4)
    low, high = hands.session.kit.ranges[series_id]
    hands.commands.widen(1)
    wider = hands.session.kit.ranges[series_id]
    assert wider[0] < low
    assert wider[1] > high
    assert f"{wider[1]:.0f} HU" in dict(hands.commands.keys(str, ""))["range"]
    hands.commands.limit_anew()
    assert dict(hands.commands.keys(str, ""))["range"] == "range of the next click"
    hands.disc(2, 2, 4)
    assert hands.session.kit.ranges[series_id][1] < low


def test_the_eraser_keeps_to_the_range_too(hands: Hands) -> None:
    hands.disc(24, 20, 20)
    whole = hands.mask()
    hands.commands.limit()
    hands.session.kit.ranges[hands.session.series_id or ""] = (400.0, 600.0)
    hands.hand.arm("erase")
    hands.click(24, 20)
    gone = whole & ~hands.mask()
    square = np.zeros_like(gone)
    square[hands.session.k, 20:28, 16:24] = True
    assert np.array_equal(gone, square & whole)


def test_the_click_that_takes_the_range_is_no_corner(hands: Hands) -> None:
    hands.commands.limit()
    hands.hand.arm("outline")
    hands.click(24, 20)
    assert hands.session.series_id in hands.session.kit.ranges
    assert not hands.hand.escape()
    use_corners(hands)
    expected = np.zeros_like(hands.mask())
    expected[hands.session.k, 20:28, 16:24] = True
    assert np.array_equal(hands.mask(), expected)


# The outline ---------------------------------------------------------------------------------------------------------


def test_corners_are_taken_back_and_left(hands: Hands) -> None:
    hand = hands.hand
    hand.arm("outline")
    for corner in ((10, 10), (10, 25), (40, 38)):
        hands.click(*corner)
    assert len(hand.preview(hands.touch(28, 25))) == 2
    named = hands.commands.keys(str, "")
    assert dict(named)["next lesion"] == "close"
    assert len({key for key, _ in named}) == len(named)
    assert hand.take_back()
    for corner in ((28, 25), (28, 10)):
        hands.click(*corner)
    hand.double(hands.touch(28, 10))
    assert hands.mask()[hands.session.k, 12:27, 12:24].all()
    assert not hands.mask()[:, 30:].any()
    hands.click(5, 5)
    assert hand.escape()
    assert not hand.escape()
    assert not hand.enter()
    assert len(hands.case.history) == 1


def test_a_line_by_hand_goes_on_from_corners(hands: Hands) -> None:
    hands.hand.arm("outline")
    hands.click(10, 10)
    hands.click(10, 25)
    hands.drag((20, 25), (24, 27), (28, 25))
    assert hands.case.history == ()
    assert hands.hand.take_back()  # the line as a whole
    hands.drag((20, 25), (24, 27), (28, 25))
    hands.click(28, 10)
    assert hands.hand.enter()
    assert hands.mask()[hands.session.k, 12:27, 12:24].all()


def test_an_outline_is_of_one_slice(hands: Hands) -> None:
    hands.hand.arm("outline")
    hands.click(10, 10)
    hands.click(10, 25)
    hands.session.go_to(hands.session.k + 1)
    assert hands.hand.preview(hands.touch(20, 20)) == ()
    hands.click(20, 20)
    assert hands.hand.enter()
    assert hands.told[-1] == ("an outline needs three corners", True)
    assert hands.case.history == ()


# Growing -------------------------------------------------------------------------------------------------------------


def seen(hands: Hands) -> list[Line]:
    """What is shown in the active view of what would be drawn."""
    views = hands.session.views
    plane = views.plane(views.active)
    assert plane is not None
    return [one for one in hands.hand.seen_on(views.active, plane) if isinstance(one, Line)]


def test_what_grows_is_seen_before_it_is_drawn(hands: Hands) -> None:
    hand, start = hands.hand, hands.touch(24, 20)
    hand.arm("grow")
    hand.press(start, "left")
    rings = [line.points for line in seen(hands)]
    assert [sorted(ring.tolist()) for ring in rings] == [[[19.5, 15.5], [19.5, 23.5], [27.5, 15.5], [27.5, 23.5]]]
    assert hands.case.history == ()
    right = hands.touch(24, 44)
    hand.move(right)  # the range now holds the tissue around it too
    assert [line.points.min() for line in seen(hands)] == [5.5]
    hand.move(start)
    hand.release(start, "left")
    expected = np.zeros_like(hands.mask())
    expected[hands.session.k, 20:28, 16:24] = True
    assert np.array_equal(hands.mask(), expected)
    assert seen(hands) == []


def test_a_range_that_is_narrowed_keeps_what_was_clicked_on(hands: Hands) -> None:
    """At the border of two tissues the first range reaches over both, and its middle is neither."""
    hands.hand.arm("grow")
    hands.drag((20, 20), (20, 2))
    assert hands.mask()[hands.session.k, 20, 20]
    assert hands.mask().sum() == 8 * 8


def test_growing_is_given_up(hands: Hands) -> None:
    start = hands.touch(24, 20)
    hands.hand.arm("grow")
    hands.hand.press(start, "left")
    assert hands.hand.escape()
    hands.hand.release(start, "left")
    assert seen(hands) == []
    hands.click(-3, -3)
    assert hands.case.history == ()


def test_growing_tells_where_it_did_not_look_on(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_callout.panes.tools.grow.REACH_MM", 2.0)
    use_grow_in_space(hands)
    assert "goes on further" in hands.told[-1][0]
    assert not hands.told[-1][1]
    assert hands.mask()[hands.session.k].sum() == 25


# What keeps out of what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", TOOLS)
def test_what_excludes_another_takes_from_it_in_the_same_edit(hands: Hands, use: Use) -> None:
    hands.session.choose_mention("1:2")
    hands.disc(22, 20, 12)
    glass = hands.mask()
    hands.session.choose_mention("1:1")
    hands.session.brush_mm = 8
    assert hands.commands.kept_out_of() == ("ground-glass opacity",)
    use(hands)
    cavity = hands.mask(1)
    assert (cavity & glass).any()
    assert np.array_equal(hands.mask(0), glass & ~cavity)
    assert "out of ground-glass" in hands.case.history[-1].summary
    hands.session.undo()
    assert np.array_equal(hands.mask(0), glass)
    assert len(hands.case.regions) == 1


def test_an_eraser_gives_nothing_to_others_and_takes_nothing_from_them(hands: Hands) -> None:
    hands.disc(20, 20, 8)
    hands.session.choose_mention("1:2")
    hands.disc(20, 24, 8)
    cavity = hands.mask(0)
    hands.hand.arm("erase")
    hands.click(20, 22)
    assert np.array_equal(hands.mask(0), cavity)


def test_overlap_is_allowed_by_a_key_and_kept_in_the_case(hands: Hands) -> None:
    hands.disc(20, 20, 8)
    cavity = hands.mask()
    hands.session.choose_mention("1:2")
    hands.commands.overlap()
    assert "may overlap" in hands.told[-1][0]
    assert hands.commands.kept_out_of() == ()
    hands.disc(20, 24, 8)
    assert np.array_equal(hands.mask(0), cavity)
    assert (hands.mask(1) & cavity).any()
    hands.commands.overlap()
    assert hands.commands.kept_out_of() == ("cavity",)
    hands.session.undo()
    hands.session.undo()
    hands.session.undo()
    assert hands.commands.kept_out_of() == ("cavity",)


def test_lesions_of_one_kind_may_overlap(hands: Hands) -> None:
    hands.disc(20, 20, 8)
    first = hands.mask()
    hands.session.next_lesion()
    hands.disc(20, 22, 8)
    assert np.array_equal(hands.mask(0), first)


# Refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", TOOLS)
def test_nothing_is_drawn_on_slabs_and_across_slices(hands: Hands, use: Use) -> None:
    views = hands.session.views
    views.change(views.active, slab_mm=10.0)
    use(hands)
    assert "not on a slab" in hands.told[-1][0]
    views.change(views.active, slab_mm=0.0)
    views.three_planes(views.active)
    across = next(n for n, look in enumerate(views.looks) if look and not views.plane_of(look).is_native)
    views.activate(across)
    use(hands)
    assert "planes across" in hands.told[-1][0]
    assert hands.case.history == ()


# Cavitating lesions --------------------------------------------------------------------------------------------------


def test_the_lumen_of_a_drawn_lesion_is_seen_inside_of_its_outline(hands: Hands) -> None:
    series_id, k = hands.session.series_id or "", hands.session.k
    voxels = hands.pictures.get(series_id).voxels.copy()  # type: ignore[union-attr]
    voxels[k, 20:26, 16:22] = -950
    hands.pictures._keep(series_id, voxels)
    pane = Pane(hands.session, hands.pictures, hands.session.views.active)
    hands.disc(23, 19, 12)

    def lumens() -> list[list[list[float]]]:
        return [sorted(line.points.tolist()) for line in pane.scene((400, 400)).lines if line.width == LUMEN_WIDTH]

    corners = [[19.5, 15.5], [19.5, 21.5], [25.5, 15.5], [25.5, 21.5]]
    assert lumens() == [corners]
    hands.hand.press(hands.touch(23, 30), "left")
    assert lumens() == [corners]  # until the stroke is done
    hands.hand.release(hands.touch(23, 30), "left")
    assert lumens() == [corners]
    hands.session.hide_drawn(True)
    assert lumens() == []
    hands.session.hide_drawn(False)
    hands.commands.limit()
    hands.session.kit.ranges[series_id] = (-1000.0, -900.0)
    hands.session.next_lesion()
    hands.disc(23, 19, 6)  # the lumen alone: it has no wall
    assert lumens() == [corners]
    pane.forget()
    kept = weakref.ref(voxels)
    del voxels, hands.pictures._kept[series_id]
    gc.collect()
    assert kept() is None  # a series is not held because a lesion was drawn on it


def test_nothing_is_drawn_in_space_before_the_series_is_there(hands: Hands) -> None:
    series_id = hands.session.series_id or ""
    voxels = hands.pictures._kept.pop(series_id)
    arrived = np.zeros(len(voxels), bool)
    arrived[hands.session.k] = True
    coming = Picture(voxels, arrived)
    hands.pictures.get = lambda name: coming  # type: ignore[method-assign]
    for use in (use_sphere, use_grow_in_space):
        use(hands)
        assert hands.told[-1] == ("wait until the series is there", True)
    assert hands.case.history == ()
    hands.session.kit.in_space = False
    hands.commands.limit()
    use_brush(hands)
    assert len(hands.case.history) == 1
