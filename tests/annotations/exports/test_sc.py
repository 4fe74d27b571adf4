"""Figures as secondary captures: the figure's own pixels, of the same patient, and faults that are found."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import made_figures
import numpy as np
import pydicom
import pytest
from made_figures import figure, made, point, whole
from PIL import Image
from pydicom.dataset import Dataset

import callout
from callout.errors import InputError
from callout.exports import export, verify
from callout.figures.recipe import Callout, Outline
from callout.figures.render import render
from callout.figures.source import CaseSource

HTML = '<p>A case.</p><figure><img src="cells.png"><figcaption>Figure 2. Histology.</figcaption></figure>'


def capture(folder: Path, name: str) -> Dataset:
    [path] = folder.glob(f"*.{name}.sc.dcm")
    return pydicom.dcmread(path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reformat, a slab with a coloured outline and a native slice, exported to `out`; the figure as figure.png."""
    folder = tmp_path_factory.mktemp("sound")
    with made(folder) as case:
        middle, region = point(case, 30, 24), case.regions[0].id
        reformat = whole(case, slice=None, plane="coronal", centre_mm=middle, extent_mm=(30.0, 20.0))
        slab = whole(case, [Outline(region, "orange"), Callout("1", region)], slab_mm=5.0, projection="max")
        recipe = figure(case, reformat, slab, whole(case))
        (folder / "figure.png").write_bytes(render(recipe, CaseSource(case)).png)
        export(case, folder / "out", ["sc"])
    return folder


def test_pixels_are_the_figure_s(sound: Path) -> None:
    page = np.asarray(Image.open(sound / "figure.png").convert("RGB"))
    first, second = (capture(sound / "out", name) for name in ("1-a", "1-b"))
    assert (first.PhotometricInterpretation, second.PhotometricInterpretation) == ("MONOCHROME2", "RGB")
    rows, columns = first.pixel_array.shape
    assert (page[:rows, :columns] == first.pixel_array[..., None]).all()
    left = next(
        x for x in range(columns, columns + 20) if (page[:rows, x : x + second.Columns] == second.pixel_array).all()
    )
    assert left - columns == pytest.approx(1.0 * 150 / 25.4, abs=1)  # the gap between panels
    assert not list((sound / "out").glob("*.1-c.sc.dcm"))


def test_what_is_told_of_them_is_true(sound: Path) -> None:
    image = pydicom.dcmread(sound / "images" / "a-0.dcm")
    for name, letters, words in (
        ("1-a", ["L", "F"], "(a) Coronal reformat of axial CT"),
        ("1-b", ["L", "P"], "(b) Axial CT, slice 3 of 5, MIP of a slab of 5 mm"),
    ):
        dataset = capture(sound / "out", name)
        for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "Modality"):
            assert dataset[keyword].value == image[keyword].value
        assert dataset.SeriesInstanceUID != image.SeriesInstanceUID
        assert dataset.PatientOrientation == letters
        assert dataset.DerivationDescription.startswith(words)
        assert dataset.BurnedInAnnotation == "NO"
        named = [one.ReferencedSOPInstanceUID for one in dataset.SourceImageSequence]
        assert named == [pydicom.dcmread(path).SOPInstanceUID for path in sorted((sound / "images").glob("*.dcm"))]
        assert (dataset.ConversionType, dataset.ImageType[:2]) == ("WSD", ["DERIVED", "SECONDARY"])
    reformat = capture(sound / "out", "1-a")
    assert float(reformat.PixelSpacing[0]) * reformat.Columns == pytest.approx(30.0)
    assert capture(sound / "out", "1-b").SeriesInstanceUID == reformat.SeriesInstanceUID


