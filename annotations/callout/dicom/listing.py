"""Series as `inspect` shows them, and the one that a typed word means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callout.errors import InputError
from callout.volume import Series


def series_json(series: Series) -> dict[str, Any]:
    """The entry of `series` in `inspect --json`; affine 4×4 from (k, j, i, 1) to LPS mm, null where uneven."""
    grid = series.grid
    entry: dict[str, Any] = {
        "id": series.id,
        "series_uid": series.series_uid,
        "study_uid": series.study_uid,
        "modality": series.modality,
        "number": series.number,
        "description": series.description,
        "plane": series.plane,
        "shape": list(grid.shape),
        "spacing_mm": list(grid.spacing),
        "affine": grid.affine.tolist() if grid.is_even else None,
    }
    if not grid.is_even:
        entry["slice_positions_mm"] = grid.slice_positions.tolist()
    return entry | {
        "frame_of_reference_uid": grid.frame_of_reference_uid,
        "files": len({instance.path for instance in series.instances}),
        "transfer_syntax": series.transfer_syntax,
        "sequence": series.sequence,
        "contrast": series.contrast,
        "warnings": [
            {"code": warning.code, "message": warning.message, "path": warning.path} for warning in series.warnings
        ],
    }


def facts_shown(series: Series) -> str:
    """Sequence, contrast, phase and kernel in words; what no header states is marked inferred."""
    words = [series.sequence or ""]
    for name, value in (("contrast", series.contrast), ("phase", series.attributes.get("phase"))):
        inferred = series.attributes.get(f"{name}_from") not in (None, "description")
        words.append(f"{value}{' (inferred)' if inferred else ''}" if value else "")
    words.append(f"{kernel} kernel" if (kernel := series.attributes.get("kernel")) else "")
    return " ".join(word for word in words if word)


def pick_series(series: Sequence[Series], text: str) -> Series:
    """The series whose id is `text`, or the only one whose id contains it; else InputError listing candidates."""
    exact = [one for one in series if one.id == text]
    if len(exact) == 1:
        return exact[0]
    fitting = [one for one in series if text in one.id] if text else list(series)
    if len(fitting) == 1:
        return fitting[0]
    candidates = ", ".join(one.id for one in (fitting or series)[:8])
    more = f" and {len(fitting or series) - 8} more" if len(fitting or series) > 8 else ""
    what = f"{len(fitting)} series fit {text!r}" if fitting else f"no series fits {text!r}"
    raise InputError(what, "", f"choose one of {candidates}{more}")
