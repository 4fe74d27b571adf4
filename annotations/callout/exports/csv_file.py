"""`measurements.csv`: what is measured in the case, for spreadsheets: one line a region, then one a mark. RFC 4180.

Both have the same columns; `kind` is "region", or what the mark is.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, TextIO

from callout.exports.enhancement import Enhancement
from callout.exports.formats import Outgoing, Written
from callout.exports.mark_rows import MEASURES, mark_notes, mark_rows
from callout.exports.measurements import INTENSITIES, case_rows, notes
from callout.exports.tables import unequal
from callout.masks import BODY_AXES

PER: Literal["series", "case"] = "case"
NAME = "measurements.csv"
REGION = "region"  # the kind of a line that is of one
COLUMNS = (
    "number", "name", "concept", "meaning", "laterality", "site", "state", "coding_scheme", "code_value", "phrases",
    "mentions", "reader", "algorithm", "series", "series_id", "modality", "plane", "is_reference", "slice", "voxels",
    "parts", "volume_mm3", "long_axis_mm", "short_axis_mm",
    *(f"{axis}_axis_{end}_{along}_mm" for axis in ("long", "short") for end in ("start", "end") for along in "xyz"),
    *(f"{axis}_mm" for axis in BODY_AXES), *INTENSITIES, "unit", "max_wall_mm", "gas_mm3", "solid_mm3",
    *(f"enhancement_{field.name}" for field in fields(Enhancement)), "first_slice", "last_slice",
    "first_row", "last_row", "first_column", "last_column", "region_id", "finding_id", "tracking_uid", "sha256",
    "kind", "mark_id", "picture",
    *(name for name in MEASURES if name not in INTENSITIES), "points",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell of text that begins so is run by spreadsheets


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`measurements.csv`: UTF-8, comma, point; nothing where there is no value. Text never begins a formula."""
    marks = mark_rows(outgoing.case)
    lines, marked = cells(case_rows(outgoing)), mark_cells(marks)
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        write_table([*lines, *marked], file)
    return [Written(NAME, {"regions": lines, "marks": marked}, (*notes(outgoing), *mark_notes(marks)))]


def write_table(lines: Sequence[Mapping[str, str]], file: TextIO) -> None:
    """Lines of cells under their names."""
    table = csv.DictWriter(file, COLUMNS if lines else ())
    table.writeheader()
    table.writerows(lines)


def cells(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows of the whole case as text, by column."""
    return [_cells(row) for row in rows]


def mark_cells(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows of marks as text, by column; what only a region has is empty."""
    return [_mark_cells(row) for row in rows]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with the standard library's parser."""
    with path.open(encoding="utf-8", newline="") as file:
        held = list(csv.DictReader(file, strict=True))
    regions = [line for line in held if line.get("kind", REGION) == REGION]
    marks = [line for line in held if line.get("kind", REGION) != REGION]
    return unequal(regions, holds["regions"]) + unequal(marks, holds.get("marks", []), "marks")


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as cells: axes and ends in columns of their own, phrases one after the other."""
    (k, j, i), (k1, j1, i1) = row["box"]
    flat = {
        "number": row["number"],
        **_finding(row),
        **{name: row[name] for name in ("algorithm", "series", "series_id", "modality", "plane")},
        "is_reference": "yes" if row["is_reference"] else "",
        **{name: row[name] for name in ("slice", "voxels", "parts", "volume_mm3", "long_axis_mm", "short_axis_mm")},
        **_ends("long_axis", row["long_axis_ends"]),
        **_ends("short_axis", row["short_axis_ends"]),
        **{f"{axis}_mm": mm for axis, mm in (row["extent_mm"] or dict.fromkeys(BODY_AXES)).items()},
        **{name: row[name] for name in (*INTENSITIES, "unit", "max_wall_mm", "gas_mm3", "solid_mm3")},
        **{f"enhancement_{name}": value for name, value in row["enhancement"].items()},
        **{"first_slice": k, "last_slice": k1 - 1, "first_row": j, "last_row": j1 - 1},
        **{"first_column": i, "last_column": i1 - 1},
        **{name: row[name] for name in ("region_id", "finding_id", "tracking_uid", "sha256")},
        "kind": REGION,
    }
    return _line(flat)


def _mark_cells(row: Mapping[str, Any]) -> dict[str, str]:
    points = row["points_mm"] or row["points_px"]
    shared = ("series", "series_id", "modality", "plane", "slice", "finding_id", "tracking_uid", "kind", "mark_id")
    flat = {
        **_finding(row),
        **{name: row[name] for name in (*shared, "picture", *MEASURES)},
        "unit": row["unit"] if row["mean"] is not None else "",
        "points": json.dumps(points),
    }
    return _line(flat)


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the finding."""
    return {
        **{name: row[name] for name in ("name", "concept", "meaning", "laterality", "site", "state", "reader")},
        "coding_scheme": row["code"][0],
        "code_value": row["code"][1],
        "phrases": "; ".join(phrase["text"] for phrase in row["phrases"]),
        "mentions": "; ".join(phrase["mention"] for phrase in row["phrases"]),
    }


def _line(flat: Mapping[str, Any]) -> dict[str, str]:
    """All columns."""
    return {name: _cell(flat.get(name)) for name in COLUMNS}


def _ends(name: str, ends: Sequence[Sequence[float]] | None) -> dict[str, float | None]:
    nothing: tuple[None, ...] = (None,) * 3
    first, last = ends or (nothing, nothing)
    return {
        f"{name}_{end}_{axis}_mm": value
        for end, at in (("start", first), ("end", last))
        for axis, value in zip("xyz", at, strict=True)
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return f"'{text}" if text.startswith(FORMULA) else text
    return repr(value)
