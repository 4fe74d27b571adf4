"""Views across a head that was scanned with a tilted gantry, a slice missing: what is seen, said and drawn there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_series
import made_study
import numpy as np
import pytest
from hands import key, opened, pane, scene, wait_drawn, wheel
from pydicom.dataset import Dataset
from qtpy.QtCore import Qt
from tool_hands import VIEW, Hands

import callout
from callout.geometry import Floats
from napari_callout.panes.pane import Pane
from napari_callout.panes.placement import Placement
from napari_callout.panes.touch import Touch
from napari_callout.panes.values import HATCH_GREY
from napari_callout.session import Session
from napari_callout.session.plane import Plane

SIDE, PIXEL, FEED, MISSING = 60, 0.8, 2.0, 16
TILT = np.radians(18)
CENTRE, RADIUS = np.array([2.0, 3.0, 16.0]), 8.0
DOWN = np.array([0.0, np.cos(TILT), np.sin(TILT)])  # of the slices


def corner(k: int) -> Floats:
    return np.array([-SIDE / 2 * PIXEL, -SIDE / 2 * PIXEL, FEED * (k + (k >= MISSING))])


def inside(k: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether the pixels of a slice lie in the ball."""
    j, i = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    points = corner(k) + PIXEL * (j[..., None] * DOWN + i[..., None] * np.eye(3)[0])
    return np.asarray(np.linalg.norm(points - CENTRE, axis=-1) < RADIUS)


def lean(data_set: Dataset, k: int) -> None:
    data_set.ImagePositionPatient = corner(k).tolist()
    data_set.ImageOrientationPatient = [1, 0, 0, *DOWN.tolist()]
    data_set.Rows = data_set.Columns = SIDE
    data_set.PixelSpacing = [PIXEL, PIXEL]
    data_set.PixelData = np.where(inside(k), 1524, 1024).astype(np.uint16).tobytes()


def tilted(folder: Path) -> Path:
    """A folder with the head."""
    made_series.series(folder / "images", 24, lean)
    return folder / "images"


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    """The ball is drawn on every slice; the three planes meet in its middle."""
    images = tilted(tmp_path)
    report = tmp_path / "report.txt"
    report.write_text(made_study.REPORT, encoding="utf-8")
    case = callout.create_case(tmp_path / "a.callout", images, report, reader="r1")
    region = case.add_region(case.add_finding("cavity"), case.series[0].id)
    for k in range(24):
        if inside(k).any():
            case.paint(region, k, inside(k))
    session = Session()
    session.take_case(case)
    session.show_series(case.series[0].id, 12)
    session.views.three_planes(0, CENTRE)
    yield Hands(session)
    session.close()


def touch(hands: Hands, view: int, point: Floats) -> Touch:
    """The hand where a view shows a point, LPS mm."""
    plane, look = hands.session.views.plane(view), hands.session.views.looks[view]
    assert plane is not None
    assert look is not None
    placement = Placement.of(look, plane.shape, plane.spacing, VIEW)
    return Touch(view, *placement.screen(*plane.places(point)[0, :2]), plane, placement)


def shown(hands: Hands, view: int) -> Plane:
    plane = hands.session.views.plane(view)
    assert plane is not None
    return plane


def test_what_is_drawn_stands_around_the_ball_in_every_plane(hands: Hands) -> None:
    for view in range(3):
        plane = shown(hands, view)
        scene = Pane(hands.session, hands.pictures, view).scene(VIEW)
        assert len(scene.outlines) == 1
        off = float((CENTRE - plane.point(0, 0)) @ plane.normal)
        assert abs(off) <= plane.pixels.spacing[plane.axis] / 2 + 1e-6
        points = plane.points(np.concatenate(scene.outlines[0].rings))
        away = np.linalg.norm(points - (CENTRE - off * plane.normal), axis=1)
        assert np.abs(away - np.sqrt(RADIUS**2 - off**2)).max() < np.hypot(PIXEL, FEED)
        assert abs(away.mean() - RADIUS) < 0.5
        assert np.ptp(points @ plane.normal) < 1e-6


