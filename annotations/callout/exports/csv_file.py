"""`measurements.csv`: what is measured on each region of the case, one line a region, for spreadsheets. RFC 4180."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

from callout.exports.formats import Outgoing, Written
from callout.exports.measurements import INTENSITIES, case_rows, notes
from callout.exports.tables import unequal
from callout.masks import BODY_AXES

PER: Literal["series", "case"] = "case"
NAME = "measurements.csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell of text that begins so is run by spreadsheets


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`measurements.csv`: UTF-8, comma, point; nothing where there is no value. Text never begins a formula."""
    lines = cells(case_rows(outgoing))
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        write_table(lines, file)
    return [Written(NAME, {"regions": lines}, notes(outgoing))]


def write_table(lines: Sequence[Mapping[str, str]], file: TextIO) -> None:
    """Lines of cells under their names."""
    table = csv.DictWriter(file, list(lines[0]) if lines else [])
    table.writeheader()
    table.writerows(lines)


def cells(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows of the whole case as text, by column."""
    return [_cells(row) for row in rows]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with the standard library's parser."""
    with path.open(encoding="utf-8", newline="") as file:
        return unequal(list(csv.DictReader(file, strict=True)), holds["regions"])


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as cells: axes and ends in columns of their own, phrases one after the other."""
    (k, j, i), (k1, j1, i1) = row["box"]
    flat = {
        **{name: row[name] for name in ("number", "name", "concept", "meaning", "laterality", "site", "state")},
        "coding_scheme": row["code"][0],
        "code_value": row["code"][1],
        "phrases": "; ".join(phrase["text"] for phrase in row["phrases"]),
        "mentions": "; ".join(phrase["mention"] for phrase in row["phrases"]),
        **{name: row[name] for name in ("reader", "algorithm", "series", "series_id", "modality", "plane")},
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
    }
    return {name: _cell(value) for name, value in flat.items()}


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
