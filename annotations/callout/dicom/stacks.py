"""Stacks: the images of one DICOM series, split until each part is one pile of slices with distinct positions.

Split by study, modality, orientation, size, pixel spacing, frame of reference; where two images lie at one position,
by what differs between them (echo time, b-value, phase …). What is left is ordered along the normal.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace

from callout.dicom.header import Unreadable
from callout.dicom.image import Image
from callout.dicom.sources import open_binary
from callout.dicom.tags import TAGS
from callout.geometry import plane_of
from callout.volume import SeriesWarning

SAME_DIRECTION = 3e-4  # as components of unit vectors: 0.1 mm over a field of 350 mm
SAME_SPACING = 1e-4  # relative
SAME_HEIGHT_MM = 0.01
LISTED_FILES = 12


@dataclass(frozen=True)
class Stack:
    """Images with distinct positions, ascending along the normal, and what tells them from the rest of their series."""

    images: tuple[Image, ...]
    labels: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    warnings: tuple[SeriesWarning, ...] = ()

    @property
    def label(self) -> str:
        """What stands after # in the id; "" where the series is one stack."""
        return ",".join(self.labels)


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


Rule = tuple[str, Callable[[list[Image]], list[tuple[str, list[Image]]]]]


def split_series(images: Iterable[Image]) -> Split:
    """The stacks of one series, biggest rules first; refusals where nothing tells two images at one place apart."""
    result = Split()
    found = sorted(images, key=lambda image: image.path)
    if (reason := _several_patients(found)) is not None:
        result.refusals.append(Refusal(tuple(found), reason))
        return result
    parts = [Stack(tuple(found))]
    for what, rule in RULES:
        parts = [part for stack in parts for part in _applied(stack, what, rule)]
    for part in parts:
        _distinct(part, result)
    if len(result.stacks) > 1:
        result.stacks = [_told(stack, result.stacks) for stack in result.stacks]
    return result


def _applied(stack: Stack, what: str, rule: Callable[[list[Image]], list[tuple[str, list[Image]]]]) -> list[Stack]:
    groups = rule(list(stack.images))
    if len(groups) == 1:
        return [stack]
    return [
        replace(stack, images=tuple(group), labels=(*stack.labels, label), differs=(*stack.differs, what))
        for label, group in groups
    ]


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


def _by_text(keyword: str, prefix: str) -> Callable[[list[Image]], list[tuple[str, list[Image]]]]:
    """A rule that splits by a text; parts are numbered in the order of their files."""

    def rule(images: list[Image]) -> list[tuple[str, list[Image]]]:
        if _alike(images, keyword):
            return [("", images)]
        groups: dict[str, list[Image]] = {}
        for image in images:
            groups.setdefault(image.header.text(keyword), []).append(image)
        return [(f"{prefix}-{number}", group) for number, group in enumerate(groups.values(), 1)]

    return rule


def _clusters(
    images: list[Image], key: Callable[[Image], Hashable], near: Callable[[Image, Image], bool]
) -> list[list[Image]]:
    """Groups of images that are `near` the first of their group; equal keys are not compared twice."""
    groups: list[list[Image]] = []
    home: dict[Hashable, list[Image]] = {}
    for image in images:
        name = key(image)
        group = home.get(name)
        if group is None:
            group = next((known for known in groups if near(known[0], image)), None)
            if group is None:
                group = []
                groups.append(group)
            home[name] = group
        group.append(image)
    return groups


def _by_orientation(images: list[Image]) -> list[tuple[str, list[Image]]]:
    def near(a: Image, b: Image) -> bool:
        pairs = zip(a.form.along_row + a.form.along_column, b.form.along_row + b.form.along_column, strict=True)
        return max(abs(p - q) for p, q in pairs) <= SAME_DIRECTION

    groups = _clusters(images, lambda image: image.form, near)
    planes: dict[str, list[list[Image]]] = {}
    for group in groups:
        planes.setdefault(plane_of(group[0].form.normal), []).append(group)
    named = []
    for plane, members in planes.items():
        if len(members) > 1:
            members.sort(key=lambda group: _along_body(plane, group))
        for number, group in enumerate(members, 1):
            named.append((plane if len(members) == 1 else f"{plane}-{number}", group))
    return named


