"""Stacks: the images of one DICOM series, split until each part is one pile of slices with distinct positions.

Split by study, modality, orientation, size, pixel spacing, gantry tilt, frame of reference; where two images lie at one
position, by what differs between them (echo time, b-value, phase …), else by the order of time; then by the straight
lines that slices lie on. What is left is ordered along the normal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from callout.dicom import places
from callout.dicom.copies import without_copies
from callout.dicom.differences import (
    DIFFERENCES,
    PASSES,
    RANKS,
    by_number,
    in_order_of_time,
    levels_by_image,
    take_turns,
    tells_apart,
)
from callout.dicom.facts import lenient
from callout.dicom.header import Unreadable
from callout.dicom.image import Image
from callout.dicom.places import Part, levels_of, names_of
from callout.dicom.tags import TAGS
from callout.volume import SeriesWarning

LISTED_FILES, LISTED_STACKS = 12, 12
NEARLY_ONE_PLACE = 0.1  # places of two scans that are closer, as a share of the distance between slices
NEARLY_ONE_SLICE = 0.25  # and as a share of SliceThickness: slices of one block are further apart
USUAL_THICKNESS_MM = 2.0  # where SliceThickness is missing
MOST_INTERLEAVED = 4  # scans a little apart that are told from one uneven scan


@dataclass(frozen=True)
class Stack:
    """Images with distinct positions, ascending along the normal, and what tells them from the rest of their series.

    labels: what stands after # in the id, part by part; blocks: the same for its display set, which blocks of one plane
    share. differs: the elements that tell.
    """

    images: tuple[Image, ...]
    labels: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    warnings: tuple[SeriesWarning, ...] = ()

    @property
    def label(self) -> str:
        """What stands after # in the id; "" where the series is one stack."""
        return ",".join(self.labels)

    @property
    def block(self) -> str:
        """The same in the name of its display set."""
        return ",".join(name for name in self.blocks if name)

    def part(self, what: str, part: Part) -> Stack:
        """Some of the images, told from the others by `what`."""
        return replace(
            self,
            images=tuple(part.images),
            labels=(*self.labels, part.label),
            blocks=(*self.blocks, part.block),
            differs=(*self.differs, what),
        )


@dataclass(frozen=True)
class Refusal:
    """Images that can't be a stack, and why."""

    images: tuple[Image, ...]
    reason: str


@dataclass
class Split:
    """What has become of one series."""

    stacks: list[Stack] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


Rule = Callable[[list[Image]], list[Part]]


def split_series(images: Iterable[Image]) -> Split:
    """The stacks of one series, biggest rules first; refusals where nothing tells two images at one place apart."""
    result = Split()
    found = sorted(images, key=lambda image: (image.path, image.frame))
    if (reason := _several_patients(found)) is not None:
        result.refusals.append(Refusal(tuple(found), reason))
        return result
    unknown = [image for image in found if not image.form.spacing_from]
    if 0 < len(unknown) < len(found):
        reason = "has no PixelSpacing, which the others of its series have"
        result.refusals.extend(Refusal((image,), reason) for image in unknown)
        found = [image for image in found if image.form.spacing_from]
    try:
        for part in _parts(found):
            _distinct(part, result)
    except Unreadable as reason:
        return Split(refusals=[Refusal(tuple(found), str(reason))])
    if len(result.stacks) > 1:
        result.stacks = _told(result.stacks)
    return result


def _parts(images: list[Image]) -> list[Stack]:
    parts = [Stack(tuple(images))]
    for what, rule in RULES:
        parts = [part for stack in parts for part in _applied(stack, what, rule)]
    return parts


def _applied(stack: Stack, what: str, rule: Rule) -> list[Stack]:
    parts = rule(list(stack.images))
    return [stack] if len(parts) == 1 else [stack.part(what, part) for part in parts]


def _several_patients(images: list[Image]) -> str | None:
    for keywords in (("PatientID",), ("PatientName", "PatientBirthDate")):
        if all(_alike(images, keyword) for keyword in keywords):
            if images[0].header.text(keywords[0]):
                return None
            continue
        known = {tuple(image.header.text(keyword) for keyword in keywords) for image in images}
        known.discard(("",) * len(keywords))
        if len(known) > 1:
            return f"{keywords[0]} differs within the series: images of {len(known)} patients under one series UID"
        if known:
            return None
    return None


