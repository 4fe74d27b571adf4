"""Vertebral levels: named by the count, seen on the planes, gone to by a mention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spine_study
from hands import LEFT, PLAIN, key, move, pane, scene, wait_drawn
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication

from callout.case.levels import Vertebra
from callout.case.model import Numbering
from callout.errors import CalloutError
from napari_callout.panes.levels import labels
from napari_callout.session import Session
from napari_callout.session.levels import Asked, counted, level_of, point_of
from napari_callout.session.plane import Plane

BODIES, DISCS = spine_study.bodies(), spine_study.discs()


def numbering(*names: str, transitional: str = "not stated") -> Numbering:
    marked = tuple(Vertebra(name, tuple(BODIES[name])) for name in names)  # type: ignore[arg-type]
    return Numbering("n1", "frame", "r1", marked, "", transitional)


@pytest.fixture(scope="module")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session on the spine sample, nothing marked."""
    one = Session()
    one.take_case(spine_study.case(tmp_path_factory.mktemp("spine")))
    yield one
    one.close()


def test_the_count_goes_on_by_where_one_clicks() -> None:
    assert counted(None, BODIES["L3"]) == ""
    assert counted(numbering("L5"), BODIES["L4"]) == "L4"
    assert counted(numbering("L5"), BODIES["S1"]) == "S1"
    assert counted(numbering("L4", "L5"), BODIES["L3"]) == "L3"
    assert counted(numbering("L1", "L5"), BODIES["L2"]) == "L2"
    assert counted(numbering("L1", "L5"), BODIES["L4"]) == "L4"
    assert counted(numbering("L2", "L3"), DISCS["L2-L3"]) == ""  # between neighbours there is none
    assert counted(numbering("L5", transitional="six lumbar vertebrae"), BODIES["S1"]) == "L6"
    assert counted(numbering("L1", transitional="eleven thoracic vertebrae"), BODIES["T12"]) == "T11"


def test_an_axial_plane_tells_its_level_only_between_marks(spine: Session) -> None:
    marked = numbering("L1", "L2", "L3", "L4", "L5")
    seen = set()
    for series in spine.series:
        order = spine.views.order(series.id)
        for at in range(series.grid.shape[0]):
            plane = Plane(order, order.slice_axis, at)
            level = level_of(marked, plane)
            if series.plane != "axial":
                assert level == ""
                continue
            seen.add(level)
            disc = point_of(marked.vertebrae, level) if level else None
            if disc is not None:
                assert abs(float((disc - plane.point(0, 0)) @ plane.normal)) < 16
    assert {"L1-L2", "L2-L3", "L3-L4", "L4-L5", ""} <= seen
    assert "S1" not in seen


def test_a_level_is_that_of_the_disc_it_was_angled_to(spine: Session) -> None:
    marked = numbering("T12", "L1", "L2", "L3", "L4", "L5", "S1")
    for name, middle in DISCS.items():
        stacks = [one for one in spine.series if one.title.startswith("6 ")]
        found = [(abs(float((one.grid.origins[k] - middle) @ one.grid.normal)), one, k)
                 for one in stacks for k in range(one.grid.shape[0])]  # fmt: skip
        off, series, k = min(found, key=lambda one: one[0])
        order = spine.views.order(series.id)
        if off < 2.5:
            assert level_of(marked, Plane(order, order.slice_axis, order.slice_to_display(k))) == name


