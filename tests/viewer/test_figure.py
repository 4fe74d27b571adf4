"""A figure as it is edited: panels in their order, with their letters, cropped and drawn on; and its previews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_figures import figure as keep
from made_figures import made, whole
from test_panels import stack

from callout.case import Case
from callout.errors import InputError
from callout.figures.projection import Projection
from callout.figures.recipe import Callout, Fill, Outline, Panel, Recipe, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import render
from callout.figures.section import grid_of
from callout.figures.snapshot import Snapshot
from callout.figures.source import CaseSource
from callout.reports import Figure
from callout.volume import Volume
from napari_callout.session import figure, preview
from napari_callout.session.preview import Preview, Previews, Wanted, figure_file, preview_of


def view(k: int) -> View:
    return View("ct", k, (0.0, 0.0, 0.0), (20.0, 10.0), (40.0, 400.0))


def recipe(count: int) -> Recipe:
    return Recipe("1", "A caption", 174.0, 300, tuple(Panel("", view(k)) for k in range(count)), columns=min(count, 3))


def slices(one: Recipe) -> list[int | None]:
    return [panel.view.slice for panel in one.panels if panel.view]


@given(
    count=st.integers(1, 30),
    steps=st.lists(st.tuples(st.integers(0, 29), st.integers(-3, 40) | st.none()), max_size=6),
)
def test_panels_are_lettered_in_their_order_whatever_is_done(count: int, steps: list[tuple[int, int | None]]) -> None:
    now, expected = recipe(count), list(range(count))
    for step, to in steps:
        number = step % len(expected)
        if to is not None:
            now = figure.moved(now, number, to)
            one = expected.pop(number)
            expected.insert(min(max(to, 0), len(expected)), one)
        elif len(expected) > 1:
            now = figure.without(now, number)
            del expected[number]
        assert slices(now) == expected
        letters = [panel.letter for panel in now.panels]
        assert letters[:26] == (list("abcdefghijklmnopqrstuvwxyz")[: len(letters)] if len(letters) > 1 else [""])
        assert len(set(letters)) == len(letters)
        assert from_toml(to_toml(now)) == now
        assert now.columns == min(len(letters), 3)


def test_a_figure_begins_with_a_view_and_its_page_grows_with_it() -> None:
    report: Any = SimpleNamespace(label="3", caption=SimpleNamespace(text="Words"))
    one = figure.with_panel(None, report, Panel("", view(4)))
    assert (one.label, one.caption, one.width_mm, one.columns) == ("3", "Words", 85.0, 1)
    two = figure.with_panel(one, report, Panel("", view(5)))
    assert (two.width_mm, two.columns, [panel.letter for panel in two.panels]) == (174.0, 2, ["a", "b"])
    own = replace(two, width_mm=120.0, columns=1, panels=tuple(replace(p, letter=p.letter.upper()) for p in two.panels))
    more = figure.with_panel(own, report, Panel("", view(6)))
    assert (more.width_mm, more.columns, [panel.letter for panel in more.panels]) == (120.0, 1, ["A", "B", "C"])
    with pytest.raises(InputError, match="at least one panel"):
        figure.without(one, 0)


def test_what_was_written_of_another_slice_is_not_kept() -> None:
    told = replace(recipe(1), panels=(Panel("", view(1), alt="A cavity."),))
    assert figure.with_replaced(told, 0, Panel("", view(2))).panels[0].alt == ""
    assert figure.with_replaced(told, 0, Panel("", replace(view(1), extent_mm=(5.0, 5.0)))).panels[0].alt == "A cavity."


@given(
    plane=st.sampled_from(["axial", "coronal", "sagittal"]),
    flips=st.tuples(*[st.booleans()] * 3),
    angles=st.tuples(*[st.floats(-0.3, 0.3)] * 3),
    reformat=st.booleans(),
    box=st.tuples(*[st.floats(0, 1)] * 4).filter(lambda b: abs(b[0] - b[2]) > 0.1 and abs(b[1] - b[3]) > 0.2),
    place=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_cropped_panel_shows_what_lay_in_the_frame(
    plane: str,
    flips: tuple[bool, bool, bool],
    angles: tuple[float, float, float],
    reformat: bool,
    box: tuple[float, float, float, float],
    place: tuple[float, float],
) -> None:
    grid = stack(plane, flips, angles, (3.0, 0.8, 0.7))
    source: Any = SimpleNamespace(series=lambda name: SimpleNamespace(grid=grid, title="ct"))
    x, y, z = (float(part) for part in grid.points(np.array([4.0, 12.0, 15.0])))
    cut = {"slice": None, "plane": "coronal"} if reformat else {}
    before = replace(view(4), centre_mm=(x, y, z), **cut)
    frame = (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
    after = figure.cropped(replace(recipe(1), panels=(Panel("", before),)), 0, frame, source).panels[0].view
    assert after is not None

    def point(one: View, across: float, down: float) -> np.ndarray:
        width, height = one.extent_mm
        page = Projection(grid_of(one, source), 0, one.centre_mm, width, (1, 1))
        return page.from_panel([across, 0.5 + (down - 0.5) * height / width])

    left, top, right, bottom = frame
    where = left + place[0] * (right - left), top + place[1] * (bottom - top)
    assert point(after, *place) == pytest.approx(point(before, *where), abs=0.01)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Two findings in the first figure's caption; the second has nothing on slice 0."""
    with made(tmp_path) as one:
        one.link(one.findings[0], one.mention("1:1"))
        yield one


def of_report(case: Case) -> Figure:
    found = case.report.figure("1") if case.report else None
    assert found is not None
    return found


