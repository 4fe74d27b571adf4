"""Peers that read measurements: dcmqi's tid1500reader, and the standard library's readers of CSV and JSON."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from interop.child import Refused, run
from interop.truth import Region, Truth, same_name

NEAR = 1e-3  # of the value; what a decimal string of 16 characters, or a rounded one, may lose


def tid1500reader(paths: Sequence[Path], truth: Truth) -> list[str]:
    """Every region's group: its tracking UID, its name, its volume."""
    [path] = paths
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "sr.json"
        run(["tid1500reader", "--inputDICOM", path, "--outputMetadata", told])
        groups = json.loads(told.read_text("utf-8"))["Measurements"]
    regions = [group for group in groups if "ReferencedSegment" in group]  # others are of marks
    known = {group.get("TrackingUniqueIdentifier", group.get("trackingUniqueIdentifier")): group for group in regions}
    wrong = []
    for region in truth.regions:
        group = known.pop(region.tracking_uid, None)
        if group is None:
            wrong.append(f"{region.number} is missing")
            continue
        items = group.get("measurementItems", [])
        sizes = [float(i["value"]) for i in items if i["quantity"]["CodeMeaning"].lower() == "volume"]
        scale = {"mm3": 1.0, "cm3": 1000.0, "ml": 1000.0}
        units = [i["units"]["CodeValue"] for i in items if i["quantity"]["CodeMeaning"].lower() == "volume"]
        wanted = volume(truth, region)
        if sizes and abs(sizes[0] * scale[units[0]] - wanted) > NEAR * wanted:
            wrong.append(f"{region.number}: a volume of {sizes[0]} {units[0]}, not {wanted:.6g} mm³")
        if not sizes and wanted:
            wrong.append(f"{region.number}: no volume")
    return wrong + [f"{uid} is not in the case" for uid in known]


def csv_reader(paths: Sequence[Path], truth: Truth) -> list[str]:
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        return _compare(list(csv.DictReader(file, strict=True)), truth)


def json_reader(paths: Sequence[Path], truth: Truth) -> list[str]:
    held = json.loads(paths[0].read_text("utf-8"), parse_constant=_no_number)
    return _compare(list(_regions(held)), truth)


def _regions(held: Any) -> Iterator[Mapping[str, Any]]:
    for one in held["regions"] if isinstance(held, dict) and "regions" in held else held:
        yield {**one, **one.get("measures", {}), **one.get("measurements", {})}


def _no_number(word: str) -> None:
    raise Refused(f"{word} is not JSON")


def _compare(rows: Sequence[Mapping[str, Any]], truth: Truth) -> list[str]:
    """Rows of this stack against its regions, by their number: name and volume."""
    here = [row for row in rows if row.get("series_id", truth.series.id) == truth.series.id]
    known = {int(row["number"]): row for row in here if str(row.get("number", "")).isdigit()}
    wrong = [f"{n} is not in the case" for n in sorted(known.keys() - {region.number for region in truth.regions})]
    for region in truth.regions:
        row = known.get(region.number)
        if row is None:
            wrong.append(f"{region.number} is missing")
            continue
        name = str(row.get("name", ""))
        if name and not same_name(region.name, name.removeprefix("'")):
            wrong.append(f"{region.number}: is called {name!r}, not {region.name!r}")
        wanted = volume(truth, region)
        told = row.get("volume_mm3")
        if wanted and (told in (None, "") or abs(float(told) - wanted) > NEAR * wanted):
            wrong.append(f"{region.number}: volume_mm3 is {told}, expected {wanted:.6g}")
    return wrong


def volume(truth: Truth, region: Region) -> float:
    """mm³ of a region: each slice reaches half way to its neighbours, the outer ones as far outward; 0 for one slice
    alone, whose thickness no grid tells, and where nothing is measured (localizers, no PixelSpacing)."""
    if not truth.steps.size or not truth.series.is_measurable:
        return 0.0
    below, above = np.concatenate([truth.steps[:1], truth.steps]), np.concatenate([truth.steps, truth.steps[-1:]])
    area = np.linalg.norm(truth.down) * np.linalg.norm(truth.across)
    return float((region.mask.sum(axis=(1, 2)) * (below + above) / 2).sum() * area)
