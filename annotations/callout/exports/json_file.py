"""`measurements.json`: what is measured on each region and with each mark of the case, with codes and words for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from callout.exports.formats import Outgoing, Written
from callout.exports.mark_rows import mark_notes, mark_rows
from callout.exports.measurements import case_rows, notes
from callout.exports.tables import unequal

PER: Literal["series", "case"] = "case"
NAME = "measurements.json"


def write(outgoing: Outgoing, folder: Path) -> list[Written]:
    """`measurements.json`: a list under `regions`, one under `marks`; UTF-8."""
    marks = mark_rows(outgoing.case)
    holds = {"regions": case_rows(outgoing), "marks": marks}
    (folder / NAME).write_text(json.dumps(holds, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return [Written(NAME, holds, (*notes(outgoing), *mark_notes(marks)))]


def check(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """What of `holds` is not in the file, read with the standard library's parser."""
    held, wanted = json.loads(path.read_text("utf-8")), json.loads(json.dumps(dict(holds)))
    marks = unequal(held.get("marks", []), wanted.get("marks", []), "marks")
    return unequal(held["regions"], wanted["regions"]) + marks
