"""Enhancement on T1, relative to chosen tissue: known signals give their ratio, everything else says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import made_series
import numpy as np
import pytest
from pydicom.dataset import Dataset

import callout
from callout.case import Case, Finding
from callout.cli import main
from callout.exports.enhancement import Enhancement, enhancement
from callout.figures.source import CaseSource

LESION, MUSCLE = (slice(1, 3), slice(0, 2), slice(0, 2)), (slice(1, 3), slice(3, 6), slice(2, 5))
BEFORE, AFTER = {"lesion": 200, "muscle": 100}, {"lesion": 600, "muscle": 120}


def write(
    folder: Path, name: str, signal: dict[str, int], count: int = 4, rows: int = 1, noise: int = 0, **facts: Any
) -> None:
    """T1 with two tissues of even signal; `rows`: how many rows and columns each one of the first series becomes.

    noise: slices at the bottom that hold something else.
    """

    def change(data_set: Dataset, k: int) -> None:
        shape = (made_series.ROWS, made_series.COLUMNS)
        plane = np.full(shape, 7, np.uint16)
        if k >= noise:
            plane[LESION[1:]], plane[MUSCLE[1:]] = signal["lesion"], signal["muscle"]
        plane = plane.repeat(rows, 0).repeat(rows, 1)
        data_set.PixelData = plane.tobytes()
        data_set.Rows, data_set.Columns = plane.shape
        spacing = np.array([0.8, 0.7])
        data_set.PixelSpacing = [round(float(mm), 6) for mm in spacing / rows]
        corner = np.array([-10.0, -20.0]) - (spacing[::-1] - spacing[::-1] / rows) / 2
        data_set.ImagePositionPatient = [round(float(mm), 6) for mm in (*corner, 2.5 * k)]
        data_set.RepetitionTime, data_set.EchoTime, data_set.ScanningSequence = 500, 10, "SE"
        for keyword, value in facts.items():
            setattr(data_set, keyword, value)

    made_series.series(folder, count, change, name=name, modality="MR")


def case_of(folder: Path) -> tuple[Case, Finding, Finding]:
    """Both tissues drawn on the series before contrast."""
    case = callout.create_case(folder / "a.callout", folder / "images", reader="r1")
    [before] = [one for one in case.series if one.contrast == "pre-contrast"]
    findings = []
    for place, name in ((LESION, "lesion"), (MUSCLE, "muscle")):
        mask = np.zeros(before.grid.shape, bool)
        mask[place] = True
        findings.append(case.add_finding("lesion", name=name))
        case.set_mask(case.add_region(findings[-1], before.id), mask)
    return case, findings[0], findings[1]


def told(case: Case, finding: Finding, tissue: Finding | None) -> Enhancement:
    [region] = [one for one in case.regions if one.finding_id == finding.id]
    return enhancement(CaseSource(case), region, tissue)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_rise_relative_to_muscle(tmp_path: Path, rows: int) -> None:
    """Also where the other series has smaller pixels: the image is looked up, the mask stays."""
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX T1 pre")
    write(tmp_path / "images", "b", AFTER, rows=rows, SeriesDescription="AX T1 +C")
    case, lesion, muscle = case_of(tmp_path)
    with case:
        found = told(case, lesion, muscle)
        assert found.ratio == pytest.approx((600 / 200) / (120 / 100))
        before, after = (case.series_of(name or "").contrast for name in (found.before, found.after))
        assert (before, after, found.relative_to, found.note) == ("pre-contrast", "post-contrast", muscle.id, "")
        assert told(case, muscle, muscle).ratio == 1.0
        alone = told(case, lesion, None)
        assert (alone.ratio, alone.note) == (None, "not comparable: no tissue is chosen to relate it to")


@pytest.mark.parametrize("of_after", [True, False])
def test_a_patient_who_moved_is_looked_up_where_a_reader_shifted_the_difference(tmp_path: Path, of_after: bool) -> None:
    """2.5 mm further up: without the shift every region would take up other tissue."""
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX T1 pre")
    write(tmp_path / "images", "b", AFTER, 5, noise=2, SeriesDescription="AX T1 +C")
    case, lesion, muscle = case_of(tmp_path)
    with case:
        before, after = sorted(case.series, key=lambda one: one.contrast == "post-contrast")
        assert told(case, lesion, muscle).ratio != 2.5
        if of_after:
            case.set_shift(after.id, before.id, (0.0, 0.0, 2.5))
        else:
            case.set_shift(before.id, after.id, (0.0, 0.0, -2.5))
        assert told(case, lesion, muscle).ratio == 2.5
        [region] = [one for one in case.regions if one.finding_id == lesion.id]
        mask = np.zeros(after.grid.shape, bool)
        mask[2:4, 0:2, 0:2] = True
        again = case.add_region(lesion, after.id)
        case.set_mask(again, mask)
        assert enhancement(CaseSource(case), again, muscle) == enhancement(CaseSource(case), region, muscle)


@pytest.mark.parametrize(
    ("facts", "count", "note"),
    [
        ({"RepetitionTime": 700}, 4, "RepetitionTime is 500 and 700"),
        ({"RescaleSlope": 2, "RescaleIntercept": 0}, 4, "RescaleSlope is 1 and 2"),
        ({"ScanOptions": "FS"}, 4, "fat is suppressed in one of them"),
        ({"FrameOfReferenceUID": "1.2.3.4"}, 4, "the series have different frames of reference"),
        ({"StudyInstanceUID": "1.2.3.4"}, 4, "there is no post-contrast T1 of this plane"),
        ({"RepetitionTime": 4000, "EchoTime": 90}, 4, "there is no post-contrast T1 of this plane"),
        ({}, 2, "it reaches beyond the other series"),
    ],
)
def test_what_can_not_be_compared_says_why(tmp_path: Path, facts: dict[str, Any], count: int, note: str) -> None:
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX T1 pre")
    write(tmp_path / "images", "b", AFTER, count, SeriesDescription="AX T1 +C", **facts)
    case, lesion, muscle = case_of(tmp_path)
    with case:
        found = told(case, lesion, muscle)
        assert (found.ratio, found.note) == (None, f"not comparable: {note}")


def test_stir_and_ct_are_no_place_to_look(tmp_path: Path) -> None:
    stir = {"RepetitionTime": 4500, "EchoTime": 50, "InversionTime": 160, "ScanningSequence": ["SE", "IR"]}
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX STIR pre", **stir)
    write(tmp_path / "images", "b", AFTER, SeriesDescription="AX STIR +C", **stir)
    case, lesion, muscle = case_of(tmp_path)
    with case:
        assert told(case, lesion, muscle).note == "not comparable: enhancement is seen on T1 only"
    made_series.series(tmp_path / "ct")
    with callout.create_case(tmp_path / "ct.callout", tmp_path / "ct", reader="r1") as other:
        region = other.add_region(other.add_finding("lesion"), other.series[0].id)
        assert enhancement(CaseSource(other), region, None) == Enhancement()


def test_tissue_that_is_drawn_elsewhere_and_images_that_are_gone(tmp_path: Path) -> None:
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX T1 pre")
    write(tmp_path / "images", "b", AFTER, SeriesDescription="AX T1 +C")
    case, lesion, _ = case_of(tmp_path)
    with case:
        nowhere = case.add_finding("lesion", name="fat")
        assert told(case, lesion, nowhere).note == "not comparable: fat is not drawn within both series"
        for path in (tmp_path / "images").iterdir():
            path.unlink()
        assert told(case, lesion, lesion).note == "the images can't be read"


def test_people_and_programs_are_told_by_measure(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(tmp_path / "images", "a", BEFORE, SeriesDescription="AX T1 pre")
    write(tmp_path / "images", "b", AFTER, SeriesDescription="AX T1 +C")
    case, lesion, muscle = case_of(tmp_path)
    case.close()
    command = ["measure", str(tmp_path / "a.callout"), "--relative-to", muscle.id]
    assert main([*command, "--json"]) == 0
    one, other = json.loads(capfdbinary.readouterr().out)["regions"]
    assert (one["finding_id"], one["enhancement"]["ratio"], other["enhancement"]["ratio"]) == (lesion.id, 2.5, 1.0)
    assert main(command) == 0
    [line] = [line for line in capfdbinary.readouterr().out.decode().splitlines() if " 2.50 " in line]
    assert "AX T1 pre" in line
    assert "AX T1 +C" in line
    assert main(command[:2]) == 0
    assert b"no tissue is chosen" in capfdbinary.readouterr().out
