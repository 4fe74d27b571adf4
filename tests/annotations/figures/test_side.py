"""A left-right flip is impossible: a point of the patient is followed through every stack and plane to the page.

The patient's position of a voxel is computed here from ImagePositionPatient and ImageOrientationPatient (PS3.3
C.7.6.2.1.1), and where it belongs on the page from the radiologists' convention, not from the code under test.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callout.errors import InputError
from callout.figures import font
from callout.figures.display import Text
from callout.figures.recipe import Callout, Panel, Recipe, View
from callout.figures.render import Rendered, render
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Instance, Series, Volume

Directions = tuple[np.ndarray, np.ndarray, np.ndarray]
Point = tuple[float, float, float]

SVG = "{http://www.w3.org/2000/svg}"
SIDE = 24  # voxels along each axis of a stack
SPACING = 3.0
SPREAD = 5.0  # mm, of the bright spot
EXTENT, WIDTH_MM, DPI = 90.0, 50.0, 100
# What lies to the right and down on the page, LPS, and the letters there.
PAGE = {
    "axial": ((1, 0, 0), (0, 1, 0), "L", "P"),
    "coronal": ((1, 0, 0), (0, 0, -1), "L", "F"),
    "sagittal": ((0, 1, 0), (0, 0, -1), "P", "F"),
}


MARKERS = ("1", "2", "3")
PLANES = ("native", "native", "axial", "coronal", "sagittal", "oblique")


@dataclass
class Stack:
    """One series with a bright spot."""

    grid: Grid
    voxels: np.ndarray

    def series(self, series_id: str) -> Series:
        images = tuple(Instance(f"1.{n}", 1, "") for n in range(SIDE))
        return Series("a", "1.2", "1", "CT", 1, "", self.grid, images, "", "")

    def pixels(self, series_id: str, k: int) -> np.ndarray:
        return self.voxels[k]

    def volume(self, series_id: str) -> Volume:
        return Volume(self.voxels, self.grid, "a")

    def mask(self, region_id: str, series_id: str, k: int) -> np.ndarray | None:
        return None

    def region(self, region_id: str) -> tuple[Mask, Grid]:
        raise InputError(region_id)

    def picture(self, name: str) -> np.ndarray:
        raise InputError(name)


def rotation(angles: tuple[float, float, float]) -> np.ndarray:
    a, b, c = angles
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    turned: np.ndarray = about_x @ about_y @ about_z
    return turned


@st.composite
def orientations(draw: st.DrawFn) -> Directions:
    """ImageOrientationPatient's two, and the way from slice to slice: any of the 48, then turned and tilted."""
    axes = np.eye(3)[draw(st.permutations([0, 1, 2]))]
    along_row, along_column, onward = (axes[n] * draw(st.sampled_from([1, -1])) for n in range(3))
    small = st.floats(-0.6, 0.6)
    turn = rotation(draw(st.tuples(small, small, small)))
    tilt = draw(st.floats(-0.4, 0.4))
    return turn @ along_row, turn @ along_column, turn @ (onward + np.tan(tilt) * along_column)


def stack_of(directions: Directions, voxel: tuple[int, int, int]) -> tuple[Stack, Point]:
    """A stack around the origin with a bright spot at voxel (k, j, i); and that voxel's position, LPS mm."""
    across, down, onward = (d * SPACING for d in directions)
    first = -(SIDE - 1) / 2 * (across + down + onward)
    positions = first + np.arange(SIDE)[:, None] * onward  # ImagePositionPatient of each slice
    k, j, i = voxel
    spot = positions[k] + down * j + across * i
    n = np.arange(SIDE)
    points = positions[:, None, None] + down * n[:, None, None] + across * n[:, None]
    voxels = (1000 * np.exp(-((points - spot) ** 2).sum(-1) / (2 * SPREAD**2))).astype(np.float32)
    grid = Grid((SIDE, SIDE, SIDE), positions, down, across, "1.2.3")
    x, y, z = spot.tolist()
    return Stack(grid, voxels), (x, y, z)


def brightest(rendered: Rendered) -> np.ndarray:
    """The middle (x, y) of the bright spot in the pixels; a reformat's label, in the lowest tenth, is left out."""
    light = np.clip(rendered.rgb[..., 0].astype(float) - 128, 0, None) ** 2
    light[int(len(light) * 0.9) :] = 0
    rows, columns = np.indices(light.shape)
    place: np.ndarray = np.array([(light * (columns + 0.5)).sum(), (light * (rows + 0.5)).sum()]) / light.sum()
    return place


