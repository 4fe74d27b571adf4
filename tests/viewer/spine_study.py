"""The spine sample as a case: MR of a lumbar spine in three planes, before and after contrast, with its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import callout
from callout.case import Case
from callout.volume import Series

FOLDER = Path(__file__).parents[2] / "sample_dicoms" / "spine"


def case(folder: Path, reader: str = "r1") -> Case:
    """An open case of the sample."""
    return callout.create_case(folder / "spine.callout", FOLDER / "images", FOLDER / "report.txt", reader=reader)


def numbered(series: Any, number: int, part: str = "") -> Series:
    """The stack of that DICOM series number; part: of its id, where the series holds several."""
    found = [one for one in series if one.title.startswith(f"{number} ") and one.id.endswith(part)]
    return found[0]  # type: ignore[no-any-return]


def bodies() -> dict[str, list[float]]:
    """The middles of the vertebral bodies before contrast, LPS mm."""
    return dict(json.loads((FOLDER / "truth.json").read_text())["body_centres_mm"])


def discs() -> dict[str, list[float]]:
    """The middles of the discs before contrast, LPS mm."""
    return dict(json.loads((FOLDER / "truth.json").read_text())["disc_centres_mm"])
