"""The small pictures of the study browser: right way up, as bright as the series, and never in the way."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import made_series
import made_study
import numpy as np
import pytest
from pydicom.dataset import Dataset

from callout.dicom import scan
from callout.volume import Series
from napari_callout.session.thumbnails import SIDE, Thumbnails, thumbnail_of


def only(folder: Path) -> Series:
    (one,) = scan([folder]).series
    return one


def made(folder: Path, change: made_series.Change, count: int = 1) -> Series:
    made_series.series(folder, count, change)
    return only(folder)


def corner_lit(rows: int = 40, columns: int = 40, **values: object) -> made_series.Change:
    """An image that is bright in its first quarter: the patient's right, in front, on an ordinary axial image."""

    def change(data_set: Dataset, k: int) -> None:
        stored = np.zeros((rows, columns), np.uint16)
        stored[: rows // 2, : columns // 2] = 2000
        data_set.Rows, data_set.Columns = rows, columns
        data_set.PixelSpacing = [1, 1]
        data_set.WindowCenter, data_set.WindowWidth = 0, 1000
        data_set.PixelData = stored.tobytes()
        for name, value in values.items():
            setattr(data_set, name, value)

    return change


def quarters(series: Series) -> list[list[int]]:
    grey = thumbnail_of(series).grey
    down, across = grey.shape[0] // 2, grey.shape[1] // 2
    parts = [[grey[:down, :across], grey[:down, across:]], [grey[down:, :across], grey[down:, across:]]]
    return [[round(float(part.mean()) / 255) for part in row] for row in parts]


def test_it_lies_as_the_views_show_it_and_as_bright(tmp_path: Path) -> None:
    lit = [[1, 0], [0, 0]]
    assert quarters(made(tmp_path / "a", corner_lit())) == lit
    turned = corner_lit(ImageOrientationPatient=[-1, 0, 0, 0, -1, 0])  # the first quarter is left, at the back
    assert quarters(made(tmp_path / "b", turned)) == [[0, 0], [0, 1]]
    upside_down = corner_lit(ImageOrientationPatient=[0, 0, 1, 0, 1, 0])  # a sagittal one, rows and columns exchanged
    assert quarters(made(tmp_path / "c", upside_down)) == [[0, 0], [1, 0]]
    assert quarters(made(tmp_path / "d", corner_lit(PhotometricInterpretation="MONOCHROME1"))) == [[0, 1], [1, 1]]


def test_its_pixels_are_square(tmp_path: Path) -> None:
    series = made(tmp_path, corner_lit(20, 80, PixelSpacing=[2, 1]))
    assert thumbnail_of(series).grey.shape == (SIDE // 2, SIDE)


def test_what_can_not_be_read_says_why(tmp_path: Path) -> None:
    series = made(tmp_path, corner_lit())
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:-1000])
    assert "cut" in thumbnail_of(series).problem
    path.unlink()
    assert thumbnail_of(series).grey.size == 0
    assert thumbnail_of(series).problem


def test_they_wait_until_they_may_be_made(tmp_path: Path) -> None:
    series = scan([made_study.images(tmp_path)]).series
    made_now: list[str] = []
    first, all_made = Event(), Event()

    def arrived(series_id: str) -> None:
        made_now.append(series_id)
        first.set()
        if len(made_now) == len(series):
            all_made.set()

    thumbnails = Thumbnails(arrived)
    thumbnails.ask(series)
    assert not first.wait(0.05)
    thumbnails.let(True)
    assert all_made.wait(10)
    assert made_now == [one.id for one in series]
    thumbnails.ask(series)  # nothing is made twice
    kept = thumbnails.get(series[0].id)
    assert kept is not None
    thumbnails.forget()
    assert thumbnails.get(series[0].id) is None
    thumbnails.close()
    assert len(made_now) == len(series)


@pytest.mark.parametrize("name", ["spine", "thorax"])
def test_the_samples_have_pictures(name: str) -> None:
    from callout.cli.demo import sample_folder

    for series in scan([sample_folder(name) / "images"]).series:
        grey = thumbnail_of(series).grey
        assert max(grey.shape) == SIDE
        assert grey.max() - grey.min() > 150