def _along_body(plane: str, group: list[Image]) -> tuple[float, str]:
    """Sorts blocks from head to foot, right to left, front to back."""
    axis, sign = {"sagittal": (0, 1), "coronal": (1, 1)}.get(plane, (2, -1))
    return sign * sum(_centre(image)[axis] for image in group) / len(group), group[0].path


def _centre(image: Image) -> tuple[float, ...]:
    pixels, (rows, columns) = image.form.pixels, image.form.spacing
    right, down = (pixels.columns - 1) / 2 * columns, (pixels.rows - 1) / 2 * rows
    return tuple(
        p + right * r + down * c
        for p, r, c in zip(image.position, image.form.along_row, image.form.along_column, strict=True)
    )


def _by_size(images: list[Image]) -> list[tuple[str, list[Image]]]:
    groups: dict[tuple[int, int], list[Image]] = {}
    for image in images:
        groups.setdefault((image.form.pixels.columns, image.form.pixels.rows), []).append(image)
    return [(f"{columns}x{rows}", group) for (columns, rows), group in groups.items()]


def _by_spacing(images: list[Image]) -> list[tuple[str, list[Image]]]:
    def near(a: Image, b: Image) -> bool:
        return all(abs(p - q) <= SAME_SPACING * p for p, q in zip(a.form.spacing, b.form.spacing, strict=True))

    groups = _clusters(images, lambda image: image.form, near)
    names = [f"{group[0].form.spacing[0]:.4g}mm" for group in groups]
    if len(set(names)) < len(names):  # only columns differ, or digits that names leave out
        names = [f"{name}-{number}" for number, name in enumerate(names, 1)]
    return list(zip(names, groups, strict=True))


RULES: tuple[Rule, ...] = (
    ("StudyInstanceUID", _by_text("StudyInstanceUID", "study")),
    ("Modality", _by_text("Modality", "modality")),
    ("ImageOrientationPatient", _by_orientation),
    ("Rows and Columns", _by_size),
    ("PixelSpacing", _by_spacing),
    ("FrameOfReferenceUID", _by_text("FrameOfReferenceUID", "frame")),
    ("PhotometricInterpretation", _by_text("PhotometricInterpretation", "photometric")),
)


def _number(keyword: str) -> Callable[[Image], str]:
    def value(image: Image) -> str:
        try:
            number = image.header.number(keyword)
        except Unreadable:  # no number, but it may still tell images apart
            return image.header.text(keyword)
        return "" if number is None else f"{number:g}"

    return value


def _b_value(image: Image) -> str:
    found = image.header.doubles("DiffusionBValue")
    return f"{found[0]:g}" if found else ""


def _kind(image: Image) -> str:
    return "-".join(image.header.texts("ImageType")[2:]).lower()


def _text(keyword: str) -> Callable[[Image], str]:
    return lambda image: "-".join(image.header.text(keyword).lower().split())


DIFFERENCES: tuple[tuple[str, str, Callable[[Image], str]], ...] = (
    ("te", "EchoTime", _number("EchoTime")),
    ("echo", "EchoNumbers", _number("EchoNumbers")),
    ("b", "DiffusionBValue", _b_value),
    ("ti", "InversionTime", _number("InversionTime")),
    ("type", "ImageType", _kind),
    ("phase", "TemporalPositionIdentifier", _number("TemporalPositionIdentifier")),
    ("acquisition", "AcquisitionNumber", _number("AcquisitionNumber")),
    ("trigger", "TriggerTime", _number("TriggerTime")),
    ("kernel", "ConvolutionKernel", _text("ConvolutionKernel")),
    ("kvp", "KVP", _number("KVP")),
    ("flip", "FlipAngle", _number("FlipAngle")),
    ("description", "SeriesDescription", _text("SeriesDescription")),
)


def _levels(images: Iterable[Image]) -> list[list[Image]]:
    """Images by position along the normal; those at one position are together."""
    levels: list[list[Image]] = []
    for image in sorted(images, key=lambda image: (image.height, image.path)):
        if levels and image.height - levels[-1][0].height < SAME_HEIGHT_MM:
            levels[-1].append(image)
        else:
            levels.append([image])
    return levels


