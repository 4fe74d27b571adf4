"""Figures as presentation states: what they show lies where the source images' own headers say, faults are found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_figures
import made_frames
import made_series
import numpy as np
import pydicom
import pytest
from made_figures import TURNED, figure, made, point, whole
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.errors import InputError
from callout.exports import export, verify
from callout.exports.graphics import MOST_POINTS, Graphic, layers_of
from callout.figures.recipe import Angle, Arrow, Arrowhead, Asterisk, Calipers, Callout, Ellipse, Fill, Outline
from callout.figures.render import compose
from callout.figures.source import CaseSource
from callout.figures.window import grey


def first_of(folder: Path) -> Path:
    """The state of the first panel of figure 1."""
    [path] = folder.glob("*.1-a.gsps.dcm")
    return path


def state(case: Case, folder: Path) -> Dataset:
    export(case, folder, ["gsps"])
    return pydicom.dcmread(first_of(folder))


def image_of(dataset: Dataset, folder: Path) -> Dataset:
    """The image that a state refers to."""
    uid = dataset.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID
    return next(one for one in map(pydicom.dcmread, sorted(folder.glob("*.dcm"))) if one.SOPInstanceUID == uid)


def in_patient(image: Dataset, pixels: Any) -> np.ndarray:
    """LPS mm of (column, row), (0, 0) the outer corner of the first pixel, by the image's own header."""
    cosines = np.array(image.ImageOrientationPatient, float).reshape(2, 3)
    rows, columns = (float(mm) for mm in image.PixelSpacing)
    place = np.array(pixels, float).reshape(-1, 2) - 0.5
    across, down = place[:, :1] * columns * cosines[0], place[:, 1:] * rows * cosines[1]
    return np.array(image.ImagePositionPatient, float) + across + down


@pytest.mark.parametrize("scan", TURNED)
def test_the_image_turned_and_cut_is_the_figure_and_markers_stand_where_they_did(scan: str, tmp_path: Path) -> None:
    with made(tmp_path, scan) as case:
        at, tip = point(case, 12, 20), point(case, 45, 33)
        drawn = [Callout("1", point_mm=at, place_mm=at), Arrow(tip_mm=tip, angle_deg=200.0)]
        recipe = figure(case, whole(case, drawn))
        dataset = state(case, tmp_path / "out")
        shown = compose(recipe, CaseSource(case))[0].groups[0].items[0].pixels
    assert (dataset.ImageRotation, dataset.ImageHorizontalFlip) == TURNED[scan][1]
    image = image_of(dataset, tmp_path / "images")
    values = image.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    turned = np.rot90(values, -int(dataset.ImageRotation) // 90)
    turned = np.fliplr(turned) if dataset.ImageHorizontalFlip == "Y" else turned
    [window] = dataset.SoftcopyVOILUTSequence
    levels = grey(turned, (float(window.WindowCenter), float(window.WindowWidth)))
    rows, columns = (
        np.clip(((np.arange(n) + 0.5) * m / n).astype(int), 0, m - 1)
        for n, m in zip(shown.shape, levels.shape, strict=True)
    )
    assert (levels[np.ix_(rows, columns)] == shown).mean() > 0.99  # a border may fall between two pixels
    [area] = dataset.DisplayedAreaSelectionSequence
    corners = {tuple(area.DisplayedAreaTopLeftHandCorner), tuple(area.DisplayedAreaBottomRightHandCorner)}
    assert sorted(sum(corners, ())) == [1, 1, made_figures.COLUMNS, made_figures.ROWS]
    [annotation] = dataset.GraphicAnnotationSequence
    [words], [arrow] = annotation.TextObjectSequence, annotation.GraphicObjectSequence
    assert np.linalg.norm(in_patient(image, words.AnchorPoint) - at) < 0.05
    outline = in_patient(image, arrow.GraphicData)
    assert np.linalg.norm(outline - tip, axis=1).min() < 1.5  # the tip is drawn back by 1.5 points
    assert (outline[0] == outline[-1]).all()
    assert verify(tmp_path / "out") == []


def test_a_part_of_the_image_is_shown(tmp_path: Path) -> None:
    with made(tmp_path, "prone") as case:
        figure(case, whole(case, centre_mm=point(case, 29.5, 19.5), extent_mm=(14.0, 16.0)))
        dataset = state(case, tmp_path / "out")
    [area] = dataset.DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaTopLeftHandCorner) == [30, 40]  # of the image as stored: the last are shown first
    assert list(area.DisplayedAreaBottomRightHandCorner) == [11, 21]
    assert area.PresentationSizeMode == "SCALE TO FIT"
    assert [float(mm) for mm in area.PresentationPixelSpacing] == [0.8, 0.7]


