"""Series that arrive together, break, widen or are let go, in views without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Event
from typing import Any

import made_series
import made_study
import numpy as np
import pytest
from pydicom.dataset import Dataset

from callout import find_series
from callout.volume import Series
from napari_callout.panes.pane import Pane
from napari_callout.session import Session
from napari_callout.session.pictures import Pictures

SIZE = (300, 300)


class Arriving:
    """Pictures, and what their threads said; `settle` takes it in this thread, as a window would."""

    def __init__(self) -> None:
        self.said: Queue[tuple[Any, Any]] = Queue()
        self.pictures = Pictures(lambda loading, ks: self.said.put((loading, list(ks))))

    def settle(self, seconds: float = 10.0) -> None:
        """Until nothing more is read."""
        while self.pictures._loadings:
            self.take(self.said.get(timeout=seconds))

    def take(self, said: tuple[Any, Any]) -> None:
        self.pictures.take(*said)

    def take_late(self) -> None:
        """What was said by loadings that nobody waits for any more."""
        for _ in range(100):
            try:
                self.take(self.said.get(timeout=0.02))
            except Empty:
                return


@pytest.fixture
def arriving() -> Iterator[Arriving]:
    one = Arriving()
    yield one
    one.pictures.close()


def wanted(*series: Series) -> dict[str, tuple[Series, int]]:
    return {one.id: (one, one.grid.shape[0] // 2) for one in series}


def test_switching_quickly_shows_the_last_and_nothing_of_the_others(arriving: Arriving, tmp_path: Path) -> None:
    found = find_series(made_study.images(tmp_path))
    for n in range(30):
        arriving.pictures.want(wanted(found[n % 3]))
    arriving.settle()
    arriving.take_late()
    assert arriving.pictures.problems == {}
    assert list(arriving.pictures._loadings) == []
    picture = arriving.pictures.get(found[29 % 3].id)
    assert picture is not None
    assert picture.arrived is None


def test_a_broken_file_is_the_problem_of_its_series_alone(arriving: Arriving, tmp_path: Path) -> None:
    found = [one for one in find_series(made_study.images(tmp_path)) if not one.is_localizer]
    with open(found[0].instances[3].path, "r+b") as file:
        file.truncate(900)
    session = Session()
    session.take_study(found)
    session.views.hang("2", [session.views.native(one.id, 0) for one in found])
    arriving.pictures.want(wanted(*found))
    arriving.settle()
    broken, sound = (Pane(session, arriving.pictures, number).scene(SIZE) for number in (0, 1))
    assert broken.greys is None
    assert "3.dcm" in broken.corners.middle.replace("\n", "")
    assert sound.greys is not None
    arriving.pictures.want(wanted(*found))
    assert not arriving.pictures._loadings  # what is broken is not read over and over
    session.close()


def test_nothing_is_black_while_it_comes_in_any_kind_of_look(
    arriving: Arriving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callout.dicom.slices import Slices

    read, gate = Slices.read, Event()
    monkeypatch.setattr(Slices, "read", lambda self, k, into: (k == 5 or gate.wait(20)) and read(self, k, into))
    found = [one for one in find_series(made_study.images(tmp_path)) if not one.is_localizer]
    axial = next(one for one in found if one.description == made_study.AXIAL)
    session = Session()
    session.take_study(found)
    views, pane = session.views, Pane(session, arriving.pictures, 0)
    views.hang("1", [views.native(axial.id, 5)])
    arriving.pictures.want({axial.id: (axial, 5)})
    arriving.take(arriving.said.get(timeout=5))
    assert pane.scene(SIZE).greys is not None
    for fields in ({"slab_mm": 5.0}, {"axis": 1, "at": 20}, {"minus": axial.id}, {"at": views.native(axial.id, 4).at}):
        views.hang("1", [views.native(axial.id, 5)])
        views.change(0, **fields)
        assert pane.scene(SIZE).greys is None, fields
        assert "loading" in pane.scene(SIZE).corners.middle
    gate.set()
    arriving.settle()
    assert pane.scene(SIZE).greys is not None
    session.close()


def test_values_beyond_int16_are_seen_though_they_come_last(arriving: Arriving, tmp_path: Path) -> None:
    def steep(data_set: Dataset, k: int) -> None:
        if k == 0:
            data_set.RescaleSlope = 40

    made_series.series(tmp_path / "x", 6, steep)
    (series,) = find_series(tmp_path / "x")
    session = Session()
    session.take_study([series])
    views, pane = session.views, Pane(session, arriving.pictures, 0)
    views.hang("1", [views.native(series.id, 5)])
    arriving.pictures.want({series.id: (series, 5)})
    while arriving.pictures._loadings:
        arriving.take(arriving.said.get(timeout=5))
        scene, picture = pane.scene(SIZE), arriving.pictures.get(series.id)
        here = picture is not None and picture.is_here(5)
        assert (scene.greys is not None) == here
        if here and picture is not None:
            assert np.array_equal(picture.voxels[5], made_series.pixels(5).astype(np.float32) - 1024)
    picture = arriving.pictures.get(series.id)
    assert picture is not None
    assert picture.voxels.dtype == np.float32
    assert picture.voxels[0].max() == 40.0 * made_series.pixels(0).max() - 1024
    session.close()
