"""A snapshot draws as its case does, and what is drawn on any plane of it is what lies there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from made_figures import figure, made, whole

from callout.errors import InputError
from callout.figures.markers import drawn_on
from callout.figures.projection import Projection
from callout.figures.propose import propose, recipe_of
from callout.figures.recipe import Callout, Fill, Outline, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import render
from callout.figures.section import grid_of, section_of
from callout.figures.snapshot import Snapshot
from callout.figures.source import CaseSource

_C, _S = float(np.cos(0.5)), float(np.sin(0.5))


def test_a_snapshot_draws_in_another_thread_what_the_case_draws(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        case.link(case.findings[0], case.mention("1:1"))
        region = case.regions[1].id
        figure(case, whole(case, [Outline(region)]), label="2")
        snapshots = {label: Snapshot.of(case, label) for label in ("1", "2")}
        expected = {label: render(recipe_of(case, label, CaseSource(case)), CaseSource(case)).png for label in "12"}
        case.set_mask(case.regions[0], np.zeros(case.series[0].grid.shape, bool))
    drawn: dict[str, bytes] = {}

    def draw() -> None:
        for label, one in snapshots.items():
            drawn[label] = render(recipe_of(one, label, CaseSource(one)), CaseSource(one)).png

    thread = Thread(target=draw)
    thread.start()
    thread.join()
    assert drawn == expected
    with pytest.raises(InputError, match="no region r9"):
        snapshots["1"].region("r9")


def test_a_recipe_that_was_dropped_is_proposed_again_and_can_be_had_back(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        source = CaseSource(case)
        proposed = recipe_of(case, "1", source)
        kept = figure(case, whole(case))
        assert recipe_of(case, "1", source) == kept
        case.drop_recipe("1")
        assert recipe_of(case, "1", source) == proposed
        edits = len(case.history)
        case.drop_recipe("1")
        assert len(case.history) == edits
        case.undo()
        assert recipe_of(case, "1", source) == kept


def test_what_is_drawn_on_a_view_is_what_lies_there(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        case.link(case.findings[0], case.mention("1:1"))
        (report,) = (one for one in case.report.figures if one.label == "1")
        source, region = CaseSource(case), case.regions[0].id

        def kinds(view: View, **wanted: bool) -> list[type]:
            drawn = drawn_on(case, report, view, source, **wanted)
            assert {one.region_id for one in drawn} <= {region}
            return [type(one) for one in drawn]

        assert kinds(whole(case)) == [Callout]
        assert drawn_on(case, report, whole(case), source) == propose(case, "1", source).panels[0].view.overlays
        assert kinds(whole(case, slice=0)) == []
        assert kinds(whole(case, slice=0), outlines=True) == []
        assert kinds(whole(case), outlines=True) == [Outline, Callout]
        assert kinds(whole(case), fills=True) == [Fill, Outline, Callout]
        mask = case.region_mask(region)
        inside = case.series[0].grid.points(np.argwhere(mask.crop).mean(axis=0) + mask.low)
        for offset, found in ((0.0, [Callout]), (60.0, [])):
            x, y, z = (float(mm) for mm in inside + np.array([0, offset, 0]))
            assert kinds(whole(case, slice=None, plane="coronal", centre_mm=(x, y, z))) == found


def test_a_view_can_be_inverted(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        plain, turned = figure(case, whole(case)), figure(case, whole(case, inverted=True))
        one, other = (render(recipe, CaseSource(case)) for recipe in (plain, turned))
        grey, negative = (rendered.rgb[20:-20, 40:-20].astype(int) for rendered in (one, other))  # beside the letter
        assert np.abs(grey + negative - 255).max() <= 1
        assert grey.std() > 5
        assert "inverted" in other.alt
        assert "inverted" not in one.alt
        assert from_toml(to_toml(turned)) == turned


def test_what_runs_to_the_right_on_an_oblique_plane_can_be_said(tmp_path: Path) -> None:
    with made(tmp_path, "oblique") as case:
        series = case.series[0]
        corners = [series.grid.points(place).tolist() for place in ([0, 0, 0], [0, 40, 0], [0, 0, 40])]
        points = tuple((x, y, z) for x, y, z in corners)
        view = whole(case, slice=None, plane="oblique", points_mm=points, right=(_C, _S, 0.0))
        assert from_toml(to_toml(figure(case, view))).panels[0].view == view
        for right in ((_C, _S, 0.0), (_C, -_S, 0.0)):
            grid = grid_of(replace(view, right=right), CaseSource(case))
            shown = Projection(grid, 0, view.centre_mm, view.extent_mm[0], (100, 100))
            expected = np.array(right) - (np.array(right) @ grid.normal) * grid.normal
            assert shown.right @ expected / np.linalg.norm(expected) == pytest.approx(1)
        normal = tuple(float(part) for part in series.grid.normal)
        with pytest.raises(InputError, match="does not lie in the plane"):
            section_of(replace(view, right=normal), CaseSource(case))
        with pytest.raises(InputError, match="only an oblique plane"):
            replace(view, plane="axial", points_mm=None)