def test_a_picture_has_neither_size_nor_side_and_may_name_the_patient(tmp_path: Path) -> None:
    made_figures.images(tmp_path / "images")
    picture = io.BytesIO()
    Image.effect_noise((31, 21), 60).convert("RGB").save(picture, "PNG")
    (tmp_path / "cells.png").write_bytes(picture.getvalue())
    (tmp_path / "report.html").write_text(HTML)
    with callout.create_case(
        tmp_path / "a.callout", tmp_path / "images", tmp_path / "report.html", reader="r1"
    ) as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 1, np.ones(case.series[0].grid.shape[1:], bool))
        with pytest.raises(InputError, match="no figure shows a slice as it is"):
            export(case, tmp_path / "out", ["gsps"])
        export(case, tmp_path / "out", ["sc"])
    dataset = capture(tmp_path / "out", "2-1")
    assert "PixelSpacing" not in dataset
    assert "BurnedInAnnotation" not in dataset
    assert (dataset.Modality, dataset.PatientOrientation, dataset.PatientID) == ("OT", "", "P1")
    assert verify(tmp_path / "out") == []


def test_a_case_of_native_slices_has_none(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        with pytest.raises(InputError, match="every panel shows a slice as it is"):
            export(case, tmp_path / "out", ["sc"])
        assert any(text.startswith("sc: ") for text in export(case, tmp_path / "out", ["all"]).left_out)


def test_what_was_lost_or_burned_in_before_is_told(tmp_path: Path) -> None:
    with made(tmp_path, BurnedInAnnotation="YES", LossyImageCompression="01", LossyImageCompressionRatio=8) as case:
        figure(case, whole(case, slab_mm=5.0))
        export(case, tmp_path / "out", ["sc"], compression="deflated")
        export(case, tmp_path / "rle", ["sc"], compression="rle")
    for folder in ("out", "rle"):
        dataset = capture(tmp_path / folder, "1-a")
        assert (dataset.BurnedInAnnotation, dataset.LossyImageCompression, dataset.LossyImageCompressionRatio) == (
            "YES", "01", 8
        )  # fmt: skip
        assert verify(tmp_path / folder) == []


def test_the_same_figure_is_the_same_instance(sound: Path, tmp_path: Path) -> None:
    with callout.open_case(sound / "a.callout", reader="r2") as case:
        export(case, tmp_path / "out", ["sc"])
    for name in ("1-a", "1-b"):
        [one], [again] = (folder.glob(f"*.{name}.sc.dcm") for folder in (sound / "out", tmp_path / "out"))
        assert one.read_bytes() == again.read_bytes()


def _pixel(dataset: Dataset) -> None:
    data = bytearray(dataset.PixelData)
    data[1000] ^= 1
    dataset.PixelData = bytes(data)


def _turned(dataset: Dataset) -> None:
    dataset.PatientOrientation = ["R", "P"]


def _size(dataset: Dataset) -> None:
    dataset.PixelSpacing = [1, 1]


def _no_size(dataset: Dataset) -> None:
    del dataset.PixelSpacing


def _study(dataset: Dataset) -> None:
    dataset.StudyInstanceUID = "1.2.3"


def _source(dataset: Dataset) -> None:
    dataset.SourceImageSequence[0].ReferencedSOPInstanceUID = "1.2.3"


def _words(dataset: Dataset) -> None:
    dataset.DerivationDescription = "Axial CT"


def _burned_in(dataset: Dataset) -> None:
    dataset.BurnedInAnnotation = "YES"


def _wider(dataset: Dataset) -> None:
    dataset.Rows, dataset.Columns = dataset.Columns, dataset.Rows


FAULTS: dict[str, Callable[[Dataset], None]] = {
    fault.__name__[1:]: fault
    for fault in (_pixel, _turned, _size, _no_size, _study, _source, _words, _burned_in, _wider)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    assert verify(tmp_path / "out") == []
    [path] = (tmp_path / "out").glob("*.1-b.sc.dcm")
    dataset = pydicom.dcmread(path)
    FAULTS[fault](dataset)
    dataset.save_as(path)
    assert verify(tmp_path / "out")