def test_names_stand_at_their_marks_in_every_series_of_the_frame(spine: Session) -> None:
    marked = numbering("L4", "L5")
    for series in spine.series:
        order = spine.views.order(series.id)
        plane = Plane(order, order.slice_axis, order.shape[order.slice_axis] // 2)
        words, _ = labels(marked, plane)
        if series.plane == "axial":
            assert words == ()
        for word in words:
            spot = np.array(BODIES[word.text])
            there = plane.point(*word.at)
            assert np.linalg.norm((there - spot) - ((there - spot) @ plane.normal) * plane.normal) < 1e-3
    sagittal = spine_study.numbered(spine.series, 2)
    order = spine.views.order(sagittal.id)
    assert [w.text for w in labels(marked, Plane(order, order.slice_axis, 7))[0]] == ["L4", "L5"]


def test_a_mention_goes_to_its_level_where_nothing_is_drawn_yet(tmp_path: Path) -> None:
    session = Session()
    case = spine_study.case(tmp_path)
    session.take_case(case)
    axial = spine_study.numbered(session.series, 6, "axial-1")
    mention = next(one for one in case.mentions if one.levels and one.levels[0] == "L2-L3")
    session.show_series(axial.id, 0)
    session.choose_mention(mention.id)
    assert session.shown_series is not None
    for name in ("L2", "L3"):
        case.mark_vertebra(name, BODIES[name], axial.id)
    session.choose_mention(mention.id)
    series = session.shown_series
    plane = session.views.plane(session.views.active)
    assert plane is not None
    if series.plane == "axial":
        assert level_of(case.numbering_of(series.id), plane) == "L2-L3"
    assert abs(float((np.array(DISCS["L2-L3"]) - plane.point(0, 0)) @ plane.normal)) <= series.grid.spacing[0]
    session.close()


def test_what_would_run_against_the_count_is_refused(tmp_path: Path) -> None:
    session = Session()
    case = spine_study.case(tmp_path)
    session.take_case(case)
    series_id = session.series_id
    assert series_id is not None
    session.levels.mark("L3", BODIES["L3"], series_id)
    with pytest.raises(CalloutError):
        session.levels.mark("L4", BODIES["L2"], series_id)
    assert [one.name for one in case.vertebrae_of(series_id)] == ["L3"]
    session.levels.number(basis="counted up from S1", transitional="none")
    session.levels.remove("L3", series_id)
    numbered = case.numbering_of(series_id)
    assert numbered is not None
    assert (numbered.names, numbered.basis, numbered.transitional) == ((), "counted up from S1", "none")
    session.close()


def test_a_mark_that_is_called_otherwise_takes_the_others_along(tmp_path: Path) -> None:
    session = Session()
    case = spine_study.case(tmp_path)
    session.take_case(case)
    series_id = str(session.series_id)
    for name in ("L3", "L4", "L5"):
        session.levels.mark(name, BODIES[name], series_id)
    asked: list[Asked] = []
    session.levels.asked.connect(asked.append)
    point = tuple(BODIES["L4"])
    session.levels.click(Asked(0, 0, 0, series_id, point, (), "L4", "L4"))  # type: ignore[arg-type]
    assert len(asked) == 1
    session.levels.call(asked[0], "L5")
    assert [one.name for one in case.vertebrae_of(series_id)] == ["L4", "L5", "S1"]
    assert len(case.history) == 4
    session.undo()
    assert [one.name for one in case.vertebrae_of(series_id)] == ["L3", "L4", "L5"]
    session.close()


# In a shown window ----------------------------------------------------------------------------------------------------


def place_of(host: Any, point: list[float], view: int | None = None) -> QPoint:
    """Where a point of the patient lies in a view."""
    views = host.session.views
    plane = views.plane(views.active if view is None else view)
    x, y = scene(host, view).placement.screen(*plane.places(point)[0, :2])
    return QPoint(round(x), round(y))


def named(host: Any, view: int) -> list[str]:
    return [words.text for words in scene(host, view).words]


def test_vertebrae_are_counted_by_clicks_and_keys(host: Any, qtbot: Any, tmp_path: Path) -> None:
    case = spine_study.case(tmp_path)
    session = host.session
    session.take_case(case)
    ids = [spine_study.numbered(session.series, *which).id for which in ((2,), (4,), (6, "axial-3"), (3,))]
    session.views.hang("4", [session.views.native(name, session.views.order(name).shape[
        session.views.order(name).slice_axis] // 2) for name in ids])  # fmt: skip
    wait_drawn(host, qtbot)
    key(host, qtbot, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert session.armed == "levels"
    assert host.looking.levels.isVisible()
    QApplication.processEvents()
    view, chooser = pane(host), host.looking.chooser
    move(view, place_of(host, BODIES["L5"]))
    qtbot.mouseClick(view, LEFT, pos=place_of(host, BODIES["L5"]))
    assert chooser.isVisible()
    qtbot.keyClicks(chooser.text, "L5")
    qtbot.keyClick(chooser.text, Qt.Key.Key_Return)
    assert not chooser.isVisible()
    assert case.numbering_of(ids[0]).names == ("L5",)
    move(view, place_of(host, BODIES["L4"]))
    assert view.over[-1].text == "L4"  # told before the click
    for name in ("L4", "L3"):
        qtbot.mouseClick(view, LEFT, pos=place_of(host, BODIES[name]))
    for name in ("L2", "L1"):
        steer(host, qtbot, place_of(host, BODIES[name]))
        key(host, qtbot, Qt.Key.Key_Return)
    numbered = case.numbering_of(ids[0])
    assert numbered.names == ("L1", "L2", "L3", "L4", "L5")
    for one in numbered.vertebrae:
        assert np.linalg.norm(np.array(one.point)[1:] - np.array(BODIES[one.name])[1:]) < 3
    assert len(case.history) == 5
    for other in (1, 3):
        assert set(named(host, other)) == set(numbered.names)
    assert "L3" in scene(host, 2).corners.top_right
    drag_mark(host, qtbot, view, "L3")
    assert len(case.history) == 6
    steer(host, qtbot, place_of(host, list(case.vertebrae_of(ids[0])[0].point)))
    key(host, qtbot, Qt.Key.Key_Backspace)
    assert case.numbering_of(ids[0]).names == ("L2", "L3", "L4", "L5")
    qtbot.keyClicks(host.looking.levels.basis, "x")
    host.looking.levels.transitional.setCurrentText("none")
    host.looking.levels.transitional.textActivated.emit("none")
    assert case.numbering_of(ids[0]).transitional == "none"
    key(host, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert case.numbering_of(ids[0]).transitional == "not stated"
    key(host, qtbot, Qt.Key.Key_Escape)
    assert not host.looking.levels.isVisible()


def steer(host: Any, qtbot: Any, place: QPoint) -> None:
    """Bring the hand there with the arrow keys."""
    for _ in range(200):
        touch = host.room.touch
        dx, dy = place.x() - touch.x, place.y() - touch.y
        if max(abs(dx), abs(dy)) < 1:
            return
        along, ways = (dx, (Qt.Key.Key_Left, Qt.Key.Key_Right)) if abs(dx) >= abs(dy) else (
            dy, (Qt.Key.Key_Up, Qt.Key.Key_Down))  # fmt: skip
        keys = PLAIN if abs(along) >= 10 else Qt.KeyboardModifier.ShiftModifier
        key(host, qtbot, ways[along > 0], keys)


def drag_mark(host: Any, qtbot: Any, view: Any, name: str) -> None:
    """Move a mark by 8 pixels down, in steps."""
    start = place_of(host, BODIES[name])
    qtbot.mousePress(view, LEFT, pos=start)
    for step in (3, 6, 8):
        move(view, start + QPoint(0, step), LEFT)
    qtbot.mouseRelease(view, LEFT, pos=start + QPoint(0, 8))
