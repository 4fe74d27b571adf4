"""Pictures of the report as panels: what stands on them, as recipes, as pixels, and as proposed from marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import callout
from callout.case import Case
from callout.cli.demo import sample_folder
from callout.errors import InputError
from callout.figures.display import Path as Line
from callout.figures.display import Text
from callout.figures.picture import POINTS, PictureMark
from callout.figures.propose import propose, recipe_of, unseen_views
from callout.figures.recipe import Panel, Recipe
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import compose, render
from callout.figures.source import CaseSource

PIXELS = st.tuples(st.floats(-50, 5000), st.floats(-50, 5000))
MARKS = st.sampled_from(sorted(POINTS)).flatmap(
    lambda kind: st.builds(
        PictureMark,
        st.just(kind),
        st.lists(PIXELS, min_size=POINTS[kind][-1], max_size=POINTS[kind][-1], unique=True).map(tuple),
        text=st.text("abcK12é\"'", min_size=1) if kind == "callout" else st.none(),
        size_pt=st.none() if kind.startswith("arrow") or kind == "ellipse" else st.none() | st.floats(6, 72),
        colour=st.sampled_from(["white", "#12ab3f"]),
    )
)


def figure(*marks: PictureMark, width_mm: float = 85.0) -> Recipe:
    return Recipe("1", "Words", width_mm, 300, (Panel("", picture="cells.png", marks=marks),), columns=1)


@given(st.lists(MARKS, max_size=5))
def test_a_recipe_with_marks_is_the_same_as_toml(marks: list[PictureMark]) -> None:
    recipe = figure(*marks)
    assert from_toml(to_toml(recipe)) == recipe


@pytest.mark.parametrize("width_mm", [40.0, 85.0, 170.0])
def test_marks_stand_where_they_are_on_a_panel_of_any_size(phantom: Any, width_mm: float) -> None:
    recipe = figure(
        PictureMark("arrow", ((20.0, 15.0), (60.0, 40.0))),
        PictureMark("ellipse", ((45.0, 30.0), (55.0, 30.0), (45.0, 36.0))),
        width_mm=width_mm,
    )
    [group] = compose(recipe, phantom)[0].groups
    ellipse, arrow = (item for item in group.items if isinstance(item, Line))
    scale = group.width / 90

    def places(item: Line) -> np.ndarray:
        return np.concatenate([np.array(one) for one in item.contours]) / scale - 0.5

    assert np.allclose(np.hypot(*((places(ellipse) - [45, 30]) / [10, 6]).T), 1, atol=0.02)
    assert np.linalg.norm(places(arrow) - [20, 15], axis=1).min() < 2
    assert np.linalg.norm(places(arrow) - [60, 40], axis=1).min() < 8


def test_lengths_have_no_value_and_angles_do(phantom: Any) -> None:
    recipe = figure(
        PictureMark("calipers", ((10.0, 10.0), (60.0, 10.0))),
        PictureMark("angle", ((10.0, 50.0), (40.0, 50.0), (40.0, 20.0))),
        PictureMark("callout", ((70.0, 40.0),), "K"),
    )
    rendered = render(recipe, phantom)
    said = [item.text for group in rendered.display.groups for item in group.items if isinstance(item, Text)]
    assert sorted(said) == ["90°", "K"]
    assert rendered.notes == ()
    assert rendered.alt == "Figure 1. Picture cells.png, with calipers, angle, “K”."
    assert not (rendered.rgb == render(figure(), phantom).rgb).all()


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ('{ kind = "arrows", points_px = [[1, 2]] }', r"panels\[0\].marks\[0\].kind is 'arrows'"),
        ('{ kind = "angle", points_px = [[1, 2]] }', r"panels\[0\].marks\[0\].points_px"),
        ('{ kind = "arrow", points_px = [[1, 2, 3]] }', r"panels\[0\].marks\[0\].points_px"),
        ('{ kind = "arrow", points_px = [[1, nan]] }', r"panels\[0\].marks\[0\].points_px"),
        ('{ kind = "arrow", points_px = [[1, 2]], text = "1" }', r"panels\[0\].marks\[0\].text"),
        ('{ kind = "callout", points_px = [[1, 2]] }', r"panels\[0\].marks\[0\].text"),
        ('{ kind = "ellipse", points_px = [[1, 2], [3, 2], [1, 5]], size_pt = 9.0 }', r"marks\[0\].size_pt"),
        ('{ kind = "angle", points_px = [[1, 2], [1, 2], [1, 5]] }', r"marks\[0\].points_mm: an arm"),
        ('{ kind = "arrow" }', r"panels\[0\].marks\[0\].points_px is missing"),
        ("3", r"panels\[0\].marks\[0\] is 3, expected a table"),
    ],
)
def test_a_bad_mark_is_refused_by_its_key(mark: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_toml(to_toml(figure()) + f"marks = [{mark}]\n")


def test_only_a_picture_has_marks() -> None:
    mark = PictureMark("arrow", ((1.0, 2.0),))
    with pytest.raises(InputError, match="only a picture"):
        Panel("", view=object(), marks=(mark,))  # type: ignore[arg-type]  # never looked at


REPORT = """<html><body><h1>Words</h1>
<figure><img src="cells.png"><figcaption>Figure 1. Histology shows a granuloma (1), necrosis (arrow) and giant
cells (*).</figcaption></figure>
<figure><img src="ct.png"><figcaption>Figure 2. Axial CT: cavitating lesion (2).</figcaption></figure>
</body></html>"""


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    for name in ("cells.png", "ct.png"):
        Image.fromarray(np.full((60, 90, 3), 128, np.uint8)).save(tmp_path / name)
    (tmp_path / "report.html").write_text(REPORT, encoding="utf-8")
    images = sample_folder("thorax") / "images"
    with callout.create_case(tmp_path / "a.callout", images, tmp_path / "report.html", reader="r") as one:
        yield one


def marked(case: Case, mention: str, kind: str, points: Any, **where: str) -> None:
    words = case.mention(mention)
    finding = next((one for one in case.findings if one.name == mention), None)
    if finding is None:
        finding = case.add_finding(words.concept, name=mention)
        case.link(finding, words)
    case.add_mark(finding, kind, points, **where)


def test_marks_on_a_picture_are_proposed_with_their_markers(case: Case) -> None:
    where = {"picture": "cells.png"}
    marked(case, "1:#1", "ellipse", [(40, 30), (50, 30), (40, 36)], **where)
    marked(case, "1:#1", "calipers", [(10, 10), (20, 10)], **where)
    marked(case, "1:#2", "point", [(70, 20)], **where)
    [panel] = propose(case, "1", CaseSource(case)).panels
    assert panel.picture == "cells.png"
    assert panel.marks == (
        PictureMark("ellipse", ((40.0, 30.0), (50.0, 30.0), (40.0, 36.0))),
        PictureMark("callout", ((50.0, 30.0),), "1"),
        PictureMark("calipers", ((10.0, 10.0), (20.0, 10.0))),
        PictureMark("arrow", ((70.0, 20.0),)),
    )
    recipe = recipe_of(case, "1", CaseSource(case))
    case.set_recipe("1", to_toml(recipe))
    assert recipe_of(case, "1", CaseSource(case)) == recipe
    assert render(recipe, CaseSource(case)).notes == ()


def test_a_mark_smaller_than_a_pixel_is_drawn(case: Case) -> None:
    marked(case, "1:#1", "angle", [(10, 10), (10.02, 10), (10, 40)], picture="cells.png")
    rendered = render(recipe_of(case, "1", CaseSource(case)), CaseSource(case))
    assert any(
        isinstance(item, Text) and item.text == "90°" for group in rendered.display.groups for item in group.items
    )


def test_what_is_drawn_on_a_series_makes_its_panels_and_a_marked_picture_one_more(case: Case) -> None:
    series = max(case.series, key=lambda one: one.grid.shape[0])
    assert [panel.picture for panel in propose(case, "2", CaseSource(case)).panels] == ["ct.png"]
    middle = series.grid.points((np.array(series.grid.shape) - 1) / 2).tolist()
    k = series.grid.shape[0] // 2
    middle = series.grid.points(np.array([k, 100, 100])).tolist()
    marked(case, "2:#1", "point", [middle], series_id=series.id)
    [panel] = propose(case, "2", CaseSource(case)).panels
    assert panel.view is not None
    assert [overlay.kind for overlay in panel.view.overlays] == ["callout"]
    marked(case, "2:#1", "arrow", [(5, 5), (30, 20)], picture="ct.png")
    first, second = propose(case, "2", CaseSource(case)).panels
    assert first.view is not None
    assert [mark.kind for mark in second.marks] == ["arrow", "callout"]
    assert unseen_views(case, "2") == []


def test_a_number_stands_beside_a_mark_that_is_no_point(case: Case) -> None:
    series = max(case.series, key=lambda one: one.grid.shape[0])
    k = series.grid.shape[0] // 2
    tip, tail = (tuple(series.grid.points(np.array([k, 100, column])).tolist()) for column in (100, 120))
    marked(case, "2:#1", "arrow", [tip, tail], series_id=series.id)
    [panel] = propose(case, "2", CaseSource(case)).panels
    assert panel.view is not None
    arrow, number = panel.view.overlays
    assert (arrow.kind, arrow.tip_mm) == ("arrow", tip)
    assert (number.kind, number.text, number.point_mm) == ("callout", "2", tail)


def test_a_picture_beside_series_has_no_letter_that_one_of_them_has(case: Case, tmp_path: Path) -> None:
    """Two pictures of three panels, two of which are series: which they show is not known."""
    words = "Axial CT (a), axial T2-weighted MRI (b) and coronal CT (c): cavitating lesion (1)."
    for name, grey in (("first.png", 80), ("second.png", 128)):
        Image.fromarray(np.full((60, 90, 3), grey, np.uint8)).save(tmp_path / name)
    images = '<img src="first.png"><img src="second.png">'
    html = f"<html><body><figure>{images}<figcaption>Figure 1. {words}</figcaption></figure></body></html>"
    (tmp_path / "mixed.html").write_text(html, encoding="utf-8")
    folder = sample_folder("thorax") / "images"
    with callout.create_case(tmp_path / "b.callout", folder, tmp_path / "mixed.html", reader="r") as mixed:
        series = max(mixed.series, key=lambda one: one.grid.shape[0])
        region = mixed.add_region(mixed.add_finding("cavity"), series.id)
        mixed.link(mixed.findings[0], mixed.mentions[0])
        mixed.paint(region, 20, np.ones(series.grid.shape[1:], bool))
        panels = propose(mixed, "1", CaseSource(mixed)).panels
    assert [(panel.letter, panel.picture) for panel in panels] == [
        ("a", None),
        ("b", "first.png"),
        ("", "second.png"),
        ("c", None),
    ]
