"""A voxel shown at a whole factor comes out exactly, in every format; and pictures compared as an eye sees them."""

from __future__ import annotations

import base64
import dataclasses
import io
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from PIL import Image as Picture

from callout.figures.recipe import Arrow, Callout, Outline, Panel, Recipe, View
from callout.figures.render import Rendered, render
from callout.geometry import Grid

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
WINDOW = (-300.0, 1500.0)
SEEN = 8.0  # grey levels, over a spot of 6 pixels: what an eye sees at 150 dpi


def whole(phantom, factor: int, **changes: object) -> Recipe:
    """The whole slice, `factor` pixels for each voxel."""
    view = View("ct", 3, phantom.point(47.5, 63.5), (192.0, 144.0), WINDOW, interpolation="nearest")
    return Recipe("1", "", 12.8 * factor, 254, (Panel("", dataclasses.replace(view, **changes)),), columns=1)


def pixels_in(rendered: Rendered) -> dict[str, np.ndarray]:
    """The picture of the first panel as each format holds it, grey (rows, columns)."""
    [embedded] = pypdf.PdfReader(io.BytesIO(rendered.file("pdf"))).pages[0].images
    [link] = ElementTree.fromstring(rendered.file("svg")).iter(SVG + "image")
    held = base64.b64decode(str(link.get("href")).partition(",")[2])
    return {
        "pdf": np.asarray(embedded.image.convert("L")),
        "svg": np.asarray(Picture.open(io.BytesIO(held)).convert("L")),
        "png": np.asarray(Picture.open(io.BytesIO(rendered.png)).convert("RGB"))[..., 1],
        "tiff": np.asarray(Picture.open(io.BytesIO(rendered.file("tiff"))).convert("RGB"))[..., 1],
    }


@pytest.mark.parametrize("factor", [1, 2, 3, 7])
@pytest.mark.parametrize("flips", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_a_voxel_at_a_whole_factor_is_exact_in_every_format(phantom, factor: int, flips: tuple[int, int]) -> None:
    down, across = flips
    affine = [[0, 0, 1.5 * across, -96 * across], [0, 1.5 * down, 0, -72 * down], [4, 0, 0, -10], [0, 0, 0, 1]]
    source = dataclasses.replace(phantom, grid=Grid.from_affine(affine, phantom.grid.shape))
    values = phantom.voxels[3].astype(float)
    part = np.clip((values - (WINDOW[0] - 0.5)) / (WINDOW[1] - 1) + 0.5, 0, 1)  # PS3.3 C.11.2.1.2.1
    grey = np.kron(np.floor(part * 255 + 0.5)[::down, ::across], np.ones((factor, factor)))
    for kind, pixels in pixels_in(render(whole(source, factor), source)).items():
        assert pixels.shape == grey.shape, kind
        assert np.array_equal(pixels, grey), kind


def unlike(one: np.ndarray, other: np.ndarray) -> float:
    """How unlike two pictures look: the largest difference of grey over a spot; 255 if they differ in size."""
    from scipy.ndimage import uniform_filter

    if one.shape != other.shape:
        return 255.0
    off = one.astype(float).mean(-1) - other.astype(float).mean(-1)
    return float(np.abs(uniform_filter(off, 6)).max())


def marked(phantom, **changes: object) -> Recipe:
    overlays = (
        Outline("mass", "orange"),
        Callout("1", "mass"),
        Callout("2", "ring"),
        Arrow("nodule"),
    )
    view = View("ct", 3, phantom.point(48, 64), (190.0, 143.0), WINDOW, overlays=overlays)
    return Recipe("1", "", 56.0, 150, (Panel("a", dataclasses.replace(view, **changes)),), columns=1)


def test_what_no_eye_sees_is_no_difference(phantom) -> None:
    """Noise of a level or two, as where another version draws an edge otherwise."""
    picture = render(marked(phantom), phantom).rgb
    noise = np.random.default_rng(0).integers(-4, 5, picture.shape)
    assert unlike(picture, np.clip(picture + noise, 0, 255)) < SEEN
    plain, nudged = (
        render(marked(phantom, centre_mm=phantom.point(48 + off, 64 + off), overlays=(Outline("mass"),)), phantom).rgb
        for off in (0.0, 0.02)
    )
    assert unlike(plain, nudged) < SEEN


def test_the_golden_pictures_look_as_they_did() -> None:
    """The eye's measure holds for them too, should a processor ever round otherwise."""
    for path in GOLDEN.glob("*.png"):
        picture = np.asarray(Picture.open(path).convert("RGB"))
        assert unlike(picture, picture) == 0
        assert unlike(picture, picture[:, ::-1]) > 4 * SEEN


BROKEN = {
    "window": {"window": (-250.0, 1500.0)},
    "width of the window": {"window": (-300.0, 1700.0)},
    "slice": {"slice": 2},
    "place": {"centre_mm": (3.0, 0.0, 2.0)},
    "markers changed for one another": {"overlays": (Outline("mass", "orange"), Callout("2", "mass"))},
    "outline left out": {"overlays": (Callout("1", "mass"), Callout("2", "ring"), Arrow("nodule"))},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_wrong_picture_is_seen(phantom, what: str) -> None:
    right = render(marked(phantom), phantom).rgb
    assert unlike(right, render(marked(phantom, **BROKEN[what]), phantom).rgb) > SEEN


def test_a_wrong_side_is_seen(phantom) -> None:
    """Voxels, masks or the stack's direction mirrored: each alone, and all together."""
    right = render(marked(phantom), phantom).rgb
    voxels = dataclasses.replace(phantom, voxels=phantom.voxels[:, :, ::-1])
    masks = dataclasses.replace(phantom, masks={name: mask[:, ::-1] for name, mask in phantom.masks.items()})
    affine = [[0, 0, -1.5, 96], [0, 1.5, 0, -72], [4, 0, 0, -10], [0, 0, 0, 1]]
    grid = dataclasses.replace(phantom, grid=Grid.from_affine(affine, phantom.grid.shape))
    both = dataclasses.replace(voxels, masks=masks.masks)
    for wrong in (voxels, masks, grid, both):
        assert unlike(right, render(marked(phantom), wrong).rgb) > 2 * SEEN
