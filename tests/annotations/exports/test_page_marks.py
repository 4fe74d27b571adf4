"""What is marked, on the page: as lines on the figures that light up with the words, and in the table of findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import made_stacks
import numpy as np
import pytest
from PIL import Image

from callout.case import Case
from callout.exports.page import write_page
from callout.exports.page.marks import lines_of
from callout.figures.propose import propose
from callout.figures.recipe import Recipe
from callout.figures.recipe_file import to_toml
from callout.figures.source import CaseSource

REPORT = """<html><body><h1>A case</h1>
<figure><img src="cells.png"><figcaption>Figure 1. Histology shows a granuloma (1).</figcaption></figure>
<figure><figcaption>Figure 2. Axial CT shows a cavity (2).</figcaption></figure></body></html>"""
ROWS, COLUMNS = 40, 60


class Page(HTMLParser):
    """The borders by finding, the panels' sizes, and the words of the table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.borders: dict[str, list[np.ndarray]] = {}
        self.buttons: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "path" and "data-finding" in said:
            lines = [re.findall(r"(-?[\d.]+),(-?[\d.]+)", part) for part in str(said["d"]).split("M")[1:]]
            self.borders.setdefault(str(said["data-finding"]), []).extend(np.array(one, float) for one in lines)
        if tag == "button" and said.get("class") == "mention":
            self.buttons.append(str(said["data-findings"]))


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    Image.fromarray(np.full((ROWS, COLUMNS, 3), 90, np.uint8)).save(tmp_path / "cells.png")
    (tmp_path / "report.html").write_text(REPORT, encoding="utf-8")
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.html") as one:
        for label in ("1", "2"):
            words = one.mention(f"{label}:#1")
            one.link(one.add_finding(words.concept), words)
        yield one


def replace_slice(recipe: Recipe, k: int) -> Recipe:
    panels = [replace(one, view=replace(one.view, slice=k, overlays=())) for one in recipe.panels if one.view]
    return replace(recipe, panels=tuple(panels))


def test_marks_light_up_with_their_words(case: Case, tmp_path: Path) -> None:
    on_picture, on_slice = case.findings
    case.add_mark(on_picture, "calipers", [(0, 0), (COLUMNS - 1, ROWS - 1)], picture="cells.png")
    series = case.series[0]
    k = series.grid.shape[0] // 2
    points = series.grid.points(np.array([(k, 1, 1), (k, 3, 3)], float)).tolist()
    case.add_mark(on_slice, "arrow", points, series_id=series.id)
    write_page(case, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert page.buttons == [on_picture.id, on_slice.id]
    [line] = page.borders[on_picture.id]
    part = line / (line[1] + line[0])  # its ends lie half a pixel from two corners
    assert np.allclose(part[0], [0.5 / COLUMNS, 0.5 / ROWS], atol=2e-3)
    assert len(page.borders[on_slice.id]) == 1
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "calipers 71 px" in text
    assert "a picture of the report" in text


def test_a_mark_beyond_the_slices_is_on_no_figure(case: Case, tmp_path: Path) -> None:
    finding, series = case.findings[1], case.series[0]
    count = series.grid.shape[0]
    for k in (count + 5, count - 1):
        case.add_mark(finding, "point", series.grid.points(np.array([(k, 2, 2)], float)).tolist(), series_id=series.id)
        case.set_recipe("2", to_toml(replace_slice(propose(case, "2", CaseSource(case)), count - 1)))
        write_page(case, tmp_path / f"{k}.html")
        case.drop_recipe("2")
    beyond, both = (Page((tmp_path / f"{k}.html").read_text("utf-8")) for k in (count + 5, count - 1))
    assert (len(beyond.borders.get(finding.id, ())), len(both.borders[finding.id])) == (0, 2)
    case.remove_mark(case.marks[1])
    overlays = [
        one for panel in propose(case, "2", CaseSource(case)).panels if panel.view for one in panel.view.overlays
    ]
    assert overlays == []


def test_each_kind_has_its_lines() -> None:
    places = np.array([[0.0, 0], [10, 0], [0, 5], [3, 3]])
    assert [len(lines_of(kind, places[:n])) for kind, n in (("point", 1), ("arrow", 2), ("angle", 3))] == [2, 1, 1]
    assert len(lines_of("diameters", places)) == 2
    [ring] = lines_of("ellipse", places[:3])
    assert np.allclose((ring[:, 0] / 10) ** 2 + (ring[:, 1] / 5) ** 2, 1)