def _alike(images: list[Image], keyword: str) -> bool:
    """Whether all have the same bytes in an element."""
    tag = TAGS[keyword]
    first = images[0].header.values.get(tag)
    return all(image.header.values.get(tag) == first for image in images)


def _by_text(keyword: str, prefix: str) -> Rule:
    """A rule that splits by a text; parts are numbered in the order of their files."""

    def rule(images: list[Image]) -> list[Part]:
        if _alike(images, keyword):
            return [Part("", images, "")]
        groups: dict[str, list[Image]] = {}
        for image in images:
            groups.setdefault(image.header.text(keyword), []).append(image)
        return places.parts_of([(f"{prefix}-{number}", group) for number, group in enumerate(groups.values(), 1)])

    return rule


def _where_it_differs(keyword: str, rule: Rule) -> Rule:
    """`rule`, spared where all have the same bytes in an element."""
    return lambda images: [Part("", images, "")] if _alike(images, keyword) else rule(images)


def _by_localizer(images: list[Image]) -> list[Part]:
    """Localizers, by ImageType, told from the images they were made for."""
    scouts = [image for image in images if "LOCALIZER" in image.header.text("ImageType").upper()]
    if not scouts or len(scouts) == len(images):
        return [Part("", images, "")]
    others = [image for image in images if "LOCALIZER" not in image.header.text("ImageType").upper()]
    return places.parts_of([("images", others), ("localizer", scouts)])


RULES: tuple[tuple[str, Rule], ...] = (
    ("StudyInstanceUID", _by_text("StudyInstanceUID", "study")),
    ("Modality", _by_text("Modality", "modality")),
    ("ImageType", _where_it_differs("ImageType", _by_localizer)),
    ("ImageOrientationPatient", places.by_orientation),
    ("Rows and Columns", places.by_size),
    ("PixelSpacing", places.by_spacing),
    ("GantryDetectorTilt", _where_it_differs("GantryDetectorTilt", places.by_tilt)),
    ("FrameOfReferenceUID", _by_text("FrameOfReferenceUID", "frame")),
    ("PhotometricInterpretation", _by_text("PhotometricInterpretation", "photometric")),
)


def _distinct(stack: Stack, result: Split) -> None:
    """Adds `stack`, or the parts it falls into, to `result`, every position taken once."""
    levels = levels_of(stack.images)
    if len(levels) < len(stack.images) and not stack.warnings:
        stack, levels = _without_copies(stack, levels, same_instance=True)
    if len(levels) == len(stack.images):
        _alone(replace(stack, images=tuple(level[0] for level in levels)), result)
        return
    found = _by_difference(stack, levels) or _by_order(stack, levels)
    if not found:
        before, all_levels = stack, levels
        stack, levels = _without_copies(stack, levels, same_instance=False)
        if len(levels) == len(stack.images):
            _alone(replace(stack, images=tuple(level[0] for level in levels)), result)
            return
        found = _by_number(stack, levels)
        fewer = sum(len(level) < len(whole) for level, whole in zip(levels, all_levels, strict=True))
        if not found and 2 * fewer < len(levels):  # here and there, as where nothing was seen, they are no copies
            found = _by_number(before, all_levels)
    for part in found:
        _distinct(part, result)
    if not found:
        crowded = next(level for level in levels if len(level) > 1)
        names = names_of(crowded[:2], 2).replace(", ", " and ")
        reason = (
            f"{names} differ but lie at the same ImagePositionPatient, and nothing in their headers tells them apart"
        )
        result.refusals.append(Refusal(stack.images, reason))


def _without_copies(stack: Stack, levels: list[list[Image]], same_instance: bool) -> tuple[Stack, list[list[Image]]]:
    kept, warnings = without_copies(levels, same_instance)
    if not warnings:
        return stack, levels
    return replace(stack, images=tuple(kept), warnings=(*stack.warnings, *warnings)), levels_of(kept)


