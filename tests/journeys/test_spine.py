"""Journey (b): a lumbosacral MR of many series and a poster's text: one mass on all of them, five figures."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import callout

Run = Callable[..., Any]


@pytest.fixture
def case(run: Run, samples: Path, tmp_path: Path) -> Path:
    """The case with the true masks imported and linked as the sample's plan says."""
    from callout.cli.demo import _link

    sample, path = samples / "spine", tmp_path / "spine.callout"
    run("new", path, "--images", sample / "images", "--report", sample / "report.txt", "--reader", "dr-b")
    run("import", path, *sorted((sample / "truth").glob("*.seg.dcm")))
    with callout.open_case(path, reader="dr-b") as opened:
        _link(opened, tomllib.loads((sample / "demo.toml").read_text())["links"])
    return path


def test_one_finding_has_regions_on_many_series(run: Run, case: Path) -> None:
    shown = run("show", case, "--json")
    (mass,) = (f for f in shown["findings"] if f["name"] == "soft tissue mass")
    regions = [r for r in shown["regions"] if r["finding_id"] == mass["id"]]
    planes = {r["plane"] for r in regions}
    assert planes == {"coronal", "sagittal", "axial"}
    assert len({r["series_id"] for r in regions}) == len(regions) >= 8
    assert len(run("history", case, "--json")["edits"]) == 2
    localizers = {s["id"] for s in shown["series"] if s["description"] == "LOCALIZER"}
    assert len(localizers) == 2
    assert all("volume_mm3" not in r for r in regions if r["series_id"] in localizers)


def test_the_list_shows_the_largest_region_and_where_it_was_measured(run: Run, case: Path) -> None:
    regions = run("show", case, "--json")["regions"]
    (line,) = (line for line in run("show", case).splitlines() if " soft tissue mass  " in line and " ml " in line)
    largest = max(region.get("volume_mm3") or 0 for region in regions)
    assert f"{largest / 1000:.1f} ml" in line
    assert re.search(r"COR \S+.*, coronal, slice \d+ \(\+9 more\)", line)  # the two localizers are not measured
    (body,) = (line for line in run("show", case).splitlines() if "body of L1" in line)
    assert "SAG STIR, sagittal, slice" in body


def test_the_mass_is_as_large_as_the_text_says(run: Run, case: Path) -> None:
    with callout.open_case(case, read_only=True) as opened:
        (mention,) = (m for m in opened.mentions if m.measurement)
        (mass,) = (f for f in opened.findings if f.name == "soft tissue mass")
        (series,) = (s for s in opened.series if s.description == "COR STIR")
        (region,) = (r for r in opened.regions if (r.finding_id, r.series_id) == (mass.id, series.id))
        mask, (_, row_mm, column_mm) = opened.mask(region), series.grid.spacing
    assert series.grid.plane == "coronal"
    sizes = []
    for plane in mask:
        rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
        if rows.size:
            sizes.append((np.ptp(rows) * row_mm + row_mm, np.ptp(columns) * column_mm + column_mm))
    assert mention.measurement is not None
    said = np.array(mention.measurement.values_mm)
    assert min(np.abs(np.array(size) - said).max() for size in sizes) <= max(row_mm, column_mm)


def test_five_figures_each_with_two_views(run: Run, case: Path, tmp_path: Path) -> None:
    wanted = {
        "1": [("LOCALIZER", "coronal"), ("LOCALIZER", "sagittal")],
        "2": [("COR T1 TSE", "coronal"), ("COR T1 TSE +C", "coronal")],
        "3": [("COR STIR", "coronal"), ("COR STIR +C", "coronal")],
        "4": [("SAG T2 TSE", "sagittal"), ("SAG STIR", "sagittal")],
        "5": [("AX T1 TSE +C", "axial"), ("AX STIR", "axial")],
    }
    with callout.open_case(case, read_only=True) as opened:
        series = {one.id: one for one in opened.series}
    for label, views in wanted.items():
        panels = [p["view"] for p in tomllib.loads(run("figure", case, "--figure", label, "--spec"))["panels"]]
        shown = [series[view["series_id"]] for view in panels]
        assert [(one.description, one.plane) for one in shown] == views
        if shown[0].plane == shown[1].plane:  # the pair shows one place
            places = [
                one.grid.points([view["slice"], 0, 0]) @ one.grid.normal
                for one, view in zip(shown, panels, strict=True)
            ]
            assert abs(places[0] - places[1]) <= 4.4
        if label in "23":
            assert panels[0]["window"] == panels[1]["window"]
    run("figure", case, "-o", tmp_path / "figures", "--draw", "outlines", "scale-bar", "letters")
    assert sorted(p.name for p in (tmp_path / "figures").iterdir()) == [f"figure-{n}.png" for n in range(1, 6)]
    for path in (tmp_path / "figures").iterdir():
        assert np.asarray(Image.open(path).convert("L")).std() > 20
