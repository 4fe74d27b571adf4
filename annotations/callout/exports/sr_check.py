"""Whether a structured report holds what it has to: each region's and mark's codes, references, values and phrases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from callout.exports import sr_codes
from callout.exports.coding import SIDES, plain_text
from callout.exports.loaded import reading
from callout.exports.sr_tree import (
    children,
    document,
    key_of,
    meaning_of,
    measurement_groups,
    named,
    number_of,
    reference,
)
from callout.terms import Code

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Facts = dict[str, Any]


def differences(path: Path, holds: Mapping[str, Any]) -> list[str]:
    """In what a file differs from what it has to hold."""
    with reading(path, "not a measurement report that can be read", "export it again"):
        dataset = document(path)
        groups = [_held(group) for group in measurement_groups(dataset)]
        evidence = _evidence(dataset)
    regions = [*holds["regions"], *holds.get("marks", [])]
    wrong = [] if len(groups) == len(regions) else [f"has {len(groups)} measurement groups, expected {len(regions)}"]
    for region, held in zip(regions, groups, strict=False):
        label = f"{region.get('number') or region['mark_id']} {region['name']}"
        wanted = _wanted(region, holds)
        wrong += [
            f"{label}: {key} is {held[key]!r}, expected {wanted[key]!r}" for key in wanted if held[key] != wanted[key]
        ]
    segmentation = holds["segmentation"]
    referred = {(segmentation["series_uid"], segmentation["instance_uid"])} if segmentation else set()
    series_uid = str(holds["series_id"]).partition("#")[0]
    referred |= {(series_uid, graphic["image"]) for region in regions for graphic in region["graphics"]}
    wrong += [f"does not list {uid} of series {one} as evidence" for one, uid in sorted(referred - evidence)]
    if str(dataset.get("StudyInstanceUID")) != holds["study_uid"]:
        wrong.append("is of another study (StudyInstanceUID)")
    return wrong


def _wanted(region: Mapping[str, Any], holds: Mapping[str, Any]) -> Facts:
    """What a group of a region or of a mark has to hold, in the form in which `_held` reads it."""
    is_mark = "mark_id" in region
    side = SIDES[region["laterality"]] if region["laterality"] else None
    graphics = [_graphic_of(one) for one in region["graphics"]]
    shown = {name: _graphic_of(one) for name, one in sr_codes.shown(region).items()}
    return {
        "name": plain_text(region["name"]),
        "tracking UID": region["tracking_uid"],
        "category": tuple(region["category"]),
        "finding": (*region["code"], region["meaning"]),
        "site": tuple(region["place"]) if region["place"] else None,
        "laterality": (side.scheme, side.value) if side else None,
        "segment": None if is_mark else (holds["segmentation"]["instance_uid"], region["number"]),
        "source series": "" if is_mark else str(holds["series_id"]).partition("#")[0],
        "values": [
            ((*_key(name), name.meaning), how and _key(how), number, _key(unit), shown.get(name))
            for name, how, number, unit in sr_codes.values(region)
        ],
        "graphic": graphics[0] if graphics else None,
        "phrases": [(plain_text(one["text"]), plain_text(one["place"])) for one in region["phrases"]],
    }


def _graphic_of(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["type"], one["image"], one["frame"], np.float32(one["points"]).reshape(-1).tolist()


def _key(code: Code) -> tuple[str, str]:
    return code.scheme, code.value


def _held(group: Dataset) -> Facts:
    site = next(named(group, sr_codes.SITE), None)
    return {
        "name": _value(group, sr_codes.TRACKING_IDENTIFIER, "TextValue"),
        "tracking UID": _value(group, sr_codes.TRACKING_UID, "UID"),
        "category": _code(group, sr_codes.CATEGORY),
        "finding": _finding(group),
        "site": None if site is None else key_of(site, "ConceptCodeSequence"),
        "laterality": None if site is None else _code(site, sr_codes.LATERALITY),
        "segment": _segment(group),
        "source series": _value(group, sr_codes.SOURCE_SERIES, "UID"),
        "values": [_measured(item) for item in children(group) if item.get("ValueType") == "NUM"],
        "graphic": _graphic(group),
        "phrases": [
            (str(item.get("TextValue")), _value(item, sr_codes.PLACE_IN_REPORT, "TextValue"))
            for item in named(group, sr_codes.COMMENT)
        ],
    }


def _value(item: Dataset, name: Code, keyword: str) -> str:
    return next((str(child.get(keyword)) for child in named(item, name)), "")


def _code(item: Dataset, name: Code) -> tuple[str, str] | None:
    return next((key_of(child, "ConceptCodeSequence") for child in named(item, name)), None)


def _finding(group: Dataset) -> tuple[str, ...] | None:
    for child in named(group, sr_codes.FINDING):
        return (*(key_of(child, "ConceptCodeSequence") or ()), meaning_of(child, "ConceptCodeSequence"))
    return None


def _segment(group: Dataset) -> tuple[str, int] | None:
    found = next((reference(child) for child in named(group, sr_codes.SEGMENT)), None)
    return (found[0], found[2][0]) if found and len(found[2]) == 1 else None


def _measured(item: Dataset) -> tuple[Any, ...]:
    value, unit, _ = number_of(item) or (None, None, "")
    decimals = [float(one.NumericValue) for one in item.get("MeasuredValueSequence") or []]
    value = value if [value] == decimals else None
    return (*(key_of(item) or ()), meaning_of(item)), _code(item, sr_codes.DERIVATION), value, unit, _graphic(item)


def _graphic(item: Dataset) -> tuple[Any, ...] | None:
    """The first line or point right below an item: its type, image, frame and numbers."""
    for drawn in named(item, sr_codes.PATH, sr_codes.CENTRE):
        found = next((reference(child) for child in children(drawn) if child.get("ValueType") == "IMAGE"), None)
        if found is not None:
            points = [float(value) for value in drawn.get("GraphicData") or []]
            return str(drawn.get("GraphicType")), found[0], found[1][0] if found[1] else None, points
    return None


def _evidence(dataset: Dataset) -> set[tuple[str, str]]:
    """(series, instance) of everything that the report lists as evidence of its own study."""
    return {
        (str(series.SeriesInstanceUID), str(one.ReferencedSOPInstanceUID))
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence") or []
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
