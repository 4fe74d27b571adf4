from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from callout.figures.display import Box
from callout.figures.layout import Label, Marker, Placement, Pointer, lay_out

SIZE, CELL = (600, 480), 4
PANEL = Box(0, 0, *SIZE)
DIGIT = {"width": 24.0, "height": 30.0, "glyph": 22.0}
ARROW = {"length": 70.0, "breadth": 28.0, "gap": 6.0}
CORNERS = (Box(10, 10, 50, 50), Box(500, 430, 590, 470))


def disc(x: float, y: float, wide: float, high: float | None = None) -> np.ndarray:
    rows, columns = np.indices((SIZE[1] // CELL, SIZE[0] // CELL))
    across, down = (columns + 0.5) * CELL - x, (rows + 0.5) * CELL - y
    return (across / wide) ** 2 + (down / (high or wide)) ** 2 < 1


def under(mask: np.ndarray, box: Box) -> np.ndarray:
    """The cells that a box touches."""
    return mask[int(box.top // CELL) : int(-(-box.bottom // CELL)), int(box.left // CELL) : int(-(-box.right // CELL))]


def band(placement: Placement) -> np.ndarray:
    """Points (n, 2) on the middle line of an arrow."""
    assert placement.tip is not None
    assert placement.tail is not None
    return np.linspace(placement.tip, placement.tail, 60)


ellipses = st.tuples(*(st.floats(a, b) for a, b in ((0, 600), (0, 480), (6, 130), (6, 130))))
scenes = st.lists(ellipses, min_size=1, max_size=7)


@given(scenes, st.integers(0, 2))
@settings(deadline=None, max_examples=50)
def test_where_there_is_room_no_marker_lies_on_another_or_beyond_the_panel(
    scene: list[tuple[float, float, float, float]], arrows: int
) -> None:
    regions = {str(n): disc(*place) for n, place in enumerate(scene)}
    markers: list[Marker] = [Label(**DIGIT, region=name) for name in regions]
    markers += [Pointer(**ARROW, region=name) for name in list(regions)[:arrows]]
    placed = lay_out(SIZE, CELL, regions, markers, CORNERS)
    assert placed == lay_out(SIZE, CELL, regions, markers, CORNERS)
    labels = [p for p in placed if p.box is not None]
    assert all(PANEL.holds(p.box) for p in labels)
    assert all(p.is_free for p in labels)
    for first, second in itertools.combinations([*(p.box for p in labels), *CORNERS], 2):
        assert not first.overlaps(second) or (first in CORNERS and second in CORNERS)
    for arrow in (p for p in placed if p.box is None and p.is_free):
        for box in [*(p.box for p in labels), *CORNERS]:
            assert not any(box.left < x < box.right and box.top < y < box.bottom for x, y in band(arrow))
        assert all(0 <= x <= 600 and 0 <= y <= 480 for x, y in band(arrow))


@given(ellipses)
@settings(deadline=None, max_examples=50)
def test_a_number_is_inside_a_wide_region_and_beside_a_small_one(place: tuple[float, float, float, float]) -> None:
    mask = disc(*place)
    placed = lay_out(SIZE, CELL, {"r": mask}, [Label(**DIGIT, region="r")])
    if not mask.any():
        assert placed == ()
        return
    (label,) = placed
    if label.inside:
        assert min(place[2:]) * 2 >= 3 * DIGIT["glyph"] - CELL
        assert under(mask, label.box).all()
    else:
        assert not under(mask, label.box).any()
        rows, columns = np.nonzero(mask)
        x, y = label.box.centre
        away = np.hypot((columns + 0.5) * CELL - x, (rows + 0.5) * CELL - y).min()
        assert away <= np.hypot(DIGIT["width"], DIGIT["height"]) / 2 + 3 * CELL


def test_a_number_goes_inside_from_three_glyphs_on() -> None:
    wide, narrow = disc(200, 200, 38), disc(200, 200, 28)
    assert lay_out(SIZE, CELL, {"r": wide}, [Label(**DIGIT, region="r")])[0].inside
    assert not lay_out(SIZE, CELL, {"r": narrow}, [Label(**DIGIT, region="r")])[0].inside


def test_a_number_beside_a_small_region_keeps_off_the_other_regions() -> None:
    regions = {"small": disc(300, 240, 12), "big": disc(380, 240, 60)}
    (label,) = lay_out(SIZE, CELL, regions, [Label(**DIGIT, region="small")])
    assert not label.inside
    assert not under(regions["big"], label.box).any()
    assert label.box.centre[0] < 300


def test_a_number_of_a_region_around_another_keeps_off_the_inner_one() -> None:
    outer, inner = disc(300, 240, 150), disc(300, 240, 40)
    labels = lay_out(
        SIZE, CELL, {"outer": outer, "inner": inner}, [Label(**DIGIT, region=n) for n in ("outer", "inner")]
    )
    assert [p.inside for p in labels] == [True, True]
    assert not under(inner, labels[0].box).any()


def test_an_authors_place_always_wins() -> None:
    regions = {"a": disc(200, 200, 60), "b": disc(400, 200, 60)}
    markers = [
        Label(**DIGIT, region="a"),
        Label(**DIGIT, region="a", place=(400.0, 200.0)),
        Pointer(**ARROW, region="b", tail=(590.0, 470.0)),
    ]
    placed = lay_out(SIZE, CELL, regions, markers)
    assert placed[1].box.centre == (400.0, 200.0)
    assert placed[2].tail == (590.0, 470.0)
    tip_x, tip_y = placed[2].tip
    assert 60 <= np.hypot(tip_x - 400, tip_y - 200) <= 60 + ARROW["gap"] + CELL


def test_markers_give_way_to_what_the_author_placed() -> None:
    region = disc(200, 200, 60)
    first = lay_out(SIZE, CELL, {"a": region}, [Label(**DIGIT, region="a")])[0].box
    by_hand = Label(**DIGIT, region="a", place=first.centre)
    placed = lay_out(SIZE, CELL, {"a": region}, [Label(**DIGIT, region="a"), by_hand])
    assert placed[1].box == first
    assert not placed[0].box.overlaps(first)


@given(st.floats(120, 480), st.floats(120, 360), st.floats(8, 80))
@settings(deadline=None, max_examples=50)
def test_an_arrows_tip_lies_just_outside_the_border(x: float, y: float, radius: float) -> None:
    (arrow,) = lay_out(SIZE, CELL, {"r": disc(x, y, radius)}, [Pointer(**ARROW, region="r")])
    assert arrow.is_free
    away = np.hypot(arrow.tip[0] - x, arrow.tip[1] - y) - radius
    assert -CELL * 0.71 <= away - ARROW["gap"] <= 2 * CELL  # half the diagonal of a cell
    assert not disc(x, y, radius - 1)[tuple((band(arrow).T[::-1] // CELL).astype(int))].any()


def test_an_arrow_comes_from_the_free_side() -> None:
    wall = {"r": disc(300, 240, 30), "wall": disc(300, 80, 290, 130)}
    (arrow,) = lay_out(SIZE, CELL, wall, [Pointer(**ARROW, region="r")])
    assert arrow.tail[1] > arrow.tip[1]
    assert not wall["wall"][tuple((band(arrow).T[::-1] // CELL).astype(int))].any()


def test_a_given_angle_is_the_side_the_arrow_comes_from() -> None:
    pointers = [Pointer(**ARROW, tip=(300.0, 240.0), angle=angle) for angle in (0, 90)]
    right, above = (lay_out(SIZE, CELL, {}, [p])[0] for p in pointers)
    assert (right.tip, right.tail) == ((306.0, 240.0), (376.0, 240.0))
    assert (above.tip, above.tail) == ((300.0, 234.0), (300.0, 164.0))


def test_one_marker_stands_on_every_large_part() -> None:
    parts = disc(150, 150, 60) | disc(400, 300, 50) | disc(520, 60, 8)
    placed = lay_out(SIZE, CELL, {"r": parts}, [Label(**DIGIT, region="r", repeat=True)])
    assert [p.index for p in placed] == [0, 0]
    assert all(p.inside for p in placed)
    assert len(lay_out(SIZE, CELL, {"r": parts}, [Label(**DIGIT, region="r")])) == 1


@given(st.floats(100, 400), st.floats(100, 380), st.floats(45, 90), st.sampled_from([-CELL, CELL]))
@settings(deadline=None, max_examples=50)
def test_a_small_change_of_a_region_moves_its_number_little(x: float, y: float, radius: float, change: int) -> None:
    before, after = (
        lay_out(SIZE, CELL, {"r": disc(x, y, r)}, [Label(**DIGIT, region="r")])[0] for r in (radius, radius + change)
    )
    assert np.hypot(*np.subtract(before.box.centre, after.box.centre)) <= 3 * CELL


def test_where_there_is_no_room_everything_is_still_placed_and_said() -> None:
    regions = {str(n): disc(300, 240, 5) for n in range(40)}
    markers = [Label(width=120, height=120, glyph=100, region=name) for name in regions]
    placed = lay_out(SIZE, CELL, regions, markers)
    assert len(placed) == 40
    assert 6 <= sum(p.is_free for p in placed) < 40
    assert all(PANEL.holds(p.box) for p in placed)


def test_no_marker_covers_a_border_or_another_marker_in_random_scenes() -> None:
    """Scenes from a fixed seed, each of which has room."""
    random = np.random.default_rng(0)
    for _ in range(60):
        count = int(random.integers(2, 8))
        regions = {
            str(n): disc(random.uniform(30, 570), random.uniform(30, 450), *random.uniform(6, 90, 2))
            for n in range(count)
        }
        markers: list[Marker] = [Label(**DIGIT, region=name) for name in regions]
        markers += [Pointer(**ARROW, region=name) for name in ("0", "1")]
        placed = lay_out(SIZE, CELL, regions, markers)
        assert all(p.is_free for p in placed)
        for label in (p for p in placed if p.box is not None):
            for mask in regions.values():
                border = mask & ~ndimage.binary_erosion(mask, border_value=1)
                assert not under(border, label.box).any()


def test_an_arrow_points_into_a_region_that_fills_the_panel() -> None:
    everywhere = np.ones((SIZE[1] // CELL, SIZE[0] // CELL), bool)
    (arrow,) = lay_out(SIZE, CELL, {"r": everywhere}, [Pointer(**ARROW, region="r")])
    assert arrow.is_free
    assert np.hypot(arrow.tip[0] - 300, arrow.tip[1] - 240) < 30
