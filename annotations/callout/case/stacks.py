"""A series as a case keeps it: its facts and its ordered images, without pixels or paths, as JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from callout.errors import InputError
from callout.geometry import Grid
from callout.volume import Instance, Series, SeriesWarning

LARGEST_IMAGE = 1 << 26  # pixels; no CT or MR image has as many, and a few bytes may claim any number
TEXTS = ("id", "series_uid", "study_uid", "modality", "description", "transfer_syntax", "sop_class_uid")


def series_to_json(series: Series) -> dict[str, Any]:
    """All of `series` but its paths as JSON values; the grid exactly (floats survive JSON unchanged).

    What tells patients apart stays out: whoever has a list of PatientIDs could find the one it was made of.
    """
    plain = {f.name: getattr(series, f.name) for f in fields(series)}
    grid = series.grid
    plain["grid"] = {
        "shape": list(grid.shape),
        "origins": grid.origins.tolist(),
        "row_step": grid.row_step.tolist(),
        "column_step": grid.column_step.tolist(),
        "frame_of_reference_uid": grid.frame_of_reference_uid,
    }
    plain["instances"] = [[i.sop_instance_uid, i.frame] for i in series.instances]
    plain["attributes"] = {name: value for name, value in series.attributes.items() if name != "patient_key"}
    plain["warnings"] = [[w.code, w.message, w.path] for w in series.warnings]
    return plain


def series_from_json(plain: dict[str, Any], paths: Sequence[str] | None = None) -> Series:
    """The inverse of `series_to_json`, its images at `paths`; InputError where it is not such a record."""
    try:
        values = dict(plain)
        if not all(isinstance(values[name], str) for name in TEXTS):
            raise TypeError
        _check_attributes(values["attributes"])
        values["grid"] = Grid(**{**values["grid"], "shape": tuple(values["grid"]["shape"])})
        if values["grid"].shape[1] * values["grid"].shape[2] > LARGEST_IMAGE:
            raise ValueError
        images = values["instances"]
        places = [""] * len(images) if paths is None else paths
        values["instances"] = tuple(
            Instance(uid, frame, path) for (uid, frame), path in zip(images, places, strict=True)
        )
        values["warnings"] = tuple(SeriesWarning(*warning) for warning in values["warnings"])
        values["windows"] = tuple((float(centre), float(width)) for centre, width in values["windows"])
        return Series(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("a series in the case can't be read") from error


def _check_attributes(attributes: dict[str, Any]) -> None:
    """TypeError or ValueError where an attribute that is a number or a list of texts is none."""
    from callout.dicom.facts import LISTS, NUMBERS

    for name, value in attributes.items():
        if name in LISTS and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
            raise TypeError
        if name in NUMBERS and not math.isfinite(value):
            raise ValueError
