"""What grows in the volume: seen in every view, worked out beside the window, and when huge made only on Enter."""

from __future__ import annotations

import gc
import weakref
from queue import Queue
from typing import Any

import made_study
import numpy as np
import pytest
from tool_hands import Hands

from callout.errors import EditRefused
from callout.masks import Mask
from callout.masks.progress import Tell
from napari_callout.panes.hand import Hand
from napari_callout.panes.scene import Line
from napari_callout.panes.tint import Tint
from napari_callout.panes.tools import grow as tool
from napari_callout.session import Session, growth
from napari_callout.session.ahead import Ahead, Wish
from napari_callout.session.operations import smooth


@pytest.fixture
def hands(session: Session) -> Hands:
    """On the middle of the axial series, growing in the volume."""
    session.choose_mention("1:1")
    one = Hands(session)
    session.kit.in_space = True
    one.hand.arm("grow")
    return one


def sizes(hands: Hands, axis: int, at: int) -> list[tuple[float, float]]:
    """(rows, columns) of the rings that are seen on a plane across the series."""
    views = hands.session.views
    plane = views.plane(views.active)
    assert plane is not None
    seen = hands.hand.seen_on(7, type(plane)(plane.order, axis, at))
    return [tuple(np.ptp(line.points, axis=0).tolist()) for line in seen if isinstance(line, Line)]


def test_it_is_seen_on_every_slice_and_plane(hands: Hands) -> None:
    start = hands.touch(24, 20)
    hands.hand.press(start, "left")
    for at in range(made_study.SLICES):
        assert sizes(hands, 0, at) == [(8, 8)]
    assert sizes(hands, 1, 24) == sizes(hands, 2, 20) == [(made_study.SLICES, 8)]
    assert sizes(hands, 1, 4) == []
    coronal = made_study.named(hands.session, made_study.CORONAL)
    assert hands.hand.seen_on(1, hands.session.views.plane_of(hands.session.views.native(coronal.id, 0))) == ()
    hands.hand.escape()
    assert sizes(hands, 0, 3) == []


def test_speckles_are_tinted(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "SPECKLED", -1)
    hands.hand.press(hands.touch(24, 20), "left")
    views = hands.session.views
    plane = views.plane(views.active)
    assert plane is not None
    [tint] = hands.hand.seen_on(7, plane)
    assert isinstance(tint, Tint)
    rows, columns = np.nonzero(tint.bits)
    assert (np.ptp(rows), np.ptp(columns), len(rows)) == (7, 7, 64)
    assert plane.voxel(rows[0], columns[0]) is not None
    assert hands.hand.seen_on(7, plane)[0] is tint  # nothing changes, nothing is drawn again


def test_one_scrolls_while_the_button_is_down(hands: Hands) -> None:
    start = hands.touch(24, 20)
    hands.hand.press(start, "left")
    hands.hand.wheel(start, -2)
    there = hands.touch(24, 20)
    assert not there.plane.is_same(start.plane)
    hands.hand.move(hands.touch(24, 44))  # wider: the tissue around it too
    assert sizes(hands, 0, there.plane.at)[0] > (8, 8)
    hands.hand.move(there)
    hands.hand.release(there, "left")
    assert hands.mask().sum() == 64 * made_study.SLICES
    assert hands.case.history[-1].settings["click"][0] == start.plane.k


def test_other_tools_end_on_another_slice(hands: Hands) -> None:
    hands.hand.arm("paint")
    start = hands.touch(24, 20)
    hands.hand.press(start, "left")
    hands.hand.wheel(start, -1)
    assert len(hands.case.history) == 1


def test_what_is_huge_waits_for_enter(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "HUGE_ML", 1.0)
    hands.click(24, 20)
    assert hands.case.history == ()
    assert hands.told[-1] == ("1.0 ml would be drawn: Enter draws it, Esc leaves it", False)
    assert sizes(hands, 0, 3) == [(8, 8)]
    assert ("1.0 ml", "would be drawn") in hands.commands.keys(lambda name: name, "it")
    hands.hand.double(hands.touch(24, 20))  # no Enter: a press that begins again
    hands.hand.release(hands.touch(24, 20), "left")
    assert hands.case.history == ()
    hands.commands.take_range((-3000.0, 3000.0))  # typed
    assert sizes(hands, 0, 3) == [(made_study.ROWS, made_study.COLUMNS)]
    assert hands.hand.enter()
    assert hands.mask().all()
    assert not hands.hand.enter()
    assert len(hands.case.history) == 1
    hands.click(24, 20)
    assert hands.hand.escape()
    assert not hands.hand.enter()
    hands.click(24, 20)
    hands.session.choose_mention("1:2")  # it was for the other one
    assert not hands.hand.enter()
    assert len(hands.case.history) == 1


def test_a_click_outside_of_the_range_is_told(hands: Hands) -> None:
    kit = hands.session.kit
    kit.limited, kit.ranges[hands.session.series_id or ""] = True, (2000.0, 3000.0)
    hands.click(24, 20)
    assert "is outside of the range 2000…3000 HU" in hands.told[-1][0]
    assert hands.case.history == ()


