"""What a file of masks has to hold, and whether it does: voxel by voxel in patient space, sides, codes, references."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from callout.case import Finding
from callout.dicom.tags import ENHANCED
from callout.exports.coding import place_of
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import LoadedMask, onto
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import code_of, concept
from callout.volume import Series


def fingerprint(mask: Mask) -> dict[str, Any]:
    """Voxel count, box [[k, j, i], one beyond the last] and SHA-256 of the box's bits, packed in C order."""
    small = mask.trimmed()
    return {
        "voxels": small.count,
        "box": [list(small.low), list(small.high)],
        "sha256": hashlib.sha256(np.packbits(small.crop).tobytes()).hexdigest(),
    }


def expected(stack: LabelledStack, regions: Sequence[LabelledRegion] | None = None) -> dict[str, Any]:
    """What a file of these regions of a stack (all of them unless told) has to hold: series, grid and each region."""
    grid = stack.series.grid
    return {
        "series_id": stack.series.id,
        "grid": {
            "shape": list(grid.shape),
            "origins": grid.origins.tolist(),
            "row_step": grid.row_step.tolist(),
            "column_step": grid.column_step.tolist(),
            "frame_of_reference_uid": grid.frame_of_reference_uid,
        },
        "regions": [
            expected_of(one) | {"sources": _digest(images_of(stack.series), one.mask)}
            for one in (stack.regions if regions is None else regions)
        ],
    }


def expected_of(one: LabelledRegion) -> dict[str, Any]:
    """What any file has to hold of one region."""
    finding = one.finding
    code = code_of(concept(finding.concept))
    return {
        "number": one.number,
        "region_id": one.region.id,
        "finding_id": finding.id,
        "name": finding.label,
        "concept": finding.concept,
        "code": [code.scheme, code.value],
        "laterality": finding.laterality,
        "place": list(place_codes(finding)),
        "tracking_uid": finding.tracking_uid,
        **fingerprint(one.mask),
    }


def place_codes(finding: Finding) -> tuple[str, str, str]:
    """Scheme and value of the code of where a finding lies, and its side; "" for what nobody says."""
    if not (finding.site or finding.laterality):
        return "", "", ""
    place = place_of(finding)
    return place.scheme, place.value, finding.laterality or ""


def images_of(series: Series) -> dict[int, str]:
    """By slice its image, with its frame where that has one: UID or UID#frame."""
    framed = series.sop_class_uid in ENHANCED
    named = [f"{one.sop_instance_uid}#{one.frame}" if framed else one.sop_instance_uid for one in series.instances]
    return dict(enumerate(named))


def _digest(images: Mapping[int, str], mask: Mask) -> str:
    """SHA-256 of the images, by slice, that a mask lies on."""
    return hashlib.sha256("\n".join(f"{k} {images.get(k)}" for k in mask.slices()).encode()).hexdigest()


def differences(held: Sequence[LoadedMask], holds: Mapping[str, Any]) -> list[str]:
    """In what the masks read from a file differ from what it has to hold; CalloutError where they lie elsewhere."""
    home = Grid(**{**holds["grid"], "shape": tuple(holds["grid"]["shape"])})
    series_uid = str(holds["series_id"]).partition("#")[0]
    by_number = {one.number: one for one in held}
    wrong = [message for region in holds["regions"] for message in _compare(region, by_number, home)]
    wrong += [f"refers to series {uid}" for uid in sorted({one.series_uid for one in held} - {"", series_uid})]
    unknown = by_number.keys() - {region["number"] for region in holds["regions"]}
    return wrong + [f"holds an unknown label {n}" for n in sorted(unknown)]


def _compare(region: Mapping[str, Any], held: Mapping[int, LoadedMask], home: Grid) -> list[str]:
    label = f"{region['number']} {region['name']}"
    loaded = held.get(region["number"])
    if loaded is None:
        return [f"{label} is missing"]
    lattice = home.lattice_map(loaded.grid)
    mask = onto(lattice, loaded.mask)
    found = fingerprint(mask)
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
    if loaded.place not in (None, tuple(region.get("place", ()))):
        wrong.append(f"{label}: its place is {loaded.place}, expected {tuple(region.get('place', ()))}")
    if loaded.sources is not None:
        images = {int(lattice.indices[0][k]): image for k, image in loaded.sources.items()}
        if _digest(images, mask) != region.get("sources"):
            wrong.append(f"{label}: refers to other images than those it was drawn on")
    return wrong
