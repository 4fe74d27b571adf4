"""What a file of masks has to hold, and whether it does: voxel by voxel in patient space, sides, codes, references."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from callout.case import Finding
from callout.dicom.tags import ENHANCED
from callout.exports.coding import category_of, place_of, plain_text
from callout.exports.labelled import LabelledRegion, LabelledStack
from callout.exports.loaded import LoadedMask, onto
from callout.geometry import Grid
from callout.masks import Mask
from callout.terms import code_of, concept
from callout.volume import Series

LABEL = 64  # characters of VR LO


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
    code, category = code_of(concept(finding.concept)), category_of(finding.concept)
    return {
        "number": one.number,
        "region_id": one.region.id,
        "finding_id": finding.id,
        "name": finding.label,
        "concept": finding.concept,
        "category": [category.scheme, category.value],
        "code": [code.scheme, code.value],
        "laterality": finding.laterality,
        "place": list(place_codes(finding)),
        "tracking_uid": finding.tracking_uid,
        "algorithm": one.algorithm,
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


def differences(held: Sequence[LoadedMask], holds: Mapping[str, Any], *, bare: bool = False) -> list[str]:
    """In what the masks read from a file differ from what it has to hold; CalloutError where they lie elsewhere.

    bare: the file has labels only, and can't say what or where a finding is.
    """
    home = Grid(**{**holds["grid"], "shape": tuple(holds["grid"]["shape"])})
    series_uid = str(holds["series_id"]).partition("#")[0]
    by_number = {one.number: one for one in held}
    wrong = [message for region in holds["regions"] for message in _compare(region, by_number, home)]
    if not bare:
        wrong += [
            f"{region['number']} {region['name']}: {message}"
            for region in holds["regions"]
            if region["number"] in by_number
            for message in _unlike(by_number[region["number"]], region)
        ]
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
    if loaded.sources is not None:
        images = {int(lattice.indices[0][k]): image for k, image in loaded.sources.items()}
        if _digest(images, mask) != region.get("sources"):
            wrong.append(f"{label}: refers to other images than those it was drawn on")
    return wrong


def _unlike(loaded: LoadedMask, region: Mapping[str, Any]) -> list[str]:
    """In what the words and codes of a mask differ from a region's; a name counts as far as a label can hold it."""
    held = {
        "name": plain_text(loaded.name)[:LABEL],
        "tracking_uid": loaded.tracking_uid,
        "code": loaded.code and list(loaded.code),
        "place": loaded.place and list(loaded.place),
        "category": region["category"] if loaded.category is None else list(loaded.category),
        "algorithm": loaded.algorithm_type or region["algorithm"],
    }
    wanted = {**region, "name": plain_text(region["name"])[:LABEL]}
    return [f"its {key} is {value}, expected {wanted[key]}" for key, value in held.items() if value != wanted[key]]
