"""`measurements.json`: what is measured on each region of the case, with its codes and the words that speak of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from callout.exports.formats import Outgoing, Written
from callout.exports.measurements import case_rows, notes
from callout.exports.tables import unequal

PER: Literal["series", "case"] = "case"
NAME = "measurements.json"


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`measurements.json`: a list under `regions`; UTF-8."""
    regions = case_rows(outgoing)
    (folder / NAME).write_text(json.dumps({"regions": regions}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return [Written(NAME, {"regions": regions}, notes(outgoing))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with the standard library's parser."""
    return unequal(json.loads(path.read_text("utf-8"))["regions"], json.loads(json.dumps(holds["regions"])))
