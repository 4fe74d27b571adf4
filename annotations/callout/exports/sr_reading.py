"""Structured reports of measurements (TID 1500) as any program writes them: what each group tells of one finding.

A group becomes a finding: what it is by code, else by name; side, site, tracking UID; the segment that it refers to;
what it draws. What it says in numbers and words beside that is kept in words. What is not understood is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from callout.exports import sr_codes
from callout.exports.coding import BODY, SIDES, plain_text, side_of
from callout.exports.loaded import LoadedFile, LoadedFinding, reading
from callout.exports.sr_drawing import Drawing
from callout.exports.sr_tree import (
    children,
    document,
    is_named,
    key_of,
    meaning_of,
    measurement_groups,
    named,
    number_of,
    reference,
)
from callout.terms import Code, concept_with_code, find_concept
from callout.volume import Series

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MOST_GROUPS = 2000
LONGEST = 500  # characters of one remark or name
MOST_REMARKS = 100  # of one finding
MOST_LEFT_OUT = 200
SEGMENTATION_FRAME = Code("DCM", "121214", "Referenced Segmentation Frame")
UNDERSTOOD = (  # items of a group that say nothing more about the finding than others, or name people
    *(sr_codes.CATEGORY, sr_codes.SOURCE_SERIES, sr_codes.OBSERVER_TYPE, sr_codes.OBSERVER_NAME, sr_codes.SOURCE),
    Code("DCM", "121233", "Source image for segmentation"),
    Code("DCM", "121112", "Source of Measurement"),
    Code("DCM", "130400", "Geometric purpose of region"),
)
OF_THE_REPORT = ("121049", "121005", "121006", "121008", "121058", "111028", "126010")  # what is known above its groups
TOOL = re.compile(r"^cornerstone\w*@", re.IGNORECASE)  # tracking identifiers that name a program's tool
UID = re.compile(r"[0-9.]{3,64}")


def read(path: Path, series: Sequence[Series]) -> LoadedFile:
    """What a report tells of findings; drawings on images of `series` only. InputError where it is no such report."""
    with reading(path, "not a measurement report that can be read", "export it again"):
        dataset = document(path)
        groups = measurement_groups(dataset)
        left_out = [
            f"{_words(meaning_of(item) or str(item.get('ValueType')))!r} of the report is not taken over"
            for item in children(dataset)
            if (key_of(item) or ("", ""))[1] not in OF_THE_REPORT
        ]
        if len(groups) > MOST_GROUPS:
            left_out.append(f"{len(groups) - MOST_GROUPS} measurement groups beyond the first {MOST_GROUPS}")
        drawing = Drawing(series)
        findings = []
        for number, group in enumerate(groups[:MOST_GROUPS], 1):
            one = _Group(drawing)
            one.take(group)
            findings.append(one.finding())
            left_out += [f"{number} {one.name or 'group'}: {what}" for what in one.left_out]
        if len(left_out) > MOST_LEFT_OUT:
            left_out[MOST_LEFT_OUT:] = [f"and {len(left_out) - MOST_LEFT_OUT} more"]
    return LoadedFile((), tuple(left_out), tuple(findings))


class _Group:
    """One measurement group while it is read."""

    def __init__(self, drawing: Drawing) -> None:
        self.name = ""
        self.left_out: list[str] = []
        self._drawing = drawing
        self._code: tuple[str, str] | None = None
        self._meaning = ""
        self._side: str | None = None
        self._site: str | None = None
        self._uid: str | None = None
        self._segment: tuple[str, int] | None = None
        self._sizes: list[str] = []
        self._remarks: list[str] = []

    def take(self, group: Dataset) -> None:
        self._drawing.begin(angle=any(is_named(item, sr_codes.ANGLE) for item in children(group)))
        for item in children(group):
            kind = str(item.get("ValueType") or "")
            if "ReferencedContentItemIdentifier" in item:
                self.left_out.append("a reference to another item of the report is not followed")
            elif is_named(item, *UNDERSTOOD):
                continue
            elif not self._identity(item):
                self._content(item, kind)

    def finding(self) -> LoadedFinding:
        by_code = concept_with_code(*self._code) if self._code else None
        certain = by_code if by_code and by_code.name != "lesion" else None
        found = certain or find_concept(self.name) or find_concept(self._meaning) or by_code
        drawn = self._drawing
        self.left_out += drawn.left_out
        return LoadedFinding(
            name=self.name or self._meaning,
            concept=found.name if found else None,
            laterality=self._side or side_of(self.name),
            site=self._site,
            tracking_uid=self._uid,
            segment=self._segment,
            outlines=tuple(drawn.outlines),
            marks=tuple(drawn.marks),
            axes=tuple(drawn.axes),
            sizes=tuple(self._sizes),
            remarks=tuple(self._remarks),
        )

    def _identity(self, item: Dataset) -> bool:
        """Whether it says which finding this is."""
        if is_named(item, sr_codes.TRACKING_IDENTIFIER):
            said = _words(item.get("TextValue"))
            self.name = self.name or ("" if TOOL.match(said) else said)
        elif is_named(item, sr_codes.TRACKING_UID):
            said = str(item.get("UID") or "")
            self._uid = said if UID.fullmatch(said) else None
        elif is_named(item, sr_codes.FINDING) and item.get("ValueType") == "CODE":
            self._code = key_of(item, "ConceptCodeSequence")
            self._meaning = _words(meaning_of(item, "ConceptCodeSequence"))
        elif is_named(item, sr_codes.SITE):
            self._place(item)
        elif is_named(item, sr_codes.SEGMENT, SEGMENTATION_FRAME):
            self._refer(item)
        else:
            return False
        return True

    def _place(self, item: Dataset) -> None:
        place = key_of(item, "ConceptCodeSequence")
        site = _words(meaning_of(item, "ConceptCodeSequence"))
        if place != (BODY.scheme, BODY.value):
            self._site = f"{self._site}, {site}" if self._site else site or None
        for child in children(item):
            code = key_of(child, "ConceptCodeSequence")
            side = next((name for name, one in SIDES.items() if code == (one.scheme, one.value)), None)
            if is_named(child, sr_codes.LATERALITY) and side:
                self._side = side
            else:
                self._remark(_evaluation(child))

    def _refer(self, item: Dataset) -> None:
        found = reference(item)
        if found and found[0] and len(found[2]) == 1 and self._segment in (None, (found[0], found[2][0])):
            self._segment = found[0], found[2][0]
        else:
            self.left_out.append("a reference to no segment, or to several, is not followed")

    def _content(self, item: Dataset, kind: str) -> None:
        if kind == "NUM":
            self._measured(item)
        elif kind in ("SCOORD", "SCOORD3D"):
            self._drawing.draw(item)
        elif kind in ("TEXT", "CODE"):
            self._remark(_evaluation(item))
        else:
            self.left_out.append(f"{kind or 'an item'} {_words(meaning_of(item))!r} is not taken over")

    def _measured(self, item: Dataset) -> None:
        value = number_of(item)
        name = _words(meaning_of(item)) or "measurement"
        if value is None:
            self.left_out.append(f"{name} has no value")
            return
        derivation = next(
            (_words(meaning_of(one, "ConceptCodeSequence")) for one in named(item, sr_codes.DERIVATION)), ""
        )
        more = []
        for child in children(item):
            kind = child.get("ValueType")
            if kind in ("SCOORD", "SCOORD3D"):
                self._drawing.draw(child, of_axis=is_named(item, sr_codes.LONG_AXIS, sr_codes.SHORT_AXIS))
            elif kind in ("TEXT", "CODE", "NUM") and not is_named(child, sr_codes.DERIVATION, *UNDERSTOOD):
                more.append(_evaluation(child))
        said = f"{name}{f' ({derivation})' if derivation else ''} {value[0]:g} {value[2]}".strip()
        said += f" ({', '.join(more)})" if more else ""
        of_region = is_named(item, sr_codes.LONG_AXIS, sr_codes.SHORT_AXIS, sr_codes.VOLUME)
        of_voxels = is_named(item, sr_codes.ATTENUATION, sr_codes.MR_SIGNAL) and _is_mean_or_deviation(item)
        if (of_region or of_voxels) and len(self._sizes) < MOST_REMARKS:
            self._sizes.append(said[:LONGEST])
        else:
            self._remark(said)

    def _remark(self, said: str) -> None:
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(said[:LONGEST])
        else:
            self.left_out.append(f"{said[:80]!r} is one remark too many")


def _is_mean_or_deviation(item: Dataset) -> bool:
    codes = [key_of(one, "ConceptCodeSequence") for one in named(item, sr_codes.DERIVATION)]
    return len(codes) == 1 and codes[0] in {(one.scheme, one.value) for one in (sr_codes.MEAN, sr_codes.DEVIATION)}


def _evaluation(item: Dataset) -> str:
    """A TEXT, CODE or NUM in words: a comment as it stands, with its place in the report; others with their name."""
    if item.get("ValueType") == "NUM":
        value = number_of(item)
        said = f"{value[0]:g} {value[2]}".strip() if value else "no value"
    else:
        said = _words(item.get("TextValue") or meaning_of(item, "ConceptCodeSequence") or "")
    if is_named(item, sr_codes.COMMENT):
        place = next((_words(one.get("TextValue")) for one in named(item, sr_codes.PLACE_IN_REPORT)), "")
        return f"“{said}”" + (f" ({place})" if place else "")
    name = _words(meaning_of(item))
    return f"{name}: {said}" if name else said


def _words(value: object) -> str:
    """A text of the file as one line of at most some hundred characters; "" for none."""
    text = str(value or "")[: LONGEST * 4]
    return plain_text(text)[:LONGEST] if text.strip() else ""
