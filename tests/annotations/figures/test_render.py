from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from callout.errors import InputError
from callout.figures.display import Image
from callout.figures.recipe import Arrow, Arrowhead, Asterisk, Callout, Outline, Panel, Recipe, View
from callout.figures.render import Rendered, compose, render

GOLDEN = pathlib.Path(__file__).parent / "golden"


def view_of(phantom, overlays=(), **changes) -> View:
    return dataclasses.replace(
        View("ct", 3, phantom.point(48, 64), (190.0, 143.0), (-300.0, 1500.0), overlays=tuple(overlays)), **changes
    )


def figure(*panels: Panel, **changes) -> Recipe:
    return dataclasses.replace(Recipe("1", "A caption", 56.0, 150, panels, columns=len(panels)), **changes)


def marked(phantom) -> Recipe:
    overlays = [
        Outline("mass", "orange"),
        Outline("pair", "sky blue", dash="dashed"),
        Outline("ring", "yellow", dash="dotted"),
        Callout("1", "mass"),
        Callout("2", "pair", repeat=True),
        Callout("3", "ring"),
        Arrow("nodule"),
        Arrowhead(tip_mm=phantom.point(60, 36), angle_deg=200.0),
        Asterisk(point_mm=phantom.point(20, 60)),
    ]
    return figure(Panel("a", view_of(phantom, overlays, scale_bar=True, letters=True)))


def plain(phantom) -> Recipe:
    close = view_of(phantom, [Callout("1", "mass")], extent_mm=(60.0, 60.0), centre_mm=phantom.point(42, 34))
    whole = view_of(phantom, interpolation="nearest", extent_mm=(96.0, 60.0))
    panels = (Panel("a", close), Panel("b", whole), Panel("c", picture="cells.png"))
    return figure(*panels, columns=2, background="black", gap_mm=2.0)


def checked_with_golden(rendered: Rendered, name: str) -> None:
    """Pixels as in the golden picture; where that is missing it is written, and the test fails once."""
    path = GOLDEN / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(rendered.png)
        pytest.fail(f"{path} was missing and has been written: look at it, then run again")
    golden = np.asarray(Pillow.open(path).convert("RGB")).astype(int)
    assert golden.shape == rendered.rgb.shape
    assert np.abs(golden - rendered.rgb).max() == 0


def test_a_marked_slice_looks_as_it_did(phantom) -> None:
    rendered = render(marked(phantom), phantom)
    assert rendered.notes == ()
    checked_with_golden(rendered, "marked")


def test_what_is_drawn_says_which_overlay_it_is(phantom) -> None:
    recipe = marked(phantom)
    items = compose(recipe, phantom)[0].groups[0].items
    tagged = [item.overlay for item in items if not isinstance(item, Image) and item.overlay is not None]
    assert sorted(set(tagged)) == list(range(len(recipe.panels[0].view.overlays)))
    assert tagged.count(4) == 2  # the one that is repeated


def test_panels_on_rows_look_as_they_did(phantom) -> None:
    checked_with_golden(render(plain(phantom), phantom), "panels")


def test_a_sagittal_series_is_shown_anterior_left_and_head_up(phantom) -> None:
    affine = [[4, 0, 0, -12], [0, 0, 1.5, -96], [0, -1.5, 0, 72], [0, 0, 0, 1]]
    sagittal = dataclasses.replace(phantom, grid=type(phantom.grid).from_affine(affine, phantom.grid.shape))
    recipe = figure(Panel("", view_of(sagittal, letters=True)))
    checked_with_golden(render(recipe, sagittal), "sagittal")


def test_wrong_window_side_or_slice_is_seen(phantom) -> None:
    right = render(plain(phantom), phantom).rgb.astype(int)
    flipped = dataclasses.replace(phantom, voxels=phantom.voxels[:, :, ::-1])
    moved = dataclasses.replace(phantom, voxels=np.roll(phantom.voxels, 1, 0))
    window = dataclasses.replace(plain(phantom).panels[0].view, window=(-250.0, 1500.0))
    panels = (dataclasses.replace(plain(phantom).panels[0], view=window), *plain(phantom).panels[1:])
    for recipe, source in ((plain(phantom), flipped), (plain(phantom), moved), (figure(*panels, **PLAIN), phantom)):
        assert np.abs(render(recipe, source).rgb - right).max() > 0


PLAIN = {"columns": 2, "background": "black", "gap_mm": 2.0}

SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import conftest, test_render
from callout.figures.render import render
source = conftest.made_up()
made = [render(recipe(source), source).png for recipe in (test_render.marked, test_render.plain)]
print(hashlib.sha256(b"".join(made)).hexdigest())
"""


def test_other_processes_time_zones_and_locales_give_the_same_bytes(phantom, tmp_path) -> None:
    own = b"".join(render(recipe(phantom), phantom).png for recipe in (marked, plain))
    sums = set()
    for zone, locale, seed in (("Asia/Tokyo", "de_DE.UTF-8", "1"), ("America/Lima", "C", "77")):
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed}
        here = str(pathlib.Path(__file__).parent)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, here],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        sums.add(done.stdout.strip())
    assert sums == {hashlib.sha256(own).hexdigest()}


def test_the_page_is_as_wide_as_asked_and_rows_are_full(phantom) -> None:
    display, _ = compose(plain(phantom), phantom)
    first, second, third = display.groups
    assert display.width == round(56 / 25.4 * 150)
    assert first.height == second.height
    assert (first.left, second.left + second.width) == (0, display.width)
    assert second.left - first.width == round(2 / 25.4 * 150)
    assert first.width / first.height == pytest.approx(1, abs=0.02)
    assert third.width / third.height == pytest.approx(1.5, abs=0.02)
    assert third.top + third.height == display.height


def test_alt_text_says_what_is_seen(phantom) -> None:
    rendered = render(marked(phantom), phantom)
    assert rendered.alt == (
        "Figure 1. (a) Axial CT, slice 4 of 6, window W1500 L−300, "
        "with outline, “1”, “2”, “3”, arrow, arrowhead, asterisk."
    )
    assert Pillow.open(io.BytesIO(rendered.png)).text["Description"] == rendered.alt
    own = figure(Panel("a", view_of(phantom), alt="A chest."))
    assert render(own, phantom).alt == "Figure 1. A chest."


def test_what_cannot_be_shown_is_told(phantom) -> None:
    overlays = [Callout("1", "mass"), Outline("mass"), Arrow(tip_mm=phantom.point(48, 500, 1)), Callout("2", "nowhere")]
    other = view_of(phantom, overlays, slice=1)
    assert render(figure(Panel("b", other)), phantom).notes == (
        "panel b: outline: region mass is not on slice 1 in this panel",
        "panel b: “1”: region mass is not on slice 1 in this panel",
        "panel b: arrow: lies beyond the panel's edge",
        "panel b: “2”: region nowhere is not on slice 1 in this panel",
    )


def test_monochrome1_is_turned_and_outside_the_image_is_black(phantom) -> None:
    wide = figure(Panel("", view_of(phantom, extent_mm=(400.0, 300.0))))
    shown, turned = (
        render(wide, dataclasses.replace(phantom, photometric=p)).rgb.astype(int)
        for p in ("MONOCHROME2", "MONOCHROME1")
    )
    rows, columns = shown.shape[:2]
    assert (shown[:5] == 0).all()
    assert (turned[:5] == 0).all()
    middle = (slice(rows // 2 - 20, rows // 2 + 20), slice(columns // 2 - 20, columns // 2 + 20))
    assert np.abs(shown[middle] + turned[middle] - 255).max() <= 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slice": 6}, "slice 6 is not in the series — .*: choose one of 0 to 5"),
        ({"series_id": "mr"}, "no series mr"),
        ({"extent_mm": (1000.0, 1.0)}, "a panel would be 1 pixels wide or high"),
        ({"extent_mm": (1.0, 9000.0)}, "the figure would have"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused(phantom, changes, message) -> None:
    with pytest.raises(InputError, match=message):
        render(figure(Panel("a", view_of(phantom, **changes))), phantom)


def test_a_point_of_another_slice_is_told(phantom) -> None:
    near, far = phantom.point(42, 34, 3), phantom.point(60, 60, 5)
    overlays = [Callout("1", point_mm=near), Callout("2", point_mm=far), Arrow(tip_mm=far)]
    assert render(figure(Panel("", view_of(phantom, overlays))), phantom).notes == (
        "“2”: its point lies 8 mm off slice 3",
        "arrow: its point lies 8 mm off slice 3",
    )


def test_a_mask_of_another_shape_is_refused(phantom) -> None:
    phantom.masks["mass"] = np.ones((3, 3), bool)
    with pytest.raises(InputError, match=r"mass of slice 3 has shape \(3, 3\), expected \(96, 128\)"):
        render(figure(Panel("a", view_of(phantom, [Callout("1", "mass")]))), phantom)


def test_a_place_by_hand_stays_on_the_anatomy_when_the_crop_changes(phantom) -> None:
    place = phantom.point(20, 60)
    for extent in ((190.0, 143.0), (160.0, 130.0)):
        view = view_of(phantom, [Callout("7", "mass", place_mm=place)], extent_mm=extent)
        display, notes = compose(figure(Panel("", view)), phantom)
        group = display.groups[0]
        text = next(item for item in group.items if getattr(item, "text", "") == "7")
        x = group.width / 2 + (60 - 64) * 1.5 * group.width / extent[0]
        assert notes == ()
        assert abs(text.x + text.size * 0.35 - x) < 2


def test_importing_costs_nothing() -> None:
    heavy = ("scipy", "freetype", "PIL", "deflate")
    script = f"import sys, callout.figures.render; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_markers_put_absurdly_far_away_are_told_and_harmless(phantom) -> None:
    far = (1e7, -1e7, 0.0)
    overlays = [Callout("1", place_mm=far), Arrow("mass", from_mm=far), Arrow(tip_mm=far), Asterisk(point_mm=far)]
    close = view_of(phantom, overlays, extent_mm=(8.0, 6.0), centre_mm=phantom.point(42, 34))
    notes = render(figure(Panel("", close)), phantom).notes
    assert "“1”: lies beyond the panel's edge" in notes
    assert "arrow: lies beyond the panel's edge" in notes
    assert "asterisk: its point is not in this panel" in notes
