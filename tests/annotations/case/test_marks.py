"""Marks: what makes one of each kind, what is measured with it; several regions in one edit; what excludes what."""

from __future__ import annotations

import math
from pathlib import Path

import made_cases
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.case import Case, Mark
from callout.case.mark_measures import measure_mark
from callout.errors import EditRefused, InputError
from callout.geometry import Grid
from callout.masks import Stroke
from callout.terms import concepts

MM = st.floats(-300, 300)
SPOT = st.tuples(MM, MM, MM)
LENGTH = st.floats(0.5, 200)


@pytest.fixture
def case(tmp_path: Path):
    with made_cases.case(tmp_path) as made:
        yield made


@st.composite
def axes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A point, and two unit vectors at right angles."""
    turn, tilt = draw(st.floats(0, 6.3)), draw(st.floats(-1.5, 1.5))
    across = np.array([math.cos(turn), math.sin(turn), 0.0])
    up = np.array([-math.sin(turn) * math.sin(tilt), math.cos(turn) * math.sin(tilt), math.cos(tilt)])
    return np.array(draw(SPOT)), across, up


def mark(kind: str, *points: np.ndarray) -> Mark:
    return Mark("m1", "f1", kind, tuple(tuple(point.tolist()) for point in points), "series")


@given(axes(), LENGTH, st.floats(0.01, 1), st.floats(-60, 60))
def test_two_diameters_are_measured_where_they_are_at_right_angles(frame, long: float, part: float, off: float) -> None:
    middle, across, up = frame
    start = middle + across * off / 100 * long
    drawn = mark("diameters", middle, middle + across * long, start, start + up * long * part)
    measures = measure_mark(drawn)
    assert (measures.length, measures.short) == (pytest.approx(long), pytest.approx(long * part))
    lean = math.radians(2)
    leaning = up * math.cos(lean) + across * math.sin(lean)
    with pytest.raises(InputError, match="right angles"):
        mark("diameters", middle, middle + across * long, start, start + leaning * long * part)
    with pytest.raises(InputError, match="no longer"):
        mark("diameters", middle, middle + across * long * 0.5, start, start + up * long)


@given(axes(), LENGTH, LENGTH, st.floats(0.1, 179.9))
def test_an_angle_is_that_between_its_arms(frame, one: float, other: float, degrees: float) -> None:
    vertex, across, up = frame
    way = across * math.cos(math.radians(degrees)) + up * math.sin(math.radians(degrees))
    drawn = mark("angle", vertex + across * one, vertex, vertex + way * other)
    assert measure_mark(drawn).angle_deg == pytest.approx(degrees, abs=1e-3)


@given(axes(), LENGTH, LENGTH)
def test_an_ellipse_has_its_axes_and_area(frame, one: float, other: float) -> None:
    middle, across, up = frame
    measures = measure_mark(mark("ellipse", middle, middle + across * one, middle + up * other))
    assert measures.area == pytest.approx(math.pi * one * other)
    assert (measures.length, measures.short) == (pytest.approx(2 * max(one, other)), pytest.approx(2 * min(one, other)))


@given(axes(), LENGTH, LENGTH, st.floats(0, 6.3))
def test_an_ellipse_measures_the_same_by_whichever_half_axes(frame, one: float, other: float, turn: float) -> None:
    """Those from a file are at right angles in pixels, and in millimetres only where these are square."""
    middle, across, up = frame
    ends = [across * one * math.cos(t) + up * other * math.sin(t) for t in (turn, turn + math.pi / 2)]
    measures = measure_mark(mark("ellipse", middle, *(middle + end for end in ends)))
    assert measures is not None
    assert (measures.length, measures.short) == pytest.approx(
        (2 * max(one, other), 2 * min(one, other)), rel=1e-6, abs=1e-6
    )
    assert measures.area == pytest.approx(math.pi * one * other, rel=1e-6)


@given(st.integers(0, 2**32), st.floats(0.5, 30), st.floats(0.5, 30), st.floats(0, 6.3))
def test_an_ellipse_holds_the_pixels_whose_centres_lie_in_it(seed: int, one: float, other: float, turn: float) -> None:
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    across, back = turned.T[:2]
    grid = Grid(
        (3, 24, 20),
        rng.normal(0, 50, 3) + np.outer(np.arange(3) * 4.0, np.cross(across, back)),
        back * 1.3,
        across * 0.8,
    )
    values = rng.normal(0, 100, grid.shape)
    centre = grid.points([1, rng.uniform(0, 23), rng.uniform(0, 19)])
    first = across * math.cos(turn) + back * math.sin(turn)
    second = -across * math.sin(turn) + back * math.cos(turn)
    measures = measure_mark(
        mark("ellipse", centre, centre + first * one, centre + second * other), grid, lambda k: values[k]
    )
    inside = [
        values[1, j, i]
        for j in range(24)
        for i in range(20)
        if math.hypot(
            (grid.points([1, j, i]) - centre) @ first / one, (grid.points([1, j, i]) - centre) @ second / other
        )
        <= 1
    ]
    assert measures.pixels == (len(inside) or None)
    assert measures.mean == (pytest.approx(np.mean(inside)) if inside else None)
    assert measures.sd == (pytest.approx(np.std(inside)) if inside else None)


def test_an_ellipse_of_no_area_or_off_the_slices_holds_nothing() -> None:
    grid = Grid((2, 5, 5), np.array([[0.0, 0, 0], [0, 0, 4]]), np.array([0.0, 1, 0]), np.array([1.0, 0, 0]))
    spot = np.array([2.0, 2.0, 0.0])
    nothing = np.zeros((5, 5))
    flat = mark("ellipse", spot, np.add(spot, (2, 0, 0)), np.add(spot, (1, 0, 0)))
    assert measure_mark(flat, grid, lambda _: nothing).pixels is None
    away = mark("ellipse", *(np.add(spot, end) for end in ((0, 0, 60), (2, 0, 60), (0, 1, 60))))
    with pytest.raises(InputError, match="beyond the slices"):
        measure_mark(away, grid, lambda _: nothing)


def test_on_a_picture_measures_are_in_pixels() -> None:
    measures = measure_mark(Mark("m1", "f1", "calipers", ((0, 0), (3, 4)), picture="a.png"))
    assert (measures.unit, measures.length, measures.in_words) == ("px", 5.0, "5 px")
    assert measure_mark(Mark("m1", "f1", "point", ((0, 0),), picture="a.png")) is None


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("angle", [(0, 0, 0), (0, 0, 0), (1, 0, 0)]),
        ("angle", [(0, 0, 0), (1, 0, 0)]),
        ("diameters", [(0, 0, 0)] * 4),
        ("diameters", [(0, 0, 0), (9, 0, 0), (3, 1, 0), (3, 1, 0)]),
        ("diameters", [(0, 0, 0), (9, 0, 0)]),
        ("polygon", [(0, 0, 0)]),
    ],
)
def test_marks_that_measure_nothing_are_refused(case: Case, kind: str, points: list[tuple[float, ...]]) -> None:
    finding = case.add_finding("cavity")
    with pytest.raises(InputError):
        case.add_mark(finding, kind, points, series_id=case.series[0].id)
    assert case.marks == ()


def test_a_mark_is_moved_and_taken_away_by_its_reader_only(case: Case) -> None:
    finding = case.add_finding("cavity")
    made = case.add_mark(finding, "calipers", [(0, 0, 0), (10, 0, 0)], series_id=case.series[0].id)
    moved = case.change_mark(made, [(0, 0, 0), (20, 0, 0)])
    assert case.marks == (moved,)
    with pytest.raises(InputError):
        case.change_mark(made, [(0, 0, 0)])
    assert case.measures_of(moved).in_words == "20 mm"
    case.remove_mark(made.id)
    assert case.marks == ()
    with pytest.raises(InputError):
        case.remove_mark(made)
    case.undo()
    case.undo()
    assert case.marks == (made,)
    case.reader = "r2"
    for refused in (lambda: case.change_mark(made, moved.points), lambda: case.remove_mark(made)):
        with pytest.raises(EditRefused, match="r1's finding"):
            refused()
    assert [edit.summary for edit in case.history[2:4]] == ["move calipers of cavity", "remove calipers of cavity"]


@pytest.mark.parametrize("how", ["flip_all", "one_edit"])
def test_strokes_on_several_regions_are_one_edit(case: Case, how: str) -> None:
    names = ("cavity", "consolidation", "ground-glass opacity")
    regions = [case.add_region(case.add_finding(name), case.series[0].id) for name in names]
    for n, region in enumerate(regions):
        case.paint(region, n, made_cases.plane((1, 1), (2, n)))
    before, edits = [case.mask(region).tolist() for region in regions], len(case.history)
    bits = np.zeros((4, 6, 5), bool)
    bits[:3, 1:3, 1] = True
    strokes = {region: Stroke.from_bits(bits) for region in regions[:2]} | {regions[2].id: None}
    if how == "flip_all":
        with case.using("brush"):
            case.flip_all(strokes)
    else:
        with case.using("brush"), case.one_edit("brush cavity out of consolidation"):
            for region, stroke in strokes.items():
                case.flip(region, stroke)
    assert len(case.history) == edits + 1
    assert {"cavity", "consolidation"} <= set(case.history[-1].summary.replace(",", "").split())
    after = [case.mask(region).tolist() for region in regions]
    assert [a != b for a, b in zip(after, before, strict=True)] == [True, True, False]
    case.undo()
    assert [case.mask(region).tolist() for region in regions] == before
    case.redo()
    assert [case.mask(region).tolist() for region in regions] == after


def test_an_edit_of_several_changes_is_never_without_words(case: Case) -> None:
    with case.one_edit():
        case.add_finding("cavity")
        case.add_finding("nodule")
    assert case.history[-1].summary == "add finding cavity"


def test_concepts_exclude_only_what_there_is() -> None:
    names = {one.name for one in concepts()}
    said = {one.name: one.excludes for one in concepts() if one.excludes}
    assert said
    assert all(other in names and other != name for name, others in said.items() for other in others)


def test_what_keeps_out_of_what_can_be_switched(case: Case) -> None:
    names = ("cavity", "consolidation", "ground-glass opacity", "nodule")
    cavity, consolidation, glass, nodule = (
        case.add_region(case.add_finding(name), case.series[0].id) for name in names
    )
    assert case.rivals(cavity) == (consolidation, glass)
    assert case.rivals(consolidation) == (cavity, glass)
    assert case.rivals(nodule) == ()
    case.exclude("ground glass", "cavity", on=False)
    case.exclude("nodule", "cavity")
    assert case.rivals(cavity) == (consolidation, nodule)
    edits = len(case.history)
    case.exclude("cavity", "nodule")  # as it is already
    assert len(case.history) == edits
    case.undo()
    case.undo()
    assert case.rivals(cavity) == (consolidation, glass)
    for bad in (("cavity", "cavity"), ("cavity", "no such thing")):
        with pytest.raises(InputError):
            case.exclude(*bad)
    case.reader = "r2"
    own = case.add_region(case.add_finding("consolidation"), case.series[0].id)
    assert case.rivals(own) == ()  # another reader's regions are not theirs to keep out of