def _distinct(stack: Stack, result: Split) -> None:
    """Adds `stack`, or the parts it falls into, to `result`, every position taken once."""
    levels = _levels(stack.images)
    deepest = max(len(level) for level in levels)
    if deepest > 1:
        stack = _without_copies(stack, levels, same_instance=True)
        levels = _levels(stack.images)
        deepest = max(len(level) for level in levels)
    if deepest == 1:
        result.stacks.append(replace(stack, images=tuple(level[0] for level in levels)))
        return
    for prefix, what, value in DIFFERENCES:
        groups: dict[str, list[Image]] = {}
        for image in stack.images:
            groups.setdefault(value(image), []).append(image)
        if 1 < len(groups) <= deepest:
            for name in sorted(groups, key=_natural):
                label = f"{prefix}={name or 'none'}"
                part = replace(stack, images=tuple(groups[name]), labels=(*stack.labels, label))
                _distinct(replace(part, differs=(*stack.differs, what)), result)
            return
    _by_time(stack, levels, deepest, result)


def _natural(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


def _by_time(stack: Stack, levels: list[list[Image]], deepest: int, result: Split) -> None:
    """Splits a stack whose positions were all taken equally often into passes, by the time of each image."""
    for keyword in ("AcquisitionTime", "ContentTime"):
        times = [[image.header.text(keyword) for image in level] for level in levels]
        if all(len(set(level)) == deepest == len(level) and all(level) for level in times):
            for number in range(deepest):
                chosen = [sorted(level, key=lambda image: image.header.text(keyword))[number] for level in levels]
                labels, differs = (*stack.labels, f"pass={number + 1}"), (*stack.differs, keyword)
                result.stacks.append(replace(stack, images=tuple(chosen), labels=labels, differs=differs))
            return
    single = _without_copies(stack, levels, same_instance=False)
    levels = _levels(single.images)
    crowded = next((level for level in levels if len(level) > 1), None)
    if crowded is None:
        result.stacks.append(replace(single, images=tuple(level[0] for level in levels)))
        return
    names = " and ".join(os.path.basename(image.path) for image in crowded[:2])
    reason = f"{names} differ but lie at the same ImagePositionPatient, and nothing in their headers tells them apart"
    result.refusals.append(Refusal(stack.images, reason))


def _without_copies(stack: Stack, levels: list[list[Image]], same_instance: bool) -> Stack:
    """`stack` without files whose bytes (of PixelData alone, unless `same_instance`) another has at its position."""
    kept: list[Image] = []
    dropped: list[Image] = []
    for level in levels:
        known: dict[Hashable, Image] = {}
        for image in level:
            key: Hashable = image.path
            if len(level) > 1:
                key = (image.sop_instance_uid if same_instance else "", _digest(image, whole=same_instance))
            (dropped if key in known else kept).append(image)
            known.setdefault(key, image)
    if not dropped:
        return stack
    names = _named(dropped)
    message = f"{len(dropped)} duplicate image{'s' if len(dropped) > 1 else ''} dropped: {names}"
    return replace(
        stack,
        images=tuple(kept),
        warnings=(*stack.warnings, SeriesWarning("duplicate", message, dropped[0].path)),
    )


def _digest(image: Image, whole: bool) -> bytes:
    """SHA-256 of the file, or of its pixels and their rescale."""
    pixels = image.form.pixels
    digest = hashlib.sha256()
    with open_binary(image.path) as file:
        if not whole and not image.header.deflated:
            file.seek(image.stored.offset)
            digest.update(repr((pixels.slope, pixels.intercept, pixels.signed)).encode())
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()


def _named(images: Iterable[Image]) -> str:
    names = [os.path.basename(image.path) for image in images]
    more = f" and {len(names) - LISTED_FILES} more" if len(names) > LISTED_FILES else ""
    return ", ".join(names[:LISTED_FILES]) + more


def _told(stack: Stack, stacks: list[Stack]) -> Stack:
    """`stack` with the warning that its series was split, what differs, and the files of the smaller ones."""
    differs = sorted({what for part in stacks for what in part.differs})
    largest = max(stacks, key=lambda part: len(part.images))
    smaller = "; ".join(f"#{part.label}: {_named(part.images)}" for part in stacks if part is not largest)
    message = f"one DICOM series holds {len(stacks)} stacks that differ in {', '.join(differs)} ({smaller})"
    return replace(stack, warnings=(SeriesWarning("split", message, stack.images[0].path), *stack.warnings))