def test_guides_lie_as_far_from_the_middle_of_the_ball_as_the_planes_that_they_stand_for(hands: Hands) -> None:
    for view in range(3):
        plane = shown(hands, view)
        guides = [plane.points(line.points) for line in Pane(hands.session, hands.pictures, view).scene(VIEW).lines[:2]]
        foot = CENTRE - (CENTRE - plane.point(0, 0)) @ plane.normal * plane.normal
        assert np.abs(plane.point(*plane.places(CENTRE)[0, :2]) - foot).max() < 1e-6
        for (one, two), other in zip(guides, [n for n in range(3) if n != view], strict=True):
            off = np.linalg.norm(np.cross(two - one, foot - one)) / np.linalg.norm(two - one)
            there = shown(hands, other)
            assert off == pytest.approx(abs((CENTRE - there.point(0, 0)) @ there.normal), abs=1e-6)


def test_the_value_is_that_of_the_nearest_voxel_and_none_where_slices_are_missing(hands: Hands) -> None:
    for view in range(3):
        middle = shown(hands, view).points(shown(hands, view).places(CENTRE)[:, :2])[0]
        index = hands.hand.index(touch(hands, view, middle))
        assert index is not None
        assert np.linalg.norm(shown(hands, view).grid.points(index) - middle) < np.hypot(PIXEL, FEED) / 2
        assert hands.hand.value(touch(hands, view, middle)).startswith("500 HU")
        assert hands.hand.finding_at(touch(hands, view, middle)) is not None
    gap = shown(hands, 1).grid.points([MISSING - 0.5, SIDE / 2, SIDE / 2])
    for view in (1, 2):
        there = shown(hands, view).points(shown(hands, view).places(gap)[:, :2])[0]
        assert hands.hand.value(touch(hands, view, there)) == ""
        assert hands.hand.value(touch(hands, view, there - FEED * np.eye(3)[2])) != ""


def test_what_is_missing_is_hatched_and_said_and_the_rest_is_not(hands: Hands) -> None:
    for view in range(3):
        plane = shown(hands, view)
        scene = Pane(hands.session, hands.pictures, view).scene(VIEW)
        assert scene.greys is not None
        native = plane.is_native
        lines = (scene.greys == HATCH_GREY).any(axis=1)
        assert ("hatched: no slices" in scene.corners.top_right) is not native
        assert lines.any() is not np.bool_(native)
        for row in np.flatnonzero(lines):
            off = plane.grid.slice_positions - plane.point(row, 0) @ plane.grid.normal
            assert np.abs(off).min() > 0.4 * FEED
        assert scene.corners.pixels_per_mm > 0
        assert scene.corners.edges == (("R", "L", "AF", "PH"), ("R", "L", "HA", "FP"), ("AF", "PH", "HA", "FP"))[view]


def test_nothing_is_drawn_there_and_the_hand_scrolls_from_end_to_end(hands: Hands) -> None:
    views, before = hands.session.views, len(hands.case.history)
    for view in (1, 2):
        views.activate(view)
        hands.hand.arm("paint")
        assert "planes across" in hands.told[-1][0]
        for end in (-1, 1):
            views.go_to(view, end * 10_000)
            assert Pane(hands.session, hands.pictures, view).scene(VIEW).greys is not None
    assert len(hands.case.history) == before


def test_the_line_below_names_no_key_that_does_nothing_on_a_plane_across(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    host.session.choose_mention(host.session.case.mentions[0].id)
    key(host, qtbot, "P")
    wait_drawn(host, qtbot)
    taught = lambda: dict(host.hands._pairs)  # noqa: E731
    assert "B" in taught()
    host.session.views.activate(1)
    assert {"N", "wheel"} <= taught().keys()
    assert "B" not in taught()
    host.session.views.activate(0)
    for tool, verb in ((Qt.Key.Key_B, "Drawing"), (Qt.Key.Key_A, "Marking")):
        key(host, qtbot, tool)
        assert "Return" in " ".join(taught())
        host.session.views.activate(1)
        assert taught()[verb] == "on slices as they were taken"
        assert "Return" not in " ".join(taught())
        host.session.views.activate(0)


def test_a_shown_window_draws_its_planes_and_scrolls_through_them(host: Any, qtbot: Any, tmp_path: Path) -> None:
    host.files.open([str(tilted(tmp_path))])
    wait_drawn(host, qtbot)
    key(host, qtbot, "P")
    wait_drawn(host, qtbot)
    views = host.session.views
    assert views.layout == "planes"
    for view in range(3):
        before = views.plane(view).at
        wheel(pane(host, view), -3)
        qtbot.waitUntil(lambda view=view, before=before: views.plane(view).at == before + 3)
        wait_drawn(host, qtbot)
        one = scene(host, view)
        assert one.greys.shape == views.plane(view).shape
        assert one.greys.max() > 100
        assert not pane(host, view).grab().isNull()
