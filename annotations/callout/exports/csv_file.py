"""`measurements.csv`: what is measured on each region of the case, one line a region, for spreadsheets. RFC 4180."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from callout.exports.formats import Outgoing, Written
from callout.exports.measurements import notes, rows
from callout.exports.tables import unequal
from callout.masks import BODY_AXES

PER: Literal["series", "case"] = "case"
NAME = "measurements.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell of text that begins so is run by spreadsheets


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`measurements.csv`: UTF-8, comma, point; nothing where there is no value. Text never begins a formula."""
    lines = [_cells(row) for row in rows(outgoing)]
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(lines[0]))
        table.writeheader()
        table.writerows(lines)
    return [Written(NAME, {"regions": lines}, notes(outgoing))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with the standard library's parser."""
    with path.open(encoding="utf-8", newline="") as file:
        return unequal(list(csv.DictReader(file, strict=True)), holds["regions"])


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as cells: axes and ends in columns of their own, phrases one after the other."""
    (k, j, i), (k1, j1, i1) = row["box"]
    first, last = row["long_axis_ends"] or ([None] * 3, [None] * 3)
    flat = {
        **{name: row[name] for name in ("number", "name", "concept", "meaning", "laterality", "site", "state")},
        "coding_scheme": row["code"][0],
        "code_value": row["code"][1],
        "phrases": "; ".join(phrase["text"] for phrase in row["phrases"]),
        "mentions": "; ".join(phrase["mention"] for phrase in row["phrases"]),
        **{name: row[name] for name in ("reader", "algorithm", "series", "series_id", "modality", "plane")},
        **{name: row[name] for name in ("slice", "voxels", "volume_mm3", "long_axis_mm", "short_axis_mm")},
        **{
            f"long_axis_{end}_{axis}_mm": value
            for end, at in (("start", first), ("end", last))
            for axis, value in zip("xyz", at, strict=True)
        },
        **{f"{axis}_mm": mm for axis, mm in (row["extent_mm"] or dict.fromkeys(BODY_AXES)).items()},
        **{name: row[name] for name in ("mean", "sd", "unit")},
        **{"first_slice": k, "last_slice": k1 - 1, "first_row": j, "last_row": j1 - 1},
        **{"first_column": i, "last_column": i1 - 1},
        **{name: row[name] for name in ("region_id", "finding_id", "tracking_uid", "sha256")},
    }
    return {name: _cell(value) for name, value in flat.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return f"'{text}" if text.startswith(FORMULA) else text
    return repr(value)
