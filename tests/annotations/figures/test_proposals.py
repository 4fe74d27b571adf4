"""What is proposed for the figures of the sample reports, and where a caption names a plane that no series has."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import callout
from callout.case import Case
from callout.cli.demo import _link, sample_folder
from callout.exports import import_masks
from callout.figures.propose import propose, unseen_views
from callout.figures.recipe import Callout, Outline, Panel
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import render
from callout.figures.source import CaseSource

LUNG = (-600.0, 1500.0)
MOST_LINES = 40  # of a recipe that is read like a methods section


def sample(name: str, folder: Path, report: str | None = None) -> Case:
    """The case that `callout demo` makes, open; with another report: without links."""
    home = sample_folder(name)
    plan = tomllib.loads((home / "demo.toml").read_text("utf-8"))
    text = home / plan["report"]
    if report is not None:
        text = folder / "report.txt"
        text.write_text(report, encoding="utf-8")
    case = callout.create_case(folder / f"{name}.callout", home / "images", text, reader="demo")
    import_masks(case, *sorted(file for pattern in plan["masks"] for file in home.glob(pattern)))
    if report is None:
        _link(case, plan["links"])
    return case


@pytest.fixture(scope="module")
def thorax(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with sample("thorax", tmp_path_factory.mktemp("thorax")) as case:
        yield case


@pytest.fixture(scope="module")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with sample("spine", tmp_path_factory.mktemp("spine")) as case:
        yield case


def shown(case: Case, panel: Panel) -> tuple[str, ...]:
    """What a panel shows, in a caption's words."""
    assert panel.view is not None
    series = case.series_of(panel.view.series_id)
    contrast = "after" if series.contrast == "post-contrast" else ""
    return "scout" if series.is_localizer else str(series.sequence), series.plane, contrast


SPINE = {
    "1": [("scout", "coronal", ""), ("scout", "sagittal", "")],
    "2": [("T1", "coronal", ""), ("T1", "coronal", "after")],
    "3": [("STIR", "coronal", ""), ("STIR", "coronal", "after")],
    "4": [("T2", "sagittal", ""), ("STIR", "sagittal", "")],
    "5": [("T1", "axial", "after"), ("STIR", "axial", "")],
}


@pytest.mark.parametrize("label", SPINE)
def test_the_spines_figures_show_what_their_captions_say_in_order(spine: Case, label: str) -> None:
    recipe = propose(spine, label, CaseSource(spine), ["outlines"])
    assert [shown(spine, panel) for panel in recipe.panels] == SPINE[label]
    views = [panel.view for panel in recipe.panels if panel.view is not None]
    if label != "1":  # scouts lie where they lie
        assert views[0].centre_mm == views[1].centre_mm
        assert views[0].extent_mm == views[1].extent_mm
    for view in views:
        assert any(isinstance(overlay, Outline) for overlay in view.overlays)
    assert unseen_views(spine, label) == []


def test_the_thoraxs_figure_has_its_markers_in_the_lung_window(thorax: Case) -> None:
    [panel] = propose(thorax, "1", CaseSource(thorax)).panels
    assert panel.view is not None
    assert (panel.view.plane, panel.view.window) == ("native", LUNG)
    texts = [overlay.text for overlay in panel.view.overlays if isinstance(overlay, Callout)]
    assert sorted(set(texts)) == ["1", "2", "3"]
    assert len(texts) == len(panel.view.overlays)
    [histology] = propose(thorax, "2", CaseSource(thorax)).panels
    assert histology.picture == "figure-2.png"


def test_each_recipe_is_short_and_draws_without_a_note(thorax: Case, spine: Case) -> None:
    for case, labels in ((thorax, "12"), (spine, "12345")):
        source = CaseSource(case)
        for label in labels:
            text = to_toml(propose(case, label, source, ["outlines"]))
            assert len(text.splitlines()) <= MOST_LINES
            assert render(from_toml(text), source).notes == ()


REFORMATS = """A case (figure 1).

Figure 1. Axial (a), coronal (b) and sagittal (c) CT: consolidation (1).
"""


def test_a_plane_that_no_series_has_is_cut_through_a_fine_stack(tmp_path: Path) -> None:
    with sample("thorax", tmp_path, REFORMATS) as case:
        for finding in case.findings:
            if finding.name.startswith("consolidation"):
                case.link(finding, "1:#1" if "1:#1" in {m.id for m in case.mentions} else "1:1")
        recipe = propose(case, "1", CaseSource(case), ["outlines"])
        assert [panel.view.plane for panel in recipe.panels if panel.view] == ["native", "coronal", "sagittal"]
        assert [panel.letter for panel in recipe.panels] == ["a", "b", "c"]
        for panel in recipe.panels:
            assert panel.view is not None
            assert panel.view.window == LUNG
            assert {type(overlay) for overlay in panel.view.overlays} == {Callout, Outline}
        assert unseen_views(case, "1") == []
        rendered = render(recipe, CaseSource(case))
        assert rendered.notes == ()
        assert "Coronal reformat of axial CT" in rendered.alt
        words = [getattr(item, "text", "") for group in rendered.display.groups for item in group.items]
        assert words.count("reformatted, 5 mm") == 2


def test_a_coarse_or_short_stack_is_not_cut(spine: Case, tmp_path: Path) -> None:
    """The spine's axial blocks have four slices: no sagittal picture after contrast is made of them."""
    report = "A case (figure 1).\n\nFigure 1. Post-contrast sagittal T1W MRI: soft tissue mass (1).\n"
    with sample("spine", tmp_path, report) as case:
        views = [panel.view for panel in propose(case, "1", CaseSource(case)).panels]
        assert all(view is None or case.series_of(view.series_id).plane == "coronal" for view in views)