def _by_difference(stack: Stack, levels: list[list[Image]]) -> list[Stack]:
    """The parts of a stack by the first element that tells images at one place apart; [] where none does."""
    level, deepest = levels_by_image(levels), max(map(len, levels))
    for difference in DIFFERENCES:
        groups = difference.groups(stack.images)
        if tells_apart(groups, level, deepest):
            even = places.is_even(places.heights_of([one[0] for one in levels]))
            if even and take_turns(groups, level) and (passes := _by_order(stack, levels)):
                return passes
            labels = [(f"{difference.prefix}={name or 'none'}", group) for name, group in groups.items()]
            return [stack.part(difference.what, part) for part in places.parts_of(labels)]
    return []


def _by_order(stack: Stack, levels: list[list[Image]]) -> list[Stack]:
    return _numbered(stack, in_order_of_time(stack.images, levels, RANKS + PASSES))


def _by_number(stack: Stack, levels: list[list[Image]]) -> list[Stack]:
    return _numbered(stack, by_number(stack.images, levels))


def _numbered(stack: Stack, found: tuple[str, list[list[Image]]] | None) -> list[Stack]:
    if found is None:
        return []
    keyword, passes = found
    labels = [(f"pass={number}", images) for number, images in enumerate(passes, 1)]
    return [stack.part(keyword, part) for part in places.parts_of(labels)]


def _alone(stack: Stack, result: Split) -> None:
    """Adds a stack whose positions are distinct, or the scans and blocks that it is made of."""
    for scan in _interleaved(stack):
        result.stacks.extend(_applied(scan, "ImagePositionPatient", places.by_line))


def _interleaved(stack: Stack) -> list[Stack]:
    """The scans that an uneven stack is made of where each alone is even: phases whose places are a little apart."""
    heights = places.heights_of(stack.images)
    if len(heights) < 6 or places.is_even(heights) or places.lacks_few(heights):
        return [stack]
    height = {id(image): where for image, where in zip(stack.images, heights, strict=True)}
    for difference in DIFFERENCES[1:]:
        groups = difference.groups(stack.images)
        along = [[height[id(image)] for image in group] for group in groups.values()]
        if 1 < len(groups) <= MOST_INTERLEAVED and _are_scans(along):
            labels = [(f"{difference.prefix}={name or 'none'}", group) for name, group in groups.items()]
            return [stack.part(difference.what, part) for part in places.parts_of(labels)]
    widest = max(after - before for before, after in pairwise(heights))
    thickness = lenient(stack.images[0].header, "SliceThickness") or USUAL_THICKNESS_MM
    levels = levels_of(stack.images, min(NEARLY_ONE_PLACE * widest, NEARLY_ONE_SLICE * thickness))
    if len(levels) > 1 and len(levels[0]) > 1 and len({len(level) for level in levels}) == 1:
        return _by_difference(stack, levels) or _by_order(stack, levels) or _by_number(stack, levels) or [stack]
    return [stack]


def _are_scans(along: list[list[float]]) -> bool:
    """Whether ascending heights are those of even scans, all of one part of the body, and of single images in it."""
    even = [scan for scan in along if places.is_even(scan)]
    if not even:
        return False
    first, last = max(scan[0] for scan in even), min(scan[-1] for scan in even)
    others = [scan for scan in along if not places.is_even(scan)]
    return first < last and all(len(scan) <= 2 and first < scan[0] and scan[-1] < last for scan in others)


def _told(stacks: list[Stack]) -> list[Stack]:
    """`stacks` with the warning that their series was split, what differs, and the files of the smaller ones."""
    differs = sorted({what for part in stacks for what in part.differs})
    largest = max(stacks, key=lambda part: len(part.images))
    smaller = [part for part in stacks if part is not largest]
    named = "; ".join(f"#{part.label}: {names_of(part.images, LISTED_FILES)}" for part in smaller[:LISTED_STACKS])
    more = f"; and {len(smaller) - LISTED_STACKS} more" if len(smaller) > LISTED_STACKS else ""
    message = f"one DICOM series holds {len(stacks)} stacks that differ in {', '.join(differs)} ({named}{more})"
    return [
        replace(part, warnings=(SeriesWarning("split", message, part.images[0].path), *part.warnings))
        for part in stacks
    ]
