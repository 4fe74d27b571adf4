"""No marker lies on another, on a letter or on a region's border wherever a search finds that none needs to."""

from __future__ import annotations

import pytest
from hypothesis import settings
from made_scenes import CELL, faults, has_solution, scene

from callout.figures.layout import lay_out

SCENES = 300 if settings().max_examples > 100 else 40


@pytest.mark.parametrize("seed", range(SCENES))
def test_a_layout_has_no_fault_where_none_is_needed(seed: int) -> None:
    made = scene(seed)
    placed = lay_out(made.size, CELL, made.regions, made.markers, made.obstacles)
    assert len({placement.index for placement in placed}) == len(made.markers)
    found = faults(made, placed)
    assert not found or not has_solution(made)


def test_the_scenes_are_crowded_and_the_search_finds_most_of_their_solutions() -> None:
    """Else the test above would say little."""
    made = [scene(seed) for seed in range(3)]
    assert sum(len(one.markers) for one in made) > 5 * len(made)
    assert sum(map(has_solution, made)) >= 2


def test_a_fault_is_seen() -> None:
    made = scene(1)
    placed = lay_out(made.size, CELL, made.regions, [made.markers[0]] * 2, made.obstacles)
    assert faults(made, placed) == []
    assert faults(made, [placed[0], placed[0]]) == ["0 lies on another"]
