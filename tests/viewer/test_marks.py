"""Marks in the views: made by the hand, measured, moved, taken away; each one edit, at its place in the patient."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pytest
from hands import LEFT, at, drag, key, move, opened, pane, scene
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import Qt

from napari_callout.session.marks import KINDS, across, dragged, length_mm, moved_point

SPACINGS = st.tuples(st.floats(0.3, 5), st.floats(0.3, 5))
PIXELS = st.tuples(st.floats(0, 400), st.floats(0, 400))
KEYS = {
    "arrow": (Qt.Key.Key_A, False),
    "calipers": (Qt.Key.Key_C, False),
    "diameters": (Qt.Key.Key_C, True),
    "ellipse": (Qt.Key.Key_E, True),
}


def right_angle(points: Any, spacing: tuple[float, float]) -> float:
    """Degrees between the two diameters of four places."""
    ends = np.array(points) * spacing
    one, two = ends[1] - ends[0], ends[3] - ends[2]
    return math.degrees(math.acos(np.clip(abs(one @ two) / (np.hypot(*one) * np.hypot(*two)), 0, 1)))


@given(PIXELS, PIXELS, SPACINGS)
def test_a_second_diameter_is_at_right_angles_in_millimetres(start: Any, end: Any, spacing: Any) -> None:
    if length_mm(start, end, spacing) > 1:
        assert right_angle([start, end, *across(start, end, spacing)], spacing) == pytest.approx(90, abs=1e-3)


@given(PIXELS, PIXELS, PIXELS, st.integers(0, 3), SPACINGS)
def test_it_stays_so_whichever_end_is_moved(start: Any, end: Any, to: Any, at: int, spacing: Any) -> None:
    if min(length_mm(start, end, spacing), *(length_mm(one, to, spacing) for one in (start, end))) > 1:
        places = np.array([start, end, *across(start, end, spacing)])
        moved = moved_point("diameters", places, at, to, spacing)
        if min(length_mm(moved[0], moved[1], spacing), length_mm(moved[2], moved[3], spacing)) > 0.5:
            assert right_angle(moved, spacing) == pytest.approx(90, abs=1e-2)
        if at < 2:
            assert np.allclose(moved[at], to)
        else:
            assert np.allclose(moved[:2], places[:2])


@given(PIXELS, PIXELS, PIXELS, st.integers(1, 2), SPACINGS)
def test_an_ellipse_turns_about_its_middle(start: Any, end: Any, to: Any, at: int, spacing: Any) -> None:
    places = np.array(dragged("ellipse", start, end, spacing))
    if length_mm(places[0], to, spacing) > 1 and min(length_mm(places[0], one, spacing) for one in places[1:]) > 1:
        moved = moved_point("ellipse", places, at, to, spacing)
        assert np.allclose(moved[0], places[0])
        assert np.allclose(moved[at], to, atol=1e-6)
        one, two = ((place - moved[0]) * spacing for place in moved[1:])
        assert abs(one @ two) <= 1e-6 * np.hypot(*one) * np.hypot(*two) + 1e-6
        kept = 3 - at
        assert length_mm(moved[kept], moved[0], spacing) == pytest.approx(length_mm(places[kept], places[0], spacing))


def lps(host: Any, row: int, column: int) -> Any:
    """Where the pixel of the shown slice lies in the patient."""
    series = host.session.shown_series
    return series.grid.points(np.array([host.session.k, row, column], float))


@pytest.mark.parametrize("series", [made_study.AXIAL, made_study.CORONAL])
def test_each_kind_is_made_where_the_hand_was(host: Any, qtbot: Any, tmp_path: Path, series: str) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    host.session.show_series(made_study.named(host.session, series).id)
    qtbot.waitUntil(lambda: host.complete)
    for number, (kind, (code, shifted)) in enumerate(KEYS.items(), 1):
        key(host, qtbot, code, Qt.KeyboardModifier.ShiftModifier if shifted else Qt.KeyboardModifier.NoModifier)
        assert host.session.armed == kind
        drag(host, qtbot, (14, 12), (20, 24))
        mark = case.marks[-1]
        assert (mark.kind, len(case.history), len(case.marks)) == (kind, number, number)
        if kind != "ellipse":
            assert np.allclose(mark.points[:2], [lps(host, 14, 12), lps(host, 20, 24)], atol=0.5)
        else:
            assert np.allclose(mark.points[0], lps(host, 17, 18), atol=0.5)
    assert [finding.id for finding in case.findings] == [case.marks[0].finding_id]
    assert len(case.links) == 1
    said = [words.text for words in scene(host).words]
    long = math.dist(lps(host, 14, 12), lps(host, 20, 24))
    assert sum(f"{long:.0f}" in text for text in said) >= 2
    assert any("mean" in text for text in said)
    host.session.go_to(host.session.k + 1)
    assert scene(host).words == ()
    for _ in range(4):
        host.session.undo()
    assert case.marks == ()
    assert case.findings == ()


def test_an_angle_is_two_legs(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    drag(host, qtbot, (10, 20), (20, 20))
    assert case.marks == ()
    qtbot.mouseClick(pane(host), LEFT, pos=at(host, 20, 30))
    assert case.marks[0].kind == "angle"
    assert case.measures_of(case.marks[0]).angle_deg == pytest.approx(90, abs=3)
    assert any("90°" in words.text or "89°" in words.text for words in scene(host).words)


def test_an_end_is_dragged_as_one_edit_and_a_mark_is_taken_away(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = opened(host, qtbot, tmp_path)
    host.choose_mention("1:1")
    key(host, qtbot, Qt.Key.Key_C)
    drag(host, qtbot, (14, 12), (14, 24))
    key(host, qtbot, Qt.Key.Key_Escape)
    drag(host, qtbot, (14, 24), (30, 24))
    assert len(case.history) == 2
    assert np.allclose(case.marks[0].points, [lps(host, 14, 12), lps(host, 30, 24)], atol=0.6)
    host.session.undo()
    assert np.allclose(case.marks[0].points[1], lps(host, 14, 24), atol=0.6)
    move(pane(host), at(host, 14, 24))
    assert host.session.lit == {case.findings[0].id}
    key(host, qtbot, Qt.Key.Key_Backspace)
    assert case.marks == ()
    assert host.session.views.look.pan_mm == (0.0, 0.0)  # no drag of a mark moved the picture


def test_every_kind_has_a_key(host: Any) -> None:
    from napari_callout.session.keys import ACTIONS

    assert all(ACTIONS[kind].keys for kind in KINDS)