def test_a_typed_range_without_the_value_clicked_draws_nothing_and_says_why(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "HUGE_ML", 1.0)
    hands.click(24, 20)
    hands.commands.take_range((2000.0, 3000.0))
    assert hands.hand.enter()
    assert "is outside of the range 2000…3000 HU" in hands.told[-1][0]
    hands.commands.take_range((-3000.0, 3000.0))  # it still waits
    assert hands.hand.enter()
    assert hands.mask().all()


def test_where_it_ended_is_told_of_what_grew_alone() -> None:
    whole, part = np.zeros((2, 9, 9), bool), np.zeros((2, 9, 9), bool)
    whole[:, 2:7], part[:, 4:6, 4:6] = True, True
    found, drawn = Mask.from_array(part), Mask.from_array(whole)
    box = (0, 2, 2), (2, 7, 7)
    told = growth.grow(found, (0, 4, 4), (0.0, 1.0), box, removes=False, in_space=True).tells
    assert told(drawn, drawn) == ""  # what was drawn before goes on there
    told = growth.grow(drawn, (0, 4, 4), (0.0, 1.0), box, removes=False, in_space=True).tells
    assert "goes on further" in told(found, drawn)


def test_where_nothing_is_to_be_drawn_or_taken_away_it_says_so(hands: Hands) -> None:
    hands.session.kit.in_space = False
    hands.click(24, 20)
    hands.click(24, 20)
    assert hands.told[-1][0] == "what grows from there is drawn already"
    hands.session.go_to(0)
    hands.keys["control"] = True
    hands.click(24, 20)
    assert hands.told[-1][0] == "nothing of what grows from there is drawn"
    assert len(hands.case.history) == 1


def test_nothing_is_held_after_it_was_drawn(hands: Hands) -> None:
    hands.hand.press(hands.touch(24, 20), "left")
    assert sizes(hands, 0, 3) == [(8, 8)]
    seen = weakref.ref(hands.hand.tool._whole)
    hands.hand.escape()
    gc.collect()
    assert seen() is None


# In a thread ---------------------------------------------------------------------------------------------------------


def test_it_is_worked_out_beside_the_window(hands: Hands) -> None:
    done: Queue[Any] = Queue()
    hand = hands.hand = Hand(hands.session, hands.pictures, done.put)
    hands.commands.hand = hand
    hand.arm("grow")
    start = hands.touch(24, 20)
    hand.press(start, "left")
    assert sizes(hands, 0, start.plane.at) == [(8, 8)]  # the slice at once
    assert sizes(hands, 0, start.plane.at + 1) == []
    assert any("…" in text for _, text in hands.commands.keys(lambda name: name, "it"))
    hand.move(hands.touch(24, 44))  # a wider range: what was wanted before is of no use
    while hand.operations.ahead.working:
        hand.operations.take(done.get(timeout=10))
    wide = sizes(hands, 0, start.plane.at + 1)
    assert wide[0] > (8, 8)
    hand.move(start)
    hand.release(start, "left")
    assert hands.case.history == ()
    hand.press(start, "left")
    assert "wait until grow is done" in hands.told[-1][0]
    hands.told.clear()
    assert hand.enter()  # it goes to no other lesion
    assert "wait until grow is done" in hands.told[-1][0]
    with pytest.raises(EditRefused, match="wait until grow is done"):
        hand.operations.do(smooth(start.plane.grid, 1.0, False))
    while not hands.case.history:
        hand.operations.take(done.get(timeout=10))
    assert hands.mask().sum() == 64 * made_study.SLICES


def test_what_was_let_go_is_never_lost_without_a_word(hands: Hands) -> None:
    done: Queue[Any] = Queue()
    hand = hands.hand = Hand(hands.session, hands.pictures, done.put)
    hand.arm("grow")
    hands.click(24, 20)
    hands.session.choose_mention("1:2")
    assert hands.told[-1] == ("grow is stopped: nothing was changed", True)
    hand.operations.take(done.get(timeout=10))
    assert hands.case.history == ()
    assert len(hands.told) == 1


def test_the_newest_wish_alone_is_worked_out() -> None:
    done: Queue[Any] = Queue()
    ahead, came, begun = Ahead(done.put), [], Queue[int]()
    gate: Queue[None] = Queue()

    def wish(number: int) -> Wish:
        def work(tell: Tell) -> Mask:
            begun.put(number)
            if number == 0:
                gate.get(timeout=10)
            tell(0, 0)
            return Mask.empty((number + 1, 1, 1))

        return Wish(work, lambda mask, error: came.append((mask.shape[0] - 1 if mask else None, error)))

    for number in range(4):
        ahead.want(wish(number))
    gate.put(None)
    while ahead.working:
        assert ahead.take(done.get(timeout=10))
    assert came == [(3, None)]
    assert [begun.get_nowait() for _ in range(begun.qsize())] == [0, 3]
    ahead.want(wish(1))
    ahead.forget()
    ahead.take(done.get(timeout=10))
    assert came == [(3, None)]
    assert not ahead.working
