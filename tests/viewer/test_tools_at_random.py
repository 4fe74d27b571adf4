"""Any drag of any tool, anywhere: it draws about its way only, in the volume, on its own region, and is taken back."""

from __future__ import annotations

from collections.abc import Iterator

import made_study
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_hands import Hands

from napari_callout.session import Session

PLACES = st.tuples(st.integers(-60, 540), st.integers(-60, 460)).map(lambda at: (at[0] / 10, at[1] / 10))
PIXEL = 0.8


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    """A lesion and ground glass, which may overlap, on the axial series; each use is taken back, so one case does."""
    session = Session()
    session.take_case(made_study.case(tmp_path_factory.mktemp("random")))
    session.choose_mention("1:2")
    session.go_to(4)
    one = Hands(session)
    one.disc(20, 20, 20)
    one.case.exclude("cavity", "ground-glass opacity", on=False)
    session.choose_mention("1:1")
    one.disc(26, 22, 15)
    yield one
    session.close()


@given(
    name=st.sampled_from(["paint", "erase", "outline", "grow"]),
    way=st.lists(PLACES, min_size=1, max_size=5),
    brush_mm=st.sampled_from([1, 3, 8, 20]),
    in_space=st.booleans(),
    limits=st.none() | st.tuples(st.integers(-1000, 0), st.integers(0, 600)),
    turned=st.booleans(),
)
def test_a_tool_draws_where_the_hand_was_and_nowhere_else(
    hands: Hands,
    name: str,
    way: list[tuple[float, float]],
    brush_mm: int,
    in_space: bool,
    limits: tuple[int, int] | None,
    turned: bool,
) -> None:
    session, case = hands.session, hands.case
    glass, before, edits = hands.mask(0), hands.mask(1), len(case.history)
    series_id = session.series_id or ""
    session.brush_mm, session.kit.in_space, session.kit.limited = brush_mm, in_space, limits is not None
    session.kit.ranges = {} if limits is None else {series_id: limits}
    hands.keys = {"control": turned}
    hands.hand.arm(name)
    hands.drag(*way)
    hands.hand.enter()
    changed = hands.mask(1) ^ before
    assert np.array_equal(hands.mask(0), glass)
    assert len(case.history) == edits + bool(changed.any())
    if not changed.any():
        return
    taken = turned != (name == "erase")
    assert not (before & changed).any() if not taken else before[changed].all()
    k, rows, columns = np.nonzero(changed)
    if not in_space or name == "outline":
        assert set(k.tolist()) == {session.k}
    used = case.history[-1].settings.get("range")  # growing widens it on the way
    assert (used is None) == (limits is None and name != "grow")
    if used is not None:
        values = hands.pictures.get(series_id).voxels[changed]  # type: ignore[union-attr]
        assert ((values >= used[0]) & (values <= used[1])).all()
    if name != "grow":
        reach = 0.0 if name == "outline" else max(brush_mm / 2, PIXEL) / PIXEL
        low, high = np.min(way, axis=0) - reach - 0.01, np.max(way, axis=0) + reach + 0.01
        assert low[0] <= rows.min() <= rows.max() <= high[0]
        assert low[1] <= columns.min() <= columns.max() <= high[1]
    after = hands.mask(1)
    session.undo()
    assert np.array_equal(hands.mask(1), before)
    session.redo()
    assert np.array_equal(hands.mask(1), after)
    session.undo()
