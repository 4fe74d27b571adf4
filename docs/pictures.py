"""`make pictures`: the window as README and the tutorials show it, read through both samples with mouse and keys.

They are of synthetic samples, at a time that stands still: the same code gives the same pictures on one machine.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PICTURES, GALLERY = HERE / "tutorials" / "pictures", HERE / "gallery"
SAMPLES = HERE.parent / "sample_dicoms"
MOST_BYTES = 400_000
SIZE = (1600, 1000)


class NoonOfOneDay(datetime):
    """A clock that stands still: nothing that is seen depends on when it was made."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """Noon."""
        return datetime(2026, 1, 5, 12, 0, tzinfo=UTC).astimezone(tz)


class Album:
    """Takes pictures of a reader's window."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader

    def take(self, name: str, folder: Path = PICTURES, told: bool = False) -> None:
        """The window with the menus over it; `told`: also what it said last, instead of the keys."""
        from PIL import Image
        from qtpy.QtCore import QBuffer, QPoint
        from qtpy.QtGui import QPainter
        from qtpy.QtWidgets import QApplication

        from napari_callout.launch import settle

        host, window = self.reader.host, self.reader.window
        if not told:
            host.hands.end_message()
        settle(0.5)
        picture = window.grab()
        painter = QPainter(picture)
        for other in QApplication.topLevelWidgets():
            if other.isVisible() and other is not window:
                painter.drawPixmap(other.mapToGlobal(QPoint()) - window.mapToGlobal(QPoint()), other.grab())
        painter.end()
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.ReadWrite)
        picture.save(buffer, "PNG")  # type: ignore[call-overload]
        image = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
        path = folder / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        few_colours(image).save(path, optimize=True)
        size = path.stat().st_size
        print(f"{path.relative_to(HERE)} {size // 1000} kB")
        if size > MOST_BYTES:
            raise SystemExit(f"{path}: larger than {MOST_BYTES} bytes")


def few_colours(image: Any) -> Any:
    """The picture in 128 greys and in 128 of its colours, each of which counts the same: small, and outlines stay."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(image).reshape(-1, 3)
    seen = np.unique(pixels[np.ptp(pixels.astype(int), axis=1) > 4], axis=0)
    colours = Image.fromarray(seen[None]).quantize(128, Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*colours[: 128 * 3], *(grey for grey in range(0, 256, 2) for _ in range(3))])
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory(prefix="callout-pictures-") as folder:
        os.environ |= {"XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder, "TZ": "UTC", "QT_SCALE_FACTOR": "1"}
        logging.getLogger("vispy").setLevel(logging.ERROR)
        import callout.case.editing

        callout.case.editing.datetime = NoonOfOneDay  # type: ignore[misc,attr-defined]
        for journey in (thorax, spine, drawn):
            with at_the_window() as reader:
                journey(Album(reader), Path(folder))


@contextmanager
def at_the_window() -> Iterator[Any]:
    """A reader at a window of its own, which is empty."""
    import napari
    from qtpy.QtWidgets import QApplication
    from reader import Reader

    from napari_callout.host.host import Host

    viewer = napari.Viewer(title="Callout", show_welcome_screen=False, show=False)
    QApplication.setCursorFlashTime(0)
    host = Host(viewer)
    viewer.window.show()
    viewer.window.resize(*SIZE)
    reader = Reader(host)
    host.shell.main_window.activateWindow()
    reader.wait(host.shell.main_window.isActiveWindow)
    yield reader
    host.close()
    viewer.close()


def thorax(album: Album, folder: Path) -> None:
    """From a folder of images and a report to a figure."""
    reader, sample = album.reader, SAMPLES / "thorax"
    album.take("welcome")
    reader.open_study(sample / "images")
    reader.new_case(folder / "chest.callout", sample / "report.txt")
    reader.hang("1")
    reader.do("next mention")
    album.take("thorax-report")

    from reader import border, true_masks

    lesion = true_masks(sample, folder)["cavitating lesion, right upper lobe"]
    slices = [k for k in range(len(lesion)) if lesion[k].any()]
    reader.do("outline")
    for part in (0, 1, 2, 3, 4):
        k = slices[part * (len(slices) - 1) // 4]
        reader.go_to(k)
        reader.trace(border(lesion[k]), (lambda: album.take("thorax-draw")) if part == 3 else lambda: None)
    reader.do("interpolate")
    reader.do("look")
    reader.go_to(slices[(len(slices) - 1) // 2])
    reader.do("next mention")
    reader.do("not drawn")
    album.take("thorax-not-drawn")
    reader.press("Esc")


def spine(album: Album, folder: Path) -> None:
    """Pairs before and after contrast, and levels."""
    reader, sample = album.reader, SAMPLES / "spine"
    truth = json.loads((sample / "truth.json").read_text("utf-8"))
    reader.open_study(sample / "images")
    reader.new_case(folder / "spine.callout", sample / "report.txt")
    reader.hang("2")
    album.take("spine-pair")
    reader.hang("4")
    reader.do("levels")
    reader.click(reader.view, reader.place_of(truth["body_centres_mm"]["L3"]))
    reader.type("L3")
    album.take("spine-first-level")
    reader.press("Return")
    for name in ("L2", "L1", "L4", "L5"):
        reader.click(reader.view, reader.place_of(truth["body_centres_mm"][name]))
    reader.point(reader.view, reader.place_of(truth["body_centres_mm"]["S1"]))
    album.take("spine-levels")
    reader.do("look")
    reader.hang("5")
    album.take("spine-axial")
    reader.do("keys")
    album.take("keys")


def drawn(album: Album, folder: Path) -> None:
    """The samples with all that is drawn in them."""
    reader, host = album.reader, album.reader.host
    reader.click(host.welcome.buttons["thorax"])
    reader.wait(lambda: host.session.case is not None)
    reader.wait_drawn()
    reader.hang("1")
    album.take("viewer", GALLERY)
    reader.do("figure")
    reader.wait(lambda: host.figures.view.isVisible() and host.figures._asked is None)
    album.take("thorax-figure")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
