"""Names of vertebrae and their order, and the level of a point: right between the marks, never guessed beyond them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.case.levels import (
    BODY,
    NEAR_MM,
    TRANSITIONAL,
    Vertebra,
    from_the_head,
    level_at,
    name_above,
    name_below,
    renumbered,
    spine,
    vertebra_name,
)
from callout.errors import InputError

ANATOMIES = st.sampled_from(TRANSITIONAL)


@st.composite
def marked(draw: st.DrawFn, least: int = 0) -> tuple[tuple[Vertebra, ...], str]:
    """Vertebrae marked down a bent spine, some left out, and the anatomy."""
    anatomy = draw(ANATOMIES)
    names = spine(anatomy)
    first = draw(st.integers(0, len(names) - 2))
    chosen = draw(st.lists(st.integers(first, min(first + 7, len(names) - 1)), min_size=least, max_size=6, unique=True))
    bend, lean, gap = (draw(st.floats(*limits)) for limits in ((-0.02, 0.02), (-0.3, 0.3), (14, 40)))
    points = {n: (30 * math.sin(bend * n * gap), lean * gap * (n - first), -gap * n) for n in chosen}
    order = draw(st.permutations(chosen))
    return tuple(Vertebra(names[n], points[n]) for n in order), anatomy


@given(ANATOMIES, st.data())
def test_up_is_the_way_back_from_down(anatomy: str, data: st.DataObject) -> None:
    names = spine(anatomy)
    name = data.draw(st.sampled_from(names))
    below = name_below(name, anatomy)
    assert (below is None) == (name == names[-1])
    assert below is None or name_above(below, anatomy) == name


def test_the_count_goes_on_whatever_the_vertebrae_look_like() -> None:
    down = ["L4"]
    while (below := name_below(down[-1], "lumbarised S1")) is not None:
        down.append(below)
    assert down == ["L4", "L5", "S1", "S2", "S3", "S4", "S5"]
    assert name_above("S1", "sacralised L5") == "L5"
    assert (name_below("L4", "four lumbar vertebrae"), name_above("L1", "eleven thoracic vertebrae")) == ("S1", "T11")
    assert (name_below("T12", marked=["T13"]), name_above("L1", "thirteen thoracic vertebrae")) == ("T13", "T13")
    assert name_above("C1") is None
    with pytest.raises(InputError, match="no L5"):
        name_below("L5", "four lumbar vertebrae")


@pytest.mark.parametrize("written", ["", "L", "L7", "T14", "C8", "S6", "L0", "X1", "L3-L4", "L³", "1", "L03x", None])
def test_what_is_no_vertebra_is_refused(written: str) -> None:
    with pytest.raises(InputError, match="is no vertebra"):
        vertebra_name(written)


@given(marked())
def test_vertebrae_come_from_the_head_down_however_they_were_marked(one: tuple[tuple[Vertebra, ...], str]) -> None:
    vertebrae, anatomy = one
    ordered = from_the_head(vertebrae, anatomy)
    assert set(ordered) == set(vertebrae)
    assert [v.point[2] for v in ordered] == sorted((v.point[2] for v in vertebrae), reverse=True)


@given(marked(least=2), st.data())
def test_names_that_run_against_their_places_are_refused(
    one: tuple[tuple[Vertebra, ...], str], data: st.DataObject
) -> None:
    vertebrae, anatomy = one
    first, second = data.draw(st.permutations(vertebrae))[:2]
    others = [v for v in vertebrae if v not in (first, second)]
    swapped = [Vertebra(first.name, second.point), Vertebra(second.name, first.point)]
    with pytest.raises(InputError, match="would lie above"):
        from_the_head([*others, *swapped], anatomy)


@given(marked(least=1), st.data())
def test_all_names_move_together_and_back(one: tuple[tuple[Vertebra, ...], str], data: st.DataObject) -> None:
    vertebrae, anatomy = one
    ordered, names = from_the_head(vertebrae, anatomy), spine(anatomy)
    name = data.draw(st.sampled_from([v.name for v in ordered]))
    becomes = data.draw(st.sampled_from(names))
    by = names.index(becomes) - names.index(name)
    places = [names.index(v.name) + by for v in ordered]
    if any(not 0 <= place < len(names) for place in places):
        with pytest.raises(InputError, match="can't become"):
            renumbered(vertebrae, name, becomes, anatomy)
        return
    counted = renumbered(vertebrae, name, becomes, anatomy)
    assert [v.point for v in counted] == [v.point for v in ordered]
    assert [v.name for v in counted] == [names[place] for place in places]
    assert renumbered(counted, becomes, name, anatomy) == ordered


def test_one_vertebra_more_moves_those_above_it_up() -> None:
    five = [Vertebra(f"L{n}", (0.0, 0.0, -35.0 * n)) for n in range(1, 6)]
    assert [v.name for v in renumbered(five, "L5", "L6")] == ["L2", "L3", "L4", "L5", "L6"]
    assert [v.name for v in renumbered(five, "L5", "S1")] == ["L2", "L3", "L4", "L5", "S1"]
    six = [*five, Vertebra("L6", (0.0, 0.0, -210.0)), Vertebra("S1", (0.0, 0.0, -245.0))]
    assert renumbered(six, "S1", "S1") == renumbered(six, "L5", "L5") == tuple(six)


def test_a_lumbarised_s1_is_not_named_twice() -> None:
    with pytest.raises(InputError, match="S1 in the count, not L6"):
        from_the_head([Vertebra("L6", (0, 0, 0))], "lumbarised S1")


@given(marked(least=1), st.floats(-0.3, 0.3), st.floats(-20, 20), st.floats(-20, 20))
def test_a_point_near_a_mark_is_at_that_vertebra(
    one: tuple[tuple[Vertebra, ...], str], part: float, right: float, back: float
) -> None:
    vertebrae, anatomy = one
    for vertebra in vertebrae:
        assert level_at(vertebrae, vertebra.point, anatomy) == vertebra.name
    alone = vertebrae[0]
    x, y, z = alone.point
    assert level_at([alone], (x + right, y + back, z + part * NEAR_MM), anatomy) == alone.name


@given(marked(least=2), st.floats(0.01, 0.99))
def test_between_two_marks_is_the_body_or_the_disc_or_nothing(
    one: tuple[tuple[Vertebra, ...], str], part: float
) -> None:
    vertebrae, anatomy = one
    ordered, names = from_the_head(vertebrae, anatomy), spine(anatomy)
    for upper, lower in pairwise(ordered):
        steps = names.index(lower.name) - names.index(upper.name)
        place = np.array(upper.point) + part * np.subtract(lower.point, upper.point)
        found = level_at(vertebrae, place.tolist(), anatomy)
        if abs(part * steps - BODY) < 1e-6 or abs((1 - part) * steps - BODY) < 1e-6:
            continue
        if part * steps < BODY:
            assert found == upper.name
        elif (1 - part) * steps < BODY:
            assert found == lower.name
        else:
            assert found == (f"{upper.name}-{lower.name}" if steps == 1 else None)


@given(marked(least=1), st.floats(1, 300))
def test_nothing_is_guessed_beyond_the_marks(one: tuple[tuple[Vertebra, ...], str], further: float) -> None:
    vertebrae, anatomy = one
    ordered = from_the_head(vertebrae, anatomy)
    if len(ordered) == 1:
        (x, y, z), reach = ordered[0].point, NEAR_MM + further
        assert level_at(ordered, (x, y, z + reach), anatomy) is level_at(ordered, (x, y, z - reach), anatomy) is None
    else:
        way = np.subtract(ordered[0].point, ordered[1].point)
        way /= np.linalg.norm(way)
        names = spine(anatomy)
        steps = names.index(ordered[1].name) - names.index(ordered[0].name)
        half = BODY * math.dist(ordered[0].point, ordered[1].point) / steps
        beyond = np.array(ordered[0].point) + way * (half + further)
        assert level_at(ordered, beyond.tolist(), anatomy) is None
        assert level_at(ordered, (np.array(ordered[0].point) + way * half * 0.9).tolist(), anatomy) == ordered[0].name
    x, y, z = ordered[0].point
    assert level_at(ordered, (x + 2000.0, y, z), anatomy) is None


def test_a_sample_of_a_lumbar_spine() -> None:
    spots = {"L3": 0.0, "L4": -36.0, "L5": -72.0}
    vertebrae = [Vertebra(name, (0.0, 5.0, z)) for name, z in spots.items()]
    told = {z: level_at(vertebrae, (40.0, 30.0, z)) for z in (20.0, 12.0, -5.0, -18.0, -30.0, -54.0, -80.0, -90.0)}
    assert list(told.values()) == [None, "L3", "L3", "L3-L4", "L4", "L4-L5", "L5", None]
    assert level_at([], (0, 0, 0)) is None
