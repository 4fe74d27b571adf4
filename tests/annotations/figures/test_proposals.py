"""What is proposed for the figures of the sample reports, and where a caption names a plane that no series has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

import callout
from callout.case import Case
from callout.cli.demo import SAMPLES, demo_case, sample_folder
from callout.exports import import_masks
from callout.figures import font
from callout.figures.display import Path as Line
from callout.figures.display import Text
from callout.figures.propose import propose, unseen_views
from callout.figures.recipe import Angle, Calipers, Callout, Outline, Panel, Recipe, View
from callout.figures.recipe_file import from_toml, to_toml
from callout.figures.render import compose, render
from callout.figures.source import CaseSource

LUNG = (-600.0, 1500.0)
MOST_LINES = 40  # of a recipe that is read like a methods section


def with_report(name: str, folder: Path, report: str) -> Case:
    """A sample's images and findings with another report, nothing linked; open."""
    home = sample_folder(name)
    (folder / "report.txt").write_text(report, encoding="utf-8")
    case = callout.create_case(folder / f"{name}.callout", home / "images", folder / "report.txt", reader="demo")
    import_masks(case, *sorted((home / "truth").glob("findings*.seg.dcm")))
    return case


@pytest.fixture(scope="module")
def thorax(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with demo_case("thorax", tmp_path_factory.mktemp("thorax") / "a.callout") as case:
        yield case


@pytest.fixture(scope="module")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with demo_case("spine", tmp_path_factory.mktemp("spine") / "a.callout") as case:
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
    with with_report("thorax", tmp_path, REFORMATS) as case:
        for finding in case.findings:
            if finding.name.startswith("consolidation"):
                case.link(finding, "1:#1")
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


def test_the_label_of_a_reformat_stands_on_no_other_letters(phantom) -> None:
    for width in (20.0, 30.0, 60.0):
        view = View(
            "ct", None, phantom.point(48, 64), (190.0, 20.0), LUNG, plane="coronal", scale_bar=True, letters=True
        )
        group = compose(Recipe("1", "", width, 300, (Panel("", view),), columns=1), phantom)[0].groups[0]
        boxes = [font.ink(t.text, t.size, t.bold).moved(t.x, t.y) for t in group.items if isinstance(t, Text)]
        label = next(n for n, t in enumerate(t for t in group.items if isinstance(t, Text)) if "reformatted" in t.text)
        assert not any(boxes[label].overlaps(box) for n, box in enumerate(boxes) if n != label)


GALLERY = Path(__file__).parents[3] / "docs" / "gallery"


@pytest.mark.parametrize("name", sorted(path.stem for path in GALLERY.glob("*.toml") if path.stem.startswith(SAMPLES)))
def test_the_gallery_shows_what_its_recipes_say(thorax: Case, spine: Case, name: str) -> None:
    """The pixels, as another version of the compressor may write other bytes; `make docs` builds them again."""
    text = (GALLERY / f"{name}.toml").read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    rendered = render(from_toml(text), CaseSource(thorax if name.startswith("thorax") else spine))
    assert rendered.notes == ()
    assert np.array_equal(np.asarray(Picture.open(GALLERY / f"{name}.png").convert("RGB")), rendered.rgb)


def test_the_gallery_tells_of_every_picture_in_words_and_is_small() -> None:
    told = dict(re.findall(r"!\[(.{30,})\]\((.+\.png)\)", (GALLERY / "README.md").read_text("utf-8")))
    pictures = {path.name: path.stat().st_size for path in GALLERY.glob("*.png")}
    assert set(told.values()) == set(pictures)
    assert {path.stem for path in GALLERY.glob("*.toml")} | {"viewer"} == {Path(name).stem for name in pictures}
    assert all(size < 300_000 for name, size in pictures.items() if name != "viewer.png")


def test_a_coarse_or_short_stack_is_not_cut(spine: Case, tmp_path: Path) -> None:
    """The spine's axial blocks have four slices: no sagittal picture after contrast is made of them."""
    report = "A case (figure 1).\n\nFigure 1. Post-contrast sagittal T1W MRI: soft tissue mass (1).\n"
    with with_report("spine", tmp_path, report) as case:
        views = [panel.view for panel in propose(case, "1", CaseSource(case)).panels]
        assert all(view is None or case.series_of(view.series_id).plane == "coronal" for view in views)


@pytest.mark.parametrize(
    ("caption", "plane", "which", "k"),
    [
        ("Coronal T1 before (a) and after contrast (b): soft tissue mass.", "coronal", -1, 2),
        ("Axial T1 after contrast: soft tissue mass.", "axial", -1, 0),
    ],
)
def test_the_slice_of_a_mark_is_shown_whichever_series_it_is_on(
    tmp_path: Path, caption: str, plane: str, which: int, k: int
) -> None:
    (tmp_path / "report.txt").write_text(f"A case\n\nFigure 1. {caption}\n")
    images = sample_folder("spine") / "images"
    with callout.create_case(tmp_path / "a.callout", images, tmp_path / "report.txt", reader="r1") as case:
        series = [one for one in case.series if (one.plane, one.sequence) == (plane, "T1")][which]
        finding = case.add_finding("soft tissue mass")
        case.link(finding, case.mentions[0])
        ends = [tuple(float(mm) for mm in series.grid.points([k, j, 100])) for j in (80, 100)]
        case.add_mark(finding, "calipers", ends, series_id=series.id)
        views = {
            panel.view.series_id: panel.view for panel in propose(case, "1", CaseSource(case)).panels if panel.view
        }
        assert views[series.id].slice == k
        assert [type(one) for one in views[series.id].overlays] == [Calipers]


def test_on_a_scout_a_mark_is_drawn_without_a_value(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("A case\n\nFigure 1. Coronal scout: soft tissue mass.\n")
    images = sample_folder("spine") / "images"
    with callout.create_case(tmp_path / "a.callout", images, tmp_path / "report.txt", reader="r1") as case:
        scout = next(one for one in case.series if one.is_localizer and one.plane == "coronal")
        finding = case.add_finding("soft tissue mass")
        case.link(finding, case.mentions[0])
        one, two, three = (
            tuple(float(mm) for mm in scout.grid.points(at)) for at in ([2, 50, 50], [2, 50, 90], [2, 70, 50])
        )
        marks = [
            case.add_mark(finding, "calipers", [one, two], series_id=scout.id),
            case.add_mark(finding, "angle", [two, one, three], series_id=scout.id),
        ]
        assert [case.measures_of(mark) for mark in marks] == [None, None]
        recipe = propose(case, "1", CaseSource(case))
        [panel] = recipe.panels
        assert panel.view is not None
        assert [type(overlay) for overlay in panel.view.overlays] == [Calipers, Angle]
        items = render(recipe, CaseSource(case)).display.groups[0].items
        assert [item for item in items if isinstance(item, Text)] == []
        assert [item.overlay for item in items if isinstance(item, Line)] == [0, 1]