def in_svg(rendered: Rendered) -> dict[str, np.ndarray]:
    """The middle (x, y) of each marker's ink in the SVG, page pixels."""
    texts = [t for t in ElementTree.fromstring(rendered.file("svg")).iter(SVG + "text") if t.text in MARKERS]
    return {t.text: middle_of_ink(t.text, *(float(t.get(key, "")) for key in ("x", "y", "font-size"))) for t in texts}


def in_pdf(rendered: Rendered) -> dict[str, np.ndarray]:
    """The middle (x, y) of each marker's ink in the PDF, page pixels."""
    found = {}

    def visit(text: str, page: list[float], own: list[float], _font: object, size: float) -> None:
        if text.strip() in MARKERS:
            x, y = own[4] * page[0] + own[5] * page[2] + page[4], own[4] * page[1] + own[5] * page[3] + page[5]
            pixels = x * DPI / 72, rendered.display.height - y * DPI / 72
            found[text.strip()] = middle_of_ink(text.strip(), *pixels, size)

    pypdf.PdfReader(io.BytesIO(rendered.file("pdf"))).pages[0].extract_text(visitor_text=visit)
    return found


def middle_of_ink(words: str, x: float, y: float, size: float) -> np.ndarray:
    ink = font.ink(words, size, True)
    return np.array([x + (ink.left + ink.right) / 2, y + (ink.top + ink.bottom) / 2])


def moved(spot: Point, way: tuple[int, int, int]) -> Point:
    x, y, z = (s + 20.0 * w for s, w in zip(spot, way, strict=True))
    return x, y, z


@settings(max_examples=settings().max_examples // 4)
@given(orientations(), st.tuples(*[st.integers(6, SIDE - 7)] * 3), st.sampled_from(PLANES))
def test_a_marker_is_where_the_patient_has_it(directions: Directions, voxel: tuple[int, int, int], plane: str) -> None:
    stack, spot = stack_of(directions, voxel)
    normal = np.cross(directions[0], directions[1])
    facts: dict[str, object] = {"plane": plane, "slice": voxel[0] if plane == "native" else None}
    if plane == "oblique":
        normal = rotation((0.4, -0.5, 0.3)) @ normal
        ways = np.linalg.svd(normal[None])[2][1:]
        facts["points_mm"] = (spot, *(tuple(float(v) for v in spot + 20 * way) for way in ways))
    elif plane != "native":
        normal = np.cross(*PAGE[plane][:2]).astype(float)
    parts = np.sort(np.abs(normal))
    assume(parts[2] - parts[1] > 0.05)  # else two planes of the body are as near, and either convention is right
    right, down, right_letter, down_letter = PAGE[("sagittal", "coronal", "axial")[int(np.abs(normal).argmax())]]

    x, y, z = (np.dot(spot, normal) / np.dot(normal, normal) * normal).tolist()  # as deep as the spot
    view = View("a", centre_mm=(x, y, z), extent_mm=(EXTENT, EXTENT), window=(500.0, 1000.0), **facts)
    markers = (Callout("1", place_mm=spot), Callout("2", place_mm=moved(spot, right)))
    markers += (Callout("3", place_mm=moved(spot, down)),)
    bare, marked = (
        render(Recipe("1", "", WIDTH_MM, DPI, (Panel("", shown),), columns=1), stack)
        for shown in (view, replace(view, overlays=markers, letters=True))
    )
    pixel = bare.display.width / EXTENT  # of a millimetre
    written, printed = in_svg(marked), in_pdf(marked)
    for words in MARKERS:
        assert printed[words] == pytest.approx(written[words], abs=0.05)
    one, further_right, further_down = (written[words] for words in MARKERS)
    assert one == pytest.approx(brightest(bare), abs=SPACING / 2 * pixel)
    assert (further_right - one)[0] > 9 * pixel  # of 20 mm, as the plane may be aslant
    assert (further_down - one)[1] > 9 * pixel
    letters = {t.text: (t.x, t.y) for t in marked.display.groups[0].items if isinstance(t, Text)}
    if plane in PAGE:
        middle = np.array([bare.display.width, bare.display.height]) / 2
        wanted = middle + np.array([np.dot(spot, right), np.dot(spot, down)]) * pixel
        assert one == pytest.approx(wanted, abs=0.1)
        assert letters[right_letter][0] > 1.7 * middle[0]
        assert letters[down_letter][1] > 1.7 * middle[1]
