"""`receipt.json`: what every file of an export has to hold, and the check that it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from callout.errors import CalloutError, InputError
from callout.exports.formats import FORMATS, ReadBack
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import onto
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import code_of, concept
from callout.version import __version__

NAME = "receipt.json"


@dataclass(frozen=True)
class Problem:
    """Something that a file should hold and does not."""

    file: str
    message: str


def fingerprint(mask: Mask) -> dict[str, Any]:
    """Voxel count, box [[k, j, i], one beyond the last] and SHA-256 of the box's bits, packed in C order."""
    small = mask.trimmed()
    return {
        "voxels": small.count,
        "box": [list(small.low), list(small.high)],
        "sha256": hashlib.sha256(np.packbits(small.crop).tobytes()).hexdigest(),
    }


def file_entry(path: Path, kind: str, stack: LabelledStack) -> dict[str, Any]:
    """What the receipt says of one file: its series with the grid, and each region's number and fingerprint."""
    grid = stack.series.grid
    alone = path.name.endswith(".mask.nii.gz") and stack.overlaps  # one file a region
    regions = [one for one in stack.regions if not alone or f".{one.number}-" in path.name]
    return {
        "name": path.name,
        "format": kind,
        "series_id": stack.series.id,
        "grid": {
            "shape": list(grid.shape),
            "origins": grid.origins.tolist(),
            "row_step": grid.row_step.tolist(),
            "column_step": grid.column_step.tolist(),
            "frame_of_reference_uid": grid.frame_of_reference_uid,
        },
        "regions": [_region_entry(one) for one in regions],
    }


def _region_entry(one: LabelledRegion) -> dict[str, Any]:
    finding = one.finding
    return {
        "number": one.number,
        "region_id": one.region.id,
        "finding_id": finding.id,
        "name": finding.label,
        "concept": finding.concept,
        "code": list(_coded(finding.concept)),
        "laterality": finding.laterality,
        "tracking_uid": finding.tracking_uid,
        **fingerprint(one.mask),
    }


def _coded(name: str) -> tuple[str, str]:
    code = code_of(concept(name))
    return code.scheme, code.value


def receipt(case_name: str, entries: list[dict[str, Any]]) -> bytes:
    """The receipt as JSON: UTF-8, sorted keys."""
    document = {"callout": __version__, "case": case_name, "files": entries}
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def check_file(path: Path, entry: Mapping[str, Any]) -> list[Problem]:
    """Read one file back and compare it with its entry, voxel by voxel in patient space."""
    name = str(entry["name"])
    try:
        series_uid = str(entry["series_id"]).partition("#")[0]
        held = FORMATS[entry["format"]].read_back(path)
        home = Grid(**{**entry["grid"], "shape": tuple(entry["grid"]["shape"])})
        wrong = [message for region in entry["regions"] for message in _compare(region, held, home)]
        wrong += [f"refers to series {uid}" for uid in {one.series_uid for one in held.values()} - {"", series_uid}]
        unknown = held.keys() - {region["number"] for region in entry["regions"]}
    except CalloutError as error:
        return [Problem(name, str(error))]
    except Exception as error:  # a damaged file can make any reader raise anything
        return [Problem(name, f"can't be read back ({type(error).__name__})")]
    return [Problem(name, message) for message in wrong + [f"holds an unknown label {n}" for n in sorted(unknown)]]


def _compare(region: Mapping[str, Any], held: ReadBack, home: Grid) -> list[str]:
    label = f"{region['number']} {region['name']}"
    loaded = held.get(region["number"])
    if loaded is None:
        return [f"{label} is missing"]
    found = fingerprint(onto(home.lattice_map(loaded.grid), loaded.mask))
    wrong = [
        f"{label}: {key} is {found[key]}, expected {region[key]}"
        for key in ("voxels", "box")
        if found[key] != region[key]
    ]
    if not wrong and found["sha256"] != region["sha256"]:
        wrong = [f"{label}: voxels differ"]
    if loaded.tracking_uid not in (None, region["tracking_uid"]):
        wrong.append(f"{label}: TrackingUID differs")
    if loaded.code not in (None, tuple(region["code"])):
        wrong.append(f"{label}: its code is {loaded.code}, expected {tuple(region['code'])}")
    return wrong


def verify(folder: Path | str) -> list[Problem]:
    """Compare every file of an export with its receipt again; empty when all holds. InputError without a receipt."""
    problems = []
    for entry in _entries(Path(folder)):
        name = str(entry["name"])
        file = Path(folder) / name
        problems += check_file(file, entry) if file.is_file() else [Problem(name, "is missing")]
    return problems


def named_before(folder: Path) -> set[str]:
    """The files in a folder that the receipt of an earlier export names."""
    try:
        names = {str(entry["name"]) for entry in _entries(folder)}
    except InputError:  # there was none, or it is damaged
        return set()
    return {name for name in names if (folder / name).is_file()}


def _entries(folder: Path) -> list[dict[str, Any]]:
    """What the receipt in a folder says of each file; InputError where there is none, or none that can be trusted."""
    path = folder / NAME
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_bytes())["files"]
        names = [str(entry["name"]) for entry in entries]
    except FileNotFoundError as error:
        raise InputError("no receipt.json", str(folder), "name the folder of an export") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the receipt can't be read", str(path), "export again") from error
    if any(Path(name).name != name for name in names):
        raise InputError("the receipt names a file outside its folder", str(path), "export again")
    return entries
