"""Fills, ellipses, calipers and marks: where they are drawn, and what they say."""

from __future__ import annotations

import dataclasses
import io
import math
from pathlib import Path

import made_stacks
import numpy as np
import pypdf
import pytest

from callout.errors import InputError
from callout.figures.display import Path as Line
from callout.figures.display import Text
from callout.figures.markers import as_written
from callout.figures.propose import propose
from callout.figures.recipe import Angle, Arrow, Calipers, Callout, Ellipse, Fill, Overlay, Panel, Recipe, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import render
from callout.figures.shapes import length_in_words
from callout.figures.source import CaseSource

REPORT = "A case (Figure 1).\n\nFigure 1. Axial CT with a cavity (1).\n"


def view_of(phantom, overlays: list[Overlay] | None = None, k: int = 3) -> View:
    extent, window = (190.0, 143.0), (-300.0, 1500.0)
    return View("ct", k, phantom.point(48, 64), extent, window, overlays=tuple(overlays or ()))


def figure(panel: Panel) -> Recipe:
    return Recipe("1", "A caption", 56.0, 150, (panel,), columns=1)


def words_of(rendered) -> list[str]:
    return [item.text for group in rendered.display.groups for item in group.items if isinstance(item, Text)]


def test_calipers_measure_between_their_points(phantom) -> None:
    ends = phantom.point(40, 40), phantom.point(40, 60)
    rendered = render(figure(Panel("", view_of(phantom, [Calipers(ends_mm=ends)]))), phantom)
    assert words_of(rendered) == [length_in_words(math.dist(*ends))] == ["30 mm"]
    [line] = [item for item in rendered.display.groups[0].items if isinstance(item, Line)]
    (x0, y0), (x1, y1) = line.contours[0]
    mm_per_pixel = 190.0 / rendered.display.groups[0].width
    assert math.dist((x0, y0), (x1, y1)) * mm_per_pixel == pytest.approx(30, abs=0.05)
    assert rendered.notes == ()


def test_an_angle_has_its_arms_and_its_value(phantom) -> None:
    points = phantom.point(40, 60), phantom.point(40, 40), phantom.point(60, 60)
    rendered = render(figure(Panel("", view_of(phantom, [Angle(points)]))), phantom)
    assert words_of(rendered) == ["45°"]
    [line] = [item for item in rendered.display.groups[0].items if isinstance(item, Line)]
    [arms] = line.contours
    one, other = np.subtract(arms[0], arms[1]), np.subtract(arms[2], arms[1])
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) == pytest.approx(math.sqrt(0.5), abs=0.01)
    assert rendered.notes == ()
    assert "angle" in rendered.alt


def test_calipers_of_a_region_give_both_diameters(phantom) -> None:
    phantom.masks["oval"] = np.zeros(phantom.grid.shape[1:], bool)
    phantom.masks["oval"][30:50, 40:90] = True
    rendered = render(figure(Panel("", view_of(phantom, [Calipers("oval", short=True)]))), phantom)
    lines = [item for item in rendered.display.groups[0].items if isinstance(item, Line)]
    ways = [np.subtract(*line.contours[0]) for line in lines]
    assert abs(ways[0] @ ways[1]) < 0.02 * np.linalg.norm(ways[0]) * np.linalg.norm(ways[1])
    assert len(words_of(rendered)) == 2
    gone = render(figure(Panel("", view_of(phantom, [Calipers("oval"), Fill("oval")], k=1))), phantom)
    assert gone.notes == tuple(f"{kind}: region oval is not on slice 1 in this panel" for kind in ("calipers", "fill"))


