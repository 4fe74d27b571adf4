"""Figures as journals want them."""

from __future__ import annotations

from pathlib import Path

import made_stacks
import numpy as np
import pytest
from made_stacks import box
from PIL import Image

from callout.cli import main
from callout.errors import InputError
from callout.figures.profiles import fitted, profile_named, profiles
from callout.figures.recipe import Callout, Outline, Panel, Recipe, View

VIEW = View(
    "a",
    3,
    (0.0, 0.0, 0.0),
    (90.0, 60.0),
    (0.0, 100.0),
    overlays=(Outline("r", "orange"), Callout("1", "r", size_pt=6.0)),
)


@pytest.mark.parametrize("name", profiles())
def test_a_figure_has_the_width_dpi_and_letters_of_its_journal(name: str) -> None:
    profile = profile_named(name)
    for width, column in ((60.0, profile.columns_mm[0]), (400.0, profile.columns_mm[-1])):
        recipe = fitted(Recipe("1", "", width, 300, (Panel("", VIEW),), columns=1), profile)
        assert (recipe.width_mm, recipe.dpi, recipe.smallest_pt) == (column, profile.dpi, profile.smallest_pt)
        view = recipe.panels[0].view
        assert view is not None
        assert view.overlays[1].size_pt == max(6.0, profile.smallest_pt)  # type: ignore[union-attr]
        assert (view.overlays[0].colour == "orange") == (profile.colour == "rgb")
    assert profile.source


def test_grey_letters_and_lines_where_a_journal_prints_no_colour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.txt").write_text("A case (Figure 1).\n\nFigure 1. Axial CT with a cavity (1).\n")
    with made_stacks.case(tmp_path, "axial", tmp_path / "report.txt") as case:
        made_stacks.draw(case, box((2, 3), (1, 4), (1, 4)))
        case.link(case.findings[0], "1:#1")
    command = ["figure", str(case.path), "-o", str(tmp_path), "--draw", "outlines", "--profile"]
    assert main([*command, "print-grey", "--format", "tiff"]) == 0
    with Image.open(tmp_path / "figure-1.tiff") as picture:
        assert picture.mode == "L"
        assert picture.info["dpi"] == (300, 300)
    assert main([*command, "plos"]) == 0
    assert "plos takes tiff, this is png" in capsys.readouterr().err
    rgb = np.asarray(Image.open(tmp_path / "figure-1.png"))
    assert rgb.shape[1] == round(132 / 25.4 * 300)
    assert main([*command, "nowhere"]) == 2
    with pytest.raises(InputError, match="no such profile"):
        profile_named("nowhere")
