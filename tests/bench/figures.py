"""A panel of a figure as PNG: 1,000 × 1,000 pixels with three outlines, numbers, an arrow, letters and a scale bar."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from bench.table import Row, timed

from callout.figures.outline import outlines
from callout.figures.recipe import Arrow, Callout, Outline, Overlay, Panel, Recipe, View
from callout.figures.render import render
from callout.geometry import Grid
from callout.masks import Mask
from callout.volume import Instance, Series, Volume

SIDE, PIXELS, DPI = 512, 1000, 300
ROUNDS = 15
WINDOW = (-600.0, 1500.0)
COLOURS = ("orange", "skyblue", "yellow")


class Slice:
    """A source of one slice of noise and soft shapes, with three regions."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        rows, columns = np.indices((SIDE, SIDE))
        self.grid = Grid.from_affine([[0, 0, 0.7, 0], [0, 0.7, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], (1, SIDE, SIDE))
        self.voxels = (random.normal(-700, 60, (SIDE, SIDE)) + 500 * np.sin(rows / 40) * np.cos(columns / 31)).astype(
            np.int16
        )
        places = ((150, 150, 60), (330, 180, 45), (250, 380, 70))
        self.masks = {
            str(n): (rows - r) ** 2 + (columns - c) ** 2
            < (size + 6 * np.sin(np.arctan2(rows - r, columns - c) * 5)) ** 2
            for n, (r, c, size) in enumerate(places)
        }

    def series(self, series_id: str) -> Series:
        """The facts of the one series."""
        return Series("ct", "1.2", "1", "CT", 1, "", self.grid, (Instance("1.1", 1, ""),), "", "")

    def pixels(self, series_id: str, k: int) -> np.ndarray:
        """The slice."""
        return self.voxels

    def mask(self, region_id: str, series_id: str, k: int) -> np.ndarray | None:
        """A region of the slice."""
        return self.masks.get(region_id)

    def volume(self, series_id: str) -> Volume:
        """The slice as a volume."""
        return Volume(self.voxels[None], self.grid, series_id)

    def region(self, region_id: str) -> tuple[Mask, Grid]:
        """A region, whole."""
        return Mask.from_array(self.masks[region_id][None]), self.grid

    def picture(self, name: str) -> np.ndarray:
        """There is none."""
        raise KeyError(name)


def rows(folder: Path) -> Iterator[Row]:
    """Processor time of the panel, and beside it of the same by matplotlib, in turns."""
    source = Slice()
    overlays: tuple[Overlay, ...] = tuple(
        Outline(n, c) for n, c in zip("012", ("orange", "sky blue", "yellow"), strict=True)
    )
    overlays += (Callout("1", "0"), Callout("2", "1"), Callout("3", "2"), Arrow("1"))
    middle = (SIDE - 1) / 2 * 0.7
    view = View(
        "ct",
        0,
        (middle, middle, 0.0),
        (SIDE * 0.7, SIDE * 0.7),
        WINDOW,
        scale_bar=True,
        letters=True,
        overlays=overlays,
    )
    recipe = Recipe("1", "", PIXELS / DPI * 25.4, DPI, (Panel("a", view),), columns=1)

    def ours() -> bytes:
        return render(recipe, source).png

    (folder / "callout.png").write_bytes(ours())
    if find_spec("matplotlib") is None:
        yield Row("a panel as PNG (matplotlib is not installed)", cpu(ours)[0], "ms CPU")
        return

    def theirs() -> bytes:
        return with_matplotlib(source)

    (folder / "matplotlib.png").write_bytes(theirs())
    mine, peer = cpu(ours, theirs)
    yield Row("a panel as PNG", mine, "ms CPU", peer / 2, peer, "matplotlib")


def cpu(*works) -> list[float]:
    """The median processor time of each work, ms, one call of each in turn."""
    times = [[timed(work).cpu for work in works] for _ in range(ROUNDS)]
    return [statistics.median(mine) for mine in zip(*times, strict=True)]


def with_matplotlib(source: Slice) -> bytes:
    """The same panel, bicubic, with edges around lines and letters; where they go is given."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=2, foreground="black")]
    figure = Figure((PIXELS / DPI, PIXELS / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    low, high = WINDOW[0] - WINDOW[1] / 2, WINDOW[0] + WINDOW[1] / 2
    axes.imshow(source.voxels, cmap="gray", vmin=low, vmax=high, interpolation="bicubic")
    for (name, mask), colour in zip(source.masks.items(), COLOURS, strict=True):
        for ring in outlines(mask, smooth=True):
            closed = np.concatenate([ring, ring[:1]])
            axes.plot(closed[:, 1], closed[:, 0], color=colour, linewidth=1, path_effects=edge)
        row, column = np.argwhere(mask).mean(0)
        axes.text(column, row, str(int(name) + 1), color="white", size=10, weight="bold", path_effects=edge)
    axes.annotate("", (230, 330), (280, 300), arrowprops={"color": "white", "width": 2, "headwidth": 7})
    for x, y, words in (
        (5, 20, "a"),
        (5, 256, "R"),
        (495, 256, "L"),
        (256, 12, "A"),
        (256, 505, "P"),
        (440, 490, "5 cm"),
    ):
        axes.text(x, y, words, color="white", size=7, weight="bold", path_effects=edge)
    axes.plot((420, 491), (500, 500), color="white", linewidth=1.4, path_effects=edge)
    kept = io.BytesIO()
    figure.savefig(kept, format="png")
    return kept.getvalue()
