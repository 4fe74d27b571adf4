"""Segments of a DICOM segmentation: the items of SegmentSequence (PS3.3 C.8.20.4), made of findings and read again.

A label has 64 characters, no two are alike, and some characters it can't have; the first line of SegmentDescription
holds the whole name where the label could not, and further lines what no attribute has room for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callout.exports.coding import (
    BODY,
    SIDES,
    as_published,
    category_of,
    coded,
    concept_of,
    long_string,
    place_of,
    side_of,
)
from callout.exports.labelled import LabelledRegion
from callout.terms import PRIVATE_SCHEME, code_of, concept, find_concept
from callout.version import __version__

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

LONGEST_DESCRIPTION = 1024  # characters of VR ST
NUMBERED = re.compile(r" \(\d+\)$")


def descriptions(regions: Sequence[LabelledRegion]) -> list[Any]:
    """The items for regions of one series, as highdicom makes them; those of several readers name theirs."""
    labels = labels_of([one.finding.label for one in regions])
    several = len({one.finding.reader for one in regions}) > 1
    return [_description(one, label, several) for one, label in zip(regions, labels, strict=True)]


def labels_of(names: Sequence[str]) -> list[str]:
    """A label for each name, as near to it as VR LO allows; those that would be alike are told apart by numbers.

    >>> labels_of(["cyst", "cyst", "a\\\\b"])
    ['cyst', 'cyst (2)', 'a b']
    """
    taken: set[str] = set()
    labels = []
    for name in names:
        label, n = long_string(name), 1
        while label in taken:
            n += 1
            end = f" ({n})"
            label = long_string(name)[: 64 - len(end)].rstrip() + end
        taken.add(label)
        labels.append(label)
    return labels


def _description(one: LabelledRegion, label: str, several_readers: bool) -> Any:
    import highdicom as hd

    finding = one.finding
    algorithm = None
    if one.algorithm != "MANUAL":
        algorithm = hd.AlgorithmIdentificationSequence(
            name=long_string(one.algorithm_name),
            family=hd.sr.CodedConcept("SEGMENTATION", PRIVATE_SCHEME, "Segmentation"),
            version=__version__,
        )
    description = hd.seg.SegmentDescription(
        segment_number=one.number,
        segment_label=label,
        segmented_property_category=coded(category_of(finding.concept)),
        segmented_property_type=coded(code_of(concept(finding.concept))),
        algorithm_type=one.algorithm,
        algorithm_identification=algorithm,
        tracking_uid=finding.tracking_uid,
        tracking_id=label,
        anatomic_regions=[coded(place_of(finding))] if finding.site or finding.laterality else None,
    )
    if finding.laterality:
        description.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [coded(SIDES[finding.laterality])]
    lines = [one_line(finding.label)] if label != finding.label or several_readers else []
    lines += [f"Reader: {one_line(finding.reader)}"] if several_readers else []
    if lines:
        description.SegmentDescription = "\n".join(lines)[:LONGEST_DESCRIPTION]
    return description


def one_line(text: str) -> str:
    """`text` as a line of a value of VR ST, which has no other control characters than line ends (PS3.5 6.2)."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


@dataclass(frozen=True)
class Segment:
    """What an item says of its segment.

    code, category: scheme and value of its type and of its category; place: those of its site, and its side.
    not_understood: what else it says, in words.
    """

    number: int
    name: str
    concept: str | None
    code: tuple[str, str]
    category: tuple[str, str]
    laterality: str | None
    site: str | None
    place: tuple[str, str, str]
    tracking_uid: str | None
    algorithm_type: str | None
    algorithm_name: str | None
    not_understood: tuple[str, ...] = ()