def test_a_fill_tints_and_an_ellipse_goes_round(phantom) -> None:
    bare = render(figure(Panel("", view_of(phantom))), phantom).rgb.astype(int)
    middle = phantom.point(48, 64)
    round_it = Ellipse((middle, phantom.point(48, 84), phantom.point(60, 64)))
    drawn = render(figure(Panel("", view_of(phantom, [Fill("mass", "orange", 0.5), round_it]))), phantom)
    changed = np.abs(drawn.rgb.astype(int) - bare).max(-1) > 3
    height, width = changed.shape
    assert not changed[height // 2, width // 2]
    reach = 20 * 1.5 / 190 * width
    row = np.flatnonzero(changed[height // 2])
    assert row.max() == pytest.approx(width / 2 + reach, abs=2.5)
    page = pypdf.PdfReader(io.BytesIO(drawn.file("pdf"))).pages[0]
    assert {state["/ca"] for state in page["/Resources"]["/ExtGState"].values()} >= {0.5}
    assert b'fill-opacity="0.5"' in drawn.file("svg")


def test_they_are_kept_in_a_recipe(phantom) -> None:
    overlays = [
        Fill("mass", "orange", 0.4),
        Calipers("mass", short=True),
        Calipers(ends_mm=((0.0, 1.0, 2.0), (3.0, 4.0, 5.0))),
        Angle(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 2.0, 0.0)), 9.0, "yellow"),
        Ellipse(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 2.0, 0.0)), "yellow"),
    ]
    recipe = figure(Panel("", view_of(phantom, overlays)))
    assert from_toml(to_toml(recipe)) == recipe


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Fill("a"), {"opacity": 0.0}),
        (Fill("a"), {"region_id": ""}),
        (Calipers("a"), {"region_id": None}),
        (Calipers(ends_mm=((0.0,) * 3,) * 2), {"short": True}),
        (Calipers("a"), {"ends_mm": ((0.0,) * 3,)}),
        (Ellipse(((0.0,) * 3,) * 3), {"points_mm": ((0.0,) * 3,) * 2}),
        (Angle(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 2.0, 0.0))), {"points_mm": ((0.0,) * 3,) * 3}),
    ],
)
def test_what_makes_no_sense_is_refused(kind, change) -> None:
    with pytest.raises(InputError):
        dataclasses.replace(kind, **change)


def test_a_mark_is_drawn_once_however_many_words_speak_of_it(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("A case\n\nFigure 1. Axial CT: cavity (arrow). The cavity (arrow) is thin.\n")
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.txt") as case:
        finding = case.add_finding("cavity")
        for mention in case.mentions:
            case.link(finding, mention)
        assert len(case.links) == 2
        points = [tuple(float(v) for v in case.series[0].grid.points(at)) for at in ([3, 1, 1], [3, 4, 3])]
        case.add_mark(finding, "calipers", points, series_id=case.series[0].id)
        case.add_mark(finding, "point", points[:1], series_id=case.series[0].id)
        view = propose(case, "1", CaseSource(case)).panels[0].view
        assert view is not None
        assert [type(one) for one in view.overlays] == [Calipers, Arrow]


def test_marks_of_a_reader_are_in_the_figure_as_they_were_made(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text(REPORT)
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.txt") as case:
        finding = case.add_finding("cavity")
        case.link(finding, "1:#1")
        grid = case.series[0].grid
        points = [tuple(float(v) for v in grid.points(at).round(3)) for at in ([3, 1, 1], [3, 4, 3], [3, 2, 1])]
        case.add_mark(finding, "point", points[:1], series_id=case.series[0].id)
        case.add_mark(finding, "arrow", points[:2], series_id=case.series[0].id)
        case.add_mark(finding, "calipers", points[:2], series_id=case.series[0].id)
        case.add_mark(finding, "angle", points, series_id=case.series[0].id)
        case.add_mark(finding, "ellipse", points, series_id=case.series[0].id)
        square = [tuple(float(v) for v in grid.points(at)) for at in ([3, 1, 1], [3, 4, 1], [3, 2, 1], [3, 2, 3])]
        case.add_mark(finding, "diameters", square, series_id=case.series[0].id)
        view = propose(case, "1", CaseSource(case)).panels[0].view
        assert view is not None
        assert view.slice == 3
        assert view.overlays == (
            Callout("1", point_mm=points[0]),
            Arrow(tip_mm=points[0], from_mm=points[1]),
            Calipers(ends_mm=(points[0], points[1])),
            Angle((points[0], points[1], points[2])),
            Ellipse((points[0], points[1], points[2])),
            Calipers(ends_mm=(square[0], square[1])),
            Calipers(ends_mm=(square[2], square[3])),
        )


@pytest.mark.parametrize(
    ("marker", "caption", "written"),
    [
        ("k", "CT of the abdomen: K, right kidney; L = liver", "K"),
        ("a", "Axial CT with the aorta (A) and a mass (arrow)", "A"),
        ("a", "A CT shows a cyst (a) and a stone (b)", "a"),
        ("a", "Axial CT. a = aorta", "a"),
        ("1", "Cavity (1)", "1"),
    ],
)
def test_a_letter_stands_in_the_figure_as_in_the_caption(marker: str, caption: str, written: str) -> None:
    assert as_written(marker, caption) == written
