"""What stands in the corners of a view, and that one key takes it away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import made_study
import numpy as np
from hands import SHIFT, at, key, move, opened, pane, scene
from qtpy.QtCore import Qt

from napari_callout.panes.words import date_text, series_corner, slice_corner, view_corner
from napari_callout.session import Session
from napari_callout.session.look import Look
from napari_callout.session.order import DisplayOrder
from napari_callout.session.plane import Plane


def test_all_that_tells_a_series_is_there(session: Session) -> None:
    series = made_study.named(session, made_study.AXIAL)
    facts = {"RepetitionTime": 550.0, "EchoTime": 12.0, "InversionTime": 160.0, "LossyImageCompression": "01",
             "StudyDate": "20250301", "AcquisitionDate": "20250314", "ConvolutionKernel": "B31f"}  # fmt: skip
    text = series_corner(replace(series, sequence="T1", contrast="post-contrast", attributes=facts)).split("\n")
    assert text[1:] == ["T1 post contrast", "TR 550 TE 12 TI 160", "kernel B31f", "2025-03-14", "lossy"]
    for date in ("", "2025", "2025031x", "20250314000000"):
        assert date_text(replace(series, attributes={"StudyDate": date})) == ""


def test_slice_window_and_zoom_are_told(session: Session) -> None:
    series = made_study.named(session, made_study.AXIAL)
    plane = Plane(DisplayOrder.of(series.grid), 0, 3)
    words = slice_corner(series, plane, (40.0, 400.0))
    assert "im 4/10" in words
    assert words.split("\n")[1].startswith("at ")  # beside the thickness a narrow view would cut it
    assert "W400 L40" in words
    look = Look(series.id, 0, 3, zoom=2.5, slab_mm=10, projection="min", inverted=True)
    assert view_corner(series, plane, look, "", "", "L2–L3").split("\n") == [
        "L2–L3", "MinIP of 10 mm", "5 slices", "inverted", "zoom 250%"
    ]  # fmt: skip
    across = Plane(plane.order, 2, 5)
    assert "reformatted\n2.5 mm apart" in view_corner(series, across, Look(series.id, 2, 5), "", "")


def test_one_key_hides_the_words_and_leaves_the_letters(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    before = scene(host).corners
    assert before.top_left
    assert before.bottom_left
    key(host, qtbot, Qt.Key.Key_H, SHIFT)
    hidden = scene(host).corners
    assert (hidden.top_left, hidden.top_right, hidden.bottom_left) == ("", "", "")
    assert hidden.edges == before.edges
    assert hidden.pixels_per_mm == before.pixels_per_mm
    key(host, qtbot, Qt.Key.Key_H, SHIFT)
    assert scene(host).corners == before


def test_a_slab_has_no_value_of_the_series_under_the_cursor(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    move(pane(host), at(host, 22, 18))
    assert "HU" in host.hands.value.text()
    host.session.views.change(host.session.views.active, slab_mm=10.0)
    move(pane(host), at(host, 22, 19))
    assert "HU" not in host.hands.value.text()
    assert "mm" in host.hands.value.text()
    assert np.array_equal(scene(host).greys.shape, (made_study.ROWS, made_study.COLUMNS))
