"""Marks out of a case, on slices and on pictures of its report, as rows of a table and of JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_stacks
import numpy as np
import pytest
from made_stacks import box
from PIL import Image

import callout
from callout.case import Case
from callout.cli import main
from callout.errors import InputError
from callout.exports import verify

REPORT = """<html><body><h1>A case</h1><p>There is a cavity.</p>
<figure><img src="cells.png"><figcaption>Figure 1. Histology shows a granuloma (1).</figcaption></figure>
</body></html>"""
PICTURE = [("point", [(3, 4)]), ("calipers", [(3, 4), (6, 8)]), ("angle", [(10, 0), (0, 0), (0, 5)])]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """With a finding of each kind of mark on slice 2 of a tilted stack, and one on a picture; nothing is painted."""
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "cells.png")
    (tmp_path / "report.html").write_text(REPORT, encoding="utf-8")
    with made_stacks.case(tmp_path, "oblique", tmp_path / "report.html") as one:
        series = one.series[0]
        finding = one.add_finding("cavity", laterality="left")
        for kind, voxels in ON_SLICE.items():
            points = series.grid.points(np.array([(2, *place) for place in voxels], float)).tolist()
            one.add_mark(finding, kind, points, series_id=series.id)
        words = one.mention("1:#1")
        other = one.add_finding(words.concept)
        one.link(other, words)
        for kind, pixels in PICTURE:
            one.add_mark(other, kind, pixels, picture="cells.png")
        yield one


ON_SLICE = {
    "point": [(2, 3)],
    "arrow": [(2, 3), (4, 5)],
    "calipers": [(1, 1), (1, 5)],
    "angle": [(1, 4), (1, 1), (4, 1)],
    "ellipse": [(3, 3), (3, 5), (5, 3)],
}


def of(rows: list[dict[str, Any]], kind: str, where: str) -> dict[str, Any]:
    [row] = [row for row in rows if row["kind"] == kind and row[where]]
    return row


def test_each_mark_is_a_row_with_its_place_and_what_it_measures(case: Case, tmp_path: Path) -> None:
    exported = callout.export(case, tmp_path / "out", to=["csv", "json"])
    document = json.loads((tmp_path / "out" / "measurements.json").read_text("utf-8"))
    rows, grid = document["marks"], case.series[0].grid
    assert document["regions"] == []
    assert exported.left_out == ()
    assert [row["mark_id"] for row in rows] == [mark.id for mark in case.marks]
    assert all(row["slice"] == 2 for row in rows if row["series_id"])
    across, down = grid.spacing[2], grid.spacing[1]
    assert of(rows, "calipers", "series_id")["length_mm"] == pytest.approx(4 * across, abs=2e-3)
    assert of(rows, "angle", "series_id")["angle_deg"] == pytest.approx(90, abs=2e-3)
    ellipse = of(rows, "ellipse", "series_id")
    assert ellipse["area_mm2"] == pytest.approx(math.pi * 4 * across * down, rel=1e-3)
    height, width = grid.shape[1:]
    inside = [(j, i) for j in range(height) for i in range(width) if (j - 3) ** 2 + (i - 3) ** 2 <= 4]
    values = np.array([callout.load(case.series[0]).voxels[2][place] for place in inside], float)
    assert (ellipse["pixels"], ellipse["unit"]) == (len(inside), "HU")
    assert [ellipse["mean"], ellipse["sd"]] == pytest.approx([values.mean(), values.std()], abs=1e-3)
    length = of(rows, "calipers", "picture")
    assert (length["length_px"], length["length_mm"], length["points_px"]) == (5.0, None, [[3.0, 4.0], [6.0, 8.0]])
    assert length["phrases"] == [{"mention": "1:#1", "text": "granuloma"}]
    assert of(rows, "angle", "picture")["angle_deg"] == 90.0
    assert of(rows, "point", "series_id")["words"] == ""


def test_a_table_has_the_same_in_lines_after_those_of_regions(case: Case, tmp_path: Path) -> None:
    made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)))
    callout.export(case, tmp_path / "out", to=["csv", "json"])
    rows = json.loads((tmp_path / "out" / "measurements.json").read_text("utf-8"))["marks"]
    with (tmp_path / "out" / "measurements.csv").open(encoding="utf-8", newline="") as file:
        region, *lines = csv.DictReader(file)
    assert (region["kind"], region["mark_id"], region["length_mm"], region["points"]) == ("region", "", "", "")
    for line, row in zip(lines, rows, strict=True):
        assert (line["kind"], line["mark_id"], line["picture"]) == (row["kind"], row["mark_id"], row["picture"] or "")
        assert line["volume_mm3"] == line["region_id"] == ""
        for name in ("length_mm", "length_px", "angle_deg", "area_mm2", "mean"):
            assert line[name] == ("" if row[name] is None else repr(row[name]))
        assert json.loads(line["points"]) == (row["points_mm"] or row["points_px"])
    assert [line["phrases"] for line in lines[-3:]] == ["granuloma"] * 3


def test_a_changed_mark_is_found(case: Case, tmp_path: Path) -> None:
    callout.export(case, tmp_path / "out", to=["csv", "json"])
    for name in ("measurements.csv", "measurements.json"):
        path = tmp_path / "out" / name
        before = path.read_bytes()
        path.write_bytes(before.replace(b"90.0", b"80.0"))
        assert any("angle_deg is" in problem.message for problem in verify(tmp_path / "out"))
        path.write_bytes(before)
    lines = (tmp_path / "out" / "measurements.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "out" / "measurements.csv").write_text("".join(lines[:-1]), "utf-8")
    assert "has 7 marks, expected 8" in [problem.message for problem in verify(tmp_path / "out")]


def test_marks_alone_leave_where_they_can(case: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no region to export"):
        callout.export(case, tmp_path / "no", to=["seg"])
    assert not (tmp_path / "no").exists()
    exported = callout.export(case, tmp_path / "out", to=["all"])
    assert {"measurements.csv", "measurements.json"} <= {path.name for path in exported.files}
    assert any(text.startswith("seg: ") for text in exported.left_out)
    made_stacks.draw(case, box((1, 3), (0, 3), (0, 3)))
    left_out = callout.export(case, tmp_path / "seg", to=["seg"]).left_out
    assert [text.partition(" (")[0] for text in left_out] == ["marks", "marks on pictures of the report"]


def test_measure_lists_them(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(case.path)
    case.close()
    assert main(["measure", path]) == 0
    said = capsys.readouterr().out
    assert "5 px" in said
    assert "picture cells.png" in said
    assert "slice 2" in said
    assert main(["measure", path, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (len(document["regions"]), len(document["marks"])) == (0, 8)
    assert main(["measure", path, "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 9


def test_without_images_only_the_values_are_left_out(case: Case, tmp_path: Path) -> None:
    for instance in case.series[0].instances:
        Path(instance.path).unlink(missing_ok=True)
    exported = callout.export(case, tmp_path / "out", to=["json"])
    rows = json.loads((tmp_path / "out" / "measurements.json").read_text("utf-8"))["marks"]
    ellipse = of(rows, "ellipse", "series_id")
    assert ellipse["area_mm2"] > 0
    assert ellipse["mean"] is None
    assert any("mean and sd in the ellipse" in note for note in exported.notes)