def test_a_replaced_panel_keeps_what_was_drawn_on_the_same_plane(case: Case) -> None:
    report, source, region = of_report(case), CaseSource(case), case.regions[0].id
    taken = figure.drawn(whole(case), None, frozenset(), case, report, source)
    assert [type(one) for one in taken.overlays] == [Callout]
    by_hand = replace(taken, overlays=(Callout("1", region, place_mm=taken.centre_mm, colour="yellow"),))
    closer = replace(whole(case), extent_mm=(30.0, 30.0), window=(1.0, 2.0))
    assert figure.drawn(closer, by_hand, frozenset(), case, report, source).overlays == by_hand.overlays
    other = figure.drawn(replace(closer, slice=3), by_hand, frozenset(), case, report, source)
    assert other.overlays == taken.overlays
    corner = replace(closer, centre_mm=(-9.0, -19.0, taken.centre_mm[2]), extent_mm=(4.0, 4.0))
    outside = figure.drawn(corner, by_hand, frozenset(), case, report, source)
    assert outside.overlays == ()  # the region lies beyond the frame
    assert figure.drawn(whole(case), outside, frozenset(), case, report, source).overlays == taken.overlays


def test_extras_are_the_whole_figures_and_leave_markers_alone(case: Case) -> None:
    report, source = of_report(case), CaseSource(case)
    marked = figure.drawn(whole(case), None, frozenset(), case, report, source)
    plain = keep(case, marked, replace(whole(case), slice=0))
    assert figure.extras_of(plain) == frozenset()
    every = frozenset(figure.EXTRAS)
    full = figure.with_extras(plain, every, case, report, source)
    assert figure.extras_of(full) == every
    first, second = (panel.view for panel in full.panels)
    assert first is not None
    assert second is not None
    assert {type(one) for one in first.overlays} == {Callout, Outline, Fill}
    assert (second.overlays, second.letters, second.scale_bar) == ((), True, True)
    styled = tuple(replace(o, width_pt=3.0) if isinstance(o, Outline) else o for o in first.overlays)
    own = replace(full, panels=(Panel("a", replace(first, overlays=styled)), full.panels[1]))
    fewer = figure.with_extras(own, every - {"letters"}, case, report, source)
    assert fewer.panels[0].view == replace(first, overlays=styled, letters=False)
    assert figure.with_extras(full, frozenset(), case, report, source) == plain
    with pytest.raises(InputError, match="no region"):
        figure.with_extras(keep(case, replace(whole(case), slice=0)), frozenset(["outlines"]), case, report, source)


def test_rows_say_what_a_panel_shows(case: Case) -> None:
    sheared = replace(whole(case), slice=None, plane="coronal", slab_mm=10.0, projection="max", inverted=True)
    rows = figure.panel_rows(keep(case, whole(case), sheared), case.series_of)
    title = case.series[0].title
    assert [(row.letter, row.title) for row in rows] == [("a", title), ("b", title)]
    assert rows[0].facts == "slice 2 · W3000 L1400"
    assert rows[1].facts == "coronal reformat · MIP 10 mm · W3000 L1400 · inverted"


# Previews ------------------------------------------------------------------------------------------------------------


def wanted(case: Case, label: str, width: int = 300) -> Wanted:
    from callout.dicom import load

    one = case.series[0]
    return Wanted(Snapshot.of(case, label), label, width, {one.id: Volume(load(one).voxels, one.grid, one.id)})


def test_a_preview_is_the_figure_itself_with_a_box_for_each_panel(case: Case) -> None:
    kept = keep(case, whole(case), replace(whole(case), slice=3))
    drawn = preview_of(asked := wanted(case, "1", 2000), CaseSource(asked.case, asked.volumes))
    assert drawn.recipe == kept
    assert drawn.rgb is not None
    assert np.array_equal(drawn.rgb, render(kept, CaseSource(case)).rgb)  # never finer than the figure
    small = preview_of(asked := wanted(case, "1"), CaseSource(asked.case, asked.volumes))
    assert small.rgb is not None
    assert len(small.boxes) == 2
    assert small.rgb.shape[1] < drawn.rgb.shape[1]
    left, top, width, height = small.boxes[1]
    assert (left + width, top + height) == (small.rgb.shape[1], small.rgb.shape[0])


def test_what_can_not_be_drawn_is_told_in_the_preview(case: Case) -> None:
    keep(case, replace(whole(case), slice=99))
    told = preview_of(asked := wanted(case, "1"), CaseSource(asked.case))
    assert "slice 99 is not in the series" in told.problem
    assert told.recipe is not None
    assert told.rgb is None


def test_the_request_made_last_wins(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    began, gate, done = Event(), Event(), Event()
    drawn: list[str] = []
    draw = preview.preview_of

    def after_gate(one: Wanted, source: CaseSource) -> Preview:
        began.set()
        gate.wait(20)
        return draw(one, source)

    def note(one: Wanted, found: Preview) -> None:
        drawn.append(found.label)
        done.set()

    monkeypatch.setattr(preview, "preview_of", after_gate)
    previews = Previews(note)
    first, second, last = (wanted(case, label) for label in ("1", "2", "1"))
    previews.ask(first)
    assert began.wait(20)
    previews.ask(second)
    previews.ask(last)
    gate.set()
    assert done.wait(20)
    previews.close()
    assert drawn == ["1"]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_file_is_what_the_renderer_makes(case: Case, kind: Any) -> None:
    kept = keep(case, whole(case), replace(whole(case), slice=3))
    assert figure_file(Snapshot.of(case, "1"), "1", kind)[0] == render(kept, CaseSource(case)).file(kind)
