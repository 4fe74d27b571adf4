"""`inspect` and `convert`: what images there are, and volumes of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from callout.cli.printing import millimetres, print_json, print_table, say, warn
from callout.dicom import decode_all, facts_shown, no_images, pick_series, scan, series_json
from callout.errors import InputError


def inspect(options: argparse.Namespace) -> int:
    """The series found, with geometry and warnings, and what was skipped and why."""
    found = scan(options.paths)
    if not found.series:
        raise no_images(found, ", ".join(options.paths))
    entries: list[dict[str, Any]] = []
    shown: list[str] = []
    skipped = [{"path": one.path, "reason": one.reason} for one in found.skipped]
    damaged: list[InputError] = []
    for series in found.series:
        entry = series_json(series)
        if options.pixels:
            decoded = decode_all(series)
            damaged += decoded.problems
            if decoded.problems:  # which `load` refuses
                continue
            entry["pixels"] = {
                "min": decoded.lowest,
                "max": decoded.highest,
                "mean": decoded.mean,
                "dtype": str(decoded.dtype),
            }
        entries.append(entry)
        shown.append(facts_shown(series))
    skipped += [{"path": error.where, "reason": error.what} for error in damaged]
    if not entries:
        first = damaged[0]
        more = f" ({len(damaged) - 1} more damaged)" if len(damaged) > 1 else ""
        raise InputError(f"no series can be decoded: {first.what}{more}", first.where, "re-export the series")
    if options.json:
        print_json({"series": entries, "skipped": skipped})
        return 0
    _print_series(entries, shown)
    _print_warnings(entries)
    _print_skipped(skipped, {one.path for one in found.skipped if one.kind == "other file"}, options.paths)
    return 0


def _print_warnings(entries: list[dict[str, Any]]) -> None:
    """Each warning once, also where it is one of several stacks of a series."""
    told = set()
    for entry in entries:
        for warning in entry["warnings"]:
            if (entry["series_uid"], warning["message"]) not in told:
                told.add((entry["series_uid"], warning["message"]))
                where = f" — {warning['path']}" if warning["path"] else ""
                say(f"warning: {entry['description'] or entry['id']}: {warning['message']}{where}")


def _print_skipped(skipped: list[dict[str, str]], other_files: set[str], asked: Sequence[str]) -> None:
    """What was skipped, by its place below the one folder asked for; what is alike in a folder is told once."""
    alike: dict[tuple[Path, str], list[str]] = {}
    for one in skipped:
        if one["path"] not in other_files:
            alike.setdefault((Path(one["path"]).parent, one["reason"]), []).append(one["path"])
    for (_, reason), paths in alike.items():
        below = len(asked) == 1 and Path(asked[0]) in Path(paths[0]).parents
        name = Path(paths[0]).relative_to(asked[0]) if below else paths[0]
        more = f" and {len(paths) - 1} more there" if len(paths) > 1 else ""
        say(f"skipped: {name}{more}: {reason}")
    if other_files:
        count = len(other_files)
        say(f"skipped: {count} files that are no DICOM" if count > 1 else "skipped: 1 file that is no DICOM")


def _print_series(entries: list[dict[str, Any]], shown: list[str]) -> None:
    rows = []
    for entry, facts in zip(entries, shown, strict=True):
        pixels = entry.get("pixels")
        values = f"{pixels['min']:g} … {pixels['max']:g}" if pixels else ""
        slices, *size = entry["shape"]
        rows.append(
            (
                entry["number"],
                entry["description"] or "(no description)",
                entry["modality"],
                entry["plane"],
                facts,
                slices,
                " × ".join(map(str, size)),
                millimetres(entry["spacing_mm"]),
                values,
                entry["id"],
            )
        )
    columns = ("no.", "series", "modality", "plane", "shows", "images", "pixels", "spacing mm", "values", "id")
    print_table(columns, rows)


def convert(options: argparse.Namespace) -> int:
    """Each stack as one volume file; an uneven one evenly resampled, said so in its name and on stderr."""
    from callout.exports.convert import convert_series

    found = scan(options.paths)
    if not found.series:
        raise no_images(found, ", ".join(options.paths))
    wanted = [pick_series(found.series, options.series)] if options.series else found.series
    converted = convert_series(wanted, Path(options.output), options.format)
    for one in found.skipped:
        warn(f"skipped — {one.path}: {one.reason}")
    for error in converted.refused:
        warn(f"not converted — {error}")
    for path, note in converted.files:
        say(str(path))
        if note:
            warn(f"{note} — {path}")
    return 0
