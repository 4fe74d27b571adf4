"""Images that moved: found again by what they are, never by what they are called."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import made_cases
import made_series
import numpy as np
import pytest

import callout
from callout.errors import EditRefused, InputError, NoImages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    with made_cases.case(home) as case:
        region = case.add_region(case.add_finding("cavity"), case.series[0].id)
        case.paint(region, 2, made_cases.plane((1, 1)))
        return case.path


def test_a_case_opens_without_its_images_and_finds_them_again_under_other_names(path: Path, tmp_path: Path) -> None:
    before = callout.load(callout.open_case(path, read_only=True).series[0]).voxels
    away = tmp_path / "away" / "deep"
    away.mkdir(parents=True)
    for number, image in enumerate(sorted((path.parent / "images").iterdir(), reverse=True)):
        shutil.move(image, away / f"{number}.x")
    with callout.open_case(path) as case:
        assert case.images_missing == (case.series[0].id,)
        assert case.mask(case.regions[0]).sum() == 1
        with pytest.raises(InputError, match="bring the folder back"):
            callout.load(case.series[0])
        assert case.relink(tmp_path / "away").found == (case.series[0].id,)
        edits = case.history
    with callout.open_case(path, at=1) as case:  # places are of today, also in the past
        assert not case.images_missing
        assert np.array_equal(callout.load(case.series[0]).voxels, before)
    with callout.open_case(path) as case:
        assert case.history == edits


def test_images_that_move_along_with_the_case_are_found_without_a_word(path: Path, tmp_path: Path) -> None:
    shutil.move(path.parent, tmp_path / "elsewhere")
    with callout.open_case(tmp_path / "elsewhere" / "a.callout", read_only=True) as case:
        assert not case.images_missing
        assert callout.load(case.series[0]).voxels.shape == (4, 6, 5)


def other_series(folder: Path) -> None:
    made_series.series(folder, name="b")


def one_image_short(folder: Path) -> None:
    made_series.series(folder)[1].unlink()


def moved_patient(folder: Path) -> None:
    made_series.series(
        folder, change=lambda image, k: made_series.setting(ImagePositionPatient=[50, 0, 2.5 * k])(image, k)
    )


@pytest.mark.parametrize(
    ("make", "reason"),
    [(other_series, "4 of its 4"), (one_image_short, "1 of its 4"), (moved_patient, "another geometry")],
)
def test_other_images_are_refused_and_nothing_changes(path: Path, tmp_path: Path, make, reason: str) -> None:
    make(tmp_path / "other")
    before = path.read_bytes()
    with callout.open_case(path) as case:
        with pytest.raises(InputError, match=reason):
            case.relink(tmp_path / "other")
        assert not case.images_missing
    assert path.read_bytes() == before


def test_relinking_wants_images_and_a_case_to_write(path: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with callout.open_case(path) as case, pytest.raises(NoImages):
        case.relink(tmp_path / "empty")
    with callout.open_case(path, read_only=True) as case, pytest.raises(EditRefused, match="look only"):
        case.relink(path.parent / "images")


def test_series_that_are_there_are_found_beside_others_that_are_not(tmp_path: Path) -> None:
    made_series.series(tmp_path / "images", name="a")
    made_series.series(tmp_path / "images", name="b")
    callout.create_case(tmp_path / "a.callout", tmp_path / "images").close()
    (tmp_path / "images").rename(tmp_path / "moved")
    for image in (tmp_path / "moved").glob("b-*"):
        image.unlink()
    with callout.open_case(tmp_path / "a.callout") as case:
        result = case.relink(tmp_path / "moved")
        assert len(result.found) == len(result.missing) == 1
        assert case.images_missing == (result.missing[0][0],)


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_a_folder_whose_name_is_no_unicode_holds_a_case_and_images(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff\xe4")
    folder.mkdir()
    with made_cases.case(folder) as case:
        assert case.images_missing == ()
        (folder / "images").rename(folder / "b")
        case.relink(folder / "b")
    with callout.open_case(folder / "a.callout", read_only=True) as case:
        assert case.images_missing == ()
        callout.load(case.series[0])