def segment_of(item: Dataset) -> Segment:
    """What an item of SegmentSequence says; what raises there, is for the reader of the file to tell."""
    name = whole_name(str(item.get("SegmentLabel", "")), str(item.get("SegmentDescription") or ""))
    code = scheme_and_value(item.SegmentedPropertyTypeCodeSequence[0])
    by_code = concept_of(code)
    found = by_code if by_code and by_code.name != "lesion" else find_concept(name) or by_code
    algorithm = item.get("SegmentationAlgorithmIdentificationSequence") or []
    names = [a.get("AlgorithmName") for a in algorithm] or [item.get("SegmentAlgorithmName")]
    return Segment(
        number=int(item.SegmentNumber),
        name=name,
        concept=found.name if found else None,
        code=code,
        category=scheme_and_value(item.SegmentedPropertyCategoryCodeSequence[0]),
        laterality=side_in(item) or side_of(name),
        site=site_in(item),
        place=place_in(item),
        tracking_uid=str(item.TrackingUID) if item.get("TrackingUID") else None,
        algorithm_type=str(item.get("SegmentAlgorithmType", "")) or None,
        algorithm_name=str(names[0]) if names[0] else None,
        not_understood=tuple(f"{int(item.SegmentNumber)} {name}: {what}" for what in _not_understood(item, code)),
    )


def _not_understood(item: Dataset, code: tuple[str, str]) -> list[str]:
    """The codes that no concept, site or side here stands for: a finding keeps the name, not them."""
    kind, regions = item.SegmentedPropertyTypeCodeSequence[0], item.get("AnatomicRegionSequence") or []
    others = [one for region in regions for one in region.get("AnatomicRegionModifierSequence") or []]
    unknown = [
        ("type", [] if concept_of(code) else [kind]),
        ("modifier", kind.get("SegmentedPropertyTypeModifierCodeSequence") or []),
        ("site", regions[1:]),
        ("modifier of the site", [one for one in others if not as_published(*scheme_and_value(one), SIDES.values())]),
        ("structure", item.get("PrimaryAnatomicStructureSequence") or []),
    ]
    return [f"the {what} {_words(one)} is none that is known here" for what, codes in unknown for one in codes]


def _words(code: Dataset) -> str:
    return " ".join(str(code.get(one, "")) for one in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning"))


def whole_name(label: str, description: str) -> str:
    """The label; where it is what a label can hold of the description's first line, that line."""
    lines = description.splitlines() or [""]
    whole, bare = long_string(lines[0]), NUMBERED.sub("", label)
    shortened = whole[: 64 - len(label) + len(bare)].rstrip()
    return lines[0] if lines[0] and (whole == label or shortened == bare) else label


def scheme_and_value(code: Dataset) -> tuple[str, str]:
    """Both of an item of a code sequence."""
    return str(code.get("CodingSchemeDesignator", "")), str(code.get("CodeValue", ""))


def side_in(item: Dataset) -> str | None:
    """The side that the modifier of an item's anatomic region says."""
    regions = item.get("AnatomicRegionSequence") or []
    modifiers = (regions[0].get("AnatomicRegionModifierSequence") or []) if regions else []
    codes = [as_published(*scheme_and_value(one), SIDES.values()) for one in modifiers]
    found = {name for name, code in SIDES.items() if code in codes}
    return found.pop() if len(found) == 1 else None


def site_in(item: Dataset) -> str | None:
    """The meaning of the anatomic region's code, unless that is the whole body."""
    for region in item.get("AnatomicRegionSequence") or []:
        if region.get("CodeValue") != BODY.value:
            return str(region.get("CodeMeaning", "")) or None
    return None


def place_in(item: Dataset) -> tuple[str, str, str]:
    """Scheme and value of the anatomic region's code, and the side; "" for what is not said."""
    for region in item.get("AnatomicRegionSequence") or []:
        return (*scheme_and_value(region), side_in(item) or "")
    return "", "", ""


def is_background(item: Dataset) -> bool:
    """Whether an item of a label map says that its value is no segment (DCM 125040)."""
    kinds = item.get("SegmentedPropertyTypeCodeSequence") or []
    return any((kind.get("CodingSchemeDesignator"), kind.get("CodeValue")) == ("DCM", "125040") for kind in kinds)