def everything(case: Case) -> list[Any]:
    first, second = (region.id for region in case.regions)
    return [
        Outline(first, "orange"),
        Outline(second, "sky blue", dash="dashed"),
        Fill(second),
        Ellipse((point(case, 50, 30), point(case, 50, 34), point(case, 53, 30))),
        Callout("1", first),
        Asterisk(point_mm=point(case, 50, 40)),
        Arrow(second),
        Arrowhead(tip_mm=point(case, 8, 8)),
        Calipers(ends_mm=(point(case, 30, 5), point(case, 30, 25))),
        Angle((point(case, 14, 30), point(case, 14, 20), point(case, 24, 20))),
    ]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with one of everything that can be drawn, and one of another slice, exported to `out`."""
    folder = tmp_path_factory.mktemp("sound")
    with made(folder, "prone") as case:
        figure(case, whole(case, everything(case)))
        figure(case, whole(case, slice=1), label="2")
        export(case, folder / "out", ["gsps"])
    return folder


def test_all_that_is_drawn_is_in_layers_with_the_findings_it_shows(sound: Path) -> None:
    dataset = pydicom.dcmread(first_of(sound / "out"))
    held = {
        annotation.GraphicLayer: (
            [one.UnformattedTextValue for one in annotation.get("TextObjectSequence", [])],
            [one.GraphicFilled for one in annotation.get("GraphicObjectSequence", [])],
            {one.get("TrackingID") for one in annotation.get("GraphicObjectSequence", [])},
        )
        for annotation in dataset.GraphicAnnotationSequence
    }
    assert held == {
        "OUTLINES 1": ([], ["N", "N"], {"left nodule"}),  # the fill, and its hole
        "OUTLINES 2": ([], ["N"], {"left cavity"}),
        "OUTLINES 3": ([], ["N", "N"], {"left nodule"}),
        "OUTLINES 4": ([], ["N"], {None}),
        "MARKERS 5": (["14 mm", "90°", "1", "*"], ["N"] * 4 + ["Y", "Y"], {None, "left nodule"}),
    }
    assert [layer.GraphicLayer for layer in dataset.GraphicLayerSequence] == list(held)
    assert (dataset.ContentLabel, dataset.ContentDescription) == ("FIGURE 1 A", "Figure 1, panel a")
    assert dataset.ContentCreatorName == "r1"


def test_the_patient_and_study_are_the_image_s_and_nothing_else_is_told(sound: Path) -> None:
    dataset = pydicom.dcmread(first_of(sound / "out"))
    image = image_of(dataset, sound / "images")
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate"):
        assert dataset[keyword].value == image[keyword].value
    assert dataset.SeriesInstanceUID != image.SeriesInstanceUID
    assert str(sound) not in (sound / "out" / "receipt.json").read_text()


def test_the_same_figure_is_the_same_instance_and_another_one_is_another(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        uids = []
        for n, window in enumerate([(40.0, 400.0), (40.0, 400.0), (50.0, 400.0)]):
            figure(case, whole(case, window=window))
            export(case, tmp_path / str(n), ["gsps"])
            files = [pydicom.dcmread(path) for path in sorted((tmp_path / str(n)).glob("*.dcm"))]
            uids.append([(one.SeriesInstanceUID, one.SOPInstanceUID) for one in files])
        whole_files = [sorted((tmp_path / str(n)).glob("*.dcm")) for n in (0, 1)]
    assert [path.read_bytes() for path in whole_files[0]] == [path.read_bytes() for path in whole_files[1]]
    assert uids[0] == uids[1]
    assert not {uid for pair in uids[2][:1] for uid in pair} & {uid for pair in uids[0] for uid in pair}


def test_panels_of_one_figure_are_one_series(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        figure(case, whole(case), whole(case, slice=1))
        figure(case, whole(case, slice=3), label="2")
        export(case, tmp_path / "out", ["gsps"])
    files = [pydicom.dcmread(path) for path in sorted((tmp_path / "out").glob("*.dcm"))]
    assert [path.name.split(".", 1)[1] for path in sorted((tmp_path / "out").glob("*.dcm"))] == [
        "1-a.gsps.dcm", "1-b.gsps.dcm", "2-a.gsps.dcm"
    ]  # fmt: skip
    assert [one.InstanceNumber for one in files] == [1, 2, 1]
    assert files[0].SeriesInstanceUID == files[1].SeriesInstanceUID != files[2].SeriesInstanceUID


@pytest.mark.parametrize(("kind", "frame"), [("enhanced", 3), ("mosaic", None)])
def test_frames_are_named_and_tiles_of_a_mosaic_are_no_images(kind: str, frame: int | None, tmp_path: Path) -> None:
    single = [made_series.image(k, modality="MR") for k in range(4)]
    for k, one in enumerate(single):
        one.Rows, one.Columns = made_figures.ROWS, made_figures.COLUMNS
        one[0x7FE00010].value = made_series.pixels(k, made_figures.ROWS, made_figures.COLUMNS).tobytes()
    made_series.write(getattr(made_frames, kind)(single), tmp_path / "images" / "a.dcm")
    with made_figures.case_on(tmp_path) as case:
        figure(case, whole(case, [Callout("1", case.regions[0].id)]))
        figure(case, whole(case), label="2")
        if frame is None:
            with pytest.raises(InputError, match="no figure shows a slice as it is"):
                export(case, tmp_path / "out", ["gsps"])
            export(case, tmp_path / "out", ["sc"])
        else:
            export(case, tmp_path / "out", ["gsps"])
            dataset = pydicom.dcmread(first_of(tmp_path / "out"))
            [image] = dataset.GraphicAnnotationSequence[0].ReferencedImageSequence
            assert image.ReferencedFrameNumber == frame
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(("interpretation", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")])
def test_monochrome1_is_turned_over_and_narrow_windows_are_exact(
    interpretation: str, shape: str, inverted: bool, tmp_path: Path
) -> None:
    with made(tmp_path, PhotometricInterpretation=interpretation) as case:
        figure(case, whole(case, window=(40.0, 0.5), inverted=inverted))
        dataset = state(case, tmp_path / "out")
    assert (dataset.PresentationLUTShape == shape) != inverted
    assert dataset.SoftcopyVOILUTSequence[0].VOILUTFunction == "LINEAR_EXACT"
    assert verify(tmp_path / "out") == []


def test_a_panel_whose_markers_stand_beyond_its_image_leaves_as_a_capture(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        beyond = point(case, -8, 20)
        figure(case, whole(case, [Callout("1", point_mm=beyond, place_mm=beyond)], extent_mm=(60.0, 80.0)))
        figure(case, whole(case), label="2")
        export(case, tmp_path / "out", ["gsps", "sc"])
    assert [path.name.split(".", 1)[1] for path in sorted((tmp_path / "out").glob("*.dcm"))] == [
        "1-a.sc.dcm", "2-a.gsps.dcm"
    ]  # fmt: skip


def test_a_line_too_long_for_a_file_is_several_that_join() -> None:
    points = np.random.default_rng(0).random((20_000, 2))
    [layer] = layers_of([Graphic(points, (255, 255, 255), is_marker=False)])
    assert max(len(one.points) for one in layer.lines) == MOST_POINTS
    joined = np.concatenate([layer.lines[0].points, *(one.points[1:] for one in layer.lines[1:])])
    assert (joined == points).all()
    assert all((a.points[-1] == b.points[0]).all() for a, b in zip(layer.lines, layer.lines[1:], strict=False))


def test_a_case_without_figures_has_none(tmp_path: Path) -> None:
    made_figures.images(tmp_path / "images")
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 1, np.ones(case.series[0].grid.shape[1:], bool))
        for name in ("gsps", "sc"):
            with pytest.raises(InputError, match="the case has no figures"):
                export(case, tmp_path / "out", [name])
        told = export(case, tmp_path / "out", ["all"]).left_out
    assert {text.partition(":")[0] for text in told} >= {"gsps", "sc"}


def test_a_figure_that_nothing_shows_is_told(tmp_path: Path) -> None:
    with made(tmp_path) as case:
        figure(case, whole(case))
        figure(case, "lost.png", label="2")
        notes = export(case, tmp_path / "out", ["gsps"]).notes
    assert any("figure 2 is left out: the case has no such picture" in note for note in notes)


Fault = Callable[[Dataset], None]


def _marker(dataset: Dataset) -> Dataset:
    annotation: Dataset = dataset.GraphicAnnotationSequence[-1]
    return annotation


def _moved_number(dataset: Dataset) -> None:
    words = _marker(dataset).TextObjectSequence[1]
    words.AnchorPoint = [words.AnchorPoint[0] + 0.1, words.AnchorPoint[1]]


def _moved_box(dataset: Dataset) -> None:
    words = _marker(dataset).TextObjectSequence[1]
    words.BoundingBoxTopLeftHandCorner = [words.BoundingBoxTopLeftHandCorner[0], 0.5]


def _moved_arrow(dataset: Dataset) -> None:
    arrow = _marker(dataset).GraphicObjectSequence[-1]
    arrow.GraphicData = [value + 0.1 for value in arrow.GraphicData]


def _one_point(dataset: Dataset) -> None:
    line = dataset.GraphicAnnotationSequence[0].GraphicObjectSequence[0]
    middle = sorted(range(0, len(line.GraphicData), 2), key=lambda n: line.GraphicData[n])[len(line.GraphicData) // 4]
    line.GraphicData[middle] += 0.02


def _filled(dataset: Dataset) -> None:
    dataset.GraphicAnnotationSequence[0].GraphicObjectSequence[0].GraphicFilled = "Y"


def _other_number(dataset: Dataset) -> None:
    _marker(dataset).TextObjectSequence[1].UnformattedTextValue = "2"


def _other_finding(dataset: Dataset) -> None:
    _marker(dataset).TextObjectSequence[1].TrackingUID = "1.2.3"


def _other_name(dataset: Dataset) -> None:
    _marker(dataset).TextObjectSequence[1].TrackingID = "right cavity"


def _lost_number(dataset: Dataset) -> None:
    del _marker(dataset).TextObjectSequence[0]


def _lost_layer(dataset: Dataset) -> None:
    del dataset.GraphicAnnotationSequence[0]


def _colour(dataset: Dataset) -> None:
    dataset.GraphicLayerSequence[0].GraphicLayerRecommendedDisplayCIELabValue = [40000, 20000, 20000]


def _display_units(dataset: Dataset) -> None:
    _marker(dataset).TextObjectSequence[0].AnchorPointAnnotationUnits = "DISPLAY"


def _window(dataset: Dataset) -> None:
    dataset.SoftcopyVOILUTSequence[0].WindowCenter += 1


def _function(dataset: Dataset) -> None:
    dataset.SoftcopyVOILUTSequence[0].VOILUTFunction = "SIGMOID"


def _rescale(dataset: Dataset) -> None:
    dataset.RescaleIntercept = 0


def _inverted(dataset: Dataset) -> None:
    dataset.PresentationLUTShape = "INVERSE"


def _flipped(dataset: Dataset) -> None:
    dataset.ImageHorizontalFlip = "Y"


def _rotated(dataset: Dataset) -> None:
    dataset.ImageRotation = 0


def _part(dataset: Dataset) -> None:
    dataset.DisplayedAreaSelectionSequence[0].DisplayedAreaTopLeftHandCorner[0] -= 1


def _image(dataset: Dataset) -> None:
    other = made_series.uid("image", "a", 3)
    for element in dataset.iterall():
        if element.keyword == "ReferencedSOPInstanceUID":
            element.value = other


def _image_of_the_window(dataset: Dataset) -> None:
    other = made_series.uid("image", "a", 3)
    dataset.SoftcopyVOILUTSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID = other


def _series(dataset: Dataset) -> None:
    dataset.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"


def _study(dataset: Dataset) -> None:
    dataset.StudyInstanceUID = "1.2.3"


def _title(dataset: Dataset) -> None:
    dataset.ContentDescription = "Figure 2"


FAULTS = {
    name[1:]: fault
    for name, fault in list(globals().items())
    if name.startswith("_") and not name.startswith("__") and name != "_marker" and callable(fault)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound / "out", tmp_path / "out")
    dataset = pydicom.dcmread(first_of(tmp_path / "out"))
    assert verify(tmp_path / "out") == []
    FAULTS[fault](dataset)
    dataset.save_as(first_of(tmp_path / "out"))
    assert verify(tmp_path / "out")


def test_the_receipt_is_small(sound: Path) -> None:
    [entry, _] = json.loads((sound / "out" / "receipt.json").read_text())["files"]
    assert len(json.dumps(entry)) < 8000
