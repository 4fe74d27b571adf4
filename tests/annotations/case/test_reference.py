"""Which of a finding's regions it is measured on: its reader's choice, kept, undone, told alike everywhere."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import made_stacks
import numpy as np
import pytest
from made_stacks import box
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.case.matching import proposals
from callout.cli.cases import case_json
from callout.errors import CaseDamaged, EditRefused, InputError
from callout.figures.pictured import pictured

REPORT = "A case.\n\nFigure 1. Axial CT shows a nodule (1) of 4 mm.\n"
SMALL, LARGE, SCOUT = "a", "b", "c"


def images(folder: Path, name: str, **facts: Any) -> None:
    import made_series

    def change(data_set: Dataset, k: int) -> None:
        data_set.PixelData = np.full(made_stacks.SHAPE[1:], 1000, np.uint16).tobytes()
        data_set.SeriesDescription = name
        for keyword, value in facts.items():
            setattr(data_set, keyword, value)

    made_series.series(folder / "images", made_stacks.SHAPE[0], change, name=name)


@pytest.fixture
def case(tmp_path: Path):
    """A nodule on two series, larger on the second one, and on a scout."""
    images(tmp_path, SMALL, PixelSpacing=[0.5, 0.5])
    images(tmp_path, LARGE, PixelSpacing=[0.8, 0.8])
    images(tmp_path, SCOUT, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    (tmp_path / "report.txt").write_text(REPORT)
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", tmp_path / "report.txt", reader="r1") as made:
        finding = made.add_finding("nodule")
        made.link(finding, "1:1")
        for series in made.series:
            made.set_mask(made.add_region(finding, series.id), box((1, 3), (1, 4), (1, 4)))
        yield made


def series_id(case: Case, name: str) -> str:
    return next(one.id for one in case.series if one.description == name)


def told(case: Case, folder: Path) -> set[str]:
    """The one region that measures as `show`, CSV and JSON tell it: the name of its series."""
    files = callout.export(case, folder, to=["csv", "json"]).files
    with files[0].open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = [row for row in csv.DictReader(file) if row["is_reference"]]
    rows += [row for row in json.loads(files[1].read_text("utf-8"))["regions"] if row["is_reference"]]
    rows += [row for row in case_json(case, intensities=False)["regions"] if row["is_reference"]]
    assert len(rows) == 3
    return {case.series_of(row["series_id"]).description for row in rows}


def test_the_choice_holds_everywhere_and_is_undone(case: Case, tmp_path: Path) -> None:
    [finding], [figure] = case.findings, case.report.figures if case.report else ()

    def shown() -> str:
        return pictured(case, figure)[0].series.description

    assert (told(case, tmp_path / "1"), shown(), finding.reference) == ({LARGE}, LARGE, None)
    case.measure_on(finding, series_id(case, SMALL))
    assert case.history[-1].summary == f"measure nodule on {case.series_of(series_id(case, SMALL)).title}"
    assert (told(case, tmp_path / "2"), shown()) == ({SMALL}, SMALL)
    assert not any("stated" in reason for one in proposals(case) for reason in one.reasons)
    count = len(case.history)
    case.measure_on(finding.id, series_id(case, SMALL))
    assert len(case.history) == count  # nothing changed
    case.close()
    with callout.open_case(case.path, reader="r1") as again:
        assert asdict(again.findings[0])["reference"] == series_id(again, SMALL)
        again.undo()
        assert told(again, tmp_path / "3") == {LARGE}
        again.redo()
        again.measure_on(finding, None)
        assert told(again, tmp_path / "4") == {LARGE}


def test_a_reference_that_is_erased_counts_once_it_is_drawn_again(case: Case, tmp_path: Path) -> None:
    case.measure_on(case.findings[0], series_id(case, SMALL))
    [region] = [one for one in case.regions if one.series_id == series_id(case, SMALL)]
    case.set_mask(region, np.zeros(made_stacks.SHAPE, bool))
    assert told(case, tmp_path / "1") == {LARGE}
    case.undo()
    assert told(case, tmp_path / "2") == {SMALL}


def test_nothing_is_measured_where_nothing_can_be(case: Case) -> None:
    other, count = case.add_finding("cavity"), len(case.history) + 1
    for finding, series in ((other, SMALL), (case.findings[0], SCOUT)):
        with pytest.raises(EditRefused):
            case.measure_on(finding, series_id(case, series))
    with pytest.raises(InputError):
        case.measure_on(case.findings[0], "no such series")
    assert len(case.history) + 1 == count


def test_only_its_reader_chooses(case: Case) -> None:
    small = series_id(case, SMALL)
    case.close()
    with callout.open_case(case.path, reader="r2") as other, pytest.raises(EditRefused):
        other.measure_on(other.findings[0], small)


def test_a_case_that_measures_on_what_it_does_not_hold_is_refused(case: Case) -> None:
    finding = case.findings[0]
    case._change(finding, type(finding)(**asdict(finding) | {"reference": "1.2.3"}), "by a program that is not ours")
    case.close()
    with pytest.raises(CaseDamaged):
        callout.open_case(case.path)
    recovered = case.path.with_name("b.callout")
    callout.recover_case(case.path, recovered)
    with callout.open_case(recovered) as again:
        assert again.findings[0].reference is None
