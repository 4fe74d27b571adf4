"""Measurements out of a case, as a table and as JSON."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import made_series
import made_stacks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_stacks import box
from pydicom.dataset import Dataset

import callout
from callout.case import Case
from callout.exports import verify
from callout.masks import measure

REPORT = "A case.\n\nThere is a cavity in the left lung (Figure 1).\n\nFigure 1. Axial CT shows a cavity (1).\n"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    report = tmp_path / "report.txt"
    report.write_text(REPORT)
    case = made_stacks.case(tmp_path, "oblique", report)
    made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)), box((2, 5), (4, 6), (2, 5)))
    for finding in case.findings[:1]:
        case.link(finding, "1:#1")
    return case


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_both_hold_what_is_measured_with_its_place_and_words(case: Case, tmp_path: Path) -> None:
    files = callout.export(case, tmp_path / "out", to=["csv", "json"]).files
    lines, rows = table(files[0]), json.loads(files[1].read_text("utf-8"))["regions"]
    voxels = callout.load(case.series[0]).voxels
    for region, line, row in zip(case.regions, lines, rows, strict=True):
        wanted = measure(case.region_mask(region), case.series[0].grid, voxels)
        assert wanted is not None
        for key in ("volume_mm3", "long_axis_mm", "short_axis_mm", "mean", "sd", "median", "percentile_90"):
            assert row[key] == pytest.approx(getattr(wanted, key), abs=5e-4)
            assert float(line[key]) == row[key]
        assert int(line["slice"]) == row["slice"] == wanted.slice
        assert float(line["craniocaudal_mm"]) == pytest.approx(wanted.extent_mm["craniocaudal"], abs=5e-4)
        assert line["region_id"] == row["region_id"] == region.id
        assert line["tracking_uid"] == case.finding(region.finding_id).tracking_uid
    assert [line["phrases"] for line in lines] == ["cavity", ""]
    assert rows[0]["phrases"] == [{"mention": "1:#1", "text": "cavity"}]
    assert [line["laterality"] for line in lines] == ["", "left"]
    assert verify(tmp_path / "out") == []


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=40)
def test_no_cell_begins_a_formula(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder, made_stacks.case(Path(folder)) as case:
        region = case.add_region(case.add_finding("nodule", name=name), case.series[0].id)
        case.set_mask(region, box((0, 1), (0, 2), (0, 2)))
        [line] = table(callout.export(case, Path(folder, "out"), to=["csv"]).files[0])
    assert line["name"].lstrip("'") == name.replace("\0", "").lstrip("'") or not name.strip()
    texts = [cell for key, cell in line.items() if not key.endswith(("_mm", "mean", "sd", "median", "_10", "_90"))]
    assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_marks_that_are_not_exported_are_named(case: Case, tmp_path: Path) -> None:
    points = [(0.0, 0.0, 0.0), (5.0, 0.0, 0.0)]
    for _ in range(2):
        case.add_mark(case.findings[0], "calipers", points, series_id=case.series[0].id)
    label = case.findings[0].label
    exported = callout.export(case, tmp_path / "out", to=["seg"])
    assert exported.left_out == (f"marks (calipers of {label}): csv, json, sr, gsps, sc hold them",)
    assert callout.export(case, tmp_path / "gsps", to=["gsps"]).left_out == ()
    assert callout.export(case, tmp_path / "csv", to=["csv"]).left_out == ()


def test_a_changed_number_is_found(case: Case, tmp_path: Path) -> None:
    files = callout.export(case, tmp_path / "out", to=["csv", "json"]).files
    for path in files[:2]:
        before = path.read_bytes()
        volume = str(json.loads(files[1].read_text("utf-8"))["regions"][1]["volume_mm3"])
        head, _, tail = before.rpartition(f"{volume},".encode())  # a UID may hold the digits
        path.write_bytes(head + f"1{volume},".encode() + tail)
        problems = verify(tmp_path / "out")
        assert {problem.file for problem in problems} == {path.name}
        assert any("2 left nodule: volume_mm3 is" in problem.message for problem in problems)
        path.write_bytes(before)
    lines = files[0].read_text("utf-8").splitlines(keepends=True)
    files[0].write_text("".join(lines[:-1]), "utf-8")
    assert "has 1 regions, expected 2" in [problem.message for problem in verify(tmp_path / "out")]


def test_images_without_a_pixel_size_have_no_sizes(tmp_path: Path) -> None:
    def change(data_set: Dataset, _: int) -> None:
        del data_set.PixelSpacing

    made_series.series(tmp_path / "images", made_stacks.SHAPE[0], change)
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        made_stacks.draw(case, box((0, 2), (0, 2), (0, 2)))
        exported = callout.export(case, tmp_path / "out", to=["csv"])
        [line] = table(exported.files[0])
        assert [line[key] for key in ("volume_mm3", "long_axis_mm", "transverse_mm")] == [""] * 3
        assert line["mean"]
        assert any("sizes are left out" in note for note in exported.notes)


def test_without_images_there_are_no_intensities(case: Case, tmp_path: Path) -> None:
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    exported = callout.export(case, tmp_path / "out", to=["json"])
    rows = json.loads(exported.files[0].read_text("utf-8"))["regions"]
    assert [row["mean"] for row in rows] == [None, None]
    assert np.all([row["volume_mm3"] > 0 for row in rows])
    assert any("mean and sd are left out" in note for note in exported.notes)


def stored(folder: Path, name: str, values: np.ndarray, **facts: object) -> None:
    """A series of CT with these samples, (k, j, i)."""

    def change(data_set: Dataset, k: int) -> None:
        data_set.PixelData = values[k].astype(np.uint16).tobytes()
        for keyword, value in facts.items():
            setattr(data_set, keyword, value)

    made_series.series(folder, len(values), change, name=name)


def rows_of(case: Case, folder: Path) -> list[dict[str, Any]]:
    path = callout.export(case, folder / "out", to=["json"]).files[0]
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["regions"]
    return rows


def test_the_largest_region_of_a_finding_is_the_one_it_is_measured_on(tmp_path: Path) -> None:
    """However large it is on a scout, where nothing is measured."""
    flat = np.full(made_stacks.SHAPE, 1000)
    stored(tmp_path / "images", "a", flat)
    stored(tmp_path / "images", "b", flat, SeriesDescription="scout", PixelSpacing=[9.0, 9.0])
    stored(tmp_path / "images", "c", flat, PixelSpacing=[0.5, 0.5])
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        finding = case.add_finding("nodule")
        for series in case.series:
            case.set_mask(case.add_region(finding, series.id), box((1, 3), (1, 4), (1, 4)))
        rows = rows_of(case, tmp_path)
        [counts] = [row for row in rows if row["is_reference"]]
        assert counts["volume_mm3"] == pytest.approx(18 * 2.5 * 0.8 * 0.7)
        [scout] = [row for row in rows if row["series"].endswith("scout")]
        for key in ("volume_mm3", "long_axis_mm", "long_axis_ends", "extent_mm", "mean", "median", "max_wall_mm"):
            assert scout[key] is None
        assert scout["voxels"] == 18


def test_a_cavity_has_a_wall_where_it_was_drawn_with_one(tmp_path: Path) -> None:
    values = np.full(made_stacks.SHAPE, 1064)  # 40 HU
    values[2:4, 2:4, 2:3] = 24  # −1000 HU
    stored(tmp_path / "images", "a", values)
    with callout.create_case(tmp_path / "a.callout", tmp_path / "images", reader="r1") as case:
        wide, lumen = box((1, 5), (0, 6), (0, 5)), values < 100
        for name, mask in (("cavity", wide), ("nodule", wide), ("cavity", lumen)):
            case.set_mask(case.add_region(case.add_finding(name), case.series[0].id), mask)
        whole, other, alone = rows_of(case, tmp_path)
        voxel = 2.5 * 0.8 * 0.7
        assert whole["gas_mm3"] == pytest.approx(4 * voxel)
        assert whole["solid_mm3"] == pytest.approx(116 * voxel)
        assert whole["max_wall_mm"] == pytest.approx(np.linalg.norm([2.5, 1.6, 1.4]), abs=5e-4)  # to a corner
        assert whole["long_axis_mm"] > alone["long_axis_mm"]
        for row in (other, alone):
            assert [row[key] for key in ("max_wall_mm", "wall_ends", "gas_mm3", "solid_mm3")] == [None] * 4
        [line, *_] = table(callout.export(case, tmp_path / "csv", to=["csv"]).files[0])
        assert float(line["gas_mm3"]) == whole["gas_mm3"]
