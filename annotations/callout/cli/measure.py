"""`measure`: what is measured on every region of a case and with every mark, and where."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from typing import Any

import callout
from callout.cli.printing import millimetres, print_json, print_table, say, warn
from callout.exports.csv_file import cells, mark_cells, write_table
from callout.exports.enhancement import ON_T1_ONLY
from callout.exports.formats import Outgoing
from callout.exports.labelled import empty_regions, labelled_stacks
from callout.exports.mark_rows import mark_notes, mark_rows
from callout.exports.measurements import case_rows, notes
from callout.masks import BODY_AXES, volume_text

Rows = Sequence[dict[str, Any]]
WHO = ("", "finding", "name")


def measure(options: argparse.Namespace) -> int:
    """Size, volume, intensity of every region, and what marks measure; as a table for people, CSV or JSON."""
    with callout.open_case(options.case, read_only=True, reader=options.reader, at=options.at) as case:
        outgoing = Outgoing(case, tuple(labelled_stacks(case)))
        tissue = case.finding(options.relative_to) if options.relative_to else None
        rows, marks = case_rows(outgoing, tissue), mark_rows(case)
        titles = {series.id: series.title for series in case.series}
        told = [*notes(outgoing), *mark_notes(marks), *(f"region {one.id}: it is empty" for one in empty_regions(case))]
    if options.json:
        print_json({"regions": rows, "marks": marks})
    elif not rows and not marks:
        warn("nothing is drawn")
    elif options.csv:
        table = io.StringIO(newline="")
        write_table([*cells(rows), *mark_cells(marks)], table)
        sys.stdout.buffer.write(table.getvalue().encode("utf-8", "backslashreplace"))
    else:
        _print(rows, titles)
        _print_marks(marks)
    for note in told:
        warn(note)
    return 0


def _print_marks(rows: Rows) -> None:
    """What is marked; lengths on a picture of the report are its pixels."""
    if rows:
        columns = ("finding", "name", "mark", "measures", "where (slices from 0)")
        print_table(columns, [(r["finding_id"], r["name"], r["kind"], r["words"], _place(r)) for r in rows])


def _print(rows: Rows, titles: dict[str, str]) -> None:
    if not rows:
        return
    print_table(
        (*WHO, "diameters", "volume", "/".join(BODY_AXES), "measured on (slices from 0)"),
        [(*_who(row), *_sizes(row), _place(row)) for row in rows],
    )
    if seen := [row for row in rows if row["mean"] is not None]:
        columns = (*WHO, "mean ± SD", "10 %", "median", "90 %", "unit", "measured on")
        print_table(columns, [_intensities(row) for row in seen])
    if hollow := [row for row in rows if row["max_wall_mm"] is not None]:
        print_table(
            (*WHO, "outer diameters", "thickest wall", "gas", "wall", "measured on (fluid counts as wall)"),
            [_cavity(row) for row in hollow],
        )
    if compared := [row for row in rows if _is_t1(row["enhancement"])]:
        print_table(
            (*WHO, "T1 after/before contrast", "before", "after", "relative to"),
            [_enhancement(row, titles) for row in compared],
        )
    say("* the region that its finding is measured on: the one that its reader chose, else the largest")


def _who(row: dict[str, Any]) -> tuple[str, str, str]:
    return "*" if row["is_reference"] else "", row["finding_id"], row["name"]


def _sizes(row: dict[str, Any]) -> tuple[str, str, str]:
    """Both diameters, volume, extents; nothing where nothing can be measured."""
    if row["long_axis_mm"] is None:
        return "not measured", "", ""
    parts = f" (largest of {row['parts']} parts)" if row["parts"] > 1 else ""
    extents = millimetres(round(row["extent_mm"][axis]) for axis in BODY_AXES)
    return _diameters(row) + parts, volume_text(row["volume_mm3"]), f"{extents} mm"


def _diameters(row: dict[str, Any]) -> str:
    return f"{millimetres((round(row['long_axis_mm']), round(row['short_axis_mm'])))} mm"


def _place(row: dict[str, Any]) -> str:
    if row["series_id"] is None:
        return f"picture {row['picture']}"
    where = "beyond its slices" if row["slice"] is None else f"slice {row['slice']}"
    return f"{row['series']}, {row['plane']}, {where}"


def _series(row: dict[str, Any]) -> str:
    return f"{row['series']}, {row['plane']}"


def _intensities(row: dict[str, Any]) -> tuple[str, ...]:
    shares = (f"{row[name]:.0f}" for name in ("percentile_10", "median", "percentile_90"))
    return *_who(row), f"{row['mean']:.0f} ± {row['sd']:.0f}", *shares, row["unit"] or "signal", _series(row)


def _cavity(row: dict[str, Any]) -> tuple[str, ...]:
    wall = f"{row['max_wall_mm']:.0f} mm"
    volumes = (volume_text(row[name]) for name in ("gas_mm3", "solid_mm3"))
    return *_who(row), _diameters(row), wall, *volumes, _place(row)


def _is_t1(told: dict[str, Any]) -> bool:
    """Whether a rise could have been looked for."""
    return told["before"] is not None or (told["note"] != "" and not told["note"].endswith(ON_T1_ONLY))


def _enhancement(row: dict[str, Any], titles: dict[str, str]) -> tuple[str, ...]:
    told = row["enhancement"]
    ratio = told["note"] if told["ratio"] is None else f"{told['ratio']:.2f}"
    before, after = (titles.get(told[name], "") for name in ("before", "after"))
    return *_who(row), ratio, before, after, told["relative_to"] or ""
