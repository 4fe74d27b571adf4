"""The hand on views without a window: a stroke stays on the slice, in the view and with the button that began it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import made_study
import numpy as np
import pytest

from callout.errors import EditRefused
from napari_callout.panes.hand import Hand
from napari_callout.panes.pane import Pane
from napari_callout.panes.placement import Placement
from napari_callout.panes.touch import Touch
from napari_callout.session import Session
from napari_callout.session.pictures import Pictures

SIZE = (400, 400)


@pytest.fixture
def hand(session: Session) -> Iterator[Hand]:
    """A hand with the brush, on the axial series, which is here."""
    from callout import load

    pictures = Pictures(lambda loading, ks: None)
    session.choose_mention("1:1")
    series = made_study.named(session, made_study.AXIAL)
    pictures._keep(series.id, load(series).voxels)
    one = Hand(session, pictures)
    one.arm("paint")
    yield one
    pictures.close()


def touch(hand: Hand, row: float, column: float, view: int = 0) -> Touch:
    """At a native pixel of what a view shows now."""
    look, plane = hand.session.views.looks[view], hand.session.views.plane(view)
    assert look is not None
    assert plane is not None
    placement = Placement.of(look, plane.shape, plane.spacing, SIZE)
    point = plane.grid.points(np.array([plane.k, row, column], float))
    return Touch(view, *placement.screen(*plane.places(point)[0, :2]), plane, placement)


def drawn(hand: Hand) -> list[int]:
    """The slices on which something is drawn."""
    case = hand.session.case
    assert case is not None
    return sorted({int(k) for region in case.regions for k in np.flatnonzero(case.mask(region).any(axis=(1, 2)))})


def test_a_stroke_ends_where_another_slice_comes(hand: Hand) -> None:
    k = hand.session.k
    hand.press(touch(hand, 20, 14), "left")
    hand.move(touch(hand, 20, 18))
    hand.wheel(touch(hand, 20, 18), -1)
    assert hand.session.k != k
    hand.move(touch(hand, 20, 26))
    hand.release(touch(hand, 20, 26), "left")
    assert drawn(hand) == [k]
    assert hand.session.saved.startswith("saved")


def test_a_stroke_ends_where_a_key_shows_another_slice(hand: Hand) -> None:
    k = hand.session.k
    hand.press(touch(hand, 20, 14), "left")
    hand.session.go_to(k + 2)
    hand.move(touch(hand, 20, 26))
    hand.release(touch(hand, 20, 26), "left")
    assert drawn(hand) == [k]


def test_a_stroke_goes_on_when_it_is_enlarged(hand: Hand) -> None:
    hand.press(touch(hand, 20, 14), "left")
    hand.wheel(replace(touch(hand, 20, 14), control=True), 2)
    hand.move(touch(hand, 20, 26))
    hand.release(touch(hand, 20, 26), "left")
    assert hand.session.case is not None
    assert hand.session.case.mask(hand.session.case.regions[0])[hand.session.k, 20, 14:27].all()
    assert len(hand.session.case.history) == 1


def test_a_stroke_ends_where_another_view_is_the_active_one(hand: Hand) -> None:
    views = hand.session.views
    views.arrange("2")
    look = views.native(str(hand.session.series_id), 2)
    views.put(1, look)
    k = hand.session.k
    hand.press(touch(hand, 20, 14), "left")
    views.activate(1)
    hand.move(touch(hand, 20, 26))
    hand.move(touch(hand, 20, 26, view=1))
    hand.release(touch(hand, 20, 26, view=1), "left")
    assert drawn(hand) == [k]


def test_another_button_that_is_let_go_leaves_the_stroke(hand: Hand) -> None:
    hand.press(touch(hand, 20, 14), "right")
    hand.press(touch(hand, 20, 14), "left")
    hand.release(touch(hand, 20, 14), "right")
    hand.move(touch(hand, 20, 26))
    hand.release(touch(hand, 20, 26), "left")
    assert hand.session.case is not None
    assert hand.session.case.mask(hand.session.case.regions[0])[hand.session.k, 20, 14:27].all()


def test_the_value_under_the_hand_is_the_one_that_is_seen(hand: Hand) -> None:
    views, k = hand.session.views, hand.session.k
    place = touch(hand, 10, 10)
    assert hand.value(place).startswith(f"{20 * k - 24} HU    R ")
    views.change(0, slab_mm=10.0)
    assert hand.value(place).startswith("R ")
    views.change(0, slab_mm=0.0, minus=made_study.named(hand.session, made_study.CORONAL).id)
    assert hand.value(place).startswith("R ")


def test_a_difference_whose_other_series_can_not_be_read_says_why(hand: Hand) -> None:
    views, other = hand.session.views, made_study.named(hand.session, made_study.CORONAL)
    views.change(0, minus=other.id)
    pane = Pane(hand.session, hand.pictures, 0)
    assert "loading" in pane.scene(SIZE).corners.middle
    hand.pictures.problems[other.id] = "coronal-3.dcm is cut short"
    assert "cut short" in pane.scene(SIZE).corners.middle


def test_a_stroke_is_of_what_was_chosen_when_it_began(hand: Hand) -> None:
    case = hand.session.case
    assert case is not None
    hand.press(touch(hand, 20, 14), "left")
    hand.move(touch(hand, 20, 18))
    hand.session.choose_mention("1:2", go=False)
    hand.move(touch(hand, 20, 26))
    hand.release(touch(hand, 20, 26), "left")
    assert [case.finding(region.finding_id).concept for region in case.regions] == [case.mention("1:1").concept]
    assert not case.mask(case.regions[0])[hand.session.k, 20, 24:].any()
    assert hand.session.saved.startswith("saved")


def test_what_is_refused_on_the_way_leaves_no_stroke_open(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(one: Touch) -> None:
        raise EditRefused("no further")

    hand.press(touch(hand, 20, 14), "left")
    assert hand.session.saved == "drawing"
    monkeypatch.setattr(hand.tool, "move", refused)
    hand.move(touch(hand, 20, 26))
    assert hand.session.saved.startswith("saved")
    hand.release(touch(hand, 20, 26), "left")
    assert drawn(hand) == [hand.session.k]
